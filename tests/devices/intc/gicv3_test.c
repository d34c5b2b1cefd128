// SPDX-License-Identifier: MIT
/* tests/devices/intc/gicv3_test.c -- the GICv3 by scenarios from the architecture specification
 * (IHI 0069), without the ITS. */
#include "devices/intc/gicv3.h"
#include "tests/devices/intc/bench.h"
#include "tests/unit.h"

#include <string.h>

/* A step: D, R write the distributor, the redistributor of cpu (its SGI frame is at 0x10000), and
 * d, r expect there; B, b a byte of the distributor, P, p of the redistributor; Q, q 8 bytes of the
 * distributor, q too of the redistributor as T; S writes a system register, s expects, u expects
 * that there is none to read, U none to write; L drives the input of interrupt `at`; I, F expect
 * the output lines. */
struct step {
    char op;
    uint8_t cpu;
    uint32_t at;
    uint64_t value;
};

enum {
    GROUP = 0x80,
    SET = 0x100,
    CLEAR = 0x180,
    PEND = 0x200,
    UNPEND = 0x280,
    ACT = 0x300,
    UNACT = 0x380,
    PRIO = 0x400,
    CFG = 0xc00,
    ROUTE = 0x6000,
    SGI = 0x10000,
    ALL = 0xffffffff
};
enum {
    PMR = GICV3_SYSREG(3, 0, 4, 6, 0),
    IAR0 = GICV3_SYSREG(3, 0, 12, 8, 0),
    EOIR0 = GICV3_SYSREG(3, 0, 12, 8, 1),
    HPPIR0 = GICV3_SYSREG(3, 0, 12, 8, 2),
    BPR0 = GICV3_SYSREG(3, 0, 12, 8, 3),
    AP0R0 = GICV3_SYSREG(3, 0, 12, 8, 4),
    AP0R1 = GICV3_SYSREG(3, 0, 12, 8, 5),
    AP1R0 = GICV3_SYSREG(3, 0, 12, 9, 0),
    AP1R3 = GICV3_SYSREG(3, 0, 12, 9, 3),
    DIR = GICV3_SYSREG(3, 0, 12, 11, 1),
    RPR = GICV3_SYSREG(3, 0, 12, 11, 3),
    SGI1R = GICV3_SYSREG(3, 0, 12, 11, 5),
    SGI0R = GICV3_SYSREG(3, 0, 12, 11, 7),
    IAR1 = GICV3_SYSREG(3, 0, 12, 12, 0),
    EOIR1 = GICV3_SYSREG(3, 0, 12, 12, 1),
    HPPIR1 = GICV3_SYSREG(3, 0, 12, 12, 2),
    BPR1 = GICV3_SYSREG(3, 0, 12, 12, 3),
    CTLR = GICV3_SYSREG(3, 0, 12, 12, 4),
    SRE = GICV3_SYSREG(3, 0, 12, 12, 5),
    IGRPEN0 = GICV3_SYSREG(3, 0, 12, 12, 6),
    IGRPEN1 = GICV3_SYSREG(3, 0, 12, 12, 7),
};

/* Both groups on for vcpu 0; SPI 40, of group 1, at priority 0x80. */
#define ON                                                                                         \
    {'D', 0, 0, 0x13}, {'S', 0, IGRPEN0, 1}, {'S', 0, IGRPEN1, 1}, {'S', 0, PMR, 0xf8},            \
        {'D', 0, SET + 4, 1 << 8}, {'D', 0, GROUP + 4, 1 << 8},                                    \
    {                                                                                              \
        'B', 0, PRIO + 40, 0x80                                                                    \
    }

