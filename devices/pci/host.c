// SPDX-License-Identifier: MIT
/* devices/pci/host.c -- PCI Express host bridge: the configuration spaces of bus 0 by ECAM (PCI
 * Express 3.0, 7.2.2), windows for memory and I/O, INTx, messages.
 *
 * Function 0.0 is the bridge itself. A slot where nothing is reads all ones. Interrupt pins are
 * swizzled: pin A of slot n goes to line n modulo 4. */
#include "devices/pci/host.h"

#include "base/log.h"
#include "devices/pci/priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct pci_func *func_at(const struct pci_host *h, uint64_t offset)
{
    return offset >> 20 ? NULL : h->at[offset >> 12 & 0xff];
}

static enum mem_result ecam_read(void *opaque, uint64_t offset, unsigned size, uint64_t *value,
                                 const struct mem_attrs *a)
{
    struct pci_host *h = opaque;
    struct pci_func *f = func_at(h, offset);

    (void)a;
    *value = f ? pci_config_read(f, offset & 0xfff, size) : ~0ull;
    if (f && log_on(LOG_mmio))
        log_printf("mmio: pci %02llx.%llx config+0x%llx -> 0x%llx (%u)\n",
                   (unsigned long long)(offset >> 15 & 31), (unsigned long long)(offset >> 12 & 7),
                   (unsigned long long)(offset & 0xfff), (unsigned long long)*value, size);
    return MEM_OK;
}

static enum mem_result ecam_write(void *opaque, uint64_t offset, unsigned size, uint64_t value,
                                  const struct mem_attrs *a)
{
    struct pci_host *h = opaque;
    struct pci_func *f = func_at(h, offset);

    (void)a;
    if (f && log_on(LOG_mmio))
        log_printf("mmio: pci %02llx.%llx config+0x%llx <- 0x%llx (%u)\n",
                   (unsigned long long)(offset >> 15 & 31), (unsigned long long)(offset >> 12 & 7),
                   (unsigned long long)(offset & 0xfff), (unsigned long long)value, size);
    if (f)
        pci_config_write(f, offset & 0xfff, size, (uint32_t)value);
    return MEM_OK;
}

static const struct mem_ops ecam_ops = {.read = ecam_read, .write = ecam_write, .min = 1, .max = 4};

void pci_host_intx(struct pci_host *h)
{
    bool level[4] = {false};

    for (unsigned i = 0; i < 256; i++)
        if (h->at[i] && h->at[i]->config[PCI_PIN])
            level[(i / 8 + h->at[i]->config[PCI_PIN] - 1u) % 4] |= pci_intx_level(h->at[i]);
    for (unsigned i = 0; i < 4; i++)
        irq_set(&h->dev.irq[PCI_HOST_INTX + i], level[i]);
}

void pci_host_send(struct pci_func *f, uint64_t addr, uint32_t data)
{
    struct pci_host *h = f->host;
    struct mem_attrs a = {.requester = f->devfn};
    uint8_t b[4];

    if (!h)
        return;
    if (h->msi.send) {
        h->msi.send(h->msi.to, addr, data, f->devfn);
    } else if (h->dev.dma) {
        pci_set(b, 0, data, 4);
        mem_write(h->dev.dma, addr, b, 4, a);
    }
}

void pci_host_msi(struct device *d, const struct msi_port *p)
{
    ((struct pci_host *)d)->msi = *p;
}

/* "slot" or "slot.function", in hexadecimal; or the first free slot. */
static int place(const struct pci_host *h, const char *addr, unsigned *devfn)
{
    unsigned slot, fn = 0;
    char *end;

    if (!addr) {
        for (slot = 1; slot < 32; slot++) {
            if (!h->at[slot * 8]) {
                *devfn = slot * 8;
                return 0;
            }
        }
        return -ENOSPC;
    }
    slot = (unsigned)strtoul(addr, &end, 16);
    if (end == addr || (*end && *end != '.'))
        return -EINVAL;
    if (*end) {
        addr = end + 1;
        fn = (unsigned)strtoul(addr, &end, 16);
        if (end == addr || *end)
            return -EINVAL;
    }
    if (slot > 31 || fn > 7)
        return -EINVAL;
    *devfn = slot * 8 + fn;
    return h->at[*devfn] ? -EEXIST : 0;
}

