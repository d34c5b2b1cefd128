/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_simd_wide.c -- Advanced SIMD, three registers of different integer types
 * (manual C4.1.95): long, wide and narrow forms, as vectors, by element and on single elements.
 * q selects the upper half of the narrow vectors (the "2" forms). */
#include "frontends/arm64/simd.h"

static enum tcg_lane lane_of(const struct a64_insn *a)
{
    return (enum tcg_lane)(a->S | a->T); /* a row has one of them */
}

static enum tcg_lane twice(enum tcg_lane lane)
{
    return (enum tcg_lane)(lane + 1);
}

static tcg_val op2(struct a64_tr *t, enum tcg_opcode op, enum tcg_lane lane, tcg_val x, tcg_val y)
{
    return tcg_v2(t->b, op, TCG_V128, lane, x, y, 0);
}

static tcg_val extend(struct a64_tr *t, const struct a64_insn *a, unsigned r, bool is_signed)
{
    return tcg_v1(t->b, is_signed ? TCG_OP_vexts : TCG_OP_vextu, TCG_V128, lane_of(a), a64_q(t, r),
                  a->q);
}

/* n op m, both extended; then added to d if acc. */
static bool longer(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op, bool is_signed,
                   bool acc)
{
    enum tcg_lane wide = twice(lane_of(a));
    tcg_val v = op2(t, op, wide, extend(t, a, a->n, is_signed), extend(t, a, a->m, is_signed));

    if (acc)
        v = op2(t, TCG_OP_vadd, wide, a64_q(t, a->d), v);
    a64_set_q(t, a->d, v);
    return true;
}

static bool wider(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op, bool is_signed)
{
    a64_set_q(t, a->d, op2(t, op, twice(lane_of(a)), a64_q(t, a->n), extend(t, a, a->m, is_signed)));
    return true;
}

/* how: as in vaddhn. */
static bool high_narrow(struct a64_tr *t, const struct a64_insn *a, unsigned how)
{
    tcg_val v = tcg_v2(t->b, TCG_OP_vaddhn, TCG_V128, twice(lane_of(a)), a64_q(t, a->n),
                       a64_q(t, a->m), how);

    v = tcg_vlow(t->b, TCG_V64, v);
    if (a->q)
        a64_set_q(t, a->d, tcg_vjoin(t->b, TCG_V128, a64_d(t, a->d), v));
    else
        a64_set_d(t, a->d, v);
    return true;
}

/* ---- products ---- */

/* m: a register's value, or its element in every lane. */
static tcg_val operand_m(struct a64_tr *t, const struct a64_insn *a, bool by_elem)
{
    enum tcg_lane lane = lane_of(a);

    if (!by_elem)
        return a64_q(t, a->m);
    return a64_vdupl(t, 1, lane, a64_elem_reg(a, lane), a64_elem_index(a, lane));
}

/* then: vadd or vsub to d, or nop. */
static bool product(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op,
                    enum tcg_opcode then, bool by_elem)
{
    enum tcg_lane lane = lane_of(a);
    tcg_val v = tcg_v2(t->b, op, TCG_V128, lane, a64_q(t, a->n), operand_m(t, a, by_elem), a->q);

    if (then != TCG_OP_nop)
        v = op2(t, then, twice(lane), a64_q(t, a->d), v);
    a64_set_q(t, a->d, v);
    return true;
}

/* Doubled product of the chosen halves, saturated; acc: then added to or subtracted from it. */
static tcg_val doubled(struct a64_tr *t, enum tcg_lane lane, tcg_val n, tcg_val m, unsigned half,
                       enum tcg_opcode then, tcg_val acc)
{
    enum tcg_lane wide = twice(lane);
    tcg_val p = tcg_v2(t->b, TCG_OP_vmuls, TCG_V128, lane, n, m, half), r, w;

