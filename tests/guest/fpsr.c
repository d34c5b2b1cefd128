// SPDX-License-Identifier: MIT
/* tests/guest/fpsr.c -- FPSR and FPCR in a signal frame are those of the program: a denormal operand is
 * no IDC unless FPCR.FZ flushes it, sticky bits survive the handler, the handler can change them. */
#include "tests/guest/guest.h"

#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

static volatile uint32_t seen_fpsr, seen_fpcr;

static void note(int sig, siginfo_t *info, void *ctx)
{
    ucontext_t *uc = ctx;
    uint8_t *p = (uint8_t *)uc->uc_mcontext.__reserved;

    (void)sig, (void)info;
    for (;;) {
        uint32_t magic, size;

        memcpy(&magic, p, 4);
        memcpy(&size, p + 4, 4);
        CHECK(magic != 0);
        if (magic == 0x46508001) {
            uint32_t set = 0x08000001; /* QC, IOC */

            memcpy((void *)&seen_fpsr, p + 8, 4);
            memcpy((void *)&seen_fpcr, p + 12, 4);
            memcpy(p + 8, &set, 4);
            break;
        }
        p += size;
    }
    uc->uc_mcontext.pc += 4;
}

static void run(uint64_t fpcr, uint32_t want)
{
    uint64_t after;

    __asm__ volatile("msr fpcr, %1\n msr fpsr, xzr\n fmov d0, %2\n fmov d1, #1.0\n"
                     " fadd d0, d0, d1\n brk #1\n mrs %0, fpsr\n msr fpcr, xzr"
                     : "=&r"(after) : "r"(fpcr), "r"(1ul) : "v0", "v1", "memory");
    CHECK(seen_fpsr == want && seen_fpcr == fpcr);
    CHECK(after == 0x08000001);
}

int main(void)
{
    struct sigaction sa = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };

    sigaction(SIGTRAP, &sa, NULL);
    run(0, 0x10);             /* inexact only */
    run(1ul << 24, 0x80);     /* FZ: the operand is flushed, the sum exact */
    run(1ul << 22, 0x10);     /* towards plus infinity */
    passed("fpsr");
}
