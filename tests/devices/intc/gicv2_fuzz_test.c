// SPDX-License-Identifier: MIT
/* tests/devices/intc/gicv2_fuzz_test.c -- random programming of a GICv2 beside a second model that
 * keeps each interrupt of each vcpu as a record of its own and decides by looking at all of them.
 * After each step the outputs agree; reads agree; now and then the state moves into another
 * controller. GICV2_FUZZ_STEPS makes it longer, GICV2_FUZZ_SEED another one. */
#include "tests/devices/intc/bench.h"
#include "devices/intc/gicv2.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

enum { CPUS = 3, IRQS = 64 };

struct one {
    bool enabled, group1, soft, active, edge, line;
    uint8_t prio, targets, sources;
};

struct naive {
    bool dist[2], iface[CPUS][2];
    uint32_t ctl[CPUS];
    uint8_t mask[CPUS], point[CPUS], alias[CPUS];
    uint32_t act[CPUS][2];
    struct one own[CPUS][32], shared[IRQS];
};

static struct one *get(struct naive *m, unsigned cpu, unsigned irq)
{
    return irq < 32 ? &m->own[cpu][irq] : &m->shared[irq];
}

static bool pends(const struct one *o, unsigned irq)
{
    if (irq < 16)
        return o->sources != 0;
    return o->soft || (!o->edge && o->line);
}

static void naive_reset(struct naive *m)
{
    unsigned c, i;

    memset(m, 0, sizeof(*m));
    for (c = 0; c < CPUS; c++) {
        m->point[c] = 2;
        m->alias[c] = 3;
        for (i = 0; i < 16; i++)
            m->own[c][i].enabled = m->own[c][i].edge = true;
    }
}

/* Pending interrupt of the highest priority, or NULL. */
static struct one *top(struct naive *m, unsigned c, unsigned *irq)
{
    struct one *found = NULL;
    unsigned i;

    for (i = 0; i < IRQS; i++) {
        struct one *o = get(m, c, i);

        if (!o->enabled || o->active || !pends(o, i))
            continue;
        if (i >= 32 && !(o->targets & 1 << c))
            continue;
        if (!m->dist[o->group1] || !m->iface[c][o->group1])
            continue;
        if (!found || o->prio < found->prio) {
            found = o;
            *irq = i;
        }
    }
    return found;
}

static unsigned level_of(const struct naive *m, unsigned c, const struct one *o)
{
    unsigned keep; /* bits of the priority that count */

    if (o->group1 && !(m->ctl[c] & 16))
        keep = 8 - m->alias[c];
    else
        keep = 7 - m->point[c];
    return keep == 0 ? 0 : o->prio >> (8 - keep) << (8 - keep);
}

static unsigned runs(const struct naive *m, unsigned c)
{
    unsigned i;

    for (i = 0; i < 32; i++)
        if ((m->act[c][0] >> i | m->act[c][1] >> i) & 1)
            return 8 * i;
    return 255;
}

static unsigned outputs(struct naive *m, unsigned c)
{
    unsigned irq;
    struct one *o = top(m, c, &irq);

    if (!o || o->prio >= m->mask[c] || level_of(m, c, o) >= runs(m, c))
        return 0;
    return !o->group1 && m->ctl[c] & 8 ? 2 : 1;
}

static unsigned lowest(unsigned mask)
{
    unsigned i = 0;

    while (!(mask >> i & 1))
        i++;
    return i;
}

static unsigned shown(struct naive *m, unsigned c, bool alias, struct one **o, unsigned *irq)
{
    *o = top(m, c, irq);
    if (!*o || (alias && !(*o)->group1))
        return 1023;
    if (!alias && (*o)->group1 && !(m->ctl[c] & 4))
        return 1022;
    return *irq | (*irq < 16 ? lowest((*o)->sources) << 10 : 0);
}

