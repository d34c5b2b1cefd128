/* SPDX-License-Identifier: MIT */
/* devices/virtio/net.h -- virtio network device; join_packets joins it with a network. */
#ifndef DEVICES_VIRTIO_NET_H
#define DEVICES_VIRTIO_NET_H

#include "devices/core/device.h"

extern const struct dev_class virtio_net_class;

#endif
