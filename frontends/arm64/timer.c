/* SPDX-License-Identifier: MIT */
/* frontends/arm64/timer.c -- the generic timer (manual D11) of a processor without EL2 and EL3: the
 * system counter at 62.5 MHz out of the machine's virtual time, physical and virtual timer (virtual
 * offset 0). Timer n of fe_system.timer_set is the one with index n: 0 virtual, 1 physical.
 * Not modelled: the event stream; WFE never sleeps. */
#include "frontends/arm64/sysreg.h"

enum { NS_PER_TICK = 16 };
enum { CTL_ENABLE = 1, CTL_IMASK = 2, CTL_ISTATUS = 4 };

uint64_t a64_counter(struct a64_cpu *c)
{
    return c->s.sys ? (uint64_t)c->s.sys->clock(&c->vc) / NS_PER_TICK : 0;
}

/* The comparison is of unsigned 64-bit counts. */
static bool fired(struct a64_cpu *c, unsigned n)
{
    return (c->s.cnt_ctl[n] & CTL_ENABLE) && a64_counter(c) >= c->s.cnt_cval[n];
}

void a64_tell(struct a64_cpu *c, unsigned n, int64_t deadline, enum a64_line line, bool level)
{
    if (c->s.told_deadline[n] != deadline) {
        c->s.told_deadline[n] = deadline;
        c->s.sys->timer_set(&c->vc, n, deadline);
    }
    if (c->s.told_line[line] != 1 + level) {
        c->s.told_line[line] = 1 + level;
        c->s.sys->line_out(&c->vc, line, level);
    }
}

/* Output and deadline follow from state. */
void a64_timer_update(struct a64_cpu *c, unsigned n)
{
    bool on = fired(c, n);
    int64_t deadline = INT64_MAX;

    if (!c->s.sys)
        return;
    if ((c->s.cnt_ctl[n] & CTL_ENABLE) && !on && c->s.cnt_cval[n] < INT64_MAX / NS_PER_TICK)
        deadline = (int64_t)(c->s.cnt_cval[n] * NS_PER_TICK);
    a64_tell(c, n, deadline, n == 0 ? A64_LINE_VTIMER : A64_LINE_PTIMER,
             on && !(c->s.cnt_ctl[n] & CTL_IMASK));
}

void a64_timer(struct tcg_vcpu *v, unsigned n)
{
    if (n > A64_NTIMERS)
        return;
    a64_cpu(v)->s.told_deadline[n] = 0; /* it has passed: nothing is set any more */
    if (n < A64_NTIMERS)
        a64_timer_update(a64_cpu(v), n);
    else
        a64_pmu_timer(a64_cpu(v));
}

uint64_t a64_cnt_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    (void)r;
    return a64_counter(c);
}

uint64_t a64_tval_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    return (uint32_t)(c->s.cnt_cval[r->index] - a64_counter(c));
}

void a64_tval_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    c->s.cnt_cval[r->index] = a64_counter(c) + (uint64_t)(int64_t)(int32_t)value;
    a64_timer_update(c, r->index);
}

uint64_t a64_cntctl_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    return c->s.cnt_ctl[r->index] | (fired(c, r->index) ? CTL_ISTATUS : 0);
}

void a64_cnt_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    a64_sysreg_store(c, r, value);
    a64_timer_update(c, r->index);
}

void a64_outputs(struct a64_cpu *c)
{
    c->s.told = true;
    for (unsigned n = 0; n < A64_NTIMERS; n++)
        a64_timer_update(c, n);
    a64_pmu_timer(c);
}
