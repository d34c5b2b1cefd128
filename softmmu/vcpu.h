/* SPDX-License-Identifier: MIT */
/* softmmu/vcpu.h -- what the files of softmmu/ share: a machine and its vcpus.
 *
 * Life of a vcpu's thread (run.c): wait until it may run; sm_tlb_enter; tcg_run; sm_tlb_leave; what
 * the exit asks for; again. Whoever wants something of a vcpu sets a flag, then calls sm_poke(). */
#ifndef SOFTMMU_VCPU_H
#define SOFTMMU_VCPU_H

#include "softmmu/softmmu.h"

#include <pthread.h>

#define SM_TIMERS 8 /* of one vcpu (fe_system.timer_set) */

struct sm_time;
struct sm_tlb;
struct sm_shared;

struct sm_vcpu {
    struct softmmu *m;
    struct tcg_vcpu *v;
    unsigned index;
    struct sm_tlb *tlb;          /* tlb.c */
    pthread_t thread;
    bool started;
    _Atomic int tid;             /* of its thread; 0: not yet */
    _Atomic bool halted;         /* WFI: wait for work */
    _Atomic bool timer_due;      /* one of deadline[] has passed */
    _Atomic bool sleeping;       /* on `wake`, or about to */
    _Atomic uint32_t power;      /* enum sm_power */
    bool stuck;                  /* under m->run_lock, like the rest */
    bool idle;                   /* outside guest code, will look at m->stop before it goes in */
    uint64_t start_pc, start_arg;
    pthread_cond_t wake;
    int64_t deadline[SM_TIMERS]; /* virtual ns; own thread */
    struct clock_timer *alarm;   /* for the earliest of them */
};

struct softmmu {
    struct sm_config cfg;
    struct fe_system sys;
    struct tcg_engine *engine;
    struct sm_vcpu *cpus;
    pthread_mutex_t lock;        /* the machine's */
    _Atomic uintptr_t holder;    /* thread that holds it, 0: none */
    pthread_mutex_t run_lock;    /* stopping, sleeping, power */
    pthread_cond_t all_idle;
    _Atomic bool stop;           /* nobody enters guest code */
    _Atomic bool quit;
    bool stopped;                /* all are idle and virtual time stands */
    struct sm_time *time;
    struct sm_turns *turns;      /* icount.c; NULL: a thread for each vcpu */
    struct sm_shared *tlb;       /* tlb.c: messages between the TLBs */
};

static inline struct sm_vcpu *sm_vcpu_of(const struct tcg_vcpu *v)
{
    return v->owner;
}

/* Makes the vcpu leave guest code or a wait, and look at its flags. Any thread. */
void sm_poke(struct sm_vcpu *c);

/* run.c: ends all vcpus' threads. */
void sm_join(struct softmmu *m);
/* run.c, for the loops there and in icount.c */
void sm_run_once(struct sm_vcpu *c);
bool sm_has_work(struct sm_vcpu *c); /* run lock held: does a vcpu that waits for interrupts go on? */
void sm_power_up(struct sm_vcpu *c); /* run lock held, power is SM_PENDING */
void sm_thread_is(struct sm_vcpu *c); /* this thread runs c now */

/* icount.c: one thread for all. The struct exists if the machine was configured so. */
int sm_turns_new(struct softmmu *m); /* 0 or -ENOMEM */
void sm_turns_free(struct softmmu *m);
void *sm_turns_thread(void *m);      /* instead of the vcpus' own */
int64_t sm_turns_virtual(struct softmmu *m);
void sm_turns_set_virtual(struct softmmu *m, int64_t ns); /* while paused; a new turn begins */
void sm_turns_yield(struct softmmu *m);    /* from the vcpu that runs: others first */
void sm_turns_deadline(struct softmmu *m); /* a timer of virtual time was set; any thread */
void sm_turns_reset(struct softmmu *m);

/* time.c */
int sm_time_init(struct softmmu *m); /* 0 or -errno */
void sm_time_free(struct softmmu *m);
int64_t sm_virtual(struct softmmu *m);      /* ns */
int64_t sm_time_first(struct softmmu *m);   /* icount: the first deadline of virtual time */
/* icount: runs the timers of virtual time that are due. On the vcpus' thread, without locks. */
void sm_time_due(struct softmmu *m);
void sm_time_stop(struct softmmu *m);       /* virtual time stands, or goes on */
void sm_time_go(struct softmmu *m);
/* A timer of softmmu's own, virtual time; set from any thread. */
struct clock_timer *sm_alarm_new(struct softmmu *m, void (*fire)(void *arg), void *arg);
void sm_alarm_set(struct clock_timer *t, int64_t deadline);
void sm_alarm_free(struct clock_timer *t);

#endif
