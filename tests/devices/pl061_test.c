// SPDX-License-Identifier: MIT
/* tests/devices/pl061_test.c -- the GPIO as its manual (DDI 0190) says, and the power key. */
#include "devices/gpio/pl061.h"
#include "tests/devices/bench.h"
#include "tests/unit.h"

enum {
    DATA = 0,
    ALL = 0x3fc,
    DIR = 0x400,
    IS = 0x404,
    IBE = 0x408,
    IEV = 0x40c,
    IE = 0x410,
    RIS = 0x414,
    MIS = 0x418,
    IC = 0x41c
};

static const char *const down[] = {"pullups=0", "pulldowns=0xff", NULL};

START_TEST(data_through_the_address_mask)
{
    struct bench *b = bench_new("pl061", down);

    bench_w32(b, DIR, 0x0f);
    bench_w32(b, ALL, 0xff);
    ck_assert_uint_eq(bench_r32(b, ALL), 0x0f); /* the other half is inputs */
    bench_w32(b, 0x05 << 2, 0x00);              /* pins 0 and 2 only */
    ck_assert_uint_eq(bench_r32(b, ALL), 0x0a);
    ck_assert_uint_eq(bench_r32(b, 0x02 << 2), 0x02);
    ck_assert(b->level[PL061_PIN0 + 1] && !b->level[PL061_PIN0 + 2]);
    struct irq_line pin = pl061_pin(b->dev, 6);
    irq_set(&pin, true);
    ck_assert_uint_eq(bench_r32(b, ALL), 0x4a);
    pin = pl061_pin(b->dev, 1); /* an output is not to be driven: no effect */
    irq_set(&pin, false);
    ck_assert_uint_eq(bench_r32(b, ALL), 0x4a);
    dev_reset(b->dev);
    ck_assert_uint_eq(bench_r32(b, ALL), 0x40);
    bench_free(b);
    b = bench_new("pl061", NULL);
    ck_assert_uint_eq(bench_r32(b, ALL), 0xff); /* pulled up */
    ck_assert_uint_eq(bench_r32(b, 0xfe0), 0x61);
    bench_free(b);
}
END_TEST

START_TEST(power_key)
{
    struct bench *b = bench_new("pl061", down);
    struct irq_line key = pl061_pin(b->dev, 3);

    bench_w32(b, IEV, 8); /* rising edge, as gpio-keys asks for both: */
    bench_w32(b, IE, 8);
    irq_set(&key, true);
    ck_assert(b->level[PL061_IRQ]);
    ck_assert_uint_eq(bench_r32(b, MIS), 8);
    irq_set(&key, false);
    ck_assert(b->level[PL061_IRQ]); /* kept */
    bench_w32(b, IC, 8);
    ck_assert(!b->level[PL061_IRQ]);
    irq_set(&key, false);
    ck_assert(!b->level[PL061_IRQ]);
    bench_w32(b, IEV, 0); /* falling */
    irq_set(&key, true);
    ck_assert(!b->level[PL061_IRQ]);
    irq_set(&key, false);
    ck_assert(b->level[PL061_IRQ]);
    bench_w32(b, IC, 8);
    bench_w32(b, IBE, 8); /* both */
    irq_set(&key, true);
    ck_assert_uint_eq(b->edges[PL061_IRQ], 3);
    bench_w32(b, IC, 8);
    irq_set(&key, false);
    ck_assert_uint_eq(b->edges[PL061_IRQ], 4);
    bench_w32(b, IE, 0);
    ck_assert(!b->level[PL061_IRQ]);
    ck_assert_uint_eq(bench_r32(b, RIS), 8);
    bench_free(b);
}
END_TEST

START_TEST(levels)
{
    struct bench *b = bench_new("pl061", down);
    struct irq_line pin = pl061_pin(b->dev, 0);

    bench_w32(b, IS, 1);
    bench_w32(b, IEV, 1);
    bench_w32(b, IE, 1);
    ck_assert(!b->level[PL061_IRQ]);
    irq_set(&pin, true);
    ck_assert(b->level[PL061_IRQ]);
    bench_w32(b, IC, 1); /* does not help while the level stands */
    ck_assert(b->level[PL061_IRQ]);
    irq_set(&pin, false);
    ck_assert(!b->level[PL061_IRQ]);
    bench_w32(b, IEV, 0);
    ck_assert(b->level[PL061_IRQ]);
    bench_free(b);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, data_through_the_address_mask);
    tcase_add_test(tc, power_key);
    tcase_add_test(tc, levels);
}

UNIT_MAIN("pl061", fill)
