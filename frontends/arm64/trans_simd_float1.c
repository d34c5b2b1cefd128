/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_simd_float1.c -- Advanced SIMD on floats, two registers (manual C4.1.95):
 * signs, roots, estimates, rounding, compares with zero, conversions to integers, to fixed point and
 * between formats; vectors and single elements.
 *
 * Single elements run as 64-bit vectors with zeros above, which raise nothing. Half precision in the
 * alternative format, and BFloat16, go through helpers. */
#include "frontends/arm64/helper_simd.h"
#include "frontends/arm64/simd.h"

static enum tcg_lane lane_of(const struct a64_insn *a)
{
    return a->y ? TCG_LANE64 : TCG_LANE32;
}

/* The shape of an operation: a vector of 64 or 128 bits, or one element. */
enum shape { VECTOR, SCALAR };

static bool shape_ok(const struct a64_insn *a, enum shape shape, enum tcg_lane lane)
{
    return shape == SCALAR || a->q || lane != TCG_LANE64;
}

static tcg_val source(struct a64_tr *t, const struct a64_insn *a, enum shape shape, enum tcg_lane lane)
{
    return shape == SCALAR ? a64_lane0(t, lane, a->n) : a64_v(t, a->q, a->n);
}

static enum tcg_type type_of(const struct a64_insn *a, enum shape shape)
{
    return a64_vtype(shape == VECTOR && a->q);
}

static void result(struct a64_tr *t, const struct a64_insn *a, enum shape shape, enum tcg_lane lane,
                   tcg_val v)
{
    if (shape == SCALAR)
        a64_set_d(t, a->d, a64_mask0(t, lane, v));
    else
        a64_set_v(t, a->q, a->d, v);
}

/* op on n under a rounding mode. */
static bool unary(struct a64_tr *t, const struct a64_insn *a, enum shape shape, enum tcg_lane lane,
                  enum tcg_opcode op, enum tcg_round round, unsigned imm)
{
    unsigned env = a64_fpenv_round(t, lane == TCG_LANE16, round);

    if (!shape_ok(a, shape, lane))
        return false;
    result(t, a, shape, lane, tcg_vf(t->b, op, type_of(a, shape), lane, env, source(t, a, shape, lane),
                                     TCG_NONE, TCG_NONE, imm));
    return true;
}

static bool op1(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, enum tcg_float_op1 op)
{
    return unary(t, a, VECTOR, lane, TCG_OP_vfop1, a64_rmode(t), op);
}

static bool op1_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, enum tcg_float_op1 op)
{
    unsigned y = lane == TCG_LANE16 ? 3 : lane == TCG_LANE64;

    a64_set_f(t, a->d, tcg_fop1(t->b, a64_ftype(y), op, a64_lane_env(t, lane), a64_f(t, y, a->n)));
    return true;
}

/* Signs: no environment. */
static bool sign_op(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, enum tcg_opcode op)
{
    if (!shape_ok(a, VECTOR, lane))
        return false;
    a64_set_v(t, a->q, a->d, tcg_v1(t->b, op, a64_vtype(a->q), lane, a64_v(t, a->q, a->n), 0));
    return true;
}

/* n rel 0, or 0 rel n if swap. */
static bool cmp0(struct a64_tr *t, const struct a64_insn *a, enum shape shape, enum tcg_lane lane,
                 unsigned rel, bool swap)
{
    tcg_val n, zero;

    if (!shape_ok(a, shape, lane))
        return false;
    n = source(t, a, shape, lane);
    zero = a64_vdup_imm(t, shape == VECTOR && a->q, lane, 0);
    result(t, a, shape, lane, tcg_vf(t->b, TCG_OP_vfcmp, type_of(a, shape), lane, a64_lane_env(t, lane),
                                     swap ? zero : n, swap ? n : zero, TCG_NONE, rel));
    return true;
}

