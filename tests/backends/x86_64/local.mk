# SPDX-License-Identifier: MIT
check_PROGRAMS += %D%/float_test
%C%_float_test_SOURCES = %D%/float_test.c %D%/fake_gen.c %D%/fake_gen.h tests/unit.h
%C%_float_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_float_test_LDADD = backends/x86_64/libx64.a tcg/libtcg.a frontends/common/libcommon.a \
    base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += %D%/emit_test
%C%_emit_test_SOURCES = %D%/emit_test.c tests/unit.h
%C%_emit_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(CAPSTONE_CFLAGS)
%C%_emit_test_LDADD = backends/x86_64/libx64.a tcg/libtcg.a frontends/common/libcommon.a \
    base/libbase.a $(CHECK_LIBS) $(CAPSTONE_LIBS)
