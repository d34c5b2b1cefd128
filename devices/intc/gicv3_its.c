// SPDX-License-Identifier: MIT
/* devices/intc/gicv3_its.c -- interrupt translation service of the GICv3 (IHI 0069, chapters 5 and
 * 12.12): registers, the translation frame at 64 KiB. Devices and collections of 16 bits; the
 * device table may have two levels. Commands are done when GITS_CWRITER is written: by its end the
 * ITS is idle. A command that makes no sense is skipped; one that cannot be read stalls the queue.
 *
 * Bases do not change while the ITS is enabled. Virtual LPIs are not modelled. */
#include "devices/intc/gicv3_its.h"

#include <errno.h>
#include <stdio.h>

enum { CTLR_ENABLED = 1, TRANSLATER = 0x10040 };
#define CTLR_QUIESCENT (1u << 31)
#define CBASER_MASK    0xb8effffffffffcffull
#define BASER_FIXED    0x071f000000000000ull /* type, entry size */
#define OFFSET_MASK    0xfffe0ull

/* Physical, entries of 8 bytes, 16 bits of event and device; RDbase is a number of a vcpu. */
#define TYPER                                                                                      \
    (1 | (ITS_ENTRY - 1) << 4 | (ITS_EVENT_BITS - 1) << 8 | (uint64_t)(ITS_DEVICE_BITS - 1) << 13)

static bool enabled(const struct gicv3_its *s)
{
    return s->ctlr & CTLR_ENABLED;
}

static void ignore(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)v, (void)a;
}

static uint64_t ctlr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv3_its *s = dev;

    (void)n, (void)a;
    return enabled(s) ? s->ctlr : CTLR_QUIESCENT;
}

static void ctlr_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv3_its *s = dev;

    (void)n, (void)a;
    s->ctlr = v & CTLR_ENABLED;
    gicv3_its_run(s);
}

static uint64_t iidr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)a;
    return 0x0000043b;
}

static uint64_t typer_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)a;
    return TYPER;
}

static void cbaser_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv3_its *s = dev;

    (void)n, (void)a;
    if (enabled(s))
        return;
    s->cbaser = v & CBASER_MASK;
    s->creadr = 0;
    if (s->cwriter >= gicv3_its_queue_size(s))
        s->cwriter = 0;
}

/* Bit 0 says to go on after a stall. */
static void cwriter_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct gicv3_its *s = dev;

    (void)n, (void)a;
    if ((v & OFFSET_MASK) >= gicv3_its_queue_size(s))
        return;
    s->cwriter = v & OFFSET_MASK;
    if (v & 1)
        s->creadr &= ~(uint64_t)ITS_STALLED;
    gicv3_its_run(s);
}

static void baser_write(struct gicv3_its *s, unsigned n, uint64_t v)
{
    if (enabled(s))
        return;
    if ((v >> 8 & 3) == 3) /* a page size that is reserved: 64 KiB */
        v &= ~(uint64_t)0x100;
    s->baser[n] = (v & ~BASER_FIXED) | (s->baser[n] & BASER_FIXED);
}

static void devices_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)n, (void)a;
    baser_write(dev, ITS_DEVICES, v);
}

static void collections_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)n, (void)a;
    baser_write(dev, ITS_COLLECTIONS, v & ~ITS_INDIRECT); /* they have one level */
}

static void translater_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)n;
    if (a->requester != MEM_REQUESTER_VCPU)
        gicv3_its_translate(dev, a->requester, (uint32_t)v);
}

static uint64_t id_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)a;
    return gicv3_id(n, 0x94);
}

static void msi_send(void *to, uint64_t addr, uint32_t data, uint32_t requester)
{
    if ((addr & 0xffff) == (TRANSLATER & 0xffff))
        gicv3_its_translate(to, requester, data);
}

struct msi_port gicv3_its_msi(struct device *its)
{
    return (struct msi_port){.send = msi_send, .to = its};
}

