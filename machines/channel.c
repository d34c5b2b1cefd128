// SPDX-License-Identifier: MIT
/* machines/channel.c -- "file:PATH", "exec:COMMAND", "tcp:HOST:PORT", "unix:PATH", "fd:NUMBER" as a stream
 * of bytes, for migration. Not there: TLS, RDMA, several connections. */
#include "machines/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int fail(char *err, size_t len, int e, const char *what, const char *why)
{
    snprintf(err, len, "%s: %s", what, why ? why : strerror(-e));
    return e;
}

static bool is(const char *uri, const char *kind, const char **rest)
{
    size_t n = strlen(kind);

    *rest = uri + n;
    return strncmp(uri, kind, n) == 0;
}

/* ---- waiting ---- */

/* Until fd is ready: 0, -ECANCELED or -errno. */
static int wait_for(struct channel *c, int fd, short events)
{
    for (;;) {
        struct pollfd p[2] = {{.fd = fd, .events = events}, {.fd = c->cancel, .events = POLLIN}};

        if (poll(p, 2, -1) < 0) {
            if (errno != EINTR)
                return -errno;
            continue;
        }
        if (p[1].revents)
            return -ECANCELED;
        if (p[0].revents)
            return 0;
    }
}

int channel_write(struct channel *c, const void *buf, size_t n)
{
    while (n) {
        ssize_t done;
        int e = wait_for(c, c->fd, POLLOUT);

        if (e)
            return e;
        done = write(c->fd, buf, n);
        if (done < 0 && errno != EAGAIN && errno != EINTR)
            return -errno;
        if (done > 0) {
            buf = (const char *)buf + done;
            n -= (size_t)done;
        }
    }
    return 0;
}

int channel_read(struct channel *c, void *buf, size_t n)
{
    while (n) {
        ssize_t done;
        int e = wait_for(c, c->fd, POLLIN);

        if (e)
            return e;
        done = read(c->fd, buf, n);
        if (done == 0)
            return -ENODATA;
        if (done < 0 && errno != EAGAIN && errno != EINTR)
            return -errno;
        if (done > 0) {
            buf = (char *)buf + done;
            n -= (size_t)done;
        }
    }
    return 0;
}

/* ---- programs ---- */

static int run(struct channel *c, const char *command, bool out, char *err, size_t err_len)
{
    char *argv[] = {(char *)"sh", (char *)"-c", (char *)(uintptr_t)command, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, pipe_only;
    int fd[2], e;

    if (pipe2(fd, O_CLOEXEC) < 0)
        return fail(err, err_len, -errno, "exec", NULL);
    sigemptyset(&none);
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd[out ? 0 : 1], out ? 0 : 1);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &pipe_only);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    e = posix_spawn(&c->child, "/bin/sh", &actions, &attr, argv, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    close(fd[out ? 0 : 1]);
    c->fd = fd[out ? 1 : 0];
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    if (!e)
        return 0;
    c->child = 0;
    return fail(err, err_len, -e, command, NULL);
}

/* ---- sockets ---- */

static int unix_address(const char *path, struct sockaddr_un *a, char *err, size_t err_len)
{
    *a = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(a->sun_path) || !*path)
        return fail(err, err_len, -ENAMETOOLONG, path, "no path of a socket");
    strcpy(a->sun_path, path);
    return 0;
}

/* "HOST:PORT", "[HOST]:PORT", ":PORT". */
static int resolve(const char *text, bool passive, struct addrinfo **list, char *err, size_t err_len)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = passive ? AI_PASSIVE : 0};
    const char *colon = strrchr(text, ':');
    char host[256];
    size_t n = colon ? (size_t)(colon - text) : 0;
    int e;

    if (!colon || !colon[1] || n >= sizeof(host))
        return fail(err, err_len, -EINVAL, text, "wants HOST:PORT");
    if (n >= 2 && text[0] == '[' && text[n - 1] == ']')
        snprintf(host, sizeof(host), "%.*s", (int)n - 2, text + 1);
    else
        snprintf(host, sizeof(host), "%.*s", (int)n, text);
    e = getaddrinfo(n ? host : passive ? NULL : "localhost", colon + 1, &hints, list);
    return e ? fail(err, err_len, -EINVAL, text, gai_strerror(e)) : 0;
}

