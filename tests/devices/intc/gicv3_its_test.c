// SPDX-License-Identifier: MIT
/* tests/devices/intc/gicv3_its_test.c -- LPIs of the GICv3 through its translation service: tables
 * and commands in memory as a driver writes them (IHI 0069, chapter 5), and as no driver would. */
#include "devices/intc/gicv3.h"
#include "tests/devices/intc/bench.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

enum {
    CPUS = 3,
    GITS_CTLR = 0,
    GITS_TYPER = 8,
    CBASER = 0x80,
    CWRITER = 0x88,
    CREADR = 0x90,
    BASER0 = 0x100,
    BASER1 = 0x108,
    TRANSLATER = 0x10040,
    GICR_CTLR = 0,
    PROPBASER = 0x70,
    PENDBASER = 0x78,
    MOVI = 1,
    INT = 3,
    CLEAR = 4,
    SYNC = 5,
    MAPD = 8,
    MAPC = 9,
    MAPTI = 10,
    MAPI = 11,
    INV = 12,
    INVALL = 13,
    MOVALL = 14,
    DISCARD = 15,
};
#define VALID (1ull << 63)

/* Places in RAM, from its start. */
enum {
    QUEUE = 0x100000,
    DEVICES = 0x200000,
    LEVEL2 = 0x280000,
    COLLECTIONS = 0x300000,
    CONFIG = 0x400000,
    PENDING = 0x500000,
    ITT = 0x600000
};
enum {
    IAR1 = GICV3_SYSREG(3, 0, 12, 12, 0),
    EOIR1 = GICV3_SYSREG(3, 0, 12, 12, 1),
    HPPIR1 = GICV3_SYSREG(3, 0, 12, 12, 2),
    RPR = GICV3_SYSREG(3, 0, 12, 11, 3),
    PMR = GICV3_SYSREG(3, 0, 4, 6, 0),
    IGRPEN1 = GICV3_SYSREG(3, 0, 12, 12, 7),
};

static struct device *gic, *its;
static unsigned written; /* offset of the next command */

static void sys(unsigned cpu, uint32_t reg, uint64_t v)
{
    ck_assert(gicv3_sysreg(gic, cpu, reg, true, &v));
}

static uint64_t sysr(unsigned cpu, uint32_t reg)
{
    uint64_t v = 0;

    ck_assert(gicv3_sysreg(gic, cpu, reg, false, &v));
    return v;
}

static void w64(uint64_t offset, uint64_t v)
{
    bench_write(its, 0, offset, 8, v, 0);
}

static uint64_t r64(uint64_t offset)
{
    return bench_read(its, 0, offset, 8, 0);
}

static void make(struct device **g, struct device **i)
{
    static const char *const props[] = {"num-cpu=3", "num-irq=64", "has-lpi=on", NULL};
    unsigned c;

    *g = bench_device(&gicv3_class, props);
    *i = bench_join(&gicv3_its_class, NULL);
    gicv3_its_connect(*i, *g);
    bench_realize(*i);
    for (c = 0; c < CPUS; c++)
        gicv3_connect(*g, c, bench_line(c), bench_line(c + 8));
}

static void config(uint32_t intid, uint8_t v)
{
    bench_ram[CONFIG + intid - 8192] = v;
}

