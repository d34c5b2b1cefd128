/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_sys.c -- system registers and instructions of a machine, EL0 and EL1 (manual
 * C5, D19). trans_system.c calls these where the vcpu is no program's. The hot registers are units
 * and accessed in place, PSTATE fields too; the others go through the table (sysregs.def).
 *
 * EL2, EL3 and what belongs to them is undefined. */
#include "frontends/arm64/helper.h"
#include "frontends/arm64/system.h"
#include "frontends/arm64/trans_sys.h"
#include "frontends/frontend.h"

enum {
    NZCV = A64_SYSREG(3, 3, 4, 2, 0), DAIF = A64_SYSREG(3, 3, 4, 2, 1),
    DIT = A64_SYSREG(3, 3, 4, 2, 5), SSBS = A64_SYSREG(3, 3, 4, 2, 6),
    FPCR = A64_SYSREG(3, 3, 4, 4, 0), FPSR = A64_SYSREG(3, 3, 4, 4, 1),
    TPIDR_EL0 = A64_SYSREG(3, 3, 13, 0, 2), TPIDRRO_EL0 = A64_SYSREG(3, 3, 13, 0, 3),
    CTR_EL0 = A64_SYSREG(3, 3, 0, 0, 1), DCZID_EL0 = A64_SYSREG(3, 3, 0, 0, 7),
    SPSR_EL1 = A64_SYSREG(3, 0, 4, 0, 0), ELR_EL1 = A64_SYSREG(3, 0, 4, 0, 1),
    SP_EL0 = A64_SYSREG(3, 0, 4, 1, 0), SPSEL = A64_SYSREG(3, 0, 4, 2, 0),
    CURRENT_EL = A64_SYSREG(3, 0, 4, 2, 2), PAN = A64_SYSREG(3, 0, 4, 2, 3),
    UAO = A64_SYSREG(3, 0, 4, 2, 4), ICC_PMR_EL1 = A64_SYSREG(3, 0, 4, 6, 0),
    ESR_EL1 = A64_SYSREG(3, 0, 5, 2, 0), FAR_EL1 = A64_SYSREG(3, 0, 6, 0, 0),
    TPIDR_EL1 = A64_SYSREG(3, 0, 13, 0, 4), MIDR_EL1 = A64_SYSREG(3, 0, 0, 0, 0),
    REVIDR_EL1 = A64_SYSREG(3, 0, 0, 0, 6),
};

static tcg_val imm64(struct a64_tr *t, uint64_t v)
{
    return tcg_imm(t->b, TCG_I64, v);
}

static tcg_val imm32(struct a64_tr *t, uint32_t v)
{
    return tcg_imm(t->b, TCG_I32, v);
}

static bool at_el1(const struct a64_tr *t)
{
    return t->key & A64_KEYBIT_EL1;
}

static bool sf(const struct a64_tr *t, enum a64_sysfeat f)
{
    return a64_sf(t->cpu, f);
}

/* Raises EC 0x18 for this access. */
static bool trap(struct a64_tr *t, unsigned reg, unsigned rt, bool read)
{
    a64_raise(t, A64_EXC_ESR, imm64(t, a64_syndrome(A64_EC_SYSREG, a64_sysreg_iss(reg, rt, read))));
    return true;
}

/* The interrupt controller's registers, which the machine has: EL1 only. */
static bool of_machine(unsigned reg)
{
    unsigned crm = reg >> 3 & 15;

    if (reg == ICC_PMR_EL1)
        return true;
    return reg >> 7 == A64_SYSREG(3, 0, 12, 0, 0) >> 7 && crm >= 8;
}

/* ---- registers that are units ---- */

struct unit_reg {
    uint16_t reg, unit;
    bool el0_reads, el0_writes;
};

static const struct unit_reg *unit_reg(const struct a64_tr *t, unsigned reg, bool write)
{
    static const struct unit_reg regs[] = {
        { TPIDR_EL0, A64_U_TPIDR, true, true }, { TPIDRRO_EL0, A64_U_TPIDRRO, true, false },
        { SP_EL0, A64_U_SP_EL0, false, false }, { TPIDR_EL1, A64_U_TPIDR_EL1, false, false },
        { ELR_EL1, A64_U_ELR_EL1, false, false }, { SPSR_EL1, A64_U_SPSR_EL1, false, false },
        { ESR_EL1, A64_U_ESR_EL1, false, false }, { FAR_EL1, A64_U_FAR_EL1, false, false },
    };

    for (unsigned i = 0; i < ARRAY_LEN(regs); i++)
        if (regs[i].reg == reg) {
            if (!at_el1(t) && !(write ? regs[i].el0_writes : regs[i].el0_reads))
                return NULL;
            if (reg == SP_EL0 && (t->key & A64_KEYBIT_SP0))
                return NULL;
            return &regs[i];
        }
    return NULL;
}

