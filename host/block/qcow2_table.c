// SPDX-License-Identifier: MIT
/* host/block/qcow2_table.c -- L2 tables and refcount blocks in memory, and how changes to them and
 * to the L1 and refcount tables become durable (the order is in qcow2.h). Also what the clusters of
 * the file are known to be used for: no table is written where another one lies, and no data over
 * any.
 *
 * Memory for tables is bounded: clean ones are dropped, oldest first, when a request has ended;
 * when much is dirty the writer commits. */
#include "host/block/qcow2.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TAB_ROOM   (16u << 20)
#define WRITE_UNIT 4096u

static const char *const meta_names[] = {
    "nothing",          "the header",         "the L1 table",          "the refcount table",
    "a refcount block", "the snapshot table", "a snapshot's L1 table", "an L2 table"};

int qcow2_tables_init(struct qcow2 *q)
{
    unsigned buckets = 64;

    q->tab_room = TAB_ROOM > 8 * q->cluster ? TAB_ROOM : 8 * q->cluster;
    while (buckets < q->tab_room / q->cluster)
        buckets *= 2;
    q->hash = calloc(buckets, sizeof(*q->hash));
    q->hash_mask = buckets - 1;
    q->uses_mask = 63;
    q->uses = calloc(q->uses_mask + 1, sizeof(*q->uses));
    return q->hash && q->uses ? 0 : -ENOMEM;
}

static struct qcow2_tab **bucket(struct qcow2 *q, uint64_t offset)
{
    return &q->hash[(offset >> q->cluster_bits) * 0x9e3779b97f4a7c15ull >> 32 & q->hash_mask];
}

static void unlink_age(struct qcow2 *q, struct qcow2_tab *t)
{
    *(t->newer ? &t->newer->older : &q->newest) = t->older;
    *(t->older ? &t->older->newer : &q->oldest) = t->newer;
}

static void link_newest(struct qcow2 *q, struct qcow2_tab *t)
{
    t->newer = NULL;
    t->older = q->newest;
    *(q->newest ? &q->newest->newer : &q->oldest) = t;
    q->newest = t;
}

static bool is_dirty(const struct qcow2_tab *t)
{
    return t->dirty_lo < t->dirty_hi;
}

static void drop(struct qcow2 *q, struct qcow2_tab *t)
{
    struct qcow2_tab **p = bucket(q, t->offset);

    while (*p != t)
        p = &(*p)->chain;
    *p = t->chain;
    unlink_age(q, t);
    q->tab_bytes -= q->cluster;
    if (q->last_block == t)
        q->last_block = NULL;
    free(t);
}

void qcow2_tables_drop(struct qcow2 *q)
{
    for (struct qcow2_tab *t = q->oldest, *next; t && q->tab_bytes > q->tab_room; t = next) {
        next = t->newer;
        if (!is_dirty(t) && !t->pins)
            drop(q, t);
    }
}

void qcow2_tables_free(struct qcow2 *q)
{
    while (q->oldest)
        drop(q, q->oldest);
    free(q->hash);
    free(q->uses);
}

static void clean(struct qcow2 *q, struct qcow2_tab *t)
{
    if (is_dirty(t))
        q->dirty_bytes -= q->cluster;
    t->dirty_lo = UINT32_MAX;
    t->dirty_hi = 0;
}

static struct qcow2_tab *find(struct qcow2 *q, uint64_t offset)
{
    struct qcow2_tab *t = *bucket(q, offset);

    while (t && t->offset != offset)
        t = t->chain;
    return t;
}

static struct qcow2_tab *add(struct qcow2 *q, enum qcow2_meta meta, uint64_t offset)
{
    struct qcow2_tab *t = calloc(1, sizeof(*t) + q->cluster), **p = bucket(q, offset);

    if (!t)
        return NULL;
    t->offset = offset;
    t->meta = meta;
    t->dirty_lo = UINT32_MAX;
    t->chain = *p;
    *p = t;
    link_newest(q, t);
    q->tab_bytes += q->cluster;
    return t;
}

