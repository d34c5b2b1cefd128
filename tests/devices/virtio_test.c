// SPDX-License-Identifier: MIT
/* tests/devices/virtio_test.c -- the slot, both kinds of queues, interrupts by index, and rings
 * that make no sense; on the entropy device, which just fills what it is given. */
#include "tests/devices/vdrv.h"
#include "tests/unit.h"

#include <string.h>

static struct bench *b;
static struct vdrv d;

/* Every way that a queue can be laid out. */
static const struct {
    const char *name, *bus, *prop;
    uint64_t want;
} ways[] = {
    {"legacy", "bus.force-legacy=on", "packed=off", 0},
    {"legacy, tables", "bus.force-legacy=on", "packed=off", VIRTIO_F_INDIRECT},
    {"legacy, index", "bus.force-legacy=on", "packed=off", VIRTIO_F_EVENT_IDX},
    {"split", "bus.force-legacy=off", "packed=off", 0},
    {"split, tables", "bus.force-legacy=off", "packed=off", VIRTIO_F_INDIRECT},
    {"split, index", "bus.force-legacy=off", "packed=off", VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT},
    {"packed", "bus.force-legacy=off", "packed=on", VIRTIO_F_PACKED},
    {"packed, tables", "bus.force-legacy=off", "packed=on", VIRTIO_F_PACKED | VIRTIO_F_INDIRECT},
    {"packed, index", "bus.force-legacy=off", "packed=on", VIRTIO_F_PACKED | VIRTIO_F_EVENT_IDX},
};

static void on(int way)
{
    const char *props[] = {ways[way].bus, ways[way].prop, NULL};

    b = bench_new("virtio-rng-device", props);
    vdrv_start(&d, b, ways[way].want, 1);
    ck_assert_uint_eq(d.packed, (ways[way].want & VIRTIO_F_PACKED) != 0);
    ck_assert_uint_eq(d.indirect, (ways[way].want & VIRTIO_F_INDIRECT) != 0);
}

START_TEST(empty_slot)
{
    b = bench_new("virtio-mmio", NULL);
    ck_assert_uint_eq(bench_r32(b, 0), 0x74726976);
    ck_assert_uint_eq(bench_r32(b, 4), 1);
    ck_assert_uint_eq(bench_r32(b, 8), 0);
    ck_assert_uint_eq(bench_r32(b, 12), 0x554d4551);
    ck_assert_uint_eq(bench_r32(b, 0x10), 0);
    ck_assert_uint_eq(bench_r32(b, 0x100), 0);
    bench_free(b);
    b = bench_new("virtio-rng-device", NULL);
    ck_assert_uint_eq(bench_r32(b, 4), 2);
    ck_assert_uint_eq(bench_r32(b, 8), 4);
    bench_free(b);
}
END_TEST

START_TEST(around_the_queue)
{
    uint8_t next = 0;

    on(_i);
    for (unsigned round = 0; round < 50; round++) {
        struct vdrv_buf bufs[3] = {{VDRV_BUF, 5}, {VDRV_BUF + 0x100, 7}, {VDRV_BUF + 0x200, 1}};
        unsigned n = 1 + round % 3, total = n == 1 ? 5 : n == 2 ? 12 : 13;

        memset(vdrv_mem(&d, VDRV_BUF), 0xee, 0x300);
        ck_assert_uint_eq(vdrv_do(&d, 0, bufs, 0, n), total);
        for (unsigned i = 0; i < n; i++)
            for (unsigned k = 0; k < bufs[i].len; k++)
                ck_assert_uint_eq(vdrv_mem(&d, bufs[i].addr)[k], next++);
        ck_assert_uint_eq(vdrv_mem(&d, VDRV_BUF)[5], 0xee);
        if (!d.event_idx) {
            ck_assert(b->level[0]);
            ck_assert_uint_eq(vdrv_ack(&d), 1);
            ck_assert(!b->level[0]);
        }
    }
    bench_free(b);
}
END_TEST

