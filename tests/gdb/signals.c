// SPDX-License-Identifier: MIT
/* tests/gdb/signals.c -- signals with and without handlers, and one that kills. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

volatile int usr1, usr2, alarms, value;

__attribute__((noinline)) void on_usr1(int sig, siginfo_t *info, void *uc)
{
    (void)info;
    (void)uc;
    usr1 += sig;
}

static void on_other(int sig)
{
    if (sig == SIGUSR2)
        usr2++;
    else
        alarms++;
}

int main(void)
{
    struct sigaction sa = {.sa_sigaction = on_usr1, .sa_flags = SA_SIGINFO};
    int *bad = (int *)0x18;

    sigaction(SIGUSR1, &sa, NULL);
    signal(SIGUSR2, on_other);
    signal(SIGALRM, on_other);
    kill(getpid(), SIGUSR1);
    value = 1;
    raise(SIGUSR2);
    value = 2;
    raise(SIGUSR2);
    value = 3;
    raise(SIGALRM);
    value = 4;
    kill(getpid(), SIGTERM);
    value = 5;
    *bad = 1;
    value = 6;
    return 0;
}
