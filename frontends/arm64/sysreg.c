/* SPDX-License-Identifier: MIT */
/* frontends/arm64/sysreg.c -- the table of a machine's system registers (manual D19): look-up, reset,
 * and access with its checks. The translator decides what is constant (access by exception level,
 * ID registers); helpers here do the rest. Hooks are in sysreg_hooks.c, timer.c and pmu.c. */
#include "frontends/arm64/sysreg.h"
#include "frontends/arm64/helper.h"

#include "base/base.h"

enum {
    RW = A64_ACC_R1 | A64_ACC_W1, RO = A64_ACC_R1, WO = A64_ACC_W1,
    RW_RW = RW | A64_ACC_R0 | A64_ACC_W0, RW_RO = RW | A64_ACC_R0, RO_RO = RO | A64_ACC_R0,
    WO_WO = WO | A64_ACC_W0, END = A64_SR_END,
};

/* The pc is no system register: its offset stands for "no field". */
enum { NO_FIELD = offsetof(struct a64_cpu, pc) };

const struct a64_sysreg a64_sysregs[] = {
#define NONE pc
#define SYSREG(reg_name, o0, o1, n, m, o2, acc, field, mask, value, feat, trap_kind, fl, idx, rd, wr) \
    { .name = reg_name, .reg = A64_SYSREG(o0, o1, n, m, o2),                                      \
      .offset = offsetof(struct a64_cpu, field), .access = acc, .feature = A64_SF_##feat,         \
      .trap = A64_TRAP_##trap_kind, .flags = fl, .index = idx, .reset = value, .wmask = mask,     \
      .read = rd, .write = wr },
#include "frontends/arm64/sysregs.def"
#undef NONE
};
const unsigned a64_nsysregs = ARRAY_LEN(a64_sysregs);

const struct a64_sysreg *a64_sysreg_find(const struct fe_cpu_config *cfg, unsigned reg)
{
    for (unsigned i = 0; i < a64_nsysregs; i++)
        if (a64_sysregs[i].reg == reg)
            return a64_sysregs[i].feature == A64_SF_BASE ||
                           (cfg->sysfeat >> a64_sysregs[i].feature & 1)
                       ? &a64_sysregs[i]
                       : NULL;
    return NULL;
}

uint64_t a64_sysreg_read(struct a64_cpu *c, const struct a64_sysreg *r)
{
    if (r->read)
        return r->read(c, r);
    return r->offset == NO_FIELD ? 0 : *a64_sysreg_field(c, r);
}

void a64_sysreg_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    if (r->write)
        r->write(c, r, value);
    else if (r->offset != NO_FIELD)
        a64_sysreg_store(c, r, value);
}

void a64_sysregs_reset(struct a64_cpu *c)
{
    for (unsigned i = 0; i < a64_nsysregs; i++)
        if (a64_sysregs[i].offset != NO_FIELD)
            *a64_sysreg_field(c, &a64_sysregs[i]) = a64_sysregs[i].reset;
    c->s.sctlr = c->cfg->sctlr;
}

uint32_t a64_sysreg_iss(unsigned reg, unsigned rt, bool read)
{
    unsigned op0 = reg >> 14 & 3, op1 = reg >> 11 & 7, crn = reg >> 7 & 15, crm = reg >> 3 & 15;

    return op0 << 20 | (reg & 7) << 17 | op1 << 14 | crn << 10 | rt << 5 | crm << 1 | read;
}

/* ---- access from translated code ---- */

/* EL0 only: has the kernel forbidden it? */
static bool trapped(const struct a64_cpu *c, enum a64_trap trap, bool read)
{
    uint64_t k = c->s.cntkctl, u = c->s.pmuserenr;

    switch (trap) {
    case A64_TRAP_NONE:
        return false;
    case A64_TRAP_VCT:
        return !(k & 2);
    case A64_TRAP_PCT:
        return !(k & 1);
    case A64_TRAP_FRQ:
        return !(k & 3);
    case A64_TRAP_VTIMER:
        return !(k >> 8 & 1);
    case A64_TRAP_PTIMER:
        return !(k >> 9 & 1);
    case A64_TRAP_PMU:
        return !(u & 1);
    case A64_TRAP_PMU_SW:
        return !(u & 3);
    case A64_TRAP_PMU_CR:
        return !(u & 1) && !(read && (u & 4));
    case A64_TRAP_PMU_ER:
        return !(u & 1) && !(read && (u & 8));
    case A64_TRAP_PMU_SEL:
        return !(u & 1) && !(u & 8);
    case A64_TRAP_DCC:
        return c->s.mdscr >> 12 & 1;
    case A64_TRAP_SCXT:
        return c->s.sctlr & A64_SCTLR_TSCXT;
    }
    return true;
}

