# SPDX-License-Identifier: MIT
include backends/interp/local.mk
noinst_LIBRARIES += backends/libbackends.a
backends_libbackends_a_SOURCES = backends/backends.c backends/backends.h
if BACKEND_X86_64
X64_LIB = backends/x86_64/libx64.a
include backends/x86_64/local.mk
endif
