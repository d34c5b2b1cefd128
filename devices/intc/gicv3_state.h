/* SPDX-License-Identifier: MIT */
/* devices/intc/gicv3_state.h -- state of a GICv3, shared by its files: gicv3.c (selection, device),
 * gicv3_dist.c, gicv3_redist.c, gicv3_lpi.c, gicv3_cpu.c (system registers), gicv3_its*.c. Not for
 * boards.
 *
 * Interrupts stand in banks of 32: bank 0 is each redistributor's own (SGIs and PPIs), the others
 * are the distributor's. LPIs have no bank: a redistributor holds a bit for each one that pends. */
#ifndef DEVICES_INTC_GICV3_STATE_H
#define DEVICES_INTC_GICV3_STATE_H

#include "devices/intc/gicv3.h"

enum {
    GICV3_CPUS = 32,
    GICV3_PRIVATE = 32,
    GICV3_IRQS = 1020,
    GICV3_BANKS = 32,
    GICV3_SPURIOUS = 1023,
    GICV3_ID_BITS = 16,
    GICV3_LPI = 8192, /* the first */
    GICV3_LPIS = (1 << GICV3_ID_BITS) - GICV3_LPI,

    GICV3_PRIO_MASK = 0xf8,
    GICV3_MIN_BPR = 2,

    GICD_GROUPS = 3,    /* CTLR: enables of groups 0 and 1 */
    GICD_FIXED = 0x50,  /* ARE, DS */
    GICR_CTLR_LPIS = 1, /* EnableLPIs */
    GICR_CTLR_CES = 2,  /* which may be cleared again */
    ICC_CTLR_CBPR = 1,
    ICC_CTLR_EOIMODE = 2,
};

struct gicv3_bank { /* pending: latch, or level where it is not edge */
    uint32_t group1, enabled, latch, active, edge, level;
};

struct gicv3_redist {
    struct device dev;
    uint32_t ctlr, waker;
    uint64_t propbaser, pendbaser;
    struct gicv3_bank bank;
    uint8_t prio[GICV3_PRIVATE];
    uint32_t lpi[GICV3_LPIS / 32]; /* LPIs that pend */
    /* CPU interface */
    uint32_t icc_ctlr, ap[2]; /* active priorities of group 0, 1 */
    uint8_t pmr, bpr[2], igrpen[2];

    /* ---- wiring ---- */
    struct gicv3 *gic;
    uint32_t index;
    struct irq_line irq, fiq;
    uint8_t out; /* what the outputs were told: 1 IRQ, 2 FIQ; 0xff: nothing yet */
    /* worked out from lpi and the guest's table */
    uint8_t lpi_config[GICV3_LPIS];           /* of those that pend: priority, bit 0 enabled */
    uint64_t lpi_words[GICV3_LPIS / 32 / 64]; /* words of lpi that are not 0 */
    bool lpi_known;
    uint8_t lpi_prio; /* of the best, if known */
    uint32_t lpi_best;
};

struct gicv3 {
    struct device dev;
    uint32_t ctlr;
    struct gicv3_bank bank[GICV3_BANKS]; /* 0 is not used */
    uint8_t prio[GICV3_IRQS];
    uint64_t router[GICV3_IRQS];

    /* ---- wiring ---- */
    uint32_t ncpus, nirqs;
    bool has_lpi;
    struct gicv3_redist *redist[GICV3_CPUS];
    uint8_t route[GICV3_IRQS]; /* vcpu of router; GICV3_CPUS: none */
};

/* Interrupts of bank n that exist. */
static inline uint32_t gicv3_valid(const struct gicv3 *g, unsigned n)
{
    if (32 * n + 32 <= g->nirqs)
        return 0xffffffff;
    return 32 * n < g->nirqs ? (1u << (g->nirqs - 32 * n)) - 1 : 0;
}

static inline struct gicv3_bank *gicv3_bank(struct gicv3 *g, unsigned cpu, unsigned irq)
{
    return irq < GICV3_PRIVATE ? &g->redist[cpu]->bank : &g->bank[irq / 32];
}

static inline uint32_t gicv3_pending(const struct gicv3_bank *b)
{
    return b->latch | (b->level & ~b->edge);
}

/* vcpu of an affinity value as in IROUTER (Aff3 in bits 39:32), GICV3_CPUS if there is none. */
static inline unsigned gicv3_by_affinity(const struct gicv3 *g, uint64_t aff)
{
    uint64_t n = (aff >> 8 & 0xff) * 16 + (aff & 0xff);

    return aff & ~0xfffull || (aff & 0xff) > 15 || n >= g->ncpus ? (unsigned)GICV3_CPUS
                                                                 : (unsigned)n;
}

static inline uint32_t gicv3_affinity(unsigned cpu) /* Aff3.Aff2.Aff1.Aff0 */
{
    return cpu / 16 << 8 | cpu % 16;
}

/* The registers that distributor and redistributor have in common, as operations on a bank; valid:
 * the interrupts that exist. */
enum gicv3_bank_op {
    BANK_GROUP,
    BANK_ENABLE,
    BANK_DISABLE,
    BANK_PEND,
    BANK_UNPEND,
    BANK_ACTIVATE,
    BANK_DEACTIVATE
};
uint32_t gicv3_bank_get(const struct gicv3_bank *b, enum gicv3_bank_op op);
void gicv3_bank_put(struct gicv3_bank *b, enum gicv3_bank_op op, uint32_t v, uint32_t valid);
void gicv3_bank_reset(struct gicv3_bank *b); /* all but the inputs */
uint32_t gicv3_cfg_get(const struct gicv3_bank *b, unsigned half);
void gicv3_cfg_put(struct gicv3_bank *b, unsigned half, uint32_t v, uint32_t valid);
uint64_t gicv3_id(unsigned n, uint8_t part); /* registers 0xffd0 and up; part: PIDR0 */

void gicv3_update_cpu(struct gicv3 *g, unsigned cpu);
void gicv3_update(struct gicv3 *g); /* all vcpus */

/* ---- selection ---- */
struct gicv3_pick {
    uint32_t irq; /* GICV3_SPURIOUS: none */
    uint8_t prio;
    bool group1;
};
struct gicv3_pick gicv3_best(struct gicv3 *g, unsigned cpu);
uint8_t gicv3_running(const struct gicv3_redist *r);
uint8_t gicv3_group_prio(const struct gicv3_redist *r, uint8_t prio, bool group1);
bool gicv3_signalled(const struct gicv3_redist *r, const struct gicv3_pick *p);

/* ---- LPIs; id is an INTID, ones that cannot be are ignored ---- */
void gicv3_lpi_set(struct gicv3_redist *r, uint32_t id, bool pending);
bool gicv3_lpi_get(const struct gicv3_redist *r, uint32_t id);
void gicv3_lpi_invalidate(struct gicv3_redist *r, uint32_t id); /* configuration is read again */
void gicv3_lpi_invalidate_all(struct gicv3_redist *r);
void gicv3_lpi_move_all(struct gicv3_redist *from, struct gicv3_redist *to);
void gicv3_lpi_enable(struct gicv3_redist *r, bool on);         /* EnableLPIs has changed */
uint32_t gicv3_lpi_best(struct gicv3_redist *r, uint8_t *prio); /* 0: none */

/* ---- register tables ---- */
enum { GICV3_DIST_REGS = 18 };
extern const struct dev_reg gicv3_dist_regs[GICV3_DIST_REGS];

#endif
