// SPDX-License-Identifier: MIT
/* tests/devices/blk_test.c -- the virtio block device on a disk in memory. */
#include "tests/devices/vdrv.h"
#include "tests/unit.h"

#include <errno.h>
#include <string.h>

enum { IN = 0, OUT = 1, FLUSH = 4, GET_ID = 8, DISCARD = 11, ZEROES = 13 };
#define HEAD         VDRV_BUF
#define STATUS       (VDRV_BUF + 0x20)
#define DATA         (VDRV_BUF + 0x1000)
#define F_FLUSH      VIRTIO_F(9)
#define F_CONFIG_WCE VIRTIO_F(11)

static struct bench *b;
static struct vdrv d;

static void on(const char *prop, uint64_t want)
{
    const char *props[] = {prop ? prop : "serial=moa", "serial=moa", NULL};

    b = bench_new("virtio-blk-device", props);
    for (unsigned i = 0; i < BENCH_DISK; i++)
        b->blocks[i] = (uint8_t)(i / 512 + i);
    vdrv_start(&d, b, want, 1);
}

/* A request with its data in up to 12 buffers of that size; the status. */
static int request(uint32_t type, uint64_t sector, uint32_t piece, unsigned n)
{
    struct vdrv_buf bufs[14] = {{HEAD, 16}};
    bool in = type == IN || type == GET_ID;
    uint32_t len;

    virtio_put(vdrv_mem(&d, HEAD), type, 4);
    virtio_put(vdrv_mem(&d, HEAD + 8), sector, 8);
    *vdrv_mem(&d, STATUS) = 0xff;
    for (unsigned i = 0; i < n; i++)
        bufs[1 + i] = (struct vdrv_buf){DATA + (uint64_t)i * piece, piece};
    bufs[1 + n] = (struct vdrv_buf){STATUS, 1};
    len = vdrv_do(&d, 0, bufs, in ? 1 : 1 + n, in ? n + 1 : 1);
    if (in && *vdrv_mem(&d, STATUS) == 0)
        ck_assert_uint_eq(len, n * piece + 1);
    return *vdrv_mem(&d, STATUS);
}

START_TEST(reads_and_writes)
{
    static const uint64_t ways[] = {0, VIRTIO_F_INDIRECT, VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT};

    on(NULL, ways[_i]);
    ck_assert_uint_eq(vdrv_config(&d, 0, 8), BENCH_DISK / 512);
    ck_assert_uint_eq(vdrv_config(&d, 20, 4), 512);
    ck_assert_uint_eq(vdrv_config(&d, 24, 1), 3);
    ck_assert_int_eq(request(IN, 3, 1024, 4), 0);
    ck_assert_int_eq(memcmp(vdrv_mem(&d, DATA), b->blocks + 3 * 512, 4096), 0);
    memset(vdrv_mem(&d, DATA), 0x77, 4096);
    ck_assert_int_eq(request(OUT, 2047, 512, 1), 0);
    ck_assert_uint_eq(b->blocks[BENCH_DISK - 1], 0x77);
    ck_assert_uint_eq(b->blocks[BENCH_DISK - 513], (uint8_t)(2046 + 511));
    ck_assert_int_eq(request(IN, 2047, 512, 2), 1); /* over the end */
    ck_assert_int_eq(request(OUT, ~0ull, 512, 1), 1);
    ck_assert_int_eq(request(OUT, 1ull << 55, 512, 1), 1); /* in bytes this is nought */
    ck_assert_int_eq(request(IN, 0, 100, 1), 1);           /* no whole sectors */
    ck_assert_int_eq(request(99, 0, 512, 0), 2);
    ck_assert_uint_eq(b->blocks[0], 0);
    bench_free(b);
}
END_TEST

START_TEST(long_ones_in_pieces)
{
    on(NULL, VIRTIO_F_INDIRECT); /* the disk takes 64 KiB and eight vectors */
    memset(vdrv_mem(&d, DATA), 0x11, 12 * 16384);
    ck_assert_int_eq(request(OUT, 8, 16384, 12), 0);
    ck_assert_uint_eq(b->nrequests, 3);
    for (unsigned i = 0; i < 12 * 16384; i++)
        ck_assert_uint_eq(b->blocks[8 * 512 + i], 0x11);
    ck_assert_uint_ne(b->blocks[8 * 512 + 12 * 16384 + 1], 0x11);
    b->nrequests = 0;
    ck_assert_int_eq(request(IN, 1000, 512, 12), 0); /* many small ones */
    ck_assert_uint_eq(b->nrequests, 2);
    ck_assert_int_eq(memcmp(vdrv_mem(&d, DATA), b->blocks + 1000 * 512, 12 * 512), 0);
    b->nrequests = 0;
    ck_assert_int_eq(request(IN, 100, 128, 12), 0); /* pieces of sectors: eight are two sectors */
    ck_assert_uint_eq(b->nrequests, 2);
    ck_assert_int_eq(memcmp(vdrv_mem(&d, DATA), b->blocks + 100 * 512, 12 * 128), 0);
    ck_assert_int_eq(request(IN, 100, 32, 16 - 4), 1);
    bench_free(b);
}
END_TEST

