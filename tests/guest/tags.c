// SPDX-License-Identifier: MIT
/* tests/guest/tags.c -- top byte ignore: all kinds of accesses through tagged pointers, faults that
 * report the address without its tag, and system calls before and after the tagged address ABI is
 * switched on (kernel: Documentation/arm64/tagged-address-abi). */
#include "tests/guest/guest.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#ifndef PR_SET_TAGGED_ADDR_CTRL
#define PR_SET_TAGGED_ADDR_CTRL 55
#define PR_GET_TAGGED_ADDR_CTRL 56
#endif

static sigjmp_buf back;
static void *volatile got_addr;
static volatile int got_sig;

static void note(int sig, siginfo_t *info, void *ctx)
{
    (void)ctx;
    got_sig = sig;
    got_addr = info->si_addr;
    siglongjmp(back, 1);
}

static void *tag(void *p, unsigned t)
{
    return (void *)((uintptr_t)p | (uint64_t)t << 56);
}

static void accesses(unsigned t)
{
    static uint64_t word[8] __attribute__((aligned(64)));
    uint64_t *p = tag(word, t), a, b;
    uint32_t status = 1;

    word[0] = 0;
    *(volatile uint64_t *)p = 0x1122334455667788;
    CHECK(word[0] == 0x1122334455667788);
    CHECK(((volatile uint8_t *)p)[1] == 0x77);
    __asm__ volatile("stp %1, %2, [%0, #16]" : : "r"(p), "r"(3ul), "r"(4ul) : "memory");
    __asm__ volatile("ldp %0, %1, [%2, #16]" : "=&r"(a), "=&r"(b) : "r"(p) : "memory");
    CHECK(a == 3 && b == 4 && word[2] == 3 && word[3] == 4);
    __asm__ volatile("ldr q0, [%0]\n str q0, [%0, #32]!" : "+r"(p) : : "v0", "memory");
    CHECK(word[4] == 0x1122334455667788 && p == (uint64_t *)tag(word + 4, t));
    p = tag(word, t);
    __asm__ volatile(".arch armv8.1-a\n ldaddal %2, %0, [%1]" : "=&r"(a) : "r"(p), "r"(1ul) : "memory");
    CHECK(a == 0x1122334455667788 && word[0] == a + 1);
    while (status)
        __asm__ volatile("ldaxr %0, [%2]\n add %0, %0, #1\n stlxr %w1, %0, [%2]"
                         : "=&r"(a), "=&r"(status) : "r"(p) : "memory");
    CHECK(word[0] == 0x112233445566778a);
    __asm__ volatile("st1 {v0.2d, v1.2d}, [%0], #32" : "+r"(p) : : "memory");
    CHECK(p == (uint64_t *)tag(word + 4, t));
}

static void faults(void)
{
    struct sigaction sa = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };
    char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(page != MAP_FAILED);
    sigaction(SIGSEGV, &sa, NULL);
    sigaction(SIGBUS, &sa, NULL);
    got_sig = 0;
    if (!sigsetjmp(back, 1))
        *(volatile char *)tag(page + 8, 0x5a) = 1;
    CHECK(got_sig == SIGSEGV && got_addr == page + 8);
    CHECK(mprotect(page, 4096, PROT_READ | PROT_WRITE) == 0);
    got_sig = 0;
    if (!sigsetjmp(back, 1))
        __asm__ volatile("ldaxr x9, [%0]" : : "r"(tag(page + 4, 0x5a)) : "x9", "memory");
    CHECK(got_sig == SIGBUS && got_addr == page + 4);
    CHECK(munmap(tag(page, 0x11), 4096) == 0); /* takes tags always */
}

static void *in_thread(void *fd)
{
    char c = 'x';

    CHECK(prctl(PR_GET_TAGGED_ADDR_CTRL, 0, 0, 0, 0) == 1);
    CHECK(write(*(int *)fd, tag(&c, 1), 1) == 1);
    return NULL;
}

static void calls(void)
{
    int fd[2];
    char c = 'a', d = 0;
    pthread_t thread;

    CHECK(pipe(fd) == 0);
    CHECK(prctl(PR_GET_TAGGED_ADDR_CTRL, 0, 0, 0, 0) == 0);
    CHECK(write(fd[1], tag(&c, 0x42), 1) == -1 && errno == EFAULT);
    CHECK(prctl(PR_SET_TAGGED_ADDR_CTRL, 8, 0, 0, 0) == -1 && errno == EINVAL);
    CHECK(prctl(PR_SET_TAGGED_ADDR_CTRL, 1, 1, 0, 0) == -1 && errno == EINVAL);
    CHECK(prctl(PR_SET_TAGGED_ADDR_CTRL, 1, 0, 0, 0) == 0);
    CHECK(prctl(PR_GET_TAGGED_ADDR_CTRL, 0, 0, 0, 0) == 1);
    CHECK(write(fd[1], tag(&c, 0x42), 1) == 1);
    CHECK(read(fd[0], tag(&d, 0x99), 1) == 1 && d == 'a');
    CHECK(pthread_create(&thread, NULL, in_thread, &fd[1]) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(read(fd[0], &d, 1) == 1 && d == 'x');
    CHECK(prctl(PR_SET_TAGGED_ADDR_CTRL, 0, 0, 0, 0) == 0);
    CHECK(write(fd[1], tag(&c, 0x42), 1) == -1 && errno == EFAULT);
}

int main(void)
{
    accesses(0);
    accesses(0x80);
    accesses(0xff);
    faults();
    calls();
    passed("tags");
}
