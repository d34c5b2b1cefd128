// SPDX-License-Identifier: MIT
/* debug/gdbstub.c -- connection and stop protocol of the gdb stub: events, who parks, what each
 * thread does when gdb resumes. Packets are in gdb_command.c and gdb_query.c.
 *
 * One event is looked at, at a time. A thread that meets a breakpoint while another's event is
 * looked at forgets it and meets it again when it runs again, if gdb has not removed it by then;
 * signals wait. Not modelled: non-stop mode, following children, reverse execution. */
#include "debug/gdb_impl.h"

#include "tcg/ir.h"

#include "base/fd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

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
    char *end;
    unsigned long n = strtoul(port, &end, 10);

    if (end == port || *end || n == 0 || n > 65535 || getaddrinfo(host, port, &hints, &list) != 0)
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
int gdb_listen_on(struct gdb *g, const char *where)
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

bool gdb_own_fd(const struct gdb *g, int fd)
{
    for (unsigned i = 0; i < GDB_FILES; i++)
        if (g->files[i] == fd)
            return true;
    return fd == g->fd || fd == g->wake;
}

/* ---- threads ---- */

struct gdb_thread *gdb_thread(struct gdb *g, int id)
{
    struct gdb_thread *th;

    for (th = g->threads; th && th->id != id; th = th->next)
        ;
    return th;
}

const struct gdb_action *gdb_action_of(const struct gdb *g, int id)
{
    for (unsigned i = 0; i < g->nactions; i++)
        if (g->actions[i].id == -1 || g->actions[i].id == id)
            return &g->actions[i];
    return NULL;
}

bool gdb_may_run(const struct gdb *g, int id)
{
    return g->state == GDB_GONE || (g->state == GDB_RUN && gdb_action_of(g, id));
}

/* Lock held. */
static void park(struct gdb *g, struct gdb_thread *th)
{
    while (!gdb_may_run(g, th->id)) {
        if (!th->parked) {
            th->parked = true;
            pthread_cond_broadcast(&g->changed);
        }
        pthread_cond_wait(&g->changed, &g->lock);
    }
    th->parked = false;
}

/* Lock held, the stub in GDB_RUN. Parks until gdb lets the thread go on. */
void gdb_post(struct gdb *g, struct gdb_thread *th, const struct gdb_event *ev)
{
    uint64_t one = 1;

    g->event = *ev;
    g->state = GDB_STOP;
    if (write(g->wake, &one, sizeof(one)) < 0)
        MOA_BUG("eventfd: %s", strerror(errno));
    if (g->t->stop)
        g->t->stop(g->t->opaque);
    else if (th)
        park(g, th);
}

void gdb_thread_begin(struct gdb *g, struct tcg_vcpu *v, int id)
{
    struct gdb_thread *th = calloc(1, sizeof(*th)), **at;

    if (!th)
        MOA_BUG("out of memory for a thread of the debugger");
    th->v = v;
    th->id = id;
    pthread_mutex_lock(&g->lock);
    for (at = &g->threads; *at; at = &(*at)->next)
        ;
    *at = th;
    pthread_mutex_unlock(&g->lock);
}

/* Lock held: could any thread run? */
static bool anybody(const struct gdb *g)
{
    for (const struct gdb_thread *th = g->threads; th; th = th->next)
        if (gdb_action_of(g, th->id))
            return true;
    return false;
}

void gdb_thread_end(struct gdb *g, int id)
{
    struct gdb_thread *th, **at;

    pthread_mutex_lock(&g->lock);
    th = gdb_thread(g, id);
    if (th) {
        park(g, th);
        for (at = &g->threads; *at != th; at = &(*at)->next)
            ;
        *at = th->next;
        free(th);
        if (g->state == GDB_RUN && g->threads && !anybody(g))
            gdb_post(g, NULL, &(struct gdb_event){.kind = GDB_EV_NOBODY, .id = g->threads->id});
    }
    pthread_mutex_unlock(&g->lock);
}

void gdb_attach(struct gdb *g, int id)
{
    pthread_mutex_lock(&g->lock);
    gdb_post(g, gdb_thread(g, id),
         &(struct gdb_event){.kind = g->taken_over ? GDB_EV_EXEC : GDB_EV_ATTACH, .id = id,
                             .gdb_sig = GDB_SIGTRAP});
    pthread_mutex_unlock(&g->lock);
}

