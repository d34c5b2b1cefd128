/* SPDX-License-Identifier: MIT */
/* tests/diff/harness.c -- arm64 program that runs a batch of short random instruction sequences.
 *
 * Runs under any emulator; built without a C library, at a fixed address, so that all of them see
 * the same memory. Standard input: a batch (layout.h). Standard output: its slots with what the
 * sequences made of them. Next to nothing is computed here: that would measure the emulator, not
 * the instructions. An instruction that raises a signal is skipped; signal, si_code, si_addr, pc
 * and ESR (where the kernel gives it) are part of the result. */
#include "tests/diff/layout.h"

#include <asm/sigcontext.h>
#include <asm/unistd.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/ucontext.h>

static struct diff_slot *const slots = (struct diff_slot *)DIFF_SLOTS_AT;
static uint32_t *const words = (uint32_t *)DIFF_CODE_AT;
static struct diff_slot *slot; /* that runs */
static uint8_t alt_stack[65536] __attribute__((aligned(16)));

/* ---- system ---- */

static long sys(long nr, long a, long b, long c, long d, long e, long f)
{
    register long x8 __asm__("x8") = nr, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
                  x2 __asm__("x2") = c, x3 __asm__("x3") = d, x4 __asm__("x4") = e,
                  x5 __asm__("x5") = f;

    __asm__ volatile("svc 0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return x0;
}

_Noreturn static void leave(int status)
{
    for (;;)
        sys(__NR_exit_group, status, 0, 0, 0, 0, 0);
}

void leave_sequence(void);
void run_sequence(struct diff_slot *s);
__asm__(
    ".text\n.global _start, run_sequence, leave_sequence\n"
    "_start: bl start\n"
    "run_sequence:\n"
    " stp x19, x20, [sp, #-96]!\n stp x21, x22, [sp, #16]\n stp x23, x24, [sp, #32]\n"
    " stp x25, x26, [sp, #48]\n stp x27, x28, [sp, #64]\n stp x29, x30, [sp, #80]\n"
    " mov x28, x0\n mov x1, sp\n str x1, [x28, #288]\n"
    " ldr x1, [x28, #248]\n mov sp, x1\n ldr x1, [x28, #256]\n msr nzcv, x1\n"
    " ldr x1, [x28, #264]\n msr fpcr, x1\n ldr x1, [x28, #272]\n msr fpsr, x1\n"
    " add x1, x28, #304\n"
    " ldp q0, q1, [x1]\n ldp q2, q3, [x1, #32]\n ldp q4, q5, [x1, #64]\n"
    " ldp q6, q7, [x1, #96]\n ldp q8, q9, [x1, #128]\n ldp q10, q11, [x1, #160]\n"
    " ldp q12, q13, [x1, #192]\n ldp q14, q15, [x1, #224]\n ldp q16, q17, [x1, #256]\n"
    " ldp q18, q19, [x1, #288]\n ldp q20, q21, [x1, #320]\n ldp q22, q23, [x1, #352]\n"
    " ldp q24, q25, [x1, #384]\n ldp q26, q27, [x1, #416]\n ldp q28, q29, [x1, #448]\n"
    " ldp q30, q31, [x1, #480]\n"
    " ldp x0, x1, [x28]\n ldp x2, x3, [x28, #16]\n ldp x4, x5, [x28, #32]\n"
    " ldp x6, x7, [x28, #48]\n ldp x8, x9, [x28, #64]\n ldp x10, x11, [x28, #80]\n"
    " ldp x12, x13, [x28, #96]\n ldp x14, x15, [x28, #112]\n ldp x16, x17, [x28, #128]\n"
    " ldp x18, x19, [x28, #144]\n ldp x20, x21, [x28, #160]\n ldp x22, x23, [x28, #176]\n"
    " ldp x24, x25, [x28, #192]\n ldp x26, x27, [x28, #208]\n ldr x29, [x28, #232]\n"
    " ldr x30, [x28, #280]\n br x30\n"
    "leave_sequence:\n"
    " stp x0, x1, [x28]\n stp x2, x3, [x28, #16]\n stp x4, x5, [x28, #32]\n"
    " stp x6, x7, [x28, #48]\n stp x8, x9, [x28, #64]\n stp x10, x11, [x28, #80]\n"
    " stp x12, x13, [x28, #96]\n stp x14, x15, [x28, #112]\n stp x16, x17, [x28, #128]\n"
    " stp x18, x19, [x28, #144]\n stp x20, x21, [x28, #160]\n stp x22, x23, [x28, #176]\n"
    " stp x24, x25, [x28, #192]\n stp x26, x27, [x28, #208]\n stp x29, x30, [x28, #232]\n"
    " mov x1, sp\n str x1, [x28, #248]\n mrs x1, nzcv\n str x1, [x28, #256]\n"
    " mrs x1, fpcr\n str x1, [x28, #264]\n mrs x1, fpsr\n str x1, [x28, #272]\n msr fpcr, xzr\n"
    " clrex\n"
    " add x1, x28, #304\n"
    " stp q0, q1, [x1]\n stp q2, q3, [x1, #32]\n stp q4, q5, [x1, #64]\n"
    " stp q6, q7, [x1, #96]\n stp q8, q9, [x1, #128]\n stp q10, q11, [x1, #160]\n"
    " stp q12, q13, [x1, #192]\n stp q14, q15, [x1, #224]\n stp q16, q17, [x1, #256]\n"
    " stp q18, q19, [x1, #288]\n stp q20, q21, [x1, #320]\n stp q22, q23, [x1, #352]\n"
    " stp q24, q25, [x1, #384]\n stp q26, q27, [x1, #416]\n stp q28, q29, [x1, #448]\n"
    " stp q30, q31, [x1, #480]\n"
    " ldr x1, [x28, #288]\n mov sp, x1\n"
    " ldp x21, x22, [sp, #16]\n ldp x23, x24, [sp, #32]\n ldp x25, x26, [sp, #48]\n"
    " ldp x27, x28, [sp, #64]\n ldp x29, x30, [sp, #80]\n ldp x19, x20, [sp], #96\n ret\n");

/* The syndrome of a signal frame, 0 if it has none. */
static uint64_t esr_of(const struct ucontext *uc)
{
    const uint8_t *p = uc->uc_mcontext.__reserved, *end = p + sizeof(uc->uc_mcontext.__reserved);

    while (p + sizeof(struct esr_context) <= end) {
        const struct _aarch64_ctx *c = (const void *)p;

        if (c->magic == ESR_MAGIC)
            return ((const struct esr_context *)p)->esr;
        if (!c->magic || c->size < sizeof(*c))
            break;
        p += c->size;
    }
    return 0;
}

static void on_signal(int sig, siginfo_t *si, void *ucp)
{
    struct ucontext *uc = ucp;
    uint64_t pc = uc->uc_mcontext.pc, n = slot->nsigs++, at = pc - slot->code;

    if (n < DIFF_MAX_SIGS) {
        slot->sigs[n].sig = (uint8_t)sig;
        slot->sigs[n].code = (uint8_t)si->si_code;
        slot->sigs[n].addr = (uint64_t)si->si_addr;
        slot->sigs[n].pc = (uint16_t)(at < 0x8000 ? at : (pc ^ pc >> 16 ^ pc >> 32) | 0x8000);
        slot->sigs[n].esr = (uint32_t)esr_of(uc);
    }
    if (pc >= DIFF_CODE_AT && pc < DIFF_CODE_AT + 4ul * DIFF_MAX_WORDS && !(pc & 3) && n < 100) {
        uc->uc_mcontext.pc = pc + 4;
    } else { /* it went astray */
        uc->uc_mcontext.pc = (uint64_t)leave_sequence;
        uc->uc_mcontext.regs[28] = (uint64_t)slot;
    }
    uc->uc_mcontext.pstate &= ~0xc00ul; /* BTYPE: the next word may be no landing pad */
}

static void catch(int sig)
{
    /* the kernel's own structure: no restorer on arm64 */
    struct { void *handler; unsigned long flags; void *restorer; unsigned long mask; } sa;

    sa.handler = (void *)on_signal;
    sa.flags = SA_SIGINFO | SA_ONSTACK;
    sa.restorer = NULL;
    sa.mask = ~0ul;
    sys(__NR_rt_sigaction, sig, (long)&sa, 0, 8, 0, 0);
}

static void map(uint64_t at, uint64_t bytes, int prot)
{
    /* private, anonymous, fixed */
    if (sys(__NR_mmap, (long)at, (long)bytes, prot, 0x32, -1, 0) != (long)at)
        leave(4);
}

static void get(void *to, uint64_t bytes)
{
    for (uint64_t at = 0; at < bytes;) {
        long n = sys(__NR_read, 0, (long)to + (long)at, (long)(bytes - at), 0, 0, 0);

        if (n <= 0)
            leave(2);
        at += (uint64_t)n;
    }
}

static void put(const void *from, uint64_t bytes)
{
    for (uint64_t at = 0; at < bytes;) {
        long n = sys(__NR_write, 1, (long)from + (long)at, (long)(bytes - at), 0, 0, 0);

        if (n <= 0)
            leave(3);
        at += (uint64_t)n;
    }
}

_Noreturn void start(void);
_Noreturn void start(void)
{
    stack_t ss = { .ss_sp = alt_stack, .ss_size = sizeof(alt_stack) };
    static struct diff_head head;

    get(&head, sizeof(head));
    if (head.magic != DIFF_MAGIC || head.nslots > DIFF_MAX_SLOTS || head.nwords > DIFF_MAX_WORDS)
        leave(2);
    map(DIFF_SLOTS_AT, (head.nslots + 1) * sizeof(struct diff_slot), 3);
    map(DIFF_CODE_AT, (head.nwords * 4 + 4095) & ~4095ul, 7);
    map(DIFF_EDGE_AT, 4096, 1);
    get(slots, head.nslots * sizeof(struct diff_slot));
    get(words, head.nwords * 4ul);
    words[0] = 0x14000000 | (((uint64_t)leave_sequence - DIFF_CODE_AT) >> 2 & 0x3ffffff);
    __builtin___clear_cache((char *)words, (char *)(words + head.nwords));
    sys(__NR_sigaltstack, (long)&ss, 0, 0, 0, 0, 0);
    catch(SIGILL);
    catch(SIGSEGV);
    catch(SIGBUS);
    catch(SIGTRAP);
    catch(SIGFPE);
    for (slot = slots; slot < slots + head.nslots; slot++)
        run_sequence(slot);
    put(slots, head.nslots * sizeof(struct diff_slot));
    leave(0);
}
