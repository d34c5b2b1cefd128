/* SPDX-License-Identifier: MIT */
/* frontends/arm64/pmu.c -- performance monitors (manual D13, PMUv3): the cycle counter and six event
 * counters with the events SW_INCR (0x00) and CPU_CYCLES (0x11). A cycle is a nanosecond of virtual
 * time. Counters are brought up to date when somebody looks; the next overflow that interrupts is a
 * timer (number 2 of fe_system.timer_set).
 *
 * Not modelled: filtering by exception level (P, U): all levels count; other events stay at 0. */
#include "frontends/arm64/sysreg.h"

#include "base/base.h"

enum { PMCR_E = 1, PMCR_P = 2, PMCR_C = 4, PMCR_D = 8, PMCR_LC = 0x40, CYCLES = 31, TIMER = 2 };
enum { EV_SW_INCR = 0x00, EV_CYCLES = 0x11 };

static bool counts(const struct a64_cpu *c, unsigned n)
{
    return (c->s.pmcr & PMCR_E) && (c->s.pmcnten >> n & 1) &&
           (n == CYCLES || (c->s.pmevtyper[n] & 0xffff) == EV_CYCLES);
}

/* Does PMCCNTR wrap at 32 bits for overflow's sake? */
static bool short_cycles(const struct a64_cpu *c)
{
    return !(c->s.pmcr & PMCR_LC);
}

static void add(struct a64_cpu *c, unsigned n, uint64_t by)
{
    uint64_t *at = n == CYCLES ? &c->s.pmccntr : &c->s.pmevcntr[n], old = *at;
    bool over;

    if (n == CYCLES && !short_cycles(c)) {
        *at = old + by;
        over = *at < old;
    } else {
        over = (old & 0xffffffff) + (by & 0xffffffff) > 0xffffffff || by >> 32;
        *at = n == CYCLES ? old + by : (uint32_t)(old + by);
    }
    if (over)
        c->s.pmovs |= 1ull << n;
}

static uint64_t cycles_now(struct a64_cpu *c)
{
    return c->s.sys ? (uint64_t)c->s.sys->clock(&c->vc) : 0;
}

static void sync(struct a64_cpu *c)
{
    uint64_t now = cycles_now(c), passed = now - c->s.pm_base;

    c->s.pm_base = now;
    for (unsigned n = 0; n < A64_NCOUNTERS; n++)
        if (counts(c, n))
            add(c, n, passed);
    if (counts(c, CYCLES)) {
        if ((c->s.pmcr & PMCR_D) && short_cycles(c)) {
            c->s.pm_base -= passed % 64; /* the rest counts later */
            passed /= 64;
        }
        add(c, CYCLES, passed);
    }
}

/* Interrupt line and the next overflow. */
static void update(struct a64_cpu *c)
{
    uint64_t best = INT64_MAX;

    if (!c->s.sys)
        return;
    for (unsigned n = 0; n <= CYCLES; n++) {
        uint64_t left, unit = n == CYCLES && (c->s.pmcr & PMCR_D) && short_cycles(c) ? 64 : 1;

        if (n == A64_NCOUNTERS)
            n = CYCLES;
        if (!counts(c, n) || !(c->s.pminten >> n & 1) || (c->s.pmovs >> n & 1))
            continue;
        if (n == CYCLES && !short_cycles(c))
            left = -c->s.pmccntr;
        else
            left = 0x100000000ull - (uint32_t)(n == CYCLES ? c->s.pmccntr : c->s.pmevcntr[n]);
        if (left && left < INT64_MAX / 64 && left * unit < best)
            best = left * unit;
    }
    if (best != INT64_MAX)
        best = c->s.pm_base + best < INT64_MAX ? c->s.pm_base + best : INT64_MAX;
    a64_tell(c, TIMER, (int64_t)best, A64_LINE_PMU,
             (c->s.pmcr & PMCR_E) && (c->s.pmovs & c->s.pminten));
}