int qcow2_tab_get(struct qcow2 *q, enum qcow2_meta meta, uint64_t offset, struct qcow2_tab **out)
{
    struct qcow2_tab *t = find(q, offset);
    uint64_t end;
    int r;

    *out = NULL;
    if (t && t->meta != meta)
        return qcow2_corrupt(q, "%s at %#llx is also %s", meta_names[meta],
                             (unsigned long long)offset, meta_names[t->meta]);
    if (t) {
        if (t != q->newest) {
            unlink_age(q, t);
            link_newest(q, t);
        }
        *out = t;
        return 0;
    }
    r = file_size(q->file, &end);
    if (r < 0)
        return r;
    if (offset >= end)
        return qcow2_corrupt(q, "%s at %#llx lies behind the end of the file", meta_names[meta],
                             (unsigned long long)offset);
    t = add(q, meta, offset);
    if (!t)
        return -ENOMEM;
    r = file_read(q->file, t->data, q->cluster, offset);
    if (r < 0)
        drop(q, t);
    else
        *out = t;
    return r;
}

int qcow2_tab_new(struct qcow2 *q, enum qcow2_meta meta, uint64_t offset, struct qcow2_tab **out)
{
    struct qcow2_tab *t;
    int r;

    qcow2_tab_forget(q, offset);
    r = qcow2_use_set(q, offset, q->cluster, meta);
    if (r < 0)
        return r;
    *out = t = add(q, meta, offset);
    if (!t)
        return -ENOMEM;
    t->fresh = true;
    qcow2_tab_dirty(q, t, 0, (uint32_t)q->cluster);
    return 0;
}

void qcow2_tab_dirty(struct qcow2 *q, struct qcow2_tab *t, uint32_t lo, uint32_t hi)
{
    uint32_t unit = q->cluster < WRITE_UNIT ? 512 : WRITE_UNIT;

    if (!is_dirty(t))
        q->dirty_bytes += q->cluster;
    lo = (uint32_t)align_down(lo, unit);
    hi = (uint32_t)align_up(hi, unit);
    if (lo < t->dirty_lo)
        t->dirty_lo = lo;
    if (hi > t->dirty_hi)
        t->dirty_hi = hi;
}

void qcow2_tab_forget(struct qcow2 *q, uint64_t offset)
{
    struct qcow2_tab *t = find(q, offset);

    if (!t)
        return;
    clean(q, t);
    if (!t->pins)
        drop(q, t);
    else /* the commit that holds it will not find it by this offset any more */
        t->meta = META_NONE;
}

void qcow2_tab_unpin(struct qcow2 *q, struct qcow2_tab *t)
{
    if (--t->pins || t->meta != META_NONE)
        return;
    clean(q, t); /* it was forgotten meanwhile */
    drop(q, t);
}

void qcow2_l1_set(struct qcow2 *q, uint32_t i, uint64_t entry)
{
    q->l1[i] = entry;
    if (i < q->l1_dirty_lo)
        q->l1_dirty_lo = i;
    if (i + 1 > q->l1_dirty_hi)
        q->l1_dirty_hi = i + 1;
}

bool qcow2_pressed(struct qcow2 *q)
{
    return q->dirty_bytes > q->tab_room / 2 || q->freed.n + q->durable.n > 65536;
}

static int write_tab(struct qcow2 *q, struct qcow2_tab *t)
{
    int r;

    if (qcow2_use_of(q, t->offset) != t->meta)
        return qcow2_corrupt(q, "%s would be written over %s at %#llx", meta_names[t->meta],
                             meta_names[qcow2_use_of(q, t->offset)], (unsigned long long)t->offset);
    r = file_write(q->file, t->data + t->dirty_lo, t->dirty_hi - t->dirty_lo,
                   t->offset + t->dirty_lo);
    if (r == 0) {
        clean(q, t);
        t->fresh = false;
    }
    return r;
}

static int flush_or_break(struct qcow2 *q)
{
    int r = file_flush(q->file);

    /* after a failed flush nobody knows what the disk holds: trying again would hide the loss */
    if (r < 0 && !q->broken)
        __atomic_store_n(&q->broken, r, __ATOMIC_RELAXED);
    return r;
}

static int write_reft(struct qcow2 *q)
{
    uint64_t lo = align_down(q->reft_dirty_lo, 64), hi = align_up(q->reft_dirty_hi, 64);
    uint64_t *be;
    int r;

    if (q->reft_dirty_lo >= q->reft_dirty_hi)
        return 0;
    if (hi > q->reft_size)
        hi = q->reft_size;
    be = malloc((hi - lo) * 8);
    if (!be)
        return -ENOMEM;
    for (uint64_t i = lo; i < hi; i++)
        be[i - lo] = htobe64(q->reft[i]);
    r = file_write(q->file, be, (hi - lo) * 8, q->head.reft_offset + lo * 8);
    free(be);
    if (r == 0) {
        q->reft_dirty_lo = UINT64_MAX;
        q->reft_dirty_hi = 0;
    }
    return r;
}

