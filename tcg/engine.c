// SPDX-License-Identifier: MIT
/* tcg/engine.c -- the engine that linux-user and softmmu see: vcpus, the dispatcher, translation of
 * one region, and what keeps translations valid. The dispatcher is the only place that looks up,
 * translates and links. */
#include "tcg/builder.h"
#include "tcg/cache.h"
#include "tcg/leave.h"
#include "tcg/monitor.h"

#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEFAULT_CACHE (256u << 20)
#define MAX_INSNS 128
#define KEY_ONE (1ull << 63) /* one instruction, kept: the key is the region's own, not the guest's */

struct tcg_engine *tcg_engine_new(const struct tcg_config *cfg, const char **err)
{
    struct tcg_engine *e = calloc(1, sizeof(*e));
    size_t size = cfg->cache_bytes ? cfg->cache_bytes : DEFAULT_CACHE;

    if (!e)
        goto nomem;
    e->cfg = *cfg;
    e->backend = cfg->backend;
    if (tcg_cache_init(e) < 0)
        goto nomem;
    if (e->backend->native) {
        e->code = calloc(1, sizeof(*e->code));
        if (!e->code || tcg_codemem_new(e->code, align_up(size, 1 << 21)) < 0) {
            *err = "cannot map memory for translated code";
            goto fail;
        }
        e->code->used = e->backend->code_reserve;
    }
    *err = e->backend->init(e);
    if (*err)
        goto fail;
    if (cfg->leave_seed && !cfg->mem.user) { /* the oracle's memory would have to be the machine's */
        *err = "leave-anywhere is for user programs";
        e->backend->done(e);
        goto fail;
    }
    if (cfg->leave_seed) {
        e->cfg.no_chain = true;
        e->leave = tcg_leave_new(e, err);
        if (!e->leave) {
            e->backend->done(e);
            goto fail;
        }
    }
    return e;
nomem:
    *err = "out of memory";
fail:
    if (e) {
        tcg_cache_free(e);
        if (e->code)
            tcg_codemem_free(e->code);
        free(e->code);
        free(e);
    }
    return NULL;
}

void tcg_engine_free(struct tcg_engine *e)
{
    if (e->leave)
        tcg_leave_free(e->leave);
    if (e->cache->builder) {
        tcg_builder_free(e->cache->builder);
        free(e->cache->builder);
        tcg_ir_free(&e->cache->ir);
        tcg_opt_free(&e->cache->opt);
    }
    tcg_cache_free(e);
    e->backend->done(e);
    tcg_monitor_free(e);
    if (e->code)
        tcg_codemem_free(e->code);
    free(e->code);
    free(e);
}

static struct tcg_jump *new_jumps(void)
{
    struct tcg_jump *jumps = calloc(TCG_JUMP_ENTRIES, sizeof(*jumps));

    if (!jumps)
        MOA_BUG("out of memory for the jump table");
    jumps[0].pc = ~0ull;
    return jumps;
}

void tcg_attach(struct tcg_engine *e, struct tcg_vcpu *v)
{
    struct tcg_cache *c = e->cache;
    struct tcg_jump *jumps = new_jumps();

    if (!e->cfg.mem.user) {
        v->jumps = calloc(TCG_JUMP_TABLES, sizeof(*v->jumps));
        if (!v->jumps)
            MOA_BUG("out of memory for jump tables");
        v->jumps[0].table = jumps;
        v->jump_ids = NULL;
    }
    for (unsigned i = 0; i < TCG_RET_RING; i++)
        v->ret_ring[i].guest_pc = ~0ull;
    v->jump_table = jumps;
    v->engine = e;
    v->guest_base = e->cfg.mem.guest_base;
    v->jump_key = ~0ull;
    e->backend->attach(v);
    pthread_mutex_lock(&c->lock);
    tcg_monitor_check(e, c->vcpus != NULL);
    v->next = c->vcpus;
    c->vcpus = v;
    pthread_mutex_unlock(&c->lock);
}

