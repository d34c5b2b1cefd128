// SPDX-License-Identifier: MIT
/* tcg/cache.c -- the cache of translated regions. See tcg/cache.h for the rules. */
#include "tcg/cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static uint64_t pc_hash(const struct tcg_cache *c, uint64_t pc, uint64_t key)
{
    return (pc ^ key * 0x9e3779b97f4a7c15ull) * 0x9e3779b97f4a7c15ull >> (64 - c->pc_bits);
}

static unsigned page_hash(uint64_t page)
{
    return (unsigned)(page * 0x9e3779b97f4a7c15ull >> 51);
}

_Static_assert(TCG_CACHE_PAGES == 1 << 13, "page_hash gives 13 bits");

int tcg_cache_init(struct tcg_engine *e)
{
    struct tcg_cache *c = calloc(1, sizeof(*c));
    size_t table;

    if (!c)
        return -ENOMEM;
    e->cache = c;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->flushed, NULL);
    c->pc_bits = (unsigned)__builtin_ctz(TCG_CACHE_BUCKETS);
    c->by_pc = calloc(TCG_CACHE_BUCKETS, sizeof(*c->by_pc));
    c->by_page = calloc(TCG_CACHE_PAGES, sizeof(*c->by_page));
    /* Only touched pages cost memory. It must not move: the fault handler reads it. */
    c->cap_by_host = 1 << 20;
    table = c->cap_by_host * sizeof(*c->by_host);
    c->by_host = mmap(NULL, table, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (!c->by_pc || !c->by_page || c->by_host == MAP_FAILED) {
        if (c->by_host == MAP_FAILED)
            c->by_host = NULL;
        return -ENOMEM;
    }
    return 0;
}

static void free_all(struct tcg_engine *e)
{
    struct tcg_cache *c = e->cache;
    struct tcg_region *r, *next;

    for (unsigned i = 0; i < TCG_CACHE_PAGES; i++) {
        struct tcg_page_entry *p, *pnext;

        for (p = c->by_page[i]; p; p = pnext) {
            pnext = p->next;
            free(p);
        }
        c->by_page[i] = NULL;
    }
    memset(c->by_pc, 0, sizeof(*c->by_pc) << c->pc_bits);
    c->nby_pc = 0;
    for (r = c->all; r; r = next) {
        next = r->arena_next;
        e->backend->region_free(e, r);
        free(r->links);
        free(r);
    }
    c->all = NULL;
    atomic_store(&c->nby_host, 0);
}

void tcg_cache_free(struct tcg_engine *e)
{
    struct tcg_cache *c = e->cache;

    if (!c)
        return;
    if (c->by_pc && c->by_page)
        free_all(e);
    for (unsigned i = 0; c->fetch_pages && i < TCG_CACHE_PAGES; i++)
        for (struct tcg_fetch_page *p = c->fetch_pages[i], *next; p; p = next) {
            next = p->next;
            free(p);
        }
    free(c->fetch_pages);
    free(c->by_pc);
    free(c->by_page);
    if (c->by_host)
        munmap(c->by_host, c->cap_by_host * sizeof(*c->by_host));
    free(c->breakpoints);
    pthread_mutex_destroy(&c->lock);
    pthread_cond_destroy(&c->flushed);
    free(c);
    e->cache = NULL;
}

struct tcg_region *tcg_cache_find(struct tcg_engine *e, uint64_t pc, uint64_t key, uint64_t place,
                                  bool guarded)
{
    struct tcg_region *r = e->cache->by_pc[pc_hash(e->cache, pc, key)];

    while (r && (r->pc != pc || r->key != key || r->place != place || r->guarded != guarded))
        r = r->hash_next;
    return r;
}

bool tcg_cache_full(const struct tcg_engine *e)
{
    return atomic_load(&e->cache->nby_host) == e->cache->cap_by_host;
}

static void add_page(struct tcg_cache *c, struct tcg_region *r, uint64_t page)
{
    struct tcg_page_entry *p = malloc(sizeof(*p)), **head = &c->by_page[page_hash(page)];

    if (!p)
        MOA_BUG("out of memory for the page index");
    p->r = r;
    p->page = page;
    p->next = *head;
    *head = p;
}

static void drop_page(struct tcg_cache *c, struct tcg_region *r, uint64_t page)
{
    struct tcg_page_entry **at = &c->by_page[page_hash(page)], *p;

    while ((p = *at) && (p->r != r || p->page != page))
        at = &p->next;
    if (p) {
        *at = p->next;
        free(p);
    }
}

