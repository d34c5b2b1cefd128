/* SPDX-License-Identifier: MIT */
/* frontends/arm64/key.h -- the mode word: what a translation depends on besides its bytes.
 *
 * bits 0..1  FPCR.RMode (order of enum tcg_round)
 * bit  2     FPCR.FZ          bit 3  FPCR.DN
 * bit  4     FPCR.FZ16        bit 5  FPCR.AHP
 * bit  6     data addresses lose their top byte (top byte ignore) before the access; set after a
 *            tagged pointer has faulted on the host
 * bit  7     the store monitor is on (tcg/monitor.h): every store tells it
 * bit  8     guarded pages exist (machines: could exist): indirect branches set BTYPE and landing
 *            pads are checked
 * bit  15    SP is no multiple of 16, and must be one as a base (SCTLR.SA, SA0; Linux sets SA0)
 * The rest is zero in user mode, where nothing of it is looked at:
 * bit  9     EL1 (else EL0)
 * bits 10..11  mmu index of accesses (enum a64_mmu)
 * bit  12    PSTATE.UAO: unprivileged loads and stores are ordinary ones
 * bit  13    SCTLR.A: every access must be aligned
 * bit  14    floating point and vectors are trapped (CPACR.FPEN)
 * bits 16..19  SCTLR.EnIA EnIB EnDA EnDB are clear: these keys do nothing
 * bits 20..21  TBI0, TBI1 for branches: the top byte of a lower, an upper address is ignored
 * bit  22    SCTLR.BT: PACIASP is no landing pad for BTYPE 3
 * bit  23    software step is active
 * bits 24..29  SCTLR.UCI UCT DZE UMA nTWI nTWE are clear at EL0: trapped
 * bit  30    SP_EL0 is the stack pointer of EL1
 * bit  31    PSTATE.IL
 * bits 32..33  breakpoints, watchpoints of the guest are armed here
 * bit  35    SCTLR.MSCEn is clear at EL0: memory copy and set are undefined
 * bit  34    a change of PSTATE.D changes bits 23, 32, 33
 * Bits 48..63 belong to the engine. Features of the processor are fixed for an engine's life and
 * hence no part of the key. */
#ifndef FRONTENDS_ARM64_KEY_H
#define FRONTENDS_ARM64_KEY_H

#include <stdint.h>

enum a64_key {
    A64_KEYBIT_RMODE = 3, A64_KEYBIT_FZ = 1 << 2, A64_KEYBIT_DN = 1 << 3,
    A64_KEYBIT_FZ16 = 1 << 4, A64_KEYBIT_AHP = 1 << 5, A64_KEYBIT_MASK_TAG = 1 << 6,
    A64_KEYBIT_STORE_MONITOR = 1 << 7, A64_KEYBIT_BTI = 1 << 8,
    A64_KEYBIT_EL1 = 1 << 9, A64_KEYBIT_UAO = 1 << 12, A64_KEYBIT_ALIGN = 1 << 13,
    A64_KEYBIT_FP_TRAP = 1 << 14, A64_KEYBIT_SP_ALIGN = 1 << 15, A64_KEYBIT_NO_IA = 1 << 16,
    A64_KEYBIT_TBI0 = 1 << 20, A64_KEYBIT_TBI1 = 1 << 21, A64_KEYBIT_BT = 1 << 22,
    A64_KEYBIT_STEP = 1 << 23, A64_KEYBIT_NO_UCI = 1 << 24, A64_KEYBIT_NO_UCT = 1 << 25,
    A64_KEYBIT_NO_DZE = 1 << 26, A64_KEYBIT_NO_UMA = 1 << 27, A64_KEYBIT_TRAP_WFI = 1 << 28,
    A64_KEYBIT_TRAP_WFE = 1 << 29, A64_KEYBIT_SP0 = 1 << 30,
};
#define A64_KEYBIT_IL (1ull << 31)
#define A64_KEYBIT_BP (1ull << 32)
#define A64_KEYBIT_WP (1ull << 33)
#define A64_KEYBIT_KDE (1ull << 34)
#define A64_KEYBIT_NO_MOPS (1ull << 35)
enum { A64_KEY_MMU_LSB = 10 };

/* Mmu indexes: whose rights count. */
enum a64_mmu { A64_MMU_EL0, A64_MMU_EL1, A64_MMU_EL1_PAN };

static inline uint8_t a64_key_mmu(uint64_t key)
{
    return key >> A64_KEY_MMU_LSB & 3;
}

#endif
