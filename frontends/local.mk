# SPDX-License-Identifier: MIT
include frontends/common/local.mk
include frontends/arm64/local.mk
noinst_LIBRARIES += frontends/libfrontends.a
frontends_libfrontends_a_SOURCES = frontends/frontend.h frontends/frontends.c
