// SPDX-License-Identifier: MIT
/* softmmu/softmmu.c -- a machine's vcpus are made and freed; the machine's lock; what frontends are
 * offered (struct fe_system); memory as debuggers see it. */
#include "softmmu/tlb.h"

#include "tcg/tlb.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* ---- the machine's lock ---- */

static uintptr_t self(void)
{
    return (uintptr_t)pthread_self();
}

void sm_lock(struct softmmu *m)
{
    if (sm_locked(m))
        MOA_BUG("the machine's lock is taken twice by one thread");
    pthread_mutex_lock(&m->lock);
    atomic_store_explicit(&m->holder, self(), memory_order_relaxed);
}

void sm_unlock(struct softmmu *m)
{
    atomic_store_explicit(&m->holder, 0, memory_order_relaxed);
    pthread_mutex_unlock(&m->lock);
}

bool sm_locked(struct softmmu *m)
{
    return atomic_load_explicit(&m->holder, memory_order_relaxed) == self();
}

static bool take_lock(void *opaque)
{
    if (sm_locked(opaque))
        return false;
    sm_lock(opaque);
    return true;
}

static void release_lock(void *opaque)
{
    sm_unlock(opaque);
}

/* ---- what frontends are offered ---- */

static void halt(struct tcg_vcpu *v)
{
    sm_halt(v);
}

static void yield(struct tcg_vcpu *v)
{
    if (sm_vcpu_of(v)->m->turns)
        sm_turns_yield(sm_vcpu_of(v)->m);
    else if (sm_vcpu_of(v)->m->cfg.ncpus > 1)
        sched_yield();
}

static int64_t clock_now(struct tcg_vcpu *v)
{
    return sm_virtual(sm_vcpu_of(v)->m);
}

static void timer_set(struct tcg_vcpu *v, unsigned n, int64_t deadline)
{
    struct sm_vcpu *c = sm_vcpu_of(v);
    int64_t first = CLOCK_NEVER;

    if (n >= SM_TIMERS)
        MOA_BUG("timer %u of a vcpu", n);
    c->deadline[n] = deadline;
    for (unsigned i = 0; i < SM_TIMERS; i++)
        first = c->deadline[i] < first ? c->deadline[i] : first;
    sm_alarm_set(c->alarm, first);
}

static void alarm_fired(void *arg)
{
    struct sm_vcpu *c = arg;

    atomic_store(&c->timer_due, true);
    sm_poke(c);
}

static void line_out(struct tcg_vcpu *v, unsigned n, bool level)
{
    struct sm_vcpu *c = sm_vcpu_of(v);
    struct softmmu *m = c->m;
    bool had = sm_locked(m); /* a register of the interrupt controller may change a timer's line */

    if (!m->cfg.line_out)
        return;
    if (!had)
        sm_lock(m);
    m->cfg.line_out(m->cfg.opaque, c->index, n, level);
    if (!had)
        sm_unlock(m);
}

static bool sysreg(struct tcg_vcpu *v, uint32_t reg, bool write, uint64_t *value)
{
    struct sm_vcpu *c = sm_vcpu_of(v);
    struct softmmu *m = c->m;
    bool known;

    if (!m->cfg.sysreg)
        return false;
    sm_lock(m);
    known = m->cfg.sysreg(m->cfg.opaque, c->index, reg, write, value);
    sm_unlock(m);
    return known;
}

static bool firmware_call(struct tcg_vcpu *v, unsigned kind)
{
    struct softmmu *m = sm_vcpu_of(v)->m;

    return m->cfg.firmware_call && m->cfg.firmware_call(m->cfg.opaque, v, kind);
}

/* ---- made and freed ---- */

