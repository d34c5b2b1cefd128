// SPDX-License-Identifier: MIT
/* host/char/char.c -- characters by descriptors: standard input and output, files, pseudo terminals,
 * and what is common to all kinds.
 *
 * Input is read only as fast as the device takes it. Output goes out at once as far as the
 * descriptor takes it; for the rest the device is told when there is room. Nobody at the other end
 * (a pty without a reader, a socket without a peer): output is dropped, as a line without a plug. */
#include "host/char/impl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <glib-unix.h>

/* ---- the terminal: the one of the process, so its old state is the process's too ---- */

static struct termios term_before;
static volatile sig_atomic_t term_raw;

void host_terminal_restore(void)
{
    if (term_raw) {
        term_raw = 0;
        tcsetattr(STDIN_FILENO, TCSANOW, &term_before);
    }
}

static void make_raw(bool signals)
{
    struct termios t;

    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &t))
        return;
    if (!term_raw) {
        term_before = t;
        atexit(host_terminal_restore);
    }
    t.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    t.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN | (signals ? 0 : ISIG));
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    term_raw = 1;
    tcsetattr(STDIN_FILENO, TCSANOW, &t);
}

/* ---- watching ---- */

void char_unwatch(GSource **s)
{
    if (!*s)
        return;
    g_source_destroy(*s);
    g_source_unref(*s);
    *s = NULL;
}

static void watch(struct host_char *c, GSource **s, int fd, GIOCondition cond, GUnixFDSourceFunc f)
{
    if (*s)
        return;
    *s = g_unix_fd_source_new(fd, cond);
    g_source_set_callback(*s, G_SOURCE_FUNC(f), c, NULL);
    g_source_attach(*s, NULL);
}

void char_event(struct host_char *c, enum bytes_event e)
{
    if (c->connected && c->in.event)
        c->in.event(c->in.dev, e);
}

void char_hang_up(struct host_char *c)
{
    char_unwatch(&c->in_watch);
    if (c->kind == CHAR_SOCKET)
        char_socket_gone(c);
    char_event(c, BYTES_CLOSED);
    if (c->full && c->connected && c->in.room) { /* what follows is dropped */
        c->full = false;
        c->in.room(c->in.dev);
    }
}

static gboolean poll_pty(gpointer data)
{
    struct host_char *c = data;
    struct pollfd p = {.fd = c->in_fd, .events = POLLIN};

    if (poll(&p, 1, 0) < 0 || (p.revents & POLLHUP))
        return G_SOURCE_CONTINUE;
    c->lock.lock(c->lock.opaque);
    char_unwatch(&c->in_watch);
    char_watch_in(c);
    char_event(c, BYTES_OPENED);
    c->lock.unlock(c->lock.opaque);
    return G_SOURCE_REMOVE;
}

static gboolean readable(gint fd, GIOCondition cond, gpointer data)
{
    struct host_char *c = data;
    uint8_t buf[1024];
    size_t room;
    ssize_t n;

    (void)cond;
    c->lock.lock(c->lock.opaque);
    room = c->connected ? c->in.can_take(c->in.dev) : sizeof(buf);
    room = room < sizeof(buf) ? room : sizeof(buf);
    if (!room) { /* accept() will watch again */
        char_unwatch(&c->in_watch);
        c->lock.unlock(c->lock.opaque);
        return G_SOURCE_REMOVE;
    }
    n = read(fd, buf, room);
    if (n > 0) {
        if (c->connected)
            c->in.take(c->in.dev, buf, (size_t)n);
    } else if (c->pty) { /* nobody has it open: look again now and then */
        char_unwatch(&c->in_watch);
        c->in_watch = g_timeout_source_new(300);
        g_source_set_callback(c->in_watch, poll_pty, c, NULL);
        g_source_attach(c->in_watch, NULL);
    } else if (!(n < 0 && (errno == EAGAIN || errno == EINTR))) {
        char_hang_up(c);
    }
    c->lock.unlock(c->lock.opaque);
    return c->in_watch ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void char_watch_in(struct host_char *c)
{
    if (c->in_fd >= 0)
        watch(c, &c->in_watch, c->in_fd, G_IO_IN | G_IO_HUP | G_IO_ERR, readable);
}

static gboolean writable(gint fd, GIOCondition cond, gpointer data)
{
    struct host_char *c = data;

    (void)fd;
    (void)cond;
    c->lock.lock(c->lock.opaque);
    char_unwatch(&c->out_watch);
    c->full = false;
    if (c->connected && c->in.room)
        c->in.room(c->in.dev);
    c->lock.unlock(c->lock.opaque);
    return G_SOURCE_REMOVE;
}

/* ---- the device's side; lock held ---- */

static void ring_put(struct host_char *c, const uint8_t *buf, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        c->ring[(c->ring_head + c->ring_len) % c->ring_size] = buf[i];
        if (c->ring_len < c->ring_size)
            c->ring_len++;
        else
            c->ring_head = (c->ring_head + 1) % c->ring_size;
    }
}

