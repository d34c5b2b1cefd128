# SPDX-License-Identifier: MIT
noinst_LIBRARIES += backends/x86_64/libx64.a
backends_x86_64_libx64_a_SOURCES = \
	backends/x86_64/emit.c backends/x86_64/emit.h \
	backends/x86_64/emit_simd.c \
	backends/x86_64/gen.h

