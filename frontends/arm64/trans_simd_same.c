/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_simd_same.c -- Advanced SIMD, three registers of one integer type (manual
 * C4.1.95), vectors and single elements, with dot and matrix products.
 *
 * Cumulative saturation (FPSR.QC) is the difference between the saturated and the wrapped result,
 * computed beside it; variable saturating shifts and the doubling multiply-accumulates do it in a
 * helper. */
#include "frontends/arm64/helper_simd.h"
#include "frontends/arm64/simd.h"

/* 64-bit elements need a 128-bit vector. */
static bool shape_ok(const struct a64_insn *a)
{
    return a->q || a->s != 3;
}

static enum tcg_lane lane_of(const struct a64_insn *a)
{
    return (enum tcg_lane)(a->s | a->S | a->T); /* a row has one of them */
}

static tcg_val op2(struct a64_tr *t, enum tcg_opcode op, unsigned q, enum tcg_lane lane, tcg_val x,
                   tcg_val y)
{
    return tcg_v2(t->b, op, a64_vtype(q), lane, x, y, 0);
}

/* d = n op m, on whole vectors. */
static bool same(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op)
{
    if (!shape_ok(a))
        return false;
    a64_set_v(t, a->q, a->d, op2(t, op, a->q, lane_of(a), a64_v(t, a->q, a->n), a64_v(t, a->q, a->m)));
    return true;
}

/* d = d then (n op m). */
static bool accumulate(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode then,
                       enum tcg_opcode op)
{
    enum tcg_lane lane = lane_of(a);
    tcg_val v = op2(t, op, a->q, lane, a64_v(t, a->q, a->n), a64_v(t, a->q, a->m));

    a64_set_v(t, a->q, a->d, op2(t, then, a->q, lane, a64_v(t, a->q, a->d), v));
    return true;
}

/* Select: mask chooses x over y; each is one of d, n, m. */
static bool bitselect(struct a64_tr *t, const struct a64_insn *a, unsigned mask, unsigned x, unsigned y)
{
    a64_set_v(t, a->q, a->d, tcg_v3(t->b, TCG_OP_vbsl, a64_vtype(a->q), TCG_LANE8,
                                    a64_v(t, a->q, mask), a64_v(t, a->q, x), a64_v(t, a->q, y), 0));
    return true;
}

/* ---- one element: of 64 bits without saturation ---- */

static bool scalar(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op)
{
    a64_set_d(t, a->d, op2(t, op, 0, TCG_LANE64, a64_d(t, a->n), a64_d(t, a->m)));
    return true;
}

/* ---- saturating: all operands by value, so that vectors and elements share it ---- */

static tcg_val saturate(struct a64_tr *t, unsigned q, enum tcg_lane lane, enum tcg_opcode op,
                        enum tcg_opcode wrapped, tcg_val x, tcg_val y)
{
    tcg_val r = op2(t, op, q, lane, x, y);

    a64_qc_differ(t, q, r, op2(t, wrapped, q, lane, x, y));
    return r;
}

static bool sat(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op, enum tcg_opcode wrapped)
{
    if (!shape_ok(a))
        return false;
    a64_set_v(t, a->q, a->d, saturate(t, a->q, lane_of(a), op, wrapped, a64_v(t, a->q, a->n),
                                      a64_v(t, a->q, a->m)));
    return true;
}

static bool sat_scalar(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op,
                       enum tcg_opcode wrapped)
{
    enum tcg_lane lane = lane_of(a);

    a64_set_d(t, a->d, saturate(t, 0, lane, op, wrapped, a64_lane0(t, lane, a->n),
                                a64_lane0(t, lane, a->m)));
    return true;
}

/* Doubling multiplies saturate where both operands are the most negative number. */
static tcg_val mulh(struct a64_tr *t, unsigned q, enum tcg_lane lane, enum tcg_opcode op, tcg_val x,
                    tcg_val y)
{
    tcg_val least = a64_vdup_imm(t, q, lane, 1ull << ((8u << lane) - 1));
    tcg_val both = tcg_vand(t->b, a64_vtype(q), op2(t, TCG_OP_vcmpeq, q, lane, x, least),
                            op2(t, TCG_OP_vcmpeq, q, lane, y, least));

    a64_qc_any(t, q, both);
    return op2(t, op, q, lane, x, y);
}

static bool mulh_v(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op)
{
    a64_set_v(t, a->q, a->d, mulh(t, a->q, lane_of(a), op, a64_v(t, a->q, a->n), a64_v(t, a->q, a->m)));
    return true;
}