/* As a driver sets it up; indirect: the device table has two levels. */
static void start(bool indirect)
{
    unsigned c;

    make(&gic, &its);
    memset(bench_ram, 0, BENCH_RAM_SIZE);
    written = 0;
    bench_write(gic, 0, 0, 4, 0x12, 0);
    for (c = 0; c < CPUS; c++) {
        struct device *r = gicv3_redist(gic, c);

        sys(c, IGRPEN1, 1);
        sys(c, PMR, 0xf8);
        bench_write(r, 0, PROPBASER, 8, (BENCH_RAM + CONFIG) | 15, 0);
        bench_write(r, 0, PENDBASER, 8, BENCH_RAM + PENDING + c * 0x10000, 0);
        bench_write(r, 0, GICR_CTLR, 4, 1, 0);
    }
    if (indirect) {
        uint64_t first = VALID | (BENCH_RAM + LEVEL2);

        memcpy(bench_ram + DEVICES, &first, 8);
        w64(BASER0, VALID | 1ull << 62 | (BENCH_RAM + DEVICES));
    } else {
        w64(BASER0, VALID | (BENCH_RAM + DEVICES) | 0x7f);
    }
    w64(BASER1, VALID | (BENCH_RAM + COLLECTIONS));
    w64(CBASER, VALID | (BENCH_RAM + QUEUE)); /* 4 KiB */
    bench_write(its, 0, GITS_CTLR, 4, 1, 0);
}

static void stop(void)
{
    dev_free(its);
    dev_free(gic);
}

static void cmd(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    uint64_t words[4] = {a, b, c, d};

    memcpy(bench_ram + QUEUE + written, words, 32);
    written = (written + 32) % 4096;
    w64(CWRITER, written);
    ck_assert_uint_eq(r64(CREADR), written);
}

static void mapd(uint64_t device, unsigned bits)
{
    cmd(MAPD | device << 32, bits - 1, VALID | (BENCH_RAM + ITT + device * 0x10000), 0);
}

static void mapc(uint64_t collection, uint64_t cpu)
{
    cmd(MAPC, 0, VALID | cpu << 16 | collection, 0);
}

static void mapti(uint64_t device, uint64_t event, uint64_t intid, uint64_t collection)
{
    cmd(MAPTI | device << 32, event | intid << 32, collection, 0);
}

static void event(unsigned op, uint64_t device, uint64_t ev)
{
    cmd(op | device << 32, ev, 0, 0);
}

static void send(uint32_t device, uint32_t ev)
{
    struct msi_port p = gicv3_its_msi(its);

    p.send(p.to, 0x08090040, ev, device);
}

START_TEST(identification)
{
    start(false);
    ck_assert_uint_eq(bench_read(gic, 0, 4, 4, 0) >> 17 & 1, 1);
    ck_assert_uint_eq(bench_read(gicv3_redist(gic, 0), 0, 8, 4, 0) & 1, 1);
    ck_assert_uint_eq(r64(GITS_TYPER), 1 | 7 << 4 | 15 << 8 | 15 << 13);
    ck_assert_uint_eq(bench_read(its, 0, 0xffe8, 4, 0), 0x3b);
    ck_assert_uint_eq(r64(BASER0) >> 48 & 0x71f, 0x107);
    ck_assert_uint_eq(r64(BASER1) >> 48 & 0x71f, 0x407);
    w64(0x110, ~0ull);
    ck_assert_uint_eq(r64(0x110), 0);
    ck_assert_uint_eq(bench_read(its, 0, GITS_CTLR, 4, 0), 1);
    w64(BASER0, 0); /* enabled: stays */
    ck_assert_uint_ne(r64(BASER0) & VALID, 0);
    w64(CBASER, 0);
    ck_assert_uint_ne(r64(CBASER) & VALID, 0);
    bench_write(its, 0, GITS_CTLR, 4, 0, 0);
    ck_assert_uint_eq(bench_read(its, 0, GITS_CTLR, 4, 0), 1u << 31);
    w64(BASER1, ~0ull);
    ck_assert_uint_eq(r64(BASER1) >> 62, 2); /* collections have one level */
    w64(CBASER, 0);
    ck_assert_uint_eq(r64(CBASER), 0);
    stop();
}
END_TEST

