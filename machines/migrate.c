// SPDX-License-Identifier: MIT
/* machines/migrate.c -- a machine is sent away while it runs. A thread writes the stream; what needs the
 * machine to stand still is done by the main loop, which the thread asks and waits for.
 *
 * Memory goes in rounds: pages are marked MEM_WATCH_CLEAN while the vcpus stand, then copied while they
 * run; whoever writes one takes the mark away, so the next round knows it. When little is left, or
 * rounds do not help, the machine stops, and the last pages and everything else follow. The disks
 * are let go before the end of the stream, so that the other side can take them.
 *
 * A receiver on a socket answers. Only if it says that it refuses does the machine run on here; if it
 * says nothing it may be running, and this one stays stopped until the user says cont. */
#include "machines/migrate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>

#define MAX_ROUNDS 20

static const char *const state_names[] = {"none", "setup", "active", "completed", "failed", "cancelled"};

uint64_t migrate_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- asking the main loop ---- */

static gboolean answer(gpointer data)
{
    struct machine_migrate *g = data;
    int r;

    pthread_mutex_lock(&g->lock);
    g->source = 0;
    pthread_mutex_unlock(&g->lock);
    r = g->ask(g);
    pthread_mutex_lock(&g->lock);
    g->ask = NULL;
    g->result = r;
    pthread_cond_signal(&g->answered);
    pthread_mutex_unlock(&g->lock);
    return G_SOURCE_REMOVE;
}

int migrate_ask(struct machine_migrate *g, int (*what)(struct machine_migrate *g))
{
    int r;

    pthread_mutex_lock(&g->lock);
    if (g->ending) {
        r = -ECANCELED;
    } else {
        g->ask = what;
        g->source = g_idle_add_full(G_PRIORITY_DEFAULT, answer, g, NULL);
        while (g->ask && !g->ending)
            pthread_cond_wait(&g->answered, &g->lock);
        r = g->ask ? -ECANCELED : g->result;
        g->ask = NULL;
    }
    pthread_mutex_unlock(&g->lock);
    return r;
}

/* ---- which pages ---- */

/* Notes which pages were written since they were marked, and marks them anew. Nobody writes now. */
static void collect(struct machine_migrate *g, bool again)
{
    g->dirty_pages = 0;
    for (unsigned i = 0; i < g->blocks.n; i++) {
        const struct state_block *b = &g->blocks.block[i];

        for (uint64_t page = 0; page < b->pages; page++) {
            uint64_t ram = b->ram_addr + page * STATE_PAGE;

            if (!(mem_watch_get(ram) & MEM_WATCH_CLEAN)) {
                g->dirty[i][page / 8] |= (uint8_t)(1 << page % 8);
                if (again)
                    mem_watch_set(ram, MEM_WATCH_CLEAN, true);
            }
            g->dirty_pages += g->dirty[i][page / 8] >> page % 8 & 1;
        }
    }
}

static void unmark(struct machine_migrate *g)
{
    for (unsigned i = 0; i < g->blocks.n; i++)
        for (uint64_t page = 0; page < g->blocks.block[i].pages; page++)
            mem_watch_set(g->blocks.block[i].ram_addr + page * STATE_PAGE, MEM_WATCH_CLEAN, false);
}

static int do_collect(struct machine_migrate *g)
{
    machine_hold(g->m);
    sm_lock(g->m->sm);
    collect(g, true);
    g->marked = true;
    sm_tlb_forget(g->m->sm); /* entries that write unseen */
    sm_unlock(g->m->sm);
    machine_release(g->m);
    return 0;
}

static int make_maps(struct machine_migrate *g)
{
    int e = state_blocks(&g->blocks);

    for (unsigned i = 0; i < g->blocks.n && !e; i++) {
        g->dirty[i] = calloc(1, g->blocks.block[i].pages / 8 + 1);
        e = g->dirty[i] ? 0 : -ENOMEM;
    }
    return e;
}

static void free_maps(struct machine_migrate *g)
{
    for (unsigned i = 0; i < STATE_BLOCKS; i++) {
        free(g->dirty[i]);
        g->dirty[i] = NULL;
    }
}

/* ---- the thread ---- */

/* Who answers before the end has refused. */
static int out_put(void *opaque, const void *p, size_t n)
{
    struct machine_migrate *g = opaque;

    return channel_has_answer(&g->ch) ? -EPIPE : channel_write(&g->ch, p, n);
}

