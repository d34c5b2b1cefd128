/* SPDX-License-Identifier: MIT */
/* backends/x86_64/gen_float.h -- what the float and vector emitters share: the cold paths that call
 * the soft twins, the check of host results, and the condition codes of float comparisons.
 *
 * An emitter leaves its operands alone until its checks are done, so that the cold path can hand
 * the original operands to the soft twin, which gives result and exception bits. The host
 * instruction before it has raised its own bits already: an emitter may only go cold after host
 * instructions whose bits the guest's operation raises too. */
#ifndef BACKENDS_X86_64_GEN_FLOAT_H
#define BACKENDS_X86_64_GEN_FLOAT_H

#include "backends/x86_64/emit_sse.h"

/* Soft twin of any scalar float operation. desc: see soft_desc(). Reads v->host_fpcr for
 * TCG_ROUND_DYN, ORs exception bits into v->fstatus. fcmpf gives packed flags. */
gen_soft_fn x64_soft_float;
/* Soft twin of any vector operation: operands at v->scratch + 0, 16, 32, result at + 48. */
gen_soft_fn x64_soft_vec;
enum { SCRATCH_A = 0, SCRATCH_B = 16, SCRATCH_C = 32, SCRATCH_D = 48, SCRATCH_HOST = 64 };

/* Operands and result of one operation in registers of their types' classes; -1: none. */
struct fp_regs {
    int8_t d, a, b, c;
};

/* Jumps to the cold path of a scalar operation (r: general or xmm registers by the types) if cc.
 * The first call makes the path, others reuse its label. fp_done() ends the fast path. */
struct fp_path {
    struct gen *g;
    const struct tcg_op *op;
    struct fp_regs r;
    bool made, vec, d_gpr;
    uint32_t label, back;
};
void fp_begin(struct fp_path *p, struct gen *g, const struct tcg_op *op, struct fp_regs r);
void fp_begin_vec(struct fp_path *p, struct gen *g, const struct tcg_op *op, struct fp_regs r);
void fp_cold_if(struct fp_path *p, unsigned cc);
void fp_done(struct fp_path *p);

/* True if the environment is one that host instructions implement: no flushing, and a rounding that
 * the control word holds. */
bool fp_host_env(const struct tcg_float_env *e);
/* Immediate of roundss and kin without the bit that keeps inexact away; -1: no such rounding. */
int fp_round_imm(const struct tcg_float_env *e);

/* NaN check (and, with tiny, the check for the smallest normal number) of xmm register r in format
 * ty (f32, f64). tmp: an xmm register. */
void fp_check(struct fp_path *p, int r, int tmp, enum tcg_type ty, bool tiny);
/* |r|'s bits as an operand: sign and absolute-value masks of a scalar format, low 64 bits. */
uint64_t fp_abs_mask(enum tcg_type ty);

/* An f16 in xmm register s to f32 in d; s != d. Raises INVALID for a signalling NaN, as every user
 * wants. */
void fp_half_to_single(struct gen *g, int d, int s);

/* Emits the comparison of an fcmpf for its flags: swap exchanges the operands, quiet uses ucomis
 * whatever sub says (the flags are the same, no INVALID for quiet NaNs). Registers are locked.
 * False: the environment flushes inputs or the format is f16: use gen_fcmpf_pack(). */
bool gen_fcmpf_host(const struct gen *g, const struct tcg_op *op);
void gen_fcmpf_compare(struct gen *g, const struct tcg_op *op, bool swap);
/* What to test after gen_fcmpf_compare() for fcond sub: swap says how to compare. */
struct gen_fcc {
    bool swap;
    bool always, never; /* FP, FNP */
    uint8_t cc;
    uint8_t parity;     /* 0: cc alone; 1: cc and not parity (FZ); 2: cc or parity (FNZ) */
};
struct gen_fcc gen_fcc_of(unsigned fcond);
/* Packed flags in general register d from EFLAGS after gen_fcmpf_compare(); they survive. */
void gen_fcmpf_select(struct gen *g, bool swap, int d, int tmp);
/* Packed flags of an fcmpf in general register d, for any environment. tmp: another one. */
void gen_fcmpf_pack(struct gen *g, const struct tcg_op *op, int d, int tmp);

/* Emitters by file; the row tables are in emit_float.c and emit_vec.c. */
gen_emit_fn emit_fcvt, emit_frint, emit_f2i, emit_i2f;                       /* emit_float_cvt.c */

#endif
