// SPDX-License-Identifier: MIT
/* host/net/dgram.c -- frames as datagrams, one each: between two addresses (UDP, Unix), or in a multicast group,
 * where everybody hears everybody, and itself. What the host cannot take is lost, as UDP does. */
#include "host/net/socket.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <glib-unix.h>

struct dgram {
    struct host_net net;
    struct net_dgram_config c;
    int fd;
    guint in;
    uint8_t frame[PACKET_MAX + 1];
};

static gboolean readable(gint fd, GIOCondition cond, gpointer data)
{
    struct dgram *d = data;
    bool more;

    (void)cond;
    d->net.lock.lock(d->net.lock.opaque);
    for (unsigned i = 0; i < 64 && !d->net.queue; i++) {
        ssize_t n = recv(fd, d->frame, sizeof(d->frame), 0);

        if (n < 0)
            break;
        net_deliver(&d->net, d->frame, (size_t)n);
    }
    more = !d->net.queue;
    if (!more)
        d->in = 0;
    d->net.lock.unlock(d->net.lock.opaque);
    return more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void emptied(struct host_net *n)
{
    struct dgram *d = (struct dgram *)n;

    if (!d->in)
        d->in = g_unix_fd_add(d->fd, G_IO_IN, readable, d);
}

static bool send_frame(void *to, const struct iovec *iov, unsigned niov, size_t len,
                       const struct packet_offload *o)
{
    struct dgram *d = to;
    struct msghdr m = {.msg_iov = (struct iovec *)(uintptr_t)iov, .msg_iovlen = niov};

    (void)len, (void)o;
    if (d->c.remote.len) {
        m.msg_name = &d->c.remote.sa;
        m.msg_namelen = d->c.remote.len;
    }
    (void)!sendmsg(d->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    return true;
}

static void end(struct host_net *n)
{
    struct dgram *d = (struct dgram *)n;

    if (d->in)
        g_source_remove(d->in);
    if (d->c.local.len && d->c.local.sa.ss_family == AF_UNIX)
        unlink(((struct sockaddr_un *)&d->c.local.sa)->sun_path);
    close(d->fd);
}

static int join_group(int fd, const struct net_dgram_config *c)
{
    struct ip_mreq group = {.imr_multiaddr = ((const struct sockaddr_in *)&c->remote.sa)->sin_addr};
    uint8_t loop = 1;

    if (c->has_interface)
        group.imr_interface = ((const struct sockaddr_in *)&c->interface.sa)->sin_addr;
    if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)) < 0 ||
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &loop, sizeof(loop)) < 0)
        return -1;
    return c->has_interface ? setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &group.imr_interface,
                                         sizeof(group.imr_interface))
                            : 0;
}

static int make(const struct net_dgram_config *c, char *err, size_t err_len)
{
    bool group = net_is_multicast(&c->remote);
    const struct net_address *at = group ? &c->remote : &c->local;
    int on = 1, fd;

    if (c->fd >= 0)
        return c->fd;
    fd = net_socket(c->remote.len ? &c->remote : at, SOCK_DGRAM, c->what, err, err_len);
    if (fd < 0)
        return -1;
    if (at->sa.ss_family == AF_UNIX && at->len)
        unlink(((const struct sockaddr_un *)&at->sa)->sun_path);
    else
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if ((at->len && bind(fd, (const struct sockaddr *)&at->sa, at->len) < 0) ||
        (group && join_group(fd, c) < 0)) {
        snprintf(err, err_len, "%s: %s", c->what, strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

struct host_net *net_dgram_open(const struct net_dgram_config *c, char *err, size_t err_len)
{
    struct dgram *d = calloc(1, sizeof(*d));

    if (!d) {
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    d->c = *c;
    d->fd = make(c, err, err_len);
    if (d->fd < 0) {
        free(d);
        return NULL;
    }
    d->net.free = end;
    d->net.emptied = emptied;
    d->net.out.send = send_frame;
    d->in = g_unix_fd_add(d->fd, G_IO_IN, readable, d);
    return &d->net;
}
