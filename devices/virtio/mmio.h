/* SPDX-License-Identifier: MIT */
/* devices/virtio/mmio.h -- virtio over MMIO: a slot of 512 bytes of registers and one line, which a
 * function can be plugged into (make the function with the slot as its parent). */
#ifndef DEVICES_VIRTIO_MMIO_H
#define DEVICES_VIRTIO_MMIO_H

#include "devices/core/device.h"

extern const struct dev_class virtio_mmio_class;

#endif
