// SPDX-License-Identifier: MIT
/* devices/intc/gicv3_redist.c -- a redistributor of the GICv3 (IHI 0069, chapters 12.10 and 12.11):
 * the frame of control and LPIs at 0, the frame of SGIs and PPIs at 64 KiB. One for each vcpu,
 * child of the controller; it also holds the state of the vcpu's CPU interface.
 *
 * There are no GICR_SETLPIR and GICR_INVLPIR: an ITS does that. */
#include "devices/intc/gicv3_state.h"

#include <errno.h>
#include <stdio.h>

enum {
    WAKER_SLEEP = 2,
    WAKER_ASLEEP = 4,
};
#define PROPBASER_MASK 0x070fffffffffff9full
#define PENDBASER_MASK 0x470fffffffff0f80ull
#define PENDBASER_PTZ  (1ull << 62)

static void ignore(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)v, (void)a;
}

static uint64_t ctlr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv3_redist *r = dev;

    (void)n, (void)a;
    return r->ctlr | (r->gic->has_lpi ? GICR_CTLR_CES : 0);
}

static void ctlr_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv3_redist *r = dev;
    uint32_t old = r->ctlr;

    (void)n, (void)a;
    if (!r->gic->has_lpi)
        return;
    r->ctlr = v & GICR_CTLR_LPIS;
    if (r->ctlr != old)
        gicv3_lpi_enable(r, r->ctlr);
}

static uint64_t iidr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)a;
    return 0x0000043b;
}

static uint64_t typer_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv3_redist *r = dev;

    (void)n, (void)a;
    return (uint64_t)gicv3_affinity(r->index) << 32 | r->index << 8 |
           (r->index + 1 == r->gic->ncpus) << 4 | r->gic->has_lpi;
}

/* ChildrenAsleep follows ProcessorSleep at once. */
static void waker_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv3_redist *r = dev;

    (void)n, (void)a;
    r->waker = v & WAKER_SLEEP ? WAKER_SLEEP | WAKER_ASLEEP : 0;
}

/* The tables stay where they are while LPIs are enabled. */
static void propbaser_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv3_redist *r = dev;

    (void)n, (void)a;
    if (r->gic->has_lpi && !(r->ctlr & GICR_CTLR_LPIS))
        r->propbaser = v & PROPBASER_MASK;
}

static uint64_t pendbaser_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv3_redist *r = dev;

    (void)n, (void)a;
    return r->pendbaser & ~PENDBASER_PTZ;
}

static void pendbaser_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv3_redist *r = dev;

    (void)n, (void)a;
    if (r->gic->has_lpi && !(r->ctlr & GICR_CTLR_LPIS))
        r->pendbaser = v & PENDBASER_MASK;
}

static uint64_t id_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)a;
    return gicv3_id(n, 0x93);
}

/* ---- SGIs and PPIs ---- */
#define BANKED(name, op)                                                                           \
    static uint64_t name##_read(void *dev, unsigned n, const struct mem_attrs *a)                  \
    {                                                                                              \
        const struct gicv3_redist *r = dev;                                                        \
                                                                                                   \
        (void)n, (void)a;                                                                          \
        return gicv3_bank_get(&r->bank, op);                                                       \
    }                                                                                              \
    static void name##_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)         \
    {                                                                                              \
        struct gicv3_redist *r = dev;                                                              \
                                                                                                   \
        (void)n, (void)a;                                                                          \
        gicv3_bank_put(&r->bank, op, (uint32_t)v, 0xffffffff);                                     \
    }
BANKED(group, BANK_GROUP)
BANKED(enable, BANK_ENABLE)
BANKED(disable, BANK_DISABLE)
BANKED(pend, BANK_PEND)
BANKED(unpend, BANK_UNPEND)
BANKED(activate, BANK_ACTIVATE)
BANKED(deactivate, BANK_DEACTIVATE)

static uint64_t prio_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv3_redist *r = dev;

    (void)a;
    return r->prio[n];
}

static void prio_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv3_redist *r = dev;

    (void)a;
    r->prio[n] = v & GICV3_PRIO_MASK;
}

static uint64_t cfg_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv3_redist *r = dev;

    (void)a;
    return gicv3_cfg_get(&r->bank, n);
}

static void cfg_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv3_redist *r = dev;

    (void)a;
    if (n) /* SGIs are edges */
        gicv3_cfg_put(&r->bank, n, (uint32_t)v, 0xffffffff);
}

enum { SGI = 0x10000 };
#define REG(nm, off, sz, cnt, rd, wr)                                                              \
    {                                                                                              \
        .name = nm, .offset = off, .size = sz, .count = cnt, .state = DEV_NO_STATE, .read = rd,    \
        .write = wr                                                                                \
    }
#define FIELD(nm, off, member, rd, wr)                                                             \
    {                                                                                              \
        .name = nm, .offset = off, .size = sizeof(((struct gicv3_redist *)0)->member),             \
        .state = offsetof(struct gicv3_redist, member), .read = rd, .write = wr                    \
    }
