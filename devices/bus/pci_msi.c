// SPDX-License-Identifier: MIT
/* devices/bus/pci_msi.c -- messages of a PCI function: MSI-X with its table in a BAR, MSI with its
 * registers in configuration space (PCI Local Bus 3.0, chapter 6.8). A message is a write of the
 * function to memory. */
#include "devices/bus/pci.h"

#include <string.h>

enum {
    MSIX_CONTROL = 2,
    MSIX_ENABLE = 0x8000,
    MSIX_MASK_ALL = 0x4000,
    ENTRY_WORDS = 4,
    ENTRY_CONTROL = 3,
    MSI_ENABLE = 1,
};

static void send(struct pci_device *p, uint64_t addr, uint32_t data)
{
    uint8_t b[4] = {(uint8_t)data, (uint8_t)(data >> 8), (uint8_t)(data >> 16),
                    (uint8_t)(data >> 24)};

    pci_dma_write(p, addr, b, sizeof(b));
}

/* ---- MSI-X ---- */
bool pci_msix_enabled(const struct pci_device *p)
{
    return p->msix && pci_get16(p, p->msix + MSIX_CONTROL) & MSIX_ENABLE;
}

static bool masked(const struct pci_device *p, unsigned n)
{
    return pci_get16(p, p->msix + MSIX_CONTROL) & MSIX_MASK_ALL ||
           p->msix_table[ENTRY_WORDS * n + ENTRY_CONTROL] & 1;
}

static void send_vector(struct pci_device *p, unsigned n)
{
    const uint32_t *e = &p->msix_table[ENTRY_WORDS * n];

    send(p, e[0] | (uint64_t)e[1] << 32, e[2]);
}

/* Those that waited for their mask to go. */
static void send_pending(struct pci_device *p)
{
    unsigned n;

    for (n = 0; n < p->nmsix; n++) {
        uint32_t *word = &p->msix_pending[n / 32], bit = 1u << n % 32;

        if (*word & bit && pci_msix_enabled(p) && !masked(p, n)) {
            *word &= ~bit;
            send_vector(p, n);
        }
    }
}

/* The core has cut accesses to 4 or 8 bytes; all offsets are multiples of 4. */
static enum mem_result table_read(void *opaque, uint64_t offset, unsigned size, uint64_t *value,
                                  const struct mem_attrs *a)
{
    const struct pci_device *p = opaque;

    (void)a;
    *value = p->msix_table[offset / 4];
    if (size == 8)
        *value |= (uint64_t)p->msix_table[offset / 4 + 1] << 32;
    return MEM_OK;
}

static void table_put(struct pci_device *p, uint64_t word, uint32_t v)
{
    static const uint32_t bits[ENTRY_WORDS] = {~3u, ~0u, ~0u, 1};

    p->msix_table[word] = v & bits[word % ENTRY_WORDS];
}

static enum mem_result table_write(void *opaque, uint64_t offset, unsigned size, uint64_t value,
                                   const struct mem_attrs *a)
{
    struct pci_device *p = opaque;

    (void)a;
    table_put(p, offset / 4, (uint32_t)value);
    if (size == 8)
        table_put(p, offset / 4 + 1, value >> 32);
    send_pending(p);
    return MEM_OK;
}

static enum mem_result pending_read(void *opaque, uint64_t offset, unsigned size, uint64_t *value,
                                    const struct mem_attrs *a)
{
    const struct pci_device *p = opaque;

    (void)a;
    *value = p->msix_pending[offset / 4];
    if (size == 8)
        *value |= (uint64_t)p->msix_pending[offset / 4 + 1] << 32;
    return MEM_OK;
}

static enum mem_result pending_write(void *opaque, uint64_t offset, unsigned size, uint64_t value,
                                     const struct mem_attrs *a)
{
    (void)opaque, (void)offset, (void)size, (void)value, (void)a;
    return MEM_OK;
}

void pci_add_msix(struct pci_device *p, unsigned n, unsigned bar, struct mem_region *container,
                  uint32_t table, uint32_t pending)
{
    static const struct mem_ops
        table_ops = {.read = table_read, .write = table_write, .min = 4, .max = 8},
        pending_ops = {.read = pending_read, .write = pending_write, .min = 4, .max = 8};
    unsigned at;

    if (n == 0 || n > PCI_MSIX || bar >= PCI_BARS || table % 8 || pending % 8)
        MOA_BUG("MSI-X of %s", p->dev.class->name);
    at = pci_add_cap(p, PCI_CAP_MSIX, 12);
    p->msix = at;
    p->nmsix = n;
    pci_put16(p->initial, at + MSIX_CONTROL, (uint16_t)(n - 1));
    pci_put32(p->initial, at + 4, table | bar);
    pci_put32(p->initial, at + 8, pending | bar);
    memcpy(&p->config[at], &p->initial[at], 12);
    pci_put16(p->writable, at + MSIX_CONTROL, MSIX_ENABLE | MSIX_MASK_ALL);
    p->msix_regions[0] = mem_mmio_new("msix-table", 16 * n, &table_ops, p);
    p->msix_regions[1] = mem_mmio_new("msix-pba", (n + 63) / 64 * 8, &pending_ops, p);
    mem_region_guard(p->msix_regions[0], &p->dev.busy);
    mem_region_guard(p->msix_regions[1], &p->dev.busy);
    mem_add(container, p->msix_regions[0], table, 1);
    mem_add(container, p->msix_regions[1], pending, 1);
}

/* ---- MSI ---- */
void pci_add_msi(struct pci_device *p, unsigned log)
{
    unsigned at;

    if (log > 5)
        MOA_BUG("MSI of %s", p->dev.class->name);
    at = pci_add_cap(p, PCI_CAP_MSI, 14);
    p->msi = at;
    p->config[at + 2] = p->initial[at + 2] = (uint8_t)(0x80 | log << 1); /* 64-bit addresses */
    pci_put16(p->writable, at + 2, 0x0071);
    pci_put32(p->writable, at + 4, ~3u);
    pci_put32(p->writable, at + 8, ~0u);
    pci_put16(p->writable, at + 12, 0xffff);
}

static bool msi_enabled(const struct pci_device *p)
{
    return p->msi && pci_get16(p, p->msi + 2) & MSI_ENABLE;
}

static void send_msi(struct pci_device *p, unsigned vector)
{
    unsigned control = pci_get16(p, p->msi + 2), given = control >> 4 & 7, may = control >> 1 & 7;
    unsigned count = 1u << (given < may ? given : may);

    send(p, pci_get32(p, p->msi + 4) | (uint64_t)pci_get32(p, p->msi + 8) << 32,
         (pci_get16(p, p->msi + 12) & ~(count - 1)) | vector % count);
}

/* ---- both ---- */
bool pci_messages_enabled(const struct pci_device *p)
{
    return pci_msix_enabled(p) || msi_enabled(p);
}

bool pci_notify(struct pci_device *p, unsigned vector)
{
    if (pci_msix_enabled(p)) {
        if (vector >= p->nmsix)
            return true;
        if (masked(p, vector))
            p->msix_pending[vector / 32] |= 1u << vector % 32;
        else
            send_vector(p, vector);
        return true;
    }
    if (!msi_enabled(p))
        return false;
    send_msi(p, vector);
    return true;
}

void pci_msi_config_written(struct pci_device *p)
{
    if (pci_msix_enabled(p))
        send_pending(p);
}
