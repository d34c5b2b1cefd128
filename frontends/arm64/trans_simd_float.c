/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_simd_float.c -- Advanced SIMD on floats (manual C4.1.95): three registers,
 * pairwise, across lanes. By element, complex and long forms are in trans_simd_float_elem.c, rows of
 * two registers in trans_simd_float1.c. Single elements use scalar operations. */
#include "frontends/arm64/simd.h"

static bool shape_ok(const struct a64_insn *a, enum tcg_lane lane)
{
    return a->q || lane != TCG_LANE64;
}

/* ---- three registers ---- */

static bool op2(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, enum tcg_float_op2 op)
{
    if (!shape_ok(a, lane))
        return false;
    a64_set_v(t, a->q, a->d, a64_vfloat(t, TCG_OP_vfop2, a->q, lane, a64_v(t, a->q, a->n),
                                        a64_v(t, a->q, a->m), TCG_NONE, op));
    return true;
}

static bool pairwise(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane,
                     enum tcg_float_op2 op)
{
    if (!shape_ok(a, lane))
        return false;
    a64_set_v(t, a->q, a->d, a64_vfloat(t, TCG_OP_vfpop2, a->q, lane, a64_v(t, a->q, a->n),
                                        a64_v(t, a->q, a->m), TCG_NONE, op));
    return true;
}

static bool difference(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane)
{
    tcg_val v;

    if (!shape_ok(a, lane))
        return false;
    v = a64_vfloat(t, TCG_OP_vfop2, a->q, lane, a64_v(t, a->q, a->n), a64_v(t, a->q, a->m), TCG_NONE,
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
    a64_set_v(t, a->q, a->d, a64_vfloat(t, TCG_OP_vfcmp, a->q, lane, n, m, TCG_NONE, rel));
    return true;
}

/* d +- n * m. */
void a64_fma_to(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, tcg_val m, bool sub)
{
    tcg_val n = a64_v(t, a->q, a->n);

    if (sub)
        n = tcg_v1(t->b, TCG_OP_vfneg, a64_vtype(a->q), lane, n, 0);
    a64_set_v(t, a->q, a->d, a64_vfloat(t, TCG_OP_vfma, a->q, lane, n, m, a64_v(t, a->q, a->d), 0));
}

static bool fused(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, bool sub)
{
    if (!shape_ok(a, lane))
        return false;
    a64_fma_to(t, a, lane, a64_v(t, a->q, a->m), sub);
    return true;
}

/* ---- single elements ---- */

static bool op2_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, enum tcg_float_op2 op)
{
    unsigned y = a64_float_y(lane);

    a64_set_f(t, a->d, tcg_fop2(t->b, a64_ftype(y), op, a64_lane_env(t, lane), a64_f(t, y, a->n),
                                a64_f(t, y, a->m)));
    return true;
}

static bool difference_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane)
{
    unsigned y = a64_float_y(lane);
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
    a64_set_d(t, a->d, a64_mask0(t, lane, a64_vfloat(t, TCG_OP_vfcmp, 0, lane, n, m, TCG_NONE, rel)));
    return true;
}

/* Elements 0 and 1 of n. */
static bool pair_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, enum tcg_float_op2 op)
{
    unsigned y = a64_float_y(lane);
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
        lo = hi = a64_vfloat(t, TCG_OP_vfpop2, 0, lane, lo, hi, TCG_NONE, op);
    a64_set_d(t, a->d, a64_mask0(t, lane, lo));
    return true;
}

bool a64_trans_FADD_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, a64_float_lane(a), TCG_F_ADD);
}

bool a64_trans_FADD_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_ADD);
}

bool a64_trans_FSUB_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, a64_float_lane(a), TCG_F_SUB);
}

bool a64_trans_FSUB_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_SUB);
}

bool a64_trans_FMUL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, a64_float_lane(a), TCG_F_MUL);
}

bool a64_trans_FMUL_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_MUL);
}

bool a64_trans_FDIV_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, a64_float_lane(a), TCG_F_DIV);
}

bool a64_trans_FDIV_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_DIV);
}

bool a64_trans_FMAX_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, a64_float_lane(a), TCG_F_MAX);
}

bool a64_trans_FMAX_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_MAX);
}

bool a64_trans_FMIN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, a64_float_lane(a), TCG_F_MIN);
}

bool a64_trans_FMIN_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_MIN);
}

bool a64_trans_FMAXNM_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, a64_float_lane(a), TCG_F_MAXNM);
}

bool a64_trans_FMAXNM_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_MAXNM);
}

bool a64_trans_FMINNM_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, a64_float_lane(a), TCG_F_MINNM);
}

bool a64_trans_FMINNM_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_MINNM);
}

bool a64_trans_FMULX_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, a64_float_lane(a), TCG_F_MULX);
}

bool a64_trans_FMULX_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_MULX);
}

bool a64_trans_FRECPS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, a64_float_lane(a), TCG_F_RECPS);
}

bool a64_trans_FRECPS_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_RECPS);
}

bool a64_trans_FRSQRTS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, a64_float_lane(a), TCG_F_RSQRTS);
}