/* ---- PSTATE ---- */

/* The bit that a PSTATE register shows, 0: none such, or not here. */
static uint64_t pstate_of(const struct a64_tr *t, unsigned reg)
{
    switch (reg) {
    case DIT:
        return sf(t, A64_SF_DIT) ? A64_PSTATE_DIT : 0;
    case SSBS:
        return a64_has(t, A64_FEAT_SSBS) && sf(t, A64_SF_SSBS) ? A64_PSTATE_SSBS : 0;
    case PAN:
        return at_el1(t) && sf(t, A64_SF_PAN) ? A64_PSTATE_PAN : 0;
    case UAO:
        return at_el1(t) && sf(t, A64_SF_UAO) ? A64_PSTATE_UAO : 0;
    case DAIF:
        return A64_PSTATE_DAIF;
    }
    return 0;
}

/* PSTATE.bits = from's; what looks at them follows. */
static void put_pstate(struct a64_tr *t, uint64_t bits, tcg_val from)
{
    struct tcg_builder *b = t->b;
    tcg_val rest = tcg_and(b, TCG_I64, tcg_get(b, A64_U_PSTATE), imm64(t, ~bits));

    tcg_put(b, A64_U_PSTATE,
            tcg_or(b, TCG_I64, rest, tcg_and(b, TCG_I64, from, imm64(t, bits))));
    if ((bits & (A64_PSTATE_PAN | A64_PSTATE_UAO)) ||
        ((bits & A64_PSTATE_D) && (t->key & A64_KEYBIT_KDE)))
        a64_sync(t); /* the key has changed */
}

/* After DAIF may have been cleared: leaves if something waits. An interrupt that comes after
 * PENDING was read asks for an exit besides. */
static void after_unmask(struct a64_tr *t)
{
    struct tcg_builder *b = t->b;
    unsigned leave, go;
    tcg_val open;

    if (t->ended)
        return;
    leave = tcg_block_new(b, false);
    go = tcg_block_new(b, false);
    open = tcg_andn(b, TCG_I32, tcg_get(b, A64_U_PENDING),
                            tcg_trunc(b, tcg_get(b, A64_U_PSTATE)));

    tcg_brcond(b, tcg_setcc(b, TCG_TSTNZ, open, imm32(t, A64_PSTATE_DAIF)), leave, go);
    tcg_block_at(b, leave);
    tcg_block_cold(b, leave);
    tcg_exit(b, TCG_EXIT_SYNC, imm64(t, t->pc + 4), 0, imm64(t, 0));
    tcg_block_at(b, go);
}

bool a64_sys_msr_imm(struct a64_tr *t, const struct a64_insn *a)
{
    unsigned op = (unsigned)a->o << 3 | a->p;
    uint64_t bit = 0;

    switch (op) {
    case 0 << 3 | 5: /* SPSel */
        if (!at_el1(t) || a->i > 1)
            return false;
        tcg_call(t->b, &a64_helper_spsel, (tcg_val[]){ imm32(t, a->i & 1) });
        a64_sync(t);
        return true;
    case 0 << 3 | 3:
        bit = pstate_of(t, UAO);
        break;
    case 0 << 3 | 4:
        bit = pstate_of(t, PAN);
        break;
    case 3 << 3 | 2:
        bit = pstate_of(t, DIT);
        break;
    case 3 << 3 | 1:
        bit = pstate_of(t, SSBS);
        break;
    case 3 << 3 | 6: /* DAIFSet */
    case 3 << 3 | 7: /* DAIFClr */
        if (t->key & A64_KEYBIT_NO_UMA)
            return trap(t, A64_SYSREG(0, 3, 4, a->i, a->p), 31, false);
        bit = (uint64_t)(a->i & 15) << 6;
        put_pstate(t, bit, imm64(t, a->p == 6 ? bit : 0));
        if (a->p == 7)
            after_unmask(t);
        return true;
    }
    if (!bit)
        return false;
    put_pstate(t, bit, imm64(t, a->i & 1 ? bit : 0));
    return true;
}

/* ---- MRS ---- */

