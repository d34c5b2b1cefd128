/* SPDX-License-Identifier: MIT */
/* base/bits.h -- bit fields, rotations and masks with defined results for every input. */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include <stdint.h>

/* n ones from bit 0; n in 0..64. */
static inline uint64_t bits_mask(unsigned n)
{
    return n >= 64 ? ~0ull : (1ull << n) - 1;
}

static inline uint64_t bits_get(uint64_t v, unsigned pos, unsigned len)
{
    return v >> pos & bits_mask(len);
}

static inline uint64_t bits_put(uint64_t v, unsigned pos, unsigned len, uint64_t field)
{
    uint64_t m = bits_mask(len) << pos;

    return (v & ~m) | (field << pos & m);
}

/* Sign-extends the low len bits; len in 1..64. */
static inline int64_t bits_sext(uint64_t v, unsigned len)
{
    return (int64_t)(v << (64 - len)) >> (64 - len);
}

static inline uint64_t bits_ror64(uint64_t v, unsigned n)
{
    n &= 63;
    return n ? v >> n | v << (64 - n) : v;
}

static inline uint32_t bits_ror32(uint32_t v, unsigned n)
{
    n &= 31;
    return n ? v >> n | v << (32 - n) : v;
}

#endif
