// SPDX-License-Identifier: MIT
/* bench/kernels/call_ackermann.c -- Ackermann's function: recursion so deep that any return cache overflows. */
#include "bench/kernels/bench.h"

static int __attribute__((noinline, noclone, optimize("no-optimize-sibling-calls"))) ack(int m, int n)
{
    if (m == 0)
        return n + 1;
    return ack(m - 1, n == 0 ? 1 : ack(m, n - 1));
}

int main(int argc, char **argv)
{
    uint64_t sum = 0;

    for (int i = 0; i < bench_scale(argc, argv) * 60; i++)
        sum = bench_mix(sum, ack(2, 1000) + ack(3, 7));
    return bench_done(sum);
}
