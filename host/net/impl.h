/* SPDX-License-Identifier: MIT */
/* host/net/impl.h -- what the kinds of networks share: a structure that begins with struct host_net, and
 * frames that wait for the device. */
#ifndef HOST_NET_IMPL_H
#define HOST_NET_IMPL_H

#include "host/net/net.h"

struct net_frame;

struct host_net {
    struct host_lock lock;
    struct packet_in in;
    struct packet_out out;
    void (*free)(struct host_net *n); /* what the kind has; not the structure */
    /* Frames wait no longer; or NULL. */
    void (*emptied)(struct host_net *n);
    int (*forward)(struct host_net *n, bool add, const char *text, char *err, size_t err_len); /* or NULL */
    struct net_frame *queue, **queue_end;
    unsigned queued;
    bool giving; /* the device is being given a frame: what it calls meanwhile begins no other */
};

/* A frame to the device, or to the queue: 256 wait at most, then they are dropped, as a network does.
 * What is no Ethernet frame (14 bytes to PACKET_MAX) is dropped. Lock held. */
void net_deliver(struct host_net *n, const void *frame, size_t len);
/* One row of bytes from a vector: the first piece if there is but one, else a copy, which
 * net_unflat() frees; NULL: out of memory. */
uint8_t *net_flat(const struct iovec *iov, unsigned niov, size_t len);
void net_unflat(uint8_t *flat, const struct iovec *iov, unsigned niov);

/* One option "name=value"; *value is never NULL. False at the end; text is changed. */
bool net_option(char **text, char **name, char **value);
/* A descriptor that another program has opened for moa: its number, which is checked; or -1 with one
 * line in err. */
int net_fd(const char *value, char *err, size_t err_len);

/* The kinds: *out is allocated with out, lock and queue set; text: the options behind the kind's name
 * and its comma. 0, or -1 with one line in err; then free() is not called. */
struct host_net *net_user_new(char *text, char *err, size_t err_len);
struct host_net *net_tap_new(char *text, char *err, size_t err_len);
struct host_net *net_socket_new(char *text, char *err, size_t err_len);
struct host_net *net_stream_new(char *text, char *err, size_t err_len);
struct host_net *net_dgram_new(char *text, char *err, size_t err_len);

#endif
