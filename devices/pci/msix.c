// SPDX-License-Identifier: MIT
/* devices/pci/msix.c -- message-signalled interrupts, MSI-X (PCI Local Bus 3.0, 6.8.2).
 *
 * A vector that is masked when it is sent is pending, and is sent when it, and the function, is
 * unmasked. */
#include "devices/pci/priv.h"

#include <string.h>

enum { CAP_MSIX = 0x11, ENABLE = 1 << 7, MASK = 1 << 6 }; /* of the control's high byte */

static uint8_t control(const struct pci_func *f)
{
    return f->msix_cap ? f->config[f->msix_cap + 3] : 0;
}

bool pci_msix_on(const struct pci_func *f)
{
    return control(f) & ENABLE;
}

static bool masked(const struct pci_func *f, unsigned n)
{
    return control(f) & MASK || f->msix[4 * n + 3] & 1;
}

static void send_now(struct pci_func *f, unsigned n)
{
    const uint32_t *v = &f->msix[4 * n];

    if (pci_master(f))
        pci_host_send(f, (uint64_t)v[1] << 32 | v[0], v[2]);
}

void pci_msix_send(struct pci_func *f, unsigned vector)
{
    if (vector >= f->nmsix || !pci_msix_on(f))
        return;
    if (masked(f, vector))
        f->msix_pending[vector] = 1;
    else
        send_now(f, vector);
}

static void send_pending(struct pci_func *f, unsigned n)
{
    if (f->msix_pending[n] && pci_msix_on(f) && !masked(f, n)) {
        f->msix_pending[n] = 0;
        send_now(f, n);
    }
}

void pci_msix_written(struct pci_func *f, unsigned at, unsigned len)
{
    if (!f->msix_cap || at > f->msix_cap + 3 || at + len <= f->msix_cap + 3)
        return;
    for (unsigned i = 0; i < f->nmsix; i++)
        send_pending(f, i);
}

/* ---- the table ---- */
static enum mem_result table_read(void *opaque, uint64_t offset, unsigned size, uint64_t *value,
                                  const struct mem_attrs *a)
{
    const struct pci_func *f = opaque;

    (void)size, (void)a;
    *value = f->msix[offset / 4];
    return MEM_OK;
}

static enum mem_result table_write(void *opaque, uint64_t offset, unsigned size, uint64_t value,
                                   const struct mem_attrs *a)
{
    struct pci_func *f = opaque;
    unsigned i = (unsigned)(offset / 4);

    (void)size, (void)a;
    f->msix[i] = (uint32_t)value & (i % 4 == 3 ? 1u : i % 4 == 0 ? ~3u : ~0u);
    send_pending(f, i / 4);
    return MEM_OK;
}

static enum mem_result pba_read(void *opaque, uint64_t offset, unsigned size, uint64_t *value,
                                const struct mem_attrs *a)
{
    const struct pci_func *f = opaque;

    (void)size, (void)a;
    *value = 0;
    for (unsigned i = 0; i < 32 && offset * 8 + i < f->nmsix; i++)
        *value |= (uint64_t)f->msix_pending[offset * 8 + i] << i;
    return MEM_OK;
}

static enum mem_result pba_write(void *opaque, uint64_t offset, unsigned size, uint64_t value,
                                 const struct mem_attrs *a)
{
    (void)opaque, (void)offset, (void)size, (void)value, (void)a;
    return MEM_OK;
}

static const struct mem_ops table_ops = {
    .read = table_read, .write = table_write, .min = 4, .max = 4};
static const struct mem_ops pba_ops = {.read = pba_read, .write = pba_write, .min = 4, .max = 4};

void pci_msix(struct pci_func *f, unsigned n, unsigned bar, struct mem_region *container,
              uint32_t table_at, uint32_t pba_at)
{
    if (n == 0 || n > PCI_MSIX)
        MOA_BUG("%u MSI-X vectors", n);
    f->nmsix = n;
    f->msix_cap = pci_cap(f, CAP_MSIX, 12);
    pci_set(f->init, f->msix_cap + 2, n - 1, 2);
    f->writable[f->msix_cap + 3] = ENABLE | MASK;
    pci_set(f->init, f->msix_cap + 4, table_at | bar, 4);
    pci_set(f->init, f->msix_cap + 8, pba_at | bar, 4);
    f->msix_table = mem_mmio_new("msix-table", 16ull * n, &table_ops, f);
    f->msix_pba = mem_mmio_new("msix-pba", (n + 63) / 64 * 8ull, &pba_ops, f);
    mem_region_guard(f->msix_table, &f->dev.busy);
    mem_region_guard(f->msix_pba, &f->dev.busy);
    mem_add(container, f->msix_table, table_at, 1);
    mem_add(container, f->msix_pba, pba_at, 1);
}

void pci_msix_free(struct pci_func *f)
{
    if (!f->msix_table)
        return;
    mem_detach(f->msix_table);
    mem_detach(f->msix_pba);
    mem_region_free(f->msix_table);
    mem_region_free(f->msix_pba);
    f->msix_table = f->msix_pba = NULL;
}
