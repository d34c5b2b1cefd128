// SPDX-License-Identifier: MIT
/* devices/bus/pci_host.c -- a generic PCI Express host bridge: bus 0 by memory-mapped configuration
 * space (ECAM: 4 KiB a function), the bus's memory and ports as containers, the four interrupt
 * lines. Function 00.0 is the bridge itself. Not modelled: buses behind bridges. */
#include "devices/bus/pci.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct pci_host {
    struct device dev;

    /* ---- wiring ---- */
    uint64_t ecam_size;
    struct pci_device *functions[PCI_FUNCTIONS];
    struct mem_region *nothing[2];
};

#define MEMORY_SIZE (1ull << 48) /* of the bus; BARs above are nowhere */
enum { REGION_ECAM, REGION_MEMORY, REGION_PORTS };

static enum mem_result ecam_access(struct pci_host *h, uint64_t offset, unsigned size, bool write,
                                   uint64_t *value)
{
    unsigned at = offset & (PCI_CONFIG - 1);
    uint64_t n = offset / PCI_CONFIG;
    struct pci_device *p = n < PCI_FUNCTIONS ? h->functions[n] : NULL;

    if (!p && !write)
        *value = ~0ull >> (64 - 8 * size);
    else if (p && write)
        pci_config_write(p, at, size, (uint32_t)*value);
    else if (p)
        *value = pci_config_read(p, at, size);
    return MEM_OK;
}

static enum mem_result ecam_read(void *opaque, uint64_t offset, unsigned size, uint64_t *value,
                                 const struct mem_attrs *a)
{
    (void)a;
    return ecam_access(opaque, offset, size, false, value);
}

static enum mem_result ecam_write(void *opaque, uint64_t offset, unsigned size, uint64_t value,
                                  const struct mem_attrs *a)
{
    (void)a;
    return ecam_access(opaque, offset, size, true, &value);
}

static enum mem_result nothing_read(void *opaque, uint64_t offset, unsigned size, uint64_t *value,
                                    const struct mem_attrs *a)
{
    (void)opaque, (void)offset, (void)a;
    *value = ~0ull >> (64 - 8 * size);
    return MEM_OK;
}

static enum mem_result nothing_write(void *opaque, uint64_t offset, unsigned size, uint64_t value,
                                     const struct mem_attrs *a)
{
    (void)opaque, (void)offset, (void)size, (void)value, (void)a;
    return MEM_OK;
}

/* ---- for functions ---- */
struct pci_device *pci_function(struct device *host, unsigned devfn)
{
    return devfn < PCI_FUNCTIONS ? ((struct pci_host *)host)->functions[devfn] : NULL;
}

struct mem_region *pci_host_space(struct pci_host *h, bool io)
{
    return h->dev.regions[io ? REGION_PORTS : REGION_MEMORY];
}

void pci_host_lines(struct pci_host *h)
{
    unsigned level = 0, n;

    for (n = 0; n < PCI_FUNCTIONS; n++) {
        const struct pci_device *p = h->functions[n];
        unsigned pin = p ? p->initial[PCI_INT_PIN] : 0;

        if (pin && p->intx && !(pci_get16(p, PCI_COMMAND) & PCI_COMMAND_NO_INTX))
            level |= 1u << (n / 8 + pin - 1) % 4;
    }
    for (n = 0; n < 4; n++)
        irq_set(&h->dev.irq[n], level >> n & 1);
}

static bool slot_is_free(const struct pci_host *h, unsigned slot)
{
    unsigned f;

    for (f = 0; f < 8; f++)
        if (h->functions[8 * slot + f])
            return false;
    return true;
}

/* "slot" or "slot.function". */
static int parse_addr(const char *text, unsigned *devfn)
{
    char *end;
    unsigned long slot = strtoul(text, &end, 16), f = 0;

    if (end != text && *end == '.' && end[1])
        f = strtoul(end + 1, &end, 16);
    if (end == text || *end || slot > 31 || f > 7)
        return -EINVAL;
    *devfn = (unsigned)(8 * slot + f);
    return 0;
}

