# SPDX-License-Identifier: MIT
noinst_LIBRARIES += devices/intc/libintc.a
devices_intc_libintc_a_SOURCES =
devices_intc_libintc_a_SOURCES += devices/intc/gicv2.c
devices_intc_libintc_a_SOURCES += devices/intc/gicv2_dist.c
devices_intc_libintc_a_SOURCES += devices/intc/gicv2m.c
noinst_HEADERS += devices/intc/gicv2.h devices/intc/gicv2_state.h
EXTRA_DIST += devices/intc/README.md
