// SPDX-License-Identifier: MIT
/* machines/virt_pci.c -- PCI Express on the `virt` board: the host bridge, its windows into the
 * machine's memory, and the wires of INTA..INTD. */
#include "devices/bus/pci.h"
#include "machines/virt_arm64.h"

#include <stdio.h>

const struct virt_at *virt_ecam(const struct virt *v)
{
    return &virt_map[v->lowmem ? VIRT_PCIE_ECAM : VIRT_HIGH_ECAM];
}

/* An address in a window is the same on the bus; ports begin at 0. */
static void window(struct virt *v, unsigned n, const char *name, unsigned region, uint64_t from,
                   enum virt_place place)
{
    const struct virt_at *at = &virt_map[place];

    v->pci_window[n] = mem_alias_new(name, v->pcie->regions[region], from, at->size);
    mem_add(v->m.root, v->pci_window[n], at->addr, 0);
}

int virt_build_pci(struct virt *v, char *err, size_t err_len)
{
    const struct virt_at *ecam = virt_ecam(v);
    char size[24];
    const char *const props[] = {"ecam-size", size, NULL};

    snprintf(size, sizeof(size), "%llu", (unsigned long long)ecam->size);
    v->pcie = machine_device_new(&v->m, &pci_host_class, "pcie.0", props, err, err_len);
    if (!v->pcie)
        return -1;
    for (unsigned i = 0; i < 4; i++)
        v->pcie->irq[i] = virt_spi(v, virt_map[VIRT_PCIE_MMIO].irq + i);
    if (machine_device_realize(&v->m, v->pcie, err, err_len))
        return -1;
    mem_add(v->m.root, v->pcie->regions[0], ecam->addr, 0);
    window(v, 0, "pcie-mmio", 1, virt_map[VIRT_PCIE_MMIO].addr, VIRT_PCIE_MMIO);
    window(v, 1, "pcie-ports", 2, 0, VIRT_PCIE_PIO);
    if (!v->lowmem)
        window(v, 2, "pcie-mmio-high", 1, virt_map[VIRT_HIGH_PCIE].addr, VIRT_HIGH_PCIE);
    return 0;
}

void virt_free_pci(struct virt *v)
{
    for (unsigned i = 0; i < ARRAY_LEN(v->pci_window); i++)
        if (v->pci_window[i]) {
            mem_detach(v->pci_window[i]);
            mem_region_free(v->pci_window[i]);
        }
}