START_TEST(message_to_lpi)
{
    start(_i);
    config(8200, 0xa1);
    mapd(5, 3);
    mapc(1, 2);
    mapti(5, 6, 8200, 1);
    cmd(SYNC, 0, 2 << 16, 0);
    ck_assert_uint_eq(bench_level[2], 0);
    send(5, 6);
    ck_assert_uint_eq(bench_level[2], 1);
    ck_assert_uint_eq(bench_level[0], 0);
    ck_assert_uint_eq(sysr(2, HPPIR1), 8200);
    ck_assert_uint_eq(sysr(2, IAR1), 8200);
    ck_assert_uint_eq(bench_level[2], 0);
    ck_assert_uint_eq(sysr(2, RPR), 0xa0);
    send(5, 6); /* pends again while it is handled: LPIs are never active */
    ck_assert_uint_eq(bench_level[2], 0);
    sys(2, EOIR1, 8200);
    ck_assert_uint_eq(bench_level[2], 1);
    ck_assert_uint_eq(sysr(2, IAR1), 8200);
    sys(2, EOIR1, 8200);
    ck_assert_uint_eq(sysr(2, IAR1), 1023);
    ck_assert_uint_eq(sysr(2, RPR), 0xff);
    stop();
}
END_TEST

START_TEST(messages_that_lead_nowhere)
{
    start(false);
    memset(bench_ram + CONFIG, 0x81, 57344);
    mapd(5, 3);
    mapc(1, 0);
    mapti(5, 6, 8200, 1);
    mapti(5, 7, 8201, 2);                 /* no such collection */
    mapti(5, 8, 8202, 1);                 /* outside of the device's events */
    mapti(6, 0, 8203, 1);                 /* no such device */
    mapti(5, 1, 8191, 1);                 /* no LPI */
    mapti(5, 2, 0x10000, 1);              /* no LPI */
    cmd(MAPI | 5ull << 32, 3, 1, 0);      /* no LPI */
    cmd(MAPC, 0, VALID | 3 << 16 | 3, 0); /* no such vcpu */
    mapti(5, 4, 8204, 3);
    cmd(MAPD | 7ull << 32, 16, VALID | (BENCH_RAM + ITT), 0); /* too many events */
    mapti(7, 0, 8205, 1);
    send(5, 7);
    send(5, 8);
    send(6, 0);
    send(5, 1);
    send(5, 2);
    send(5, 3);
    send(5, 4);
    send(7, 0);
    send(0x10005, 6);
    bench_write(its, 0, TRANSLATER, 4, 6, 0); /* by a vcpu */
    ck_assert_uint_eq(bench_level[0] + bench_level[1] + bench_level[2], 0);
    bench_write(its, 0, GITS_CTLR, 4, 0, 0);
    send(5, 6);
    ck_assert_uint_eq(bench_level[0], 0);
    bench_write(its, 0, GITS_CTLR, 4, 1, 0);
    send(5, 6);
    ck_assert_uint_eq(bench_level[0], 1);
    ck_assert_uint_eq(sysr(0, IAR1), 8200);
    ck_assert_uint_eq(sysr(0, IAR1), 1023);
    cmd(MAPD | 5ull << 32, 2, BENCH_RAM + ITT, 0); /* unmapped */
    sys(0, EOIR1, 8200);
    send(5, 6);
    ck_assert_uint_eq(bench_level[0], 0);
    stop();
}
END_TEST

START_TEST(configuration_and_priority)
{
    start(false);
    config(8192, 0x80);
    config(8193, 0x61);
    config(8194, 0x61);
    mapd(0, 4);
    mapc(0, 0);
    mapti(0, 0, 8192, 0);
    mapti(0, 1, 8193, 0);
    mapti(0, 2, 8194, 0);
    send(0, 0); /* disabled */
    ck_assert_uint_eq(bench_level[0], 0);
    config(8192, 0x41);
    ck_assert_uint_eq(sysr(0, HPPIR1), 1023);
    event(INV, 0, 0);
    ck_assert_uint_eq(bench_level[0], 1);
    ck_assert_uint_eq(sysr(0, HPPIR1), 8192);
    send(0, 2);
    send(0, 1);
    config(8192, 0xc1);
    cmd(INVALL, 0, 0, 0);
    ck_assert_uint_eq(sysr(0, IAR1), 8193);
    sys(0, EOIR1, 8193);
    ck_assert_uint_eq(sysr(0, IAR1), 8194);
    sys(0, EOIR1, 8194);
    ck_assert_uint_eq(sysr(0, IAR1), 8192);
    ck_assert_uint_eq(sysr(0, RPR), 0xc0);
    send(0, 1);
    ck_assert_uint_eq(bench_level[0], 1); /* preempts */
    stop();
}
END_TEST

