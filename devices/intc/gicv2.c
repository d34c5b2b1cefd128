// SPDX-License-Identifier: MIT
/* devices/intc/gicv2.c -- Arm Generic Interrupt Controller version 2 (IHI 0048), as the GIC-400: up
 * to 8 CPU interfaces, 32 priority levels, two groups, one security state. This file chooses what
 * to signal and holds the CPU interface (chapter 4.4); gicv2_dist.c holds the distributor.
 *
 * An interrupt pends by its latch (an edge, or a write), or while its input is high if it is
 * configured as level. What is active is never signalled again before it is deactivated.
 *
 * Not modelled: the virtualization extensions, the security extensions, legacy bypass. */
#include "devices/intc/gicv2_state.h"

#include <errno.h>
#include <stdio.h>

struct pick {
    unsigned irq; /* GIC_SPURIOUS: none */
    uint8_t prio;
    bool group1;
};

/* The interrupt of the highest priority that pends for cpu, in an enabled group; the lowest number
 * wins among equals. */
static struct pick best(const struct gicv2 *g, unsigned cpu)
{
    struct pick p = {.irq = GIC_SPURIOUS, .prio = 0xff};
    unsigned groups = g->ctlr & g->cctlr[cpu] & GICD_CTLR_GROUPS, n, words = (g->nirqs + 31) / 32;

    for (n = 0; n < words && groups; n++) {
        unsigned w = gicv2_word(cpu, n);
        uint32_t m = gicv2_pending(g, w) & g->enabled[w] & ~g->active[w];

        if (!(groups & 1))
            m &= g->group[w];
        if (!(groups & 2))
            m &= ~g->group[w];
        for (; m; m &= m - 1) {
            unsigned irq = 32 * n + __builtin_ctz(m), slot = gicv2_slot(cpu, irq);

            if (irq >= GICV2_PRIVATE && !(g->target[irq - GICV2_PRIVATE] >> cpu & 1))
                continue;
            if (g->prio[slot] < p.prio) {
                p.irq = irq;
                p.prio = g->prio[slot];
                p.group1 = gicv2_bit(g->group, slot);
            }
        }
    }
    return p;
}

static uint8_t running(const struct gicv2 *g, unsigned cpu)
{
    uint32_t act = g->apr[cpu] | g->nsapr[cpu];

    return act ? __builtin_ctz(act) << 3 : 0xff;
}

/* The part of prio that decides on preemption. */
static uint8_t group_prio(const struct gicv2 *g, unsigned cpu, uint8_t prio, bool group1)
{
    unsigned bpr = g->bpr[cpu];

    if (group1 && !(g->cctlr[cpu] & GICC_CTLR_CBPR))
        bpr = g->abpr[cpu] - 1;
    return prio & ~0u << (bpr + 1);
}

static bool signalled(const struct gicv2 *g, unsigned cpu, const struct pick *p)
{
    return p->irq != GIC_SPURIOUS && p->prio < g->pmr[cpu] &&
           group_prio(g, cpu, p->prio, p->group1) < running(g, cpu);
}

static void update_cpu(struct gicv2 *g, unsigned cpu)
{
    struct pick p = best(g, cpu);
    uint8_t out = 0;

    if (signalled(g, cpu, &p))
        out = !p.group1 && g->cctlr[cpu] & GICC_CTLR_FIQEN ? 2 : 1;
    if (out == g->out[cpu])
        return;
    g->out[cpu] = out;
    irq_set(&g->irq[cpu], out & 1);
    irq_set(&g->fiq[cpu], out & 2);
}

void gicv2_update(struct gicv2 *g)
{
    unsigned cpu;

    for (cpu = 0; cpu < g->ncpus; cpu++)
        update_cpu(g, cpu);
}

static void input(void *to, unsigned slot, bool level)
{
    struct gicv2 *g = to;

    if (gicv2_bit(g->level, slot) == level)
        return;
    gicv2_put(g->level, slot, level);
    if (level && gicv2_bit(g->edge, slot))
        gicv2_put(g->latch, slot, true);
    if (slot < GICV2_CPUS * GICV2_PRIVATE)
        update_cpu(g, slot / GICV2_PRIVATE);
    else
        gicv2_update(g);
}

struct irq_line gicv2_input(struct device *d, unsigned vcpu, unsigned intid)
{
    const struct gicv2 *g = (struct gicv2 *)d;
    struct irq_line none = {0};

    if (intid < GICV2_SGIS || intid >= g->nirqs || (intid < GICV2_PRIVATE && vcpu >= g->ncpus))
        return none;
    return (struct irq_line){.set = input, .to = d, .n = gicv2_slot(vcpu, intid)};
}

