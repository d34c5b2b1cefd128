// SPDX-License-Identifier: MIT
/* bench/kernels/mem_copy.c -- memcpy, memmove, memset and memcmp of the C library, from 3 bytes to 256 KiB. */
#include "bench/kernels/bench.h"

int main(int argc, char **argv)
{
    static uint8_t a[1 << 18], b[1 << 18];
    static const int sizes[] = { 3, 8, 24, 100, 600, 4096, 32768, 262144 };
    uint64_t sum = 0;

    for (int r = 0; r < bench_scale(argc, argv) * 70; r++)
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            long n = 4000000l / (sizes[s] + 60), size = sizes[s];

            for (long i = 0; i < n; i++) {
                memset(a + (i & 7), (int)i, size - (size > 8 ? 8 : 0));
                memcpy(b, a, size);
                memmove(b + 1, b, size - 1);
                sum += b[size / 2] + (memcmp(a, b, size) > 0);
                __asm__ volatile("" ::: "memory");
            }
        }
    return bench_done(sum);
}
