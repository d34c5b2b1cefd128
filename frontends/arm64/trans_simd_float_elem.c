/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_simd_float_elem.c -- Advanced SIMD on floats (manual C4.1.95): by element,
 * complex, half to single, BFloat16. Half to single products and most of BFloat16 go through
 * helpers. */
#include "frontends/arm64/helper_simd.h"
#include "frontends/arm64/simd.h"

/* ---- by element ---- */

static bool elem_ok(const struct a64_insn *a, enum tcg_lane lane)
{
    return lane != TCG_LANE64 || (a->q && !a->L);
}

static tcg_val element(struct a64_tr *t, const struct a64_insn *a, unsigned q, enum tcg_lane lane)
{
    return a64_vdupl(t, q, lane, a64_elem_reg(a, lane), a64_elem_index(a, lane));
}

static bool fused_e(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, bool sub)
{
    if (!elem_ok(a, lane))
        return false;
    a64_fma_to(t, a, lane, element(t, a, a->q, lane), sub);
    return true;
}

static bool mul_e(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, enum tcg_float_op2 op)
{
    if (!elem_ok(a, lane))
        return false;
    a64_set_v(t, a->q, a->d, a64_vfloat(t, TCG_OP_vfop2, a->q, lane, a64_v(t, a->q, a->n),
                                        element(t, a, a->q, lane), TCG_NONE, op));
    return true;
}

static bool elem_s_ok(const struct a64_insn *a, enum tcg_lane lane)
{
    return lane != TCG_LANE64 || !a->L;
}

static bool fused_se(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, bool sub)
{
    unsigned y = a64_float_y(lane);
    tcg_val n, m;

    if (!elem_s_ok(a, lane))
        return false;
    n = a64_f(t, y, a->n);
    m = tcg_vtof(t->b, a64_ftype(y), element(t, a, 1, lane));
    if (sub)
        n = tcg_fneg(t->b, a64_ftype(y), n);
    a64_set_f(t, a->d, tcg_emit(t->b, TCG_OP_fma, a64_ftype(y), 0, n, m, a64_f(t, y, a->d),
                                a64_lane_env(t, lane), 0));
    return true;
}

static bool mul_se(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, enum tcg_float_op2 op)
{
    unsigned y = a64_float_y(lane);
    tcg_val m;

    if (!elem_s_ok(a, lane))
        return false;
    m = tcg_vtof(t->b, a64_ftype(y), element(t, a, 1, lane));
    a64_set_f(t, a->d, tcg_fop2(t->b, a64_ftype(y), op, a64_lane_env(t, lane), a64_f(t, y, a->n), m));
    return true;
}

/* ---- complex: pairs of real and imaginary parts ---- */

static tcg_val swap_pairs(struct a64_tr *t, unsigned q, enum tcg_lane lane, tcg_val v)
{
    if (lane == TCG_LANE64)
        return tcg_emit(t->b, TCG_OP_vext, TCG_V128, 0, v, v, 0, 0, 8);
    return tcg_v1(t->b, TCG_OP_vrev, a64_vtype(q), lane, v, 2u << lane);
}

/* Flips the signs of even (real) and odd (imaginary) lanes. */
static tcg_val flip(struct a64_tr *t, unsigned q, enum tcg_lane lane, tcg_val v, bool even, bool odd)
{
    uint64_t sign = 1ull << ((8u << lane) - 1), lo = 0, hi = 0;

    if (lane == TCG_LANE64) {
        lo = even ? sign : 0;
        hi = odd ? sign : 0;
    } else {
        for (unsigned at = 0; at < 64; at += 16u << lane)
            lo |= (even ? sign : 0) << at | (odd ? sign : 0) << (at + (8u << lane));
        hi = lo;
    }
    if (!even && !odd)
        return v;
    return tcg_vxor(t->b, a64_vtype(q), v, tcg_vimm(t->b, a64_vtype(q), lo, hi));
}

static bool complex_ok(const struct a64_tr *t, enum tcg_lane lane, unsigned q)
{
    if (lane == TCG_LANE16)
        return a64_has(t, A64_FEAT_ASIMDHP);
    return lane != TCG_LANE8 && (q || lane != TCG_LANE64);
}

