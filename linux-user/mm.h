/* SPDX-License-Identifier: MIT */
/* linux-user/mm.h -- the guest's address space: which pages the guest has, with which rights.
 *
 * The list of areas is the truth about the guest's view: moa's own mappings are not in it, and the
 * execute right exists only there, since host pages of the guest are never executable. Addresses
 * are guest addresses; results are a guest address or 0, or -errno. All functions take the lock of
 * the address space themselves and may be called from any thread. */
#ifndef LINUX_USER_MM_H
#define LINUX_USER_MM_H

#include "base/base.h"

#include <pthread.h>
#include <stdio.h>

#define LX_PAGE 4096ull /* guest page size of every guest so far */

enum lx_vma_kind { LX_VMA_PLAIN, LX_VMA_HEAP, LX_VMA_STACK, LX_VMA_VDSO, LX_VMA_VVAR };

struct lx_vma {
    uint64_t lo, hi; /* hi is the first byte behind */
    uint8_t prot;    /* PROT_* as the guest sees them, its own ones included */
    uint8_t kind;    /* enum lx_vma_kind */
    bool shared;
    bool file;
    bool grows;      /* MAP_GROWSDOWN */
};

/* mmap flags are the host's; a guest's own numbers are converted by its abi before. */
struct lx_mm {
    /* Order: lock, the engine's lock, list_lock. Changes hold lock from start to end and tell the
     * engine meanwhile; the engine looks at the list while it translates, under list_lock alone. */
    pthread_mutex_t lock;
    pthread_mutex_t list_lock; /* of vma, nvma, room: changed with both held, read with either */
    struct lx_vma *vma; /* sorted, no overlap, neighbours that are equal are merged */
    size_t nvma, room;
    uint64_t guest_base; /* host address = guest address + guest_base */
    uint64_t min_addr;   /* below: never mapped */
    uint64_t limit;      /* first address that the guest cannot have */
    uint64_t mmap_top;   /* mappings without a wish are placed below this, downwards */
    uint64_t reserved;   /* -R: bytes of host space kept from guest_base on, 0: none */
    uint64_t brk_start, brk;
    uint64_t brk_limit;  /* RLIMIT_DATA */
    uint64_t as_limit;   /* RLIMIT_AS: bytes in areas together, ~0: none */
    bool host_limited;   /* moa itself runs under a limit on its address space */
    uint8_t prot_extra;  /* PROT_* bits that only this guest has, such as PROT_BTI */
    void (*code_changed)(void *opaque, uint64_t lo, uint64_t hi);
    void *opaque;
};

struct lx_mm *lx_mm_new(uint64_t guest_base, uint64_t limit, uint64_t mmap_top);
void lx_mm_free(struct lx_mm *mm); /* forgets the areas; the host mappings stay */

/* Chooses guest_base and reserves host space for size bytes (-R). 0 or -errno. */
int lx_mm_reserve(struct lx_mm *mm, uint64_t size);

int64_t lx_mmap(struct lx_mm *mm, uint64_t addr, uint64_t len, int prot, int flags, int fd,
                uint64_t off);
/* The same with a kind, for the loader. */
int64_t lx_mmap_kind(struct lx_mm *mm, uint64_t addr, uint64_t len, int prot, int flags, int fd,
                     uint64_t off, enum lx_vma_kind kind);
int64_t lx_munmap(struct lx_mm *mm, uint64_t addr, uint64_t len);
int64_t lx_mprotect(struct lx_mm *mm, uint64_t addr, uint64_t len, int prot);
int64_t lx_mremap(struct lx_mm *mm, uint64_t addr, uint64_t old_len, uint64_t new_len,
                  unsigned flags, uint64_t new_addr);
uint64_t lx_brk(struct lx_mm *mm, uint64_t addr);
/* After a fault at addr: if a MAP_GROWSDOWN area lies above and the gap allows, it grows down to
 * hold addr. True if it did: the access is to be tried again. */
bool lx_mm_grow(struct lx_mm *mm, uint64_t addr);
/* SysV shared memory: attaches segment id, or detaches what was attached at addr. */
int64_t lx_shmat(struct lx_mm *mm, int id, uint64_t addr, int flags);
int64_t lx_shmdt(struct lx_mm *mm, uint64_t addr);

/* The area that holds addr, copied to *out; false if there is none. */
bool lx_mm_find(struct lx_mm *mm, uint64_t addr, struct lx_vma *out);
/* True if every byte of the range is mapped with all rights in prot (0: mapped at all). */
bool lx_mm_check(struct lx_mm *mm, uint64_t addr, uint64_t len, int prot);
/* Bytes from addr on, at most len, that lie in areas with all rights in prot. */
uint64_t lx_mm_extent(struct lx_mm *mm, uint64_t addr, uint64_t len, int prot);
/* Copies the list; the caller frees it. */
struct lx_vma *lx_mm_list(struct lx_mm *mm, size_t *n);

void *lx_g2h(const struct lx_mm *mm, uint64_t addr);

#endif
