// SPDX-License-Identifier: MIT
/* softmmu/icount.c -- -icount: one thread runs all vcpus in turn, and virtual time is the number of
 * instructions that they have executed together, times 1 << shift nanoseconds.
 *
 * A turn is a number of instructions, or less if the vcpu waits (WFI) or says that another should
 * go first (WFE). Within a turn the vcpu gets a *budget*, up to the next timer of virtual time, to
 * the end of its turn or to the next report; translated code keeps to it exactly
 * (tcg_config.icount). Between budgets, and so at exact counts, timers run and interrupts are
 * taken; accesses to devices see the exact count (sm_access steps them). What comes from outside
 * comes between two instructions too, at a count that the host chooses. Without it, a machine
 * repeats exactly.
 *
 * When all vcpus wait, virtual time jumps to the next timer, with `sleep` after as long a sleep.
 *
 * The run lock is as in run.c; vcpu 0 stands for the thread: its `idle`, `sleeping`, `wake`. */
#include "softmmu/vcpu.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define TURN  50000     /* instructions */
#define LOOK  (1 << 20) /* automatic: instructions between two looks at the host's clock */
#define AHEAD 3000000   /* align: ns that virtual time may be ahead */

struct sm_turns {
    struct softmmu *m;
    uint64_t executed; /* by budgets that have ended */
    int64_t bias;
    unsigned shift;
    unsigned vcpu;       /* whose turn it is */
    uint64_t left;       /* of its turn */
    struct sm_vcpu *now; /* who has a budget */
    int64_t budget;      /* as it was given */
    bool yielded;
    _Atomic int64_t shown; /* virtual time, for other threads */
    int64_t host, virtual; /* when the thread went on, or automatic looked last */
    uint64_t looked;       /* automatic: executed then */
};

static _Thread_local const struct softmmu *ours; /* this is the thread of that machine's vcpus */

static int64_t host_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- time ---- */

static int64_t exact(const struct sm_turns *t)
{
    uint64_t n = t->executed;

    if (t->now)
        n += (uint64_t)(t->budget - t->now->v->icount_left);
    return t->bias + (int64_t)(n << t->shift);
}

int64_t sm_turns_virtual(struct softmmu *m)
{
    return ours == m ? exact(m->turns) : atomic_load(&m->turns->shown);
}

static void show(struct sm_turns *t)
{
    atomic_store_explicit(&t->shown, exact(t), memory_order_release);
}

static void jump(struct sm_turns *t, int64_t ns)
{
    t->bias += ns;
    show(t);
}

/* The budget that is running may be too long now. */
void sm_turns_deadline(struct softmmu *m)
{
    if (ours != m) {
        for (unsigned i = 0; i < m->cfg.ncpus; i++)
            if (m->cpus[i].v)
                sm_poke(&m->cpus[i]);
    } else if (m->turns->now) {
        tcg_kick(m->turns->now->v);
    }
}

void sm_turns_yield(struct softmmu *m)
{
    m->turns->yielded = true;
}

static void set_marks(struct sm_turns *t)
{
    t->host = host_now();
    t->virtual = exact(t);
    t->looked = t->executed;
}

/* The shift under which virtual time has lately gone about as fast as the host's. */
static void adjust(struct sm_turns *t)
{
    int64_t host, virtual = exact(t);
    unsigned shift = t->shift;

    if (t->executed - t->looked < LOOK)
        return;
    host = host_now() - t->host;
    virtual -= t->virtual;
    if (virtual > host + host / 2 && shift)
        shift--;
    else if (virtual < host - host / 3 && shift < SM_ICOUNT_SHIFT)
        shift++;
    t->bias = exact(t) - (int64_t)(t->executed << shift);
    t->shift = shift;
    set_marks(t);
}

static void align(const struct sm_turns *t)
{
    int64_t ahead = (exact(t) - t->virtual) - (host_now() - t->host);
    struct timespec pause = {.tv_nsec = ahead < 10000000 ? ahead : 10000000};

    if (ahead > AHEAD)
        nanosleep(&pause, NULL);
}

/* ---- turns ---- */

