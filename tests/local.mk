# SPDX-License-Identifier: MIT
if HAVE_CHECK
include tests/frontends/common/local.mk
if BACKEND_X86_64
include tests/backends/x86_64/local.mk
endif
include tests/frontends/arm64/local.mk
include tests/host/block/local.mk
include tests/host/display/local.mk
include tests/host/net/local.mk
include tests/mem/local.mk
include tests/devices/local.mk
include tests/devices/bus/local.mk
include tests/devices/intc/local.mk
include tests/machines/local.mk
endif
include tests/tcg/local.mk
include tests/softmmu/local.mk
include tests/diff/local.mk

# Every check program is a test; scripts are named here.
dist_check_SCRIPTS += tests/layers.sh tests/docs.sh
TESTS += $(check_PROGRAMS) tests/layers.sh tests/docs.sh
AM_TESTS_ENVIRONMENT = CC='$(CC)'; export CC; LC_ALL=C.UTF-8; export LC_ALL; \
    HEADER_FLAGS='-std=gnu17 -D_GNU_SOURCE -I$(abs_top_builddir)'; export HEADER_FLAGS; \
    srcdir='$(abs_top_srcdir)'; export srcdir;

include tests/programs/local.mk
include tests/guest/local.mk
include tests/robust/local.mk
include tests/gdb/local.mk
include tests/debug/local.mk
include tests/proof/local.mk
include tests/machine/local.mk
