# SPDX-License-Identifier: MIT
block_test_libs = host/block/libblock.a base/libbase.a $(BLOCK_LIBS) $(CHECK_LIBS)

check_PROGRAMS += %D%/memdisk_test
%C%_memdisk_test_SOURCES = %D%/memdisk_test.c tests/unit.h
%C%_memdisk_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_memdisk_test_LDADD = $(block_test_libs)

check_PROGRAMS += %D%/qcow2_test
%C%_qcow2_test_SOURCES = %D%/qcow2_test.c %D%/model.c %D%/model.h %D%/tape.c %D%/tape.h tests/unit.h
%C%_qcow2_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_qcow2_test_LDADD = $(block_test_libs)

check_PROGRAMS += %D%/disk_test
%C%_disk_test_SOURCES = %D%/disk_test.c %D%/tape.c %D%/tape.h tests/unit.h
%C%_disk_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_disk_test_LDADD = $(block_test_libs)

noinst_PROGRAMS += %D%/hammer
%C%_hammer_SOURCES = %D%/hammer.c %D%/tape.c %D%/tape.h
%C%_hammer_LDADD = $(block_test_libs)

dist_check_SCRIPTS += %D%/img.sh %D%/kill.sh %D%/long.sh
TESTS += %D%/img.sh %D%/kill.sh

check_PROGRAMS += %D%/hostile_test
%C%_hostile_test_SOURCES = %D%/hostile_test.c %D%/tape.c %D%/tape.h tests/unit.h
%C%_hostile_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_hostile_test_LDADD = $(block_test_libs)
