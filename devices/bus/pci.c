// SPDX-License-Identifier: MIT
/* devices/bus/pci.c -- a PCI Express function: configuration space by masks, BARs that come and go
 * in the bus's memory, capabilities, DMA (PCI Local Bus 3.0 chapter 6, PCI Express Base chapter 7).
 *
 * Not modelled: power management, error reporting, expansion ROMs, resizable BARs. */
#include "devices/bus/pci.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    COMMAND_WRITABLE = 0x0547,
    STATUS_CLEARS = 0xf900,
    CAP_FIRST = 0x40,
    EXT_FIRST = 0x100,
    EXPRESS_SIZE = 0x3c,
};

uint16_t pci_get16(const struct pci_device *p, unsigned at)
{
    return (uint16_t)(p->config[at] | p->config[at + 1] << 8);
}

uint32_t pci_get32(const struct pci_device *p, unsigned at)
{
    return pci_get16(p, at) | (uint32_t)pci_get16(p, at + 2) << 16;
}

void pci_put16(uint8_t *space, unsigned at, uint16_t v)
{
    space[at] = (uint8_t)v;
    space[at + 1] = v >> 8;
}

void pci_put32(uint8_t *space, unsigned at, uint32_t v)
{
    pci_put16(space, at, (uint16_t)v);
    pci_put16(space, at + 2, v >> 16);
}

/* A value that the guest finds, now and after a reset. */
static void init16(struct pci_device *p, unsigned at, uint16_t v)
{
    pci_put16(p->config, at, v);
    pci_put16(p->initial, at, v);
}

static void init32(struct pci_device *p, unsigned at, uint32_t v)
{
    pci_put32(p->config, at, v);
    pci_put32(p->initial, at, v);
}

int pci_realize(struct pci_device *p, const struct pci_ids *ids, char *err, size_t err_len)
{
    int e = pci_host_attach(p, err, err_len);

    if (e < 0)
        return e;
    init32(p, PCI_VENDOR, ids->vendor | (uint32_t)ids->device << 16);
    init32(p, PCI_REVISION, ids->revision | ids->class_code << 8);
    init32(p, PCI_SUBSYS_VENDOR, ids->subsys_vendor | (uint32_t)ids->subsys << 16);
    init16(p, PCI_INT_LINE, (uint16_t)(ids->pin << 8));
    init16(p, PCI_HEADER, p->multifunction ? 0x80 : 0);
    pci_put16(p->writable, PCI_COMMAND, COMMAND_WRITABLE);
    pci_put16(p->clears, PCI_STATUS, STATUS_CLEARS);
    p->writable[PCI_CACHE_LINE] = 0xff;
    p->writable[PCI_INT_LINE] = 0xff;
    p->next_cap = CAP_FIRST;
    p->next_ext = EXT_FIRST;
    return 0;
}

/* ---- BARs ---- */
static bool is_64(const struct pci_bar *b)
{
    return b->kind >= PCI_BAR_MEM64;
}

void pci_bar(struct pci_device *p, unsigned n, enum pci_bar_kind kind, struct mem_region *region)
{
    static const uint8_t flags[] = {1, 0, 4, 12};
    uint64_t size = mem_region_size(region);
    unsigned at = PCI_BAR0 + 4 * n;

    if (n + (kind >= PCI_BAR_MEM64) >= PCI_BARS || size & (size - 1) ||
        size < (kind == PCI_BAR_IO ? 4 : 16))
        MOA_BUG("BAR %u of %s", n, p->dev.class->name);
    p->bar[n] = (struct pci_bar){.region = region, .kind = kind};
    init32(p, at, flags[kind]);
    pci_put32(p->writable, at, (uint32_t) ~(size - 1));
    if (kind >= PCI_BAR_MEM64)
        pci_put32(p->writable, at + 4, (uint32_t)(~(size - 1) >> 32));
}

/* Where the guest has put a BAR. False: nowhere, as while it looks for its size. */
static bool bar_address(const struct pci_device *p, unsigned n, uint64_t *at)
{
    const struct pci_bar *b = &p->bar[n];
    uint64_t size = mem_region_size(b->region), v = pci_get32(p, PCI_BAR0 + 4 * n) & ~15u, last;
    uint64_t top = UINT32_MAX;
    uint16_t need = b->kind == PCI_BAR_IO ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;

    if (b->kind == PCI_BAR_IO) {
        v = pci_get32(p, PCI_BAR0 + 4 * n) & ~3u;
        top = UINT16_MAX;
    }
    if (is_64(b)) {
        v |= (uint64_t)pci_get32(p, PCI_BAR0 + 4 * n + 4) << 32;
        top = UINT64_MAX;
    }
    last = v + size - 1;
    *at = v;
    return p->host && pci_get16(p, PCI_COMMAND) & need && v && last >= v && last < top;
}

static void map_bars(struct pci_device *p)
{
    unsigned n;

    mem_begin();
    for (n = 0; n < PCI_BARS; n++) {
        struct pci_bar *b = &p->bar[n];
        uint64_t at;
        bool on = b->region && bar_address(p, n, &at);

        if (!b->region || (on == b->mapped && (!on || at == b->at)))
            continue;
        if (b->mapped)
            mem_detach(b->region);
        if (on)
            mem_add(pci_host_space(p->host, b->kind == PCI_BAR_IO), b->region, at, 1);
        b->mapped = on;
        b->at = at;
    }
    mem_commit();
}

