// SPDX-License-Identifier: MIT
/* bench/kernels/mem_random.c -- Random reads and writes of all sizes over 32 MiB. */
#include "bench/kernels/bench.h"

int main(int argc, char **argv)
{
    enum { N = 1 << 25 };
    static uint8_t m[N + 8];
    uint32_t seed = 61;
    uint64_t sum = 0;
    long n = bench_scale(argc, argv) * 16000000l;

    for (long i = 0; i < n; i++) {
        uint32_t r = bench_random(&seed);
        uint8_t *p = m + (r & (N - 1));
        uint64_t v;

        if (r >> 31) {
            memcpy(&v, p, 8); /* unaligned */
            sum += v;
        } else {
            uint32_t w = (uint32_t)sum ^ r;

            memcpy(p, &w, 4);
        }
        m[i & (N - 1)]++;
    }
    return bench_done(sum);
}
