/* SPDX-License-Identifier: MIT */
/* frontends/arm64/walk.h -- a translation in full, for instructions that want more than struct
 * fe_page says. */
#ifndef FRONTENDS_ARM64_WALK_H
#define FRONTENDS_ARM64_WALK_H

#include "frontends/arm64/system.h"

enum { A64_WALK_PROBE = 1, /* writes no hardware flags */
       A64_WALK_NO_PERM = 2 /* rights do not matter (cache maintenance at EL1) */ };
struct a64_walk {
    struct fe_page page;
    uint8_t attr;  /* as in MAIR */
    uint8_t share; /* SH */
};
/* Returns A64_FSC_NONE, or the fault status code with its level. */
unsigned a64_walk_full(struct a64_cpu *c, uint64_t addr, enum tcg_access access, unsigned mmu,
                       unsigned flags, struct a64_walk *w);

#endif
