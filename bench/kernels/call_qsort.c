// SPDX-License-Identifier: MIT
/* bench/kernels/call_qsort.c -- The C library's qsort with a comparison callback. */
#include "bench/kernels/bench.h"

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    enum { N = 200000 };
    static uint32_t a[N];
    uint32_t seed = 13;
    uint64_t sum = 0;

    for (int r = 0; r < bench_scale(argc, argv) * 12; r++) {
        for (int i = 0; i < N; i++)
            a[i] = bench_random(&seed);
        qsort(a, N, sizeof *a, compare);
        for (int i = 0; i < N; i += 1000)
            sum = bench_mix(sum, a[i]);
    }
    return bench_done(sum);
}