START_TEST(durable)
{
    on(NULL, F_FLUSH | F_CONFIG_WCE);
    ck_assert_uint_eq(vdrv_config(&d, 32, 1), 1);
    ck_assert_int_eq(request(OUT, 0, 512, 1), 0);
    ck_assert_uint_eq(b->nfua, 0);
    ck_assert_int_eq(request(FLUSH, 0, 0, 0), 0);
    ck_assert_uint_eq(b->nflush, 1);
    bench_write(b, 0x100 + 32, 1, 0);
    ck_assert_uint_eq(vdrv_config(&d, 32, 1), 0);
    ck_assert_int_eq(request(OUT, 0, 512, 1), 0);
    ck_assert_uint_eq(b->nfua, 1);
    bench_free(b);
    on(NULL, 0); /* a driver that knows no flush */
    ck_assert_int_eq(request(OUT, 0, 512, 1), 0);
    ck_assert_uint_eq(b->nfua, 1);
    bench_free(b);
}
END_TEST

START_TEST(ranges)
{
    uint8_t *p;

    on(NULL, VIRTIO_F(13) | VIRTIO_F(14));
    p = vdrv_mem(&d, DATA);
    memset(p, 0, 64);
    virtio_put(p, 4, 8);
    virtio_put(p + 8, 2, 4);
    virtio_put(p + 12, 1, 4);
    virtio_put(p + 16, 10, 8);
    virtio_put(p + 24, 1, 4);
    ck_assert_int_eq(request(ZEROES, 0, 32, 1), 0);
    ck_assert_uint_eq(b->blocks[3 * 512 + 511], (uint8_t)(3 + 511));
    ck_assert_uint_eq(b->blocks[4 * 512 + 1], 0);
    ck_assert_uint_eq(b->blocks[5 * 512 + 511], 0);
    ck_assert_uint_eq(b->blocks[10 * 512 + 1], 0);
    ck_assert_uint_eq(b->blocks[11 * 512 + 1], 12);
    ck_assert_int_eq(request(DISCARD, 0, 16, 1), 2); /* unmap has no place in a discard */
    virtio_put(p + 12, 0, 4);
    ck_assert_int_eq(request(DISCARD, 0, 16, 1), 0);
    ck_assert_int_eq(request(DISCARD, 0, 17, 1), 1);
    virtio_put(p, 2048, 8);
    ck_assert_int_eq(request(DISCARD, 0, 16, 1), 1);
    virtio_put(p, ~0ull, 8);
    ck_assert_int_eq(request(ZEROES, 0, 16, 1), 1);
    bench_free(b);
    on("write-zeroes=off", 0);
    ck_assert_int_eq(request(ZEROES, 0, 16, 1), 2);
    bench_free(b);
}
END_TEST

START_TEST(names_errors_and_resets)
{
    struct vdrv_buf bufs[3] = {{HEAD, 16}, {DATA, 512}, {STATUS, 1}};
    uint32_t len;

    on(NULL, 0);
    ck_assert_int_eq(request(GET_ID, 0, 20, 1), 0);
    ck_assert_str_eq((char *)vdrv_mem(&d, DATA), "moa");
    b->disk_error = -EIO;
    ck_assert_int_eq(request(IN, 0, 512, 1), 1);
    b->disk_error = -ENOTSUP;
    ck_assert_int_eq(request(IN, 0, 512, 1), 2);
    b->disk_error = 0;
    virtio_put(vdrv_mem(&d, HEAD), IN, 4); /* reset with a request in flight */
    vdrv_add(&d, 0, bufs, 1, 2);
    vdrv_kick(&d, 0);
    ck_assert_ptr_nonnull(b->pending);
    bench_w32(b, 0x70, 0);
    ck_assert_ptr_null(b->pending);
    vdrv_start(&d, b, 0, 1);
    ck_assert_int_lt(vdrv_used(&d, 0, &len), 0);
    ck_assert_int_eq(request(IN, 0, 512, 1), 0);
    vdrv_add(&d, 0, bufs, 1, 0); /* no place for a status */
    vdrv_kick(&d, 0);
    ck_assert(bench_r32(b, 0x70) & VIRTIO_NEEDS_RESET);
    vdrv_start(&d, b, 0, 1);
    bufs[0].len = 15; /* half a head */
    vdrv_add(&d, 0, bufs, 1, 2);
    vdrv_kick(&d, 0);
    ck_assert(bench_r32(b, 0x70) & VIRTIO_NEEDS_RESET);
    bench_free(b);
}
END_TEST

