/* SPDX-License-Identifier: MIT */
/* tests/softmmu/bare.h -- a machine without devices' models or a board: one or two vcpus of the toy
 * guest (tests/tcg/toy.h), RAM, a scratch device, and page tables that are an array. The real TLBs,
 * memory map and engine are under test; the run loop is the test's. */
#ifndef TESTS_SOFTMMU_BARE_H
#define TESTS_SOFTMMU_BARE_H

#include "softmmu/tlb.h"
#include "softmmu/vcpu.h"
#include "tests/tcg/toy.h"

#define BARE_CONTEXTS 20
#define BARE_PAGES 256       /* virtual pages of a context, from address 0 */
#define BARE_RAM 0x100000u   /* at physical address 0, identity mapped at first */
#define BARE_DEV 0x40000000u /* a device of 4 KiB */
#define BARE_ROM 0x50000000u /* 4 KiB of read-only memory */

struct bare_map {
    uint64_t phys;
    uint64_t size;           /* 0: one page */
    uint8_t prot;
    bool device, global;
};

struct bare {
    struct softmmu m;        /* first */
    struct frontend fe;
    struct sm_vcpu cpu[2];
    struct toy *toy[2];
    struct mem_region *root, *ram, *dev, *rom;
    uint8_t *mem;            /* host memory of ram */
    struct bare_map map[BARE_CONTEXTS][BARE_PAGES];
    unsigned context[2], mmu; /* of the vcpus */
    bool narrow;             /* a walk gives the right asked for and no other */
    _Atomic unsigned walks;
    /* the device */
    uint8_t reg[4096];
    unsigned dev_reads, dev_writes, dev_last_size;
    bool dev_refuses;
};

/* NULL with one line on stderr: the backend cannot run here. */
struct bare *bare_new(const struct tcg_backend *backend, unsigned ncpus);
void bare_free(struct bare *b);
/* Units and memory 0, identity map of RAM, device at page 0xf0, ROM at page 0xf1 of every context;
 * no code, TLBs empty. */
void bare_reset(struct bare *b);
void bare_region(struct bare *b, unsigned cpu, uint64_t pc, const char *text);
/* Takes messages, then runs until an exit. */
enum tcg_exit_reason bare_run(struct bare *b, unsigned cpu);
void bare_context(struct bare *b, unsigned cpu, unsigned context);
void bare_flush(struct bare *b, unsigned cpu, int what, unsigned context, uint64_t addr,
                bool broadcast);

#endif
