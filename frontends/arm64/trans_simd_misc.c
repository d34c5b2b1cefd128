/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_simd_misc.c -- Advanced SIMD of two integer registers, across lanes, copies,
 * permutations, table lookups and immediates (manual C4.1.95). */
#include "frontends/arm64/helper_simd.h"
#include "frontends/arm64/simd.h"

static enum tcg_lane lane_of(const struct a64_insn *a)
{
    return (enum tcg_lane)(a->s | a->S); /* a row has one of them */
}

static bool shape_ok(const struct a64_insn *a)
{
    return a->q || a->s != 3;
}

/* ---- one operand ---- */

static bool unary(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op, unsigned imm)
{
    if (!shape_ok(a))
        return false;
    a64_set_v(t, a->q, a->d, tcg_v1(t->b, op, a64_vtype(a->q), lane_of(a), a64_v(t, a->q, a->n), imm));
    return true;
}

/* Compare with zero: swap: 0 op n. */
static tcg_val with_zero(struct a64_tr *t, unsigned q, enum tcg_lane lane, enum tcg_opcode op, tcg_val n,
                         bool swap)
{
    tcg_val zero = a64_vdup_imm(t, q, lane, 0);

    return tcg_v2(t->b, op, a64_vtype(q), lane, swap ? zero : n, swap ? n : zero, 0);
}

static bool cmp0(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op, bool swap)
{
    if (!shape_ok(a))
        return false;
    a64_set_v(t, a->q, a->d, with_zero(t, a->q, lane_of(a), op, a64_v(t, a->q, a->n), swap));
    return true;
}

static bool cmp0_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op, bool swap)
{
    a64_set_d(t, a->d, with_zero(t, 0, TCG_LANE64, op, a64_d(t, a->n), swap));
    return true;
}

/* Saturating: op against the wrapping form. */
static tcg_val sat1(struct a64_tr *t, unsigned q, enum tcg_lane lane, enum tcg_opcode op,
                    enum tcg_opcode wrapped, tcg_val n)
{
    tcg_val r = tcg_v1(t->b, op, a64_vtype(q), lane, n, 0);

    a64_qc_differ(t, q, r, tcg_v1(t->b, wrapped, a64_vtype(q), lane, n, 0));
    return r;
}

static bool sat_v(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op, enum tcg_opcode wrapped)
{
    if (!shape_ok(a))
        return false;
    a64_set_v(t, a->q, a->d, sat1(t, a->q, lane_of(a), op, wrapped, a64_v(t, a->q, a->n)));
    return true;
}

static bool sat_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op, enum tcg_opcode wrapped)
{
    a64_set_d(t, a->d, sat1(t, 0, lane_of(a), op, wrapped, a64_lane0(t, lane_of(a), a->n)));
    return true;
}

/* SUQADD, USQADD: d is accumulated into. */
static tcg_val mixed(struct a64_tr *t, unsigned q, enum tcg_lane lane, enum tcg_opcode op, tcg_val d,
                     tcg_val n)
{
    tcg_val r = tcg_v2(t->b, op, a64_vtype(q), lane, d, n, 0);

    a64_qc_differ(t, q, r, tcg_v2(t->b, TCG_OP_vadd, a64_vtype(q), lane, d, n, 0));
    return r;
}

static bool mixed_v(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op)
{
    if (!shape_ok(a))
        return false;
    a64_set_v(t, a->q, a->d, mixed(t, a->q, lane_of(a), op, a64_v(t, a->q, a->d), a64_v(t, a->q, a->n)));
    return true;
}

static bool mixed_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op)
{
    enum tcg_lane lane = lane_of(a);

    a64_set_d(t, a->d, mixed(t, 0, lane, op, a64_lane0(t, lane, a->d), a64_lane0(t, lane, a->n)));
    return true;
}

/* Narrowing to lanes of S; widen nop: no saturation. */
static tcg_val narrow(struct a64_tr *t, enum tcg_lane lane, enum tcg_opcode op, enum tcg_opcode widen,
                      tcg_val v)
{
    tcg_val r = tcg_v2(t->b, op, TCG_V128, (enum tcg_lane)(lane + 1), v, TCG_NONE, 0);

    if (widen != TCG_OP_nop)
        a64_qc_differ(t, 1, v, tcg_v1(t->b, widen, TCG_V128, lane, r, 0));
    return r;
}

