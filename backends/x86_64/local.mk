# SPDX-License-Identifier: MIT
noinst_LIBRARIES += backends/x86_64/libx64.a
backends_x86_64_libx64_a_SOURCES =
backends_x86_64_libx64_a_SOURCES += backends/x86_64/emit.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/emit.h
backends_x86_64_libx64_a_SOURCES += backends/x86_64/emit_fallback.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/emit_float.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/emit_float_cmp.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/emit_float_cvt.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/emit_simd.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/emit_sse.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/emit_sse.h
backends_x86_64_libx64_a_SOURCES += backends/x86_64/emit_vec.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/emit_vec_arith.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/emit_vec_bits.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/emit_vec_float.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/emit_vec_permute.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/emit_vec_widen.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/gen.h
backends_x86_64_libx64_a_SOURCES += backends/x86_64/gen_flags.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/gen_float.h
backends_x86_64_libx64_a_SOURCES += backends/x86_64/gen_int.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/gen_priv.h
backends_x86_64_libx64_a_SOURCES += backends/x86_64/gen_vec.h
backends_x86_64_libx64_a_SOURCES += backends/x86_64/liveness.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/regalloc.c
backends_x86_64_libx64_a_SOURCES += backends/x86_64/units.c
backends_x86_64_libx64_a_SOURCES = \
	backends/x86_64/emit.c backends/x86_64/emit.h \
	backends/x86_64/emit_simd.c \
	backends/x86_64/backend.c backends/x86_64/backend.h \
	backends/x86_64/compile.c \
	backends/x86_64/gen.h backends/x86_64/gen_priv.h \
	backends/x86_64/gen_atomic.c \
	backends/x86_64/gen_call.c \
	backends/x86_64/gen_control.c \
	backends/x86_64/gen_flags.c \
	backends/x86_64/gen_int.c \
	backends/x86_64/gen_mem.c \
	backends/x86_64/liveness.c \
	backends/x86_64/regalloc.c \
	backends/x86_64/snapshot.c \
	backends/x86_64/stubs.c \
	backends/x86_64/units.c


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
