// SPDX-License-Identifier: MIT
/* softmmu/tlb.c -- the TLBs of a vcpu: contexts that survive switches, tables that grow with use,
 * fills from the guest's page tables and the memory map, and flushes.
 *
 * A table is direct mapped, in pages of 4 KiB. Of a large page each 4 KiB get an entry when they
 * are used; the context remembers the range, so that a flush of an address in it finds them. */
#include "softmmu/tlb_priv.h"

#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PAGE TCG_TLB_PAGE_SIZE

/* What v->tlb points to before the first fill. Never written: fills make a table of their own. */
static const struct tcg_tlb_entry nothing = {TCG_TLB_NONE, TCG_TLB_NONE, TCG_TLB_NONE, 0};

/* ---- tables ---- */

static struct tcg_tlb_ref ref_of(const struct sm_table *t)
{
    if (!t->entries)
        return (struct tcg_tlb_ref){0, (struct tcg_tlb_entry *)(uintptr_t)&nothing};
    return (struct tcg_tlb_ref){((1ull << t->bits) - 1) * sizeof(*t->entries), t->entries};
}

/* The vcpu's pointers follow a table that has moved. */
static void point(struct sm_tlb *t)
{
    for (unsigned i = 0; i < TCG_MMU_INDEXES; i++)
        t->c->v->tlb[i] = ref_of(&t->cur[i]->table[i]);
}

static unsigned index_of(const struct sm_table *t, uint64_t addr)
{
    return (unsigned)(addr / PAGE & ((1ull << t->bits) - 1));
}

static bool table_size(struct sm_table *t, unsigned bits)
{
    struct sm_table n = {.bits = (uint8_t)bits, .filled = t->filled, .ids = t->ids};
    size_t size = 1ull << bits;

    n.entries = aligned_alloc(64, size * sizeof(*n.entries));
    n.pages = malloc(size * sizeof(*n.pages));
    if (!n.entries || !n.pages) {
        free(n.entries);
        free(n.pages);
        return false;
    }
    memset(n.entries, 0xff, size * sizeof(*n.entries));
    for (size_t i = 0; t->entries && i < 1ull << t->bits; i++) {
        const struct tcg_tlb_entry *e = &t->entries[i];
        uint64_t tag = e->read != TCG_TLB_NONE    ? e->read
                       : e->write != TCG_TLB_NONE ? e->write
                                                  : e->fetch;

        if (tag == TCG_TLB_NONE)
            continue;
        n.entries[index_of(&n, tag)] = *e;
        n.pages[index_of(&n, tag)] = t->pages[i];
    }
    free(t->entries);
    free(t->pages);
    *t = n;
    return true;
}

static void table_empty(struct sm_table *t)
{
    if (!t->entries || !t->filled)
        return;
    if (t->bits > SM_MIN_BITS && t->filled < 1u << t->bits >> 3) {
        struct sm_table n = {.ids = t->ids};

        if (table_size(&n, t->bits - 1u)) {
            free(t->entries);
            free(t->pages);
            *t = n;
            return;
        }
    }
    memset(t->entries, 0xff, sizeof(*t->entries) << t->bits);
    t->filled = t->evicted = 0;
}

static bool table_room(struct sm_tlb *s, struct sm_table *t)
{
    if (!t->entries) {
        if (!table_size(t, SM_MIN_BITS))
            return false;
        point(s);
    } else if (t->evicted > 1u << t->bits && t->bits < SM_MAX_BITS) {
        t->evicted = 0;
        s->stats.resizes++;
        if (table_size(t, t->bits + 2u < SM_MAX_BITS ? t->bits + 2u : SM_MAX_BITS))
            point(s);
    }
    return true;
}

/* ---- contexts ---- */

/* What was fetched in this context is asked for again: all of it, or what is under one slot. */
static void forget_fetch(struct sm_tlb *t, struct sm_context *x, const uint64_t *addr)
{
    for (unsigned i = 0; i < TCG_MMU_INDEXES; i++) {
        uint32_t *ids = x->table[i].ids;

        if (!ids || (addr && !ids[TCG_FETCH_SLOT(*addr)]))
            continue;
        if (addr)
            ids[TCG_FETCH_SLOT(*addr)] = 0;
        else
            memset(ids, 0, TCG_FETCH_SLOTS * sizeof(*ids));
        tcg_fetch_changed(t->c->v, ids);
    }
    t->fetch_page = SM_NO_PAGE;
}

