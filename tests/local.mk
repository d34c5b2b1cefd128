# SPDX-License-Identifier: MIT
if HAVE_CHECK
include tests/frontends/common/local.mk
endif
