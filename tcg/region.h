/* SPDX-License-Identifier: MIT */
/* tcg/region.h -- a translated region and the cache of them. Engine and backends only.
 *
 * All fields are written under the engine's lock before the region is published; afterwards only
 * links and `retired` change, under the lock. Memory of a retired region is freed when no vcpu can
 * be in it (tcg/reclaim in engine.c). */
#ifndef TCG_REGION_H
#define TCG_REGION_H

#include "tcg/engine.h"
#include "tcg/ir.h"

/* A direct exit (goto_pc) of a region. */
struct tcg_link {
    uint64_t pc;              /* guest address it goes on at */
    uint32_t patch;           /* backend: offset of what is patched, from region->code */
    uint32_t stub;            /* backend: offset of the unlinked path */
    struct tcg_region *to;    /* NULL: not linked */
    struct tcg_region *from;
    struct tcg_link *next_in; /* list of links into `to` */
};

/* Whole machines: a link into another page, and the vcpu that follows it, agree on a *fetch id*: the
 * number of a pair (virtual page, page of RAM), never reused. v->fetch_ids[TCG_FETCH_SLOT(pc)] is the
 * id of the page that was fetched last under this slot in the present context. */
#define TCG_FETCH_SLOTS 1024
#define TCG_FETCH_SLOT(pc) ((pc) >> TCG_TLB_PAGE_BITS & (TCG_FETCH_SLOTS - 1))

struct tcg_region {
    uint64_t pc, key;
    uint64_t lo, hi, lo2, hi2;     /* guest bytes, as in struct tcg_ir */
    uint64_t place;                /* ram address - guest address of its bytes; user mode: 0 */
    bool guarded;                  /* whole machines: as its page was */
    bool settling;                 /* its page may still be written unseen: not linked to */
    uint32_t ninsns;
    const uint8_t *code;           /* executable address of the entry */
    uint32_t code_size;
    struct tcg_link *links;
    uint32_t nlinks;
    struct tcg_link *in;           /* links of other regions into this one */
    _Atomic bool retired;
    struct tcg_region *hash_next;  /* chain of the (pc, key) table */
    struct tcg_region *page_next;  /* chain of the guest page index (page of lo) */
    struct tcg_region *arena_next; /* all regions of one arena of code memory */
    uint32_t leave_next;           /* proof (a): snapshot to be armed next */
    void *gen;                     /* backend's side tables: snapshots, or the IR it interprets */
    uint64_t check;                /* hash of the guest bytes, while settling */
};

#endif
