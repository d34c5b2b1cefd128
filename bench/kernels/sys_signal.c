// SPDX-License-Identifier: MIT
/* bench/kernels/sys_signal.c -- A process that signals itself: handler entry and return. */
#include "bench/kernels/bench.h"
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t hits;

static void handler(int sig)
{
    hits += sig == SIGUSR1;
}

int main(int argc, char **argv)
{
    struct sigaction sa = { .sa_handler = handler };

    sigaction(SIGUSR1, &sa, NULL);
    for (int i = 0; i < bench_scale(argc, argv) * 200000; i++)
        raise(SIGUSR1);
    return bench_done((uint64_t)hits);
}
