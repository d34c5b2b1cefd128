/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_branch.c -- branches and exception generation (manual C4.1.93).
 * Authenticated branches are in trans_pauth.c. HLT is undefined but for
 * semihosting in a machine: there is no external debugger. */
#include "frontends/arm64/trans_sys.h"

#include "base/bits.h"

static uint64_t target_of(const struct a64_tr *t, uint32_t imm, unsigned width)
{
    return t->pc + (uint64_t)bits_sext(imm, width) * 4;
}

bool a64_trans_B(struct a64_tr *t, const struct a64_insn *a)
{
    uint64_t target = target_of(t, a->i, 26);

    if (target > t->pc && target < t->hi && !t->followed && !t->one) {
        t->followed = true;
        t->next = target;
        return true;
    }
    a64_goto(t, target, TCG_HINT_NONE);
    return true;
}

bool a64_trans_BL(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_put(t->b, A64_U_X30, tcg_imm(t->b, TCG_I64, t->pc + 4));
    a64_goto(t, target_of(t, a->i, 26), TCG_HINT_CALL);
    return true;
}

bool a64_trans_B_cond(struct a64_tr *t, const struct a64_insn *a)
{
    if (a->c >= 14)
        a64_goto(t, target_of(t, a->i, 19), TCG_HINT_NONE);
    else
        a64_branch_if(t, a64_cond(t, a->c), target_of(t, a->i, 19));
    return true;
}

static bool compare_branch(struct a64_tr *t, const struct a64_insn *a, enum tcg_cond c)
{
    tcg_val zero = tcg_imm(t->b, a64_type(a->z), 0);

    a64_branch_if(t, tcg_setcc(t->b, c, a64_r(t, a->z, a->d), zero), target_of(t, a->i, 19));
    return true;
}

bool a64_trans_CBZ(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_branch(t, a, TCG_EQ);
}

bool a64_trans_CBNZ(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_branch(t, a, TCG_NE);
}

static bool test_branch(struct a64_tr *t, const struct a64_insn *a, enum tcg_cond c)
{
    unsigned sf = a->b >= 32;
    tcg_val bit = tcg_imm(t->b, a64_type(sf), 1ull << a->b);

    a64_branch_if(t, tcg_setcc(t->b, c, a64_r(t, sf, a->d), bit), target_of(t, a->i, 14));
    return true;
}

bool a64_trans_TBZ(struct a64_tr *t, const struct a64_insn *a)
{
    return test_branch(t, a, TCG_TSTZ);
}

bool a64_trans_TBNZ(struct a64_tr *t, const struct a64_insn *a)
{
    return test_branch(t, a, TCG_TSTNZ);
}

bool a64_trans_BR(struct a64_tr *t, const struct a64_insn *a)
{
    if (t->key & A64_KEYBIT_BTI) {
        unsigned btype = a64_guarded(t) && a->n != 16 && a->n != 17 ? 3 : 1;

        a64_put_btype(t, btype);
    }
    a64_goto_reg(t, a64_x(t, a->n), TCG_HINT_NONE);
    return true;
}

bool a64_trans_BLR(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val target = a64_x(t, a->n);

    if (t->key & A64_KEYBIT_BTI)
        a64_put_btype(t, 2);
    tcg_put(t->b, A64_U_X30, tcg_imm(t->b, TCG_I64, t->pc + 4));
    a64_goto_reg(t, target, TCG_HINT_CALL);
    return true;
}

bool a64_trans_RET(struct a64_tr *t, const struct a64_insn *a)
{
    a64_goto_reg(t, a64_x(t, a->n), TCG_HINT_RET);
    return true;
}

bool a64_trans_SVC(struct a64_tr *t, const struct a64_insn *a)
{
    if (t->cpu->user) /* as the return from the exception does */
        tcg_put(t->b, A64_U_EXCL_ADDR, tcg_imm(t->b, TCG_I64, ~0ull));
    a64_clear_btype(t);
    tcg_exit(t->b, TCG_EXIT_SYSCALL, tcg_imm(t->b, TCG_I64, t->pc + 4), a->i,
             tcg_imm(t->b, TCG_I64, 0));
    t->ended = true;
    return true;
}

bool a64_trans_BRK(struct a64_tr *t, const struct a64_insn *a)
{
    a64_raise(t, TCG_EXC_BREAKPOINT, tcg_imm(t->b, TCG_I64, a->i));
    return true;
}

bool a64_trans_HLT(struct a64_tr *t, const struct a64_insn *a)
{
    return !t->cpu->user && a64_sys_hlt(t, a);
}

bool a64_trans_UDF(struct a64_tr *t, const struct a64_insn *a)
{
    (void)t, (void)a;
    return false;
}