static void progress(struct machine_migrate *g, const struct state_out *o)
{
    pthread_mutex_lock(&g->lock);
    g->st.total_sent = o->bytes;
    g->st.pages_data = o->data_pages;
    g->st.pages_zero = o->zero_pages;
    g->st.ram_sent = o->data_pages * STATE_PAGE;
    g->st.ram_left = g->dirty_pages * STATE_PAGE;
    g->st.total_ms = migrate_now_ms() - g->began;
    pthread_mutex_unlock(&g->lock);
}

/* All pages of the maps, which are empty after. */
static void send_dirty(struct machine_migrate *g, struct state_out *o)
{
    for (unsigned i = 0; i < g->blocks.n; i++) {
        const struct state_block *b = &g->blocks.block[i];

        for (uint64_t page = 0; page < b->pages && !o->error; page += 8192) {
            uint64_t n = b->pages - page < 8192 ? b->pages - page : 8192;

            state_ram(o, &g->blocks, i, page, n, g->dirty[i]);
            progress(g, o);
        }
        memset(g->dirty[i], 0, b->pages / 8 + 1);
    }
    g->dirty_pages = 0;
}

/* Rounds while the machine runs. When it returns, the maps say what is left. */
static int rounds(struct machine_migrate *g, struct state_out *o)
{
    for (unsigned round = 0; round < MAX_ROUNDS; round++) {
        uint64_t start = migrate_now_ms(), sent = o->bytes, took, fits;
        int e;

        pthread_mutex_lock(&g->lock);
        g->st.rounds = round + 1;
        pthread_mutex_unlock(&g->lock);
        send_dirty(g, o);
        if (o->error)
            return o->error;
        took = migrate_now_ms() - start + 1;
        e = migrate_ask(g, do_collect);
        if (e)
            return e;
        fits = (o->bytes - sent) / took * g->max_down_ms / STATE_PAGE;
        if (g->dirty_pages <= fits || !machine_wanted(g->m))
            break;
    }
    return 0;
}

/* The machine stands; its disks are complete and free for others. */
static int do_stop(struct machine_migrate *g)
{
    struct machine *m = g->m;
    int e = 0;

    machine_hold(m);
    g->stopped = migrate_now_ms();
    if (!machine_requests_now(m)) {
        machine_release(m);
        snprintf(g->why, sizeof(g->why), "the machine ends");
        return -ESHUTDOWN;
    }
    g->was_running = machine_wanted(m);
    g->was = machine_state(m);
    g->held = true;
    machine_set_state(m, MACHINE_STATE_FINISH_MIGRATE);
    sm_lock(m->sm);
    e = state_prepare(m, g->why, sizeof(g->why));
    if (!e)
        e = machine_drives_release(m, g->why, sizeof(g->why));
    if (!e)
        collect(g, true);
    sm_unlock(m->sm);
    return e;
}

/* It does not run any more, until the user says so. */
static void stay(struct machine_migrate *g)
{
    machine_stop(g->m, MACHINE_STATE_POSTMIGRATE);
    machine_set_state(g->m, MACHINE_STATE_POSTMIGRATE);
}

/* Back to where it was. */
static int do_fail(struct machine_migrate *g)
{
    struct machine *m = g->m;
    char why[300];
    int e = 0;

    machine_hold(m);
    if (g->marked)
        unmark(g);
    sm_tlb_forget(m->sm);
    if (g->held) {
        sm_lock(m->sm);
        if (!g->lost)
            e = machine_drives_acquire(m, why, sizeof(why));
        sm_unlock(m->sm);
        if (g->lost || e)
            stay(g);
        else
            machine_set_state(m, g->was);
        machine_release(m);
    }
    machine_release(m);
    return 0;
}

static int do_complete(struct machine_migrate *g)
{
    if (g->marked) {
        unmark(g);
        sm_tlb_forget(g->m->sm);
    }
    stay(g);
    machine_release(g->m);
    return 0;
}

