// SPDX-License-Identifier: MIT
/* bench/kernels/sys_mmap.c -- Mapping, touching, protecting and unmapping pages. */
#include "bench/kernels/bench.h"
#include <sys/mman.h>

int main(int argc, char **argv)
{
    uint64_t sum = 0;

    for (int i = 0; i < bench_scale(argc, argv) * 200000; i++) {
        char *p = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (p == MAP_FAILED)
            return 1;
        for (int k = 0; k < 1 << 16; k += 1 << 14)
            p[k] = (char)(i + k);
        mprotect(p, 1 << 15, PROT_READ);
        sum += (unsigned char)p[1 << 14];
        munmap(p, 1 << 16);
    }
    return bench_done(sum);
}
