# SPDX-License-Identifier: MIT
common_test_libs = frontends/common/libcommon.a base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += %D%/softfloat_test %D%/softfloat_host_test %D%/crypto_test
TESTS += %D%/softfloat_test %D%/softfloat_host_test %D%/crypto_test

%C%_crypto_test_SOURCES = %D%/crypto_test.c tests/unit.h
%C%_crypto_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_crypto_test_LDADD = $(common_test_libs)

%C%_softfloat_test_SOURCES = %D%/softfloat_test.c tests/unit.h
%C%_softfloat_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_softfloat_test_LDADD = $(common_test_libs)

%C%_softfloat_host_test_SOURCES = %D%/softfloat_host_test.c %D%/float_cases.h tests/unit.h
%C%_softfloat_host_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_softfloat_host_test_LDADD = $(common_test_libs)

if HAVE_MPFR
check_PROGRAMS += %D%/softfloat_mpfr_test
TESTS += %D%/softfloat_mpfr_test
%C%_softfloat_mpfr_test_SOURCES = %D%/softfloat_mpfr_test.c %D%/float_cases.h tests/unit.h
%C%_softfloat_mpfr_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(MPFR_CFLAGS)
%C%_softfloat_mpfr_test_LDADD = $(common_test_libs) $(MPFR_LIBS)
endif
