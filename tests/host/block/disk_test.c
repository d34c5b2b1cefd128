// SPDX-License-Identifier: MIT
/* tests/host/block/disk_test.c -- the asynchronous port over raw and qcow2 images in real files:
 * many requests in flight by several threads, refusals, drain, errors, -snapshot, locks. */
#include "host/block/disk.h"
#include "host/block/uring.h"
#include "tests/host/block/tape.h"
#include "tests/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { SIZE = 8 << 20, SLOT = 32 << 10, SLOTS = SIZE / SLOT, DEPTH = 24 };

static char path[64];

static void make(const char *format, uint32_t cluster)
{
    struct image_create c = {.size = SIZE, .has_size = true, .cluster_size = cluster};
    struct block_err err = {""};

    snprintf(path, sizeof(path), "disk_test.%d.img", (int)getpid());
    ck_assert_msg(image_create(path, format, &c, &err) == 0, "%s", err.text);
}

static struct disk *open_disk(const char *format, uint32_t flags, const struct disk_options *opt)
{
    struct block_err err = {""};
    struct image *im;
    struct disk *d;

    ck_assert_msg(image_open(path, format, flags, &im, &err) == 0, "%s", err.text);
    ck_assert_msg(disk_open(im, opt, &d, &err) == 0, "%s", err.text);
    return d;
}

struct slot {
    struct block_req req;
    struct iovec iov[3];
    uint8_t buf[SLOT], expect; /* what all of its bytes are */
    struct stress *s;
    uint64_t off;
    bool busy;
};

struct stress {
    struct disk *d;
    struct slot *slot;
    unsigned done, in_flight, notified;
    uint64_t rng;
};

static void slot_done(struct block_req *req)
{
    struct slot *k = req->dev;

    ck_assert_msg(req->result == 0, "request %d: %s", req->op, strerror(-req->result));
    k->busy = false;
    k->s->done++;
    k->s->in_flight--;
    if (req->op == BLOCK_READ) {
        size_t bad = 0;

        while (bad < req->bytes && k->buf[bad] == k->expect)
            bad++;
        ck_assert_msg(bad == req->bytes, "at %llu: %#x, not %#x",
                      (unsigned long long)(k->off + bad), k->buf[bad], k->expect);
    }
}

/* A slot has one request in flight; neighbours share clusters, which they allocate at the same
 * time. */
static void start(struct stress *s, struct slot *k)
{
    unsigned what = (unsigned)(test_random(&s->rng) % 16);

    k->busy = true;
    k->req = (struct block_req){.op = what < 7    ? BLOCK_WRITE
                                      : what < 13 ? BLOCK_READ
                                      : what < 14 ? BLOCK_WRITE_ZEROES
                                      : what < 15 ? BLOCK_FLUSH
                                                  : BLOCK_DISCARD,
                                .offset = k->off,
                                .bytes = SLOT,
                                .iov = k->iov,
                                .niov = 3,
                                .flags = BLOCK_UNMAP | (what == 0 ? BLOCK_FUA : 0),
                                .done = slot_done,
                                .dev = k};
    if (k->req.op == BLOCK_DISCARD)
        k->req.op = BLOCK_WRITE_ZEROES; /* discarded parts of a cluster may stay: not tested here */
    if (k->req.op == BLOCK_WRITE) {
        k->expect = (uint8_t)(test_random(&s->rng) % 255 + 1);
        memset(k->buf, k->expect, SLOT);
    } else if (k->req.op == BLOCK_WRITE_ZEROES) {
        k->expect = 0;
    }
    s->in_flight++;
    block_submit(disk_port(s->d), &k->req);
}

static int wake[2];

static void notify(void *arg)
{
    uint64_t c = 1;

    (void)arg;
    if (write(wake[1], &c, sizeof(c)) < 0)
        abort();
}

static const struct {
    const char *format;
    uint32_t cluster;
    bool uring, direct;
} kinds[] = {{"raw", 0, 0, 0},       {"qcow2", 65536, 0, 0}, {"qcow2", 512, 0, 0},
             {"qcow2", 2 << 20, 0, 0}, {"raw", 0, 1, 0},       {"raw", 0, 1, 1}};

