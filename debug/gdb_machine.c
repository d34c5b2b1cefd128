// SPDX-License-Identifier: MIT
/* debug/gdb_machine.c -- the gdb stub of a machine: gdb may connect, go and come again while the
 * machine runs. Stopping is the machine's own pause, so that time stands and the monitor may pause
 * it too; the protocol is that of programs (gdbstub.c). A connection stops the machine, its end lets
 * it run on. Not modelled: system calls, signals, files. */
#include "debug/gdb_impl.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

void gdb_select(struct gdb *g)
{
    if (g->t->select)
        g->t->select(g->t->opaque, g->g_id > 0 ? g->g_id : g->event.id, g->physical);
}

bool gdb_stepping(struct gdb *g, int id)
{
    const struct gdb_action *a;
    bool step;

    pthread_mutex_lock(&g->lock);
    a = gdb_action_of(g, id);
    step = g->state == GDB_RUN && a && a->what != 'c';
    pthread_mutex_unlock(&g->lock);
    return step;
}

/* Lock held on entry, not on return: gdb holds this vcpu. */
static enum tcg_exit_reason held(struct gdb *g, struct tcg_vcpu *v)
{
    bool alone = g->state == GDB_RUN; /* others run: look again now and then */

    pthread_mutex_unlock(&g->lock);
    if (alone)
        usleep(1000);
    v->exit.reason = TCG_EXIT_POLL;
    return TCG_EXIT_POLL;
}

enum tcg_exit_reason gdb_run_vcpu(struct gdb *g, struct tcg_vcpu *v, int id)
{
    const struct gdb_action *a;
    enum tcg_exit_reason reason;
    struct gdb_thread *th;
    bool step;

    pthread_mutex_lock(&g->lock);
    th = gdb_thread(g, id);
    if (!gdb_may_run(g, id))
        return held(g, v);
    a = gdb_action_of(g, id);
    step = g->state == GDB_RUN && a->what != 'c';
    if (step && th->step_done) { /* the step ended in an exception, which has been entered */
        th->step_done = false;
        gdb_post(g, th, &(struct gdb_event){.kind = GDB_EV_STEP, .id = id, .gdb_sig = GDB_SIGTRAP});
        return held(g, v);
    }
    reason = gdb_execute(g, th, v, step);
    if (step && reason != TCG_EXIT_POLL)
        th->step_done = true;
    pthread_mutex_unlock(&g->lock);
    return reason;
}

static void *serve_all(void *arg)
{
    struct gdb *g = arg;
    int one = 1;

    for (;;) {
        int fd = accept4(g->listener, NULL, NULL, SOCK_CLOEXEC);
        uint64_t n;

        if (fd < 0 && errno == EINTR)
            continue;
        if (fd < 0)
            return NULL; /* gdb_close */
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        (void)!read(g->wake, &n, sizeof(n));
        pthread_mutex_lock(&g->lock);
        if (g->closing) {
            close(fd);
            pthread_mutex_unlock(&g->lock);
            return NULL;
        }
        g->fd = fd;
        g->raw_at = g->raw_len = 0;
        g->no_ack = g->multiprocess = g->physical = false;
        g->nactions = 1;
        g->actions[0] = (struct gdb_action){.id = -1, .what = 'c'};
        g->event = (struct gdb_event){.kind = GDB_EV_ATTACH, .id = 1, .gdb_sig = GDB_SIGTRAP};
        g->state = GDB_STOP;
        pthread_mutex_unlock(&g->lock);
        gdb_session(g, true);
        if (!g->closing)
            g->t->go(g->t->opaque);
    }
}

struct gdb *gdb_listen(const char *where, const struct frontend *fe, struct tcg_engine *engine,
                       const struct gdb_target *t, char *err, size_t err_len)
{
    struct gdb *g = gdb_alloc(fe, engine, t);
    sigset_t all, old;
    int r = g ? 0 : ENOMEM;

    if (g) {
        g->fd = -1;
        g->state = GDB_GONE;
        g->listener = gdb_listen_on(g, where);
        g->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        r = g->listener < 0 ? -g->listener : g->wake < 0 ? errno : 0;
    }
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    r = r ? r : pthread_create(&g->thread, NULL, serve_all, g);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (!r)
        return g;
    snprintf(err, err_len, "-gdb %s: %s", where, strerror(r));
    if (g && g->listener >= 0)
        close(g->listener);
    free(g);
    return NULL;
}

void gdb_close(struct gdb *g, int status)
{
    pthread_mutex_lock(&g->lock);
    g->closing = true;
    if (g->state == GDB_RUN) { /* gdb waits for news: the machine is gone */
        uint64_t one = 1;

        g->event = (struct gdb_event){.kind = GDB_EV_EXIT, .gdb_sig = status};
        g->state = GDB_STOP;
        (void)!write(g->wake, &one, sizeof(one));
    } else if (g->fd >= 0) {
        shutdown(g->fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&g->lock);
    shutdown(g->listener, SHUT_RDWR);
    pthread_join(g->thread, NULL);
    close(g->listener);
    close(g->wake);
    if (g->unlink_path[0])
        unlink(g->unlink_path);
    while (g->threads) {
        struct gdb_thread *th = g->threads;

        g->threads = th->next;
        free(th);
    }
    free(g->points);
    free(g);
}