void tcg_detach(struct tcg_engine *e, struct tcg_vcpu *v)
{
    struct tcg_cache *c = e->cache;
    struct tcg_vcpu **at;

    pthread_mutex_lock(&c->lock);
    for (at = &c->vcpus; *at && *at != v; at = &(*at)->next)
        ;
    if (*at)
        *at = v->next;
    pthread_mutex_unlock(&c->lock);
    e->backend->detach(v);
    if (!v->jumps)
        free(v->jump_table);
    for (unsigned i = 0; v->jumps && i < TCG_JUMP_TABLES; i++)
        free(v->jumps[i].table);
    free(v->jumps);
    v->jumps = NULL;
    v->jump_table = NULL;
}

void tcg_before_fork(struct tcg_engine *e, struct tcg_vcpu *v)
{
    pthread_mutex_lock(&e->cache->lock);
    if (e->leave)
        tcg_before_fork(tcg_leave_oracle(e->leave), v);
    if (e->code)
        e->cache->reuses = atomic_load(e->code->reuses);
}

void tcg_after_fork(struct tcg_engine *e, struct tcg_vcpu *v, bool child)
{
    struct tcg_cache *c = e->cache;
    int stale;

    if (e->leave && child)
        tcg_leave_forked(e->leave);
    else if (e->leave)
        tcg_after_fork(tcg_leave_oracle(e->leave), v, false);
    if (!child) {
        pthread_mutex_unlock(&c->lock);
        return;
    }
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->flushed, NULL);
    atomic_store(&c->stop, false);
    c->vcpus = v;
    if (v)
        v->next = NULL;
    tcg_monitor_after_fork(e);
    if (!e->code)
        return;
    stale = tcg_codemem_after_fork(e->code, c->reuses);
    if (stale < 0)
        MOA_BUG("cannot copy translated code after fork: %s", strerror(-stale));
    if (stale) {
        pthread_mutex_lock(&c->lock);
        tcg_cache_flush(e);
        pthread_mutex_unlock(&c->lock);
        return;
    }
    /* The parent's threads may have linked and retired regions while we copied. */
    for (struct tcg_region *r = c->all; r; r = r->arena_next)
        e->backend->restore(e, r);
}

/* ---- translation ---- */

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static struct tcg_builder *builder_of(struct tcg_engine *e, const struct tcg_guest *guest)
{
    struct tcg_cache *c = e->cache;

    if (!c->builder) {
        c->builder = calloc(1, sizeof(*c->builder));
        if (!c->builder)
            MOA_BUG("out of memory for the builder");
        tcg_ir_init(&c->ir, guest);
        tcg_builder_init(c->builder, &c->ir, e->cfg.no_fold);
    }
    return c->builder;
}

static void log_guest(struct tcg_engine *e, struct tcg_vcpu *v, uint64_t lo, uint64_t hi)
{
    uint8_t buf[4096];
    size_t n;

    if (hi <= lo || !e->cfg.hooks || !e->cfg.hooks->guest_code)
        return;
    n = e->cfg.mem.fetch(v, lo, buf, hi - lo < sizeof(buf) ? hi - lo : sizeof(buf));
    e->cfg.hooks->guest_code(v, lo, buf, n);
}

static void log_ir(const struct tcg_ir *ir, enum log_item item)
{
    if (log_on(item) && log_addr(ir->pc)) {
        tcg_ir_print(ir, log_stream());
        log_printf("\n");
    }
}

/* What a vcpu is to run: guest address and mode, and, in whole machines, the page of RAM. */
struct where {
    uint64_t pc, key;
    uint64_t ram;      /* page; TCG_NO_RAM: none */
    uint64_t place;    /* as in struct tcg_region */
    bool guarded;
    bool monitored;    /* as the key says */
};

/* False: the guest cannot fetch there, v->exit says what it raises. */
static bool find_place(struct tcg_vcpu *v, struct where *at)
{
    const struct tcg_memory *mem = &v->engine->cfg.mem;
    struct tcg_code_page page = {.ram = TCG_NO_RAM};

    *at = (struct where){.ram = TCG_NO_RAM, .monitored = tcg_monitor_is_on(v->engine)};
    at->pc = v->guest->get_pc(v);
    at->key = v->guest->key(v);
    if (mem->user)
        return true;
    v->exit.host_sig = 0;
    if (!mem->code_page(v, at->pc, &page))
        return false;
    at->ram = page.ram;
    at->guarded = page.guarded;
    if (page.ram != TCG_NO_RAM)
        at->place = page.ram - align_down(at->pc, TCG_TLB_PAGE_SIZE);
    return true;
}

