// SPDX-License-Identifier: MIT
/* tests/guest/faults.c -- synchronous faults: signal, code, address, syndrome, and going on after
 * the handler has mended or skipped. */
#include "guest.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <ucontext.h>

static sigjmp_buf back;
static volatile int got_sig, got_code;
static void *volatile got_addr;
static volatile uint64_t got_esr, got_fault, got_pc;

static uint64_t find_esr(const mcontext_t *mc)
{
    const uint8_t *p = (const uint8_t *)mc->__reserved;

    for (;;) {
        uint32_t magic, size;

        memcpy(&magic, p, 4);
        memcpy(&size, p + 4, 4);
        if (!magic)
            return 0;
        if (magic == 0x45535201) {
            uint64_t esr;

            memcpy(&esr, p + 8, 8);
            return esr;
        }
        p += size;
    }
}

static void note(int sig, siginfo_t *info, void *ctx)
{
    ucontext_t *uc = ctx;

    got_sig = sig;
    got_code = info->si_code;
    got_addr = info->si_addr;
    got_esr = find_esr(&uc->uc_mcontext);
    got_fault = uc->uc_mcontext.fault_address;
    got_pc = uc->uc_mcontext.pc;
    siglongjmp(back, 1);
}

static char *page_none, *page_read;

static void mend(int sig, siginfo_t *info, void *ctx)
{
    (void)ctx;
    got_sig = sig;
    got_addr = info->si_addr;
    CHECK(mprotect((void *)((uintptr_t)info->si_addr & ~4095ul), 4096, PROT_READ | PROT_WRITE) == 0);
}

#define FAULTS(stmt) (sigsetjmp(back, 1) == 0 ? (stmt, 0) : 1)

static void handle(void (*fn)(int, siginfo_t *, void *))
{
    struct sigaction sa = {.sa_sigaction = fn, .sa_flags = SA_SIGINFO};

    sigaction(SIGSEGV, &sa, NULL);
    sigaction(SIGBUS, &sa, NULL);
    sigaction(SIGILL, &sa, NULL);
}

int main(void)
{
    volatile char sink = 0;
    char name[] = "/tmp/moa-faults-XXXXXX";
    uint64_t a = 0, b = 0;
    char *bus;
    int fd;

    handle(note);
    page_none = mmap(NULL, 3 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    page_read = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page_none != MAP_FAILED && page_read != MAP_FAILED);

    CHECK(FAULTS(sink = *(volatile char *)0x10));
    CHECK(got_sig == SIGSEGV && got_code == SEGV_MAPERR && got_addr == (void *)0x10);
    CHECK(got_fault == 0x10 && (got_esr >> 26) == 0x24 && !(got_esr & 0x40));

    CHECK(FAULTS(*(volatile char *)(page_read + 5) = 1));
    CHECK(got_sig == SIGSEGV && got_code == SEGV_ACCERR && got_addr == page_read + 5);
    CHECK((got_esr >> 26) == 0x24 && got_esr & 0x40 && (got_esr & 0x3c) == 0x0c);

    CHECK(FAULTS(sink = *(volatile char *)(page_none + 4096)));
    CHECK(got_sig == SIGSEGV && got_code == SEGV_ACCERR && got_addr == page_none + 4096);

    CHECK(FAULTS(((void (*)(void))(void *)page_read)()));
    CHECK(got_sig == SIGSEGV && got_code == SEGV_ACCERR && got_addr == page_read &&
          got_pc == (uintptr_t)page_read && (got_esr >> 26) == 0x20);
    CHECK(FAULTS(((void (*)(void))(void *)0x123450)()));
    CHECK(got_sig == SIGSEGV && got_code == SEGV_MAPERR && got_addr == (void *)0x123450);

    /* a pair that crosses into a page without rights: no register may have changed */
    {
        char *two = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        uint64_t base = (uintptr_t)two + 4096 - 8, kept = 0;

        CHECK(mprotect(two + 4096, 4096, PROT_NONE) == 0);
        if (sigsetjmp(back, 1) == 0) {
            __asm__ volatile("ldp %0, %1, [%2], #16" : "=&r"(a), "=&r"(b), "+r"(base) : : "memory");
            CHECK(!"no fault");
        }
        CHECK(got_addr == two + 4096 && got_code == SEGV_ACCERR);
        kept = base;
        CHECK(kept == (uintptr_t)two + 4096 - 8);
    }

    /* mended by the handler: the store is done again */
    handle(mend);
    *(volatile char *)(page_none + 7) = 42;
    CHECK(got_sig == SIGSEGV && got_addr == page_none + 7 && page_none[7] == 42);
    __asm__ volatile("stp %0, %1, [%2]" : : "r"(1ul), "r"(2ul), "r"(page_none + 8192) : "memory");
    CHECK(((uint64_t *)(page_none + 8192))[1] == 2);
    handle(note);

    /* behind the end of a file */
    fd = mkstemp(name);
    CHECK(fd >= 0 && unlink(name) == 0 && ftruncate(fd, 100) == 0);
    bus = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(bus != MAP_FAILED);
    bus[99] = 1;
    CHECK(FAULTS(sink = *(volatile char *)(bus + 4096)));
    CHECK(got_sig == SIGBUS && got_code == BUS_ADRERR && got_addr == bus + 4096);

    /* system calls get EFAULT instead */
    CHECK(write(1, page_none + 4096, 4) == -1 && errno == EFAULT);
    CHECK(read(fd, page_read, 4) == -1 && errno == EFAULT);
    CHECK(open((char *)8, O_RDONLY) == -1 && errno == EFAULT);

    (void)sink;
    passed("faults");
}
