# SPDX-License-Identifier: MIT
include backends/interp/local.mk
noinst_LIBRARIES += backends/libbackends.a
backends_libbackends_a_SOURCES = backends/backends.c
if BACKEND_X86_64
include backends/x86_64/local.mk
endif
