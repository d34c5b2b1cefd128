// SPDX-License-Identifier: MIT
/* tests/devices/intc/gicv3_fuzz_test.c -- random programming of a GICv3 beside a second model that
 * keeps each interrupt of each vcpu as a record of its own and decides by looking at all of them.
 * After each step the outputs agree; reads agree; now and then the state moves into another
 * controller. GICV3_FUZZ_STEPS makes it longer, GICV3_FUZZ_SEED another one. LPIs are not here. */
#include "devices/intc/gicv3.h"
#include "tests/devices/intc/bench.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

enum { CPUS = 3, IRQS = 64, SGI_FRAME = 0x10000 };
enum {
    PMR = GICV3_SYSREG(3, 0, 4, 6, 0),
    IAR0 = GICV3_SYSREG(3, 0, 12, 8, 0),
    EOIR0 = GICV3_SYSREG(3, 0, 12, 8, 1),
    HPPIR0 = GICV3_SYSREG(3, 0, 12, 8, 2),
    BPR0 = GICV3_SYSREG(3, 0, 12, 8, 3),
    AP0R0 = GICV3_SYSREG(3, 0, 12, 8, 4),
    AP1R0 = GICV3_SYSREG(3, 0, 12, 9, 0),
    DIR = GICV3_SYSREG(3, 0, 12, 11, 1),
    RPR = GICV3_SYSREG(3, 0, 12, 11, 3),
    SGI1R = GICV3_SYSREG(3, 0, 12, 11, 5),
    SGI0R = GICV3_SYSREG(3, 0, 12, 11, 7),
    IAR1 = GICV3_SYSREG(3, 0, 12, 12, 0),
    EOIR1 = GICV3_SYSREG(3, 0, 12, 12, 1),
    HPPIR1 = GICV3_SYSREG(3, 0, 12, 12, 2),
    BPR1 = GICV3_SYSREG(3, 0, 12, 12, 3),
    CTLR = GICV3_SYSREG(3, 0, 12, 12, 4),
    IGRPEN0 = GICV3_SYSREG(3, 0, 12, 12, 6),
    IGRPEN1 = GICV3_SYSREG(3, 0, 12, 12, 7),
};

struct one {
    bool enabled, group1, soft, active, edge, line;
    uint8_t prio;
    uint64_t route;
};

struct naive {
    bool dist[2], iface[CPUS][2], common[CPUS], split[CPUS];
    uint8_t mask[CPUS], point[CPUS][2];
    uint32_t act[CPUS][2];
    struct one own[CPUS][32], shared[IRQS];
};

static struct one *get(struct naive *m, unsigned cpu, unsigned irq)
{
    return irq < 32 ? &m->own[cpu][irq] : &m->shared[irq];
}

static bool pends(const struct one *o)
{
    return o->soft || (o->line && !o->edge);
}

static void naive_reset(struct naive *m)
{
    unsigned c, i;

    memset(m, 0, sizeof(*m));
    for (c = 0; c < CPUS; c++) {
        m->point[c][0] = 2;
        m->point[c][1] = 3;
        for (i = 0; i < 16; i++)
            m->own[c][i].edge = true;
    }
}

static struct one *top(struct naive *m, unsigned c, unsigned *irq)
{
    struct one *found = NULL;
    unsigned i;

    for (i = 0; i < IRQS; i++) {
        struct one *o = get(m, c, i);

        if (!pends(o) || !o->enabled || o->active || (i >= 32 && o->route != c) ||
            !m->dist[o->group1] || !m->iface[c][o->group1])
            continue;
        if (!found || o->prio < found->prio) {
            found = o;
            *irq = i;
        }
    }
    return found;
}

/* Bits of the priority that count for preemption. */
static unsigned level_of(const struct naive *m, unsigned c, const struct one *o)
{
    unsigned keep = o->group1 && !m->common[c] ? 8 - m->point[c][1] : 7 - m->point[c][0];

    return keep ? o->prio >> (8 - keep) << (8 - keep) : 0;
}

static int running_bit(const struct naive *m, unsigned c, unsigned *group)
{
    int i;

    for (i = 0; i < 32; i++)
        for (*group = 0; *group < 2; ++*group)
            if (m->act[c][*group] >> i & 1)
                return i;
    return -1;
}

static unsigned runs(const struct naive *m, unsigned c)
{
    unsigned group;
    int bit = running_bit(m, c, &group);

    return bit < 0 ? 255 : 8 * (unsigned)bit;
}

