/* SPDX-License-Identifier: MIT */
/* devices/pci/pci.h -- PCI: functions with their configuration space, BARs, INTx and MSI-X, and the
 * host bridge that they are plugged into.
 *
 * A function is a device of bus "pci"; its structure begins with struct pci_func, its class lists
 * PCI_STATES and PCI_PROPS and has pci_reset and pci_post_load, and its realize calls pci_init(),
 * then pci_bar() and pci_msix(). Its parent is the host bridge, which gives it a place (property
 * addr, or the first free one) and maps its BARs as the guest programs them.
 *
 * Threads: all with the machine's lock held. */
#ifndef DEVICES_PCI_PCI_H
#define DEVICES_PCI_PCI_H

#include "devices/core/device.h"

#define PCI_CONFIG 256
#define PCI_BARS   6
#define PCI_MSIX   65 /* vectors of one function */

enum pci_bar_kind { PCI_MEM32 = 0, PCI_IO = 1, PCI_MEM64 = 4, PCI_PREFETCH = 8 };

struct pci_host;
struct pci_bar {
    struct mem_region *region;
    uint64_t size;
    uint8_t kind; /* enum pci_bar_kind, or-ed */
};

struct pci_func {
    struct device dev;
    uint8_t config[PCI_CONFIG];
    uint32_t msix[PCI_MSIX * 4]; /* address low, high, data, control of each vector */
    uint8_t msix_pending[PCI_MSIX];
    uint8_t intx; /* level that the function wants */
    /* wiring */
    uint8_t init[PCI_CONFIG], writable[PCI_CONFIG],
        clears[PCI_CONFIG]; /* clears: by writing ones */
    struct pci_bar bars[PCI_BARS];
    unsigned next_cap;
    unsigned msix_cap, nmsix;
    struct mem_region *msix_table, *msix_pba;
    char *addr;
    struct pci_host *host;
    uint8_t devfn;
    /* Called after the guest wrote len bytes at at; before it reads. Or NULL. */
    void (*config_written)(struct pci_func *f, unsigned at, unsigned len);
    void (*config_read)(struct pci_func *f, unsigned at, unsigned len);
};

#define PCI_STATES                                                                                 \
    DEV_STATE_ARRAY(struct pci_func, config), DEV_STATE_ARRAY(struct pci_func, msix),              \
        {.name = "msix_pending",                                                                   \
         .offset = offsetof(struct pci_func, msix_pending),                                        \
         .size = 1,                                                                                \
         .count = PCI_MSIX,                                                                        \
         .max = 1},                                                                                \
        DEV_STATE_MAX(struct pci_func, intx, 1)
#define PCI_PROPS                                                                                  \
    DEV_PROP(struct pci_func, addr, "addr", DEV_STRING, .text = "slot, or slot.function")

/* ---- for functions ---- */
void pci_init(struct pci_func *f, uint16_t vendor, uint16_t device, uint32_t class_code,
              uint8_t revision, uint16_t subvendor, uint16_t subdevice);
/* The region becomes BAR n (and n + 1, if of 64 bits); its size is a power of two, at least 16, and
 * it stays the caller's. */
void pci_bar(struct pci_func *f, unsigned n, struct mem_region *r, unsigned kind);
/* Room for a capability of len bytes, id and link filled in: its offset. */
unsigned pci_cap(struct pci_func *f, uint8_t id, unsigned len);
/* MSI-X with n vectors: table and pending bits are put into container, which is of BAR bar, at
 * these offsets. */
void pci_msix(struct pci_func *f, unsigned n, unsigned bar, struct mem_region *container,
              uint32_t table_at, uint32_t pba_at);
bool pci_msix_on(const struct pci_func *f);
void pci_msix_send(struct pci_func *f, unsigned vector);
void pci_intx(struct pci_func *f, bool level);
bool pci_master(const struct pci_func *f); /* may do DMA */
void pci_exit(struct device *d);           /* the class's unrealize, or called by it */
void pci_reset(struct device *d);
int pci_post_load(struct device *d, uint32_t version, char *err, size_t err_len);
void pci_set(uint8_t *config, unsigned at, uint64_t v, unsigned size);
uint64_t pci_get(const uint8_t *config, unsigned at, unsigned size);

/* Accesses of the guest to the configuration space, 1, 2 or 4 bytes. */
uint32_t pci_config_read(struct pci_func *f, unsigned at, unsigned size);
void pci_config_write(struct pci_func *f, unsigned at, unsigned size, uint32_t v);

#endif
