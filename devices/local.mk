# SPDX-License-Identifier: MIT
noinst_LIBRARIES += devices/libdevices.a
devices_libdevices_a_SOURCES = devices/core/device.h devices/core/internal.h
devices_libdevices_a_SOURCES += devices/block/pflash.c devices/block/pflash.h
devices_libdevices_a_SOURCES += devices/char/pl011.c devices/char/pl011.h
devices_libdevices_a_SOURCES += devices/core/device.c
devices_libdevices_a_SOURCES += devices/core/props.c
devices_libdevices_a_SOURCES += devices/core/regs.c
devices_libdevices_a_SOURCES += devices/core/save.c
devices_libdevices_a_SOURCES += devices/devices.c
devices_libdevices_a_SOURCES += devices/gpio/pl061.c devices/gpio/pl061.h
devices_libdevices_a_SOURCES += devices/misc/fw_cfg.c devices/misc/fw_cfg.h
devices_libdevices_a_SOURCES += devices/timer/pl031.c devices/timer/pl031.h
include devices/bus/local.mk
include devices/display/local.mk
include devices/intc/local.mk
include devices/net/local.mk
include devices/nvme/local.mk
devices_libdevices_a_SOURCES += devices/virtio/balloon.c devices/virtio/balloon.h
devices_libdevices_a_SOURCES += devices/virtio/blk.c devices/virtio/blk.h
devices_libdevices_a_SOURCES += devices/virtio/gpu.c devices/virtio/gpu.h
devices_libdevices_a_SOURCES += devices/virtio/gpu_edid.c devices/virtio/gpu_state.h
devices_libdevices_a_SOURCES += devices/virtio/gpu_res.c
devices_libdevices_a_SOURCES += devices/virtio/gpu_save.c
devices_libdevices_a_SOURCES += devices/virtio/input.c devices/virtio/input.h
devices_libdevices_a_SOURCES += devices/virtio/mmio.c devices/virtio/mmio.h
devices_libdevices_a_SOURCES += devices/virtio/net.c devices/virtio/net.h
devices_libdevices_a_SOURCES += devices/virtio/pci.c devices/virtio/pci.h
devices_libdevices_a_SOURCES += devices/virtio/queue.c
devices_libdevices_a_SOURCES += devices/virtio/rng.c devices/virtio/rng.h
devices_libdevices_a_SOURCES += devices/virtio/serial.c devices/virtio/serial.h
devices_libdevices_a_SOURCES += devices/virtio/virtio.c devices/virtio/virtio.h
