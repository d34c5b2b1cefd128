/* SPDX-License-Identifier: MIT */
/* tcg/engine.h -- what linux-user and softmmu call: make an engine, run vcpus, keep code valid.
 *
 * One engine serves all vcpus that share guest memory (a process, a machine). It owns the region
 * cache. Functions are safe to call from any thread unless they say otherwise. */
#ifndef TCG_ENGINE_H
#define TCG_ENGINE_H

#include "tcg/vcpu.h"

#include <stdio.h>

struct frontend;
struct tcg_backend;
struct tcg_mem;

/* The guest-memory contract: how the engine reaches guest memory. Filled by linux-user or softmmu.
 * Callbacks run on the vcpu's thread without engine locks held. */
struct tcg_memory {
    bool user;           /* user mode: host address = guest address + guest_base */
    uint64_t guest_base;
    /* Copies up to len code bytes at pc; returns how many could be fetched before the first byte
     * that is not executable (0: fill vcpu->exit as a TCG_EXIT_FAULT with TCG_FETCH). */
    size_t (*fetch)(struct tcg_vcpu *v, uint64_t pc, void *buf, size_t len);
    /* Makes stores to the pages of [lo, hi) report to tcg_code_write() before code is read from
     * there. Only called for guests whose frontend says that code needs no maintenance. */
    void (*watch_code)(struct tcg_vcpu *v, uint64_t lo, uint64_t hi);
    void *opaque;
    /* ---- whole machines (user false) ---- */
    /* What the TLB did not find (tcg/tlb.h): does the whole access and returns true, or changes
     * nothing and returns false with v->exit filled, reason included: the region is left in front
     * of the instruction. In translated code. */
    bool (*access)(struct tcg_vcpu *v, const struct tcg_mem *m, uint64_t addr,
                   struct tcg_access_call *c);
    /* Translates pc for fetching. False: v->exit is filled (TCG_EXIT_FAULT, TCG_FETCH, or what
     * else the guest raises there). fetch() is called for bytes of this page only, until the next
     * code_page(). */
    bool (*code_page)(struct tcg_vcpu *v, uint64_t pc, struct tcg_code_page *page);
    /* Engine's lock held. From now on writers of this page of RAM report to tcg_code_write() or
     * tcg_invalidate(); called before its bytes are read. True: nobody writes it without reporting
     * any more, as code_settled; else fetch() gives a copy, the same bytes until the next
     * code_page(). code_gone: no region is left in it; gets opaque. */
    bool (*code_watch)(struct tcg_vcpu *v, uint64_t ram);
    bool (*code_settled)(struct tcg_vcpu *v, uint64_t ram);
    void (*code_gone)(void *opaque, uint64_t ram);
};

/* Looks into translation, for logs and profiles; any may be NULL. Called under the engine's lock. */
struct tcg_hooks {
    void (*guest_code)(struct tcg_vcpu *v, uint64_t pc, const void *bytes, size_t len);
    void (*host_code)(struct tcg_vcpu *v, uint64_t pc, const void *code, size_t len);
};

struct tcg_config {
    const struct tcg_backend *backend;
    struct tcg_memory mem;
    const struct tcg_hooks *hooks;
    size_t cache_bytes;      /* bound of the code cache, 0: default */
    bool one_insn;           /* one guest instruction a region */
    bool icount;             /* guest instructions are counted: v->icount_left */
    bool no_chain;           /* -d nochain */
    bool no_fold;            /* builder without folding: the oracle's IR */
    bool verify;             /* verifier after every pass */
    bool float_check;        /* every host float result compared with the soft twin */
    /* Proofs (a) and (b), tcg/leave.h; leave_seed 0: off. */
    uint64_t leave_seed;
    uint32_t leave_rate;     /* compared runs of regions: one in so many; 0: all */
    const struct tcg_backend *oracle;
    size_t vcpu_size;        /* of the guest's structure that begins with struct tcg_vcpu */
    void (*leave_report)(struct tcg_vcpu *v, const char *text); /* NULL: the process aborts */
};

/* Returns NULL with *err set to one line (static text) when the backend cannot run here. */
struct tcg_engine *tcg_engine_new(const struct tcg_config *cfg, const char **err);
void tcg_engine_free(struct tcg_engine *e);

/* Attaches or detaches a vcpu; called on the thread that runs it. In a child after fork() only the
 * forking vcpu is left: tcg_after_fork() makes locks and the list of vcpus right again, and code
 * memory private to the child. tcg_before_fork() must be called before fork(), tcg_after_fork() in
 * both parent and child. */