void pci_unrealize(struct pci_device *p)
{
    unsigned n;

    for (n = 0; n < ARRAY_LEN(p->msix_regions); n++)
        if (p->msix_regions[n]) {
            mem_detach(p->msix_regions[n]);
            mem_region_free(p->msix_regions[n]);
            p->msix_regions[n] = NULL;
        }
    if (!p->host)
        return;
    p->intx = false;
    pci_put16(p->config, PCI_COMMAND, 0);
    map_bars(p);
    pci_host_lines(p->host);
    pci_host_detach(p);
}

/* ---- capabilities ---- */
unsigned pci_add_cap(struct pci_device *p, enum pci_cap id, unsigned size)
{
    unsigned at = p->next_cap;

    if (at + size > EXT_FIRST)
        MOA_BUG("no room for a capability of %s", p->dev.class->name);
    p->next_cap = (unsigned)align_up(at + size, 4);
    p->config[at] = p->initial[at] = (uint8_t)id;
    p->config[at + 1] = p->initial[at + 1] = p->config[PCI_CAPS];
    p->config[PCI_CAPS] = p->initial[PCI_CAPS] = (uint8_t)at;
    init16(p, PCI_STATUS, PCI_STATUS_CAPS);
    return at;
}

unsigned pci_add_ext_cap(struct pci_device *p, unsigned id, unsigned version, unsigned size)
{
    unsigned at = p->next_ext;

    if (at + size > PCI_CONFIG)
        MOA_BUG("no room for a capability of %s", p->dev.class->name);
    p->next_ext = (unsigned)align_up(at + size, 4);
    init32(p, at, id | version << 16);
    if (p->last_ext)
        init32(p, p->last_ext, pci_get32(p, p->last_ext) | at << 20);
    p->last_ext = at;
    return at;
}

void pci_add_express(struct pci_device *p)
{
    unsigned at = pci_add_cap(p, PCI_CAP_EXPRESS, EXPRESS_SIZE);

    init16(p, at + 2, 2 | 9 << 4); /* version 2, integrated endpoint */
    init32(p, at + 4, 1 << 15);    /* role-based error reporting */
    pci_put16(p->writable, at + 8, 0x78ff);
    pci_put16(p->clears, at + 10, 0x000f);
}

/* ---- configuration space ---- */
uint32_t pci_config_read(struct pci_device *p, unsigned at, unsigned size)
{
    uint32_t v = 0;
    unsigned i;

    if (p->config_access && !p->dev.busy)
        p->config_access(p, at, size, false);
    for (i = 0; i < size; i++)
        v |= (uint32_t)p->config[at + i] << 8 * i;
    return v;
}

void pci_config_write(struct pci_device *p, unsigned at, unsigned size, uint32_t v)
{
    unsigned i;

    if (p->dev.busy) /* by its own DMA: it would change under its own feet */
        return;
    for (i = 0; i < size; i++) {
        uint8_t b = (uint8_t)(v >> 8 * i), *c = &p->config[at + i];

        *c = (uint8_t)((*c & ~p->writable[at + i]) | (b & p->writable[at + i]));
        *c &= (uint8_t) ~(b & p->clears[at + i]);
    }
    if (at < PCI_BAR0 + 4 * PCI_BARS) {
        map_bars(p);
        pci_set_intx(p, p->intx); /* perhaps it is masked now */
    }
    if (p->msix || p->msi)
        pci_msi_config_written(p);
    if (p->config_access)
        p->config_access(p, at, size, true);
}

void pci_reset(struct pci_device *p)
{
    unsigned n;

    memcpy(p->config, p->initial, sizeof(p->config));
    for (n = 0; n < p->nmsix; n++)
        p->msix_table[4 * n + 3] = 1; /* masked */
    map_bars(p);
    pci_set_intx(p, false);
}

int pci_post_load(struct pci_device *p, char *err, size_t err_len)
{
    unsigned i;

    for (i = 0; i < PCI_CONFIG; i++) {
        uint8_t may = p->writable[i] | p->clears[i] | (i == PCI_STATUS ? PCI_STATUS_INTX : 0);

        if ((p->config[i] ^ p->initial[i]) & ~may) {
            snprintf(err, err_len, "%s: configuration space differs at %#x", p->dev.class->name, i);
            dev_reset(&p->dev);
            return -EINVAL;
        }
    }
    for (i = 0; i < p->nmsix; i++) {
        p->msix_table[4 * i] &= ~3u;
        p->msix_table[4 * i + 3] &= 1;
    }
    map_bars(p);
    pci_set_intx(p, p->intx);
    return 0;
}

/* ---- at work ---- */
struct mem_attrs pci_attrs(const struct pci_device *p)
{
    return (struct mem_attrs){.requester = p->devfn};
}

bool pci_is_master(const struct pci_device *p)
{
    return !p->host || pci_get16(p, PCI_COMMAND) & PCI_COMMAND_MASTER;
}

enum mem_result pci_dma_read(struct pci_device *p, uint64_t addr, void *buf, uint64_t len)
{
    enum mem_result res = MEM_REFUSED;
    bool was = dev_enter(&p->dev);

    if (pci_is_master(p))
        res = mem_read(p->dev.dma, addr, buf, len, pci_attrs(p));
    dev_leave(&p->dev, was);
    return res;
}

enum mem_result pci_dma_write(struct pci_device *p, uint64_t addr, const void *buf, uint64_t len)
{
    enum mem_result res = MEM_REFUSED;
    bool was = dev_enter(&p->dev);

    if (pci_is_master(p))
        res = mem_write(p->dev.dma, addr, buf, len, pci_attrs(p));
    dev_leave(&p->dev, was);
    return res;
}

void pci_set_intx(struct pci_device *p, bool level)
{
    p->intx = level;
    if (level)
        p->config[PCI_STATUS] |= PCI_STATUS_INTX;
    else
        p->config[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTX;
    if (p->host)
        pci_host_lines(p->host);
}
