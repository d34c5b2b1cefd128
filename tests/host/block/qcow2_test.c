// SPDX-License-Identifier: MIT
/* tests/host/block/qcow2_test.c -- random work on qcow2 images of all shapes beside a flat model:
 * with reopening, and with the power cut at any write.
 *
 *   qcow2_test                               a few seconds, fixed seeds
 *   QCOW2_TEST_LONG="SEED COUNT" qcow2_test   COUNT longer runs from SEED on (./check --all) */
#include "host/block/formats.h"
#include "tests/host/block/model.h"
#include "tests/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct shape {
    uint32_t cluster;
    unsigned refcount_bits;
    int version;
    bool snapshots, compress, zstd, backing;
} shapes[] = {
    {512, 16, 3, true, true, false, false},     {4096, 8, 3, true, true, true, false},
    {65536, 16, 3, true, true, false, false},   {4096, 16, 2, true, true, false, false},
    {1024, 1, 3, false, true, false, false},    {2048, 64, 3, true, false, false, false},
    {65536, 16, 2, true, false, false, true},   {4096, 16, 3, true, true, true, true},
    {2097152, 32, 3, true, true, false, false}, {512, 2, 3, true, false, false, true},
    {8192, 4, 3, true, true, false, false},
};

static struct image *open_tape(struct tape *t, bool write, uint32_t flags)
{
    struct block_err err = {""};
    struct image *im = NULL;
    int r = image_open_file(tape_file(t, !write), "qcow2",
                            (write ? IMAGE_WRITE : 0) | IMAGE_NO_BACKING | flags, &im, &err);

    ck_assert_msg(r == 0, "open: %s", err.text);
    return im;
}

/* What lies below, in memory: stamps that no operation makes, over the front of the disk. */
static struct image *below(struct model *m, struct tape *t, uint64_t size)
{
    struct file *f = tape_file(t, false);
    struct image *im = NULL;

    for (uint64_t s = 0; s < size / 512; s++) {
        uint64_t stamp = 0xbbbbbbbb00000000ull | s, sector[64];

        for (unsigned i = 0; i < 64; i++)
            sector[i] = stamp;
        ck_assert_int_eq(file_write(f, sector, 512, s * 512), 0);
        m->held[s].at[0].stamp = stamp;
    }
    ck_assert_int_eq(image_open_file(f, "raw", 0, &im, NULL), 0);
    return im;
}

static void create(struct tape *t, const struct shape *s, uint64_t size)
{
    struct image_create c = {.size = size,
                             .has_size = true,
                             .cluster_size = s->cluster,
                             .refcount_bits = s->refcount_bits,
                             .version = s->version,
                             .zstd = s->zstd};
    struct block_err err = {""};
    struct file *f = tape_file(t, false);

    if (s->backing) {
        c.backing = "below.raw";
        c.backing_format = "raw";
    }
    ck_assert_msg(qcow2_format.create(f, &c, &err) == 0, "%s", err.text);
    file_close(f);
}

static char finding[8][256];
static unsigned findings;

static void note(void *arg, const char *line)
{
    (void)arg;
    if (findings < ARRAY_LEN(finding))
        snprintf(finding[findings++], sizeof(finding[0]), "%s", line);
}

static struct image_check check_image(struct image *im, enum image_fix fix)
{
    struct image_check c = {.say = note};

    findings = 0;
    memset(finding, 0, sizeof(finding));
    ck_assert_int_eq(im->format->check(im, &c, fix, NULL), 0);
    ck_assert_msg(fix || (c.corruptions == 0 && c.errors == 0), "%llu corruptions: %s; %s",
                  (unsigned long long)c.corruptions, finding[0], finding[1]);
    return c;
}

static void check_clean(struct tape *t)
{
    struct image *im = open_tape(t, false, IMAGE_CHECK);
    struct image_check c = check_image(im, IMAGE_FIX_NONE);

    ck_assert_msg(c.leaks == 0, "%llu leaks: %s; %s", (unsigned long long)c.leaks, finding[0],
                  finding[1]);
    image_close(im);
}

/* --- with reopening -----------------------------------------------------------------------------
 */

