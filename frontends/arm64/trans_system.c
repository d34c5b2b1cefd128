/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_system.c -- hints, barriers, cache maintenance, and system registers as
 * Linux lets EL0 use them (manual C4.1.93, D19; Documentation/arm64/cpu-feature-registers). What
 * Linux traps is undefined here: DAIF, CNTPCT_EL0, performance counters, SPECRES. */
#include "frontends/arm64/helper.h"
#include "frontends/arm64/trans_sys.h"

#include "base/bits.h"
#include "base/log.h"

#include <string.h>

#define SYSREG(op0, op1, crn, crm, op2) ((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

enum sysreg {
    NZCV = SYSREG(3, 3, 4, 2, 0),
    DIT = SYSREG(3, 3, 4, 2, 5),
    SSBS = SYSREG(3, 3, 4, 2, 6),
    FPCR = SYSREG(3, 3, 4, 4, 0),
    FPSR = SYSREG(3, 3, 4, 4, 1),
    TPIDR = SYSREG(3, 3, 13, 0, 2),
    TPIDRRO = SYSREG(3, 3, 13, 0, 3),
    CNTFRQ = SYSREG(3, 3, 14, 0, 0),
    CNTVCT = SYSREG(3, 3, 14, 0, 2),
    CTR = SYSREG(3, 3, 0, 0, 1),
    DCZID = SYSREG(3, 3, 0, 0, 7),
    MIDR = SYSREG(3, 0, 0, 0, 0),
    MPIDR = SYSREG(3, 0, 0, 0, 5),
    REVIDR = SYSREG(3, 0, 0, 0, 6),
    PFR0 = SYSREG(3, 0, 0, 4, 0),
    PFR1 = SYSREG(3, 0, 0, 4, 1),
    DFR0 = SYSREG(3, 0, 0, 5, 0),
    ISAR0 = SYSREG(3, 0, 0, 6, 0),
    ISAR1 = SYSREG(3, 0, 0, 6, 1),
    ISAR2 = SYSREG(3, 0, 0, 6, 2),
    MMFR0 = SYSREG(3, 0, 0, 7, 0),
    MMFR1 = SYSREG(3, 0, 0, 7, 1),
    MMFR2 = SYSREG(3, 0, 0, 7, 2),
};

static unsigned sysreg_of(const struct a64_insn *a)
{
    return (unsigned)SYSREG(a->O + 2, a->o, a->C, a->M, a->p);
}

/* ---- reads ---- */

/* The ID space that Linux emulates: op1 0, CRn 0, CRm 0 (three registers) and 2..7. */
static bool id_reg(const struct a64_tr *t, unsigned reg, uint64_t *value)
{
    static const struct {
        uint16_t reg;
        uint8_t id;
    } ids[] = {
        { PFR0, A64_ID_PFR0 },   { PFR1, A64_ID_PFR1 },   { ISAR0, A64_ID_ISAR0 },
        { ISAR1, A64_ID_ISAR1 }, { ISAR2, A64_ID_ISAR2 }, { MMFR0, A64_ID_MMFR0 },
        { MMFR1, A64_ID_MMFR1 }, { MMFR2, A64_ID_MMFR2 },
    };
    unsigned crm = reg >> 3 & 15;

    *value = 0;
    if (reg >> 7 != (unsigned)SYSREG(3, 0, 0, 0, 0) >> 7 || crm == 1 || crm > 7)
        return false;
    if (!crm) {
        *value = reg == MIDR ? t->cfg->midr : reg == MPIDR ? 1u << 31 : t->cfg->revidr;
        return reg == MIDR || reg == MPIDR || reg == REVIDR;
    }
    if (reg == DFR0)
        *value = 6; /* debug architecture, the least that there is */
    for (unsigned i = 0; i < ARRAY_LEN(ids); i++)
        if (ids[i].reg == reg)
            *value = t->cfg->id[ids[i].id];
    return true;
}

static tcg_val read_nzcv(struct a64_tr *t)
{
    struct tcg_builder *b = t->b;
    tcg_val f = tcg_fpack(b, a64_flags(t)), v = tcg_imm(b, TCG_I32, 0);

    v = tcg_deposit(b, TCG_I32, v, tcg_extract(b, TCG_I32, f, 14, 2), 30, 2); /* S Z */
    v = tcg_deposit(b, TCG_I32, v, tcg_extract(b, TCG_I32, f, 8, 1), 29, 1);
    v = tcg_deposit(b, TCG_I32, v, f, 28, 1);
    return tcg_zext(b, v);
}