void a64_pmu_timer(struct a64_cpu *c)
{
    sync(c);
    update(c);
}

/* ---- control ---- */

uint64_t a64_pmcr_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    (void)r;
    return c->cfg->pmcr | A64_NCOUNTERS << 11 | c->s.pmcr;
}

void a64_pmcr_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    sync(c);
    a64_sysreg_store(c, r, value);
    if (value & PMCR_P)
        for (unsigned n = 0; n < A64_NCOUNTERS; n++)
            c->s.pmevcntr[n] = 0;
    if (value & PMCR_C)
        c->s.pmccntr = 0;
    update(c);
}

/* Registers of one bit a counter: written ones set or clear. */
static void bits(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value, bool set)
{
    uint64_t *f = a64_sysreg_field(c, r);

    sync(c);
    value &= 1u << CYCLES | ((1u << A64_NCOUNTERS) - 1);
    *f = set ? *f | value : *f & ~value;
    update(c);
}

void a64_pmcnten_set(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    bits(c, r, value, true);
}

void a64_pmcnten_clr(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    bits(c, r, value, false);
}

void a64_pminten_set(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    bits(c, r, value, true);
}

void a64_pminten_clr(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    bits(c, r, value, false);
}

uint64_t a64_pmovs_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    (void)r;
    sync(c);
    return c->s.pmovs;
}

void a64_pmovs_set(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    bits(c, r, value, true);
}

void a64_pmovs_clr(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    bits(c, r, value, false);
}

void a64_pmswinc(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    (void)r;
    sync(c);
    for (unsigned n = 0; n < A64_NCOUNTERS; n++)
        if ((value >> n & 1) && (c->s.pmcr & PMCR_E) && (c->s.pmcnten >> n & 1) &&
            (c->s.pmevtyper[n] & 0xffff) == EV_SW_INCR)
            add(c, n, 1);
    update(c);
}

uint64_t a64_pmceid_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    return c->cfg->pmceid[r->index];
}

/* ---- counters ---- */

uint64_t a64_pmccntr_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    (void)r;
    sync(c);
    return c->s.pmccntr;
}

void a64_pmccntr_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    (void)r;
    sync(c);
    c->s.pmccntr = value;
    update(c);
}

static uint64_t counter_read(struct a64_cpu *c, unsigned n)
{
    sync(c);
    return n < A64_NCOUNTERS ? c->s.pmevcntr[n] : 0;
}

static void counter_write(struct a64_cpu *c, unsigned n, uint64_t value)
{
    sync(c);
    if (n < A64_NCOUNTERS)
        c->s.pmevcntr[n] = (uint32_t)value;
    update(c);
}

static void type_write(struct a64_cpu *c, unsigned n, uint64_t value)
{
    sync(c);
    if (n == CYCLES)
        c->s.pmccfiltr = value & 0xfc000000;
    else if (n < A64_NCOUNTERS)
        c->s.pmevtyper[n] = value & 0xfe00ffff;
    update(c);
}

uint64_t a64_pmevcntr_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    return counter_read(c, r->index);
}

void a64_pmevcntr_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    counter_write(c, r->index, value);
}

void a64_pmevtyper_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    type_write(c, r->index, value);
}

void a64_pmccfiltr_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    (void)r;
    type_write(c, CYCLES, value);
}

/* ---- the selected counter ---- */

uint64_t a64_pmxevtyper_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    unsigned n = c->s.pmselr & 31;

    (void)r;
    return n == CYCLES ? c->s.pmccfiltr : n < A64_NCOUNTERS ? c->s.pmevtyper[n] : 0;
}

void a64_pmxevtyper_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    (void)r;
    type_write(c, c->s.pmselr & 31, value);
}

uint64_t a64_pmxevcntr_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    (void)r;
    return counter_read(c, c->s.pmselr & 31);
}

void a64_pmxevcntr_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    (void)r;
    counter_write(c, c->s.pmselr & 31, value);
}