static int new_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static int connect_to(struct channel *c, int family, const struct sockaddr *a, socklen_t len)
{
    socklen_t size = sizeof(int);
    int fd = new_socket(family), e = 0;

    if (fd < 0)
        return -errno;
    if (connect(fd, a, len) < 0) {
        e = errno == EINPROGRESS ? wait_for(c, fd, POLLOUT) : -errno;
        if (!e && getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &size) < 0)
            e = errno;
        e = e > 0 ? -e : e;
    }
    if (e)
        close(fd);
    else
        c->fd = fd;
    return e;
}

static int connect_tcp(struct channel *c, const char *text, char *err, size_t err_len)
{
    struct addrinfo *list;
    int e = resolve(text, false, &list, err, err_len);

    if (e)
        return e;
    e = -ENOENT;
    for (struct addrinfo *a = list; a && e && e != -ECANCELED; a = a->ai_next)
        e = connect_to(c, a->ai_family, a->ai_addr, a->ai_addrlen);
    freeaddrinfo(list);
    return e ? fail(err, err_len, e, text, NULL) : 0;
}

static int connect_unix(struct channel *c, const char *path, char *err, size_t err_len)
{
    struct sockaddr_un a;
    int e = unix_address(path, &a, err, err_len);

    if (!e && (e = connect_to(c, AF_UNIX, (struct sockaddr *)&a, sizeof(a))))
        fail(err, err_len, e, path, NULL);
    return e;
}

static int listen_at(struct channel *c, int family, const struct sockaddr *a, socklen_t len)
{
    int fd = new_socket(family), on = 1, e = 0;

    if (fd < 0)
        return -errno;
    if (family != AF_UNIX)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, a, len) < 0 || listen(fd, 1) < 0) {
        e = -errno;
        close(fd);
        return e;
    }
    c->listener = fd;
    return 0;
}

static int listen_tcp(struct channel *c, const char *text, char *err, size_t err_len)
{
    struct addrinfo *list;
    int e = resolve(text, true, &list, err, err_len);

    if (e)
        return e;
    e = -ENOENT;
    for (struct addrinfo *a = list; a && e; a = a->ai_next)
        e = listen_at(c, a->ai_family, a->ai_addr, a->ai_addrlen);
    freeaddrinfo(list);
    return e ? fail(err, err_len, e, text, NULL) : 0;
}

static int listen_unix(struct channel *c, const char *path, char *err, size_t err_len)
{
    struct sockaddr_un a;
    int e = unix_address(path, &a, err, err_len);

    if (e)
        return e;
    e = listen_at(c, AF_UNIX, (struct sockaddr *)&a, sizeof(a));
    if (e == -EADDRINUSE && connect_to(c, AF_UNIX, (struct sockaddr *)&a, sizeof(a)) == -ECONNREFUSED) {
        unlink(path); /* left over from somebody who is gone */
        e = listen_at(c, AF_UNIX, (struct sockaddr *)&a, sizeof(a));
    }
    if (e)
        return fail(err, err_len, e, path, NULL);
    c->path = strdup(path);
    return 0;
}

/* ---- all kinds ---- */

static int open_file(struct channel *c, const char *path, int flags, char *err, size_t err_len)
{
    c->fd = open(path, flags | O_CLOEXEC, 0600);
    return c->fd < 0 ? fail(err, err_len, -errno, path, NULL) : 0;
}

static int take_fd(struct channel *c, const char *text, char *err, size_t err_len)
{
    char *end;
    long n = strtol(text, &end, 10);

    if (end == text || *end || n < 0 || n > 1 << 20 || fcntl((int)n, F_GETFD) < 0)
        return fail(err, err_len, -EBADF, text, "no descriptor");
    c->fd = (int)n;
    fcntl(c->fd, F_SETFD, FD_CLOEXEC);
    fcntl(c->fd, F_SETFL, fcntl(c->fd, F_GETFL) | O_NONBLOCK);
    return 0;
}