static void context_empty(struct sm_tlb *t, struct sm_context *x)
{
    for (unsigned i = 0; i < TCG_MMU_INDEXES; i++)
        table_empty(&x->table[i]);
    x->nlarge = 0;
    forget_fetch(t, x, NULL);
}

static struct sm_context *find_context(struct sm_tlb *t, uint64_t key)
{
    for (unsigned i = 0; i < SM_CONTEXTS; i++)
        if (t->ctx[i].stamp && t->ctx[i].key == key)
            return &t->ctx[i];
    return NULL;
}

/* At most four are chosen at a time, so that there is always one to give up. */
static struct sm_context *choose(struct sm_tlb *t, uint64_t key, uint64_t since)
{
    struct sm_context *x = find_context(t, key);

    if (!x) {
        for (unsigned i = 0; i < SM_CONTEXTS; i++)
            if (t->ctx[i].stamp <= since && (!x || t->ctx[i].stamp < x->stamp))
                x = &t->ctx[i];
        if (!x)
            MOA_BUG("no context of a TLB is free");
        context_empty(t, x);
        x->key = key;
    }
    x->stamp = ++t->clock;
    return x;
}

void sm_context_changed(struct tcg_vcpu *v)
{
    struct sm_tlb *t = sm_tlb_of(v);
    const struct frontend *fe = t->c->m->cfg.frontend;
    uint64_t key[4] = {0}, since = t->clock;
    unsigned mmu = fe->mmu_now ? fe->mmu_now(v) : 0;
    struct sm_table *x;

    fe->contexts(v, key);
    for (unsigned i = 0; i < TCG_MMU_INDEXES; i++)
        t->cur[i] = choose(t, key[i], since);
    point(t);
    x = &t->cur[mmu]->table[mmu];
    if (!x->ids && !(x->ids = calloc(TCG_FETCH_SLOTS, sizeof(*x->ids))))
        MOA_BUG("out of memory for fetch ids");
    t->fetch_mmu = mmu;
    if (v->fetch_ids == x->ids)
        return;
    t->stats.switches++;
    v->fetch_ids = x->ids;
    t->fetch_page = SM_NO_PAGE;
}

/* ---- fills ---- */

/* The smallest aligned range that holds both. */
static struct sm_large joined(const struct sm_large *l, uint64_t addr, uint64_t size)
{
    struct sm_large n = *l;

    while (n.size < 1ull << 56 && (addr < n.addr || addr + size > n.addr + n.size)) {
        n.size *= 2;
        n.addr = align_down(n.addr, n.size);
    }
    return n;
}

/* Ranges that large pages lie in; when there are too many, near ones are joined. */
static void note_large(struct sm_context *x, uint64_t addr, uint64_t size)
{
    struct sm_large n, best = {0, ~0ull};
    unsigned at = 0;

    addr = align_down(addr & SM_ADDR_MASK, size);
    for (unsigned i = 0; i < x->nlarge; i++)
        if (addr >= x->large[i].addr && addr + size <= x->large[i].addr + x->large[i].size)
            return;
    if (x->nlarge < SM_LARGE) {
        x->large[x->nlarge++] = (struct sm_large){addr, size};
        return;
    }
    for (unsigned i = 0; i < x->nlarge; i++) {
        n = joined(&x->large[i], addr, size);
        if (n.size < best.size) {
            best = n;
            at = i;
        }
    }
    x->large[at] = best;
}

static void place_page(struct softmmu *m, const struct fe_page *fp, struct sm_page *p,
                       uint8_t **host)
{
    const struct mem_range *r;

    *p = (struct sm_page){.phys = align_down(fp->phys, PAGE), .ram = TCG_NO_RAM, .prot = fp->prot,
                          .log2 = (uint8_t)__builtin_ctzll(fp->size)};
    *host = NULL;
    if (fp->device)
        p->flags |= SM_PAGE_DEVICE;
    if (fp->guarded)
        p->flags |= SM_PAGE_GUARDED;
    mem_read_lock();
    r = mem_find(m->cfg.memory, p->phys);
    if (r && r->host && r->lo <= p->phys && r->hi >= p->phys + PAGE - 1) {
        *host = r->host + (p->phys - r->lo);
        p->flags |= SM_PAGE_HOST;
        if (r->readonly)
            p->flags |= SM_PAGE_READONLY;
        if (r->ram_addr != TCG_NO_RAM)
            p->ram = r->ram_addr + (p->phys - r->lo);
    }
    mem_read_unlock();
}