/* What could not be fetched has its exception; with icount that takes time too. */
static enum tcg_exit_reason not_fetched(struct tcg_vcpu *v)
{
    v->icount_left--;
    return (enum tcg_exit_reason)v->exit.reason;
}

/* Of the guest bytes that r was made from, as they are now. */
static uint64_t code_hash(struct tcg_engine *e, struct tcg_vcpu *v, const struct tcg_region *r)
{
    const uint64_t ends[2][2] = {{r->lo, r->hi}, {r->lo2, r->hi2}};
    uint64_t h = 0;

    for (unsigned k = 0; k < 2; k++)
        for (uint64_t at = ends[k][0]; at < ends[k][1];) {
            uint64_t bytes = 0, left = ends[k][1] - at;
            size_t n = e->cfg.mem.fetch(v, at, &bytes, left < 8 ? left : 8);

            if (!n)
                return 0;
            h = (h ^ bytes) * 0x9e3779b97f4a7c15ull;
            h ^= h >> 29;
            at += n;
        }
    return h;
}

/* Lock held. A region whose page may still be written unseen is compared each time it is entered,
 * and once more when that is over. */
static bool still_good(struct tcg_engine *e, struct tcg_vcpu *v, struct tcg_region *r, uint64_t ram)
{
    bool settled = e->cfg.mem.code_settled(v, ram);

    if (code_hash(e, v, r) != r->check) {
        tcg_cache_retire(e, r);
        return false;
    }
    r->settling = !settled;
    return true;
}

/* Stops a region in front of the next breakpoint. */
static uint64_t next_breakpoint(const struct tcg_cache *c, uint64_t pc)
{
    uint64_t best = ~0ull;

    for (uint32_t i = 0; i < c->nbreakpoints; i++)
        if (c->breakpoints[i] > pc && c->breakpoints[i] < best)
            best = c->breakpoints[i];
    return best;
}

/* Lock held. Not added to the cache. NULL: no room, flush and try again. */
static struct tcg_region *translate(struct tcg_engine *e, struct tcg_vcpu *v, const struct where *at,
                                    bool one_insn, bool step)
{
    struct tcg_cache *c = e->cache;
    struct tcg_builder *b = builder_of(e, v->guest);
    uint64_t pc = at->pc, key = at->key;
    bool settled = true;
    struct tcg_limits lim = {
        .max_insns = one_insn ? 1 : MAX_INSNS,
        .stop_before = next_breakpoint(c, pc),
    };
    struct tcg_region *r;
    char buf[256];
    const char *wrong;
    uint64_t start = log_on(LOG_stats) ? now_ns() : 0;

    if (tcg_cache_full(e))
        return NULL;
    r = calloc(1, sizeof(*r));
    if (!r)
        return NULL;
    if (!e->cfg.mem.user && at->ram != TCG_NO_RAM) /* before the bytes are read */
        settled = e->cfg.mem.code_watch(v, at->ram);
    b->watch = c->nwatches != 0;
    b->step = step;
    b->icount = e->cfg.icount;
    tcg_builder_start(b, pc, key);
    v->guest->translate(b, v, pc, key, &lim);
    tcg_builder_finish(b);
    r->pc = pc;
    r->key = key;
    r->lo = c->ir.lo;
    r->hi = c->ir.hi;
    r->lo2 = c->ir.lo2;
    r->hi2 = c->ir.hi2;
    r->ninsns = c->ir.ninsns;
    r->place = at->place;
    r->guarded = at->guarded;
    if (!e->cfg.mem.user && at->ram != TCG_NO_RAM)
        r->fetch_id = tcg_fetch_id(e, pc >> TCG_TLB_PAGE_BITS, at->ram | at->guarded);
    if (!settled) {
        r->settling = true;
        r->check = code_hash(e, v, r);
    }
    if (log_on(LOG_in_asm) && log_addr(pc)) {
        log_guest(e, v, r->lo, r->hi);
        log_guest(e, v, r->lo2, r->hi2);
    }
    log_ir(&c->ir, LOG_ir);
    if (e->cfg.verify && (wrong = tcg_ir_verify(&c->ir, buf, sizeof(buf)))) {
        tcg_ir_print(&c->ir, stderr);
        MOA_BUG("region at %#llx: %s", (unsigned long long)pc, wrong);
    }
    if (!e->cfg.no_fold && (!e->backend->drops_dead || log_on(LOG_ir_opt)))
        tcg_opt_dead(&c->opt, &c->ir);
    if (e->cfg.verify && (wrong = tcg_ir_verify(&c->ir, buf, sizeof(buf)))) {
        tcg_ir_print(&c->ir, stderr);
        MOA_BUG("region at %#llx after passes: %s", (unsigned long long)pc, wrong);
    }
    log_ir(&c->ir, LOG_ir_opt);
    if (e->backend->compile(e, &c->ir, r) < 0) {
        free(r->links);
        free(r);
        return NULL;
    }
    c->stats.regions++;
    c->stats.insns += r->ninsns;
    c->stats.code_bytes += r->code_size;
    if (e->cfg.hooks && e->cfg.hooks->host_code)
        e->cfg.hooks->host_code(v, pc, r->code, r->code_size);
    if (start)
        c->stats.ns += now_ns() - start;
    return r;
}

