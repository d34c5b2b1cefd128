# SPDX-License-Identifier: MIT
include backends/interp/local.mk
noinst_LIBRARIES += backends/libbackends.a
backends_libbackends_a_SOURCES = backends/backends.c
