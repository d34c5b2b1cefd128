/* SPDX-License-Identifier: MIT */
/* machines/jobs.h -- work that a monitor starts and asks about later. Main thread. */
#ifndef MACHINES_JOBS_H
#define MACHINES_JOBS_H

#include "machines/machine.h"

struct machine_job {
    struct machine_job *next;
    char id[64];
    const char *type, *status; /* as QMP names them */
    char error[300];           /* "": none */
    void (*run)(struct machine *m, struct machine_job *j); /* fills error */
    void *opaque;              /* run's, freed with the job */
};

/* A new job, which runs soon from the main loop; its changes of status are told as events. opaque belongs
 * to it, also if NULL is returned with one line in err. */
struct machine_job *machine_job_new(struct machine *m, const char *id, const char *type,
                                    void (*run)(struct machine *m, struct machine_job *j), void *opaque,
                                    char *err, size_t err_len);
struct machine_job *machine_job(struct machine *m, const char *id); /* NULL: there is none */
/* Forgets a job that has ended. 0, -ENOENT, -EBUSY, with one line in err. */
int machine_job_dismiss(struct machine *m, const char *id, char *err, size_t err_len);
void machine_jobs_free(struct machine *m);

#endif
