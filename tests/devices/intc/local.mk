# SPDX-License-Identifier: MIT
intc_tests = tests/devices/intc/gicv3_fuzz_test tests/devices/intc/gicv3_its_test tests/devices/intc/gicv3_test tests/devices/intc/gicv2_test tests/devices/intc/gicv2_fuzz_test
check_PROGRAMS += $(intc_tests)
intc_bench = tests/devices/intc/bench.c tests/devices/intc/bench.h tests/unit.h

tests_devices_intc_gicv2_test_SOURCES = tests/devices/intc/gicv2_test.c $(intc_bench)
tests_devices_intc_gicv2_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_intc_gicv2_test_LDADD = $(device_test_libs)
tests_devices_intc_gicv2_fuzz_test_SOURCES = tests/devices/intc/gicv2_fuzz_test.c $(intc_bench)
tests_devices_intc_gicv2_fuzz_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_intc_gicv2_fuzz_test_LDADD = $(device_test_libs)
tests_devices_intc_gicv3_test_SOURCES = tests/devices/intc/gicv3_test.c $(intc_bench)
tests_devices_intc_gicv3_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_intc_gicv3_test_LDADD = $(device_test_libs)
tests_devices_intc_gicv3_its_test_SOURCES = tests/devices/intc/gicv3_its_test.c $(intc_bench)
tests_devices_intc_gicv3_its_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_intc_gicv3_its_test_LDADD = $(device_test_libs)
tests_devices_intc_gicv3_fuzz_test_SOURCES = tests/devices/intc/gicv3_fuzz_test.c $(intc_bench)
tests_devices_intc_gicv3_fuzz_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_intc_gicv3_fuzz_test_LDADD = $(device_test_libs)