/* Many at once, more than the queue is long in all. */
START_TEST(many_in_flight)
{
    uint32_t len;

    on(_i);
    for (unsigned round = 0; round < 20; round++) {
        unsigned n = 0;

        for (;; n++) {
            struct vdrv_buf buf = {VDRV_BUF + 64 * n, 1 + n};

            if (vdrv_add(&d, 0, &buf, 0, 1) < 0)
                break;
        }
        ck_assert_uint_ge(n, 8);
        vdrv_kick(&d, 0);
        for (unsigned i = 0; i < n; i++) {
            ck_assert_int_ge(vdrv_used(&d, 0, &len), 0);
            ck_assert_uint_eq(len, 1 + i);
        }
        ck_assert_int_lt(vdrv_used(&d, 0, &len), 0);
    }
    bench_free(b);
}
END_TEST

START_TEST(interrupts_when_asked)
{
    struct vdrv_buf buf = {VDRV_BUF, 4};
    static const int with_index[] = {2, 5, 8};

    for (unsigned k = 0; k < ARRAY_LEN(with_index); k++) {
        on(with_index[k]);
        vdrv_event(&d, 0, (uint16_t)(2 | (d.packed ? 0x8000 : 0))); /* at the third */
        vdrv_do(&d, 0, &buf, 0, 1);
        vdrv_ack(&d); /* the very first may come: nothing was told yet */
        vdrv_do(&d, 0, &buf, 0, 1);
        ck_assert(!b->level[0]);
        vdrv_do(&d, 0, &buf, 0, 1);
        ck_assert(b->level[0]);
        vdrv_ack(&d);
        vdrv_do(&d, 0, &buf, 0, 1);
        ck_assert(!b->level[0]);
        bench_free(b);
    }
    on(3); /* by flag */
    virtio_put(vdrv_mem(&d, d.q[0].driver), 1, 2);
    vdrv_do(&d, 0, &buf, 0, 1);
    ck_assert(!b->level[0]);
    virtio_put(vdrv_mem(&d, d.q[0].driver), 0, 2);
    vdrv_do(&d, 0, &buf, 0, 1);
    ck_assert(b->level[0]);
    bench_free(b);
    on(6);
    virtio_put(vdrv_mem(&d, d.q[0].driver), 1u << 16, 4);
    vdrv_do(&d, 0, &buf, 0, 1);
    ck_assert(!b->level[0]);
    bench_free(b);
}
END_TEST

START_TEST(features_are_negotiated)
{
    b = bench_new("virtio-rng-device", NULL);
    bench_w32(b, 0x70, 3);
    bench_w32(b, 0x70, 3 | VIRTIO_FEATURES_OK); /* without VERSION_1 */
    ck_assert_uint_eq(bench_r32(b, 0x70), 3);
    bench_w32(b, 0x24, 1);
    bench_w32(b, 0x20, 1 | 1u << 31); /* one that is not offered */
    bench_w32(b, 0x70, 3 | VIRTIO_FEATURES_OK);
    ck_assert_uint_eq(bench_r32(b, 0x70), 3);
    bench_w32(b, 0x20, 1);
    bench_w32(b, 0x70, 3 | VIRTIO_FEATURES_OK);
    ck_assert_uint_eq(bench_r32(b, 0x70), 3 | VIRTIO_FEATURES_OK);
    bench_w32(b, 0x20, 0); /* too late */
    bench_w32(b, 0x70, 15);
    ck_assert_uint_eq(((struct virtio *)b->fn)->features, VIRTIO_F_VERSION_1);
    bench_w32(b, 0x70, 0);
    ck_assert_uint_eq(bench_r32(b, 0x70), 0);
    ck_assert_uint_eq(((struct virtio *)b->fn)->features, 0);
    bench_free(b);
}
END_TEST

/* One thing in a ring is wrong: the device says so, does nothing, and works after a reset. */
enum wrong {
    ADDRESS,
    ZERO,
    LOOP,
    NEXT_OUT,
    HEAD,
    TOO_MANY,
    OVER_END,
    TABLE_SIZE,
    TABLE_TABLE,
    RING,
    INTO_REGISTERS,
    WRONGS
};