/* Tags of an entry from what is known of its page. */
static void set_tags(struct tcg_tlb_entry *e, const struct sm_page *p, uint64_t page)
{
    bool slow = !(p->flags & SM_PAGE_HOST) || p->flags & SM_PAGE_DEVICE;
    bool slow_write = slow || p->flags & SM_PAGE_READONLY || !(p->prot & FE_READ) ||
                      (p->ram != TCG_NO_RAM && mem_watch_get(p->ram));

    e->read = p->prot & FE_READ ? page | (slow ? TCG_TLB_SLOW : 0) : TCG_TLB_NONE;
    e->write = p->prot & FE_WRITE ? page | (slow_write ? TCG_TLB_SLOW : 0) : TCG_TLB_NONE;
    e->fetch = p->prot & FE_EXEC ? page : TCG_TLB_NONE;
}

static const char *const access_names[] = {[TCG_READ] = "read", [TCG_WRITE] = "write", [TCG_FETCH] = "fetch"};

static bool fill(struct tcg_vcpu *v, uint64_t addr, enum tcg_access access, unsigned mmu)
{
    struct sm_tlb *s = sm_tlb_of(v);
    struct softmmu *m = s->c->m;
    struct sm_context *x = s->cur[mmu];
    struct sm_table *t = &x->table[mmu];
    uint64_t page = align_down(addr, PAGE);
    struct fe_page fp = {.size = PAGE};
    struct tcg_tlb_entry *e;
    struct sm_page p;
    uint8_t *host;
    unsigned i;

    s->stats.misses++;
    if (!m->cfg.frontend->walk(v, addr, access, mmu, false, &fp)) {
        if (log_on(LOG_mmu))
            log_printf("mmu: vcpu %u %s 0x%" PRIx64 ": fault 0x%x\n", s->c->index, access_names[access],
                       addr, v->exit.code);
        return false;
    }
    if (log_on(LOG_mmu))
        log_printf("mmu: vcpu %u %s 0x%" PRIx64 " -> 0x%" PRIx64 " %s%s%s size 0x%" PRIx64 "%s\n",
                   s->c->index, access_names[access], addr, fp.phys, fp.prot & FE_READ ? "r" : "-",
                   fp.prot & FE_WRITE ? "w" : "-", fp.prot & FE_EXEC ? "x" : "-", fp.size,
                   fp.device ? " device" : "");
    fp.phys = align_down(fp.phys, PAGE);
    s->shared |= !fp.nonglobal;
    fp.prot |= access == TCG_READ ? FE_READ : access == TCG_WRITE ? FE_WRITE : FE_EXEC;
    if (!table_room(s, t))
        MOA_BUG("out of memory for a TLB");
    if (fp.size > PAGE)
        note_large(x, addr, fp.size);
    place_page(m, &fp, &p, &host);
    i = index_of(t, addr);
    e = &t->entries[i];
    if ((e->read & -PAGE) != page && (e->write & -PAGE) != page && (e->fetch & -PAGE) != page &&
        (e->read & e->write & e->fetch) != TCG_TLB_NONE) {
        t->evicted++;
        s->stats.evicted++;
    }
    t->filled++;
    t->pages[i] = p;
    e->addend = (uintptr_t)host - page;
    set_tags(e, &p, page);
    return true;
}

bool sm_lookup(struct tcg_vcpu *v, uint64_t addr, enum tcg_access access, unsigned mmu,
               struct sm_place *to)
{
    struct sm_tlb *s = sm_tlb_of(v);
    struct sm_table *t = &s->cur[mmu]->table[mmu];
    uint64_t page = align_down(addr, PAGE), tag;
    const struct tcg_tlb_entry *e;
    const struct sm_page *p;

    for (unsigned tries = 0;; tries++) {
        if (t->entries) {
            e = &t->entries[index_of(t, addr)];
            tag = access == TCG_READ ? e->read : access == TCG_WRITE ? e->write : e->fetch;
            if ((tag & ~TCG_TLB_SLOW) == page)
                break;
        }
        if (tries)
            MOA_BUG("a TLB entry is gone at once");
        if (!fill(v, addr, access, mmu))
            return false;
    }
    p = &t->pages[index_of(t, addr)];
    to->phys = p->phys + (addr & (PAGE - 1));
    to->ram = p->ram == TCG_NO_RAM ? TCG_NO_RAM : p->ram + (addr & (PAGE - 1));
    to->flags = p->flags;
    to->host = p->flags & SM_PAGE_HOST ? (uint8_t *)(uintptr_t)(addr + e->addend) : NULL;
    to->table = t;
    to->index = index_of(t, addr);
    return true;
}

