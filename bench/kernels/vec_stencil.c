// SPDX-License-Identifier: MIT
/* bench/kernels/vec_stencil.c -- A five-point stencil in double precision over a grid. */
#include "bench/kernels/bench.h"

enum { N = 256 };

static double g[2][N][N];

int main(int argc, char **argv)
{
    uint32_t seed = 53;
    uint64_t sum = 0;
    int n = bench_scale(argc, argv) * 1000;

    for (int i = 0; i < N * N; i++)
        g[0][i / N][i % N] = g[1][i / N][i % N] = (int32_t)bench_random(&seed) * 0x1p-31;
    for (int r = 0; r < n; r++)
        for (int i = 1; i < N - 1; i++)
            for (int j = 1; j < N - 1; j++)
                g[~r & 1][i][j] = 0.5 * g[r & 1][i][j] +
                                  0.125 * (g[r & 1][i - 1][j] + g[r & 1][i + 1][j] + g[r & 1][i][j - 1] + g[r & 1][i][j + 1]);
    for (int i = 0; i < N * N; i += 97)
        sum = bench_mix(sum, bench_bits(g[0][i / N][i % N]));
    return bench_done(sum);
}
