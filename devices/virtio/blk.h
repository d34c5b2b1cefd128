/* SPDX-License-Identifier: MIT */
/* devices/virtio/blk.h -- virtio block device; join_block before realize. */
#ifndef DEVICES_VIRTIO_BLK_H
#define DEVICES_VIRTIO_BLK_H

#include "devices/core/device.h"

extern const struct dev_class virtio_blk_class;

#endif
