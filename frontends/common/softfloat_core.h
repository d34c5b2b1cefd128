/* SPDX-License-Identifier: MIT */
/* frontends/common/softfloat_core.h -- the inside of the soft float twin (tcg/float.h is its public
 * face): numbers taken apart, one rounding function, one NaN rule, for every format.
 *
 * An operation takes its operands apart (sf_operand), works on exact values of up to 128
 * significant bits whose lowest bit may stand for "more ones follow", rounds once (sf_round) and
 * packs. The code uses no host floating point, for the host control word may hold a guest's mode.
 * It needs a compiler with unsigned __int128, that is, a 64-bit host of either byte order. */
#ifndef FRONTENDS_COMMON_SOFTFLOAT_CORE_H
#define FRONTENDS_COMMON_SOFTFLOAT_CORE_H

#include "base/bits.h"
#include "tcg/float.h"

__extension__ typedef unsigned __int128 sf_u128;

enum sf_class { SF_ZERO, SF_FINITE, SF_INF, SF_QNAN, SF_SNAN,
                SF_BAD /* f80 only: unnormal, pseudo-infinity, pseudo-NaN */ };

struct sf_fmt {
    uint8_t exp_bits;
    uint8_t prec; /* significant bits including the leading one */
    bool half;    /* a flushed operand raises nothing; conversions do not flush */
    bool alt;     /* no infinities and NaNs */
    int emin, emax;
};

/* FINITE: sig * 2^(exp - 63) with bit 63 of sig set (sf_round may give less: a denormal with
 * exp == emin). NaN: bit 62 of sig is the quiet bit, the payload follows below it. */
struct sf_num {
    uint8_t cls;
    bool sign;
    bool denormal; /* an operand below the normal range that was not flushed */
    int exp;
    uint64_t sig;
};

/* An exact intermediate: sig * 2^(exp - 127), bit 127 set, or sig 0. */
struct sf_wide {
    bool sign;
    int exp;
    sf_u128 sig;
};

struct sf_ctx {
    const struct tcg_float_env *e;
    bool flush_out;
    uint32_t ex; /* exception bits of this operation */
};

static inline struct sf_ctx sf_begin(const struct tcg_float_env *e)
{
    return (struct sf_ctx){ .e = e, .flush_out = e->flush_out };
}

static inline void sf_end(const struct sf_ctx *c, uint32_t *sticky)
{
    if (c->e->flags)
        *sticky |= c->ex;
}

static inline bool sf_is_nan(const struct sf_num *n)
{
    return n->cls == SF_QNAN || n->cls == SF_SNAN;
}

static inline struct sf_num sf_zero(bool sign)
{
    return (struct sf_num){ .cls = SF_ZERO, .sign = sign };
}

static inline struct sf_num sf_inf(bool sign)
{
    return (struct sf_num){ .cls = SF_INF, .sign = sign, .sig = 1ull << 63 };
}

static inline unsigned sf_clz128(sf_u128 v) /* v is not 0 */
{
    uint64_t hi = (uint64_t)(v >> 64);

    return hi ? (unsigned)__builtin_clzll(hi) : 64 + (unsigned)__builtin_clzll((uint64_t)v);
}

/* v >> n, lost ones kept in the lowest bit. */
static inline sf_u128 sf_shift_jam(sf_u128 v, unsigned n)
{
    if (n == 0)
        return v;
    if (n >= 128)
        return v != 0;
    return v >> n | ((v << (128 - n)) != 0);
}

static inline struct sf_wide sf_widen(const struct sf_num *n)
{
    return (struct sf_wide){ n->sign, n->exp, n->cls == SF_ZERO ? 0 : (sf_u128)n->sig << 64 };
}

