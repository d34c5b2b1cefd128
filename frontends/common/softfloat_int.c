/* SPDX-License-Identifier: MIT */
/* frontends/common/softfloat_int.c -- between floating point and integers or fixed point.
 *
 * IEEE 754-2019 chapters 5.4.1 and 5.8; Arm ARM pseudocode FPToFixed, FixedToFP, FPToFixedJS; Intel
 * SDM CVTSD2SI and the "integer indefinite"; Power ISA book I, fctid and its kin. */
#include "frontends/common/softfloat_core.h"

/* The integer nearest to a in the rounding mode, a magnitude; a is zero or finite, exp < 126. */
static sf_u128 magnitude(unsigned round, const struct sf_num *a, int exp,
                         bool *inexact)
{
    sf_u128 v = (sf_u128)a->sig << 64, keep, rest;

    if (exp < 0) {
        keep = 0;
        rest = sf_shift_jam(v, (unsigned)(-1 - exp));
    } else {
        keep = v >> (127 - exp);
        rest = v << (exp + 1);
    }
    *inexact = rest != 0;
    if (sf_rounds_up(round, a->sign, keep & 1, rest))
        keep++;
    else if (*inexact && round == TCG_ROUND_ODD)
        keep |= 1;
    return keep;
}

/* What an operand gives that is a NaN or does not fit. */
static uint64_t no_int(enum tcg_int_rule rule, bool is_signed, unsigned int_bits,
                       const struct sf_num *a)
{
    uint64_t least = is_signed ? 1ull << (int_bits - 1) : 0;
    bool nan = sf_is_nan(a) || a->cls == SF_BAD;

    if (rule == TCG_INT_X86)
        return is_signed ? least : bits_mask(int_bits);
    if (nan)
        return rule == TCG_INT_SAT_PPC ? least : 0;
    return a->sign ? least : bits_mask(int_bits) ^ least;
}

/* Modulo 2^32, toward zero; only f64 and narrower, so that bits above exp 84 are zero anyway. */
static uint64_t to_int_js(struct sf_ctx *c, const struct sf_num *a)
{
    bool inexact = false;
    uint64_t low;
    sf_u128 m;

    if (sf_is_nan(a) || a->cls == SF_INF) {
        c->ex |= TCG_FX_INVALID;
        return 0;
    }
    if (a->cls == SF_ZERO)
        return 0;
    if (a->exp > 120) {
        c->ex |= TCG_FX_INVALID;
        return 0;
    }
    m = magnitude(TCG_ROUND_ZERO, a, a->exp, &inexact);
    if (m > 0x7fffffffu + (unsigned)a->sign)
        c->ex |= TCG_FX_INVALID;
    else if (inexact)
        c->ex |= TCG_FX_INEXACT;
    low = (uint64_t)m;
    return (a->sign ? 0 - low : low) & 0xffffffffu;
}

uint64_t sf_to_int(struct sf_ctx *c, enum tcg_int_rule rule, bool is_signed, unsigned int_bits,
                   unsigned fbits, const struct sf_num *a)
{
    sf_u128 m, limit;
    bool inexact;
    int exp = a->exp + (int)fbits;

    if (rule == TCG_INT_JS)
        return to_int_js(c, a);
    if (a->cls == SF_ZERO)
        return 0;
    if (a->cls == SF_FINITE && exp < 80) {
        m = magnitude(c->e->round, a, exp, &inexact);
        if (is_signed)
            limit = ((sf_u128)1 << (int_bits - 1)) - !a->sign;
        else
            limit = a->sign ? 0 : ((sf_u128)1 << int_bits) - 1;
        if (m <= limit) {
            uint64_t v = (uint64_t)m;

            if (inexact)
                c->ex |= TCG_FX_INEXACT;
            return (a->sign ? 0 - v : v) & bits_mask(int_bits);
        }
    }
    c->ex |= TCG_FX_INVALID;
    return no_int(rule, is_signed, int_bits, a);
}

uint64_t tcg_soft_to_int(enum tcg_fmt f, const struct tcg_float_env *e, enum tcg_int_rule rule,
                         bool is_signed, unsigned int_bits, unsigned fbits, uint64_t a,
                         uint32_t *sticky)
{
    struct sf_ctx c = sf_begin(e);
    struct sf_num x = sf_operand(&c, sf_format(f), a);
    uint64_t r = sf_to_int(&c, rule, is_signed, int_bits, fbits, &x);

    sf_end(&c, sticky);
    return r;
}

uint64_t tcg_soft_from_int(enum tcg_fmt f, const struct tcg_float_env *e, bool is_signed,
                           unsigned int_bits, unsigned fbits, uint64_t a, uint32_t *sticky)
{
    const struct sf_fmt *d = sf_format(f);
    struct sf_ctx c = sf_begin(e);
    bool negative = is_signed && a >> (int_bits - 1) & 1;
    uint64_t v = (negative ? 0 - a : a) & bits_mask(int_bits);
    struct sf_num r = sf_zero(false);

    if (v != 0) {
        unsigned lz = (unsigned)__builtin_clzll(v);

        r = sf_round(&c, d, (struct sf_wide){ negative, 63 - (int)lz - (int)fbits,
                                              (sf_u128)v << (64 + lz) });
    }
    sf_end(&c, sticky);
    return sf_pack(d, &r);
}
