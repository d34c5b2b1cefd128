# SPDX-License-Identifier: MIT
devices_libdevices_a_SOURCES += devices/bus/pci.c devices/bus/pci.h
devices_libdevices_a_SOURCES += devices/bus/pci_host.c
devices_libdevices_a_SOURCES += devices/bus/pci_msi.c
EXTRA_DIST += devices/bus/README.md
