// SPDX-License-Identifier: MIT
/* bench/kernels/float_spectral.c -- Spectral norm of an implicit matrix: divisions and integer conversions. */
#include "bench/kernels/bench.h"
#include <math.h>

enum { N = 700 };

static double a(int i, int j)
{
    return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
}

static void multiply(const double *x, double *y, int flip)
{
    for (int i = 0; i < N; i++) {
        double t = 0;

        for (int j = 0; j < N; j++)
            t += (flip ? a(j, i) : a(i, j)) * x[j];
        y[i] = t;
    }
}

int main(int argc, char **argv)
{
    static double u[N], v[N], t[N];
    double p = 0, q = 0;

    for (int i = 0; i < N; i++)
        u[i] = 1;
    for (int r = 0; r < bench_scale(argc, argv) * 50; r++) {
        multiply(u, t, 0);
        multiply(t, v, 1);
        p = q = 0;
        for (int i = 0; i < N; i++) {
            p += u[i] * v[i];
            q += v[i] * v[i];
        }
        for (int i = 0; i < N; i++)
            u[i] = v[i] / sqrt(q);
    }
    return bench_done(bench_bits(p) ^ bench_bits(q));
}
