/* SPDX-License-Identifier: MIT */
/* devices/bus/pci.h -- PCI Express functions and the host bridge that they are behind.
 *
 * A function's structure begins with struct pci_device. Its class has bus "pci", lists PCI_PROPS
 * among its properties and PCI_STATES among its states, and calls from its own hooks:
 * realize: pci_realize() first, then what it has of BARs, capabilities and messages; reset:
 * pci_reset(); post_load: pci_post_load(); unrealize, and realize where it fails after
 * pci_realize(): pci_unrealize(). Its parent device is the host bridge.
 *
 * Regions of the host bridge ("gpex-pcihost"): 0 the configuration space (ECAM), 1 the memory of
 * the bus and 2 its ports: the board puts aliases of these two into its windows, so that an address
 * on the bus is the one in the alias's offset. What no BAR answers reads as ones. Its lines
 * irq[0..3] are INTA..INTD after the swizzle (slot + pin - 1) % 4. Messages are writes through dma
 * with the function's number as requester.
 *
 * Threads: the machine's lock is held. */
#ifndef DEVICES_BUS_PCI_H
#define DEVICES_BUS_PCI_H

#include "devices/core/device.h"

enum {
    PCI_CONFIG = 4096,
    PCI_BARS = 6,
    PCI_FUNCTIONS = 256,
    PCI_MSIX = 128, /* vectors of a function, at most */
};

/* Offsets and bits of the configuration header. */
enum {
    PCI_VENDOR = 0x00,
    PCI_DEVICE = 0x02,
    PCI_COMMAND = 0x04,
    PCI_STATUS = 0x06,
    PCI_REVISION = 0x08,
    PCI_CLASS = 0x09,
    PCI_CACHE_LINE = 0x0c,
    PCI_HEADER = 0x0e,
    PCI_BAR0 = 0x10,
    PCI_SUBSYS_VENDOR = 0x2c,
    PCI_SUBSYS = 0x2e,
    PCI_CAPS = 0x34,
    PCI_INT_LINE = 0x3c,
    PCI_INT_PIN = 0x3d,

    PCI_COMMAND_IO = 1 << 0,
    PCI_COMMAND_MEMORY = 1 << 1,
    PCI_COMMAND_MASTER = 1 << 2,
    PCI_COMMAND_NO_INTX = 1 << 10,
    PCI_STATUS_INTX = 1 << 3,
    PCI_STATUS_CAPS = 1 << 4,
};

enum pci_cap {
    PCI_CAP_MSI = 0x05,
    PCI_CAP_VENDOR = 0x09,
    PCI_CAP_EXPRESS = 0x10,
    PCI_CAP_MSIX = 0x11
};
enum pci_bar_kind { PCI_BAR_IO, PCI_BAR_MEM32, PCI_BAR_MEM64, PCI_BAR_MEM64_PREFETCH };

struct pci_ids {
    uint16_t vendor, device, subsys_vendor, subsys;
    uint32_t class_code;   /* 24 bits */
    uint8_t revision, pin; /* 0: no INTx, 1: INTA, ... */
};

struct pci_bar {
    struct mem_region *region; /* NULL: none, or the upper half of the one before */
    uint64_t at;               /* where it is mapped */
    enum pci_bar_kind kind;
    bool mapped;
};

struct pci_host;

struct pci_device {
    struct device dev;
    uint8_t config[PCI_CONFIG];
    uint32_t msix_table[PCI_MSIX * 4]; /* address, upper address, data, control */
    uint32_t msix_pending[PCI_MSIX / 32];
    bool intx; /* what the function asserts */

    /* ---- wiring ---- */
    char *addr; /* property: "slot" or "slot.function", hexadecimal; NULL: the first free slot */
    bool multifunction;
    uint8_t devfn;
    uint8_t initial[PCI_CONFIG], writable[PCI_CONFIG], clears[PCI_CONFIG]; /* clears: by a 1 */
    struct pci_bar bar[PCI_BARS];
    struct pci_host *host; /* NULL: not on a bus */
    unsigned next_cap, next_ext, last_ext;
    unsigned msix, nmsix, msi; /* places of the capabilities, 0: none; vectors */
    struct mem_region *msix_regions[2];
    /* Before a read and after a write of its configuration by the guest; or NULL. */
    void (*config_access)(struct pci_device *p, unsigned at, unsigned size, bool write);
};