static tcg_val read_fpsr(struct a64_tr *t)
{
    struct tcg_builder *b = t->b;
    tcg_val st = tcg_emit(b, TCG_OP_fstatus, TCG_I32, 0, 0, 0, 0, 0, 0);
    tcg_val qc = tcg_get(b, A64_U_QC);
    tcg_val any = tcg_or(b, TCG_I64, tcg_v1(b, TCG_OP_vget, TCG_I64, TCG_LANE64, qc, 0),
                         tcg_v1(b, TCG_OP_vget, TCG_I64, TCG_LANE64, qc, 1));
    tcg_val v = tcg_extract(b, TCG_I32, st, 0, 5);

    v = tcg_deposit(b, TCG_I32, v, tcg_extract(b, TCG_I32, st, 5, 1), 7, 1);
    any = tcg_setcc(b, TCG_NE, any, tcg_imm(b, TCG_I64, 0));
    return tcg_zext(b, tcg_deposit(b, TCG_I32, v, any, 27, 1));
}

/* A bit of PSTATE, at the place where MRS shows it. */
static tcg_val pstate_bit(struct a64_tr *t, uint64_t bit)
{
    return tcg_and(t->b, TCG_I64, tcg_get(t->b, A64_U_PSTATE), tcg_imm(t->b, TCG_I64, bit));
}

/* -d unimp: a machine's program names a register that this processor does not have. */
static void log_undefined(const struct a64_tr *t, const char *what, unsigned reg)
{
    if (log_on(LOG_unimp))
        log_printf("unimp: %s of s%u_%u_c%u_c%u_%u at 0x%llx is undefined\n", what, reg >> 14 & 3,
                   reg >> 11 & 7, reg >> 7 & 15, reg >> 3 & 15, reg & 7, (unsigned long long)t->pc);
}

bool a64_trans_MRS(struct a64_tr *t, const struct a64_insn *a)
{
    struct tcg_builder *b = t->b;
    uint64_t id;
    tcg_val v;

    if (!t->cpu->user) {
        enum a64_sys_done done = a64_sys_mrs(t, sysreg_of(a), a->d);

        if (done == A64_SYS_UNDEFINED)
            log_undefined(t, "MRS", sysreg_of(a));
        if (done != A64_SYS_PLAIN)
            return done;
    }
    switch (sysreg_of(a)) {
    case NZCV:
        v = read_nzcv(t);
        break;
    case DIT:
        if (!a64_has(t, A64_FEAT_DIT))
            return false;
        v = pstate_bit(t, A64_PSTATE_DIT);
        break;
    case SSBS:
        if (!a64_has(t, A64_FEAT_SSBS))
            return false;
        v = pstate_bit(t, A64_PSTATE_SSBS);
        break;
    case FPCR:
        v = tcg_get(b, A64_U_FPCR);
        break;
    case FPSR:
        v = read_fpsr(t);
        break;
    case TPIDR:
        v = tcg_get(b, A64_U_TPIDR);
        break;
    case TPIDRRO:
        v = tcg_get(b, A64_U_TPIDRRO);
        break;
    case CNTFRQ:
        v = tcg_imm(b, TCG_I64, t->cfg->cntfrq);
        break;
    case CNTVCT:
        v = tcg_call(b, &a64_helper_cntvct, NULL);
        break;
    case CTR:
        v = tcg_imm(b, TCG_I64, t->cfg->ctr);
        break;
    case DCZID:
        v = tcg_imm(b, TCG_I64, t->cfg->dczid);
        break;
    default:
        if (!id_reg(t, sysreg_of(a), &id))
            return false;
        v = tcg_imm(b, TCG_I64, id);
    }
    a64_set_x(t, a->d, v);
    return true;
}

/* ---- writes ---- */

static void write_nzcv(struct a64_tr *t, tcg_val x)
{
    struct tcg_builder *b = t->b;
    tcg_val v = tcg_trunc(b, x), f;

    f = tcg_extract(b, TCG_I32, v, 28, 1);
    f = tcg_deposit(b, TCG_I32, f, tcg_extract(b, TCG_I32, v, 29, 1), 8, 1);
    f = tcg_deposit(b, TCG_I32, f, tcg_extract(b, TCG_I32, v, 30, 2), 14, 2);
    a64_set_flags(t, tcg_funpack(b, f));
}

static void write_fpsr(struct a64_tr *t, tcg_val x)
{
    struct tcg_builder *b = t->b;
    tcg_val v = tcg_trunc(b, x), st = tcg_extract(b, TCG_I32, v, 0, 5);
    tcg_val qc = tcg_sextract(b, TCG_I64, x, 27, 1);

    st = tcg_deposit(b, TCG_I32, st, tcg_extract(b, TCG_I32, v, 7, 1), 5, 1);
    tcg_emit(b, TCG_OP_fstatus_set, TCG_VOID, 0, st, 0, 0, 0, 0);
    tcg_put(b, A64_U_QC, tcg_v1(b, TCG_OP_vdup, TCG_V128, TCG_LANE64, qc, 0));
}

