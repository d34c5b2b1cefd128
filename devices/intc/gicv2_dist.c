// SPDX-License-Identifier: MIT
/* devices/intc/gicv2_dist.c -- distributor registers of the GICv2 (IHI 0048, chapter 4.3): enables,
 * groups, pending and active state, priorities, targets, configuration, software interrupts.
 *
 * Identifies itself as a GIC-400. One security state: GICD_NSACR reads as zero. SGIs are always
 * enabled. Interrupts that do not exist read as zero and ignore writes. */
#include "devices/intc/gicv2_state.h"

static uint64_t ctlr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv2 *g = dev;

    (void)n, (void)a;
    return g->ctlr;
}

static void ctlr_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv2 *g = dev;

    (void)n, (void)a;
    g->ctlr = v & GICD_CTLR_GROUPS;
}

static uint64_t typer_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv2 *g = dev;

    (void)n, (void)a;
    return ((g->nirqs + 31) / 32 - 1) | (g->ncpus - 1) << 5;
}

static uint64_t iidr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)a;
    return 0x0200143b;
}

static uint64_t group_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv2 *g = dev;

    return g->group[gicv2_word(gicv2_who(g, a), n)];
}

static void group_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv2 *g = dev;

    g->group[gicv2_word(gicv2_who(g, a), n)] = v & gicv2_valid(g, n);
}

static uint64_t enable_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv2 *g = dev;

    return g->enabled[gicv2_word(gicv2_who(g, a), n)];
}

static void enable_set(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv2 *g = dev;

    g->enabled[gicv2_word(gicv2_who(g, a), n)] |= v & gicv2_valid(g, n);
}

static void enable_clear(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv2 *g = dev;

    if (n == 0)
        v &= ~(uint64_t)0xffff;
    g->enabled[gicv2_word(gicv2_who(g, a), n)] &= ~v;
}

static uint64_t pending_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv2 *g = dev;

    return gicv2_pending(g, gicv2_word(gicv2_who(g, a), n)) & gicv2_valid(g, n);
}

/* SGIs are made pending by SGIR and SPENDSGIR only. */
static uint32_t settable(const struct gicv2 *g, unsigned n, uint64_t v)
{
    return v & gicv2_valid(g, n) & (n ? 0xffffffff : 0xffff0000);
}

static void pending_set(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv2 *g = dev;

    g->latch[gicv2_word(gicv2_who(g, a), n)] |= settable(g, n, v);
}

static void pending_clear(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv2 *g = dev;

    g->latch[gicv2_word(gicv2_who(g, a), n)] &= ~settable(g, n, v);
}

static uint64_t active_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv2 *g = dev;

    return g->active[gicv2_word(gicv2_who(g, a), n)];
}

static void active_set(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv2 *g = dev;

    g->active[gicv2_word(gicv2_who(g, a), n)] |= v & gicv2_valid(g, n);
}

static void active_clear(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv2 *g = dev;

    g->active[gicv2_word(gicv2_who(g, a), n)] &= ~v;
}

static uint64_t prio_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv2 *g = dev;

    return g->prio[gicv2_slot(gicv2_who(g, a), n)];
}

static void prio_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv2 *g = dev;

    if (n < g->nirqs)
        g->prio[gicv2_slot(gicv2_who(g, a), n)] = v & GICV2_PRIO_MASK;
}

/* With one vcpu the registers read as zero, and all goes there. */
static uint64_t target_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv2 *g = dev;

    if (g->ncpus == 1 || n >= g->nirqs)
        return 0;
    return n < GICV2_PRIVATE ? 1u << gicv2_who(g, a) : g->target[n - GICV2_PRIVATE];
}

static void target_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv2 *g = dev;

    (void)a;
    if (g->ncpus > 1 && n >= GICV2_PRIVATE && n < g->nirqs)
        g->target[n - GICV2_PRIVATE] = v & ((1u << g->ncpus) - 1);
}

/* Two bits an interrupt, of which the upper says edge. n counts words of 16 interrupts. */
static uint64_t cfg_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv2 *g = dev;
    uint32_t bits = g->edge[gicv2_word(gicv2_who(g, a), n / 2)] >> (n % 2 * 16), v = 0;
    unsigned i;

    for (i = 0; i < 16; i++)
        v |= (bits >> i & 1) << (2 * i + 1);
    return v;
}

