// SPDX-License-Identifier: MIT
/* mem/region.c -- the tree of regions: making them, placing them into containers, changing them.
 *
 * Siblings are kept in the order in which they are seen: highest priority first, of equal ones the
 * youngest. A region is counted: by its owner, by aliases of it, and by each view that shows it, so
 * that a reader of an old view finds a structure that is still there (and marked gone). */
#include "mem/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct mem_region *new_region(const char *name, enum mem_kind kind, uint64_t size)
{
    struct mem_region *r = calloc(1, sizeof(*r));

    if (!r || !(r->name = strdup(name)))
        MOA_BUG("out of memory for region %s", name);
    r->kind = kind;
    r->last = size - 1; /* 0: all of it */
    r->busy = &r->own_busy;
    r->enabled = true;
    atomic_init(&r->refs, 1);
    return r;
}

static struct mem_region *with_memory(const char *name, enum mem_kind kind, uint64_t size,
                                      const struct mem_backing *b, char *err, size_t err_len)
{
    struct mem_block *block;
    struct mem_region *r;

    if (size == 0) {
        snprintf(err, err_len, "%s: size is zero", name);
        return NULL;
    }
    block = mem_block_new(name, size, b, err, err_len);
    if (!block)
        return NULL;
    r = new_region(name, kind, size);
    r->block = block;
    return r;
}

struct mem_region *mem_ram_new(const char *name, uint64_t size, const struct mem_backing *b,
                               char *err, size_t err_len)
{
    return with_memory(name, MEM_RAM, size, b, err, err_len);
}

struct mem_region *mem_rom_new(const char *name, uint64_t size, char *err, size_t err_len)
{
    return with_memory(name, MEM_ROM, size, NULL, err, err_len);
}

struct mem_region *mem_romd_new(const char *name, uint64_t size, const struct mem_ops *ops,
                                void *opaque, char *err, size_t err_len)
{
    struct mem_region *r = with_memory(name, MEM_ROMD, size, NULL, err, err_len);

    if (r) {
        r->block->romd = true;
        r->ops = ops;
        r->opaque = opaque;
        r->reads_are_memory = true;
    }
    return r;
}

struct mem_region *mem_mmio_new(const char *name, uint64_t size, const struct mem_ops *ops,
                                void *opaque)
{
    struct mem_region *r = new_region(name, MEM_MMIO, size);

    r->ops = ops;
    r->opaque = opaque;
    return r;
}

struct mem_region *mem_container_new(const char *name, uint64_t size)
{
    return new_region(name, MEM_CONTAINER, size);
}

struct mem_region *mem_alias_new(const char *name, struct mem_region *of, uint64_t offset,
                                 uint64_t size)
{
    struct mem_region *r = new_region(name, MEM_ALIAS, size);

    r->of = of;
    r->of_offset = offset;
    mem_region_ref(of);
    return r;
}

void mem_region_ref(struct mem_region *r)
{
    atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
}

void mem_region_unref(struct mem_region *r)
{
    if (atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (r->of)
        mem_region_unref(r->of);
    if (r->block)
        mem_block_unref(r->block);
    free(r->name);
    free(r);
}

void mem_region_free(struct mem_region *r)
{
    if (!r)
        return;
    if (r->container || r->children)
        MOA_BUG("region %s is freed while it is in a container or holds regions", r->name);
    atomic_store(&r->gone, true);
    if (r->block)
        atomic_store(&r->block->gone, true);
    r->busy = &r->own_busy; /* the device's structure may go before the last view */
    mem_region_unref(r);
}

void mem_region_guard(struct mem_region *r, bool *busy)
{
    r->busy = busy;
}

static void unlink_region(struct mem_region *r)
{
    struct mem_region **p = &r->container->children;

    while (*p != r)
        p = &(*p)->next;
    *p = r->next;
    r->next = NULL;
}

static void link_region(struct mem_region *c, struct mem_region *r)
{
    struct mem_region **p = &c->children;

    while (*p && (*p)->priority > r->priority)
        p = &(*p)->next;
    r->next = *p;
    *p = r;
    r->container = c;
}

void mem_add(struct mem_region *container, struct mem_region *r, uint64_t at, int priority)
{
    if (container->kind != MEM_CONTAINER || r->container)
        MOA_BUG("region %s cannot be added to %s", r->name, container->name);
    r->at = at;
    r->priority = priority;
    link_region(container, r);
    mem_changed();
}

void mem_remove(struct mem_region *container, struct mem_region *r)
{
    if (r->container != container)
        MOA_BUG("region %s is not in %s", r->name, container->name);
    unlink_region(r);
    r->container = NULL;
    mem_changed();
}

void mem_detach(struct mem_region *r)
{
    if (r->container)
        mem_remove(r->container, r);
}

void mem_enable(struct mem_region *r, bool on)
{
    if (r->enabled == on)
        return;
    r->enabled = on;
    mem_changed();
}

void mem_move(struct mem_region *r, uint64_t at)
{
    if (r->at == at)
        return;
    r->at = at;
    mem_changed();
}

void mem_romd_set(struct mem_region *r, bool reads_are_memory)
{
    if (r->kind != MEM_ROMD)
        MOA_BUG("region %s is no romd", r->name);
    if (r->reads_are_memory == reads_are_memory)
        return;
    r->reads_are_memory = reads_are_memory;
    mem_changed();
}

void *mem_ram_host(const struct mem_region *r)
{
    return r->block ? r->block->host : NULL;
}

uint64_t mem_ram_addr(const struct mem_region *r)
{
    return r->block ? r->block->ram_addr : ~0ull;
}

int mem_ram_fd(const struct mem_region *r)
{
    return r->block ? r->block->fd : -1;
}

uint64_t mem_region_size(const struct mem_region *r)
{
    return r->last + 1;
}

const char *mem_region_name(const struct mem_region *r)
{
    return r->name;
}
