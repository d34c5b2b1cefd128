# SPDX-License-Identifier: MIT
noinst_LIBRARIES += debug/libdebug.a
debug_libdebug_a_CFLAGS = $(AM_CFLAGS) $(CAPSTONE_CFLAGS)
debug_libdebug_a_SOURCES = \
	debug/code_log.c debug/code_log.h \
	debug/disas.c debug/disas.h \
	debug/jitdump.c debug/jitdump.h
