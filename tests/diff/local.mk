# SPDX-License-Identifier: MIT
noinst_PROGRAMS += tests/diff/diff_gen
tests_diff_diff_gen_SOURCES = tests/diff/gen.c tests/diff/layout.h
tests_diff_diff_gen_LDADD = frontends/arm64/libarm64.a
dist_check_SCRIPTS += tests/diff/check.sh
TESTS += tests/diff/check.sh
EXTRA_DIST += tests/diff/harness.c tests/diff/run.py tests/diff/known.txt