START_TEST(commands)
{
    start(false);
    memset(bench_ram + CONFIG, 0x81, 57344);
    mapd(9, 14);
    mapc(0, 0);
    mapc(1, 1);
    mapc(2, 2);
    mapti(9, 0, 9000, 0);
    mapti(9, 1, 9001, 0);
    cmd(MAPI | 9ull << 32, 8192, 2, 0);
    event(INT, 9, 0);
    event(INT, 9, 8192);
    ck_assert_uint_eq(bench_level[0], 1);
    ck_assert_uint_eq(bench_level[2], 1);
    ck_assert_uint_eq(sysr(2, HPPIR1), 8192);
    event(CLEAR, 9, 0);
    ck_assert_uint_eq(bench_level[0], 0);
    event(INT, 9, 0);
    cmd(MOVI | 9ull << 32, 0, 1, 0); /* takes what pends along */
    ck_assert_uint_eq(bench_level[0], 0);
    ck_assert_uint_eq(bench_level[1], 1);
    ck_assert_uint_eq(sysr(1, IAR1), 9000);
    sys(1, EOIR1, 9000);
    send(9, 0);
    ck_assert_uint_eq(sysr(1, HPPIR1), 9000);
    send(9, 1);
    cmd(MOVALL, 0, 1 << 16, 0);
    ck_assert_uint_eq(bench_level[1], 0);
    ck_assert_uint_eq(sysr(0, IAR1), 9000);
    sys(0, EOIR1, 9000);
    ck_assert_uint_eq(sysr(0, HPPIR1), 9001);
    event(DISCARD, 9, 1);
    ck_assert_uint_eq(bench_level[0], 0);
    send(9, 1);
    ck_assert_uint_eq(bench_level[0], 0);
    cmd(MAPC, 0, 2, 0); /* the collection is unmapped */
    event(CLEAR, 9, 8192);
    ck_assert_uint_eq(sysr(2, IAR1), 8192); /* pends where it was */
    stop();
}
END_TEST

START_TEST(queue_wraps_and_stalls)
{
    unsigned i;

    start(false);
    memset(bench_ram + CONFIG, 0x81, 57344);
    mapc(0, 0);
    mapd(1, 8);
    for (i = 0; i < 300; i++)
        mapti(1, i % 256, 8192 + i, 0);
    send(1, 299 % 256);
    ck_assert_uint_eq(sysr(0, HPPIR1), 8192 + 299);
    w64(CWRITER, 4096); /* outside */
    ck_assert_uint_eq(r64(CREADR), written);
    bench_write(its, 0, GITS_CTLR, 4, 0, 0);
    w64(CBASER, VALID | 0x10000000); /* nothing is there */
    bench_write(its, 0, GITS_CTLR, 4, 1, 0);
    w64(CWRITER, 64);
    ck_assert_uint_eq(r64(CREADR), 1);
    bench_write(its, 0, GITS_CTLR, 4, 0, 0);
    w64(CBASER, VALID | (BENCH_RAM + QUEUE));
    bench_write(its, 0, GITS_CTLR, 4, 1, 0);
    ck_assert_uint_eq(r64(CREADR), 64);
    stop();
}
END_TEST

