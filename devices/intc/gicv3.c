// SPDX-License-Identifier: MIT
/* devices/intc/gicv3.c -- Arm Generic Interrupt Controller version 3 (IHI 0069): what is signalled
 * to whom, the inputs, and the controller as a device. One security state (GICD_CTLR.DS = 1),
 * affinity routing always on, 32 priority levels, up to 32 vcpus, LPIs of 16 bits.
 *
 * Group 0 is signalled as FIQ, group 1 as IRQ. What is active is not signalled again before it is
 * deactivated; LPIs are never active.
 *
 * Not modelled: routing to any one of several vcpus (No1N), message-based SPIs, extended ranges,
 * virtual interrupts. A redistributor forwards interrupts whether or not GICR_WAKER says that its
 * processor sleeps: firmware that knows only one vcpu leaves it alone. */
#include "devices/intc/gicv3_state.h"

#include <errno.h>
#include <stdio.h>

static void consider(struct gicv3_pick *p, uint32_t irq, uint8_t prio, bool group1)
{
    if (prio < p->prio) {
        p->irq = irq;
        p->prio = prio;
        p->group1 = group1;
    }
}

/* Of bank b what may be signalled with these groups enabled. */
static uint32_t ready(const struct gicv3_bank *b, unsigned groups)
{
    uint32_t m = gicv3_pending(b) & b->enabled & ~b->active;

    if (!(groups & 1))
        m &= b->group1;
    if (!(groups & 2))
        m &= ~b->group1;
    return m;
}

/* The interrupt of the highest priority that pends for cpu, in an enabled group; the lowest number
 * wins among equals. */
struct gicv3_pick gicv3_best(struct gicv3 *g, unsigned cpu)
{
    struct gicv3_pick p = {.irq = GICV3_SPURIOUS, .prio = 0xff};
    struct gicv3_redist *r = g->redist[cpu];
    unsigned groups = g->ctlr & (r->igrpen[0] | r->igrpen[1] << 1), n;
    uint32_t m, lpi;
    uint8_t prio;

    if (!groups)
        return p;
    for (m = ready(&r->bank, groups); m; m &= m - 1) {
        unsigned i = __builtin_ctz(m);

        consider(&p, i, r->prio[i], r->bank.group1 >> i & 1);
    }
    for (n = 1; n < (g->nirqs + 31) / 32; n++) {
        for (m = ready(&g->bank[n], groups); m; m &= m - 1) {
            unsigned i = __builtin_ctz(m), irq = 32 * n + i;

            if (g->route[irq] == cpu)
                consider(&p, irq, g->prio[irq], g->bank[n].group1 >> i & 1);
        }
    }
    if (groups & 2 && (lpi = gicv3_lpi_best(r, &prio)) != 0)
        consider(&p, lpi, prio, true);
    return p;
}

uint8_t gicv3_running(const struct gicv3_redist *r)
{
    uint32_t act = r->ap[0] | r->ap[1];

    return act ? __builtin_ctz(act) << 3 : 0xff;
}

/* The part of prio that decides on preemption. */
uint8_t gicv3_group_prio(const struct gicv3_redist *r, uint8_t prio, bool group1)
{
    unsigned bpr = group1 && !(r->icc_ctlr & ICC_CTLR_CBPR) ? r->bpr[1] - 1u : r->bpr[0];

    return prio & ~0u << (bpr + 1);
}

bool gicv3_signalled(const struct gicv3_redist *r, const struct gicv3_pick *p)
{
    return p->irq != GICV3_SPURIOUS && p->prio < r->pmr &&
           gicv3_group_prio(r, p->prio, p->group1) < gicv3_running(r);
}

void gicv3_update_cpu(struct gicv3 *g, unsigned cpu)
{
    struct gicv3_redist *r = g->redist[cpu];
    struct gicv3_pick p = gicv3_best(g, cpu);
    uint8_t out = !gicv3_signalled(r, &p) ? 0 : p.group1 ? 1 : 2;

    if (out == r->out)
        return;
    r->out = out;
    irq_set(&r->irq, out & 1);
    irq_set(&r->fiq, out & 2);
}

void gicv3_update(struct gicv3 *g)
{
    unsigned cpu;

    for (cpu = 0; cpu < g->ncpus; cpu++)
        gicv3_update_cpu(g, cpu);
}

