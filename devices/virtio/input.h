/* SPDX-License-Identifier: MIT */
/* devices/virtio/input.h -- virtio keyboard, mouse and tablet: they take struct input_in's events.
 */
#ifndef DEVICES_VIRTIO_INPUT_H
#define DEVICES_VIRTIO_INPUT_H

#include "devices/core/device.h"

extern const struct dev_class virtio_keyboard_class, virtio_mouse_class, virtio_tablet_class;

#endif
