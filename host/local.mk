# SPDX-License-Identifier: MIT
noinst_LIBRARIES += host/libhost.a
host_libhost_a_SOURCES = host/user.c host/user.h