int pci_host_attach(struct pci_device *p, char *err, size_t err_len)
{
    struct pci_host *h = (struct pci_host *)p->dev.parent;
    unsigned devfn;

    if (!h) /* alone, on a bench */
        return 0;
    if (h->dev.class != &pci_host_class) {
        snprintf(err, err_len, "%s: %s is no PCI bus", p->dev.class->name,
                 h->dev.id ? h->dev.id : h->dev.class->name);
        return -EINVAL;
    }
    if (p->addr) {
        if (parse_addr(p->addr, &devfn) < 0) {
            snprintf(err, err_len, "%s: addr=%s is no slot or slot.function", p->dev.class->name,
                     p->addr);
            return -EINVAL;
        }
        if (h->functions[devfn]) {
            snprintf(err, err_len, "%s: slot %s is taken by %s", p->dev.class->name, p->addr,
                     h->functions[devfn]->dev.class->name);
            return -EBUSY;
        }
        if (devfn % 8 && h->functions[devfn & ~7u] && !h->functions[devfn & ~7u]->multifunction) {
            snprintf(err, err_len, "%s: addr=%s: function 0 of the slot has no multifunction=on",
                     p->dev.class->name, p->addr);
            return -EINVAL;
        }
    } else {
        for (devfn = p->dev.class == &pci_root_class ? 0 : 8; devfn < PCI_FUNCTIONS; devfn += 8)
            if (slot_is_free(h, devfn / 8))
                break;
        if (devfn >= PCI_FUNCTIONS) {
            snprintf(err, err_len, "%s: no slot is free", p->dev.class->name);
            return -ENOSPC;
        }
    }
    p->devfn = (uint8_t)devfn;
    p->host = h;
    h->functions[devfn] = p;
    return 0;
}

void pci_host_detach(struct pci_device *p)
{
    p->host->functions[p->devfn] = NULL;
    p->host = NULL;
}

/* ---- the bridge as a function ---- */
static int root_realize(struct device *d, char *err, size_t err_len)
{
    static const struct pci_ids ids = {.vendor = 0x1b36,
                                       .device = 0x0008,
                                       .subsys_vendor = 0x1af4,
                                       .subsys = 0x1100,
                                       .class_code = 0x060000};

    return pci_realize((struct pci_device *)d, &ids, err, err_len);
}

static void root_unrealize(struct device *d)
{
    pci_unrealize((struct pci_device *)d);
}

static void root_reset(struct device *d)
{
    pci_reset((struct pci_device *)d);
}

static int root_post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    (void)version;
    return pci_post_load((struct pci_device *)d, err, err_len);
}

static const struct dev_state root_states[] = {PCI_STATES};

const struct dev_class pci_root_class = {
    .name = "gpex-root",
    .text = "PCI Express host bridge, as a function",
    .bus = "pci",
    .category = "misc",
    .size = sizeof(struct pci_device),
    .version = 1,
    .states = root_states,
    .nstates = ARRAY_LEN(root_states),
    .realize = root_realize,
    .unrealize = root_unrealize,
    .reset = root_reset,
    .post_load = root_post_load,
};

/* ---- the host ---- */
static int realize(struct device *d, char *err, size_t err_len)
{
    static const struct mem_ops ecam = {.read = ecam_read, .write = ecam_write, .min = 1, .max = 4},
                                nothing = {.read = nothing_read,
                                           .write = nothing_write,
                                           .min = 1,
                                           .max = 8};
    struct pci_host *h = (struct pci_host *)d;
    char id[64];
    unsigned i;

    d->regions[REGION_ECAM] = mem_mmio_new("pcie-ecam", h->ecam_size, &ecam, h);
    d->regions[REGION_MEMORY] = mem_container_new("pci-memory", MEMORY_SIZE);
    d->regions[REGION_PORTS] = mem_container_new("pci-ports", 0x10000);
    h->nothing[0] = mem_mmio_new("pci-no-memory", MEMORY_SIZE, &nothing, h);
    h->nothing[1] = mem_mmio_new("pci-no-port", 0x10000, &nothing, h);
    for (i = 0; i < 2; i++)
        mem_add(d->regions[REGION_MEMORY + i], h->nothing[i], 0, -1);
    snprintf(id, sizeof(id), "%.40s-root", d->id ? d->id : "pcie");
    return dev_realize(dev_new(&pci_root_class, id, d), d->clock, d->dma, err, err_len);
}

static void unrealize(struct device *d)
{
    struct pci_host *h = (struct pci_host *)d;
    unsigned i;

    for (i = 0; i < 2; i++) {
        mem_detach(h->nothing[i]);
        mem_region_free(h->nothing[i]);
    }
}

static void update(struct device *d)
{
    pci_host_lines((struct pci_host *)d);
}

static const struct dev_prop props[] = {
    {.name = "ecam-size",
     .type = DEV_SIZE,
     .offset = offsetof(struct pci_host, ecam_size),
     .dflt = 0x10000000,
     .min = 0x100000,
     .max = 0x10000000,
     .text = "bytes of configuration space, 1 MiB a bus"},
};

const struct dev_class pci_host_class = {
    .name = "gpex-pcihost",
    .text = "generic PCI Express host bridge",
    .bus = "system",
    .category = "misc",
    .size = sizeof(struct pci_host),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .realize = realize,
    .unrealize = unrealize,
    .update = update,
};
