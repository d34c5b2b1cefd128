/* SPDX-License-Identifier: MIT */
/* debug/gdb_impl.h -- what the stub's files share: connection, threads, stop state, packet
 * buffer. */
#ifndef DEBUG_GDB_IMPL_H
#define DEBUG_GDB_IMPL_H

#include "debug/gdbstub.h"

#include <pthread.h>

#define GDB_PACKET 0x4000
#define GDB_FILES 16

#define GDB_SIGINT 2
#define GDB_SIGTRAP 5

enum gdb_state {
    GDB_RUN,  /* threads that gdb resumed may run */
    GDB_STOP, /* an event is being looked at: nobody runs */
    GDB_GONE, /* no debugger any more */
};

enum gdb_event_kind {
    GDB_EV_ATTACH, GDB_EV_BREAK, GDB_EV_WATCH, GDB_EV_STEP, GDB_EV_SIGNAL, GDB_EV_INTERRUPT,
    GDB_EV_CALL, GDB_EV_CALL_END, GDB_EV_EXEC, GDB_EV_NOBODY, GDB_EV_EXIT, GDB_EV_KILLED,
};

struct gdb_event {
    enum gdb_event_kind kind;
    int id;        /* thread */
    int gdb_sig;   /* or exit status */
    unsigned type; /* of the breakpoint or watchpoint packet */
    uint64_t addr; /* watched address, or system call number */
};

/* What gdb asked for at the last resume; the first that fits a thread counts. */
struct gdb_action {
    int id; /* -1: every thread */
    char what; /* 'c', 's', or 'r': step while pc is in [lo, hi) */
    int gdb_sig;
    uint64_t lo, hi;
};

struct gdb_thread {
    struct gdb_thread *next;
    struct tcg_vcpu *v;
    int id;
    bool in_code;   /* in tcg_run() or tcg_step() */
    bool parked;    /* waits for gdb; registers may be changed */
    bool in_call;   /* in a system call: pc is shown in front of it */
    bool step_done; /* the instruction stepped over was a system call */
    bool signalled; /* a signal was let through at sig_pc */
    uint64_t sig_pc;
    int deliver;    /* answer to the signal reported last */
    int unasked;    /* signal that gdb sends itself: not to be reported */
    size_t info_len;
    uint8_t info[128];
};

struct gdb_point {
    uint64_t addr, len;
    unsigned type; /* of the Z packet: 0 software, 1 hardware, 2 write, 3 read, 4 access */
};

struct gdb {
    const struct frontend *fe;
    const struct gdb_target *t;
    struct tcg_engine *engine;
    int fd;   /* -1: gdb is gone */
    int wake; /* eventfd: an event was posted */
    char unlink_path[108];
    int listener;        /* machines: open all the time */
    pthread_t thread;    /* machines */
    bool closing;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum gdb_state state;
    struct gdb_event event;
    struct gdb_thread *threads;
    struct gdb_action actions[32];
    unsigned nactions;
    uint64_t pass;          /* QPassSignals, by guest signal number - 1 */
    bool catch_calls, catch_all;
    uint8_t catch[64];      /* bits by system call number */

    /* The stub's thread alone, or a thread that inserts while all are stopped. */
    struct gdb_point *points;
    unsigned npoints, cap_points;
    int g_id, c_id;         /* selected by H */
    bool no_ack, multiprocess, exec_events;
    bool physical;          /* memory packets: physical addresses */
    bool taken_over;        /* from the program that has called exec */
    bool resume;            /* a command ended the stop */
    struct gdb_thread *list_next; /* qsThreadInfo */
    int files[GDB_FILES];   /* open for vFile, or -1 */

    char in[GDB_PACKET + 8];
    char out[GDB_PACKET + 8];
    size_t out_len;
    uint8_t raw[1 << 15];   /* received, not yet consumed */
    size_t raw_at, raw_len;
};

/* gdbstub.c */
struct gdb_thread *gdb_thread(struct gdb *g, int id); /* NULL: no such thread */
/* Waits until the thread's registers may be changed; false if it cannot be brought there. */
bool gdb_settle(struct gdb *g, struct gdb_thread *th);
void gdb_lost(struct gdb *g);
/* What gdb's last resume says about a thread, or NULL. Lock held, like the next three. */
const struct gdb_action *gdb_action_of(const struct gdb *g, int id);
bool gdb_may_run(const struct gdb *g, int id);
/* Reports an event; programs: th parks until gdb lets it go on. */
void gdb_post(struct gdb *g, struct gdb_thread *th, const struct gdb_event *ev);
/* Runs or steps th's vcpu, the lock released meanwhile; what concerns gdb is reported, and becomes
 * TCG_EXIT_POLL. */
enum tcg_exit_reason gdb_execute(struct gdb *g, struct gdb_thread *th, struct tcg_vcpu *v,
                                 bool step);
int gdb_listen_on(struct gdb *g, const char *where); /* descriptor or -errno */
struct gdb *gdb_alloc(const struct frontend *fe, struct tcg_engine *engine,
                      const struct gdb_target *t);
/* Serves one connection until gdb is gone. */
void gdb_session(struct gdb *g, bool attached);
/* The thread that memory packets are about. */
void gdb_select(struct gdb *g);

/* gdb_packet.c */
int gdb_get_packet(struct gdb *g);           /* length in g->in, or -1: connection lost */
void gdb_start_reply(struct gdb *g);
void gdb_put(struct gdb *g, const char *text);
void gdb_putf(struct gdb *g, const char *fmt, ...) MOA_PRINTF(2, 3);
void gdb_put_hex(struct gdb *g, const void *data, size_t len);
size_t gdb_put_escaped(struct gdb *g, const void *data, size_t len); /* bytes of data taken */
void gdb_put_id(struct gdb *g, int id);
void gdb_send(struct gdb *g);
int gdb_hex_bytes(const char *hex, void *buf, size_t len); /* bytes read */
/* "pPID.TID" or "TID": -1 all, 0 any. */
int gdb_parse_id(const char *p, char **end);

/* Registers that gdb sees, by number from 0 on: a machine's system registers are the last. */
static inline unsigned gdb_nregs(const struct gdb *g)
{
    return g->fe->nregs + (g->t->stop ? g->fe->nsysregs : 0);
}

/* gdb_command.c */
void gdb_command(struct gdb *g, char *packet, size_t len);
void gdb_stop_reply(struct gdb *g);

/* gdb_points.c */
void gdb_point_packet(struct gdb *g, const char *p, bool insert);
void gdb_remove_points(struct gdb *g);
/* The point of one of the types (a mask) that covers addr, or NULL. */
const struct gdb_point *gdb_find_point(const struct gdb *g, uint64_t addr, unsigned types);

/* gdb_query.c */
void gdb_query(struct gdb *g, char *packet);

/* gdb_file.c */
void gdb_file(struct gdb *g, char *packet);
void gdb_close_files(struct gdb *g);

#endif
