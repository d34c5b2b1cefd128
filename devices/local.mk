# SPDX-License-Identifier: MIT
noinst_LIBRARIES += devices/libdevices.a
devices_libdevices_a_SOURCES = devices/core/device.h devices/core/internal.h
devices_libdevices_a_SOURCES += devices/char/pl011.c devices/char/pl011.h
devices_libdevices_a_SOURCES += devices/core/device.c
devices_libdevices_a_SOURCES += devices/core/props.c
devices_libdevices_a_SOURCES += devices/core/regs.c
devices_libdevices_a_SOURCES += devices/core/save.c
devices_libdevices_a_SOURCES += devices/devices.c
include devices/intc/local.mk
