# SPDX-License-Identifier: MIT
noinst_LIBRARIES += debug/libdebug.a
debug_libdebug_a_CFLAGS = $(AM_CFLAGS) $(CAPSTONE_CFLAGS)
debug_libdebug_a_SOURCES = \
	debug/code_log.c debug/code_log.h \
	debug/disas.c debug/disas.h \
	debug/gdb_command.c \
	debug/gdb_file.c \
	debug/gdb_impl.h \
	debug/gdb_machine.c \
	debug/gdb_packet.c \
	debug/gdb_points.c \
	debug/gdb_query.c \
	debug/gdbstub.c debug/gdbstub.h \
	debug/jitdump.c debug/jitdump.h \
	debug/symbols.c debug/symbols.h