static bool to_int(struct a64_tr *t, const struct a64_insn *a, enum shape shape, enum tcg_lane lane,
                   enum tcg_round round, bool is_signed)
{
    return unary(t, a, shape, lane, TCG_OP_vf2i, round,
                 (unsigned)TCG_INT_SAT_ARM | (unsigned)is_signed << 4);
}

static bool from_int(struct a64_tr *t, const struct a64_insn *a, enum shape shape, enum tcg_lane lane,
                     bool is_signed)
{
    return unary(t, a, shape, lane, TCG_OP_vi2f, a64_rmode(t), (unsigned)is_signed << 4);
}

/* Fixed point: immh 001x half, 01xx single, 1xxx double; the fraction has 2 * size - imm bits. */
static bool fixed(struct a64_tr *t, const struct a64_insn *a, enum shape shape, enum tcg_opcode op,
                  enum tcg_round round, bool is_signed)
{
    enum tcg_lane lane = (enum tcg_lane)(31 - __builtin_clz(a->I));
    unsigned fbits = (16u << lane) - ((unsigned)a->I << 3 | a->j);

    if (lane == TCG_LANE8 || (lane == TCG_LANE16 && !a64_has(t, A64_FEAT_ASIMDHP)))
        return false;
    return unary(t, a, shape, lane, op, round, (unsigned)is_signed << 4 | fbits << 8);
}

/* FRINT32, FRINT64: lane by lane. */
static bool round_range(struct a64_tr *t, const struct a64_insn *a, enum tcg_round round, unsigned bits)
{
    enum tcg_lane lane = lane_of(a);
    enum tcg_type ty = a64_ftype(a->y), raw = a->y ? TCG_I64 : TCG_I32;
    unsigned env = a64_fpenv_round(t, false, round), lanes = (8u << a->q) >> lane;
    tcg_val v = tcg_vimm(t->b, TCG_V128, 0, 0);

    if (!shape_ok(a, VECTOR, lane))
        return false;
    for (unsigned i = 0; i < lanes; i++) {
        tcg_val f = tcg_vtof(t->b, ty, a64_vdupl(t, 1, lane, a->n, i));

        f = tcg_emit(t->b, TCG_OP_frintn, ty, 0, f, 0, 0, env, bits);
        v = tcg_v2(t->b, TCG_OP_vset, TCG_V128, lane, v, tcg_fbits(t->b, raw, f), i);
    }
    a64_set_q(t, a->d, v);
    return true;
}

/* ---- between formats ---- */

/* y 0: half and single, 1: single and double. */
static tcg_val by_helper(struct a64_tr *t, const struct a64_insn *a, const struct tcg_helper *h,
                         uint32_t ctl)
{
    tcg_val args[] = { a64_q(t, a->n), a64_fpctl(t, ctl) };

    return tcg_call(t->b, h, args);
}

/* v128 with the result in its low half goes to the half of d that q says. */
static void set_half(struct a64_tr *t, const struct a64_insn *a, tcg_val v)
{
    v = tcg_vlow(t->b, TCG_V64, v);
    if (a->q)
        a64_set_q(t, a->d, tcg_vjoin(t->b, TCG_V128, a64_d(t, a->d), v));
    else
        a64_set_d(t, a->d, v);
}

bool a64_trans_FCVTL(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_lane lane = a->y ? TCG_LANE32 : TCG_LANE16;

    if (!a->y && (t->key & A64_KEYBIT_AHP)) {
        a64_set_q(t, a->d, by_helper(t, a, &a64_h_cvtl_ahp, a->q ? A64_HC_TOP : 0));
        return true;
    }
    a64_set_q(t, a->d, tcg_vf(t->b, TCG_OP_vfwiden, TCG_V128, lane, a64_fpenv(t, false),
                              a64_q(t, a->n), TCG_NONE, TCG_NONE, a->q));
    return true;
}

