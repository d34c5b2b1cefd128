# SPDX-License-Identifier: MIT
if MACHINES
noinst_LIBRARIES += machines/libmachines.a
machines_libmachines_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
machines_libmachines_a_SOURCES = machines/boards.c
machines_libmachines_a_SOURCES += machines/acpi.c machines/acpi.h
machines_libmachines_a_SOURCES += machines/aml.c machines/aml.h
machines_libmachines_a_SOURCES += machines/blockdev.c machines/blockdev.h
machines_libmachines_a_SOURCES += machines/chars.c
machines_libmachines_a_SOURCES += machines/control.c
machines_libmachines_a_SOURCES += machines/core_arm64.c machines/core_arm64.h
machines_libmachines_a_SOURCES += machines/debug.c
machines_libmachines_a_SOURCES += machines/dict.c machines/dict.h
machines_libmachines_a_SOURCES += machines/drives.c
machines_libmachines_a_SOURCES += machines/flash.c
machines_libmachines_a_SOURCES += machines/dump.c
machines_libmachines_a_SOURCES += machines/loader.c machines/loader.h
machines_libmachines_a_SOURCES += machines/loop.c
machines_libmachines_a_SOURCES += machines/machine.c machines/machine.h
machines_libmachines_a_SOURCES += machines/nets.c
machines_libmachines_a_SOURCES += machines/plug.c
machines_libmachines_a_SOURCES += machines/psci_arm64.c machines/psci_arm64.h
machines_libmachines_a_SOURCES += machines/time.c
machines_libmachines_a_SOURCES += machines/smbios.c machines/smbios.h
machines_libmachines_a_SOURCES += machines/virt_acpi.c
machines_libmachines_a_SOURCES += machines/virt_arm64.c machines/virt_arm64.h
machines_libmachines_a_SOURCES += machines/virt_boot.c
machines_libmachines_a_SOURCES += machines/virt_fdt.c
machines_libmachines_a_SOURCES += machines/virt_gic.c
machines_libmachines_a_SOURCES += machines/virt_pci.c
machines_libmachines_a_SOURCES += machines/words.c machines/words.h
endif
