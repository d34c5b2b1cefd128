// SPDX-License-Identifier: MIT
/* tests/devices/pl011_test.c -- the UART as its manual (DDI 0183) says. */
#include "devices/char/pl011.h"
#include "tests/devices/bench.h"
#include "tests/unit.h"

#include <string.h>

enum {
    DR = 0,
    RSR = 4,
    FR = 0x18,
    IBRD = 0x24,
    FBRD = 0x28,
    LCRH = 0x2c,
    CR = 0x30,
    IFLS = 0x34,
    IMSC = 0x38,
    RIS = 0x3c,
    MIS = 0x40,
    ICR = 0x44,
    DMACR = 0x48
};
enum { RX = 1 << 4, TX = 1 << 5, RT = 1 << 6, BE = 1 << 9, OE = 1 << 10 };

static struct bench *b;

static void on(bool fifo)
{
    b = bench_new("pl011", NULL);
    bench_w32(b, IBRD, 13); /* 24 MHz / 16 / 13.02 = 115200 */
    bench_w32(b, FBRD, 1);
    bench_w32(b, LCRH, fifo ? 0x70 : 0x60);
    bench_w32(b, CR, 0x301);
}

START_TEST(registers)
{
    static const uint8_t id[8] = {0x11, 0x10, 0x14, 0, 0x0d, 0xf0, 0x05, 0xb1};

    b = bench_new("pl011", NULL);
    ck_assert_uint_eq(bench_r32(b, FR), 0x97);
    ck_assert_uint_eq(bench_r32(b, CR), 0x300);
    ck_assert_uint_eq(bench_r32(b, IFLS), 0x12);
    for (unsigned i = 0; i < 8; i++)
        ck_assert_uint_eq(bench_r32(b, 0xfe0 + 4 * i), id[i]);
    bench_w32(b, IBRD, 0xffffffff);
    bench_w32(b, FBRD, 0xffffffff);
    bench_w32(b, IMSC, 0xffffffff);
    bench_w32(b, CR, 0xffffff7f); /* all but loopback */
    bench_w32(b, RIS, 0xffffffff);
    bench_w32(b, DMACR, 0xffffffff);
    ck_assert_uint_eq(bench_r32(b, IBRD), 0xffff);
    ck_assert_uint_eq(bench_r32(b, FBRD), 0x3f);
    ck_assert_uint_eq(bench_r32(b, IMSC), 0x7ff);
    ck_assert_uint_eq(bench_r32(b, CR), 0xff07);
    ck_assert_uint_eq(bench_r32(b, RIS), 0);
    ck_assert_uint_eq(bench_r32(b, DMACR), 7);
    ck_assert_uint_eq(bench_read(b, CR + 1, 1), 0xff); /* bytes and halves of a register */
    ck_assert_uint_eq(bench_read(b, IBRD, 2), 0xffff);
    bench_write(b, IBRD, 1, 0x12);
    ck_assert_uint_eq(bench_r32(b, IBRD), 0xff12);
    ck_assert_uint_eq(bench_r32(b, 0x90), 0); /* nothing there */
    bench_free(b);
}
END_TEST

START_TEST(sends)
{
    on(true);
    bench_w32(b, IMSC, TX);
    ck_assert(!b->level[PL011_IRQ]); /* only a passing of the level sets it */
    bench_w32(b, DR, 'h');
    bench_write(b, DR, 1, 'i');
    ck_assert_uint_eq(b->nsent, 2);
    ck_assert_int_eq(memcmp(b->sent, "hi", 2), 0);
    ck_assert(b->level[PL011_IRQ]);
    ck_assert(b->level[PL011_IRQ_TX]);
    ck_assert(!b->level[PL011_IRQ_RX]);
    bench_w32(b, ICR, TX);
    ck_assert(!b->level[PL011_IRQ]);
    ck_assert_uint_eq(bench_r32(b, MIS), 0);
    bench_free(b);
    b = bench_new("pl011", NULL); /* not set up: earliest messages of a kernel */
    bench_w32(b, DR, '!');
    ck_assert_uint_eq(b->nsent, 1);
    bench_free(b);
}
END_TEST

