/* SPDX-License-Identifier: MIT */
/* frontends/common/softfloat_arith.c -- add, subtract, multiply, divide, square root, and the entry
 * points of all operations with one or two operands.
 *
 * IEEE 754-2019 chapter 5.4.1; Arm ARM pseudocode FPAdd, FPSub, FPMul, FPMulX, FPDiv, FPSqrt. Which
 * operands raise x86's DENORMAL follows the priorities of Intel SDM volume 1, 8.5 and 11.5.2. */
#include "frontends/common/softfloat_core.h"

struct sf_num sf_sum(struct sf_ctx *c, const struct sf_fmt *f, struct sf_wide x, struct sf_wide y,
                     int scale)
{
    struct sf_wide r;
    unsigned lz;

    if (x.sig == 0 || (y.sig != 0 && x.exp < y.exp)) {
        struct sf_wide t = x;

        x = y;
        y = t;
    }
    r.sign = x.sign;
    if (y.sig == 0) {
        r = x;
    } else { /* one bit of room for the carry */
        x.sig >>= 1;
        y.sig = sf_shift_jam(y.sig, (unsigned)(x.exp - y.exp) + 1);
        if (x.sign == y.sign) {
            r.sig = x.sig + y.sig;
        } else if (x.sig >= y.sig) {
            r.sig = x.sig - y.sig;
        } else {
            r.sig = y.sig - x.sig;
            r.sign = y.sign;
        }
        if (r.sig == 0)
            return sf_zero(c->e->round == TCG_ROUND_DOWN);
        lz = sf_clz128(r.sig);
        r.sig <<= lz;
        r.exp = x.exp + 1 - (int)lz;
    }
    r.exp += scale;
    return sf_round(c, f, r);
}

struct sf_num sf_add(struct sf_ctx *c, const struct sf_fmt *f, const struct sf_num *a,
                     const struct sf_num *b, bool subtract)
{
    bool sb = b->sign ^ subtract;
    struct sf_wide x, y;

    if (sf_is_nan(a) || sf_is_nan(b))
        return sf_nan2(c, a, b);
    sf_note_denormals(c, a, b);
    if (a->cls == SF_INF || b->cls == SF_INF) {
        if (a->cls == b->cls && a->sign != sb)
            return sf_invalid(c);
        return sf_inf(a->cls == SF_INF ? a->sign : sb);
    }
    if (a->cls == SF_ZERO && b->cls == SF_ZERO)
        return sf_zero(a->sign == sb ? sb : c->e->round == TCG_ROUND_DOWN);
    x = sf_widen(a);
    y = sf_widen(b);
    y.sign = sb;
    return sf_sum(c, f, x, y, 0);
}

/* Of two finite numbers; zero if one is. */
struct sf_wide sf_product(const struct sf_num *a, const struct sf_num *b)
{
    struct sf_wide p = { .sign = a->sign ^ b->sign };

    if (a->cls == SF_ZERO || b->cls == SF_ZERO)
        return p;
    p.exp = a->exp + b->exp + 1;
    p.sig = (sf_u128)a->sig * b->sig;
    if (!(p.sig >> 127)) {
        p.sig <<= 1;
        p.exp--;
    }
    return p;
}

struct sf_num sf_mul(struct sf_ctx *c, const struct sf_fmt *f, const struct sf_num *a,
                     const struct sf_num *b, bool mulx)
{
    bool sign = a->sign ^ b->sign;

    if (sf_is_nan(a) || sf_is_nan(b))
        return sf_nan2(c, a, b);
    sf_note_denormals(c, a, b);
    if (a->cls == SF_INF || b->cls == SF_INF) {
        if (a->cls != SF_ZERO && b->cls != SF_ZERO)
            return sf_inf(sign);
        if (mulx)
            return (struct sf_num){ .cls = SF_FINITE, .sign = sign, .exp = 1, .sig = 1ull << 63 };
        return sf_invalid(c);
    }
    if (a->cls == SF_ZERO || b->cls == SF_ZERO)
        return sf_zero(sign);
    return sf_round(c, f, sf_product(a, b));
}

struct sf_num sf_div(struct sf_ctx *c, const struct sf_fmt *f, const struct sf_num *a,
                     const struct sf_num *b)
{
    bool sign = a->sign ^ b->sign;
    struct sf_wide q = { .sign = sign, .exp = a->exp - b->exp };
    sf_u128 n;
    uint64_t hi, lo;

    if (sf_is_nan(a) || sf_is_nan(b))
        return sf_nan2(c, a, b);
    if (a->cls == b->cls && (a->cls == SF_INF || a->cls == SF_ZERO))
        return sf_invalid(c);
    if (b->cls == SF_ZERO && a->cls != SF_INF) {
        c->ex |= TCG_FX_DIVZERO;
        return sf_inf(sign);
    }
    sf_note_denormals(c, a, b);
    if (a->cls == SF_INF)
        return sf_inf(sign);
    if (a->cls == SF_ZERO || b->cls == SF_INF)
        return sf_zero(sign);
    /* Two digits of 64 bits; the first numerator is made so that the first digit has its top bit
     * set and still fits. */
    n = (sf_u128)a->sig << 63;
    if (a->sig < b->sig) {
        n <<= 1;
        q.exp--;
    }
    hi = (uint64_t)(n / b->sig);
    n = n % b->sig << 64;
    lo = (uint64_t)(n / b->sig) | (n % b->sig != 0);
    q.sig = (sf_u128)hi << 64 | lo;
    return sf_round(c, f, q);
}

