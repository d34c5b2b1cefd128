# SPDX-License-Identifier: MIT
check_PROGRAMS += tests/devices/bus/pci_test
tests_devices_bus_pci_test_SOURCES = tests/devices/bus/pci_test.c tests/unit.h
tests_devices_bus_pci_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_bus_pci_test_LDADD = $(device_test_libs)
