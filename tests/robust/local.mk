# SPDX-License-Identifier: MIT
# Bad input: files, options, limits.
dist_check_SCRIPTS += tests/robust/run.sh
TESTS += tests/robust/run.sh
EXTRA_DIST += tests/robust/guest.c