static int plug(struct device *d, struct device *child, char *err, size_t err_len)
{
    struct pci_host *h = (struct pci_host *)d;
    struct pci_func *f = (struct pci_func *)child;
    unsigned devfn;
    int e;

    if (strcmp(child->class->bus, "pci") != 0) {
        snprintf(err, err_len, "%s is no PCI device", child->class->name);
        return -EINVAL;
    }
    e = place(h, f->addr, &devfn);
    if (e < 0) {
        snprintf(err, err_len, "%s: addr=%s: %s", child->class->name, f->addr ? f->addr : "",
                 e == -EINVAL   ? "not understood"
                 : e == -EEXIST ? "is taken"
                                : "no slot is free");
        return e;
    }
    if (devfn % 8 && h->at[devfn & ~7u])
        h->at[devfn & ~7u]->init[0x0e] |= 0x80; /* several functions */
    f->devfn = (uint8_t)devfn;
    f->host = h;
    h->at[devfn] = f;
    return 0;
}

static void unplug(struct device *d, struct device *child)
{
    struct pci_host *h = (struct pci_host *)d;
    struct pci_func *f = (struct pci_func *)child;

    pci_unmap_bars(f);
    if (h->at[f->devfn] == f)
        h->at[f->devfn] = NULL;
    f->host = NULL;
    pci_host_intx(h);
}

/* ---- function 0.0: the bridge as others see it ---- */
static int root_realize(struct device *d, char *err, size_t err_len)
{
    struct pci_func *f = (struct pci_func *)d;

    (void)err, (void)err_len;
    pci_init(f, 0x1b36, 0x0008, 0x060000, 0, 0x1af4, 0x1100);
    f->init[PCI_PIN] = 0;
    return 0;
}

static const struct dev_state root_states[] = {PCI_STATES};
static const struct dev_prop root_props[] = {PCI_PROPS};
const struct dev_class pci_root_class = {
    .name = "gpex-root",
    .text = "host bridge as a PCI function",
    .bus = "pci",
    .category = "bridge",
    .size = sizeof(struct pci_func),
    .version = 1,
    .props = root_props,
    .nprops = ARRAY_LEN(root_props),
    .states = root_states,
    .nstates = ARRAY_LEN(root_states),
    .realize = root_realize,
    .unrealize = pci_exit,
    .reset = pci_reset,
    .post_load = pci_post_load,
};

static int realize(struct device *d, char *err, size_t err_len)
{
    struct pci_host *h = (struct pci_host *)d;
    struct device *root;
    int e;

    d->regions[PCI_HOST_ECAM] = mem_mmio_new("pcie-ecam", (uint64_t)h->buses << 20, &ecam_ops, h);
    mem_region_guard(d->regions[PCI_HOST_ECAM], &d->busy);
    d->regions[PCI_HOST_MEM] = mem_container_new("pci-memory", 0);
    d->regions[PCI_HOST_IO] = mem_container_new("pci-io", 0x10000);
    root = dev_new(&pci_root_class, NULL, d);
    e = dev_set(root, "addr", "0", err, err_len);
    return e < 0 ? e : dev_realize(root, d->clock, d->dma, err, err_len);
}

static const struct dev_prop props[] = {
    DEV_PROP(struct pci_host, buses, "buses", DEV_U32, .dflt = 16, .min = 1, .max = 256,
             .text = "buses that there is room for in ECAM"),
};

const struct dev_class pci_host_class = {
    .name = "gpex-pcihost",
    .text = "PCI Express host bridge",
    .bus = "system",
    .category = "bridge",
    .size = sizeof(struct pci_host),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .realize = realize,
    .plug = plug,
    .unplug = unplug,
};
