# SPDX-License-Identifier: MIT
if BACKEND_X86_64
include backends/x86_64/local.mk
endif
