/* SPDX-License-Identifier: MIT */
/* softmmu/tlb.h -- the TLBs of a machine's vcpus: contexts, fills, the slow path of accesses, fetch
 * for translation, and the messages by which vcpus forget together. Used by softmmu/ only. */
#ifndef SOFTMMU_TLB_H
#define SOFTMMU_TLB_H

#include "softmmu/vcpu.h"

/* Fills the callbacks of the engine's memory; once, before the engine is made (m->engine follows).
 * 0 or -ENOMEM. sm_tlb_done: after the last sm_tlb_free. */
int sm_tlb_config(struct softmmu *m, struct tcg_memory *mem);
void sm_tlb_done(struct softmmu *m);

/* Makes and frees a vcpu's TLB; 0 or -ENOMEM. */
int sm_tlb_init(struct sm_vcpu *c);
void sm_tlb_free(struct sm_vcpu *c);

/* Around tcg_run(), on the vcpu's thread: enter takes messages and chooses the tables of the present
 * context; between leave and enter nobody waits for this vcpu. */
void sm_tlb_enter(struct sm_vcpu *c);
void sm_tlb_leave(struct sm_vcpu *c);

/* fe_system's. */
int sm_phys_load(struct tcg_vcpu *v, uint64_t addr, unsigned size, uint64_t *value);
int sm_phys_cmpxchg(struct tcg_vcpu *v, uint64_t addr, uint64_t old, uint64_t want);
void sm_flush(struct tcg_vcpu *v, const struct fe_flush *f);
void sm_barrier(struct tcg_vcpu *v);
void sm_context_changed(struct tcg_vcpu *v);

/* All vcpus forget everything before they run on (the memory map has changed, reset, pages have
 * been marked MEM_WATCH_CLEAN again). Any thread. */
void sm_tlb_flush_all(struct softmmu *m);

/* gdb, monitor: memory at virtual addresses as v, which does not run now, sees it. 0 or -EFAULT.
 * Rights are not asked for; code that is overwritten is retired. */
int sm_tlb_debug(struct tcg_vcpu *v, uint64_t addr, void *buf, size_t len, bool write);

/* Counts since sm_tlb_init. */
struct sm_tlb_stats {
    uint64_t misses, mmio, cross, code_writes, flushes, page_flushes, switches, evicted, resizes;
};
struct sm_tlb_stats sm_tlb_stats(const struct sm_vcpu *c);

#endif