START_TEST(waits_for_the_other_side)
{
    on(true);
    bench_w32(b, IMSC, TX);
    b->room = 1;
    for (unsigned i = 0; i < 20; i++) /* one is gone, 16 wait, 3 are lost */
        bench_w32(b, DR, 'a' + i);
    ck_assert_uint_eq(b->nsent, 1);
    ck_assert_uint_eq(bench_r32(b, FR) & 0xa0, 0x20); /* TXFF */
    ck_assert(!b->level[PL011_IRQ]);
    b->room = 7;
    b->in.room(b->in.dev);
    ck_assert_uint_eq(b->nsent, 8);
    ck_assert(!b->level[PL011_IRQ]); /* nine wait, half is eight */
    ck_assert_uint_eq(bench_r32(b, FR) & 0xa0, 0);
    b->room = 1;
    b->in.room(b->in.dev);
    ck_assert(b->level[PL011_IRQ]);
    b->room = SIZE_MAX;
    b->in.room(b->in.dev);
    ck_assert_int_eq(memcmp(b->sent, "abcdefghijklmnopq", 17), 0);
    ck_assert_uint_eq(b->nsent, 17);
    ck_assert_uint_eq(bench_r32(b, FR) & 0xa0, 0x80);
    bench_free(b);
}
END_TEST

START_TEST(receives_without_fifo)
{
    on(false);
    ck_assert_uint_eq(bench_give(b, "ab", 2), 1); /* one deep */
    ck_assert(!b->level[PL011_IRQ]);              /* masked */
    bench_w32(b, IMSC, RX);
    ck_assert(b->level[PL011_IRQ]);
    ck_assert_uint_eq(bench_r32(b, FR) & 0x50, 0x40);
    ck_assert_uint_eq(bench_give(b, "b", 1), 0);
    ck_assert_uint_eq(b->accepts, 0);
    ck_assert_uint_eq(bench_r32(b, DR), 'a');
    ck_assert_uint_eq(b->accepts, 1); /* asked for more */
    ck_assert(!b->level[PL011_IRQ]);
    ck_assert_uint_eq(bench_r32(b, FR) & 0x50, 0x10);
    bench_free(b);
}
END_TEST

START_TEST(receives_by_level_and_timeout)
{
    static const struct {
        unsigned sel, level;
    } levels[] = {{0, 2}, {1, 4}, {2, 8}, {3, 12}, {4, 14}};

    for (unsigned i = 0; i < ARRAY_LEN(levels); i++) {
        on(true);
        bench_w32(b, IFLS, levels[i].sel << 3);
        bench_w32(b, IMSC, RX);
        for (unsigned n = 1; n <= 16; n++) {
            ck_assert_uint_eq(bench_give(b, "x", 1), 1);
            ck_assert_uint_eq(b->level[PL011_IRQ_RX], n >= levels[i].level);
        }
        ck_assert_uint_eq(bench_give(b, "x", 1), 0);
        for (unsigned n = 15; n > 0; n--) {
            bench_r32(b, DR);
            ck_assert_uint_eq(b->level[PL011_IRQ_RX], n >= levels[i].level);
        }
        bench_free(b);
    }
    on(true);
    bench_w32(b, IMSC, RT);
    bench_give(b, "a", 1);
    bench_advance(b, 200000); /* 32 bits at 115200: 278 us */
    bench_give(b, "b", 1);    /* starts anew */
    bench_advance(b, 270000);
    ck_assert(!b->level[PL011_IRQ]);
    bench_advance(b, 10000);
    ck_assert(b->level[PL011_IRQ]);
    ck_assert(b->level[PL011_IRQ_RT]);
    ck_assert_uint_eq(bench_r32(b, DR), 'a');
    ck_assert(b->level[PL011_IRQ]);
    bench_w32(b, ICR, RT);
    ck_assert(!b->level[PL011_IRQ]);
    bench_advance(b, 300000); /* one is still there */
    ck_assert(b->level[PL011_IRQ]);
    ck_assert_uint_eq(bench_r32(b, DR), 'b');
    ck_assert(!b->level[PL011_IRQ]);
    bench_advance(b, 1000000);
    ck_assert_uint_eq(bench_r32(b, RIS) & RT, 0);
    bench_free(b);
}
END_TEST

