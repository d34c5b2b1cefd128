/* SPDX-License-Identifier: MIT */
/* frontends/common/softfloat_fma.c -- fused multiply-add, Arm's reciprocal steps, BF16 dot product.
 *
 * IEEE 754-2019 chapter 5.4.1; Arm ARM pseudocode FPMulAdd, FPMulAddH, FPRecipStepFused,
 * FPRSqrtStepFused, BFDotAdd with BFMulH, BFAdd and BFRound (FPCR.EBF is not modelled); Intel SDM
 * volume 1, 14.5.1 (NaN rules of FMA); Power ISA book I 4.3.2. */
#include "frontends/common/softfloat_core.h"

/* What inf * 0 + NaN gives: Arm the default NaN with INVALID when the NaN is quiet, PowerPC the
 * NaN with INVALID, x86 the NaN alone. */
static struct sf_num fma_nan(struct sf_ctx *c, const struct sf_num *a, const struct sf_num *b,
                             const struct sf_num *c_)
{
    bool inf_zero = (a->cls == SF_INF && b->cls == SF_ZERO) ||
                    (a->cls == SF_ZERO && b->cls == SF_INF);

    if (inf_zero && c->e->nan == TCG_NAN_ARM && c_->cls == SF_QNAN)
        return sf_invalid(c);
    if (inf_zero && c->e->nan == TCG_NAN_PPC)
        c->ex |= TCG_FX_INVALID;
    return sf_nan3(c, a, b, c_);
}

struct sf_num sf_fma(struct sf_ctx *c, const struct sf_fmt *f, const struct sf_num *a,
                     const struct sf_num *b, const struct sf_num *c_)
{
    bool sign = a->sign ^ b->sign;
    struct sf_wide p;

    if (sf_is_nan(a) || sf_is_nan(b) || sf_is_nan(c_))
        return fma_nan(c, a, b, c_);
    if (a->cls == SF_INF || b->cls == SF_INF) {
        if (a->cls == SF_ZERO || b->cls == SF_ZERO || (c_->cls == SF_INF && c_->sign != sign))
            return sf_invalid(c);
        sf_note_denormals(c, a, b);
        sf_note_denormals(c, c_, c_);
        return sf_inf(sign);
    }
    sf_note_denormals(c, a, b);
    sf_note_denormals(c, c_, c_);
    if (c_->cls == SF_INF)
        return sf_inf(c_->sign);
    p = sf_product(a, b);
    if (p.sig == 0 && c_->cls == SF_ZERO)
        return sf_zero(sign == c_->sign ? sign : c->e->round == TCG_ROUND_DOWN);
    return sf_sum(c, f, p, sf_widen(c_), 0);
}

struct sf_num sf_step(struct sf_ctx *c, const struct sf_fmt *f, const struct sf_num *a,
                      const struct sf_num *b, bool rsqrt)
{
    struct sf_num na = *a;
    struct sf_wide k = { .exp = 1, .sig = (sf_u128)(rsqrt ? 3 : 2) << 126 }; /* 3 or 2 */

    na.sign = !a->sign; /* also of a NaN */
    if (sf_is_nan(&na) || sf_is_nan(b))
        return sf_nan2(c, &na, b);
    if (na.cls == SF_INF || b->cls == SF_INF) {
        if (na.cls != SF_ZERO && b->cls != SF_ZERO)
            return sf_inf(na.sign ^ b->sign);
        return sf_round(c, f, (struct sf_wide){ false, rsqrt ? 0 : 1, k.sig });
    }
    return sf_sum(c, f, k, sf_product(&na, b), rsqrt ? -1 : 0);
}

uint64_t tcg_soft_fma(enum tcg_fmt f, const struct tcg_float_env *e, uint64_t a, uint64_t b,
                      uint64_t c, uint32_t *sticky)
{
    const struct sf_fmt *d = sf_format(f);
    struct sf_ctx ctx = sf_begin(e);
    struct sf_num z = sf_operand(&ctx, d, c), x = sf_operand(&ctx, d, a);
    struct sf_num y = sf_operand(&ctx, d, b), r;

    r = sf_fma(&ctx, d, &x, &y, &z);
    sf_end(&ctx, sticky);
    return sf_pack(d, &r);
}

uint64_t tcg_soft_fma_widen(enum tcg_fmt from, enum tcg_fmt to, const struct tcg_float_env *e,
                            bool flush_from, uint64_t a, uint64_t b, uint64_t c, uint32_t *sticky)
{
    const struct sf_fmt *df = sf_format(from), *dt = sf_format(to);
    struct sf_ctx ctx = sf_begin(e);
    struct sf_num z = sf_operand(&ctx, dt, c), x = sf_unpack(df, a), y = sf_unpack(df, b), r;

    if (flush_from && x.denormal)
        x = sf_zero(x.sign);
    if (flush_from && y.denormal)
        y = sf_zero(y.sign);
    r = sf_fma(&ctx, dt, &x, &y, &z);
    sf_end(&ctx, sticky);
    return sf_pack(dt, &r);
}

/* The fixed environment of BFDOT, BFMMLA and their kin. */
static const struct tcg_float_env bf_env = {
    .round = TCG_ROUND_ODD, .nan = TCG_NAN_ARM, .default_nan = 1,
    .flush_in = TCG_FLUSH_SILENT, .flush_out = 1, .tiny_before = 1,
};

/* Rounding to odd stops at the largest number; BFRound goes to infinity all the same. */
static struct sf_num bf_overflow(const struct sf_ctx *c, struct sf_num r)
{
    return c->ex & TCG_FX_OVERFLOW ? sf_inf(r.sign) : r;
}

static struct sf_num bf_mul(uint32_t a, uint32_t b)
{
    struct sf_ctx c = sf_begin(&bf_env);
    struct sf_num x = sf_operand(&c, sf_format(TCG_FMT_BF16), a);
    struct sf_num y = sf_operand(&c, sf_format(TCG_FMT_BF16), b);

    return bf_overflow(&c, sf_mul(&c, sf_format(TCG_FMT_F32), &x, &y, false));
}

static struct sf_num bf_add(const struct sf_num *a, const struct sf_num *b)
{
    struct sf_ctx c = sf_begin(&bf_env);

    return bf_overflow(&c, sf_add(&c, sf_format(TCG_FMT_F32), a, b, false));
}

uint32_t tcg_soft_bfdot(uint32_t acc, uint32_t a_pair, uint32_t b_pair)
{
    const struct sf_fmt *f32 = sf_format(TCG_FMT_F32);
    struct sf_ctx c = sf_begin(&bf_env);
    struct sf_num lo = bf_mul(a_pair & 0xffff, b_pair & 0xffff);
    struct sf_num hi = bf_mul(a_pair >> 16, b_pair >> 16);
    struct sf_num sum = bf_add(&lo, &hi), add = sf_operand(&c, f32, acc);

    sum = bf_add(&add, &sum);
    return (uint32_t)sf_pack(f32, &sum);
}
