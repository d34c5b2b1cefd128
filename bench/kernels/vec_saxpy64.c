// SPDX-License-Identifier: MIT
/* bench/kernels/vec_saxpy64.c -- y = a x + y in double precision, vectorised by the compiler. */
#include "bench/kernels/bench.h"

enum { N = 8192 };

static double x[N], y[N];

int main(int argc, char **argv)
{
    uint32_t seed = 37;
    uint64_t sum = 0;
    int n = bench_scale(argc, argv) * 14000;

    for (int i = 0; i < N; i++) {
        x[i] = (int32_t)bench_random(&seed) * 0x1p-31;
        y[i] = (int32_t)bench_random(&seed) * 0x1p-31;
    }
    for (int r = 0; r < n; r++) {
        double a = r & 1 ? 0.5 : -0.5;

        for (int i = 0; i < N; i++)
            y[i] = a * x[i] + y[i];
        __asm__ volatile("" ::: "memory");
    }
    for (int i = 0; i < N; i += 16)
        sum = bench_mix(sum, bench_bits(y[i]));
    return bench_done(sum);
}
