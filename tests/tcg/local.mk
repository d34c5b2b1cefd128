# SPDX-License-Identifier: MIT
tcg_test_libs = backends/libbackends.a backends/interp/libinterp.a tcg/libtcg.a \
	frontends/common/libcommon.a base/libbase.a $(FFI_LIBS)

noinst_LIBRARIES += tests/tcg/libtoy.a
tests_tcg_libtoy_a_SOURCES = \
	tests/tcg/case.c tests/tcg/case.h \
	tests/tcg/toy.c tests/tcg/toy.h \
	tests/tcg/toy_helpers.c

check_PROGRAMS += tests/tcg/ir_cases_test
TESTS += tests/tcg/ir_cases_test
tests_tcg_ir_cases_test_SOURCES = tests/tcg/ir_cases_test.c
tests_tcg_ir_cases_test_LDADD = tests/tcg/libtoy.a $(tcg_test_libs)
EXTRA_DIST += $(srcdir)/tests/tcg/cases