START_TEST(many_in_flight)
{
    struct disk_options opt = {.discard = true, .threads = 4, .notify = notify};
    struct stress s = {.rng = 5 + (uint64_t)_i};
    struct image_check c = {0};
    struct block_err err = {""};
    struct disk_stats stats;
    struct image *im;

    struct uring *ring;

    if (kinds[_i].uring) { /* both kinds of ends are told by the eventfd */
        wake[0] = wake[1] = opt.eventfd = eventfd(0, 0);
        if (uring_new(opt.eventfd, &ring) < 0)
            return; /* not here */
        uring_free(ring);
        opt.io_uring = true;
    } else {
        ck_assert_int_eq(pipe(wake), 0);
    }
    make(kinds[_i].format, kinds[_i].cluster);
    s.d = open_disk(kinds[_i].format, IMAGE_WRITE | IMAGE_DISCARD | (kinds[_i].direct ? IMAGE_DIRECT : 0),
                    &opt);
    s.slot = calloc(SLOTS, sizeof(*s.slot));
    ck_assert_ptr_nonnull(s.slot);
    for (unsigned i = 0; i < SLOTS; i++) {
        struct slot *k = &s.slot[i];

        k->off = (uint64_t)i * SLOT;
        k->s = &s;
        k->iov[0] = (struct iovec){k->buf, 512};
        k->iov[1] = (struct iovec){k->buf + 512, SLOT - 512 - 4096};
        k->iov[2] = (struct iovec){k->buf + SLOT - 4096, 4096};
    }
    while (s.done < 3000) {
        char buf[64];

        while (s.in_flight < DEPTH) {
            struct slot *k = &s.slot[test_random(&s.rng) % SLOTS];

            if (!k->busy)
                start(&s, k);
        }
        ck_assert_int_gt(read(wake[0], buf, sizeof(buf)), 0);
        disk_poll(s.d);
    }
    block_drain(disk_port(s.d));
    ck_assert_uint_eq(s.in_flight, 0);
    disk_stats(s.d, &stats);
    ck_assert_uint_eq(stats.reads + stats.writes + stats.flushes + stats.zeroes, s.done);
    ck_assert_uint_eq(stats.errors, 0);
    ck_assert_int_eq(disk_close(s.d), 0);
    ck_assert_msg(image_open(path, NULL, IMAGE_CHECK, &im, &err) == 0, "%s", err.text);
    for (unsigned i = 0; i < SLOTS; i++) {
        struct slot *k = &s.slot[i];

        ck_assert_int_eq(image_read(im, k->buf, SLOT, k->off), 0);
        for (unsigned b = 0; b < SLOT; b++)
            if (k->buf[b] != k->expect)
                ck_abort_msg("slot %u holds %#x, not %#x", i, k->buf[b], k->expect);
    }
    if (im->format->check) {
        ck_assert_int_eq(im->format->check(im, &c, IMAGE_FIX_NONE, &err), 0);
        ck_assert_uint_eq(c.corruptions, 0);
        ck_assert_uint_eq(c.leaks, 0);
    }
    image_close(im);
    free(s.slot);
    unlink(path);
}
END_TEST

static int result;

static void keep_result(struct block_req *req)
{
    result = req->result;
}

static int once(struct disk *d, enum block_op op, uint64_t off, uint8_t *buf, size_t n)
{
    struct iovec iov = {buf, n};
    struct block_req r = {
        .op = op, .offset = off, .bytes = n, .iov = &iov, .niov = 1, .done = keep_result};

    result = 1;
    block_submit(disk_port(d), &r);
    ck_assert_int_eq(result, 1); /* never inside submit */
    block_drain(disk_port(d));
    return result;
}

START_TEST(refusals)
{
    struct disk_options opt = {.logical_block = 4096};
    static uint8_t buf[8192];
    struct block_err err = {""};
    struct image *im;
    struct disk *d;

    make("qcow2", 4096);
    d = open_disk("qcow2", 0, &opt);
    ck_assert(disk_port(d)->read_only);
    ck_assert_int_eq(once(d, BLOCK_WRITE, 0, buf, 4096), -EROFS);
    ck_assert_int_eq(once(d, BLOCK_DISCARD, 0, buf, 4096), -EROFS);
    ck_assert_int_eq(once(d, BLOCK_READ, 512, buf, 4096), -EINVAL);
    ck_assert_int_eq(once(d, BLOCK_READ, SIZE - 4096, buf, 8192), -EINVAL);
    ck_assert_int_eq(once(d, BLOCK_READ, SIZE - 4096, buf, 4096), 0);
    ck_assert_int_eq(once(d, (enum block_op)99, 0, buf, 4096), -ENOTSUP);
    disk_close(d);
    /* one writer; no reader beside him */
    d = open_disk("qcow2", IMAGE_WRITE, &opt);
    ck_assert_int_eq(image_open(path, NULL, 0, &im, &err), -EAGAIN);
    ck_assert_ptr_nonnull(strstr(err.text, "another process uses the image"));
    ck_assert_int_eq(image_open(path, NULL, IMAGE_NO_LOCK, &im, NULL), 0);
    image_close(im);
    disk_close(d);
    opt.logical_block = 1024;
    ck_assert_int_eq(image_open(path, NULL, 0, &im, NULL), 0);
    ck_assert_int_eq(disk_open(im, &opt, &d, &err), -EINVAL);
    unlink(path);
}
END_TEST