/* softfloat_core.c */
const struct sf_fmt *sf_format(enum tcg_fmt f);
extern const struct sf_fmt sf_fmt_f80;
struct sf_num sf_unpack(const struct sf_fmt *f, uint64_t bits);
uint64_t sf_pack(const struct sf_fmt *f, const struct sf_num *n);
/* Unpacks and applies flush_in. */
struct sf_num sf_operand(struct sf_ctx *c, const struct sf_fmt *f, uint64_t bits);
void sf_flush_operand(struct sf_ctx *c, const struct sf_fmt *f, struct sf_num *n);
/* Raises DENORMAL for x86 when one of n operands is denormal. */
void sf_note_denormals(struct sf_ctx *c, const struct sf_num *a, const struct sf_num *b);
struct sf_num sf_default_nan(const struct sf_ctx *c);
struct sf_num sf_invalid(struct sf_ctx *c); /* raises INVALID; the default NaN */
struct sf_num sf_nan1(struct sf_ctx *c, const struct sf_num *a);
struct sf_num sf_nan2(struct sf_ctx *c, const struct sf_num *a, const struct sf_num *b);
/* c_ is the addend of a * b + c_. */
struct sf_num sf_nan3(struct sf_ctx *c, const struct sf_num *a, const struct sf_num *b,
                      const struct sf_num *c_);
/* Whether a magnitude is rounded up: lsb is its lowest kept bit; rest the dropped bits, the first
 * of them at bit 127. ROUND_ODD never rounds up, its callers set the lowest bit. */
bool sf_rounds_up(unsigned round, bool sign, bool lsb, sf_u128 rest);
struct sf_num sf_round(struct sf_ctx *c, const struct sf_fmt *f, struct sf_wide w);

/* softfloat_arith.c */
struct sf_num sf_add(struct sf_ctx *c, const struct sf_fmt *f, const struct sf_num *a,
                     const struct sf_num *b, bool subtract);
/* x + y with one rounding, not both zero, then times 2^scale. Exact as long as x and y have no
 * ones below bit 1. */
struct sf_num sf_sum(struct sf_ctx *c, const struct sf_fmt *f, struct sf_wide x, struct sf_wide y,
                     int scale);
struct sf_num sf_mul(struct sf_ctx *c, const struct sf_fmt *f, const struct sf_num *a,
                     const struct sf_num *b, bool mulx);
struct sf_num sf_div(struct sf_ctx *c, const struct sf_fmt *f, const struct sf_num *a,
                     const struct sf_num *b);
struct sf_num sf_sqrt(struct sf_ctx *c, const struct sf_fmt *f, const struct sf_num *a);
struct sf_wide sf_product(const struct sf_num *a, const struct sf_num *b);

/* softfloat_fma.c */
struct sf_num sf_fma(struct sf_ctx *c, const struct sf_fmt *f, const struct sf_num *a,
                     const struct sf_num *b, const struct sf_num *c_);
/* arm64 FRECPS (addend 2, halve false) and FRSQRTS (addend 3, halve true). */
struct sf_num sf_step(struct sf_ctx *c, const struct sf_fmt *f, const struct sf_num *a,
                      const struct sf_num *b, bool rsqrt);

/* softfloat_compare.c */
int sf_cmp(struct sf_ctx *c, bool quiet, const struct sf_num *a, const struct sf_num *b);
struct sf_num sf_minmax(struct sf_ctx *c, enum tcg_float_op2 op, const struct sf_num *a,
                        const struct sf_num *b);

/* softfloat_estimate.c */
struct sf_num sf_recpe(struct sf_ctx *c, const struct sf_fmt *f, const struct sf_num *a);
struct sf_num sf_rsqrte(struct sf_ctx *c, const struct sf_num *a);
uint64_t sf_recpx(struct sf_ctx *c, const struct sf_fmt *f, uint64_t bits);

/* softfloat_convert.c, softfloat_int.c */
struct sf_num sf_convert(struct sf_ctx *c, const struct sf_fmt *to, const struct sf_num *a);
struct sf_num sf_round_int(struct sf_ctx *c, bool exact, const struct sf_num *a);
uint64_t sf_to_int(struct sf_ctx *c, enum tcg_int_rule rule, bool is_signed, unsigned int_bits,
                   unsigned fbits, const struct sf_num *a);

#endif
