// SPDX-License-Identifier: MIT
/* backends/x86_64/leave.c -- proof (a), tcg/leave.h: a snapshot is armed by a HLT over the first byte of
 * the code that it is in force from. User code may not execute it, so that the host reports a fault
 * there, which takes the usual way of faults. */
#include "backends/x86_64/gen_priv.h"

#include <cpuid.h>

#define HLT 0xf4

unsigned gen_leave_points(const struct tcg_region *r)
{
    return ((const struct gen_table *)r->gen)->nsnaps;
}

const uint8_t *gen_leave_arm(struct tcg_engine *e, struct tcg_region *r, unsigned n, bool on)
{
    const struct gen_table *t = r->gen;
    struct gen_stubs *s = ((struct gen *)e->gen)->stubs;
    const uint8_t *at = r->code + t->snaps[n].off;
    uint8_t *rw = (uint8_t *)(uintptr_t)(at + e->code->delta);
    uint32_t a, b, c, d;

    if (on) {
        s->armed_byte = *rw;
        *rw = HLT;
    } else {
        *rw = s->armed_byte;
    }
    __cpuid(0, a, b, c, d); /* code was written at another address: serialize */
    return at;
}