START_TEST(off_takes_nothing)
{
    b = bench_new("pl011", NULL);
    ck_assert_uint_eq(bench_give(b, "x", 1), 0);
    bench_w32(b, CR, 0x301);
    ck_assert_uint_eq(b->accepts, 1);
    ck_assert_uint_eq(bench_give(b, "x", 1), 1);
    bench_w32(b, LCRH, 0x10); /* from register to FIFO: what was there is gone */
    ck_assert_uint_eq(bench_r32(b, FR) & 0x50, 0x10);
    bench_free(b);
}
END_TEST

START_TEST(breaks_and_errors)
{
    on(true);
    bench_w32(b, IMSC, BE);
    bench_give(b, "a", 1);
    b->in.event(b->in.dev, BYTES_BREAK);
    ck_assert(b->level[PL011_IRQ_ERROR]);
    ck_assert_uint_eq(bench_r32(b, DR), 'a');
    ck_assert_uint_eq(bench_r32(b, RSR), 0);
    ck_assert_uint_eq(bench_r32(b, DR), 0x400);
    ck_assert_uint_eq(bench_r32(b, RSR), 4);
    bench_w32(b, RSR, 0xff);
    ck_assert_uint_eq(bench_r32(b, RSR), 0);
    bench_w32(b, ICR, BE);
    ck_assert(!b->level[PL011_IRQ]);
    bench_free(b);
}
END_TEST

START_TEST(loopback_and_modem)
{
    on(true);
    bench_w32(b, IMSC, OE | 0xf);
    ck_assert_uint_eq(bench_r32(b, FR) & 0x107, 7);
    bench_w32(b, CR, 0x381); /* the lines come from our own outputs, which are off */
    ck_assert_uint_eq(bench_r32(b, FR) & 0x107, 0);
    ck_assert_uint_eq(bench_r32(b, RIS) & 0xf, 0xe);
    ck_assert(b->level[PL011_IRQ_MODEM]);
    bench_w32(b, ICR, 0xf);
    bench_w32(b, CR, 0x381 | 1 << 11);
    ck_assert_uint_eq(bench_r32(b, FR) & 0x107, 1);
    ck_assert_uint_eq(bench_r32(b, RIS) & 0xf, 2);
    bench_w32(b, ICR, 0xf);
    bench_w32(b, CR, 0x381 | 1 << 11 | 1 << 13);
    ck_assert_uint_eq(bench_r32(b, RIS) & 0xf, 1);
    bench_w32(b, ICR, 0xf);
    for (unsigned i = 0; i < 17; i++)
        bench_w32(b, DR, 'a' + i);
    ck_assert_uint_eq(b->nsent, 0);
    ck_assert(b->level[PL011_IRQ_ERROR]);
    ck_assert_uint_eq(bench_r32(b, RSR), 8);
    ck_assert_uint_eq(bench_r32(b, DR), 0x800 | 'a');
    for (unsigned i = 1; i < 16; i++)
        ck_assert_uint_eq(bench_r32(b, DR) & 0xff, 'a' + i);
    ck_assert_uint_eq(bench_r32(b, FR) & 0x10, 0x10);
    bench_free(b);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, registers);
    tcase_add_test(tc, sends);
    tcase_add_test(tc, waits_for_the_other_side);
    tcase_add_test(tc, receives_without_fifo);
    tcase_add_test(tc, receives_by_level_and_timeout);
    tcase_add_test(tc, off_takes_nothing);
    tcase_add_test(tc, breaks_and_errors);
    tcase_add_test(tc, loopback_and_modem);
}

UNIT_MAIN("pl011", fill)
