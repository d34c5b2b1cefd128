# SPDX-License-Identifier: MIT
softmmu_test_libs = tests/tcg/libtoy.a softmmu/libsoftmmu.a $(tcg_test_libs) mem/libmem.a base/libbase.a

noinst_LIBRARIES += tests/softmmu/libbare.a
tests_softmmu_libbare_a_SOURCES = tests/softmmu/bare.c tests/softmmu/bare.h

if HAVE_CHECK
check_PROGRAMS += tests/softmmu/tlb_test
tests_softmmu_tlb_test_SOURCES = tests/softmmu/tlb_test.c tests/unit.h
tests_softmmu_tlb_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_softmmu_tlb_test_LDADD = tests/softmmu/libbare.a $(softmmu_test_libs) $(CHECK_LIBS)
endif

dist_check_SCRIPTS += tests/softmmu/fuzz.sh
TESTS += tests/softmmu/fuzz.sh

check_PROGRAMS += tests/softmmu/stress
tests_softmmu_stress_SOURCES = tests/softmmu/stress.c
tests_softmmu_stress_LDADD = tests/softmmu/libbare.a $(softmmu_test_libs)
