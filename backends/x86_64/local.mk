# SPDX-License-Identifier: MIT
noinst_LIBRARIES += backends/x86_64/libx64.a
backends_x86_64_libx64_a_SOURCES = \
	backends/x86_64/emit.c backends/x86_64/emit.h \
	backends/x86_64/emit_simd.c \
	backends/x86_64/gen.h


# Float and vector operations.
backends_x86_64_libx64_a_SOURCES += \
	backends/x86_64/emit_fallback.c \
	backends/x86_64/emit_float.c \
	backends/x86_64/emit_float_cmp.c \
	backends/x86_64/emit_float_cvt.c \
	backends/x86_64/emit_sse.c backends/x86_64/emit_sse.h \
	backends/x86_64/emit_vec.c \
	backends/x86_64/emit_vec_arith.c \
	backends/x86_64/emit_vec_bits.c \
	backends/x86_64/emit_vec_float.c \
	backends/x86_64/emit_vec_permute.c \
	backends/x86_64/emit_vec_widen.c \
	backends/x86_64/gen_float.h backends/x86_64/gen_vec.h