static unsigned naive_ack(struct naive *m, unsigned c, bool alias)
{
    struct one *o;
    unsigned irq, v = shown(m, c, alias, &o, &irq);

    if (!outputs(m, c))
        return 1023;
    if (v == 1022 || v == 1023)
        return v;
    o->active = true;
    o->soft = false;
    if (irq < 16)
        o->sources &= ~(1 << lowest(o->sources));
    m->act[c][o->group1] |= 1u << (level_of(m, c, o) / 8);
    return v;
}

static void naive_end(struct naive *m, unsigned c, unsigned irq, bool alias)
{
    struct one *o;

    if (irq >= IRQS)
        return;
    o = get(m, c, irq);
    if (alias && !o->group1)
        return;
    if (m->act[c][o->group1])
        m->act[c][o->group1] &= ~(1u << lowest(m->act[c][o->group1]));
    if (!(m->ctl[c] & 0x200))
        o->active = false;
}

static uint32_t naive_cpu(struct naive *m, unsigned c, unsigned at, bool write, uint32_t v)
{
    struct one *o;
    unsigned irq;

    switch (at) {
    case 0x00:
        if (write) {
            m->ctl[c] = v & 0x3ff;
            m->iface[c][0] = v & 1;
            m->iface[c][1] = v & 2;
        }
        return m->ctl[c];
    case 0x04:
        if (write)
            m->mask[c] = v & 0xf8;
        return m->mask[c];
    case 0x08:
        if (write)
            m->point[c] = (v & 7) > 2 ? v & 7 : 2;
        return m->point[c];
    case 0x1c:
        if (write)
            m->alias[c] = (v & 7) > 3 ? v & 7 : 3;
        return m->alias[c];
    case 0x0c:
        return write ? 0 : naive_ack(m, c, false);
    case 0x20:
        return write ? 0 : naive_ack(m, c, true);
    case 0x10:
    case 0x24:
        if (write)
            naive_end(m, c, v & 0x3ff, at == 0x24);
        return 0;
    case 0x14:
        return runs(m, c);
    case 0x18:
    case 0x28:
        return shown(m, c, at == 0x28, &o, &irq);
    case 0xd0:
    case 0xe0:
        if (write)
            m->act[c][at == 0xe0] = v;
        return m->act[c][at == 0xe0];
    case 0x1000:
        if (write && m->ctl[c] & 0x200 && (v & 0x3ff) < IRQS)
            get(m, c, v & 0x3ff)->active = false;
        return 0;
    }
    return 0;
}

/* One bit of the bitmap registers. */
static bool naive_bit(struct naive *m, unsigned c, unsigned at, unsigned irq, bool write, bool v)
{
    struct one *o = get(m, c, irq);

    switch (at) {
    case 0x080:
        if (write)
            o->group1 = v;
        return o->group1;
    case 0x100:
        if (write && v)
            o->enabled = true;
        return o->enabled;
    case 0x180:
        if (write && v && irq >= 16)
            o->enabled = false;
        return o->enabled;
    case 0x200:
        if (write && v && irq >= 16)
            o->soft = true;
        return pends(o, irq);
    case 0x280:
        if (write && v && irq >= 16)
            o->soft = false;
        return pends(o, irq);
    case 0x300:
        if (write && v)
            o->active = true;
        return o->active;
    default:
        if (write && v)
            o->active = false;
        return o->active;
    }
}

static uint8_t naive_byte(struct naive *m, unsigned c, unsigned at, bool write, uint8_t v)
{
    struct one *o;

    if (at >= 0x400 && at < 0x400 + IRQS) {
        o = get(m, c, at - 0x400);
        if (write)
            o->prio = v & 0xf8;
        return o->prio;
    }
    if (at >= 0x800 && at < 0x800 + IRQS) {
        if (at < 0x820)
            return 1 << c;
        o = get(m, c, at - 0x800);
        if (write)
            o->targets = v & ((1 << CPUS) - 1);
        return o->targets;
    }
    if (at >= 0xf10 && at < 0xf30) {
        o = get(m, c, at & 15);
        if (write && at < 0xf20)
            o->sources &= ~v;
        else if (write)
            o->sources |= v & ((1 << CPUS) - 1);
        return o->sources;
    }
    return 0;
}

