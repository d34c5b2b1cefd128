// SPDX-License-Identifier: MIT
/* bench/kernels/call_fib.c -- Fibonacci by recursion: nothing but calls and returns. */
#include "bench/kernels/bench.h"

static int __attribute__((noinline, noclone, optimize("no-optimize-sibling-calls"))) fib(int n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(int argc, char **argv)
{
    uint64_t sum = 0;

    for (int i = 0; i < bench_scale(argc, argv); i++)
        sum = bench_mix(sum, fib(39));
    return bench_done(sum);
}