static struct tcg_region *translate_with_room(struct tcg_engine *e, struct tcg_vcpu *v,
                                              const struct where *at, bool one_insn, bool find)
{
    bool step = !find || at->key & KEY_ONE;
    struct tcg_region *r = translate(e, v, at, one_insn, step);

    if (!r) {
        tcg_cache_flush(e);
        r = translate(e, v, at, one_insn, step);
        if (!r)
            MOA_BUG("a region does not fit into an empty code cache");
    }
    tcg_cache_add(e, r, find);
    return r;
}

/* Lock held. For step(). While instructions are counted, steps are many: each device access, and the
 * end of each budget; so their regions are kept. */
static struct tcg_region *one_insn_region(struct tcg_engine *e, struct tcg_vcpu *v, struct where at)
{
    bool keep = e->cfg.icount && at.ram != TCG_NO_RAM && !e->cache->nwatches;
    struct tcg_region *r = NULL;

    if (keep) {
        at.key |= KEY_ONE;
        r = tcg_cache_find(e, at.pc, at.key, at.place, at.guarded);
        if (r && r->settling && !still_good(e, v, r, at.ram))
            r = NULL;
    }
    return r ? r : translate_with_room(e, v, &at, true, keep);
}

/* ---- running ---- */

static void empty_ring(struct tcg_vcpu *v)
{
    for (unsigned i = 0; i < TCG_RET_RING; i++)
        v->ret_ring[i].guest_pc = ~0ull;
}

/* User mode: one table, emptied when the key changes. */
static void use_key(struct tcg_vcpu *v, uint64_t key)
{
    if (!v->engine->cfg.mem.user)
        return;
    v->key = key;
    if (v->jump_key == key)
        return;
    if (v->jump_key != ~0ull) /* ~0: nothing is in it yet */
        tcg_jumps_clear(v->jump_table);
    empty_ring(v);
    v->jump_key = key;
}

/* Whole machines, lock held: the table of this key and context, the oldest one given up for it. */
static void use_table(struct tcg_vcpu *v, uint64_t key)
{
    struct tcg_jumps *j = v->jumps, *oldest = j;

    v->key = key;
    if (v->jump_key == key && v->jump_ids == v->fetch_ids)
        return;
    for (unsigned i = 0; i < TCG_JUMP_TABLES; i++, j++) {
        if (j->stamp && j->key == key && j->ids == v->fetch_ids)
            break;
        if (j->stamp < oldest->stamp)
            oldest = j;
    }
    if (j == v->jumps + TCG_JUMP_TABLES) {
        j = oldest;
        if (!j->table)
            j->table = new_jumps();
        if (j->used)
            tcg_jumps_clear(j->table);
        j->key = key;
        j->ids = v->fetch_ids;
    }
    j->used = true;
    j->stamp = ++v->engine->cache->jump_clock;
    v->jump_table = j->table;
    v->jump_key = key;
    v->jump_ids = v->fetch_ids;
    empty_ring(v);
}

static bool is_breakpoint(const struct tcg_cache *c, uint64_t pc)
{
    for (uint32_t i = 0; i < c->nbreakpoints; i++)
        if (c->breakpoints[i] == pc)
            return true;
    return false;
}

/* Enters r unless a flush is under way. The epoch was made odd under the lock under which r was
 * found, so that no flush can have freed r since. False: look the region up again. */
