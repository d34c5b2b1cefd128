# SPDX-License-Identifier: MIT
dist_check_SCRIPTS += tests/debug/core.sh tests/debug/log.sh
TESTS += tests/debug/core.sh tests/debug/log.sh
EXTRA_DIST += tests/debug/crash.c tests/debug/jitdump.py
