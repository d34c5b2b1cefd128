// SPDX-License-Identifier: MIT
/* monitor/hmp_tables.c -- the tables that make up the human monitor: a file's commands are known once
 * its table stands here. */
#include "monitor/hmp_impl.h"

const struct hmp_command *const hmp_tables[] = {
    hmp_core_commands,
    hmp_run_commands,
    hmp_cpu_commands,
    hmp_log_commands,
    hmp_memory_commands,
    hmp_state_commands,
    hmp_display_commands,
    hmp_net_commands,
    NULL,
};

const struct hmp_command *const hmp_info_tables[] = {
    hmp_info_machine,
    hmp_info_cpu,
    hmp_info_block,
    hmp_info_state,
    hmp_info_log,
    hmp_info_devices,
    hmp_info_display,
    hmp_info_net,
    NULL,
};
