// SPDX-License-Identifier: MIT
/* devices/intc/gicv3_cpu.c -- the CPU interface of the GICv3 as system registers ICC_* (IHI 0069,
 * chapter 12.2), at EL1 of a machine with one security state. System registers are always enabled
 * (ICC_SRE_EL1 = 7). Five bits of priority: one active priority register for each group.
 *
 * An end of interrupt that does not fit the group of the highest priority that runs is ignored. */
#include "devices/intc/gicv3_state.h"

enum {
    ICC_PMR = GICV3_SYSREG(3, 0, 4, 6, 0),
    ICC_IAR0 = GICV3_SYSREG(3, 0, 12, 8, 0),
    ICC_EOIR0 = GICV3_SYSREG(3, 0, 12, 8, 1),
    ICC_HPPIR0 = GICV3_SYSREG(3, 0, 12, 8, 2),
    ICC_BPR0 = GICV3_SYSREG(3, 0, 12, 8, 3),
    ICC_AP0R0 = GICV3_SYSREG(3, 0, 12, 8, 4),
    ICC_AP1R0 = GICV3_SYSREG(3, 0, 12, 9, 0),
    ICC_DIR = GICV3_SYSREG(3, 0, 12, 11, 1),
    ICC_RPR = GICV3_SYSREG(3, 0, 12, 11, 3),
    ICC_SGI1R = GICV3_SYSREG(3, 0, 12, 11, 5),
    ICC_ASGI1R = GICV3_SYSREG(3, 0, 12, 11, 6),
    ICC_SGI0R = GICV3_SYSREG(3, 0, 12, 11, 7),
    ICC_IAR1 = GICV3_SYSREG(3, 0, 12, 12, 0),
    ICC_EOIR1 = GICV3_SYSREG(3, 0, 12, 12, 1),
    ICC_HPPIR1 = GICV3_SYSREG(3, 0, 12, 12, 2),
    ICC_BPR1 = GICV3_SYSREG(3, 0, 12, 12, 3),
    ICC_CTLR = GICV3_SYSREG(3, 0, 12, 12, 4),
    ICC_SRE = GICV3_SYSREG(3, 0, 12, 12, 5),
    ICC_IGRPEN0 = GICV3_SYSREG(3, 0, 12, 12, 6),
    ICC_IGRPEN1 = GICV3_SYSREG(3, 0, 12, 12, 7),
};

/* CTLR: 5 bits of priority, 16 of INTID, Aff3 counts. */
enum { CTLR_FIXED = 4 << 8 | 0 << 11 | 1 << 15, CTLR_MASK = ICC_CTLR_CBPR | ICC_CTLR_EOIMODE };

static uint64_t acknowledge(struct gicv3_redist *r, bool group1)
{
    struct gicv3_pick p = gicv3_best(r->gic, r->index);

    if (!gicv3_signalled(r, &p) || p.group1 != group1)
        return GICV3_SPURIOUS;
    if (p.irq >= GICV3_LPI) {
        gicv3_lpi_set(r, p.irq, false);
    } else {
        struct gicv3_bank *b = gicv3_bank(r->gic, r->index, p.irq);

        b->latch &= ~(1u << p.irq % 32);
        b->active |= 1u << p.irq % 32;
    }
    r->ap[group1] |= 1u << (gicv3_group_prio(r, p.prio, group1) >> 3);
    gicv3_update_cpu(r->gic, r->index);
    return p.irq;
}

static uint64_t highest(struct gicv3_redist *r, bool group1)
{
    struct gicv3_pick p = gicv3_best(r->gic, r->index);

    return p.irq != GICV3_SPURIOUS && p.group1 == group1 ? p.irq : (uint32_t)GICV3_SPURIOUS;
}

static void deactivate(struct gicv3_redist *r, uint32_t irq)
{
    struct gicv3 *g = r->gic;

    if (irq >= g->nirqs)
        return;
    gicv3_bank(g, r->index, irq)->active &= ~(1u << irq % 32);
    if (irq >= GICV3_PRIVATE && g->route[irq] < g->ncpus && g->route[irq] != r->index)
        gicv3_update_cpu(g, g->route[irq]);
}

static void end(struct gicv3_redist *r, uint32_t irq, bool group1)
{
    uint32_t first = r->ap[0] | r->ap[1];

    first &= -first;
    if ((irq >= r->gic->nirqs && irq < GICV3_LPI) || !first || group1 == !!(r->ap[0] & first))
        return;
    r->ap[group1] &= ~first;
    if (!(r->icc_ctlr & ICC_CTLR_EOIMODE))
        deactivate(r, irq);
}

