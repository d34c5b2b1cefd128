// SPDX-License-Identifier: MIT
/* devices/devices.c -- the table of all device classes. A new model is one line here. */
#include "devices/block/pflash.h"
#include "devices/bus/pci.h"
#include "devices/char/pl011.h"
#include "devices/core/device.h"
#include "devices/display/ramfb.h"
#include "devices/gpio/pl061.h"
#include "devices/intc/gicv2.h"
#include "devices/intc/gicv3.h"
#include "devices/misc/fw_cfg.h"
#include "devices/net/e1000e.h"
#include "devices/nvme/nvme.h"
#include "devices/timer/pl031.h"
#include "devices/virtio/balloon.h"
#include "devices/virtio/blk.h"
#include "devices/virtio/gpu.h"
#include "devices/virtio/input.h"
#include "devices/virtio/mmio.h"
#include "devices/virtio/net.h"
#include "devices/virtio/pci.h"
#include "devices/virtio/rng.h"
#include "devices/virtio/serial.h"

const struct dev_class *const dev_classes[] = {
    &fw_cfg_class,
    &gicv2_class,
    &gicv2m_class,
    &pflash_class,
    &gicv3_class,
    &gicv3_its_class,
    &pci_host_class,
    &pci_root_class,
    &e1000e_class,
    &nvme_class,
    &pl011_class,
    &pl031_class,
    &pl061_class,
    &ramfb_class,
    &virtio_balloon_class,
    &virtio_balloon_pci_class,
    &virtio_blk_class,
    &virtio_blk_pci_class,
    &virtio_gpu_class,
    &virtio_gpu_pci_class,
    &virtio_keyboard_class,
    &virtio_keyboard_pci_class,
    &virtio_mouse_class,
    &virtio_mouse_pci_class,
    &virtio_net_pci_class,
    &virtio_rng_pci_class,
    &virtio_mmio_class,
    &virtio_net_class,
    &virtconsole_class,
    &virtio_rng_class,
    &virtio_serial_class,
    &virtio_serial_pci_class,
    &virtio_tablet_class,
    &virtio_tablet_pci_class,
    &virtserialport_class,
    NULL,
};