static void naive_sgi(struct naive *m, unsigned c, uint32_t v)
{
    unsigned to, filter = v >> 24 & 3;

    for (to = 0; to < CPUS; to++)
        if ((filter == 0 && v >> (16 + to) & 1) || (filter == 1 && to != c) ||
            (filter == 2 && to == c))
            m->own[to][v & 15].sources |= 1 << c;
}

static uint32_t naive_dist(struct naive *m, unsigned c, unsigned at, bool write, uint32_t v)
{
    uint32_t r = 0;
    unsigned i;

    if (at == 0) {
        if (write) {
            m->dist[0] = v & 1;
            m->dist[1] = v & 2;
        }
        return m->dist[0] | m->dist[1] << 1;
    }
    if (at == 0xf00) {
        if (write)
            naive_sgi(m, c, v);
        return 0;
    }
    if (at >= 0x80 && at < 0x400) {
        if ((at & 0x7f) / 4 * 32 < IRQS)
            for (i = 0; i < 32; i++)
                r |= (uint32_t)naive_bit(m, c, at & 0xf80, (at & 0x7f) * 8 + i, write, v >> i & 1)
                     << i;
        return r;
    }
    if (at >= 0xc00 && at < 0xd00) {
        for (i = 0; i < 16 && (at - 0xc00) * 4 < IRQS; i++) {
            struct one *o = get(m, c, (at - 0xc00) * 4 + i);

            if (write && at > 0xc00)
                o->edge = v >> (2 * i + 1) & 1;
            r |= (uint32_t)o->edge << (2 * i + 1);
        }
        return r;
    }
    for (i = 0; i < 4; i++)
        r |= (uint32_t)naive_byte(m, c, at + i, write, v >> (8 * i)) << (8 * i);
    return r;
}

static void naive_line(struct naive *m, unsigned c, unsigned irq, bool level)
{
    struct one *o = get(m, c, irq);

    if (level && !o->line && o->edge)
        o->soft = true;
    o->line = level;
}

static uint64_t seed = 20;

static uint32_t any(uint32_t below)
{
    return bench_random(&seed) % below;
}

static void connect(struct device *d)
{
    unsigned i;

    for (i = 0; i < CPUS; i++)
        gicv2_connect(d, i, bench_line(i), bench_line(i + 8));
    d->class->update(d);
}

static unsigned dist_offset(void)
{
    static const uint16_t bits[] = {0x80,  0x100, 0x100, 0x100, 0x180, 0x200,
                                    0x200, 0x280, 0x300, 0x380, 0x380, 0x380};

    switch (any(8)) {
    case 0:
        return any(12) ? 0xf00 : 0;
    case 1:
        return 0x400 + 4 * any(IRQS / 4 + 1);
    case 2:
        return 0x800 + 4 * any(IRQS / 4 + 1);
    case 3:
        return 0xc00 + 4 * any(IRQS / 16 + 1);
    case 4:
        return 0xf10 + 4 * any(8);
    default:
        return bits[any(ARRAY_LEN(bits))] + 4 * any(IRQS / 32 + 1);
    }
}

static uint32_t value(void)
{
    switch (any(4)) {
    case 0:
        return 1u << any(32);
    case 1:
        return bench_random(&seed) & bench_random(&seed);
    case 2:
        return bench_random(&seed) << 1;
    default:
        return bench_random(&seed) | bench_random(&seed) << 16;
    }
}

static void compare(struct naive *m, unsigned step)
{
    unsigned c;

    for (c = 0; c < CPUS; c++) {
        unsigned out = outputs(m, c);

        ck_assert_msg(bench_level[c] == (out & 1) && bench_level[c + 8] == (out >> 1),
                      "step %u, cpu %u: outputs %u %u, expected %u", step, c, bench_level[c],
                      bench_level[c + 8], out);
    }
}

