/* SPDX-License-Identifier: MIT */
/* machines/virt_arm64.h -- the `virt` board of arm64: where things are. Addresses and interrupt
 * numbers are those of QEMU's board of this name, which firmware and device trees know. */
#ifndef MACHINES_VIRT_ARM64_H
#define MACHINES_VIRT_ARM64_H

#include "machines/machine.h"

enum virt_place {
    VIRT_FLASH, VIRT_GIC_DIST, VIRT_GIC_CPU, VIRT_GIC_V2M, VIRT_GIC_ITS, VIRT_GIC_REDIST, VIRT_UART,
    VIRT_RTC, VIRT_FW_CFG, VIRT_GPIO, VIRT_VIRTIO, VIRT_PCIE_MMIO, VIRT_PCIE_PIO, VIRT_PCIE_ECAM,
    VIRT_RAM, VIRT_HIGH_ECAM, VIRT_HIGH_PCIE, VIRT_PLACES
};
struct virt_at {
    uint64_t addr, size;
    unsigned irq; /* shared peripheral interrupt: INTID - 32 */
};
extern const struct virt_at virt_map[VIRT_PLACES];

#define VIRT_NUM_IRQS 288 /* INTIDs: 32 private and 256 shared */
#define VIRT_V2M_SPI 48   /* .. + 63 */
#define VIRT_V2M_SPIS 64
#define VIRT_VIRTIOS 32

/* Private interrupts (INTID - 16) of the timers and the PMU, as in the device tree. */
enum { VIRT_PPI_HTIMER = 10, VIRT_PPI_VTIMER = 11, VIRT_PPI_STIMER = 13, VIRT_PPI_PTIMER = 14,
       VIRT_PPI_PMU = 7 };

struct virt {
    struct machine m;
    unsigned gic_version; /* 2 or 3 */
    bool lowmem, no_its, no_randomness, no_acpi; /* false: as by default */
    char dumpdtb[4096];
    char flash_drive[2][64]; /* empty: by -drive if=pflash, or nothing */
    struct device *gic, *v2m, *its_dev, *uart, *rtc, *gpio, *fw_cfg, *flash[2], *pcie;
    struct device *virtio[VIRT_VIRTIOS];
    struct mem_region *pci_window[3];
    struct irq_line power_key;
    struct clock_timer *key_timer;
    int64_t key_up_at; /* when the key is let go; CLOCK_NEVER: it is not pressed */
    unsigned nvirtio;     /* transports on the board */
    struct irq_line ppi[MACHINE_CPUS][8]; /* by enum a64_line */
    uint8_t *dtb;
    size_t dtb_len;
};

void virt_place(struct virt *v, struct device *d, unsigned region, enum virt_place place);
/* virt_gic.c */
int virt_build_gic(struct virt *v, char *err, size_t err_len);
struct irq_line virt_spi(struct virt *v, unsigned n); /* input of shared peripheral interrupt n */

/* virt_pci.c */
int virt_build_pci(struct virt *v, char *err, size_t err_len);
void virt_free_pci(struct virt *v); /* the windows */
const struct virt_at *virt_ecam(const struct virt *v);

/* virt_acpi.c: ACPI tables into fw_cfg. 0, or -1 with one line in err. */
int virt_acpi(struct virt *v, char *err, size_t err_len);

/* virt_boot.c: the order of devices to start from, into fw_cfg. */
int virt_boot_order(struct virt *v, char *err, size_t err_len);

/* What of the command line goes into the tree's /chosen. */
struct virt_chosen {
    const char *bootargs;
    uint64_t initrd, initrd_end; /* equal: none */
};

/* Makes the device tree, or takes the user's file and fills in memory and /chosen. v->dtb; 0, or -1
 * with one line in err. */
int virt_fdt(struct virt *v, const struct virt_chosen *c, char *err, size_t err_len);

extern const struct board board_virt_arm64;

#endif