static void for_pages(struct tcg_cache *c, struct tcg_region *r,
                      void (*fn)(struct tcg_cache *, struct tcg_region *, uint64_t))
{
    uint64_t page, first = (r->lo + r->place) >> TCG_PAGE_BITS;
    uint64_t last = (r->hi - 1 + r->place) >> TCG_PAGE_BITS;

    for (page = first; page <= last; page++)
        fn(c, r, page);
    if (!r->hi2)
        return;
    for (page = (r->lo2 + r->place) >> TCG_PAGE_BITS;
         page <= (r->hi2 - 1 + r->place) >> TCG_PAGE_BITS; page++)
        if (page < first || page > last)
            fn(c, r, page);
}

/* Chains stay about one region long. Without memory they just get longer. */
static void grow_by_pc(struct tcg_cache *c)
{
    size_t old = (size_t)1 << c->pc_bits;
    struct tcg_region **from = c->by_pc, **to = calloc(old * 4, sizeof(*to)), *r, *next;

    if (!to)
        return;
    c->by_pc = to;
    c->pc_bits += 2;
    for (size_t i = 0; i < old; i++)
        for (r = from[i]; r; r = next) {
            struct tcg_region **head = &to[pc_hash(c, r->pc, r->key)];

            next = r->hash_next;
            r->hash_next = *head;
            *head = r;
        }
    free(from);
}

void tcg_cache_add(struct tcg_engine *e, struct tcg_region *r, bool find)
{
    struct tcg_cache *c = e->cache;
    uint32_t n = atomic_load(&c->nby_host);
    struct tcg_region **head;

    r->arena_next = c->all;
    c->all = r;
    if (e->backend->native) {
        c->by_host[n] = r;
        atomic_store(&c->nby_host, n + 1);
    }
    if (!r->ninsns || !find)
        return;
    if (c->nby_pc++ >> c->pc_bits)
        grow_by_pc(c);
    head = &c->by_pc[pc_hash(c, r->pc, r->key)];
    r->hash_next = *head;
    *head = r;
    for_pages(c, r, add_page);
}

struct tcg_region *tcg_region_by_host(struct tcg_engine *e, const void *pc)
{
    struct tcg_cache *c = e->cache;
    uint32_t lo = 0, hi = atomic_load(&c->nby_host);
    const uint8_t *at = pc;

    while (lo < hi) {
        uint32_t mid = (lo + hi) / 2;

        if (c->by_host[mid]->code > at)
            hi = mid;
        else
            lo = mid + 1;
    }
    if (lo == 0 || at >= c->by_host[lo - 1]->code + c->by_host[lo - 1]->code_size)
        return NULL;
    return c->by_host[lo - 1];
}

uint32_t tcg_fetch_id(struct tcg_engine *e, uint64_t page, uint64_t ram)
{
    struct tcg_cache *c = e->cache;
    struct tcg_fetch_page *p;

    if (!c->fetch_pages && !(c->fetch_pages = calloc(TCG_CACHE_PAGES, sizeof(*c->fetch_pages))))
        return 0;
    for (p = c->fetch_pages[page_hash(page)]; p; p = p->next)
        if (p->page == page && p->ram == ram)
            return p->id;
    if (c->nfetch_ids == INT32_MAX || !(p = malloc(sizeof(*p))))
        return 0;
    *p = (struct tcg_fetch_page){page, ram, ++c->nfetch_ids, c->fetch_pages[page_hash(page)]};
    c->fetch_pages[page_hash(page)] = p;
    return p->id;
}

static void unlink_in(struct tcg_link *l)
{
    struct tcg_link **at = &l->to->in;

    while (*at && *at != l)
        at = &(*at)->next_in;
    if (*at)
        *at = l->next_in;
}

/* Has every vcpu been outside translated code since l was unlinked? If not, one may have passed the
 * compare with the old id and not yet jumped. */
static bool nobody_between(const struct tcg_cache *c, const struct tcg_link *l)
{
    const struct tcg_vcpu *v;

    for (v = c->vcpus; v; v = v->next)
        if (v->seen < l->unlinked && atomic_load(&v->epoch) & 1)
            return false;
    return true;
}

static void unlinked(struct tcg_engine *e, struct tcg_link *l)
{
    l->to = NULL;
    l->next_in = NULL;
    e->backend->link(e, l);
    if (l->guard)
        l->unlinked = ++e->cache->unlinks;
}

void tcg_cache_link(struct tcg_engine *e, struct tcg_link *l, struct tcg_region *to)
{
    if (l->to && (!l->guard || l->to == to)) {
        e->cache->stats.guards++;
        return;
    }
    if (l->to) {
        e->cache->stats.moved++; /* its page is mapped elsewhere now; linked anew when we come again */
        unlink_in(l);
        unlinked(e, l);
        return;
    }
    if (l->guard && l->id && l->id != to->fetch_id && !nobody_between(e->cache, l))
        return;
    l->id = to->fetch_id;
    l->to = to;
    l->next_in = to->in;
    to->in = l;
    e->backend->link(e, l);
    e->cache->stats.links++;
}

