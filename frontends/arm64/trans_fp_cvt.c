/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_fp_cvt.c -- scalar conversions (manual C4.1.96): between formats, to and from
 * integers and fixed point in general registers, FMOV between register files.
 *
 * Half precision in the alternative format (FPCR.AHP) goes through a helper. */
#include "frontends/arm64/helper_simd.h"
#include "frontends/arm64/simd.h"

/* ---- between formats: y as in a64_insn ---- */

static bool fcvt(struct a64_tr *t, const struct a64_insn *a, unsigned to)
{
    tcg_val v = a64_f(t, a->y, a->n);

    if (a->y == to)
        return false;
    if ((t->key & A64_KEYBIT_AHP) && (a->y == 3 || to == 3)) {
        tcg_val args[] = { a64_q(t, a->n), a64_fpctl(t, a->y << 8 | to << 12) };

        a64_set_q(t, a->d, tcg_call(t->b, &a64_h_cvt_ahp, args));
        return true;
    }
    v = tcg_emit(t->b, TCG_OP_fcvt, a64_ftype(to), 0, v, 0, 0, a64_fpenv(t, false), 0);
    a64_set_f(t, a->d, v);
    return true;
}

/* ---- to and from integers ---- */

static bool to_int(struct a64_tr *t, const struct a64_insn *a, enum tcg_round round, bool is_signed,
                   unsigned fbits)
{
    if (!a64_ftype_ok(t, a->y))
        return false;
    a64_set_r(t, a->z, a->d,
              tcg_emit(t->b, TCG_OP_f2i, a64_type(a->z), TCG_INT_SAT_ARM | is_signed << 4,
                       a64_f(t, a->y, a->n), 0, 0, a64_fpenv_round(t, a64_half(a->y), round),
                       fbits));
    return true;
}

static bool from_int(struct a64_tr *t, const struct a64_insn *a, bool is_signed, unsigned fbits)
{
    if (!a64_ftype_ok(t, a->y))
        return false;
    a64_set_f(t, a->d, tcg_emit(t->b, TCG_OP_i2f, a64_ftype(a->y), is_signed << 4,
                                a64_r(t, a->z, a->n), 0, 0, a64_fpenv(t, a64_half(a->y)), fbits));
    return true;
}

/* 32-bit registers have at most 32 fraction bits. */
static bool fix_ok(const struct a64_insn *a)
{
    return a->z || a->k >= 32;
}

bool a64_trans_FCVT_s(struct a64_tr *t, const struct a64_insn *a)
{
    return fcvt(t, a, 0);
}

bool a64_trans_FCVT_d(struct a64_tr *t, const struct a64_insn *a)
{
    return fcvt(t, a, 1);
}

bool a64_trans_FCVT_h(struct a64_tr *t, const struct a64_insn *a)
{
    return fcvt(t, a, 3);
}

bool a64_trans_BFCVT(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val args[] = { a64_q(t, a->n), a64_fpctl(t, 1 << 8) };
    
    a64_set_q(t, a->d, tcg_call(t->b, &a64_h_bfcvt, args));
    return true;
}

bool a64_trans_FCVTNS_f(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, TCG_ROUND_EVEN, true, 0);
}

bool a64_trans_FCVTNU_f(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, TCG_ROUND_EVEN, false, 0);
}

bool a64_trans_FCVTPS_f(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, TCG_ROUND_UP, true, 0);
}

bool a64_trans_FCVTPU_f(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, TCG_ROUND_UP, false, 0);
}

bool a64_trans_FCVTMS_f(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, TCG_ROUND_DOWN, true, 0);
}

bool a64_trans_FCVTMU_f(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, TCG_ROUND_DOWN, false, 0);
}

bool a64_trans_FCVTZS_f(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, TCG_ROUND_ZERO, true, 0);
}

bool a64_trans_FCVTZU_f(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, TCG_ROUND_ZERO, false, 0);
}

