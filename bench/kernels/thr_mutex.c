// SPDX-License-Identifier: MIT
/* bench/kernels/thr_mutex.c -- Two threads and one mutex, much wanted. */
#include "bench/kernels/bench.h"
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t shared;
static int rounds;

static void *work(void *arg)
{
    for (int i = 0; i < rounds; i++) {
        pthread_mutex_lock(&lock);
        shared += (uintptr_t)arg;
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t t[2];

    rounds = bench_scale(argc, argv) * 5000000;
    for (uintptr_t i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, work, (void *)(i + 1));
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    return bench_done(shared);
}
