// SPDX-License-Identifier: MIT
/* monitor/hmp_run.c -- commands that stop, start, reset and end the machine. */
#include "monitor/hmp_impl.h"

static void do_quit(struct hmp *h, const char *arg)
{
    (void)arg;
    machine_request(h->m, MACHINE_QUIT);
}

static void do_reset(struct hmp *h, const char *arg)
{
    (void)arg;
    machine_request(h->m, MACHINE_SYSTEM_RESET);
}

static void do_powerdown(struct hmp *h, const char *arg)
{
    (void)arg;
    machine_request(h->m, MACHINE_POWERDOWN);
}

static void do_stop(struct hmp *h, const char *arg)
{
    (void)arg;
    machine_stop(h->m, MACHINE_STATE_PAUSED);
}

static void do_cont(struct hmp *h, const char *arg)
{
    char err[200];

    (void)arg;
    if (machine_cont(h->m, err, sizeof(err)))
        hmp_error(h, "%s", err);
}

const struct hmp_command hmp_run_commands[] = {
    {.name = "cont|c", .args = "", .help = "let the machine run on", .run = do_cont, .free = true},
    {.name = "quit|q", .args = "", .help = "end moa", .run = do_quit},
    {.name = "stop|s", .args = "", .help = "stop the machine", .run = do_stop, .free = true},
    {.name = "system_powerdown", .args = "", .help = "press the power key", .run = do_powerdown},
    {.name = "system_reset", .args = "", .help = "reset the machine", .run = do_reset},
    {0},
};