static bool enter(struct tcg_engine *e, struct tcg_vcpu *v, struct tcg_region *r,
                  enum tcg_exit_reason *reason)
{
    struct tcg_cache *c = e->cache;

    if (MOA_UNLIKELY(atomic_load(&c->stop) || atomic_load(&r->retired))) {
        atomic_fetch_add(&v->epoch, 1);
        pthread_mutex_lock(&c->lock);
        while (atomic_load(&c->stop))
            pthread_cond_wait(&c->flushed, &c->lock);
        pthread_mutex_unlock(&c->lock);
        return false;
    }
    if (!e->cfg.mem.user && atomic_load(&v->exit_request)) {
        /* Messages to this vcpu: nobody waits for one that was outside (softmmu/tlb_box.c). */
        atomic_fetch_add(&v->epoch, 1);
        return false;
    }
    v->exit.host_sig = 0;
    v->cur = NULL;
    *reason = MOA_UNLIKELY(e->leave != NULL) ? tcg_leave_run(e->leave, v, r) : e->backend->run(v, r);
    if (MOA_UNLIKELY(v->monitor.nlocked)) /* a store that failed */
        tcg_monitor_unlock(v);
    if (*reason == TCG_EXIT_HELPER) {
        *reason = (enum tcg_exit_reason)v->exit.reason;
        if (*reason == TCG_EXIT_EXCEPTION || *reason == TCG_EXIT_FAULT)
            v->icount_left--; /* as in not_fetched() */
    } else {
        v->exit.reason = *reason;
        if (*reason == TCG_EXIT_FAULT && !v->exit.host_sig)
            v->exit.access = v->exit.code;
    }
    c->stats.exits[*reason & 15]++;
    return true;
}

static void log_entry(struct tcg_vcpu *v, uint64_t pc)
{
    if (!log_addr(pc))
        return;
    if (log_on(LOG_exec))
        log_printf("exec %#llx\n", (unsigned long long)pc);
    if (log_on(LOG_cpu))
        v->guest->dump(v, log_stream());
}

/* May translated code go on from `from` to r without asking again? In a whole machine within a page;
 * into another one the link compares fetch ids. */
static bool may_link(const struct tcg_engine *e, const struct tcg_region *from,
                     const struct tcg_region *r)
{
    if (!r->ninsns || from->key != r->key || e->cfg.no_chain || log_on(LOG_nochain))
        return false;
    if (e->cfg.mem.user)
        return true;
    if (from->pc >> TCG_TLB_PAGE_BITS != r->pc >> TCG_TLB_PAGE_BITS)
        return !r->settling && r->fetch_id;
    return !r->settling && from->place == r->place && from->guarded == r->guarded;
}

/* Lock held. Has the store monitor come on since the key was made? */
static bool monitor_changed(struct tcg_engine *e, const struct where *at)
{
    return tcg_monitor_check(e, e->cache->vcpus && e->cache->vcpus->next) ||
           at->monitored != tcg_monitor_is_on(e);
}

/* One instruction, uncached. TCG_EXIT_DEBUG: it completed. */
static enum tcg_exit_reason step(struct tcg_vcpu *v)
{
    struct tcg_engine *e = v->engine;
    struct tcg_cache *c = e->cache;
    enum tcg_exit_reason reason;
    struct tcg_region *r;
    struct where at;
    bool entered;

    do {
        if (!find_place(v, &at))
            return not_fetched(v);
        if (!e->cfg.mem.user && atomic_load(&v->exit_request)) {
            atomic_store(&v->exit_request, 0);
            return v->exit.reason = TCG_EXIT_POLL;
        }
        use_key(v, at.key);
        pthread_mutex_lock(&c->lock);
        entered = false;
        if (MOA_UNLIKELY(monitor_changed(e, &at))) {
            pthread_mutex_unlock(&c->lock);
            continue;
        }
        if (!e->cfg.mem.user)
            use_table(v, at.key);
        r = one_insn_region(e, v, at);
        atomic_fetch_add(&v->epoch, 1);
        pthread_mutex_unlock(&c->lock);
        v->stepping = true;
        entered = enter(e, v, r, &reason);
        v->stepping = false;
    } while (!entered);
    atomic_fetch_add(&v->epoch, 1);
    if (reason == TCG_EXIT_LOOKUP || reason == TCG_EXIT_POLL || reason == TCG_EXIT_SYNC)
        return TCG_EXIT_DEBUG;
    return reason;
}

