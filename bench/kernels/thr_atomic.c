// SPDX-License-Identifier: MIT
/* bench/kernels/thr_atomic.c -- Atomic adds, swaps and compare-and-swap loops on shared words, two threads. */
#include "bench/kernels/bench.h"
#include <pthread.h>
#include <stdatomic.h>

static _Atomic uint64_t count, top;
static _Atomic uint32_t word;
static int rounds;

static void *work(void *arg)
{
    for (int i = 0; i < rounds; i++) {
        uint64_t seen = atomic_load(&top), mine = (uint64_t)i * (uintptr_t)arg;

        atomic_fetch_add(&count, 3);
        atomic_exchange_explicit(&word, (uint32_t)i, memory_order_acq_rel);
        while (seen < mine && !atomic_compare_exchange_weak(&top, &seen, mine))
            ;
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t t[2];

    rounds = bench_scale(argc, argv) * 8000000;
    for (uintptr_t i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, work, (void *)(i + 1));
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    return bench_done(count ^ top << 32);
}
