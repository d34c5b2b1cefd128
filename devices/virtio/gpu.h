/* SPDX-License-Identifier: MIT */
/* devices/virtio/gpu.h -- virtio GPU, two-dimensional. Its heads are joined by join_display. */
#ifndef DEVICES_VIRTIO_GPU_H
#define DEVICES_VIRTIO_GPU_H

#include "devices/core/device.h"

extern const struct dev_class virtio_gpu_class;

#endif