static void random_work(const struct shape *s, uint64_t seed, unsigned steps)
{
    uint64_t size = s->cluster > 100000 ? 6u << 20 : 1u << 20;
    struct tape *t = tape_new(), *tb = tape_new();
    struct image *base = NULL, *im = NULL;
    struct model m;

    model_init(&m, size, size * 2, seed);
    m.snapshots = s->snapshots;
    m.compress = s->compress;
    m.resize = true;
    if (s->backing)
        base = below(&m, tb, size / 2);
    create(t, s, size);
    for (unsigned i = 0; i < steps; i++) {
        if (i % 97 == 0) {
            im = open_tape(t, true, i % 2 ? 0 : IMAGE_DISCARD);
            im->backing = base;
        }
        /* version 2 keeps no sizes with snapshots: none are changed then */
        m.resize = s->version == 3 || m.nsnap == 0;
        model_step(&m, im);
        if (i % 97 == 96 || i + 1 == steps) {
            model_compare(&m, im);
            im->backing = NULL;
            ck_assert_int_eq(image_close(im), 0);
            check_clean(t);
            tape_forget(t);
        }
    }
    image_close(base);
    model_free(&m);
    tape_free(t);
    tape_free(tb);
}

/* --- loss of power ------------------------------------------------------------------------------
 */

static void one_cut(struct model *m, struct image *base, size_t events, uint64_t seed)
{
    struct tape *cut = tape_cut(m->tape, events, seed);
    struct image *im = open_tape(cut, false, IMAGE_CHECK);
    uint8_t sector[512] = {0};
    struct image_check c;

    im->backing = base;
    c = check_image(im, IMAGE_FIX_NONE);
    ck_assert_msg(c.leaks == 0, "cut at %zu: %llu leaks: %s; %s", events,
                  (unsigned long long)c.leaks, finding[0], finding[1]);
    model_check_cut(m, im, events);
    im->backing = NULL;
    image_close(im);
    /* and it can be worked with */
    im = open_tape(cut, true, 0);
    im->backing = base;
    for (unsigned i = 0; i < 6; i++) {
        int r = image_write(im, sector, 512, test_random(&seed) % (im->size / 512) * 512);

        ck_assert_msg(r == 0, "write after the cut at %zu: %s", events, strerror(-r));
    }
    ck_assert_int_eq(image_flush(im), 0);
    im->backing = NULL;
    ck_assert_int_eq(image_close(im), 0);
    check_clean(cut);
    tape_free(cut);
}

static void power_loss(const struct shape *s, uint64_t seed, unsigned steps, unsigned cuts)
{
    uint64_t size = s->cluster > 100000 ? 6u << 20 : 256u << 10;
    struct tape *tb = tape_new();
    struct image *base = NULL, *im = NULL;
    struct model m;

    model_init(&m, size, size, seed);
    m.snapshots = s->snapshots;
    m.compress = s->compress;
    m.tape = tape_new();
    if (s->backing)
        base = below(&m, tb, size / 2);
    create(m.tape, s, size);
    tape_forget(m.tape);
    im = open_tape(m.tape, true, IMAGE_DISCARD);
    im->backing = base;
    for (unsigned i = 0; i < steps; i++)
        model_step(&m, im);
    model_compare(&m, im);
    im->backing = NULL;
    ck_assert_int_eq(image_close(im), 0);
    for (unsigned i = 0; i < cuts; i++) {
        uint64_t r = test_random(&m.rng);

        one_cut(&m, base, r % (tape_events(m.tape) + 1), (r >> 32) % 8);
    }
    one_cut(&m, base, tape_events(m.tape), 1);
    image_close(base);
    tape_free(m.tape);
    model_free(&m);
    tape_free(tb);
}

START_TEST(random_with_reopening)
{
    random_work(&shapes[_i], 1 + (uint64_t)_i, 500);
}
END_TEST

START_TEST(power_lost_at_any_write)
{
    for (uint64_t seed = 0; seed < 3; seed++)
        power_loss(&shapes[_i], 100 * (1 + (uint64_t)_i) + seed, 60,
                   shapes[_i].cluster > 100000 ? 3 : 25);
}
END_TEST

