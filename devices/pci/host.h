/* SPDX-License-Identifier: MIT */
/* devices/pci/host.h -- a PCI Express host bridge as boards have it that describe it by ECAM
 * ("gpex"): one bus of functions. Lines PCI_HOST_INTX to + 3. */
#ifndef DEVICES_PCI_HOST_H
#define DEVICES_PCI_HOST_H

#include "devices/core/device.h"

enum pci_host_region {                /* device.regions: where the board puts them */
                       PCI_HOST_ECAM, /* 1 MiB for each bus of property "buses" */
                       PCI_HOST_MEM,  /* all of PCI's memory addresses: windows are aliases of it */
                       PCI_HOST_IO    /* 64 KiB of I/O ports */
};
enum pci_host_line { PCI_HOST_INTX };

extern const struct dev_class pci_host_class;

/* How messages go; without, they are writes to the DMA space with the requester in their
 * attributes. */
void pci_host_msi(struct device *d, const struct msi_port *p);

#endif