static int unknown(const char *uri, char *err, size_t err_len)
{
    return fail(err, err_len, -EINVAL, uri,
                "wants file:PATH, exec:COMMAND, tcp:HOST:PORT, unix:PATH or fd:NUMBER");
}

int channel_connect(struct channel *c, const char *uri, char *err, size_t err_len)
{
    const char *rest;

    c->fd = c->listener = -1;
    if (is(uri, "file:", &rest))
        return open_file(c, rest, O_WRONLY | O_CREAT | O_TRUNC, err, err_len);
    if (is(uri, "exec:", &rest))
        return run(c, rest, true, err, err_len);
    if (is(uri, "fd:", &rest))
        return take_fd(c, rest, err, err_len);
    c->answers = true;
    if (is(uri, "tcp:", &rest))
        return connect_tcp(c, rest, err, err_len);
    if (is(uri, "unix:", &rest))
        return connect_unix(c, rest, err, err_len);
    return unknown(uri, err, err_len);
}

int channel_listen(struct channel *c, const char *uri, char *err, size_t err_len)
{
    const char *rest;

    c->fd = c->listener = -1;
    if (is(uri, "file:", &rest))
        return open_file(c, rest, O_RDONLY, err, err_len);
    if (is(uri, "exec:", &rest))
        return run(c, rest, false, err, err_len);
    if (is(uri, "fd:", &rest))
        return take_fd(c, rest, err, err_len);
    c->answers = true;
    if (is(uri, "tcp:", &rest))
        return listen_tcp(c, rest, err, err_len);
    if (is(uri, "unix:", &rest))
        return listen_unix(c, rest, err, err_len);
    return unknown(uri, err, err_len);
}

int channel_accept(struct channel *c, char *err, size_t err_len)
{
    while (c->fd < 0) {
        int e = wait_for(c, c->listener, POLLIN);

        if (e)
            return fail(err, err_len, e, "accept", NULL);
        c->fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (c->fd < 0 && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
            return fail(err, err_len, -errno, "accept", NULL);
    }
    if (c->listener >= 0)
        close(c->listener);
    c->listener = -1;
    return 0;
}

bool channel_has_answer(struct channel *c)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};

    return c->answers && poll(&p, 1, 0) > 0 && p.revents & POLLIN;
}

/* Closing a socket with unread data would throw away what was written last. */
void channel_linger(struct channel *c)
{
    char waste[4096];

    if (!c->answers || c->fd < 0)
        return;
    shutdown(c->fd, SHUT_WR);
    for (unsigned i = 0; i < 20000; i++) {
        struct pollfd p[2] = {{.fd = c->fd, .events = POLLIN}, {.fd = c->cancel, .events = POLLIN}};

        if (poll(p, 2, 2000) <= 0 || p[1].revents || read(c->fd, waste, sizeof(waste)) <= 0)
            return;
    }
}

int channel_finish(struct channel *c)
{
    int e = 0, status;
    pid_t gone;

    if (!c->answers && !c->child && c->fd >= 0 && fsync(c->fd) < 0 && errno != EINVAL && errno != EROFS)
        e = -errno;
    if (c->child) {
        close(c->fd);
        c->fd = -1;
        while ((gone = waitpid(c->child, &status, WNOHANG)) == 0 || (gone < 0 && errno == EINTR)) {
            struct pollfd p = {.fd = c->cancel, .events = POLLIN};

            if (poll(&p, 1, 10) > 0)
                return -ECANCELED;
        }
        c->child = 0;
        e = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPIPE;
    }
    return e;
}

void channel_close(struct channel *c)
{
    if (c->fd >= 0)
        close(c->fd);
    if (c->listener >= 0)
        close(c->listener);
    if (c->path)
        unlink(c->path);
    free(c->path);
    if (c->child) {
        kill(c->child, SIGTERM);
        waitpid(c->child, NULL, 0);
    }
    *c = (struct channel){.fd = -1, .listener = -1, .cancel = c->cancel};
}