/* The memory of a machine in a snapshot: savevm, loadvm, a larger disk afterwards. */
START_TEST(vm_state)
{
    struct image_snapshot s = {.name = (char *)(uintptr_t)"vm", .vm_state_size = 300000, .icount = 5};
    struct image_create c = {.size = 1 << 20, .has_size = true, .cluster_size = 4096};
    uint8_t *state = malloc(300000), *back = malloc(300000), disk[512], zero[512] = {0};
    const struct image_snapshot *list;
    struct tape *t = tape_new();
    struct file *f = tape_file(t, false);
    struct iovec iov = {state, 300000}, iov2 = {back, 300000};
    struct image *im;
    unsigned n;

    ck_assert(state && back);
    for (unsigned i = 0; i < 300000; i++)
        state[i] = (uint8_t)(i * 7 + i / 251);
    memset(disk, 0xdd, sizeof(disk));
    ck_assert_int_eq(qcow2_format.create(f, &c, NULL), 0);
    file_close(f);
    im = open_tape(t, true, 0);
    ck_assert_int_eq(image_write(im, disk, 512, 4096), 0);
    ck_assert_int_eq(im->format->vm_state(im, vec_of(&iov, 1), 0, true), 0);
    ck_assert_int_eq(im->format->snap_create(im, &s, NULL), 0);
    ck_assert_int_eq(image_write(im, zero, 512, 4096), 0);
    ck_assert_int_eq(image_close(im), 0);
    check_clean(t);
    im = open_tape(t, true, 0);
    ck_assert_int_eq(im->format->snap_list(im, &list, &n), 0);
    ck_assert_uint_eq(n, 1);
    ck_assert_uint_eq(list[0].vm_state_size, 300000);
    ck_assert_uint_eq(list[0].icount, 5);
    ck_assert_int_eq(im->format->snap_apply(im, "vm", NULL), 0);
    ck_assert_int_eq(im->format->vm_state(im, vec_of(&iov2, 1), 0, false), 0);
    ck_assert_int_eq(memcmp(state, back, 300000), 0);
    ck_assert_int_eq(image_read(im, back, 512, 4096), 0);
    ck_assert_int_eq(memcmp(disk, back, 512), 0);
    /* the disk grows over the place where it lay: zeroes */
    ck_assert_int_eq(im->format->resize(im, 8 << 20, PREALLOC_OFF, NULL), 0);
    for (uint64_t at = 1 << 20; at < im->size; at += 65536) {
        ck_assert_int_eq(image_read(im, back, 65536, at), 0);
        ck_assert(buf_is_zero(back, 65536));
    }
    ck_assert_int_eq(image_close(im), 0);
    check_clean(t);
    tape_free(t);
    free(state);
    free(back);
}
END_TEST

/* No room for the tables: the writer is told, and who only reads gets what is there. */
START_TEST(read_while_tables_do_not_fit)
{
    struct image_create c = {.size = 16ull << 40, .has_size = true, .cluster_size = 2 << 20};
    struct tape *t = tape_new();
    struct file *f = tape_file(t, false);
    uint8_t buf[512], back[512];
    struct image *im;
    int r = 0;

    ck_assert_int_eq(qcow2_format.create(f, &c, NULL), 0);
    file_close(f);
    im = open_tape(t, true, 0);
    memset(buf, 0x77, sizeof(buf));
    for (unsigned i = 0; i < 16 && r == 0; i++) { /* each in an L2 table of its own */
        tape_fail(t, 2, -ENOSPC); /* the data fit */
        r = image_write(im, buf, sizeof(buf), (uint64_t)i << 39);
    }
    ck_assert_int_eq(r, -ENOSPC);
    ck_assert_int_eq(image_read(im, back, sizeof(back), 0), 0);
    ck_assert_int_eq(memcmp(buf, back, sizeof(buf)), 0);
    tape_fail(t, 0, 0); /* there is room again: nothing was lost */
    ck_assert_int_eq(image_flush(im), 0);
    ck_assert_int_eq(image_close(im), 0);
    check_clean(t);
    tape_free(t);
}
END_TEST

static unsigned long long_seed, long_count;

START_TEST(long_runs)
{
    for (unsigned long i = 0; i < long_count; i++)
        for (size_t s = 0; s < ARRAY_LEN(shapes); s++) {
            random_work(&shapes[s], (long_seed + i) * 1000 + s, 2000);
            power_loss(&shapes[s], (long_seed + i) * 1000 + s, 150,
                       shapes[s].cluster > 100000 ? 10 : 150);
        }
}
END_TEST

static void fill(TCase *tc)
{
    const char *l = getenv("QCOW2_TEST_LONG"); /* "SEED COUNT" */

    if (l && sscanf(l, "%lu %lu", &long_seed, &long_count) == 2) {
        tcase_set_timeout(tc, 3600);
        tcase_add_test(tc, long_runs);
        return;
    }
    tcase_add_test(tc, read_while_tables_do_not_fit);
    tcase_add_loop_test(tc, random_with_reopening, 0, (int)ARRAY_LEN(shapes));
    tcase_add_test(tc, vm_state);
    tcase_add_loop_test(tc, power_lost_at_any_write, 0, (int)ARRAY_LEN(shapes));
}

UNIT_MAIN("qcow2", fill)
