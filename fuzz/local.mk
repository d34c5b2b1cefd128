# SPDX-License-Identifier: MIT
# Fuzz targets: with --enable-fuzzers programs for libFuzzer, otherwise check programs with a plain
# mutator that "make check" runs for a moment each.
fuzz_programs = fuzz/elf_fuzz fuzz/gdb_fuzz fuzz/ir_fuzz fuzz/options_fuzz fuzz/qcow2_fuzz fuzz/translate_fuzz
fuzz_programs += fuzz/devices_fuzz fuzz/virtio_fuzz
if FUZZERS
noinst_PROGRAMS += $(fuzz_programs)
fuzz_main = fuzz/fuzz.h
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
else
check_PROGRAMS += $(fuzz_programs)
fuzz_main = fuzz/fuzz.h fuzz/driver.c
fuzz_ldflags = $(AM_LDFLAGS)
endif
fuzz_libs = linux-user/liblinux_user.a debug/libdebug.a host/libhost.a frontends/libfrontends.a \
	frontends/arm64/libarm64.a backends/libbackends.a $(X64_LIB) backends/interp/libinterp.a tcg/libtcg.a \
	frontends/arm64/libarm64.a tcg/libtcg.a frontends/common/libcommon.a base/libbase.a $(FFI_LIBS) \
	$(CAPSTONE_LIBS)

fuzz_devices_fuzz_SOURCES = fuzz/devices.c tests/devices/bench.c tests/devices/bench.h $(fuzz_main)
fuzz_devices_fuzz_LDADD = devices/libdevices.a mem/libmem.a base/libbase.a
fuzz_devices_fuzz_LDFLAGS = $(fuzz_ldflags)
fuzz_virtio_fuzz_SOURCES = fuzz/virtio.c tests/devices/bench.c tests/devices/bench.h tests/devices/vdrv.c \
	tests/devices/vdrv.h $(fuzz_main)
fuzz_virtio_fuzz_LDADD = devices/libdevices.a mem/libmem.a base/libbase.a
fuzz_virtio_fuzz_LDFLAGS = $(fuzz_ldflags)
fuzz_elf_fuzz_SOURCES = fuzz/elf.c $(fuzz_main)
fuzz_elf_fuzz_LDADD = $(fuzz_libs)
fuzz_elf_fuzz_LDFLAGS = $(fuzz_ldflags)
fuzz_gdb_fuzz_SOURCES = fuzz/gdb.c $(fuzz_main)
fuzz_gdb_fuzz_LDADD = $(fuzz_libs)
fuzz_gdb_fuzz_LDFLAGS = $(fuzz_ldflags)
fuzz_ir_fuzz_SOURCES = fuzz/ir.c $(fuzz_main)
fuzz_ir_fuzz_LDADD = tests/tcg/libtoy.a $(tcg_test_libs)
fuzz_ir_fuzz_LDFLAGS = $(fuzz_ldflags)
fuzz_options_fuzz_SOURCES = fuzz/options.c $(fuzz_main)
fuzz_options_fuzz_LDADD = cmd/libcmd.a $(fuzz_libs)
fuzz_options_fuzz_LDFLAGS = $(fuzz_ldflags)
fuzz_qcow2_fuzz_SOURCES = fuzz/qcow2.c $(fuzz_main)
fuzz_qcow2_fuzz_LDADD = host/block/libblock.a base/libbase.a $(BLOCK_LIBS)
fuzz_qcow2_fuzz_LDFLAGS = $(fuzz_ldflags)
fuzz_translate_fuzz_SOURCES = fuzz/translate.c $(fuzz_main)
fuzz_translate_fuzz_LDADD = $(fuzz_libs)
fuzz_translate_fuzz_LDFLAGS = $(fuzz_ldflags)
EXTRA_DIST += fuzz/corpus
