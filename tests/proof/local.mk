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
tests_proof_mutants_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=a64_decode,--wrap=gen_compile,--wrap=gen_table_new,--wrap=gen_rebuild
tests_proof_mutants_LDADD = $(arm64_test_libs)
endif
