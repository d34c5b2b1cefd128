// SPDX-License-Identifier: MIT
/* devices/intc/gicv3_dist.c -- distributor registers of the GICv3 (IHI 0069, chapter 12.9), with
 * affinity routing on and one security state for good: the registers of private interrupts, of
 * targets and of software interrupts are reserved here. */
#include "devices/intc/gicv3_state.h"

static void ignore(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)v, (void)a;
}

static uint64_t ctlr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv3 *g = dev;

    (void)n, (void)a;
    return g->ctlr | GICD_FIXED;
}

static void ctlr_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv3 *g = dev;

    (void)n, (void)a;
    g->ctlr = v & GICD_GROUPS;
}

static uint64_t typer_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv3 *g = dev;

    (void)n, (void)a;
    return ((g->nirqs + 31) / 32 - 1) | g->has_lpi << 17 | (GICV3_ID_BITS - 1) << 19 |
           1 << 24 /* A3V */ | 1 << 25 /* No1N */;
}

static uint64_t iidr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)a;
    return 0x0000043b;
}

#define BANKED(name, op)                                                                           \
    static uint64_t name##_read(void *dev, unsigned n, const struct mem_attrs *a)                  \
    {                                                                                              \
        const struct gicv3 *g = dev;                                                               \
                                                                                                   \
        (void)a;                                                                                   \
        return n ? gicv3_bank_get(&g->bank[n], op) : 0;                                            \
    }                                                                                              \
    static void name##_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)         \
    {                                                                                              \
        struct gicv3 *g = dev;                                                                     \
                                                                                                   \
        (void)a;                                                                                   \
        if (n)                                                                                     \
            gicv3_bank_put(&g->bank[n], op, (uint32_t)v, gicv3_valid(g, n));                       \
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
    const struct gicv3 *g = dev;

    (void)a;
    return n < GICV3_PRIVATE ? 0 : g->prio[n];
}

static void prio_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv3 *g = dev;

    (void)a;
    if (n >= GICV3_PRIVATE && n < g->nirqs)
        g->prio[n] = v & GICV3_PRIO_MASK;
}

static uint64_t cfg_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv3 *g = dev;

    (void)a;
    return n < 2 ? 0 : gicv3_cfg_get(&g->bank[n / 2], n % 2);
}

static void cfg_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv3 *g = dev;

    (void)a;
    if (n >= 2)
        gicv3_cfg_put(&g->bank[n / 2], n % 2, (uint32_t)v, gicv3_valid(g, n / 2));
}

/* Bit 31, any one of the vcpus, is reserved (No1N). */
static void router_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv3 *g = dev;
    unsigned irq = n + GICV3_PRIVATE;

    (void)a;
    if (irq >= g->nirqs)
        return;
    g->router[irq] = v & 0xff00ffffffull;
    g->route[irq] = gicv3_by_affinity(g, g->router[irq]);
}

static uint64_t id_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)a;
    return gicv3_id(n, 0x92);
}

#define REG(nm, off, sz, cnt, rd, wr)                                                              \
    {                                                                                              \
        .name = nm, .offset = off, .size = sz, .count = cnt, .state = DEV_NO_STATE, .read = rd,    \
        .write = wr                                                                                \
    }
const struct dev_reg gicv3_dist_regs[GICV3_DIST_REGS] = {
    REG("GICD_CTLR", 0x000, 4, 0, ctlr_read, ctlr_write),
    REG("GICD_TYPER", 0x004, 4, 0, typer_read, ignore),
    REG("GICD_IIDR", 0x008, 4, 0, iidr_read, ignore),
    REG("GICD_TYPER2", 0x00c, 4, 0, NULL, ignore),
    REG("GICD_STATUSR", 0x010, 4, 0, NULL, ignore),
    REG("GICD_IGROUPR", 0x080, 4, 32, group_read, group_write),
    REG("GICD_ISENABLER", 0x100, 4, 32, enable_read, enable_write),
    REG("GICD_ICENABLER", 0x180, 4, 32, disable_read, disable_write),
    REG("GICD_ISPENDR", 0x200, 4, 32, pend_read, pend_write),
    REG("GICD_ICPENDR", 0x280, 4, 32, unpend_read, unpend_write),
    REG("GICD_ISACTIVER", 0x300, 4, 32, activate_read, activate_write),
    REG("GICD_ICACTIVER", 0x380, 4, 32, deactivate_read, deactivate_write),
    REG("GICD_IPRIORITYR", 0x400, 1, GICV3_IRQS, prio_read, prio_write),
    REG("GICD_ITARGETSR", 0x800, 1, GICV3_IRQS, NULL, ignore),
    REG("GICD_ICFGR", 0xc00, 4, 64, cfg_read, cfg_write),
    REG("GICD_IGRPMODR", 0xd00, 4, 32, NULL, ignore),
    {.name = "GICD_IROUTER",
     .offset = 0x6100,
     .size = 8,
     .count = GICV3_IRQS - GICV3_PRIVATE,
     .state = offsetof(struct gicv3, router) + 8 * GICV3_PRIVATE,
     .write = router_write},
    REG("GICD_PIDR", 0xffd0, 4, 12, id_read, ignore), /* PIDR4..7, PIDR0..3, CIDR0..3 */
};