/* ---- inputs ---- */
enum { INPUT_CPU_SHIFT = 10 };

static void input(void *to, unsigned n, bool level)
{
    struct gicv3 *g = to;
    unsigned cpu = n >> INPUT_CPU_SHIFT, irq = n & ((1 << INPUT_CPU_SHIFT) - 1);
    struct gicv3_bank *b = gicv3_bank(g, cpu, irq);
    uint32_t bit = 1u << irq % 32;

    if (!(b->level & bit) == !level)
        return;
    b->level ^= bit;
    if (level && b->edge & bit)
        b->latch |= bit;
    if (irq < GICV3_PRIVATE)
        gicv3_update_cpu(g, cpu);
    else if (g->route[irq] < g->ncpus)
        gicv3_update_cpu(g, g->route[irq]);
}

struct irq_line gicv3_input(struct device *d, unsigned vcpu, unsigned intid)
{
    const struct gicv3 *g = (struct gicv3 *)d;
    unsigned cpu = intid < GICV3_PRIVATE ? vcpu : 0;

    if (intid < 16 || intid >= g->nirqs || cpu >= g->ncpus)
        return (struct irq_line){0};
    return (struct irq_line){.set = input, .to = d, .n = cpu << INPUT_CPU_SHIFT | intid};
}

void gicv3_connect(struct device *d, unsigned vcpu, struct irq_line irq, struct irq_line fiq)
{
    struct gicv3 *g = (struct gicv3 *)d;

    if (vcpu >= g->ncpus)
        MOA_BUG("GICv3 has no interface %u", vcpu);
    g->redist[vcpu]->irq = irq;
    g->redist[vcpu]->fiq = fiq;
    g->redist[vcpu]->out = 0xff;
    gicv3_update_cpu(g, vcpu);
}

struct device *gicv3_redist(struct device *d, unsigned vcpu)
{
    const struct gicv3 *g = (struct gicv3 *)d;

    return vcpu < g->ncpus ? &g->redist[vcpu]->dev : NULL;
}

/* ---- registers that both kinds of frames have ---- */
uint32_t gicv3_bank_get(const struct gicv3_bank *b, enum gicv3_bank_op op)
{
    switch (op) {
    case BANK_GROUP:
        return b->group1;
    case BANK_ENABLE:
    case BANK_DISABLE:
        return b->enabled;
    case BANK_PEND:
    case BANK_UNPEND:
        return gicv3_pending(b);
    default:
        return b->active;
    }
}

void gicv3_bank_put(struct gicv3_bank *b, enum gicv3_bank_op op, uint32_t v, uint32_t valid)
{
    v &= valid;
    switch (op) {
    case BANK_GROUP:
        b->group1 = v;
        break;
    case BANK_ENABLE:
        b->enabled |= v;
        break;
    case BANK_DISABLE:
        b->enabled &= ~v;
        break;
    case BANK_PEND:
        b->latch |= v;
        break;
    case BANK_UNPEND:
        b->latch &= ~v;
        break;
    case BANK_ACTIVATE:
        b->active |= v;
        break;
    case BANK_DEACTIVATE:
        b->active &= ~v;
        break;
    }
}

/* Two bits an interrupt, of which the upper says edge. */
uint32_t gicv3_cfg_get(const struct gicv3_bank *b, unsigned half)
{
    uint32_t bits = b->edge >> 16 * half, v = 0;
    unsigned i;

    for (i = 0; i < 16; i++)
        v |= (bits >> i & 1) << (2 * i + 1);
    return v;
}

void gicv3_cfg_put(struct gicv3_bank *b, unsigned half, uint32_t v, uint32_t valid)
{
    uint32_t bits = 0;
    unsigned i;

    valid &= 0xffffu << 16 * half;
    for (i = 0; i < 16; i++)
        bits |= (v >> (2 * i + 1) & 1) << (16 * half + i);
    b->edge = (b->edge & ~valid) | (bits & valid);
}

uint64_t gicv3_id(unsigned n, uint8_t part)
{
    static const uint8_t id[12] = {0x44, 0, 0, 0, 0, 0xb4, 0x3b, 0, 0x0d, 0xf0, 0x05, 0xb1};

    return n == 4 ? part : id[n];
}