static const char *make_vcpu(struct softmmu *m, unsigned n)
{
    struct sm_vcpu *c = &m->cpus[n];
    const struct frontend *fe = m->cfg.frontend;
    size_t size = align_up(fe->vcpu_size, 64);
    pthread_condattr_t attr;

    c->m = m;
    c->index = n;
    c->idle = true;
    atomic_store(&c->power, n ? SM_OFF : SM_ON);
    for (unsigned i = 0; i < SM_TIMERS; i++)
        c->deadline[i] = CLOCK_NEVER;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&c->wake, &attr);
    pthread_condattr_destroy(&attr);
    c->alarm = sm_alarm_new(m, alarm_fired, c);
    c->v = aligned_alloc(64, size);
    if (!c->v)
        return "out of memory";
    memset(c->v, 0, size);
    c->v->frontend = fe;
    c->v->guest = fe->guest;
    c->v->engine = m->engine;
    c->v->owner = c;
    fe->reset(c->v, m->cfg.cpu, false);
    if (sm_tlb_init(c))
        return "out of memory";
    fe->attach_system(c->v, &m->sys, n);
    return NULL;
}

struct softmmu *sm_new(const struct sm_config *cfg, char *err, size_t err_len)
{
    struct softmmu *m = calloc(1, sizeof(*m));
    const char *why = NULL;

    if (!m) {
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    m->cfg = *cfg;
    m->sys = (struct fe_system){
        .opaque = m, .phys_load = sm_phys_load, .phys_cmpxchg = sm_phys_cmpxchg,
        .flush = sm_flush, .barrier = sm_barrier, .context_changed = sm_context_changed,
        .clock = clock_now, .timer_set = timer_set, .line_out = line_out, .sysreg = sysreg,
        .ncpus = cfg->ncpus, .halt = halt, .yield = yield, .firmware_call = firmware_call,
    };
    mem_set_lock(&(struct mem_lock_port){take_lock, release_lock, m});
    pthread_mutex_init(&m->lock, NULL);
    pthread_mutex_init(&m->run_lock, NULL);
    pthread_cond_init(&m->all_idle, NULL);
    atomic_store(&m->stop, true);
    m->stopped = true;
    if (!cfg->frontend->attach_system)
        why = "this processor cannot run whole machines";
    else if (sm_time_init(m) || (cfg->icount.on && sm_turns_new(m)) || !(m->cpus = calloc(cfg->ncpus, sizeof(*m->cpus))))
        why = "out of memory";
    if (!why && sm_tlb_config(m, &m->cfg.engine.mem))
        why = "out of memory";
    if (!why) {
        sm_time_stop(m);
        m->cfg.engine.vcpu_size = cfg->frontend->vcpu_size;
        m->cfg.engine.icount = cfg->icount.on;
        m->engine = tcg_engine_new(&m->cfg.engine, &why);
    }
    for (unsigned i = 0; m->engine && i < cfg->ncpus && !why; i++)
        why = make_vcpu(m, i);
    if (!why)
        return m;
    snprintf(err, err_len, "%s", why);
    sm_free(m);
    return NULL;
}

void sm_free(struct softmmu *m)
{
    if (!m)
        return;
    if (m->cpus)
        sm_join(m);
    for (unsigned i = 0; m->cpus && i < m->cfg.ncpus; i++) {
        struct sm_vcpu *c = &m->cpus[i];

        if (!c->m)
            continue;
        sm_alarm_free(c->alarm);
        if (c->tlb)
            sm_tlb_free(c);
        pthread_cond_destroy(&c->wake);
        free(c->v);
    }
    free(m->cpus);
    if (m->engine)
        tcg_engine_free(m->engine);
    m->engine = NULL;
    if (m->tlb)
        sm_tlb_done(m);
    sm_time_free(m);
    sm_turns_free(m);
    mem_set_lock(&(struct mem_lock_port){0});
    pthread_cond_destroy(&m->all_idle);
    pthread_mutex_destroy(&m->run_lock);
    pthread_mutex_destroy(&m->lock);
    free(m);
}

struct tcg_engine *sm_engine(struct softmmu *m)
{
    return m->engine;
}

unsigned sm_ncpus(const struct softmmu *m)
{
    return m->cfg.ncpus;
}

struct tcg_vcpu *sm_vcpu(struct softmmu *m, unsigned n)
{
    return m->cpus[n].v;
}

unsigned sm_index(const struct tcg_vcpu *v)
{
    return sm_vcpu_of(v)->index;
}

struct softmmu *sm_of(const struct tcg_vcpu *v)
{
    return sm_vcpu_of(v)->m;
}

/* ---- lines ---- */

static void irq_in(void *to, unsigned n, bool level)
{
    struct sm_vcpu *c = to;

    c->v->frontend->line_in(c->v, n, level);
    if (level)
        sm_poke(c);
}

struct irq_line sm_irq(struct softmmu *m, unsigned n, unsigned line)
{
    return (struct irq_line){irq_in, &m->cpus[n], line};
}

/* ---- debuggers ---- */

static bool translate(struct tcg_vcpu *v, uint64_t addr, enum tcg_access access, uint64_t *phys)
{
    const struct frontend *fe = v->frontend;
    struct tcg_exit kept = v->exit;
    struct fe_page page;
    bool ok = fe->walk(v, addr, access, fe->mmu_now(v), true, &page);

    v->exit = kept;
    *phys = ok ? page.phys : 0;
    return ok;
}

bool sm_debug_translate(struct tcg_vcpu *v, uint64_t addr, uint64_t *phys)
{
    return translate(v, addr, TCG_READ, phys);
}

static int copy(struct tcg_vcpu *v, uint64_t addr, void *buf, size_t len, bool write,
                enum tcg_access rights)
{
    struct mem_space *s = sm_vcpu_of(v)->m->cfg.memory;
    struct mem_attrs who = {.requester = MEM_REQUESTER_VCPU, .vcpu = (uint16_t)sm_index(v)};
    uint8_t *at = buf;

