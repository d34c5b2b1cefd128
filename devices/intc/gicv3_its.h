/* SPDX-License-Identifier: MIT */
/* devices/intc/gicv3_its.h -- state of the ITS, shared by gicv3_its.c (registers) and
 * gicv3_its_cmd.c (tables, commands, translation). Not for boards. */
#ifndef DEVICES_INTC_GICV3_ITS_H
#define DEVICES_INTC_GICV3_ITS_H

#include "devices/intc/gicv3_state.h"

enum {
    ITS_DEVICES = 0,     /* GITS_BASER0 */
    ITS_COLLECTIONS = 1, /* GITS_BASER1 */
    ITS_ENTRY = 8,       /* bytes of an entry of each table */
    ITS_COMMAND = 32,
    ITS_DEVICE_BITS = 16,
    ITS_EVENT_BITS = 16,
    ITS_STALLED = 1, /* CREADR */
};
#define ITS_VALID    (1ull << 63)
#define ITS_INDIRECT (1ull << 62)

struct gicv3_its {
    struct device dev;
    uint32_t ctlr;
    uint64_t cbaser, cwriter, creadr, baser[2];

    /* ---- wiring ---- */
    struct gicv3 *gic;
};

void gicv3_its_run(struct gicv3_its *s); /* the commands that wait, if enabled */
void gicv3_its_translate(struct gicv3_its *s, uint32_t device, uint32_t event);
uint64_t gicv3_its_queue_size(const struct gicv3_its *s);

#endif
