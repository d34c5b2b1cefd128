# SPDX-License-Identifier: MIT
if MACHINES
noinst_LIBRARIES += host/net/libnet.a
host_net_libnet_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SLIRP_CFLAGS)
host_net_libnet_a_SOURCES = host/net/dgram.c
host_net_libnet_a_SOURCES += host/net/net.c host/net/net.h host/net/impl.h
host_net_libnet_a_SOURCES += host/net/socket.c host/net/socket.h
host_net_libnet_a_SOURCES += host/net/stream.c
host_net_libnet_a_SOURCES += host/net/tap.c
if SLIRP
host_net_libnet_a_SOURCES += host/net/user.c
endif
HOST_NET = host/net/libnet.a $(SLIRP_LIBS)
endif
EXTRA_DIST += host/net/README.md
