// SPDX-License-Identifier: MIT
/* host/block/qcow2_table.c -- L2 tables and refcount blocks in memory, and what the clusters of the
 * file are known to be used for: no table is written where another one lies, and no data over any.
 *
 * Memory for tables is bounded: clean ones are dropped, oldest first, when a request has ended;
 * when much is dirty the writer commits. */
#include "host/block/qcow2.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TAB_ROOM (16u << 20)

static const char *const meta_names[] = {
    "nothing",          "the header",         "the L1 table",          "the refcount table",
    "a refcount block", "the snapshot table", "a snapshot's L1 table", "an L2 table", "a free cluster"};

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
        if (!t->dirty && !t->pins)
            drop(q, t);
    }
}

void qcow2_tables_free(struct qcow2 *q)
{
    while (q->oldest)
        drop(q, q->oldest);
    free(q->hash);
    free(q->uses);
    q->hash = NULL;
    q->uses = NULL;
    q->nuses = 0;
    q->dirty_bytes = 0;
}

void qcow2_tab_clean(struct qcow2 *q, struct qcow2_tab *t)
{
    if (t->dirty)
        q->dirty_bytes -= q->cluster;
    t->dirty = false;
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
    qcow2_tab_dirty(q, t);
    return 0;
}

void qcow2_tab_dirty(struct qcow2 *q, struct qcow2_tab *t)
{
    if (!t->dirty)
        q->dirty_bytes += q->cluster;
    t->dirty = true;
}

void qcow2_tab_rename(struct qcow2 *q, struct qcow2_tab *t, uint64_t offset)
{
    struct qcow2_tab **p = bucket(q, t->offset);

    while (*p != t)
        p = &(*p)->chain;
    *p = t->chain;
    t->offset = offset;
    p = bucket(q, offset);
    t->chain = *p;
    *p = t;
}

void qcow2_tab_forget(struct qcow2 *q, uint64_t offset)
{
    struct qcow2_tab *t = find(q, offset);

    if (!t)
        return;
    qcow2_tab_clean(q, t);
    if (!t->pins)
        drop(q, t);
    else /* who holds it gives it up soon */
        t->meta = META_NONE;
}

void qcow2_tab_unpin(struct qcow2 *q, struct qcow2_tab *t)
{
    if (--t->pins || t->meta != META_NONE)
        return;
    qcow2_tab_clean(q, t); /* it was forgotten meanwhile */
    drop(q, t);
}

void qcow2_l1_set(struct qcow2 *q, uint32_t i, uint64_t entry)
{
    q->l1[i] = entry;
    q->l1_dirty = true;
}

bool qcow2_pressed(struct qcow2 *q)
{
    return q->dirty_bytes > q->tab_room / 2 || q->freed.n + q->durable.n > 65536;
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

/* Clusters whose use is over are left out when the table is made anew. */
static int use_room(struct qcow2 *q)
{
    struct qcow2_use *old = q->uses;
    size_t n = q->uses_mask + 1, live = 0, room = 64;

    if (q->nuses * 2 < n)
        return 0;
    for (size_t i = 0; i < n; i++)
        live += old[i].meta != META_NONE;
    while (room < live * 4)
        room *= 2;
    q->uses = calloc(room, sizeof(*q->uses));
    if (!q->uses) {
        q->uses = old;
        return -ENOMEM;
    }
    q->uses_mask = room - 1;
    q->nuses = live;
    for (size_t i = 0; i < n; i++)
        if (old[i].meta != META_NONE)
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
    if (q->version >= 3 && qcow2_header_corrupt(q) == 0)
        file_flush(q->file);
    return -EIO;
}