static bool ready(struct sm_vcpu *c)
{
    return !c->stuck && atomic_load(&c->power) != SM_OFF &&
           !(atomic_load(&c->halted) && atomic_load(&c->power) == SM_ON && !sm_has_work(c));
}

static struct sm_vcpu *pick(struct sm_turns *t)
{
    struct softmmu *m = t->m;

    if (t->left && ready(&m->cpus[t->vcpu]))
        return &m->cpus[t->vcpu];
    for (unsigned i = 1; i <= m->cfg.ncpus; i++) {
        unsigned n = (t->vcpu + i) % m->cfg.ncpus;

        if (!ready(&m->cpus[n]))
            continue;
        t->vcpu = n;
        t->left = TURN;
        return &m->cpus[n];
    }
    return NULL;
}

static uint64_t budget_of(const struct sm_turns *t)
{
    const struct sm_icount *cfg = &t->m->cfg.icount;
    int64_t first = sm_time_first(t->m), ns;
    uint64_t n = t->left, until;

    if (first != CLOCK_NEVER) {
        ns = first - exact(t);
        until = ns > 0 ? ((uint64_t)(ns - 1) >> t->shift) + 1 : 1;
        n = n < until ? n : until;
    }
    if (cfg->every) {
        until = t->executed < cfg->from ? cfg->from - t->executed
                                        : cfg->every - t->executed % cfg->every;
        n = n < until ? n : until;
    }
    if (cfg->end > t->executed && n > cfg->end - t->executed)
        n = cfg->end - t->executed;
    return n;
}

static void reports(struct sm_turns *t)
{
    struct softmmu *m = t->m;
    const struct sm_icount *cfg = &m->cfg.icount;

    if (cfg->every && t->executed >= cfg->from && t->executed % cfg->every == 0)
        cfg->report(m->cfg.opaque, t->executed);
    if (t->executed == cfg->end) {
        sm_pause(m); /* asks only, on this thread */
        cfg->ended(m->cfg.opaque);
    }
}

static void turn(struct sm_turns *t, struct sm_vcpu *c)
{
    struct softmmu *m = t->m;
    uint64_t done;

    if (atomic_load(&c->power) == SM_PENDING) {
        pthread_mutex_lock(&m->run_lock);
        sm_power_up(c);
        pthread_mutex_unlock(&m->run_lock);
    }
    atomic_store(&c->halted, false);
    t->yielded = false;
    t->budget = (int64_t)budget_of(t);
    c->v->icount_left = t->budget;
    t->now = c;
    sm_run_once(c);
    done = (uint64_t)(t->budget - c->v->icount_left);
    t->now = NULL;
    t->executed += done;
    t->left -= done < t->left ? done : t->left;
    if (t->yielded || (!done && m->cfg.run)) /* a debugger may hold it */
        t->left = 0;
    show(t);
    if (done)
        reports(t);
    if (m->cfg.icount.automatic)
        adjust(t);
    if (m->cfg.icount.align)
        align(t);
}

/* ---- waiting ---- */

/* Until somebody has work or, at the latest, for ns (CLOCK_NEVER: no limit). How long it took. */
static int64_t wait_for_work(struct sm_turns *t, int64_t first, int64_t ns)
{
    struct softmmu *m = t->m;
    struct sm_vcpu *c = m->cpus;
    int64_t begin = host_now(), end;
    struct timespec at;
    bool work = false;

    if (ns == CLOCK_NEVER || __builtin_add_overflow(begin, ns, &end))
        end = CLOCK_NEVER;
    at.tv_sec = end / 1000000000;
    at.tv_nsec = end % 1000000000;
    pthread_mutex_lock(&m->run_lock);
    c->idle = true;
    pthread_cond_broadcast(&m->all_idle);
    atomic_store(&c->sleeping, true);
    /* Who poked before `sleeping` was seen has set its flag before: look once more. */
    for (unsigned i = 0; i < m->cfg.ncpus; i++)
        work |= ready(&m->cpus[i]);
    if (!work && !atomic_load(&m->stop) && !atomic_load(&m->quit) && sm_time_first(m) == first) {
        if (end == CLOCK_NEVER)
            pthread_cond_wait(&c->wake, &m->run_lock);
        else
            pthread_cond_timedwait(&c->wake, &m->run_lock, &at);
    }
    atomic_store(&c->sleeping, false);
    c->idle = false;
    if (atomic_load(&m->stop)) /* time stands */
        begin = host_now();
    pthread_mutex_unlock(&m->run_lock);
    return host_now() - begin;
}

