// SPDX-License-Identifier: MIT
/* host/net/user.c -- user-mode network by libslirp: the guest's side is frames, the host's side is
 * sockets that GLib's loop polls. Addresses are those that users of other emulators
 * know: 10.0.2.0/24, the host at .2, DNS at .3, leases from .15.
 *
 * Frames that the device cannot take wait, 256 at most; then they are dropped, as a network does.
 * Not there: IPv6 options, SMB, commands behind forwards (guestfwd). */
#include "host/net/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <slirp/libslirp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#include <glib.h>

#define QUEUE_MAX 256
#define MAX_FDS   512

struct frame {
    struct frame *next;
    size_t len;
    uint8_t data[];
};

struct net_timer {
    SlirpTimerCb fire;
    void *arg;
    int64_t at_ms; /* INT64_MAX: not set */
    struct net_timer *next;
};

struct host_net {
    Slirp *slirp;
    struct host_lock lock;
    struct packet_in in;
    struct packet_out out;
    struct frame *queue, **queue_end;
    unsigned queued;
    struct net_timer *timers;
    struct source *source;
};

struct source { /* GLib allocates it */
    GSource base;
    struct host_net *n;
    GPollFD fds[MAX_FDS];
    unsigned nfds;
};

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

/* ---- what libslirp calls, machine's lock held ---- */
static bool give(struct host_net *n, const void *frame, size_t len)
{
    return !n->in.take || n->in.take(n->in.dev, frame, len, NULL);
}

static ssize_t send_packet(const void *buf, size_t len, void *opaque)
{
    struct host_net *n = opaque;
    struct frame *f;

    if (n->queue || !give(n, buf, len)) {
        if (n->queued == QUEUE_MAX || !(f = malloc(sizeof(*f) + len)))
            return (ssize_t)len;
        f->next = NULL;
        f->len = len;
        memcpy(f->data, buf, len);
        *n->queue_end = f;
        n->queue_end = &f->next;
        n->queued++;
    }
    return (ssize_t)len;
}

static void guest_error(const char *msg, void *opaque)
{
    (void)msg, (void)opaque;
}

static int64_t clock_get(void *opaque)
{
    (void)opaque;
    return now_ns();
}

static void *timer_new(SlirpTimerCb cb, void *arg, void *opaque)
{
    struct host_net *n = opaque;
    struct net_timer *t = calloc(1, sizeof(*t));

    if (!t)
        MOA_BUG("out of memory for a timer");
    *t = (struct net_timer){cb, arg, INT64_MAX, n->timers};
    n->timers = t;
    return t;
}

static void timer_free(void *timer, void *opaque)
{
    struct host_net *n = opaque;

    for (struct net_timer **p = &n->timers; *p; p = &(*p)->next) {
        if (*p == timer) {
            *p = (*p)->next;
            free(timer);
            return;
        }
    }
}

static void timer_mod(void *timer, int64_t at_ms, void *opaque)
{
    (void)opaque;
    ((struct net_timer *)timer)->at_ms = at_ms;
    g_main_context_wakeup(NULL);
}

static void no_fd(int fd, void *opaque)
{
    (void)fd, (void)opaque;
}

static void notify(void *opaque)
{
    (void)opaque;
    g_main_context_wakeup(NULL);
}

static const SlirpCb callbacks = {
    .send_packet = send_packet,
    .guest_error = guest_error,
    .clock_get_ns = clock_get,
    .timer_new = timer_new,
    .timer_free = timer_free,
    .timer_mod = timer_mod,
    .register_poll_fd = no_fd,
    .unregister_poll_fd = no_fd,
    .notify = notify,
};

/* ---- the loop ---- */
static int add_poll(int fd, int events, void *opaque)
{
    struct source *s = opaque;
    GPollFD *p = &s->fds[s->nfds];

    if (s->nfds == MAX_FDS)
        return -1;
    *p = (GPollFD){.fd = fd};
    p->events = (gushort)((events & SLIRP_POLL_IN ? G_IO_IN : 0) |
                          (events & SLIRP_POLL_OUT ? G_IO_OUT : 0) |
                          (events & SLIRP_POLL_PRI ? G_IO_PRI : 0) |
                          (events & SLIRP_POLL_ERR ? G_IO_ERR : 0) |
                          (events & SLIRP_POLL_HUP ? G_IO_HUP : 0));
    g_source_add_poll(&s->base, p);
    return (int)s->nfds++;
}

static int get_revents(int i, void *opaque)
{
    const struct source *s = opaque;
    int r = i >= 0 && (unsigned)i < s->nfds ? s->fds[i].revents : 0;

    return (r & G_IO_IN ? SLIRP_POLL_IN : 0) | (r & G_IO_OUT ? SLIRP_POLL_OUT : 0) |
           (r & G_IO_PRI ? SLIRP_POLL_PRI : 0) | (r & G_IO_ERR ? SLIRP_POLL_ERR : 0) |
           (r & G_IO_HUP ? SLIRP_POLL_HUP : 0);
}

