/* SPDX-License-Identifier: MIT */
/* frontends/arm64/exception.c -- exceptions that a machine's EL1 takes (manual D1.3): syndromes, entry,
 * return, interrupts, and what leaves translated code for other reasons (WFI, firmware calls, the wait
 * of a barrier). Where a program would get a signal, linux-user does all of this instead. */
#include "frontends/arm64/helper.h"
#include "frontends/arm64/system.h"

#include "base/log.h"
#include "tcg/engine.h"

#include <inttypes.h>

enum { SYNC = 0, IRQ = 0x80, FIQ = 0x100, SERROR = 0x180 }; /* offsets of vectors */

/* ---- PSTATE ---- */

static unsigned stack_of(uint64_t pstate)
{
    return (pstate & A64_PSTATE_EL1) && (pstate & A64_PSTATE_SP);
}

void a64_set_pstate(struct a64_cpu *c, uint64_t value)
{
    unsigned from = stack_of(c->pstate), to = stack_of(value);

    c->sp_el[from] = c->sp;
    c->sp = c->sp_el[to];
    c->pstate = value;
}

/* ---- entry ---- */

/* Is the exception of the instruction that is stepped over? Then it is not done. */
static uint64_t step_of(const struct a64_cpu *c, unsigned vector)
{
    bool done = c->vc.exit.reason == TCG_EXIT_SYSCALL || c->vc.exit.code == A64_EXC_STEP ||
                c->vc.exit.code == A64_EXC_HVC || c->vc.exit.code == A64_EXC_SMC;

    return vector == SYNC && c->stepped && !done && a64_stepping(c) ? A64_PSTATE_SS : 0;
}

/* A step that is done is an exception before the next instruction is even fetched. */
static bool step_before_fetch(const struct a64_cpu *c)
{
    const struct tcg_exit *e = &c->vc.exit;
    bool fetch = (e->reason == TCG_EXIT_FAULT && e->access == TCG_FETCH) ||
                 (e->reason == TCG_EXIT_EXCEPTION && e->code == TCG_EXC_PC_ALIGN);

    return fetch && !(c->pstate & A64_PSTATE_SS) && a64_stepping(c);
}

static void enter(struct a64_cpu *c, unsigned vector, uint64_t pc)
{
    uint64_t spsr = a64_cpsr(c) | step_of(c, vector), ps;

    ps = c->pstate & (A64_PSTATE_PAN | A64_PSTATE_DIT);
    ps |= A64_PSTATE_EL1 | A64_PSTATE_SP | A64_PSTATE_DAIF;
    if (a64_sf(c, A64_SF_PAN) && !(c->s.sctlr & A64_SCTLR_SPAN))
        ps |= A64_PSTATE_PAN;
    if (a64_sf(c, A64_SF_SSBS) && (c->s.sctlr & A64_SCTLR_DSSBS))
        ps |= A64_PSTATE_SSBS;
    vector += !a64_el(c) ? 0x400 : c->pstate & A64_PSTATE_SP ? 0x200 : 0;
    a64_set_pstate(c, ps);
    c->btype = 0;
    c->stepped = 0;
    c->spsr = spsr;
    c->elr = pc;
    c->pc = c->s.vbar + vector;
    if (log_on(LOG_int))
        log_printf("exception to %#" PRIx64 " from %#" PRIx64 " SPSR %#" PRIx64 " ESR %#" PRIx64
                   " FAR %#" PRIx64 "\n", c->pc, pc, spsr, c->esr, c->far);
}

static void sync_exception(struct a64_cpu *c, uint64_t esr, uint64_t pc)
{
    c->esr = esr;
    enter(c, SYNC, pc);
}

static void abort_exception(struct a64_cpu *c, uint64_t addr, enum tcg_access access, unsigned fsc,
                            bool maintenance)
{
    uint32_t iss = fsc;
    enum a64_ec ec = access == TCG_FETCH ? A64_EC_IABORT : A64_EC_DABORT;

    if (access != TCG_FETCH && (access == TCG_WRITE || maintenance))
        iss |= 1 << 6;
    if (maintenance)
        iss |= 1 << 8;
    if (a64_el(c))
        ec++; /* taken without a change of level */
    c->far = addr;
    sync_exception(c, a64_syndrome(ec, iss), c->pc);
}

/* A fault of fetching is found while translating, and its cause may be gone since. False: run
 * again. */
static bool fetch_fault(struct a64_cpu *c, uint64_t addr)
{
    struct fe_page page;

    if (c->s.fault.valid && c->s.fault.addr == addr && c->s.fault.access == TCG_FETCH)
        return true;
    return !a64_walk(&c->vc, addr, TCG_FETCH, a64_mmu_now(&c->vc), false, &page);
}