static bool narrow_v(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op,
                     enum tcg_opcode widen)
{
    tcg_val r = tcg_vlow(t->b, TCG_V64, narrow(t, lane_of(a), op, widen, a64_q(t, a->n)));

    if (a->q)
        a64_set_q(t, a->d, tcg_vjoin(t->b, TCG_V128, a64_d(t, a->d), r));
    else
        a64_set_d(t, a->d, r);
    return true;
}

static bool narrow_s(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op,
                     enum tcg_opcode widen)
{
    enum tcg_lane wide = (enum tcg_lane)(lane_of(a) + 1);

    a64_set_q(t, a->d, narrow(t, lane_of(a), op, widen,
                              tcg_vzext(t->b, TCG_V128, a64_lane0(t, wide, a->n))));
    return true;
}

/* Adjacent lanes added to lanes twice as wide. */
static bool pair_long(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op, bool acc)
{
    enum tcg_lane wide = (enum tcg_lane)(lane_of(a) + 1);
    tcg_val v = tcg_v1(t->b, op, a64_vtype(a->q), lane_of(a), a64_v(t, a->q, a->n), 0);

    if (acc)
        v = tcg_v2(t->b, TCG_OP_vadd, a64_vtype(a->q), wide, a64_v(t, a->q, a->d), v, 0);
    a64_set_v(t, a->q, a->d, v);
    return true;
}

/* ---- across lanes ---- */

static void set_lane0(struct a64_tr *t, unsigned d, tcg_val v)
{
    a64_set_f(t, d, tcg_fraw(t->b, TCG_F64, v));
}

static bool across(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op)
{
    if (a->S == 2 && !a->q)
        return false;
    set_lane0(t, a->d, tcg_v1(t->b, op, TCG_I64, lane_of(a), a64_v(t, a->q, a->n), 0));
    return true;
}

static bool across_long(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op)
{
    tcg_val v;

    if (a->S == 2 && !a->q)
        return false;
    v = tcg_v1(t->b, op, a64_vtype(a->q), lane_of(a), a64_v(t, a->q, a->n), 0);
    set_lane0(t, a->d, tcg_v1(t->b, TCG_OP_vredadd, TCG_I64, (enum tcg_lane)(lane_of(a) + 1), v, 0));
    return true;
}

/* ---- copies: imm5 has the size in its lowest one and the index above it ---- */

static bool imm5(unsigned i, enum tcg_lane *lane, unsigned *index)
{
    if (!(i & 15))
        return false;
    *lane = (enum tcg_lane)__builtin_ctz(i);
    *index = i >> (*lane + 1);
    return true;
}

static bool get_elem(struct a64_tr *t, const struct a64_insn *a, bool is_signed)
{
    enum tcg_lane lane;
    unsigned index, bits;
    tcg_val v;

    if (!imm5(a->i, &lane, &index))
        return false;
    if (is_signed ? lane > (a->q ? TCG_LANE32 : TCG_LANE16) : (lane == TCG_LANE64) != a->q)
        return false;
    bits = 8u << lane;
    v = tcg_v1(t->b, TCG_OP_vget, TCG_I64, lane, a64_q(t, a->n), index);
    if (is_signed)
        v = tcg_sextract(t->b, TCG_I64, v, 0, bits);
    if (is_signed && !a->q)
        v = tcg_zext(t->b, tcg_trunc(t->b, v));
    a64_set_x(t, a->d, v);
    return true;
}

/* ---- permutations ---- */

static bool permute(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op)
{
    if (!shape_ok(a))
        return false;
    a64_set_v(t, a->q, a->d, tcg_v2(t->b, op, a64_vtype(a->q), lane_of(a), a64_v(t, a->q, a->n),
                                    a64_v(t, a->q, a->m), 0));
    return true;
}

