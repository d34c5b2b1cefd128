// SPDX-License-Identifier: MIT
/* mem/view.c -- spaces: flattening the tree into a view, publishing it, and when old ones go.
 *
 * A view is a sorted array of ranges, made from the root by a walk that puts what is seen first
 * into the gaps that are left. It is never changed once published.
 *
 * Reclaiming is by epochs: a reader notes the epoch in which its outermost mem_read_lock() came; a
 * view that was replaced in epoch e goes when each reader that is inside came later than e. Nobody
 * waits for anybody: what cannot go yet is tried again at the next commit, and by the next reader
 * that leaves. */
#include "mem/internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    _Atomic uint64_t epoch; /* 0: outside */
    unsigned nest;          /* its own thread's */
    atomic_bool taken;
    struct reader *next; /* fixed once it is in the list */
};

static _Atomic(struct reader *) readers; /* only grows; entries of ended threads are taken again */
static _Atomic uint64_t epoch = 1;
static _Thread_local struct reader *me;
static pthread_key_t reader_key;
static pthread_once_t reader_once = PTHREAD_ONCE_INIT;

static pthread_mutex_t retired_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct mem_view *retired;
static atomic_bool any_retired;

static struct mem_space *spaces; /* machine's lock */
static unsigned depth;
static bool dirty;
static uint64_t last_serial;

static _Thread_local struct {
    uint64_t serial;
    const struct mem_range *range;
} last_hit;

/* ---- readers ---- */
static void reader_gone(void *p)
{
    struct reader *r = p;

    r->nest = 0;
    atomic_store(&r->epoch, 0);
    atomic_store(&r->taken, false);
}

static void make_key(void)
{
    if (pthread_key_create(&reader_key, reader_gone) != 0)
        MOA_BUG("no thread key for readers of memory views");
}

static struct reader *new_reader(void)
{
    struct reader *r;

    pthread_once(&reader_once, make_key);
    for (r = atomic_load(&readers); r; r = r->next) {
        bool no = false;

        if (atomic_compare_exchange_strong(&r->taken, &no, true))
            break;
    }
    if (!r) {
        r = calloc(1, sizeof(*r));
        if (!r)
            MOA_BUG("out of memory for a reader of memory views");
        atomic_init(&r->taken, true);
        r->next = atomic_load(&readers);
        while (!atomic_compare_exchange_weak(&readers, &r->next, r))
            ;
    }
    pthread_setspecific(reader_key, r);
    me = r;
    return r;
}

void mem_read_lock(void)
{
    struct reader *r = me ? me : new_reader();

    /* The store is seen before any view is loaded: sequentially consistent, as is the scan. */
    if (r->nest++ == 0)
        atomic_store(&r->epoch, atomic_load(&epoch));
}

void mem_read_unlock(void)
{
    struct reader *r = me;

    if (--r->nest > 0)
        return;
    atomic_store_explicit(&r->epoch, 0, memory_order_release);
    if (atomic_load_explicit(&any_retired, memory_order_relaxed))
        mem_reclaim();
}

static void free_view(struct mem_view *v)
{
    for (unsigned i = 0; i < v->n; i++)
        mem_region_unref(v->ranges[i].region);
    free(v);
}

void mem_reclaim(void)
{
    uint64_t oldest = UINT64_MAX;
    struct mem_view **p, *v, *go = NULL;

    if (pthread_mutex_trylock(&retired_mutex) != 0)
        return;
    for (struct reader *r = atomic_load(&readers); r; r = r->next) {
        uint64_t e = atomic_load(&r->epoch);

        if (e && e < oldest)
            oldest = e;
    }
    for (p = &retired; (v = *p);) {
        if (v->retired_at < oldest) {
            *p = v->next_retired;
            v->next_retired = go;
            go = v;
        } else {
            p = &v->next_retired;
        }
    }
    atomic_store(&any_retired, retired != NULL);
    pthread_mutex_unlock(&retired_mutex);
    while ((v = go)) {
        go = v->next_retired;
        free_view(v);
    }
}

