// SPDX-License-Identifier: MIT
/* machines/debug.c -- a machine under gdb: its vcpus are gdb's threads 1, 2, ...; a stop pauses the
 * whole machine, its time too. */
#include "machines/machine.h"

#include <stdio.h>
#include <unistd.h>

static void thread_name(void *o, int id, char *buf, size_t len)
{
    static const char *const power[] = {"running", "off", "starting"};
    struct machine *m = o;

    if (id >= 1 && id <= (int)m->ncpus)
        snprintf(buf, len, "CPU#%d [%s]", id - 1, power[sm_power_state(m->sm, (unsigned)id - 1)]);
}

static struct tcg_vcpu *seen_by(struct machine *m)
{
    return sm_vcpu(m->sm, m->gdb_vcpu);
}

static int see(void *o, uint64_t addr, void *buf, size_t len)
{
    return sm_debug_access(seen_by(o), addr, buf, len, false);
}

static int change(void *o, uint64_t addr, const void *buf, size_t len)
{
    return sm_debug_access(seen_by(o), addr, (void *)(uintptr_t)buf, len, true);
}

static void choose(void *o, int id)
{
    struct machine *m = o;

    m->gdb_vcpu = id >= 1 && id <= (int)m->ncpus ? (unsigned)id - 1 : 0;
}

static void stop(void *o)
{
    machine_gdb_stop(o);
}

static void go(void *o)
{
    machine_gdb_go(o);
}

static void end(void *o)
{
    machine_request(o, MACHINE_QUIT);
}

static void nudge(void *o, int id)
{
    (void)o;
    (void)id;
}

static void send_signal(void *o, int id, int sig)
{
    (void)o;
    (void)id;
    (void)sig;
}

/* Machines know no signals: what gdb wants to deliver vanishes. */
static int to_gdb(int sig)
{
    return sig;
}

static int from_gdb(int sig)
{
    (void)sig;
    return 0;
}

static enum tcg_exit_reason run(void *o, struct tcg_vcpu *v, unsigned vcpu)
{
    struct gdb *g = ((struct machine *)o)->gdb; /* changes only while the vcpus stand */

    return MOA_UNLIKELY(g != NULL) ? gdb_run_vcpu(g, v, (int)vcpu + 1) : tcg_run(v);
}

static bool stepping(void *o, unsigned vcpu)
{
    struct gdb *g = ((struct machine *)o)->gdb;

    return MOA_UNLIKELY(g != NULL) && gdb_stepping(g, (int)vcpu + 1);
}

void machine_gdb_hooks(struct sm_config *cfg)
{
    cfg->run = run;
    cfg->stepping = stepping;
}

static int start(struct machine *m, const char *where, char *err, size_t err_len)
{
    static const struct gdb_target functions = {
        .thread_name = thread_name, .mem_read = see, .mem_write = change, .nudge = nudge,
        .send_signal = send_signal, .to_gdb_signal = to_gdb, .from_gdb_signal = from_gdb,
        .kill = end, .stop = stop, .go = go, .select = choose,
    };

    m->gdb_target = functions;
    m->gdb_target.opaque = m;
    m->gdb_target.pid = 1;
    m->gdb = gdb_listen(where, m->fe, sm_engine(m->sm), &m->gdb_target, err, err_len);
    for (unsigned i = 0; m->gdb && i < m->ncpus; i++)
        gdb_thread_begin(m->gdb, sm_vcpu(m->sm, i), (int)i + 1);
    return m->gdb ? 0 : -1;
}

int machine_gdb_open(struct machine *m, char *err, size_t err_len)
{
    return m->opt->gdb ? start(m, m->opt->gdb, err, err_len) : 0;
}

int machine_gdb_start(struct machine *m, const char *where, char *err, size_t err_len)
{
    int r;

    machine_hold(m);
    machine_gdb_close(m);
    machine_gdb_gone(m);
    r = where ? start(m, where, err, err_len) : 0;
    machine_release(m);
    return r;
}

void machine_gdb_close(struct machine *m)
{
    if (m->gdb)
        gdb_close(m->gdb, m->status);
    m->gdb = NULL;
}