int qcow2_write_blocks(struct qcow2 *q)
{
    int r = 0;

    if (!q->dirty_bytes && q->reft_dirty_lo >= q->reft_dirty_hi)
        return 0;
    for (struct qcow2_tab *t = q->oldest; t && r == 0; t = t->newer)
        if (is_dirty(t) && t->fresh && t->meta == META_REFBLOCK)
            r = write_tab(q, t);
    if (r == 0 && q->reft_dirty_lo < q->reft_dirty_hi)
        r = flush_or_break(q);
    if (r == 0)
        r = write_reft(q);
    for (struct qcow2_tab *t = q->oldest; t && r == 0; t = t->newer)
        if (is_dirty(t) && (t->fresh || t->meta == META_REFBLOCK))
            r = write_tab(q, t);
    return r;
}

/* What goes out in step 2, copied so that requests may change the tables meanwhile. */
struct piece {
    struct piece *next;
    struct qcow2_tab *tab; /* NULL: the L1 table */
    uint64_t offset;
    uint32_t lo, hi; /* of the table */
    uint8_t data[];
};

static struct piece *new_piece(struct piece **list, uint32_t lo, uint32_t hi)
{
    struct piece *p = malloc(sizeof(*p) + (hi - lo));

    if (!p)
        return NULL;
    *p = (struct piece){.next = *list, .lo = lo, .hi = hi};
    *list = p;
    return p;
}

static int copy_l1(struct qcow2 *q, struct piece **list)
{
    uint32_t lo = (uint32_t)align_down(q->l1_dirty_lo, 64),
             hi = (uint32_t)align_up(q->l1_dirty_hi, 64);
    struct piece *p;

    if (q->l1_dirty_lo >= q->l1_dirty_hi)
        return 0;
    if (hi > q->l1_size)
        hi = q->l1_size;
    p = new_piece(list, lo * 8, hi * 8);
    if (!p)
        return -ENOMEM;
    p->tab = NULL;
    p->offset = q->head.l1_offset;
    for (uint32_t i = lo; i < hi; i++)
        put_be64(p->data + (i - lo) * 8ul, q->l1[i]);
    q->l1_dirty_lo = UINT32_MAX;
    q->l1_dirty_hi = 0;
    return 0;
}

static int copy_l2(struct qcow2 *q, struct piece **list)
{
    for (struct qcow2_tab *t = q->dirty_bytes ? q->oldest : NULL; t; t = t->newer) {
        struct piece *p;

        if (!is_dirty(t) || t->meta != META_L2)
            continue;
        if (qcow2_use_of(q, t->offset) != META_L2)
            return qcow2_corrupt(q, "an L2 table would be written over %s at %#llx",
                                 meta_names[qcow2_use_of(q, t->offset)],
                                 (unsigned long long)t->offset);
        p = new_piece(list, t->dirty_lo, t->dirty_hi);
        if (!p)
            return -ENOMEM;
        p->tab = t;
        p->offset = t->offset;
        memcpy(p->data, t->data + p->lo, p->hi - p->lo);
        t->pins++;
        clean(q, t);
    }
    return 0;
}

static void pieces_done(struct qcow2 *q, struct piece *p, int result)
{
    for (struct piece *next; p; p = next) {
        next = p->next;
        if (result < 0 && p->tab)
            qcow2_tab_dirty(q, p->tab, p->lo, p->hi);
        if (result < 0 && !p->tab)
            for (uint32_t i = p->lo / 8; i < p->hi / 8; i++)
                qcow2_l1_set(q, i, q->l1[i]);
        if (p->tab)
            qcow2_tab_unpin(q, p->tab);
        free(p);
    }
}

static int append(struct qcow2_freed_list *to, struct qcow2_freed_list *from)
{
    if (!from->n)
        return 0;
    if (to->n + from->n > to->room) {
        size_t room = (to->n + from->n) * 2;
        struct qcow2_freed *at = realloc(to->at, room * sizeof(*at));

        if (!at)
            return -ENOMEM;
        to->at = at;
        to->room = room;
    }
    memcpy(to->at + to->n, from->at, from->n * sizeof(*from->at));
    to->n += from->n;
    from->n = 0;
    return 0;
}

