// SPDX-License-Identifier: MIT
/* bench/kernels/thr_create.c -- Threads made and joined, thousands of them. */
#include "bench/kernels/bench.h"
#include <pthread.h>

static void *work(void *arg)
{
    return (void *)((uintptr_t)arg * 3 + 1);
}

int main(int argc, char **argv)
{
    uint64_t sum = 0;

    for (uintptr_t i = 0; i < (uintptr_t)bench_scale(argc, argv) * 1200; i++) {
        pthread_t t;
        void *r;

        if (pthread_create(&t, NULL, work, (void *)i) != 0 || pthread_join(t, &r) != 0)
            return 1;
        sum = bench_mix(sum, (uintptr_t)r);
    }
    return bench_done(sum);
}
