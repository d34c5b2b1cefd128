# SPDX-License-Identifier: MIT
noinst_LIBRARIES += backends/interp/libinterp.a
backends_interp_libinterp_a_CFLAGS = $(AM_CFLAGS) $(FFI_CFLAGS)
backends_interp_libinterp_a_SOURCES = \
	backends/interp/access.c \
	backends/interp/backend.h \
	backends/interp/call.c \
	backends/interp/decode.c \
	backends/interp/float.c \
	backends/interp/interp.c backends/interp/interp.h \
	backends/interp/run.c