static void retire(struct mem_view *v)
{
    pthread_mutex_lock(&retired_mutex);
    /* Readers that can still hold it came in this epoch or before; those of the next load anew. */
    v->retired_at = atomic_fetch_add(&epoch, 1);
    v->next_retired = retired;
    retired = v;
    atomic_store(&any_retired, true);
    pthread_mutex_unlock(&retired_mutex);
}

/* ---- flattening ---- */
struct flat {
    struct mem_range *r;
    unsigned n, room;
};

static void insert(struct flat *f, unsigned at, const struct mem_range *r)
{
    if (f->n == f->room) {
        f->room = f->room ? 2 * f->room : 32;
        f->r = realloc(f->r, f->room * sizeof(*f->r));
        if (!f->r)
            MOA_BUG("out of memory for a memory view");
    }
    memmove(&f->r[at + 1], &f->r[at], (f->n - at) * sizeof(*f->r));
    f->r[at] = *r;
    f->n++;
}

static struct mem_range piece(struct mem_region *r, __int128 base, uint64_t lo, uint64_t hi)
{
    struct mem_range p = {.lo = lo, .hi = hi, .region = r, .ram_addr = ~0ull};

    p.offset = (uint64_t)((__int128)lo - base);
    p.readonly = r->kind == MEM_ROM || r->kind == MEM_ROMD;
    if (r->block && (r->kind != MEM_ROMD || r->reads_are_memory)) {
        p.host = r->block->host + p.offset;
        p.ram_addr = r->block->ram_addr + p.offset;
    }
    return p;
}

/* Puts [lo, hi] of region r, whose offset 0 is at base, into the gaps. */
static void fill_gaps(struct flat *f, struct mem_region *r, __int128 base, uint64_t lo, uint64_t hi)
{
    unsigned a = 0, b = f->n;

    while (a < b) { /* first range that ends at or after lo */
        unsigned m = (a + b) / 2;

        if (f->r[m].hi < lo)
            a = m + 1;
        else
            b = m;
    }
    for (unsigned i = a; lo <= hi; i++) {
        if (i == f->n || f->r[i].lo > hi) {
            struct mem_range p = piece(r, base, lo, hi);

            insert(f, i, &p);
            return;
        }
        if (f->r[i].lo > lo) {
            struct mem_range p = piece(r, base, lo, f->r[i].lo - 1);

            insert(f, i++, &p);
        }
        if (f->r[i].hi >= hi)
            return;
        lo = f->r[i].hi + 1;
    }
}

static void render(struct flat *f, struct mem_region *r, __int128 base, uint64_t lo, uint64_t hi,
                   unsigned level)
{
    __int128 end = base + (__int128)r->last;

    if (level > 64)
        MOA_BUG("region %s contains itself", r->name);
    if (!r->enabled || base > (__int128)hi || end < (__int128)lo)
        return;
    if (base > (__int128)lo)
        lo = (uint64_t)base;
    if (end < (__int128)hi)
        hi = (uint64_t)end;
    if (r->kind == MEM_CONTAINER) {
        for (struct mem_region *c = r->children; c; c = c->next)
            render(f, c, base + (__int128)c->at, lo, hi, level + 1);
    } else if (r->kind == MEM_ALIAS) {
        render(f, r->of, base - (__int128)r->of_offset, lo, hi, level + 1);
    } else {
        fill_gaps(f, r, base, lo, hi);
    }
}

static bool continues(const struct mem_range *a, const struct mem_range *b)
{
    return a->hi + 1 == b->lo && a->region == b->region && a->offset + (b->lo - a->lo) == b->offset;
}

static struct mem_view *make_view(struct mem_region *root)
{
    struct flat f = {0};
    struct mem_view *v;
    unsigned n = 0;