/* l + 1 registers are the table; out of range: 0, or with keep the bytes of d. */
static bool table(struct a64_tr *t, const struct a64_insn *a, bool keep)
{
    struct tcg_builder *b = t->b;
    tcg_val index = a64_q(t, a->m), sum = TCG_NONE;

    for (unsigned i = 0; i <= a->l; i++) {
        tcg_val at = index, part;

        if (i)
            at = tcg_v2(b, TCG_OP_vsub, TCG_V128, TCG_LANE8, index, a64_vdup_imm(t, 1, TCG_LANE8, i * 16),
                        0);
        part = tcg_emit(b, TCG_OP_vtbl, TCG_V128, 0, a64_q(t, (a->n + i) % 32), at, 0, 0, 0);
        sum = i ? tcg_vor(b, TCG_V128, sum, part) : part;
    }
    if (keep) {
        tcg_val out = tcg_v2(b, TCG_OP_vcmphs, TCG_V128, TCG_LANE8, index,
                             a64_vdup_imm(t, 1, TCG_LANE8, (a->l + 1u) * 16), 0);

        sum = tcg_v3(b, TCG_OP_vbsl, TCG_V128, TCG_LANE8, out, a64_q(t, a->d), sum, 0);
    }
    if (a->q)
        a64_set_q(t, a->d, sum);
    else
        a64_set_d(t, a->d, tcg_vlow(b, TCG_V64, sum));
    return true;
}

/* ---- modified immediates ---- */

static bool imm_set(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, uint64_t v)
{
    a64_set_v(t, a->q, a->d, a64_vdup_imm(t, a->q, lane, v));
    return true;
}

static bool imm_logic(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op, enum tcg_lane lane)
{
    tcg_val v = a64_vdup_imm(t, a->q, lane, (uint64_t)a->i << a->c * 8);

    a64_set_v(t, a->q, a->d, tcg_v2(t->b, op, a64_vtype(a->q), TCG_LANE8, a64_v(t, a->q, a->d), v, 0));
    return true;
}

/* imm8 above 8 or 16 ones. */
static uint64_t shifted_ones(const struct a64_insn *a)
{
    return a->c ? (uint64_t)a->i << 16 | 0xffff : (uint64_t)a->i << 8 | 0xff;
}

/* Integer reciprocal estimates. */
static bool estimate(struct a64_tr *t, const struct a64_insn *a, const struct tcg_helper *h)
{
    tcg_val args[] = { a64_q(t, a->n) }, v = tcg_call(t->b, h, args);

    if (a->q)
        a64_set_q(t, a->d, v);
    else
        a64_set_d(t, a->d, tcg_vlow(t->b, TCG_V64, v));
    return true;
}

bool a64_trans_REV64(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, TCG_OP_vrev, 8);
}

bool a64_trans_REV32_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, TCG_OP_vrev, 4);
}

bool a64_trans_REV16_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, TCG_OP_vrev, 2);
}

bool a64_trans_CLS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, TCG_OP_vcls, 0);
}

bool a64_trans_CLZ_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, TCG_OP_vclz, 0);
}

bool a64_trans_CNT_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, TCG_OP_vpopcnt, 0);
}

bool a64_trans_RBIT_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, TCG_OP_vbitrev, 0);
}

bool a64_trans_NOT_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, TCG_OP_vnot, 0);
}

bool a64_trans_ABS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, TCG_OP_vabs, 0);
}

bool a64_trans_NEG_v(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, TCG_OP_vneg, 0);
}

bool a64_trans_ABS_s(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_d(t, a->d, tcg_v1(t->b, TCG_OP_vabs, TCG_V64, TCG_LANE64, a64_d(t, a->n), 0));
    return true;
}

bool a64_trans_NEG_s(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_d(t, a->d, tcg_v1(t->b, TCG_OP_vneg, TCG_V64, TCG_LANE64, a64_d(t, a->n), 0));
    return true;
}

bool a64_trans_CMGT0_v(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, TCG_OP_vcmpgt, false);
}

bool a64_trans_CMGT0_s(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0_s(t, a, TCG_OP_vcmpgt, false);
}

bool a64_trans_CMGE0_v(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, TCG_OP_vcmpge, false);
}

bool a64_trans_CMGE0_s(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0_s(t, a, TCG_OP_vcmpge, false);
}

