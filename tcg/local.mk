# SPDX-License-Identifier: MIT
noinst_LIBRARIES += tcg/libtcg.a
tcg_libtcg_a_SOURCES = \
	tcg/backend.h \
	tcg/builder.c tcg/builder.h \
	tcg/cache.c tcg/cache.h \
	tcg/codemem.c \
	tcg/engine.c tcg/engine.h \
	tcg/eval.c \
	tcg/float.h \
	tcg/fold.c tcg/fold.h \
	tcg/ir.c tcg/ir.h \
	tcg/ops.def \
	tcg/region.h \
	tcg/vcpu.h \
	tcg/vec.h tcg/vec_lane.h tcg/vec_rows.def \
	tcg/vec_crypto.c tcg/vec_float.c tcg/vec_int.c tcg/vec_permute.c \
	tcg/vec_ref.c tcg/vec_sat.c tcg/vec_widen.c
	tcg/vec.h \
	tcg/watch.c tcg/watch.h
