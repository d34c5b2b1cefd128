// SPDX-License-Identifier: MIT
/* host/net/socket.c -- options of networks by sockets, and their addresses.
 *
 * socket,listen=[HOST]:PORT | connect=HOST:PORT | mcast=GROUP:PORT[,localaddr=ADDR] |
 *        udp=HOST:PORT,localaddr=[HOST]:PORT | fd=N
 * stream[,server=on|off],addr.type=inet,addr.host=H,addr.port=P | unix,addr.path=P | fd,addr.str=N
 *        [,reconnect=SECONDS]
 * dgram,local.type=...,local.host=,local.port=|local.path=|local.str=[,remote.type=...] */
#include "host/net/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- addresses ---- */

int net_inet(struct net_address *a, const char *host, const char *port, bool passive, int type, char *err,
             size_t err_len)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = type, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    int r;

    if (passive)
        hints.ai_flags |= AI_PASSIVE;
    if (strchr(host, ':'))
        hints.ai_family = AF_INET6;
    r = getaddrinfo(*host ? host : NULL, port, &hints, &list);
    if (r) {
        snprintf(err, err_len, "%s:%s: %s", host, port, gai_strerror(r));
        return -1;
    }
    memcpy(&a->sa, list->ai_addr, list->ai_addrlen);
    a->len = list->ai_addrlen;
    freeaddrinfo(list);
    return 0;
}

int net_unix(struct net_address *a, const char *path, char *err, size_t err_len)
{
    struct sockaddr_un *u = (struct sockaddr_un *)&a->sa;

    if (!*path || strlen(path) >= sizeof(u->sun_path)) {
        snprintf(err, err_len, "path=%s: empty, or longer than %zu letters", path,
                 sizeof(u->sun_path) - 1);
        return -1;
    }
    u->sun_family = AF_UNIX;
    memcpy(u->sun_path, path, strlen(path) + 1);
    a->len = sizeof(*u);
    return 0;
}

