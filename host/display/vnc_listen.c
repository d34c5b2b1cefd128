// SPDX-License-Identifier: MIT
/* host/display/vnc_listen.c -- sockets of VNC servers: TCP by display number, or a Unix path. */
#include "host/display/vnc_listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int listen_unix(const char *path, char *err, size_t err_len)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd;

    if (!*path || strlen(path) >= sizeof(a.sun_path)) {
        snprintf(err, err_len, "%s", *path ? "the path is too long" : "wants unix:PATH");
        return -1;
    }
    memcpy(a.sun_path, path, strlen(path));
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unlink(path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 8) < 0) {
        snprintf(err, err_len, "%s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

static int listen_on(const struct addrinfo *a)
{
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol), one = 1, off = 0;
    int e;

    if (fd < 0)
        return -errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (a->ai_family == AF_INET6) /* both kinds, if it is any address */
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 8) == 0)
        return fd;
    e = errno;
    close(fd);
    return -e;
}

int vnc_listen(const char *where, char *err, size_t err_len)
{
    struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM}, *list, *a;
    const char *colon = strrchr(where, ':');
    char host[256], port[16], *end;
    unsigned long n;
    size_t len;
    int fd = -1, e;

    if (strncmp(where, "unix:", 5) == 0)
        return listen_unix(where + 5, err, err_len);
    n = colon ? strtoul(colon + 1, &end, 10) : 0;
    len = colon ? (size_t)(colon - where) : 0;
    if (!colon || end == colon + 1 || *end || n > 65535 - 5900 || len >= sizeof(host)) {
        snprintf(err, err_len, "wants HOST:DISPLAY or unix:PATH");
        return -1;
    }
    if (len > 1 && where[0] == '[' && where[len - 1] == ']') { /* [::1]:0 */
        where++;
        len -= 2;
    }
    snprintf(host, sizeof(host), "%.*s", (int)len, where);
    snprintf(port, sizeof(port), "%lu", 5900 + n);
    e = getaddrinfo(*host ? host : NULL, port, &hints, &list);
    if (e) {
        snprintf(err, err_len, "%s: %s", host, gai_strerror(e));
        return -1;
    }
    for (unsigned pass = 0; pass < 2 && fd < 0; pass++) /* IPv6 first: it may be both */
        for (a = list; a && fd < 0; a = a->ai_next)
            if ((a->ai_family == AF_INET6) == (pass == 0))
                fd = listen_on(a);
    freeaddrinfo(list);
    if (fd < 0)
        snprintf(err, err_len, "port %s: %s", port, strerror(-fd));
    return fd < 0 ? -1 : fd;
}