/* The software interrupt reaches those vcpus where it is in the group meant. */
static void send_sgi(struct gicv3_redist *r, uint64_t v, bool group1)
{
    struct gicv3 *g = r->gic;
    uint32_t bit = 1u << (v >> 24 & 15);
    uint64_t cluster = (v >> 16 & 0xff) << 8 | (v >> 32 & 0xff) << 16 | (v >> 48 & 0xff) << 32;
    unsigned cpu, first;

    first = gicv3_by_affinity(g, cluster);
    for (cpu = 0; cpu < g->ncpus; cpu++) {
        struct gicv3_redist *to = g->redist[cpu];
        bool meant =
            v >> 40 & 1 /* all others */
                ? cpu != r->index
                : !(v >> 44 & 15) && cpu >= first && cpu - first < 16 && v >> (cpu - first) & 1;

        if (!meant || !(to->bank.group1 & bit) != !group1)
            continue;
        to->bank.latch |= bit;
        gicv3_update_cpu(g, cpu);
    }
}

static uint8_t at_least(uint64_t v, unsigned least)
{
    return (v & 7) < least ? least : v & 7;
}

static uint64_t bpr1(const struct gicv3_redist *r)
{
    if (!(r->icc_ctlr & ICC_CTLR_CBPR))
        return r->bpr[1];
    return r->bpr[0] < 7 ? r->bpr[0] + 1u : 7;
}

static bool read(struct gicv3_redist *r, uint32_t reg, uint64_t *v)
{
    switch (reg) {
    case ICC_IAR1:
        *v = acknowledge(r, true);
        return true;
    case ICC_IAR0:
        *v = acknowledge(r, false);
        return true;
    case ICC_PMR:
        *v = r->pmr;
        return true;
    case ICC_RPR:
        *v = gicv3_running(r);
        return true;
    case ICC_HPPIR0:
        *v = highest(r, false);
        return true;
    case ICC_HPPIR1:
        *v = highest(r, true);
        return true;
    case ICC_BPR0:
        *v = r->bpr[0];
        return true;
    case ICC_BPR1:
        *v = bpr1(r);
        return true;
    case ICC_AP0R0:
        *v = r->ap[0];
        return true;
    case ICC_AP1R0:
        *v = r->ap[1];
        return true;
    case ICC_CTLR:
        *v = CTLR_FIXED | r->icc_ctlr;
        return true;
    case ICC_SRE:
        *v = 7;
        return true;
    case ICC_IGRPEN0:
        *v = r->igrpen[0];
        return true;
    case ICC_IGRPEN1:
        *v = r->igrpen[1];
        return true;
    default:
        return false;
    }
}

static bool write(struct gicv3_redist *r, uint32_t reg, uint64_t v)
{
    switch (reg) {
    case ICC_EOIR1:
        end(r, v & 0xffffff, true);
        break;
    case ICC_EOIR0:
        end(r, v & 0xffffff, false);
        break;
    case ICC_DIR:
        if (r->icc_ctlr & ICC_CTLR_EOIMODE)
            deactivate(r, v & 0xffffff);
        break;
    case ICC_PMR:
        r->pmr = v & GICV3_PRIO_MASK;
        break;
    case ICC_SGI1R:
        send_sgi(r, v, true);
        return true;
    case ICC_SGI0R:
    case ICC_ASGI1R:
        send_sgi(r, v, false);
        return true;
    case ICC_BPR0:
        r->bpr[0] = at_least(v, GICV3_MIN_BPR);
        break;
    case ICC_BPR1:
        if (!(r->icc_ctlr & ICC_CTLR_CBPR))
            r->bpr[1] = at_least(v, GICV3_MIN_BPR + 1);
        break;
    case ICC_AP0R0:
        r->ap[0] = (uint32_t)v;
        break;
    case ICC_AP1R0:
        r->ap[1] = (uint32_t)v;
        break;
    case ICC_CTLR:
        r->icc_ctlr = v & CTLR_MASK;
        break;
    case ICC_SRE:
        return true;
    case ICC_IGRPEN0:
        r->igrpen[0] = v & 1;
        break;
    case ICC_IGRPEN1:
        r->igrpen[1] = v & 1;
        break;
    default:
        return false;
    }
    gicv3_update_cpu(r->gic, r->index);
    return true;
}

bool gicv3_sysreg(struct device *d, unsigned vcpu, uint32_t reg, bool is_write, uint64_t *value)
{
    struct gicv3 *g = (struct gicv3 *)d;

    if (vcpu >= g->ncpus)
        return false;
    return is_write ? write(g->redist[vcpu], reg, *value) : read(g->redist[vcpu], reg, value);
}