bool a64_trans_FCVTAS_f(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, TCG_ROUND_AWAY, true, 0);
}

bool a64_trans_FCVTAU_f(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, TCG_ROUND_AWAY, false, 0);
}

bool a64_trans_SCVTF_f(struct a64_tr *t, const struct a64_insn *a)
{
    return from_int(t, a, true, 0);
}

bool a64_trans_UCVTF_f(struct a64_tr *t, const struct a64_insn *a)
{
    return from_int(t, a, false, 0);
}

bool a64_trans_SCVTF_fix(struct a64_tr *t, const struct a64_insn *a)
{
    return fix_ok(a) && from_int(t, a, true, 64 - a->k);
}

bool a64_trans_UCVTF_fix(struct a64_tr *t, const struct a64_insn *a)
{
    return fix_ok(a) && from_int(t, a, false, 64 - a->k);
}

bool a64_trans_FCVTZS_fix(struct a64_tr *t, const struct a64_insn *a)
{
    return fix_ok(a) && to_int(t, a, TCG_ROUND_ZERO, true, 64 - a->k);
}

bool a64_trans_FCVTZU_fix(struct a64_tr *t, const struct a64_insn *a)
{
    return fix_ok(a) && to_int(t, a, TCG_ROUND_ZERO, false, 64 - a->k);
}

bool a64_trans_FJCVTZS(struct a64_tr *t, const struct a64_insn *a)
{
    struct tcg_builder *b = t->b;
    unsigned env = a64_fpenv_round(t, false, TCG_ROUND_ZERO);
    tcg_val v = a64_f(t, 1, a->n), r, back, same;
    
    /* Z: the integer converts back to the very same number. */
    r = tcg_emit(b, TCG_OP_f2i, TCG_I32, TCG_INT_JS | 1 << 4, v, 0, 0, env, 0);
    back = tcg_fbits(b, TCG_I64, tcg_emit(b, TCG_OP_i2f, TCG_F64, 1 << 4, r, 0, 0, env, 0));
    same = tcg_setcc(b, TCG_EQ, back, tcg_fbits(b, TCG_I64, v));
    a64_set_w(t, a->d, r);
    a64_set_flags(t, tcg_funpack(b, tcg_mul(b, TCG_I32, same, tcg_imm(b, TCG_I32, TCG_FBIT_Z))));
    return true;
}

bool a64_trans_FMOV_to_gen(struct a64_tr *t, const struct a64_insn *a)
{
    if ((a->y == 1) != a->z && a->y != 3)
        return false;
    if (!a64_ftype_ok(t, a->y))
        return false;
    if (a->y == 1)
        a64_set_x(t, a->d, tcg_fbits(t->b, TCG_I64, a64_f(t, 1, a->n)));
    else
        a64_set_w(t, a->d, tcg_fbits(t->b, TCG_I32, a64_f(t, a->y, a->n)));
    return true;
}

bool a64_trans_FMOV_from_gen(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val v;
    
    if (((a->y == 1) != a->z && a->y != 3) || !a64_ftype_ok(t, a->y))
        return false;
    v = a->y == 1 ? a64_x(t, a->n) : a64_w(t, a->n);
    if (a->y == 3)
        v = tcg_extract(t->b, TCG_I32, v, 0, 16);
    a64_set_f(t, a->d, tcg_fraw(t->b, a64_ftype(a->y), v));
    return true;
}

bool a64_trans_FMOV_from_top(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_x(t, a->d, tcg_v1(t->b, TCG_OP_vget, TCG_I64, TCG_LANE64, a64_q(t, a->n), 1));
    return true;
}

bool a64_trans_FMOV_to_top(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_q(t, a->d, tcg_v2(t->b, TCG_OP_vset, TCG_V128, TCG_LANE64, a64_q(t, a->d),
                               a64_x(t, a->n), 1));
    return true;
}