void gicv2_connect(struct device *d, unsigned vcpu, struct irq_line irq, struct irq_line fiq)
{
    struct gicv2 *g = (struct gicv2 *)d;

    if (vcpu >= GICV2_CPUS)
        MOA_BUG("GICv2 has no interface %u", vcpu);
    g->irq[vcpu] = irq;
    g->fiq[vcpu] = fiq;
    g->out[vcpu] = 0xff;
}

/* ---- the CPU interface ---- */

/* What a read of IAR and HPPIR shows: interrupts of group 1 hide behind 1022 unless AckCtl, or the
 * aliased register is used, which hides group 0 behind 1023. */
static unsigned visible(const struct gicv2 *g, unsigned cpu, const struct pick *p, bool alias)
{
    if (p->irq == GIC_SPURIOUS || (alias && !p->group1))
        return GIC_SPURIOUS;
    if (!alias && p->group1 && !(g->cctlr[cpu] & GICC_CTLR_ACKCTL))
        return GIC_GROUP1_HIDDEN;
    return p->irq;
}

static unsigned with_source(const struct gicv2 *g, unsigned cpu, unsigned irq)
{
    uint8_t from = irq < GICV2_SGIS ? g->sgi[cpu * GICV2_SGIS + irq] : 0;

    return from ? irq | (unsigned)__builtin_ctz(from) << 10 : irq;
}

static uint64_t acknowledge(struct gicv2 *g, unsigned cpu, bool alias)
{
    struct pick p = best(g, cpu);
    unsigned irq = signalled(g, cpu, &p) ? visible(g, cpu, &p, alias) : GIC_SPURIOUS, slot, result;
    uint32_t bit;

    if (irq >= GICV2_IRQS)
        return irq;
    slot = gicv2_slot(cpu, irq);
    result = with_source(g, cpu, irq);
    if (irq < GICV2_SGIS) {
        uint8_t *from = &g->sgi[cpu * GICV2_SGIS + irq];

        *from &= *from - 1;
        gicv2_put(g->latch, slot, *from != 0);
    } else {
        gicv2_put(g->latch, slot, false);
    }
    gicv2_put(g->active, slot, true);
    bit = 1u << (group_prio(g, cpu, p.prio, p.group1) >> 3);
    if (p.group1)
        g->nsapr[cpu] |= bit;
    else
        g->apr[cpu] |= bit;
    gicv2_update(g);
    return result;
}

static uint64_t iar_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)n;
    return acknowledge(dev, gicv2_who(dev, a), false);
}

static uint64_t aiar_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)n;
    return acknowledge(dev, gicv2_who(dev, a), true);
}

static uint64_t hppir_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv2 *g = dev;
    unsigned cpu = gicv2_who(g, a);
    struct pick p = best(g, cpu);

    (void)n;
    return with_source(g, cpu, visible(g, cpu, &p, false));
}

static uint64_t ahppir_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv2 *g = dev;
    unsigned cpu = gicv2_who(g, a);
    struct pick p = best(g, cpu);

    (void)n;
    return with_source(g, cpu, visible(g, cpu, &p, true));
}

/* Ends the highest priority that runs in the interrupt's group. */
static void end(struct gicv2 *g, unsigned cpu, unsigned irq, bool alias)
{
    unsigned slot = gicv2_slot(cpu, irq);
    uint32_t *apr;
    bool group1;

    if (irq >= g->nirqs)
        return;
    group1 = gicv2_bit(g->group, slot);
    if (alias && !group1)
        return;
    apr = group1 ? &g->nsapr[cpu] : &g->apr[cpu];
    *apr &= *apr - 1;
    if (!(g->cctlr[cpu] & GICC_CTLR_EOIMODE))
        gicv2_put(g->active, slot, false);
}

static void eoir_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)n;
    end(dev, gicv2_who(dev, a), v & 0x3ff, false);
}

static void aeoir_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)n;
    end(dev, gicv2_who(dev, a), v & 0x3ff, true);
}

/* Without EOImode a write is unpredictable; it does nothing. */
static void dir_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv2 *g = dev;
    unsigned cpu = gicv2_who(g, a), irq = v & 0x3ff;

    (void)n;
    if (g->cctlr[cpu] & GICC_CTLR_EOIMODE && irq < g->nirqs)
        gicv2_put(g->active, gicv2_slot(cpu, irq), false);
}

static uint64_t rpr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)n;
    return running(dev, gicv2_who(dev, a));
}

static uint64_t iidr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)a;
    return 0x0202143b;
}

static uint64_t zero(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)a;
    return 0;
}