static const struct dev_reg regs[] = {
    FIELD("GICR_CTLR", 0x0000, ctlr, ctlr_read, ctlr_write),
    REG("GICR_IIDR", 0x0004, 4, 0, iidr_read, ignore),
    REG("GICR_TYPER", 0x0008, 8, 0, typer_read, ignore),
    REG("GICR_STATUSR", 0x0010, 4, 0, NULL, ignore),
    FIELD("GICR_WAKER", 0x0014, waker, NULL, waker_write),
    FIELD("GICR_PROPBASER", 0x0070, propbaser, NULL, propbaser_write),
    FIELD("GICR_PENDBASER", 0x0078, pendbaser, pendbaser_read, pendbaser_write),
    REG("GICR_SYNCR", 0x00c0, 4, 0, NULL, ignore),
    REG("GICR_PIDR", 0xffd0, 4, 12, id_read, ignore),
    REG("GICR_IGROUPR0", SGI + 0x080, 4, 0, group_read, group_write),
    REG("GICR_ISENABLER0", SGI + 0x100, 4, 0, enable_read, enable_write),
    REG("GICR_ICENABLER0", SGI + 0x180, 4, 0, disable_read, disable_write),
    REG("GICR_ISPENDR0", SGI + 0x200, 4, 0, pend_read, pend_write),
    REG("GICR_ICPENDR0", SGI + 0x280, 4, 0, unpend_read, unpend_write),
    REG("GICR_ISACTIVER0", SGI + 0x300, 4, 0, activate_read, activate_write),
    REG("GICR_ICACTIVER0", SGI + 0x380, 4, 0, deactivate_read, deactivate_write),
    REG("GICR_IPRIORITYR", SGI + 0x400, 1, GICV3_PRIVATE, prio_read, prio_write),
    REG("GICR_ICFGR", SGI + 0xc00, 4, 2, cfg_read, cfg_write),
    REG("GICR_IGRPMODR0", SGI + 0xd00, 4, 0, NULL, ignore),
    REG("GICR_NSACR", SGI + 0xe00, 4, 0, NULL, ignore),
};

static const struct dev_block blocks[] = {
    {.name = "redistributor",
     .size = 0x20000,
     .regs = regs,
     .nregs = ARRAY_LEN(regs),
     .min = 1,
     .max = 8,
     .wide = true},
};

/* ---- the device ---- */
static void lpi_forget(struct gicv3_redist *r)
{
    unsigned i;

    for (i = 0; i < ARRAY_LEN(r->lpi_words); i++)
        r->lpi_words[i] = 0;
    r->lpi_known = false;
}

static void redist_reset(struct device *d)
{
    struct gicv3_redist *r = (struct gicv3_redist *)d;

    r->waker = WAKER_SLEEP | WAKER_ASLEEP;
    gicv3_bank_reset(&r->bank);
    r->bank.edge = 0xffff;
    r->bpr[0] = GICV3_MIN_BPR;
    r->bpr[1] = GICV3_MIN_BPR + 1;
    lpi_forget(r);
    r->out = 0xff;
}

static void update(struct device *d)
{
    struct gicv3_redist *r = (struct gicv3_redist *)d;

    if (r->gic->dev.realized)
        gicv3_update_cpu(r->gic, r->index);
}

static int post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    struct gicv3_redist *r = (struct gicv3_redist *)d;
    unsigned i;
    bool bad = (r->bank.edge & 0xffff) != 0xffff || r->bank.level & 0xffff ||
               r->bpr[0] < GICV3_MIN_BPR || r->bpr[1] < GICV3_MIN_BPR + 1 ||
               r->pmr & ~GICV3_PRIO_MASK || r->ctlr & ~GICR_CTLR_LPIS ||
               r->propbaser & ~PROPBASER_MASK || r->pendbaser & ~PENDBASER_MASK ||
               (r->waker && r->waker != (WAKER_SLEEP | WAKER_ASLEEP)) ||
               (!r->gic->has_lpi && (r->ctlr || r->propbaser || r->pendbaser));

    (void)version;
    for (i = 0; i < GICV3_PRIVATE; i++)
        bad = bad || r->prio[i] & ~GICV3_PRIO_MASK;
    for (i = 0; i < ARRAY_LEN(r->lpi); i++)
        bad = bad ||
              (r->lpi[i] && !gicv3_lpi_get(r, GICV3_LPI + 32 * i + 31 - __builtin_clz(r->lpi[i])));
    if (bad) {
        snprintf(err, err_len, "gicv3: redistributor %u cannot be as saved", r->index);
        dev_reset(d);
        return -EINVAL;
    }
    lpi_forget(r);
    r->out = 0xff;
    for (i = 0; i < ARRAY_LEN(r->lpi); i++)
        if (r->lpi[i])
            r->lpi_words[i / 64] |= 1ull << i % 64;
    gicv3_lpi_invalidate_all(r);
    return 0;
}

static const struct dev_state states[] = {
    {.name = "bank",
     .offset = offsetof(struct gicv3_redist, bank),
     .size = 4,
     .count = sizeof(struct gicv3_bank) / 4,
     .keep = true},
    DEV_STATE_ARRAY(struct gicv3_redist, prio),
    DEV_STATE_ARRAY(struct gicv3_redist, lpi),
    DEV_STATE_MAX(struct gicv3_redist, icc_ctlr, ICC_CTLR_CBPR | ICC_CTLR_EOIMODE),
    DEV_STATE_ARRAY(struct gicv3_redist, ap),
    DEV_STATE(struct gicv3_redist, pmr),
    {.name = "bpr", .offset = offsetof(struct gicv3_redist, bpr), .size = 1, .count = 2, .max = 7},
    {.name = "igrpen",
     .offset = offsetof(struct gicv3_redist, igrpen),
     .size = 1,
     .count = 2,
     .max = 1},
};

const struct dev_class gicv3_redist_class = {
    .name = "arm-gicv3-redistributor",
    .text = "Arm GICv3 redistributor and CPU interface",
    .bus = "gicv3",
    .category = "intc",
    .size = sizeof(struct gicv3_redist),
    .version = 1,
    .blocks = blocks,
    .nblocks = ARRAY_LEN(blocks),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .reset = redist_reset,
    .update = update,
    .post_load = post_load,
};
