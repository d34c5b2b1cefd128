// SPDX-License-Identifier: MIT
/* monitor/qmp_tables.c -- the tables that make up QMP: commands by file, enumerations, events. */
#include "monitor/qmp_impl.h"

const struct qmp_command *const qmp_tables[] = {
    qmp_core_commands,
    qmp_run_commands,
    qmp_query_commands,
    qmp_memory_commands,
    qmp_char_commands,
    qmp_block_commands,
    qmp_qom_commands,
    qmp_display_commands,
    qmp_state_commands,
    NULL,
};

static const char *const data_format[] = {"utf8", "base64", NULL};

static const char *const dump_format[] = {"elf", NULL};
static const char *const image_format[] = {"ppm", "png", NULL};

const struct qmp_enum qmp_enums[] = {
    {"DataFormat", data_format},
    {"DumpGuestMemoryFormat", dump_format},
    {"ImageFormat", image_format},
    {0},
};

const char *const qmp_events[] = {
    [MACHINE_EVENT_STOP] = "STOP", [MACHINE_EVENT_RESUME] = "RESUME",
    [MACHINE_EVENT_SHUTDOWN] = "SHUTDOWN", [MACHINE_EVENT_RESET] = "RESET",
    [MACHINE_EVENT_POWERDOWN] = "POWERDOWN",
    [MACHINE_EVENT_MIGRATION] = "MIGRATION", [MACHINE_EVENT_JOB] = "JOB_STATUS_CHANGE",
    NULL,
};
