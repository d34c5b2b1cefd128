/* SPDX-License-Identifier: MIT */
/* devices/virtio/serial.h -- virtio console device ("virtio-serial") and the ports that are plugged
 * into it: virtconsole, a terminal, and virtserialport, a named channel. A port is made as the
 * child of the innermost device (dev_inner); join_bytes of the port joins it. */
#ifndef DEVICES_VIRTIO_SERIAL_H
#define DEVICES_VIRTIO_SERIAL_H

#include "devices/core/device.h"

extern const struct dev_class virtio_serial_class, virtconsole_class, virtserialport_class;

#endif
