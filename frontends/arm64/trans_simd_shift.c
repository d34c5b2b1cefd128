/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_simd_shift.c -- Advanced SIMD shifts by immediate (manual C4.1.95): vectors and
 * single elements, narrowing and widening. immh gives the size by its highest one; a right shift is
 * by 2 * size - immh:immb bits, a left shift by immh:immb - size. Fixed-point conversions are in
 * trans_simd_float.c. */
#include "frontends/arm64/simd.h"

/* ---- what immh:immb says ---- */

static enum tcg_lane lane_of(unsigned immh)
{
    return (enum tcg_lane)(31 - __builtin_clz(immh));
}

static unsigned bits_of(enum tcg_lane lane)
{
    return 8u << lane;
}

static unsigned imm_of(const struct a64_insn *a)
{
    return (unsigned)a->I << 3 | a->j;
}

static unsigned right(const struct a64_insn *a)
{
    return 2 * bits_of(lane_of(a->I)) - imm_of(a);
}

static unsigned left(const struct a64_insn *a)
{
    return imm_of(a) - bits_of(lane_of(a->I));
}

static bool shape_ok(const struct a64_insn *a)
{
    return a->q || !(a->I & 8);
}

static tcg_val shift(struct a64_tr *t, enum tcg_opcode op, unsigned q, enum tcg_lane lane, tcg_val v,
                     unsigned n)
{
    return tcg_v1(t->b, op, a64_vtype(q), lane, v, n);
}

/* ---- plain: n >> or << imm, then perhaps added to d ---- */

static bool right_v(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op, bool add)
{
    enum tcg_lane lane = lane_of(a->I);
    tcg_val v;

    if (!shape_ok(a))
        return false;
    v = shift(t, op, a->q, lane, a64_v(t, a->q, a->n), right(a));
    if (add)
        v = tcg_v2(t->b, TCG_OP_vadd, a64_vtype(a->q), lane, a64_v(t, a->q, a->d), v, 0);
    a64_set_v(t, a->q, a->d, v);
    return true;
}

static bool right_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op, bool add)
{
    tcg_val v = shift(t, op, 0, TCG_LANE64, a64_d(t, a->n), 64 - a->i);

    if (add)
        v = tcg_v2(t->b, TCG_OP_vadd, TCG_V64, TCG_LANE64, a64_d(t, a->d), v, 0);
    a64_set_d(t, a->d, v);
    return true;
}

/* Shift and insert: mask holds the bits of a lane that come from n. */
static void insert(struct a64_tr *t, unsigned q, unsigned d, enum tcg_lane lane, tcg_val v,
                   uint64_t mask)
{
    a64_set_v(t, q, d, tcg_v3(t->b, TCG_OP_vbsl, a64_vtype(q), TCG_LANE8,
                              a64_vdup_imm(t, q, lane, mask), v, a64_v(t, q, d), 0));
}

static uint64_t ones(unsigned n)
{
    return n >= 64 ? ~0ull : (1ull << n) - 1;
}

/* ---- saturating left shifts: what shifts back to another value was saturated ---- */

static tcg_val sat_left(struct a64_tr *t, unsigned q, enum tcg_lane lane, tcg_val v, unsigned n,
                        enum tcg_opcode op, enum tcg_opcode back, bool clamp)
{
    struct tcg_builder *b = t->b;
    enum tcg_type ty = a64_vtype(q);
    tcg_val from = v, r;

    if (clamp) /* SQSHLU: negative numbers become 0 */
        from = tcg_v2(b, TCG_OP_vsmax, ty, lane, v, a64_vdup_imm(t, q, lane, 0), 0);
    r = tcg_v2(b, op, ty, lane, from, a64_vdup_imm(t, q, lane, n), 0);
    a64_qc_differ(t, q, shift(t, back, q, lane, r, n), v);
    return r;
}

static bool sat_left_v(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op,
                       enum tcg_opcode back, bool clamp)
{
    if (!shape_ok(a))
        return false;
    a64_set_v(t, a->q, a->d, sat_left(t, a->q, lane_of(a->I), a64_v(t, a->q, a->n), left(a), op, back,
                                      clamp));
    return true;
}

static bool sat_left_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op,
                       enum tcg_opcode back, bool clamp)
{
    enum tcg_lane lane = lane_of(a->I);

    a64_set_d(t, a->d, sat_left(t, 0, lane, a64_lane0(t, lane, a->n), left(a), op, back, clamp));
    return true;
}

/* ---- narrowing: immh gives the narrow size ---- */

/* Shifts the wide lanes of v, narrows; widen TCG_OP_nop: no saturation. v128 with upper half 0. */
static tcg_val narrow(struct a64_tr *t, enum tcg_lane wide, tcg_val v, unsigned n, enum tcg_opcode op,
                      enum tcg_opcode to, enum tcg_opcode widen)
{
    tcg_val s = shift(t, op, 1, wide, v, n), r = tcg_v2(t->b, to, TCG_V128, wide, s, TCG_NONE, 0);