START_TEST(nonsense)
{
    static const int way_of[] = {3, 5, 6, 7};

    for (unsigned w = 0; w < ARRAY_LEN(way_of); w++) {
        struct vdrv_buf buf = {VDRV_BUF, 16};
        struct vdrv_queue *q = &d.q[0];
        uint64_t at, flags, next, t;
        bool table;

        on(way_of[w]);
        table = d.indirect;
        flags = d.packed ? 14 : 12;
        next = d.packed ? 12 : 14;
        vdrv_add(&d, 0, &buf, 0, 1);
        at = q->desc + (d.packed ? 0 : 16 * virtio_get(vdrv_mem(&d, q->driver + 4), 2));
        t = table ? virtio_get(vdrv_mem(&d, at), 8) : at;
        switch ((enum wrong)_i) {
        case ADDRESS:
            virtio_put(vdrv_mem(&d, t), 0x123456789000, 8);
            break;
        case ZERO:
            virtio_put(vdrv_mem(&d, t + 8), 0, 4);
            break;
        case LOOP:
            if (d.packed && table)
                goto next; /* its tables cannot */
            for (unsigned i = 0; i < q->size && d.packed; i++)
                virtio_put(vdrv_mem(&d, q->desc + 16 * i), VDRV_BUF, 8),
                    virtio_put(vdrv_mem(&d, q->desc + 16 * i + 8), 1 | 0x83ull << 48, 8);
            if (!d.packed) {
                virtio_put(vdrv_mem(&d, t + flags), 3, 2);
                virtio_put(vdrv_mem(&d, t + next),
                           table ? 0 : virtio_get(vdrv_mem(&d, q->driver + 4), 2), 2);
            }
            break;
        case NEXT_OUT:
            if (d.packed)
                goto next;
            virtio_put(vdrv_mem(&d, t + flags), 3, 2);
            virtio_put(vdrv_mem(&d, t + next), 0xffff, 2);
            break;
        case HEAD:
            if (d.packed)
                goto next;
            virtio_put(vdrv_mem(&d, q->driver + 4), q->size, 2);
            break;
        case TOO_MANY:
            if (d.packed)
                goto next;
            virtio_put(vdrv_mem(&d, q->driver + 2), q->size + 1, 2);
            break;
        case OVER_END:
            virtio_put(vdrv_mem(&d, t), BENCH_RAM + BENCH_RAM_SIZE - 8, 8);
            break;
        case TABLE_SIZE:
            if (!table)
                goto next;
            virtio_put(vdrv_mem(&d, at + 8), 17, 4);
            break;
        case TABLE_TABLE:
            if (!table)
                goto next;
            virtio_put(vdrv_mem(&d, t + flags), 4, 2);
            break;
        case INTO_REGISTERS:
            virtio_put(vdrv_mem(&d, t), BENCH_MMIO(0), 8);
            break;
        default:
            ((struct virtio *)b->fn)->desc[0] = 0x1000; /* as if set up so */
            ((struct virtio *)b->fn)->driver[0] = 0x1000;
        }
        vdrv_kick(&d, 0);
        ck_assert_msg(bench_r32(b, 0x70) & VIRTIO_NEEDS_RESET, "%d in %s", _i,
                      ways[way_of[w]].name);
        ck_assert_uint_eq(vdrv_ack(&d) & 2, 2); /* it says so */
        vdrv_kick(&d, 0);
        ck_assert_uint_eq(vdrv_mem(&d, VDRV_BUF)[0], 0);
        vdrv_start(&d, b, ways[way_of[w]].want, 1);
        ck_assert_uint_eq(vdrv_do(&d, 0, &buf, 0, 1), 16);
    next:
        bench_free(b);
    }
}
END_TEST

