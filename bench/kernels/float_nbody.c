// SPDX-License-Identifier: MIT
/* bench/kernels/float_nbody.c -- Planets pulling at each other in doubles: multiply, add, divide, square root. */
#include "bench/kernels/bench.h"
#include <math.h>

struct body {
    double x[3], v[3], m;
};

int main(int argc, char **argv)
{
    enum { N = 5 };
    struct body b[N];
    uint32_t seed = 23;
    uint64_t sum = 0;
    long n = bench_scale(argc, argv) * 1200000l;

    for (int i = 0; i < N; i++) {
        for (int k = 0; k < 3; k++) {
            b[i].x[k] = (int32_t)bench_random(&seed) * 0x1p-28;
            b[i].v[k] = (int32_t)bench_random(&seed) * 0x1p-33;
        }
        b[i].m = 0.5 + i;
    }
    while (n-- > 0) {
        for (int i = 0; i < N; i++)
            for (int j = i + 1; j < N; j++) {
                double d[3], r = 0.01, s;

                for (int k = 0; k < 3; k++) {
                    d[k] = b[i].x[k] - b[j].x[k];
                    r += d[k] * d[k];
                }
                s = 0.001 / (r * sqrt(r));
                for (int k = 0; k < 3; k++) {
                    b[i].v[k] -= d[k] * b[j].m * s;
                    b[j].v[k] += d[k] * b[i].m * s;
                }
            }
        for (int i = 0; i < N; i++)
            for (int k = 0; k < 3; k++)
                b[i].x[k] += 0.001 * b[i].v[k];
    }
    for (int i = 0; i < N; i++)
        sum = bench_mix(sum, bench_bits(b[i].x[0]));
    return bench_done(sum);
}