    if (widen != TCG_OP_nop)
        a64_qc_differ(t, 1, s, tcg_v1(t->b, widen, TCG_V128, (enum tcg_lane)(wide - 1), r, 0));
    return r;
}

static bool narrow_v(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op,
                     enum tcg_opcode to, enum tcg_opcode widen)
{
    enum tcg_lane lane = lane_of(a->I);
    tcg_val r = narrow(t, (enum tcg_lane)(lane + 1), a64_q(t, a->n), right(a), op, to, widen);

    r = tcg_vlow(t->b, TCG_V64, r);
    if (a->q)
        a64_set_q(t, a->d, tcg_vjoin(t->b, TCG_V128, a64_d(t, a->d), r));
    else
        a64_set_d(t, a->d, r);
    return true;
}

static bool narrow_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op,
                     enum tcg_opcode to, enum tcg_opcode widen)
{
    enum tcg_lane wide = (enum tcg_lane)(lane_of(a->I) + 1);
    tcg_val v = tcg_vzext(t->b, TCG_V128, a64_lane0(t, wide, a->n));

    a64_set_q(t, a->d, narrow(t, wide, v, right(a), op, to, widen));
    return true;
}

static bool widen_v(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op)
{
    enum tcg_lane lane = lane_of(a->I);
    tcg_val v = tcg_v1(t->b, op, TCG_V128, lane, a64_q(t, a->n), a->q);

    a64_set_q(t, a->d, shift(t, TCG_OP_vshli, 1, (enum tcg_lane)(lane + 1), v, left(a)));
    return true;
}

bool a64_trans_SSHR_v(struct a64_tr *t, const struct a64_insn *a)
{
    return right_v(t, a, TCG_OP_vsari, false);
}

bool a64_trans_SSHR_s(struct a64_tr *t, const struct a64_insn *a)
{
    return right_s(t, a, TCG_OP_vsari, false);
}

bool a64_trans_USHR_v(struct a64_tr *t, const struct a64_insn *a)
{
    return right_v(t, a, TCG_OP_vshri, false);
}

bool a64_trans_USHR_s(struct a64_tr *t, const struct a64_insn *a)
{
    return right_s(t, a, TCG_OP_vshri, false);
}

bool a64_trans_SRSHR_v(struct a64_tr *t, const struct a64_insn *a)
{
    return right_v(t, a, TCG_OP_vsrshri, false);
}

bool a64_trans_SRSHR_s(struct a64_tr *t, const struct a64_insn *a)
{
    return right_s(t, a, TCG_OP_vsrshri, false);
}

bool a64_trans_URSHR_v(struct a64_tr *t, const struct a64_insn *a)
{
    return right_v(t, a, TCG_OP_vurshri, false);
}

bool a64_trans_URSHR_s(struct a64_tr *t, const struct a64_insn *a)
{
    return right_s(t, a, TCG_OP_vurshri, false);
}

bool a64_trans_SSRA_v(struct a64_tr *t, const struct a64_insn *a)
{
    return right_v(t, a, TCG_OP_vsari, true);
}

bool a64_trans_SSRA_s(struct a64_tr *t, const struct a64_insn *a)
{
    return right_s(t, a, TCG_OP_vsari, true);
}

bool a64_trans_USRA_v(struct a64_tr *t, const struct a64_insn *a)
{
    return right_v(t, a, TCG_OP_vshri, true);
}

bool a64_trans_USRA_s(struct a64_tr *t, const struct a64_insn *a)
{
    return right_s(t, a, TCG_OP_vshri, true);
}

bool a64_trans_SRSRA_v(struct a64_tr *t, const struct a64_insn *a)
{
    return right_v(t, a, TCG_OP_vsrshri, true);
}

bool a64_trans_SRSRA_s(struct a64_tr *t, const struct a64_insn *a)
{
    return right_s(t, a, TCG_OP_vsrshri, true);
}

bool a64_trans_URSRA_v(struct a64_tr *t, const struct a64_insn *a)
{
    return right_v(t, a, TCG_OP_vurshri, true);
}

bool a64_trans_URSRA_s(struct a64_tr *t, const struct a64_insn *a)
{
    return right_s(t, a, TCG_OP_vurshri, true);
}

bool a64_trans_SHL_v(struct a64_tr *t, const struct a64_insn *a)
{
    if (!shape_ok(a))
        return false;
    a64_set_v(t, a->q, a->d, shift(t, TCG_OP_vshli, a->q, lane_of(a->I), a64_v(t, a->q, a->n), left(a)));
    return true;
}

