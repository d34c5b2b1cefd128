// SPDX-License-Identifier: MIT
/* host/net/stream.c -- frames over a connection: each is sent as its length in four bytes, big-endian, and its
 * bytes. A length that no frame can have ends the connection, since what follows has no beginning any more.
 *
 * A listener takes one connection at a time, and the next when that is gone. While there is none, frames
 * are lost, as on a cable that is not plugged in. */
#include "host/net/socket.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib-unix.h>

#define PATIENCE_MS 10000

struct stream {
    struct host_net net;
    struct net_stream_config c;
    int fd, listener; /* -1: none */
    guint in, out, timer;
    bool connecting;
    /* what comes in: head, then frame */
    uint32_t have; /* bytes of both */
    uint8_t head[4], frame[PACKET_MAX];
    /* what the socket has not taken yet */
    uint8_t *rest;
    size_t rest_at, rest_len;
};

static gboolean on_listener(gint fd, GIOCondition cond, gpointer data);
static gboolean on_input(gint fd, GIOCondition cond, gpointer data);
static gboolean on_output(gint fd, GIOCondition cond, gpointer data);
static gboolean on_timer(gpointer data);

static void stop(guint *source)
{
    if (*source)
        g_source_remove(*source);
    *source = 0;
}

static void watch_input(struct stream *s)
{
    if (!s->in && s->fd >= 0)
        s->in = g_unix_fd_add(s->fd, G_IO_IN, on_input, s);
}

static void watch_output(struct stream *s)
{
    if (!s->out)
        s->out = g_unix_fd_add(s->fd, G_IO_OUT, on_output, s);
}

/* The connection is over. The sources are stopped by name, or by their own answer: own. */
static void drop(struct stream *s, guint *own)
{
    bool waited = s->rest_len != 0;

    if (own)
        *own = 0;
    stop(&s->in);
    stop(&s->out);
    close(s->fd);
    s->fd = -1;
    s->have = 0;
    s->rest_len = 0;
    s->connecting = false;
    if (s->listener >= 0)
        s->in = g_unix_fd_add(s->listener, G_IO_IN, on_listener, s);
    else if (s->c.reconnect)
        s->timer = g_timeout_add_seconds(s->c.reconnect, on_timer, s);
    if (waited && s->net.in.room) /* a frame that waits in the device goes into the void */
        s->net.in.room(s->net.in.dev);
}

static gboolean on_listener(gint fd, GIOCondition cond, gpointer data)
{
    struct stream *s = data;
    int got = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)cond;
    if (got < 0)
        return G_SOURCE_CONTINUE;
    s->net.lock.lock(s->net.lock.opaque);
    s->fd = got;
    s->in = 0;
    if (!s->net.queue)
        watch_input(s);
    s->net.lock.unlock(s->net.lock.opaque);
    return G_SOURCE_REMOVE;
}

/* ---- coming in ---- */

static uint32_t frame_len(const struct stream *s)
{
    return (uint32_t)s->head[0] << 24 | (uint32_t)s->head[1] << 16 | (uint32_t)s->head[2] << 8 | s->head[3];
}

/* n bytes of the stream. False: it makes no sense. */
static bool feed(struct stream *s, const uint8_t *p, size_t n)
{
    while (n) {
        uint32_t want = s->have < 4 ? 4 : 4 + frame_len(s), part;

        part = want - s->have < n ? want - s->have : (uint32_t)n;
        memcpy(s->have < 4 ? s->head + s->have : s->frame + (s->have - 4), p, part);
        s->have += part;
        p += part;
        n -= part;
        if (s->have < 4)
            continue;
        if (frame_len(s) == 0 || frame_len(s) > PACKET_MAX)
            return false;
        if (s->have == 4 + frame_len(s)) {
            net_deliver(&s->net, s->frame, frame_len(s));
            s->have = 0;
        }
    }
    return true;
}

static gboolean on_input(gint fd, GIOCondition cond, gpointer data)
{
    struct stream *s = data;
    uint8_t buf[16384];
    bool more = true;
    ssize_t n;

    (void)cond;
    s->net.lock.lock(s->net.lock.opaque);
    n = recv(fd, buf, sizeof(buf), 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) ||
        (n > 0 && !feed(s, buf, (size_t)n))) {
        if (n > 0)
            fprintf(stderr, "moa: -netdev %s: a frame of %u bytes: connection closed\n", s->c.what,
                    frame_len(s));
        drop(s, &s->in);
        more = false;
    } else if (s->net.queue) { /* the socket keeps the rest */
        s->in = 0;
        more = false;
    }
    s->net.lock.unlock(s->net.lock.opaque);
    return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void emptied(struct host_net *n)
{
    watch_input((struct stream *)n);
}

/* ---- going out ---- */

static gboolean on_output(gint fd, GIOCondition cond, gpointer data)
{
    struct stream *s = data;
    ssize_t n = 0;
    bool more = true;

    (void)cond;
    s->net.lock.lock(s->net.lock.opaque);
    if (s->connecting) {
        int e = 0;
        socklen_t len = sizeof(e);

        getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &len);
        s->connecting = false;
        n = e ? -1 : 0;
        errno = e;
        if (!e && !s->net.queue)
            watch_input(s);
    }
    if (n == 0 && s->rest_len)
        n = send(fd, s->rest + s->rest_at, s->rest_len, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        drop(s, &s->out);
        more = false;
    } else if (n >= 0) {
        s->rest_at += (size_t)n;
        s->rest_len -= (size_t)n;
        more = s->rest_len != 0;
    }
    if (!more)
        s->out = 0;
    if (!more && s->net.in.room)
        s->net.in.room(s->net.in.dev);
    s->net.lock.unlock(s->net.lock.opaque);
    return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Any thread that holds the lock. What the socket does not take of a frame is kept. */