static bool mulh_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op)
{
    enum tcg_lane lane = lane_of(a);

    a64_set_d(t, a->d, mulh(t, 0, lane, op, a64_lane0(t, lane, a->n), a64_lane0(t, lane, a->m)));
    return true;
}

static bool mulh_e(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op)
{
    enum tcg_lane lane = lane_of(a);

    a64_set_v(t, a->q, a->d, mulh(t, a->q, lane, op, a64_v(t, a->q, a->n),
                                  a64_vdupl(t, a->q, lane, a64_elem_reg(a, lane),
                                            a64_elem_index(a, lane))));
    return true;
}

static bool mulh_se(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op)
{
    enum tcg_lane lane = lane_of(a);

    a64_set_d(t, a->d, mulh(t, 0, lane, op, a64_lane0(t, lane, a->n),
                            a64_vdupl(t, 0, lane, a64_elem_reg(a, lane), a64_elem_index(a, lane))));
    return true;
}

/* Through a helper that sets QC: op is one of enum a64_sat_op. */
static tcg_val sat_call(struct a64_tr *t, unsigned op, enum tcg_lane lane, unsigned q, tcg_val x,
                        tcg_val y, tcg_val acc)
{
    tcg_val args[4] = { q ? x : tcg_vzext(t->b, TCG_V128, x), q ? y : tcg_vzext(t->b, TCG_V128, y),
                        q ? acc : tcg_vzext(t->b, TCG_V128, acc),
                        tcg_imm(t->b, TCG_I32, op | (unsigned)lane << 8 | (q ? 16 : 8) << 12) };
    tcg_val r = tcg_call(t->b, &a64_h_sat, args);

    return q ? r : tcg_vlow(t->b, TCG_V64, r);
}

static bool sat_shift(struct a64_tr *t, const struct a64_insn *a, unsigned op)
{
    tcg_val n = a64_v(t, a->q, a->n);

    if (!shape_ok(a))
        return false;
    a64_set_v(t, a->q, a->d, sat_call(t, op, lane_of(a), a->q, n, a64_v(t, a->q, a->m), n));
    return true;
}

static bool sat_shift_s(struct a64_tr *t, const struct a64_insn *a, unsigned op)
{
    enum tcg_lane lane = lane_of(a);
    tcg_val n = a64_lane0(t, lane, a->n);

    a64_set_d(t, a->d, sat_call(t, op, lane, 0, n, a64_lane0(t, lane, a->m), n));
    return true;
}

static bool rdm_v(struct a64_tr *t, const struct a64_insn *a, unsigned op)
{
    a64_set_v(t, a->q, a->d, sat_call(t, op, lane_of(a), a->q, a64_v(t, a->q, a->n),
                                      a64_v(t, a->q, a->m), a64_v(t, a->q, a->d)));
    return true;
}

static bool rdm_s(struct a64_tr *t, const struct a64_insn *a, unsigned op)
{
    enum tcg_lane lane = lane_of(a);

    a64_set_d(t, a->d, sat_call(t, op, lane, 0, a64_lane0(t, lane, a->n), a64_lane0(t, lane, a->m),
                                a64_lane0(t, lane, a->d)));
    return true;
}

static bool rdm_e(struct a64_tr *t, const struct a64_insn *a, unsigned op)
{
    enum tcg_lane lane = lane_of(a);
    tcg_val m = a64_vdupl(t, a->q, lane, a64_elem_reg(a, lane), a64_elem_index(a, lane));

    a64_set_v(t, a->q, a->d, sat_call(t, op, lane, a->q, a64_v(t, a->q, a->n), m,
                                      a64_v(t, a->q, a->d)));
    return true;
}

static bool rdm_se(struct a64_tr *t, const struct a64_insn *a, unsigned op)
{
    enum tcg_lane lane = lane_of(a);
    tcg_val m = a64_vdupl(t, 0, lane, a64_elem_reg(a, lane), a64_elem_index(a, lane));

    a64_set_d(t, a->d, sat_call(t, op, lane, 0, a64_lane0(t, lane, a->n), a64_mask0(t, lane, m),
                                a64_lane0(t, lane, a->d)));
    return true;
}

/* ---- by element ---- */

