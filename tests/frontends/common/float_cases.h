/* SPDX-License-Identifier: MIT */
/* tests/frontends/common/float_cases.h -- operands that find float bugs: random bits, values near
 * the ends of the exponent range, near each other, with long runs of ones or zeros, and all
 * specials. The generator is seeded by the caller, so that a failure can be repeated. */
#ifndef TESTS_FLOAT_CASES_H
#define TESTS_FLOAT_CASES_H

#include "base/bits.h"
#include "tcg/float.h"

struct float_cases {
    uint64_t state;
};

static inline uint64_t float_cases_bits(struct float_cases *c) /* splitmix64 */
{
    uint64_t z = c->state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static inline unsigned float_cases_below(struct float_cases *c, unsigned n)
{
    return (unsigned)(float_cases_bits(c) >> 32) % n;
}

/* A fraction of n bits: random, or runs of equal bits, or few ones. */
static inline uint64_t float_cases_frac(struct float_cases *c, unsigned n)
{
    uint64_t r = float_cases_bits(c);

    switch (float_cases_below(c, 6)) {
    case 0:
        return bits_mask(n) & (bits_mask(n) << float_cases_below(c, n));
    case 1:
        return bits_mask(n) >> float_cases_below(c, n);
    case 2:
        return bits_mask(n) & (1ull << float_cases_below(c, n));
    case 3:
        return bits_mask(n) & (r << float_cases_below(c, n));
    case 4:
        return r & 1 ? 0 : bits_mask(n);
    default:
        return r & bits_mask(n);
    }
}

/* A biased exponent of n bits. near: another operand's, to which this one is often close. */
static inline uint64_t float_cases_exp(struct float_cases *c, unsigned n, uint64_t near)
{
    uint64_t top = bits_mask(n), bias = top >> 1;

    switch (float_cases_below(c, 8)) {
    case 0:
        return float_cases_below(c, 3);
    case 1:
        return top - float_cases_below(c, 3);
    case 2:
        return (bias - 2 + float_cases_below(c, 5)) & top;
    case 3:
    case 4:
        return (near - 3 + float_cases_below(c, 7)) & top;
    case 5: /* so that a product is near the bottom, a quotient near the top */
        return (bias - near - 2 + float_cases_below(c, 5)) & top;
    case 6:
        return (near - 66 + float_cases_below(c, 133)) & top;
    default:
        return float_cases_bits(c) & top;
    }
}

/* An operand of e exponent and f fraction bits; near is any other operand, or 0. */
static inline uint64_t float_cases_get(struct float_cases *c, unsigned e, unsigned f, uint64_t near)
{
    uint64_t frac = float_cases_frac(c, f);
    uint64_t exp = float_cases_exp(c, e, near >> f & bits_mask(e));

    if (float_cases_below(c, 16) == 0)
        return near ^ (float_cases_bits(c) & 3);
    return (float_cases_bits(c) & 1) << (e + f) | exp << f | frac;
}

static inline unsigned float_cases_exp_bits(enum tcg_fmt f)
{
    static const uint8_t n[] = { 5, 8, 11, 8, 5 };

    return n[f];
}

static inline unsigned float_cases_frac_bits(enum tcg_fmt f)
{
    static const uint8_t n[] = { 10, 23, 52, 7, 10 };

    return n[f];
}

static inline uint64_t float_cases_fmt(struct float_cases *c, enum tcg_fmt f, uint64_t near)
{
    return float_cases_get(c, float_cases_exp_bits(f), float_cases_frac_bits(f), near);
}

#endif
