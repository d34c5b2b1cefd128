/* SPDX-License-Identifier: MIT */
/* tcg/backend.h -- what a way to run IR on this host provides. Order of work for a new one:
 * backends/PORTING.md. All but run and fault are called under the engine's lock. */
#ifndef TCG_BACKEND_H
#define TCG_BACKEND_H

#include "tcg/region.h"

#include <string.h>

struct tcg_codemem;
struct tcg_leave;

struct tcg_backend {
    const char *name;          /* as in -accel tcg,backend=NAME */
    bool native;               /* needs code memory */
    bool drops_dead;           /* compile() needs no dead-code pass before it */
    size_t code_reserve;       /* bytes at the start of code memory for stubs and thunks */
    const char *(*init)(struct tcg_engine *e);  /* NULL, or one line why it cannot run here */
    void (*done)(struct tcg_engine *e);
    void (*attach)(struct tcg_vcpu *v);         /* per-vcpu data, control words */
    void (*detach)(struct tcg_vcpu *v);
    /* Fills r->code, code_size, links, nlinks, gen. 0, or -ENOSPC: code memory is full. */
    int (*compile)(struct tcg_engine *e, struct tcg_ir *ir, struct tcg_region *r);
    void (*region_free)(struct tcg_engine *e, struct tcg_region *r);
    /* Runs from the start of r. On TCG_EXIT_LOOKUP, v->cur and v->cur_exit name the link that was
     * taken (cur NULL: an indirect branch), and the pc home holds the target. */
    enum tcg_exit_reason (*run)(struct tcg_vcpu *v, const struct tcg_region *r);
    /* Patches a direct exit to jump to link->to, or back to its stub (to NULL). Atomic with respect
     * to running vcpus. */
    void (*link)(struct tcg_engine *e, struct tcg_link *link);
    /* From now on entering r leads to TCG_EXIT_LOOKUP with its pc. Atomic as above. */
    void (*retire)(struct tcg_engine *e, struct tcg_region *r);
    /* Called in the host's fault handler while v runs: true when the state can be rebuilt; then
     * fills v->host from uc, v->exit.access and, where known, size, and rewrites uc so that
     * returning from the handler makes run() return TCG_EXIT_FAULT. It may instead leave the
     * handler itself by siglongjmp, with the signal mask of uc: v->exit.addr, host_sig and host_code
     * are filled before. */
    bool (*fault)(struct tcg_vcpu *v, void *uc);
    /* The region that called out: in a helper or in tcg_memory.access of a whole machine. */
    const struct tcg_region *(*running)(struct tcg_vcpu *v);
    /* In tcg_memory.access of a whole machine: the guest pc of the access. */
    uint64_t (*guest_pc)(struct tcg_vcpu *v);
    uint64_t (*uc_pc)(const void *uc);          /* program counter of a ucontext_t */
    /* In a child after fork: the entry and the links of r in code memory become what r says. */
    void (*restore)(struct tcg_engine *e, struct tcg_region *r);
    void (*fstatus)(struct tcg_vcpu *v, bool set, uint32_t *bits); /* host word <-> bits */
    void (*fround)(struct tcg_vcpu *v, unsigned round);
    unsigned (*fround_get)(const struct tcg_vcpu *v);
    /* Proof (a), tcg/leave.h; NULL: never left but where code leaves. Number of places in r where
     * the whole state is known; arming one makes code fault there (fault() is called with the pc
     * that is returned), off again afterwards. */
    unsigned (*leave_points)(const struct tcg_region *r);
    const uint8_t *(*leave_arm)(struct tcg_engine *e, struct tcg_region *r, unsigned n, bool on);
    void (*stats)(struct tcg_engine *e, FILE *out); /* what it counted itself; or NULL */
    void (*disassemble)(struct tcg_engine *e, const struct tcg_region *r, FILE *out); /* or NULL */
};

/* All backends that this build has, best first, ended by NULL. */
extern const struct tcg_backend *const tcg_backends[];

struct tcg_engine {
    struct tcg_config cfg;
    const struct tcg_backend *backend;
    struct tcg_codemem *code;
    void *gen;                       /* backend's data of this engine */
    struct tcg_cache *cache;         /* tcg/cache.h */
    struct tcg_leave *leave;         /* NULL: off */
    struct tcg_monitor *_Atomic monitor; /* tcg/monitor.h; NULL: off */
    _Atomic bool monitor_wanted;
};

/* tcg/codemem.c: memory mapped twice, writable and executable, never both; near moa's own code.
 * rw = rx + delta. */
struct tcg_codemem {
    uint8_t *rx;
    ptrdiff_t delta;
    size_t size;
    size_t used;   /* allocation pointer */
    _Atomic uint64_t *reuses; /* how often memory was given out anew; shared with children that
                               * have not made their copy yet */
};
int tcg_codemem_new(struct tcg_codemem *m, size_t size); /* 0 or -errno */
void tcg_codemem_free(struct tcg_codemem *m);
void tcg_codemem_reuse(struct tcg_codemem *m, size_t used); /* all behind `used` is free again */
/* Child: a private copy at the same place. The parent goes on meanwhile: what it patches (entries
 * and links of regions) may be in the copy or not. `before`: *m->reuses before the fork. Returns
 * -errno, 0, or 1: the parent has reused memory, nothing in the copy is valid but the stubs. */
int tcg_codemem_after_fork(struct tcg_codemem *m, uint64_t before);

/* The entry of the inline table for indirect branches, per vcpu: TCG_JUMP_ENTRIES of them at
 * v->jump_table, indexed by (pc >> 2 ^ pc >> 14) & (TCG_JUMP_ENTRIES - 1). host is the address of a
 * region's entry, or of the struct tcg_region where the backend makes no code; an empty entry has pc
 * 0, but the first, where 0 would be looked up, ~0: untouched entries cost no memory. The engine fills
 * and clears it. */
#define TCG_JUMP_ENTRIES 4096
struct tcg_jump {
    uint64_t pc;
    const void *host;
};
static inline struct tcg_jump *tcg_jump_of(const struct tcg_vcpu *v, uint64_t pc)
{
    return (struct tcg_jump *)v->jump_table + ((pc >> 2 ^ pc >> 14) & (TCG_JUMP_ENTRIES - 1));
}

static inline void tcg_jumps_clear(struct tcg_jump *jumps)
{
    memset(jumps, 0, TCG_JUMP_ENTRIES * sizeof(*jumps));
    jumps[0].pc = ~0ull;
}

/* Whole machines: a vcpu has several such tables, one for each context and key that it ran under
 * lately. */
#define TCG_JUMP_TABLES 16
struct tcg_jumps {
    const uint32_t *ids; /* v->fetch_ids of the context */
    uint64_t key, stamp; /* stamp: of the last choice, 0: free */
    struct tcg_jump *table;
    bool used;           /* something may be in it */
};

#endif