int net_socket(const struct net_address *a, int type, const char *what, char *err, size_t err_len)
{
    int fd = socket(a->sa.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        snprintf(err, err_len, "%s: %s", what, strerror(errno));
    return fd;
}

bool net_is_multicast(const struct net_address *a)
{
    return a->len && a->sa.ss_family == AF_INET &&
           IN_MULTICAST(ntohl(((const struct sockaddr_in *)&a->sa)->sin_addr.s_addr));
}

/* "HOST:PORT", "[HOST]:PORT", ":PORT" */
static int host_port(struct net_address *a, const char *text, bool passive, int type, char *err,
                     size_t err_len)
{
    const char *colon = strrchr(text, ':');
    char host[256];
    size_t n = colon ? (size_t)(colon - text) : 0;

    if (!colon || !colon[1] || n >= sizeof(host)) {
        snprintf(err, err_len, "%s: wants HOST:PORT", text);
        return -1;
    }
    if (n >= 2 && *text == '[' && text[n - 1] == ']')
        text++, n -= 2;
    memcpy(host, text, n);
    host[n] = 0;
    return net_inet(a, host, colon + 1, passive, type, err, err_len);
}

static int misfit(char *err, size_t err_len, const char *name, const char *value)
{
    snprintf(err, err_len, "%s=%s: not understood", name, value);
    return -1;
}

static int is_listening(int fd)
{
    int on = 0;
    socklen_t len = sizeof(on);

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on;
}

/* ---- socket ---- */

static struct host_net *from_fd(const char *value, char *err, size_t err_len)
{
    struct net_stream_config s = {.fd = net_fd(value, err, err_len)};
    struct net_dgram_config d = {.fd = s.fd};
    socklen_t len = sizeof(int);
    int type = 0;

    if (s.fd < 0)
        return NULL;
    if (getsockopt(s.fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0) {
        snprintf(err, err_len, "fd=%s: not a socket", value);
        return NULL;
    }
    s.listens = type == SOCK_STREAM && is_listening(s.fd);
    snprintf(s.what, sizeof(s.what), "fd=%s", value);
    memcpy(d.what, s.what, sizeof(d.what));
    return type == SOCK_DGRAM ? net_dgram_open(&d, err, err_len) : net_stream_open(&s, err, err_len);
}

struct host_net *net_socket_new(char *text, char *err, size_t err_len)
{
    struct net_stream_config s = {.fd = -1};
    struct net_dgram_config d = {.fd = -1};
    const char *kind = NULL, *to = "", *local = NULL;
    char *name, *value;

    while (net_option(&text, &name, &value)) {
        if (strcmp(name, "localaddr") == 0) {
            local = value;
        } else if (!kind && (!strcmp(name, "listen") || !strcmp(name, "connect") ||
                             !strcmp(name, "mcast") || !strcmp(name, "udp") || !strcmp(name, "fd"))) {
            kind = name;
            to = value;
        } else {
            misfit(err, err_len, name, value);
            return NULL;
        }
    }
    if (!kind) {
        snprintf(err, err_len, "socket wants one of listen=, connect=, mcast=, udp=, fd=");
        return NULL;
    }
    snprintf(s.what, sizeof(s.what), "%s=%s", kind, to);
    memcpy(d.what, s.what, sizeof(d.what));
    if (strcmp(kind, "fd") == 0)
        return from_fd(to, err, err_len);
    if (strcmp(kind, "listen") == 0 || strcmp(kind, "connect") == 0) {
        s.listens = *kind == 'l';
        if (host_port(&s.at, to, s.listens, SOCK_STREAM, err, err_len))
            return NULL;
        return net_stream_open(&s, err, err_len);
    }
    if (host_port(&d.remote, to, false, SOCK_DGRAM, err, err_len))
        return NULL;
    if (strcmp(kind, "mcast") == 0) {
        d.has_interface = local != NULL;
        if (!net_is_multicast(&d.remote)) {
            snprintf(err, err_len, "mcast=%s: not an address of a group", to);
            return NULL;
        }
        if (local && net_inet(&d.interface, local, "0", true, SOCK_DGRAM, err, err_len))
            return NULL;
    } else if (!local) {
        snprintf(err, err_len, "udp=%s: wants localaddr=[HOST]:PORT too", to);
        return NULL;
    } else if (host_port(&d.local, local, true, SOCK_DGRAM, err, err_len)) {
        return NULL;
    }
    return net_dgram_open(&d, err, err_len);
}

/* ---- stream, dgram ---- */

struct place { /* PREFIX.type=, .host= ... */
    const char *type, *host, *port, *path, *str;
};

static bool place_option(struct place *p, const char *prefix, const char *name, const char *value)
{
    size_t n = strlen(prefix);
    const struct {
        const char *name;
        const char **to;
    } all[] = {{"type", &p->type}, {"host", &p->host}, {"port", &p->port}, {"path", &p->path},
               {"str", &p->str}};

    for (unsigned i = 0; i < ARRAY_LEN(all); i++)
        if (strncmp(name, prefix, n) == 0 && name[n] == '.' && strcmp(name + n + 1, all[i].name) == 0)
            return *all[i].to = value, true;
    return false;
}

/* An address or a descriptor. */
static int resolve(const struct place *p, bool passive, int type, struct net_address *a, int *fd,
                   char what[128], char *err, size_t err_len)
{
    if (p->type && strcmp(p->type, "inet") == 0 && p->host && p->port) {
        snprintf(what, 128, "%s:%s", p->host, p->port);
        return net_inet(a, p->host, p->port, passive, type, err, err_len);
    }
    if (p->type && strcmp(p->type, "unix") == 0 && p->path) {
        snprintf(what, 128, "%s", p->path);
        return net_unix(a, p->path, err, err_len);
    }
    if (p->type && strcmp(p->type, "fd") == 0 && p->str) {
        snprintf(what, 128, "fd=%s", p->str);
        *fd = net_fd(p->str, err, err_len);
        return *fd < 0 ? -1 : 0;
    }
    snprintf(err, err_len, "an address is type=inet with host= and port=, unix with path=, fd with str=");
    return -1;
}

struct host_net *net_stream_new(char *text, char *err, size_t err_len)
{
    struct net_stream_config c = {.fd = -1};
    struct place at = {0};
    char *name, *value, *end;

    while (net_option(&text, &name, &value)) {
        if (place_option(&at, "addr", name, value))
            continue;
        if (strcmp(name, "server") == 0 && (strcmp(value, "on") == 0 || strcmp(value, "off") == 0)) {
            c.listens = value[1] == 'n';
            continue;
        }
        if (strcmp(name, "reconnect") == 0) {
            c.reconnect = (unsigned)strtoul(value, &end, 10);
            if (end != value && !*end && c.reconnect <= 86400)
                continue;
        }
        misfit(err, err_len, name, value);
        return NULL;
    }
    if (resolve(&at, c.listens, SOCK_STREAM, &c.at, &c.fd, c.what, err, err_len))
        return NULL;
    return net_stream_open(&c, err, err_len);
}

struct host_net *net_dgram_new(char *text, char *err, size_t err_len)
{
    struct net_dgram_config c = {.fd = -1};
    struct place local = {0}, remote = {0};
    char *name, *value;
    int none = -1;

    while (net_option(&text, &name, &value))
        if (!place_option(&local, "local", name, value) &&
            !place_option(&remote, "remote", name, value)) {
            misfit(err, err_len, name, value);
            return NULL;
        }
    if (!local.type && !remote.type) {
        snprintf(err, err_len, "dgram wants local.type= or remote.type=");
        return NULL;
    }
    if (remote.type &&
        resolve(&remote, false, SOCK_DGRAM, &c.remote, &none, c.what, err, err_len))
        return NULL;
    if (local.type && resolve(&local, true, SOCK_DGRAM, &c.local, &c.fd, c.what, err, err_len))
        return NULL;
    if (none >= 0 || (!local.type && !net_is_multicast(&c.remote)) ||
        (c.local.len && c.remote.len && c.local.sa.ss_family != c.remote.sa.ss_family)) {
        snprintf(err, err_len, "dgram wants a local address or descriptor, and a remote one of its kind");
        return NULL;
    }
    if (net_is_multicast(&c.remote) && c.local.len) {
        c.has_interface = true;
        c.interface = c.local;
        c.local.len = 0;
    }
    return net_dgram_open(&c, err, err_len);
}
