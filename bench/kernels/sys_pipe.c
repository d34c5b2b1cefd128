// SPDX-License-Identifier: MIT
/* bench/kernels/sys_pipe.c -- Bytes through a pipe, written and read by one process, with stat and lseek between. */
#include "bench/kernels/bench.h"
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int p[2];
    char buf[512] = { 1 };
    uint64_t sum = 0;
    struct stat st;

    if (pipe(p) != 0)
        return 1;
    for (int i = 0; i < bench_scale(argc, argv) * 700000; i++) {
        buf[i & 511]++;
        if (write(p[1], buf, sizeof buf) != (ssize_t)sizeof buf || read(p[0], buf, sizeof buf) != (ssize_t)sizeof buf)
            return 1;
        sum = bench_mix(sum, (unsigned char)buf[i * 7 & 511]);
        sum += fstat(p[0], &st) + (lseek(p[0], 0, SEEK_CUR) < 0) + S_ISFIFO(st.st_mode);
    }
    return bench_done(sum);
}
