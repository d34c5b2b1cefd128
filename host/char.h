/* SPDX-License-Identifier: MIT */
/* host/char.h -- characters between a device and the outside: standard input and output, files,
 * pseudo terminals, sockets, nothing, a ring in memory; and the switch (mux) by which several devices
 * share one of them, with the escape keys of Ctrl-A.
 *
 * A provider watches its descriptors in the default GLib main loop. Threads: made, connected and
 * freed on the main thread; device calls (bytes_out) come with the machine's lock held from any
 * thread; watches take that lock around what they call. */
#ifndef HOST_CHAR_H
#define HOST_CHAR_H

#include "ports/bytes.h"

struct host_char;

/* How to take the machine's lock. */
struct host_lock {
    void (*lock)(void *opaque);
    void (*unlock)(void *opaque);
    void *opaque;
};

/* text: as -serial takes it (null, stdio, pty, file:PATH, unix:PATH[,server][,nowait], tcp:HOST:PORT,
 * ...) or as -chardev without its id (backend[,option=value...]). NULL with one line in err. */
struct host_char *host_char_new(const char *text, const struct host_lock *lock, char *err,
                                size_t err_len);
void host_char_free(struct host_char *c);

/* The half that the device calls, and the one that is called; in NULL: nobody listens. */
struct bytes_out host_char_out(struct host_char *c);
void host_char_connect(struct host_char *c, const struct bytes_in *in);
/* "pty" and servers: where to connect to; NULL: nothing to say. */
const char *host_char_where(const struct host_char *c);
/* Somebody is at the other end now, as far as one can know; lock held or before the main loop. */
bool host_char_is_open(const struct host_char *c);
void host_char_break(struct host_char *c); /* the other end sends a break; lock held */
/* A ring buffer's oldest bytes, at most n, are taken out; -EINVAL: c is none. Lock held. */
int host_char_ring_read(struct host_char *c, void *buf, size_t n);
/* Appends to what is in the ring; 0 or -EINVAL. Lock held. */
int host_char_ring_write(struct host_char *c, const void *buf, size_t n);

/* ---- the switch ---- */
struct host_mux;
enum host_mux_key { HOST_MUX_QUIT, HOST_MUX_BREAK }; /* Ctrl-A x, b */
/* c belongs to the mux from now on. Escapes: Ctrl-A h (help), x, b, c (next user), Ctrl-A itself. */
struct host_mux *host_mux_new(struct host_char *c, void (*key)(void *opaque, enum host_mux_key k),
                              void *opaque);
void host_mux_free(struct host_mux *m);
/* One more user; the first has the input. At most 4; the number, or -1. */
int host_mux_add(struct host_mux *m, const struct bytes_in *in);
struct bytes_out host_mux_out(struct host_mux *m, int user);

/* The terminal as it was before moa made it raw; async-signal-safe; also done at exit. */
void host_terminal_restore(void);

#endif