bool a64_trans_SHL_s(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_d(t, a->d, shift(t, TCG_OP_vshli, 0, TCG_LANE64, a64_d(t, a->n), a->i));
    return true;
}

bool a64_trans_SLI_v(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_lane lane = lane_of(a->I);

    if (!shape_ok(a))
        return false;
    insert(t, a->q, a->d, lane, shift(t, TCG_OP_vshli, a->q, lane, a64_v(t, a->q, a->n), left(a)),
           ones(bits_of(lane)) << left(a));
    return true;
}

bool a64_trans_SLI_s(struct a64_tr *t, const struct a64_insn *a)
{
    insert(t, 0, a->d, TCG_LANE64, shift(t, TCG_OP_vshli, 0, TCG_LANE64, a64_d(t, a->n), a->i),
           ~0ull << a->i);
    return true;
}

bool a64_trans_SRI_v(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_lane lane = lane_of(a->I);

    if (!shape_ok(a))
        return false;
    insert(t, a->q, a->d, lane, shift(t, TCG_OP_vshri, a->q, lane, a64_v(t, a->q, a->n), right(a)),
           ones(bits_of(lane) - right(a)));
    return true;
}

bool a64_trans_SRI_s(struct a64_tr *t, const struct a64_insn *a)
{
    insert(t, 0, a->d, TCG_LANE64, shift(t, TCG_OP_vshri, 0, TCG_LANE64, a64_d(t, a->n), 64 - a->i),
           ones(a->i));
    return true;
}

bool a64_trans_SQSHL_imm_v(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_left_v(t, a, TCG_OP_vsqshl, TCG_OP_vsari, false);
}

bool a64_trans_SQSHL_imm_s(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_left_s(t, a, TCG_OP_vsqshl, TCG_OP_vsari, false);
}

bool a64_trans_UQSHL_imm_v(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_left_v(t, a, TCG_OP_vuqshl, TCG_OP_vshri, false);
}

bool a64_trans_UQSHL_imm_s(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_left_s(t, a, TCG_OP_vuqshl, TCG_OP_vshri, false);
}

bool a64_trans_SQSHLU_v(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_left_v(t, a, TCG_OP_vuqshl, TCG_OP_vshri, true);
}

bool a64_trans_SQSHLU_s(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_left_s(t, a, TCG_OP_vuqshl, TCG_OP_vshri, true);
}

bool a64_trans_SHRN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_v(t, a, TCG_OP_vshri, TCG_OP_vnarrow, TCG_OP_nop);
}

bool a64_trans_RSHRN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_v(t, a, TCG_OP_vurshri, TCG_OP_vnarrow, TCG_OP_nop);
}

bool a64_trans_SQSHRN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_v(t, a, TCG_OP_vsari, TCG_OP_vnarrow_ss, TCG_OP_vexts);
}

bool a64_trans_SQSHRN_s(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_s(t, a, TCG_OP_vsari, TCG_OP_vnarrow_ss, TCG_OP_vexts);
}

bool a64_trans_SQRSHRN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_v(t, a, TCG_OP_vsrshri, TCG_OP_vnarrow_ss, TCG_OP_vexts);
}

bool a64_trans_SQRSHRN_s(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_s(t, a, TCG_OP_vsrshri, TCG_OP_vnarrow_ss, TCG_OP_vexts);
}

bool a64_trans_SQSHRUN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_v(t, a, TCG_OP_vsari, TCG_OP_vnarrow_su, TCG_OP_vextu);
}

bool a64_trans_SQSHRUN_s(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_s(t, a, TCG_OP_vsari, TCG_OP_vnarrow_su, TCG_OP_vextu);
}

bool a64_trans_SQRSHRUN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_v(t, a, TCG_OP_vsrshri, TCG_OP_vnarrow_su, TCG_OP_vextu);
}

bool a64_trans_SQRSHRUN_s(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_s(t, a, TCG_OP_vsrshri, TCG_OP_vnarrow_su, TCG_OP_vextu);
}

bool a64_trans_UQSHRN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_v(t, a, TCG_OP_vshri, TCG_OP_vnarrow_uu, TCG_OP_vextu);
}

bool a64_trans_UQSHRN_s(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_s(t, a, TCG_OP_vshri, TCG_OP_vnarrow_uu, TCG_OP_vextu);
}

bool a64_trans_UQRSHRN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_v(t, a, TCG_OP_vurshri, TCG_OP_vnarrow_uu, TCG_OP_vextu);
}

bool a64_trans_UQRSHRN_s(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_s(t, a, TCG_OP_vurshri, TCG_OP_vnarrow_uu, TCG_OP_vextu);
}

bool a64_trans_SSHLL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return widen_v(t, a, TCG_OP_vexts);
}

bool a64_trans_USHLL_v(struct a64_tr *t, const struct a64_insn *a)
{
    return widen_v(t, a, TCG_OP_vextu);
}
