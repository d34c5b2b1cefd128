# SPDX-License-Identifier: MIT
noinst_LIBRARIES += base/libbase.a
base_libbase_a_SOURCES = base/base.h base/bits.h base/bug.c base/fd.c base/fd.h base/log.c base/log.h base/log_items.def
