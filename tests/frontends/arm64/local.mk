# SPDX-License-Identifier: MIT
arm64_test_libs = frontends/libfrontends.a frontends/arm64/libarm64.a backends/libbackends.a $(X64_LIB) \
	backends/interp/libinterp.a tcg/libtcg.a frontends/arm64/libarm64.a tcg/libtcg.a \
	frontends/common/libcommon.a base/libbase.a $(FFI_LIBS) $(CHECK_LIBS)
check_PROGRAMS += tests/frontends/arm64/translate_test tests/frontends/arm64/exec_test
tests_frontends_arm64_translate_test_SOURCES = tests/frontends/arm64/translate_test.c
tests_frontends_arm64_translate_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_frontends_arm64_translate_test_LDADD = $(arm64_test_libs)
tests_frontends_arm64_exec_test_SOURCES = tests/frontends/arm64/exec_test.c
tests_frontends_arm64_exec_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_frontends_arm64_exec_test_LDADD = $(arm64_test_libs)
EXTRA_DIST += tests/frontends/arm64/vectors.def
EXTRA_DIST += tests/frontends/arm64/accesses.def tests/frontends/arm64/exceptions.def
EXTRA_DIST += tests/frontends/arm64/walks.def
check_PROGRAMS += tests/frontends/arm64/decode_test
tests_frontends_arm64_decode_test_SOURCES = tests/frontends/arm64/decode_test.c
tests_frontends_arm64_decode_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_frontends_arm64_decode_test_LDADD = $(arm64_test_libs)
check_PROGRAMS += tests/frontends/arm64/system_test
tests_frontends_arm64_system_test_SOURCES = tests/frontends/arm64/system_test.c
tests_frontends_arm64_system_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_frontends_arm64_system_test_LDADD = $(arm64_test_libs)
check_PROGRAMS += tests/frontends/arm64/system_run_test
tests_frontends_arm64_system_run_test_SOURCES = tests/frontends/arm64/system_run_test.c
tests_frontends_arm64_system_run_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_frontends_arm64_system_run_test_LDADD = $(arm64_test_libs)
EXTRA_DIST += tests/frontends/arm64/fake.h
