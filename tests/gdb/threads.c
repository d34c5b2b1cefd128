// SPDX-License-Identifier: MIT
/* tests/gdb/threads.c -- three threads: one counts in a loop, one sleeps in a system call, main. */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

_Atomic unsigned long spins;
_Atomic int quit, hold;
static sem_t ready;

__attribute__((noinline)) void hit(int n)
{
    __asm__ volatile("" ::"r"(n));
}

static void *spinner(void *arg)
{
    prctl(PR_SET_NAME, "spinner");
    sem_post(&ready);
    while (!quit)
        spins++;
    return arg;
}

static void *sleeper(void *arg)
{
    struct timespec t = {.tv_sec = 1000};

    prctl(PR_SET_NAME, "sleeper");
    sem_post(&ready);
    while (!quit)
        nanosleep(&t, NULL);
    return arg;
}

__attribute__((noinline)) int add(int a, int b)
{
    return a + b;
}

/* A moment in which the spinner moves, unless gdb holds it. */
static void pass(void)
{
    unsigned long before = spins;

    for (int i = 0; i < 300 && spins == before; i++)
        usleep(10000);
}

int main(void)
{
    pthread_t a, b;

    sem_init(&ready, 0, 0);
    pthread_create(&a, NULL, spinner, NULL);
    pthread_create(&b, NULL, sleeper, NULL);
    sem_wait(&ready);
    sem_wait(&ready);
    pass();
    for (int i = 0; i < 3; i++)
        hit(i), pass();
    while (hold)
        usleep(10000);
    quit = 1;
    pthread_join(a, NULL);
    puts("joined");
    fflush(stdout);
    _exit(3);
}
