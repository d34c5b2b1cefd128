// SPDX-License-Identifier: MIT
/* machines/control.c -- does the machine run? What the user wants (stop, cont), what gdb wants, and
 * who needs it to stand still for a moment (monitors, saving) are kept apart, so that none of them
 * starts what another has stopped. And the events that monitors pass on. */
#include "machines/snapshot.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define LISTENERS 16

struct machine_control {
    pthread_mutex_t run;   /* of the next two, and held while the vcpus are stopped or started; never
                            * on a vcpu's thread, for which that may wait */
    bool wanted;           /* by the user */
    unsigned holds;
    _Atomic bool gdb;      /* gdb has stopped it; any thread */
    _Atomic int state;     /* enum machine_state */
    pthread_mutex_t lock;  /* of the listeners */
    struct {
        void (*hear)(void *opaque, const struct machine_event *e);
        void *opaque;
    } listeners[LISTENERS];
    unsigned nlisteners;
};

int machine_control_new(struct machine *m)
{
    struct machine_control *c = calloc(1, sizeof(*c));

    if (!c)
        return -ENOMEM;
    pthread_mutex_init(&c->lock, NULL);
    pthread_mutex_init(&c->run, NULL);
    c->state = MACHINE_STATE_PRELAUNCH;
    m->control = c;
    return 0;
}

void machine_control_free(struct machine *m)
{
    free(m->control);
    m->control = NULL;
}

/* ---- events ---- */

int machine_listen(struct machine *m, void (*hear)(void *opaque, const struct machine_event *e),
                   void *opaque)
{
    struct machine_control *c = m->control;
    int r = -ENOSPC;

    pthread_mutex_lock(&c->lock);
    if (c->nlisteners < LISTENERS) {
        c->listeners[c->nlisteners].hear = hear;
        c->listeners[c->nlisteners++].opaque = opaque;
        r = 0;
    }
    pthread_mutex_unlock(&c->lock);
    return r;
}

void machine_unlisten(struct machine *m, void *opaque)
{
    struct machine_control *c = m->control;

    pthread_mutex_lock(&c->lock);
    for (unsigned i = 0; i < c->nlisteners; i++)
        if (c->listeners[i].opaque == opaque)
            c->listeners[i--] = c->listeners[--c->nlisteners];
    pthread_mutex_unlock(&c->lock);
}

void machine_tell(struct machine *m, const struct machine_event *e)
{
    struct machine_control *c = m->control;

    pthread_mutex_lock(&c->lock);
    for (unsigned i = 0; i < c->nlisteners; i++)
        c->listeners[i].hear(c->listeners[i].opaque, e);
    pthread_mutex_unlock(&c->lock);
}

static void tell(struct machine *m, enum machine_event_kind kind)
{
    machine_tell(m, &(struct machine_event){.kind = kind});
}

/* ---- running ---- */

enum machine_state machine_state(const struct machine *m)
{
    struct machine_control *c = m->control;
    enum machine_state s = (enum machine_state)atomic_load(&c->state);

    return s == MACHINE_STATE_RUNNING && atomic_load(&c->gdb) ? MACHINE_STATE_DEBUG : s;
}

void machine_set_state(struct machine *m, enum machine_state s)
{
    atomic_store(&m->control->state, (int)s);
}

const char *machine_state_name(enum machine_state s)
{
    static const char *const names[] = {
        [MACHINE_STATE_PRELAUNCH] = "prelaunch", [MACHINE_STATE_RUNNING] = "running",
        [MACHINE_STATE_PAUSED] = "paused", [MACHINE_STATE_SHUT_DOWN] = "shutdown", [MACHINE_STATE_DEBUG] = "debug",
        [MACHINE_STATE_INMIGRATE] = "inmigrate", [MACHINE_STATE_FINISH_MIGRATE] = "finish-migrate",
        [MACHINE_STATE_POSTMIGRATE] = "postmigrate", [MACHINE_STATE_SAVE_VM] = "save-vm",
        [MACHINE_STATE_RESTORE_VM] = "restore-vm", [MACHINE_STATE_INTERNAL_ERROR] = "internal-error",
        [MACHINE_STATE_IO_ERROR] = "io-error",
    };

    return names[s];
}