/* Lock held. What the exit of the engine means; posts it if it still does. */
static void debug_exit(struct gdb *g, struct gdb_thread *th, bool stepped)
{
    const struct gdb_action *a = gdb_action_of(g, th->id);
    struct gdb_event ev = {.id = th->id, .gdb_sig = GDB_SIGTRAP, .kind = GDB_EV_STEP};
    uint64_t pc = th->v->guest->get_pc(th->v);
    const struct gdb_point *p = NULL;

    if (!gdb_may_run(g, th->id) || g->state == GDB_GONE)
        return; /* somebody was faster: it will happen again when this thread runs again */
    if (!stepped && th->v->exit.code) {
        unsigned kinds = th->v->exit.code;

        p = gdb_find_point(g, th->v->exit.addr,
                           1u << 4 | (kinds & TCG_WATCH_WRITE ? 1u << 2 : 0) |
                               (kinds & TCG_WATCH_READ ? 1u << 3 : 0));
        ev.kind = GDB_EV_WATCH;
        ev.addr = th->v->exit.addr;
    } else {
        p = gdb_find_point(g, pc, 1u << 0 | 1u << 1);
        if (!stepped || p)
            ev.kind = GDB_EV_BREAK;
        else if (a && a->what == 'r' && pc >= a->lo && pc < a->hi)
            return;
    }
    ev.type = p ? p->type : 0;
    gdb_post(g, th, &ev);
}

enum tcg_exit_reason gdb_execute(struct gdb *g, struct gdb_thread *th, struct tcg_vcpu *v,
                                 bool step)
{
    enum tcg_exit_reason reason;

    th->in_code = true;
    pthread_mutex_unlock(&g->lock);

    reason = step ? tcg_step(v) : tcg_run(v);

    pthread_mutex_lock(&g->lock);
    th->in_code = false;
    if (g->state == GDB_STOP)
        pthread_cond_broadcast(&g->changed);
    if (reason != TCG_EXIT_DEBUG)
        return reason;
    debug_exit(g, th, step && v->exit.reason != TCG_EXIT_DEBUG);
    return TCG_EXIT_POLL;
}

enum tcg_exit_reason gdb_run(struct gdb *g, struct tcg_vcpu *v, int id)
{
    const struct gdb_action *a;
    enum tcg_exit_reason reason;
    struct gdb_thread *th;
    bool step, stepped;

    pthread_mutex_lock(&g->lock);
    th = gdb_thread(g, id);
    for (;;) {
        park(g, th);
        a = gdb_action_of(g, id);
        step = g->state == GDB_RUN && a->what != 'c';
        /* a step ends behind a system call, and in front of a signal handler */
        stepped = th->step_done || (th->signalled && v->guest->get_pc(v) != th->sig_pc);
        th->step_done = th->signalled = false;
        if (!step || !stepped)
            break;
        gdb_post(g, th, &(struct gdb_event){.kind = GDB_EV_STEP, .id = id, .gdb_sig = GDB_SIGTRAP});
    }
    reason = gdb_execute(g, th, v, step);
    if (step && reason == TCG_EXIT_SYSCALL)
        th->step_done = true;
    pthread_mutex_unlock(&g->lock);
    return reason;
}

int gdb_signal(struct gdb *g, struct tcg_vcpu *v, int id, int sig, const void *info, size_t len)
{
    struct gdb_event ev = {.kind = GDB_EV_SIGNAL, .id = id};
    struct gdb_thread *th;

    pthread_mutex_lock(&g->lock);
    th = gdb_thread(g, id);
    if (g->state != GDB_GONE && sig != th->unasked && !(g->pass >> (sig - 1) & 1)) {
        park(g, th);
        if (g->state == GDB_RUN) {
            th->info_len = len < sizeof(th->info) ? len : sizeof(th->info);
            memcpy(th->info, info, th->info_len);
            th->deliver = sig; /* if gdb goes away */
            ev.gdb_sig = g->t->to_gdb_signal(sig);
            gdb_post(g, th, &ev);
            sig = th->deliver;
            th->info_len = 0;
        }
    } else if (sig == th->unasked) {
        th->unasked = 0;
    }
    th->signalled = sig != 0;
    th->step_done = false;
    th->sig_pc = v->guest->get_pc(v);
    pthread_mutex_unlock(&g->lock);
    return sig;
}

static void call(struct gdb *g, int id, uint64_t nr, bool begin)
{
    struct gdb_thread *th;

    pthread_mutex_lock(&g->lock);
    th = gdb_thread(g, id);
    if (g->catch_calls && g->state != GDB_GONE &&
        (g->catch_all || (nr < 8 * sizeof(g->catch) && g->catch[nr / 8] >> nr % 8 & 1))) {
        park(g, th);
        if (g->state == GDB_RUN)
            gdb_post(g, th, &(struct gdb_event){.kind = begin ? GDB_EV_CALL : GDB_EV_CALL_END,
                                            .id = id, .gdb_sig = GDB_SIGTRAP, .addr = nr});
    }
    th->in_call = begin;
    pthread_mutex_unlock(&g->lock);
}

void gdb_call_begin(struct gdb *g, int id, uint64_t nr)
{
    call(g, id, nr, true);
}

