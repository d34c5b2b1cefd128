# SPDX-License-Identifier: MIT
# Programs of the guest that check themselves; built by run.sh with a cross compiler if there is one.
dist_check_SCRIPTS += tests/guest/run.sh tests/guest/binfmt.sh
TESTS += tests/guest/run.sh tests/guest/binfmt.sh
EXTRA_DIST += tests/guest/access.c
EXTRA_DIST += tests/guest/arith.c
EXTRA_DIST += tests/guest/async.c
EXTRA_DIST += tests/guest/codelock.c
EXTRA_DIST += tests/guest/exclusive.c
EXTRA_DIST += tests/guest/faults.c
EXTRA_DIST += tests/guest/fpsr.c
EXTRA_DIST += tests/guest/guest.h
EXTRA_DIST += tests/guest/ids.c
EXTRA_DIST += tests/guest/landing.c
EXTRA_DIST += tests/guest/limits.c
EXTRA_DIST += tests/guest/memory.c
EXTRA_DIST += tests/guest/property.c
EXTRA_DIST += tests/guest/signals.c
EXTRA_DIST += tests/guest/spawn.c
EXTRA_DIST += tests/guest/stack.c
EXTRA_DIST += tests/guest/tags.c
EXTRA_DIST += tests/guest/threads.c
EXTRA_DIST += tests/guest/vdso.c
