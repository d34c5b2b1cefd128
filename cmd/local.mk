# SPDX-License-Identifier: MIT
bin_PROGRAMS += moa
moa_SOURCES = cmd/moa.c
moa_LDADD = base/libbase.a
