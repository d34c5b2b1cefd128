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

/* Header at 0, refcount table at 1, a block at 2, L1 at 3, then L2 at 4 and data at 5 (in
 * clusters). */
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

/* An entry of a table, what the check makes of it, and what a write to the first cluster says. */
static const struct {
    unsigned off;
    uint64_t value;
    bool write_fails;
} entries[] = {
    {3 * CLUSTER, 1ull << 63 | 0x4200, true},             /* L1: not aligned */
    {3 * CLUSTER, 1ull << 63 | 1ull << 40, true},         /* behind the end */
    {3 * CLUSTER, 1ull << 63 | 1 * CLUSTER, true},        /* the refcount table as L2 table */
    {3 * CLUSTER, 1ull << 63 | 3 * CLUSTER, true},        /* itself */
    {4 * CLUSTER, 1ull << 63 | 0x5200, true},             /* L2: not aligned */
    {4 * CLUSTER, 1ull << 63 | 0 * CLUSTER | 4096, true}, /* data over the refcount table */
    {4 * CLUSTER, 1ull << 63 | 3 * CLUSTER, true},        /* over the L1 table */
    {4 * CLUSTER, 1ull << 63 | 4 * CLUSTER, true},        /* over its own table */
    {1 * CLUSTER, 2 * CLUSTER + 512, true},               /* refcount block: not aligned */
    {1 * CLUSTER, 1ull << 40, true},                      /* behind the end */
    {1 * CLUSTER, 0, true},                               /* none */
    {1 * CLUSTER, 3 * CLUSTER, true},                     /* the L1 table */
};

START_TEST(found_and_harmless)
{
    struct tape *t = image(3);
    struct image_check c = {0};
    uint8_t buf[3 * CLUSTER] = {0}, before[4 * CLUSTER];
    struct image *im;
    const uint8_t *bytes;
    size_t size;
    int r;

    patch(t, entries[_i].off, 8, entries[_i].value);
    bytes = tape_bytes(t, &size);
    memcpy(before, bytes, sizeof(before));
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
    ck_assert_int_eq(r < 0, entries[_i].write_fails);
    /* header (but for the corrupt bit) and tables are what they were */
    bytes = tape_bytes(t, &size);
    before[79] |= bytes[79] & 2;
    ck_assert_int_eq(memcmp(before, bytes, sizeof(before)), 0);
    tape_free(t);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, refused, 0, (int)ARRAY_LEN(bad));
    tcase_add_loop_test(tc, found_and_harmless, 0, (int)ARRAY_LEN(entries));
}

UNIT_MAIN("hostile images", fill)
