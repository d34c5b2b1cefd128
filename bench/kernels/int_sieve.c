// SPDX-License-Identifier: MIT
/* bench/kernels/int_sieve.c -- Primes below four million, several times: short loops of stores and compares. */
#include "bench/kernels/bench.h"

enum { TOP = 4000000 };

int main(int argc, char **argv)
{
    static uint8_t composite[TOP];
    int n = bench_scale(argc, argv) * 26;
    uint64_t sum = 0;

    for (int r = 0; r < n; r++) {
        int count = 0;

        memset(composite, 0, sizeof composite);
        for (int i = 2; i < TOP; i++) {
            if (composite[i])
                continue;
            count++;
            for (long j = (long)i * i; j < TOP; j += i)
                composite[j] = 1;
        }
        sum = bench_mix(sum, count);
    }
    return bench_done(sum);
}
