/* SPDX-License-Identifier: MIT */
/* devices/intc/gicv3.h -- what a board needs of the GICv3.
 *
 * The controller is a device with a child for each vcpu's redistributor, which it makes itself when
 * it is realized. Regions: of the controller, 0 is the distributor (64 KiB); of each redistributor,
 * 0 holds both of its frames (128 KiB). Redistributors stand one after the other, vcpu 0 first.
 * vcpu n has affinity 0.0.(n / 16).(n % 16). Properties: num-cpu 1..32; num-irq, INTIDs in all but
 * LPIs, 64..1020; has-lpi: there are LPIs, to be set if there is an ITS.
 *
 * Threads: everything with the machine's lock held, gicv3_sysreg() too: a board whose vcpus come
 * without it takes it around the call. The output lines are called with it. */
#ifndef DEVICES_INTC_GICV3_H
#define DEVICES_INTC_GICV3_H

#include "devices/core/device.h"

extern const struct dev_class gicv3_class, gicv3_redist_class;

/* The input of an interrupt: INTID 16..31 is a PPI of vcpu, 32 and up an SPI (vcpu is ignored).
 * A line that leads nowhere if there is no such interrupt. After realize. */
struct irq_line gicv3_input(struct device *d, unsigned vcpu, unsigned intid);

/* Where the outputs of vcpu's interface lead. After realize; the lines are driven at once. */
void gicv3_connect(struct device *d, unsigned vcpu, struct irq_line irq, struct irq_line fiq);

/* The redistributor of a vcpu, NULL if there is none. After realize. */
struct device *gicv3_redist(struct device *d, unsigned vcpu);

/* System registers ICC_* of vcpu's interface. False: no such register, or not for this direction;
 * the processor raises an undefined instruction. */
#define GICV3_SYSREG(op0, op1, crn, crm, op2)                                                      \
    ((uint32_t)(op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))
bool gicv3_sysreg(struct device *d, unsigned vcpu, uint32_t reg, bool write, uint64_t *value);

/* ---- the interrupt translation service ---- */
/* A device beside the controller, which has has-lpi set. Its region 0 holds both frames (128 KiB).
 * It reads and writes guest memory through its own DMA space, as do the redistributors. */
extern const struct dev_class gicv3_its_class;
/* Which controller it serves; before realize of the ITS, after that of the controller. */
void gicv3_its_connect(struct device *its, struct device *gic);
/* Where PCI devices may send without a detour through memory: addr is GITS_TRANSLATER's or any with
 * the same low 16 bits; requester is the device ID. Writes to that register through memory take it
 * from mem_attrs; those of vcpus have none and are ignored. */
struct msi_port gicv3_its_msi(struct device *its);

#endif
