# SPDX-License-Identifier: MIT
block_test_libs = host/block/libblock.a base/libbase.a $(BLOCK_LIBS) $(CHECK_LIBS)

check_PROGRAMS += %D%/memdisk_test
%C%_memdisk_test_SOURCES = %D%/memdisk_test.c tests/unit.h
%C%_memdisk_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_memdisk_test_LDADD = $(block_test_libs)
