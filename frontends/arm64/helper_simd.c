/* SPDX-License-Identifier: MIT */
/* frontends/arm64/helper_simd.c -- SIMD operations that the IR does not have: saturating shifts by
 * register and rounding multiply-accumulate with FPSR.QC, integer estimates, alternative half
 * precision, BFloat16, half to single products. Manual: J1.1.3 shared pseudocode, functions named in
 * the comments. */
#include "frontends/arm64/helper_simd.h"

#include "base/bits.h"
#include "frontends/arm64/cpu.h"
#include "frontends/arm64/key.h"
#include "tcg/float.h"
#include "tcg/vec.h"

#include <string.h>

static const uint16_t qc_units[] = { A64_U_QC, TCG_NO_UNIT };

static uint64_t lane_get(const struct tcg_vec *v, unsigned bits, unsigned i)
{
    return bits_get(v->d[i * bits / 64], i * bits % 64, bits);
}

static void lane_put(struct tcg_vec *v, unsigned bits, unsigned i, uint64_t x)
{
    v->d[i * bits / 64] = bits_put(v->d[i * bits / 64], i * bits % 64, bits, x);
}

/* ---- integer saturation ---- */

/* Clamps to a signed or unsigned number of that many bits. */
static uint64_t clamp(__int128 v, unsigned bits, bool is_signed, bool *sat)
{
    __int128 max = is_signed ? ((__int128)1 << (bits - 1)) - 1 : ((__int128)1 << bits) - 1;
    __int128 min = is_signed ? -((__int128)1 << (bits - 1)) : 0;

    if (v > max || v < min) {
        *sat = true;
        v = v > max ? max : min;
    }
    return (uint64_t)v & bits_mask(bits);
}

/* x << by, by negative: >> -by, rounded to nearest if so. */
static uint64_t shift_sat(uint64_t lane, int by, unsigned bits, bool is_signed, bool round, bool *sat)
{
    __int128 x = is_signed ? (__int128)bits_sext(lane, bits) : (__int128)lane;

    if (by >= 0) {
        if (by > (int)bits)
            by = (int)bits; /* as far out of range */
        return clamp(x * ((__int128)1 << by), bits, is_signed, sat);
    }
    by = -by;
    if (by > (int)bits + 1)
        by = (int)bits + 1;
    if (round)
        x += (__int128)1 << (by - 1);
    return clamp(x >> by, bits, is_signed, sat);
}

/* Rounded high half of acc +- 2 * x * y. */
static uint64_t mul_acc(uint64_t x, uint64_t y, uint64_t acc, unsigned bits, bool sub, bool *sat)
{
    __int128 p = (__int128)bits_sext(x, bits) * bits_sext(y, bits) * 2;
    __int128 v = (__int128)bits_sext(acc, bits) * ((__int128)1 << bits);

    v = (sub ? v - p : v + p) + ((__int128)1 << (bits - 1));
    return clamp(v >> bits, bits, true, sat);
}

static void h_sat(struct tcg_vcpu *vcpu, struct tcg_vec *d, const struct tcg_vec *x,
                  const struct tcg_vec *y, const struct tcg_vec *acc, uint32_t ctl)
{
    unsigned op = ctl & 255, bits = 8u << (ctl >> 8 & 15), n = (ctl >> 12) * 8 / bits;
    struct tcg_vec r = { { 0, 0 } };
    bool sat = false;

    for (unsigned i = 0; i < n; i++) {
        uint64_t a = lane_get(x, bits, i), b = lane_get(y, bits, i);

        if (op >= A64_SAT_SQRDMLAH)
            a = mul_acc(a, b, lane_get(acc, bits, i), bits, op == A64_SAT_SQRDMLSH, &sat);
        else
            a = shift_sat(a, (int8_t)b, bits, op == A64_SAT_SQSHL || op == A64_SAT_SQRSHL,
                          op >= A64_SAT_SQRSHL, &sat);
        lane_put(&r, bits, i, a);
    }
    *d = r;
    if (sat)
        a64_cpu(vcpu)->qc.d[0] |= 1;
}

/* ---- estimates: RecipEstimate, RecipSqrtEstimate on 9 bits ---- */

static uint32_t recip_estimate(uint32_t x)
{
    uint32_t a = x >> 23;

    if (!(x >> 31))
        return ~0u;
    return (((1u << 19) / (a * 2 + 1) + 1) / 2) << 23;
}

static uint32_t rsqrt_estimate(uint32_t x)
{
    uint32_t a = x >> 23, b = 512;

    if (!(x >> 30))
        return ~0u;
    a = a < 256 ? a * 2 + 1 : ((a >> 1 << 1) + 1) * 2;
    while ((uint64_t)a * (b + 1) * (b + 1) < 1u << 28)
        b++;
    return ((b + 1) / 2) << 23;
}

