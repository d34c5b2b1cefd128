/* SPDX-License-Identifier: MIT */
/* frontends/arm64/simd.h -- what the translators of floating point and Advanced SIMD share.
 *
 * A scalar or a 64-bit vector result clears the rest of its register. Integer operations on one
 * element run as 64-bit vector operations on the element with zeros above it (a64_lane0), so that
 * nothing above it can saturate or raise; where zeros do not stay zeros the result is masked. */
#ifndef FRONTENDS_ARM64_SIMD_H
#define FRONTENDS_ARM64_SIMD_H

#include "frontends/arm64/translate.h"

static inline enum tcg_type a64_vtype(unsigned q)
{
    return q ? TCG_V128 : TCG_V64;
}

/* A vector register of 64 (q 0) or 128 bits. */
static inline tcg_val a64_v(struct a64_tr *t, unsigned q, unsigned r)
{
    return q ? a64_q(t, r) : a64_d(t, r);
}
static inline void a64_set_v(struct a64_tr *t, unsigned q, unsigned r, tcg_val v)
{
    if (q)
        a64_set_q(t, r, v);
    else
        a64_set_d(t, r, v);
}

/* The same constant in every lane. */
tcg_val a64_vdup_imm(struct a64_tr *t, unsigned q, enum tcg_lane lane, uint64_t v);
/* v64: element 0 of a register, zeros above it. */
tcg_val a64_lane0(struct a64_tr *t, enum tcg_lane lane, unsigned r);
/* v64: keeps element 0 of a v64. */
tcg_val a64_mask0(struct a64_tr *t, enum tcg_lane lane, tcg_val v);
/* Element `index` of a register in every lane. */
tcg_val a64_vdupl(struct a64_tr *t, unsigned q, enum tcg_lane lane, unsigned r, unsigned index);

/* FPSR.QC is set where two vectors of a type differ: the saturated and the exact result. */
void a64_qc_differ(struct a64_tr *t, unsigned q, tcg_val x, tcg_val y);
void a64_qc_any(struct a64_tr *t, unsigned q, tcg_val x); /* where x is not 0 */

/* ---- scalar floats: field y is 0 single, 1 double, 3 half ---- */
static inline bool a64_half(unsigned y)
{
    return y == 3;
}
static inline enum tcg_type a64_ftype(unsigned y)
{
    return y == 3 ? TCG_F16 : y ? TCG_F64 : TCG_F32;
}
static inline enum tcg_lane a64_flane(unsigned y)
{
    return y == 3 ? TCG_LANE16 : y ? TCG_LANE64 : TCG_LANE32;
}
/* False: half precision without FEAT_FP16. */
static inline bool a64_ftype_ok(const struct a64_tr *t, unsigned y)
{
    return y != 3 || a64_has(t, A64_FEAT_FPHP);
}
static inline tcg_val a64_f(struct a64_tr *t, unsigned y, unsigned r)
{
    return tcg_vtof(t->b, a64_ftype(y), a64_q(t, r));
}
static inline void a64_set_f(struct a64_tr *t, unsigned r, tcg_val v)
{
    a64_set_q(t, r, tcg_vfromf(t->b, TCG_V128, v));
}
/* Environment for a float lane under the present modes. */
static inline unsigned a64_lane_env(struct a64_tr *t, enum tcg_lane lane)
{
    return a64_fpenv(t, lane == TCG_LANE16);
}
/* Lane of a vector row: y single or double; half rows pass TCG_LANE16 themselves. */
static inline enum tcg_lane a64_float_lane(const struct a64_insn *a)
{
    return a->y ? TCG_LANE64 : TCG_LANE32;
}
static inline unsigned a64_float_y(enum tcg_lane lane)
{
    return lane == TCG_LANE16 ? 3 : lane == TCG_LANE64;
}
static inline tcg_val a64_vfloat(struct a64_tr *t, enum tcg_opcode op, unsigned q, enum tcg_lane lane,
                                 tcg_val x, tcg_val y, tcg_val z, unsigned imm)
{
    return tcg_vf(t->b, op, a64_vtype(q), lane, a64_lane_env(t, lane), x, y, z, imm);
}
/* d +- n * m, d and n whole registers. */
void a64_fma_to(struct a64_tr *t, const struct a64_insn *a, enum tcg_lane lane, tcg_val m, bool sub);
enum tcg_round a64_rmode(const struct a64_tr *t);

/* VFPExpandImm: raw bits of a float from imm8. */
uint64_t a64_fp_imm(unsigned y, unsigned imm8);

/* Control word for float helpers: the key's float bits. */
static inline tcg_val a64_fpctl(struct a64_tr *t, uint32_t more)
{
    return tcg_imm(t->b, TCG_I32, (t->key & 0x3f) | more);
}

/* ---- by-element operands: 16-bit index H:L:M and m of 4 bits; 32-bit H:L; 64-bit H ---- */
unsigned a64_elem_reg(const struct a64_insn *a, enum tcg_lane lane);
unsigned a64_elem_index(const struct a64_insn *a, enum tcg_lane lane);

#endif