    while (len) {
        size_t n = TCG_TLB_PAGE_SIZE - (addr & (TCG_TLB_PAGE_SIZE - 1));
        uint64_t phys, room;
        void *host;
        bool ok;

        n = n < len ? n : len;
        room = n;
        /* RAM only: looking at a device would change it */
        if (!translate(v, addr, rights, &phys) ||
            !(host = mem_map(s, phys, &room, write, who)))
            return -EFAULT;
        ok = room >= n;
        if (ok)
            memcpy(write ? host : at, write ? at : host, n);
        mem_unmap(host, room, write && ok);
        if (!ok)
            return -EFAULT;
        at += n;
        addr += n;
        len -= n;
    }
    return 0;
}

int sm_debug_access(struct tcg_vcpu *v, uint64_t addr, void *buf, size_t len, bool write)
{
    return copy(v, addr, buf, len, write, TCG_READ);
}

int sm_guest_access(struct tcg_vcpu *v, uint64_t addr, void *buf, size_t len, bool write)
{
    return copy(v, addr, buf, len, write, write ? TCG_WRITE : TCG_READ);
}

void sm_stats(struct softmmu *m, FILE *out)
{
    tcg_stats(m->engine, out);
    for (unsigned i = 0; i < m->cfg.ncpus; i++) {
        struct sm_tlb_stats t;

        if (!m->cpus[i].tlb)
            continue;
        t = sm_tlb_stats(&m->cpus[i]);
        fprintf(out, "vcpu %u: TLB misses %llu (evicting %llu), device accesses %llu, over a page end "
                "%llu, writes to code pages %llu, flushes %llu, of pages %llu, contexts chosen %llu, "
                "tables grown %llu\n", i, (unsigned long long)t.misses,
                (unsigned long long)t.evicted, (unsigned long long)t.mmio,
                (unsigned long long)t.cross, (unsigned long long)t.code_writes,
                (unsigned long long)t.flushes, (unsigned long long)t.page_flushes,
                (unsigned long long)t.switches, (unsigned long long)t.resizes);
    }
}