static void fault(struct a64_cpu *c)
{
    uint64_t addr = c->vc.exit.addr;
    enum tcg_access access = (enum tcg_access)c->vc.exit.access;

    if (access == TCG_FETCH && !fetch_fault(c, addr))
        return;
    if (!c->s.fault.valid) /* cannot be: nobody has said why */
        a64_fault(c, addr, access, A64_FSC_EXTERNAL);
    c->s.fault.valid = false;
    abort_exception(c, addr, access, c->s.fault.fsc, c->s.fault.maintenance);
}

/* ISS of FEAT_MOPS, from the instruction. */
static uint32_t mops_iss(struct a64_cpu *c)
{
    (void)c;
    return 0;
}

static void firmware(struct a64_cpu *c, unsigned kind)
{
    const struct fe_system *sys = c->s.sys;

    if (!sys->firmware_call || !sys->firmware_call(&c->vc, kind))
        sync_exception(c, a64_syndrome(A64_EC_UNKNOWN, 0), c->pc - 4);
}

bool a64_exception(struct tcg_vcpu *v)
{
    struct a64_cpu *c = a64_cpu(v);
    struct tcg_exit *e = &v->exit;

    if (MOA_UNLIKELY(step_before_fetch(c))) {
        e->reason = TCG_EXIT_EXCEPTION;
        e->code = A64_EXC_STEP;
        c->s.fault.valid = false;
    }
    switch (e->reason) {
    case TCG_EXIT_SYSCALL:
        sync_exception(c, a64_syndrome(A64_EC_SVC, e->code & 0xffff), c->pc);
        return true;
    case TCG_EXIT_FAULT:
        fault(c);
        return true;
    case TCG_EXIT_EXCEPTION:
        break;
    default:
        return false;
    }
    switch (e->code) {
    case TCG_EXC_UNDEFINED:
        sync_exception(c, a64_syndrome(A64_EC_UNKNOWN, 0), c->pc);
        return true;
    case TCG_EXC_BREAKPOINT:
        sync_exception(c, a64_syndrome(A64_EC_BRK, e->addr & 0xffff), c->pc);
        return true;
    case TCG_EXC_ALIGN:
        abort_exception(c, e->addr, e->access == TCG_WRITE && e->fault != A64_FAULT_ATOMIC
                                        ? TCG_WRITE : TCG_READ, A64_FSC_ALIGN, false);
        return true;
    case A64_EXC_ALIGN_READ:
        abort_exception(c, e->addr, TCG_READ, A64_FSC_ALIGN, false);
        return true;
    case A64_EXC_ALIGN_WRITE:
        abort_exception(c, e->addr, TCG_WRITE, A64_FSC_ALIGN, false);
        return true;
    case TCG_EXC_PC_ALIGN:
        c->far = c->pc;
        sync_exception(c, a64_syndrome(A64_EC_PC_ALIGN, 0), c->pc);
        return true;
    case TCG_EXC_SP_ALIGN:
        sync_exception(c, a64_syndrome(A64_EC_SP_ALIGN, 0), c->pc);
        return true;
    case A64_EXC_BTI:
        sync_exception(c, a64_syndrome(A64_EC_BTI, c->btype & 3), c->pc);
        return true;
    case A64_EXC_PAC: /* bit 1: data key, bit 0: B key */
        sync_exception(c, a64_syndrome(A64_EC_PAC, c->s.pac_key & 3), c->pc);
        return true;
    case A64_EXC_MOPS:
        sync_exception(c, a64_syndrome(A64_EC_MOPS, mops_iss(c)), c->pc);
        return true;
    case A64_EXC_ESR:
        sync_exception(c, e->addr, c->pc);
        return true;
    case A64_EXC_STEP:
        sync_exception(c, a64_syndrome(a64_el(c) ? A64_EC_STEP + 1 : A64_EC_STEP,
                                       1 << 24 | A64_FSC_DEBUG), c->pc);
        return true;
    case A64_EXC_WATCH:
        c->far = e->addr;
        sync_exception(c, a64_syndrome(a64_el(c) ? A64_EC_WATCH + 1 : A64_EC_WATCH,
                                       (e->access == TCG_WRITE ? 1 << 6 : 0) | A64_FSC_DEBUG), c->pc);
        return true;
    case A64_EXC_HVC:
        firmware(c, FE_FIRMWARE_HVC);
        return true;
    case A64_EXC_SMC:
        firmware(c, FE_FIRMWARE_SMC);
        return true;
    case A64_EXC_HLT:
        firmware(c, FE_FIRMWARE_SEMIHOSTING);
        return true;
    case A64_EXC_WFI:
        if (c->s.sys->halt)
            c->s.sys->halt(v);
        return true;
    case A64_EXC_WFE:
        if (c->s.sys->yield)
            c->s.sys->yield(v);
        return true;
    case A64_EXC_BARRIER:
        c->barrier = 0;
        c->s.sys->barrier(v);
        return true;
    }
    return false;
}

/* ---- interrupts ---- */