static const struct scenario {
    const char *name;
    struct step steps[40];
} scenarios[] = {
    {"identification",
     {{'d', 0, 0, 0x50},
      {'d', 0, 4, 8 | 15 << 19 | 1 << 24 | 1 << 25},
      {'d', 0, 8, 0x43b},
      {'d', 0, 0xffe8, 0x3b},
      {'d', 0, 0xfff0, 0x0d},
      {'d', 0, 0xfffc, 0xb1},
      {'r', 0, 0xffe8, 0x3b},
      {'r', 0, 8, 0},
      {'r', 3, 12, 3},
      {'r', 3, 8, 3 << 8 | 1 << 4},
      {'T', 3, 8, 3ull << 32 | 3 << 8 | 1 << 4},
      {'T', 2, 8, 2ull << 32 | 2 << 8},
      {'s', 0, SRE, 7},
      {'s', 0, CTLR, 4 << 8 | 1 << 15}}},
    {"reset state",
     {{'r', 1, 0x14, 6},
      {'r', 1, SGI + SET, 0},
      {'r', 1, SGI + CFG, 0xaaaaaaaa},
      {'r', 1, SGI + CFG + 4, 0},
      {'s', 1, PMR, 0},
      {'s', 1, BPR0, 2},
      {'s', 1, BPR1, 3},
      {'s', 1, RPR, 255},
      {'s', 1, IAR1, 1023},
      {'s', 1, HPPIR0, 1023},
      {'I', 1, 0, 0},
      {'F', 1, 0, 0}}},
    {"a sleeper's children follow",
     {{'R', 1, 0x14, 0}, {'r', 1, 0x14, 0}, {'R', 1, 0x14, 0xff}, {'r', 1, 0x14, 6}}},
    {"a level pends while it is high, and again after the end",
     {ON,
      {'L', 0, 40, 1},
      {'I', 0, 0, 1},
      {'F', 0, 0, 0},
      {'d', 0, PEND + 4, 1 << 8},
      {'s', 0, HPPIR1, 40},
      {'s', 0, IAR0, 1023},
      {'s', 0, IAR1, 40},
      {'I', 0, 0, 0},
      {'s', 0, RPR, 0x80},
      {'d', 0, ACT + 4, 1 << 8},
      {'s', 0, IAR1, 1023},
      {'S', 0, EOIR1, 40},
      {'I', 0, 0, 1},
      {'s', 0, IAR1, 40},
      {'L', 0, 40, 0},
      {'S', 0, EOIR1, 40},
      {'I', 0, 0, 0},
      {'s', 0, RPR, 255},
      {'d', 0, ACT + 4, 0}}},
    {"a level that falls before it is taken is forgotten",
     {ON, {'L', 0, 40, 1}, {'I', 0, 0, 1}, {'L', 0, 40, 0}, {'I', 0, 0, 0}, {'s', 0, IAR1, 1023}}},
    {"an edge is remembered, and one that comes while active is taken after",
     {ON,
      {'D', 0, CFG + 8, 2 << 16},
      {'L', 0, 40, 1},
      {'L', 0, 40, 0},
      {'I', 0, 0, 1},
      {'s', 0, IAR1, 40},
      {'L', 0, 40, 1},
      {'L', 0, 40, 0},
      {'I', 0, 0, 0},
      {'S', 0, EOIR1, 40},
      {'I', 0, 0, 1},
      {'s', 0, IAR1, 40},
      {'S', 0, EOIR1, 40},
      {'s', 0, IAR1, 1023}}},
    {"group 0 is FIQ, and has registers of its own",
     {ON,
      {'D', 0, GROUP + 4, 0},
      {'L', 0, 40, 1},
      {'I', 0, 0, 0},
      {'F', 0, 0, 1},
      {'s', 0, HPPIR1, 1023},
      {'s', 0, HPPIR0, 40},
      {'s', 0, IAR1, 1023},
      {'s', 0, IAR0, 40},
      {'s', 0, AP0R0, 1 << 16},
      {'s', 0, AP1R0, 0},
      {'S', 0, EOIR1, 40},
      {'s', 0, RPR, 0x80},
      {'S', 0, EOIR0, 40},
      {'s', 0, RPR, 0xff}}},
    {"a disabled group neither signals nor hides the other",
     {ON,
      {'D', 0, SET + 4, 3 << 8},
      {'B', 0, PRIO + 41, 0x40},
      {'L', 0, 40, 1},
      {'L', 0, 41, 1},
      {'F', 0, 0, 1},
      {'I', 0, 0, 0},
      {'S', 0, IGRPEN0, 0},
      {'F', 0, 0, 0},
      {'I', 0, 0, 1},
      {'D', 0, 0, 1},
      {'I', 0, 0, 0},
      {'S', 0, IGRPEN0, 1},
      {'F', 0, 0, 1}}},
    {"the mask is exclusive and has five bits",
     {ON,
      {'L', 0, 40, 1},
      {'S', 0, PMR, 0x80},
      {'I', 0, 0, 0},
      {'s', 0, HPPIR1, 40},
      {'s', 0, IAR1, 1023},
      {'S', 0, PMR, 0xffff8f},
      {'s', 0, PMR, 0x88},
      {'I', 0, 0, 1}}},
    {"binary points",
     {{'S', 0, BPR0, 0},
      {'s', 0, BPR0, 2},
      {'S', 0, BPR1, 0},
      {'s', 0, BPR1, 3},
      {'S', 0, BPR1, 7},
      {'s', 0, BPR1, 7},
      {'S', 0, CTLR, 1},
      {'s', 0, BPR1, 3},
      {'S', 0, BPR1, 6},
      {'S', 0, BPR0, 7},
      {'s', 0, BPR1, 7},
      {'S', 0, CTLR, 0},
      {'s', 0, BPR1, 7},
      {'S', 0, CTLR, ALL},
      {'s', 0, CTLR, 4 << 8 | 1 << 15 | 3}}},
    {"the binary point of group 1 decides what preempts",
     {ON,
      {'S', 0, BPR1, 6},
      {'D', 0, SET + 4, 7 << 8},
      {'D', 0, GROUP + 4, 7 << 8},
      {'B', 0, PRIO + 40, 0xb8},
      {'B', 0, PRIO + 41, 0x88},
      {'B', 0, PRIO + 42, 0x78},
      {'L', 0, 40, 1},
      {'s', 0, IAR1, 40},
      {'s', 0, RPR, 0x80},
      {'L', 0, 41, 1},
      {'I', 0, 0, 0},
      {'L', 0, 42, 1},
      {'I', 0, 0, 1},
      {'s', 0, IAR1, 42},
      {'s', 0, RPR, 0x40},
      {'s', 0, AP1R0, 1 << 16 | 1 << 8},
      {'S', 0, EOIR1, 42},
      {'s', 0, AP1R0, 1 << 16}}},
    {"EOImode splits the drop and the end",
     {ON,
      {'S', 0, CTLR, 2},
      {'L', 0, 40, 1},
      {'s', 0, IAR1, 40},
      {'S', 0, EOIR1, 40},
      {'s', 0, RPR, 0xff},
      {'I', 0, 0, 0},
      {'d', 0, ACT + 4, 1 << 8},
      {'S', 0, DIR, 40},
      {'d', 0, ACT + 4, 0},
      {'I', 0, 0, 1},
      {'S', 0, CTLR, 0},
      {'s', 0, IAR1, 40},
      {'S', 0, DIR, 40},
      {'d', 0, ACT + 4, 1 << 8}}},
    {"ends of nothing",
     {ON,
      {'S', 0, EOIR1, 1023},
      {'S', 0, EOIR1, 40},
      {'S', 0, EOIR0, 0xffffff},
      {'S', 0, EOIR1, 5000},
      {'S', 0, DIR, 0xffffff},
      {'s', 0, RPR, 0xff},
      {'L', 0, 40, 1},
      {'s', 0, IAR1, 40},
      {'S', 0, EOIR1, 1023},
      {'s', 0, RPR, 0x80}}},
    {"a shared interrupt goes where the router says",
     {ON,
      {'S', 2, IGRPEN1, 1},
      {'S', 2, PMR, 0xf0},
      {'L', 0, 40, 1},
      {'I', 0, 0, 1},
      {'Q', 0, ROUTE + 8 * 40, 2},
      {'I', 0, 0, 0},
      {'I', 2, 0, 1},
      {'q', 0, ROUTE + 8 * 40, 2},
      {'s', 0, IAR1, 1023},
      {'s', 2, IAR1, 40},
      {'I', 2, 0, 0},
      {'S', 2, EOIR1, 40},
      {'I', 2, 0, 1}}},
    {"a router that names nobody, or any one",
     {ON,
      {'L', 0, 40, 1},
      {'Q', 0, ROUTE + 8 * 40, 4},
      {'I', 0, 0, 0},
      {'Q', 0, ROUTE + 8 * 40, 0x80000000},
      {'q', 0, ROUTE + 8 * 40, 0},
      {'I', 0, 0, 1},
      {'Q', 0, ROUTE + 8 * 40, 0x10000},
      {'I', 0, 0, 0},
      {'D', 0, ROUTE + 8 * 40 + 4, ALL},
      {'q', 0, ROUTE + 8 * 40, 0xff00010000},
      {'D', 0, ROUTE + 8 * 40 + 4, 0},
      {'D', 0, ROUTE + 8 * 40, 0},
      {'I', 0, 0, 1}}},
    {"an interrupt in progress is ended by another vcpu",
     {ON,
      {'S', 0, CTLR, 2},
      {'S', 1, CTLR, 2},
      {'L', 0, 40, 1},
      {'s', 0, IAR1, 40},
      {'S', 0, EOIR1, 40},
      {'S', 1, DIR, 40},
      {'I', 0, 0, 1}}},
    {"private interrupts are banked, in the redistributors only",
     {{'D', 0, 0, 2},
      {'S', 1, IGRPEN1, 1},
      {'S', 1, PMR, 0xf0},
      {'D', 1, SET, ALL},
      {'d', 1, SET, 0},
      {'R', 1, SGI + SET, 1 << 27},
      {'R', 1, SGI + GROUP, ALL},
      {'P', 1, SGI + PRIO + 27, 0x57},
      {'p', 1, SGI + PRIO + 27, 0x50},
      {'p', 0, SGI + PRIO + 27, 0},
      {'r', 0, SGI + SET, 0},
      {'L', 0, 27, 1},
      {'I', 1, 0, 0},
      {'L', 1, 27, 1},
      {'I', 1, 0, 1},
      {'I', 0, 0, 0},
      {'s', 1, IAR1, 27},
      {'s', 1, RPR, 0x50},
      {'r', 1, SGI + ACT, 1 << 27},
      {'r', 0, SGI + ACT, 0}}},
    {"a redistributor answers for its vcpu, whoever asks",
     {{'R', 2, SGI + SET, 5}, {'r', 2, SGI + SET, 5}, {'r', 3, SGI + SET, 0}}},
    {"a software interrupt by affinity",
     {{'D', 0, 0, 3},
      {'R', 1, SGI + GROUP, ALL},
      {'R', 2, SGI + GROUP, ALL},
      {'R', 3, SGI + GROUP, ALL},
      {'S', 0, SGI1R, 5ull << 24 | 0xe},
      {'r', 0, SGI + PEND, 0},
      {'r', 1, SGI + PEND, 32},
      {'r', 2, SGI + PEND, 32},
      {'r', 3, SGI + PEND, 32},
      {'S', 0, SGI1R, 6ull << 24 | 2 | 1 << 16},
      {'S', 0, SGI1R, 6ull << 24 | 2 | 1ull << 32},
      {'S', 0, SGI1R, 6ull << 24 | 2 | 1ull << 48},
      {'S', 0, SGI1R, 6ull << 24 | 2 | 1ull << 44},
      {'r', 1, SGI + PEND, 32},
      {'S', 1, SGI1R, 6ull << 24 | 1ull << 40},
      {'r', 0, SGI + PEND, 0},
      {'r', 1, SGI + PEND, 32},
      {'r', 2, SGI + PEND, 96},
      {'r', 3, SGI + PEND, 96}}},
    {"a software interrupt reaches its own group",
     {{'R', 1, SGI + GROUP, 1 << 3},
      {'S', 0, SGI1R, 4ull << 24 | 2},
      {'r', 1, SGI + PEND, 0},
      {'S', 0, SGI0R, 3ull << 24 | 2},
      {'r', 1, SGI + PEND, 0},
      {'S', 0, SGI0R, 4ull << 24 | 2},
      {'r', 1, SGI + PEND, 16},
      {'S', 0, SGI1R, 3ull << 24 | 2},
      {'r', 1, SGI + PEND, 24}}},
    {"a software interrupt is taken",
     {{'D', 0, 0, 2},
      {'R', 1, SGI + GROUP, ALL},
      {'R', 1, SGI + SET, 0xffff},
      {'S', 1, IGRPEN1, 1},
      {'S', 1, PMR, 0xf8},
      {'S', 0, SGI1R, 2 | 9 << 24},
      {'I', 1, 0, 1},
      {'s', 1, IAR1, 9},
      {'S', 0, SGI1R, 2 | 9 << 24},
      {'I', 1, 0, 0},
      {'S', 1, EOIR1, 9},
      {'I', 1, 0, 1},
      {'s', 1, IAR1, 9},
      {'S', 1, EOIR1, 9},
      {'s', 1, IAR1, 1023}}},
    {"registers that are not there, or not that way",
     {{'u', 0, AP0R1, 0},
      {'u', 0, AP1R3, 0},
      {'U', 0, AP1R3, 0},
      {'u', 0, EOIR1, 0},
      {'u', 0, SGI1R, 0},
      {'u', 0, DIR, 0},
      {'U', 0, IAR1, 0},
      {'U', 0, RPR, 0},
      {'U', 0, HPPIR0, 0},
      {'u', 4, PMR, 0},
      {'u', 0, GICV3_SYSREG(3, 6, 12, 12, 7), 0},
      {'S', 0, SRE, 0},
      {'s', 0, SRE, 7}}},
    {"what does not exist reads as zero and ignores",
     {{'D', 0, SET + 0x24, ALL},
      {'d', 0, SET + 0x24, 0},
      {'B', 0, PRIO + 288, 0x80},
      {'b', 0, PRIO + 288, 0},
      {'Q', 0, ROUTE + 8 * 288, 1},
      {'q', 0, ROUTE + 8 * 288, 0},
      {'D', 0, SET + 0x20, ALL},
      {'d', 0, SET + 0x20, ALL},
      {'D', 0, 0x820, ALL},
      {'d', 0, 0x820, 0},
      {'D', 0, 0xf00, 0x10001},
      {'r', 0, SGI + PEND, 0},
      {'R', 0, 0, 1},
      {'r', 0, 0, 0},
      {'R', 0, 0x70, ALL},
      {'r', 0, 0x70, 0}}},
};

