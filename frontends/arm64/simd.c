/* SPDX-License-Identifier: MIT */
/* frontends/arm64/simd.c -- pieces that the translators of floating point and Advanced SIMD share:
 * elements, constants, cumulative saturation, environments. See simd.h. */
#include "frontends/arm64/simd.h"

#include "base/bits.h"

tcg_val a64_vdup_imm(struct a64_tr *t, unsigned q, enum tcg_lane lane, uint64_t v)
{
    v &= bits_mask(8u << lane);
    for (unsigned bits = 8u << lane; bits < 64; bits *= 2)
        v |= v << bits;
    return tcg_vimm(t->b, a64_vtype(q), v, v);
}

tcg_val a64_mask0(struct a64_tr *t, enum tcg_lane lane, tcg_val v)
{
    if (lane == TCG_LANE64)
        return v;
    return tcg_vand(t->b, TCG_V64, v, tcg_vimm(t->b, TCG_V64, bits_mask(8u << lane), 0));
}

tcg_val a64_lane0(struct a64_tr *t, enum tcg_lane lane, unsigned r)
{
    return a64_mask0(t, lane, a64_d(t, r));
}

tcg_val a64_vdupl(struct a64_tr *t, unsigned q, enum tcg_lane lane, unsigned r, unsigned index)
{
    return tcg_v1(t->b, TCG_OP_vdupl, a64_vtype(q), lane, a64_q(t, r), index);
}

void a64_qc_any(struct a64_tr *t, unsigned q, tcg_val x)
{
    tcg_val wide = q ? x : tcg_vzext(t->b, TCG_V128, x);

    tcg_put(t->b, A64_U_QC, tcg_vor(t->b, TCG_V128, tcg_get(t->b, A64_U_QC), wide));
}

void a64_qc_differ(struct a64_tr *t, unsigned q, tcg_val x, tcg_val y)
{
    a64_qc_any(t, q, tcg_vxor(t->b, a64_vtype(q), x, y));
}

enum tcg_round a64_rmode(const struct a64_tr *t)
{
    return (enum tcg_round)(t->key & A64_KEYBIT_RMODE);
}

uint64_t a64_fp_imm(unsigned y, unsigned imm8)
{
    uint64_t sign = imm8 >> 7, b6 = imm8 >> 6 & 1, low = imm8 & 0x3f;

    if (y == 3)
        return sign << 15 | (b6 ? 3ull << 12 : 1ull << 14) | low << 6;
    if (y == 1)
        return sign << 63 | (b6 ? 0xffull << 54 : 1ull << 62) | low << 48;
    return sign << 31 | (b6 ? 0x1full << 25 : 1ull << 30) | low << 19;
}

unsigned a64_elem_reg(const struct a64_insn *a, enum tcg_lane lane)
{
    return lane == TCG_LANE16 ? a->m : (unsigned)a->M << 4 | a->m;
}

unsigned a64_elem_index(const struct a64_insn *a, enum tcg_lane lane)
{
    switch (lane) {
    case TCG_LANE16:
        return (unsigned)a->H << 2 | (unsigned)a->L << 1 | a->M;
    case TCG_LANE32:
        return (unsigned)a->H << 1 | a->L;
    default:
        return a->H;
    }
}
