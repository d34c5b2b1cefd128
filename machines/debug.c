// SPDX-License-Identifier: MIT
/* machines/debug.c -- a machine under gdb: its vcpus are gdb's threads 1, 2, ...; a stop pauses the
 * whole machine, its time too. */
#include "machines/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

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

static int reach(struct machine *m, uint64_t addr, void *buf, size_t len, bool write)
{
    struct mem_attrs who = {.requester = MEM_REQUESTER_VCPU, .vcpu = (uint16_t)m->gdb_vcpu};
    enum mem_result r;

    if (!m->gdb_physical)
        return sm_debug_access(seen_by(m), addr, buf, len, write);
    r = write ? mem_write(m->memory, addr, buf, len, who) : mem_read(m->memory, addr, buf, len, who);
    return r == MEM_OK ? 0 : -EFAULT;
}

static int see(void *o, uint64_t addr, void *buf, size_t len)
{
    return reach(o, addr, buf, len, false);
}

static int change(void *o, uint64_t addr, const void *buf, size_t len)
{
    return reach(o, addr, (void *)(uintptr_t)buf, len, true);
}

static void choose(void *o, int id, bool physical)
{
    struct machine *m = o;

    m->gdb_vcpu = id >= 1 && id <= (int)m->ncpus ? (unsigned)id - 1 : 0;
    m->gdb_physical = physical;
}

/* ---- gdb's "monitor": the human monitor works on the main thread, the stub on its own ---- */

struct errand {
    struct machine *m;
    unsigned cpu;
    char *line, *text;
    GMutex lock;
    GCond done;
    bool is_done, abandoned; /* abandoned: the main thread frees it */
};

static void errand_free(struct errand *e)
{
    g_mutex_clear(&e->lock);
    g_cond_clear(&e->done);
    free(e->line);
    free(e->text);
    free(e);
}

static gboolean run_errand(gpointer data)
{
    struct errand *e = data;
    bool alone;

    e->text = e->m->opt->hmp->command(e->m, e->line, e->cpu);
    g_mutex_lock(&e->lock);
    e->is_done = true;
    alone = e->abandoned;
    g_cond_signal(&e->done);
    g_mutex_unlock(&e->lock);
    if (alone)
        errand_free(e);
    return G_SOURCE_REMOVE;
}

static char *command(void *o, int id, const char *line)
{
    struct machine *m = o;
    gint64 until = g_get_monotonic_time() + 10 * G_TIME_SPAN_SECOND;
    struct errand *e;
    char *text = NULL;
    bool waits = true;

    if (!m->opt->hmp || !m->opt->hmp->command || !(e = calloc(1, sizeof(*e))))
        return NULL;
    e->m = m;
    e->cpu = id >= 1 && id <= (int)m->ncpus ? (unsigned)id - 1 : 0;
    e->line = strdup(line);
    g_mutex_init(&e->lock);
    g_cond_init(&e->done);
    g_idle_add_full(G_PRIORITY_DEFAULT, run_errand, e, NULL);
    g_mutex_lock(&e->lock);
    while (!e->is_done && waits)
        waits = g_cond_wait_until(&e->done, &e->lock, until); /* the machine may be at its end */
    e->abandoned = !e->is_done;
    if (e->is_done) {
        text = e->text;
        e->text = NULL;
    }
    waits = e->abandoned;
    g_mutex_unlock(&e->lock);
    if (!waits)
        errand_free(e);
    return text;
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
        .kill = end, .stop = stop, .go = go, .select = choose, .command = command,
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