static gboolean prepare(GSource *base, gint *timeout)
{
    struct source *s = (struct source *)base;
    uint32_t ms = 1000;
    int64_t now;

    for (unsigned i = 0; i < s->nfds; i++)
        g_source_remove_poll(base, &s->fds[i]);
    s->nfds = 0;
    s->n->lock.lock(s->n->lock.opaque);
    slirp_pollfds_fill(s->n->slirp, &ms, add_poll, s);
    now = now_ns() / 1000000;
    for (struct net_timer *t = s->n->timers; t; t = t->next) {
        if (t->at_ms <= now)
            ms = 0;
        else if (t->at_ms - now < ms)
            ms = (uint32_t)(t->at_ms - now);
    }
    s->n->lock.unlock(s->n->lock.opaque);
    *timeout = (gint)ms;
    return FALSE;
}

static gboolean check(GSource *base)
{
    (void)base;
    return TRUE; /* libslirp has work by time too */
}

static gboolean dispatch(GSource *base, GSourceFunc f, gpointer data)
{
    struct source *s = (struct source *)base;
    struct host_net *n = s->n;
    int64_t now = now_ns() / 1000000;

    (void)f, (void)data;
    n->lock.lock(n->lock.opaque);
    slirp_pollfds_poll(n->slirp, 0, get_revents, s);
    for (struct net_timer *t = n->timers, *next; t; t = next) {
        next = t->next;
        if (t->at_ms <= now) {
            t->at_ms = INT64_MAX;
            t->fire(t->arg);
        }
    }
    n->lock.unlock(n->lock.opaque);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = {.prepare = prepare, .check = check, .dispatch = dispatch};

/* ---- what the device calls ---- */
static bool send_to_host(void *to, const struct iovec *iov, unsigned niov, size_t len,
                         const struct packet_offload *o)
{
    struct host_net *n = to;
    uint8_t *flat = niov == 1 ? iov[0].iov_base : calloc(1, len);
    size_t at = 0;

    (void)o; /* nothing was offered */
    if (!flat)
        return true;
    for (unsigned i = 0; i < niov && niov > 1; at += iov[i++].iov_len)
        memcpy(flat + at, iov[i].iov_base, iov[i].iov_len);
    slirp_input(n->slirp, flat, (int)len);
    if (niov > 1)
        free(flat);
    g_main_context_wakeup(NULL); /* its sockets may be others now */
    return true;
}

static void accept_more(void *to)
{
    struct host_net *n = to;
    struct frame *f;

    while ((f = n->queue) && give(n, f->data, f->len)) {
        n->queue = f->next;
        if (!n->queue)
            n->queue_end = &n->queue;
        n->queued--;
        free(f);
    }
}

/* ---- options ---- */
struct options {
    SlirpConfig c;
    char *copy;
    const char *forwards[32];
    unsigned nforwards;
};

static bool set_net(SlirpConfig *c, char *v)
{
    char *slash = strchr(v, '/');
    unsigned bits = slash ? (unsigned)atoi(slash + 1) : 24;
    uint32_t net;

    if (slash)
        *slash = 0;
    if (!inet_aton(v, &c->vnetwork) || bits < 8 || bits > 28)
        return false;
    c->vnetmask.s_addr = htonl(~0u << (32 - bits));
    c->vnetwork.s_addr &= c->vnetmask.s_addr;
    net = ntohl(c->vnetwork.s_addr);
    c->vhost.s_addr = htonl(net + 2);
    c->vnameserver.s_addr = htonl(net + 3);
    c->vdhcp_start.s_addr = htonl(net + (bits <= 27 ? 15 : 4));
    return true;
}

static bool set_option(struct options *o, const char *name, char *v)
{
    SlirpConfig *c = &o->c;

    if (strcmp(name, "net") == 0)
        return set_net(c, v);
    if (strcmp(name, "host") == 0)
        return inet_aton(v, &c->vhost);
    if (strcmp(name, "dns") == 0)
        return inet_aton(v, &c->vnameserver);
    if (strcmp(name, "dhcpstart") == 0)
        return inet_aton(v, &c->vdhcp_start);
    if (strcmp(name, "restrict") == 0)
        return c->restricted = strcmp(v, "on") == 0, strcmp(v, "on") == 0 || strcmp(v, "off") == 0;
    if (strcmp(name, "hostname") == 0)
        return c->vhostname = v, true;
    if (strcmp(name, "tftp") == 0)
        return c->tftp_path = v, true;
    if (strcmp(name, "bootfile") == 0)
        return c->bootfile = v, true;
    if (strcmp(name, "hostfwd") == 0 && o->nforwards < ARRAY_LEN(o->forwards))
        return o->forwards[o->nforwards++] = v, true;
    return false;
}

/* "[ADDR]:PORT", up to end. */
static bool parse_end(const char *s, const char *end, struct in_addr *a, unsigned *port)
{
    const char *colon = memchr(s, ':', (size_t)(end - s));
    char text[64], *stop;

    if (!colon || colon - s >= 64 || end - colon > 8)
        return false;
    snprintf(text, sizeof(text), "%.*s", (int)(colon - s), s);
    if (*text && !inet_aton(text, a))
        return false;
    snprintf(text, sizeof(text), "%.*s", (int)(end - colon - 1), colon + 1);
    *port = (unsigned)strtoul(text, &stop, 10);
    return stop != text && !*stop && *port > 0 && *port < 65536;
}

/* "tcp:[ADDR]:PORT-[ADDR]:PORT" */
static int forward(struct host_net *n, const char *v, char *err, size_t err_len)
{
    struct in_addr host = {.s_addr = INADDR_ANY}, guest = {0};
    bool udp = strncmp(v, "udp:", 4) == 0;
    const char *s = strchr(v, ':'), *dash = s ? strchr(s, '-') : NULL;
    unsigned host_port, guest_port;

    if ((!udp && strncmp(v, "tcp:", 4) != 0 && *v != ':') || !dash ||
        !parse_end(s + 1, dash, &host, &host_port) ||
        !parse_end(dash + 1, dash + strlen(dash), &guest, &guest_port)) {
        snprintf(err, err_len, "hostfwd=%s: wants tcp|udp:[ADDR]:PORT-[ADDR]:PORT", v);
        return -1;
    }
    if (slirp_add_hostfwd(n->slirp, udp, host, (int)host_port, guest, (int)guest_port) < 0) {
        snprintf(err, err_len, "hostfwd=%s: %s", v, strerror(errno));
        return -1;
    }
    return 0;
}

static int parse(struct options *o, const char *text, char *err, size_t err_len)
{
    char *save = NULL, net[] = "10.0.2.0/24";

    *o = (struct options){.c = {.version = 1, .in_enabled = true}, .copy = strdup(text)};
    if (!o->copy)
        return -1;
    set_net(&o->c, net);
    if (strcmp(strtok_r(o->copy, ",", &save), "user") != 0) {
        snprintf(err, err_len, "%s: this network is not there (known: user)", text);
        return -1;
    }
    for (char *w; (w = strtok_r(NULL, ",", &save));) {
        char *v = strchr(w, '=');

        if (v)
            *v++ = 0;
        if (!v || !set_option(o, w, v)) {
            snprintf(err, err_len, "%s%s%s: %s", w, v ? "=" : "", v ? v : "", "not understood");
            return -1;
        }
    }
    return 0;
}

/* ---- life ---- */
struct host_net *host_net_new(const char *text, const struct host_lock *lock, char *err,
                              size_t err_len)
{
    struct host_net *n = calloc(1, sizeof(*n));
    struct options o;
    int e = -1;

    if (!n)
        return NULL;
    n->lock = *lock;
    n->queue_end = &n->queue;
    n->out = (struct packet_out){.to = n, .send = send_to_host, .accept = accept_more};
    if (parse(&o, text, err, err_len) == 0) {
        n->slirp = slirp_new(&o.c, &callbacks, n);
        e = n->slirp ? 0 : -1;
        if (e < 0)
            snprintf(err, err_len, "%s: libslirp refuses it", text);
        for (unsigned i = 0; i < o.nforwards && e == 0; i++)
            e = forward(n, o.forwards[i], err, err_len);
    }
    free(o.copy);
    if (e < 0) {
        host_net_free(n);
        return NULL;
    }
    n->source = (struct source *)g_source_new(&source_funcs, sizeof(*n->source));
    n->source->n = n;
    g_source_attach(&n->source->base, NULL);
    return n;
}

void host_net_free(struct host_net *n)
{
    struct frame *f;

    if (!n)
        return;
    n->in = (struct packet_in){0}; /* the device may be gone */
    if (n->source) {
        g_source_destroy(&n->source->base);
        g_source_unref(&n->source->base);
    }
    if (n->slirp)
        slirp_cleanup(n->slirp);
    while ((f = n->queue)) {
        n->queue = f->next;
        free(f);
    }
    free(n);
}

const struct packet_out *host_net_out(struct host_net *n)
{
    return &n->out;
}

void host_net_connect(struct host_net *n, const struct packet_in *in)
{
    n->in = *in;
}
