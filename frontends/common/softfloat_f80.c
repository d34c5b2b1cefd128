/* SPDX-License-Identifier: MIT */
/* frontends/common/softfloat_f80.c -- the 80-bit extended format with x87 rules.
 *
 * Intel SDM volume 1, chapters 4.8.3 (NaN selection), 8.1.5.2 (precision control), 8.2.2
 * (unsupported encodings), 8.5 (exceptions) and 8.7. The precision control shortens the significand
 * only, never the exponent range. Not modelled: the C1 bit, FPREM, the transcendental functions,
 * scaled results of unmasked exceptions. */
#include "frontends/common/softfloat_core.h"

static struct sf_num unpack(struct tcg_f80 v)
{
    unsigned be = v.se & 0x7fff;
    struct sf_num n = { .sign = v.se >> 15, .sig = v.frac };

    if (be == 0 && v.frac == 0)
        return n;
    n.cls = SF_FINITE;
    n.exp = (int)be - 16383;
    if (be == 0) {
        unsigned lz = (unsigned)__builtin_clzll(v.frac);

        n.denormal = true;
        n.exp = -16382 - (int)lz;
        n.sig = v.frac << lz;
    } else if (!(v.frac >> 63)) {
        n.cls = SF_BAD;
    } else if (be == 0x7fff) {
        n.cls = v.frac << 1 == 0 ? SF_INF : v.frac >> 62 & 1 ? SF_QNAN : SF_SNAN;
    }
    return n;
}

static struct tcg_f80 pack(const struct sf_num *n)
{
    unsigned sign = n->sign ? 0x8000 : 0;
    struct tcg_f80 v = { .frac = n->sig };

    if (n->cls == SF_ZERO)
        return (struct tcg_f80){ .se = (uint16_t)sign };
    if (n->cls != SF_FINITE) {
        v.se = (uint16_t)(sign | 0x7fff);
        return v;
    }
    if (n->exp < -16382)
        v.frac >>= -16382 - n->exp;
    v.se = (uint16_t)(sign | (v.frac >> 63 ? (unsigned)(n->exp + 16383) : 0));
    return v;
}

static const struct sf_fmt *precision(unsigned prec)
{
    static const struct sf_fmt single = { .exp_bits = 15, .prec = 24, .emin = -16382,
                                          .emax = 16383 };
    static const struct sf_fmt twice = { .exp_bits = 15, .prec = 53, .emin = -16382,
                                         .emax = 16383 };

    switch (prec) {
    case 24:
        return &single;
    case 53:
        return &twice;
    case 64:
        return &sf_fmt_f80;
    default:
        MOA_BUG("x87 precision %u", prec);
    }
}

struct tcg_f80 tcg_soft_f80_op2(enum tcg_float_op2 op, const struct tcg_float_env *e, unsigned prec,
                                struct tcg_f80 a, struct tcg_f80 b, uint32_t *sticky)
{
    const struct sf_fmt *f = precision(prec);
    struct sf_ctx c = sf_begin(e);
    struct sf_num x = unpack(a), y = unpack(b), r;

    if (x.cls == SF_BAD || y.cls == SF_BAD) {
        r = sf_invalid(&c);
    } else {
        switch (op) {
        case TCG_F_ADD:
        case TCG_F_SUB:
            r = sf_add(&c, f, &x, &y, op == TCG_F_SUB);
            break;
        case TCG_F_MUL:
            r = sf_mul(&c, f, &x, &y, false);
            break;
        case TCG_F_DIV:
            r = sf_div(&c, f, &x, &y);
            break;
        default:
            MOA_BUG("f80 operation %d", (int)op);
        }
    }
    sf_end(&c, sticky);
    return pack(&r);
}

struct tcg_f80 tcg_soft_f80_sqrt(const struct tcg_float_env *e, unsigned prec, struct tcg_f80 a,
                                 uint32_t *sticky)
{
    struct sf_ctx c = sf_begin(e);
    struct sf_num x = unpack(a), r;

    r = x.cls == SF_BAD ? sf_invalid(&c) : sf_sqrt(&c, precision(prec), &x);
    sf_end(&c, sticky);
    return pack(&r);
}

int tcg_soft_f80_cmp(const struct tcg_float_env *e, bool quiet, struct tcg_f80 a, struct tcg_f80 b,
                     uint32_t *sticky)
{
    struct sf_ctx c = sf_begin(e);
    struct sf_num x = unpack(a), y = unpack(b);
    int r = 2;

    if (x.cls == SF_BAD || y.cls == SF_BAD)
        c.ex |= TCG_FX_INVALID;
    else
        r = sf_cmp(&c, quiet, &x, &y);
    sf_end(&c, sticky);
    return r;
}

struct tcg_f80 tcg_soft_to_f80(enum tcg_fmt from, const struct tcg_float_env *e, uint64_t a,
                               uint32_t *sticky)
{
    struct sf_ctx c = sf_begin(e);
    struct sf_num x = sf_operand(&c, sf_format(from), a), r = sf_convert(&c, &sf_fmt_f80, &x);

    sf_end(&c, sticky);
    return pack(&r);
}

/* A store raises no DENORMAL for its operand. */
uint64_t tcg_soft_from_f80(enum tcg_fmt to, const struct tcg_float_env *e, struct tcg_f80 a,
                           uint32_t *sticky)
{
    const struct sf_fmt *d = sf_format(to);
    struct sf_ctx c = sf_begin(e);
    struct sf_num x = unpack(a), r;

    x.denormal = false;
    r = x.cls == SF_BAD ? sf_invalid(&c) : sf_convert(&c, d, &x);
    sf_end(&c, sticky);
    return sf_pack(d, &r);
}

struct tcg_f80 tcg_soft_int_to_f80(int64_t a)
{
    uint64_t v = a < 0 ? 0 - (uint64_t)a : (uint64_t)a;
    struct sf_num n = sf_zero(false);

    if (v != 0) {
        unsigned lz = (unsigned)__builtin_clzll(v);

        n = (struct sf_num){ .cls = SF_FINITE, .sign = a < 0, .exp = 63 - (int)lz, .sig = v << lz };
    }
    return pack(&n);
}

int64_t tcg_soft_f80_to_int(const struct tcg_float_env *e, unsigned int_bits, struct tcg_f80 a,
                            uint32_t *sticky)
{
    struct sf_ctx c = sf_begin(e);
    struct sf_num x = unpack(a);
    uint64_t r = sf_to_int(&c, TCG_INT_X86, true, int_bits, 0, &x);

    sf_end(&c, sticky);
    return bits_sext(r, int_bits);
}

struct tcg_f80 tcg_soft_f80_round_int(const struct tcg_float_env *e, struct tcg_f80 a,
                                      uint32_t *sticky)
{
    struct sf_ctx c = sf_begin(e);
    struct sf_num x = unpack(a), r;

    if (x.cls == SF_BAD) {
        r = sf_invalid(&c);
    } else {
        sf_note_denormals(&c, &x, &x);
        r = sf_round_int(&c, true, &x);
    }
    sf_end(&c, sticky);
    return pack(&r);
}