/* The budget ends before the region that was to be run does: on, one at a time. TCG_EXIT_DEBUG: look
 * again. */
static enum tcg_exit_reason run_budget(struct tcg_vcpu *v)
{
    enum tcg_exit_reason reason = TCG_EXIT_DEBUG;

    while (v->icount_left > 0) {
        reason = step(v);
        if (reason != TCG_EXIT_DEBUG || v->engine->cache->nbreakpoints ||
            atomic_load_explicit(&v->exit_request, memory_order_relaxed))
            break;
    }
    return reason;
}

enum tcg_exit_reason tcg_run(struct tcg_vcpu *v)
{
    struct tcg_engine *e = v->engine;
    struct tcg_cache *c = e->cache;
    enum tcg_exit_reason reason;
    struct tcg_region *r;
    const struct tcg_region *from = NULL; /* region whose link led here; valid under its epoch */
    uint32_t from_exit = 0;
    bool indirect = false;
    uint64_t flushes = 0; /* when `from` was noted */
    struct where at;

    for (;;) {
        if (atomic_load_explicit(&v->exit_request, memory_order_relaxed)) {
            atomic_store(&v->exit_request, 0);
            v->exit.reason = TCG_EXIT_POLL;
            return TCG_EXIT_POLL;
        }
        if (MOA_UNLIKELY(e->cfg.icount && v->icount_left <= 0)) {
            v->exit.reason = TCG_EXIT_POLL;
            return TCG_EXIT_POLL;
        }
        if (!find_place(v, &at))
            return not_fetched(v);
        use_key(v, at.key);
        pthread_mutex_lock(&c->lock);
        if (!e->cfg.mem.user)
            use_table(v, at.key);
        v->seen = c->unlinks;
        c->stats.lookups++;
        if (MOA_UNLIKELY(monitor_changed(e, &at))) {
            pthread_mutex_unlock(&c->lock);
            continue;
        }
        if (MOA_UNLIKELY(c->nbreakpoints && is_breakpoint(c, at.pc))) {
            pthread_mutex_unlock(&c->lock);
            v->exit.reason = TCG_EXIT_DEBUG;
            v->exit.code = 0; /* a breakpoint; watchpoints have their kind here */
            return TCG_EXIT_DEBUG;
        }
        r = tcg_cache_find(e, at.pc, at.key, at.place, at.guarded);
        if (MOA_UNLIKELY(r && r->settling) && !still_good(e, v, r, at.ram))
            r = NULL;
        if (!e->cfg.mem.user && at.ram == TCG_NO_RAM)
            r = translate_with_room(e, v, &at, true, false); /* from a device: not kept */
        else if (!r)
            r = translate_with_room(e, v, &at, e->cfg.one_insn, true);
        if (!e->cfg.mem.user && r->fetch_id)
            v->fetch_ids[TCG_FETCH_SLOT(at.pc)] = r->fetch_id;
        if (c->stats.flushes != flushes)
            from = NULL; /* it was freed */
        if (from && from->links[from_exit].pc == at.pc && may_link(e, from, r))
            tcg_cache_link(e, &((struct tcg_region *)(uintptr_t)from)->links[from_exit], r);
        if (indirect && may_link(e, r, r)) {
            struct tcg_jump *j = tcg_jump_of(v, at.pc);

            j->pc = at.pc;
            j->host = e->backend->native ? r->code : (const void *)r;
            c->stats.jump_misses++;
        }
        atomic_fetch_add(&v->epoch, 1);
        pthread_mutex_unlock(&c->lock);
        if (MOA_UNLIKELY(log_mask & (LOG_exec | LOG_cpu)))
            log_entry(v, at.pc);
        from = NULL;
        if (!enter(e, v, r, &reason))
            continue;
        if (reason == TCG_EXIT_LOOKUP) {
            /* Between here and the lock nothing frees regions but a flush, which waits for an
             * even epoch: note the link before leaving. */
            from = v->cur;
            from_exit = v->cur_exit;
            indirect = from == NULL;
        }
        flushes = c->stats.flushes;
        atomic_fetch_add(&v->epoch, 1);
        if (MOA_UNLIKELY(e->leave != NULL))
            tcg_leave_shake(e->leave);
        if (reason == TCG_EXIT_LOOKUP)
            continue;
        if (MOA_UNLIKELY(reason == TCG_EXIT_CODE_WRITE || reason == TCG_EXIT_BUDGET)) {
            from = NULL;
            indirect = false;
            if (reason == TCG_EXIT_CODE_WRITE && v->guest->begin_again)
                v->guest->begin_again(v);
            reason = reason == TCG_EXIT_BUDGET ? run_budget(v) : step(v);
            if (reason == TCG_EXIT_DEBUG)
                continue;
        }
        if (reason == TCG_EXIT_POLL)
            atomic_store(&v->exit_request, 0);
        return reason;
    }
}

