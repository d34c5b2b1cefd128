// SPDX-License-Identifier: MIT
/* cmd/system.c -- moa system [options]: makes a machine and runs it. */
#include "cmd/cmd.h"

#include "config.h"

#ifndef HAVE_MACHINES
int cmd_system(int argc, char **argv, const char *guest)
{
    (void)argc;
    (void)argv;
    (void)guest;
    fprintf(stderr, "moa: this build has no whole machines (it was made without GLib or libfdt)\n");
    return 1;
}
#else
#include "base/log.h"
#include "cmd/system.h"
#include "debug/code_log.h"
#include "debug/jitdump.h"
#include "monitor/hmp.h"
#include "monitor/qmp.h"
#include "tcg/backend.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_GUEST "aarch64"

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "moa: %s: %s\n", what, why);
    return 1;
}

static int run(struct cmd_system_options *o)
{
    char err[400] = "";
    struct machine *m;
    int status;

    o->m.hmp = &hmp_class;
#ifdef HAVE_JSON
    o->m.qmp = &qmp_class;
#endif
    if (!o->m.engine.backend)
        o->m.engine.backend = tcg_backends[0];
    o->m.engine.no_chain = log_on(LOG_nochain);
    o->m.engine.hooks = &debug_code_hooks;
    if (o->jitdump && jitdump_open("."))
        return fail("-jitdump", "cannot write a file here");
    if (o->perfmap && perfmap_open())
        return fail("-perfmap", "cannot write a file in /tmp");
    m = machine_new(o->guest, &o->m, err, sizeof(err));
    if (!m) {
        fprintf(stderr, "moa: %s\n", err);
        return 1;
    }
    status = machine_run(m);
    if (log_on(LOG_stats))
        sm_stats(m->sm, log_stream());
    machine_free(m);
    host_terminal_restore();
    return status;
}

int cmd_system(int argc, char **argv, const char *guest)
{
    struct cmd_system_options o = {.guest = guest ? guest : DEFAULT_GUEST};

    if (!frontend_by_name(o.guest))
        return fail(o.guest, "there is no such processor");
    if (cmd_parse_system(&o, argc, argv))
        return 1;
    if (o.done)
        return fflush(stdout) || ferror(stdout) ? fail("standard output", "cannot be written") : 0;
    if (o.log_file) {
        int r = log_open(o.log_file);

        if (r)
            return fail(o.log_file, strerror(-r));
    }
    return run(&o);
}
#endif
