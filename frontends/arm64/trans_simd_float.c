/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_simd_float.c -- Advanced SIMD on floats (manual C4.1.95): three registers,
 * by element, pairwise, across lanes, complex, half to single, BFloat16. Rows of two registers are in
 * trans_simd_float1.c.
 *
 * Single elements use scalar operations. Half to single products and BFloat16 go through helpers. */
#include "frontends/arm64/helper_simd.h"
#include "frontends/arm64/simd.h"

/* Lane of a vector row: y single or double; half rows pass TCG_LANE16 themselves. */
static enum tcg_lane lane_of(const struct a64_insn *a)
{
    return a->y ? TCG_LANE64 : TCG_LANE32;
}

static bool shape_ok(const struct a64_insn *a, enum tcg_lane lane)
{
    return a->q || lane != TCG_LANE64;
}

static unsigned y_of(enum tcg_lane lane)
{
    return lane == TCG_LANE16 ? 3 : lane == TCG_LANE64;
}

static tcg_val vf(struct a64_tr *t, enum tcg_opcode op, unsigned q, enum tcg_lane lane, tcg_val x,
                  tcg_val y, tcg_val z, unsigned imm)
{
    return tcg_vf(t->b, op, a64_vtype(q), lane, a64_lane_env(t, lane), x, y, z, imm);
}

/* ---- three registers ---- */

static bool op2(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, enum tcg_float_op2 op)
{
    if (!shape_ok(a, lane))
        return false;
    a64_set_v(t, a->q, a->d, vf(t, TCG_OP_vfop2, a->q, lane, a64_v(t, a->q, a->n),
                                a64_v(t, a->q, a->m), TCG_NONE, op));
    return true;
}

static bool pairwise(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane,
                     enum tcg_float_op2 op)
{
    if (!shape_ok(a, lane))
        return false;
    a64_set_v(t, a->q, a->d, vf(t, TCG_OP_vfpop2, a->q, lane, a64_v(t, a->q, a->n),
                                a64_v(t, a->q, a->m), TCG_NONE, op));
    return true;
}

static bool difference(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane)
{
    tcg_val v;

    if (!shape_ok(a, lane))
        return false;
    v = vf(t, TCG_OP_vfop2, a->q, lane, a64_v(t, a->q, a->n), a64_v(t, a->q, a->m), TCG_NONE,
           TCG_F_SUB);
    a64_set_v(t, a->q, a->d, tcg_v1(t->b, TCG_OP_vfabs, a64_vtype(a->q), lane, v, 0));
    return true;
}

/* rel: imm of vfcmp; magnitude: of absolute values. */
static bool compare(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, unsigned rel,
                    bool magnitude)
{
    tcg_val n, m;

    if (!shape_ok(a, lane))
        return false;
    n = a64_v(t, a->q, a->n);
    m = a64_v(t, a->q, a->m);
    if (magnitude) {
        n = tcg_v1(t->b, TCG_OP_vfabs, a64_vtype(a->q), lane, n, 0);
        m = tcg_v1(t->b, TCG_OP_vfabs, a64_vtype(a->q), lane, m, 0);
    }
    a64_set_v(t, a->q, a->d, vf(t, TCG_OP_vfcmp, a->q, lane, n, m, TCG_NONE, rel));
    return true;
}

/* d +- n * m. */
static void fma_to(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, tcg_val m, bool sub)
{
    tcg_val n = a64_v(t, a->q, a->n);

    if (sub)
        n = tcg_v1(t->b, TCG_OP_vfneg, a64_vtype(a->q), lane, n, 0);
    a64_set_v(t, a->q, a->d, vf(t, TCG_OP_vfma, a->q, lane, n, m, a64_v(t, a->q, a->d), 0));
}

static bool fused(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, bool sub)
{
    if (!shape_ok(a, lane))
        return false;
    fma_to(t, a, lane, a64_v(t, a->q, a->m), sub);
    return true;
}

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
    fma_to(t, a, lane, element(t, a, a->q, lane), sub);
    return true;
}

static bool mul_e(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, enum tcg_float_op2 op)
{
    if (!elem_ok(a, lane))
        return false;
    a64_set_v(t, a->q, a->d, vf(t, TCG_OP_vfop2, a->q, lane, a64_v(t, a->q, a->n),
                                element(t, a, a->q, lane), TCG_NONE, op));
    return true;
}

/* ---- single elements ---- */

static bool op2_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, enum tcg_float_op2 op)
{
    unsigned y = y_of(lane);

    a64_set_f(t, a->d, tcg_fop2(t->b, a64_ftype(y), op, a64_lane_env(t, lane), a64_f(t, y, a->n),
                                a64_f(t, y, a->m)));
    return true;
}