/* The same for all vcpus, which share regions. */
bool a64_id_value(const struct a64_cpu *c, unsigned reg, uint64_t *value)
{
    unsigned crm = reg >> 3 & 15;

    if (reg >> 7 == A64_SYSREG(3, 0, 0, 0, 0) >> 7 && crm >= 1 && crm <= 7) {
        *value = c->cfg->idreg[reg & 63];
        if (reg == A64_SYSREG(3, 0, 0, 4, 0) && c->s.gic_regs)
            *value |= 1 << 24; /* ID_AA64PFR0_EL1.GIC */
        return true;
    }
    switch (reg) {
    case MIDR_EL1:
        *value = c->cfg->midr;
        return true;
    case REVIDR_EL1:
        *value = c->cfg->revidr;
        return true;
    }
    return false;
}

static bool is_id_space(unsigned reg)
{
    unsigned op1 = reg >> 11 & 7;

    return reg >> 14 == 3 && (reg >> 7 & 15) == 0 && (op1 == 0 || op1 == 1 || op1 == 3) &&
           (reg >> 3 & 15) <= 7;
}

static bool mrs_at_el0_refused(struct a64_tr *t, unsigned reg, unsigned rt)
{
    if (is_id_space(reg) && sf(t, A64_SF_IDST))
        return trap(t, reg, rt, true);
    return false; /* undefined */
}

/* Registers of the table. */
static bool mrs_table(struct a64_tr *t, unsigned reg, unsigned rt)
{
    const struct a64_sysreg *r = a64_sysreg_find(t->cpu->cfg, reg);
    struct tcg_builder *b = t->b;

    if (!r || !(r->access & (at_el1(t) ? A64_ACC_R1 : A64_ACC_R0))) {
        if (!at_el1(t))
            return mrs_at_el0_refused(t, reg, rt);
        if (r || !of_machine(reg))
            return false;
        tcg_call(b, &a64_helper_mrs_machine, (tcg_val[]){ imm32(t, reg) });
        a64_set_x(t, rt, tcg_get(b, A64_U_SYSVAL));
        a64_sync(t);
        return true;
    }
    tcg_call(b, &a64_helper_mrs,
             (tcg_val[]){ imm32(t, (uint32_t)(r - a64_sysregs)), imm32(t, rt) });
    a64_set_x(t, rt, tcg_get(b, A64_U_SYSVAL));
    return true;
}

enum a64_sys_done a64_sys_mrs(struct a64_tr *t, unsigned reg, unsigned rt)
{
    struct tcg_builder *b = t->b;
    const struct unit_reg *u = unit_reg(t, reg, false);
    uint64_t value, bit;

    if (u) {
        a64_set_x(t, rt, tcg_get(b, u->unit));
        return A64_SYS_DONE;
    }
    switch (reg) {
    case NZCV:
    case FPCR:
    case FPSR:
        return A64_SYS_PLAIN;
    case CTR_EL0:
        if (t->key & A64_KEYBIT_NO_UCT)
            return trap(t, reg, rt, true);
        a64_set_x(t, rt, imm64(t, t->cfg->ctr));
        return A64_SYS_DONE;
    case DCZID_EL0:
        a64_set_x(t, rt, imm64(t, t->cfg->dczid | (t->key & A64_KEYBIT_NO_DZE ? 16 : 0)));
        return A64_SYS_DONE;
    case DAIF:
        if (t->key & A64_KEYBIT_NO_UMA)
            return trap(t, reg, rt, true);
        break;
    case SPSEL:
    case CURRENT_EL:
        if (!at_el1(t))
            return A64_SYS_UNDEFINED;
        a64_set_x(t, rt, imm64(t, reg == CURRENT_EL ? 4 : t->key & A64_KEYBIT_SP0 ? 0 : 1));
        return A64_SYS_DONE;
    }
    bit = pstate_of(t, reg);
    if (bit) {
        a64_set_x(t, rt, tcg_and(b, TCG_I64, tcg_get(b, A64_U_PSTATE), imm64(t, bit)));
        return A64_SYS_DONE;
    }
    if (at_el1(t) && a64_id_value(t->cpu, reg, &value)) {
        a64_set_x(t, rt, imm64(t, value));
        return A64_SYS_DONE;
    }
    return mrs_table(t, reg, rt) ? A64_SYS_DONE : A64_SYS_UNDEFINED;
}

/* ---- MSR ---- */

