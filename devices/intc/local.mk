# SPDX-License-Identifier: MIT
devices_libdevices_a_SOURCES += devices/intc/gicv2.c devices/intc/gicv2.h
devices_libdevices_a_SOURCES += devices/intc/gicv2_dist.c devices/intc/gicv2_state.h
devices_libdevices_a_SOURCES += devices/intc/gicv2m.c
EXTRA_DIST += devices/intc/README.md
