/* SPDX-License-Identifier: MIT */
/* devices/block/pflash.h -- NOR flash with Intel's command set (CFI 0x0001), two 16-bit chips side
 * by side. Region 0: the flash, memory while it is read as an array.
 *
 * The board fills pflash_content() from its image (it is zero until then, so that empty banks cost
 * no memory) and may join a port that hears of changes. */
#ifndef DEVICES_BLOCK_PFLASH_H
#define DEVICES_BLOCK_PFLASH_H

#include "devices/core/device.h"
#include "ports/flash.h"

extern const struct dev_class pflash_class;

/* After realize: the chip's bytes, mem_region_size(d->regions[0]) of them. */
uint8_t *pflash_content(struct device *d);
void pflash_join(struct device *d, const struct flash_port *p);

#endif
