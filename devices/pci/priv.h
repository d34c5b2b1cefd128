/* SPDX-License-Identifier: MIT */
/* devices/pci/priv.h -- what functions and the host bridge know of each other. */
#ifndef DEVICES_PCI_PRIV_H
#define DEVICES_PCI_PRIV_H

#include "devices/pci/pci.h"

enum { /* offsets in a configuration space */
       PCI_COMMAND = 4,
       PCI_STATUS = 6,
       PCI_BAR0 = 0x10,
       PCI_CAPS = 0x34,
       PCI_LINE = 0x3c,
       PCI_PIN = 0x3d
};
enum { CMD_IO = 1, CMD_MEM = 2, CMD_MASTER = 4, CMD_NO_INTX = 1 << 10 };
enum { STATUS_INTX = 1 << 3, STATUS_CAPS = 1 << 4 };

struct pci_host {
    struct device dev;
    /* wiring */
    uint32_t buses;
    struct pci_func *at[256]; /* by devfn, bus 0 */
    struct msi_port msi;
};

void pci_host_intx(struct pci_host *h); /* some function's level has changed */
void pci_host_send(struct pci_func *f, uint64_t addr, uint32_t data);
void pci_msix_written(struct pci_func *f, unsigned at, unsigned len); /* configuration */
void pci_msix_free(struct pci_func *f);
void pci_map_bars(struct pci_func *f);
void pci_unmap_bars(struct pci_func *f);

static inline bool pci_intx_level(const struct pci_func *f)
{
    return f->intx && !(pci_get(f->config, PCI_COMMAND, 2) & CMD_NO_INTX);
}

#endif
