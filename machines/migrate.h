/* SPDX-License-Identifier: MIT */
/* machines/migrate.h -- between migrate.c (sending) and incoming.c (receiving): one thread, which asks
 * the main loop for what only that may do. */
#ifndef MACHINES_MIGRATE_H
#define MACHINES_MIGRATE_H

#include "machines/channel.h"
#include "machines/snapshot.h"
#include "machines/state.h"

#include <pthread.h>

#define MIGRATE_ANSWER 240 /* bytes: "ok", or why not; zeros behind */
#define MIGRATE_OK     "ok"

struct machine_migrate {
    struct machine *m;
    struct channel ch;
    char *uri;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* for what follows, up to the empty line; leaf */
    pthread_cond_t answered;
    int (*ask)(struct machine_migrate *g); /* NULL: nothing is asked */
    int result;
    unsigned source; /* GLib's; 0: none */
    bool ending; /* the main loop does not answer any more */
    struct machine_migrate_status st;

    /* the thread's, and the main loop's while it is asked */
    char why[300];
    uint64_t began, stopped, max_down_ms;
    struct state_blocks blocks;
    uint8_t *dirty[STATE_BLOCKS]; /* a bit for each page */
    uint64_t dirty_pages;
    bool marked;      /* pages have MEM_WATCH_CLEAN */
    bool was_running, held;  /* before it was stopped; it is held */
    enum machine_state was;
    bool lost;        /* the other side may have the machine */
    struct state_load *load;
};

struct machine_migrate *migrate_of(struct machine *m); /* NULL: no memory */
int migrate_start(struct machine_migrate *g, const char *uri, void *(*thread)(void *arg));
/* On the thread: done by the main loop; its result, or -ECANCELED. */
int migrate_ask(struct machine_migrate *g, int (*what)(struct machine_migrate *g));
uint64_t migrate_now_ms(void);

#endif