static void cfg_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv2 *g = dev;
    uint32_t *word = &g->edge[gicv2_word(gicv2_who(g, a), n / 2)], bits = 0;
    uint32_t may = gicv2_valid(g, n / 2) & (uint32_t)0xffff << (n % 2 * 16);
    unsigned i;

    if (n == 0)
        return; /* SGIs are edges */
    for (i = 0; i < 16; i++)
        bits |= (uint32_t)(v >> (2 * i + 1) & 1) << (n % 2 * 16 + i);
    *word = (*word & ~may) | (bits & may);
}

static void sgi_sources(struct gicv2 *g, unsigned cpu, unsigned id, uint8_t sources)
{
    g->sgi[cpu * GICV2_SGIS + id] = sources;
    gicv2_put(g->latch, gicv2_slot(cpu, id), sources != 0);
}

static void sgir_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv2 *g = dev;
    unsigned me = gicv2_who(g, a), id = v & 15, cpu, to;

    (void)n;
    switch (v >> 24 & 3) {
    case 0:
        to = v >> 16 & 0xff;
        break;
    case 1:
        to = 0xff & ~(1u << me);
        break;
    case 2:
        to = 1u << me;
        break;
    default:
        return;
    }
    for (cpu = 0; cpu < g->ncpus; cpu++)
        if (to >> cpu & 1)
            sgi_sources(g, cpu, id, g->sgi[cpu * GICV2_SGIS + id] | 1u << me);
}

static uint64_t sgi_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv2 *g = dev;

    return g->sgi[gicv2_who(g, a) * GICV2_SGIS + n];
}

static void sgi_clear(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv2 *g = dev;
    unsigned me = gicv2_who(g, a);

    sgi_sources(g, me, n, g->sgi[me * GICV2_SGIS + n] & ~v);
}

static void sgi_set(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv2 *g = dev;
    unsigned me = gicv2_who(g, a);

    sgi_sources(g, me, n, g->sgi[me * GICV2_SGIS + n] | (v & ((1u << g->ncpus) - 1)));
}

static uint64_t id_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    static const uint8_t id[12] = {0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1};

    (void)dev, (void)a;
    return id[n];
}

static void ignore(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)v, (void)a;
}

static uint64_t zero(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)a;
    return 0;
}

#define REG(nm, off, sz, cnt, rd, wr)                                                              \
    {                                                                                              \
        .name = nm, .offset = off, .size = sz, .count = cnt, .stride = cnt ? sz : 0,               \
        .state = DEV_NO_STATE, .read = rd, .write = wr                                             \
    }
const struct dev_reg gicv2_dist_regs[GICV2_DIST_REGS] = {
    REG("GICD_CTLR", 0x000, 4, 0, ctlr_read, ctlr_write),
    REG("GICD_TYPER", 0x004, 4, 0, typer_read, ignore),
    REG("GICD_IIDR", 0x008, 4, 0, iidr_read, ignore),
    REG("GICD_IGROUPR", 0x080, 4, 32, group_read, group_write),
    REG("GICD_ISENABLER", 0x100, 4, 32, enable_read, enable_set),
    REG("GICD_ICENABLER", 0x180, 4, 32, enable_read, enable_clear),
    REG("GICD_ISPENDR", 0x200, 4, 32, pending_read, pending_set),
    REG("GICD_ICPENDR", 0x280, 4, 32, pending_read, pending_clear),
    REG("GICD_ISACTIVER", 0x300, 4, 32, active_read, active_set),
    REG("GICD_ICACTIVER", 0x380, 4, 32, active_read, active_clear),
    REG("GICD_IPRIORITYR", 0x400, 1, GICV2_IRQS, prio_read, prio_write),
    REG("GICD_ITARGETSR", 0x800, 1, GICV2_IRQS, target_read, target_write),
    REG("GICD_ICFGR", 0xc00, 4, 64, cfg_read, cfg_write),
    REG("GICD_NSACR", 0xe00, 4, 64, zero, ignore),
    REG("GICD_SGIR", 0xf00, 4, 0, zero, sgir_write),
    REG("GICD_CPENDSGIR", 0xf10, 1, GICV2_SGIS, sgi_read, sgi_clear),
    REG("GICD_SPENDSGIR", 0xf20, 1, GICV2_SGIS, sgi_read, sgi_set),
    REG("GICD_PIDR", 0xfd0, 4, 12, id_read, ignore), /* PIDR4..7, PIDR0..3, CIDR0..3 */
};
