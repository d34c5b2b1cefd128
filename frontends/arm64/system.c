/* SPDX-License-Identifier: MIT */
/* frontends/arm64/system.c -- a machine's processor as a whole: reset, start, the part of the region key
 * that comes from system registers (key.h). */
#include "frontends/arm64/system.h"

#include <string.h>

/* Aff0 counts to 15 as a GICv3's target lists do, then Aff1. */
static uint64_t mpidr_of(unsigned index)
{
    return 1ull << 31 | (uint64_t)(index / 16) << 8 | index % 16;
}

/* After reset: EL1h, all interrupts masked, MMU off. Callbacks of the machine are not used: its lock
 * may be held. */
void a64_system_reset(struct a64_cpu *c)
{
    const struct fe_system *sys = c->s.sys;
    uint32_t index = c->s.index;
    bool gic = c->s.gic_regs;

    memset(&c->s, 0, sizeof(c->s));
    c->s.sys = sys;
    c->s.index = index;
    c->s.gic_regs = gic;
    a64_sysregs_reset(c);
    c->s.mpidr = mpidr_of(index);
    c->pstate = A64_PSTATE_EL1 | A64_PSTATE_SP | A64_PSTATE_DAIF;
    a64_system_changed(c);
}

void a64_attach_system(struct tcg_vcpu *v, const struct fe_system *sys, unsigned index)
{
    struct a64_cpu *c = a64_cpu(v);
    uint64_t value;

    c->s.sys = sys;
    c->s.index = index;
    c->s.mpidr = mpidr_of(index);
    c->s.gic_regs = sys->sysreg && sys->sysreg(v, A64_SYSREG(3, 0, 12, 12, 5), false, &value);
}

void a64_start_at(struct tcg_vcpu *v, uint64_t pc, uint64_t arg)
{
    struct a64_cpu *c = a64_cpu(v);

    c->pc = pc;
    v->hot[0] = arg;
}

static unsigned mmu_of(const struct a64_cpu *c)
{
    if (!a64_el(c))
        return A64_MMU_EL0;
    return c->pstate & A64_PSTATE_PAN ? A64_MMU_EL1_PAN : A64_MMU_EL1;
}

/* The part that PSTATE has nothing to do with, at one level. */
static uint64_t registers_key(const struct a64_cpu *c, bool el1)
{
    uint64_t sctlr = c->s.sctlr, key = el1 ? A64_KEYBIT_EL1 : 0;
    unsigned fpen = c->s.cpacr >> 20 & 3;

    if (sctlr & A64_SCTLR_A)
        key |= A64_KEYBIT_ALIGN;
    if (!(fpen & 1) || (!el1 && fpen == 1))
        key |= A64_KEYBIT_FP_TRAP;
    if (a64_sf(c, A64_SF_PAUTH))
        key |= (sctlr & A64_SCTLR_ENIA ? 0 : A64_KEYBIT_NO_IA) |
               (sctlr & A64_SCTLR_ENIB ? 0 : A64_KEYBIT_NO_IA << 1) |
               (sctlr & A64_SCTLR_ENDA ? 0 : A64_KEYBIT_NO_IA << 2) |
               (sctlr & A64_SCTLR_ENDB ? 0 : A64_KEYBIT_NO_IA << 3);
    if (a64_tbi(c, 0, true))
        key |= A64_KEYBIT_TBI0;
    if (a64_tbi(c, ~0ull, true))
        key |= A64_KEYBIT_TBI1;
    if (a64_sf(c, A64_SF_BTI))
        key |= A64_KEYBIT_BTI;
    if (sctlr & (el1 ? A64_SCTLR_BT1 : A64_SCTLR_BT0))
        key |= A64_KEYBIT_BT;
    if (el1)
        return key;
    return key | (sctlr & A64_SCTLR_UCI ? 0 : A64_KEYBIT_NO_UCI) |
           (sctlr & A64_SCTLR_UCT ? 0 : A64_KEYBIT_NO_UCT) |
           (sctlr & A64_SCTLR_DZE ? 0 : A64_KEYBIT_NO_DZE) |
           (sctlr & A64_SCTLR_UMA ? 0 : A64_KEYBIT_NO_UMA) |
           (sctlr & A64_SCTLR_NTWI ? 0 : A64_KEYBIT_TRAP_WFI) |
           (sctlr & A64_SCTLR_MSCEN ? 0 : A64_KEYBIT_NO_MOPS) |
           (sctlr & A64_SCTLR_NTWE ? 0 : A64_KEYBIT_TRAP_WFE);
}

void a64_system_changed(struct a64_cpu *c)
{
    c->s.key[0] = registers_key(c, false);
    c->s.key[1] = registers_key(c, true);
}

uint64_t a64_system_key(const struct a64_cpu *c)
{
    bool el1 = a64_el(c);
    uint64_t key = c->s.key[el1] | (uint64_t)mmu_of(c) << A64_KEY_MMU_LSB;

    if (MOA_UNLIKELY(c->pstate & (A64_PSTATE_UAO | A64_PSTATE_IL)))
        key |= (c->pstate & A64_PSTATE_UAO ? A64_KEYBIT_UAO : 0) |
               (c->pstate & A64_PSTATE_IL ? A64_KEYBIT_IL : 0);
    if (el1 && !(c->pstate & A64_PSTATE_SP))
        key |= A64_KEYBIT_SP0;
    if (MOA_UNLIKELY(c->sp & 15) && (c->s.sctlr & (el1 ? A64_SCTLR_SA : A64_SCTLR_SA0)))
        key |= A64_KEYBIT_SP_ALIGN;
    return key | a64_debug_key(c);
}