/* w: quarter turns of m. */
static void complex_fma(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, tcg_val m)
{
    tcg_val n = a64_v(t, a->q, a->n);

    n = tcg_v2(t->b, a->w & 1 ? TCG_OP_vtrn2 : TCG_OP_vtrn1, a64_vtype(a->q), lane, n, n, 0);
    if (a->w & 1)
        m = swap_pairs(t, a->q, lane, m);
    m = flip(t, a->q, lane, m, a->w == 1 || a->w == 2, a->w >= 2);
    a64_set_v(t, a->q, a->d, a64_vfloat(t, TCG_OP_vfma, a->q, lane, n, m, a64_v(t, a->q, a->d), 0));
}

bool a64_trans_FCADD(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_lane lane = (enum tcg_lane)a->s;
    tcg_val m;

    if (!complex_ok(t, lane, a->q))
        return false;
    m = flip(t, a->q, lane, swap_pairs(t, a->q, lane, a64_v(t, a->q, a->m)), !a->w, a->w);
    a64_set_v(t, a->q, a->d, a64_vfloat(t, TCG_OP_vfop2, a->q, lane, a64_v(t, a->q, a->n), m, TCG_NONE,
                                        TCG_F_ADD));
    return true;
}

bool a64_trans_FCMLA_v(struct a64_tr *t, const struct a64_insn *a)
{
    if (!complex_ok(t, (enum tcg_lane)a->s, a->q))
        return false;
    complex_fma(t, a, (enum tcg_lane)a->s, a64_v(t, a->q, a->m));
    return true;
}

bool a64_trans_FCMLA_e(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_lane lane = (enum tcg_lane)a->T, both = (enum tcg_lane)(lane + 1);
    unsigned r = (unsigned)a->M << 4 | a->m;

    if (!complex_ok(t, lane, a->q) || (lane == TCG_LANE16 ? a->H && !a->q : a->L || !a->q))
        return false;
    complex_fma(t, a, lane, a64_vdupl(t, a->q, both, r, lane == TCG_LANE16 ? a->H << 1 | a->L : a->H));
    return true;
}

/* ---- through helpers: acc, n and m as 128 bits ---- */

static bool by_helper(struct a64_tr *t, const struct a64_insn *a, const struct tcg_helper *h, tcg_val m,
                      uint32_t ctl)
{
    tcg_val args[] = { a64_q(t, a->d), a64_q(t, a->n), m, a64_fpctl(t, ctl) };
    tcg_val v = tcg_call(t->b, h, args);

    if (a->q || (ctl & A64_HC_WHOLE))
        a64_set_q(t, a->d, v);
    else
        a64_set_d(t, a->d, tcg_vlow(t->b, TCG_V64, v));
    return true;
}

/* Half to single; the second forms take the upper half of n and m. */
static bool half_long(struct a64_tr *t, const struct a64_insn *a, bool by_elem, uint32_t ctl)
{
    tcg_val m = by_elem ? a64_vdupl(t, 1, TCG_LANE16, a->m, a64_elem_index(a, TCG_LANE16))
                        : a64_q(t, a->m);

    return by_helper(t, a, &a64_h_fmlal, m, ctl | (a->q ? A64_HC_Q : 0));
}

static bool bf_pairs(struct a64_tr *t, const struct a64_insn *a, bool by_elem)
{
    tcg_val m = by_elem ? a64_vdupl(t, 1, TCG_LANE32, a64_elem_reg(a, TCG_LANE32),
                                    a64_elem_index(a, TCG_LANE32))
                        : a64_q(t, a->m);

    return by_helper(t, a, &a64_h_bfdot, m, 0);
}