/* run held. gdb may stop the machine from a vcpu's thread meanwhile. */
static void apply(struct machine *m)
{
    struct machine_control *c = m->control;

    if (c->wanted && !c->holds && !atomic_load(&c->gdb)) {
        sm_resume(m->sm);
        if (!atomic_load(&c->gdb))
            return;
    }
    sm_pause(m->sm);
}

/* Says what the user wants, or -1, and how many more hold it. What the user wanted before. */
static bool change(struct machine *m, int wanted, int holds)
{
    struct machine_control *c = m->control;
    bool was;

    pthread_mutex_lock(&c->run);
    was = c->wanted;
    if (wanted >= 0)
        c->wanted = wanted;
    c->holds += (unsigned)holds;
    apply(m);
    pthread_mutex_unlock(&c->run);
    return was;
}

bool machine_wanted(struct machine *m)
{
    bool w;

    pthread_mutex_lock(&m->control->run);
    w = m->control->wanted;
    pthread_mutex_unlock(&m->control->run);
    return w;
}

void machine_stop(struct machine *m, enum machine_state s)
{
    if (!change(m, false, 0))
        return;
    machine_set_state(m, s);
    tell(m, MACHINE_EVENT_STOP);
}

int machine_cont(struct machine *m, char *err, size_t err_len)
{
    enum machine_state s = (enum machine_state)atomic_load(&m->control->state);

    if (s == MACHINE_STATE_SHUT_DOWN || s == MACHINE_STATE_INTERNAL_ERROR) {
        snprintf(err, err_len, "Resetting the Virtual Machine is required");
        return -EPERM;
    }
    if (s == MACHINE_STATE_INMIGRATE) {
        m->incoming_cont = true;
        return 0;
    }
    if (!machine_may_run(m, err, err_len))
        return -EPERM;
    if (machine_wanted(m))
        tell(m, MACHINE_EVENT_STOP); /* whoever waits for RESUME gets one */
    machine_set_state(m, MACHINE_STATE_RUNNING);
    tell(m, MACHINE_EVENT_RESUME);
    sm_lock(m->sm);
    machine_drives_retry(m);
    sm_unlock(m->sm);
    change(m, true, 0);
    return 0;
}

void machine_hold(struct machine *m)
{
    change(m, -1, 1);
}

void machine_release(struct machine *m)
{
    change(m, -1, -1);
}

/* ---- gdb ---- */

void machine_gdb_stop(struct machine *m)
{
    bool was = atomic_exchange(&m->control->gdb, true);

    sm_pause(m->sm);
    if (!was && atomic_load(&m->control->state) == MACHINE_STATE_RUNNING)
        tell(m, MACHINE_EVENT_STOP);
}

void machine_gdb_go(struct machine *m)
{
    enum machine_state s = (enum machine_state)atomic_load(&m->control->state);
    bool stopped = atomic_exchange(&m->control->gdb, false);

    if (s == MACHINE_STATE_SHUT_DOWN || s == MACHINE_STATE_INTERNAL_ERROR || s == MACHINE_STATE_INMIGRATE ||
        s == MACHINE_STATE_FINISH_MIGRATE || s == MACHINE_STATE_POSTMIGRATE)
        return;
    if (stopped || s != MACHINE_STATE_RUNNING) {
        machine_set_state(m, MACHINE_STATE_RUNNING);
        tell(m, MACHINE_EVENT_RESUME);
    }
    change(m, true, 0);
}

void machine_gdb_gone(struct machine *m)
{
    atomic_store(&m->control->gdb, false);
    change(m, -1, 0);
}
