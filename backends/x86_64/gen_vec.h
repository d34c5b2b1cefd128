/* SPDX-License-Identifier: MIT */
/* backends/x86_64/gen_vec.h -- what the vector emitters share. A v64 value lives in the low half of
 * its register; what is above is unspecified, in operands and in results, so integer operations
 * need not care; operations that can raise something or that move lanes across halves do. */
#ifndef BACKENDS_X86_64_GEN_VEC_H
#define BACKENDS_X86_64_GEN_VEC_H

#include "backends/x86_64/gen_float.h"

/* Registers of one operation: result (none of the others'), operands, temporaries; -1: none. */
struct vop {
    struct gen *g;
    const struct tcg_op *op;
    int d, a, b, c, t[5];
    unsigned lane;
    bool v64;
};

struct vop vop_begin(struct gen *g, const struct tcg_op *op, tcg_val d, unsigned ntmp);

/* d = op(a, lane constant k in all lanes). */
void vop_k(const struct vop *v, uint32_t op, int d, int a, uint64_t k);
/* Opcode by lane, from four. */
static inline uint32_t by_lane(unsigned lane, uint32_t b, uint32_t w, uint32_t d, uint32_t q)
{
    return lane == TCG_LANE8 ? b : lane == TCG_LANE16 ? w : lane == TCG_LANE32 ? d : q;
}
/* d = mask ? b : a, by bits of full-lane masks; d is none of the others, or a. t: temporary. */
void vop_select(const struct vop *v, int d, int a, int b, int mask, int t);

/* Lane-wise shifts by an immediate inside 1..bits-1; sar_any covers 8 and 64 bits. d may be a. */
void v_shl(const struct vop *v, int d, int a, unsigned n);
void v_shr(const struct vop *v, int d, int a, unsigned n);
void v_sar(const struct vop *v, int d, int a, unsigned n);

/* Even (odd = 0) or odd lanes of a, then of b, to d, which is neither; for v64 the low half of d
 * holds the result. t: temporary. */
void v_unzip(const struct vop *v, int d, int a, int b, int t, unsigned lane, unsigned odd);

gen_emit_fn emit_vbin; /* one host instruction, by the table in emit_vec.c */
gen_emit_fn emit_vmul, emit_vneg, emit_vabs, emit_vshli, emit_vshri, emit_vsari, emit_vshl_reg,
    emit_vrshri, emit_vsat, emit_vsqabs, emit_vsqneg, emit_vhalving, emit_vabd,
    emit_vsqdmulh;                                                          /* emit_vec_arith.c */
gen_emit_fn emit_vmull, emit_vextend, emit_vnarrow, emit_vaddhn, emit_vpaddl, emit_vpair,
    emit_vred, emit_vdot;                                                   /* emit_vec_widen.c */
gen_emit_fn emit_vrev, emit_vzip2, emit_vuzp, emit_vtrn, emit_vext, emit_vtbl, emit_vdup,
    emit_vdupl, emit_vget, emit_vset, emit_vlow, emit_vhigh, emit_vjoin, emit_vzext, emit_vtof,
    emit_vfromf;                                                            /* emit_vec_permute.c */
gen_emit_fn emit_vclz, emit_vpopcnt, emit_vbitrev, emit_vaes, emit_vaesmc;  /* emit_vec_bits.c */
gen_emit_fn emit_vfop2, emit_vfop1, emit_vfma, emit_vfneg, emit_vfabs, emit_vfcmp, emit_vfpop2,
    emit_vfrint, emit_vf2i, emit_vi2f, emit_vfwiden, emit_vfnarrow;         /* emit_vec_float.c */

#endif