static struct device *four(void)
{
    static const char *const props[] = {"num-cpu=4", "num-irq=288", NULL};
    struct device *d = bench_device(&gicv3_class, props);
    unsigned i;

    memset(bench_level, 0xff, sizeof(bench_level));
    for (i = 0; i < 4; i++)
        gicv3_connect(d, i, bench_line(i), bench_line(i + 8));
    return d;
}

static void run(struct device *d, const struct scenario *s, unsigned i)
{
    const struct step *t = &s->steps[i];
    struct device *r = gicv3_redist(d, t->cpu & 3);
    uint64_t got = t->value, v = t->value;
    struct irq_line in;
    bool there = true;

    switch (t->op) {
    case 'D':
    case 'B':
    case 'Q':
        bench_write(d, 0, t->at, t->op == 'B' ? 1 : t->op == 'Q' ? 8 : 4, v, t->cpu);
        break;
    case 'R':
    case 'P':
        bench_write(r, 0, t->at, t->op == 'P' ? 1 : 4, v, 0);
        break;
    case 'd':
    case 'b':
    case 'q':
        got = bench_read(d, 0, t->at, t->op == 'b' ? 1 : t->op == 'q' ? 8 : 4, t->cpu);
        break;
    case 'r':
    case 'p':
    case 'T':
        got = bench_read(r, 0, t->at, t->op == 'p' ? 1 : t->op == 'T' ? 8 : 4, 0);
        break;
    case 'S':
        there = gicv3_sysreg(d, t->cpu, t->at, true, &v);
        break;
    case 's':
        there = gicv3_sysreg(d, t->cpu, t->at, false, &got);
        break;
    case 'u':
    case 'U':
        there = !gicv3_sysreg(d, t->cpu, t->at, t->op == 'U', &v);
        break;
    case 'L':
        in = gicv3_input(d, t->cpu, t->at);
        irq_set(&in, v);
        break;
    case 'I':
        got = bench_level[t->cpu];
        break;
    case 'F':
        got = bench_level[t->cpu + 8];
        break;
    }
    ck_assert_msg(there && got == t->value, "%s: step %u (%c cpu %u at %#x): %#llx, expected %#llx",
                  s->name, i, t->op, t->cpu, t->at, (unsigned long long)got,
                  (unsigned long long)t->value);
}