    r = op2(t, TCG_OP_vsqadd, wide, p, p);
    a64_qc_differ(t, 1, r, op2(t, TCG_OP_vadd, wide, p, p));
    if (then == TCG_OP_nop)
        return r;
    w = op2(t, then == TCG_OP_vsqadd ? TCG_OP_vadd : TCG_OP_vsub, wide, acc, r);
    r = op2(t, then, wide, acc, r);
    a64_qc_differ(t, 1, r, w);
    return r;
}

static bool dbl(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode then, bool by_elem)
{
    a64_set_q(t, a->d, doubled(t, lane_of(a), a64_q(t, a->n), operand_m(t, a, by_elem), a->q, then,
                               a64_q(t, a->d)));
    return true;
}

static bool dbl_scalar(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode then, bool by_elem)
{
    enum tcg_lane lane = lane_of(a);
    tcg_val n = tcg_vzext(t->b, TCG_V128, a64_lane0(t, lane, a->n));
    tcg_val acc = tcg_vzext(t->b, TCG_V128, a64_lane0(t, twice(lane), a->d));

    a64_set_q(t, a->d, doubled(t, lane, n, operand_m(t, a, by_elem), 0, then, acc));
    return true;
}

static bool carryless(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane)
{
    a64_set_q(t, a->d, tcg_v2(t->b, TCG_OP_vmulp, TCG_V128, lane, a64_q(t, a->n), a64_q(t, a->m),
                              a->q));
    return true;
}

bool a64_trans_SADDL(struct a64_tr *t, const struct a64_insn *a)
{
    return longer(t, a, TCG_OP_vadd, true, false);
}

bool a64_trans_SSUBL(struct a64_tr *t, const struct a64_insn *a)
{
    return longer(t, a, TCG_OP_vsub, true, false);
}

bool a64_trans_SABDL(struct a64_tr *t, const struct a64_insn *a)
{
    return longer(t, a, TCG_OP_vsabd, true, false);
}

bool a64_trans_SABAL(struct a64_tr *t, const struct a64_insn *a)
{
    return longer(t, a, TCG_OP_vsabd, true, true);
}

bool a64_trans_SADDW(struct a64_tr *t, const struct a64_insn *a)
{
    return wider(t, a, TCG_OP_vadd, true);
}

bool a64_trans_SSUBW(struct a64_tr *t, const struct a64_insn *a)
{
    return wider(t, a, TCG_OP_vsub, true);
}

bool a64_trans_SMULL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return product(t, a, TCG_OP_vmuls, TCG_OP_nop, false);
}

bool a64_trans_SMULL_e(struct a64_tr *t, const struct a64_insn *a)
{
    return product(t, a, TCG_OP_vmuls, TCG_OP_nop, true);
}

bool a64_trans_SMLAL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return product(t, a, TCG_OP_vmuls, TCG_OP_vadd, false);
}

bool a64_trans_SMLAL_e(struct a64_tr *t, const struct a64_insn *a)
{
    return product(t, a, TCG_OP_vmuls, TCG_OP_vadd, true);
}

bool a64_trans_SMLSL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return product(t, a, TCG_OP_vmuls, TCG_OP_vsub, false);
}

bool a64_trans_SMLSL_e(struct a64_tr *t, const struct a64_insn *a)
{
    return product(t, a, TCG_OP_vmuls, TCG_OP_vsub, true);
}

bool a64_trans_UADDL(struct a64_tr *t, const struct a64_insn *a)
{
    return longer(t, a, TCG_OP_vadd, false, false);
}

bool a64_trans_USUBL(struct a64_tr *t, const struct a64_insn *a)
{
    return longer(t, a, TCG_OP_vsub, false, false);
}

bool a64_trans_UABDL(struct a64_tr *t, const struct a64_insn *a)
{
    return longer(t, a, TCG_OP_vuabd, false, false);
}

bool a64_trans_UABAL(struct a64_tr *t, const struct a64_insn *a)
{
    return longer(t, a, TCG_OP_vuabd, false, true);
}

bool a64_trans_UADDW(struct a64_tr *t, const struct a64_insn *a)
{
    return wider(t, a, TCG_OP_vadd, false);
}

