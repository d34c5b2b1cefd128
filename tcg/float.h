/* SPDX-License-Identifier: MIT */
/* tcg/float.h -- what a float operation of the IR means: the environment it names, and the
 * portable reference ("soft twin") that the interpreter runs, that backends call in cold cases,
 * and that tests compare everything against. Implemented in frontends/common/softfloat*.c.
 *
 * Values travel as raw bits in 64-bit words: f16 and f32 zero-extended, f64 as is. f80 is
 * struct tcg_f80. Bits above a format's width are ignored in operands and zero in results. All
 * functions are pure but for *sticky, into which they OR exception bits, and may be called from
 * any thread under any host rounding mode. */
#ifndef TCG_FLOAT_H
#define TCG_FLOAT_H

#include "base/base.h"

enum tcg_fmt { TCG_FMT_F16, TCG_FMT_F32, TCG_FMT_F64, TCG_FMT_BF16, TCG_FMT_F16_ALT };
/* F16_ALT: Arm alternative half precision, no infinities and NaNs; conversions only. */

enum tcg_round {
    TCG_ROUND_EVEN, TCG_ROUND_UP, TCG_ROUND_DOWN, TCG_ROUND_ZERO, /* arm64's FPCR.RMode order */
    TCG_ROUND_AWAY, /* nearest, ties away from zero */
    TCG_ROUND_ODD,
    TCG_ROUND_DYN,  /* operations only: what the host control word holds now; resolved before
                     * a soft function is called */
};

/* What an operation returns when an operand is a NaN. */
enum tcg_nan_rule {
    TCG_NAN_ARM, /* first signalling operand in order a, b, c (fma: addend first), quieted; else
                  * first quiet one; fma(inf, 0, qnan): default NaN; default NaN is positive */
    TCG_NAN_X86, /* SSE: first operand if NaN, else second; default NaN is negative */
    TCG_NAN_PPC, /* first NaN of a, b, c (fma: a, c as addend, b), quieted; default positive */
    TCG_NAN_X87, /* larger significand */
};

enum tcg_float_bits { /* exception bits, sticky */
    TCG_FX_INVALID = 1, TCG_FX_DIVZERO = 2, TCG_FX_OVERFLOW = 4, TCG_FX_UNDERFLOW = 8,
    TCG_FX_INEXACT = 16, TCG_FX_DENORMAL = 32, /* an input was flushed, or (x86) denormal */
};

/* TCG_FLUSH_FLAG sets DENORMAL for each operand flushed (arm64 FPCR.FZ), but never for half
 * precision (FZ16 sets nothing); SILENT sets nothing (x86 DAZ). Conversions between formats never
 * flush their half precision side, as on arm64 and x86. */
enum tcg_flush { TCG_FLUSH_NONE, TCG_FLUSH_FLAG, TCG_FLUSH_SILENT };

/* Arithmetic (everything but conversions to integers and rounding to integral values) names
 * ROUND_DYN, or one of the first four only if the control word has it now (tcg_fround_set; a frontend
 * keeps it in the region key): backends compute it under the control word. AWAY and ODD are free.
 * Likewise flags 0 means that nobody looks at the bits: a backend may raise some.
 *
 * Interned per region; an operation's attr is the index. Compared as raw bytes: zero padding. */
struct tcg_float_env {
    uint8_t round;            /* enum tcg_round */
    uint8_t nan;              /* enum tcg_nan_rule */
    uint8_t default_nan;      /* every NaN result is the default NaN */
    uint8_t flush_in;         /* enum tcg_flush: denormal operands are taken as zero */
    uint8_t flush_out;        /* tiny results become zero and set UNDERFLOW; with tininess after
                               * rounding (x86) INEXACT too, before rounding (arm64) not */
    uint8_t tiny_before;      /* tininess is detected before rounding (arm64, ppc) */
    uint8_t flags;            /* 0: none wanted (*sticky is not touched, may be NULL), 1: sticky */
    uint8_t denormal_flag;    /* x86: DENORMAL is raised for denormal operands not flushed */
};

struct tcg_f80 {
    uint64_t frac;
    uint16_t se; /* sign and exponent */
};

enum tcg_float_op2 { TCG_F_ADD, TCG_F_SUB, TCG_F_MUL, TCG_F_DIV,
                     TCG_F_MIN, TCG_F_MAX,       /* 754-2019 minimum/maximum: NaN wins, -0 < +0 */
                     TCG_F_MINNM, TCG_F_MAXNM,   /* minNum/maxNum: a quiet NaN loses to a number */
                     TCG_F_MIN_X86, TCG_F_MAX_X86, /* minsd/maxsd: second operand unless a < b */
                     TCG_F_MULX,                 /* as mul, but inf * 0 = 2 with the xor of signs */
                     TCG_F_RECPS, TCG_F_RSQRTS,  /* arm64: 2 - a*b, (3 - a*b)/2, fused */
                     };
uint64_t tcg_soft_op2(enum tcg_float_op2 op, enum tcg_fmt f, const struct tcg_float_env *e,
                      uint64_t a, uint64_t b, uint32_t *sticky);