static unsigned outputs(struct naive *m, unsigned c)
{
    unsigned irq;
    struct one *o = top(m, c, &irq);

    if (!o || o->prio >= m->mask[c] || level_of(m, c, o) >= runs(m, c))
        return 0;
    return o->group1 ? 1 : 2;
}

static uint64_t naive_read(struct naive *m, unsigned c, uint32_t reg)
{
    unsigned irq = 0;
    struct one *o = top(m, c, &irq);

    switch (reg) {
    case PMR:
        return m->mask[c];
    case HPPIR0:
    case HPPIR1:
        return o && o->group1 == (reg == HPPIR1) ? irq : 1023;
    case IAR0:
    case IAR1:
        if (!outputs(m, c) || o->group1 != (reg == IAR1))
            return 1023;
        o->soft = false;
        o->active = true;
        m->act[c][o->group1] |= 1u << level_of(m, c, o) / 8;
        return irq;
    case BPR0:
        return m->point[c][0];
    case BPR1:
        if (m->common[c])
            return m->point[c][0] == 7 ? 7 : m->point[c][0] + 1;
        return m->point[c][1];
    case AP0R0:
        return m->act[c][0];
    case AP1R0:
        return m->act[c][1];
    case RPR:
        return runs(m, c);
    case CTLR:
        return 0x8400 | m->common[c] | m->split[c] << 1;
    case IGRPEN0:
        return m->iface[c][0];
    case IGRPEN1:
        return m->iface[c][1];
    }
    return ~0ull;
}

static void naive_sgi(struct naive *m, unsigned c, uint64_t v, bool group1)
{
    unsigned to;

    for (to = 0; to < CPUS; to++) {
        struct one *o = &m->own[to][v >> 24 & 15];
        bool meant = v >> to & 1 && (v >> 16 & 0xff) == 0 && (v >> 32 & 0xff) == 0 &&
                     (v >> 44 & 15) == 0 && (v >> 48 & 0xff) == 0;

        if (v >> 40 & 1)
            meant = to != c;
        if (meant && o->group1 == group1)
            o->soft = true;
    }
}

static void naive_write(struct naive *m, unsigned c, uint32_t reg, uint64_t v)
{
    unsigned group, least;
    int bit;

    switch (reg) {
    case PMR:
        m->mask[c] = v & 0xf8;
        break;
    case EOIR0:
    case EOIR1:
        bit = running_bit(m, c, &group);
        v &= 0xffffff;
        if ((v >= IRQS && v < 8192) || bit < 0 || group != (reg == EOIR1))
            break;
        m->act[c][group] &= ~(1u << bit);
        if (!m->split[c] && v < IRQS)
            get(m, c, (unsigned)v)->active = false;
        break;
    case DIR:
        v &= 0xffffff;
        if (m->split[c] && v < IRQS)
            get(m, c, (unsigned)v)->active = false;
        break;
    case BPR0:
    case BPR1:
        least = reg == BPR0 ? 2 : 3;
        if (reg == BPR0 || !m->common[c])
            m->point[c][reg == BPR1] = (v & 7) < least ? (uint8_t)least : v & 7;
        break;
    case AP0R0:
    case AP1R0:
        m->act[c][reg == AP1R0] = (uint32_t)v;
        break;
    case CTLR:
        m->common[c] = v & 1;
        m->split[c] = v >> 1 & 1;
        break;
    case IGRPEN0:
    case IGRPEN1:
        m->iface[c][reg == IGRPEN1] = v & 1;
        break;
    case SGI1R:
        naive_sgi(m, c, v, true);
        break;
    case SGI0R:
        naive_sgi(m, c, v, false);
        break;
    }
}

/* A word of a bitmap register, or a configuration word, of interrupts from first. */
static uint32_t naive_word(struct naive *m, unsigned c, unsigned at, bool write, uint32_t v)
{
    unsigned first = at >= 0xc00 ? (at & 0xff) * 4 : (at & 0x7f) * 8, i;
    unsigned n = at >= 0xc00 ? 16 : 32;
    uint32_t r = 0;

    for (i = 0; i < n; i++) {
        struct one *o = get(m, c, first + i);
        bool on = v >> (at >= 0xc00 ? 2 * i + 1 : i) & 1;

        if (at >= 0xc00) {
            if (write && first)
                o->edge = on;
            r |= (uint32_t)o->edge << (2 * i + 1);
            continue;
        }
        switch (at & 0xf80) {
        case 0x080:
            if (write)
                o->group1 = on;
            r |= (uint32_t)o->group1 << i;
            break;
        case 0x100:
        case 0x180:
            if (write && on)
                o->enabled = (at & 0xf80) == 0x100;
            r |= (uint32_t)o->enabled << i;
            break;
        case 0x200:
        case 0x280:
            if (write && on)
                o->soft = (at & 0xf80) == 0x200;
            r |= (uint32_t)pends(o) << i;
            break;
        default:
            if (write && on)
                o->active = (at & 0xf80) == 0x300;
            r |= (uint32_t)o->active << i;
        }
    }
    return r;
}

