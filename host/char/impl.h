/* SPDX-License-Identifier: MIT */
/* host/char/impl.h -- what the providers of characters share. */
#ifndef HOST_CHAR_IMPL_H
#define HOST_CHAR_IMPL_H

#include "host/char.h"

enum char_kind { CHAR_NULL, CHAR_FD, CHAR_SOCKET, CHAR_RING };

struct host_char {
    enum char_kind kind;
    struct host_lock lock;
    struct bytes_in in;
    bool connected;          /* `in` is filled */
    int in_fd, out_fd;       /* -1: none (now) */
    bool own_in, own_out;    /* to be closed */
    bool terminal;           /* standard input was made raw */
    bool pty;
    struct _GSource *in_watch, *out_watch;
    bool full;               /* a write was cut short: room() is owed */
    char *where;
    /* sockets */
    int listener;
    struct _GSource *accept_watch;
    char *unlink_path;
    /* ring */
    uint8_t *ring;
    size_t ring_size, ring_head, ring_len;
};

/* Begins and ends watching in_fd; lock held or not yet running. */
void char_watch_in(struct host_char *c);
void char_unwatch(struct _GSource **s);
void char_event(struct host_char *c, enum bytes_event e); /* lock held */
/* The peer is gone; lock held. */
void char_hang_up(struct host_char *c);

/* socket.c: "unix:..." and "tcp:..."; 0 or -1 with one line in err. */
int char_socket_open(struct host_char *c, const char *text, char *err, size_t err_len);
void char_socket_gone(struct host_char *c);

#endif