/* Rings of random bytes, rewritten at random, kicked: nothing but answers or NEEDS_RESET. */
START_TEST(random_rings)
{
    uint64_t seed = (uint64_t)_i + 1;

    on(_i);
    for (unsigned round = 0; round < 200; round++) {
        struct vdrv_queue *q = &d.q[0];

        for (unsigned k = 0; k < 20; k++) {
            uint64_t at = q->desc + bench_rnd(&seed) % 0x4100, v = bench_rnd(&seed);
            struct vdrv_buf bufs[2] = {{VDRV_BUF + v % 0x1000, 1 + (uint32_t)(v >> 32) % 64},
                                       {VDRV_BUF + 0x2000, 8}};

            switch (v % 4) {
            case 0:
                vdrv_mem(&d, at)[0] = (uint8_t)(v >> 8);
                break;
            case 1:
                virtio_put(vdrv_mem(&d, at & ~15ull), VDRV_BUF + (v >> 16) % 0x10000, 8);
                virtio_put(vdrv_mem(&d, (at & ~15ull) + 8), v >> 50, 4);
                break;
            default:
                vdrv_add(&d, 0, bufs, v & 1, 1);
            }
            if (v & 16)
                vdrv_kick(&d, 0);
        }
        vdrv_kick(&d, 0);
        if (bench_r32(b, 0x70) & VIRTIO_NEEDS_RESET || round % 10 == 9)
            vdrv_start(&d, b, ways[_i].want, 1);
        else
            for (unsigned k = 0; k < VDRV_SIZE; k++)
                q->ndescs[k] = 0, q->nfree = q->size;
    }
    vdrv_start(&d, b, ways[_i].want, 1);
    ck_assert_uint_eq(vdrv_do(&d, 0, &(struct vdrv_buf){VDRV_BUF, 9}, 0, 1), 9);
    bench_free(b);
}
END_TEST

START_TEST(saved_with_its_queues)
{
    struct vdrv_buf buf = {VDRV_BUF, 16};
    struct bench *a;
    uint8_t *s;
    size_t n;

    on(_i);
    for (unsigned i = 0; i < 21; i++)
        vdrv_do(&d, 0, &buf, 0, 1);
    s = bench_save(b, &n);
    a = b;
    b = bench_new("virtio-rng-device", (const char *[]){ways[_i].bus, ways[_i].prop, NULL});
    memcpy(b->mem, a->mem, BENCH_RAM_SIZE);
    ck_assert_int_eq(bench_load(b, s, n), 0);
    ck_assert_uint_eq(b->level[0], a->level[0]);
    d.b = b;
    for (unsigned i = 0; i < 21; i++)
        ck_assert_uint_eq(vdrv_do(&d, 0, &buf, 0, 1), 16);
    free(s);
    bench_free(a);
    a = bench_new("virtio-rng-device",
                  (const char *[]){ways[_i].bus, "indirect_desc=off", "event_idx=off", NULL});
    s = bench_save(b, &n);
    if (ways[_i].want & ~VIRTIO_F_VERSION_1) /* features that this one does not have */
        ck_assert_int_lt(bench_load(a, s, n), 0);
    free(s);
    bench_free(a);
    bench_free(b);
}
END_TEST

START_TEST(entropy_is_bounded)
{
    struct vdrv_buf buf = {VDRV_BUF, 60};
    uint32_t len;

    b = bench_new("virtio-rng-device", (const char *[]){"max-bytes=100", "period=10", NULL});
    vdrv_start(&d, b, 0, 1);
    ck_assert_uint_eq(vdrv_do(&d, 0, &buf, 0, 1), 60);
    ck_assert_uint_eq(vdrv_do(&d, 0, &buf, 0, 1), 40);
    vdrv_add(&d, 0, &buf, 0, 1);
    vdrv_kick(&d, 0);
    ck_assert_int_lt(vdrv_used(&d, 0, &len), 0);
    bench_advance(b, 11000000);
    ck_assert_int_ge(vdrv_used(&d, 0, &len), 0);
    ck_assert_uint_eq(len, 60);
    bench_free(b);
}
END_TEST

