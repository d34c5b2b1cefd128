// SPDX-License-Identifier: MIT
/* softmmu/tlb_box.c -- how vcpus make each other forget: a box of messages each, emptied by its
 * owner before it enters translated code, while it waits in a barrier, and after an access to a
 * device. Messages have numbers that grow over the machine.
 *
 * Nobody waits for a vcpu that is outside translated code (even epoch): the poster sets
 * exit_request after posting, and the engine looks at that again once the epoch is odd. */
#include "softmmu/tlb_priv.h"

#include "base/log.h"

#include <sched.h>
#include <time.h>

static void put(struct sm_tlb *t, const struct sm_msg *msg)
{
    struct sm_box *b = &t->box;

    pthread_mutex_lock(&b->lock);
    if (b->n < SM_BOX)
        b->msg[b->n++] = *msg;
    else
        b->overflow = true;
    atomic_store(&b->full, true);
    pthread_mutex_unlock(&b->lock);
}

uint64_t sm_post(struct softmmu *m, const struct tcg_vcpu *but, const struct sm_msg *msg)
{
    uint64_t number;

    for (unsigned i = 0; i < m->cfg.ncpus; i++)
        if (m->cpus[i].tlb && m->cpus[i].v != but)
            put(m->cpus[i].tlb, msg);
    number = atomic_fetch_add(&m->tlb->posted, 1) + 1;
    for (unsigned i = 0; i < m->cfg.ncpus; i++)
        if (m->cpus[i].tlb && m->cpus[i].v != but)
            tcg_kick(m->cpus[i].v);
    return number;
}

bool sm_seen(struct sm_vcpu *c, uint64_t number)
{
    return !c->tlb || atomic_load(&c->tlb->box.taken) >= number ||
           !(atomic_load(&c->v->epoch) & 1);
}

void sm_drain(struct tcg_vcpu *v)
{
    struct sm_tlb *t = sm_tlb_of(v);
    struct sm_box *b = &t->box;
    uint64_t seen = atomic_load(&t->c->m->tlb->posted); /* those are in the box by now */
    struct sm_msg msg[SM_BOX];
    unsigned n;
    bool overflow;

    if (!atomic_load(&b->full)) {
        atomic_store(&b->taken, seen);
        return;
    }
    pthread_mutex_lock(&b->lock);
    n = b->n;
    for (unsigned i = 0; i < n; i++)
        msg[i] = b->msg[i];
    overflow = b->overflow;
    b->n = 0;
    b->overflow = false;
    atomic_store(&b->full, false);
    pthread_mutex_unlock(&b->lock);
    if (overflow) {
        sm_do_flush(v, &(struct fe_flush){.what = FE_FLUSH_ALL});
    } else {
        for (unsigned i = 0; i < n; i++) {
            if (msg[i].protect)
                sm_protect(t, msg[i].ram);
            else
                sm_do_flush(v, &msg[i].flush);
        }
    }
    atomic_store(&b->taken, seen);
}

void sm_flush(struct tcg_vcpu *v, const struct fe_flush *f)
{
    static const char *const what[] = {"all", "a context", "pages", "pages of all contexts"};
    struct sm_msg msg = {.flush = *f};

    if (log_on(LOG_mmu))
        log_printf("mmu: vcpu %u forgets %s, context 0x%llx, 0x%llx + 0x%llx%s\n", sm_vcpu_of(v)->index,
                   what[f->what], (unsigned long long)f->context, (unsigned long long)f->addr,
                   (unsigned long long)f->len, f->broadcast ? ", all vcpus" : "");
    sm_do_flush(v, f);
    if (f->broadcast && sm_vcpu_of(v)->m->cfg.ncpus > 1)
        sm_post(sm_vcpu_of(v)->m, v, &msg);
}

/* Others may be in a barrier of their own and wait for us: the box is emptied all the time. */
void sm_barrier(struct tcg_vcpu *v)
{
    static const struct timespec pause = {.tv_nsec = 20000};
    struct softmmu *m = sm_vcpu_of(v)->m;
    uint64_t number = atomic_load(&m->tlb->posted);
    unsigned tries = 0;

    for (unsigned i = 0; i < m->cfg.ncpus; i++) {
        while (m->cpus[i].v != v && !sm_seen(&m->cpus[i], number)) {
            sm_drain(v);
            if (++tries < 64)
                sched_yield();
            else
                nanosleep(&pause, NULL);
        }
    }
}

void sm_tlb_flush_all(struct softmmu *m)
{
    struct sm_msg msg = {.flush = {.what = FE_FLUSH_ALL}};

    sm_post(m, NULL, &msg);
}
