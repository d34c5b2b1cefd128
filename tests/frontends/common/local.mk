# SPDX-License-Identifier: MIT
common_test_libs = frontends/common/libcommon.a base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += %D%/softfloat_host_test
%C%_softfloat_host_test_SOURCES = %D%/softfloat_host_test.c %D%/float_cases.h tests/unit.h
%C%_softfloat_host_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_softfloat_host_test_LDADD = $(common_test_libs)
