# SPDX-License-Identifier: MIT
tcg_test_libs = backends/libbackends.a $(X64_LIB) backends/interp/libinterp.a tcg/libtcg.a \
	frontends/common/libcommon.a base/libbase.a $(FFI_LIBS)

noinst_LIBRARIES += tests/tcg/libtoy.a
tests_tcg_libtoy_a_SOURCES = \
	tests/tcg/case.c tests/tcg/case.h \
	tests/tcg/toy.c tests/tcg/toy.h \
	tests/tcg/toy_helpers.c

check_PROGRAMS += tests/tcg/ir_cases_test
tests_tcg_ir_cases_test_SOURCES = tests/tcg/ir_cases_test.c
tests_tcg_ir_cases_test_LDADD = tests/tcg/libtoy.a $(tcg_test_libs)
EXTRA_DIST += tests/tcg/cases/hard_arm64.ir
EXTRA_DIST += tests/tcg/cases/hard_flags.ir
EXTRA_DIST += tests/tcg/cases/hard_float.ir
EXTRA_DIST += tests/tcg/cases/hard_memory.ir
EXTRA_DIST += tests/tcg/cases/hard_ppc.ir
EXTRA_DIST += tests/tcg/cases/hard_tricore.ir
EXTRA_DIST += tests/tcg/cases/hard_x86.ir
EXTRA_DIST += tests/tcg/cases/pressure.ir

check_PROGRAMS += tests/tcg/ir_fuzz
tests_tcg_ir_fuzz_SOURCES = tests/tcg/ir_fuzz.c tests/tcg/ir_fuzz.h tests/tcg/ir_fuzz_gen.c \
	tests/tcg/ir_fuzz_gen.h tests/tcg/ir_fuzz_mem.c tests/tcg/ir_fuzz_op.c
tests_tcg_ir_fuzz_LDADD = tests/softmmu/libbare.a $(softmmu_test_libs)

if HAVE_CHECK
check_PROGRAMS += tests/tcg/vec_test
tests_tcg_vec_test_SOURCES = tests/tcg/vec_test.c tests/unit.h
tests_tcg_vec_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_tcg_vec_test_LDADD = tcg/libtcg.a frontends/common/libcommon.a base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += tests/tcg/fold_test
tests_tcg_fold_test_SOURCES = tests/tcg/fold_test.c tests/unit.h
tests_tcg_fold_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_tcg_fold_test_LDADD = tests/tcg/libtoy.a $(tcg_test_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/tcg/verify_test
tests_tcg_verify_test_SOURCES = tests/tcg/verify_test.c tests/unit.h
tests_tcg_verify_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_tcg_verify_test_LDADD = tests/tcg/libtoy.a $(tcg_test_libs) $(CHECK_LIBS)
endif
