# SPDX-License-Identifier: MIT
check_PROGRAMS += %D%/float_test
%C%_float_test_SOURCES = %D%/float_test.c %D%/fake_gen.c %D%/fake_gen.h
%C%_float_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
