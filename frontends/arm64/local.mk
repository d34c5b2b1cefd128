# SPDX-License-Identifier: MIT
# The decoder is generated: gen_decode runs on the build machine.
noinst_LIBRARIES += frontends/arm64/libarm64.a
a64_defs = frontends/arm64/insn.def frontends/arm64/insn_base.def frontends/arm64/insn_ldst.def \
           frontends/arm64/insn_fp.def frontends/arm64/insn_simd.def \
           frontends/arm64/insn_simd_scalar.def
frontends_arm64_libarm64_a_SOURCES = $(a64_defs)
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/config.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/cpu.h
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/feature.def
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/feature.h
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/frontend.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/helper.h
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/helper_crypto.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/helper_crypto.h
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/helper_pauth.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/helper_simd.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/helper_simd.h
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/helper_system.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/key.h
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/regs.def
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/simd.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/simd.h
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_atomic.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_branch.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_crypto.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_dp_imm.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_dp_reg.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_fp.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_fp_cvt.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_ldst.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_ldst_excl.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_mops.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_pauth.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_simd_float.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_simd_float_elem.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_simd_float1.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_simd_ldst.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_simd_misc.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_simd_same.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_simd_shift.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_simd_struct.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_simd_wide.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_system.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/translate.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/translate.h
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/units.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/exception.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/pmu.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/save.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/sysreg.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/sysreg.h
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/sysreg_hooks.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/sysregs.def
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/system.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/system.h
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/timer.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/tlbi.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_sys.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/trans_sys.h
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/walk.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/walk.h
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/config_id.c
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/config.h
frontends_arm64_libarm64_a_SOURCES += frontends/arm64/debug_regs.c
nodist_frontends_arm64_libarm64_a_SOURCES = frontends/arm64/decode_gen.c frontends/arm64/decode_gen.h
EXTRA_DIST += frontends/arm64/gen_decode.c
BUILT_SOURCES += frontends/arm64/decode_gen.h
CLEANFILES += frontends/arm64/gen_decode frontends/arm64/decode_gen.c frontends/arm64/decode_gen.h

frontends/arm64/gen_decode: frontends/arm64/gen_decode.c $(a64_defs)
	$(AM_V_GEN)$(MKDIR_P) frontends/arm64 && \
	$(CC_FOR_BUILD) -std=gnu17 -O1 -I$(top_srcdir) -o $@ $(top_srcdir)/frontends/arm64/gen_decode.c

frontends/arm64/decode_gen.c: frontends/arm64/gen_decode
	$(AM_V_GEN)frontends/arm64/gen_decode -c > $@.new && mv $@.new $@

frontends/arm64/decode_gen.h: frontends/arm64/gen_decode
	$(AM_V_GEN)frontends/arm64/gen_decode -h > $@.new && mv $@.new $@