void tcg_cache_retire(struct tcg_engine *e, struct tcg_region *r)
{
    struct tcg_cache *c = e->cache;
    struct tcg_region **at = &c->by_pc[pc_hash(c, r->pc, r->key)];
    struct tcg_link *l, *next;

    if (atomic_exchange(&r->retired, true))
        return;
    while (*at && *at != r)
        at = &(*at)->hash_next;
    if (*at) {
        *at = r->hash_next;
        c->nby_pc--;
    }
    if (r->ninsns)
        for_pages(c, r, drop_page);
    for (l = r->in; l; l = next) {
        next = l->next_in;
        unlinked(e, l);
    }
    r->in = NULL;
    e->backend->retire(e, r);
    c->stats.retired++;
}

static bool overlaps(const struct tcg_region *r, uint64_t lo, uint64_t hi)
{
    uint64_t at = r->place;

    return (r->lo + at < hi && lo < r->hi + at) ||
           (r->hi2 && r->lo2 + at < hi && lo < r->hi2 + at);
}

/* Whole machines: the page can be written freely once no region is left in it. */
static void perhaps_gone(struct tcg_engine *e, uint64_t page)
{
    const struct tcg_page_entry *p;

    if (!e->cfg.mem.code_gone)
        return;
    for (p = e->cache->by_page[page_hash(page)]; p; p = p->next)
        if (p->page == page)
            return;
    e->cfg.mem.code_gone(e->cfg.mem.opaque, page << TCG_PAGE_BITS);
}

void tcg_cache_retire_pc(struct tcg_engine *e, uint64_t pc)
{
    struct tcg_region *r;

    for (r = e->cache->all; r; r = r->arena_next)
        if ((pc >= r->lo && pc < r->hi) || (pc >= r->lo2 && pc < r->hi2))
            tcg_cache_retire(e, r);
}

void tcg_cache_retire_range(struct tcg_engine *e, uint64_t lo, uint64_t hi)
{
    struct tcg_cache *c = e->cache;
    uint64_t first = lo >> TCG_PAGE_BITS, last = (hi - 1) >> TCG_PAGE_BITS;
    struct tcg_page_entry *p;
    unsigned i;

    if (hi <= lo)
        return;
    if (last - first >= TCG_CACHE_PAGES) { /* a large range: look at every chain once */
        for (i = 0; i < TCG_CACHE_PAGES; i++)
            for (p = c->by_page[i]; p;)
                if (overlaps(p->r, lo, hi)) {
                    tcg_cache_retire(e, p->r);
                    p = c->by_page[i]; /* the chain changed */
                } else {
                    p = p->next;
                }
        return;
    }
    for (uint64_t page = first; page <= last; page++) {
        for (p = c->by_page[page_hash(page)]; p;)
            if (p->page == page && overlaps(p->r, lo, hi)) {
                tcg_cache_retire(e, p->r);
                p = c->by_page[page_hash(page)];
            } else {
                p = p->next;
            }
        perhaps_gone(e, page);
    }
}

void tcg_forget_code(struct tcg_vcpu *v)
{
    for (unsigned i = 0; i < TCG_RET_RING; i++)
        v->ret_ring[i].guest_pc = ~0ull;
    if (!v->jumps)
        tcg_jumps_clear(v->jump_table);
    for (unsigned i = 0; v->jumps && i < TCG_JUMP_TABLES; i++) {
        if (v->jumps[i].used)
            tcg_jumps_clear(v->jumps[i].table);
        v->jumps[i].used = v->jumps[i].table == v->jump_table;
    }
    v->cur = NULL;
}

void tcg_cache_flush(struct tcg_engine *e)
{
    static const struct timespec pause = {.tv_nsec = 50000};
    struct tcg_cache *c = e->cache;
    struct tcg_vcpu *v;
    bool busy;

    if (atomic_load(&c->stop)) { /* somebody else is at it */
        while (atomic_load(&c->stop))
            pthread_cond_wait(&c->flushed, &c->lock);
        return;
    }
    atomic_store(&c->stop, true);
    do { /* a helper in translated code may want the lock: never wait while holding it */
        busy = false;
        for (v = c->vcpus; v; v = v->next)
            if (atomic_load(&v->epoch) & 1) {
                tcg_kick(v);
                busy = true;
            }
        if (busy) {
            pthread_mutex_unlock(&c->lock);
            nanosleep(&pause, NULL);
            pthread_mutex_lock(&c->lock);
        }
    } while (busy);
    free_all(e);
    if (e->code)
        tcg_codemem_reuse(e->code, e->backend->code_reserve);
    for (v = c->vcpus; v; v = v->next)
        tcg_forget_code(v);
    c->stats.flushes++;
    atomic_store(&c->stop, false);
    pthread_cond_broadcast(&c->flushed);
}
