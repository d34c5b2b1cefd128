// SPDX-License-Identifier: MIT
/* bench/kernels/vec_saxpy32.c -- y = a x + y in single precision, vectorised by the compiler. */
#include "bench/kernels/bench.h"

enum { N = 8192 };

static float x[N], y[N];

int main(int argc, char **argv)
{
    uint32_t seed = 37;
    uint64_t sum = 0;
    int n = bench_scale(argc, argv) * 40000;

    for (int i = 0; i < N; i++) {
        x[i] = (float)(int32_t)bench_random(&seed) * 0x1p-31f;
        y[i] = (float)(int32_t)bench_random(&seed) * 0x1p-31f;
    }
    for (int r = 0; r < n; r++) {
        float a = r & 1 ? 0.5f : -0.5f;

        for (int i = 0; i < N; i++)
            y[i] = a * x[i] + y[i];
        __asm__ volatile("" ::: "memory");
    }
    for (int i = 0; i < N; i += 16)
        sum = bench_mix(sum, bench_bits(y[i]));
    return bench_done(sum);
}
