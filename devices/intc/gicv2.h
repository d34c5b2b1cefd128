/* SPDX-License-Identifier: MIT */
/* devices/intc/gicv2.h -- what a board needs of the GICv2 and of its MSI frame (GICv2m).
 *
 * Regions: of the GIC, 0 is the distributor (4 KiB), 1 the CPU interface (8 KiB), both the same for
 * all vcpus: who accesses is in mem_attrs.vcpu. Of the frame, 0 is the frame (4 KiB).
 * Properties: num-cpu 1..8; num-irq, INTIDs in all, 64..1020.
 *
 * Threads: everything with the machine's lock held; the output lines are called with it. */
#ifndef DEVICES_INTC_GICV2_H
#define DEVICES_INTC_GICV2_H

#include "devices/core/device.h"

extern const struct dev_class gicv2_class, gicv2m_class;

/* The input of an interrupt: INTID 16..31 is a PPI of vcpu, 32 and up an SPI (vcpu is ignored).
 * A line that leads nowhere if there is no such interrupt. After realize. */
struct irq_line gicv2_input(struct device *d, unsigned vcpu, unsigned intid);

/* Where the outputs of vcpu's interface lead. Before the first reset. */
void gicv2_connect(struct device *d, unsigned vcpu, struct irq_line irq, struct irq_line fiq);

/* GICv2m. Properties: base-spi, the first INTID (80 on the virt board); num-spi. The frame pulses
 * the lines of a GIC's SPIs base-spi .. base-spi + num-spi - 1. */
void gicv2m_connect(struct device *d, unsigned n, struct irq_line spi); /* n from 0 */
/* Where PCI devices may send without a detour through memory: addr is any address, its low 12 bits
 * say the register. */
struct msi_port gicv2m_msi(struct device *d);

#endif