static unsigned waiting(void)
{
    unsigned n = 0;

    for (const struct block_req *r = b->pending; r; r = r->next)
        n++;
    return n;
}

/* A driver that adds for ever without anything being done: no more wait than the queue has. */
START_TEST(too_many_in_flight)
{
    struct vdrv_buf bufs[2] = {{HEAD, 16}, {STATUS, 1}};
    unsigned n, idx;

    on(_i ? "packed=on" : NULL, _i ? VIRTIO_F_PACKED : 0);
    virtio_put(vdrv_mem(&d, HEAD), FLUSH, 4);
    for (n = 0; n < VDRV_SIZE / 2; n++)
        ck_assert_int_ge(vdrv_add(&d, 0, bufs, 1, 1), 0);
    vdrv_kick(&d, 0);
    ck_assert_uint_eq(waiting(), n);
    for (unsigned round = 0; round < 100; round++) {
        if (d.packed) { /* all of them once more, as if they had been done */
            for (unsigned i = 0; i < VDRV_SIZE; i++)
                vdrv_mem(&d, d.q[0].desc)[16 * i + 14] ^= 0x80;
            for (unsigned i = 0; i < VDRV_SIZE; i++)
                vdrv_mem(&d, d.q[0].desc)[16 * i + 15] ^= 0x80;
        } else {
            idx = (unsigned)virtio_get(vdrv_mem(&d, d.q[0].driver + 2), 2);
            virtio_put(vdrv_mem(&d, d.q[0].driver + 2), idx + VDRV_SIZE / 2, 2);
        }
        vdrv_kick(&d, 0);
    }
    ck_assert_uint_le(waiting(), VDRV_SIZE);
    ck_assert(bench_r32(b, 0x70) & VIRTIO_NEEDS_RESET);
    bench_w32(b, 0x70, 0);
    vdrv_start(&d, b, _i ? VIRTIO_F_PACKED : 0, 1);
    ck_assert_int_eq(request(FLUSH, 0, 0, 0), 0);
    bench_free(b);
}
END_TEST

START_TEST(saving_finishes_requests)
{
    struct vdrv_buf bufs[3] = {{HEAD, 16}, {DATA, 512}, {STATUS, 1}};
    struct bench *a;
    uint32_t len;
    uint8_t *s;
    size_t n;

    on(NULL, 0);
    virtio_put(vdrv_mem(&d, HEAD), IN, 4);
    virtio_put(vdrv_mem(&d, HEAD + 8), 7, 8);
    vdrv_add(&d, 0, bufs, 1, 2);
    vdrv_kick(&d, 0);
    s = bench_save(b, &n);
    ck_assert_ptr_null(b->pending);
    a = b;
    b = bench_new("virtio-blk-device", NULL);
    memcpy(b->mem, a->mem, BENCH_RAM_SIZE);
    ck_assert_int_eq(bench_load(b, s, n), 0);
    d.b = b;
    ck_assert(b->level[0]);
    ck_assert_int_ge(vdrv_used(&d, 0, &len), 0);
    ck_assert_uint_eq(len, 513);
    ck_assert_uint_eq(*vdrv_mem(&d, DATA), 7);
    ck_assert_int_eq(request(IN, 0, 512, 1), 0);
    free(s);
    bench_free(a);
    bench_free(b);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, reads_and_writes, 0, 3);
    tcase_add_test(tc, long_ones_in_pieces);
    tcase_add_test(tc, durable);
    tcase_add_test(tc, ranges);
    tcase_add_test(tc, names_errors_and_resets);
    tcase_add_loop_test(tc, too_many_in_flight, 0, 2);
    tcase_add_test(tc, saving_finishes_requests);
}

UNIT_MAIN("virtio-blk", fill)