bool a64_trans_FCVTN(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_lane lane = a->y ? TCG_LANE64 : TCG_LANE32;

    if (!a->y && (t->key & A64_KEYBIT_AHP))
        set_half(t, a, by_helper(t, a, &a64_h_cvtn_ahp, 0));
    else
        set_half(t, a, tcg_vf(t->b, TCG_OP_vfnarrow, TCG_V128, lane, a64_fpenv(t, false),
                              a64_q(t, a->n), TCG_NONE, TCG_NONE, 0));
    return true;
}

bool a64_trans_BFCVTN(struct a64_tr *t, const struct a64_insn *a)
{
    set_half(t, a, by_helper(t, a, &a64_h_bfcvt, 4 << 8));
    return true;
}

bool a64_trans_FCVTXN_v(struct a64_tr *t, const struct a64_insn *a)
{
    set_half(t, a, tcg_vf(t->b, TCG_OP_vfnarrow, TCG_V128, TCG_LANE64,
                          a64_fpenv_round(t, false, TCG_ROUND_ODD), a64_q(t, a->n), TCG_NONE, TCG_NONE,
                          0));
    return true;
}

bool a64_trans_FCVTXN_s(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_f(t, a->d, tcg_emit(t->b, TCG_OP_fcvt, TCG_F32, 0, a64_f(t, 1, a->n), 0, 0,
                                a64_fpenv_round(t, false, TCG_ROUND_ODD), 0));
    return true;
}

bool a64_trans_FABS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return sign_op(t, a, lane_of(a), TCG_OP_vfabs);
}

bool a64_trans_FNEG_v(struct a64_tr *t, const struct a64_insn *a)
{
    return sign_op(t, a, lane_of(a), TCG_OP_vfneg);
}

bool a64_trans_FSQRT_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op1(t, a, lane_of(a), TCG_F_SQRT);
}

bool a64_trans_FRECPE_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op1(t, a, lane_of(a), TCG_F_RECPE);
}

bool a64_trans_FRSQRTE_v(struct a64_tr *t, const struct a64_insn *a)
{
    return op1(t, a, lane_of(a), TCG_F_RSQRTE);
}

bool a64_trans_FRINTN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, VECTOR, lane_of(a), TCG_OP_vfrint, TCG_ROUND_EVEN, 0);
}

bool a64_trans_FRINTP_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, VECTOR, lane_of(a), TCG_OP_vfrint, TCG_ROUND_UP, 0);
}

bool a64_trans_FRINTM_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, VECTOR, lane_of(a), TCG_OP_vfrint, TCG_ROUND_DOWN, 0);
}

bool a64_trans_FRINTZ_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, VECTOR, lane_of(a), TCG_OP_vfrint, TCG_ROUND_ZERO, 0);
}

bool a64_trans_FRINTA_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, VECTOR, lane_of(a), TCG_OP_vfrint, TCG_ROUND_AWAY, 0);
}

bool a64_trans_FRINTX_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, VECTOR, lane_of(a), TCG_OP_vfrint, a64_rmode(t), 1);
}

bool a64_trans_FRINTI_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, VECTOR, lane_of(a), TCG_OP_vfrint, a64_rmode(t), 0);
}

bool a64_trans_FABS_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return sign_op(t, a, TCG_LANE16, TCG_OP_vfabs);
}

bool a64_trans_FNEG_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return sign_op(t, a, TCG_LANE16, TCG_OP_vfneg);
}

bool a64_trans_FSQRT_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op1(t, a, TCG_LANE16, TCG_F_SQRT);
}

bool a64_trans_FRECPE_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op1(t, a, TCG_LANE16, TCG_F_RECPE);
}

bool a64_trans_FRSQRTE_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return op1(t, a, TCG_LANE16, TCG_F_RSQRTE);
}

bool a64_trans_FRINTN_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, VECTOR, TCG_LANE16, TCG_OP_vfrint, TCG_ROUND_EVEN, 0);
}

bool a64_trans_FRINTP_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, VECTOR, TCG_LANE16, TCG_OP_vfrint, TCG_ROUND_UP, 0);
}

