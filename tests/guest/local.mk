# SPDX-License-Identifier: MIT
# Programs of the guest that check themselves; built by run.sh with a cross compiler if there is one.
dist_check_SCRIPTS += tests/guest/run.sh tests/guest/binfmt.sh
TESTS += tests/guest/run.sh tests/guest/binfmt.sh
EXTRA_DIST += tests/guest/guest.h tests/guest/arith.c tests/guest/access.c tests/guest/async.c tests/guest/faults.c tests/guest/ids.c tests/guest/limits.c \
EXTRA_DIST += tests/guest/guest.h tests/guest/arith.c tests/guest/codelock.c \
    tests/guest/faults.c tests/guest/limits.c \
EXTRA_DIST += tests/guest/guest.h tests/guest/arith.c tests/guest/access.c tests/guest/async.c tests/guest/faults.c tests/guest/limits.c \
    tests/guest/memory.c tests/guest/signals.c \
    tests/guest/spawn.c tests/guest/tags.c tests/guest/threads.c \
    tests/guest/vdso.c