START_TEST(scenario)
{
    const struct scenario *s = &scenarios[_i];
    struct device *d = four();
    unsigned i;

    for (i = 0; i < ARRAY_LEN(s->steps) && s->steps[i].op; i++)
        run(d, s, i);
    ck_assert(i > 1);
    dev_free(d);
}
END_TEST

/* The same with a save and restore into another controller before each step. */
START_TEST(scenario_saved)
{
    const struct scenario *s = &scenarios[_i];
    struct device *d[2] = {four(), four()};
    unsigned i;

    for (i = 0; i < ARRAY_LEN(s->steps) && s->steps[i].op; i++) {
        run(d[i & 1], s, i);
        bench_copy_state(d[i & 1], d[~i & 1]);
    }
    dev_free(d[0]);
    dev_free(d[1]);
}
END_TEST

START_TEST(thirty_two_vcpus_in_two_clusters)
{
    static const char *const props[] = {"num-cpu=32", NULL};
    struct device *d = bench_device(&gicv3_class, props);
    uint64_t v = 3ull << 24 | 1ull << 16 | 0x8001;
    unsigned i;

    for (i = 0; i < 32; i++)
        bench_write(gicv3_redist(d, i), 0, SGI + GROUP, 4, ALL, 0);
    ck_assert(gicv3_sysreg(d, 0, SGI1R, true, &v));
    for (i = 0; i < 32; i++)
        ck_assert_uint_eq(bench_read(gicv3_redist(d, i), 0, SGI + PEND, 4, 0),
                          i == 16 || i == 31 ? 8 : 0);
    ck_assert_uint_eq(bench_read(gicv3_redist(d, 17), 0, 12, 4, 0), 0x101);
    ck_assert_ptr_null(gicv3_redist(d, 32));
    dev_free(d);
}
END_TEST