static void h_urecpe(struct tcg_vec *d, const struct tcg_vec *n)
{
    struct tcg_vec r = *n;

    for (unsigned i = 0; i < 4; i++)
        lane_put(&r, 32, i, recip_estimate((uint32_t)lane_get(n, 32, i)));
    *d = r;
}

static void h_ursqrte(struct tcg_vec *d, const struct tcg_vec *n)
{
    struct tcg_vec r = *n;

    for (unsigned i = 0; i < 4; i++)
        lane_put(&r, 32, i, rsqrt_estimate((uint32_t)lane_get(n, 32, i)));
    *d = r;
}

/* ---- floats ---- */

static struct tcg_float_env env_of(uint32_t ctl)
{
    struct tcg_float_env e;

    memset(&e, 0, sizeof(e));
    e.round = ctl & A64_KEYBIT_RMODE;
    e.nan = TCG_NAN_ARM;
    e.default_nan = (ctl & A64_KEYBIT_DN) != 0;
    e.flush_in = ctl & A64_KEYBIT_FZ ? TCG_FLUSH_FLAG : TCG_FLUSH_NONE;
    e.flush_out = (ctl & A64_KEYBIT_FZ) != 0;
    e.tiny_before = 1;
    e.flags = 1;
    return e;
}

static enum tcg_fmt fmt_of(unsigned y)
{
    return y == 3 ? TCG_FMT_F16_ALT : y ? TCG_FMT_F64 : TCG_FMT_F32;
}

static void h_cvt_ahp(struct tcg_vcpu *v, struct tcg_vec *d, const struct tcg_vec *n, uint32_t ctl)
{
    struct tcg_float_env e = env_of(ctl);
    unsigned from = ctl >> 8 & 15;
    uint64_t x = bits_get(n->d[0], 0, from == 3 ? 16 : from ? 64 : 32);

    d->d[0] = tcg_soft_convert(fmt_of(from), fmt_of(ctl >> 12), &e, x, &v->fstatus);
    d->d[1] = 0;
}

static void h_cvtl_ahp(struct tcg_vcpu *v, struct tcg_vec *d, const struct tcg_vec *n, uint32_t ctl)
{
    struct tcg_float_env e = env_of(ctl);
    uint64_t half = n->d[ctl & A64_HC_TOP ? 1 : 0];

    for (unsigned i = 0; i < 4; i++)
        lane_put(d, 32, i, tcg_soft_convert(TCG_FMT_F16_ALT, TCG_FMT_F32, &e,
                                            half >> 16 * i & 0xffff, &v->fstatus));
}

/* Lanes of single precision to a 16-bit format in the low half. */
static void narrow16(struct tcg_vcpu *v, struct tcg_vec *d, const struct tcg_vec *n, unsigned lanes,
                     enum tcg_fmt to, uint32_t ctl)
{
    struct tcg_float_env e = env_of(ctl);
    struct tcg_vec r = { { 0, 0 } };

    for (unsigned i = 0; i < lanes; i++)
        lane_put(&r, 16, i, tcg_soft_convert(TCG_FMT_F32, to, &e, lane_get(n, 32, i), &v->fstatus));
    *d = r;
}

static void h_cvtn_ahp(struct tcg_vcpu *v, struct tcg_vec *d, const struct tcg_vec *n, uint32_t ctl)
{
    narrow16(v, d, n, 4, TCG_FMT_F16_ALT, ctl);
}

static void h_bfcvt(struct tcg_vcpu *v, struct tcg_vec *d, const struct tcg_vec *n, uint32_t ctl)
{
    narrow16(v, d, n, ctl >> 8, TCG_FMT_BF16, ctl);
}

/* FPMulAddH's operands: the same number, or the same NaN with its quiet bit, in single precision. */
static uint64_t half_to_single(uint64_t h, bool flush)
{
    uint64_t sign = (h >> 15) << 31, exp = h >> 10 & 31, frac = h & 0x3ff;

    if (exp == 31)
        return sign | 0x7f800000 | frac << 13;
    if (exp)
        return sign | (exp + 112) << 23 | frac << 13;
    if (!frac || flush)
        return sign;
    exp = 113;
    while (!(frac & 0x400)) {
        frac <<= 1;
        exp--;
    }
    return sign | exp << 23 | (frac & 0x3ff) << 13;
}

