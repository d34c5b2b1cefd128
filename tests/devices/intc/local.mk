# SPDX-License-Identifier: MIT
noinst_LIBRARIES += tests/devices/intc/libbench.a
tests_devices_intc_libbench_a_SOURCES = tests/devices/intc/bench.c tests/devices/intc/bench.h

intc_test_libs = tests/devices/intc/libbench.a devices/intc/libintc.a base/libbase.a

check_PROGRAMS += tests/devices/intc/gicv2_test
tests_devices_intc_gicv2_test_SOURCES = tests/devices/intc/gicv2_test.c tests/unit.h
tests_devices_intc_gicv2_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_intc_gicv2_test_LDADD = $(intc_test_libs) $(CHECK_LIBS)
