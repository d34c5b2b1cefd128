// SPDX-License-Identifier: MIT
/* host/char/mux.c -- several devices on one stream of characters: all may write, one has the input.
 * Ctrl-A is the escape key, as users of QEMU's -nographic know it. */
#include "host/char.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USERS 4
#define ESCAPE 1 /* Ctrl-A */

struct user {
    struct host_mux *m;
    struct bytes_in in;
};

struct host_mux {
    struct host_char *c;
    struct bytes_out out;
    struct user users[USERS];
    int nusers, focus;
    bool escaped;
    void (*key)(void *opaque, enum host_mux_key k);
    void *opaque;
};

static void say(struct host_mux *m, const char *text)
{
    m->out.write(m->out.to, (const uint8_t *)text, strlen(text));
}

static void event(struct host_mux *m, enum bytes_event e)
{
    struct bytes_in *in = &m->users[m->focus].in;

    if (m->nusers && in->event)
        in->event(in->dev, e);
}

static void command(struct host_mux *m, uint8_t ch)
{
    switch (ch) {
    case 'x':
        say(m, "\r\nmoa: terminated by Ctrl-A x\r\n");
        m->key(m->opaque, HOST_MUX_QUIT);
        break;
    case 'b':
        m->key(m->opaque, HOST_MUX_BREAK);
        event(m, BYTES_BREAK);
        break;
    case 'c':
        if (m->nusers < 2)
            break;
        m->focus = (m->focus + 1) % m->nusers;
        event(m, BYTES_OPENED);
        break;
    case 'h':
    case '?':
        say(m, "\r\nCtrl-A h   this help\r\nCtrl-A x   end moa\r\nCtrl-A b   send a break\r\n"
               "Ctrl-A c   switch between the console and the monitor\r\n"
               "Ctrl-A Ctrl-A   send Ctrl-A\r\n");
        break;
    }
}

static size_t can_take(void *dev)
{
    struct host_mux *m = dev;
    struct bytes_in *in = &m->users[m->focus].in;
    size_t n = m->nusers ? in->can_take(in->dev) : 64;

    /* One at a time, since each may change who gets the next; what follows an escape is for us. */
    return n || m->escaped ? 1 : 0;
}

static void take(void *dev, const uint8_t *buf, size_t n)
{
    struct host_mux *m = dev;

    for (size_t i = 0; i < n; i++) {
        struct bytes_in *in = &m->users[m->focus].in;

        if (m->escaped && buf[i] != ESCAPE) {
            m->escaped = false;
            command(m, buf[i]);
        } else if (!m->escaped && buf[i] == ESCAPE) {
            m->escaped = true;
        } else {
            m->escaped = false;
            if (m->nusers && in->can_take(in->dev))
                in->take(in->dev, &buf[i], 1);
        }
    }
}

static void room(void *dev)
{
    struct host_mux *m = dev;

    for (int i = 0; i < m->nusers; i++)
        if (m->users[i].in.room)
            m->users[i].in.room(m->users[i].in.dev);
}

static void on_event(void *dev, enum bytes_event e)
{
    event(dev, e);
}

struct host_mux *host_mux_new(struct host_char *c, void (*key)(void *opaque, enum host_mux_key k),
                              void *opaque)
{
    struct host_mux *m = calloc(1, sizeof(*m));
    struct bytes_in in = {m, can_take, take, room, on_event};

    if (!m)
        return NULL;
    m->c = c;
    m->key = key;
    m->opaque = opaque;
    m->out = host_char_out(c);
    host_char_connect(c, &in);
    return m;
}

void host_mux_free(struct host_mux *m)
{
    if (m)
        host_char_free(m->c);
    free(m);
}

int host_mux_add(struct host_mux *m, const struct bytes_in *in)
{
    if (m->nusers == USERS)
        return -1;
    m->users[m->nusers] = (struct user){m, *in};
    m->out.accept(m->out.to);
    return m->nusers++;
}

static size_t user_write(void *to, const uint8_t *buf, size_t n)
{
    struct user *u = to;

    return u->m->out.write(u->m->out.to, buf, n);
}

static void user_accept(void *to)
{
    struct user *u = to;

    u->m->out.accept(u->m->out.to);
}

struct bytes_out host_mux_out(struct host_mux *m, int user)
{
    return (struct bytes_out){&m->users[user], user_write, user_accept};
}
