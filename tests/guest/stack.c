// SPDX-License-Identifier: MIT
/* tests/guest/stack.c -- accesses with SP as their base while it is no multiple of 16: SIGBUS with
 * BUS_ADRALN and SP as its address, at the instruction, with nothing done. */
#include "tests/guest/guest.h"

#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

static volatile uint64_t pc, sp, addr;
static volatile int code, count;

static void on_bus(int sig, siginfo_t *si, void *ucp)
{
    ucontext_t *uc = ucp;

    (void)sig;
    pc = uc->uc_mcontext.pc;
    sp = uc->uc_mcontext.sp;
    addr = (uint64_t)si->si_addr;
    code = si->si_code;
    count++;
    uc->uc_mcontext.pc += 4;
}

static uint64_t area[64] __attribute__((aligned(64)));

/* Runs insn with SP at area + at; returns SP afterwards. x9 is there for the instruction. */
#define WITH_SP(at, insn)                                                                          \
    ({                                                                                             \
        uint64_t old_, new_, where_ = (uint64_t)area + (at);                                       \
        __asm__ volatile(".arch_extension lse\n"                                                   \
                         " mov %0, sp\n mov sp, %2\n mov x9, %2\n adr x11, 1f\n"                   \
                         "1: " insn "\n mov %1, sp\n mov sp, %0\n mov %2, x11"                     \
                         : "=&r"(old_), "=&r"(new_), "+&r"(where_)                                 \
                         :                                                                         \
                         : "x9", "x10", "x11", "x12", "x13", "v0", "v1", "memory");                \
        at_insn = where_;                                                                          \
        new_ - (uint64_t)area;                                                                     \
    })
static uint64_t at_insn;

#define BAD(at, insn)                                                                              \
    do {                                                                                           \
        int before_ = count;                                                                       \
        memset(area, 1, sizeof(area));                                                             \
        CHECK(WITH_SP(at, insn) == (at)); /* no write-back */                                      \
        CHECK(count == before_ + 1 && code == BUS_ADRALN && pc == at_insn);                        \
        CHECK(sp == (uint64_t)area + (at) && addr == sp);                                          \
        for (unsigned i_ = 0; i_ < 64; i_++)                                                       \
            CHECK(area[i_] == 0x0101010101010101);                                                 \
    } while (0)
#define GOOD(at, insn, then)                                                                       \
    do {                                                                                           \
        int before_ = count;                                                                       \
        CHECK(WITH_SP(at, insn) == (then));                                                        \
        CHECK(count == before_);                                                                   \
    } while (0)

static void all(void)
{
    BAD(136, "ldr x10, [sp]");
    BAD(136, "ldr x10, [sp, #8]"); /* the address is aligned, the base is not */
    BAD(129, "ldrb w10, [sp, #3]");
    BAD(136, "str x9, [sp, #-8]!");
    BAD(136, "str xzr, [sp], #8");
    BAD(132, "ldp x10, x12, [sp, #16]");
    BAD(136, "stp x9, x9, [sp, #-32]!");
    BAD(136, "ldr x10, [sp, xzr]");
    BAD(136, "ldr q0, [sp, #8]");
    BAD(136, "stp q0, q1, [sp]");
    BAD(136, "st1 {v0.16b}, [sp], #16");
    BAD(136, "ld1 {v0.b}[3], [sp]");
    BAD(136, "ldadd x9, x10, [sp]");
    BAD(136, "cas x9, x10, [sp]");
    BAD(136, "stlr x9, [sp]");
    BAD(136, "ldxr x10, [sp]");
    BAD(136, "stxr w10, x12, [sp]");
    GOOD(136, "prfm pldl1keep, [sp]", 136);
    GOOD(136, "ldr x10, [x9]", 136);
    GOOD(136, "add x10, sp, #1", 136);
    GOOD(144, "ldr x10, [sp], #16", 160);
    GOOD(144, "str x9, [sp, #-16]!", 128);
    /* the access is checked before its write-back */
    GOOD(144, "ldr x10, [sp], #8", 152);
    GOOD(144, "ldr x10, [sp], #8\n add sp, sp, #8\n ldr x10, [sp]", 160);
    GOOD(144, "sub sp, sp, #1\n mov x12, sp\n and sp, x12, #~15\n ldr x10, [sp]", 128);
    GOOD(144, "sub sp, sp, #8\n sub sp, sp, #16\n add sp, sp, #8\n str x9, [sp]", 128);
    /* odd in the middle of a region, behind each kind of write */
    for (int way = 0; way < 5; way++) {
        int before = count;
        uint64_t then = 0;

        switch (way) {
        case 0:
            then = WITH_SP(144, "sub sp, sp, #8\n ldr x10, [sp]\n ldr x10, [sp, #8]");
            break;
        case 1:
            then = WITH_SP(144, "add x12, x9, #-8\n mov sp, x12\n ldr x10, [sp]\n str x10, [sp]");
            break;
        case 2:
            then = WITH_SP(144, "mov x12, #8\n sub sp, sp, x12\n ldr x10, [sp]\n str x10, [sp]");
            break;
        case 3:
            then = WITH_SP(144, "str x9, [sp, #-8]!\n ldr x10, [sp]\n str x10, [sp]");
            break;
        case 4:
            then = WITH_SP(144, "mov x12, #-8\n ld1 {v0.8b}, [sp], x12\n ldr x10, [sp]\n str x10, [sp]");
            break;
        }
        CHECK(then == 136 && count == before + 2 && addr == (uint64_t)area + 136);
    }
}

int main(void)
{
    static char stack[65536];
    stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) };
    struct sigaction sa = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO | SA_ONSTACK };

    CHECK(sigaltstack(&ss, NULL) == 0 && sigaction(SIGBUS, &sa, NULL) == 0);
    for (int i = 0; i < 3; i++)
        all();
    passed("stack");
}
