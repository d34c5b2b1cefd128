/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_fp.c -- scalar floating point (manual C4.1.96): arithmetic, compare, select,
 * immediates. Conversions are in trans_fp_cvt.c.
 *
 * Results, flags and NaNs are those of the IR's float operations under the environment that the
 * region key gives; alternative half precision matters for conversions only. */
#include "frontends/arm64/simd.h"

static bool fop2(struct a64_tr *t, const struct a64_insn *a, enum tcg_float_op2 op)
{
    if (!a64_ftype_ok(t, a->y))
        return false;
    a64_set_f(t, a->d, tcg_fop2(t->b, a64_ftype(a->y), op, a64_fpenv(t, a64_half(a->y)),
                                a64_f(t, a->y, a->n), a64_f(t, a->y, a->m)));
    return true;
}

static bool fop1(struct a64_tr *t, const struct a64_insn *a, enum tcg_float_op1 op)
{
    if (!a64_ftype_ok(t, a->y))
        return false;
    a64_set_f(t, a->d, tcg_fop1(t->b, a64_ftype(a->y), op, a64_fpenv(t, a64_half(a->y)),
                                a64_f(t, a->y, a->n)));
    return true;
}

/* The sign operations and the move: bit operations that raise nothing. */
static bool sign_op(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op)
{
    tcg_val v;

    if (!a64_ftype_ok(t, a->y))
        return false;
    v = a64_f(t, a->y, a->n);
    if (op != TCG_OP_nop)
        v = tcg_emit(t->b, op, a64_ftype(a->y), 0, v, 0, 0, 0, 0);
    a64_set_f(t, a->d, v);
    return true;
}

/* a +- n * m, all signs as said. */
static bool fma3(struct a64_tr *t, const struct a64_insn *a, bool neg_n, bool neg_a)
{
    enum tcg_type ty = a64_ftype(a->y);
    tcg_val n, add;

    if (!a64_ftype_ok(t, a->y))
        return false;
    n = a64_f(t, a->y, a->n);
    add = a64_f(t, a->y, a->a);
    if (neg_n)
        n = tcg_fneg(t->b, ty, n);
    if (neg_a)
        add = tcg_fneg(t->b, ty, add);
    a64_set_f(t, a->d, tcg_emit(t->b, TCG_OP_fma, ty, 0, n, a64_f(t, a->y, a->m), add,
                                a64_fpenv(t, a64_half(a->y)), 0));
    return true;
}

static bool round_int(struct a64_tr *t, const struct a64_insn *a, enum tcg_round round, bool exact)
{
    if (!a64_ftype_ok(t, a->y))
        return false;
    a64_set_f(t, a->d, tcg_emit(t->b, TCG_OP_frint, a64_ftype(a->y), exact, a64_f(t, a->y, a->n), 0,
                                0, a64_fpenv_round(t, a64_half(a->y), round), 0));
    return true;
}

static bool round_range(struct a64_tr *t, const struct a64_insn *a, enum tcg_round round,
                        unsigned bits)
{
    a64_set_f(t, a->d, tcg_emit(t->b, TCG_OP_frintn, a64_ftype(a->y), 0, a64_f(t, a->y, a->n), 0, 0,
                                a64_fpenv_round(t, false, round), bits));
    return true;
}

/* m TCG_NONE: compare with zero. */
static tcg_val compare(struct a64_tr *t, unsigned y, tcg_val n, tcg_val m, bool all_nans)
{
    if (m == TCG_NONE)
        m = tcg_fraw(t->b, a64_ftype(y), tcg_imm(t->b, y == 1 ? TCG_I64 : TCG_I32, 0));
    return tcg_emit(t->b, TCG_OP_fcmpf, TCG_FLAGS, all_nans, n, m, 0, a64_fpenv(t, a64_half(y)), 0);
}

static bool fcmp(struct a64_tr *t, const struct a64_insn *a, bool zero, bool all_nans)
{
    if (!a64_ftype_ok(t, a->y))
        return false;
    a64_set_flags(t, compare(t, a->y, a64_f(t, a->y, a->n),
                             zero ? TCG_NONE : a64_f(t, a->y, a->m), all_nans));
    return true;
}

/* Compares zeros, which raise nothing, when the condition fails. */
static bool fccmp(struct a64_tr *t, const struct a64_insn *a, bool all_nans)
{
    enum tcg_type ty = a64_ftype(a->y);
    tcg_val cond, zero, n, m;

    if (!a64_ftype_ok(t, a->y))
        return false;
    cond = a64_cond(t, a->c);
    zero = tcg_fraw(t->b, ty, tcg_imm(t->b, a->y == 1 ? TCG_I64 : TCG_I32, 0));
    n = tcg_select(t->b, ty, cond, a64_f(t, a->y, a->n), zero);
    m = tcg_select(t->b, ty, cond, a64_f(t, a->y, a->m), zero);
    a64_set_flags(t, tcg_fsel(t->b, cond, compare(t, a->y, n, m, all_nans),
                              a64_const_flags(t, a->f)));
    return true;
}

bool a64_trans_FADD_f(struct a64_tr *t, const struct a64_insn *a)
{
    return fop2(t, a, TCG_F_ADD);
}

bool a64_trans_FSUB_f(struct a64_tr *t, const struct a64_insn *a)
{
    return fop2(t, a, TCG_F_SUB);
}

bool a64_trans_FMUL_f(struct a64_tr *t, const struct a64_insn *a)
{
    return fop2(t, a, TCG_F_MUL);
}

bool a64_trans_FDIV_f(struct a64_tr *t, const struct a64_insn *a)
{
    return fop2(t, a, TCG_F_DIV);
}

