/* SPDX-License-Identifier: MIT */
/* frontends/arm64/debug_regs.c -- self-hosted debug of a machine (manual D2): software step, hardware
 * breakpoints and watchpoints, and when they count. Code is translated with checks only while the
 * guest has armed something at the exception level that runs.
 *
 * Not modelled: breakpoints and watchpoints linked to a context or by context identifier. */
#include "frontends/arm64/helper.h"
#include "frontends/arm64/system.h"

#include "base/bits.h"

enum { MDSCR_SS = 1, MDSCR_KDE = 1 << 13, MDSCR_MDE = 1 << 15, OS_LOCKED = 2 };

/* Are debug exceptions taken from this level, with PSTATE.D as given? */
static bool enabled(const struct a64_cpu *c, unsigned el, bool masked)
{
    if ((c->s.oslar & OS_LOCKED) || (c->s.osdlr & 1))
        return false;
    return !el || ((c->s.mdscr & MDSCR_KDE) && !masked);
}

/* PMC, PAC and HMC of a control register: is it for this level? */
static bool for_level(uint64_t control, unsigned el)
{
    unsigned levels = control >> 1 & 3;

    return (control & 1) && (el ? levels & 1 : levels & 2);
}

static bool any(const uint64_t *control, unsigned n, unsigned el)
{
    for (unsigned i = 0; i < n; i++)
        if (for_level(control[i], el))
            return true;
    return false;
}

uint64_t a64_debug_key(const struct a64_cpu *c)
{
    unsigned el = a64_el(c);
    uint64_t key = 0;

    if (MOA_LIKELY(!(c->s.mdscr & (MDSCR_SS | MDSCR_MDE))))
        return 0;
    if (el && (c->s.mdscr & MDSCR_KDE))
        key |= A64_KEYBIT_KDE;
    if (!enabled(c, el, c->pstate & A64_PSTATE_D))
        return key;
    if (c->s.mdscr & MDSCR_SS)
        key |= A64_KEYBIT_STEP;
    if (!(c->s.mdscr & MDSCR_MDE))
        return key;
    return key | (any(c->s.dbgbcr, A64_NBREAKS, el) ? A64_KEYBIT_BP : 0) |
           (any(c->s.dbgwcr, A64_NWATCHES, el) ? A64_KEYBIT_WP : 0);
}

/* What becomes of SPSR.SS at a return to level el. */
bool a64_step_restored(const struct a64_cpu *c, uint64_t spsr)
{
    return (spsr & A64_PSTATE_SS) && (c->s.mdscr & MDSCR_SS) &&
           !enabled(c, a64_el(c), c->pstate & A64_PSTATE_D) &&
           enabled(c, spsr >> 2 & 3, spsr & A64_PSTATE_D);
}

bool a64_stepping(const struct a64_cpu *c)
{
    return !c->user && (a64_debug_key(c) & A64_KEYBIT_STEP);
}

void a64_begin_again(struct tcg_vcpu *v)
{
    struct a64_cpu *c = a64_cpu(v);

    if (MOA_UNLIKELY(c->stepped) && a64_stepping(c)) {
        c->stepped = 0;
        c->pstate |= A64_PSTATE_SS;
    }
}

/* ---- checks in translated code ---- */

static uint32_t breakpoint(struct tcg_vcpu *v, uint64_t pc)
{
    const struct a64_cpu *c = a64_cpu(v);
    unsigned el = a64_el(c);

    for (unsigned i = 0; i < A64_NBREAKS; i++) {
        uint64_t control = c->s.dbgbcr[i];

        if (!for_level(control, el) || (control >> 20 & 15) ||
            bits_get(c->s.dbgbvr[i] ^ pc, 2, 51))
            continue;
        v->exit.reason = TCG_EXIT_EXCEPTION;
        v->exit.code = A64_EXC_ESR;
        v->exit.addr = a64_syndrome(el ? A64_EC_BREAK + 1 : A64_EC_BREAK, A64_FSC_DEBUG);
        return 1;
    }
    return 0;
}

/* Does watchpoint i cover a byte of [addr, addr + size)? *first: the first such byte. */
static bool covers(const struct a64_cpu *c, unsigned i, uint64_t addr, unsigned size,
                   uint64_t *first)
{
    uint64_t at = c->s.dbgwvr[i], control = c->s.dbgwcr[i];
    unsigned mask = control >> 24 & 31, select = control >> 5 & 0xff;

    addr &= bits_mask(56);
    at &= bits_mask(56);
    if (mask > 2) {
        at &= ~bits_mask(mask);
        *first = addr > at ? addr : at;
        return addr + size > at && addr < at + (1ull << mask);
    }
    if (at & 4)
        select = select << 4 & 0xf0;
    at &= ~7ull;
    for (unsigned n = 0; n < 8; n++)
        if ((select >> n & 1) && at + n >= addr && at + n < addr + size) {
            *first = at + n;
            return true;
        }
    return false;
}

/* what: size | enum tcg_watch_kind << 8. */
static uint32_t watchpoint(struct tcg_vcpu *v, uint64_t addr, uint32_t what)
{
    struct a64_cpu *c = a64_cpu(v);
    unsigned size = what & 0xff, kinds = what >> 8, el = a64_el(c);

    for (unsigned i = 0; i < A64_NWATCHES; i++) {
        uint64_t control = c->s.dbgwcr[i], first;

        if (!for_level(control, el) || !(control >> 3 & 3 & kinds) ||
            !covers(c, i, addr, size, &first))
            continue;
        v->exit.reason = TCG_EXIT_EXCEPTION;
        v->exit.code = A64_EXC_WATCH;
        v->exit.addr = addr + ((first - addr) & bits_mask(56)); /* with the tag */
        v->exit.access = control >> 3 & kinds & 2 ? TCG_WRITE : TCG_READ;
        return 1;
    }
    return 0;
}

const struct tcg_helper a64_helper_breakpoint = {
    .name = "a64_breakpoint", .fn = (void (*)(void))breakpoint, .ret = TCG_VOID, .nargs = 1,
    .args = { TCG_I64 }, .flags = TCG_H_VCPU | TCG_H_LEAVE,
};
const struct tcg_helper a64_helper_watchpoint = {
    .name = "a64_watchpoint", .fn = (void (*)(void))watchpoint, .ret = TCG_VOID, .nargs = 2,
    .args = { TCG_I64, TCG_I32 }, .flags = TCG_H_VCPU | TCG_H_LEAVE,
};
