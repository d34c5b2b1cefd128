/* SPDX-License-Identifier: MIT */
/* softmmu/tlb.h -- guest memory of a whole machine as translated code sees it: the TLBs of each
 * vcpu, what happens when they miss, and how vcpus tell each other to forget.
 *
 * One struct sm_mmu a machine; each vcpu has one struct sm_tlb in v->mmu: up to SM_CONTEXTS
 * contexts, chosen by frontend->contexts(), each with a table per mmu index. A vcpu's tables are
 * touched by its own thread only. Others post messages (flush, write-protect a page that has code
 * now) and kick; the vcpu drains its box before it enters translated code again. A vcpu outside of
 * translated code (even v->epoch) need not be waited for.
 *
 * Locks: none is held by callers but where it says so. MMIO takes the machine's lock (cfg.lock).
 * Order: machine's lock, engine's lock, a box's lock. */
#ifndef SOFTMMU_TLB_H
#define SOFTMMU_TLB_H

#include "frontends/frontend.h"
#include "mem/mem.h"
#include "tcg/engine.h"

#define SM_CONTEXTS 16
#define SM_MAX_VCPUS 64

struct sm_mmu;

struct sm_mmu_config {
    const struct frontend *frontend;
    struct mem_space *memory;
    void (*lock)(void *opaque);   /* the machine's, around MMIO; NULL: none */
    void (*unlock)(void *opaque);
    void (*wake)(void *opaque, struct tcg_vcpu *v); /* besides tcg_kick(v), or NULL */
    void *opaque;
};

/* NULL: out of memory. Listens to the memory's views: a new one flushes all vcpus. */
struct sm_mmu *sm_mmu_new(const struct sm_mmu_config *cfg);
void sm_mmu_free(struct sm_mmu *m); /* after its vcpus and the engine */
/* For tcg_config.mem; then tell it the engine, before vcpus are attached. */
struct tcg_memory sm_mmu_memory(struct sm_mmu *m);
void sm_mmu_engine(struct sm_mmu *m, struct tcg_engine *e);

/* After tcg_attach, and again in front of tcg_detach; on the vcpu's thread or while none runs. The
 * frontend's reset and attach_system may come before or after: call sm_tlb_context() then. 0 or
 * -errno. */
int sm_tlb_attach(struct sm_mmu *m, struct tcg_vcpu *v);
void sm_tlb_detach(struct tcg_vcpu *v);

/* ---- on the vcpu's thread ---- */
/* Does what others asked for. Call it before each tcg_run(). */
void sm_tlb_drain(struct tcg_vcpu *v);
/* The callbacks of struct fe_system of the same names. */
void sm_tlb_context(struct tcg_vcpu *v);
void sm_tlb_flush(struct tcg_vcpu *v, const struct fe_flush *f);
void sm_tlb_barrier(struct tcg_vcpu *v);
int sm_phys_load(struct tcg_vcpu *v, uint64_t addr, unsigned size, uint64_t *value);
int sm_phys_cmpxchg(struct tcg_vcpu *v, uint64_t addr, uint64_t old, uint64_t want);

/* ---- any thread ---- */
/* Everything is forgotten by all vcpus before they enter translated code again. */
void sm_mmu_flush_all(struct sm_mmu *m);
/* Pages have been marked MEM_WATCH_CLEAN again: vcpus report their first write. */
void sm_mmu_rearm(struct sm_mmu *m);

/* gdb, monitor: memory at virtual addresses as v, which does not run now, sees it. 0 or -EFAULT.
 * Rights are not asked for; code that is overwritten is retired. */
int sm_tlb_debug(struct tcg_vcpu *v, uint64_t addr, void *buf, size_t len, bool write);

/* Counts of one vcpu since it was attached. */
struct sm_tlb_stats {
    uint64_t misses, walks, mmio, cross, code_writes, flushes, page_flushes, switches, resizes;
};
struct sm_tlb_stats sm_tlb_stats(const struct tcg_vcpu *v);

#endif