/* BFMLALB, BFMLALT: even or odd BFloat16 lanes as single precision, which is exact. */
static bool bf_long(struct a64_tr *t, const struct a64_insn *a, bool by_elem)
{
    tcg_val m = by_elem ? a64_vdupl(t, 1, TCG_LANE16, a->m, a64_elem_index(a, TCG_LANE16))
                        : a64_q(t, a->m);
    tcg_val n = a64_q(t, a->n);

    if (a->q) {
        tcg_val top = a64_vdup_imm(t, 1, TCG_LANE32, 0xffff0000);

        n = tcg_vand(t->b, TCG_V128, n, top);
        m = tcg_vand(t->b, TCG_V128, m, top);
    } else {
        n = tcg_v1(t->b, TCG_OP_vshli, TCG_V128, TCG_LANE32, n, 16);
        m = tcg_v1(t->b, TCG_OP_vshli, TCG_V128, TCG_LANE32, m, 16);
    }
    a64_set_q(t, a->d, a64_vfloat(t, TCG_OP_vfma, 1, TCG_LANE32, n, m, a64_q(t, a->d), 0));
    return true;
}

bool a64_trans_FMLA_e(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_e(t, a, a64_float_lane(a), false);
}

bool a64_trans_FMLA_eh(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_e(t, a, TCG_LANE16, false);
}

bool a64_trans_FMLA_se(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_se(t, a, a64_float_lane(a), false);
}

bool a64_trans_FMLA_seh(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_se(t, a, TCG_LANE16, false);
}

bool a64_trans_FMLS_e(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_e(t, a, a64_float_lane(a), true);
}

bool a64_trans_FMLS_eh(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_e(t, a, TCG_LANE16, true);
}

bool a64_trans_FMLS_se(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_se(t, a, a64_float_lane(a), true);
}

bool a64_trans_FMLS_seh(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_se(t, a, TCG_LANE16, true);
}

bool a64_trans_FMUL_e(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_e(t, a, a64_float_lane(a), TCG_F_MUL);
}

bool a64_trans_FMUL_eh(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_e(t, a, TCG_LANE16, TCG_F_MUL);
}

bool a64_trans_FMUL_se(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_se(t, a, a64_float_lane(a), TCG_F_MUL);
}

bool a64_trans_FMUL_seh(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_se(t, a, TCG_LANE16, TCG_F_MUL);
}

bool a64_trans_FMULX_e(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_e(t, a, a64_float_lane(a), TCG_F_MULX);
}

bool a64_trans_FMULX_eh(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_e(t, a, TCG_LANE16, TCG_F_MULX);
}

bool a64_trans_FMULX_se(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_se(t, a, a64_float_lane(a), TCG_F_MULX);
}

bool a64_trans_FMULX_seh(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_se(t, a, TCG_LANE16, TCG_F_MULX);
}

bool a64_trans_FMLAL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return half_long(t, a, false, 0);
}

bool a64_trans_FMLAL_e(struct a64_tr *t, const struct a64_insn *a)
{
    return half_long(t, a, true, 0);
}

bool a64_trans_FMLSL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return half_long(t, a, false, A64_HC_SUB);
}

bool a64_trans_FMLSL_e(struct a64_tr *t, const struct a64_insn *a)
{
    return half_long(t, a, true, A64_HC_SUB);
}

bool a64_trans_FMLAL2_v(struct a64_tr *t, const struct a64_insn *a)
{
    return half_long(t, a, false, A64_HC_TOP);
}

bool a64_trans_FMLAL2_e(struct a64_tr *t, const struct a64_insn *a)
{
    return half_long(t, a, true, A64_HC_TOP);
}

bool a64_trans_FMLSL2_v(struct a64_tr *t, const struct a64_insn *a)
{
    return half_long(t, a, false, A64_HC_SUB | A64_HC_TOP);
}

bool a64_trans_FMLSL2_e(struct a64_tr *t, const struct a64_insn *a)
{
    return half_long(t, a, true, A64_HC_SUB | A64_HC_TOP);
}

bool a64_trans_BFDOT_v(struct a64_tr *t, const struct a64_insn *a)
{
    return bf_pairs(t, a, false);
}

bool a64_trans_BFDOT_e(struct a64_tr *t, const struct a64_insn *a)
{
    return bf_pairs(t, a, true);
}

bool a64_trans_BFMLAL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return bf_long(t, a, false);
}

bool a64_trans_BFMLAL_e(struct a64_tr *t, const struct a64_insn *a)
{
    return bf_long(t, a, true);
}

bool a64_trans_BFMMLA(struct a64_tr *t, const struct a64_insn *a)
{
    return by_helper(t, a, &a64_h_bfmmla, a64_q(t, a->m), A64_HC_WHOLE);
}