void gicv3_its_connect(struct device *its, struct device *gic)
{
    ((struct gicv3_its *)its)->gic = (struct gicv3 *)gic;
}

/* ---- the device ---- */
#define REG(nm, off, sz, cnt, rd, wr)                                                              \
    {                                                                                              \
        .name = nm, .offset = off, .size = sz, .count = cnt, .state = DEV_NO_STATE, .read = rd,    \
        .write = wr                                                                                \
    }
#define FIELD(nm, off, member, rd, wr)                                                             \
    {                                                                                              \
        .name = nm, .offset = off, .size = sizeof(((struct gicv3_its *)0)->member),                \
        .state = offsetof(struct gicv3_its, member), .read = rd, .write = wr                       \
    }
#define BASER_RESET(type) ((uint64_t)(type) << 56 | (uint64_t)(ITS_ENTRY - 1) << 48)
#define BASER(nm, n, rst, wr)                                                                      \
    {                                                                                              \
        .name = nm, .offset = 0x0100 + 8 * (n), .size = 8,                                         \
        .state = offsetof(struct gicv3_its, baser) + 8 * (n), .reset = rst, .write = wr            \
    }
static const struct dev_reg regs[] = {
    FIELD("GITS_CTLR", 0x0000, ctlr, ctlr_read, ctlr_write),
    REG("GITS_IIDR", 0x0004, 4, 0, iidr_read, ignore),
    REG("GITS_TYPER", 0x0008, 8, 0, typer_read, ignore),
    FIELD("GITS_CBASER", 0x0080, cbaser, NULL, cbaser_write),
    FIELD("GITS_CWRITER", 0x0088, cwriter, NULL, cwriter_write),
    FIELD("GITS_CREADR", 0x0090, creadr, NULL, ignore),
    BASER("GITS_BASER0", ITS_DEVICES, BASER_RESET(1), devices_write),
    BASER("GITS_BASER1", ITS_COLLECTIONS, BASER_RESET(4), collections_write),
    REG("GITS_BASER", 0x0110, 8, 6, NULL, ignore),
    REG("GITS_PIDR", 0xffd0, 4, 12, id_read, ignore),
    REG("GITS_TRANSLATER", TRANSLATER, 4, 0, NULL, translater_write),
};

static const struct dev_block blocks[] = {
    {.name = "its",
     .size = 0x20000,
     .regs = regs,
     .nregs = ARRAY_LEN(regs),
     .min = 2, /* messages of 16 bits */
     .max = 8,
     .wide = true},
};

static int post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    struct gicv3_its *s = (struct gicv3_its *)d;
    uint64_t size = gicv3_its_queue_size(s);
    bool bad = s->ctlr > CTLR_ENABLED || s->cbaser & ~CBASER_MASK || s->cwriter & ~OFFSET_MASK ||
               s->creadr & ~(OFFSET_MASK | ITS_STALLED) || s->cwriter >= size ||
               (s->creadr & OFFSET_MASK) >= size ||
               (s->baser[ITS_DEVICES] & BASER_FIXED) != BASER_RESET(1) ||
               (s->baser[ITS_COLLECTIONS] & BASER_FIXED) != BASER_RESET(4) ||
               s->baser[ITS_COLLECTIONS] & ITS_INDIRECT;
    unsigned i;

    (void)version;
    for (i = 0; i < ARRAY_LEN(s->baser); i++)
        bad = bad || (s->baser[i] >> 8 & 3) == 3;
    if (!bad)
        return 0;
    snprintf(err, err_len, "gicv3: the ITS cannot be as saved");
    dev_reset(d);
    return -EINVAL;
}

const struct dev_class gicv3_its_class = {
    .name = "arm-gicv3-its",
    .text = "Arm GICv3 interrupt translation service",
    .bus = "system",
    .category = "intc",
    .size = sizeof(struct gicv3_its),
    .version = 1,
    .blocks = blocks,
    .nblocks = ARRAY_LEN(blocks),
    .post_load = post_load,
};