void gdb_call_end(struct gdb *g, int id, uint64_t nr)
{
    call(g, id, nr, false);
}

void gdb_exited(struct gdb *g, int status, bool killed)
{
    struct gdb_event ev = {.id = 0};
    struct timespec until;

    pthread_mutex_lock(&g->lock);
    while (g->state == GDB_STOP)
        pthread_cond_wait(&g->changed, &g->lock);
    if (g->state == GDB_RUN) {
        ev.kind = killed ? GDB_EV_KILLED : GDB_EV_EXIT;
        ev.gdb_sig = killed ? g->t->to_gdb_signal(status) : status;
        gdb_post(g, NULL, &ev);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 2;
        while (g->state != GDB_GONE &&
               pthread_cond_timedwait(&g->changed, &g->lock, &until) != ETIMEDOUT)
            ;
    }
    pthread_mutex_unlock(&g->lock);
}

void gdb_after_fork(struct gdb *g)
{
    close(g->fd);
    close(g->wake);
    gdb_close_files(g);
    gdb_remove_points(g);
}

/* ---- the stub's thread ---- */

/* Lock held. Waits at most ms for a change. */
static void wait_change(struct gdb *g, unsigned ms)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)ms * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&g->changed, &g->lock, &until);
}

/* Waits until nobody is in guest code. */
static void quiesce(struct gdb *g)
{
    bool busy;

    if (g->t->stop)
        g->t->stop(g->t->opaque);
    pthread_mutex_lock(&g->lock);
    for (struct gdb_thread *th = g->threads; th && g->t->stop; th = th->next)
        th->parked = true;
    do {
        busy = false;
        for (struct gdb_thread *th = g->threads; th; th = th->next)
            if (th->in_code) {
                tcg_kick(th->v);
                busy = true;
            }
        if (busy)
            wait_change(g, 1);
    } while (busy);
    pthread_mutex_unlock(&g->lock);
}

bool gdb_settle(struct gdb *g, struct gdb_thread *th)
{
    bool done;

    pthread_mutex_lock(&g->lock);
    for (unsigned i = 0; i < 100 && !th->parked; i++) {
        if (th->in_call)
            g->t->nudge(g->t->opaque, th->id);
        wait_change(g, 5);
    }
    done = th->parked;
    pthread_mutex_unlock(&g->lock);
    return done;
}

/* The stub's thread, or one that still holds everybody: gdb is gone, all run on. */
void gdb_lost(struct gdb *g)
{
    gdb_remove_points(g);
    gdb_close_files(g);
    pthread_mutex_lock(&g->lock);
    close(g->fd);
    g->fd = -1;
    g->state = GDB_GONE;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
}

/* A byte from gdb while the program runs: an interrupt, or nothing. */
static void running_byte(struct gdb *g, int c)
{
    if (c != 3)
        return;
    pthread_mutex_lock(&g->lock);
    if (g->state == GDB_RUN && g->threads) {
        int id = gdb_thread(g, g->event.id) ? g->event.id : g->threads->id;

        g->event = (struct gdb_event){.kind = GDB_EV_INTERRUPT, .id = id, .gdb_sig = GDB_SIGINT};
        g->state = GDB_STOP;
    }
    pthread_mutex_unlock(&g->lock);
}

/* Waits for an event; false when the connection is lost. */
static bool await_event(struct gdb *g, bool attached)
{
    for (;;) {
        struct pollfd p[2] = {{.fd = attached ? g->fd : -1, .events = POLLIN},
                              {.fd = g->wake, .events = POLLIN}};
        enum gdb_state state;
        uint64_t n;
        uint8_t c;

        pthread_mutex_lock(&g->lock);
        state = g->state;
        pthread_mutex_unlock(&g->lock);
        if (state != GDB_RUN)
            return true;
        if (g->raw_at < g->raw_len) {
            running_byte(g, g->raw[g->raw_at++]);
            continue;
        }
        if (poll(p, 2, -1) < 0 && errno != EINTR)
            return false;
        if (p[1].revents && read(g->wake, &n, sizeof(n)) < 0 && errno != EAGAIN)
            return false;
        if (p[0].revents) {
            if (recv(g->fd, &c, 1, 0) <= 0)
                return false;
            running_byte(g, c);
        }
    }
}

/* gdb has said who runs how. */
static void let_go(struct gdb *g)
{
    pthread_mutex_lock(&g->lock);
    for (struct gdb_thread *th = g->threads; th; th = th->next) {
        const struct gdb_action *a = gdb_action_of(g, th->id);
        bool mine = th->id == g->event.id;
        int sig = a && (mine || a->id == th->id) ? g->t->from_gdb_signal(a->gdb_sig) : 0;

        th->step_done = false;
        if (mine && g->event.kind == GDB_EV_SIGNAL) {
            th->deliver = sig;
        } else if (sig) {
            th->unasked = sig;
            g->t->send_signal(g->t->opaque, th->id, sig);
        }
    }
    if (g->state == GDB_STOP)
        g->state = GDB_RUN;
    for (struct gdb_thread *th = g->threads; th && g->t->go; th = th->next)
        th->parked = false;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
    if (g->t->go)
        g->t->go(g->t->opaque);
}

