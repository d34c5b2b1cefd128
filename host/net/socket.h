/* SPDX-License-Identifier: MIT */
/* host/net/socket.h -- networks between programs by sockets: a connection that carries frames one after
 * the other, each behind its length (4 bytes, big-endian), or datagrams of a frame each. */
#ifndef HOST_NET_SOCKET_H
#define HOST_NET_SOCKET_H

#include "host/net/impl.h"

#include <sys/socket.h>

struct net_address {
    struct sockaddr_storage sa;
    socklen_t len; /* 0: none */
};

/* host "" is any; -1 with one line in err. */
int net_inet(struct net_address *a, const char *host, const char *port, bool passive, int type, char *err,
             size_t err_len);
int net_unix(struct net_address *a, const char *path, char *err, size_t err_len);
/* A socket, not blocking; -1 with one line in err. */
int net_socket(const struct net_address *a, int type, const char *what, char *err, size_t err_len);
bool net_is_multicast(const struct net_address *a);

struct net_stream_config {
    struct net_address at; /* len 0: fd */
    bool listens;
    int fd;            /* connected, or listening */
    unsigned reconnect; /* seconds; 0: never */
    char what[128];    /* for messages */
};
struct host_net *net_stream_open(const struct net_stream_config *c, char *err, size_t err_len);

struct net_dgram_config {
    struct net_address local, remote; /* len 0: none */
    bool has_interface;
    struct net_address interface; /* of a multicast group */
    int fd;                       /* -1: none */
    char what[128];
};
struct host_net *net_dgram_open(const struct net_dgram_config *c, char *err, size_t err_len);

#endif