static bool msr_table(struct a64_tr *t, unsigned reg, unsigned rt)
{
    const struct a64_sysreg *r = a64_sysreg_find(t->cpu->cfg, reg);
    tcg_val x;

    if (!r || !(r->access & (at_el1(t) ? A64_ACC_W1 : A64_ACC_W0))) {
        if (r || !at_el1(t) || !of_machine(reg))
            return false;
        tcg_call(t->b, &a64_helper_msr_machine, (tcg_val[]){ imm32(t, reg), a64_x(t, rt) });
        a64_sync(t);
        return true;
    }
    x = a64_x(t, rt);
    tcg_call(t->b, &a64_helper_msr,
             (tcg_val[]){ imm32(t, (uint32_t)(r - a64_sysregs)), imm32(t, rt), x });
    if (r->flags & A64_SR_END)
        a64_sync(t);
    return true;
}

enum a64_sys_done a64_sys_msr(struct a64_tr *t, unsigned reg, unsigned rt)
{
    const struct unit_reg *u = unit_reg(t, reg, true);
    uint64_t bit;

    if (u) {
        tcg_put(t->b, u->unit, a64_x(t, rt));
        return A64_SYS_DONE;
    }
    switch (reg) {
    case NZCV:
    case FPCR:
    case FPSR:
        return A64_SYS_PLAIN;
    case DAIF:
        if (t->key & A64_KEYBIT_NO_UMA)
            return trap(t, reg, rt, false);
        put_pstate(t, A64_PSTATE_DAIF, a64_x(t, rt));
        after_unmask(t);
        return A64_SYS_DONE;
    case SPSEL:
        if (!at_el1(t))
            return A64_SYS_UNDEFINED;
        tcg_call(t->b, &a64_helper_spsel,
                 (tcg_val[]){ tcg_and(t->b, TCG_I32, a64_w(t, rt), imm32(t, 1)) });
        a64_sync(t);
        return A64_SYS_DONE;
    }
    bit = pstate_of(t, reg);
    if (bit) {
        put_pstate(t, bit, a64_x(t, rt));
        return A64_SYS_DONE;
    }
    return msr_table(t, reg, rt) ? A64_SYS_DONE : A64_SYS_UNDEFINED;
}

/* ---- SYS: caches, translation, TLB ---- */

static bool cache_by_va(struct a64_tr *t, const struct a64_insn *a, bool write)
{
    tcg_call(t->b, &a64_helper_cache_va, (tcg_val[]){ a64_x(t, a->d), imm32(t, write) });
    return true;
}

static bool sys_el1(struct a64_tr *t, const struct a64_insn *a)
{
    unsigned at;

    if (a->C == 8) {
        if (!a64_tlbi_valid(t->cfg, (unsigned)a->M << 3 | a->p))
            return false;
        tcg_call(t->b, &a64_helper_tlbi,
                 (tcg_val[]){ imm32(t, (uint32_t)a->M << 3 | a->p), a64_x(t, a->d) });
        a64_sync(t);
        return true;
    }
    switch (a->M << 3 | a->p) {
    case 1 << 3 | 0: /* IC IALLUIS */
    case 5 << 3 | 0: /* IC IALLU */
    case 6 << 3 | 2: /* DC ISW */
    case 10 << 3 | 2: /* DC CSW */
    case 14 << 3 | 2: /* DC CISW */
        return true;
    case 6 << 3 | 1: /* DC IVAC */
        return cache_by_va(t, a, true);
    }
    if (a->M == 8 && a->p < 4)
        at = (a->p & 1 ? A64_AT_WRITE : 0) | (a->p & 2 ? A64_AT_EL0 : 0);
    else if (a->M == 9 && a->p < 2 && sf(t, A64_SF_PAN2))
        at = (a->p & 1 ? A64_AT_WRITE : 0) | A64_AT_PAN;
    else
        return false;
    tcg_call(t->b, &a64_helper_at, (tcg_val[]){ imm32(t, at), a64_x(t, a->d) });
    return true;
}

enum a64_sys_done a64_sys_sys(struct a64_tr *t, const struct a64_insn *a)
{
    unsigned reg = A64_SYSREG(1, a->o, a->C, a->M, a->p);
    bool ok;