static bool elem(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode then)
{
    enum tcg_lane lane = lane_of(a);
    tcg_val m = a64_vdupl(t, a->q, lane, a64_elem_reg(a, lane), a64_elem_index(a, lane));
    tcg_val v = op2(t, TCG_OP_vmul, a->q, lane, a64_v(t, a->q, a->n), m);

    if (then != TCG_OP_nop)
        v = op2(t, then, a->q, lane, a64_v(t, a->q, a->d), v);
    a64_set_v(t, a->q, a->d, v);
    return true;
}

/* ---- dot and matrix products: signs bit 0: n signed, bit 1: m signed ---- */

static bool dot(struct a64_tr *t, const struct a64_insn *a, unsigned signs, bool by_elem)
{
    tcg_val m = by_elem ? a64_vdupl(t, a->q, TCG_LANE32, a64_elem_reg(a, TCG_LANE32),
                                    a64_elem_index(a, TCG_LANE32))
                        : a64_v(t, a->q, a->m);

    a64_set_v(t, a->q, a->d, tcg_v3(t->b, TCG_OP_vdot, a64_vtype(a->q), TCG_LANE32,
                                    a64_v(t, a->q, a->n), m, a64_v(t, a->q, a->d), signs));
    return true;
}

static bool matmul(struct a64_tr *t, const struct a64_insn *a, unsigned signs)
{
    a64_set_q(t, a->d, tcg_v3(t->b, TCG_OP_vmmla, TCG_V128, TCG_LANE32, a64_q(t, a->n),
                              a64_q(t, a->m), a64_q(t, a->d), signs));
    return true;
}

bool a64_trans_SHADD(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vshadd);
}

bool a64_trans_SRHADD(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vsrhadd);
}

bool a64_trans_SHSUB(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vshsub);
}

bool a64_trans_UHADD(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vuhadd);
}

bool a64_trans_URHADD(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vurhadd);
}

bool a64_trans_UHSUB(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vuhsub);
}

bool a64_trans_CMGT_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vcmpgt);
}

bool a64_trans_CMGE_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vcmpge);
}

bool a64_trans_CMHI_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vcmphi);
}

bool a64_trans_CMHS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vcmphs);
}

bool a64_trans_CMEQ_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vcmpeq);
}

bool a64_trans_CMTST_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vtst);
}

bool a64_trans_SSHL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vsshl);
}

bool a64_trans_USHL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vushl);
}

bool a64_trans_SRSHL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vsrshl);
}

bool a64_trans_URSHL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vurshl);
}

bool a64_trans_SMAX_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vsmax);
}

bool a64_trans_SMIN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vsmin);
}

bool a64_trans_UMAX_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vumax);
}

bool a64_trans_UMIN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vumin);
}

bool a64_trans_SABD(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vsabd);
}

bool a64_trans_UABD(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vuabd);
}

bool a64_trans_ADD_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vadd);
}

bool a64_trans_SUB_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vsub);
}

bool a64_trans_MUL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vmul);
}

bool a64_trans_PMUL(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vpmul);
}

bool a64_trans_ADDP_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vpadd);
}

bool a64_trans_SMAXP(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vpsmax);
}

bool a64_trans_SMINP(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vpsmin);
}

bool a64_trans_UMAXP(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vpumax);
}

bool a64_trans_UMINP(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vpumin);
}

bool a64_trans_AND_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vand);
}

bool a64_trans_BIC_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vandn);
}

bool a64_trans_ORR_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vor);
}

bool a64_trans_ORN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vorn);
}

bool a64_trans_EOR_v(struct a64_tr *t, const struct a64_insn *a)
{
    return same(t, a, TCG_OP_vxor);
}

bool a64_trans_SABA(struct a64_tr *t, const struct a64_insn *a)
{
    return accumulate(t, a, TCG_OP_vadd, TCG_OP_vsabd);
}

bool a64_trans_UABA(struct a64_tr *t, const struct a64_insn *a)
{
    return accumulate(t, a, TCG_OP_vadd, TCG_OP_vuabd);
}

bool a64_trans_MLA_v(struct a64_tr *t, const struct a64_insn *a)
{
    return accumulate(t, a, TCG_OP_vadd, TCG_OP_vmul);
}

bool a64_trans_MLS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return accumulate(t, a, TCG_OP_vsub, TCG_OP_vmul);
}

bool a64_trans_BSL(struct a64_tr *t, const struct a64_insn *a)
{
    return bitselect(t, a, a->d, a->n, a->m);
}

bool a64_trans_BIT(struct a64_tr *t, const struct a64_insn *a)
{
    return bitselect(t, a, a->m, a->n, a->d);
}

