/* SPDX-License-Identifier: MIT */
/* machines/snapshot.h -- saving and restoring whole machines: snapshots in disk images, and streams to
 * files, programs and sockets. What the human monitor, QMP and the command line call.
 *
 * All functions: on the main thread, without the machine's lock. 0, or -errno with one line in err.
 * The form of the stream is in docs/machine-state.md. */
#ifndef MACHINES_SNAPSHOT_H
#define MACHINES_SNAPSHOT_H

#include "machines/machine.h"

/* ---- snapshots in the qcow2 images of the drives ---- */

/* The machine's state goes into the first writable image, and a snapshot of that name is made in each
 * writable image (all must be qcow2). One of the same name is replaced. name NULL or "": made from
 * the date. The machine runs on if it ran. */
int machine_savevm(struct machine *m, const char *name, char *err, size_t err_len);
/* name: or the id. Machine and disks become as saved; runs on if it ran before. An image without it,
 * a damaged state or one of another machine is refused, and nothing has changed. */
int machine_loadvm(struct machine *m, const char *name, char *err, size_t err_len);
/* Deletes it in each image that has it. -ENOENT: none has. */
int machine_delvm(struct machine *m, const char *name, char *err, size_t err_len);

struct machine_snapshot {
    const char *drive;       /* id of the drive whose image has it */
    const char *id, *name;
    uint64_t vm_state_size;  /* 0: of a disk only */
    uint64_t disk_size;
    uint32_t date_sec, date_nsec;
    uint64_t vm_clock_nsec;
    uint64_t icount;         /* UINT64_MAX: not recorded */
    bool loadable;           /* with a machine's state, and all writable images have it */
};
/* Of all images that keep snapshots. The strings live until each() returns. */
int machine_snapshot_list(struct machine *m,
                          void (*each)(void *to, const struct machine_snapshot *s), void *to,
                          char *err, size_t err_len);

/* ---- streams ---- */

/* Starts to send the machine to "file:PATH", "exec:COMMAND", "tcp:HOST:PORT" or "unix:PATH" and returns;
 * the rest happens in a thread and in the main loop. At the end the machine is stopped (state
 * postmigrate) and its disks are released; cont takes them back. If it fails, or the other side
 * refuses (tcp, unix), the machine runs on as before. Each change of the state is an event. */
int machine_migrate(struct machine *m, const char *uri, char *err, size_t err_len);
int machine_migrate_cancel(struct machine *m); /* soon; 0 also if there is none */

enum machine_migrate_state { MIGRATE_NONE, MIGRATE_SETUP, MIGRATE_ACTIVE, MIGRATE_COMPLETED,
                             MIGRATE_FAILED, MIGRATE_CANCELLED };
struct machine_migrate_status {
    enum machine_migrate_state state;
    const char *name;        /* of the state, as QMP has it: "none", "setup", "active", ... */
    char error[240];         /* MIGRATE_FAILED */
    uint64_t ram_total, ram_sent, ram_left, total_sent; /* bytes */
    uint64_t pages_data, pages_zero, rounds;
    uint64_t total_ms, down_ms; /* since its start; how long the machine stood */
};
void machine_migrate_status(struct machine *m, struct machine_migrate_status *s);
uint64_t machine_migrate_downtime(struct machine *m, uint64_t ms); /* bound; 0: only asks. The old one */

/* Waits for a machine: "tcp:HOST:PORT" (HOST empty: any), "unix:PATH", "file:PATH", "exec:COMMAND", or
 * "defer": later by this function. While the state of the machine is inmigrate. What
 * comes is checked; if it is refused, moa ends with one line on standard error. */
int machine_incoming(struct machine *m, const char *uri, char *err, size_t err_len);

/* For machine_cont(). False: it must not run now (it waits for its state or is being sent), or its
 * disks, which were released, are not to be had again; then one line is in err. */
bool machine_may_run(struct machine *m, char *err, size_t err_len);
void machine_migrate_free(struct machine *m); /* ends threads */

#endif
