// SPDX-License-Identifier: MIT
/* tests/devices/pl031_test.c -- the real-time clock as its manual (DDI 0224) says. */
#include "devices/timer/pl031.h"
#include "tests/devices/bench.h"
#include "tests/unit.h"

enum { DR = 0, MR = 4, LR = 8, CR = 12, IMSC = 16, RIS = 20, MIS = 24, ICR = 28 };
#define SECOND 1000000000ll

START_TEST(tells_the_time)
{
    struct bench *b = bench_new("pl031", NULL);

    ck_assert_uint_eq(bench_r32(b, DR), 1700000000);
    bench_advance(b, 5 * SECOND / 2);
    ck_assert_uint_eq(bench_r32(b, DR), 1700000002);
    ck_assert_uint_eq(bench_r32(b, CR), 1);
    bench_w32(b, CR, 0);
    ck_assert_uint_eq(bench_r32(b, CR), 1);
    bench_w32(b, LR, 0xfffffffe);
    ck_assert_uint_eq(bench_r32(b, LR), 0xfffffffe);
    ck_assert_uint_eq(bench_r32(b, DR), 0xfffffffe);
    bench_advance(b, 3 * SECOND);
    ck_assert_uint_eq(bench_r32(b, DR), 1);
    dev_reset(b->dev);
    ck_assert_uint_eq(bench_r32(b, DR), 1); /* runs on */
    ck_assert_uint_eq(bench_r32(b, 0xfe0), 0x31);
    ck_assert_uint_eq(bench_r32(b, 0xffc), 0xb1);
    bench_free(b);
}
END_TEST

START_TEST(alarm_at_the_second)
{
    struct bench *b = bench_new("pl031", NULL);

    bench_w32(b, LR, 100);
    bench_w32(b, IMSC, 0xff);
    ck_assert_uint_eq(bench_r32(b, IMSC), 1);
    bench_advance(b, SECOND / 2);
    bench_w32(b, MR, 103);
    bench_advance(b, 2 * SECOND + SECOND / 2 - 1);
    ck_assert(!b->level[0]);
    bench_advance(b, 1);
    ck_assert(b->level[0]);
    ck_assert_uint_eq(bench_r32(b, DR), 103);
    ck_assert_uint_eq(bench_r32(b, MIS), 1);
    bench_w32(b, IMSC, 0);
    ck_assert(!b->level[0]);
    ck_assert_uint_eq(bench_r32(b, RIS), 1);
    ck_assert_uint_eq(bench_r32(b, MIS), 0);
    bench_w32(b, IMSC, 1);
    bench_w32(b, ICR, 1);
    ck_assert(!b->level[0]);
    bench_advance(b, 10 * SECOND);
    ck_assert(!b->level[0]); /* once */
    bench_w32(b, LR, 50);
    bench_w32(b, MR, 50);
    ck_assert(b->level[0]); /* equal now */
    bench_w32(b, ICR, 1);
    bench_w32(b, MR, 52);
    bench_w32(b, LR, 10); /* moves the clock away from it */
    bench_advance(b, 5 * SECOND);
    ck_assert(!b->level[0]);
    bench_advance(b, 37 * SECOND);
    ck_assert(b->level[0]);
    bench_free(b);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, tells_the_time);
    tcase_add_test(tc, alarm_at_the_second);
}

UNIT_MAIN("pl031", fill)
