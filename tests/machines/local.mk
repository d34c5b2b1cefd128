# SPDX-License-Identifier: MIT
# Whole machines in the test's own process.
if MACHINES
check_PROGRAMS += tests/machines/firmware_test
tests_machines_firmware_test_SOURCES = tests/machines/firmware_test.c tests/unit.h
tests_machines_firmware_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(GLIB_CFLAGS)
tests_machines_firmware_test_LDADD = $(moa_LDADD) $(CHECK_LIBS)

check_PROGRAMS += tests/machines/flash_test
tests_machines_flash_test_SOURCES = tests/machines/flash_test.c tests/unit.h
tests_machines_flash_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(GLIB_CFLAGS)
tests_machines_flash_test_LDADD = $(moa_LDADD) $(CHECK_LIBS)
endif
