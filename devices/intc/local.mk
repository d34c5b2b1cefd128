# SPDX-License-Identifier: MIT
devices_libdevices_a_SOURCES += devices/intc/gicv2.c devices/intc/gicv2.h
devices_libdevices_a_SOURCES += devices/intc/gicv2_dist.c devices/intc/gicv2_state.h
devices_libdevices_a_SOURCES += devices/intc/gicv2m.c
devices_libdevices_a_SOURCES += devices/intc/gicv3.c devices/intc/gicv3.h
devices_libdevices_a_SOURCES += devices/intc/gicv3_cpu.c devices/intc/gicv3_state.h
devices_libdevices_a_SOURCES += devices/intc/gicv3_dist.c
devices_libdevices_a_SOURCES += devices/intc/gicv3_its.c devices/intc/gicv3_its.h
devices_libdevices_a_SOURCES += devices/intc/gicv3_its_cmd.c
devices_libdevices_a_SOURCES += devices/intc/gicv3_lpi.c
devices_libdevices_a_SOURCES += devices/intc/gicv3_redist.c
EXTRA_DIST += devices/intc/README.md
