/* SPDX-License-Identifier: MIT */
/* debug/gdbstub.h -- the remote protocol of gdb, for programs and machines.
 *
 * Model: all-stop. The vcpu thread that meets an event (breakpoint, step done, signal) becomes the
 * server: it asks the others to stay out of guest code, answers packets until gdb resumes, then
 * lets all go on. A small thread of the stub watches the connection for gdb's interrupt while
 * guest code runs.
 *
 * A vcpu thread calls gdb_run() where it would call tcg_run(), and gdb_signal() before a signal is
 * delivered. The stub touches a vcpu's registers only while its thread is outside guest code. */
#ifndef DEBUG_GDBSTUB_H
#define DEBUG_GDBSTUB_H

#include "frontends/frontend.h"
#include "tcg/engine.h"

struct gdb;

/* What the stub asks of linux-user or a machine; called from vcpu threads and the stub's own. */
struct gdb_target {
    void *opaque;
    int pid;
    /* Ids of up to max vcpus; returns how many there are. */
    unsigned (*threads)(void *o, int *ids, unsigned max);
    struct tcg_vcpu *(*vcpu)(void *o, int id); /* NULL: gone */
    void (*thread_name)(void *o, int id, char *buf, size_t len);
    int (*mem_read)(void *o, uint64_t addr, void *buf, size_t len);        /* 0 or -errno */
    int (*mem_write)(void *o, uint64_t addr, const void *buf, size_t len); /* 0 or -errno */
    /* Makes every vcpu come to gdb_run() soon, out of blocking system calls too. */
    void (*kick_all)(void *o);
    const char *(*exec_path)(void *o);                       /* NULL: none */
    size_t (*auxv)(void *o, void *buf, size_t len);          /* bytes, 0: none */
    size_t (*siginfo)(void *o, int id, void *buf, size_t len);
    int (*to_gdb_signal)(int guest_sig);
    int (*from_gdb_signal)(int gdb_sig);
    void (*kill)(void *o); /* gdb killed the program: does not return, or soon ends it */
};

/* Listens on "PORT", "HOST:PORT" or a path of a Unix socket, and waits for gdb. NULL with one line in
 * err. The target structure must outlive the stub. */
struct gdb *gdb_open(const char *where, const struct frontend *fe, const struct gdb_target *t,
                     char *err, size_t err_len);

/* The first stop, before the program's first instruction; on the main vcpu's thread. */
void gdb_attach(struct gdb *g, struct tcg_vcpu *v, int id);

/* tcg_run() under the debugger: parks while others are being debugged, steps, steps over
 * breakpoints, reports breakpoints and watchpoints. */
enum tcg_exit_reason gdb_run(struct gdb *g, struct tcg_vcpu *v, int id);

/* A signal is about to be delivered; returns the one to deliver instead, 0: none. */
int gdb_signal(struct gdb *g, struct tcg_vcpu *v, int id, int sig);

/* The last thread ends: exit status, or the signal that killed the program (killed). */
void gdb_exited(struct gdb *g, int status, bool killed);

/* In a child after fork: the child is not debugged; closes the connection on its side only. */
void gdb_after_fork(struct gdb *g);

#endif