bool a64_trans_FRINTM_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, VECTOR, TCG_LANE16, TCG_OP_vfrint, TCG_ROUND_DOWN, 0);
}

bool a64_trans_FRINTZ_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, VECTOR, TCG_LANE16, TCG_OP_vfrint, TCG_ROUND_ZERO, 0);
}

bool a64_trans_FRINTA_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, VECTOR, TCG_LANE16, TCG_OP_vfrint, TCG_ROUND_AWAY, 0);
}

bool a64_trans_FRINTX_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, VECTOR, TCG_LANE16, TCG_OP_vfrint, a64_rmode(t), 1);
}

bool a64_trans_FRINTI_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, VECTOR, TCG_LANE16, TCG_OP_vfrint, a64_rmode(t), 0);
}

bool a64_trans_FRECPE_s(struct a64_tr *t, const struct a64_insn *a)
{
    return op1_s(t, a, lane_of(a), TCG_F_RECPE);
}

bool a64_trans_FRSQRTE_s(struct a64_tr *t, const struct a64_insn *a)
{
    return op1_s(t, a, lane_of(a), TCG_F_RSQRTE);
}

bool a64_trans_FRECPX_s(struct a64_tr *t, const struct a64_insn *a)
{
    return op1_s(t, a, lane_of(a), TCG_F_RECPX);
}

bool a64_trans_FRECPE_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return op1_s(t, a, TCG_LANE16, TCG_F_RECPE);
}

bool a64_trans_FRSQRTE_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return op1_s(t, a, TCG_LANE16, TCG_F_RSQRTE);
}

bool a64_trans_FRECPX_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return op1_s(t, a, TCG_LANE16, TCG_F_RECPX);
}

bool a64_trans_FCMGT0_v(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, VECTOR, lane_of(a), 2, false);
}

bool a64_trans_FCMGE0_v(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, VECTOR, lane_of(a), 1, false);
}

bool a64_trans_FCMEQ0_v(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, VECTOR, lane_of(a), 0, false);
}

bool a64_trans_FCMLE0_v(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, VECTOR, lane_of(a), 1, true);
}

bool a64_trans_FCMLT0_v(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, VECTOR, lane_of(a), 2, true);
}

bool a64_trans_FCVTNS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, lane_of(a), TCG_ROUND_EVEN, true);
}

bool a64_trans_FCVTNU_v(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, lane_of(a), TCG_ROUND_EVEN, false);
}

bool a64_trans_FCVTPS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, lane_of(a), TCG_ROUND_UP, true);
}

bool a64_trans_FCVTPU_v(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, lane_of(a), TCG_ROUND_UP, false);
}

bool a64_trans_FCVTMS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, lane_of(a), TCG_ROUND_DOWN, true);
}

bool a64_trans_FCVTMU_v(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, lane_of(a), TCG_ROUND_DOWN, false);
}

bool a64_trans_FCVTZS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, lane_of(a), TCG_ROUND_ZERO, true);
}

bool a64_trans_FCVTZU_v(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, lane_of(a), TCG_ROUND_ZERO, false);
}

bool a64_trans_FCVTAS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, lane_of(a), TCG_ROUND_AWAY, true);
}

bool a64_trans_FCVTAU_v(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, lane_of(a), TCG_ROUND_AWAY, false);
}

bool a64_trans_SCVTF_v(struct a64_tr *t, const struct a64_insn *a)
{
    return from_int(t, a, VECTOR, lane_of(a), true);
}

bool a64_trans_UCVTF_v(struct a64_tr *t, const struct a64_insn *a)
{
    return from_int(t, a, VECTOR, lane_of(a), false);
}

bool a64_trans_FCMGT0_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, VECTOR, TCG_LANE16, 2, false);
}

bool a64_trans_FCMGE0_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, VECTOR, TCG_LANE16, 1, false);
}

bool a64_trans_FCMEQ0_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, VECTOR, TCG_LANE16, 0, false);
}

bool a64_trans_FCMLE0_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, VECTOR, TCG_LANE16, 1, true);
}