bool a64_trans_CMEQ0_v(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, TCG_OP_vcmpeq, false);
}

bool a64_trans_CMEQ0_s(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0_s(t, a, TCG_OP_vcmpeq, false);
}

bool a64_trans_CMLE0_v(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, TCG_OP_vcmpge, true);
}

bool a64_trans_CMLE0_s(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0_s(t, a, TCG_OP_vcmpge, true);
}

bool a64_trans_CMLT0_v(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0(t, a, TCG_OP_vcmpgt, true);
}

bool a64_trans_CMLT0_s(struct a64_tr *t, const struct a64_insn *a)
{
    return cmp0_s(t, a, TCG_OP_vcmpgt, true);
}

bool a64_trans_SQABS_v(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_v(t, a, TCG_OP_vsqabs, TCG_OP_vabs);
}

bool a64_trans_SQABS_s(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_s(t, a, TCG_OP_vsqabs, TCG_OP_vabs);
}

bool a64_trans_SQNEG_v(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_v(t, a, TCG_OP_vsqneg, TCG_OP_vneg);
}

bool a64_trans_SQNEG_s(struct a64_tr *t, const struct a64_insn *a)
{
    return sat_s(t, a, TCG_OP_vsqneg, TCG_OP_vneg);
}

bool a64_trans_SUQADD_v(struct a64_tr *t, const struct a64_insn *a)
{
    return mixed_v(t, a, TCG_OP_vsuqadd);
}

bool a64_trans_SUQADD_s(struct a64_tr *t, const struct a64_insn *a)
{
    return mixed_s(t, a, TCG_OP_vsuqadd);
}

bool a64_trans_USQADD_v(struct a64_tr *t, const struct a64_insn *a)
{
    return mixed_v(t, a, TCG_OP_vusqadd);
}

bool a64_trans_USQADD_s(struct a64_tr *t, const struct a64_insn *a)
{
    return mixed_s(t, a, TCG_OP_vusqadd);
}

bool a64_trans_XTN(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_v(t, a, TCG_OP_vnarrow, TCG_OP_nop);
}

bool a64_trans_SQXTN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_v(t, a, TCG_OP_vnarrow_ss, TCG_OP_vexts);
}

bool a64_trans_SQXTN_s(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_s(t, a, TCG_OP_vnarrow_ss, TCG_OP_vexts);
}

bool a64_trans_SQXTUN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_v(t, a, TCG_OP_vnarrow_su, TCG_OP_vextu);
}

bool a64_trans_SQXTUN_s(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_s(t, a, TCG_OP_vnarrow_su, TCG_OP_vextu);
}

bool a64_trans_UQXTN_v(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_v(t, a, TCG_OP_vnarrow_uu, TCG_OP_vextu);
}

bool a64_trans_UQXTN_s(struct a64_tr *t, const struct a64_insn *a)
{
    return narrow_s(t, a, TCG_OP_vnarrow_uu, TCG_OP_vextu);
}

bool a64_trans_SHLL(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_lane lane = lane_of(a);
    tcg_val v = tcg_v1(t->b, TCG_OP_vextu, TCG_V128, lane, a64_q(t, a->n), a->q);

    a64_set_q(t, a->d, tcg_v1(t->b, TCG_OP_vshli, TCG_V128, (enum tcg_lane)(lane + 1), v, 8u << lane));
    return true;
}

bool a64_trans_SADDLP(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_long(t, a, TCG_OP_vpaddl_s, false);
}

bool a64_trans_UADDLP(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_long(t, a, TCG_OP_vpaddl_u, false);
}

bool a64_trans_SADALP(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_long(t, a, TCG_OP_vpaddl_s, true);
}

bool a64_trans_UADALP(struct a64_tr *t, const struct a64_insn *a)
{
    return pair_long(t, a, TCG_OP_vpaddl_u, true);
}

bool a64_trans_ADDV(struct a64_tr *t, const struct a64_insn *a)
{
    return across(t, a, TCG_OP_vredadd);
}

bool a64_trans_SMAXV(struct a64_tr *t, const struct a64_insn *a)
{
    return across(t, a, TCG_OP_vredsmax);
}

