// SPDX-License-Identifier: MIT
/* monitor/hmp_net.c -- networks in the human monitor: what there is, cables, forwards. */
#include "monitor/hmp_impl.h"

#include <stdio.h>
#include <string.h>

static void info_network(struct hmp *h, const char *arg)
{
    (void)arg;
    machine_net_list(h->m, hmp_line, h);
}

static void do_set_link(struct hmp *h, const char *arg)
{
    char name[64], on[8], err[200];

    if (!hmp_word(&arg, name, sizeof(name)) || !hmp_word(&arg, on, sizeof(on)) ||
        (strcmp(on, "on") != 0 && strcmp(on, "off") != 0))
        hmp_error(h, "set_link wants a name, and on or off");
    else if (machine_net_link(h->m, name, on[1] == 'n', err, sizeof(err)))
        hmp_error(h, "%s", err);
}

static void forward(struct hmp *h, const char *arg, bool add)
{
    char name[64] = "", text[200], err[300];
    bool named;

    if (!hmp_word(&arg, text, sizeof(text))) {
        hmp_error(h, "wants [NETWORK] tcp|udp:[ADDR]:PORT%s", add ? "-[ADDR]:PORT" : "");
        return;
    }
    named = *arg != 0;
    if (named) {
        snprintf(name, sizeof(name), "%.*s", (int)sizeof(name) - 1, text);
        hmp_word(&arg, text, sizeof(text));
    }
    if (machine_net_forward(h->m, named ? name : NULL, add, text, err, sizeof(err)))
        hmp_error(h, "%s", err);
}

static void do_add(struct hmp *h, const char *arg)
{
    forward(h, arg, true);
}

static void do_remove(struct hmp *h, const char *arg)
{
    forward(h, arg, false);
}

const struct hmp_command hmp_net_commands[] = {
    {.name = "hostfwd_add", .args = "[NETWORK] tcp|udp:[ADDR]:PORT-[ADDR]:PORT",
     .help = "a port of the host leads to one of the machine", .run = do_add},
    {.name = "hostfwd_remove", .args = "[NETWORK] tcp|udp:[ADDR]:PORT", .help = "it does no longer",
     .run = do_remove},
    {.name = "set_link", .args = "NAME on|off", .help = "put in or pull out a network's cable",
     .run = do_set_link},
    {0},
};

const struct hmp_command hmp_info_net[] = {
    {.name = "network", .args = "", .help = "networks and their devices", .run = info_network},
    {0},
};
