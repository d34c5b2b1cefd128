/* SPDX-License-Identifier: MIT */
/* mem/mem.h -- physical memory of a machine: regions in a tree, flattened into an immutable sorted
 * view, and the one way for devices to read and write it (DMA).
 *
 * A *region* is RAM, ROM, MMIO, an alias of part of another region, or a container. Regions are
 * placed into containers at an offset with a priority (higher wins where they overlap). A *space*
 * has a root container and its current *view*. Changes (add, remove, enable, move, romd mode)
 * between mem_begin() and mem_commit() publish one new view for each space that they touch; a
 * change outside of them publishes at once. Old views live until no reader can hold them.
 *
 * Spaces, RAM numbers and watch bytes are the process's: one machine a process.
 *
 * Threads: the tree is changed with the machine's lock held. Views are read without a lock between
 * mem_read_lock() and mem_read_unlock() (cheap, nests, never blocks). RAM content is plain memory
 * shared by all. MMIO callbacks run with the machine's lock held, unless the region says otherwise:
 * mem_access, mem_read and mem_write take it around the callback where the caller does not hold it
 * (mem_set_lock).
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
 * The core splits accesses that are wider than max or not aligned into naturally aligned pieces, in
 * the order of addresses, and ends at the first that is refused. Pieces narrower than min are
 * widened to the min bytes around them: reads take their bytes from it; writes are refused, or, if
 * narrow is set, put their bytes into place with zeros around. A missing callback refuses. */
struct mem_ops {
    enum mem_result (*read)(void *opaque, uint64_t offset, unsigned size, uint64_t *value,
                            const struct mem_attrs *a);
    enum mem_result (*write)(void *opaque, uint64_t offset, unsigned size, uint64_t value,
                             const struct mem_attrs *a);
    uint8_t min, max; /* bytes that the callbacks take: 1, 2, 4, 8; 0, 0: 1 and 4 */
    bool unaligned;   /* callbacks take unaligned offsets */
    bool big;
    bool narrow;
    bool own_lock; /* callbacks are called without the machine's lock, and the device takes care of
                    * its re-entry; such a region is freed only while no vcpu runs */
};

/* How to take the machine's lock: take() returns true if the caller did not hold it and now does.
 * Without one (tests, tools) no lock is taken. Set before threads start. */
struct mem_lock_port {
    bool (*take)(void *opaque);
    void (*release)(void *opaque);
    void *opaque;
};
void mem_set_lock(const struct mem_lock_port *p);

/* ---- the tree ---- */
/* Host memory under RAM; NULL: anonymous. path: a file, which is made or extended to the size if it
 * is regular and shorter and shared is set (shared: writes reach the file; else they stay private
 * and the file must be long enough). memfd: memory with a descriptor, for other processes. huge:
 * huge pages of the host; a file has them by its file system. prealloc: all pages now, or an
 * error. Sizes are rounded up to the host's page. The functions return NULL with one line in err.
 */
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
/* size 0: all 2^64 bytes. */
struct mem_region *mem_container_new(const char *name, uint64_t size);
struct mem_region *mem_alias_new(const char *name, struct mem_region *of, uint64_t offset,
                                 uint64_t size);
void mem_region_free(
    struct mem_region *r); /* in no container any more; memory goes with the last view */
/* RAM that reads as memory while writes go to ops (pflash in read mode), or all to ops. */
struct mem_region *mem_romd_new(const char *name, uint64_t size, const struct mem_ops *ops,
                                void *opaque, char *err, size_t err_len);
void mem_romd_set(struct mem_region *r, bool reads_are_memory);

/* Regions that share *busy (false at first, guarded by the machine's lock) are one device: none of
 * them is entered from a callback of another. Without it each region stands for itself. A device
 * sets it too while it works on its own account (timers, completions) and does DMA. */
void mem_region_guard(struct mem_region *r, bool *busy);

void mem_begin(void); /* nests */
void mem_commit(void);
/* A region is in one container at most; only containers take regions. Of equal priority the one
 * added last wins. What sticks out of the container is not seen. */
void mem_add(struct mem_region *container, struct mem_region *r, uint64_t at, int priority);
void mem_remove(struct mem_region *container, struct mem_region *r);
void mem_detach(struct mem_region *r); /* from the container that it is in, if any */
void mem_enable(struct mem_region *r, bool on);
void mem_move(struct mem_region *r, uint64_t at);
void *mem_ram_host(const struct mem_region *r);    /* RAM, ROM, romd: its host memory */
uint64_t mem_ram_addr(const struct mem_region *r); /* the same: number of its first byte; else ~0 */
int mem_ram_fd(const struct mem_region *r);        /* file or memfd under it, or -1 */
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
    uint64_t ram_addr; /* host not NULL: number of lo's byte among all RAM, ROM and romd of the
                        * machine, a multiple of a page where offset is; dirty log, code watch.
                        * ~0: MMIO. Ranges may begin and end inside a page. */
};
void mem_read_lock(void);
void mem_read_unlock(void);
/* The range that addr is in, or NULL; valid until unlock. Remembers the last hit of each thread. */
const struct mem_range *mem_find(struct mem_space *s, uint64_t addr);
unsigned mem_space_generation(struct mem_space *s); /* changes with each new view; TLBs compare */
/* Called with the machine's lock, after each new view; softmmu flushes TLBs, KVM sets its slots.
 * Host memory of a region that was freed goes after the listeners have returned. They do not change
 * the tree. */
