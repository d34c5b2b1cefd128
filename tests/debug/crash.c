// SPDX-License-Identifier: MIT
/* tests/debug/crash.c -- dies in the way that argv[1] names, with two more threads. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

volatile int data = 77;
volatile unsigned long spins;
char *heap;

__attribute__((noinline)) void crash(int *p)
{
    *p = data;
}

static void *spinner(void *arg)
{
    for (;;)
        spins++;
    return arg;
}

static void *sleeper(void *arg)
{
    sleep(1000);
    return arg;
}

int main(int argc, char **argv)
{
    pthread_t t;

    heap = malloc(300000);
    strcpy(heap + 150000, "in the heap");
    pthread_create(&t, NULL, spinner, NULL);
    pthread_create(&t, NULL, sleeper, NULL);
    while (spins == 0)
        usleep(20000);
    if (argc > 1 && strcmp(argv[1], "abort") == 0)
        abort();
    if (argc > 1 && strcmp(argv[1], "vfork") == 0) {
        if (vfork() == 0)
            crash(NULL);
        _exit(9);
    }
    __asm__ volatile("fmov v9.2d, #2.5" ::: "v9");
    crash((int *)24);
    return 0;
}