static bool difference_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane)
{
    unsigned y = y_of(lane);
    tcg_val v = tcg_fop2(t->b, a64_ftype(y), TCG_F_SUB, a64_lane_env(t, lane), a64_f(t, y, a->n),
                         a64_f(t, y, a->m));

    a64_set_f(t, a->d, tcg_fabs(t->b, a64_ftype(y), v));
    return true;
}

static bool compare_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, unsigned rel,
                      bool magnitude)
{
    tcg_val n = a64_lane0(t, lane, a->n), m = a64_lane0(t, lane, a->m);

    if (magnitude) {
        n = tcg_v1(t->b, TCG_OP_vfabs, TCG_V64, lane, n, 0);
        m = tcg_v1(t->b, TCG_OP_vfabs, TCG_V64, lane, m, 0);
    }
    a64_set_d(t, a->d, a64_mask0(t, lane, vf(t, TCG_OP_vfcmp, 0, lane, n, m, TCG_NONE, rel)));
    return true;
}

static bool elem_s_ok(const struct a64_insn *a, enum tcg_lane lane)
{
    return lane != TCG_LANE64 || !a->L;
}

static bool fused_se(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, bool sub)
{
    unsigned y = y_of(lane);
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
    unsigned y = y_of(lane);
    tcg_val m;

    if (!elem_s_ok(a, lane))
        return false;
    m = tcg_vtof(t->b, a64_ftype(y), element(t, a, 1, lane));
    a64_set_f(t, a->d, tcg_fop2(t->b, a64_ftype(y), op, a64_lane_env(t, lane), a64_f(t, y, a->n), m));
    return true;
}

/* Elements 0 and 1 of n. */
static bool pair_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, enum tcg_float_op2 op)
{
    unsigned y = y_of(lane);
    tcg_val second = tcg_vtof(t->b, a64_ftype(y), a64_vdupl(t, 1, lane, a->n, 1));

    a64_set_f(t, a->d, tcg_fop2(t->b, a64_ftype(y), op, a64_lane_env(t, lane), a64_f(t, y, a->n),
                                second));
    return true;
}

/* Across lanes, as a tree of neighbours. */
static bool across(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, enum tcg_float_op2 op)
{
    tcg_val lo = a64_d(t, a->n), hi = lo;
    unsigned steps = lane == TCG_LANE16 ? 2 : 1;

    if (lane == TCG_LANE32 || a->q) { /* single precision has 128 bits only */
        hi = tcg_vhigh(t->b, TCG_V64, a64_q(t, a->n));
        steps++;
    }
    for (unsigned i = 0; i < steps; i++)
        lo = hi = vf(t, TCG_OP_vfpop2, 0, lane, lo, hi, TCG_NONE, op);
    a64_set_d(t, a->d, a64_mask0(t, lane, lo));
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
    a64_set_v(t, a->q, a->d, vf(t, TCG_OP_vfma, a->q, lane, n, m, a64_v(t, a->q, a->d), 0));
}

bool a64_trans_FCADD(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_lane lane = (enum tcg_lane)a->s;
    tcg_val m;

    if (!complex_ok(t, lane, a->q))
        return false;
    m = flip(t, a->q, lane, swap_pairs(t, a->q, lane, a64_v(t, a->q, a->m)), !a->w, a->w);
    a64_set_v(t, a->q, a->d, vf(t, TCG_OP_vfop2, a->q, lane, a64_v(t, a->q, a->n), m, TCG_NONE,
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
    a64_set_q(t, a->d, vf(t, TCG_OP_vfma, 1, TCG_LANE32, n, m, a64_q(t, a->d), 0));
    return true;
}

bool a64_trans_FADD_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, lane_of(a), TCG_F_ADD);
}

bool a64_trans_FADD_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_ADD);
}

bool a64_trans_FSUB_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, lane_of(a), TCG_F_SUB);
}

bool a64_trans_FSUB_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_SUB);
}

bool a64_trans_FMUL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, lane_of(a), TCG_F_MUL);
}

bool a64_trans_FMUL_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_MUL);
}

bool a64_trans_FDIV_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, lane_of(a), TCG_F_DIV);
}

bool a64_trans_FDIV_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_DIV);
}

bool a64_trans_FMAX_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, lane_of(a), TCG_F_MAX);
}

bool a64_trans_FMAX_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_MAX);
}

bool a64_trans_FMIN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, lane_of(a), TCG_F_MIN);
}

bool a64_trans_FMIN_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_MIN);
}

