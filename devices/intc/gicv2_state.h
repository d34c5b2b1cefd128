/* SPDX-License-Identifier: MIT */
/* devices/intc/gicv2_state.h -- state of a GICv2, shared by gicv2.c (selection, CPU interface) and
 * gicv2_dist.c (distributor). Not for boards.
 *
 * An interrupt as one vcpu sees it has a *slot*: SGIs and PPIs are banked, 32 for each vcpu; SPIs
 * follow. Bitmaps and arrays are indexed by slot, so that banking is one function. */
#ifndef DEVICES_INTC_GICV2_STATE_H
#define DEVICES_INTC_GICV2_STATE_H

#include "devices/intc/gicv2.h"

enum {
    GICV2_CPUS = 8,
    GICV2_SGIS = 16,
    GICV2_PRIVATE = 32,
    GICV2_IRQS = 1020,
    GICV2_SPIS = 992, /* places; INTIDs 1020 and up are no interrupts */
    GICV2_SLOTS = GICV2_CPUS * GICV2_PRIVATE + GICV2_SPIS,
    GICV2_WORDS = GICV2_SLOTS / 32,

    GICV2_PRIO_MASK = 0xf8, /* 32 levels, as the GIC-400 */
    GICV2_MIN_BPR = 2,
    GICV2_MIN_ABPR = 3,

    GICD_CTLR_GROUPS = 3,
    GICC_CTLR_ACKCTL = 1 << 2,
    GICC_CTLR_FIQEN = 1 << 3,
    GICC_CTLR_CBPR = 1 << 4,
    GICC_CTLR_EOIMODE = 1 << 9,
    GICC_CTLR_MASK = 0x3ff, /* the bypass bits are kept; there is nothing to bypass */

    GIC_GROUP1_HIDDEN = 1022,
    GIC_SPURIOUS = 1023,
};

struct gicv2 {
    struct device dev;
    uint32_t ctlr;
    /* by slot; latch: edge seen, or written to ISPENDR; SGI: any source; level: the input */
    uint32_t enabled[GICV2_WORDS], group[GICV2_WORDS], latch[GICV2_WORDS], active[GICV2_WORDS];
    uint32_t edge[GICV2_WORDS], level[GICV2_WORDS];
    uint8_t prio[GICV2_SLOTS];
    uint8_t target[GICV2_SPIS];
    uint8_t sgi[GICV2_CPUS * GICV2_SGIS]; /* mask of sources that pend */
    /* CPU interfaces */
    uint32_t cctlr[GICV2_CPUS], apr[GICV2_CPUS], nsapr[GICV2_CPUS];
    uint8_t pmr[GICV2_CPUS], bpr[GICV2_CPUS], abpr[GICV2_CPUS];

    /* ---- wiring ---- */
    uint32_t ncpus, nirqs;
    struct irq_line irq[GICV2_CPUS], fiq[GICV2_CPUS];
    uint8_t out[GICV2_CPUS]; /* what the outputs were told: 1 IRQ, 2 FIQ; 0xff: nothing yet */
};

static inline unsigned gicv2_slot(unsigned cpu, unsigned irq)
{
    return irq < GICV2_PRIVATE ? cpu * GICV2_PRIVATE + irq : (GICV2_CPUS - 1) * GICV2_PRIVATE + irq;
}

/* Word of the bitmaps that holds INTIDs 32 * n and up, as cpu sees them. */
static inline unsigned gicv2_word(unsigned cpu, unsigned n)
{
    return n ? GICV2_CPUS - 1 + n : cpu;
}

/* INTIDs of that word that exist. */
static inline uint32_t gicv2_valid(const struct gicv2 *g, unsigned n)
{
    if (32 * n + 32 <= g->nirqs)
        return 0xffffffff;
    return 32 * n < g->nirqs ? (1u << (g->nirqs - 32 * n)) - 1 : 0;
}

static inline bool gicv2_bit(const uint32_t *map, unsigned slot)
{
    return map[slot / 32] >> (slot % 32) & 1;
}

static inline void gicv2_put(uint32_t *map, unsigned slot, bool on)
{
    uint32_t bit = 1u << (slot % 32);

    map[slot / 32] = on ? map[slot / 32] | bit : map[slot / 32] & ~bit;
}

static inline uint32_t gicv2_pending(const struct gicv2 *g, unsigned word)
{
    return g->latch[word] | (g->level[word] & ~g->edge[word]);
}

/* Whose registers an access means. Others than vcpus see those of vcpu 0. */
static inline unsigned gicv2_who(const struct gicv2 *g, const struct mem_attrs *a)
{
    return a->requester == MEM_REQUESTER_VCPU && a->vcpu < g->ncpus ? a->vcpu : 0;
}

void gicv2_update(struct gicv2 *g); /* outputs of all vcpus */

enum { GICV2_DIST_REGS = 18 };
extern const struct dev_reg gicv2_dist_regs[GICV2_DIST_REGS];

#endif
