// SPDX-License-Identifier: MIT
/* tests/devices/intc/gicv2_test.c -- the GICv2 by scenarios from the architecture specification
 * (IHI 0048), and its MSI frame. */
#include "tests/devices/intc/bench.h"
#include "devices/intc/gicv2.h"
#include "tests/unit.h"

#include <string.h>

/* A step: D, C write the distributor, the CPU interface of cpu; d, c expect there; B, b a byte of
 * the distributor; L drives the input of interrupt `at`; I, F expect the output lines. */
struct step {
    char op;
    uint8_t cpu;
    uint16_t at;
    uint32_t value;
};

enum {
    CTLR,
    PMR = 4,
    BPR = 8,
    IAR = 12,
    EOIR = 16,
    RPR = 20,
    HPPIR = 24,
    ABPR = 28,
    AIAR = 32,
    AEOIR = 36,
    AHPPIR = 40,
    APR = 0xd0,
    NSAPR = 0xe0,
    DIR = 0x1000
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
    TARGET = 0x800,
    CFG = 0xc00,
    SGIR = 0xf00,
    CSGI = 0xf10,
    SSGI = 0xf20
};

/* Group 0 on, for cpu 0; SPI 40 enabled for it at priority 0x80. */
#define ON                                                                                         \
    {'D', 0, CTLR, 3}, {'C', 0, CTLR, 3}, {'C', 0, PMR, 0xf8}, {'D', 0, SET + 4, 1 << 8},          \
        {'B', 0, PRIO + 40, 0x80},                                                                 \
    {                                                                                              \
        'B', 0, TARGET + 40, 1                                                                     \
    }