bool a64_trans_SMINV(struct a64_tr *t, const struct a64_insn *a)
{
    return across(t, a, TCG_OP_vredsmin);
}

bool a64_trans_UMAXV(struct a64_tr *t, const struct a64_insn *a)
{
    return across(t, a, TCG_OP_vredumax);
}

bool a64_trans_UMINV(struct a64_tr *t, const struct a64_insn *a)
{
    return across(t, a, TCG_OP_vredumin);
}

bool a64_trans_SADDLV(struct a64_tr *t, const struct a64_insn *a)
{
    return across_long(t, a, TCG_OP_vpaddl_s);
}

bool a64_trans_UADDLV(struct a64_tr *t, const struct a64_insn *a)
{
    return across_long(t, a, TCG_OP_vpaddl_u);
}

bool a64_trans_ADDP_s(struct a64_tr *t, const struct a64_insn *a)
{
    set_lane0(t, a->d, tcg_v1(t->b, TCG_OP_vredadd, TCG_I64, TCG_LANE64, a64_q(t, a->n), 0));
    return true;
}

bool a64_trans_DUP_elem(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_lane lane;
    unsigned index;

    if (!imm5(a->i, &lane, &index) || (lane == TCG_LANE64 && !a->q))
        return false;
    a64_set_v(t, a->q, a->d, a64_vdupl(t, a->q, lane, a->n, index));
    return true;
}

bool a64_trans_DUP_s(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_lane lane;
    unsigned index;

    if (!imm5(a->i, &lane, &index))
        return false;
    a64_set_d(t, a->d, a64_mask0(t, lane, a64_vdupl(t, 0, lane, a->n, index)));
    return true;
}

bool a64_trans_DUP_gen(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_lane lane;
    unsigned index;

    if (!imm5(a->i, &lane, &index) || (lane == TCG_LANE64 && !a->q))
        return false;
    a64_set_v(t, a->q, a->d, tcg_v1(t->b, TCG_OP_vdup, a64_vtype(a->q), lane,
                                    lane == TCG_LANE64 ? a64_x(t, a->n) : a64_w(t, a->n), 0));
    return true;
}

bool a64_trans_SMOV(struct a64_tr *t, const struct a64_insn *a)
{
    return get_elem(t, a, true);
}

bool a64_trans_UMOV(struct a64_tr *t, const struct a64_insn *a)
{
    return get_elem(t, a, false);
}

bool a64_trans_INS_gen(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_lane lane;
    unsigned index;

    if (!imm5(a->i, &lane, &index))
        return false;
    a64_set_q(t, a->d, tcg_v2(t->b, TCG_OP_vset, TCG_V128, lane, a64_q(t, a->d),
                              lane == TCG_LANE64 ? a64_x(t, a->n) : a64_w(t, a->n), index));
    return true;
}

bool a64_trans_INS_elem(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_lane lane;
    unsigned index;
    tcg_val v;

    if (!imm5(a->i, &lane, &index))
        return false;
    v = tcg_v1(t->b, TCG_OP_vget, lane == TCG_LANE64 ? TCG_I64 : TCG_I32, lane, a64_q(t, a->n),
               (unsigned)a->j >> lane);
    a64_set_q(t, a->d, tcg_v2(t->b, TCG_OP_vset, TCG_V128, lane, a64_q(t, a->d), v, index));
    return true;
}

bool a64_trans_UZP1(struct a64_tr *t, const struct a64_insn *a)
{
    return permute(t, a, TCG_OP_vuzp1);
}

bool a64_trans_UZP2(struct a64_tr *t, const struct a64_insn *a)
{
    return permute(t, a, TCG_OP_vuzp2);
}

bool a64_trans_ZIP1(struct a64_tr *t, const struct a64_insn *a)
{
    return permute(t, a, TCG_OP_vzip1);
}

bool a64_trans_ZIP2(struct a64_tr *t, const struct a64_insn *a)
{
    return permute(t, a, TCG_OP_vzip2);
}

bool a64_trans_TRN1(struct a64_tr *t, const struct a64_insn *a)
{
    return permute(t, a, TCG_OP_vtrn1);
}

