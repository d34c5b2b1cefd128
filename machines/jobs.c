// SPDX-License-Identifier: MIT
/* machines/jobs.c -- jobs: each waits for the main loop, does all of its work there in one go while the
 * machine is held by what it calls, and is remembered until it is dismissed. Not there: progress,
 * pausing, cancelling. */
#include "machines/jobs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

struct machine_jobs {
    struct machine_job *first;
    guint source;
    unsigned n;
};

#define JOBS 64

static void set_status(struct machine *m, struct machine_job *j, const char *status)
{
    j->status = status;
    machine_tell(m, &(struct machine_event){.kind = MACHINE_EVENT_JOB, .id = j->id, .status = status});
}

/* The first that waits. */
static gboolean run_one(gpointer data)
{
    struct machine *m = data;
    struct machine_job *j;

    for (j = m->jobs->first; j && strcmp(j->status, "created") != 0; j = j->next)
        ;
    if (!j) {
        m->jobs->source = 0;
        return G_SOURCE_REMOVE;
    }
    set_status(m, j, "running");
    j->run(m, j);
    if (!*j->error) {
        set_status(m, j, "waiting");
        set_status(m, j, "pending");
    } else {
        set_status(m, j, "aborting");
    }
    set_status(m, j, "concluded");
    return G_SOURCE_CONTINUE;
}

struct machine_job *machine_job(struct machine *m, const char *id)
{
    struct machine_job *j = m->jobs ? m->jobs->first : NULL;

    while (j && id && strcmp(j->id, id) != 0)
        j = j->next;
    return j;
}

static void job_free(struct machine_job *j)
{
    free(j->opaque);
    free(j);
}

struct machine_job *machine_job_new(struct machine *m, const char *id, const char *type,
                                    void (*run)(struct machine *m, struct machine_job *j), void *opaque,
                                    char *err, size_t err_len)
{
    struct machine_job *j, **at;

    if (!m->jobs)
        m->jobs = calloc(1, sizeof(*m->jobs));
    if (!m->jobs || m->jobs->n == JOBS || !*id || strlen(id) >= sizeof(j->id) || machine_job(m, id)) {
        if (m->jobs && machine_job(m, id))
            snprintf(err, err_len, "Job ID '%.64s' already in use", id);
        else
            snprintf(err, err_len, m->jobs && m->jobs->n == JOBS ? "too many jobs" : "Invalid job ID '%.64s'", id);
        free(opaque);
        return NULL;
    }
    j = calloc(1, sizeof(*j));
    if (!j) {
        free(opaque);
        return NULL;
    }
    strcpy(j->id, id);
    j->type = type;
    j->run = run;
    j->opaque = opaque;
    for (at = &m->jobs->first; *at; at = &(*at)->next)
        ;
    *at = j;
    m->jobs->n++;
    set_status(m, j, "created");
    if (!m->jobs->source)
        m->jobs->source = g_idle_add_full(G_PRIORITY_DEFAULT, run_one, m, NULL);
    return j;
}

int machine_job_dismiss(struct machine *m, const char *id, char *err, size_t err_len)
{
    struct machine_job *j = machine_job(m, id), **at;

    if (!j) {
        snprintf(err, err_len, "Job not found");
        return -ENOENT;
    }
    if (strcmp(j->status, "concluded") != 0) {
        snprintf(err, err_len, "Job '%s' in state '%s' cannot accept command verb 'dismiss'", id, j->status);
        return -EBUSY;
    }
    set_status(m, j, "null");
    for (at = &m->jobs->first; *at != j; at = &(*at)->next)
        ;
    *at = j->next;
    m->jobs->n--;
    job_free(j);
    return 0;
}

void machine_jobs_free(struct machine *m)
{
    if (!m->jobs)
        return;
    if (m->jobs->source)
        g_source_remove(m->jobs->source);
    while (m->jobs->first) {
        struct machine_job *j = m->jobs->first;

        m->jobs->first = j->next;
        job_free(j);
    }
    free(m->jobs);
    m->jobs = NULL;
}
