// SPDX-License-Identifier: MIT
/* devices/gpio/pl061.c -- ARM PrimeCell GPIO (PL061), manual DDI 0190.
 *
 * A pin is an output by DIR, else it has the level that it is driven to from outside; nobody drives
 * it at first, so it has what the board's pull-ups say. Addresses 0x000 to 0x3fc are all DATA: bits
 * 9 to 2 of the address are the mask of the pins that take part. An interrupt is by edges (kept in
 * RIS until IC) or by level (RIS follows the pin). AFSEL keeps its value; there is no other
 * function. */
#include "devices/gpio/pl061.h"

struct pl061 {
    struct device dev;
    uint32_t data, dir, is, ibe, iev, ie, afsel; /* eight bits each */
    uint32_t edges;                              /* seen and not cleared */
    uint32_t in;                                 /* driven from outside */
    uint32_t seen;                               /* levels at the last look */
    /* wiring */
    uint8_t pullups, pulldowns;
};

static uint32_t levels(const struct pl061 *g)
{
    return (g->data & g->dir) | (g->in & ~g->dir);
}

static uint32_t ris(const struct pl061 *g)
{
    return (g->edges & ~g->is) | (~(levels(g) ^ g->iev) & g->is);
}

static uint64_t data_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)a;
    return levels(dev) & n;
}

static void data_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct pl061 *g = dev;
    uint32_t m = n & g->dir;

    (void)a;
    g->data = (g->data & ~m) | ((uint32_t)v & m);
}

static uint64_t ris_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)n, (void)a;
    return ris(dev);
}

static uint64_t mis_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)n, (void)a;
    return ris(dev) & ((struct pl061 *)dev)->ie;
}

static void ic_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct pl061 *g = dev;

    (void)n, (void)a;
    g->edges &= ~(uint32_t)v;
}

static uint64_t id_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    static const uint8_t id[8] = {0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

    (void)dev, (void)a;
    return id[n];
}

#define AT(f) offsetof(struct pl061, f)
static const struct dev_reg regs[] = {
    {"DATA", 0x000, 4, 256, 4, DEV_NO_STATE, 0, 0, data_read, data_write},
    {"DIR", 0x400, 4, 0, 0, AT(dir), 0, 0xff, NULL, NULL},
    {"IS", 0x404, 4, 0, 0, AT(is), 0, 0xff, NULL, NULL},
    {"IBE", 0x408, 4, 0, 0, AT(ibe), 0, 0xff, NULL, NULL},
    {"IEV", 0x40c, 4, 0, 0, AT(iev), 0, 0xff, NULL, NULL},
    {"IE", 0x410, 4, 0, 0, AT(ie), 0, 0xff, NULL, NULL},
    {"RIS", 0x414, 4, 0, 0, DEV_NO_STATE, 0, 0, ris_read, NULL},
    {"MIS", 0x418, 4, 0, 0, DEV_NO_STATE, 0, 0, mis_read, NULL},
    {"IC", 0x41c, 4, 0, 0, DEV_NO_STATE, 0, 0, NULL, ic_write},
    {"AFSEL", 0x420, 4, 0, 0, AT(afsel), 0, 0xff, NULL, NULL},
    {"ID", 0xfe0, 4, 8, 4, DEV_NO_STATE, 0, 0, id_read, NULL},
};
static const struct dev_block blocks[] = {
    {"pl061", 0x1000, regs, ARRAY_LEN(regs), 1, 4, .wide = true},
};
static const struct dev_state states[] = {
    DEV_STATE_MAX(struct pl061, data, 0xff),
    DEV_STATE_MAX(struct pl061, dir, 0xff),
    DEV_STATE_MAX(struct pl061, is, 0xff),
    DEV_STATE_MAX(struct pl061, edges, 0xff),
    {.name = "in", .offset = AT(in), .size = 4, .count = 1, .max = 0xff, .keep = true},
    DEV_STATE_MAX(struct pl061, seen, 0xff),
};
static const struct dev_prop props[] = {
    DEV_PROP(struct pl061, pullups, "pullups", DEV_U8, .dflt = 0xff,
             .text = "pins that are high while nobody drives them"),
    DEV_PROP(struct pl061, pulldowns, "pulldowns", DEV_U8,
             .text = "pins that are low while nobody drives them"),
};

static void update(struct device *d)
{
    struct pl061 *g = (struct pl061 *)d;
    uint32_t now = levels(g), changed = (now ^ g->seen) & ~g->dir & ~g->is;

    g->seen = now;
    g->edges |= changed & (g->ibe | ~(now ^ g->iev));
    irq_set(&d->irq[PL061_IRQ], ris(g) & g->ie);
    /* A pin that is no output floats; what is outside sees the pull-up. */
    for (unsigned i = 0; i < 8; i++)
        irq_set(&d->irq[PL061_PIN0 + i], (g->dir >> i & 1 ? g->data : g->pullups) >> i & 1);
}

static void drive(void *to, unsigned n, bool level)
{
    struct pl061 *g = to;

    g->in = (g->in & ~(1u << n)) | (uint32_t)level << n;
    update(&g->dev);
}

struct irq_line pl061_pin(struct device *d, unsigned n)
{
    return (struct irq_line){drive, d, n & 7};
}

static int realize(struct device *d, char *err, size_t err_len)
{
    struct pl061 *g = (struct pl061 *)d;

    (void)err, (void)err_len;
    g->pullups &= (uint8_t)~g->pulldowns;
    g->in = g->pullups;
    return 0;
}

static void reset(struct device *d)
{
    struct pl061 *g = (struct pl061 *)d;

    g->seen = levels(g);
}

const struct dev_class pl061_class = {
    .name = "pl061",
    .text = "ARM PL061 GPIO",
    .bus = "system",
    .category = "misc",
    .size = sizeof(struct pl061),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .blocks = blocks,
    .nblocks = ARRAY_LEN(blocks),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .realize = realize,
    .reset = reset,
    .update = update,
};
