/* SPDX-License-Identifier: MIT */
/* debug/gdb_impl.h -- what the stub's files share: connection, stop state, packet buffer. */
#ifndef DEBUG_GDB_IMPL_H
#define DEBUG_GDB_IMPL_H

#include "debug/gdbstub.h"

#include <pthread.h>

#define GDB_PACKET 0x4000

enum gdb_action { GDB_CONTINUE, GDB_STEP, GDB_STAY };

struct gdb_stop {
    int gdb_sig;
    char kind[16];      /* "watch", "rwatch", "awatch", "swbreak" or empty */
    uint64_t addr;
};

struct gdb {
    const struct frontend *fe;
    const struct gdb_target *t;
    struct tcg_engine *engine;
    int fd;               /* -1: gdb is gone; the program runs on */
    int listener;
    char unlink_path[108];
    pthread_t watcher;
    bool has_watcher;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool serving;         /* a vcpu thread is the server; others park */
    bool interrupted;     /* gdb sent an interrupt, nobody has served it yet */
    bool running;         /* the watcher may read from the connection */

    /* Decided at the last resume. */
    int step_id;          /* thread that steps, 0: none */
    bool others_stay;     /* only step_id (or only_id) runs */
    int only_id;
    int over_id;          /* thread that first steps off its breakpoint */
    int deliver;          /* signal to deliver to the stopped thread (guest number) */

    /* While serving. */
    int cur_id;           /* the thread that stopped */
    int g_id, c_id;       /* selected by H */
    struct gdb_stop stop;
    bool no_ack;
    bool resume;          /* a command ended the stop */
    int list_next;        /* qsThreadInfo */

    char in[GDB_PACKET + 8];
    char out[GDB_PACKET + 8];
    size_t out_len;
    uint8_t raw[1 << 15]; /* received, not yet consumed */
    size_t raw_at, raw_len;
};

/* gdb_packet.c */
int gdb_get_packet(struct gdb *g);           /* length in g->in, or -1: connection lost */
void gdb_start_reply(struct gdb *g);
void gdb_put(struct gdb *g, const char *text);
void gdb_putf(struct gdb *g, const char *fmt, ...) MOA_PRINTF(2, 3);
void gdb_put_hex(struct gdb *g, const void *data, size_t len);
void gdb_put_escaped(struct gdb *g, const void *data, size_t len);
void gdb_send(struct gdb *g);
int gdb_hex_bytes(const char *hex, void *buf, size_t len); /* bytes read */
void gdb_lost(struct gdb *g);

/* gdb_command.c */
void gdb_command(struct gdb *g, char *packet, size_t len);
void gdb_stop_reply(struct gdb *g);

/* gdb_query.c */
void gdb_query(struct gdb *g, char *packet);

#endif
