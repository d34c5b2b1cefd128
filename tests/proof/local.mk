# SPDX-License-Identifier: MIT
# The proofs of docs/proofs.md.
dist_check_SCRIPTS += tests/proof/leave.sh
TESTS += tests/proof/leave.sh
tests/proof/leave.log: tests/diff/diff_gen$(EXEEXT) moa$(EXEEXT)

if BACKEND_X86_64
dist_check_SCRIPTS += tests/proof/mutants.sh
TESTS += tests/proof/mutants.sh
tests/proof/mutants.log: tests/proof/mutants$(EXEEXT)

# --wrap: mutants are made by calls between objects, see the source
noinst_PROGRAMS += tests/proof/mutants
tests_proof_mutants_SOURCES = tests/proof/mutants.c
tests_proof_mutants_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=a64_decode,--wrap=gen_compile,--wrap=gen_table_new,--wrap=gen_rebuild,--wrap=tcg_leave_run
# arm64_test_libs is there with the check library only
tests_proof_mutants_LDADD = frontends/libfrontends.a frontends/arm64/libarm64.a backends/libbackends.a $(X64_LIB) \
	backends/interp/libinterp.a tcg/libtcg.a frontends/arm64/libarm64.a tcg/libtcg.a \
	frontends/common/libcommon.a base/libbase.a $(FFI_LIBS)
endif
