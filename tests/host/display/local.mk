# SPDX-License-Identifier: MIT
if MACHINES
check_PROGRAMS += tests/host/display/display_test
tests_host_display_display_test_SOURCES = tests/host/display/display_test.c tests/unit.h
tests_host_display_display_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(GLIB_CFLAGS) $(SDL_CFLAGS)
tests_host_display_display_test_LDADD = $(HOST_DISPLAY) base/libbase.a $(GLIB_LIBS) $(CHECK_LIBS)
endif
