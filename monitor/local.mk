# SPDX-License-Identifier: MIT
if MACHINES
noinst_LIBRARIES += monitor/libmonitor.a
monitor_libmonitor_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
monitor_libmonitor_a_SOURCES = monitor/hmp.c monitor/hmp.h
endif