static void all_wait(struct sm_turns *t)
{
    int64_t first = sm_time_first(t->m), ns, slept;

    if (first == CLOCK_NEVER) {
        wait_for_work(t, first, CLOCK_NEVER);
        return;
    }
    ns = first - exact(t);
    if (ns <= 0)
        return; /* another thread has set a timer just now */
    if (t->m->cfg.icount.sleep) {
        slept = wait_for_work(t, first, ns);
        ns = slept < ns ? slept : ns;
    }
    jump(t, ns);
}

/* Until the vcpus may run. False: the machine ends. */
static bool wait_go(struct sm_turns *t)
{
    struct softmmu *m = t->m;
    struct sm_vcpu *c = m->cpus;

    pthread_mutex_lock(&m->run_lock);
    c->idle = true;
    while (atomic_load(&m->stop) && !atomic_load(&m->quit)) {
        pthread_cond_broadcast(&m->all_idle);
        atomic_store(&c->sleeping, true);
        if (atomic_load(&m->stop) && !atomic_load(&m->quit))
            pthread_cond_wait(&c->wake, &m->run_lock);
        atomic_store(&c->sleeping, false);
    }
    c->idle = false;
    pthread_mutex_unlock(&m->run_lock);
    set_marks(t);
    return !atomic_load(&m->quit);
}

void *sm_turns_thread(void *arg)
{
    struct softmmu *m = arg;
    struct sm_turns *t = m->turns;
    struct sm_vcpu *c;

    ours = m;
    sm_thread_is(m->cpus);
    for (unsigned i = m->cfg.ncpus; i-- > 0;)
        tcg_attach(m->engine, m->cpus[i].v);
    set_marks(t);
    for (;;) {
        if (MOA_UNLIKELY(atomic_load(&m->stop) || atomic_load(&m->quit)) && !wait_go(t))
            break;
        sm_time_due(m);
        c = pick(t);
        if (c)
            turn(t, c);
        else
            all_wait(t);
    }
    for (unsigned i = 0; i < m->cfg.ncpus; i++)
        tcg_detach(m->engine, m->cpus[i].v);
    return NULL;
}

/* ---- made, freed, saved ---- */

int sm_turns_new(struct softmmu *m)
{
    struct sm_turns *t = calloc(1, sizeof(*t));

    if (!t)
        return -ENOMEM;
    t->m = m;
    t->shift = m->cfg.icount.automatic ? 3 : m->cfg.icount.shift;
    m->turns = t;
    return 0;
}

void sm_turns_free(struct softmmu *m)
{
    free(m->turns);
    m->turns = NULL;
}

void sm_turns_reset(struct softmmu *m)
{
    m->turns->left = 0;
    m->turns->vcpu = m->cfg.ncpus - 1; /* the next is the first */
}

void sm_turns_set_virtual(struct softmmu *m, int64_t ns)
{
    struct sm_turns *t = m->turns;

    t->bias = ns - (int64_t)(t->executed << t->shift);
    sm_turns_reset(m);
    show(t);
}

void sm_icount_get(struct softmmu *m, struct sm_icount_state *s)
{
    const struct sm_turns *t = m->turns;

    *s = (struct sm_icount_state){0};
    if (t)
        *s = (struct sm_icount_state){t->executed, t->bias, t->shift, t->vcpu, t->left};
}

int sm_icount_set(struct softmmu *m, const struct sm_icount_state *s)
{
    struct sm_turns *t = m->turns;

    if (!t || s->shift > SM_ICOUNT_SHIFT || s->vcpu >= m->cfg.ncpus || s->turn_left > TURN ||
        s->executed > (uint64_t)INT64_MAX >> SM_ICOUNT_SHIFT)
        return -EINVAL;
    t->executed = s->executed;
    t->bias = s->bias;
    t->shift = s->shift;
    t->vcpu = s->vcpu;
    t->left = s->turn_left;
    show(t);
    return 0;
}
