/* SPDX-License-Identifier: MIT */
/* mem/mem.h -- physical memory of a machine: regions in a tree, flattened into an immutable sorted
 * view, and the one way for devices to read and write it (DMA).
 *
 * A *region* is RAM, ROM, MMIO, an alias of part of another region, or a container. Regions are
 * placed into containers at an offset with a priority (higher wins where they overlap). A *space*
 * has a root container and its current *view*. Changes (add, remove, enable, move) between
 * mem_begin() and mem_commit() publish one new view; old views live until no reader can hold
 * them.
 *
 * Threads: the tree is changed with the machine's lock held. Views are read without a lock between
 * mem_read_lock() and mem_read_unlock() (cheap, nests, never blocks). RAM content is plain memory
 * shared by all. MMIO callbacks run with the machine's lock held, unless the region says otherwise.
 */
#ifndef MEM_MEM_H
#define MEM_MEM_H

#include "base/base.h"

#include <stdatomic.h>

struct mem_region;
struct mem_space;

enum mem_result {
    MEM_OK,
    MEM_NOTHING /* no region there */,
    MEM_REFUSED /* the device or rights */
};

/* Who accesses; passed to devices. */
struct mem_attrs {
    uint16_t requester; /* PCI: bus, device, function; 0xffff: a vcpu; index in vcpu */
    uint16_t vcpu;
    bool secure, user;
};
#define MEM_REQUESTER_VCPU 0xffff

/* An MMIO region. Offsets are checked: offset + size lies in the region. Values are in the guest's
 * register sense: the bytes at offset, as a number in the region's byte order (little unless big).
 * The core splits accesses that are wider than max, and widens those that are narrower than min
 * (reads: shifts; writes: only if narrow is set, else refused). */
struct mem_ops {
    enum mem_result (*read)(void *opaque, uint64_t offset, unsigned size, uint64_t *value,
                            const struct mem_attrs *a);
    enum mem_result (*write)(void *opaque, uint64_t offset, unsigned size, uint64_t value,
                             const struct mem_attrs *a);
    uint8_t min, max; /* bytes that the callbacks take: 1, 2, 4, 8; 0, 0: 1 and 4 */
    bool unaligned;   /* callbacks take unaligned offsets */
    bool big;
    bool own_lock; /* callbacks are called without the machine's lock */
};

/* ---- the tree ---- */
/* Host memory under RAM. path NULL: anonymous; else a file (shared: writes reach it). NULL with one
 * line in err. */
struct mem_backing {
    const char *path;
    bool shared, huge, prealloc, memfd;
};
struct mem_region *mem_ram_new(const char *name, uint64_t size, const struct mem_backing *b,
                               char *err, size_t err_len);
struct mem_region *mem_rom_new(const char *name, uint64_t size, char *err,
                               size_t err_len); /* guest writes are ignored */
struct mem_region *mem_mmio_new(const char *name, uint64_t size, const struct mem_ops *ops,
                                void *opaque);
struct mem_region *mem_container_new(const char *name, uint64_t size);
struct mem_region *mem_alias_new(const char *name, struct mem_region *of, uint64_t offset,
                                 uint64_t size);
void mem_region_free(
    struct mem_region *r); /* in no container any more; memory goes with the last view */
/* RAM that reads as memory while writes go to ops (pflash in read mode), or all to ops. */
struct mem_region *mem_romd_new(const char *name, uint64_t size, const struct mem_ops *ops,
                                void *opaque, char *err, size_t err_len);
void mem_romd_set(struct mem_region *r, bool reads_are_memory);

void mem_begin(struct mem_space *s);
void mem_commit(struct mem_space *s);
void mem_add(struct mem_region *container, struct mem_region *r, uint64_t at, int priority);
void mem_remove(struct mem_region *container, struct mem_region *r);
void mem_enable(struct mem_region *r, bool on);
void mem_move(struct mem_region *r, uint64_t at);
void *mem_ram_host(const struct mem_region *r); /* RAM, ROM, romd: its host memory */
uint64_t mem_region_size(const struct mem_region *r);
const char *mem_region_name(const struct mem_region *r);

/* ---- a space ---- */
struct mem_space *mem_space_new(const char *name, struct mem_region *root);
void mem_space_free(struct mem_space *s);

struct mem_range { /* one piece of a view: [lo, hi], inclusive */
    uint64_t lo, hi;
    struct mem_region *region;
    uint64_t offset;   /* of lo in region */
    bool readonly;     /* guest writes do not reach host memory */
    uint8_t *host;     /* RAM, ROM, romd in read mode: host address of lo; NULL: MMIO */
    uint64_t ram_addr; /* RAM: number of lo's byte among all RAM of the machine, page aligned
                        * with it; dirty log, code watch. ~0: no RAM */
};
void mem_read_lock(void);
void mem_read_unlock(void);
/* The range that addr is in, or NULL; valid until unlock. */
const struct mem_range *mem_find(struct mem_space *s, uint64_t addr);
unsigned mem_space_generation(struct mem_space *s); /* changes with each new view; TLBs compare */
/* Called with the machine's lock, after each new view; softmmu flushes TLBs, KVM sets its slots. */
void mem_listen(struct mem_space *s, void (*changed)(void *opaque), void *opaque);
void mem_print(struct mem_space *s, void (*line)(void *to, const char *text),
               void *to); /* info mtree */

/* ---- access ---- */
/* By devices (DMA) and loaders: any length, bounds checked, RAM copied, MMIO called piecewise.
 * Marks dirty and code pages. A device must not reach its own MMIO while in it: such accesses give
 * MEM_REFUSED. */
enum mem_result mem_read(struct mem_space *s, uint64_t addr, void *buf, uint64_t len,
                         struct mem_attrs a);
enum mem_result mem_write(struct mem_space *s, uint64_t addr, const void *buf, uint64_t len,
                          struct mem_attrs a);
/* One register-size access, 1, 2, 4 or 8 bytes, for vcpus: value as a number in little-endian
 * order. */
enum mem_result mem_access(const struct mem_range *r, uint64_t addr, unsigned size, bool write,
                           uint64_t *value, struct mem_attrs a);
/* Host address of [addr, addr + *len) if it is RAM, *len shortened to what is contiguous; NULL: not
 * RAM. The memory stays until mem_unmap, which marks what was written. */
void *mem_map(struct mem_space *s, uint64_t addr, uint64_t *len, bool write, struct mem_attrs a);
void mem_unmap(struct mem_space *s, void *host, uint64_t len, bool written);

/* ---- watched pages of RAM ---- */
/* One byte a page of RAM, by ram_addr >> 12, or-ed from enum mem_watch. A vcpu's TLB entry for a
 * page with any bit set takes the slow path for writes. */
enum mem_watch { MEM_WATCH_CODE = 1, MEM_WATCH_CLEAN = 2 /* dirty logging: not written since */ };
uint8_t mem_watch_get(uint64_t ram_addr);
void mem_watch_set(uint64_t ram_addr, uint8_t bits, bool on);
/* After or before a write of len bytes by anyone but translated code (DMA, gdb, loadvm): clears
 * CLEAN, and calls the code listener where CODE is set. */
void mem_written(uint64_t ram_addr, uint64_t len);
void mem_code_listener(void (*written)(void *opaque, uint64_t ram_addr, uint64_t len),
                       void *opaque);

#endif
