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

int main(void)
{
    int err = nap(1000);

    printf("err=%d\n", err);
    fflush(stdout);
    while (!go)
        nap(60000);
    return 0;
}