bool a64_trans_FMAXNM_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, lane_of(a), TCG_F_MAXNM);
}

bool a64_trans_FMAXNM_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_MAXNM);
}

bool a64_trans_FMINNM_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, lane_of(a), TCG_F_MINNM);
}

bool a64_trans_FMINNM_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_MINNM);
}

bool a64_trans_FMULX_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, lane_of(a), TCG_F_MULX);
}

bool a64_trans_FMULX_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_MULX);
}

bool a64_trans_FRECPS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, lane_of(a), TCG_F_RECPS);
}

bool a64_trans_FRECPS_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_RECPS);
}

bool a64_trans_FRSQRTS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, lane_of(a), TCG_F_RSQRTS);
}

bool a64_trans_FRSQRTS_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_RSQRTS);
}

bool a64_trans_FADDP_v(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, lane_of(a), TCG_F_ADD);
}

bool a64_trans_FADDP_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, TCG_LANE16, TCG_F_ADD);
}

bool a64_trans_FADDP_s(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, lane_of(a), TCG_F_ADD);
}

bool a64_trans_FADDP_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, TCG_LANE16, TCG_F_ADD);
}

bool a64_trans_FMAXP_v(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, lane_of(a), TCG_F_MAX);
}

bool a64_trans_FMAXP_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, TCG_LANE16, TCG_F_MAX);
}

bool a64_trans_FMAXP_s(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, lane_of(a), TCG_F_MAX);
}

bool a64_trans_FMAXP_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, TCG_LANE16, TCG_F_MAX);
}

bool a64_trans_FMAXV(struct a64_tr *t, const struct a64_insn *a)
{
    return across(t, a, TCG_LANE32, TCG_F_MAX);
}

bool a64_trans_FMAXV_h(struct a64_tr *t, const struct a64_insn *a)
{
    return across(t, a, TCG_LANE16, TCG_F_MAX);
}

bool a64_trans_FMINP_v(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, lane_of(a), TCG_F_MIN);
}

bool a64_trans_FMINP_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, TCG_LANE16, TCG_F_MIN);
}

bool a64_trans_FMINP_s(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, lane_of(a), TCG_F_MIN);
}

bool a64_trans_FMINP_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, TCG_LANE16, TCG_F_MIN);
}

bool a64_trans_FMINV(struct a64_tr *t, const struct a64_insn *a)
{
    return across(t, a, TCG_LANE32, TCG_F_MIN);
}

bool a64_trans_FMINV_h(struct a64_tr *t, const struct a64_insn *a)
{
    return across(t, a, TCG_LANE16, TCG_F_MIN);
}

bool a64_trans_FMAXNMP_v(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, lane_of(a), TCG_F_MAXNM);
}

bool a64_trans_FMAXNMP_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, TCG_LANE16, TCG_F_MAXNM);
}

bool a64_trans_FMAXNMP_s(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, lane_of(a), TCG_F_MAXNM);
}

bool a64_trans_FMAXNMP_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, TCG_LANE16, TCG_F_MAXNM);
}

bool a64_trans_FMAXNMV(struct a64_tr *t, const struct a64_insn *a)
{
    return across(t, a, TCG_LANE32, TCG_F_MAXNM);
}

bool a64_trans_FMAXNMV_h(struct a64_tr *t, const struct a64_insn *a)
{
    return across(t, a, TCG_LANE16, TCG_F_MAXNM);
}

bool a64_trans_FMINNMP_v(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, lane_of(a), TCG_F_MINNM);
}

bool a64_trans_FMINNMP_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, TCG_LANE16, TCG_F_MINNM);
}

bool a64_trans_FMINNMP_s(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, lane_of(a), TCG_F_MINNM);
}

bool a64_trans_FMINNMP_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, TCG_LANE16, TCG_F_MINNM);
}

bool a64_trans_FMINNMV(struct a64_tr *t, const struct a64_insn *a)
{
    return across(t, a, TCG_LANE32, TCG_F_MINNM);
}

bool a64_trans_FMINNMV_h(struct a64_tr *t, const struct a64_insn *a)
{
    return across(t, a, TCG_LANE16, TCG_F_MINNM);
}

bool a64_trans_FMULX_s(struct a64_tr *t, const struct a64_insn *a)
{
    return op2_s(t, a, lane_of(a), TCG_F_MULX);
}

bool a64_trans_FMULX_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2_s(t, a, TCG_LANE16, TCG_F_MULX);
}

bool a64_trans_FRECPS_s(struct a64_tr *t, const struct a64_insn *a)
{
    return op2_s(t, a, lane_of(a), TCG_F_RECPS);
}