bool a64_trans_FCMLT0_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, VECTOR, TCG_LANE16, 2, true);
}

bool a64_trans_FCVTNS_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, TCG_LANE16, TCG_ROUND_EVEN, true);
}

bool a64_trans_FCVTNU_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, TCG_LANE16, TCG_ROUND_EVEN, false);
}

bool a64_trans_FCVTPS_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, TCG_LANE16, TCG_ROUND_UP, true);
}

bool a64_trans_FCVTPU_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, TCG_LANE16, TCG_ROUND_UP, false);
}

bool a64_trans_FCVTMS_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, TCG_LANE16, TCG_ROUND_DOWN, true);
}

bool a64_trans_FCVTMU_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, TCG_LANE16, TCG_ROUND_DOWN, false);
}

bool a64_trans_FCVTZS_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, TCG_LANE16, TCG_ROUND_ZERO, true);
}

bool a64_trans_FCVTZU_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, TCG_LANE16, TCG_ROUND_ZERO, false);
}

bool a64_trans_FCVTAS_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, TCG_LANE16, TCG_ROUND_AWAY, true);
}

bool a64_trans_FCVTAU_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, VECTOR, TCG_LANE16, TCG_ROUND_AWAY, false);
}

bool a64_trans_SCVTF_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return from_int(t, a, VECTOR, TCG_LANE16, true);
}

bool a64_trans_UCVTF_vh(struct a64_tr *t, const struct a64_insn *a)
{
    return from_int(t, a, VECTOR, TCG_LANE16, false);
}

bool a64_trans_FCMGT0_s(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, SCALAR, lane_of(a), 2, false);
}

bool a64_trans_FCMGE0_s(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, SCALAR, lane_of(a), 1, false);
}

bool a64_trans_FCMEQ0_s(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, SCALAR, lane_of(a), 0, false);
}

bool a64_trans_FCMLE0_s(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, SCALAR, lane_of(a), 1, true);
}

bool a64_trans_FCMLT0_s(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, SCALAR, lane_of(a), 2, true);
}

bool a64_trans_FCVTNS_s(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, lane_of(a), TCG_ROUND_EVEN, true);
}

bool a64_trans_FCVTNU_s(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, lane_of(a), TCG_ROUND_EVEN, false);
}

bool a64_trans_FCVTPS_s(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, lane_of(a), TCG_ROUND_UP, true);
}

bool a64_trans_FCVTPU_s(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, lane_of(a), TCG_ROUND_UP, false);
}

bool a64_trans_FCVTMS_s(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, lane_of(a), TCG_ROUND_DOWN, true);
}

bool a64_trans_FCVTMU_s(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, lane_of(a), TCG_ROUND_DOWN, false);
}

bool a64_trans_FCVTZS_s(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, lane_of(a), TCG_ROUND_ZERO, true);
}

bool a64_trans_FCVTZU_s(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, lane_of(a), TCG_ROUND_ZERO, false);
}

bool a64_trans_FCVTAS_s(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, lane_of(a), TCG_ROUND_AWAY, true);
}

bool a64_trans_FCVTAU_s(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, lane_of(a), TCG_ROUND_AWAY, false);
}

bool a64_trans_SCVTF_s(struct a64_tr *t, const struct a64_insn *a)
{
    return from_int(t, a, SCALAR, lane_of(a), true);
}

bool a64_trans_UCVTF_s(struct a64_tr *t, const struct a64_insn *a)
{
    return from_int(t, a, SCALAR, lane_of(a), false);
}

bool a64_trans_FCMGT0_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, SCALAR, TCG_LANE16, 2, false);
}

bool a64_trans_FCMGE0_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, SCALAR, TCG_LANE16, 1, false);
}

bool a64_trans_FCMEQ0_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, SCALAR, TCG_LANE16, 0, false);
}

bool a64_trans_FCMLE0_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, SCALAR, TCG_LANE16, 1, true);
}

bool a64_trans_FCMLT0_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, SCALAR, TCG_LANE16, 2, true);
}

