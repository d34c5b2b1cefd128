// SPDX-License-Identifier: MIT
/* devices/pci/pci.c -- one PCI function: configuration space (PCI Local Bus 3.0, chapter 6), BARs,
 * INTx.
 *
 * What the guest can write is a mask a byte. BARs are mapped into the host bridge's windows
 * whenever their addresses or the command register change; one that is being sized, or that would
 * wrap, is not mapped. Not modelled: expansion ROMs, bridges, power management, extended
 * capabilities. */
#include "devices/pci/priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void pci_set(uint8_t *config, unsigned at, uint64_t v, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        config[at + i] = (uint8_t)(v >> 8 * i);
}

uint64_t pci_get(const uint8_t *config, unsigned at, unsigned size)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)config[at + i] << 8 * i;
    return v;
}

void pci_init(struct pci_func *f, uint16_t vendor, uint16_t device, uint32_t class_code,
              uint8_t revision, uint16_t subvendor, uint16_t subdevice)
{
    uint8_t *c = f->init;

    pci_set(c, 0, vendor, 2);
    pci_set(c, 2, device, 2);
    c[8] = revision;
    pci_set(c, 9, class_code, 3);
    pci_set(c, 0x2c, subvendor, 2);
    pci_set(c, 0x2e, subdevice, 2);
    c[PCI_PIN] = 1;
    pci_set(f->writable, PCI_COMMAND, CMD_IO | CMD_MEM | CMD_MASTER | 1 << 6 | 1 << 8 | CMD_NO_INTX,
            2);
    pci_set(f->clears, PCI_STATUS, 0xf900, 2);
    f->writable[0x0c] = 0xff; /* cache line size */
    f->writable[PCI_LINE] = 0xff;
    f->next_cap = 0x40;
}

void pci_bar(struct pci_func *f, unsigned n, struct mem_region *r, unsigned kind)
{
    uint64_t size = mem_region_size(r);
    unsigned bytes = kind & PCI_MEM64 ? 8 : 4;

    if (size < 16 || size & (size - 1) || n * 4 + bytes > PCI_BARS * 4)
        MOA_BUG("BAR %u of %s", n, f->dev.class->name);
    f->bars[n] = (struct pci_bar){r, size, (uint8_t)kind};
    pci_set(f->init, PCI_BAR0 + 4 * n, kind, bytes);
    pci_set(f->writable, PCI_BAR0 + 4 * n, ~(size - 1), bytes);
}

unsigned pci_cap(struct pci_func *f, uint8_t id, unsigned len)
{
    unsigned at = f->next_cap;

    if (at + len > PCI_CONFIG)
        MOA_BUG("no room for capability %u", id);
    f->init[at] = id;
    f->init[at + 1] = f->init[PCI_CAPS];
    f->init[PCI_CAPS] = (uint8_t)at;
    f->init[PCI_STATUS] |= STATUS_CAPS;
    f->next_cap = (unsigned)align_up(at + len, 4);
    return at;
}

/* ---- BARs ---- */
static uint64_t bar_address(const struct pci_func *f, unsigned n)
{
    const struct pci_bar *b = &f->bars[n];
    uint16_t cmd = (uint16_t)pci_get(f->config, PCI_COMMAND, 2);
    uint64_t at = pci_get(f->config, PCI_BAR0 + 4 * n, b->kind & PCI_MEM64 ? 8 : 4);
    uint64_t top = b->kind & PCI_IO ? 0xffff : b->kind & PCI_MEM64 ? UINT64_MAX : UINT32_MAX;

    at &= ~(b->size - 1);
    if (!(cmd & (b->kind & PCI_IO ? CMD_IO : CMD_MEM)) || at == 0 || at > top ||
        b->size - 1 >= top - at)
        return UINT64_MAX;
    return at;
}

void pci_map_bars(struct pci_func *f)
{
    mem_begin();
    for (unsigned n = 0; n < PCI_BARS; n++) {
        struct pci_bar *b = &f->bars[n];
        uint64_t at;

        if (!b->region)
            continue;
        mem_detach(b->region);
        at = f->host ? bar_address(f, n) : UINT64_MAX;
        if (at != UINT64_MAX)
            mem_add(f->host->dev.regions[b->kind & PCI_IO ? 2 : 1], b->region, at, 1);
    }
    mem_commit();
}

void pci_unmap_bars(struct pci_func *f)
{
    mem_begin();
    for (unsigned n = 0; n < PCI_BARS; n++)
        if (f->bars[n].region)
            mem_detach(f->bars[n].region);
    mem_commit();
}

/* ---- INTx ---- */
static void intx_changed(struct pci_func *f)
{
    uint8_t *status = &f->config[PCI_STATUS];

    *status = (uint8_t)((*status & ~STATUS_INTX) | (f->intx ? STATUS_INTX : 0));
    if (f->host)
        pci_host_intx(f->host);
}

void pci_intx(struct pci_func *f, bool level)
{
    if (f->intx == level)
        return;
    f->intx = level;
    intx_changed(f);
}

bool pci_master(const struct pci_func *f)
{
    return f->config[PCI_COMMAND] & CMD_MASTER;
}

/* ---- the guest ---- */
uint32_t pci_config_read(struct pci_func *f, unsigned at, unsigned size)
{
    if (at + size > PCI_CONFIG)
        return 0;
    if (f->config_read)
        f->config_read(f, at, size);
    return (uint32_t)pci_get(f->config, at, size);
}

void pci_config_write(struct pci_func *f, unsigned at, unsigned size, uint32_t v)
{
    if (at + size > PCI_CONFIG)
        return;
    for (unsigned i = 0; i < size; i++, v >>= 8) {
        uint8_t *c = &f->config[at + i], w = f->writable[at + i];

        *c = (uint8_t)((*c & ~w) | (v & w));
        *c &= (uint8_t) ~(v & f->clears[at + i]);
    }
    if (at < PCI_BAR0 + 4 * PCI_BARS && at + size > PCI_COMMAND) {
        pci_map_bars(f);
        intx_changed(f);
    }
    pci_msix_written(f, at, size);
    if (f->config_written)
        f->config_written(f, at, size);
}

/* ---- life ---- */
void pci_reset(struct device *d)
{
    struct pci_func *f = (struct pci_func *)d;

    memcpy(f->config, f->init, PCI_CONFIG);
    for (unsigned i = 0; i < f->nmsix; i++)
        f->msix[4 * i + 3] = 1; /* masked */
    pci_map_bars(f);
    intx_changed(f);
}

void pci_exit(struct device *d)
{
    struct pci_func *f = (struct pci_func *)d;

    pci_unmap_bars(f);
    pci_msix_free(f);
}

int pci_post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    struct pci_func *f = (struct pci_func *)d;

    (void)version;
    for (unsigned i = 0; i < PCI_CONFIG; i++) {
        uint8_t fixed = (uint8_t) ~(f->writable[i] | f->clears[i]);

        if (i == PCI_STATUS)
            fixed &= (uint8_t)~STATUS_INTX;
        if ((f->config[i] ^ f->init[i]) & fixed) {
            snprintf(err, err_len, "byte 0x%x of its configuration is another device's", i);
            return -EINVAL;
        }
    }
    pci_map_bars(f);
    intx_changed(f);
    return 0;
}