void tcg_attach(struct tcg_engine *e, struct tcg_vcpu *v);
void tcg_detach(struct tcg_engine *e, struct tcg_vcpu *v);
void tcg_before_fork(struct tcg_engine *e, struct tcg_vcpu *v);
void tcg_after_fork(struct tcg_engine *e, struct tcg_vcpu *v, bool child);

/* Runs guest code until an exit that the caller must handle; never returns TCG_EXIT_LOOKUP.
 * v->exit says more. With icount, v->icount_left is counted down by each instruction that completes
 * or raises an exception; at 0, exactly, this is TCG_EXIT_POLL. */
enum tcg_exit_reason tcg_run(struct tcg_vcpu *v);

/* Runs exactly one guest instruction, uncached. Returns TCG_EXIT_DEBUG when it completed. In a whole
 * machine also TCG_EXIT_POLL: nothing was done, others wait for this vcpu. */
enum tcg_exit_reason tcg_step(struct tcg_vcpu *v);

/* Asks a vcpu to leave translated code soon. Async-signal-safe, any thread. */
static inline void tcg_kick(struct tcg_vcpu *v)
{
    atomic_store_explicit(&v->exit_request, 1, memory_order_seq_cst);
}

/* Whole machines: lo, hi, addr of the three below are ram addresses.
 *
 * Guest code in [lo, hi) is gone or changed: no vcpu starts to run an old translation of it after
 * the call returns, except regions that are running now, which end at their next exit.
 * Call after munmap, mprotect, mremap, mmap over old pages, and for instruction-cache
 * maintenance. */
void tcg_invalidate(struct tcg_engine *e, uint64_t lo, uint64_t hi);

/* A store by v, in translated code, is about to hit watched code (guest addr, size). Retires what
 * overlaps. Returns true if the running region itself is hit: then leave with TCG_EXIT_CODE_WRITE in
 * front of the store (the engine steps over the instruction). Never true in a step. */
bool tcg_code_write(struct tcg_vcpu *v, uint64_t addr, unsigned size);

/* Whole machines, on v's own thread (in code only from helpers that end the region): what v fetches
 * in the context with this array of fetch ids may have changed; the caller has cleared the ids
 * themselves. Branches that were predicted are looked up again. */
void tcg_fetch_changed(struct tcg_vcpu *v, const uint32_t *ids);

/* Watchpoints (gdb): an access of a kind in `kinds` that overlaps [addr, addr + len) leaves with
 * TCG_EXIT_DEBUG in front of its instruction; v->exit.addr is the watched address, exit.code the
 * kind of the access. While there is one, all code is translated with checks. 0 or -errno. */
enum tcg_watch_kind { TCG_WATCH_READ = 1, TCG_WATCH_WRITE = 2 };
int tcg_watchpoint(struct tcg_engine *e, uint64_t addr, uint64_t len, unsigned kinds, bool insert);

/* A system call may have written guest memory: load exclusives that are open somewhere fail. */
void tcg_monitor_call(struct tcg_engine *e);

/* The region that host code address pc is in, or NULL. Async-signal-safe. */
struct tcg_region *tcg_region_by_host(struct tcg_engine *e, const void *pc);

/* Called from the host's SIGSEGV/SIGBUS handler; does not return if the interpreter runs and the fault
 * is the guest's. True if pc is in translated code: then the
 * saved context has been changed so that returning from the handler leaves translated code
 * with TCG_EXIT_FAULT (addr, access, sig and code in v->exit). uc is a ucontext_t. */
bool tcg_host_fault(struct tcg_vcpu *v, void *uc, uint64_t host_addr, int sig, int si_code);

/* True while the vcpu's thread is in translated code, judged by the interrupted host pc in uc.
 * For handlers of asynchronous signals: if false and a system call is being entered, linux-user's
 * own protocol decides. Async-signal-safe. */
bool tcg_in_code(const struct tcg_vcpu *v, const void *uc);

/* Breakpoints at guest addresses (gdb). 0 or -errno. */
int tcg_breakpoint(struct tcg_engine *e, uint64_t pc, bool insert);

/* Sticky float exception bits (enum tcg_float_bits) live partly in the host control word, and the
 * rounding of guest code (enum tcg_round, the first four) wholly. Frontends' helpers and register
 * access use these; they are exact whenever the vcpu is outside translated code or in a helper
 * declared TCG_H_FLOAT. */
uint32_t tcg_fstatus_get(const struct tcg_vcpu *v);
void tcg_fstatus_set(struct tcg_vcpu *v, uint32_t bits);
void tcg_fround_set(struct tcg_vcpu *v, unsigned round);

/* Whole machines, on v's thread: the guest pc of the access that is being done, otherwise of the next
 * instruction. For logs. */
uint64_t tcg_access_pc(struct tcg_vcpu *v);

void tcg_stats(struct tcg_engine *e, FILE *out);

#endif
