/* SPDX-License-Identifier: MIT */
/* tests/diff/layout.h -- what the generator (host) and the harness (arm64 guest) agree on: the batch
 * file and where its parts lie in the guest.
 *
 * A batch is struct diff_head, the slots, the words. One slot is one test: registers and memory
 * before on the way in, after on the way out. Both sides are little endian. */
#ifndef TESTS_DIFF_LAYOUT_H
#define TESTS_DIFF_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

enum {
    DIFF_MAGIC = 0x46464944,
    DIFF_CODE_AT = 0x4000000,   /* word 0 leads back into the harness; branches must reach it */
    DIFF_SLOTS_AT = 0x10000000,
    DIFF_EDGE_AT = 0x20000000,  /* a page that can be read, and none behind it */
    DIFF_MAX_SLOTS = 16384, DIFF_MAX_WORDS = 2 << 20,
    DIFF_MAX_SIGS = 16,
    DIFF_LITERALS = 16, /* words in front of each sequence, which its literal loads read */
    DIFF_BUF = 4096 - 1152,
    DIFF_MIDDLE = 1152, /* offset in buf that memory operands are near */
};

struct diff_head {
    uint32_t magic, nslots, nwords, ninsns;
};

struct diff_slot {
    uint64_t x[31];      /* x28 points to the slot and is left alone */
    uint64_t sp;         /* 248 */
    uint64_t nzcv;       /* 256 */
    uint64_t fpcr, fpsr; /* 264, 272 */
    uint64_t code;       /* 280: start address; the word behind the last branches to DIFF_CODE_AT */
    uint64_t own_sp;     /* 288: in: number of words */
    uint64_t nsigs;      /* 296 */
    uint8_t v[32][16];   /* 304 */
    /* 816; pc: from `code` on, from 0x8000 on some other address */
    struct { uint8_t sig, code; uint16_t pc; uint32_t esr; uint64_t addr; } sigs[DIFF_MAX_SIGS];
    uint64_t pad[10];
    uint8_t buf[DIFF_BUF]; /* 1152 */
};
_Static_assert(sizeof(struct diff_slot) == 4096 && offsetof(struct diff_slot, v) == 304 &&
               offsetof(struct diff_slot, sigs) == 816 &&
               offsetof(struct diff_slot, buf) == 1152, "the harness and run.py know the offsets");

#endif