static uint32_t naive_prios(struct naive *m, unsigned c, unsigned first, bool write, uint32_t v)
{
    uint32_t r = 0;
    unsigned i;

    for (i = 0; i < 4; i++) {
        struct one *o = get(m, c, first + i);

        if (write)
            o->prio = v >> 8 * i & 0xf8;
        r |= (uint32_t)o->prio << 8 * i;
    }
    return r;
}

static uint64_t seed = 30;

static uint32_t any(uint32_t below)
{
    return bench_random(&seed) % below;
}

static uint32_t value(void)
{
    switch (any(4)) {
    case 0:
        return 1u << any(32);
    case 1:
        return bench_random(&seed) & bench_random(&seed);
    default:
        return bench_random(&seed);
    }
}

static struct device *fresh(void)
{
    static const char *const props[] = {"num-cpu=3", "num-irq=64", NULL};
    struct device *d = bench_device(&gicv3_class, props);
    unsigned i;

    for (i = 0; i < CPUS; i++)
        gicv3_connect(d, i, bench_line(i), bench_line(i + 8));
    return d;
}

/* Registers of the distributor, or of c's redistributor if at is about private interrupts. */
static void mmio(struct naive *m, struct device *d, unsigned c, unsigned step)
{
    static const uint16_t bits[] = {0x80,  0x80,  0x100, 0x100, 0x100, 0x180, 0x200,
                                    0x200, 0x280, 0x300, 0x380, 0x380, 0x380, 0xc00};
    struct device *to = d;
    bool write = any(3) > 0;
    unsigned at = 0, where, first = 0;
    uint32_t v = value(), want = 0, got;

    switch (any(6)) {
    case 0:
        if (write && any(4))
            v |= 3;
        if (write) {
            m->dist[0] = v & 1;
            m->dist[1] = v >> 1 & 1;
        }
        want = 0x50 | m->dist[0] | m->dist[1] << 1;
        break;
    case 1:
        first = 4 * any(IRQS / 4);
        at = 0x400 + first;
        want = naive_prios(m, c, first, write, v);
        break;
    case 2:
        first = 32 + any(IRQS - 32);
        at = 0x6000 + 8 * first;
        v = any(4) ? any(CPUS) : v;
        if (write)
            m->shared[first].route = v & 0xffffff;
        want = (uint32_t)m->shared[first].route;
        break;
    default:
        at = bits[any(ARRAY_LEN(bits))];
        at += 4 * any(at == 0xc00 ? IRQS / 16 : IRQS / 32);
        first = at >= 0xc00 ? (at & 0xff) * 4 : (at & 0x7f) * 8;
        want = naive_word(m, c, at, write, v);
    }
    where = at;
    if (at && first < 32) {
        to = gicv3_redist(d, c);
        where += SGI_FRAME;
    }
    if (write) {
        bench_write(to, 0, where, 4, v, c);
        return;
    }
    got = (uint32_t)bench_read(to, 0, where, 4, c);
    ck_assert_msg(got == want, "step %u, vcpu %u, %#x: %#x, expected %#x", step, c, at, got, want);
}