bool a64_trans_FRECPS_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2_s(t, a, TCG_LANE16, TCG_F_RECPS);
}

bool a64_trans_FRSQRTS_s(struct a64_tr *t, const struct a64_insn *a)
{
    return op2_s(t, a, lane_of(a), TCG_F_RSQRTS);
}

bool a64_trans_FRSQRTS_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2_s(t, a, TCG_LANE16, TCG_F_RSQRTS);
}

bool a64_trans_FABD_v(struct a64_tr *t, const struct a64_insn *a)
{
    return difference(t, a, lane_of(a));
}

bool a64_trans_FABD_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return difference(t, a, TCG_LANE16);
}

bool a64_trans_FABD_s(struct a64_tr *t, const struct a64_insn *a)
{
    return difference_s(t, a, lane_of(a));
}

bool a64_trans_FABD_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return difference_s(t, a, TCG_LANE16);
}

bool a64_trans_FCMEQ_v(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, lane_of(a), 0, false);
}

bool a64_trans_FCMEQ_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, TCG_LANE16, 0, false);
}

bool a64_trans_FCMEQ_s(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, lane_of(a), 0, false);
}

bool a64_trans_FCMEQ_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, TCG_LANE16, 0, false);
}

bool a64_trans_FCMGE_v(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, lane_of(a), 1, false);
}

bool a64_trans_FCMGE_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, TCG_LANE16, 1, false);
}

bool a64_trans_FCMGE_s(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, lane_of(a), 1, false);
}

bool a64_trans_FCMGE_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, TCG_LANE16, 1, false);
}

bool a64_trans_FCMGT_v(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, lane_of(a), 2, false);
}

bool a64_trans_FCMGT_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, TCG_LANE16, 2, false);
}

bool a64_trans_FCMGT_s(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, lane_of(a), 2, false);
}

bool a64_trans_FCMGT_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, TCG_LANE16, 2, false);
}

bool a64_trans_FACGE_v(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, lane_of(a), 1, true);
}

bool a64_trans_FACGE_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, TCG_LANE16, 1, true);
}

bool a64_trans_FACGE_s(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, lane_of(a), 1, true);
}

bool a64_trans_FACGE_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, TCG_LANE16, 1, true);
}

bool a64_trans_FACGT_v(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, lane_of(a), 2, true);
}

bool a64_trans_FACGT_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, TCG_LANE16, 2, true);
}

bool a64_trans_FACGT_s(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, lane_of(a), 2, true);
}

bool a64_trans_FACGT_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, TCG_LANE16, 2, true);
}

bool a64_trans_FMLA_v(struct a64_tr *t, const struct a64_insn *a)
{
    return fused(t, a, lane_of(a), false);
}

bool a64_trans_FMLA_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return fused(t, a, TCG_LANE16, false);
}

bool a64_trans_FMLA_e(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_e(t, a, lane_of(a), false);
}

bool a64_trans_FMLA_eh(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_e(t, a, TCG_LANE16, false);
}

bool a64_trans_FMLA_se(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_se(t, a, lane_of(a), false);
}

bool a64_trans_FMLA_seh(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_se(t, a, TCG_LANE16, false);
}

bool a64_trans_FMLS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return fused(t, a, lane_of(a), true);
}

bool a64_trans_FMLS_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return fused(t, a, TCG_LANE16, true);
}

bool a64_trans_FMLS_e(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_e(t, a, lane_of(a), true);
}

bool a64_trans_FMLS_eh(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_e(t, a, TCG_LANE16, true);
}

bool a64_trans_FMLS_se(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_se(t, a, lane_of(a), true);
}

bool a64_trans_FMLS_seh(struct a64_tr *t, const struct a64_insn *a)
{
    return fused_se(t, a, TCG_LANE16, true);
}

bool a64_trans_FMUL_e(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_e(t, a, lane_of(a), TCG_F_MUL);
}

bool a64_trans_FMUL_eh(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_e(t, a, TCG_LANE16, TCG_F_MUL);
}

bool a64_trans_FMUL_se(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_se(t, a, lane_of(a), TCG_F_MUL);
}

bool a64_trans_FMUL_seh(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_se(t, a, TCG_LANE16, TCG_F_MUL);
}

bool a64_trans_FMULX_e(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_e(t, a, lane_of(a), TCG_F_MULX);
}

bool a64_trans_FMULX_eh(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_e(t, a, TCG_LANE16, TCG_F_MULX);
}

bool a64_trans_FMULX_se(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_se(t, a, lane_of(a), TCG_F_MULX);
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
