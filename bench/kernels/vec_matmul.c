// SPDX-License-Identifier: MIT
/* bench/kernels/vec_matmul.c -- Multiplication of single-precision matrices, inner loop along rows. */
#include "bench/kernels/bench.h"

enum { N = 192 };

static float a[N][N], b[N][N], c[N][N];

int main(int argc, char **argv)
{
    uint32_t seed = 41;
    uint64_t sum = 0;

    for (int i = 0; i < N * N; i++) {
        a[i / N][i % N] = (float)(int32_t)bench_random(&seed) * 0x1p-31f;
        b[i / N][i % N] = (float)(int32_t)bench_random(&seed) * 0x1p-31f;
    }
    for (int r = 0; r < bench_scale(argc, argv) * 45; r++)
        for (int i = 0; i < N; i++)
            for (int k = 0; k < N; k++) {
                float t = a[i][k];

                for (int j = 0; j < N; j++)
                    c[i][j] += t * b[k][j];
            }
    for (int i = 0; i < N * N; i += 64)
        sum = bench_mix(sum, bench_bits(c[i / N][i % N]));
    return bench_done(sum);
}
