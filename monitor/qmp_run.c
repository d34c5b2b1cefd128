// SPDX-License-Identifier: MIT
/* monitor/qmp_run.c -- commands that stop, start, reset and end the machine, and the human monitor's
 * commands by QMP. */
#include "monitor/hmp.h"
#include "monitor/qmp_impl.h"

#include <stdio.h>
#include <stdlib.h>

static void stop(struct qmp_call *c)
{
    machine_stop(c->m, MACHINE_STATE_PAUSED);
}

static void cont(struct qmp_call *c)
{
    char err[200];

    if (machine_cont(c->m, err, sizeof(err)))
        qmp_fail(c, "%s", err);
}

static void quit(struct qmp_call *c)
{
    machine_request(c->m, MACHINE_QUIT);
}

static void system_reset(struct qmp_call *c)
{
    machine_request(c->m, MACHINE_SYSTEM_RESET);
}

static void system_powerdown(struct qmp_call *c)
{
    machine_request(c->m, MACHINE_POWERDOWN);
}

static void system_wakeup(struct qmp_call *c)
{
    qmp_fail(c, "wake-up from suspend is not supported by this guest");
}

static void human_monitor_command(struct qmp_call *c)
{
    int64_t cpu = qmp_int(c, "cpu-index", 0);
    char *text;

    if (cpu < 0 || cpu >= c->m->ncpus) {
        qmp_fail(c, "Parameter 'cpu-index' expects a CPU number");
        return;
    }
    text = hmp_command(c->m, qmp_string(c, "command-line"), (unsigned)cpu);
    c->result = json_object_new_string(text ? text : "");
    free(text);
}

const struct qmp_command qmp_run_commands[] = {
    {"cont", "", cont, false},
    {"human-monitor-command", "command-line:s cpu-index:i?", human_monitor_command, false},
    {"quit", "", quit, false},
    {"stop", "", stop, false},
    {"system_powerdown", "", system_powerdown, false},
    {"system_reset", "", system_reset, false},
    {"system_wakeup", "", system_wakeup, false},
    {0},
};
