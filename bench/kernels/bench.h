/* SPDX-License-Identifier: MIT */
/* bench/kernels/bench.h -- what every kernel shares: a fixed random sequence and the closing line.
 *
 * A kernel does a fixed amount of work, the first argument times over (default 1), and prints one
 * checksum that must be the same on every host and under every emulator. It takes no input and
 * measures nothing itself: bench/run times the whole process. */
#ifndef BENCH_KERNELS_BENCH_H
#define BENCH_KERNELS_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline uint32_t bench_random(uint32_t *state) /* xorshift; state never 0 */
{
    uint32_t x = *state;

    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

static inline uint64_t bench_mix(uint64_t sum, uint64_t value)
{
    return (sum ^ value) * 0x9e3779b97f4a7c15u + (sum >> 29);
}

static inline int bench_scale(int argc, char **argv)
{
    return argc > 1 ? atoi(argv[1]) : 1;
}

static inline int bench_done(uint64_t sum)
{
    printf("%016llx\n", (unsigned long long)sum);
    return 0;
}

static inline uint64_t bench_bits(double d)
{
    uint64_t u;

    memcpy(&u, &d, sizeof u);
    return u;
}

#endif
