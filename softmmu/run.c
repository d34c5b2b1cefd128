// SPDX-License-Identifier: MIT
/* softmmu/run.c -- the threads of a machine's vcpus: running, waiting for interrupts, power, and
 * stopping all of them.
 *
 * A vcpu is *idle* while its thread is in wait_turn(): it will look at `stop`, its power and its
 * flags under run_lock before it enters guest code again. Everybody who changes these does so with
 * run_lock held or calls sm_poke() after, so nothing is missed. */
#include "softmmu/tlb.h"

#include "tcg/ir.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void sm_poke(struct sm_vcpu *c)
{
    tcg_kick(c->v);
    if (c->m->turns)
        c = c->m->cpus; /* who sleeps for all */
    if (!atomic_load(&c->sleeping))
        return;
    pthread_mutex_lock(&c->m->run_lock);
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->m->run_lock);
}

void sm_kick(struct softmmu *m, unsigned n)
{
    sm_poke(&m->cpus[n]);
}

void sm_halt(struct tcg_vcpu *v)
{
    atomic_store(&sm_vcpu_of(v)->halted, true);
    tcg_kick(v);
}

/* ---- waiting ---- */

/* Run lock held. Anything that the vcpu shall do rather than sleep? */
bool sm_has_work(struct sm_vcpu *c)
{
    return atomic_load(&c->timer_due) || c->v->frontend->has_work(c->v);
}

/* Run lock held. */
static void sleep_on(struct sm_vcpu *c)
{
    atomic_store(&c->sleeping, true);
    /* Who poked before `sleeping` was seen has set its flag before: look once more. */
    if (!(atomic_load(&c->halted) && sm_has_work(c)) || atomic_load(&c->m->stop))
        pthread_cond_wait(&c->wake, &c->m->run_lock);
    atomic_store(&c->sleeping, false);
}

/* Run lock held. The vcpu's registers are its thread's again. */
void sm_power_up(struct sm_vcpu *c)
{
    const struct frontend *fe = c->v->frontend;

    fe->reset(c->v, c->m->cfg.cpu, false);
    fe->start_at(c->v, c->start_pc, c->start_arg);
    atomic_store(&c->halted, false);
    atomic_store(&c->power, SM_ON);
}

/* Returns when the vcpu may run; false: the machine ends. */
static bool wait_turn(struct sm_vcpu *c)
{
    struct softmmu *m = c->m;

    pthread_mutex_lock(&m->run_lock);
    c->idle = true;
    for (;;) {
        bool stop = atomic_load(&m->stop), off = atomic_load(&c->power) == SM_OFF;

        if (atomic_load(&m->quit))
            break;
        if (!stop && !off && atomic_load(&c->power) == SM_PENDING)
            sm_power_up(c);
        if (!stop && !off && !c->stuck &&
            !(atomic_load(&c->halted) && !sm_has_work(c)))
            break;
        pthread_cond_broadcast(&m->all_idle);
        sleep_on(c);
    }
    atomic_store(&c->halted, false);
    c->idle = false;
    pthread_mutex_unlock(&m->run_lock);
    return !atomic_load(&m->quit);
}

/* ---- running ---- */

static void run_timers(struct sm_vcpu *c)
{
    int64_t now = sm_virtual(c->m);

    atomic_store(&c->timer_due, false);
    for (unsigned i = 0; i < SM_TIMERS; i++)
        if (c->deadline[i] <= now) {
            c->deadline[i] = CLOCK_NEVER;
            c->v->frontend->timer(c->v, i);
        }
    c->m->sys.timer_set(c->v, 0, c->deadline[0]); /* arm for the next one */
}

static void stuck(struct sm_vcpu *c)
{
    struct softmmu *m = c->m;
    char why[120];

    snprintf(why, sizeof(why), "vcpu %u cannot go on at pc 0x%llx (%s %u)", c->index,
             (unsigned long long)c->v->guest->get_pc(c->v),
             c->v->exit.reason == TCG_EXIT_FAULT ? "fault" : "exception", c->v->exit.code);
    pthread_mutex_lock(&m->run_lock);
    c->stuck = true;
    pthread_mutex_unlock(&m->run_lock);
    if (m->cfg.stuck)
        m->cfg.stuck(m->cfg.opaque, c->index, why);
}

void sm_run_once(struct sm_vcpu *c)
{
    struct softmmu *m = c->m;
    struct tcg_vcpu *v = c->v;
    const struct frontend *fe = v->frontend;
    enum tcg_exit_reason why;

    if (atomic_load_explicit(&c->timer_due, memory_order_relaxed))
        run_timers(c);
    if (!m->cfg.stepping || !m->cfg.stepping(m->cfg.opaque, c->index))
        fe->interrupt(v);
    sm_tlb_enter(c);
    why = m->cfg.run ? m->cfg.run(m->cfg.opaque, v, c->index) : tcg_run(v);
    sm_tlb_leave(c);
    switch (why) {
    case TCG_EXIT_SYSCALL:
    case TCG_EXIT_EXCEPTION:
    case TCG_EXIT_FAULT:
        if (!fe->exception(v))
            stuck(c);
        break;
    default: /* polls; stops are the debugger's, who has seen them */
        break;
    }
}

static _Thread_local const struct sm_vcpu *own; /* of this thread, NULL: it is none of a vcpu */

