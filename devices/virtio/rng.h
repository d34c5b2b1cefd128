/* SPDX-License-Identifier: MIT */
/* devices/virtio/rng.h -- virtio entropy device; join_random before realize. */
#ifndef DEVICES_VIRTIO_RNG_H
#define DEVICES_VIRTIO_RNG_H

#include "devices/core/device.h"

extern const struct dev_class virtio_rng_class;

#endif
