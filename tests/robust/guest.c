// SPDX-License-Identifier: MIT
/* tests/robust/guest.c -- a program of the guest for run.sh: recursion without end, with and without
 * a handler; memory until there is none; output that nobody takes. The first argument says which. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile int depth;

static __attribute__((noinline)) int deeper(volatile char *above)
{
    char here[512];

    memset(here, above ? above[0] : 1, sizeof(here));
    depth++;
    return deeper(here) + here[7];
}

static void caught(int sig, siginfo_t *info, void *uc)
{
    static const char text[] = "stack overflow caught\n";

    (void)uc;
    _exit(sig == SIGSEGV && info->si_addr && depth > 1000 &&
          write(1, text, sizeof(text) - 1) > 0 ? 7 : 8);
}

static int overflow(int with_handler)
{
    struct sigaction sa = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    stack_t ss = {.ss_size = 65536, .ss_sp = malloc(65536)};

    if (with_handler && (sigaltstack(&ss, NULL) || sigaction(SIGSEGV, &sa, NULL)))
        return 1;
    return deeper(NULL);
}

static void *thread(void *arg)
{
    return (void *)(long)deeper(arg);
}

static int memory(void)
{
    size_t got = 0;

    while (mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
           MAP_FAILED)
        got++;
    printf("%s after %s\n", strerror(errno), got > 16 ? "some" : "too little");
    return 0;
}

static int output(void)
{
    if (printf("text\n") < 0 || fflush(stdout)) {
        fprintf(stderr, "guest: %s\n", strerror(errno));
        return 3;
    }
    return 0;
}

static int endless(void)
{
    while (write(1, "yyyyyyy\n", 8) > 0)
        ;
    return 4;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    pthread_t th;

    if (strcmp(what, "overflow") == 0)
        return overflow(0);
    if (strcmp(what, "caught") == 0)
        return overflow(1);
    if (strcmp(what, "thread") == 0)
        return pthread_create(&th, NULL, thread, NULL) || pthread_join(th, NULL);
    if (strcmp(what, "memory") == 0)
        return memory();
    if (strcmp(what, "output") == 0)
        return output();
    if (strcmp(what, "endless") == 0)
        return endless();
    if (strcmp(what, "abort") == 0)
        abort();
    return 2;
}