static size_t write_bytes(void *to, const uint8_t *buf, size_t n)
{
    struct host_char *c = to;
    size_t done = 0;

    if (c->kind == CHAR_RING)
        ring_put(c, buf, n);
    if (c->out_fd < 0)
        return n;
    if (c->full)
        return 0;
    while (done < n) {
        struct pollfd p = {.fd = c->out_fd, .events = POLLOUT};
        size_t piece = n - done < 512 ? n - done : 512; /* a pipe takes it whole or not at all */
        ssize_t r;

        if (poll(&p, 1, 0) == 0 || !(p.revents & (POLLOUT | POLLERR | POLLHUP)))
            break;
        r = write(c->out_fd, buf + done, piece);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0 && errno == EAGAIN)
            break;
        if (r < 0)
            return n; /* nobody reads: dropped */
        done += (size_t)r;
    }
    if (done < n) {
        c->full = true;
        watch(c, &c->out_watch, c->out_fd, G_IO_OUT | G_IO_ERR | G_IO_HUP, writable);
    }
    return done;
}

static void accept_bytes(void *to)
{
    char_watch_in(to);
}

struct bytes_out host_char_out(struct host_char *c)
{
    return (struct bytes_out){c, write_bytes, accept_bytes};
}

void host_char_connect(struct host_char *c, const struct bytes_in *in)
{
    c->connected = in != NULL;
    if (in)
        c->in = *in;
    char_watch_in(c);
}

const char *host_char_where(const struct host_char *c)
{
    return c->where;
}

bool host_char_is_open(const struct host_char *c)
{
    switch (c->kind) {
    case CHAR_SOCKET:
        return c->in_fd >= 0;
    case CHAR_FD:
        return !c->pty;
    default:
        return c->kind == CHAR_RING;
    }
}

void host_char_break(struct host_char *c)
{
    char_event(c, BYTES_BREAK);
}

int host_char_ring_read(struct host_char *c, void *buf, size_t n)
{
    uint8_t *to = buf;
    size_t done;

    if (c->kind != CHAR_RING)
        return -EINVAL;
    n = n < INT_MAX ? n : INT_MAX;
    for (done = 0; done < n && c->ring_len; done++, c->ring_len--) {
        to[done] = c->ring[c->ring_head];
        c->ring_head = (c->ring_head + 1) % c->ring_size;
    }
    return (int)done;
}

int host_char_ring_write(struct host_char *c, const void *buf, size_t n)
{
    if (c->kind != CHAR_RING)
        return -EINVAL;
    ring_put(c, buf, n);
    return 0;
}

/* ---- kinds ---- */

static int fail(char *err, size_t len, const char *what, const char *why)
{
    snprintf(err, len, "%s: %s", what, why);
    return -1;
}

static int open_stdio(struct host_char *c, bool signals)
{
    c->kind = CHAR_FD;
    c->in_fd = STDIN_FILENO;
    c->out_fd = STDOUT_FILENO;
    make_raw(signals);
    return 0;
}

static int open_file(struct host_char *c, const char *path, bool append, char *err, size_t len)
{
    c->kind = CHAR_FD;
    c->out_fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? O_APPEND : O_TRUNC), 0666);
    c->own_out = true;
    return c->out_fd < 0 ? fail(err, len, path, strerror(errno)) : 0;
}