static const struct scenario {
    const char *name;
    struct step steps[48];
} scenarios[] = {
    {"identification is a GIC-400",
     {{'d', 0, 8, 0x0200143b},
      {'d', 0, 0xfe8, 0x2b},
      {'d', 0, 0xfe0, 0x90},
      {'d', 0, 0xff0, 0x0d},
      {'d', 0, 0xffc, 0xb1},
      {'c', 0, 0xfc, 0x0202143b},
      {'d', 0, 4, 0x68}}},
    {"reset state",
     {{'d', 1, SET, 0xffff},
      {'d', 1, CFG, 0xaaaaaaaa},
      {'d', 1, CFG + 4, 0},
      {'c', 1, BPR, 2},
      {'c', 1, ABPR, 3},
      {'c', 1, PMR, 0},
      {'c', 1, IAR, 1023},
      {'c', 1, RPR, 255},
      {'d', 2, TARGET, 0x04040404},
      {'d', 0, TARGET + 40, 0},
      {'I', 0, 0, 0}}},
    {"a level pends while it is high, and again after the end",
     {ON,
      {'L', 0, 40, 1},
      {'I', 0, 0, 1},
      {'d', 0, PEND + 4, 1 << 8},
      {'c', 0, HPPIR, 40},
      {'c', 0, IAR, 40},
      {'I', 0, 0, 0},
      {'c', 0, RPR, 0x80},
      {'d', 0, ACT + 4, 1 << 8},
      {'d', 0, PEND + 4, 1 << 8},
      {'c', 0, IAR, 1023},
      {'C', 0, EOIR, 40},
      {'I', 0, 0, 1},
      {'c', 0, IAR, 40},
      {'L', 0, 40, 0},
      {'C', 0, EOIR, 40},
      {'I', 0, 0, 0},
      {'c', 0, IAR, 1023},
      {'c', 0, RPR, 255},
      {'d', 0, ACT + 4, 0}}},
    {"a level that falls before it is taken is forgotten",
     {ON, {'L', 0, 40, 1}, {'I', 0, 0, 1}, {'L', 0, 40, 0}, {'I', 0, 0, 0}, {'c', 0, IAR, 1023}}},
    {"clearing the pending bit of a high level does nothing; a latched one is cleared",
     {ON,
      {'L', 0, 40, 1},
      {'D', 0, UNPEND + 4, 1 << 8},
      {'I', 0, 0, 1},
      {'L', 0, 40, 0},
      {'D', 0, PEND + 4, 1 << 8},
      {'I', 0, 0, 1},
      {'D', 0, UNPEND + 4, 1 << 8},
      {'I', 0, 0, 0}}},
    {"a level made pending by a write is taken once",
     {ON, {'D', 0, PEND + 4, 1 << 8}, {'c', 0, IAR, 40}, {'C', 0, EOIR, 40}, {'I', 0, 0, 0}}},
    {"an edge is remembered, and one that comes while active is taken after",
     {ON,
      {'D', 0, CFG + 8, 2 << 16},
      {'L', 0, 40, 1},
      {'L', 0, 40, 0},
      {'I', 0, 0, 1},
      {'c', 0, IAR, 40},
      {'L', 0, 40, 1},
      {'L', 0, 40, 0},
      {'I', 0, 0, 0},
      {'C', 0, EOIR, 40},
      {'I', 0, 0, 1},
      {'c', 0, IAR, 40},
      {'C', 0, EOIR, 40},
      {'c', 0, IAR, 1023}}},
    {"an edge that stays high is taken once",
     {ON,
      {'D', 0, CFG + 8, 2 << 16},
      {'L', 0, 40, 1},
      {'c', 0, IAR, 40},
      {'C', 0, EOIR, 40},
      {'I', 0, 0, 0},
      {'L', 0, 40, 1},
      {'I', 0, 0, 0}}},
    {"the mask is exclusive",
     {ON,
      {'L', 0, 40, 1},
      {'C', 0, PMR, 0x80},
      {'I', 0, 0, 0},
      {'c', 0, IAR, 1023},
      {'c', 0, HPPIR, 40},
      {'C', 0, PMR, 0x88},
      {'I', 0, 0, 1}}},
    {"priorities have five bits",
     {{'B', 0, PRIO + 40, 0xff},
      {'b', 0, PRIO + 40, 0xf8},
      {'C', 0, PMR, 0xff},
      {'c', 0, PMR, 0xf8},
      {'C', 0, BPR, 0},
      {'c', 0, BPR, 2},
      {'C', 0, ABPR, 1},
      {'c', 0, ABPR, 3},
      {'C', 0, BPR, 15},
      {'c', 0, BPR, 7}}},
    {"the lower number wins among equals, the higher priority wins before",
     {ON,
      {'D', 0, SET + 4, 7 << 8},
      {'D', 0, PRIO + 40, 0x00608080},
      {'D', 0, TARGET + 40, 0x01010101},
      {'D', 0, PEND + 4, 7 << 8},
      {'c', 0, IAR, 42},
      {'C', 0, EOIR, 42},
      {'c', 0, IAR, 40},
      {'C', 0, EOIR, 40},
      {'c', 0, IAR, 41}}},
    {"preemption nests, and the priorities unwind",
     {ON,
      {'D', 0, SET + 4, 3 << 8},
      {'B', 0, PRIO + 41, 0x40},
      {'B', 0, TARGET + 41, 1},
      {'L', 0, 40, 1},
      {'c', 0, IAR, 40},
      {'L', 0, 41, 1},
      {'I', 0, 0, 1},
      {'c', 0, IAR, 41},
      {'c', 0, RPR, 0x40},
      {'c', 0, APR, 1 << 16 | 1 << 8},
      {'L', 0, 41, 0},
      {'C', 0, EOIR, 41},
      {'c', 0, RPR, 0x80},
      {'L', 0, 40, 0},
      {'C', 0, EOIR, 40},
      {'c', 0, RPR, 0xff}}},
    {"the binary point decides what preempts",
     {ON,
      {'C', 0, BPR, 5},
      {'D', 0, SET + 4, 7 << 8},
      {'B', 0, PRIO + 41, 0x88},
      {'B', 0, PRIO + 40, 0xb8},
      {'B', 0, PRIO + 42, 0x78},
      {'B', 0, TARGET + 41, 1},
      {'B', 0, TARGET + 42, 1},
      {'L', 0, 40, 1},
      {'c', 0, IAR, 40},
      {'c', 0, RPR, 0x80},
      {'L', 0, 41, 1},
      {'I', 0, 0, 0},
      {'L', 0, 42, 1},
      {'I', 0, 0, 1},
      {'c', 0, IAR, 42},
      {'c', 0, RPR, 0x40}}},
    {"group 1 uses the aliased binary point unless CBPR",
     {ON,
      {'D', 0, GROUP + 4, 3 << 8},
      {'D', 0, SET + 4, 3 << 8},
      {'C', 0, CTLR, 7},
      {'C', 0, ABPR, 6},
      {'B', 0, PRIO + 40, 0xb8},
      {'B', 0, PRIO + 41, 0x88},
      {'B', 0, TARGET + 41, 1},
      {'L', 0, 40, 1},
      {'c', 0, IAR, 40},
      {'c', 0, NSAPR, 1 << 16},
      {'c', 0, APR, 0},
      {'L', 0, 41, 1},
      {'I', 0, 0, 0},
      {'C', 0, EOIR, 40},
      {'C', 0, CTLR, 0x17},
      {'L', 0, 41, 0},
      {'c', 0, IAR, 40},
      {'L', 0, 41, 1},
      {'I', 0, 0, 1}}},
    {"group 1 hides behind 1022, and group 0 from the alias",
     {ON,
      {'D', 0, GROUP + 4, 1 << 8},
      {'L', 0, 40, 1},
      {'I', 0, 0, 1},
      {'c', 0, HPPIR, 1022},
      {'c', 0, IAR, 1022},
      {'c', 0, AHPPIR, 40},
      {'c', 0, AIAR, 40},
      {'c', 0, NSAPR, 1 << 16},
      {'C', 0, AEOIR, 40},
      {'c', 0, NSAPR, 0},
      {'D', 0, GROUP + 4, 0},
      {'c', 0, AIAR, 1023},
      {'c', 0, AHPPIR, 1023},
      {'c', 0, IAR, 40},
      {'C', 0, AEOIR, 40},
      {'c', 0, APR, 1 << 16},
      {'C', 0, EOIR, 40},
      {'c', 0, APR, 0}}},
    {"group 0 is FIQ with FIQEn, group 1 stays IRQ",
     {ON,
      {'C', 0, CTLR, 0xb},
      {'L', 0, 40, 1},
      {'I', 0, 0, 0},
      {'F', 0, 0, 1},
      {'D', 0, GROUP + 4, 1 << 8},
      {'I', 0, 0, 1},
      {'F', 0, 0, 0}}},
    {"a disabled group neither signals nor hides the other",
     {ON,
      {'D', 0, SET + 4, 3 << 8},
      {'D', 0, GROUP + 4, 2 << 8},
      {'B', 0, TARGET + 41, 1},
      {'B', 0, PRIO + 41, 0xa0},
      {'L', 0, 40, 1},
      {'L', 0, 41, 1},
      {'D', 0, CTLR, 2},
      {'c', 0, AIAR, 41},
      {'C', 0, AEOIR, 41},
      {'D', 0, CTLR, 3},
      {'C', 0, CTLR, 1},
      {'c', 0, IAR, 40},
      {'C', 0, EOIR, 40},
      {'C', 0, CTLR, 0},
      {'I', 0, 0, 0},
      {'c', 0, IAR, 1023}}},
    {"EOImode splits the drop and the end",
     {ON,
      {'C', 0, CTLR, 0x203},
      {'L', 0, 40, 1},
      {'c', 0, IAR, 40},
      {'C', 0, EOIR, 40},
      {'c', 0, RPR, 0xff},
      {'I', 0, 0, 0},
      {'d', 0, ACT + 4, 1 << 8},
      {'C', 0, DIR, 40},
      {'d', 0, ACT + 4, 0},
      {'I', 0, 0, 1}}},
    {"DIR without EOImode does nothing",
     {ON, {'L', 0, 40, 1}, {'c', 0, IAR, 40}, {'C', 0, DIR, 40}, {'d', 0, ACT + 4, 1 << 8}}},
    {"ends of nothing",
     {ON,
      {'C', 0, EOIR, 1023},
      {'C', 0, EOIR, 1022},
      {'C', 0, EOIR, 1000},
      {'C', 0, EOIR, 40},
      {'c', 0, RPR, 0xff},
      {'c', 0, APR, 0}}},
    {"a software interrupt has a source, and each source is one",
     {{'D', 0, CTLR, 1},
      {'C', 2, CTLR, 1},
      {'C', 2, PMR, 0xf0},
      {'D', 1, SGIR, 4 << 16 | 5},
      {'D', 3, SGIR, 4 << 16 | 5},
      {'D', 1, SGIR, 4 << 16 | 5},
      {'I', 2, 0, 1},
      {'I', 0, 0, 0},
      {'b', 2, SSGI + 5, 0xa},
      {'b', 2, CSGI + 5, 0xa},
      {'d', 2, PEND, 1 << 5},
      {'d', 1, PEND, 0},
      {'c', 2, IAR, 1 << 10 | 5},
      {'d', 2, PEND, 1 << 5},
      {'d', 2, ACT, 1 << 5},
      {'I', 2, 0, 0},
      {'C', 2, EOIR, 1 << 10 | 5},
      {'I', 2, 0, 1},
      {'c', 2, HPPIR, 3 << 10 | 5},
      {'c', 2, IAR, 3 << 10 | 5},
      {'d', 2, PEND, 0},
      {'C', 2, EOIR, 3 << 10 | 5},
      {'c', 2, IAR, 1023}}},
    {"software interrupts to all others, to oneself, and to a strange filter",
     {{'D', 1, SGIR, 1 << 24 | 3},
      {'b', 0, SSGI + 3, 2},
      {'b', 1, SSGI + 3, 0},
      {'b', 2, SSGI + 3, 2},
      {'b', 3, SSGI + 3, 2},
      {'D', 1, SGIR, 2 << 24 | 0xff0004},
      {'b', 1, SSGI + 4, 2},
      {'b', 0, SSGI + 4, 0},
      {'D', 1, SGIR, 3 << 24 | 0xff0005},
      {'b', 1, SSGI + 5, 0},
      {'b', 0, SSGI + 5, 0}}},
    {"sources are set and cleared by their registers only",
     {{'B', 1, SSGI + 7, 0xff},
      {'b', 1, SSGI + 7, 0xf},
      {'b', 0, SSGI + 7, 0},
      {'B', 1, CSGI + 7, 6},
      {'b', 1, SSGI + 7, 9},
      {'D', 1, UNPEND, 0xffffffff},
      {'b', 1, SSGI + 7, 9},
      {'D', 1, PEND, 0xff},
      {'d', 1, PEND, 1 << 7},
      {'D', 1, CLEAR, 0xffffffff},
      {'d', 1, SET, 0xffff},
      {'D', 1, CFG, 0},
      {'d', 1, CFG, 0xaaaaaaaa}}},
    {"private interrupts are banked",
     {{'D', 0, CTLR, 1},     {'C', 0, CTLR, 1},         {'C', 1, CTLR, 1},
      {'C', 0, PMR, 0xf0},   {'C', 1, PMR, 0xf0},       {'D', 1, SET, 1 << 27},
      {'d', 0, SET, 0xffff}, {'L', 0, 27, 1},           {'I', 0, 0, 0},
      {'I', 1, 0, 0},        {'L', 1, 27, 1},           {'I', 1, 0, 1},
      {'I', 0, 0, 0},        {'B', 1, PRIO + 27, 0x50}, {'b', 0, PRIO + 27, 0},
      {'c', 1, IAR, 27},     {'c', 1, RPR, 0x50},       {'c', 0, IAR, 1023},
      {'d', 0, ACT, 0},      {'d', 1, ACT, 1 << 27}}},
    {"a shared interrupt for two is taken by the first",
     {ON,
      {'C', 3, CTLR, 1},
      {'C', 3, PMR, 0xf0},
      {'B', 0, TARGET + 40, 0xff},
      {'b', 0, TARGET + 40, 0xf},
      {'L', 0, 40, 1},
      {'I', 0, 0, 1},
      {'I', 3, 0, 1},
      {'I', 1, 0, 0},
      {'c', 3, IAR, 40},
      {'I', 0, 0, 0},
      {'c', 0, IAR, 1023},
      {'C', 3, EOIR, 40},
      {'I', 0, 0, 1}}},
    {"no target, no interrupt",
     {ON, {'L', 0, 40, 1}, {'B', 0, TARGET + 40, 2}, {'I', 0, 0, 0}, {'I', 1, 0, 0}}},
    {"active by a write is not signalled",
     {ON,
      {'L', 0, 40, 1},
      {'D', 0, ACT + 4, 1 << 8},
      {'I', 0, 0, 0},
      {'D', 0, UNACT + 4, 1 << 8},
      {'I', 0, 0, 1}}},
    {"active priorities may be written, as after a sleep",
     {ON,
      {'L', 0, 40, 1},
      {'C', 0, APR, 1 << 15},
      {'c', 0, RPR, 0x78},
      {'I', 0, 0, 0},
      {'C', 0, APR, 1 << 17},
      {'I', 0, 0, 1}}},
    {"what does not exist reads as zero and ignores",
     {{'D', 0, SET + 0x24, 0xffffffff},
      {'d', 0, SET + 0x24, 0},
      {'D', 0, PEND + 0x24, 0xffffffff},
      {'d', 0, PEND + 0x24, 0},
      {'B', 0, PRIO + 288, 0x80},
      {'b', 0, PRIO + 288, 0},
      {'B', 0, TARGET + 288, 1},
      {'b', 0, TARGET + 288, 0},
      {'D', 0, SET + 0x20, 0xffffffff},
      {'d', 0, SET + 0x20, 0xffffffff},
      {'D', 0, CFG + 0x48, 0xffffffff},
      {'d', 0, CFG + 0x48, 0},
      {'D', 0, CFG + 0x44, 0xffffffff},
      {'d', 0, CFG + 0x44, 0xaaaaaaaa},
      {'d', 0, 0xe00, 0}}},
};

