/* SPDX-License-Identifier: MIT */
/* tcg/vcpu.h -- the part of a virtual processor that translated code and every caller share.
 *
 * A guest's state is one structure that begins with struct tcg_vcpu; guest registers ("units")
 * live at fixed offsets of it, their *homes*. The first 256 bytes are within reach of 8-bit
 * displacements (the host register points 128 bytes in), so a frontend puts its hottest homes
 * into hot[]. Outside translated code every unit is in its home.
 *
 * Ownership: a vcpu belongs to the thread that runs it. Others may only call tcg_kick(). */
#ifndef TCG_VCPU_H
#define TCG_VCPU_H

#include "tcg/tlb.h"

#include <stdatomic.h>

#define TCG_VCPU_BIAS 128 /* the vcpu register holds the address of the vcpu plus this */
#define TCG_HOT_HOMES 30
#define TCG_RET_RING 32 /* entries of the return ring */

struct tcg_engine;
struct tcg_guest;
struct tcg_region;

/* Why translated code was left. The pc home is exact in every case. */
enum tcg_exit_reason {
    TCG_EXIT_LOOKUP,    /* engine only: branch target not translated or not linked yet */
    TCG_EXIT_POLL,      /* exit_request was set; pc is the next instruction */
    TCG_EXIT_SYSCALL,   /* system call instruction; pc is behind it; code is its immediate */
    TCG_EXIT_EXCEPTION, /* exit.code is an enum tcg_exc or a frontend's own; pc is that of the
                         * instruction */
    TCG_EXIT_FAULT,     /* memory fault at exit.addr; pc is that of the instruction; as the reason
                         * of an exit operation, code is an enum tcg_access */
    TCG_EXIT_DEBUG,     /* breakpoint, watchpoint or single step; pc is the next instruction */
    TCG_EXIT_SYNC,      /* the instruction before may have unmasked or raised an event */
    TCG_EXIT_HELPER,    /* a helper asked to leave; it has filled exit */
    TCG_EXIT_CODE_WRITE,/* engine only: a store hit the running region, or (icount) a device is
                         * accessed in the middle of a region; step, then go on */
    TCG_EXIT_BUDGET,    /* engine only: icount_left does not reach to the end of the region */
};

/* Exceptions that all guests share; a frontend's own start at TCG_EXC_FRONTEND. */
enum tcg_exc {
    TCG_EXC_NONE,
    TCG_EXC_UNDEFINED,  /* unallocated or refused encoding */
    TCG_EXC_BREAKPOINT, /* software breakpoint instruction; exit.addr is its immediate */
    TCG_EXC_ALIGN,      /* misaligned access at exit.addr */
    TCG_EXC_PC_ALIGN,   /* misaligned pc */
    TCG_EXC_SP_ALIGN,
    TCG_EXC_DIVIDE,
    TCG_EXC_FRONTEND = 64,
};

enum tcg_access { TCG_READ, TCG_WRITE, TCG_FETCH };

struct tcg_exit {
    uint32_t reason;   /* enum tcg_exit_reason */
    uint32_t code;
    uint64_t addr;     /* guest address of a fault, or the exception's operand */
    uint32_t access;   /* enum tcg_access of a fault */
    int32_t host_sig;  /* user mode: SIGSEGV or SIGBUS as the host reported it, else 0 */
    int32_t host_code; /* its si_code */
    uint32_t size;     /* bytes accessed, 0 if unknown */
    /* Whole machines, of a fault or TCG_EXC_ALIGN: from the descriptor of the access; fetches: 0. */
    uint32_t syndrome;
    uint16_t fault;
    uint8_t mmu;       /* mmu index */
};

/* Host registers at a fault or at a helper call that leaves; snapshots are decoded from here. */
struct tcg_host_regs {
    uint64_t gpr[32];
    _Alignas(32) uint8_t vec[32][32];
    uint64_t pc;
};

struct tcg_ret_entry {
    uint64_t guest_pc;
    uint64_t host_addr;
};

struct tcg_vcpu {
    /* ---- the first 256 bytes ---- */
    _Atomic uint32_t exit_request; /* nonzero: leave at the next poll */
    uint32_t ret_top;              /* byte offset of the next entry in ret_ring */
    uint32_t *fetch_ids;           /* whole machines: by TCG_FETCH_SLOT(pc), see tcg/tlb.h;
                                    * softmmu's, one array for each context and mmu index */
    uint64_t hot[TCG_HOT_HOMES];   /* homes that the frontend wants near */
    /* ---- engine ---- */
    struct tcg_ret_entry ret_ring[TCG_RET_RING];
    struct tcg_tlb_ref tlb[TCG_MMU_INDEXES]; /* whole machines: tables of the present context */
    struct tcg_engine *engine;
    void *jump_table;              /* inline global table for indirect branches */
    uint64_t jump_key;             /* key under which jump_table may be used now */
    const uint32_t *jump_ids;      /* whole machines: and the context */
    struct tcg_jumps *jumps;       /* whole machines: tables of other keys and contexts */
    uint64_t guest_base;           /* user mode: host address = guest address + this */
    uint64_t key;                  /* region key of the code that runs */
    uint32_t host_fpcr;            /* host float control word for guest code (x86-64: MXCSR) */
    uint32_t own_fpcr;             /* the one that C code of moa runs under */
    const struct tcg_region *cur;  /* region that was left last, for the common exit */
    uint32_t cur_exit;             /* which of its exits */
    bool in_code;                  /* between entry stub and common exit */
    struct tcg_exit exit;
    struct tcg_host_regs host;
    int64_t icount_left;           /* tcg_config.icount: instructions that may still be run; exact
                                    * outside translated code, in helpers and device accesses */
    struct {                       /* tcg/monitor.h */
        uint64_t count, calls;     /* at the last load exclusive */
        uint32_t at;               /* word of that load */
        uint32_t nlocked, locked[2]; /* words that a store has locked */
    } monitor;
    uint32_t fstatus;              /* sticky float bits raised by soft twins; the rest is in host_fpcr */
    _Alignas(32) uint8_t scratch[256]; /* vector operands of helper calls */
    bool undebugged;               /* watchpoints do not concern it: child of vfork() */
    bool stepping;                 /* in tcg_step: stores to running code are done */
    void *mmu;                     /* softmmu/tlb.h: the TLBs of this vcpu */
    void *owner;                   /* linux-user's task or softmmu's executor */
    const struct frontend *frontend;
    const struct tcg_guest *guest; /* frontend->guest; set before tcg_attach */
    void *gen;                     /* backend's private data of this vcpu */
    _Atomic uint64_t epoch;        /* odd while in translated code; engine's reclaiming reads it */
    uint64_t seen;                 /* engine's lock: tcg_cache.unlinks when it was last outside */
    struct tcg_overlay *overlay;   /* proofs: stores go here instead (tcg/leave.h), or NULL */
    struct tcg_vcpu *next;         /* engine's list of vcpus, under its lock */
};

_Static_assert(offsetof(struct tcg_vcpu, ret_ring) == 256, "hot homes must end at 256");

#endif
