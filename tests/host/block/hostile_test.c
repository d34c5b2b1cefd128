// SPDX-License-Identifier: MIT
/* tests/host/block/hostile_test.c -- images from strangers: each field of the header and of the
 * tables with a value that it can't have. Refused when opened, with words, or found by the check
 * and harmless in use. */
#include "host/block/formats.h"
#include "tests/host/block/tape.h"
#include "tests/unit.h"

#include <errno.h>
#include <string.h>

enum { CLUSTER = 4096, SIZE = 1 << 20 };

/* Where the tables are: a commit moves them. */
enum place { HEADER, REFT, BLOCK, L1, L2, DATA, PLACES };
static uint64_t at[PLACES];

static uint64_t number_at(struct tape *t, uint64_t off)
{
    size_t size;
    const uint8_t *p = tape_bytes(t, &size) + off;
    uint64_t v = 0;

    for (unsigned i = 0; i < 8; i++)
        v = v << 8 | p[i];
    return v & 0x00fffffffffffe00;
}

/* With one cluster of data. */
static struct tape *image(int version)
{
    struct image_create c = {
        .size = SIZE, .has_size = true, .cluster_size = CLUSTER, .version = version};
    struct tape *t = tape_new();
    struct file *f = tape_file(t, false);
    uint8_t buf[CLUSTER];
    struct image *im;

    memset(buf, 0xaa, sizeof(buf));
    ck_assert_int_eq(qcow2_format.create(f, &c, NULL), 0);
    ck_assert_int_eq(image_open_file(f, "qcow2", IMAGE_WRITE, &im, NULL), 0);
    ck_assert_int_eq(image_write(im, buf, sizeof(buf), 0), 0);
    ck_assert_int_eq(image_close(im), 0);
    at[L1] = number_at(t, 40);
    at[REFT] = number_at(t, 48);
    at[BLOCK] = number_at(t, at[REFT]);
    at[L2] = number_at(t, at[L1]);
    at[DATA] = number_at(t, at[L2]);
    return t;
}

static void patch(struct tape *t, uint64_t off, unsigned bytes, uint64_t value)
{
    struct file *f = tape_file(t, false);

    for (unsigned i = 0; i < bytes; i++) {
        uint8_t b = (uint8_t)(value >> (8 * (bytes - 1 - i)));

        ck_assert_int_eq(file_write(f, &b, 1, off + i), 0);
    }
    file_close(f);
}

static const struct {
    int version;
    unsigned off, bytes;
    uint64_t value;
    const char *says;
} bad[] = {
    {3, 0, 4, 0x514649fc, "not in qcow2 format"},
    {3, 4, 4, 1, "version 1"},
    {3, 4, 4, 4, "version 4"},
    {3, 12, 8, 4000ull << 32 | 200, "name of the backing file"},
    {3, 20, 4, 8, "cluster size"},
    {3, 20, 4, 22, "cluster size"},
    {3, 20, 4, 0xffffffff, "cluster size"},
    {3, 24, 8, 1ull << 40, "L1 table is too small"},
    {3, 24, 8, UINT64_MAX, "disk is too large"},
    {3, 32, 4, 1, "encryption (AES)"},
    {3, 32, 4, 2, "encryption (LUKS)"},
    {3, 36, 4, 0xffffffff, "L1 table is too large"},
    {3, 36, 4, 0, "L1 table is too small"},
    {3, 40, 8, 3 * CLUSTER + 8, "L1 table has an invalid offset"},
    {3, 40, 8, 0, "L1 table has an invalid offset"},
    {3, 40, 8, 1ull << 62, "L1 table has an invalid offset"},
    {3, 40, 8, 100 * CLUSTER, "too short"},
    {3, 48, 8, CLUSTER + 512, "refcount table has an invalid offset"},
    {3, 48, 8, 1ull << 40, "too short"},
    {3, 56, 4, 0, "no refcount table"},
    {3, 56, 4, 0xffffffff, "refcount table is too large"},
    {3, 60, 4, 65537, "too many snapshots"},
    {3, 60, 4, 1, "snapshot table"},
    {3, 72, 8, 4, "external data file"},
    {3, 72, 8, 8, "compression type"},
    {3, 72, 8, 16, "extended L2"},
    {3, 72, 8, 1ull << 63, "feature bit 63"},
    {3, 96, 4, 7, "refcounts may not exceed 64 bits"},
    {3, 100, 4, 100, "header's length"},
    {3, 100, 4, 4104, "header's length"},
    {3, 104, 1, 1, "compression type"},
    {3, 112, 8, 0x1234567800ffffff, "header extension too large"},
    {2, 32, 4, 3, "unknown method"},
    {2, 40, 8, 513, "L1 table has an invalid offset"},
};

