// SPDX-License-Identifier: MIT
/* bench/kernels/float_fma.c -- Polynomials by fused multiply-add, in doubles and singles. */
#include "bench/kernels/bench.h"

int main(int argc, char **argv)
{
    double x = 0.3, sum = 0;
    float y = 0.7f, less = 0;
    long n = bench_scale(argc, argv) * 4000000l;

    for (long i = 0; i < n; i++) {
        double p = 0.0625;
        float q = 0.125f;

        for (int k = 0; k < 8; k++) {
            p = __builtin_fma(p, x, -0.25 + k);
            q = __builtin_fmaf(q, y, 0.5f - (float)k);
        }
        sum += p;
        less -= q;
        x = __builtin_fma(x, -0.9999, 0.5);
        y = __builtin_fmaf(y, -0.999f, 0.25f);
    }
    return bench_done(bench_mix(bench_bits(sum), bench_bits(less)));
}
