/* SPDX-License-Identifier: MIT */
/* tcg/monitor.c -- the words of the store monitor, and the switch that turns it on. */
#include "tcg/monitor.h"

#include "tcg/cache.h"
#include "tcg/engine.h"

#include <stdlib.h>
#include <sys/mman.h>

/* Neighbours go to different cache lines of the host. */
static uint32_t word_of(uint64_t addr)
{
    uint64_t granule = addr >> TCG_MONITOR_GRANULE_BITS;

    return (uint32_t)((granule << 3 & ((1 << TCG_MONITOR_WORD_BITS) - 1)) |
                      (granule >> (TCG_MONITOR_WORD_BITS - 3) & 7));
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/* ---- words ---- */

static void lock_word(_Atomic uint64_t *word)
{
    for (;;) {
        uint64_t old = atomic_load_explicit(word, memory_order_relaxed);

        if (!(old & 1) && atomic_compare_exchange_weak(word, &old, old + 1))
            return;
        relax();
    }
}

/* Words are locked in the order of their numbers, so that no two vcpus wait for one another. */
static void lock(struct tcg_vcpu *v, uint64_t addr, uint32_t bytes)
{
    struct tcg_monitor *m = v->engine->monitor;
    uint32_t a = word_of(addr), b = word_of(addr + bytes - 1);

    v->monitor.locked[0] = a < b ? a : b;
    lock_word(&m->word[v->monitor.locked[0]]);
    v->monitor.nlocked = 1;
    if (a != b) {
        v->monitor.locked[1] = a < b ? b : a;
        lock_word(&m->word[v->monitor.locked[1]]);
        v->monitor.nlocked = 2;
    }
    atomic_thread_fence(memory_order_release); /* odd before the data */
}

void tcg_monitor_unlock(struct tcg_vcpu *v)
{
    struct tcg_monitor *m = v->engine->monitor;

    for (uint32_t i = 0; i < v->monitor.nlocked; i++) {
        uint32_t at = v->monitor.locked[i];
        uint64_t count = atomic_load_explicit(&m->word[at], memory_order_relaxed);

        if (at == v->monitor.at && v->monitor.count == count - 1)
            v->monitor.count = count + 1; /* our own store */
        atomic_store_explicit(&m->word[at], count + 1, memory_order_release);
    }
    v->monitor.nlocked = 0;
}

static void load(struct tcg_vcpu *v, uint64_t addr)
{
    struct tcg_monitor *m = v->engine->monitor;

    v->monitor.calls = atomic_load(&m->calls);
    v->monitor.at = word_of(addr);
    while ((v->monitor.count = atomic_load(&m->word[v->monitor.at])) & 1)
        relax();
}

static uint32_t store(struct tcg_vcpu *v, uint64_t addr)
{
    struct tcg_monitor *m = v->engine->monitor;
    uint32_t at = word_of(addr);
    uint64_t count = v->monitor.count;

    if (at != v->monitor.at || count & 1 ||
        !atomic_compare_exchange_strong(&m->word[at], &count, count + 1))
        return 0;
    v->monitor.locked[0] = at;
    v->monitor.nlocked = 1;
    if (atomic_load(&m->calls) == v->monitor.calls)
        return 1;
    tcg_monitor_unlock(v);
    return 0;
}

/* ---- the switch ---- */

static uint32_t plain(struct tcg_vcpu *v, uint32_t quiet)
{
    struct tcg_engine *e = v->engine;
    struct tcg_cache *c = e->cache;
    bool alone;

    if (quiet || e->leave) /* that proof runs parts of an instruction twice */
        return 1;
    pthread_mutex_lock(&c->lock);
    atomic_store(&e->monitor_wanted, true);
    alone = c->vcpus == v && !v->next;
    pthread_mutex_unlock(&c->lock);
    return alone;
}

bool tcg_monitor_check(struct tcg_engine *e, bool others)
{
    struct tcg_monitor *m;

    if (MOA_LIKELY(!atomic_load_explicit(&e->monitor_wanted, memory_order_relaxed)) || !others ||
        tcg_monitor_is_on(e))
        return false;
    m = mmap(NULL, sizeof(*m), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (m == MAP_FAILED)
        MOA_BUG("out of memory for the store monitor");
    atomic_store(&e->monitor, m);
    tcg_cache_flush(e);
    return true;
}

/* Whoever had locked a word is not in the child. */
void tcg_monitor_after_fork(struct tcg_engine *e)
{
    struct tcg_monitor *m = e->monitor;

    if (!m)
        return;
    for (uint32_t i = 0; i < ARRAY_LEN(m->word); i++)
        if (atomic_load_explicit(&m->word[i], memory_order_relaxed) & 1)
            atomic_store_explicit(&m->word[i], 0, memory_order_relaxed);
}

void tcg_monitor_free(struct tcg_engine *e)
{
    if (tcg_monitor_is_on(e))
        munmap(e->monitor, sizeof(struct tcg_monitor));
}

void tcg_monitor_call(struct tcg_engine *e)
{
    if (MOA_UNLIKELY(tcg_monitor_is_on(e)))
        atomic_fetch_add(&((struct tcg_monitor *)e->monitor)->calls, 1);
}

const struct tcg_helper tcg_monitor_lock_helper = {
    .name = "monitor_lock", .fn = (void (*)(void))lock, .ret = TCG_VOID, .nargs = 2,
    .args = { TCG_I64, TCG_I32 }, .flags = TCG_H_VCPU,
};
const struct tcg_helper tcg_monitor_unlock_helper = {
    .name = "monitor_unlock", .fn = (void (*)(void))tcg_monitor_unlock, .ret = TCG_VOID,
    .flags = TCG_H_VCPU,
};
const struct tcg_helper tcg_monitor_load_helper = {
    .name = "monitor_load", .fn = (void (*)(void))load, .ret = TCG_VOID, .nargs = 1,
    .args = { TCG_I64 }, .flags = TCG_H_VCPU,
};
const struct tcg_helper tcg_monitor_store_helper = {
    .name = "monitor_store", .fn = (void (*)(void))store, .ret = TCG_I32, .nargs = 1,
    .args = { TCG_I64 }, .flags = TCG_H_VCPU,
};
const struct tcg_helper tcg_monitor_plain_helper = {
    .name = "monitor_plain", .fn = (void (*)(void))plain, .ret = TCG_I32, .nargs = 1,
    .args = { TCG_I32 }, .flags = TCG_H_VCPU,
};