    render(&f, root, 0, 0, UINT64_MAX, 0);
    for (unsigned i = 0; i < f.n; i++) {
        if (n && continues(&f.r[n - 1], &f.r[i]))
            f.r[n - 1].hi = f.r[i].hi;
        else
            f.r[n++] = f.r[i];
    }
    v = malloc(sizeof(*v) + n * sizeof(*f.r));
    if (!v)
        MOA_BUG("out of memory for a memory view");
    *v = (struct mem_view){.serial = ++last_serial, .n = n};
    if (n)
        memcpy(v->ranges, f.r, n * sizeof(*f.r));
    for (unsigned i = 0; i < n; i++)
        mem_region_ref(v->ranges[i].region);
    free(f.r);
    return v;
}

static bool same_view(const struct mem_view *a, const struct mem_view *b)
{
    if (a->n != b->n)
        return false;
    for (unsigned i = 0; i < a->n; i++) {
        const struct mem_range *x = &a->ranges[i], *y = &b->ranges[i];

        if (x->lo != y->lo || x->hi != y->hi || x->region != y->region || x->offset != y->offset ||
            x->host != y->host)
            return false;
    }
    return true;
}

/* ---- publishing ---- */
static void publish(void)
{
    dirty = false;
    for (struct mem_space *s = spaces; s; s = s->next) {
        struct mem_view *old = atomic_load(&s->view), *v = make_view(s->root);

        if (same_view(old, v)) {
            free_view(v);
            continue;
        }
        atomic_store(&s->view, v);
        atomic_fetch_add(&s->generation, 1);
        for (struct mem_listener *l = s->listeners; l; l = l->next)
            l->changed(l->opaque);
        retire(old);
    }
    mem_reclaim();
}

void mem_changed(void)
{
    dirty = true;
    if (depth == 0)
        publish();
}

void mem_begin(void)
{
    depth++;
}

void mem_commit(void)
{
    if (depth == 0)
        MOA_BUG("mem_commit without mem_begin");
    if (--depth == 0 && dirty)
        publish();
}

struct mem_space *mem_space_new(const char *name, struct mem_region *root)
{
    struct mem_space *s = calloc(1, sizeof(*s));

    if (!s || !(s->name = strdup(name)))
        MOA_BUG("out of memory for space %s", name);
    s->root = root;
    mem_region_ref(root);
    atomic_init(&s->view, make_view(root));
    atomic_init(&s->generation, 1);
    s->next = spaces;
    spaces = s;
    return s;
}

void mem_space_free(struct mem_space *s)
{
    struct mem_space **p = &spaces;
    struct mem_listener *l;

    if (!s)
        return;
    while (*p != s)
        p = &(*p)->next;
    *p = s->next;
    retire(atomic_load(&s->view));
    mem_reclaim();
    mem_region_unref(s->root);
    while ((l = s->listeners)) {
        s->listeners = l->next;
        free(l);
    }
    free(s->name);
    free(s);
}

void mem_listen(struct mem_space *s, void (*changed)(void *opaque), void *opaque)
{
    struct mem_listener *l = malloc(sizeof(*l));

    if (!l)
        MOA_BUG("out of memory for a listener");
    *l = (struct mem_listener){changed, opaque, s->listeners};
    s->listeners = l;
}

void mem_unlisten(struct mem_space *s, void (*changed)(void *opaque), void *opaque)
{
    for (struct mem_listener **p = &s->listeners, *l; (l = *p); p = &l->next) {
        if (l->changed == changed && l->opaque == opaque) {
            *p = l->next;
            free(l);
            return;
        }
    }
}

unsigned mem_space_generation(struct mem_space *s)
{
    return atomic_load(&s->generation);
}

/* ---- looking up ---- */
const struct mem_range *mem_find(struct mem_space *s, uint64_t addr)
{
    const struct mem_view *v = atomic_load(&s->view);
    unsigned a = 0, b = v->n;

    if (last_hit.serial == v->serial && addr >= last_hit.range->lo && addr <= last_hit.range->hi)
        return last_hit.range;
    while (a < b) {
        unsigned m = (a + b) / 2;

        if (v->ranges[m].hi < addr)
            a = m + 1;
        else
            b = m;
    }
    if (a == v->n || v->ranges[a].lo > addr)
        return NULL;
    last_hit.serial = v->serial;
    last_hit.range = &v->ranges[a];
    return last_hit.range;
}