START_TEST(overlay_leaves_the_image)
{
    struct disk_options opt = {0};
    struct image *im, *over;
    static uint8_t buf[65536];
    struct disk *d;

    make("raw", 0);
    ck_assert_int_eq(image_open(path, "raw", 0, &im, NULL), 0);
    ck_assert_int_eq(image_open_overlay(im, &over, NULL), 0);
    ck_assert_int_eq(disk_open(over, &opt, &d, NULL), 0);
    memset(buf, 7, sizeof(buf));
    ck_assert_int_eq(once(d, BLOCK_WRITE, 4096, buf, sizeof(buf)), 0);
    memset(buf, 9, sizeof(buf));
    ck_assert_int_eq(once(d, BLOCK_READ, 8192, buf, 512), 0);
    ck_assert_uint_eq(buf[0], 7);
    ck_assert_int_eq(disk_close(d), 0);
    ck_assert_int_eq(image_open(path, "raw", 0, &im, NULL), 0);
    ck_assert_int_eq(image_read(im, buf, 512, 8192), 0);
    ck_assert_uint_eq(buf[0], 0);
    image_close(im);
    unlink(path);
}
END_TEST

/* A guest can't make an image that was guessed to be raw look like qcow2. */
START_TEST(guessed_raw_stays_raw)
{
    uint8_t head[1024] = "QFI\xfb\0\0\0\3";
    struct image *im;

    make("raw", 0);
    ck_assert_int_eq(image_open(path, NULL, IMAGE_WRITE, &im, NULL), 0);
    ck_assert_int_eq(image_write(im, head, 512, 0), -EPERM);
    ck_assert_int_eq(image_write(im, head, 512, 512), 0);
    memcpy(head + 512, head, 8);
    ck_assert_int_eq(image_write(im, head + 4, 512, 0), 0);
    image_close(im);
    ck_assert_int_eq(image_open(path, "raw", IMAGE_WRITE, &im, NULL), 0);
    ck_assert_int_eq(image_write(im, head, 512, 0), 0);
    image_close(im);
    unlink(path);
}
END_TEST

/* No room: the write fails, what was flushed stays, and with room again it goes on. */
START_TEST(full_disk_and_on)
{
    struct image_create c = {.size = SIZE, .has_size = true, .cluster_size = 4096};
    struct tape *t = tape_new();
    struct file *f = tape_file(t, false);
    struct image_check k = {0};
    static uint8_t buf[65536];
    struct image *im;

    ck_assert_int_eq(image_format_by_name("qcow2")->create(f, &c, NULL), 0);
    ck_assert_int_eq(image_open_file(f, "qcow2", IMAGE_WRITE, &im, NULL), 0);
    memset(buf, 3, sizeof(buf));
    ck_assert_int_eq(image_write(im, buf, sizeof(buf), 0), 0);
    ck_assert_int_eq(image_flush(im), 0);
    for (unsigned n = 0; n < 3; n++) { /* data, refcounts, L2 table */
        int r;

        tape_fail(t, n, -ENOSPC);
        r = image_write(im, buf, sizeof(buf), (1 << 20) + n * 65536);
        if (r == 0)
            r = image_flush(im);
        ck_assert_int_eq(r, -ENOSPC);
        tape_fail(t, 0, 0);
        ck_assert_int_eq(image_write(im, buf, sizeof(buf), (2 + n) << 20), 0);
        ck_assert_int_eq(image_flush(im), 0);
    }
    for (unsigned n = 0; n < 3; n++) {
        memset(buf, 0, sizeof(buf));
        ck_assert_int_eq(image_read(im, buf, sizeof(buf), n ? (2 + n) << 20 : 0), 0);
        ck_assert_uint_eq(buf[65535], 3);
    }
    ck_assert_int_eq(image_close(im), 0);
    ck_assert_int_eq(image_open_file(tape_file(t, true), "qcow2", IMAGE_CHECK, &im, NULL), 0);
    ck_assert_int_eq(im->format->check(im, &k, IMAGE_FIX_NONE, NULL), 0);
    ck_assert_uint_eq(k.corruptions, 0);
    ck_assert_uint_eq(k.leaks, 0);
    image_close(im);
    tape_free(t);
}
END_TEST