void a64_line_in(struct tcg_vcpu *v, unsigned line, bool level)
{
    struct a64_cpu *c = a64_cpu(v);
    uint32_t bit = line == FE_LINE_IRQ ? A64_PSTATE_I : line == FE_LINE_FIQ ? A64_PSTATE_F : 0;

    if (level)
        atomic_fetch_or(&c->pending, bit);
    else
        atomic_fetch_and(&c->pending, ~bit);
    if (level && bit)
        tcg_kick(v);
}

bool a64_interrupt(struct tcg_vcpu *v)
{
    struct a64_cpu *c = a64_cpu(v);
    uint32_t may;

    if (MOA_UNLIKELY(!c->s.told))
        a64_outputs(c);
    may = atomic_load(&c->pending) & ~(uint32_t)c->pstate;
    if (MOA_LIKELY(!(may & A64_PSTATE_DAIF)))
        return false;
    if (may & A64_PSTATE_F) {
        enter(c, FIQ, c->pc);
    } else if (may & A64_PSTATE_I) {
        enter(c, IRQ, c->pc);
    } else if (may & A64_PSTATE_A) {
        atomic_fetch_and(&c->pending, ~(uint32_t)A64_PSTATE_A);
        c->esr = a64_syndrome(A64_EC_SERROR, 0);
        enter(c, SERROR, c->pc);
    } else {
        return false;
    }
    return true;
}

bool a64_has_work(struct tcg_vcpu *v)
{
    return atomic_load(&a64_cpu(v)->pending) & A64_PSTATE_DAIF;
}

/* ---- return ---- */

static bool legal_mode(uint64_t spsr)
{
    unsigned mode = spsr & A64_PSTATE_MODE;

    return mode == 0 || mode == 4 || mode == 5;
}

/* Fields of PSTATE that this processor has. */
static uint64_t fields(const struct a64_cpu *c)
{
    return A64_PSTATE_DAIF | A64_PSTATE_IL |
           (a64_sf(c, A64_SF_PAN) ? A64_PSTATE_PAN : 0) |
           (a64_sf(c, A64_SF_UAO) ? A64_PSTATE_UAO : 0) |
           (a64_sf(c, A64_SF_DIT) ? A64_PSTATE_DIT : 0) |
           (a64_sf(c, A64_SF_SSBS) ? A64_PSTATE_SSBS : 0);
}

static void eret(struct tcg_vcpu *v)
{
    struct a64_cpu *c = a64_cpu(v);
    uint64_t spsr = c->spsr, keep = fields(c) | (a64_step_restored(c, c->spsr) ? A64_PSTATE_SS : 0);

    c->nzcv = a64_packed_from_nzcv((uint32_t)spsr);
    c->btype = a64_sf(c, A64_SF_BTI) ? spsr >> 10 & 3 : 0;
    c->excl_addr = ~0ull;
    c->stepped = 0;
    if (legal_mode(spsr)) {
        a64_set_pstate(c, spsr & (keep | A64_PSTATE_MODE));
    } else { /* the level stays; the next instruction is an illegal execution state */
        uint64_t mode = c->pstate & (A64_PSTATE_MODE | A64_PSTATE_PAN | A64_PSTATE_UAO |
                                     A64_PSTATE_SSBS | A64_PSTATE_DIT);

        c->pstate = mode | A64_PSTATE_IL | (spsr & A64_PSTATE_DAIF);
    }
}

static const uint16_t eret_reads[] = {
    A64_U_SP, A64_U_SP_EL0, A64_U_SP_EL1, A64_U_SPSR_EL1, A64_U_PSTATE, TCG_NO_UNIT,
};
static const uint16_t eret_writes[] = {
    A64_U_SP, A64_U_SP_EL0, A64_U_SP_EL1, A64_U_PSTATE, A64_U_NZCV, A64_U_BTYPE, A64_U_EXCL_ADDR,
    A64_U_STEPPED, TCG_NO_UNIT,
};
const struct tcg_helper a64_helper_eret = {
    .name = "a64_eret", .fn = (void (*)(void))eret, .ret = TCG_VOID, .flags = TCG_H_VCPU,
    .reads = eret_reads, .writes = eret_writes,
};

static void spsel(struct tcg_vcpu *v, uint32_t sel)
{
    struct a64_cpu *c = a64_cpu(v);

    a64_set_pstate(c, (c->pstate & ~(uint64_t)A64_PSTATE_SP) | sel);
}

static const uint16_t spsel_units[] = {
    A64_U_SP, A64_U_SP_EL0, A64_U_SP_EL1, A64_U_PSTATE, TCG_NO_UNIT,
};
const struct tcg_helper a64_helper_spsel = {
    .name = "a64_spsel", .fn = (void (*)(void))spsel, .ret = TCG_VOID, .nargs = 1,
    .args = { TCG_I32 }, .flags = TCG_H_VCPU, .reads = spsel_units, .writes = spsel_units,
};
