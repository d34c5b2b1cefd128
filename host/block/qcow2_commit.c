// SPDX-License-Identifier: MIT
/* host/block/qcow2_commit.c -- changes of tables become durable all at once or not at all.
 *
 * Of what the header on the disk leads to, only data are written in place. A table that changed
 * (L2 table, L1 table, refcount block, refcount table) moves to a free cluster at each commit. When
 * all of them have arrived there, one write of the header's sector, which names the L1 and the
 * refcount table, makes the new state the valid one. The places that were left are used by the
 * tables of the next commits (spare), so that tables do not wander among the data. */
#include "host/block/qcow2.h"

#include <errno.h>
#include <stdlib.h>

/* Room for a table: what another one left, or free clusters in a row. */
static int place(struct qcow2 *q, uint64_t bytes, enum qcow2_meta meta, uint64_t *offset)
{
    int r;

    if (bytes <= q->cluster && q->nspare) {
        r = qcow2_ref_first(q, q->spare[q->nspare - 1]);
        if (r == 0)
            *offset = q->spare[--q->nspare] << q->cluster_bits;
    } else {
        r = qcow2_alloc_exact(q, qcow2_clusters(q, bytes), offset);
    }
    return r == 0 ? qcow2_use_set(q, *offset, bytes, meta) : r;
}

/* Moves a table that changed; *slot of the table that names it is set. */
static int move(struct qcow2 *q, struct qcow2_tab *t, const uint64_t *slot, bool inside)
{
    uint64_t old = t->offset, offset;
    int r;

    if (!inside || (*slot & QCOW2_OFFSET) != old || qcow2_use_of(q, old) != t->meta)
        return qcow2_corrupt(q, "tables lie over each other at %#llx", (unsigned long long)old);
    r = place(q, q->cluster, t->meta, &offset);
    if (r < 0)
        return r;
    qcow2_tab_rename(q, t, offset);
    t->fresh = true;
    if (t->meta == META_L2)
        qcow2_l1_set(q, t->slot, offset | (q->l1[t->slot] & QCOW2_COPIED));
    else
        qcow2_reft_set(q, t->slot, offset);
    return qcow2_free(q, old, q->cluster);
}

/* Where one is moved, tables that count its clusters may change place in the list: until a whole
 * round finds nothing to be moved. */
static int move_all(struct qcow2 *q, enum qcow2_meta meta)
{
    bool moved;

    do {
        moved = false;
        for (struct qcow2_tab *t = q->dirty_bytes ? q->oldest : NULL, *next; t; t = next) {
            bool l2 = meta == META_L2;
            int r;

            next = t->newer;
            if (!t->dirty || t->fresh || t->meta != meta)
                continue;
            r = move(q, t, l2 ? &q->l1[t->slot] : &q->reft[t->slot],
                     t->slot < (l2 ? q->l1_size : q->reft_size));
            if (r < 0)
                return r;
            moved = true;
        }
    } while (moved);
    return 0;
}

int qcow2_move_l2(struct qcow2 *q)
{
    return move_all(q, META_L2);
}

static int move_l1(struct qcow2 *q)
{
    uint64_t old = q->head.l1_offset, old_bytes = q->head.l1_size * 8ull, offset = 0;
    int r = 0;

    if (!q->l1_dirty || (q->l1_fresh && q->head.l1_size == q->l1_size))
        return 0;
    if (q->l1_size)
        r = place(q, q->l1_size * 8ull, META_L1, &offset);
    if (r < 0)
        return r;
    q->head.l1_offset = offset;
    q->head.l1_size = q->l1_size;
    q->l1_fresh = true;
    return qcow2_free(q, old, old_bytes);
}

/* Refcount blocks and their table. Each move changes counts, of blocks that then have to move too;
 * each of them does so once. */
static int move_refcounts(struct qcow2 *q)
{
    for (;;) {
        uint64_t old = q->head.reft_offset, offset, bytes;
        uint64_t old_bytes = (uint64_t)q->head.reft_clusters << q->cluster_bits;
        int r = move_all(q, META_REFBLOCK);

        bytes = q->reft_size * 8;
        if (r < 0 || !q->reft_dirty || (q->reft_fresh && old_bytes == bytes))
            return r;
        r = place(q, bytes, META_REFT, &offset);
        if (r < 0)
            return r;
        q->head.reft_offset = offset;
        q->head.reft_clusters = (uint32_t)(bytes >> q->cluster_bits);
        q->reft_fresh = true;
        r = qcow2_free(q, old, old_bytes);
        if (r < 0)
            return r;
    }
}

static int write_numbers(struct qcow2 *q, const uint64_t *from, uint64_t n, uint64_t offset)
{
    uint64_t *be = malloc(n * 8 + 1);
    int r;

    if (!be)
        return -ENOMEM;
    for (uint64_t i = 0; i < n; i++)
        be[i] = htobe64(from[i]);
    r = file_write(q->file, be, n * 8, offset);
    free(be);
    return r;
}