/* ---- the device ---- */
static void work_out_routes(struct gicv3 *g)
{
    unsigned i;

    for (i = 0; i < GICV3_IRQS; i++)
        g->route[i] = gicv3_by_affinity(g, g->router[i]);
}

void gicv3_bank_reset(struct gicv3_bank *b)
{
    *b = (struct gicv3_bank){.level = b->level};
}

static void gicv3_reset(struct device *d)
{
    struct gicv3 *g = (struct gicv3 *)d;
    unsigned n;

    for (n = 0; n < GICV3_BANKS; n++)
        gicv3_bank_reset(&g->bank[n]);
    work_out_routes(g);
}

static void update(struct device *d)
{
    gicv3_update((struct gicv3 *)d);
}

static int post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    struct gicv3 *g = (struct gicv3 *)d;
    unsigned n, bad = 0;

    (void)version;
    for (n = 0; n < GICV3_BANKS; n++) {
        const struct gicv3_bank *b = &g->bank[n];

        if ((b->group1 | b->enabled | b->latch | b->active | b->edge | b->level) &
            ~(n ? gicv3_valid(g, n) : 0))
            bad = 1;
    }
    for (n = 0; n < GICV3_IRQS; n++)
        if (g->prio[n] & ~GICV3_PRIO_MASK || g->router[n] & ~0xff00ffffffull)
            bad = 1;
    if (bad) {
        snprintf(err, err_len, "gicv3: the distributor cannot be as saved");
        dev_reset(d);
        return -EINVAL;
    }
    work_out_routes(g);
    return 0;
}

static int realize(struct device *d, char *err, size_t err_len)
{
    struct gicv3 *g = (struct gicv3 *)d;
    char id[64];
    unsigned i;
    int e;

    if (g->nirqs % 32 && g->nirqs != GICV3_IRQS) {
        snprintf(err, err_len, "gicv3: num-irq %u is neither a multiple of 32 nor %u", g->nirqs,
                 GICV3_IRQS);
        return -EINVAL;
    }
    for (i = 0; i < g->ncpus; i++) {
        snprintf(id, sizeof(id), "%.40s-redist%u", d->id ? d->id : "gicv3", i);
        g->redist[i] = (struct gicv3_redist *)dev_new(&gicv3_redist_class, id, d);
        g->redist[i]->gic = g;
        g->redist[i]->index = i;
        g->redist[i]->out = 0xff;
    }
    for (i = 0; i < g->ncpus; i++)
        if ((e = dev_realize(&g->redist[i]->dev, d->clock, d->dma, err, err_len)) < 0)
            return e;
    return 0;
}

static const struct dev_prop props[] = {
    {.name = "num-cpu",
     .type = DEV_U32,
     .offset = offsetof(struct gicv3, ncpus),
     .dflt = 1,
     .min = 1,
     .max = GICV3_CPUS,
     .text = "redistributors and CPU interfaces"},
    {.name = "num-irq",
     .type = DEV_U32,
     .offset = offsetof(struct gicv3, nirqs),
     .dflt = 288,
     .min = 64,
     .max = GICV3_IRQS,
     .text = "interrupts, with the 32 private ones"},
    {.name = "has-lpi",
     .type = DEV_BOOL,
     .offset = offsetof(struct gicv3, has_lpi),
     .text = "message-signalled interrupts (LPIs)"},
};

static const struct dev_state states[] = {
    DEV_STATE_MAX(struct gicv3, ctlr, GICD_GROUPS),
    {.name = "banks",
     .offset = offsetof(struct gicv3, bank),
     .size = 4,
     .count = sizeof(((struct gicv3 *)0)->bank) / 4,
     .keep = true},
    DEV_STATE_ARRAY(struct gicv3, prio),
};

static const struct dev_block blocks[] = {
    {.name = "distributor",
     .size = 0x10000,
     .regs = gicv3_dist_regs,
     .nregs = ARRAY_LEN(gicv3_dist_regs),
     .min = 1,
     .max = 8,
     .wide = true},
};

const struct dev_class gicv3_class = {
    .name = "arm-gicv3",
    .text = "Arm generic interrupt controller, version 3",
    .bus = "system",
    .category = "intc",
    .size = sizeof(struct gicv3),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .blocks = blocks,
    .nblocks = ARRAY_LEN(blocks),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .realize = realize,
    .reset = gicv3_reset,
    .update = update,
    .post_load = post_load,
};