static bool may(struct a64_cpu *c, const struct a64_sysreg *r, uint32_t rt, bool read)
{
    if (a64_el(c) || !trapped(c, (enum a64_trap)r->trap, read))
        return true;
    c->vc.exit.reason = TCG_EXIT_EXCEPTION;
    c->vc.exit.code = A64_EXC_ESR;
    c->vc.exit.addr = a64_syndrome(A64_EC_SYSREG, a64_sysreg_iss(r->reg, rt, read));
    return false;
}

static uint32_t mrs(struct tcg_vcpu *v, uint32_t row, uint32_t rt)
{
    struct a64_cpu *c = a64_cpu(v);
    const struct a64_sysreg *r = &a64_sysregs[row];

    if (!may(c, r, rt, true))
        return 1;
    c->sysval = a64_sysreg_read(c, r);
    return 0;
}

static uint32_t msr(struct tcg_vcpu *v, uint32_t row, uint32_t rt, uint64_t value)
{
    struct a64_cpu *c = a64_cpu(v);
    const struct a64_sysreg *r = &a64_sysregs[row];

    if (!may(c, r, rt, false))
        return 1;
    a64_sysreg_write(c, r, value);
    return 0;
}

/* ---- registers of the machine: the interrupt controller's ---- */

static uint32_t undefined(struct tcg_vcpu *v)
{
    v->exit.reason = TCG_EXIT_EXCEPTION;
    v->exit.code = TCG_EXC_UNDEFINED;
    v->exit.addr = a64_cpu(v)->pc;
    return 1;
}

static uint32_t mrs_machine(struct tcg_vcpu *v, uint32_t reg)
{
    const struct fe_system *sys = a64_cpu(v)->s.sys;

    if (!sys || !sys->sysreg || !sys->sysreg(v, reg, false, &a64_cpu(v)->sysval))
        return undefined(v);
    return 0;
}

static uint32_t msr_machine(struct tcg_vcpu *v, uint32_t reg, uint64_t value)
{
    const struct fe_system *sys = a64_cpu(v)->s.sys;

    if (!sys || !sys->sysreg || !sys->sysreg(v, reg, true, &value))
        return undefined(v);
    return 0;
}

static const uint16_t sysval_unit[] = { A64_U_SYSVAL, TCG_NO_UNIT };

const struct tcg_helper a64_helper_mrs = {
    .name = "a64_mrs", .fn = (void (*)(void))mrs, .ret = TCG_VOID, .nargs = 2,
    .args = { TCG_I32, TCG_I32 }, .flags = TCG_H_VCPU | TCG_H_LEAVE, .writes = sysval_unit,
};
const struct tcg_helper a64_helper_msr = {
    .name = "a64_msr", .fn = (void (*)(void))msr, .ret = TCG_VOID, .nargs = 3,
    .args = { TCG_I32, TCG_I32, TCG_I64 }, .flags = TCG_H_VCPU | TCG_H_LEAVE,
};
const struct tcg_helper a64_helper_mrs_machine = {
    .name = "a64_mrs_machine", .fn = (void (*)(void))mrs_machine, .ret = TCG_VOID, .nargs = 1,
    .args = { TCG_I32 }, .flags = TCG_H_VCPU | TCG_H_LEAVE, .writes = sysval_unit,
};
const struct tcg_helper a64_helper_msr_machine = {
    .name = "a64_msr_machine", .fn = (void (*)(void))msr_machine, .ret = TCG_VOID, .nargs = 2,
    .args = { TCG_I32, TCG_I64 }, .flags = TCG_H_VCPU | TCG_H_LEAVE,
};
