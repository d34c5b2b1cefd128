// SPDX-License-Identifier: MIT
/* Reference of the saturating and rounding lane operations: shifts by a signed count in a lane,
 * rounding shifts by a constant, saturating sums and products. Semantics: the Arm Architecture
 * Reference Manual, chapter C7. FPSR.QC is not modelled: a frontend compares with the wrapping
 * operation where it needs to know whether a lane saturated. */
#include "tcg/vec_lane.h"

/* (n + rounding) << count, or >> -count when negative. Counts beyond the width behave as one just
 * beyond it: right shifts give 0 or -1 (rounded: 0), left shifts 0 or the limit. */
VEC_INLINE uint64_t shift(__int128 n, uint64_t b, unsigned bits, bool is_signed, bool round,
                          bool sat)
{
    int count = (int8_t)b;

    if (count < 0) {
        unsigned right = (unsigned)-count > bits + 1 ? bits + 1 : (unsigned)-count;

        return (uint64_t)((n + (round ? (__int128)1 << (right - 1) : 0)) >> right);
    }
    if (!sat)
        return count >= (int)bits ? 0 : (uint64_t)n << count;
    if (count > (int)bits) /* n = 1 overflows at bits already */
        count = (int)bits;
    if (is_signed) {
        __int128 max = ((__int128)1 << (bits - 1)) - 1;

        if (count == (int)bits)
            return (uint64_t)(n > 0 ? max : n < 0 ? -max - 1 : 0);
        return vec_sat_s(n * ((__int128)1 << count), bits);
    }
    return n >> (bits - (unsigned)count) ? bits_mask(bits) : (uint64_t)(n << count);
}

static uint64_t lane_vushl(uint64_t a, uint64_t b, unsigned bits)
{
    return shift(a, b, bits, false, false, false);
}

void tcg_vec_vushl(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vushl);
}

static uint64_t lane_vsshl(uint64_t a, uint64_t b, unsigned bits)
{
    return shift(bits_sext(a, bits), b, bits, true, false, false);
}

void tcg_vec_vsshl(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vsshl);
}

static uint64_t lane_vurshl(uint64_t a, uint64_t b, unsigned bits)
{
    return shift(a, b, bits, false, true, false);
}

void tcg_vec_vurshl(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vurshl);
}

static uint64_t lane_vsrshl(uint64_t a, uint64_t b, unsigned bits)
{
    return shift(bits_sext(a, bits), b, bits, true, true, false);
}

void tcg_vec_vsrshl(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vsrshl);
}

static uint64_t lane_vuqshl(uint64_t a, uint64_t b, unsigned bits)
{
    return shift(a, b, bits, false, false, true);
}

void tcg_vec_vuqshl(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vuqshl);
}

static uint64_t lane_vsqshl(uint64_t a, uint64_t b, unsigned bits)
{
    return shift(bits_sext(a, bits), b, bits, true, false, true);
}

void tcg_vec_vsqshl(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vsqshl);
}

static uint64_t lane_vuqrshl(uint64_t a, uint64_t b, unsigned bits)
{
    return shift(a, b, bits, false, true, true);
}

void tcg_vec_vuqrshl(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                     const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vuqrshl);
}

static uint64_t lane_vsqrshl(uint64_t a, uint64_t b, unsigned bits)
{
    return shift(bits_sext(a, bits), b, bits, true, true, true);
}

void tcg_vec_vsqrshl(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                     const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vsqrshl);
}

void tcg_vec_vurshri(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                     const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i,
                (uint64_t)(((__int128)vec_get(a, x->lane, i) + ((__int128)1 << (x->imm - 1))) >>
                           x->imm));
}

void tcg_vec_vsrshri(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                     const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i,
                (uint64_t)(((__int128)vec_gets(a, x->lane, i) + ((__int128)1 << (x->imm - 1))) >>
                           x->imm));
}

