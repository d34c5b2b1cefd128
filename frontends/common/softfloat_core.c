/* SPDX-License-Identifier: MIT */
/* frontends/common/softfloat_core.c -- formats, unpacking, NaN choice, rounding and packing.
 *
 * IEEE 754-2019 chapters 3, 4, 6.2 and 7; Arm ARM shared pseudocode FPUnpackBase, FPProcessNaNs*,
 * FPRoundBase; Intel SDM volume 1 chapters 4.8, 4.9, 8.5 and 11.5; Power ISA book I chapter 4.
 * Flushed results follow the two rules that exist: with tininess before rounding (Arm) UNDERFLOW
 * alone is raised, with tininess after rounding (x86) INEXACT as well.
 * Not modelled: trapped exceptions (no scaled results) and Arm's FPCR.AH. */
#include "frontends/common/softfloat_core.h"

static const struct sf_fmt formats[] = {
    [TCG_FMT_F16] = { .exp_bits = 5, .prec = 11, .half = true, .emin = -14, .emax = 15 },
    [TCG_FMT_F32] = { .exp_bits = 8, .prec = 24, .emin = -126, .emax = 127 },
    [TCG_FMT_F64] = { .exp_bits = 11, .prec = 53, .emin = -1022, .emax = 1023 },
    [TCG_FMT_BF16] = { .exp_bits = 8, .prec = 8, .emin = -126, .emax = 127 },
    [TCG_FMT_F16_ALT] = { .exp_bits = 5, .prec = 11, .half = true, .alt = true,
                          .emin = -14, .emax = 16 },
};

const struct sf_fmt sf_fmt_f80 = { .exp_bits = 15, .prec = 64, .emin = -16382, .emax = 16383 };

const struct sf_fmt *sf_format(enum tcg_fmt f)
{
    if ((unsigned)f >= ARRAY_LEN(formats))
        MOA_BUG("float format %d", (int)f);
    return &formats[f];
}

struct sf_num sf_unpack(const struct sf_fmt *f, uint64_t bits)
{
    unsigned fb = f->prec - 1u;
    uint64_t frac = bits & bits_mask(fb);
    unsigned top = (unsigned)bits_mask(f->exp_bits);
    unsigned be = (unsigned)(bits >> fb) & top;
    struct sf_num n = { .sign = bits >> (fb + f->exp_bits) & 1 };

    if (be == top && !f->alt) {
        n.cls = frac == 0 ? SF_INF : frac >> (fb - 1) ? SF_QNAN : SF_SNAN;
        n.sig = 1ull << 63 | frac << (63 - fb);
    } else if (be != 0) {
        n.cls = SF_FINITE;
        n.exp = (int)be - 1 + f->emin;
        n.sig = 1ull << 63 | frac << (63 - fb);
    } else if (frac != 0) {
        unsigned lz = (unsigned)__builtin_clzll(frac);

        n.cls = SF_FINITE;
        n.denormal = true;
        n.exp = f->emin - (int)fb + 63 - (int)lz;
        n.sig = frac << lz;
    }
    return n;
}

uint64_t sf_pack(const struct sf_fmt *f, const struct sf_num *n)
{
    unsigned fb = f->prec - 1u;
    uint64_t sign = (uint64_t)n->sign << (fb + f->exp_bits);
    uint64_t sig = n->sig, be;

    if (n->cls == SF_ZERO)
        return sign;
    if (n->cls != SF_FINITE) {
        be = bits_mask(f->exp_bits);
    } else {
        if (n->exp < f->emin)
            sig >>= f->emin - n->exp;
        be = sig >> 63 ? (uint64_t)(n->exp - f->emin + 1) : 0;
    }
    return sign | be << fb | (sig >> (63 - fb) & bits_mask(fb));
}

void sf_flush_operand(struct sf_ctx *c, const struct sf_fmt *f, struct sf_num *n)
{
    if (!n->denormal || !c->e->flush_in)
        return;
    if (c->e->flush_in == TCG_FLUSH_FLAG && !f->half)
        c->ex |= TCG_FX_DENORMAL;
    *n = sf_zero(n->sign);
}

struct sf_num sf_operand(struct sf_ctx *c, const struct sf_fmt *f, uint64_t bits)
{
    struct sf_num n = sf_unpack(f, bits);

    sf_flush_operand(c, f, &n);
    return n;
}

void sf_note_denormals(struct sf_ctx *c, const struct sf_num *a, const struct sf_num *b)
{
    if (c->e->denormal_flag && (a->denormal || b->denormal))
        c->ex |= TCG_FX_DENORMAL;
}

struct sf_num sf_default_nan(const struct sf_ctx *c)
{
    bool negative = c->e->nan == TCG_NAN_X86 || c->e->nan == TCG_NAN_X87;

    return (struct sf_num){ .cls = SF_QNAN, .sign = negative, .sig = 3ull << 62 };
}

struct sf_num sf_invalid(struct sf_ctx *c)
{
    c->ex |= TCG_FX_INVALID;
    return sf_default_nan(c);
}

/* The x87 compares significands: a signalling NaN loses to a quiet one, otherwise the larger
 * significand wins, and the positive one of two equal ones. */
