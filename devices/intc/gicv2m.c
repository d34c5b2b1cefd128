// SPDX-License-Identifier: MIT
/* devices/intc/gicv2m.c -- the MSI frame beside a GICv2 (Server Base System Architecture, appendix
 * "GICv2m"): a write of an INTID to SETSPI pulses that SPI. The guest configures those SPIs as
 * edges. The frame has no state. */
#include "devices/intc/gicv2.h"

#include <errno.h>
#include <stdio.h>

enum { V2M_MAX_SPIS = 128, V2M_SETSPI = 0x40 };

struct gicv2m {
    struct device dev;

    /* ---- wiring ---- */
    uint32_t base, num;
    struct irq_line spi[V2M_MAX_SPIS];
};

static uint64_t typer_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct gicv2m *m = dev;

    (void)n, (void)a;
    return m->base << 16 | m->num;
}

static void send(struct gicv2m *m, uint32_t intid)
{
    uint32_t n = intid - m->base;

    if (n >= m->num)
        return;
    irq_set(&m->spi[n], true);
    irq_set(&m->spi[n], false);
}

static void setspi_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)n, (void)a;
    send(dev, v & 0x3ff);
}

static uint64_t zero(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)a;
    return 0;
}

static uint64_t iidr_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)a;
    return 0x0000043b;
}

static void ignore(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)v, (void)a;
}

void gicv2m_connect(struct device *d, unsigned n, struct irq_line spi)
{
    struct gicv2m *m = (struct gicv2m *)d;

    if (n >= V2M_MAX_SPIS)
        MOA_BUG("GICv2m has no interrupt %u", n);
    m->spi[n] = spi;
}

static void msi_send(void *to, uint64_t addr, uint32_t data, uint32_t requester)
{
    (void)requester;
    if ((addr & 0xfff) == V2M_SETSPI)
        send(to, data & 0x3ff);
}

struct msi_port gicv2m_msi(struct device *d)
{
    return (struct msi_port){.send = msi_send, .to = d};
}

static int realize(struct device *d, char *err, size_t err_len)
{
    const struct gicv2m *m = (struct gicv2m *)d;

    if (m->base + m->num > 1020) {
        snprintf(err, err_len, "gicv2m: interrupts %u..%u do not exist", m->base,
                 m->base + m->num - 1);
        return -EINVAL;
    }
    return 0;
}

static const struct dev_prop props[] = {
    {.name = "base-spi",
     .type = DEV_U32,
     .offset = offsetof(struct gicv2m, base),
     .dflt = 80,
     .min = 32,
     .max = 1019,
     .text = "first interrupt (INTID)"},
    {.name = "num-spi",
     .type = DEV_U32,
     .offset = offsetof(struct gicv2m, num),
     .dflt = 64,
     .min = 1,
     .max = V2M_MAX_SPIS,
     .text = "number of interrupts"},
};

#define REG(nm, off, rd, wr)                                                                       \
    {                                                                                              \
        .name = nm, .offset = off, .size = 4, .state = DEV_NO_STATE, .read = rd, .write = wr       \
    }
static const struct dev_reg regs[] = {
    REG("MSI_TYPER", 0x008, typer_read, ignore),
    REG("MSI_SETSPI_NS", V2M_SETSPI, zero, setspi_write),
    REG("MSI_IIDR", 0xfcc, iidr_read, ignore),
};

static const struct dev_block blocks[] = {
    {.name = "frame", .size = 0x1000, .regs = regs, .nregs = ARRAY_LEN(regs), .min = 4, .max = 4},
};

const struct dev_class gicv2m_class = {
    .name = "arm-gicv2m",
    .text = "Arm GICv2m MSI frame",
    .bus = "system",
    .category = "intc",
    .size = sizeof(struct gicv2m),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .blocks = blocks,
    .nblocks = ARRAY_LEN(blocks),
    .realize = realize,
};
