// SPDX-License-Identifier: MIT
/* machines/loop.c -- the main loop of a machine: timers, requests (reset, power off, end), signals.
 *
 * It is GLib's default loop; characters watch their descriptors in it too. Requests come from any
 * thread as bits and a byte in an eventfd, since a vcpu that asks for a reset cannot do it itself. */
#include "machines/snapshot.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <glib-unix.h>

struct machine_loop {
    GMainLoop *loop;
    int fd;
    guint sources[8];
    unsigned nsources;
};

void machine_request(struct machine *m, enum machine_request what)
{
    uint64_t one = 1;

    atomic_fetch_or(&m->requests, what);
    (void)!write(m->loop->fd, &one, sizeof(one));
}

static void tell(struct machine *m, enum machine_event_kind kind, bool guest, const char *reason)
{
    machine_tell(m, &(struct machine_event){.kind = kind, .guest = guest, .reason = reason});
}

static void end(struct machine *m, bool guest, const char *reason)
{
    tell(m, MACHINE_EVENT_SHUTDOWN, guest, reason);
    machine_hold(m);
    g_main_loop_quit(m->loop->loop);
}

static void shut_down(struct machine *m, const char *reason)
{
    if (!m->opt->no_shutdown) {
        end(m, true, reason);
        return;
    }
    tell(m, MACHINE_EVENT_SHUTDOWN, true, reason);
    machine_stop(m, MACHINE_STATE_SHUT_DOWN);
}

static void fail(struct machine *m)
{
    m->status = 1;
    if (m->opt->no_shutdown)
        machine_stop(m, MACHINE_STATE_INTERNAL_ERROR);
    else
        end(m, false, "host-error");
}

static void reset(struct machine *m, bool guest)
{
    enum machine_state s = machine_state(m);

    if (s == MACHINE_STATE_INMIGRATE || s == MACHINE_STATE_FINISH_MIGRATE)
        return; /* its memory is being read or written */
    machine_hold(m);
    machine_reset(m);
    if (machine_state(m) != MACHINE_STATE_RUNNING && machine_state(m) != MACHINE_STATE_INMIGRATE)
        machine_set_state(m, MACHINE_STATE_PRELAUNCH);
    machine_release(m);
    tell(m, MACHINE_EVENT_RESET, guest, guest ? "guest-reset" : "host-qmp-system-reset");
}

static void handle(struct machine *m, uint32_t what)
{
    char err[200];

    if (what & (MACHINE_QUIT | MACHINE_SIGNALLED | MACHINE_CLOSED)) {
        end(m, false, what & MACHINE_QUIT ? "host-qmp-quit"
                      : what & MACHINE_SIGNALLED ? "host-signal" : "host-ui");
        return;
    }
    if (what & MACHINE_FAILED) {
        fail(m);
        return;
    }
    if (what & MACHINE_SHUTDOWN || (what & MACHINE_RESET && m->opt->no_reboot)) {
        shut_down(m, what & MACHINE_SHUTDOWN ? "guest-shutdown" : "guest-reset");
        return;
    }
    if (what & (MACHINE_RESET | MACHINE_SYSTEM_RESET))
        reset(m, what & MACHINE_RESET);
    if (what & MACHINE_POWERDOWN && m->board->powerdown) {
        tell(m, MACHINE_EVENT_POWERDOWN, false, NULL);
        sm_lock(m->sm);
        m->board->powerdown(m);
        sm_unlock(m->sm);
    }
    if (what & MACHINE_STOP)
        machine_stop(m, MACHINE_STATE_PAUSED);
    if (what & MACHINE_IO_STOP)
        machine_stop(m, MACHINE_STATE_IO_ERROR);
    if (what & MACHINE_CONT && machine_cont(m, err, sizeof(err)))
        fprintf(stderr, "moa: %s\n", err);
}

bool machine_requests_now(struct machine *m)
{
    const uint32_t ends = MACHINE_QUIT | MACHINE_SIGNALLED | MACHINE_CLOSED | MACHINE_FAILED | MACHINE_SHUTDOWN |
                          (m->opt->no_reboot ? MACHINE_RESET : 0);
    const uint32_t now = MACHINE_RESET | MACHINE_SYSTEM_RESET | MACHINE_POWERDOWN;
    uint32_t what = atomic_exchange(&m->requests, 0);

    if (what & ~now || what & ends)
        machine_request(m, what & ends ? what : what & ~now); /* the main loop does it soon */
    if (what & ends)
        return false;
    handle(m, what & now);
    return true;
}

static gboolean on_request(gint fd, GIOCondition cond, gpointer data)
{
    struct machine *m = data;
    uint64_t count;

    (void)cond;
    (void)!read(fd, &count, sizeof(count));
    handle(m, atomic_exchange(&m->requests, 0));
    return G_SOURCE_CONTINUE;
}

static gboolean on_timers(gint fd, GIOCondition cond, gpointer data)
{
    struct machine *m = data;

    (void)fd;
    (void)cond;
    sm_timers_run(m->sm);
    return G_SOURCE_CONTINUE;
}

static gboolean on_signal(gpointer data)
{
    machine_request(data, MACHINE_SIGNALLED);
    return G_SOURCE_CONTINUE;
}

static void add(struct machine_loop *l, guint id)
{
    l->sources[l->nsources++] = id;
}

int machine_loop_new(struct machine *m, char *err, size_t err_len)
{
    struct machine_loop *l = calloc(1, sizeof(*l));

    if (!l || (l->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) < 0) {
        snprintf(err, err_len, "the main loop: %s", strerror(errno));
        free(l);
        return -1;
    }
    m->loop = l;
    l->loop = g_main_loop_new(NULL, FALSE);
    add(l, g_unix_fd_add(l->fd, G_IO_IN, on_request, m));
    add(l, g_unix_fd_add(sm_timers_fd(m->sm), G_IO_IN, on_timers, m));
    add(l, g_unix_signal_add(SIGINT, on_signal, m));
    add(l, g_unix_signal_add(SIGTERM, on_signal, m));
    add(l, g_unix_signal_add(SIGHUP, on_signal, m));
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow: EFBIG, as any other error */
    return 0;
}

void machine_loop_free(struct machine *m)
{
    struct machine_loop *l = m->loop;

    if (!l)
        return;
    for (unsigned i = 0; i < l->nsources; i++)
        g_source_remove(l->sources[i]);
    g_main_loop_unref(l->loop);
    close(l->fd);
    free(l);
    m->loop = NULL;
}

int machine_run(struct machine *m)
{
    char err[400];
    int r = 0;

    if (m->ended)
        return 0;
    if (m->opt->loadvm)
        r = machine_loadvm(m, m->opt->loadvm, err, sizeof(err));
    else if (m->opt->incoming)
        r = machine_incoming(m, m->opt->incoming, err, sizeof(err));
    if (r) {
        fprintf(stderr, "moa: -%s %s: %s\n", m->opt->loadvm ? "loadvm" : "incoming",
                m->opt->loadvm ? m->opt->loadvm : m->opt->incoming, err);
        return 1;
    }
    if (!m->opt->paused && !m->opt->incoming && machine_cont(m, err, sizeof(err)))
        fprintf(stderr, "moa: %s\n", err);
    g_main_loop_run(m->loop->loop);
    return m->status;
}