static const struct sf_num *pick_x87(const struct sf_num *a, const struct sf_num *b)
{
    if (!sf_is_nan(b))
        return a;
    if (!sf_is_nan(a))
        return b;
    if (a->cls != b->cls)
        return a->cls == SF_QNAN ? a : b;
    if (a->sig != b->sig)
        return a->sig > b->sig ? a : b;
    return a->sign ? b : a;
}

/* The result for n operands in the order in which the rule looks at them, one of them a NaN. */
static struct sf_num nan_result(struct sf_ctx *c, const struct sf_num *const *ops, unsigned n)
{
    const struct sf_num *first = NULL, *signalling = NULL;
    struct sf_num r;

    for (unsigned i = 0; i < n; i++) {
        if (!first && sf_is_nan(ops[i]))
            first = ops[i];
        if (!signalling && ops[i]->cls == SF_SNAN)
            signalling = ops[i];
    }
    if (signalling)
        c->ex |= TCG_FX_INVALID;
    if (c->e->default_nan)
        return sf_default_nan(c);
    if (signalling && c->e->nan == TCG_NAN_ARM)
        first = signalling;
    if (c->e->nan == TCG_NAN_X87 && n == 2)
        first = pick_x87(ops[0], ops[1]);
    r = *first;
    r.cls = SF_QNAN;
    r.sig |= 1ull << 62;
    return r;
}

struct sf_num sf_nan1(struct sf_ctx *c, const struct sf_num *a)
{
    return nan_result(c, &a, 1);
}

struct sf_num sf_nan2(struct sf_ctx *c, const struct sf_num *a, const struct sf_num *b)
{
    return nan_result(c, (const struct sf_num *[]){ a, b }, 2);
}

struct sf_num sf_nan3(struct sf_ctx *c, const struct sf_num *a, const struct sf_num *b,
                      const struct sf_num *c_)
{
    switch (c->e->nan) {
    case TCG_NAN_ARM:
        return nan_result(c, (const struct sf_num *[]){ c_, a, b }, 3);
    case TCG_NAN_PPC:
        return nan_result(c, (const struct sf_num *[]){ a, c_, b }, 3);
    default:
        return nan_result(c, (const struct sf_num *[]){ a, b, c_ }, 3);
    }
}

bool sf_rounds_up(unsigned round, bool sign, bool lsb, sf_u128 rest)
{
    const sf_u128 half = (sf_u128)1 << 127;

    switch (round) {
    case TCG_ROUND_EVEN:
        return rest > half || (rest == half && lsb);
    case TCG_ROUND_AWAY:
        return rest >= half;
    case TCG_ROUND_UP:
        return rest != 0 && !sign;
    case TCG_ROUND_DOWN:
        return rest != 0 && sign;
    case TCG_ROUND_ZERO:
    case TCG_ROUND_ODD:
        return false;
    default:
        MOA_BUG("rounding mode %u was not resolved", round);
    }
}

static struct sf_num overflow(struct sf_ctx *c, const struct sf_fmt *f, bool sign)
{
    unsigned round = c->e->round;
    bool to_max = round == TCG_ROUND_ZERO || round == TCG_ROUND_ODD ||
                  (round == TCG_ROUND_UP && sign) || (round == TCG_ROUND_DOWN && !sign);

    if (f->alt) {
        c->ex |= TCG_FX_INVALID;
        to_max = true;
    } else {
        c->ex |= TCG_FX_OVERFLOW | TCG_FX_INEXACT;
    }
    if (!to_max)
        return sf_inf(sign);
    return (struct sf_num){ .cls = SF_FINITE, .sign = sign, .exp = f->emax,
                            .sig = ~bits_mask(64u - f->prec) };
}

struct sf_num sf_round(struct sf_ctx *c, const struct sf_fmt *f, struct sf_wide w)
{
    const struct tcg_float_env *e = c->e;
    unsigned drop = 128u - f->prec;
    uint64_t ones = bits_mask(f->prec), keep;
    bool tiny = w.exp < f->emin;
    sf_u128 rest;

    if (tiny && !e->tiny_before && w.exp == f->emin - 1 && w.sig >> drop == ones)
        tiny = !sf_rounds_up(e->round, w.sign, true, w.sig << f->prec);
    if (tiny && c->flush_out) {
        c->ex |= TCG_FX_UNDERFLOW | (e->tiny_before ? 0 : TCG_FX_INEXACT);
        return sf_zero(w.sign);
    }
    if (w.exp < f->emin) {
        w.sig = sf_shift_jam(w.sig, (unsigned)(f->emin - w.exp));
        w.exp = f->emin;
    }
    keep = (uint64_t)(w.sig >> drop);
    rest = w.sig << f->prec;
    if (sf_rounds_up(e->round, w.sign, keep & 1, rest)) {
        if (keep == ones) {
            keep = 1ull << (f->prec - 1);
            w.exp++;
        } else {
            keep++;
        }
    } else if (rest != 0 && e->round == TCG_ROUND_ODD) {
        keep |= 1;
    }
    if (w.exp > f->emax)
        return overflow(c, f, w.sign);
    if (rest != 0)
        c->ex |= TCG_FX_INEXACT | (tiny ? TCG_FX_UNDERFLOW : 0);
    if (keep == 0)
        return sf_zero(w.sign);
    return (struct sf_num){ .cls = SF_FINITE, .sign = w.sign, .exp = w.exp,
                            .sig = keep << (64u - f->prec) };
}