START_TEST(reset_keeps_the_inputs)
{
    struct device *d = four();
    struct irq_line spi = gicv3_input(d, 0, 40), ppi = gicv3_input(d, 2, 27);

    irq_set(&spi, true);
    irq_set(&ppi, true);
    bench_write(d, 0, SET + 4, 4, ALL, 0);
    dev_reset(d);
    ck_assert_uint_eq(bench_read(d, 0, PEND + 4, 4, 0), 1 << 8);
    ck_assert_uint_eq(bench_read(gicv3_redist(d, 2), 0, SGI + PEND, 4, 0), 1 << 27);
    ck_assert_uint_eq(bench_read(d, 0, SET + 4, 4, 0), 0);
    ck_assert(!gicv3_input(d, 0, 15).set);
    ck_assert(!gicv3_input(d, 4, 27).set);
    ck_assert(!gicv3_input(d, 0, 288).set);
    dev_free(d);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, scenario, 0, ARRAY_LEN(scenarios));
    tcase_add_loop_test(tc, scenario_saved, 0, ARRAY_LEN(scenarios));
    tcase_add_test(tc, thirty_two_vcpus_in_two_clusters);
    tcase_add_test(tc, reset_keeps_the_inputs);
}

UNIT_MAIN("gicv3", fill)
