/* SPDX-License-Identifier: MIT */
/* mem/internal.h -- what the files of mem/ share: regions, RAM blocks, views. */
#ifndef MEM_INTERNAL_H
#define MEM_INTERNAL_H

#include "mem/mem.h"

#define MEM_PAGE_BITS 12
#define MEM_PAGE      (1ull << MEM_PAGE_BITS)
#define MEM_RAM_LIMIT (1ull << 42) /* ram_addr stays below: one watch byte a page is reserved */

enum mem_kind { MEM_RAM, MEM_ROM, MEM_ROMD, MEM_MMIO, MEM_CONTAINER, MEM_ALIAS };

/* Host memory with its numbers. Lives as long as its region, or a mapping, or a view. */
struct mem_block {
    atomic_uint refs;
    uint8_t *host;
    uint64_t size, mapped; /* bytes asked for; bytes mapped: whole pages of the host */
    uint64_t ram_addr;
    int fd;
    char *name;
    bool romd;
    atomic_bool gone; /* its region was freed */
    struct mem_block *next; /* list of all, under the blocks' mutex */
};

struct mem_region {
    char *name;
    enum mem_kind kind;
    atomic_uint refs; /* owner, views, aliases */
    atomic_bool gone; /* freed by its owner: late readers of old views must not call it */
    uint64_t last;    /* size - 1 */
    const struct mem_ops *ops;
    void *opaque;
    bool *busy, own_busy;
    struct mem_block *block; /* RAM, ROM, romd */
    bool reads_are_memory;   /* romd */
    struct mem_region *of;   /* alias */
    uint64_t of_offset;
    /* place */
    struct mem_region *container, *next; /* siblings: highest priority first, then the youngest */
    struct mem_region *children;
    uint64_t at;
    int priority;
    bool enabled;
};

/* Immutable once published. */
struct mem_view {
    uint64_t serial; /* never the same twice */
    unsigned n;
    struct mem_view *next_retired;
    uint64_t retired_at;
    struct mem_range ranges[];
};

struct mem_listener {
    void (*changed)(void *opaque);
    void *opaque;
    struct mem_listener *next;
};

struct mem_space {
    char *name;
    struct mem_region *root;
    _Atomic(struct mem_view *) view;
    atomic_uint generation;
    struct mem_listener *listeners;
    struct mem_space *next;
};

void mem_region_ref(struct mem_region *r);
void mem_region_unref(struct mem_region *r);
struct mem_block *mem_block_new(const char *name, uint64_t size, const struct mem_backing *b,
                                char *err, size_t err_len);
void mem_block_unref(struct mem_block *b);
void mem_changed(void); /* the tree has: new views at once, or with the commit */
void mem_reclaim(void); /* frees retired views that nobody reads */

static inline bool mem_has_memory(const struct mem_region *r)
{
    return r->kind <= MEM_ROMD;
}

#endif