static int wait_for_answer(struct machine_migrate *g)
{
    char text[MIGRATE_ANSWER + 1] = "";
    int e = channel_read(&g->ch, text, MIGRATE_ANSWER);

    if (e)
        return e;
    if (strncmp(text, MIGRATE_OK, 2) == 0)
        return 0;
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 32 || (unsigned char)*c > 126)
            *c = '?';
    snprintf(g->why, sizeof(g->why), "refused: %.200s", text);
    return -EREMOTEIO;
}

static int buf_put(void *opaque, const void *p, size_t n)
{
    struct state_buf *b = opaque;

    state_buf_put(b, p, n);
    return b->failed ? -ENOMEM : 0;
}

/* Everything but memory, and the pages that devices have written since (a packet may come while the
 * machine stands), put together while nobody can change anything. */
static void send_rest(struct machine_migrate *g, struct state_out *o)
{
    struct state_buf b = {0};
    struct state_out mem = *o;

    mem.put = buf_put;
    mem.opaque = &b;
    sm_lock(g->m->sm);
    collect(g, false);
    send_dirty(g, &mem);
    state_rest(g->m, &mem, g->was_running, g->why, sizeof(g->why));
    sm_unlock(g->m->sm);
    mem.put = o->put;
    mem.opaque = o->opaque;
    *o = mem;
    if (!o->error)
        o->error = out_put(g, b.p, b.n);
    state_buf_free(&b);
}

static int send_all(struct machine_migrate *g)
{
    struct state_out o = {.put = out_put, .opaque = g};
    struct machine *m = g->m;
    int e = make_maps(g);

    if (e)
        return e;
    state_header(&o);
    state_config(m, &o);
    e = migrate_ask(g, do_collect); /* all of it */
    if (!e && machine_wanted(m))
        e = rounds(g, &o);
    if (!e)
        e = o.error;
    if (!e)
        e = migrate_ask(g, do_stop);
    if (e)
        return e;
    send_dirty(g, &o);
    send_rest(g, &o);
    progress(g, &o);
    e = o.error;
    if (!e)
        e = channel_finish(&g->ch);
    if (!e && g->ch.answers && (e = wait_for_answer(g)) && e != -EREMOTEIO) {
        g->lost = true;
        snprintf(g->why, sizeof(g->why), "the other side has not said whether it has the machine");
    }
    return e;
}

static void set_state(struct machine_migrate *g, enum machine_migrate_state s)
{
    pthread_mutex_lock(&g->lock);
    g->st.state = s;
    g->st.total_ms = migrate_now_ms() - g->began;
    if (g->stopped)
        g->st.down_ms = migrate_now_ms() - g->stopped;
    if (s == MIGRATE_FAILED)
        snprintf(g->st.error, sizeof(g->st.error), "%.*s", (int)sizeof(g->st.error) - 1, g->why);
    pthread_mutex_unlock(&g->lock);
    machine_tell(g->m, &(struct machine_event){.kind = MACHINE_EVENT_MIGRATION, .status = state_names[s]});
}

static void *sender(void *arg)
{
    struct machine_migrate *g = arg;
    int e = channel_connect(&g->ch, g->uri, g->why, sizeof(g->why));

    if (!e) {
        set_state(g, MIGRATE_ACTIVE);
        e = send_all(g);
        if ((e == -EPIPE || e == -ECONNRESET) && g->ch.answers && !g->lost)
            wait_for_answer(g); /* says why */
    }
    if (e && !g->why[0])
        snprintf(g->why, sizeof(g->why), "%s", strerror(-e));
    channel_close(&g->ch);
    migrate_ask(g, e ? do_fail : do_complete);
    free_maps(g);
    set_state(g, !e ? MIGRATE_COMPLETED : e == -ECANCELED && !g->lost ? MIGRATE_CANCELLED : MIGRATE_FAILED);
    return NULL;
}

/* ---- from outside ---- */

struct machine_migrate *migrate_of(struct machine *m)
{
    struct machine_migrate *g = m->migrate;

    if (g)
        return g;
    g = calloc(1, sizeof(*g));
    if (!g)
        return NULL;
    g->m = m;
    g->max_down_ms = 300;
    g->ch = (struct channel){.fd = -1, .listener = -1, .cancel = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->answered, NULL);
    m->migrate = g;
    return g;
}

static bool at_work(struct machine_migrate *g)
{
    bool yes;

    pthread_mutex_lock(&g->lock);
    yes = g->st.state == MIGRATE_SETUP || g->st.state == MIGRATE_ACTIVE;
    pthread_mutex_unlock(&g->lock);
    return yes;
}

