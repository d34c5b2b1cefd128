// SPDX-License-Identifier: MIT
/* bench/kernels/vec_image.c -- Bytes of pictures: blend, threshold, sums of absolute differences, vectorised integers. */
#include "bench/kernels/bench.h"

enum { N = 1 << 16 };

static uint8_t a[N], b[N], c[N];

int main(int argc, char **argv)
{
    uint32_t seed = 43;
    uint64_t sum = 0;
    int n = bench_scale(argc, argv) * 5000;

    for (int i = 0; i < N; i++) {
        a[i] = bench_random(&seed);
        b[i] = bench_random(&seed);
    }
    for (int r = 0; r < n; r++) {
        uint32_t diff = 0, bright = 0;

        for (int i = 0; i < N; i++)
            c[i] = (a[i] * 77 + b[i] * 179 + r) >> 8;
        for (int i = 0; i < N; i++)
            diff += a[i] > c[i] ? a[i] - c[i] : c[i] - a[i];
        for (int i = 0; i < N; i++)
            bright += c[i] > 128;
        sum = bench_mix(sum, diff + bright);
    }
    return bench_done(sum);
}
