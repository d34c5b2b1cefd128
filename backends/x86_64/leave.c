// SPDX-License-Identifier: MIT
/* backends/x86_64/leave.c -- proof (a), tcg/leave.h: a snapshot is armed by a HLT over the first
 * byte of the code that it is in force from. User code may not execute it, so that the host reports
 * a fault there, which takes the usual way of faults. As for links, processors notice by the
 * physical address that their own store changed code. */
#include "backends/x86_64/gen_priv.h"

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

    if (on) {
        s->armed_byte = *rw;
        *rw = HLT;
    } else {
        *rw = s->armed_byte;
    }
    return at;
}
