# SPDX-License-Identifier: MIT
# One program a device; suite_test goes over all classes.
device_tests = tests/devices/pl011_test tests/devices/suite_test
check_PROGRAMS += $(device_tests)
device_test_libs = devices/libdevices.a mem/libmem.a base/libbase.a $(CHECK_LIBS)
device_bench = tests/devices/bench.c tests/devices/bench.h tests/unit.h

tests_devices_pl011_test_SOURCES = tests/devices/pl011_test.c $(device_bench)
tests_devices_pl011_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_pl011_test_LDADD = $(device_test_libs)
tests_devices_suite_test_SOURCES = tests/devices/suite_test.c $(device_bench)
tests_devices_suite_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_suite_test_LDADD = $(device_test_libs)