static void write_pstate(struct a64_tr *t, uint64_t bit, tcg_val from)
{
    struct tcg_builder *b = t->b;
    tcg_val rest = tcg_and(b, TCG_I64, tcg_get(b, A64_U_PSTATE), tcg_imm(b, TCG_I64, ~bit));
    tcg_val set = tcg_and(b, TCG_I64, from, tcg_imm(b, TCG_I64, bit));

    tcg_put(b, A64_U_PSTATE, tcg_or(b, TCG_I64, rest, set));
}

bool a64_trans_MSR(struct a64_tr *t, const struct a64_insn *a)
{
    unsigned reg = sysreg_of(a);
    tcg_val x;

    if (!t->cpu->user) {
        enum a64_sys_done done = a64_sys_msr(t, reg, a->d);

        if (done == A64_SYS_UNDEFINED)
            log_undefined(t, "MSR", reg);
        if (done != A64_SYS_PLAIN)
            return done;
    }
    if ((reg == DIT && !a64_has(t, A64_FEAT_DIT)) || (reg == SSBS && !a64_has(t, A64_FEAT_SSBS)))
        return false;
    if (reg != NZCV && reg != DIT && reg != SSBS && reg != FPCR && reg != FPSR && reg != TPIDR)
        return false;
    x = a64_x(t, a->d);
    switch (reg) {
    case NZCV:
        write_nzcv(t, x);
        break;
    case DIT:
        write_pstate(t, A64_PSTATE_DIT, x);
        break;
    case SSBS:
        write_pstate(t, A64_PSTATE_SSBS, x);
        break;
    case FPCR: /* the key may change */
        tcg_call(t->b, &a64_helper_set_fpcr, &x);
        a64_sync(t);
        break;
    case FPSR:
        write_fpsr(t, x);
        break;
    case TPIDR:
        tcg_put(t->b, A64_U_TPIDR, x);
        break;
    }
    return true;
}

bool a64_trans_MSR_imm(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val ones = tcg_imm(t->b, TCG_I64, a->i & 1 ? ~0ull : 0);

    if (!t->cpu->user)
        return a64_sys_msr_imm(t, a);
    if (a->o == 3 && a->p == 2 && a64_has(t, A64_FEAT_DIT))
        write_pstate(t, A64_PSTATE_DIT, ones);
    else if (a->o == 3 && a->p == 1 && a64_has(t, A64_FEAT_SSBS))
        write_pstate(t, A64_PSTATE_SSBS, ones);
    else
        return false;
    return true;
}

/* ---- FEAT_FlagM, FEAT_FlagM2 ---- */

static tcg_val flag_bit(struct a64_tr *t, tcg_val packed, unsigned pos)
{
    return tcg_extract(t->b, TCG_I32, packed, pos, 1);
}

bool a64_trans_CFINV(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val f = tcg_fpack(t->b, a64_flags(t));

    (void)a;
    f = tcg_xor(t->b, TCG_I32, f, tcg_imm(t->b, TCG_I32, TCG_FBIT_C));
    a64_set_flags(t, tcg_funpack(t->b, f));
    return true;
}

static void set_nzcv_bits(struct a64_tr *t, tcg_val n, tcg_val z, tcg_val c, tcg_val v)
{
    struct tcg_builder *b = t->b;
    tcg_val f = v;

    f = tcg_deposit(b, TCG_I32, f, c, 8, 1);
    f = tcg_deposit(b, TCG_I32, f, z, 14, 1);
    f = tcg_deposit(b, TCG_I32, f, n, 15, 1);
    a64_set_flags(t, tcg_funpack(b, f));
}

/* From the alternative format of float comparisons: N = !C & !Z, Z = Z & C, C = C | Z,
 * V = !C & Z. */
bool a64_trans_XAFLAG(struct a64_tr *t, const struct a64_insn *a)
{
    struct tcg_builder *b = t->b;
    tcg_val f = tcg_fpack(b, a64_flags(t)), z = flag_bit(t, f, 14), c = flag_bit(t, f, 8);
    tcg_val one = tcg_imm(b, TCG_I32, 1), either = tcg_or(b, TCG_I32, c, z);

    (void)a;
    set_nzcv_bits(t, tcg_xor(b, TCG_I32, either, one), tcg_and(b, TCG_I32, z, c), either,
                  tcg_andn(b, TCG_I32, z, c));
    return true;
}

/* To the alternative format: N = 0, Z = Z | V, C = C & !V, V = 0. */
bool a64_trans_AXFLAG(struct a64_tr *t, const struct a64_insn *a)
{
    struct tcg_builder *b = t->b;
    tcg_val f = tcg_fpack(b, a64_flags(t)), z = flag_bit(t, f, 14), c = flag_bit(t, f, 8);
    tcg_val v = flag_bit(t, f, 0), zero = tcg_imm(b, TCG_I32, 0);

    (void)a;
    set_nzcv_bits(t, zero, tcg_or(b, TCG_I32, z, v), tcg_andn(b, TCG_I32, c, v), zero);
    return true;
}

