/* SPDX-License-Identifier: MIT */
/* machines/channel.h -- where a machine is sent to or comes from: a file, a program, a socket. Inside
 * machines/ only. Functions wait, but no longer than until somebody makes `cancel` readable. */
#ifndef MACHINES_CHANNEL_H
#define MACHINES_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct channel {
    int fd, listener; /* -1: none */
    int cancel;       /* an eventfd, the caller's */
    pid_t child;      /* of exec:; 0: none */
    bool answers;     /* the other side can say something back (tcp, unix) */
    char *path;       /* of a socket that was made here */
};

/* 0, or -errno with one line in err. */
int channel_connect(struct channel *c, const char *uri, char *err, size_t err_len);
int channel_listen(struct channel *c, const char *uri, char *err, size_t err_len);
int channel_accept(struct channel *c, char *err, size_t err_len); /* after listen */

/* All n bytes. 0 or -errno: -ECANCELED; read: -ENODATA at the end. */
int channel_write(struct channel *c, const void *buf, size_t n);
int channel_read(struct channel *c, void *buf, size_t n);
bool channel_has_answer(struct channel *c); /* the other side has said something, or is gone */
void channel_linger(struct channel *c);     /* after an answer: lets it arrive */
/* Written data is where it should be; the program has ended well. 0 or -errno. */
int channel_finish(struct channel *c);
void channel_close(struct channel *c);

#endif
