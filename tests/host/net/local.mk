# SPDX-License-Identifier: MIT
if MACHINES
check_PROGRAMS += tests/host/net/socket_test
tests_host_net_socket_test_SOURCES = tests/host/net/socket_test.c tests/unit.h
tests_host_net_socket_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(GLIB_CFLAGS)
tests_host_net_socket_test_LDADD = $(HOST_NET) base/libbase.a $(GLIB_LIBS) $(CHECK_LIBS)
if SLIRP
check_PROGRAMS += tests/host/net/user_test
tests_host_net_user_test_SOURCES = tests/host/net/user_test.c tests/unit.h
tests_host_net_user_test_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(GLIB_CFLAGS)
tests_host_net_user_test_LDADD = $(HOST_NET) base/libbase.a $(GLIB_LIBS) $(CHECK_LIBS)
endif
endif