static struct device *four(void)
{
    static const char *const props[] = {"num-cpu=4", "num-irq=288", NULL};
    struct device *d = bench_device(&gicv2_class, props);
    unsigned i;

    memset(bench_level, 0xff, sizeof(bench_level));
    for (i = 0; i < 4; i++)
        gicv2_connect(d, i, bench_line(i), bench_line(i + 8));
    d->class->update(d);
    return d;
}

static void run(struct device *d, const struct scenario *s, unsigned i)
{
    const struct step *t = &s->steps[i];
    uint64_t got = t->value;
    struct irq_line in;

    switch (t->op) {
    case 'D':
    case 'B':
        bench_write(d, 0, t->at, t->op == 'B' ? 1 : 4, t->value, t->cpu);
        break;
    case 'C':
        bench_write(d, 1, t->at, 4, t->value, t->cpu);
        break;
    case 'd':
    case 'b':
        got = bench_read(d, 0, t->at, t->op == 'b' ? 1 : 4, t->cpu);
        break;
    case 'c':
        got = bench_read(d, 1, t->at, 4, t->cpu);
        break;
    case 'L':
        in = gicv2_input(d, t->cpu, t->at);
        irq_set(&in, t->value);
        break;
    case 'I':
        got = bench_level[t->cpu];
        break;
    case 'F':
        got = bench_level[t->cpu + 8];
        break;
    }
    ck_assert_msg(got == t->value, "%s: step %u (%c cpu %u at %#x): %#x, expected %#x", s->name, i,
                  t->op, t->cpu, t->at, (unsigned)got, t->value);
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

START_TEST(one_cpu_takes_all)
{
    struct device *d = bench_device(&gicv2_class, NULL);
    struct irq_line in = gicv2_input(d, 0, 287);

    gicv2_connect(d, 0, bench_line(0), bench_line(1));
    bench_write(d, 0, CTLR, 4, 1, 0);
    bench_write(d, 1, CTLR, 4, 1, 0);
    bench_write(d, 1, PMR, 4, 0xf0, 0);
    bench_write(d, 0, SET + 0x20, 4, 1u << 31, 0);
    ck_assert_uint_eq(bench_read(d, 0, TARGET + 40, 4, 0), 0);
    bench_write(d, 0, TARGET + 284, 4, 0, 0);
    irq_set(&in, true);
    ck_assert_uint_eq(bench_level[0], 1);
    ck_assert_uint_eq(bench_read(d, 1, IAR, 4, 0), 287);
    dev_free(d);
}
END_TEST

START_TEST(inputs_that_are_not_there)
{
    struct device *d = four();

    ck_assert(!gicv2_input(d, 0, 15).set);
    ck_assert(!gicv2_input(d, 4, 27).set);
    ck_assert(!gicv2_input(d, 0, 288).set);
    ck_assert(gicv2_input(d, 3, 31).set != NULL);
    ck_assert(gicv2_input(d, 9, 287).set != NULL);
    dev_free(d);
}
END_TEST

START_TEST(reset_keeps_the_inputs)
{
    struct device *d = four();
    struct irq_line in = gicv2_input(d, 0, 40);

    irq_set(&in, true);
    dev_reset(d);
    ck_assert_uint_eq(bench_read(d, 0, PEND + 4, 4, 0), 1 << 8);
    ck_assert_uint_eq(bench_read(d, 0, SET, 4, 3), 0xffff);
    dev_free(d);
}
END_TEST

START_TEST(frame_pulses)
{
    struct device *m = bench_device(&gicv2m_class, NULL);
    struct msi_port p = gicv2m_msi(m);
    unsigned i;

    memset(bench_edges, 0, sizeof(bench_edges));
    memset(bench_level, 0, sizeof(bench_level));
    for (i = 0; i < 64; i++)
        gicv2m_connect(m, i, bench_line(i));
    ck_assert_uint_eq(bench_read(m, 0, 8, 4, 0), 80 << 16 | 64);
    bench_write(m, 0, 0x40, 4, 80, 0);
    bench_write(m, 0, 0x40, 4, 143, 0);
    bench_write(m, 0, 0x40, 4, 79, 0);
    bench_write(m, 0, 0x40, 4, 144, 0);
    bench_write(m, 0, 0x40, 4, 0, 0);
    p.send(p.to, 0x08020040, 81, 0);
    p.send(p.to, 0x08020044, 82, 0);
    p.send(p.to, 0x08020040, 0xffffffff, 0);
    for (i = 0; i < 64; i++) {
        ck_assert_uint_eq(bench_edges[i], i == 0 || i == 1 || i == 63);
        ck_assert_uint_eq(bench_level[i], 0);
    }
    dev_free(m);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, scenario, 0, ARRAY_LEN(scenarios));
    tcase_add_loop_test(tc, scenario_saved, 0, ARRAY_LEN(scenarios));
    tcase_add_test(tc, one_cpu_takes_all);
    tcase_add_test(tc, inputs_that_are_not_there);
    tcase_add_test(tc, reset_keeps_the_inputs);
    tcase_add_test(tc, frame_pulses);
}

UNIT_MAIN("gicv2", fill)