/* A thread that has ended is joined. */
int migrate_start(struct machine_migrate *g, const char *uri, void *(*thread)(void *arg))
{
    uint64_t count;

    if (g->has_thread)
        pthread_join(g->thread, NULL);
    g->has_thread = false;
    (void)!read(g->ch.cancel, &count, sizeof(count));
    free(g->uri);
    g->uri = strdup(uri);
    g->why[0] = 0;
    g->lost = g->marked = g->held = false;
    g->stopped = 0;
    g->began = migrate_now_ms();
    if (!g->uri || pthread_create(&g->thread, NULL, thread, g))
        return -EAGAIN;
    g->has_thread = true;
    return 0;
}

int machine_migrate(struct machine *m, const char *uri, char *err, size_t err_len)
{
    struct machine_migrate *g = migrate_of(m);
    struct state_blocks blocks;
    int e = g ? state_blocks(&blocks) : -ENOMEM;

    if (e) {
        snprintf(err, err_len, "%s", strerror(-e));
        return e;
    }
    if (at_work(g) || machine_state(m) == MACHINE_STATE_POSTMIGRATE ||
        machine_state(m) == MACHINE_STATE_INMIGRATE) {
        snprintf(err, err_len, at_work(g) ? "there is a migration already"
                               : machine_state(m) == MACHINE_STATE_INMIGRATE
                                   ? "the machine waits for its state (-incoming)"
                                   : "the machine has been sent already (cont takes it back)");
        return -EBUSY;
    }
    g->st = (struct machine_migrate_status){0};
    for (unsigned i = 0; i < blocks.n; i++)
        g->st.ram_total += blocks.block[i].size;
    set_state(g, MIGRATE_SETUP);
    e = migrate_start(g, uri, sender);
    if (e) {
        g->st.state = MIGRATE_FAILED;
        snprintf(err, err_len, "no thread: %s", strerror(-e));
    }
    return e;
}

int machine_migrate_cancel(struct machine *m)
{
    uint64_t one = 1;

    if (m->migrate && at_work(m->migrate))
        (void)!write(m->migrate->ch.cancel, &one, sizeof(one));
    return 0;
}

void machine_migrate_status(struct machine *m, struct machine_migrate_status *s)
{
    *s = (struct machine_migrate_status){.state = MIGRATE_NONE};
    if (m->migrate) {
        pthread_mutex_lock(&m->migrate->lock);
        *s = m->migrate->st;
        pthread_mutex_unlock(&m->migrate->lock);
    }
    s->name = state_names[s->state];
}

uint64_t machine_migrate_downtime(struct machine *m, uint64_t ms)
{
    struct machine_migrate *g = migrate_of(m);
    uint64_t old = g ? g->max_down_ms : 0;

    if (g && ms)
        g->max_down_ms = ms;
    return old;
}

bool machine_may_run(struct machine *m, char *err, size_t err_len)
{
    int e;

    if (machine_state(m) == MACHINE_STATE_INMIGRATE || machine_state(m) == MACHINE_STATE_FINISH_MIGRATE) {
        snprintf(err, err_len, machine_state(m) == MACHINE_STATE_INMIGRATE
                                   ? "the machine waits for its state (-incoming)"
                                   : "the machine is being sent");
        return false;
    }
    sm_lock(m->sm);
    e = machine_drives_acquire(m, err, err_len);
    sm_unlock(m->sm);
    return e == 0;
}

void machine_migrate_free(struct machine *m)
{
    struct machine_migrate *g = m->migrate;
    uint64_t one = 1;

    if (!g)
        return;
    pthread_mutex_lock(&g->lock);
    g->ending = true;
    if (g->source)
        g_source_remove(g->source);
    g->source = 0;
    pthread_cond_signal(&g->answered);
    pthread_mutex_unlock(&g->lock);
    (void)!write(g->ch.cancel, &one, sizeof(one));
    if (g->has_thread)
        pthread_join(g->thread, NULL);
    channel_close(&g->ch);
    state_load_free(g->load);
    close(g->ch.cancel);
    pthread_mutex_destroy(&g->lock);
    pthread_cond_destroy(&g->answered);
    free(g->uri);
    free(g);
    m->migrate = NULL;
}
