// SPDX-License-Identifier: MIT
/* tests/guest/codelock.c -- threads that make code and threads that change the rights of code do
 * not wait for each other for ever, forks in between included; the code that runs is the new one. */
#include "tests/guest/guest.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define P 4096ul
#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)

static atomic_bool stop;

static uint32_t *page(void)
{
    void *p = mmap(NULL, P, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(p != MAP_FAILED);
    return p;
}

/* Writes "mov w0, #n; ret" at p and calls it. */
static unsigned call_new(uint32_t *p, unsigned n)
{
    p[0] = 0x52800000 | n << 5;
    p[1] = 0xd65f03c0;
    CHECK(mprotect(p, P, RX) == 0);
    __builtin___clear_cache((char *)p, (char *)(p + 2));
    return ((unsigned (*)(void))(uintptr_t)p)();
}

static void *change_rights(void *arg)
{
    uint32_t *p = page();

    (void)arg;
    for (unsigned n = 0; !atomic_load(&stop); n++) {
        CHECK(call_new(p, n & 0xffff) == (n & 0xffff));
        CHECK(mprotect(p, P, RW) == 0);
    }
    return NULL;
}

static void *map_anew(void *arg)
{
    (void)arg;
    for (unsigned n = 0; !atomic_load(&stop); n++) {
        uint32_t *p = page();

        CHECK(call_new(p, n & 0xffff) == (n & 0xffff));
        CHECK(munmap(p, P) == 0);
    }
    return NULL;
}

int main(void)
{
    pthread_t t[4];
    int status;

    alarm(100);
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&t[i], NULL, i & 1 ? map_anew : change_rights, NULL) == 0);
    for (int i = 0; i < 12; i++) {
        pid_t pid = fork();

        if (pid == 0)
            _exit(call_new(page(), 42) == 42 ? 7 : 1);
        CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && status == 7 << 8);
    }
    atomic_store(&stop, true);
    for (int i = 0; i < 4; i++)
        CHECK(pthread_join(t[i], NULL) == 0);
    passed("codelock");
}
