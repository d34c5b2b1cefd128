// SPDX-License-Identifier: MIT
/* host/net/tap.c -- a tap interface of the host: what the machine sends comes out of it, and the other way
 * round. Made (needs rights, and goes with moa), joined by name, or given as a descriptor.
 *
 * Options: ifname=NAME, script=FILE|no and downscript=FILE|no (run with the interface's name;
 * /etc/qemu-ifup and /etc/qemu-ifdown if not said), fd=N. Not there: vhost, several queues, helpers. */
#include "host/net/impl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib-unix.h>

struct tap {
    struct host_net net;
    int fd;
    guint in, out;
    char name[IFNAMSIZ];
    char *down; /* script at the end, or NULL */
    uint8_t frame[PACKET_MAX + 1];
};

/* 0 or -1 with a line in err. */
static int run(const char *script, const char *name, char *err, size_t err_len)
{
    char *argv[] = {(char *)script, (char *)name, NULL};
    GError *e = NULL;
    int status;

    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL, NULL, NULL, &status,
                      &e)) {
        snprintf(err, err_len, "script %s: %s", script, e->message);
        g_error_free(e);
        return -1;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    snprintf(err, err_len, "script %s failed for %s", script, name);
    return -1;
}

static void stop(guint *source)
{
    if (*source)
        g_source_remove(*source);
    *source = 0;
}

static gboolean readable(gint fd, GIOCondition cond, gpointer data)
{
    struct tap *t = data;
    bool more;

    (void)cond;
    t->net.lock.lock(t->net.lock.opaque);
    for (unsigned i = 0; i < 64 && !t->net.queue; i++) {
        ssize_t n = read(fd, t->frame, sizeof(t->frame));

        if (n <= 0)
            break;
        net_deliver(&t->net, t->frame, (size_t)n);
    }
    more = !t->net.queue;
    if (!more) /* the interface keeps the rest */
        t->in = 0;
    t->net.lock.unlock(t->net.lock.opaque);
    return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void emptied(struct host_net *n)
{
    struct tap *t = (struct tap *)n;

    if (!t->in)
        t->in = g_unix_fd_add(t->fd, G_IO_IN, readable, t);
}

static gboolean writable(gint fd, GIOCondition cond, gpointer data)
{
    struct tap *t = data;

    (void)fd, (void)cond;
    t->net.lock.lock(t->net.lock.opaque);
    t->out = 0;
    if (t->net.in.room)
        t->net.in.room(t->net.in.dev);
    t->net.lock.unlock(t->net.lock.opaque);
    return G_SOURCE_REMOVE;
}

static bool send_frame(void *to, const struct iovec *iov, unsigned niov, size_t len,
                       const struct packet_offload *o)
{
    struct tap *t = to;
    ssize_t r;

    (void)len, (void)o; /* nothing was offered */
    do
        r = writev(t->fd, iov, (int)niov);
    while (r < 0 && errno == EINTR);
    if (r >= 0 || errno != EAGAIN)
        return true; /* an interface that is down loses it */
    if (!t->out)
        t->out = g_unix_fd_add(t->fd, G_IO_OUT, writable, t);
    return false;
}

static void end(struct host_net *n)
{
    struct tap *t = (struct tap *)n;
    char err[300];

    stop(&t->in);
    stop(&t->out);
    if (t->down && run(t->down, t->name, err, sizeof(err)))
        fprintf(stderr, "moa: -netdev tap: %s\n", err);
    free(t->down);
    close(t->fd);
}

static int open_tap(struct tap *t, const char *ifname, char *err, size_t err_len)
{
    struct ifreq r = {0};

    t->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (t->fd < 0) {
        snprintf(err, err_len, "/dev/net/tun: %s", strerror(errno));
        return -1;
    }
    r.ifr_flags = IFF_TAP | IFF_NO_PI;
    snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", *ifname ? ifname : "tap%d");
    if (ioctl(t->fd, TUNSETIFF, &r) < 0) {
        snprintf(err, err_len, "ifname=%s: %s", r.ifr_name, strerror(errno));
        close(t->fd);
        return -1;
    }
    memcpy(t->name, r.ifr_name, sizeof(t->name));
    t->name[IFNAMSIZ - 1] = 0;
    return 0;
}

static bool is_tap(int fd)
{
    struct ifreq r = {0};

    return ioctl(fd, TUNGETIFF, &r) == 0 && r.ifr_flags & IFF_TAP && r.ifr_flags & IFF_NO_PI &&
           !(r.ifr_flags & IFF_VNET_HDR);
}

static int start(struct tap *t, const char *fd, const char *ifname, const char *up, const char *down,
                 char *err, size_t err_len)
{
    if (fd) {
        t->fd = net_fd(fd, err, err_len);
        if (t->fd >= 0 && !is_tap(t->fd)) {
            snprintf(err, err_len, "fd=%s: not a tap interface without further headers", fd);
            return -1;
        }
        return t->fd < 0 ? -1 : 0;
    }
    if (strlen(ifname) >= IFNAMSIZ) {
        snprintf(err, err_len, "ifname=%s: at most %d letters", ifname, IFNAMSIZ - 1);
        return -1;
    }
    if (open_tap(t, ifname, err, err_len))
        return -1;
    if (strcmp(up, "no") != 0 && *up && run(up, t->name, err, err_len)) {
        close(t->fd);
        return -1;
    }
    if (strcmp(down, "no") != 0 && *down)
        t->down = strdup(down);
    return 0;
}

struct host_net *net_tap_new(char *text, char *err, size_t err_len)
{
    const char *ifname = "", *up = "/etc/qemu-ifup", *down = "/etc/qemu-ifdown", *fd = NULL;
    struct tap *t = calloc(1, sizeof(*t));
    char *name, *value;

    if (!t)
        return NULL;
    while (net_option(&text, &name, &value)) {
        if (strcmp(name, "ifname") == 0)
            ifname = value;
        else if (strcmp(name, "script") == 0)
            up = value;
        else if (strcmp(name, "downscript") == 0)
            down = value;
        else if (strcmp(name, "fd") == 0)
            fd = value;
        else if (strcmp(name, "vhost") != 0 || strcmp(value, "off") != 0) {
            snprintf(err, err_len, "%s=%s: not understood", name, value);
            free(t);
            return NULL;
        }
    }
    if (start(t, fd, ifname, up, down, err, err_len)) {
        free(t);
        return NULL;
    }
    t->net.free = end;
    t->net.emptied = emptied;
    t->net.out.send = send_frame;
    t->in = g_unix_fd_add(t->fd, G_IO_IN, readable, t);
    return &t->net;
}
