// SPDX-License-Identifier: MIT
/* debug/gdbstub.c -- connection and stop protocol of the gdb stub: who serves, who parks, what each
 * thread does when gdb resumes. Packets are in gdb_command.c and gdb_query.c. */
#include "debug/gdb_impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define GDB_SIGINT 2
#define GDB_SIGTRAP 5

/* ---- connection ---- */

static int listen_unix(struct gdb *g, const char *path)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof(sa.sun_path))
        return -ENAMETOOLONG;
    strcpy(sa.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    unlink(path);
    if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 || listen(fd, 1) < 0) {
        int err = -errno;

        close(fd);
        return err;
    }
    strcpy(g->unlink_path, path);
    return fd;
}

static int listen_tcp(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE}, *list, *a;
    int fd = -1, one = 1, err = -EADDRNOTAVAIL;

    if (getaddrinfo(host, port, &hints, &list) != 0)
        return -EINVAL;
    for (a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (fd < 0)
            continue;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
        if (bind(fd, a->ai_addr, a->ai_addrlen) < 0 || listen(fd, 1) < 0) {
            err = -errno;
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd >= 0 ? fd : err;
}

/* Only this machine may connect unless a host is named. */
static int listen_on(struct gdb *g, const char *where)
{
    const char *colon = strrchr(where, ':');
    char host[256] = "localhost";

    if (strncmp(where, "tcp:", 4) == 0) {
        where += 4;
        colon = strrchr(where, ':');
    }
    if (strchr(where, '/'))
        return listen_unix(g, where);
    if (colon && colon != where) {
        if ((size_t)(colon - where) >= sizeof(host))
            return -ENAMETOOLONG;
        memcpy(host, where, (size_t)(colon - where));
        host[colon - where] = 0;
    }
    return listen_tcp(host, colon ? colon + 1 : where);
}

/* Watches for gdb's interrupt (byte 3) while guest code runs. */
static void *watch_connection(void *arg)
{
    static const struct timespec pause = {.tv_nsec = 20 * 1000000};
    struct gdb *g = arg;
    bool lost = false;

    while (!lost) {
        pthread_mutex_lock(&g->lock);
        if (g->running && g->fd >= 0) {
            struct pollfd p = {.fd = g->fd, .events = POLLIN};
            uint8_t c;

            if (poll(&p, 1, 0) > 0) {
                ssize_t n = recv(g->fd, &c, 1, MSG_DONTWAIT);

                if (n == 0)
                    gdb_lost(g);
                else if (n == 1 && c == 3) {
                    g->interrupted = true;
                    g->running = false;
                    g->t->kick_all(g->t->opaque);
                }
            }
        }
        lost = g->fd < 0;
        pthread_mutex_unlock(&g->lock);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

struct gdb *gdb_open(const char *where, const struct frontend *fe, const struct gdb_target *t,
                     char *err, size_t err_len)
{
    struct gdb *g = calloc(1, sizeof(*g));
    sigset_t all, old;
    int one = 1;

    if (!g) {
        snprintf(err, err_len, "-g: out of memory");
        return NULL;
    }
    g->fe = fe;
    g->t = t;
    g->fd = -1;
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, NULL);
    g->listener = listen_on(g, where);
    if (g->listener < 0) {
        snprintf(err, err_len, "-g %s: %s", where, strerror(-g->listener));
        free(g);
        return NULL;
    }
    do
        g->fd = accept4(g->listener, NULL, NULL, SOCK_CLOEXEC);
    while (g->fd < 0 && errno == EINTR);
    close(g->listener);
    if (g->unlink_path[0])
        unlink(g->unlink_path);
    if (g->fd < 0) {
        snprintf(err, err_len, "-g %s: %s", where, strerror(errno));
        free(g);
        return NULL;
    }
    setsockopt(g->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    g->has_watcher = pthread_create(&g->watcher, NULL, watch_connection, g) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return g;
}

void gdb_after_fork(struct gdb *g)
{
    gdb_lost(g);
}

/* ---- stops ---- */

/* Waits until no other vcpu is in translated code; those in system calls stay where they are and
 * park when they come back. */
static void quiesce(struct gdb *g)
{
    static const struct timespec pause = {.tv_nsec = 200000};
    int ids[1024];
    bool busy;

    do {
        unsigned n = g->t->threads(g->t->opaque, ids, ARRAY_LEN(ids));

        busy = false;
        for (unsigned i = 0; i < n && i < ARRAY_LEN(ids); i++) {
            struct tcg_vcpu *v = ids[i] == g->cur_id ? NULL : g->t->vcpu(g->t->opaque, ids[i]);

            if (v && atomic_load(&v->epoch) & 1) {
                tcg_kick(v);
                busy = true;
            }
        }
        if (busy)
            nanosleep(&pause, NULL);
    } while (busy);
}

/* Lock held. Answers packets until gdb resumes or is gone. */
static void serve(struct gdb *g, int id, const struct gdb_stop *stop, bool announce)
{
    g->serving = true;
    g->running = false;
    g->cur_id = id;
    g->g_id = g->c_id = 0;
    g->stop = *stop;
    g->resume = false;
    pthread_mutex_unlock(&g->lock);
    quiesce(g);
    if (announce) {
        gdb_start_reply(g);
        gdb_stop_reply(g);
        gdb_send(g);
    }
    while (!g->resume) {
        int n = gdb_get_packet(g);

        if (n < 0) {
            g->step_id = g->deliver = 0;
            g->others_stay = false;
            break;
        }
        gdb_start_reply(g);
        gdb_command(g, g->in, (size_t)n);
        if (g->out_len)
            gdb_send(g);
    }
    pthread_mutex_lock(&g->lock);
    g->over_id = id;
    g->serving = false;
    g->running = true;
    g->interrupted = false;
    pthread_cond_broadcast(&g->changed);
}

/* Lock held. Waits while somebody else serves, or while this thread is to stay. */
static void park(struct gdb *g, int id)
{
    while (g->serving || (g->others_stay && id != g->only_id && g->fd >= 0))
        pthread_cond_wait(&g->changed, &g->lock);
}

static int report(struct gdb *g, struct tcg_vcpu *v, int id, const struct gdb_stop *stop)
{
    int deliver;

    g->engine = v->engine;
    pthread_mutex_lock(&g->lock);
    while (g->serving)
        pthread_cond_wait(&g->changed, &g->lock);
    if (g->fd < 0) {
        pthread_mutex_unlock(&g->lock);
        return stop->gdb_sig == GDB_SIGTRAP ? 0 : g->t->from_gdb_signal(stop->gdb_sig);
    }
    serve(g, id, stop, true);
    deliver = g->deliver;
    g->deliver = 0;
    pthread_mutex_unlock(&g->lock);
    return deliver;
}

void gdb_attach(struct gdb *g, struct tcg_vcpu *v, int id)
{
    static const struct gdb_stop first = {.gdb_sig = GDB_SIGTRAP};

    g->engine = v->engine;
    pthread_mutex_lock(&g->lock);
    serve(g, id, &first, false);
    pthread_mutex_unlock(&g->lock);
}

enum tcg_exit_reason gdb_run(struct gdb *g, struct tcg_vcpu *v, int id)
{
    static const struct gdb_stop interrupt = {.gdb_sig = GDB_SIGINT};
    struct gdb_stop stop = {.gdb_sig = GDB_SIGTRAP};
    enum tcg_exit_reason reason;
    bool step, over;

    pthread_mutex_lock(&g->lock);
    park(g, id);
    if (g->interrupted && g->fd >= 0) {
        g->engine = v->engine;
        serve(g, id, &interrupt, true);
        park(g, id);
    }
    step = g->step_id == id && g->fd >= 0;
    over = g->over_id == id;
    if (over)
        g->over_id = 0;
    pthread_mutex_unlock(&g->lock);

    if (step) {
        reason = tcg_step(v);
    } else {
        reason = over ? tcg_step(v) : TCG_EXIT_POLL;
        if (reason == TCG_EXIT_DEBUG && v->exit.reason != TCG_EXIT_DEBUG)
            reason = TCG_EXIT_POLL; /* stepped off; look for signals, then run */
        else if (!over)
            reason = tcg_run(v);
    }
    if (reason != TCG_EXIT_DEBUG)
        return reason;
    if (!step || v->exit.reason == TCG_EXIT_DEBUG) {
        if (v->exit.reason == TCG_EXIT_DEBUG && v->exit.code) {
            strcpy(stop.kind, v->exit.code == TCG_WATCH_WRITE ? "watch"
                            : v->exit.code == TCG_WATCH_READ ? "rwatch" : "awatch");
            stop.addr = v->exit.addr;
        } else {
            strcpy(stop.kind, "swbreak");
        }
    }
    report(g, v, id, &stop);
    return TCG_EXIT_POLL;
}

int gdb_signal(struct gdb *g, struct tcg_vcpu *v, int id, int sig)
{
    struct gdb_stop stop = {.gdb_sig = g->t->to_gdb_signal(sig)};

    return g->fd < 0 ? sig : report(g, v, id, &stop);
}

void gdb_exited(struct gdb *g, int status, bool killed)
{
    pthread_mutex_lock(&g->lock);
    if (g->fd >= 0) {
        gdb_start_reply(g);
        gdb_putf(g, "%c%02x", killed ? 'X' : 'W',
                 (unsigned)(killed ? g->t->to_gdb_signal(status) : status) & 0xff);
        gdb_send(g);
        gdb_lost(g);
    }
    pthread_mutex_unlock(&g->lock);
}