static int write_tables(struct qcow2 *q)
{
    int r = 0;

    for (struct qcow2_tab *t = q->dirty_bytes ? q->oldest : NULL; t && r == 0; t = t->newer) {
        if (!t->dirty)
            continue;
        if (qcow2_use_of(q, t->offset) != t->meta)
            return qcow2_corrupt(q, "a table would be written over another one at %#llx",
                                 (unsigned long long)t->offset);
        r = file_write(q->file, t->data, q->cluster, t->offset);
    }
    if (r == 0 && q->l1_dirty)
        r = write_numbers(q, q->l1, q->l1_size, q->head.l1_offset);
    if (r == 0 && q->reft_dirty)
        r = write_numbers(q, q->reft, q->reft_size, q->head.reft_offset);
    if (r < 0)
        return r;
    for (struct qcow2_tab *t = q->dirty_bytes ? q->oldest : NULL; t; t = t->newer)
        if (t->dirty) {
            qcow2_tab_clean(q, t);
            t->going = true;
        }
    q->l1_dirty = q->reft_dirty = false;
    return 0;
}

static int flush_or_break(struct qcow2 *q)
{
    int r = file_flush(q->file);

    /* after a failed flush nobody knows what the disk holds: trying again would hide the loss */
    if (r < 0 && !q->broken)
        __atomic_store_n(&q->broken, r, __ATOMIC_RELAXED);
    return r;
}

/* The lock is held and given up while the disk works. */
static int make_valid(struct qcow2 *q)
{
    bool change = memcmp(&q->head, &q->disk, sizeof(q->head)) != 0;
    int r;

    pthread_mutex_unlock(&q->lock);
    r = flush_or_break(q);
    pthread_mutex_lock(&q->lock);
    if (r < 0 || !change)
        return r;
    r = q->broken ? q->broken : qcow2_header_write(q);
    if (r < 0) { /* which of the two the disk has is not known */
        q->broken = r;
        return r;
    }
    pthread_mutex_unlock(&q->lock);
    r = flush_or_break(q);
    pthread_mutex_lock(&q->lock);
    return r;
}

static int append(struct qcow2_freed_list *to, const struct qcow2_freed_list *from)
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
    return 0;
}

/* Both locks are held; `lock` is given up while the disk works. */
static int commit(struct qcow2 *q)
{
    struct qcow2_freed_list freed;
    int r;

    /* A write that has got clusters, but no entry for them yet, would leave a leak: it ends first.
     */
    q->no_allocs = true;
    while (q->allocs)
        pthread_cond_wait(&q->changed, &q->lock);
    r = q->broken ? q->broken : qcow2_move_l2(q);
    if (r == 0)
        r = move_l1(q);
    if (r == 0)
        r = move_refcounts(q);
    if (r == 0)
        r = write_tables(q);
    q->no_allocs = false;
    pthread_cond_broadcast(&q->changed);
    if (r < 0)
        return r;
    freed = q->freed;
    q->freed = (struct qcow2_freed_list){0};
    r = make_valid(q);
    for (struct qcow2_tab *t = q->newest; t; t = t->older) {
        t->fresh &= r < 0 || !t->going;
        t->going = false;
    }
    if (r == 0)
        q->l1_fresh = q->reft_fresh = false;
    /* clusters for which there is no room in the list stay unused until the image is opened again
     */
    append(r == 0 ? &q->durable : &q->freed, &freed);
    free(freed.at);
    if (r == 0)
        qcow2_release(q);
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

/* What was freed and is not referred to on the disk, as soon as no request that began before can
 * still be reading it. */
void qcow2_release(struct qcow2 *q)
{
    struct qcow2_freed_list *l = &q->durable;
    bool idle = !q->io[0] && !q->io[1];
    size_t kept = 0;

    if (!l->n)
        return;
    if (!q->io[(q->epoch + 1) & 1])
        q->epoch++;
    for (size_t i = 0; i < l->n; i++) {
        uint64_t c = l->at[i].cluster;

        if (l->at[i].table && q->nspare < ARRAY_LEN(q->spare)) {
            q->spare[q->nspare++] = c; /* its use stays META_HELD */
            continue;
        }
        if (!l->at[i].table && !idle && l->at[i].epoch + 2 > q->epoch) {
            l->at[kept++] = l->at[i];
            continue;
        }
        qcow2_use_set(q, c << q->cluster_bits, 1, META_NONE);
        if (c < q->free_hint)
            q->free_hint = c;
        if (q->im->flags & IMAGE_DISCARD)
            q->file->ops->discard(q->file, c << q->cluster_bits, q->cluster);
    }
    if (kept < l->n)
        qcow2_forget_packed(q);
    l->n = kept;
    if (l->n < l->room / 4 && l->room > 4096) {
        struct qcow2_freed *at = realloc(l->at, (l->n + 1) * sizeof(*at));

        if (at) {
            l->at = at;
            l->room = l->n + 1;
        }
    }
}

void qcow2_release_spare(struct qcow2 *q)
{
    while (q->nspare) {
        uint64_t c = q->spare[--q->nspare];

        qcow2_use_set(q, c << q->cluster_bits, 1, META_NONE);
        if (c < q->free_hint)
            q->free_hint = c;
    }
}