    if (a->o == 0 && (a->C == 7 || a->C == 8))
        return at_el1(t) && sys_el1(t, a) ? A64_SYS_DONE : A64_SYS_UNDEFINED;
    if (a->o != 3 || a->C != 7 || a->p != 1)
        return A64_SYS_UNDEFINED;
    switch (a->M) {
    case 4: /* DC ZVA */
        if (t->key & A64_KEYBIT_NO_DZE)
            return trap(t, reg, a->d, false);
        return A64_SYS_PLAIN;
    case 5:  /* IC IVAU */
    case 10: /* DC CVAC */
    case 11: /* DC CVAU */
    case 14: /* DC CIVAC */
        ok = true;
        break;
    case 12: /* DC CVAP */
        ok = a64_has(t, A64_FEAT_DCPOP);
        break;
    case 13: /* DC CVADP */
        ok = a64_has(t, A64_FEAT_DCPODP);
        break;
    default:
        ok = false;
    }
    if (!ok)
        return A64_SYS_UNDEFINED;
    if (t->key & A64_KEYBIT_NO_UCI)
        return trap(t, reg, a->d, false);
    return cache_by_va(t, a, false);
}

/* ---- exceptions, waiting, barriers ---- */

static void leave_behind(struct a64_tr *t, uint32_t code, uint64_t operand)
{
    a64_clear_btype(t);
    tcg_exit(t->b, TCG_EXIT_EXCEPTION, imm64(t, t->pc + 4), code, imm64(t, operand));
    t->ended = true;
}

bool a64_trans_ERET(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val target;

    (void)a;
    if (t->cpu->user || !at_el1(t))
        return false;
    target = tcg_get(t->b, A64_U_ELR_EL1);
    tcg_call(t->b, &a64_helper_eret, NULL);
    tcg_exit(t->b, TCG_EXIT_SYNC, target, 0, imm64(t, 0));
    t->ended = true;
    return true;
}

bool a64_trans_ERETA(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val target;

    if (t->cpu->user || !at_el1(t))
        return false;
    target = a64_authenticate(t, tcg_get(t->b, A64_U_ELR_EL1), a64_xsp(t, 31), a->k);
    tcg_call(t->b, &a64_helper_eret, NULL);
    tcg_exit(t->b, TCG_EXIT_SYNC, target, 0, imm64(t, 0));
    t->ended = true;
    return true;
}

bool a64_trans_HVC(struct a64_tr *t, const struct a64_insn *a)
{
    if (t->cpu->user || !at_el1(t))
        return false;
    leave_behind(t, A64_EXC_HVC, a->i);
    return true;
}

bool a64_trans_SMC(struct a64_tr *t, const struct a64_insn *a)
{
    if (t->cpu->user || !at_el1(t))
        return false;
    leave_behind(t, A64_EXC_SMC, a->i);
    return true;
}

bool a64_sys_hlt(struct a64_tr *t, const struct a64_insn *a)
{
    if (a->i != 0xf000)
        return false;
    leave_behind(t, A64_EXC_HLT, a->i);
    return true;
}

/* WFI, WFE: bit 0 of the ISS says which. COND is 14, CV set. */
static bool wait_trapped(struct a64_tr *t, uint64_t key_bit, unsigned which)
{
    if (!(t->key & key_bit))
        return false;
    a64_raise(t, A64_EXC_ESR, imm64(t, a64_syndrome(A64_EC_WFX, 1u << 24 | 14u << 20 | which)));
    return true;
}

void a64_sys_wfi(struct a64_tr *t)
{
    if (!wait_trapped(t, A64_KEYBIT_TRAP_WFI, 0))
        leave_behind(t, A64_EXC_WFI, 0);
}

/* WFE never sleeps: what waits for an event looks again. It lets others run. */
void a64_sys_wfe(struct a64_tr *t)
{
    if (!wait_trapped(t, A64_KEYBIT_TRAP_WFE, 1))
        leave_behind(t, A64_EXC_WFE, 0);
}

/* DSB: broadcast maintenance before it is waited for outside translated code. */
void a64_sys_dsb(struct a64_tr *t)
{
    struct tcg_builder *b = t->b;
    unsigned leave, go;

    if (!at_el1(t))
        return;
    leave = tcg_block_new(b, false);
    go = tcg_block_new(b, false);
    tcg_brcond(b, tcg_setcc(b, TCG_NE, tcg_get(b, A64_U_BARRIER), imm32(t, 0)), leave, go);
    tcg_block_at(b, leave);
    tcg_block_cold(b, leave);
    tcg_exit(b, TCG_EXIT_EXCEPTION, imm64(t, t->pc + 4), A64_EXC_BARRIER, imm64(t, 0));
    tcg_block_at(b, go);
}