/* ---- flushes ---- */

static void flush_page(struct sm_tlb *s, struct sm_context *x, uint64_t addr)
{
    uint64_t page = align_down(addr & SM_ADDR_MASK, PAGE);

    for (unsigned i = 0; i < TCG_MMU_INDEXES; i++) {
        struct sm_table *t = &x->table[i];
        struct tcg_tlb_entry *e;

        if (!t->entries || !t->filled)
            continue;
        e = &t->entries[index_of(t, addr)];
        if ((e->read & SM_ADDR_MASK & -PAGE) == page || (e->write & SM_ADDR_MASK & -PAGE) == page ||
            (e->fetch & SM_ADDR_MASK & -PAGE) == page)
            *e = nothing;
    }
    forget_fetch(s, x, &page);
}

/* Entries of large pages that [lo, hi) touches. */
static void flush_large(struct sm_context *x, uint64_t lo, uint64_t hi)
{
    for (unsigned k = 0; k < TCG_MMU_INDEXES; k++) {
        struct sm_table *t = &x->table[k];

        for (unsigned i = 0; t->entries && t->filled && i < 1u << t->bits; i++) {
            struct tcg_tlb_entry *e = &t->entries[i];
            uint64_t tag = e->read & e->write & e->fetch, size;

            if (tag == TCG_TLB_NONE)
                continue;
            size = 1ull << t->pages[i].log2;
            if (size <= PAGE)
                continue;
            tag = align_down(tag & SM_ADDR_MASK, size); /* those that are none have all bits set */
            if (tag < hi && lo < tag + size)
                *e = nothing;
        }
    }
}

static void flush_range(struct sm_tlb *s, struct sm_context *x, uint64_t addr, uint64_t len)
{
    uint64_t lo = align_down(addr & SM_ADDR_MASK, PAGE), hi;

    hi = lo + align_up(len ? len : 1, PAGE);
    if (hi < lo || hi - lo > 1024 * PAGE) {
        context_empty(s, x);
        return;
    }
    for (unsigned i = 0; i < x->nlarge; i++)
        if (x->large[i].addr < hi && lo < x->large[i].addr + x->large[i].size) {
            flush_large(x, lo, hi);
            forget_fetch(s, x, NULL);
            break;
        }
    for (; lo < hi; lo += PAGE)
        flush_page(s, x, lo);
}

void sm_do_flush(struct tcg_vcpu *v, const struct fe_flush *f)
{
    struct sm_tlb *t = sm_tlb_of(v);
    bool one = f->what == FE_FLUSH_PAGE || f->what == FE_FLUSH_PAGE_ALL;
    bool own = f->what == FE_FLUSH_CONTEXT || (f->what == FE_FLUSH_PAGE && !t->shared);

    if (one)
        t->stats.page_flushes++;
    else
        t->stats.flushes++;
    for (unsigned i = 0; i < SM_CONTEXTS; i++) {
        struct sm_context *x = &t->ctx[i];

        if (!x->stamp || (own && x->key != f->context))
            continue;
        if (one)
            flush_range(t, x, f->addr, f->len);
        else
            context_empty(t, x);
    }
    if (f->what == FE_FLUSH_ALL)
        t->shared = false;
    point(t); /* emptied tables may have shrunk */
}

void sm_protect(struct sm_tlb *t, uint64_t ram)
{
    for (unsigned k = 0; k < SM_CONTEXTS; k++)
        for (unsigned i = 0; i < TCG_MMU_INDEXES; i++) {
            struct sm_table *x = &t->ctx[k].table[i];

            if (!x->entries || !x->filled)
                continue;
            for (unsigned n = 0; n < 1u << x->bits; n++)
                if (x->entries[n].write != TCG_TLB_NONE && x->pages[n].ram == ram)
                    x->entries[n].write |= TCG_TLB_SLOW;
        }
}

/* ---- physical memory for table walks ---- */