static uint64_t lane_vuqadd(uint64_t a, uint64_t b, unsigned bits)
{
    return vec_sat_u((__int128)a + (__int128)b, bits);
}

void tcg_vec_vuqadd(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vuqadd);
}

static uint64_t lane_vsqadd(uint64_t a, uint64_t b, unsigned bits)
{
    return vec_sat_s((__int128)bits_sext(a, bits) + bits_sext(b, bits), bits);
}

void tcg_vec_vsqadd(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vsqadd);
}

static uint64_t lane_vuqsub(uint64_t a, uint64_t b, unsigned bits)
{
    return vec_sat_u((__int128)a - (__int128)b, bits);
}

void tcg_vec_vuqsub(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vuqsub);
}

static uint64_t lane_vsqsub(uint64_t a, uint64_t b, unsigned bits)
{
    return vec_sat_s((__int128)bits_sext(a, bits) - bits_sext(b, bits), bits);
}

void tcg_vec_vsqsub(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vsqsub);
}

static uint64_t lane_vsuqadd(uint64_t a, uint64_t b, unsigned bits)
{
    return vec_sat_s((__int128)bits_sext(a, bits) + (__int128)b, bits);
}

void tcg_vec_vsuqadd(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                     const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vsuqadd);
}

static uint64_t lane_vusqadd(uint64_t a, uint64_t b, unsigned bits)
{
    return vec_sat_u((__int128)a + bits_sext(b, bits), bits);
}

void tcg_vec_vusqadd(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                     const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vusqadd);
}

static uint64_t lane_vsqabs(uint64_t a, unsigned bits)
{
    __int128 n = bits_sext(a, bits);

    return vec_sat_s(n < 0 ? -n : n, bits);
}

void tcg_vec_vsqabs(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_map1(d, a, x, lane_vsqabs);
}

static uint64_t lane_vsqneg(uint64_t a, unsigned bits)
{
    return vec_sat_s(-(__int128)bits_sext(a, bits), bits);
}

void tcg_vec_vsqneg(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_map1(d, a, x, lane_vsqneg);
}

/* Lanes of 16 and 32 bits only, as in the guests: wider products need more than 128 bits. */
static uint64_t lane_vsqdmulh(uint64_t a, uint64_t b, unsigned bits)
{
    return vec_sat_s(2 * (__int128)bits_sext(a, bits) * bits_sext(b, bits) >> bits, bits);
}

void tcg_vec_vsqdmulh(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                      const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vsqdmulh);
}

static uint64_t lane_vsqrdmulh(uint64_t a, uint64_t b, unsigned bits)
{
    return vec_sat_s(
        (2 * (__int128)bits_sext(a, bits) * bits_sext(b, bits) + ((__int128)1 << (bits - 1))) >>
            bits,
        bits);
}

void tcg_vec_vsqrdmulh(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                       const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vsqrdmulh);
}

static uint64_t lane_vsqrdmlah(uint64_t a, uint64_t b, uint64_t c, unsigned bits)
{
    __int128 p = 2 * (__int128)bits_sext(a, bits) * bits_sext(b, bits);
    __int128 sum = (__int128)bits_sext(c, bits) * ((__int128)1 << bits) + p;

    return vec_sat_s((sum + ((__int128)1 << (bits - 1))) >> bits, bits);
}

void tcg_vec_vsqrdmlah(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                       const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    vec_map3(d, a, b, c, x, lane_vsqrdmlah);
}

static uint64_t lane_vsqrdmlsh(uint64_t a, uint64_t b, uint64_t c, unsigned bits)
{
    __int128 p = 2 * (__int128)bits_sext(a, bits) * bits_sext(b, bits);
    __int128 sum = (__int128)bits_sext(c, bits) * ((__int128)1 << bits) - p;

    return vec_sat_s((sum + ((__int128)1 << (bits - 1))) >> bits, bits);
}

void tcg_vec_vsqrdmlsh(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                       const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    vec_map3(d, a, b, c, x, lane_vsqrdmlsh);
}
