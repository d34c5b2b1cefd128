// SPDX-License-Identifier: MIT
/* bench/kernels/sys_getpid.c -- Millions of the cheapest system calls. */
#include "bench/kernels/bench.h"
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    uint64_t same = 0;
    long pid = syscall(SYS_getpid);

    for (int i = 0; i < bench_scale(argc, argv) * 4000000; i++)
        same += syscall(SYS_getpid) == pid;
    return bench_done(same);
}