/* Host address of [addr, addr + size), aligned, if it is RAM. Between mem_read_lock and unlock. */
static uint8_t *phys_host(struct tcg_vcpu *v, uint64_t addr, unsigned size, uint64_t *ram)
{
    const struct mem_range *r;

    if (addr & (size - 1))
        return NULL;
    r = mem_find(sm_vcpu_of(v)->m->cfg.memory, addr);
    if (!r || !r->host || addr < r->lo || addr + size - 1 > r->hi)
        return NULL;
    *ram = r->readonly || r->ram_addr == TCG_NO_RAM ? TCG_NO_RAM : r->ram_addr + (addr - r->lo);
    return r->host + (addr - r->lo);
}

static uint64_t from_little(uint64_t n, unsigned size)
{
    if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        return n;
    return size == 8 ? __builtin_bswap64(n) : __builtin_bswap32((uint32_t)n);
}

int sm_phys_load(struct tcg_vcpu *v, uint64_t addr, unsigned size, uint64_t *value)
{
    uint64_t ram;
    uint8_t *p;
    int err = 0;

    mem_read_lock();
    p = phys_host(v, addr, size, &ram);
    if (!p)
        err = -EFAULT;
    else if (size == 8)
        *value = from_little(__atomic_load_n((uint64_t *)(void *)p, __ATOMIC_ACQUIRE), 8);
    else
        *value = from_little(__atomic_load_n((uint32_t *)(void *)p, __ATOMIC_ACQUIRE), 4);
    mem_read_unlock();
    return err;
}

int sm_phys_cmpxchg(struct tcg_vcpu *v, uint64_t addr, uint64_t old, uint64_t want)
{
    uint64_t ram, was = from_little(old, 8);
    uint8_t *p;
    int done = -EFAULT;

    mem_read_lock();
    p = phys_host(v, addr, 8, &ram);
    if (p && ram != TCG_NO_RAM) {
        done = __atomic_compare_exchange_n((uint64_t *)(void *)p, &was, from_little(want, 8), false,
                                           __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
        if (done && mem_watch_get(ram))
            mem_written(ram, 8);
    }
    mem_read_unlock();
    return done;
}

/* ---- set-up ---- */

static void code_written(void *opaque, uint64_t ram, uint64_t len)
{
    struct softmmu *m = opaque;

    if (m->engine)
        tcg_invalidate(m->engine, ram, ram + len);
}

static void view_changed(void *opaque)
{
    sm_tlb_flush_all(opaque);
}

int sm_tlb_config(struct softmmu *m, struct tcg_memory *mem)
{
    m->tlb = calloc(1, sizeof(*m->tlb));
    if (!m->tlb)
        return -ENOMEM;
    *mem = (struct tcg_memory){
        .fetch = sm_fetch, .access = sm_access, .code_page = sm_code_page,
        .code_watch = sm_code_watch, .code_settled = sm_code_settled, .code_gone = sm_code_gone,
        .opaque = m,
    };
    mem_code_listener(code_written, m);
    mem_listen(m->cfg.memory, view_changed, m);
    return 0;
}

void sm_tlb_done(struct softmmu *m)
{
    mem_code_listener(NULL, NULL);
    mem_unlisten(m->cfg.memory, view_changed, m);
    free(m->tlb);
    m->tlb = NULL;
}

int sm_tlb_init(struct sm_vcpu *c)
{
    struct sm_tlb *t = calloc(1, sizeof(*t));

    if (!t)
        return -ENOMEM;
    pthread_mutex_init(&t->box.lock, NULL);
    t->c = c;
    t->fetch_page = SM_NO_PAGE;
    t->clock = 1;
    t->ctx[0].stamp = 1;
    for (unsigned i = 0; i < TCG_MMU_INDEXES; i++)
        t->cur[i] = &t->ctx[0];
    c->tlb = t;
    point(t);
    return 0;
}

void sm_tlb_free(struct sm_vcpu *c)
{
    struct sm_tlb *t = c->tlb;

    if (!t)
        return;
    c->tlb = NULL;
    for (unsigned k = 0; k < SM_CONTEXTS; k++)
        for (unsigned i = 0; i < TCG_MMU_INDEXES; i++) {
            free(t->ctx[k].table[i].entries);
            free(t->ctx[k].table[i].pages);
            free(t->ctx[k].table[i].ids);
        }
    pthread_mutex_destroy(&t->box.lock);
    free(t);
}

void sm_tlb_enter(struct sm_vcpu *c)
{
    sm_drain(c->v);
    sm_context_changed(c->v);
}

void sm_tlb_leave(struct sm_vcpu *c)
{
    (void)c; /* its epoch is even */
}

struct sm_tlb_stats sm_tlb_stats(const struct sm_vcpu *c)
{
    return c->tlb->stats;
}