static void ignore(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)v, (void)a;
}

/* Plain banked fields: reader, and writer with what the value becomes. */
#define BANKED(field, becomes)                                                                     \
    static uint64_t field##_read(void *dev, unsigned n, const struct mem_attrs *a)                 \
    {                                                                                              \
        const struct gicv2 *g = dev;                                                               \
                                                                                                   \
        (void)n;                                                                                   \
        return g->field[gicv2_who(g, a)];                                                          \
    }                                                                                              \
    static void field##_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)        \
    {                                                                                              \
        struct gicv2 *g = dev;                                                                     \
                                                                                                   \
        (void)n;                                                                                   \
        g->field[gicv2_who(g, a)] = (becomes);                                                     \
    }

static uint8_t at_least(uint64_t v, unsigned least)
{
    return (v & 7) < least ? least : v & 7;
}

static uint32_t keep(uint64_t v, uint32_t bits)
{
    return v & bits;
}

BANKED(cctlr, keep(v, GICC_CTLR_MASK))
BANKED(pmr, keep(v, GICV2_PRIO_MASK))
BANKED(bpr, at_least(v, GICV2_MIN_BPR))
BANKED(abpr, at_least(v, GICV2_MIN_ABPR))
BANKED(apr, v)
BANKED(nsapr, v)

#define REG(nm, off, rd, wr)                                                                       \
    {                                                                                              \
        .name = nm, .offset = off, .size = 4, .state = DEV_NO_STATE, .read = rd, .write = wr       \
    }
static const struct dev_reg cpu_regs[] = {
    REG("GICC_CTLR", 0x0000, cctlr_read, cctlr_write),
    REG("GICC_PMR", 0x0004, pmr_read, pmr_write),
    REG("GICC_BPR", 0x0008, bpr_read, bpr_write),
    REG("GICC_IAR", 0x000c, iar_read, ignore),
    REG("GICC_EOIR", 0x0010, zero, eoir_write),
    REG("GICC_RPR", 0x0014, rpr_read, ignore),
    REG("GICC_HPPIR", 0x0018, hppir_read, ignore),
    REG("GICC_ABPR", 0x001c, abpr_read, abpr_write),
    REG("GICC_AIAR", 0x0020, aiar_read, ignore),
    REG("GICC_AEOIR", 0x0024, zero, aeoir_write),
    REG("GICC_AHPPIR", 0x0028, ahppir_read, ignore),
    REG("GICC_APR0", 0x00d0, apr_read, apr_write),
    REG("GICC_NSAPR0", 0x00e0, nsapr_read, nsapr_write),
    REG("GICC_IIDR", 0x00fc, iidr_read, ignore),
    REG("GICC_DIR", 0x1000, zero, dir_write),
};

static const struct dev_block blocks[] = {
    {.name = "distributor",
     .size = 0x1000,
     .regs = gicv2_dist_regs,
     .nregs = ARRAY_LEN(gicv2_dist_regs),
     .min = 1,
     .max = 4,
     .wide = true},
    {.name = "cpu-interface",
     .size = 0x2000,
     .regs = cpu_regs,
     .nregs = ARRAY_LEN(cpu_regs),
     .min = 4,
     .max = 4},
};

/* ---- the device ---- */
static void gicv2_reset(struct device *d)
{
    struct gicv2 *g = (struct gicv2 *)d;
    unsigned cpu, i;

    for (cpu = 0; cpu < g->ncpus; cpu++) {
        g->enabled[cpu] = 0xffff;
        g->edge[cpu] = 0xffff;
        g->bpr[cpu] = GICV2_MIN_BPR;
        g->abpr[cpu] = GICV2_MIN_ABPR;
        g->out[cpu] = 0xff;
    }
    for (i = 0; i < g->nirqs - GICV2_PRIVATE; i++)
        g->target[i] = g->ncpus == 1;
}

static void update(struct device *d)
{
    gicv2_update((struct gicv2 *)d);
}

