// SPDX-License-Identifier: MIT
/* softmmu/time.c -- clocks and timers of a machine. Virtual time is the host's monotonic clock while
 * the vcpus may run and stands while they are stopped; real time is the monotonic clock, host time
 * the wall clock.
 *
 * One heap of timers for each clock, one timerfd for all three, armed for what comes first. Timers
 * run in the main loop's thread (sm_timers_run). The heaps have a lock of their own, the innermost:
 * nothing is called with it held.
 *
 * Under -icount virtual time is icount.c's, and its timers run on the vcpus' thread, between two
 * instructions (sm_time_due). */
#include "softmmu/vcpu.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define KINDS 3

struct clock_timer {
    struct sm_time *time;
    enum clock_kind kind; /* whose heap it is in */
    bool rtc;             /* it was made for CLOCK_HOST */
    int64_t deadline;     /* of `kind` */
    size_t at; /* place in the heap + 1; 0: not in it */
    void (*fire)(void *arg);
    void *arg;
};

struct heap {
    struct clock_timer **timers;
    size_t n, room;
};

struct sm_time {
    struct softmmu *m;
    struct clock_port port;
    pthread_mutex_t lock;
    struct heap heaps[KINDS];
    int fd;
    int64_t armed;           /* monotonic ns that fd is set to; CLOCK_NEVER: it is not */
    _Atomic int64_t offset;  /* virtual = monotonic + offset */
    _Atomic int64_t frozen;  /* virtual time while it stands, else CLOCK_NEVER */
    enum clock_kind rtc;     /* clock that CLOCK_HOST goes with */
    int64_t rtc_offset;      /* CLOCK_HOST = that clock + this */
    _Atomic int64_t first;   /* icount: deadline of the first timer of virtual time */
};

