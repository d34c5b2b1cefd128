# SPDX-License-Identifier: MIT
dist_check_SCRIPTS += tests/debug/core.sh
TESTS += tests/debug/core.sh
EXTRA_DIST += tests/debug/crash.c