bool a64_trans_FRSQRTS_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2(t, a, TCG_LANE16, TCG_F_RSQRTS);
}

bool a64_trans_FADDP_v(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, a64_float_lane(a), TCG_F_ADD);
}

bool a64_trans_FADDP_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, TCG_LANE16, TCG_F_ADD);
}

bool a64_trans_FADDP_s(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, a64_float_lane(a), TCG_F_ADD);
}

bool a64_trans_FADDP_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, TCG_LANE16, TCG_F_ADD);
}

bool a64_trans_FMAXP_v(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, a64_float_lane(a), TCG_F_MAX);
}

bool a64_trans_FMAXP_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, TCG_LANE16, TCG_F_MAX);
}

bool a64_trans_FMAXP_s(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, a64_float_lane(a), TCG_F_MAX);
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
    return pairwise(t, a, a64_float_lane(a), TCG_F_MIN);
}

bool a64_trans_FMINP_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, TCG_LANE16, TCG_F_MIN);
}

bool a64_trans_FMINP_s(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, a64_float_lane(a), TCG_F_MIN);
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
    return pairwise(t, a, a64_float_lane(a), TCG_F_MAXNM);
}

bool a64_trans_FMAXNMP_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, TCG_LANE16, TCG_F_MAXNM);
}

bool a64_trans_FMAXNMP_s(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, a64_float_lane(a), TCG_F_MAXNM);
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
    return pairwise(t, a, a64_float_lane(a), TCG_F_MINNM);
}

bool a64_trans_FMINNMP_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return pairwise(t, a, TCG_LANE16, TCG_F_MINNM);
}

bool a64_trans_FMINNMP_s(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_s(t, a, a64_float_lane(a), TCG_F_MINNM);
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
    return op2_s(t, a, a64_float_lane(a), TCG_F_MULX);
}

bool a64_trans_FMULX_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2_s(t, a, TCG_LANE16, TCG_F_MULX);
}

bool a64_trans_FRECPS_s(struct a64_tr *t, const struct a64_insn *a)
{
    return op2_s(t, a, a64_float_lane(a), TCG_F_RECPS);
}

bool a64_trans_FRECPS_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2_s(t, a, TCG_LANE16, TCG_F_RECPS);
}

bool a64_trans_FRSQRTS_s(struct a64_tr *t, const struct a64_insn *a)
{
    return op2_s(t, a, a64_float_lane(a), TCG_F_RSQRTS);
}

bool a64_trans_FRSQRTS_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return op2_s(t, a, TCG_LANE16, TCG_F_RSQRTS);
}

bool a64_trans_FABD_v(struct a64_tr *t, const struct a64_insn *a)
{
    return difference(t, a, a64_float_lane(a));
}

bool a64_trans_FABD_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return difference(t, a, TCG_LANE16);
}

bool a64_trans_FABD_s(struct a64_tr *t, const struct a64_insn *a)
{
    return difference_s(t, a, a64_float_lane(a));
}

bool a64_trans_FABD_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return difference_s(t, a, TCG_LANE16);
}

bool a64_trans_FCMEQ_v(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, a64_float_lane(a), 0, false);
}

bool a64_trans_FCMEQ_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, TCG_LANE16, 0, false);
}

bool a64_trans_FCMEQ_s(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, a64_float_lane(a), 0, false);
}

bool a64_trans_FCMEQ_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, TCG_LANE16, 0, false);
}

bool a64_trans_FCMGE_v(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, a64_float_lane(a), 1, false);
}

bool a64_trans_FCMGE_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, TCG_LANE16, 1, false);
}

bool a64_trans_FCMGE_s(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, a64_float_lane(a), 1, false);
}

bool a64_trans_FCMGE_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, TCG_LANE16, 1, false);
}

bool a64_trans_FCMGT_v(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, a64_float_lane(a), 2, false);
}

bool a64_trans_FCMGT_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, TCG_LANE16, 2, false);
}

bool a64_trans_FCMGT_s(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, a64_float_lane(a), 2, false);
}

bool a64_trans_FCMGT_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, TCG_LANE16, 2, false);
}

bool a64_trans_FACGE_v(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, a64_float_lane(a), 1, true);
}

bool a64_trans_FACGE_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, TCG_LANE16, 1, true);
}

bool a64_trans_FACGE_s(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, a64_float_lane(a), 1, true);
}

bool a64_trans_FACGE_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, TCG_LANE16, 1, true);
}

bool a64_trans_FACGT_v(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, a64_float_lane(a), 2, true);
}

bool a64_trans_FACGT_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare(t, a, TCG_LANE16, 2, true);
}

bool a64_trans_FACGT_s(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, a64_float_lane(a), 2, true);
}

bool a64_trans_FACGT_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return compare_s(t, a, TCG_LANE16, 2, true);
}

bool a64_trans_FMLA_v(struct a64_tr *t, const struct a64_insn *a)
{
    return fused(t, a, a64_float_lane(a), false);
}

bool a64_trans_FMLA_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return fused(t, a, TCG_LANE16, false);
}

bool a64_trans_FMLS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return fused(t, a, a64_float_lane(a), true);
}

bool a64_trans_FMLS_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return fused(t, a, TCG_LANE16, true);
}