enum tcg_float_op1 { TCG_F_SQRT, TCG_F_RECPE, TCG_F_RSQRTE, TCG_F_RECPX };
uint64_t tcg_soft_op1(enum tcg_float_op1 op, enum tcg_fmt f, const struct tcg_float_env *e,
                      uint64_t a, uint32_t *sticky);
/* a * b + c with one rounding. */
uint64_t tcg_soft_fma(enum tcg_fmt f, const struct tcg_float_env *e, uint64_t a, uint64_t b,
                      uint64_t c, uint32_t *sticky);
/* The same with a and b in a narrower format (arm64 FMLAL; BFMLAL is tcg_soft_fma on a, b << 16).
 * e is for the format `to` alone; denormal a and b count as zero when flush_from, silently. */
uint64_t tcg_soft_fma_widen(enum tcg_fmt from, enum tcg_fmt to, const struct tcg_float_env *e,
                            bool flush_from, uint64_t a, uint64_t b, uint64_t c, uint32_t *sticky);
/* -1 a < b, 0 equal, 1 a > b, 2 unordered. quiet: only a signalling NaN raises INVALID. */
int tcg_soft_cmp(enum tcg_fmt f, const struct tcg_float_env *e, bool quiet, uint64_t a, uint64_t b,
                 uint32_t *sticky);
uint64_t tcg_soft_convert(enum tcg_fmt from, enum tcg_fmt to, const struct tcg_float_env *e,
                          uint64_t a, uint32_t *sticky);
/* To an integral value in the same format; exact: raise INEXACT when the value changes. */
uint64_t tcg_soft_round_int(enum tcg_fmt f, const struct tcg_float_env *e, bool exact, uint64_t a,
                            uint32_t *sticky);
/* FRINT32/64: as above but out of range gives the most negative integer of int_bits and INVALID. */
uint64_t tcg_soft_round_int_range(enum tcg_fmt f, const struct tcg_float_env *e, unsigned int_bits,
                                  uint64_t a, uint32_t *sticky);
/* To fixed point with fbits fraction bits (0: integer) of int_bits (16, 32, 64) in e->round;
 * saturates (NaN: arm64 0, ppc the least integer) or gives the x86 indefinite integer. Result
 * zero-extended from int_bits. INT_JS is arm64's FJCVTZS (f64 toward zero, modulo 2^32); its Z flag
 * is 1 when this operation alone set no bit of a zeroed *sticky and the operand is not -0. */
enum tcg_int_rule { TCG_INT_SAT_ARM, TCG_INT_X86, TCG_INT_SAT_PPC, TCG_INT_JS };
uint64_t tcg_soft_to_int(enum tcg_fmt f, const struct tcg_float_env *e, enum tcg_int_rule rule,
                         bool is_signed, unsigned int_bits, unsigned fbits, uint64_t a,
                         uint32_t *sticky);
uint64_t tcg_soft_from_int(enum tcg_fmt f, const struct tcg_float_env *e, bool is_signed,
                           unsigned int_bits, unsigned fbits, uint64_t a, uint32_t *sticky);
/* arm64 BFDOT and friends: bf16 pair products with the fixed rounding of the manual (no flags,
 * round to odd, flush, default NaN), added to an f32. */
uint32_t tcg_soft_bfdot(uint32_t acc, uint32_t a_pair, uint32_t b_pair);
/* arm64 URECPE and URSQRTE on one 32-bit lane. */
uint32_t tcg_soft_urecpe(uint32_t a);
uint32_t tcg_soft_ursqrte(uint32_t a);

/* 80-bit extended, x87 rules. prec: 24, 53 or 64 significant bits kept. Only ADD, SUB, MUL and DIV.
 * Unnormals, pseudo-infinities and pseudo-NaNs are invalid operands, pseudo-denormals denormals.
 * e: nan TCG_NAN_X87, tiny_before 0, denormal_flag 1, no flush. to_int: int_bits 16, 32 or 64. */
struct tcg_f80 tcg_soft_f80_op2(enum tcg_float_op2 op, const struct tcg_float_env *e, unsigned prec,
                                struct tcg_f80 a, struct tcg_f80 b, uint32_t *sticky);
struct tcg_f80 tcg_soft_f80_sqrt(const struct tcg_float_env *e, unsigned prec, struct tcg_f80 a,
                                 uint32_t *sticky);
int tcg_soft_f80_cmp(const struct tcg_float_env *e, bool quiet, struct tcg_f80 a, struct tcg_f80 b,
                     uint32_t *sticky);
struct tcg_f80 tcg_soft_to_f80(enum tcg_fmt from, const struct tcg_float_env *e, uint64_t a,
                               uint32_t *sticky);
uint64_t tcg_soft_from_f80(enum tcg_fmt to, const struct tcg_float_env *e, struct tcg_f80 a,
                           uint32_t *sticky);
struct tcg_f80 tcg_soft_int_to_f80(int64_t a);
int64_t tcg_soft_f80_to_int(const struct tcg_float_env *e, unsigned int_bits, struct tcg_f80 a,
                            uint32_t *sticky);
struct tcg_f80 tcg_soft_f80_round_int(const struct tcg_float_env *e, struct tcg_f80 a,
                                      uint32_t *sticky);

#endif
