// SPDX-License-Identifier: MIT
/* bench/kernels/mem_chase.c -- A walk along a shuffled chain of 16 MiB: one load waits for the next. */
#include "bench/kernels/bench.h"

enum { N = 1 << 21 };

int main(int argc, char **argv)
{
    static uint32_t next[N], order[N];
    uint32_t seed = 59, at = 0;
    long n = bench_scale(argc, argv) * 10000000l;

    for (uint32_t i = 0; i < N; i++)
        order[i] = i;
    for (uint32_t i = N - 1; i > 0; i--) {
        uint32_t j = bench_random(&seed) % (i + 1), t = order[i];

        order[i] = order[j];
        order[j] = t;
    }
    for (uint32_t i = 0; i < N; i++)
        next[order[i]] = order[(i + 1) % N];
    while (n-- > 0)
        at = next[at];
    return bench_done(at);
}
