// SPDX-License-Identifier: MIT
/* host/char/socket.c -- characters over a stream socket: a client, or a server for one peer at a
 * time. "unix:PATH" and "tcp:HOST:PORT", then ",server", ",nowait" (or server=on, wait=off) and
 * ",nodelay". A server waits for its first peer before the machine starts, unless nowait. Telnet's
 * protocol is not spoken. */
#include "host/char/impl.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib-unix.h>

struct where {
    bool server, nowait;
    struct sockaddr_storage addr;
    socklen_t len;
    char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
};

static int fail(char *err, size_t len, const char *what, const char *why)
{
    snprintf(err, len, "%s: %s", what, why);
    return -1;
}

static bool word(const char *o, size_t n, const char *a, const char *b)
{
    return (strlen(a) == n && !strncmp(o, a, n)) || (strlen(b) == n && !strncmp(o, b, n));
}

static int parse_options(struct where *w, const char *o, char *err, size_t len)
{
    while (*o == ',') {
        size_t n = strcspn(++o, ",");

        if (word(o, n, "server", "server=on"))
            w->server = true;
        else if (word(o, n, "nowait", "wait=off"))
            w->nowait = true;
        else if (!word(o, n, "wait=on", "server=off") && !word(o, n, "nodelay", "nodelay=on"))
            return fail(err, len, o, "no such option of a socket");
        o += n;
    }
    return 0;
}

static int parse_unix(struct where *w, const char *text, char *err, size_t len)
{
    struct sockaddr_un *u = (struct sockaddr_un *)&w->addr;
    size_t n = strcspn(text, ",");

    if (!n || n >= sizeof(u->sun_path))
        return fail(err, len, text, "not a path that a socket can have");
    u->sun_family = AF_UNIX;
    memcpy(u->sun_path, text, n);
    memcpy(w->path, text, n);
    w->len = sizeof(*u);
    return parse_options(w, text + n, err, len);
}

static int parse_tcp(struct where *w, const char *text, char *err, size_t len)
{
    const char *end = text + strcspn(text, ","), *colon = end;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
    char host[256], port[16];
    int r;

    while (colon > text && *colon != ':')
        colon--;
    if (*colon != ':' || colon - text >= (int)sizeof(host) || end - colon >= (int)sizeof(port))
        return fail(err, len, text, "wants HOST:PORT");
    snprintf(host, sizeof(host), "%.*s", (int)(colon - text), text);
    snprintf(port, sizeof(port), "%.*s", (int)(end - colon - 1), colon + 1);
    if (parse_options(w, end, err, len))
        return -1;
    hints.ai_flags = w->server ? AI_PASSIVE : 0;
    r = getaddrinfo(*host ? host : NULL, port, &hints, &list);
    if (r)
        return fail(err, len, text, gai_strerror(r));
    memcpy(&w->addr, list->ai_addr, list->ai_addrlen);
    w->len = list->ai_addrlen;
    freeaddrinfo(list);
    return 0;
}

static void use_peer(struct host_char *c, int fd)
{
    int one = 1;

    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    c->in_fd = c->out_fd = fd;
    c->own_out = true;
    c->full = false;
}

static gboolean incoming(gint fd, GIOCondition cond, gpointer data)
{
    struct host_char *c = data;
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

    (void)cond;
    if (peer < 0)
        return G_SOURCE_CONTINUE;
    c->lock.lock(c->lock.opaque);
    char_unwatch(&c->accept_watch);
    use_peer(c, peer);
    char_watch_in(c);
    char_event(c, BYTES_OPENED);
    c->lock.unlock(c->lock.opaque);
    return G_SOURCE_REMOVE;
}

static void watch_listener(struct host_char *c)
{
    c->accept_watch = g_unix_fd_source_new(c->listener, G_IO_IN);
    g_source_set_callback(c->accept_watch, G_SOURCE_FUNC(incoming), c, NULL);
    g_source_attach(c->accept_watch, NULL);
}

void char_socket_gone(struct host_char *c)
{
    char_unwatch(&c->out_watch);
    if (c->out_fd >= 0)
        close(c->out_fd);
    c->in_fd = c->out_fd = -1;
    if (c->listener >= 0 && !c->accept_watch)
        watch_listener(c);
}

static int serve(struct host_char *c, const struct where *w, char *err, size_t len)
{
    int one = 1, peer;
    const char *name = c->where;

    if (w->path[0])
        unlink(w->path);
    setsockopt(c->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(c->listener, (const struct sockaddr *)&w->addr, w->len) || listen(c->listener, 1))
        return fail(err, len, name, strerror(errno));
    if (w->path[0])
        c->unlink_path = strdup(w->path);
    if (w->nowait) {
        watch_listener(c);
        return 0;
    }
    fprintf(stderr, "moa: waiting for a connection on %s\n", name);
    do
        peer = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC);
    while (peer < 0 && errno == EINTR);
    if (peer < 0)
        return fail(err, len, name, strerror(errno));
    use_peer(c, peer);
    return 0;
}

int char_socket_open(struct host_char *c, const char *text, char *err, size_t err_len)
{
    struct where w = {0};
    bool local = strncmp(text, "unix:", 5) == 0;
    int fd;

    if (local ? parse_unix(&w, text + 5, err, err_len) : parse_tcp(&w, text + 4, err, err_len))
        return -1;
    signal(SIGPIPE, SIG_IGN);
    c->kind = CHAR_SOCKET;
    c->where = strndup(text, strcspn(text, ","));
    fd = socket(w.addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail(err, err_len, text, strerror(errno));
    if (w.server) {
        c->listener = fd;
        return serve(c, &w, err, err_len);
    }
    if (connect(fd, (const struct sockaddr *)&w.addr, w.len)) {
        fail(err, err_len, text, strerror(errno));
        close(fd);
        return -1;
    }
    use_peer(c, fd);
    return 0;
}
