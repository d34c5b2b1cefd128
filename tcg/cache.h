/* SPDX-License-Identifier: MIT */
/* tcg/cache.h -- the cache of regions: lookup by (pc, key), by guest page and by host address,
 * linking, retiring, and reclaiming of everything at once when code memory is full.
 *
 * All functions but tcg_region_by_host want the lock. Retired regions stay in memory until the next
 * flush, when no vcpu is in translated code; so a stale return-ring or jump-table entry leads at
 * worst into a retired region, whose entry goes to the dispatcher. */
#ifndef TCG_CACHE_H
#define TCG_CACHE_H

#include "tcg/backend.h"
#include "tcg/opt.h"

#include <pthread.h>

#define TCG_CACHE_BUCKETS 4096 /* at first; grows with the regions */
#define TCG_CACHE_PAGES 8192
#define TCG_PAGE_BITS 12
#define TCG_MAX_WATCHES 16

struct tcg_watch {
    uint64_t addr, len;
    unsigned kinds; /* enum tcg_watch_kind, or-ed */
};

struct tcg_cache {
    pthread_mutex_t lock;
    pthread_cond_t flushed;
    uint64_t reuses;                /* of code memory, before a fork */
    _Atomic bool stop;              /* a flush waits for all vcpus to leave translated code */
    struct tcg_vcpu *vcpus;
    struct tcg_region **by_pc;      /* 1 << pc_bits chains */
    unsigned pc_bits;
    uint32_t nby_pc;                /* regions in them */
    struct tcg_page_entry **by_page;/* TCG_CACHE_PAGES chains */
    struct tcg_fetch_page **fetch_pages; /* whole machines: TCG_CACHE_PAGES chains, by guest page */
    uint32_t nfetch_ids;            /* given so far */
    uint64_t jump_clock;            /* of stamps of jump tables */
    uint64_t unlinks;               /* of guarded links, so far */
    struct tcg_region *all;         /* every region in code memory, retired ones too */
    struct tcg_region **by_host;    /* sorted, since code memory is handed out upwards */
    _Atomic uint32_t nby_host;
    uint32_t cap_by_host;
    struct tcg_ir ir;               /* of the region being translated */
    struct tcg_builder *builder;
    struct tcg_opt opt;
    uint64_t *breakpoints;
    uint32_t nbreakpoints, cap_breakpoints;
    struct tcg_watch watches[TCG_MAX_WATCHES];
    uint32_t nwatches;
    struct {
        uint64_t regions, insns, code_bytes, lookups, jump_misses, links, retired, flushes, ns;
        uint64_t guards, moved; /* links into other pages that asked: same target, another one */
        uint64_t exits[16];
    } stats;
};

struct tcg_page_entry {
    struct tcg_region *r;
    uint64_t page;
    struct tcg_page_entry *next;
};

struct tcg_fetch_page {
    uint64_t page, ram; /* ram: bit 0 is `guarded` */
    uint32_t id;
    struct tcg_fetch_page *next;
};

/* The fetch id of a guest page at this place; 0: there are no more. */
uint32_t tcg_fetch_id(struct tcg_engine *e, uint64_t page, uint64_t ram);
/* Forgets where the branches of v go. */
void tcg_forget_code(struct tcg_vcpu *v);
int tcg_cache_init(struct tcg_engine *e);
void tcg_cache_free(struct tcg_engine *e);
/* place, guarded: user mode 0, false. */
struct tcg_region *tcg_cache_find(struct tcg_engine *e, uint64_t pc, uint64_t key, uint64_t place,
                                  bool guarded);
/* Room for one more region in the tables? If not, flush. */
bool tcg_cache_full(const struct tcg_engine *e);
/* Adds a compiled region. One of no instructions (its first byte cannot be fetched), or without
 * find, is remembered for freeing only. */
void tcg_cache_add(struct tcg_engine *e, struct tcg_region *r, bool find);
void tcg_cache_link(struct tcg_engine *e, struct tcg_link *l, struct tcg_region *to);
void tcg_cache_retire(struct tcg_engine *e, struct tcg_region *r);
/* Whole machines: ram addresses. */
void tcg_cache_retire_range(struct tcg_engine *e, uint64_t lo, uint64_t hi);
/* All that hold the guest address pc. */
void tcg_cache_retire_pc(struct tcg_engine *e, uint64_t pc);
/* One instruction of a one_insn engine, from the cache: TCG_EXIT_LOOKUP when it completed. Takes
 * the lock itself. */
enum tcg_exit_reason tcg_step_cached(struct tcg_vcpu *v);
/* Frees all regions; waits for other vcpus to leave translated code. The caller is not in it. The
 * lock is released and taken again. */
void tcg_cache_flush(struct tcg_engine *e);

#endif
