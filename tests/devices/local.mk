# SPDX-License-Identifier: MIT
# One program a device; suite_test goes over all classes.
device_test_libs = devices/libdevices.a mem/libmem.a base/libbase.a $(CHECK_LIBS)
device_bench = tests/devices/bench.c tests/devices/bench.h tests/unit.h

check_PROGRAMS += tests/devices/fw_cfg_test
tests_devices_fw_cfg_test_SOURCES = tests/devices/fw_cfg_test.c $(device_bench)
tests_devices_fw_cfg_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_fw_cfg_test_LDADD = $(device_test_libs)

check_PROGRAMS += tests/devices/pflash_test
tests_devices_pflash_test_SOURCES = tests/devices/pflash_test.c $(device_bench)
tests_devices_pflash_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_pflash_test_LDADD = $(device_test_libs)

check_PROGRAMS += tests/devices/pl011_test
tests_devices_pl011_test_SOURCES = tests/devices/pl011_test.c $(device_bench)
tests_devices_pl011_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_pl011_test_LDADD = $(device_test_libs)

check_PROGRAMS += tests/devices/pl031_test
tests_devices_pl031_test_SOURCES = tests/devices/pl031_test.c $(device_bench)
tests_devices_pl031_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_pl031_test_LDADD = $(device_test_libs)

check_PROGRAMS += tests/devices/pl061_test
tests_devices_pl061_test_SOURCES = tests/devices/pl061_test.c $(device_bench)
tests_devices_pl061_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_pl061_test_LDADD = $(device_test_libs)

check_PROGRAMS += tests/devices/suite_test
tests_devices_suite_test_SOURCES = tests/devices/suite_test.c $(device_bench)
tests_devices_suite_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_suite_test_LDADD = $(device_test_libs)

check_PROGRAMS += tests/devices/virtio_test
tests_devices_virtio_test_SOURCES = tests/devices/virtio_test.c tests/devices/vdrv.c tests/devices/vdrv.h $(device_bench)
tests_devices_virtio_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_virtio_test_LDADD = $(device_test_libs)

check_PROGRAMS += tests/devices/blk_test
tests_devices_blk_test_SOURCES = tests/devices/blk_test.c tests/devices/vdrv.c tests/devices/vdrv.h $(device_bench)
tests_devices_blk_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_blk_test_LDADD = $(device_test_libs)

check_PROGRAMS += tests/devices/net_test
tests_devices_net_test_SOURCES = tests/devices/net_test.c tests/devices/vdrv.c tests/devices/vdrv.h $(device_bench)
tests_devices_net_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_net_test_LDADD = $(device_test_libs)

check_PROGRAMS += tests/devices/virtio_pci_test
tests_devices_virtio_pci_test_SOURCES = tests/devices/virtio_pci_test.c $(device_bench)
tests_devices_virtio_pci_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_virtio_pci_test_LDADD = $(device_test_libs)

check_PROGRAMS += tests/devices/nvme_test
tests_devices_nvme_test_SOURCES = tests/devices/nvme_test.c $(device_bench)
tests_devices_nvme_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_nvme_test_LDADD = $(device_test_libs)
check_PROGRAMS += tests/devices/core_test
tests_devices_core_test_SOURCES = tests/devices/core_test.c tests/unit.h
tests_devices_core_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_core_test_LDADD = $(device_test_libs)

check_PROGRAMS += tests/devices/serial_test
tests_devices_serial_test_SOURCES = tests/devices/serial_test.c tests/devices/vdrv.c tests/devices/vdrv.h $(device_bench)
tests_devices_serial_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_serial_test_LDADD = $(device_test_libs)

check_PROGRAMS += tests/devices/e1000e_test
tests_devices_e1000e_test_SOURCES = tests/devices/e1000e_test.c $(device_bench)
tests_devices_e1000e_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_e1000e_test_LDADD = $(device_test_libs)

check_PROGRAMS += tests/devices/gpu_test
tests_devices_gpu_test_SOURCES = tests/devices/gpu_test.c tests/devices/vdrv.c tests/devices/vdrv.h $(device_bench)
tests_devices_gpu_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_gpu_test_LDADD = $(device_test_libs)

check_PROGRAMS += tests/devices/input_test
tests_devices_input_test_SOURCES = tests/devices/input_test.c tests/devices/vdrv.c tests/devices/vdrv.h $(device_bench)
tests_devices_input_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_devices_input_test_LDADD = $(device_test_libs)