bool a64_trans_BIF(struct a64_tr *t, const struct a64_insn *a)
{
    return bitselect(t, a, a->m, a->d, a->n);
}

bool a64_trans_CMGT_s(struct a64_tr *t, const struct a64_insn *a)
{
    return scalar(t, a, TCG_OP_vcmpgt);
}

bool a64_trans_CMGE_s(struct a64_tr *t, const struct a64_insn *a)
{
    return scalar(t, a, TCG_OP_vcmpge);
}

bool a64_trans_CMHI_s(struct a64_tr *t, const struct a64_insn *a)
{
    return scalar(t, a, TCG_OP_vcmphi);
}

bool a64_trans_CMHS_s(struct a64_tr *t, const struct a64_insn *a)
{
    return scalar(t, a, TCG_OP_vcmphs);
}

bool a64_trans_CMEQ_s(struct a64_tr *t, const struct a64_insn *a)
{
    return scalar(t, a, TCG_OP_vcmpeq);
}

bool a64_trans_CMTST_s(struct a64_tr *t, const struct a64_insn *a)
{
    return scalar(t, a, TCG_OP_vtst);
}

bool a64_trans_SSHL_s(struct a64_tr *t, const struct a64_insn *a)
{
    return scalar(t, a, TCG_OP_vsshl);
}

bool a64_trans_USHL_s(struct a64_tr *t, const struct a64_insn *a)
{
    return scalar(t, a, TCG_OP_vushl);
}

bool a64_trans_SRSHL_s(struct a64_tr *t, const struct a64_insn *a)
{
    return scalar(t, a, TCG_OP_vsrshl);
}

bool a64_trans_URSHL_s(struct a64_tr *t, const struct a64_insn *a)
{
    return scalar(t, a, TCG_OP_vurshl);
}

bool a64_trans_ADD_s(struct a64_tr *t, const struct a64_insn *a)
{
    return scalar(t, a, TCG_OP_vadd);
}

bool a64_trans_SUB_s(struct a64_tr *t, const struct a64_insn *a)
{
    return scalar(t, a, TCG_OP_vsub);
}

bool a64_trans_SQADD_v(struct a64_tr *t, const struct a64_insn *a)
{
    return sat(t, a, TCG_OP_vsqadd, TCG_OP_vadd);
}

bool a64_trans_SQADD_s(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_scalar(t, a, TCG_OP_vsqadd, TCG_OP_vadd);
}

bool a64_trans_UQADD_v(struct a64_tr *t, const struct a64_insn *a)
{
    return sat(t, a, TCG_OP_vuqadd, TCG_OP_vadd);
}

bool a64_trans_UQADD_s(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_scalar(t, a, TCG_OP_vuqadd, TCG_OP_vadd);
}

bool a64_trans_SQSUB_v(struct a64_tr *t, const struct a64_insn *a)
{
    return sat(t, a, TCG_OP_vsqsub, TCG_OP_vsub);
}

bool a64_trans_SQSUB_s(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_scalar(t, a, TCG_OP_vsqsub, TCG_OP_vsub);
}

bool a64_trans_UQSUB_v(struct a64_tr *t, const struct a64_insn *a)
{
    return sat(t, a, TCG_OP_vuqsub, TCG_OP_vsub);
}

bool a64_trans_UQSUB_s(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_scalar(t, a, TCG_OP_vuqsub, TCG_OP_vsub);
}

bool a64_trans_SQDMULH_v(struct a64_tr *t, const struct a64_insn *a)
{
    return mulh_v(t, a, TCG_OP_vsqdmulh);
}

bool a64_trans_SQDMULH_s(struct a64_tr *t, const struct a64_insn *a)
{
    return mulh_s(t, a, TCG_OP_vsqdmulh);
}

bool a64_trans_SQDMULH_e(struct a64_tr *t, const struct a64_insn *a)
{
    return mulh_e(t, a, TCG_OP_vsqdmulh);
}

bool a64_trans_SQDMULH_se(struct a64_tr *t, const struct a64_insn *a)
{
    return mulh_se(t, a, TCG_OP_vsqdmulh);
}

bool a64_trans_SQRDMULH_v(struct a64_tr *t, const struct a64_insn *a)
{
    return mulh_v(t, a, TCG_OP_vsqrdmulh);
}

bool a64_trans_SQRDMULH_s(struct a64_tr *t, const struct a64_insn *a)
{
    return mulh_s(t, a, TCG_OP_vsqrdmulh);
}

