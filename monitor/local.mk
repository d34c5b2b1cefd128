# SPDX-License-Identifier: MIT
if MACHINES
noinst_LIBRARIES += monitor/libmonitor.a
monitor_libmonitor_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
monitor_libmonitor_a_SOURCES = monitor/hmp.c monitor/hmp.h monitor/hmp_impl.h
monitor_libmonitor_a_SOURCES += monitor/hmp_block.c
monitor_libmonitor_a_SOURCES += monitor/hmp_cpu.c
monitor_libmonitor_a_SOURCES += monitor/hmp_devices.c
monitor_libmonitor_a_SOURCES += monitor/hmp_display.c
monitor_libmonitor_a_SOURCES += monitor/hmp_edit.c
monitor_libmonitor_a_SOURCES += monitor/hmp_expr.c
monitor_libmonitor_a_SOURCES += monitor/hmp_info.c
monitor_libmonitor_a_SOURCES += monitor/hmp_log.c
monitor_libmonitor_a_SOURCES += monitor/hmp_memory.c
monitor_libmonitor_a_SOURCES += monitor/hmp_net.c
monitor_libmonitor_a_SOURCES += monitor/hmp_run.c
monitor_libmonitor_a_SOURCES += monitor/hmp_state.c
monitor_libmonitor_a_SOURCES += monitor/hmp_tables.c
monitor_libmonitor_a_SOURCES += monitor/output.c monitor/output.h
if JSON
monitor_libmonitor_a_CFLAGS += $(JSON_CFLAGS)
monitor_libmonitor_a_SOURCES += monitor/qmp.c monitor/qmp.h monitor/qmp_impl.h
monitor_libmonitor_a_SOURCES += monitor/qmp_block.c
monitor_libmonitor_a_SOURCES += monitor/qmp_char.c
monitor_libmonitor_a_SOURCES += monitor/qmp_display.c
monitor_libmonitor_a_SOURCES += monitor/qmp_json.c
monitor_libmonitor_a_SOURCES += monitor/qmp_memory.c
monitor_libmonitor_a_SOURCES += monitor/qmp_qom.c
monitor_libmonitor_a_SOURCES += monitor/qmp_query.c
monitor_libmonitor_a_SOURCES += monitor/qmp_run.c
monitor_libmonitor_a_SOURCES += monitor/qmp_schema.c
monitor_libmonitor_a_SOURCES += monitor/qmp_state.c
monitor_libmonitor_a_SOURCES += monitor/qmp_tables.c
endif
endif
