// SPDX-License-Identifier: MIT
/* machines/incoming.c -- -incoming: a machine that begins with what another moa sends. It is made from
 * the same options but does not run, and its disks stay closed, until all has come and was found to
 * fit. Memory is written as it comes: nobody uses it before. */
#include "machines/migrate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int in_get(void *opaque, void *p, size_t n)
{
    return channel_read(&((struct machine_migrate *)opaque)->ch, p, n);
}

static void say(struct machine_migrate *g, const char *text)
{
    char answer[MIGRATE_ANSWER] = "";

    snprintf(answer, sizeof(answer), "%.*s", MIGRATE_ANSWER - 1, text);
    if (g->ch.answers && g->ch.fd >= 0)
        channel_write(&g->ch, answer, sizeof(answer));
}

static int do_apply(struct machine_migrate *g)
{
    struct machine *m = g->m;
    int e;

    sm_lock(m->sm);
    e = machine_drives_acquire(m, g->why, sizeof(g->why));
    if (!e)
        e = state_apply(g->load, g->why, sizeof(g->why));
    sm_unlock(m->sm);
    return e;
}

/* The other side has been told. */
static int do_run(struct machine_migrate *g)
{
    struct machine *m = g->m;

    char why[200];

    machine_set_state(m, m->opt->paused ? MACHINE_STATE_PRELAUNCH : MACHINE_STATE_PAUSED);
    if (((state_was_running(g->load) && !m->opt->paused) || m->incoming_cont) &&
        machine_cont(m, why, sizeof(why)))
        fprintf(stderr, "moa: -incoming: %s\n", why);
    return 0;
}

static int do_give_up(struct machine_migrate *g)
{
    fprintf(stderr, "moa: -incoming %s: %s\n", g->uri, g->why);
    machine_request(g->m, MACHINE_FAILED);
    return 0;
}

static void *receiver(void *arg)
{
    struct machine_migrate *g = arg;
    const struct state_in in = {in_get, g};
    int e = g->ch.fd < 0 ? channel_accept(&g->ch, g->why, sizeof(g->why)) : 0;

    if (!e)
        e = state_read(g->load, &in, true, g->why, sizeof(g->why));
    if (!e)
        e = migrate_ask(g, do_apply);
    if (e && !g->why[0])
        snprintf(g->why, sizeof(g->why), "%s", strerror(-e));
    say(g, e ? g->why : MIGRATE_OK);
    migrate_ask(g, e ? do_give_up : do_run);
    channel_linger(&g->ch);
    channel_close(&g->ch);
    pthread_mutex_lock(&g->lock);
    g->st.state = e ? MIGRATE_FAILED : MIGRATE_NONE; /* it may be sent on */
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

int machine_incoming(struct machine *m, const char *uri, char *err, size_t err_len)
{
    struct machine_migrate *g = migrate_of(m);
    int e;

    if (!g || (!g->load && !(g->load = state_load_new(m)))) {
        snprintf(err, err_len, "out of memory");
        return -ENOMEM;
    }
    if (machine_state(m) != MACHINE_STATE_INMIGRATE || g->has_thread) {
        snprintf(err, err_len, "the machine waits for no state (-incoming defer), or has it");
        return -EBUSY;
    }
    if (strcmp(uri, "defer") == 0)
        return 0;
    e = channel_listen(&g->ch, uri, err, err_len);
    if (e)
        return e;
    g->st = (struct machine_migrate_status){.state = MIGRATE_SETUP};
    e = migrate_start(g, uri, receiver);
    if (e)
        snprintf(err, err_len, "no thread: %s", strerror(-e));
    return e;
}
