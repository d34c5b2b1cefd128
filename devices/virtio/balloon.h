/* SPDX-License-Identifier: MIT */
/* devices/virtio/balloon.h -- virtio balloon: memory that the guest gives back. */
#ifndef DEVICES_VIRTIO_BALLOON_H
#define DEVICES_VIRTIO_BALLOON_H

#include "devices/core/device.h"

extern const struct dev_class virtio_balloon_class;

#define BALLOON_PAGE  4096u
#define BALLOON_STATS 10 /* by tag: swapped in, out, major, minor faults, free, total, available,
                          * caches, huge pages made, failed; bytes or counts; ~0: not known */
/* How many pages the guest shall give up. */
void balloon_set(struct device *d, uint32_t pages);
uint32_t balloon_actual(const struct device *d); /* how many it has given up */
/* What the guest told last; asks it for newer ones, which come a moment later. */
void balloon_stats(struct device *d, uint64_t stats[BALLOON_STATS]);

#endif
