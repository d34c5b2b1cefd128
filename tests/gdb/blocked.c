// SPDX-License-Identifier: MIT
/* tests/gdb/blocked.c -- a program that only sleeps: an interrupt ends the call, which is made
 * again. */
#include <stdio.h>
#include <errno.h>
#include <time.h>
#include <unistd.h>

volatile int go, slept;

__attribute__((noinline)) int nap(int ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

    return nanosleep(&t, NULL) == 0 ? 0 : errno;
}

__attribute__((noinline)) void after(int err)
{
    printf("err=%d\n", err);
    fflush(stdout);
}

int main(void)
{
    after(nap(3000));
    while (!go)
        nap(60000);
    return 0;
}