START_TEST(retry_after_a_stall)
{
    start(false);
    bench_write(its, 0, GITS_CTLR, 4, 0, 0);
    w64(CBASER, VALID | (BENCH_RAM + BENCH_RAM_SIZE - 4096) | 1); /* half of it is RAM */
    bench_write(its, 0, GITS_CTLR, 4, 1, 0);
    w64(CWRITER, 4096 + 32);
    ck_assert_uint_eq(r64(CREADR), 4096 + 1);
    w64(CWRITER, 4096 + 64);
    ck_assert_uint_eq(r64(CREADR), 4096 + 1);
    w64(CWRITER, 4096 + 65);
    ck_assert_uint_eq(r64(CREADR), 4096 + 1);
    ck_assert_uint_eq(r64(CWRITER), 4096 + 64);
    stop();
}
END_TEST

START_TEST(pending_table)
{
    struct device *r;

    start(false);
    memset(bench_ram + CONFIG, 0x81, 57344);
    r = gicv3_redist(gic, 0);
    mapc(0, 0);
    mapd(1, 8);
    mapti(1, 0, 8192 + 77, 0);
    send(1, 0);
    ck_assert_uint_eq(bench_level[0], 1);
    bench_write(r, 0, PROPBASER, 8, 0, 0); /* enabled: stays */
    ck_assert_uint_eq(bench_read(r, 0, PROPBASER, 8, 0), (BENCH_RAM + CONFIG) | 15);
    bench_write(r, 0, GICR_CTLR, 4, 0, 0);
    ck_assert_uint_eq(bench_level[0], 0);
    ck_assert_uint_eq(bench_ram[PENDING + 1024 + 77 / 8], 1 << 77 % 8);
    send(1, 0); /* lost */
    bench_ram[PENDING + 1024] = 2;
    bench_write(r, 0, GICR_CTLR, 4, 1, 0);
    ck_assert_uint_eq(sysr(0, IAR1), 8193);
    sys(0, EOIR1, 8193);
    ck_assert_uint_eq(sysr(0, IAR1), 8192 + 77);
    sys(0, EOIR1, 8192 + 77);
    ck_assert_uint_eq(sysr(0, IAR1), 1023);
    bench_write(r, 0, GICR_CTLR, 4, 0, 0);
    bench_ram[PENDING + 1024] = 2;
    bench_write(r, 0, PENDBASER, 8, (BENCH_RAM + PENDING) | 1ull << 62, 0); /* all zero, it says */
    ck_assert_uint_eq(bench_read(r, 0, PENDBASER, 8, 0), BENCH_RAM + PENDING);
    bench_write(r, 0, GICR_CTLR, 4, 1, 0);
    ck_assert_uint_eq(sysr(0, IAR1), 1023);
    bench_write(r, 0, GICR_CTLR, 4, 0, 0);
    bench_write(r, 0, PROPBASER, 8, (BENCH_RAM + CONFIG) | 12, 0); /* 13 bits: no LPIs */
    bench_write(r, 0, GICR_CTLR, 4, 1, 0);
    send(1, 0);
    ck_assert_uint_eq(bench_level[0], 0);
    stop();
}
END_TEST

START_TEST(save_and_restore)
{
    struct device *gic2, *its2;

    start(true);
    memset(bench_ram + CONFIG, 0x81, 57344);
    mapc(0, 1);
    mapd(1, 8);
    mapti(1, 0, 65535, 0);
    mapti(1, 1, 8192, 0);
    send(1, 0);
    make(&gic2, &its2);
    bench_copy_state(gic, gic2);
    bench_copy_state(its, its2);
    ck_assert_uint_eq(bench_level[1], 1);
    dev_free(its);
    dev_free(gic);
    gic = gic2;
    its = its2;
    ck_assert_uint_eq(sysr(1, IAR1), 65535);
    sys(1, EOIR1, 65535);
    send(1, 1);
    ck_assert_uint_eq(sysr(1, IAR1), 8192);
    event(INT, 1, 0);
    sys(1, EOIR1, 8192);
    ck_assert_uint_eq(sysr(1, IAR1), 65535);
    stop();
}
END_TEST