static int open_pipe(struct host_char *c, const char *path, char *err, size_t len)
{
    char name[4096];

    c->kind = CHAR_FD;
    c->own_in = c->own_out = true;
    snprintf(name, sizeof(name), "%s.in", path);
    c->in_fd = open(name, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    snprintf(name, sizeof(name), "%s.out", path);
    c->out_fd = open(name, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (c->in_fd < 0 && c->out_fd < 0)
        c->in_fd = c->out_fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    c->own_in = c->in_fd != c->out_fd;
    return c->in_fd < 0 || c->out_fd < 0 ? fail(err, len, path, strerror(errno)) : 0;
}

static int open_pty(struct host_char *c, char *err, size_t len)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK), slave = -1;
    struct termios t;
    char name[128];

    if (fd < 0 || grantpt(fd) || unlockpt(fd) || ptsname_r(fd, name, sizeof(name)) ||
        (slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0) {
        if (fd >= 0)
            close(fd);
        return fail(err, len, "pty", strerror(errno));
    }
    if (!tcgetattr(slave, &t)) {
        cfmakeraw(&t);
        tcsetattr(slave, TCSAFLUSH, &t);
    }
    close(slave);
    c->kind = CHAR_FD;
    c->pty = true;
    c->in_fd = c->out_fd = fd;
    c->own_out = true;
    c->where = strdup(name);
    return 0;
}

static int open_ring(struct host_char *c, uint64_t size, char *err, size_t len)
{
    if (!size || size > 1u << 26 || (size & (size - 1)))
        return fail(err, len, "ringbuf", "size must be a power of two, at most 64M");
    c->kind = CHAR_RING;
    c->ring_size = size;
    c->ring = malloc(size);
    return c->ring ? 0 : fail(err, len, "ringbuf", "out of memory");
}

/* The value of option name in "backend,a=b,c": a copy, NULL: not there. */
static char *option(const char *text, const char *name)
{
    size_t n = strlen(name);

    while ((text = strchr(text, ','))) {
        text++;
        if (strncmp(text, name, n) == 0 && (text[n] == '=' || text[n] == ',' || !text[n])) {
            text += n;
            return *text == '=' ? strndup(text + 1, strcspn(text + 1, ",")) : strdup("on");
        }
    }
    return NULL;
}

static bool is_on(const char *text, const char *name, bool dflt)
{
    char *v = option(text, name);
    bool on = v ? strcmp(v, "off") != 0 && strcmp(v, "no") != 0 : dflt;

    free(v);
    return on;
}

/* "socket,path=P,server=on,wait=off" as the short form says it. */
static char *short_socket(const char *text)
{
    char *path = option(text, "path"), *host = option(text, "host"), *port = option(text, "port");
    const char *server = is_on(text, "server", false) ? ",server" : "";
    const char *nowait = is_on(text, "wait", true) ? "" : ",nowait";
    char *out = NULL;
    int n = -1;

    if (path)
        n = asprintf(&out, "unix:%s%s%s", path, server, nowait);
    else if (port)
        n = asprintf(&out, "tcp:%s:%s%s%s", host ? host : "", port, server, nowait);
    free(path);
    free(host);
    free(port);
    return n < 0 ? NULL : out;
}

static int open_by(struct host_char *c, const char *text, char *err, size_t len)
{
    size_t n = strcspn(text, ",");
    char *path = option(text, "path"), *size = NULL, *sock;
    int r;

    if (strncmp(text, "file:", 5) == 0) {
        r = open_file(c, text + 5, false, err, len);
    } else if (strncmp(text, "pipe:", 5) == 0) {
        r = open_pipe(c, text + 5, err, len);
    } else if (strncmp(text, "unix:", 5) == 0 || strncmp(text, "tcp:", 4) == 0) {
        r = char_socket_open(c, text, err, len);
    } else if (n == 4 && !strncmp(text, "null", n)) {
        r = 0;
    } else if (n == 5 && !strncmp(text, "stdio", n)) {
        r = open_stdio(c, is_on(text, "signal", true));
    } else if (n == 3 && !strncmp(text, "pty", n)) {
        r = open_pty(c, err, len);
    } else if (n == 4 && !strncmp(text, "file", n) && path) {
        r = open_file(c, path, is_on(text, "append", false), err, len);
    } else if (n == 4 && !strncmp(text, "pipe", n) && path) {
        r = open_pipe(c, path, err, len);
    } else if (n == 7 && !strncmp(text, "ringbuf", n)) {
        size = option(text, "size");
        r = open_ring(c, size ? strtoull(size, NULL, 0) : 65536, err, len);
    } else if (n == 6 && !strncmp(text, "socket", n) && (sock = short_socket(text))) {
        r = char_socket_open(c, sock, err, len);
        free(sock);
    } else {
        r = fail(err, len, text, "no such kind of character device");
    }
    free(path);
    free(size);
    return r;
}

struct host_char *host_char_new(const char *text, const struct host_lock *lock, char *err,
                                size_t err_len)
{
    struct host_char *c = calloc(1, sizeof(*c));

    if (!c) {
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    c->lock = *lock;
    c->in_fd = c->out_fd = c->listener = -1;
    if (open_by(c, text, err, err_len)) {
        host_char_free(c);
        return NULL;
    }
    return c;
}

void host_char_free(struct host_char *c)
{
    if (!c)
        return;
    char_unwatch(&c->in_watch);
    char_unwatch(&c->out_watch);
    char_unwatch(&c->accept_watch);
    if (c->own_in && c->in_fd >= 0)
        close(c->in_fd);
    if (c->own_out && c->out_fd >= 0)
        close(c->out_fd);
    if (c->listener >= 0)
        close(c->listener);
    if (c->unlink_path)
        unlink(c->unlink_path);
    free(c->unlink_path);
    free(c->where);
    free(c->ring);
    free(c);
}
