// SPDX-License-Identifier: MIT
/* bench/kernels/call_switch.c -- A state machine by switch: jump tables and short functions. */
#include "bench/kernels/bench.h"

static uint32_t __attribute__((noinline)) step(uint32_t op, uint32_t x)
{
    switch (op & 15) {
    case 0: return x + 1;
    case 1: return x * 3;
    case 2: return x ^ 0x55;
    case 3: return x >> 1;
    case 4: return x - 9;
    case 5: return ~x;
    case 6: return x << 3 | x >> 29;
    case 7: return x + (x >> 4);
    case 8: return x ^ x << 5;
    case 9: return x | 1;
    case 10: return x * 7 + 1;
    case 11: return x - (x >> 2);
    case 12: return x ^ 0xff00;
    case 13: return -x;
    case 14: return x & ~8u;
    default: return x + op;
    }
}

int main(int argc, char **argv)
{
    uint32_t seed = 19, x = 1;
    long n = bench_scale(argc, argv) * 60000000l;

    for (long i = 0; i < n; i++)
        x = step(bench_random(&seed) >> 9, x);
    return bench_done(x);
}