/* Both locks are held; `lock` is given up while the disk works. */
static int commit(struct qcow2 *q)
{
    struct qcow2_freed_list freed = {0};
    struct piece *pieces = NULL;
    int r = q->broken ? q->broken : qcow2_write_blocks(q);

    if (r == 0)
        r = copy_l2(q, &pieces);
    if (r == 0)
        r = copy_l1(q, &pieces);
    if (r < 0) {
        pieces_done(q, pieces, r);
        return r;
    }
    freed = q->freed;
    q->freed = (struct qcow2_freed_list){0};
    pthread_mutex_unlock(&q->lock);
    r = flush_or_break(q);
    for (struct piece *p = pieces; p && r == 0; p = p->next)
        r = file_write(q->file, p->data, p->hi - p->lo, p->offset + p->lo);
    if (r == 0 && pieces)
        r = flush_or_break(q);
    pthread_mutex_lock(&q->lock);
    pieces_done(q, pieces, r);
    /* a list that does not fit stays as a leak, which is safe */
    append(r == 0 ? &q->durable : &q->freed, &freed);
    free(freed.at);
    if (r == 0)
        qcow2_apply_freed(q);
    qcow2_tables_drop(q);
    return r;
}

int qcow2_commit(struct qcow2 *q)
{
    uint64_t mine;
    int r;

    pthread_mutex_lock(&q->lock);
    mine = q->commit_begun + 1;
    pthread_mutex_unlock(&q->lock);
    pthread_mutex_lock(&q->committing);
    pthread_mutex_lock(&q->lock);
    if (q->commit_begun < mine) { /* nobody began one after this was asked for */
        q->commit_begun++;
        q->commit_result = commit(q);
    }
    r = q->commit_result;
    pthread_mutex_unlock(&q->lock);
    pthread_mutex_unlock(&q->committing);
    return r;
}

static struct qcow2_use *use_slot(const struct qcow2 *q, uint64_t cluster)
{
    size_t i = cluster * 0x9e3779b97f4a7c15ull >> 32 & q->uses_mask;

    while (q->uses[i].cluster_1 && q->uses[i].cluster_1 != cluster + 1)
        i = (i + 1) & q->uses_mask;
    return &q->uses[i];
}

enum qcow2_meta qcow2_use_of(struct qcow2 *q, uint64_t offset)
{
    return use_slot(q, offset >> q->cluster_bits)->meta;
}

static int use_room(struct qcow2 *q)
{
    struct qcow2_use *old = q->uses;
    size_t n = q->uses_mask + 1;

    if (q->nuses * 2 < n)
        return 0;
    q->uses = calloc(n * 2, sizeof(*q->uses));
    if (!q->uses) {
        q->uses = old;
        return -ENOMEM;
    }
    q->uses_mask = n * 2 - 1;
    for (size_t i = 0; i < n; i++)
        if (old[i].cluster_1)
            *use_slot(q, old[i].cluster_1 - 1) = old[i];
    free(old);
    return 0;
}

int qcow2_use_set(struct qcow2 *q, uint64_t offset, uint64_t bytes, enum qcow2_meta meta)
{
    uint64_t first = offset >> q->cluster_bits;

    for (uint64_t c = first; c < first + qcow2_clusters(q, bytes); c++) {
        struct qcow2_use *u;
        int r = use_room(q);

        if (r < 0)
            return r;
        u = use_slot(q, c);
        if (!u->cluster_1)
            q->nuses++;
        u->cluster_1 = c + 1;
        u->meta = meta;
    }
    return 0;
}

int qcow2_corrupt(struct qcow2 *q, const char *fmt, ...)
{
    char text[256];
    va_list ap;

    if (q->broken)
        return -EIO;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    q->broken = -EIO;
    if (q->im->read_only || (q->im->flags & IMAGE_CHECK)) {
        q->broken = 0; /* nothing can get worse; each request that comes upon it fails */
        return -EIO;
    }
    if (!(q->im->flags & IMAGE_QUIET))
        fprintf(stderr, "%s: the image is corrupt: %s; no more writes\n", q->im->name, text);
    if (q->version >= 3) {
        q->head.incompatible |= QCOW2_CORRUPT;
        if (qcow2_header_write(q) == 0)
            file_flush(q->file);
    }
    return -EIO;
}