/* floor(sqrt(v)) with the remainder for v >= 2^126: the upper 32 bits of the root bit by bit, the
 * lower ones by one division (a step of Zimmermann's square root), which is at most one too big. */
static uint64_t isqrt(sf_u128 v, sf_u128 *rem)
{
    uint64_t hi = (uint64_t)(v >> 64), root = 0;
    sf_u128 n, q, r, s;

    for (uint64_t bit = 1ull << 62; bit != 0; bit >>= 2) {
        uint64_t take = hi >= root + bit ? root + bit : 0;

        hi -= take;
        root = root >> 1 | (take ? bit : 0);
    }
    n = (sf_u128)hi << 32 | (uint32_t)(v >> 32);
    q = n / (2 * root);
    r = n % (2 * root) << 32 | (uint32_t)v;
    s = ((sf_u128)root << 32) + q;
    if (r < q * q) {
        r += 2 * s - 1;
        s--;
    }
    *rem = r - q * q;
    return (uint64_t)s;
}

struct sf_num sf_sqrt(struct sf_ctx *c, const struct sf_fmt *f, const struct sf_num *a)
{
    sf_u128 rem;
    struct sf_wide r;
    uint64_t root;

    if (sf_is_nan(a))
        return sf_nan1(c, a);
    if (a->cls == SF_ZERO)
        return sf_zero(a->sign);
    if (a->sign)
        return sf_invalid(c);
    sf_note_denormals(c, a, a);
    if (a->cls == SF_INF)
        return sf_inf(false);
    /* sig * 2^(exp - 63), made a square number times 2^even: the root has its bit 63 set. */
    r.sign = false;
    r.exp = a->exp >> 1;
    root = isqrt((sf_u128)a->sig << (a->exp & 1 ? 64 : 63), &rem);
    /* The fraction of the root is over a half exactly when the remainder is over the root, and it
     * is never a half. */
    r.sig = (sf_u128)root << 64 | (sf_u128)(rem > root) << 63 | (rem != 0);
    return sf_round(c, f, r);
}

uint64_t tcg_soft_op2(enum tcg_float_op2 op, enum tcg_fmt f, const struct tcg_float_env *e,
                      uint64_t a, uint64_t b, uint32_t *sticky)
{
    const struct sf_fmt *d = sf_format(f);
    struct sf_ctx c = sf_begin(e);
    struct sf_num x = sf_operand(&c, d, a), y = sf_operand(&c, d, b), r;

    switch (op) {
    case TCG_F_ADD:
    case TCG_F_SUB:
        r = sf_add(&c, d, &x, &y, op == TCG_F_SUB);
        break;
    case TCG_F_MUL:
    case TCG_F_MULX:
        r = sf_mul(&c, d, &x, &y, op == TCG_F_MULX);
        break;
    case TCG_F_DIV:
        r = sf_div(&c, d, &x, &y);
        break;
    case TCG_F_MIN:
    case TCG_F_MAX:
    case TCG_F_MINNM:
    case TCG_F_MAXNM:
    case TCG_F_MIN_X86:
    case TCG_F_MAX_X86:
        r = sf_minmax(&c, op, &x, &y);
        break;
    case TCG_F_RECPS:
    case TCG_F_RSQRTS:
        r = sf_step(&c, d, &x, &y, op == TCG_F_RSQRTS);
        break;
    default:
        MOA_BUG("float operation %d", (int)op);
    }
    sf_end(&c, sticky);
    return sf_pack(d, &r);
}

uint64_t tcg_soft_op1(enum tcg_float_op1 op, enum tcg_fmt f, const struct tcg_float_env *e,
                      uint64_t a, uint32_t *sticky)
{
    const struct sf_fmt *d = sf_format(f);
    struct sf_ctx c = sf_begin(e);
    struct sf_num x = sf_operand(&c, d, a), r;
    uint64_t bits;

    switch (op) {
    case TCG_F_SQRT:
        r = sf_sqrt(&c, d, &x);
        bits = sf_pack(d, &r);
        break;
    case TCG_F_RECPE:
        r = sf_recpe(&c, d, &x);
        bits = sf_pack(d, &r);
        break;
    case TCG_F_RSQRTE:
        r = sf_rsqrte(&c, &x);
        bits = sf_pack(d, &r);
        break;
    case TCG_F_RECPX:
        bits = sf_recpx(&c, d, a);
        break;
    default:
        MOA_BUG("float operation %d", (int)op);
    }
    sf_end(&c, sticky);
    return bits;
}
