// SPDX-License-Identifier: MIT
/* bench/kernels/int_sha256.c -- SHA-256 in plain C: rotates, adds and xors with many live values. */
#include "bench/kernels/bench.h"

static uint32_t k[64], h[8];

static uint32_t ror(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

static void block(const uint8_t *p)
{
    uint32_t w[64], a[8];

    for (int i = 0; i < 16; i++, p += 4)
        w[i] = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
    for (int i = 16; i < 64; i++)
        w[i] = w[i - 16] + w[i - 7] + (ror(w[i - 15], 7) ^ ror(w[i - 15], 18) ^ w[i - 15] >> 3) +
               (ror(w[i - 2], 17) ^ ror(w[i - 2], 19) ^ w[i - 2] >> 10);
    memcpy(a, h, sizeof a);
    for (int i = 0; i < 64; i++) {
        uint32_t t = a[7] + (ror(a[4], 6) ^ ror(a[4], 11) ^ ror(a[4], 25)) +
                     ((a[4] & a[5]) ^ (~a[4] & a[6])) + k[i] + w[i];
        uint32_t u = (ror(a[0], 2) ^ ror(a[0], 13) ^ ror(a[0], 22)) +
                     ((a[0] & a[1]) ^ (a[0] & a[2]) ^ (a[1] & a[2]));

        memmove(a + 1, a, 7 * sizeof *a);
        a[4] += t;
        a[0] = t + u;
    }
    for (int i = 0; i < 8; i++)
        h[i] += a[i];
}

int main(int argc, char **argv)
{
    static uint8_t data[1 << 16];
    uint32_t seed = 5;
    uint64_t sum = 0;
    int n = bench_scale(argc, argv) * 200;

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = bench_random(&seed);
    for (int i = 0; i < 64; i++) /* any constants will do here */
        k[i] = bench_random(&seed);
    for (int r = 0; r < n; r++)
        for (size_t i = 0; i < sizeof data; i += 64)
            block(data + i);
    for (int i = 0; i < 8; i++)
        sum = bench_mix(sum, h[i]);
    return bench_done(sum);
}
