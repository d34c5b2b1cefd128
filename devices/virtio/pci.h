/* SPDX-License-Identifier: MIT */
/* devices/virtio/pci.h -- virtio functions as PCI devices. Each is a PCI function with the virtio
 * function inside: dev_inner() gives it, dev_set reaches the properties of both. */
#ifndef DEVICES_VIRTIO_PCI_H
#define DEVICES_VIRTIO_PCI_H

#include "devices/core/device.h"

extern const struct dev_class virtio_balloon_pci_class, virtio_blk_pci_class, virtio_gpu_pci_class,
    virtio_keyboard_pci_class, virtio_mouse_pci_class, virtio_net_pci_class, virtio_rng_pci_class,
    virtio_serial_pci_class, virtio_tablet_pci_class;

#endif