/* Answers packets until gdb resumes; false: gdb is gone. */
static bool serve(struct gdb *g)
{
    g->g_id = g->c_id = 0;
    g->resume = false;
    while (!g->resume) {
        int n = gdb_get_packet(g);

        if (n < 0)
            return false;
        gdb_start_reply(g);
        gdb_command(g, g->in, (size_t)n);
        if (g->out_len)
            gdb_send(g);
        if (g->fd < 0)
            return false;
    }
    return true;
}

/* What gdb sends before the program stands still for the first time is a packet, no interrupt. */
void gdb_session(struct gdb *g, bool attached)
{
    for (; await_event(g, attached); attached = true) {
        bool over = g->event.kind == GDB_EV_EXIT || g->event.kind == GDB_EV_KILLED;

        if (!over)
            quiesce(g);
        if (g->event.kind == GDB_EV_INTERRUPT)
            gdb_settle(g, gdb_thread(g, g->event.id));
        if (g->event.kind != GDB_EV_ATTACH) {
            gdb_start_reply(g);
            gdb_stop_reply(g);
            gdb_send(g);
        }
        if (over || !serve(g))
            break;
        let_go(g);
    }
    if (g->fd >= 0)
        gdb_lost(g);
}

static void *stub_main(void *arg)
{
    gdb_session(arg, false);
    return NULL;
}

/* ---- exec ---- */

bool gdb_hand_over(struct gdb *g, char *where, size_t len)
{
    bool ok;

    pthread_mutex_lock(&g->lock);
    ok = g->state != GDB_GONE && g->exec_events && fcntl(g->fd, F_SETFD, 0) == 0;
    pthread_mutex_unlock(&g->lock);
    if (ok)
        snprintf(where, len, "fd:%d,%d,%d,%llx", g->fd, g->no_ack, g->multiprocess,
                 (unsigned long long)g->pass);
    return ok;
}

void gdb_hand_back(struct gdb *g)
{
    fcntl(g->fd, F_SETFD, FD_CLOEXEC);
}

static int take_over(struct gdb *g, const char *where)
{
    int fd, no_ack, multiprocess;
    unsigned long long pass;

    if (sscanf(where, "fd:%d,%d,%d,%llx", &fd, &no_ack, &multiprocess, &pass) != 4 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -EBADF;
    g->no_ack = no_ack;
    g->multiprocess = multiprocess;
    g->pass = pass;
    g->exec_events = g->taken_over = true;
    return fd;
}

static int wait_for_gdb(struct gdb *g, const char *where)
{
    int listener = gdb_listen_on(g, where), fd, err;

    if (listener < 0)
        return listener;
    do
        fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    err = errno;
    close(listener);
    if (g->unlink_path[0])
        unlink(g->unlink_path);
    return fd < 0 ? -err : fd_out_of_the_way(fd);
}

struct gdb *gdb_alloc(const struct frontend *fe, struct tcg_engine *engine,
                      const struct gdb_target *t)
{
    struct gdb *g = calloc(1, sizeof(*g));

    if (!g)
        return NULL;
    g->fe = fe;
    g->t = t;
    g->engine = engine;
    g->actions[g->nactions++] = (struct gdb_action){.id = -1, .what = 'c'};
    memset(g->files, -1, sizeof(g->files));
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->changed, NULL);
    return g;
}

struct gdb *gdb_open(const char *where, const struct frontend *fe, struct tcg_engine *engine,
                     const struct gdb_target *t, char *err, size_t err_len)
{
    struct gdb *g = gdb_alloc(fe, engine, t);
    sigset_t all, old;
    pthread_t thread;
    int one = 1, r;

    if (!g) {
        snprintf(err, err_len, "-g: out of memory");
        return NULL;
    }
    g->fd = strncmp(where, "fd:", 3) == 0 ? take_over(g, where) : wait_for_gdb(g, where);
    if (g->fd < 0) {
        snprintf(err, err_len, "-g %s: %s", where, strerror(-g->fd));
        free(g);
        return NULL;
    }
    g->wake = fd_out_of_the_way(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    setsockopt(g->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    r = g->wake < 0 ? EMFILE : pthread_create(&thread, NULL, stub_main, g);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (r) {
        snprintf(err, err_len, "-g %s: %s", where, strerror(r));
        close(g->fd);
        free(g);
        return NULL;
    }
    pthread_detach(thread);
    return g;
}