void mem_listen(struct mem_space *s, void (*changed)(void *opaque), void *opaque);
void mem_unlisten(struct mem_space *s, void (*changed)(void *opaque), void *opaque);
/* All ranges of the present view, by address. Under mem_read_lock() of its own. */
void mem_each_range(struct mem_space *s, void (*each)(void *to, const struct mem_range *r), void *to);
void mem_print(struct mem_space *s, void (*line)(void *to, const char *text),
               void *to); /* info mtree */

/* ---- access ---- */
/* By devices (DMA) and loaders: any length, bounds checked, RAM copied, MMIO called piecewise.
 * Marks dirty and code pages. A device must not reach its own MMIO while in it: such accesses give
 * MEM_REFUSED. Ends at the first piece that fails; what a failed read did not reach is zero in
 * buf. Writes to ROM are ignored. */
enum mem_result mem_read(struct mem_space *s, uint64_t addr, void *buf, uint64_t len,
                         struct mem_attrs a);
enum mem_result mem_write(struct mem_space *s, uint64_t addr, const void *buf, uint64_t len,
                          struct mem_attrs a);
/* The same for one number of 1, 2, 4 or 8 bytes, little-endian: one access of the host where it is
 * aligned RAM, for rings that the guest works on at the same time. */
enum mem_result mem_load(struct mem_space *s, uint64_t addr, unsigned size, uint64_t *value,
                         struct mem_attrs a);
enum mem_result mem_store(struct mem_space *s, uint64_t addr, unsigned size, uint64_t value,
                          struct mem_attrs a);
/* One register-size access, 1, 2, 4 or 8 bytes, for vcpus, under mem_read_lock: value as a number
 * in little-endian order. MEM_NOTHING if it leaves the range. RAM: one access of the host where it
 * is aligned, and a write is marked (mem_written). */
enum mem_result mem_access(const struct mem_range *r, uint64_t addr, unsigned size, bool write,
                           uint64_t *value, struct mem_attrs a);
/* Host address of [addr, addr + *len) if it is RAM, or for reading also ROM; *len shortened to what
 * is contiguous; NULL: none of these. The memory stays until mem_unmap (same host, same len), which
 * marks what was written. Any thread. */
void *mem_map(struct mem_space *s, uint64_t addr, uint64_t *len, bool write, struct mem_attrs a);
void mem_unmap(void *host, uint64_t len, bool written);
/* What lies in [host, host + len), which is mapped, is wanted no more: whole pages of the host go back to it
 * and read as zeros, or, of a private file, keep their content. Then mem_unmap(written). */
void mem_discard(void *host, uint64_t len);

/* ---- all RAM, for saving ---- */
/* A block of RAM or ROM. What romd regions hold is not among them: their devices save it. */
struct mem_ram_info {
    const char *name; /* as its region was called; may be there twice */
    uint8_t *host;
    uint64_t size, ram_addr;
};
/* Calls each() for every block that its owner has, in the order in which they were made. The
 * machine's lock is held; each() makes and frees none. */
void mem_ram_each(void (*each)(void *opaque, const struct mem_ram_info *i), void *opaque);

/* ---- watched pages of RAM ---- */
/* One byte a page of RAM, by ram_addr >> 12, or-ed from enum mem_watch. A vcpu's TLB entry for a
 * page with any bit set takes the slow path for writes. */
enum mem_watch { MEM_WATCH_CODE = 1, MEM_WATCH_CLEAN = 2 /* dirty logging: not written since */ };
uint8_t mem_watch_get(uint64_t ram_addr);
uint8_t *mem_watch_bytes(void); /* the array itself, never moves; accessed atomically */
void mem_watch_set(uint64_t ram_addr, uint8_t bits, bool on);
/* After or before a write of len bytes by anyone but translated code (DMA, gdb, loadvm): clears
 * CLEAN, and calls the code listener where CODE is set. */
void mem_written(uint64_t ram_addr, uint64_t len);
void mem_code_listener(void (*written)(void *opaque, uint64_t ram_addr, uint64_t len),
                       void *opaque);

#endif
