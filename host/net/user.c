// SPDX-License-Identifier: MIT
/* host/net/user.c -- user-mode network by libslirp: the guest's side is frames, the host's side is
 * sockets that GLib's loop polls. Addresses are those that users of other emulators
 * know: 10.0.2.0/24, the host at .2, DNS at .3, leases from .15.
 *
 * Not there: IPv6 options, SMB, commands behind forwards (guestfwd). */
#include "host/net/impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <slirp/libslirp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#include <glib.h>

#define MAX_FDS 512

struct net_timer {
    SlirpTimerCb fire;
    void *arg;
    int64_t at_ms; /* INT64_MAX: not set */
    struct net_timer *next;
};

struct user_net {
    struct host_net net;
    Slirp *slirp;
    struct net_timer *timers;
    struct source *source;
};

struct source { /* GLib allocates it */
    GSource base;
    struct user_net *n;
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
static ssize_t send_packet(const void *buf, size_t len, void *opaque)
{
    net_deliver(opaque, buf, len);
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
    struct user_net *n = opaque;
    struct net_timer *t = calloc(1, sizeof(*t));

    if (!t)
        MOA_BUG("out of memory for a timer");
    *t = (struct net_timer){cb, arg, INT64_MAX, n->timers};
    n->timers = t;
    return t;
}

static void timer_free(void *timer, void *opaque)
{
    struct user_net *n = opaque;

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
    s->n->net.lock.lock(s->n->net.lock.opaque);
    slirp_pollfds_fill(s->n->slirp, &ms, add_poll, s);
    now = now_ns() / 1000000;
    for (struct net_timer *t = s->n->timers; t; t = t->next) {
        if (t->at_ms <= now)
            ms = 0;
        else if (t->at_ms - now < ms)
            ms = (uint32_t)(t->at_ms - now);
    }
    s->n->net.lock.unlock(s->n->net.lock.opaque);
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
    struct user_net *n = s->n;
    int64_t now = now_ns() / 1000000;

    (void)f, (void)data;
    n->net.lock.lock(n->net.lock.opaque);
    slirp_pollfds_poll(n->slirp, 0, get_revents, s);
    for (struct net_timer *t = n->timers, *next; t; t = next) {
        next = t->next;
        if (t->at_ms <= now) {
            t->at_ms = INT64_MAX;
            t->fire(t->arg);
        }
    }
    n->net.lock.unlock(n->net.lock.opaque);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = {.prepare = prepare, .check = check, .dispatch = dispatch};

/* ---- what the device calls ---- */
static bool send_to_host(void *to, const struct iovec *iov, unsigned niov, size_t len,
                         const struct packet_offload *o)
{
    struct user_net *n = to;
    uint8_t *flat = net_flat(iov, niov, len);

    (void)o; /* nothing was offered */
    if (!flat)
        return true;
    slirp_input(n->slirp, flat, (int)len);
    net_unflat(flat, iov, niov);
    g_main_context_wakeup(NULL); /* its sockets may be others now */
    return true;
}

/* ---- options ---- */
struct options {
    SlirpConfig c;
    const char *forwards[32];
    unsigned nforwards;
    const char *search[9]; /* ended by NULL */
    unsigned nsearch;
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
    if (strcmp(name, "tftp-server-name") == 0)
        return c->tftp_server_name = v, true;
    if (strcmp(name, "domainname") == 0)
        return c->vdomainname = v, true;
    if (strcmp(name, "dnssearch") == 0 && o->nsearch + 1 < ARRAY_LEN(o->search)) {
        o->search[o->nsearch++] = v;
        return c->vdnssearch = o->search, true;
    }
    if (strcmp(name, "ipv4") == 0 || strcmp(name, "ipv6") == 0) {
        bool on = strcmp(v, "on") == 0;

        *(name[3] == '4' ? &c->in_enabled : &c->in6_enabled) = on;
        return on || strcmp(v, "off") == 0;
    }
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
static int forward(struct user_net *n, const char *v, char *err, size_t err_len)
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

/* "tcp:[ADDR]:PORT" */
static int unforward(struct user_net *n, const char *v, char *err, size_t err_len)
{
    struct in_addr host = {.s_addr = INADDR_ANY};
    bool udp = strncmp(v, "udp:", 4) == 0;
    const char *s = strchr(v, ':');
    unsigned port;

    if ((!udp && strncmp(v, "tcp:", 4) != 0 && *v != ':') || !parse_end(s + 1, s + strlen(s), &host, &port)) {
        snprintf(err, err_len, "hostfwd=%s: wants tcp|udp:[ADDR]:PORT", v);
        return -1;
    }
    if (slirp_remove_hostfwd(n->slirp, udp, host, (int)port) < 0) {
        snprintf(err, err_len, "hostfwd=%s: there is no such forward", v);
        return -1;
    }
    return 0;
}

static int change_forward(struct host_net *net, bool add, const char *text, char *err, size_t err_len)
{
    struct user_net *n = (struct user_net *)net;
    int r = add ? forward(n, text, err, err_len) : unforward(n, text, err, err_len);

    g_main_context_wakeup(NULL);
    return r;
}

static int parse(struct options *o, char *text, char *err, size_t err_len)
{
    char net[] = "10.0.2.0/24", *name, *value;

    *o = (struct options){.c = {.version = 1, .in_enabled = true, .vprefix_len = 64}};
    set_net(&o->c, net);
    inet_pton(AF_INET6, "fec0::", &o->c.vprefix_addr6);
    inet_pton(AF_INET6, "fec0::2", &o->c.vhost6);
    inet_pton(AF_INET6, "fec0::3", &o->c.vnameserver6);
    while (net_option(&text, &name, &value))
        if (!*value || !set_option(o, name, value)) {
            snprintf(err, err_len, "%s%s%s: not understood", name, *value ? "=" : "", value);
            return -1;
        }
    return 0;
}

/* ---- life ---- */
static void end(struct host_net *net)
{
    struct user_net *n = (struct user_net *)net;

    if (n->source) {
        g_source_destroy(&n->source->base);
        g_source_unref(&n->source->base);
    }
    if (n->slirp)
        slirp_cleanup(n->slirp);
}

struct host_net *net_user_new(char *text, char *err, size_t err_len)
{
    struct user_net *n = calloc(1, sizeof(*n));
    struct options o;
    int e;

    if (!n)
        return NULL;
    n->net.free = end;
    n->net.out.send = send_to_host;
    n->net.forward = change_forward;
    e = parse(&o, text, err, err_len);
    if (e == 0) {
        n->slirp = slirp_new(&o.c, &callbacks, n);
        e = n->slirp ? 0 : -1;
        if (e < 0)
            snprintf(err, err_len, "user: libslirp refuses these addresses");
        for (unsigned i = 0; i < o.nforwards && e == 0; i++)
            e = forward(n, o.forwards[i], err, err_len);
    }
    if (e < 0) {
        end(&n->net);
        free(n);
        return NULL;
    }
    n->source = (struct source *)g_source_new(&source_funcs, sizeof(*n->source));
    n->source->n = n;
    g_source_attach(&n->source->base, NULL);
    return &n->net;
}