START_TEST(refused)
{
    struct tape *t = image(bad[_i].version);
    struct block_err err = {""};
    struct image *im;

    patch(t, bad[_i].off, bad[_i].bytes, bad[_i].value);
    for (unsigned flags = 0; flags <= IMAGE_WRITE; flags++) {
        err.text[0] = 0;
        ck_assert_int_lt(image_open_file(tape_file(t, !flags), "qcow2", flags, &im, &err), 0);
        ck_assert_msg(strstr(err.text, bad[_i].says), "row %d says: %s", _i, err.text);
    }
    tape_free(t);
}
END_TEST

/* The first entry of a table: names a place, and something more. */
static const struct {
    enum place table, to;
    uint64_t more;
} entries[] = {
    {L1, L2, 1ull << 63 | 512},      /* not aligned */
    {L1, HEADER, 1ull << 63 | 1ull << 40}, /* behind the end */
    {L1, REFT, 1ull << 63},          /* the refcount table as L2 table */
    {L1, L1, 1ull << 63},            /* itself */
    {L2, DATA, 1ull << 63 | 512},    /* not aligned */
    {L2, REFT, 1ull << 63},          /* data over the refcount table */
    {L2, L1, 1ull << 63},            /* over the L1 table */
    {L2, L2, 1ull << 63},            /* over its own table */
    {L2, L2, 0},                     /* the same, to be given up */
    {L2, L1, 0},
    {L2, BLOCK, 0},
    {REFT, BLOCK, 512},              /* not aligned */
    {REFT, HEADER, 1ull << 40},      /* behind the end */
    {REFT, HEADER, 0},               /* none */
    {REFT, L1, 0},                   /* the L1 table */
};

START_TEST(found_and_harmless)
{
    struct tape *t = image(3);
    struct image_check c = {0};
    uint8_t buf[3 * CLUSTER] = {0}, before[DATA][CLUSTER];
    struct image *im;
    const uint8_t *bytes;
    size_t size;
    int r;

    patch(t, at[entries[_i].table], 8, at[entries[_i].to] + entries[_i].more);
    bytes = tape_bytes(t, &size);
    for (unsigned i = 0; i < DATA; i++)
        memcpy(before[i], bytes + at[i], CLUSTER);
    ck_assert_int_eq(image_open_file(tape_file(t, true), "qcow2", IMAGE_CHECK, &im, NULL), 0);
    ck_assert_int_eq(im->format->check(im, &c, IMAGE_FIX_NONE, NULL), 0);
    ck_assert_uint_gt(c.corruptions, 0);
    image_close(im);
    r = image_open_file(tape_file(t, false), "qcow2", IMAGE_WRITE | IMAGE_QUIET, &im, NULL);
    if (r == 0) {
        r = image_write(im, buf, sizeof(buf), 0);
        if (r == 0)
            r = image_flush(im);
        image_close(im);
    }
    ck_assert_int_lt(r, 0);
    /* header (but for the corrupt bit) and tables are what they were */
    bytes = tape_bytes(t, &size);
    before[HEADER][79] |= bytes[79] & 2;
    for (unsigned i = 0; i < DATA; i++)
        ck_assert_int_eq(memcmp(before[i], bytes + at[i], CLUSTER), 0);
    tape_free(t);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, refused, 0, (int)ARRAY_LEN(bad));
    tcase_add_loop_test(tc, found_and_harmless, 0, (int)ARRAY_LEN(entries));
}

UNIT_MAIN("hostile images", fill)