#define PCI_PROPS                                                                                  \
    {.name = "addr",                                                                               \
     .type = DEV_STRING,                                                                           \
     .offset = offsetof(struct pci_device, addr),                                                  \
     .text = "slot, or slot.function (hexadecimal)"},                                              \
    {                                                                                              \
        .name = "multifunction", .type = DEV_BOOL,                                                 \
        .offset = offsetof(struct pci_device, multifunction),                                      \
        .text = "more functions may stand in this slot"                                            \
    }
#define PCI_STATES                                                                                 \
    {.name = "config",                                                                             \
     .offset = offsetof(struct pci_device, config),                                                \
     .size = 1,                                                                                    \
     .count = PCI_CONFIG,                                                                          \
     .keep = true},                                                                                \
        DEV_STATE_ARRAY(struct pci_device, msix_table),                                            \
        DEV_STATE_ARRAY(struct pci_device, msix_pending), DEV_STATE_BOOL(struct pci_device, intx)

/* ---- making a function; 0 or -errno with one line in err ---- */
int pci_realize(struct pci_device *p, const struct pci_ids *ids, char *err, size_t err_len);
void pci_unrealize(struct pci_device *p);
/* region's size is a power of two, at least 16 (memory) or 4 (ports). A 64-bit one takes two. The
 * region is the caller's. */
void pci_bar(struct pci_device *p, unsigned n, enum pci_bar_kind kind, struct mem_region *region);
/* A new capability of size bytes with its head; returns its offset. What the guest may write is to
 * be set in p->writable. */
unsigned pci_add_cap(struct pci_device *p, enum pci_cap id, unsigned size);
unsigned pci_add_ext_cap(struct pci_device *p, unsigned id, unsigned version, unsigned size);
/* PCI Express: an endpoint of the root complex. */
void pci_add_express(struct pci_device *p);
/* MSI-X: n vectors; table and pending bits go into container, which is (in) BAR bar, at those
 * offsets. The table takes 16 * n bytes, the bits (n + 63) / 64 * 8. */
void pci_add_msix(struct pci_device *p, unsigned n, unsigned bar, struct mem_region *container,
                  uint32_t table, uint32_t pending);
/* MSI: 1 << log vectors, log 0..5. */
void pci_add_msi(struct pci_device *p, unsigned log);

void pci_reset(struct pci_device *p);
int pci_post_load(struct pci_device *p, char *err, size_t err_len);

/* ---- at work ---- */
uint16_t pci_get16(const struct pci_device *p, unsigned at);
uint32_t pci_get32(const struct pci_device *p, unsigned at);
void pci_put16(uint8_t *space, unsigned at, uint16_t v); /* of config, initial, writable */
void pci_put32(uint8_t *space, unsigned at, uint32_t v);

/* DMA of the function: refused while it is no bus master. One that is alone, on a bench, may. */
bool pci_is_master(const struct pci_device *p);
enum mem_result pci_dma_read(struct pci_device *p, uint64_t addr, void *buf, uint64_t len);
enum mem_result pci_dma_write(struct pci_device *p, uint64_t addr, const void *buf, uint64_t len);
struct mem_attrs pci_attrs(const struct pci_device *p);

void pci_set_intx(struct pci_device *p, bool level);
/* A message of that vector by MSI-X or MSI; false: neither is enabled (use INTx). */
bool pci_notify(struct pci_device *p, unsigned vector);
bool pci_msix_enabled(const struct pci_device *p);
bool pci_messages_enabled(const struct pci_device *p); /* MSI-X or MSI */

/* ---- the host bridge ---- */
extern const struct dev_class pci_host_class, pci_root_class;
struct pci_device *pci_function(struct device *host, unsigned devfn); /* NULL: there is none */

/* Between the files of this folder. */
uint32_t pci_config_read(struct pci_device *p, unsigned at, unsigned size);
void pci_config_write(struct pci_device *p, unsigned at, unsigned size, uint32_t v);
void pci_host_lines(struct pci_host *h);
int pci_host_attach(struct pci_device *p, char *err, size_t err_len);
void pci_host_detach(struct pci_device *p);
struct mem_region *pci_host_space(struct pci_host *h, bool io);
void pci_msi_config_written(struct pci_device *p);

#endif
