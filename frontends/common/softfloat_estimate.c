/* SPDX-License-Identifier: MIT */
/* frontends/common/softfloat_estimate.c -- Arm's reciprocal and reciprocal square root estimates.
 *
 * Arm ARM shared pseudocode FPRecipEstimate, FPRSqrtEstimate, FPRecpX, RecipEstimate,
 * RecipSqrtEstimate, UnsignedRecipEstimate, UnsignedRSqrtEstimate. The estimates have eight
 * fraction bits; FEAT_RPRES (12 bits) is not modelled, nor are x86's and PowerPC's. */
#include "frontends/common/softfloat_core.h"

/* a in 256..511 stands for 0.5..1; the result in 256..511 for 1..2, rounded to nearest. */
static unsigned recip_estimate(unsigned a)
{
    a = a * 2 + 1; /* the middle of the interval */
    return ((1u << 19) / a + 1) / 2;
}

/* a in 128..511 stands for 0.25..1; the result in 256..511 for 1..2. */
static unsigned rsqrt_estimate(unsigned a)
{
    unsigned b = 512;

    a = a < 256 ? a * 2 + 1 : (a | 1) * 2; /* the middle of the interval, in units of 2^-10 */
    while ((uint64_t)a * (b + 1) * (b + 1) < 1u << 28)
        b++;
    return (b + 1) / 2;
}

struct sf_num sf_recpe(struct sf_ctx *c, const struct sf_fmt *f, const struct sf_num *a)
{
    if (sf_is_nan(a))
        return sf_nan1(c, a);
    if (a->cls == SF_INF)
        return sf_zero(a->sign);
    if (a->cls == SF_ZERO) {
        c->ex |= TCG_FX_DIVZERO;
        return sf_inf(a->sign);
    }
    if (a->exp < f->emin - 2) /* too small: overflow in the rounding mode */
        return sf_round(c, f, (struct sf_wide){ a->sign, f->emax + 1, (sf_u128)1 << 127 });
    if (c->e->flush_out && a->exp >= -f->emin) {
        c->ex |= TCG_FX_UNDERFLOW;
        return sf_zero(a->sign);
    }
    return (struct sf_num){ .cls = SF_FINITE, .sign = a->sign, .exp = -a->exp - 1,
                            .sig = (uint64_t)recip_estimate((unsigned)(a->sig >> 55)) << 55 };
}

struct sf_num sf_rsqrte(struct sf_ctx *c, const struct sf_num *a)
{
    bool odd = a->exp & 1;

    if (sf_is_nan(a))
        return sf_nan1(c, a);
    if (a->cls == SF_ZERO) {
        c->ex |= TCG_FX_DIVZERO;
        return sf_inf(a->sign);
    }
    if (a->sign)
        return sf_invalid(c);
    if (a->cls == SF_INF)
        return sf_zero(false);
    return (struct sf_num){ .cls = SF_FINITE,
                            .exp = (odd ? -1 - a->exp : -2 - a->exp) >> 1,
                            .sig = (uint64_t)rsqrt_estimate((unsigned)(a->sig >> (odd ? 55 : 56)))
                                   << 55 };
}

uint64_t sf_recpx(struct sf_ctx *c, const struct sf_fmt *f, uint64_t bits)
{
    unsigned fb = f->prec - 1u;
    uint64_t top = bits_mask(f->exp_bits), be = bits >> fb & top;
    struct sf_num n = sf_unpack(f, bits);

    if (sf_is_nan(&n)) {
        n = sf_nan1(c, &n);
        return sf_pack(f, &n);
    }
    return (uint64_t)n.sign << (fb + f->exp_bits) | (be == 0 ? top - 1 : ~be & top) << fb;
}

uint32_t tcg_soft_urecpe(uint32_t a)
{
    return a >> 31 ? (uint32_t)recip_estimate(a >> 23) << 23 : 0xffffffff;
}

uint32_t tcg_soft_ursqrte(uint32_t a)
{
    return a >> 30 ? (uint32_t)rsqrt_estimate(a >> 23) << 23 : 0xffffffff;
}
