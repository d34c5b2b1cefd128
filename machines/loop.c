// SPDX-License-Identifier: MIT
/* machines/loop.c -- the main loop of a machine: timers, requests (reset, power off, end), signals.
 *
 * It is GLib's default loop; characters watch their descriptors in it too. Requests come from any
 * thread as bits and a byte in an eventfd, since a vcpu that asks for a reset cannot do it itself. */
#include "machines/machine.h"

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

static void end(struct machine *m)
{
    sm_pause(m->sm);
    g_main_loop_quit(m->loop->loop);
}

static void shut_down(struct machine *m)
{
    if (m->opt->no_shutdown)
        sm_pause(m->sm);
    else
        end(m);
}

static void handle(struct machine *m, uint32_t what)
{
    if (what & MACHINE_QUIT) {
        end(m);
        return;
    }
    if (what & MACHINE_SHUTDOWN || (what & MACHINE_RESET && m->opt->no_reboot)) {
        shut_down(m);
        return;
    }
    if (what & (MACHINE_RESET | MACHINE_SYSTEM_RESET)) {
        bool was = sm_running(m->sm) || what & MACHINE_RESET;

        sm_pause(m->sm);
        machine_reset(m);
        if (was)
            sm_resume(m->sm);
    }
    if (what & MACHINE_POWERDOWN && m->board->powerdown) {
        sm_lock(m->sm);
        m->board->powerdown(m);
        sm_unlock(m->sm);
    }
    if (what & (MACHINE_STOP | MACHINE_IO_STOP))
        sm_pause(m->sm);
    if (what & MACHINE_CONT) {
        sm_lock(m->sm);
        machine_drives_retry(m);
        sm_unlock(m->sm);
        sm_resume(m->sm);
    }
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
    machine_request(data, MACHINE_QUIT);
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
    if (m->ended)
        return 0;
    if (!m->opt->paused)
        sm_resume(m->sm);
    g_main_loop_run(m->loop->loop);
    return m->status;
}
