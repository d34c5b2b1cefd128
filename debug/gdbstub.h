/* SPDX-License-Identifier: MIT */
/* debug/gdbstub.h -- the remote protocol of gdb, for programs and machines.
 *
 * Model: all-stop. A thread of the stub's own talks to gdb. A vcpu thread that meets an event
 * (breakpoint, step done, signal, system call) posts it and parks; the stub's thread brings the
 * others out of guest code, answers packets until gdb resumes, and lets go whom gdb wants to run.
 * Threads in system calls stay there: they count as stopped, in front of their call.
 *
 * A vcpu thread calls gdb_run() where it would call tcg_run(), and gdb_signal() before a signal
 * is delivered. The stub touches a vcpu's registers only while its thread is outside guest code. */
#ifndef DEBUG_GDBSTUB_H
#define DEBUG_GDBSTUB_H

#include "frontends/frontend.h"
#include "tcg/engine.h"

struct gdb;

/* What the stub asks of linux-user or a machine. Called from the stub's own thread, which blocks
 * all signals: memory functions must not fault. Functions return 0 or more, or -errno. */
struct gdb_target {
    void *opaque;
    int pid;
    unsigned call_len; /* bytes of the system call instruction */
    void (*thread_name)(void *o, int id, char *buf, size_t len);
    int (*mem_read)(void *o, uint64_t addr, void *buf, size_t len);
    int (*mem_write)(void *o, uint64_t addr, const void *buf, size_t len);
    /* Makes a thread leave a blocking system call soon; the call will be made again. */
    void (*nudge)(void *o, int id);
    void (*send_signal)(void *o, int id, int sig); /* to one thread, the guest's number */
    const char *(*exec_path)(void *o);             /* NULL: none */
    size_t (*auxv)(void *o, void *buf, size_t len); /* bytes, 0: none */
    /* A file as the guest sees it, for reading; a descriptor. */
    int (*open_file)(void *o, const char *path);
    int (*readlink)(void *o, const char *path, char *buf, size_t len); /* bytes */
    int (*to_gdb_signal)(int guest_sig);
    int (*from_gdb_signal)(int gdb_sig);
    void (*kill)(void *o); /* gdb killed the program: does not return, or soon ends it */
    /* ---- machines; NULL for programs ---- */
    /* Brings all vcpus out of guest code and stops time; on a vcpu's thread it only asks for it. */
    void (*stop)(void *o);
    void (*go)(void *o);
    /* mem_read and mem_write are as this vcpu sees memory, or about physical addresses. */
    void (*select)(void *o, int id, bool physical);
    /* A line for the human monitor: what it prints, to be freed; NULL: it did not answer. */
    char *(*command)(void *o, int id, const char *line);
};

/* Listens on "PORT", "HOST:PORT" or a path of a Unix socket, and waits for gdb; or takes over what
 * gdb_hand_over() has written. NULL with one line in err. target and engine must outlive the stub. */
struct gdb *gdb_open(const char *where, const struct frontend *fe, struct tcg_engine *engine,
                     const struct gdb_target *target, char *err, size_t err_len);

/* ---- machines: vcpus are threads 1, 2, ...; gdb may come and go while they run ---- */
/* Listens and returns at once. */
struct gdb *gdb_listen(const char *where, const struct frontend *fe, struct tcg_engine *engine,
                       const struct gdb_target *target, char *err, size_t err_len);
/* tcg_run(), stepping where gdb wants it; never parks: a stopped machine's vcpus do not come here
 * (those that gdb holds while others run return soon with TCG_EXIT_POLL). */
enum tcg_exit_reason gdb_run_vcpu(struct gdb *g, struct tcg_vcpu *v, int id);
/* True: gdb steps it; no interrupts shall come in between. */
bool gdb_stepping(struct gdb *g, int id);
/* Ends the stub's thread; says goodbye to gdb. Vcpus are paused. */
void gdb_close(struct gdb *g, int status);

/* ---- programs ---- */
/* A guest thread begins or ends; called on that thread. The vcpu may be freed after
 * gdb_thread_end(). */
void gdb_thread_begin(struct gdb *g, struct tcg_vcpu *v, int id);
void gdb_thread_end(struct gdb *g, int id);

/* The first stop, before the program's first instruction; on the main thread. */
void gdb_attach(struct gdb *g, int id);

/* tcg_run() under the debugger: parks while gdb wants it, steps, reports breakpoints and
 * watchpoints. */
enum tcg_exit_reason gdb_run(struct gdb *g, struct tcg_vcpu *v, int id);

/* A signal is about to be delivered; returns the one to deliver instead, 0: none. info: what
 * gdb shows as $_siginfo, at most 128 bytes. */
int gdb_signal(struct gdb *g, struct tcg_vcpu *v, int id, int sig, const void *info, size_t len);

/* Around each system call; both may park. */
void gdb_call_begin(struct gdb *g, int id, uint64_t nr);
void gdb_call_end(struct gdb *g, int id, uint64_t nr);

/* The last thread ends: exit status, or the signal that killed the program (killed). */
void gdb_exited(struct gdb *g, int status, bool killed);

/* In a child after fork: the child is not debugged; closes the connection on its side only and
 * removes breakpoints from the engine. g is gone after this. */
void gdb_after_fork(struct gdb *g);

/* The process is about to exec: keeps the connection open for the new program's stub, and writes
 * what its gdb_open() is to be given. False: gdb would not understand. gdb_hand_back() when the
 * exec has failed. */
bool gdb_hand_over(struct gdb *g, char *where, size_t len);
void gdb_hand_back(struct gdb *g);

/* True for a descriptor of the stub's own. */
bool gdb_own_fd(const struct gdb *g, int fd);

#endif
