# SPDX-License-Identifier: MIT
check_PROGRAMS += tests/mem/mem_test
tests_mem_mem_test_SOURCES = tests/mem/mem_test.c tests/unit.h
tests_mem_mem_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_mem_mem_test_LDADD = mem/libmem.a base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += tests/mem/tree_test
tests_mem_tree_test_SOURCES = tests/mem/tree_test.c tests/unit.h
tests_mem_tree_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_mem_tree_test_LDADD = mem/libmem.a base/libbase.a $(CHECK_LIBS)