static int64_t host_now(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t sm_virtual(struct softmmu *m)
{
    struct sm_time *t = m->time;
    int64_t frozen = atomic_load_explicit(&t->frozen, memory_order_acquire);

    if (m->turns)
        return sm_turns_virtual(m);
    return frozen != CLOCK_NEVER ? frozen : host_now(CLOCK_MONOTONIC) + atomic_load(&t->offset);
}

static int64_t read_clock(struct sm_time *t, enum clock_kind kind)
{
    switch (kind) {
    case CLOCK_HOST:
        return host_now(CLOCK_REALTIME);
    case CLOCK_REAL:
        return host_now(CLOCK_MONOTONIC);
    default:
        return sm_virtual(t->m);
    }
}

static int64_t now(void *opaque, enum clock_kind kind)
{
    struct sm_time *t = opaque;

    return kind == CLOCK_HOST ? read_clock(t, t->rtc) + t->rtc_offset : read_clock(t, kind);
}

/* ---- heap; lock held ---- */

static void place(struct heap *h, size_t i, struct clock_timer *t)
{
    h->timers[i] = t;
    t->at = i + 1;
}

static void sift(struct heap *h, size_t i, struct clock_timer *t)
{
    size_t child;

    while (i && h->timers[(i - 1) / 2]->deadline > t->deadline) {
        place(h, i, h->timers[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    while ((child = 2 * i + 1) < h->n) {
        if (child + 1 < h->n && h->timers[child + 1]->deadline < h->timers[child]->deadline)
            child++;
        if (h->timers[child]->deadline >= t->deadline)
            break;
        place(h, i, h->timers[child]);
        i = child;
    }
    place(h, i, t);
}

static void heap_remove(struct heap *h, struct clock_timer *t)
{
    size_t i = t->at - 1;

    if (!t->at)
        return;
    t->at = 0;
    if (i != --h->n)
        sift(h, i, h->timers[h->n]);
}

/* ---- arming; lock held ---- */

/* Monotonic time of a timer's deadline; CLOCK_NEVER: its clock stands. */
static int64_t host_deadline(struct sm_time *t, const struct clock_timer *timer)
{
    int64_t at = timer->deadline < 0 ? 0 : timer->deadline, mono;

    switch (timer->kind) {
    case CLOCK_REAL:
        return at;
    case CLOCK_HOST: /* as the wall clock goes now */
        mono = host_now(CLOCK_MONOTONIC) - host_now(CLOCK_REALTIME);
        return __builtin_add_overflow(at, mono, &at) ? CLOCK_NEVER : at;
    default:
        if (t->m->turns || atomic_load(&t->frozen) != CLOCK_NEVER ||
            __builtin_sub_overflow(at, atomic_load(&t->offset), &at))
            return CLOCK_NEVER;
        return at;
    }
}

static void arm(struct sm_time *t)
{
    struct itimerspec at = {0};
    int64_t first = CLOCK_NEVER;

    for (unsigned k = 0; k < KINDS; k++) {
        int64_t d = t->heaps[k].n ? host_deadline(t, t->heaps[k].timers[0]) : CLOCK_NEVER;

        first = d < first ? d : first;
    }
    if (first == t->armed)
        return;
    t->armed = first;
    if (first != CLOCK_NEVER) {
        first = first < 1 ? 1 : first; /* 0 would disarm */
        at.it_value.tv_sec = first / 1000000000;
        at.it_value.tv_nsec = first % 1000000000;
    }
    timerfd_settime(t->fd, TFD_TIMER_ABSTIME, &at, NULL);
}

/* icount. True: the first one is sooner now. */
static bool first_changed(struct sm_time *t)
{
    const struct heap *h = &t->heaps[CLOCK_VIRTUAL];
    int64_t was = atomic_load(&t->first), now = h->n ? h->timers[0]->deadline : CLOCK_NEVER;

    atomic_store(&t->first, now);
    return now < was;
}

/* ---- the port ---- */

static struct clock_timer *timer_new(void *opaque, enum clock_kind kind, void (*fire)(void *arg),
                                     void *arg)
{
    struct clock_timer *t = calloc(1, sizeof(*t));

    if (!t)
        MOA_BUG("out of memory for a timer");
    *t = (struct clock_timer){.time = opaque, .kind = kind, .fire = fire, .arg = arg};
    t->rtc = kind == CLOCK_HOST;
    if (t->rtc)
        t->kind = t->time->rtc;
    t->deadline = CLOCK_NEVER;
    return t;
}

static void timer_set(struct clock_timer *timer, int64_t deadline)
{
    struct sm_time *t = timer->time;
    struct heap *h = &t->heaps[timer->kind];
    bool sooner = false;

    if (timer->rtc && deadline != CLOCK_NEVER)
        deadline -= t->rtc_offset;
    pthread_mutex_lock(&t->lock);
    if (deadline == timer->deadline && (timer->at || deadline == CLOCK_NEVER))
        goto out;
    heap_remove(h, timer);
    timer->deadline = deadline;
    if (deadline != CLOCK_NEVER) {
        if (h->n == h->room) {
            h->room = h->room ? 2 * h->room : 16;
            h->timers = realloc(h->timers, h->room * sizeof(*h->timers));
            if (!h->timers)
                MOA_BUG("out of memory for timers");
        }
        h->n++;
        sift(h, h->n - 1, timer);
    }
    if (timer->kind == CLOCK_VIRTUAL && t->m->turns)
        sooner = first_changed(t);
    else
        arm(t);
out:
    pthread_mutex_unlock(&t->lock);
    if (sooner)
        sm_turns_deadline(t->m);
}

static void timer_free(struct clock_timer *timer)
{
    if (timer)
        timer_set(timer, CLOCK_NEVER);
    free(timer);
}

struct clock_timer *sm_alarm_new(struct softmmu *m, void (*fire)(void *arg), void *arg)
{
    return timer_new(m->time, CLOCK_VIRTUAL, fire, arg);
}

void sm_alarm_set(struct clock_timer *t, int64_t deadline)
{
    timer_set(t, deadline);
}

void sm_alarm_free(struct clock_timer *t)
{
    timer_free(t);
}

/* ---- the main loop's side ---- */

/* Takes the next due timer out of its heap: of virtual time on the vcpus' thread, or of what the main
 * loop runs. */
static struct clock_timer *due(struct sm_time *t, bool vcpus)
{
    struct clock_timer *found = NULL;

    pthread_mutex_lock(&t->lock);
    for (unsigned k = 0; k < KINDS && !found; k++) {
        struct heap *h = &t->heaps[k];

        if (t->m->turns && vcpus != (k == CLOCK_VIRTUAL))
            continue;
        if (h->n && h->timers[0]->deadline <= read_clock(t, (enum clock_kind)k) &&
            (vcpus || k != CLOCK_VIRTUAL || atomic_load(&t->frozen) == CLOCK_NEVER)) {
            found = h->timers[0];
            heap_remove(h, found);
            found->deadline = CLOCK_NEVER;
        }
    }
    if (vcpus)
        first_changed(t);
    else if (!found)
        arm(t);
    pthread_mutex_unlock(&t->lock);
    return found;
}

int64_t sm_time_first(struct softmmu *m)
{
    return atomic_load_explicit(&m->time->first, memory_order_acquire);
}

void sm_time_due(struct softmmu *m)
{
    struct clock_timer *timer;

    if (sm_time_first(m) > sm_virtual(m))
        return;
    sm_lock(m);
    while ((timer = due(m->time, true)))
        timer->fire(timer->arg);
    sm_unlock(m);
}

void sm_timers_run(struct softmmu *m)
{
    struct sm_time *t = m->time;
    struct clock_timer *timer;
    uint64_t expirations;

    (void)!read(t->fd, &expirations, sizeof(expirations));
    pthread_mutex_lock(&t->lock);
    t->armed = CLOCK_NEVER - 1; /* it has gone off: arm anew */
    pthread_mutex_unlock(&t->lock);
    /* The lock is held from finding a timer to its end, so that nobody frees it in between. */
    sm_lock(m);
    while ((timer = due(t, false)))
        timer->fire(timer->arg);
    sm_unlock(m);
}

int sm_timers_fd(struct softmmu *m)
{
    return m->time->fd;
}

const struct clock_port *sm_clock(struct softmmu *m)
{
    return &m->time->port;
}

void sm_time_stop(struct softmmu *m)
{
    struct sm_time *t = m->time;

    pthread_mutex_lock(&t->lock);
    if (atomic_load(&t->frozen) == CLOCK_NEVER)
        atomic_store(&t->frozen, host_now(CLOCK_MONOTONIC) + atomic_load(&t->offset));
    arm(t);
    pthread_mutex_unlock(&t->lock);
}

void sm_time_go(struct softmmu *m)
{
    struct sm_time *t = m->time;

    pthread_mutex_lock(&t->lock);
    if (atomic_load(&t->frozen) != CLOCK_NEVER) {
        atomic_store(&t->offset, atomic_load(&t->frozen) - host_now(CLOCK_MONOTONIC));
        atomic_store(&t->frozen, CLOCK_NEVER);
    }
    arm(t);
    pthread_mutex_unlock(&t->lock);
}

void sm_virtual_set(struct softmmu *m, int64_t ns)
{
    struct sm_time *t = m->time;

    pthread_mutex_lock(&t->lock);
    if (atomic_load(&t->frozen) == CLOCK_NEVER)
        MOA_BUG("virtual time is set while it runs");
    atomic_store(&t->frozen, ns);
    pthread_mutex_unlock(&t->lock);
    if (m->turns)
        sm_turns_set_virtual(m, ns);
}

int sm_time_init(struct softmmu *m)
{
    struct sm_time *t = calloc(1, sizeof(*t));

    if (!t)
        return -ENOMEM;
    t->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (t->fd < 0) {
        free(t);
        return -errno;
    }
    t->m = m;
    t->armed = CLOCK_NEVER;
    t->rtc = m->cfg.rtc.on ? m->cfg.rtc.clock : CLOCK_HOST;
    atomic_store(&t->first, CLOCK_NEVER);
    t->port = (struct clock_port){t, now, timer_new, timer_free, timer_set};
    pthread_mutex_init(&t->lock, NULL);
    m->time = t;
    t->rtc_offset = m->cfg.rtc.offset;
    if (m->cfg.rtc.on)
        t->rtc_offset += (m->cfg.rtc.fixed ? 0 : host_now(CLOCK_REALTIME)) - read_clock(t, t->rtc);
    return 0;
}

void sm_time_free(struct softmmu *m)
{
    struct sm_time *t = m->time;

    if (!t)
        return;
    close(t->fd);
    for (unsigned k = 0; k < KINDS; k++)
        free(t->heaps[k].timers);
    pthread_mutex_destroy(&t->lock);
    free(t);
    m->time = NULL;
}
