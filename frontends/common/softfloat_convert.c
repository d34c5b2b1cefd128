/* SPDX-License-Identifier: MIT */
/* frontends/common/softfloat_convert.c -- between formats, and to integral values of a format.
 *
 * IEEE 754-2019 chapters 5.4.2 and 5.9; Arm ARM pseudocode FPConvert, FPConvertNaN, FPConvertBF,
 * FPRoundInt, FPRoundIntN, and A1.4.2 for the alternative half-precision format. */
#include "frontends/common/softfloat_core.h"

struct sf_num sf_convert(struct sf_ctx *c, const struct sf_fmt *to, const struct sf_num *a)
{
    if (to->alt && (sf_is_nan(a) || a->cls == SF_INF)) {
        struct sf_num max = { .cls = SF_FINITE, .sign = a->sign, .exp = to->emax,
                              .sig = ~bits_mask(64u - to->prec) };

        c->ex |= TCG_FX_INVALID;
        return a->cls == SF_INF ? max : sf_zero(a->sign);
    }
    if (sf_is_nan(a))
        return sf_nan1(c, a);
    sf_note_denormals(c, a, a);
    if (a->cls != SF_FINITE)
        return *a;
    return sf_round(c, to, sf_widen(a));
}

uint64_t tcg_soft_convert(enum tcg_fmt from, enum tcg_fmt to, const struct tcg_float_env *e,
                          uint64_t a, uint32_t *sticky)
{
    const struct sf_fmt *df = sf_format(from), *dt = sf_format(to);
    struct sf_ctx c = sf_begin(e);
    struct sf_num x = sf_unpack(df, a), r;

    if (!df->half)
        sf_flush_operand(&c, df, &x);
    if (dt->half)
        c.flush_out = false;
    r = sf_convert(&c, dt, &x);
    sf_end(&c, sticky);
    return sf_pack(dt, &r);
}

struct sf_num sf_round_int(struct sf_ctx *c, bool exact, const struct sf_num *a)
{
    sf_u128 v = (sf_u128)a->sig << 64, rest;
    struct sf_num r = *a;
    uint64_t keep = 0;
    unsigned lz;

    if (sf_is_nan(a))
        return sf_nan1(c, a);
    if (a->cls != SF_FINITE || a->exp >= 63)
        return *a;
    if (a->exp < 0) {
        rest = sf_shift_jam(v, (unsigned)(-1 - a->exp));
    } else {
        keep = a->sig >> (63 - a->exp);
        rest = v << (a->exp + 1);
    }
    if (sf_rounds_up(c->e->round, a->sign, keep & 1, rest))
        keep++;
    else if (rest != 0 && c->e->round == TCG_ROUND_ODD)
        keep |= 1;
    if (rest != 0 && exact)
        c->ex |= TCG_FX_INEXACT;
    if (keep == 0)
        return sf_zero(a->sign);
    lz = (unsigned)__builtin_clzll(keep);
    r.exp = 63 - (int)lz;
    r.sig = keep << lz;
    return r;
}

uint64_t tcg_soft_round_int(enum tcg_fmt f, const struct tcg_float_env *e, bool exact, uint64_t a,
                            uint32_t *sticky)
{
    const struct sf_fmt *d = sf_format(f);
    struct sf_ctx c = sf_begin(e);
    struct sf_num x = sf_operand(&c, d, a), r = sf_round_int(&c, exact, &x);

    sf_end(&c, sticky);
    return sf_pack(d, &r);
}

uint64_t tcg_soft_round_int_range(enum tcg_fmt f, const struct tcg_float_env *e, unsigned int_bits,
                                  uint64_t a, uint32_t *sticky)
{
    const struct sf_fmt *d = sf_format(f);
    const struct sf_num least = { .cls = SF_FINITE, .sign = true, .exp = (int)int_bits - 1,
                                  .sig = 1ull << 63 };
    struct sf_ctx c = sf_begin(e), scratch;
    struct sf_num x = sf_operand(&c, d, a), r;
    bool in_range;

    scratch = c;
    r = sf_round_int(&scratch, true, &x);
    in_range = r.cls == SF_ZERO ||
               (r.cls == SF_FINITE &&
                (r.exp < least.exp || (r.sign && r.exp == least.exp && r.sig == least.sig)));
    if (in_range) {
        c = scratch;
    } else {
        c.ex |= TCG_FX_INVALID;
        r = least;
    }
    sf_end(&c, sticky);
    return sf_pack(d, &r);
}