bool a64_trans_FCVTNS_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, TCG_LANE16, TCG_ROUND_EVEN, true);
}

bool a64_trans_FCVTNU_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, TCG_LANE16, TCG_ROUND_EVEN, false);
}

bool a64_trans_FCVTPS_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, TCG_LANE16, TCG_ROUND_UP, true);
}

bool a64_trans_FCVTPU_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, TCG_LANE16, TCG_ROUND_UP, false);
}

bool a64_trans_FCVTMS_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, TCG_LANE16, TCG_ROUND_DOWN, true);
}

bool a64_trans_FCVTMU_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, TCG_LANE16, TCG_ROUND_DOWN, false);
}

bool a64_trans_FCVTZS_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, TCG_LANE16, TCG_ROUND_ZERO, true);
}

bool a64_trans_FCVTZU_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, TCG_LANE16, TCG_ROUND_ZERO, false);
}

bool a64_trans_FCVTAS_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, TCG_LANE16, TCG_ROUND_AWAY, true);
}

bool a64_trans_FCVTAU_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return to_int(t, a, SCALAR, TCG_LANE16, TCG_ROUND_AWAY, false);
}

bool a64_trans_SCVTF_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return from_int(t, a, SCALAR, TCG_LANE16, true);
}

bool a64_trans_UCVTF_sh(struct a64_tr *t, const struct a64_insn *a)
{
    return from_int(t, a, SCALAR, TCG_LANE16, false);
}

bool a64_trans_SCVTF_fix_v(struct a64_tr *t, const struct a64_insn *a)
{
    return fixed(t, a, VECTOR, TCG_OP_vi2f, a64_rmode(t), true);
}

bool a64_trans_UCVTF_fix_v(struct a64_tr *t, const struct a64_insn *a)
{
    return fixed(t, a, VECTOR, TCG_OP_vi2f, a64_rmode(t), false);
}

bool a64_trans_FCVTZS_fix_v(struct a64_tr *t, const struct a64_insn *a)
{
    return fixed(t, a, VECTOR, TCG_OP_vf2i, TCG_ROUND_ZERO, true);
}

bool a64_trans_FCVTZU_fix_v(struct a64_tr *t, const struct a64_insn *a)
{
    return fixed(t, a, VECTOR, TCG_OP_vf2i, TCG_ROUND_ZERO, false);
}

bool a64_trans_SCVTF_fix_s(struct a64_tr *t, const struct a64_insn *a)
{
    return fixed(t, a, SCALAR, TCG_OP_vi2f, a64_rmode(t), true);
}

bool a64_trans_UCVTF_fix_s(struct a64_tr *t, const struct a64_insn *a)
{
    return fixed(t, a, SCALAR, TCG_OP_vi2f, a64_rmode(t), false);
}

bool a64_trans_FCVTZS_fix_s(struct a64_tr *t, const struct a64_insn *a)
{
    return fixed(t, a, SCALAR, TCG_OP_vf2i, TCG_ROUND_ZERO, true);
}

bool a64_trans_FCVTZU_fix_s(struct a64_tr *t, const struct a64_insn *a)
{
    return fixed(t, a, SCALAR, TCG_OP_vf2i, TCG_ROUND_ZERO, false);
}

bool a64_trans_FRINT32Z_v(struct a64_tr *t, const struct a64_insn *a)
{
    return round_range(t, a, TCG_ROUND_ZERO, 32);
}

bool a64_trans_FRINT32X_v(struct a64_tr *t, const struct a64_insn *a)
{
    return round_range(t, a, a64_rmode(t), 32);
}

bool a64_trans_FRINT64Z_v(struct a64_tr *t, const struct a64_insn *a)
{
    return round_range(t, a, TCG_ROUND_ZERO, 64);
}

bool a64_trans_FRINT64X_v(struct a64_tr *t, const struct a64_insn *a)
{
    return round_range(t, a, a64_rmode(t), 64);
}