bool a64_trans_USUBW(struct a64_tr *t, const struct a64_insn *a)
{
    return wider(t, a, TCG_OP_vsub, false);
}

bool a64_trans_UMULL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return product(t, a, TCG_OP_vmulu, TCG_OP_nop, false);
}

bool a64_trans_UMULL_e(struct a64_tr *t, const struct a64_insn *a)
{
    return product(t, a, TCG_OP_vmulu, TCG_OP_nop, true);
}

bool a64_trans_UMLAL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return product(t, a, TCG_OP_vmulu, TCG_OP_vadd, false);
}

bool a64_trans_UMLAL_e(struct a64_tr *t, const struct a64_insn *a)
{
    return product(t, a, TCG_OP_vmulu, TCG_OP_vadd, true);
}

bool a64_trans_UMLSL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return product(t, a, TCG_OP_vmulu, TCG_OP_vsub, false);
}

bool a64_trans_UMLSL_e(struct a64_tr *t, const struct a64_insn *a)
{
    return product(t, a, TCG_OP_vmulu, TCG_OP_vsub, true);
}

bool a64_trans_ADDHN(struct a64_tr *t, const struct a64_insn *a)
{
    return high_narrow(t, a, 0);
}

bool a64_trans_RADDHN(struct a64_tr *t, const struct a64_insn *a)
{
    return high_narrow(t, a, 1);
}

bool a64_trans_SUBHN(struct a64_tr *t, const struct a64_insn *a)
{
    return high_narrow(t, a, 2);
}

bool a64_trans_RSUBHN(struct a64_tr *t, const struct a64_insn *a)
{
    return high_narrow(t, a, 3);
}

bool a64_trans_SQDMULL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return dbl(t, a, TCG_OP_nop, false);
}

bool a64_trans_SQDMULL_e(struct a64_tr *t, const struct a64_insn *a)
{
    return dbl(t, a, TCG_OP_nop, true);
}

bool a64_trans_SQDMULL_s(struct a64_tr *t, const struct a64_insn *a)
{
    return dbl_scalar(t, a, TCG_OP_nop, false);
}

bool a64_trans_SQDMULL_se(struct a64_tr *t, const struct a64_insn *a)
{
    return dbl_scalar(t, a, TCG_OP_nop, true);
}

bool a64_trans_SQDMLAL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return dbl(t, a, TCG_OP_vsqadd, false);
}

bool a64_trans_SQDMLAL_e(struct a64_tr *t, const struct a64_insn *a)
{
    return dbl(t, a, TCG_OP_vsqadd, true);
}

bool a64_trans_SQDMLAL_s(struct a64_tr *t, const struct a64_insn *a)
{
    return dbl_scalar(t, a, TCG_OP_vsqadd, false);
}

bool a64_trans_SQDMLAL_se(struct a64_tr *t, const struct a64_insn *a)
{
    return dbl_scalar(t, a, TCG_OP_vsqadd, true);
}

bool a64_trans_SQDMLSL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return dbl(t, a, TCG_OP_vsqsub, false);
}

bool a64_trans_SQDMLSL_e(struct a64_tr *t, const struct a64_insn *a)
{
    return dbl(t, a, TCG_OP_vsqsub, true);
}

bool a64_trans_SQDMLSL_s(struct a64_tr *t, const struct a64_insn *a)
{
    return dbl_scalar(t, a, TCG_OP_vsqsub, false);
}

bool a64_trans_SQDMLSL_se(struct a64_tr *t, const struct a64_insn *a)
{
    return dbl_scalar(t, a, TCG_OP_vsqsub, true);
}

bool a64_trans_PMULL_8(struct a64_tr *t, const struct a64_insn *a)
{
    return carryless(t, a, TCG_LANE8);
}

bool a64_trans_PMULL_64(struct a64_tr *t, const struct a64_insn *a)
{
    return carryless(t, a, TCG_LANE64);
}