bool a64_trans_FMAX_f(struct a64_tr *t, const struct a64_insn *a)
{
    return fop2(t, a, TCG_F_MAX);
}

bool a64_trans_FMIN_f(struct a64_tr *t, const struct a64_insn *a)
{
    return fop2(t, a, TCG_F_MIN);
}

bool a64_trans_FMAXNM_f(struct a64_tr *t, const struct a64_insn *a)
{
    return fop2(t, a, TCG_F_MAXNM);
}

bool a64_trans_FMINNM_f(struct a64_tr *t, const struct a64_insn *a)
{
    return fop2(t, a, TCG_F_MINNM);
}

bool a64_trans_FNMUL_f(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val v;
    
    if (!a64_ftype_ok(t, a->y))
        return false;
    v = tcg_fop2(t->b, a64_ftype(a->y), TCG_F_MUL, a64_fpenv(t, a64_half(a->y)),
                 a64_f(t, a->y, a->n), a64_f(t, a->y, a->m));
    a64_set_f(t, a->d, tcg_fneg(t->b, a64_ftype(a->y), v));
    return true;
}

bool a64_trans_FSQRT_f(struct a64_tr *t, const struct a64_insn *a)
{
    return fop1(t, a, TCG_F_SQRT);
}

bool a64_trans_FMOV_f(struct a64_tr *t, const struct a64_insn *a)
{
    return sign_op(t, a, TCG_OP_nop);
}

bool a64_trans_FABS_f(struct a64_tr *t, const struct a64_insn *a)
{
    return sign_op(t, a, TCG_OP_fabs);
}

bool a64_trans_FNEG_f(struct a64_tr *t, const struct a64_insn *a)
{
    return sign_op(t, a, TCG_OP_fneg);
}

bool a64_trans_FMADD(struct a64_tr *t, const struct a64_insn *a)
{
    return fma3(t, a, false, false);
}

bool a64_trans_FMSUB(struct a64_tr *t, const struct a64_insn *a)
{
    return fma3(t, a, true, false);
}

bool a64_trans_FNMADD(struct a64_tr *t, const struct a64_insn *a)
{
    return fma3(t, a, true, true);
}

bool a64_trans_FNMSUB(struct a64_tr *t, const struct a64_insn *a)
{
    return fma3(t, a, false, true);
}

bool a64_trans_FRINTN_f(struct a64_tr *t, const struct a64_insn *a)
{
    return round_int(t, a, TCG_ROUND_EVEN, false);
}

bool a64_trans_FRINTP_f(struct a64_tr *t, const struct a64_insn *a)
{
    return round_int(t, a, TCG_ROUND_UP, false);
}

bool a64_trans_FRINTM_f(struct a64_tr *t, const struct a64_insn *a)
{
    return round_int(t, a, TCG_ROUND_DOWN, false);
}

bool a64_trans_FRINTZ_f(struct a64_tr *t, const struct a64_insn *a)
{
    return round_int(t, a, TCG_ROUND_ZERO, false);
}

bool a64_trans_FRINTA_f(struct a64_tr *t, const struct a64_insn *a)
{
    return round_int(t, a, TCG_ROUND_AWAY, false);
}

bool a64_trans_FRINTX_f(struct a64_tr *t, const struct a64_insn *a)
{
    return round_int(t, a, a64_rmode(t), true);
}

bool a64_trans_FRINTI_f(struct a64_tr *t, const struct a64_insn *a)
{
    return round_int(t, a, a64_rmode(t), false);
}

bool a64_trans_FRINT32Z_f(struct a64_tr *t, const struct a64_insn *a)
{
    return round_range(t, a, TCG_ROUND_ZERO, 32);
}

bool a64_trans_FRINT32X_f(struct a64_tr *t, const struct a64_insn *a)
{
    return round_range(t, a, a64_rmode(t), 32);
}

bool a64_trans_FRINT64Z_f(struct a64_tr *t, const struct a64_insn *a)
{
    return round_range(t, a, TCG_ROUND_ZERO, 64);
}

bool a64_trans_FRINT64X_f(struct a64_tr *t, const struct a64_insn *a)
{
    return round_range(t, a, a64_rmode(t), 64);
}

bool a64_trans_FCMP(struct a64_tr *t, const struct a64_insn *a)
{
    return fcmp(t, a, false, false);
}

bool a64_trans_FCMP_zero(struct a64_tr *t, const struct a64_insn *a)
{
    return fcmp(t, a, true, false);
}

bool a64_trans_FCMPE(struct a64_tr *t, const struct a64_insn *a)
{
    return fcmp(t, a, false, true);
}

bool a64_trans_FCMPE_zero(struct a64_tr *t, const struct a64_insn *a)
{
    return fcmp(t, a, true, true);
}

bool a64_trans_FCCMP(struct a64_tr *t, const struct a64_insn *a)
{
    return fccmp(t, a, false);
}

bool a64_trans_FCCMPE(struct a64_tr *t, const struct a64_insn *a)
{
    return fccmp(t, a, true);
}

bool a64_trans_FCSEL(struct a64_tr *t, const struct a64_insn *a)
{
    if (!a64_ftype_ok(t, a->y))
        return false;
    a64_set_f(t, a->d, tcg_select(t->b, a64_ftype(a->y), a64_cond(t, a->c), a64_f(t, a->y, a->n),
                                  a64_f(t, a->y, a->m)));
    return true;
}

bool a64_trans_FMOV_imm(struct a64_tr *t, const struct a64_insn *a)
{
    if (!a64_ftype_ok(t, a->y))
        return false;
    a64_set_q(t, a->d, tcg_vimm(t->b, TCG_V128, a64_fp_imm(a->y, a->i), 0));
    return true;
}