/* State that no sequence of accesses can reach is refused. */
static const char *impossible(const struct gicv2 *g)
{
    unsigned cpu, n, i;

    for (n = 0; n < GICV2_WORDS; n++) {
        unsigned cpu_n = n < GICV2_CPUS ? n : 0, at = n < GICV2_CPUS ? 0 : n - GICV2_CPUS + 1;
        uint32_t valid = cpu_n < g->ncpus ? gicv2_valid(g, at) : 0;

        if ((g->enabled[n] | g->group[n] | g->latch[n] | g->active[n] | g->edge[n] | g->level[n]) &
            ~valid)
            return "an interrupt that does not exist";
    }
    for (cpu = 0; cpu < g->ncpus; cpu++) {
        if ((g->enabled[cpu] & g->edge[cpu] & 0xffff) != 0xffff || g->level[cpu] & 0xffff)
            return "software interrupts";
        if (g->bpr[cpu] < GICV2_MIN_BPR || g->abpr[cpu] < GICV2_MIN_ABPR ||
            g->pmr[cpu] & ~GICV2_PRIO_MASK)
            return "the priorities of an interface";
    }
    for (i = 0; i < GICV2_CPUS * GICV2_SGIS; i++)
        if ((i / GICV2_SGIS >= g->ncpus && g->sgi[i]) || g->sgi[i] >> g->ncpus)
            return "sources of software interrupts";
    for (i = 0; i < GICV2_SLOTS; i++)
        if (g->prio[i] & ~GICV2_PRIO_MASK)
            return "priorities";
    for (i = 0; i < GICV2_SPIS; i++)
        if (g->target[i] >> g->ncpus)
            return "targets";
    return NULL;
}

static int post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    struct gicv2 *g = (struct gicv2 *)d;
    const char *what = impossible(g);
    unsigned i;

    (void)version;
    if (what) {
        snprintf(err, err_len, "gicv2: %s cannot be as saved", what);
        dev_reset(d);
        return -EINVAL;
    }
    for (i = 0; i < GICV2_CPUS * GICV2_SGIS; i++)
        gicv2_put(g->latch, gicv2_slot(i / GICV2_SGIS, i % GICV2_SGIS), g->sgi[i] != 0);
    for (i = 0; i < GICV2_CPUS; i++)
        g->out[i] = 0xff;
    return 0;
}

static int realize(struct device *d, char *err, size_t err_len)
{
    const struct gicv2 *g = (struct gicv2 *)d;

    if (g->nirqs % 32 && g->nirqs != GICV2_IRQS) {
        snprintf(err, err_len, "gicv2: num-irq %u is neither a multiple of 32 nor %u", g->nirqs,
                 GICV2_IRQS);
        return -EINVAL;
    }
    return 0;
}

static const struct dev_prop props[] = {
    {.name = "num-cpu",
     .type = DEV_U32,
     .offset = offsetof(struct gicv2, ncpus),
     .dflt = 1,
     .min = 1,
     .max = GICV2_CPUS,
     .text = "CPU interfaces"},
    {.name = "num-irq",
     .type = DEV_U32,
     .offset = offsetof(struct gicv2, nirqs),
     .dflt = 288,
     .min = 64,
     .max = GICV2_IRQS,
     .text = "interrupts, with the 32 private ones"},
};

static const struct dev_state states[] = {
    DEV_STATE_MAX(struct gicv2, ctlr, GICD_CTLR_GROUPS),
    DEV_STATE_ARRAY(struct gicv2, enabled),
    DEV_STATE_ARRAY(struct gicv2, group),
    DEV_STATE_ARRAY(struct gicv2, latch),
    DEV_STATE_ARRAY(struct gicv2, active),
    DEV_STATE_ARRAY(struct gicv2, edge),
    {.name = "level",
     .offset = offsetof(struct gicv2, level),
     .size = 4,
     .count = GICV2_WORDS,
     .keep = true}, /* a reset of the GIC changes no input */
    DEV_STATE_ARRAY(struct gicv2, prio),
    DEV_STATE_ARRAY(struct gicv2, target),
    DEV_STATE_ARRAY(struct gicv2, sgi),
    {.name = "cctlr",
     .offset = offsetof(struct gicv2, cctlr),
     .size = 4,
     .count = GICV2_CPUS,
     .max = GICC_CTLR_MASK},
    DEV_STATE_ARRAY(struct gicv2, apr),
    DEV_STATE_ARRAY(struct gicv2, nsapr),
    DEV_STATE_ARRAY(struct gicv2, pmr),
    {.name = "bpr",
     .offset = offsetof(struct gicv2, bpr),
     .size = 1,
     .count = GICV2_CPUS,
     .max = 7},
    {.name = "abpr",
     .offset = offsetof(struct gicv2, abpr),
     .size = 1,
     .count = GICV2_CPUS,
     .max = 7},
};

const struct dev_class gicv2_class = {
    .name = "arm_gic",
    .text = "Arm generic interrupt controller, version 2",
    .bus = "system",
    .category = "intc",
    .size = sizeof(struct gicv2),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .blocks = blocks,
    .nblocks = ARRAY_LEN(blocks),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .realize = realize,
    .reset = gicv2_reset,
    .update = update,
    .post_load = post_load,
};