START_TEST(same_as_the_naive_model)
{
    static const uint16_t cpu_regs[] = {0,    4,    8,    0xc,  0xc,  0xc,  0x10, 0x14,  0x18,
                                        0x1c, 0x20, 0x20, 0x24, 0x28, 0xd0, 0xe0, 0x1000};
    static const char *const props[] = {"num-cpu=3", "num-irq=64", NULL};
    const char *env = getenv("GICV2_FUZZ_STEPS");
    unsigned steps = env ? strtoul(env, NULL, 0) : 200000, i, acks = 0, last[CPUS] = {0};
    struct device *d = NULL, *other;
    struct irq_line in;
    struct naive m;

    if (getenv("GICV2_FUZZ_SEED"))
        seed = strtoull(getenv("GICV2_FUZZ_SEED"), NULL, 0);
    memset(bench_level, 0, sizeof(bench_level));
    for (i = 0; i < steps; i++) {
        unsigned c = any(CPUS), at;
        bool write = any(3) > 0;
        uint32_t v = value(), got = 0, want = 0;

        if (i % 20000 == 0) {
            dev_free(d);
            d = bench_device(&gicv2_class, props);
            connect(d);
            naive_reset(&m);
        }
        switch (any(10)) {
        case 0:
        case 1:
        case 2:
            at = 16 + any(IRQS - 16);
            in = gicv2_input(d, c, at);
            irq_set(&in, v & 1);
            naive_line(&m, c, at, v & 1);
            break;
        case 3:
        case 4:
            at = dist_offset();
            if (at == 0 && any(8))
                v |= 3;
            if (write) {
                bench_write(d, 0, at, 4, v, c);
                naive_dist(&m, c, at, true, v);
            } else {
                got = bench_read(d, 0, at, 4, c);
                want = naive_dist(&m, c, at, false, 0);
            }
            break;
        default:
            at = cpu_regs[any(ARRAY_LEN(cpu_regs))];
            if (at == 0 && any(8))
                v |= 7;
            if (at == 4 && any(8))
                v |= 0xf0;
            if (at == 8 || at == 0x1c)
                v = any(4) ? 0 : v;
            if (at == 0x10 || at == 0x24 || at == 0x1000)
                v = any(6) ? last[c] : v & 0x3ff;
            if ((at == 0xd0 || at == 0xe0) && any(8))
                v = 0;
            write = write && at != 0xc && at != 0x20;
            if (write) {
                bench_write(d, 1, at, 4, v, c);
                naive_cpu(&m, c, at, true, v);
            } else {
                got = bench_read(d, 1, at, 4, c);
                want = naive_cpu(&m, c, at, false, 0);
                if ((at == 0xc || at == 0x20) && got < 0x2000 && (got & 0x3ff) < 1020)
                    last[c] = got;
                acks += (at == 0xc || at == 0x20) && (got & 0x3ff) < 1020;
            }
        }
        ck_assert_msg(got == want, "step %u, cpu %u, %#x: %#x, expected %#x", i, c, at, got, want);
        compare(&m, i);
        if (any(200) == 0) {
            other = bench_device(&gicv2_class, props);
            connect(other);
            bench_copy_state(d, other);
            dev_free(d);
            d = other;
        }
    }
    ck_assert_uint_gt(acks, steps / 60);
    dev_free(d);
}
END_TEST

/* Every offset with every size, by vcpus that there are and are not, bits never stay that the
 * restore would refuse. */
START_TEST(hostile)
{
    static const char *const props[] = {"num-cpu=8", "num-irq=1020", NULL};
    struct device *d = bench_device(&gicv2_class, props);
    struct device *to = bench_device(&gicv2_class, props);
    unsigned i;

    for (i = 0; i < 200000; i++) {
        unsigned region = any(2), size = region ? 4 : 1u << any(3);
        unsigned at = any(region ? 0x2000 : 0x1000) & -size;

        if (any(3))
            bench_write(d, region, at, size, value(), any(10));
        else
            bench_read(d, region, at, size, any(10));
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

UNIT_MAIN("gicv2_fuzz", fill)
