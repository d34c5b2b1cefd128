// SPDX-License-Identifier: MIT
/* bench/kernels/int_hash.c -- An open hash table of 64-bit keys: multiplications, masks, probes. */
#include "bench/kernels/bench.h"

enum { BITS = 15, SIZE = 1 << BITS };

static uint64_t keys[SIZE];
static uint32_t values[SIZE];

static uint32_t *find(uint64_t key)
{
    uint32_t at = key * 0x9e3779b97f4a7c15u >> (64 - BITS);

    while (keys[at] && keys[at] != key)
        at = (at + 1) & (SIZE - 1);
    keys[at] = key;
    return &values[at];
}

int main(int argc, char **argv)
{
    uint32_t seed = 3;
    uint64_t sum = 0;
    int n = bench_scale(argc, argv) * 80000000;

    for (int i = 0; i < n; i++)
        ++*find(1 + bench_random(&seed) % 20000);
    for (int i = 0; i < SIZE; i++)
        sum = bench_mix(sum, keys[i] ^ values[i]);
    return bench_done(sum);
}