static unsigned system_register(struct naive *m, struct device *d, unsigned c, uint32_t *last,
                                unsigned step)
{
    static const uint32_t regs[] = {
        PMR, IAR0, IAR1,  IAR1,  EOIR0, EOIR1, EOIR1, HPPIR0, HPPIR1, BPR0,  BPR1,    AP0R0,  AP1R0,
        DIR, RPR,  SGI1R, SGI0R, CTLR,  IAR0,  IAR1,  EOIR0,  EOIR1,  EOIR1, IGRPEN0, IGRPEN1};
    uint32_t reg = regs[any(ARRAY_LEN(regs))];
    uint64_t v = (uint64_t)bench_random(&seed) << 32 | value(), got = 0, want;
    bool only_write = reg == EOIR0 || reg == EOIR1 || reg == DIR || reg == SGI1R || reg == SGI0R;
    bool only_read = reg == IAR0 || reg == IAR1 || reg == HPPIR0 || reg == HPPIR1 || reg == RPR;

    if (only_write || (!only_read && any(2))) {
        if (reg == EOIR0 || reg == EOIR1 || reg == DIR)
            v = any(6) ? *last : v;
        else if (reg == SGI1R || reg == SGI0R)
            v = any(4) ? v & 0xf000007 : v;
        else if (reg == IGRPEN0 || reg == IGRPEN1)
            v = any(8) ? 1 : v;
        else if (reg == PMR)
            v = any(8) ? 0xf8 : v;
        else if (reg == BPR0 || reg == BPR1)
            v = any(4) ? 0 : v;
        else if (reg == AP0R0 || reg == AP1R0)
            v = any(8) ? 0 : v;
        naive_write(m, c, reg, v);
        ck_assert(gicv3_sysreg(d, c, reg, true, &v));
        return 0;
    }
    want = naive_read(m, c, reg);
    ck_assert(gicv3_sysreg(d, c, reg, false, &got));
    ck_assert_msg(got == want, "step %u, vcpu %u, register %#x: %#llx, expected %#llx", step, c,
                  reg, (unsigned long long)got, (unsigned long long)want);
    if ((reg != IAR0 && reg != IAR1) || got == 1023)
        return 0;
    *last = (uint32_t)got;
    return 1;
}

START_TEST(same_as_the_naive_model)
{
    const char *env = getenv("GICV3_FUZZ_STEPS");
    unsigned steps = env ? (unsigned)strtoul(env, NULL, 0) : 200000, i, acks = 0, c, at;
    uint32_t last[CPUS] = {0};
    struct device *d = NULL, *other;
    struct irq_line in;
    struct naive m;
    bool level;

    if (getenv("GICV3_FUZZ_SEED"))
        seed = strtoull(getenv("GICV3_FUZZ_SEED"), NULL, 0);
    for (i = 0; i < steps; i++) {
        c = any(CPUS);
        if (i % 20000 == 0) {
            if (d)
                dev_free(d);
            d = fresh();
            naive_reset(&m);
        }
        switch (any(10)) {
        case 0:
        case 1:
        case 2:
            at = 16 + any(IRQS - 16);
            level = any(2);
            in = gicv3_input(d, c, at);
            irq_set(&in, level);
            if (level && !get(&m, c, at)->line && get(&m, c, at)->edge)
                get(&m, c, at)->soft = true;
            get(&m, c, at)->line = level;
            break;
        case 3:
        case 4:
            mmio(&m, d, c, i);
            break;
        default:
            acks += system_register(&m, d, c, &last[c], i);
        }
        for (c = 0; c < CPUS; c++)
            ck_assert_msg(bench_level[c] + 2 * bench_level[c + 8] == (int)outputs(&m, c),
                          "step %u, vcpu %u: outputs %u %u, expected %u", i, c, bench_level[c],
                          bench_level[c + 8], outputs(&m, c));
        if (any(500) == 0) {
            other = fresh();
            bench_copy_state(d, other);
            dev_free(d);
            d = other;
        }
    }
    ck_assert_uint_gt(acks, steps / 60);
    dev_free(d);
}
END_TEST

/* Every frame with every size, all system registers: nothing stays that a restore would refuse. */
START_TEST(hostile)
{
    static const char *const props[] = {"num-cpu=8", "num-irq=1020", NULL};
    struct device *d = bench_device(&gicv3_class, props);
    struct device *to = bench_device(&gicv3_class, props);
    unsigned i;

    for (i = 0; i < 100000; i++) {
        struct device *which = any(2) ? d : gicv3_redist(d, any(8));
        unsigned size = 1u << any(4), at = any(which == d ? 0x10000 : 0x20000) & -size;
        uint64_t v = (uint64_t)value() << 32 | value();

        if (any(2))
            at &= any(2) ? 0x10fff : 0x7fff;
        switch (any(4)) {
        case 0:
            bench_read(which, 0, at, size, any(10));
            break;
        case 1:
            gicv3_sysreg(d, any(10), GICV3_SYSREG(3, 0, any(8) ? 12 : 4, any(16), any(8)), any(2),
                         &v);
            break;
        default:
            bench_write(which, 0, at, size, v, any(10));
        }
        if (i % 1000 == 0)
            bench_copy_state(d, to); /* aborts if refused */
    }
    dev_free(d);
    dev_free(to);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, same_as_the_naive_model);
    tcase_add_test(tc, hostile);
}

UNIT_MAIN("gicv3_fuzz", fill)
