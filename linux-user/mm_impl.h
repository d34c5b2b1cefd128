/* SPDX-License-Identifier: MIT */
/* linux-user/mm_impl.h -- what mm.c and mm_remap.c share. The lock is held by the caller. */
#ifndef LINUX_USER_MM_IMPL_H
#define LINUX_USER_MM_IMPL_H

#include "linux-user/mm.h"

int lx_host_prot(int prot);
size_t lx_vma_at(const struct lx_mm *mm, uint64_t addr); /* first area that ends behind addr */
int lx_vma_add(struct lx_mm *mm, const struct lx_vma *v);
int lx_vma_remove(struct lx_mm *mm, uint64_t lo, uint64_t hi);
bool lx_gap_free(const struct lx_mm *mm, uint64_t lo, uint64_t hi);
int lx_unmap_locked(struct lx_mm *mm, uint64_t lo, uint64_t hi);

/* Would that many bytes more pass RLIMIT_AS? */
bool lx_over_limit(const struct lx_mm *mm, uint64_t more);

/* Takes host pages without rights so that nobody else gets them; -EEXIST if they are in use. */
int lx_host_hold(const struct lx_mm *mm, uint64_t lo, uint64_t len);
void lx_host_drop(const struct lx_mm *mm, uint64_t lo, uint64_t len);
/* A free range, held; 0 if there is none. */
uint64_t lx_find_gap(struct lx_mm *mm, uint64_t hint, uint64_t len);
/* Holds the gaps of a range that a fixed mapping will cover. 0 or -ENOMEM. */
int lx_take_fixed(struct lx_mm *mm, uint64_t lo, uint64_t hi);

#endif
