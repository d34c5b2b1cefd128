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
    /* Whole machines, links into another page: */
    uint32_t guard;           /* backend: offset of the fetch id that is compared, or 1; 0: none */
    uint32_t id;              /* the fetch id that was last put there */
    uint64_t unlinked;        /* tcg_cache.unlinks then */
};

struct tcg_region {
    /* What the dispatcher looks at comes first: one cache line. */
    uint64_t pc, key;
    uint64_t place;                /* ram address - guest address of its bytes; user mode: 0 */
    struct tcg_region *hash_next;  /* chain of the (pc, key) table */
    const uint8_t *code;           /* executable address of the entry */
    uint32_t ninsns;
    uint32_t fetch_id;             /* of its page; 0: none */
    bool guarded;                  /* whole machines: as its page was */
    bool settling;                 /* its page may still be written unseen: not linked to */
    _Atomic bool retired;
    uint32_t code_size;
    uint64_t lo, hi, lo2, hi2;     /* guest bytes, as in struct tcg_ir */
    struct tcg_link *links;
    uint32_t nlinks;
    struct tcg_link *in;           /* links of other regions into this one */
    struct tcg_region *page_next;  /* chain of the guest page index (page of lo) */
    struct tcg_region *arena_next; /* all regions of one arena of code memory */
    uint32_t leave_next;           /* proof (a): snapshot to be armed next */
    void *gen;                     /* backend's side tables: snapshots, or the IR it interprets */
    uint64_t check;                /* hash of the guest bytes, while settling */
};

#endif
