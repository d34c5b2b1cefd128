# SPDX-License-Identifier: MIT
devices_libdevices_a_SOURCES += devices/net/e1000e.c devices/net/e1000e.h
devices_libdevices_a_SOURCES += devices/net/e1000e_rx.c devices/net/e1000e_state.h
devices_libdevices_a_SOURCES += devices/net/e1000e_tx.c
EXTRA_DIST += devices/net/README.md