/* ---- barriers ---- */

bool a64_trans_DMB(struct a64_tr *t, const struct a64_insn *a)
{
    unsigned kind = a->i & 3;

    tcg_fence(t->b, kind == 1 ? TCG_FENCE_LOAD : kind == 2 ? TCG_FENCE_STORE : TCG_FENCE_FULL);
    return true;
}

bool a64_trans_DSB(struct a64_tr *t, const struct a64_insn *a)
{
    (void)a;
    tcg_fence(t->b, TCG_FENCE_FULL);
    if (!t->cpu->user)
        a64_sys_dsb(t);
    return true;
}

bool a64_trans_ISB(struct a64_tr *t, const struct a64_insn *a)
{
    (void)a;
    t->last = true;
    return true;
}

/* ---- cache maintenance ---- */

/* Clears the block of 4 << DCZID_EL0.BS bytes that holds the address. */
static bool dc_zva(struct a64_tr *t, unsigned d)
{
    struct tcg_builder *b = t->b;
    struct tcg_mem m = a64_mem(t, 4, false, TCG_INTENT_WRITE);
    int32_t bytes = 4 << (t->cfg->dczid & 15), none;
    tcg_val at = a64_addr(t, a64_x(t, d), 0, &none), zero = tcg_vimm(b, TCG_V128, 0, 0);

    at = tcg_and(b, TCG_I64, at, tcg_imm(b, TCG_I64, ~((uint64_t)bytes - 1)));
    for (int32_t i = 0; i < bytes; i += 16)
        a64_store(t, &m, at, i, zero);
    return true;
}

/* Maintenance by address wants a readable address; a load of a byte tells. */
static void touch(struct a64_tr *t, unsigned d)
{
    struct tcg_mem m = a64_mem(t, 0, false, TCG_INTENT_READ);
    int32_t none;

    tcg_load(t->b, TCG_I32, &m, a64_addr(t, a64_x(t, d), 0, &none), 0);
}

bool a64_trans_SYS(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val x;

    if (!t->cpu->user) {
        enum a64_sys_done done = a64_sys_sys(t, a);

        if (done != A64_SYS_PLAIN)
            return done;
    }
    if (a->o != 3 || a->C != 7 || a->p != 1)
        return false;
    switch (a->M) {
    case 4: /* DC ZVA */
        return dc_zva(t, a->d);
    case 12: /* DC CVAP */
        if (!a64_has(t, A64_FEAT_DCPOP))
            return false;
        break;
    case 13: /* DC CVADP */
        if (!a64_has(t, A64_FEAT_DCPODP))
            return false;
        break;
    case 10: /* DC CVAC */
    case 11: /* DC CVAU */
    case 14: /* DC CIVAC */
        break;
    case 5: /* IC IVAU */
        touch(t, a->d);
        x = a64_x(t, a->d);
        tcg_call(t->b, &a64_helper_ic_ivau, &x);
        a64_sync(t);
        return true;
    default:
        return false;
    }
    touch(t, a->d);
    return true;
}

bool a64_trans_SYSL(struct a64_tr *t, const struct a64_insn *a)
{
    (void)t, (void)a;
    return false;
}

/* ---- hints ---- */

bool a64_trans_YIELD(struct a64_tr *t, const struct a64_insn *a)
{
    (void)t, (void)a;
    return true;
}

bool a64_trans_WFE(struct a64_tr *t, const struct a64_insn *a)
{
    (void)a;
    if (!t->cpu->user)
        a64_sys_wfe(t);
    return true;
}

bool a64_trans_WFI(struct a64_tr *t, const struct a64_insn *a)
{
    (void)a;
    if (!t->cpu->user)
        a64_sys_wfi(t);
    return true;
}

bool a64_trans_SEV(struct a64_tr *t, const struct a64_insn *a)
{
    (void)t, (void)a;
    return true;
}

bool a64_trans_SEVL(struct a64_tr *t, const struct a64_insn *a)
{
    (void)t, (void)a;
    return true;
}

bool a64_trans_ESB(struct a64_tr *t, const struct a64_insn *a)
{
    (void)t, (void)a;
    return true;
}

bool a64_trans_CSDB(struct a64_tr *t, const struct a64_insn *a)
{
    (void)t, (void)a;
    return true;
}

bool a64_trans_BTI(struct a64_tr *t, const struct a64_insn *a)
{
    (void)t, (void)a;
    return true;
}

bool a64_trans_HINT(struct a64_tr *t, const struct a64_insn *a)
{
    (void)t, (void)a;
    return true;
}

bool a64_trans_SB(struct a64_tr *t, const struct a64_insn *a)
{
    (void)t, (void)a;
    return true;
}