static void h_fmlal(struct tcg_vcpu *v, struct tcg_vec *d, const struct tcg_vec *acc,
                    const struct tcg_vec *n, const struct tcg_vec *m, uint32_t ctl)
{
    struct tcg_float_env e = env_of(ctl);
    bool flush = ctl & A64_KEYBIT_FZ16;
    unsigned lanes = ctl & A64_HC_Q ? 4 : 2, from = ctl & A64_HC_TOP ? lanes : 0;
    struct tcg_vec r = { { 0, 0 } };

    for (unsigned i = 0; i < lanes; i++) {
        uint64_t x = half_to_single(lane_get(n, 16, from + i), flush);
        uint64_t y = half_to_single(lane_get(m, 16, from + i), flush);

        if (ctl & A64_HC_SUB)
            x ^= 0x80000000;
        lane_put(&r, 32, i, tcg_soft_fma(TCG_FMT_F32, &e, x, y, lane_get(acc, 32, i), &v->fstatus));
    }
    *d = r;
}

static void h_bfdot(struct tcg_vec *d, const struct tcg_vec *acc, const struct tcg_vec *n,
                    const struct tcg_vec *m, uint32_t ctl)
{
    struct tcg_vec r = { { 0, 0 } };

    (void)ctl;
    for (unsigned i = 0; i < 4; i++)
        lane_put(&r, 32, i, tcg_soft_bfdot((uint32_t)lane_get(acc, 32, i),
                                           (uint32_t)lane_get(n, 32, i),
                                           (uint32_t)lane_get(m, 32, i)));
    *d = r;
}

/* 2x4 by 4x2: rows of n by rows of m. */
static void h_bfmmla(struct tcg_vec *d, const struct tcg_vec *acc, const struct tcg_vec *n,
                     const struct tcg_vec *m, uint32_t ctl)
{
    struct tcg_vec r = { { 0, 0 } };

    (void)ctl;
    for (unsigned i = 0; i < 4; i++) {
        uint32_t sum = (uint32_t)lane_get(acc, 32, i);

        for (unsigned k = 0; k < 2; k++)
            sum = tcg_soft_bfdot(sum, (uint32_t)lane_get(n, 32, i / 2 * 2 + k),
                                 (uint32_t)lane_get(m, 32, i % 2 * 2 + k));
        lane_put(&r, 32, i, sum);
    }
    *d = r;
}

/* ---- declarations ---- */

enum { FLOAT_FLAGS = TCG_H_VCPU | TCG_H_FLOAT };

const struct tcg_helper a64_h_sat = {
    "a64_sat", (void (*)(void))h_sat, TCG_V128, 4, { TCG_V128, TCG_V128, TCG_V128, TCG_I32 },
    TCG_H_VCPU, qc_units, qc_units,
};
const struct tcg_helper a64_h_urecpe = {
    "a64_urecpe", (void (*)(void))h_urecpe, TCG_V128, 1, { TCG_V128 }, TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_ursqrte = {
    "a64_ursqrte", (void (*)(void))h_ursqrte, TCG_V128, 1, { TCG_V128 }, TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_cvt_ahp = {
    "a64_cvt_ahp", (void (*)(void))h_cvt_ahp, TCG_V128, 2, { TCG_V128, TCG_I32 }, FLOAT_FLAGS, NULL,
    NULL,
};
const struct tcg_helper a64_h_cvtl_ahp = {
    "a64_cvtl_ahp", (void (*)(void))h_cvtl_ahp, TCG_V128, 2, { TCG_V128, TCG_I32 }, FLOAT_FLAGS, NULL,
    NULL,
};
const struct tcg_helper a64_h_cvtn_ahp = {
    "a64_cvtn_ahp", (void (*)(void))h_cvtn_ahp, TCG_V128, 2, { TCG_V128, TCG_I32 }, FLOAT_FLAGS, NULL,
    NULL,
};
const struct tcg_helper a64_h_bfcvt = {
    "a64_bfcvt", (void (*)(void))h_bfcvt, TCG_V128, 2, { TCG_V128, TCG_I32 }, FLOAT_FLAGS, NULL, NULL,
};
const struct tcg_helper a64_h_fmlal = {
    "a64_fmlal", (void (*)(void))h_fmlal, TCG_V128, 4, { TCG_V128, TCG_V128, TCG_V128, TCG_I32 },
    FLOAT_FLAGS, NULL, NULL,
};
const struct tcg_helper a64_h_bfdot = {
    "a64_bfdot", (void (*)(void))h_bfdot, TCG_V128, 4, { TCG_V128, TCG_V128, TCG_V128, TCG_I32 },
    TCG_H_PURE, NULL, NULL,
};
const struct tcg_helper a64_h_bfmmla = {
    "a64_bfmmla", (void (*)(void))h_bfmmla, TCG_V128, 4, { TCG_V128, TCG_V128, TCG_V128, TCG_I32 },
    TCG_H_PURE, NULL, NULL,
};
