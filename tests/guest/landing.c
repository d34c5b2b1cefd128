// SPDX-License-Identifier: MIT
/* tests/guest/landing.c -- branch target identification (FEAT_BTI, Arm ARM D8.4.6): on pages with
 * PROT_BTI an indirect branch must meet a landing pad of its kind, else SIGILL at the target with
 * BTYPE in the frame; other pages, direct branches and returns are free. PAC's pads, signals. */
#include "tests/guest/guest.h"

#include <signal.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <ucontext.h>

#define P 4096ul
#define BTI_PROT 0x10

enum {
    BTI = 0xd503241f, BTI_C = 0xd503245f, BTI_J = 0xd503249f, BTI_JC = 0xd50324df,
    PACIASP = 0xd503233f, AUTIASP = 0xd50323bf, NOP = 0xd503201f, RET = 0xd65f03c0,
    MOV_42 = 0x52800540, BR_X1 = 0xd61f0020, BR_X16 = 0xd61f0200, BLR_X1 = 0xd63f0020,
};

static volatile int caught, code;
static volatile uint64_t at, addr, pstate;

static void ill(int sig, siginfo_t *si, void *p)
{
    ucontext_t *uc = p;

    (void)sig;
    caught++;
    code = si->si_code;
    addr = (uintptr_t)si->si_addr;
    at = uc->uc_mcontext.pc;
    pstate = uc->uc_mcontext.pstate;
    uc->uc_mcontext.pstate &= ~0xc00ull; /* land all the same */
}

/* kind: 0 BLR x1, 1 BR x1, 2 BR x16, 3 a direct call of code. */
static int reach(int kind, const uint32_t *target)
{
    register uint64_t x0 __asm__("x0") = 0;
    register const uint32_t *x1 __asm__("x1") = target;
    register const uint32_t *x16 __asm__("x16") = target;

    switch (kind) {
    case 0:
        __asm__ volatile("blr x1" : "+r"(x0), "+r"(x1) : : "x30", "memory", "cc");
        break;
    case 1:
        __asm__ volatile("adr x30, 1f\n br x1\n 1:" : "+r"(x0), "+r"(x1) : : "x30", "memory");
        break;
    default:
        __asm__ volatile("adr x30, 1f\n br x16\n 1:" : "+r"(x0) : "r"(x16) : "x30", "memory");
    }
    return (int)x0;
}

static void put(uint32_t *page, uint32_t first, int guarded)
{
    CHECK(mprotect(page, P, PROT_READ | PROT_WRITE) == 0);
    page[0] = first;
    page[1] = first == PACIASP ? AUTIASP : NOP;
    page[2] = MOV_42;
    page[3] = RET;
    __builtin___clear_cache((char *)page, (char *)(page + 4));
    CHECK(mprotect(page, P, PROT_READ | PROT_EXEC | (guarded ? BTI_PROT : 0)) == 0);
}

int main(void)
{
    /* Which pads take BLR (BTYPE 2), BR x1 from this unguarded page (1), BR x16 (1). */
    static const struct { uint32_t pad; int call, jump; } pads[] = {
        { NOP, 0, 0 }, { BTI, 0, 0 }, { BTI_C, 1, 1 }, { BTI_J, 0, 1 }, { BTI_JC, 1, 1 },
        { PACIASP, 1, 1 }, { MOV_42, 0, 0 },
    };
    struct sigaction sa = { .sa_sigaction = ill, .sa_flags = SA_SIGINFO };
    uint32_t *page = mmap(NULL, P, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(page != MAP_FAILED && sigaction(SIGILL, &sa, NULL) == 0);
    CHECK(getauxval(AT_HWCAP2) >> 17 & 1);
    for (unsigned i = 0; i < sizeof(pads) / sizeof(pads[0]); i++) {
        for (int kind = 0; kind < 3; kind++) {
            int good = kind == 0 ? pads[i].call : pads[i].jump;

            put(page, pads[i].pad, 0);
            CHECK(reach(kind, page) == 42 && caught == 0);
            put(page, pads[i].pad, 1);
            CHECK(reach(kind, page) == 42);
            CHECK(caught == !good);
            if (!good) {
                CHECK(code == ILL_ILLOPC && at == (uintptr_t)page && addr == at);
                CHECK((pstate >> 10 & 3) == (kind == 0 ? 2 : 1));
            }
            caught = 0;
        }
    }
    /* A branch from a guarded page by another register than x16 and x17: only BTI j will do. */
    for (unsigned i = 0; i < 2; i++) {
        CHECK(mprotect(page, P, PROT_READ | PROT_WRITE) == 0);
        page[0] = BTI_C;
        page[1] = 0x10000061; /* adr x1, page + 16 */
        page[2] = i ? 0xaa0103f0 : NOP; /* mov x16, x1 */
        page[3] = i ? BR_X16 : BR_X1;
        page[4] = BTI_C;
        page[5] = MOV_42;
        page[6] = RET;
        __builtin___clear_cache((char *)page, (char *)(page + 7));
        CHECK(mprotect(page, P, PROT_READ | PROT_EXEC | BTI_PROT) == 0);
        caught = 0;
        CHECK(reach(0, page) == 42 && caught == !i);
        CHECK(i || (at == (uintptr_t)(page + 4) && (pstate >> 10 & 3) == 3));
    }
    passed("landing");
}