static bool send_frame(void *to, const struct iovec *iov, unsigned niov, size_t len,
                       const struct packet_offload *o)
{
    struct stream *s = to;
    uint8_t head[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len};
    uint8_t *flat;
    struct iovec two[2] = {{head, 4}, {NULL, len}};
    struct msghdr m = {.msg_iov = two, .msg_iovlen = 2};
    ssize_t n;

    (void)o; /* nothing was offered */
    if (s->fd < 0 || s->connecting || len > PACKET_MAX)
        return true;
    if (s->rest_len)
        return false;
    two[1].iov_base = flat = net_flat(iov, niov, len);
    if (!flat)
        return true;
    n = sendmsg(s->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0)
        n = 0; /* an error shows at the next input or output too */
    if ((size_t)n < len + 4) {
        memcpy(s->rest, head, 4);
        memcpy(s->rest + 4, flat, len);
        s->rest_at = (size_t)n;
        s->rest_len = len + 4 - (size_t)n;
        watch_output(s);
    }
    net_unflat(flat, iov, niov);
    return true;
}

/* ---- life ---- */

static int dial(struct stream *s, char *err, size_t err_len)
{
    socklen_t len = sizeof(int);
    int e;

    s->fd = net_socket(&s->c.at, SOCK_STREAM, s->c.what, err, err_len);
    if (s->fd < 0)
        return -1;
    if (connect(s->fd, (struct sockaddr *)&s->c.at.sa, s->c.at.len) == 0) {
        watch_input(s);
        return 0;
    }
    e = errno;
    if (e == EINPROGRESS && !s->c.reconnect) { /* one try: whether it works is said at once */
        struct pollfd p = {.fd = s->fd, .events = POLLOUT};

        if (poll(&p, 1, PATIENCE_MS) == 1)
            getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &e, &len);
        else
            e = ETIMEDOUT;
        if (e == 0) {
            watch_input(s);
            return 0;
        }
    }
    if (e == EINPROGRESS) {
        s->connecting = true;
        watch_output(s);
        return 0;
    }
    errno = e;
    snprintf(err, err_len, "%s: %s", s->c.what, strerror(errno));
    close(s->fd);
    s->fd = -1;
    return -1;
}

static gboolean on_timer(gpointer data)
{
    struct stream *s = data;
    char err[200];

    s->net.lock.lock(s->net.lock.opaque);
    s->timer = 0;
    if (dial(s, err, sizeof(err)))
        s->timer = g_timeout_add_seconds(s->c.reconnect, on_timer, s);
    s->net.lock.unlock(s->net.lock.opaque);
    return G_SOURCE_REMOVE;
}

static int serve(struct stream *s, char *err, size_t err_len)
{
    int on = 1;

    if (s->c.fd >= 0) {
        s->listener = s->c.fd;
    } else {
        s->listener = net_socket(&s->c.at, SOCK_STREAM, s->c.what, err, err_len);
        if (s->listener < 0)
            return -1;
        setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (s->c.at.sa.ss_family == AF_UNIX)
            unlink(((struct sockaddr_un *)&s->c.at.sa)->sun_path);
        if (bind(s->listener, (struct sockaddr *)&s->c.at.sa, s->c.at.len) < 0 ||
            listen(s->listener, 1) < 0) {
            snprintf(err, err_len, "%s: %s", s->c.what, strerror(errno));
            close(s->listener);
            return -1;
        }
    }
    s->in = g_unix_fd_add(s->listener, G_IO_IN, on_listener, s);
    return 0;
}

static void end(struct host_net *n)
{
    struct stream *s = (struct stream *)n;

    stop(&s->in);
    stop(&s->out);
    stop(&s->timer);
    if (s->fd >= 0)
        close(s->fd);
    if (s->listener >= 0)
        close(s->listener);
    if (s->listener >= 0 && s->c.at.sa.ss_family == AF_UNIX)
        unlink(((struct sockaddr_un *)&s->c.at.sa)->sun_path);
    free(s->rest);
}

struct host_net *net_stream_open(const struct net_stream_config *c, char *err, size_t err_len)
{
    struct stream *s = calloc(1, sizeof(*s));
    int r = 0;

    if (!s || !(s->rest = malloc(PACKET_MAX + 4))) {
        snprintf(err, err_len, "out of memory");
        free(s);
        return NULL;
    }
    s->c = *c;
    s->fd = s->listener = -1;
    s->net.free = end;
    s->net.emptied = emptied;
    s->net.out.send = send_frame;
    if (c->listens) {
        r = serve(s, err, err_len);
    } else if (c->fd >= 0) {
        s->fd = c->fd;
        watch_input(s);
    } else {
        r = dial(s, err, err_len);
        if (r && c->reconnect) {
            s->timer = g_timeout_add_seconds(c->reconnect, on_timer, s);
            r = 0;
        }
    }
    if (r) {
        free(s->rest);
        free(s);
        return NULL;
    }
    return &s->net;
}