bool a64_trans_TRN2(struct a64_tr *t, const struct a64_insn *a)
{
    return permute(t, a, TCG_OP_vtrn2);
}

bool a64_trans_EXT(struct a64_tr *t, const struct a64_insn *a)
{
    if (!a->q && a->i > 7)
        return false;
    a64_set_v(t, a->q, a->d, tcg_emit(t->b, TCG_OP_vext, a64_vtype(a->q), 0, a64_v(t, a->q, a->n),
                                      a64_v(t, a->q, a->m), 0, 0, a->i));
    return true;
}

bool a64_trans_TBL(struct a64_tr *t, const struct a64_insn *a)
{
    return table(t, a, false);
}

bool a64_trans_TBX(struct a64_tr *t, const struct a64_insn *a)
{
    return table(t, a, true);
}

bool a64_trans_MOVI_32(struct a64_tr *t, const struct a64_insn *a)
{
    return imm_set(t, a, TCG_LANE32, (uint64_t)a->i << a->c * 8);
}

bool a64_trans_MOVI_16(struct a64_tr *t, const struct a64_insn *a)
{
    return imm_set(t, a, TCG_LANE16, (uint64_t)a->i << a->c * 8);
}

bool a64_trans_MOVI_8(struct a64_tr *t, const struct a64_insn *a)
{
    return imm_set(t, a, TCG_LANE8, a->i);
}

bool a64_trans_MOVI_msl(struct a64_tr *t, const struct a64_insn *a)
{
    return imm_set(t, a, TCG_LANE32, shifted_ones(a));
}

bool a64_trans_MVNI_32(struct a64_tr *t, const struct a64_insn *a)
{
    return imm_set(t, a, TCG_LANE32, ~((uint64_t)a->i << a->c * 8));
}

bool a64_trans_MVNI_16(struct a64_tr *t, const struct a64_insn *a)
{
    return imm_set(t, a, TCG_LANE16, ~((uint64_t)a->i << a->c * 8));
}

bool a64_trans_MVNI_msl(struct a64_tr *t, const struct a64_insn *a)
{
    return imm_set(t, a, TCG_LANE32, ~shifted_ones(a));
}

bool a64_trans_MOVI_64(struct a64_tr *t, const struct a64_insn *a)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < 8; i++)
        v |= (a->i >> i & 1 ? 0xffull : 0) << i * 8;
    return imm_set(t, a, TCG_LANE64, v);
}

bool a64_trans_ORR_imm_32(struct a64_tr *t, const struct a64_insn *a)
{
    return imm_logic(t, a, TCG_OP_vor, TCG_LANE32);
}

bool a64_trans_ORR_imm_16(struct a64_tr *t, const struct a64_insn *a)
{
    return imm_logic(t, a, TCG_OP_vor, TCG_LANE16);
}

bool a64_trans_BIC_imm_32(struct a64_tr *t, const struct a64_insn *a)
{
    return imm_logic(t, a, TCG_OP_vandn, TCG_LANE32);
}

bool a64_trans_BIC_imm_16(struct a64_tr *t, const struct a64_insn *a)
{
    return imm_logic(t, a, TCG_OP_vandn, TCG_LANE16);
}

bool a64_trans_FMOV_imm_s(struct a64_tr *t, const struct a64_insn *a)
{
    return imm_set(t, a, TCG_LANE32, a64_fp_imm(0, a->i));
}

bool a64_trans_FMOV_imm_h(struct a64_tr *t, const struct a64_insn *a)
{
    return imm_set(t, a, TCG_LANE16, a64_fp_imm(3, a->i));
}

bool a64_trans_FMOV_imm_d(struct a64_tr *t, const struct a64_insn *a)
{
    return imm_set(t, a, TCG_LANE64, a64_fp_imm(1, a->i));
}

bool a64_trans_URECPE(struct a64_tr *t, const struct a64_insn *a)
{
    return estimate(t, a, &a64_h_urecpe);
}

bool a64_trans_URSQRTE(struct a64_tr *t, const struct a64_insn *a)
{
    return estimate(t, a, &a64_h_ursqrte);
}
