// SPDX-License-Identifier: MIT
/* host/net/net.c -- networks by name, and what all kinds share: frames that wait until the device has room,
 * options, lengths. A frame has 14 to PACKET_MAX bytes; others are dropped here, whoever sends them. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "host/net/impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_MAX 256
#define FRAME_MIN 14

struct net_frame {
    struct net_frame *next;
    size_t len;
    uint8_t data[];
};

static const struct {
    const char *name;
    struct host_net *(*make)(char *text, char *err, size_t err_len);
} kinds[] = {
#ifdef HAVE_SLIRP
    {"user", net_user_new},
#endif
    {"tap", net_tap_new},
    {"socket", net_socket_new},
    {"stream", net_stream_new},
    {"dgram", net_dgram_new},
};

static void accept_more(void *to);

static bool give(struct host_net *n, const void *frame, size_t len)
{
    bool taken;

    n->giving = true;
    taken = !n->in.take || n->in.take(n->in.dev, frame, len, NULL);
    n->giving = false;
    return taken;
}

void net_deliver(struct host_net *n, const void *frame, size_t len)
{
    struct net_frame *f;

    if (len < FRAME_MIN || len > PACKET_MAX)
        return;
    if (!n->queue && !n->giving && give(n, frame, len)) {
        if (n->queue) /* came meanwhile */
            accept_more(n);
        return;
    }
    if (n->queued == QUEUE_MAX || !(f = malloc(sizeof(*f) + len)))
        return;
    f->next = NULL;
    f->len = len;
    memcpy(f->data, frame, len);
    *n->queue_end = f;
    n->queue_end = &f->next;
    n->queued++;
}

static void accept_more(void *to)
{
    struct host_net *n = to;
    struct net_frame *f;

    if (n->giving) /* a device that resets itself in the middle; who gives looks at the queue */
        return;
    while ((f = n->queue)) {
        n->queue = f->next;
        if (!n->queue)
            n->queue_end = &n->queue;
        n->queued--;
        if (!give(n, f->data, f->len)) {
            f->next = n->queue;
            if (!n->queue)
                n->queue_end = &f->next;
            n->queue = f;
            n->queued++;
            return;
        }
        free(f);
    }
    if (n->emptied)
        n->emptied(n);
}

uint8_t *net_flat(const struct iovec *iov, unsigned niov, size_t len)
{
    uint8_t *flat = niov == 1 ? iov[0].iov_base : malloc(len ? len : 1);
    size_t at = 0;

    for (unsigned i = 0; flat && niov > 1 && i < niov; at += iov[i++].iov_len)
        memcpy(flat + at, iov[i].iov_base, iov[i].iov_len);
    return flat;
}

void net_unflat(uint8_t *flat, const struct iovec *iov, unsigned niov)
{
    if (niov != 1 || flat != iov[0].iov_base)
        free(flat);
}

bool net_option(char **text, char **name, char **value)
{
    char *end;

    if (!*text || !**text)
        return false;
    *name = *text;
    end = strchr(*text, ',');
    if (end)
        *end++ = 0;
    *text = end;
    *value = strchr(*name, '=');
    if (*value)
        *(*value)++ = 0;
    else
        *value = *name + strlen(*name);
    return true;
}

int net_fd(const char *value, char *err, size_t err_len)
{
    char *end;
    long fd = strtol(value, &end, 10);

    if (end == value || *end || fd < 3 || fd > 1 << 20 || fcntl((int)fd, F_GETFD) < 0) {
        snprintf(err, err_len, "fd=%s: no such open descriptor", value);
        return -1;
    }
    if (fcntl((int)fd, F_SETFL, fcntl((int)fd, F_GETFL) | O_NONBLOCK) < 0 ||
        fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0) {
        snprintf(err, err_len, "fd=%s: %s", value, strerror(errno));
        return -1;
    }
    return (int)fd;
}

struct host_net *host_net_new(const char *text, const struct host_lock *lock, char *err,
                              size_t err_len)
{
    size_t n = strcspn(text, ","), i = 0;
    struct host_net *net = NULL;
    char *copy;

    while (i < ARRAY_LEN(kinds) &&
           (strlen(kinds[i].name) != n || strncmp(kinds[i].name, text, n) != 0))
        i++;
    if (i == ARRAY_LEN(kinds)) {
        snprintf(err, err_len, "%.*s: this network is not there (known:", (int)(n < 64 ? n : 64), text);
        for (i = 0; i < ARRAY_LEN(kinds) && strlen(err) + 16 < err_len; i++)
            sprintf(err + strlen(err), " %s", kinds[i].name);
        if (strlen(err) + 2 < err_len)
            strcat(err, ")");
        return NULL;
    }
    copy = strdup(text[n] ? text + n + 1 : "");
    if (copy)
        net = kinds[i].make(copy, err, err_len);
    else
        snprintf(err, err_len, "out of memory");
    free(copy);
    if (!net)
        return NULL;
    net->lock = *lock;
    net->queue_end = &net->queue;
    net->out.to = net;
    net->out.accept = accept_more;
    return net;
}

void host_net_free(struct host_net *n)
{
    struct net_frame *f;

    if (!n)
        return;
    n->in = (struct packet_in){0}; /* the device may be gone */
    n->free(n);
    while ((f = n->queue)) {
        n->queue = f->next;
        free(f);
    }
    free(n);
}

void host_net_link(struct host_net *n, bool up)
{
    if (n->in.link)
        n->in.link(n->in.dev, up);
}

int host_net_forward(struct host_net *n, bool add, const char *text, char *err, size_t err_len)
{
    if (n->forward)
        return n->forward(n, add, text, err, err_len);
    snprintf(err, err_len, "only networks of the kind user have forwards");
    return -1;
}

const struct packet_out *host_net_out(struct host_net *n)
{
    return &n->out;
}

void host_net_connect(struct host_net *n, const struct packet_in *in)
{
    n->in = *in;
}