bool a64_trans_SQRDMULH_e(struct a64_tr *t, const struct a64_insn *a)
{
    return mulh_e(t, a, TCG_OP_vsqrdmulh);
}

bool a64_trans_SQRDMULH_se(struct a64_tr *t, const struct a64_insn *a)
{
    return mulh_se(t, a, TCG_OP_vsqrdmulh);
}

bool a64_trans_SQSHL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_shift(t, a, A64_SAT_SQSHL);
}

bool a64_trans_SQSHL_s(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_shift_s(t, a, A64_SAT_SQSHL);
}

bool a64_trans_UQSHL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_shift(t, a, A64_SAT_UQSHL);
}

bool a64_trans_UQSHL_s(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_shift_s(t, a, A64_SAT_UQSHL);
}

bool a64_trans_SQRSHL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_shift(t, a, A64_SAT_SQRSHL);
}

bool a64_trans_SQRSHL_s(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_shift_s(t, a, A64_SAT_SQRSHL);
}

bool a64_trans_UQRSHL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_shift(t, a, A64_SAT_UQRSHL);
}

bool a64_trans_UQRSHL_s(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_shift_s(t, a, A64_SAT_UQRSHL);
}

bool a64_trans_SQRDMLAH_v(struct a64_tr *t, const struct a64_insn *a)
{
    return rdm_v(t, a, A64_SAT_SQRDMLAH);
}

bool a64_trans_SQRDMLAH_s(struct a64_tr *t, const struct a64_insn *a)
{
    return rdm_s(t, a, A64_SAT_SQRDMLAH);
}

bool a64_trans_SQRDMLAH_e(struct a64_tr *t, const struct a64_insn *a)
{
    return rdm_e(t, a, A64_SAT_SQRDMLAH);
}

bool a64_trans_SQRDMLAH_se(struct a64_tr *t, const struct a64_insn *a)
{
    return rdm_se(t, a, A64_SAT_SQRDMLAH);
}

bool a64_trans_SQRDMLSH_v(struct a64_tr *t, const struct a64_insn *a)
{
    return rdm_v(t, a, A64_SAT_SQRDMLSH);
}

bool a64_trans_SQRDMLSH_s(struct a64_tr *t, const struct a64_insn *a)
{
    return rdm_s(t, a, A64_SAT_SQRDMLSH);
}

bool a64_trans_SQRDMLSH_e(struct a64_tr *t, const struct a64_insn *a)
{
    return rdm_e(t, a, A64_SAT_SQRDMLSH);
}

bool a64_trans_SQRDMLSH_se(struct a64_tr *t, const struct a64_insn *a)
{
    return rdm_se(t, a, A64_SAT_SQRDMLSH);
}

bool a64_trans_MUL_e(struct a64_tr *t, const struct a64_insn *a)
{
    return elem(t, a, TCG_OP_nop);
}

bool a64_trans_MLA_e(struct a64_tr *t, const struct a64_insn *a)
{
    return elem(t, a, TCG_OP_vadd);
}

bool a64_trans_MLS_e(struct a64_tr *t, const struct a64_insn *a)
{
    return elem(t, a, TCG_OP_vsub);
}

bool a64_trans_SDOT_v(struct a64_tr *t, const struct a64_insn *a)
{
    return dot(t, a, 3, false);
}

bool a64_trans_UDOT_v(struct a64_tr *t, const struct a64_insn *a)
{
    return dot(t, a, 0, false);
}

bool a64_trans_USDOT_v(struct a64_tr *t, const struct a64_insn *a)
{
    return dot(t, a, 2, false);
}

bool a64_trans_SDOT_e(struct a64_tr *t, const struct a64_insn *a)
{
    return dot(t, a, 3, true);
}

bool a64_trans_UDOT_e(struct a64_tr *t, const struct a64_insn *a)
{
    return dot(t, a, 0, true);
}

bool a64_trans_USDOT_e(struct a64_tr *t, const struct a64_insn *a)
{
    return dot(t, a, 2, true);
}

bool a64_trans_SUDOT_e(struct a64_tr *t, const struct a64_insn *a)
{
    return dot(t, a, 1, true);
}

bool a64_trans_SMMLA(struct a64_tr *t, const struct a64_insn *a)
{
    return matmul(t, a, 3);
}

bool a64_trans_UMMLA(struct a64_tr *t, const struct a64_insn *a)
{
    return matmul(t, a, 0);
}

bool a64_trans_USMMLA(struct a64_tr *t, const struct a64_insn *a)
{
    return matmul(t, a, 2);
}