enum tcg_exit_reason tcg_step(struct tcg_vcpu *v)
{
    return step(v);
}

enum tcg_exit_reason tcg_step_cached(struct tcg_vcpu *v)
{
    struct tcg_engine *e = v->engine;
    struct tcg_cache *c = e->cache;
    enum tcg_exit_reason reason;
    struct tcg_region *r;
    struct where at;

    do {
        if (!find_place(v, &at))
            return (enum tcg_exit_reason)v->exit.reason;
        use_key(v, at.key);
        pthread_mutex_lock(&c->lock);
        if (!e->cfg.mem.user)
            use_table(v, at.key);
        r = tcg_cache_find(e, at.pc, at.key, at.place, at.guarded);
        if (!r)
            r = translate_with_room(e, v, &at, true, true);
        atomic_fetch_add(&v->epoch, 1);
        pthread_mutex_unlock(&c->lock);
    } while (!enter(e, v, r, &reason));
    atomic_fetch_add(&v->epoch, 1);
    return reason;
}

/* ---- keeping translations valid ---- */

void tcg_invalidate(struct tcg_engine *e, uint64_t lo, uint64_t hi)
{
    pthread_mutex_lock(&e->cache->lock);
    tcg_cache_retire_range(e, lo, hi);
    pthread_mutex_unlock(&e->cache->lock);
    if (e->leave)
        tcg_invalidate(tcg_leave_oracle(e->leave), lo, hi);
}

bool tcg_code_write(struct tcg_vcpu *v, uint64_t addr, unsigned size)
{
    struct tcg_engine *e = v->engine;
    const struct tcg_region *r = e->backend->running ? e->backend->running(v) : v->cur;
    bool self;

    pthread_mutex_lock(&e->cache->lock);
    tcg_cache_retire_range(e, addr, addr + size);
    self = r && atomic_load(&r->retired) && !v->stepping;
    pthread_mutex_unlock(&e->cache->lock);
    return self;
}

uint64_t tcg_access_pc(struct tcg_vcpu *v)
{
    const struct tcg_backend *b = v->engine->backend;

    return b->guest_pc && atomic_load(&v->epoch) & 1 ? b->guest_pc(v) : v->guest->get_pc(v);
}

void tcg_fetch_changed(struct tcg_vcpu *v, const uint32_t *ids)
{
    for (unsigned i = 0; v->jumps && i < TCG_JUMP_TABLES; i++)
        if (v->jumps[i].used && v->jumps[i].ids == ids) {
            tcg_jumps_clear(v->jumps[i].table);
            v->jumps[i].used = v->jumps[i].table == v->jump_table;
        }
    empty_ring(v);
}

int tcg_breakpoint(struct tcg_engine *e, uint64_t pc, bool insert)
{
    struct tcg_cache *c = e->cache;
    int err = 0;
    uint32_t i;

    pthread_mutex_lock(&c->lock);
    for (i = 0; i < c->nbreakpoints && c->breakpoints[i] != pc; i++)
        ;
    if (insert && i == c->nbreakpoints) {
        if (c->nbreakpoints == c->cap_breakpoints) {
            uint32_t cap = c->cap_breakpoints ? c->cap_breakpoints * 2 : 16;
            uint64_t *p = realloc(c->breakpoints, cap * sizeof(*p));

            if (!p)
                err = -ENOMEM;
            else {
                c->breakpoints = p;
                c->cap_breakpoints = cap;
            }
        }
        if (!err)
            c->breakpoints[c->nbreakpoints++] = pc;
    } else if (!insert) {
        if (i == c->nbreakpoints)
            err = -ENOENT;
        else
            c->breakpoints[i] = c->breakpoints[--c->nbreakpoints];
    }
    if (!err && e->cfg.mem.user)
        tcg_cache_retire_range(e, pc, pc + 1);
    else if (!err)
        tcg_cache_retire_pc(e, pc);
    pthread_mutex_unlock(&c->lock);
    return err;
}