/* Tables, queue and commands full of anything: nothing but LPIs comes of it, the queue is done. */
START_TEST(hostile)
{
    uint64_t seed = 7 + (uint64_t)_i;
    unsigned i, k, taken = 0;

    start(_i & 1);
    memset(bench_ram + CONFIG, 0x81, 57344);
    for (k = 0; k < CPUS; k++)
        mapc(k, k);
    for (i = 0; i < 20000; i++) {
        uint64_t c[4];

        for (k = 0; k < 4; k++)
            c[k] = (uint64_t)bench_random(&seed) << 32 | bench_random(&seed);
        c[0] = (c[0] & 0xf00000000) | (bench_random(&seed) & 15);
        if (bench_random(&seed) % 8)
            c[1] &= 0x0000200f00000007;
        if (bench_random(&seed) % 8)
            c[2] = (c[2] & (VALID | 0x30003)) |
                   ((c[0] & 15) == MAPD ? BENCH_RAM + ITT + (c[2] & 0xfff00) : 0);
        c[3] &= 0x3ffff;
        if (bench_random(&seed) % 50 == 0)
            bench_ram[DEVICES + bench_random(&seed) % 0x180000] = (uint8_t)c[3];
        if (bench_random(&seed) % 50 == 0)
            bench_write(its, 0, (bench_random(&seed) % 0x40) * 8, 8, c[1], 0);
        if (bench_random(&seed) % 100 == 0)
            bench_write(gicv3_redist(gic, i % CPUS), 0, bench_random(&seed) % 0x100, 4,
                        bench_random(&seed), 0);
        memcpy(bench_ram + QUEUE + written, c, 32);
        written = (written + 32) % 4096;
        w64(CWRITER, written | 1);
        send(bench_random(&seed) % 16, bench_random(&seed) % 16);
        for (k = 0; k < CPUS; k++) {
            uint64_t id = sysr(k, IAR1);

            ck_assert(id == 1023 || (id >= 8192 && id < 65536));
            taken += id != 1023;
            sys(k, EOIR1, id);
        }
        if (i % 500 == 0) { /* back to what a driver would have */
            struct device *g2, *i2;

            make(&g2, &i2);
            bench_copy_state(gic, g2);
            bench_copy_state(its, i2);
            stop();
            gic = g2;
            its = i2;
            bench_write(its, 0, GITS_CTLR, 4, 0, 0);
            w64(BASER0, VALID | (BENCH_RAM + DEVICES) | 0x7f);
            w64(BASER1, VALID | (BENCH_RAM + COLLECTIONS));
            w64(CBASER, VALID | (BENCH_RAM + QUEUE));
            written = 0;
            bench_write(its, 0, GITS_CTLR, 4, 1, 0);
            for (k = 0; k < CPUS; k++) {
                struct device *r = gicv3_redist(gic, k);

                bench_write(r, 0, GICR_CTLR, 4, 0, 0);
                bench_write(r, 0, PROPBASER, 8, (BENCH_RAM + CONFIG) | 15, 0);
                bench_write(r, 0, GICR_CTLR, 4, 1, 0);
                mapc(k, k);
            }
        }
    }
    ck_assert_uint_gt(taken, 50);
    stop();
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, identification);
    tcase_add_loop_test(tc, message_to_lpi, 0, 2);
    tcase_add_test(tc, messages_that_lead_nowhere);
    tcase_add_test(tc, configuration_and_priority);
    tcase_add_test(tc, commands);
    tcase_add_test(tc, queue_wraps_and_stalls);
    tcase_add_test(tc, retry_after_a_stall);
    tcase_add_test(tc, pending_table);
    tcase_add_test(tc, save_and_restore);
    tcase_add_loop_test(tc, hostile, 0, 4);
}

UNIT_MAIN("gicv3_its", fill)