/* A tenth of a second's worth at once, then one by one. */
START_TEST(limits)
{
    struct throttle t = {.limits = {.iops = 100, .bps_write = 1 << 20}};
    const int64_t ms = 1000000;
    unsigned n = 0;

    while (throttle_wait(&t, 5 * ms, false, 512) == 0)
        n++;
    ck_assert_uint_eq(n, 11);
    ck_assert_int_eq(throttle_wait(&t, 5 * ms, false, 512), 10 * ms);
    ck_assert_int_eq(throttle_wait(&t, 14 * ms, false, 512), 1 * ms);
    ck_assert_int_eq(throttle_wait(&t, 15 * ms, false, 512), 0);
    /* bytes of writes: the first is larger than the burst, and pays afterwards */
    ck_assert_int_eq(throttle_wait(&t, 1000 * ms, true, 1 << 20), 0);
    ck_assert_int_eq(throttle_wait(&t, 1500 * ms, true, 512), 400 * ms);
    ck_assert_int_eq(throttle_wait(&t, 1500 * ms, false, 512), 0);
    ck_assert_int_eq(throttle_wait(&t, 1900 * ms, true, 512), 0);
}
END_TEST

static int said;
static bool keep;

static bool on_failure(void *arg, struct block_req *req)
{
    (void)arg;
    said = req->result;
    if (!keep)
        req->result = 0;
    return keep;
}

/* werror=stop: kept until it is tried again; ignore: as if it had gone well; drained: the error. */
START_TEST(kept_after_an_error)
{
    struct disk_options opt = {.failed = on_failure};
    struct tape *t = tape_new();
    struct file *f = tape_file(t, false);
    static uint8_t buf[4096];
    struct iovec iov = {buf, sizeof(buf)};
    struct block_req r = {.op = BLOCK_WRITE, .bytes = sizeof(buf), .iov = &iov, .niov = 1,
                          .done = keep_result};
    struct image *im;
    struct disk *d;

    ck_assert_int_eq(f->ops->truncate(f, SIZE), 0);
    ck_assert_int_eq(image_open_file(f, "raw", IMAGE_WRITE, &im, NULL), 0);
    ck_assert_int_eq(disk_open(im, &opt, &d, NULL), 0);
    keep = true;
    result = 1;
    tape_fail(t, 0, -ENOSPC);
    block_submit(disk_port(d), &r);
    for (said = 0; !said;)
        disk_poll(d);
    ck_assert_int_eq(said, -ENOSPC);
    ck_assert_int_eq(result, 1); /* not done */
    disk_retry(d);
    for (said = 0; !said;)
        disk_poll(d);
    ck_assert_int_eq(result, 1);
    tape_fail(t, 0, 0);
    disk_retry(d);
    while (result == 1)
        disk_poll(d);
    ck_assert_int_eq(result, 0);
    /* kept, and then nobody waits for it: it ends with its error */
    tape_fail(t, 0, -EIO);
    result = 1;
    block_submit(disk_port(d), &r);
    for (said = 0; !said;)
        disk_poll(d);
    block_drain(disk_port(d));
    ck_assert_int_eq(result, -EIO);
    keep = false;
    result = 1;
    block_submit(disk_port(d), &r);
    while (result == 1)
        disk_poll(d);
    ck_assert_int_eq(result, 0);
    tape_fail(t, 0, 0);
    disk_close(d);
    tape_free(t);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, many_in_flight, 0, (int)ARRAY_LEN(kinds));
    tcase_add_test(tc, refusals);
    tcase_add_test(tc, overlay_leaves_the_image);
    tcase_add_test(tc, guessed_raw_stays_raw);
    tcase_add_test(tc, full_disk_and_on);
    tcase_add_test(tc, limits);
    tcase_add_test(tc, kept_after_an_error);
}

UNIT_MAIN("disk", fill)
