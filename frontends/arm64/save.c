// SPDX-License-Identifier: MIT
/* frontends/arm64/save.c -- what of a machine's processor is saved: the units of regs.def, the fields
 * behind sysregs.def, and what neither names. Bits that a register cannot have are refused.
 *
 * Not saved, made anew from what is: the region key, outputs and deadlines of timers, the syndrome
 * of a fault on its way (there is none outside translated code). The exclusive monitor is open in
 * a saved processor and in the one that was saved, so that both go on alike; the next store
 * exclusive fails, as it may after any interruption (manual B2.9). */
#include "frontends/arm64/system.h"

#include "base/base.h"

#include <stdio.h>

#define FLAG_BITS                                                                                  \
    (TCG_FBIT_O | TCG_FBIT_C | TCG_FBIT_P | TCG_FBIT_A | TCG_FBIT_Z | TCG_FBIT_S)
#define INTERRUPTS (A64_PSTATE_A | A64_PSTATE_I | A64_PSTATE_F)
#define PSTATE_BITS                                                                                \
    (A64_PSTATE_DAIF | A64_PSTATE_PAN | A64_PSTATE_UAO | A64_PSTATE_SSBS | A64_PSTATE_DIT |        \
     A64_PSTATE_IL | A64_PSTATE_SS | A64_PSTATE_SP | A64_PSTATE_EL1)
#define COUNTERS 0x8000003full /* the cycle counter and A64_NCOUNTERS others */
#define AT(member) offsetof(struct a64_cpu, member)

static const uint8_t unit_types[] = {
#define UNIT(id, name, type, member) TCG_##type,
#include "frontends/arm64/regs.def"
};
static const struct {
    const char *name;
    uint32_t offset;
} units[] = {
#define UNIT(id, unit_name, type, member) { unit_name, AT(member) },
#include "frontends/arm64/regs.def"
};

/* Those that cannot have all values. */
static uint64_t unit_bits(unsigned unit)
{
    switch (unit) {
    case A64_U_NZCV:
        return FLAG_BITS;
    case A64_U_FPCR:
        return A64_FPCR_MASK;
    case A64_U_PSTATE:
        return PSTATE_BITS;
    case A64_U_BTYPE:
        return 3;
    case A64_U_PENDING:
        return INTERRUPTS;
    case A64_U_BARRIER:
    case A64_U_STEPPED:
        return 1;
    }
    return ~0ull;
}

static void unit_at(unsigned unit, struct fe_state *s)
{
    unsigned type = unit_types[unit];

    *s = (struct fe_state){units[unit].name, units[unit].offset, 8, 1, unit_bits(unit)};
    if (type == TCG_V128)
        s->count = 2;
    else if (type != TCG_I64)
        s->size = 4;
}

/* Registers whose bits are not those that a plain write changes. */
static uint64_t sysreg_bits(const struct a64_sysreg *r)
{
    switch (r->offset) {
    case AT(s.pmcnten):
    case AT(s.pmovs):
    case AT(s.pminten):
        return COUNTERS;
    case AT(s.dbgclaim):
        return 0xff;
    }
    return r->wmask | r->reset;
}

/* Several registers may show one field: the first of them saves it. */
static void sysreg_at(unsigned n, struct fe_state *s)
{
    const struct a64_sysreg *r = &a64_sysregs[n];

    *s = (struct fe_state){r->name, r->offset, 8, 1, sysreg_bits(r)};
    if (r->offset == AT(pc) || r->offset == AT(s.mpidr)) /* none; the place in the machine says it */
        s->count = 0;
    for (unsigned i = 0; i < n; i++)
        if (a64_sysregs[i].offset == r->offset)
            s->count = 0;
}

static const struct fe_state others[] = {
    {"pc", AT(pc), 8, 1, ~0ull},
    {"fpsr", AT(s.fpsr), 4, 1, A64_FPSR_EXC | A64_FPSR_IDC | A64_FPSR_QC},
    {"pmevcntr", AT(s.pmevcntr), 8, A64_NCOUNTERS, 0xffffffff},
    {"pm_base", AT(s.pm_base), 8, 1, ~0ull},
};

bool a64_state_at(unsigned n, struct fe_state *s)
{
    if (n < A64_U_COUNT) {
        unit_at(n, s);
        return true;
    }
    n -= A64_U_COUNT;
    if (n < a64_nsysregs) {
        sysreg_at(n, s);
        return true;
    }
    n -= a64_nsysregs;
    if (n >= ARRAY_LEN(others))
        return false;
    *s = others[n];
    return true;
}

void a64_state_save(struct tcg_vcpu *v)
{
    struct a64_cpu *c = a64_cpu(v);

    c->excl_addr = ~0ull;
    c->excl_lo = c->excl_hi = c->excl_pair = 0;
    c->sysval = 0;
    c->s.fpsr = a64_fpsr(c);
}

bool a64_state_valid(const struct tcg_vcpu *v, char *err, size_t err_len)
{
    const struct a64_cpu *c = (const struct a64_cpu *)v;
    unsigned mode = c->pstate & A64_PSTATE_MODE;

    if (mode != 0 && mode != 4 && mode != 5) {
        snprintf(err, err_len, "the processor is in mode 0x%x", mode);
        return false;
    }
    if (c->excl_addr != ~0ull) {
        snprintf(err, err_len, "the exclusive monitor is not open");
        return false;
    }
    return true;
}

void a64_state_restored(struct tcg_vcpu *v)
{
    struct a64_cpu *c = a64_cpu(v);

    a64_set_fpcr(c, c->fpcr);
    a64_set_fpsr(c, c->s.fpsr);
    a64_system_changed(c);
    c->s.fault.valid = false;
    for (unsigned n = 0; n < ARRAY_LEN(c->s.told_deadline); n++)
        c->s.told_deadline[n] = 0;
    for (unsigned n = 0; n < ARRAY_LEN(c->s.told_line); n++)
        c->s.told_line[n] = 0;
    a64_outputs(c);
}