void sm_thread_is(struct sm_vcpu *c)
{
    sigset_t none;

    own = c;
    if (!atomic_load(&c->tid))
        atomic_store(&c->tid, gettid());

    sigfillset(&none); /* signals are the main thread's; faults of our own still end the process */
    sigdelset(&none, SIGSEGV);
    sigdelset(&none, SIGBUS);
    sigdelset(&none, SIGILL);
    sigdelset(&none, SIGFPE);
    pthread_sigmask(SIG_SETMASK, &none, NULL);
}

static void *vcpu_thread(void *arg)
{
    struct sm_vcpu *c = arg;
    struct softmmu *m = c->m;

    sm_thread_is(c);
    tcg_attach(m->engine, c->v);
    for (;;) {
        if (MOA_UNLIKELY(atomic_load(&m->stop) || atomic_load(&c->halted) || c->stuck ||
                         atomic_load(&c->power) != SM_ON) &&
            !wait_turn(c))
            break;
        sm_run_once(c);
    }
    tcg_detach(m->engine, c->v);
    return NULL;
}

int sm_thread_id(struct softmmu *m, unsigned n)
{
    return atomic_load(&m->cpus[n].tid);
}

/* ---- power ---- */

int sm_power_on(struct softmmu *m, unsigned n, uint64_t pc, uint64_t arg)
{
    struct sm_vcpu *c = &m->cpus[n];
    int r = 0;

    pthread_mutex_lock(&m->run_lock);
    if (atomic_load(&c->power) == SM_ON)
        r = -EALREADY;
    else if (atomic_load(&c->power) == SM_PENDING)
        r = -EINPROGRESS;
    else {
        c->start_pc = pc;
        c->start_arg = arg;
        atomic_store(&c->power, SM_PENDING);
        pthread_cond_signal(&c->wake);
    }
    pthread_mutex_unlock(&m->run_lock);
    return r;
}

void sm_power_off(struct softmmu *m, unsigned n)
{
    atomic_store(&m->cpus[n].power, SM_OFF);
    sm_poke(&m->cpus[n]);
}

enum sm_power sm_power_state(struct softmmu *m, unsigned n)
{
    return (enum sm_power)atomic_load(&m->cpus[n].power);
}

void sm_reset(struct softmmu *m)
{
    pthread_mutex_lock(&m->run_lock);
    for (unsigned i = 0; i < m->cfg.ncpus; i++) {
        struct sm_vcpu *c = &m->cpus[i];

        c->v->frontend->reset(c->v, m->cfg.cpu, false);
        c->stuck = false;
        atomic_store(&c->halted, false);
        atomic_store(&c->timer_due, false);
        for (unsigned t = 0; t < SM_TIMERS; t++)
            c->deadline[t] = CLOCK_NEVER;
        sm_alarm_set(c->alarm, CLOCK_NEVER);
        atomic_store(&c->power, i ? SM_OFF : SM_ON);
    }
    if (m->turns)
        sm_turns_reset(m);
    pthread_mutex_unlock(&m->run_lock);
    sm_tlb_flush_all(m);
}

/* ---- stopping ---- */

static bool on_vcpu(const struct softmmu *m)
{
    return own && own->m == m;
}

static bool everyone_idle(const struct softmmu *m)
{
    for (unsigned i = 0; i < m->cfg.ncpus; i++)
        if (m->cpus[i].started && !m->cpus[i].idle)
            return false;
    return true;
}

void sm_pause(struct softmmu *m)
{
    bool ours = on_vcpu(m);

    if (!ours && sm_locked(m))
        MOA_BUG("sm_pause with the machine's lock held");
    pthread_mutex_lock(&m->run_lock);
    atomic_store(&m->stop, true);
    for (unsigned i = 0; i < m->cfg.ncpus; i++)
        tcg_kick(m->cpus[i].v);
    /* Others may wait as well, and one of them have the machine run again. */
    while (!ours && atomic_load(&m->stop) && !everyone_idle(m))
        pthread_cond_wait(&m->all_idle, &m->run_lock);
    if (!ours && atomic_load(&m->stop) && !m->stopped) {
        m->stopped = true;
        sm_time_stop(m);
    }
    pthread_mutex_unlock(&m->run_lock);
}

void sm_resume(struct softmmu *m)
{
    pthread_mutex_lock(&m->run_lock);
    sm_time_go(m);
    m->stopped = false;
    atomic_store(&m->stop, false);
    pthread_cond_broadcast(&m->all_idle);
    for (unsigned i = 0; i < (m->turns ? 1 : m->cfg.ncpus); i++) {
        struct sm_vcpu *c = &m->cpus[i];

        if (!c->started) {
            c->idle = false;
            if (m->turns ? pthread_create(&c->thread, NULL, sm_turns_thread, m)
                         : pthread_create(&c->thread, NULL, vcpu_thread, c))
                MOA_BUG("cannot make a thread for vcpu %u", i);
            c->started = true;
        }
        pthread_cond_signal(&c->wake);
    }
    pthread_mutex_unlock(&m->run_lock);
}

bool sm_running(struct softmmu *m)
{
    return !atomic_load(&m->stop);
}

void sm_join(struct softmmu *m)
{
    if (!atomic_load(&m->stop))
        sm_pause(m);
    pthread_mutex_lock(&m->run_lock);
    atomic_store(&m->quit, true);
    for (unsigned i = 0; i < m->cfg.ncpus; i++)
        pthread_cond_signal(&m->cpus[i].wake);
    pthread_mutex_unlock(&m->run_lock);
    for (unsigned i = 0; i < m->cfg.ncpus; i++)
        if (m->cpus[i].started)
            pthread_join(m->cpus[i].thread, NULL);
}
