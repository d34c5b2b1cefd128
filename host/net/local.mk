# SPDX-License-Identifier: MIT
if SLIRP
noinst_LIBRARIES += host/net/libnet.a
host_net_libnet_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SLIRP_CFLAGS)
host_net_libnet_a_SOURCES = host/net/net.h host/net/user.c
HOST_NET = host/net/libnet.a $(SLIRP_LIBS)
endif
EXTRA_DIST += host/net/README.md