START_TEST(entropy_in_pieces)
{
    struct vdrv_buf buf = {VDRV_BUF, 0x18000};

    b = bench_new("virtio-rng-device", NULL);
    vdrv_start(&d, b, 0, 1);
    ck_assert_uint_eq(vdrv_do(&d, 0, &buf, 0, 1), 0x10000);
    bench_free(b);
}
END_TEST

/* The queue of reports is the third where statistics were not taken, else the fourth. */
START_TEST(free_pages_are_reported)
{
    unsigned q = _i ? 3 : 2;
    struct vdrv_buf buf = {VDRV_BUF, 4096};
    uint32_t len;

    b = bench_new("virtio-balloon-device", (const char *[]){"free-page-reporting=on", NULL});
    vdrv_start(&d, b, VIRTIO_F(5) | (_i ? VIRTIO_F(1) : 0), q + 1);
    memset(vdrv_mem(&d, VDRV_BUF), 0x5a, 4096);
    vdrv_add(&d, q, &buf, 0, 1);
    vdrv_kick(&d, q);
    ck_assert_int_ge(vdrv_used(&d, q, &len), 0);
    ck_assert_uint_eq(*vdrv_mem(&d, VDRV_BUF + 77), 0);
    bench_free(b);
}
END_TEST

/* A chain of 120000 pages' numbers is not worked through at once, and is saved in the middle. */
START_TEST(long_inflation)
{
    struct vdrv_buf bufs[15];
    struct vdrv before;
    struct bench *a;
    uint32_t len;
    uint8_t *s;
    size_t n;

    b = bench_new("virtio-balloon-device", NULL);
    vdrv_start(&d, b, 0, 2);
    memset(vdrv_mem(&d, VDRV_BUF), 0, 0x8000); /* all page 0, where there is no memory */
    virtio_put(vdrv_mem(&d, VDRV_BUF + 0x7ffc), (VDRV_BUF + 0x10000) >> 12, 4);
    for (unsigned i = 0; i < 15; i++)
        bufs[i] = (struct vdrv_buf){VDRV_BUF, 0x8000};
    vdrv_add(&d, 0, bufs, 15, 0);
    vdrv_kick(&d, 0);
    ck_assert_int_lt(vdrv_used(&d, 0, &len), 0);
    before = d;
    s = bench_save(b, &n);
    a = b;
    b = bench_new("virtio-balloon-device", NULL);
    memcpy(b->mem, a->mem, BENCH_RAM_SIZE);
    ck_assert_int_eq(bench_load(b, s, n), 0);
    memset(b->mem + (VDRV_BUF + 0x10000 - BENCH_RAM), 0x5a, 4096);
    bench_advance(a, 1000000);
    ck_assert_int_ge(vdrv_used(&d, 0, &len), 0);
    d = before;
    d.b = b;
    bench_advance(b, 1000000);
    ck_assert_int_ge(vdrv_used(&d, 0, &len), 0);
    ck_assert_uint_eq(*vdrv_mem(&d, VDRV_BUF + 0x10000), 0);
    ck_assert_int_lt(vdrv_used(&d, 0, &len), 0);
    free(s);
    bench_free(a);
    bench_free(b);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, empty_slot);
    tcase_add_loop_test(tc, around_the_queue, 0, ARRAY_LEN(ways));
    tcase_add_loop_test(tc, many_in_flight, 0, ARRAY_LEN(ways));
    tcase_add_test(tc, interrupts_when_asked);
    tcase_add_test(tc, features_are_negotiated);
    tcase_add_loop_test(tc, nonsense, 0, WRONGS);
    tcase_add_loop_test(tc, random_rings, 0, ARRAY_LEN(ways));
    tcase_add_loop_test(tc, saved_with_its_queues, 0, ARRAY_LEN(ways));
    tcase_add_test(tc, entropy_is_bounded);
    tcase_add_test(tc, entropy_in_pieces);
    tcase_add_loop_test(tc, free_pages_are_reported, 0, 2);
    tcase_add_test(tc, long_inflation);
}

UNIT_MAIN("virtio", fill)
