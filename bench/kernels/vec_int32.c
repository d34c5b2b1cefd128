// SPDX-License-Identifier: MIT
/* bench/kernels/vec_int32.c -- 32-bit integer vectors: prefix work, shifts, maxima, dot products. */
#include "bench/kernels/bench.h"

enum { N = 4096 };

static int32_t a[N], b[N], c[N];

int main(int argc, char **argv)
{
    uint32_t seed = 47;
    uint64_t sum = 0;
    int n = bench_scale(argc, argv) * 100000;

    for (int i = 0; i < N; i++) {
        a[i] = (int32_t)bench_random(&seed) >> 8;
        b[i] = (int32_t)bench_random(&seed) >> 8;
    }
    for (int r = 0; r < n; r++) {
        int32_t most = INT32_MIN;
        uint32_t dot = 0;

        for (int i = 0; i < N; i++)
            c[i] = ((a[i] ^ r) << 2) + (b[i] >> 3);
        for (int i = 0; i < N; i++)
            most = c[i] > most ? c[i] : most;
        for (int i = 0; i < N; i++)
            dot += (uint32_t)c[i] * (uint32_t)b[i];
        sum = bench_mix(sum, (uint32_t)most ^ (uint64_t)dot << 32);
    }
    return bench_done(sum);
}