bool tcg_host_fault(struct tcg_vcpu *v, void *uc, uint64_t host_addr, int sig, int si_code)
{
    struct tcg_engine *e = v->engine;

    if (!(atomic_load(&v->epoch) & 1))
        return false;
    if (MOA_UNLIKELY(e->leave != NULL)) {
        v = tcg_leave_fault(e->leave, v, uc);
        e = v->engine;
    }
    v->exit.addr = host_addr - v->guest_base; /* first: fault() need not return */
    v->exit.host_sig = sig;
    v->exit.host_code = si_code;
    if (e->backend->fault(v, uc))
        return true;
    v->exit.host_sig = 0;
    return false;
}

bool tcg_in_code(const struct tcg_vcpu *v, const void *uc)
{
    const struct tcg_engine *e = v->engine;
    uint64_t pc = e->backend->uc_pc(uc);

    if (!e->code)
        return atomic_load(&v->epoch) & 1;
    return pc >= (uintptr_t)e->code->rx && pc < (uintptr_t)e->code->rx + e->code->size;
}

/* ---- float state ---- */

uint32_t tcg_fstatus_get(const struct tcg_vcpu *v)
{
    uint32_t bits = 0;

    v->engine->backend->fstatus((struct tcg_vcpu *)(uintptr_t)v, false, &bits);
    return bits | v->fstatus;
}

void tcg_fstatus_set(struct tcg_vcpu *v, uint32_t bits)
{
    uint32_t none = 0;

    v->engine->backend->fstatus(v, true, &none);
    v->fstatus = bits;
}

void tcg_fround_set(struct tcg_vcpu *v, unsigned round)
{
    v->engine->backend->fround(v, round);
}

/* ---- numbers ---- */

void tcg_stats(struct tcg_engine *e, FILE *out)
{
    static const char *const names[] = {"lookup", "poll", "syscall", "exception", "fault", "debug",
                                        "sync", "helper", "step", "budget"};
    struct tcg_cache *c = e->cache;

    pthread_mutex_lock(&c->lock);
    fprintf(out, "regions translated     %llu\n", (unsigned long long)c->stats.regions);
    fprintf(out, "guest instructions     %llu\n", (unsigned long long)c->stats.insns);
    fprintf(out, "host code bytes        %llu\n", (unsigned long long)c->stats.code_bytes);
    fprintf(out, "translation time       %llu us\n", (unsigned long long)c->stats.ns / 1000);
    fprintf(out, "dispatcher lookups     %llu\n", (unsigned long long)c->stats.lookups);
    fprintf(out, "indirect misses        %llu\n", (unsigned long long)c->stats.jump_misses);
    fprintf(out, "links made             %llu\n", (unsigned long long)c->stats.links);
    if (!e->cfg.mem.user)
        fprintf(out, "page links asked       %llu, moved %llu\n",
                (unsigned long long)c->stats.guards, (unsigned long long)c->stats.moved);
    fprintf(out, "regions retired        %llu\n", (unsigned long long)c->stats.retired);
    fprintf(out, "cache flushes          %llu\n", (unsigned long long)c->stats.flushes);
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (c->stats.exits[i])
            fprintf(out, "exits, %-15s %llu\n", names[i], (unsigned long long)c->stats.exits[i]);
    if (atomic_load(&e->monitor_wanted))
        fprintf(out, "store monitor          %s\n", tcg_monitor_is_on(e) ? "on" : "wanted");
    if (e->leave)
        fprintf(out, "regions compared       %llu, left at a snapshot %llu\n",
                (unsigned long long)tcg_leave_stats(e)->compared,
                (unsigned long long)tcg_leave_stats(e)->left);
    if (e->code)
        fprintf(out, "code cache             %zu of %zu bytes\n", e->code->used, e->code->size);
    if (e->backend->stats)
        e->backend->stats(e, out);
    pthread_mutex_unlock(&c->lock);
}
