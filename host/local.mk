# SPDX-License-Identifier: MIT
noinst_LIBRARIES += host/libhost.a
host_libhost_a_SOURCES = host/user.c host/user.h
# Characters watch their descriptors in GLib's main loop: whole machines only.
if MACHINES
noinst_LIBRARIES += host/char/libchar.a
host_char_libchar_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
host_char_libchar_a_SOURCES = host/char.h host/char/char.c host/char/impl.h host/char/mux.c host/char/socket.c
endif
