// SPDX-License-Identifier: MIT
/* bench/kernels/int_bits.c -- Bit tricks, 64-bit multiplies and divisions: count, reverse, gcd, square roots. */
#include "bench/kernels/bench.h"

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t t = a % b;

        a = b;
        b = t;
    }
    return a;
}

static uint32_t root(uint64_t x)
{
    uint64_t r = 0;

    for (int b = 31; b >= 0; b--) {
        uint64_t t = r | 1ull << b;

        if (t * t <= x)
            r = t;
    }
    return r;
}

int main(int argc, char **argv)
{
    uint32_t seed = 11;
    uint64_t sum = 1;
    int n = bench_scale(argc, argv) * 6000000;

    for (int i = 0; i < n; i++) {
        uint64_t x = (uint64_t)bench_random(&seed) << 32 | bench_random(&seed), y = sum | 1;

        sum += __builtin_popcountll(x) + __builtin_clzll(x | 1) + __builtin_ctzll(x | 1ull << 63);
        sum ^= __builtin_bswap64(x) + (uint64_t)((unsigned __int128)x * y >> 64);
        sum += root(x) + x / (y >> 33 | 1) + gcd(x & 0xfffff, y & 0xfffff);
    }
    return bench_done(sum);
}
