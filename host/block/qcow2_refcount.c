// SPDX-License-Identifier: MIT
/* host/block/qcow2_refcount.c -- refcounts of the file's clusters and where there is room. A
 * refcount is 1 to 64 bits wide; those narrower than a byte begin at its low end. A block that is
 * missing is put into the first cluster that it counts: all of those are free. */
#include "host/block/qcow2.h"

#include <errno.h>
#include <stdlib.h>

uint64_t qcow2_ref_max(const struct qcow2 *q)
{
    return q->refcount_order == 6 ? INT64_MAX : (1ull << (1u << q->refcount_order)) - 1;
}

uint64_t qcow2_block_entry(const struct qcow2 *q, const uint8_t *b, uint64_t i)
{
    unsigned o = q->refcount_order;

    switch (o) {
    case 3:
        return b[i];
    case 4:
        return (uint64_t)b[i * 2] << 8 | b[i * 2 + 1];
    case 5:
        return be32_at(b + i * 4);
    case 6:
        return be64_at(b + i * 8);
    default: /* 1, 2, 4 bits */
        return b[i >> (3 - o)] >> ((i & ((8u >> o) - 1)) << o) & ((1u << (1u << o)) - 1);
    }
}

void qcow2_block_put(const struct qcow2 *q, uint8_t *b, uint64_t i, uint64_t n)
{
    unsigned o = q->refcount_order, shift, mask;

    switch (o) {
    case 3:
        b[i] = (uint8_t)n;
        break;
    case 4:
        put_be16(b + i * 2, (uint16_t)n);
        break;
    case 5:
        put_be32(b + i * 4, (uint32_t)n);
        break;
    case 6:
        put_be64(b + i * 8, n);
        break;
    default:
        shift = (unsigned)(i & ((8u >> o) - 1)) << o;
        mask = ((1u << (1u << o)) - 1) << shift;
        b += i >> (3 - o);
        *b = (uint8_t)((*b & ~mask) | n << shift);
    }
}

static int block_at(struct qcow2 *q, uint64_t cluster, struct qcow2_tab **out)
{
    uint64_t k = cluster >> q->block_bits, offset = k < q->reft_size ? q->reft[k] : 0;
    int r;

    *out = NULL;
    if (!offset)
        return 0;
    if (q->last_block && q->last_block->offset == offset) {
        *out = q->last_block;
        (*out)->slot = (uint32_t)k;
        return 0;
    }
    if (offset & (q->cluster - 1))
        return qcow2_corrupt(q, "refcount block at %#llx", (unsigned long long)offset);
    r = qcow2_tab_get(q, META_REFBLOCK, offset, out);
    if (r == 0) {
        (*out)->slot = (uint32_t)k;
        q->last_block = *out;
    }
    return r;
}

int qcow2_ref_get(struct qcow2 *q, uint64_t cluster, uint64_t *count)
{
    struct qcow2_tab *t;
    int r = block_at(q, cluster, &t);

    *count =
        r == 0 && t ? qcow2_block_entry(q, t->data, cluster & ((1ull << q->block_bits) - 1)) : 0;
    return r;
}

static void put(struct qcow2 *q, struct qcow2_tab *t, uint64_t cluster, uint64_t n)
{
    uint64_t i = cluster & ((1ull << q->block_bits) - 1);

    qcow2_block_put(q, t->data, i, n);
    qcow2_tab_dirty(q, t);
}

/* A larger refcount table; the next commit finds a place for it. */
static int grow_reft(struct qcow2 *q, uint64_t need)
{
    uint64_t per = q->cluster / 8, size = align_up(need + need / 2 + 8, per), was = q->reft_size;
    uint64_t *reft;

    if (need * 8 > QCOW2_MAX_REFT)
        return -EFBIG;
    if (size * 8 > QCOW2_MAX_REFT)
        size = QCOW2_MAX_REFT / 8;
    reft = realloc(q->reft, size * 8);
    if (!reft)
        return -ENOMEM;
    memset(reft + was, 0, (size - was) * 8);
    q->reft = reft;
    q->reft_size = size;
    return 0;
}

static int block_for(struct qcow2 *q, uint64_t cluster, struct qcow2_tab **out)
{
    uint64_t k = cluster >> q->block_bits, first = k << q->block_bits;
    int r = block_at(q, cluster, out);

    if (r < 0 || *out)
        return r;
    if (k >= q->reft_size) {
        r = grow_reft(q, k + 1);
        if (r < 0)
            return r;
    }
    if (first << q->cluster_bits > QCOW2_OFFSET)
        return -EFBIG;
    if (first == 0 || qcow2_use_of(q, first << q->cluster_bits))
        return qcow2_corrupt(q, "a refcount block is missing where clusters are in use");
    r = qcow2_tab_new(q, META_REFBLOCK, first << q->cluster_bits, out);
    if (r < 0)
        return r;
    (*out)->slot = (uint32_t)k;
    put(q, *out, first, 1);
    qcow2_reft_set(q, k, first << q->cluster_bits);
    q->last_block = *out;
    if (q->blank_from <= first)
        q->blank_from = first + 1;
    return 0;
}

int qcow2_ref_add(struct qcow2 *q, uint64_t cluster, int64_t delta)
{
    struct qcow2_tab *t;
    uint64_t n;
    int r = block_at(q, cluster, &t);

    if (r < 0)
        return r;
    n = t ? qcow2_block_entry(q, t->data, cluster & ((1ull << q->block_bits) - 1)) : 0;
    if (n == 0 || (delta < 0 && n < (uint64_t)-delta))
        return qcow2_corrupt(q, "cluster %#llx has more references than its refcount",
                             (unsigned long long)cluster << q->cluster_bits);
    if (delta > 0 && n > qcow2_ref_max(q) - (uint64_t)delta)
        return -ERANGE;
    n += (uint64_t)delta;
    put(q, t, cluster, n);
    if (n == 0) {
        if (cluster < q->free_hint)
            q->free_hint = cluster;
        /* what lay there before is gone: a table that is still in memory, a known use */
        if (qcow2_use_of(q, cluster << q->cluster_bits)) {
            qcow2_use_set(q, cluster << q->cluster_bits, 1, META_NONE);
            qcow2_tab_forget(q, cluster << q->cluster_bits);
        }
        if (q->packed_at && q->packed_at >> q->cluster_bits == cluster)
            q->packed_at = 0;
    }
    return 0;
}

int qcow2_ref_first(struct qcow2 *q, uint64_t cluster)
{
    struct qcow2_tab *t;
    int r = block_for(q, cluster, &t);

    if (r == 0)
        put(q, t, cluster, 1);
    return r;
}

/* No reference, and none on the disk either. */
static bool is_free(struct qcow2 *q, const struct qcow2_tab *t, uint64_t c)
{
    return qcow2_block_entry(q, t->data, c & ((1ull << q->block_bits) - 1)) == 0 &&
           qcow2_use_of(q, c << q->cluster_bits) != META_HELD;
}

/* The first free cluster from c on. Blocks that do not exist yet are made, for they use one. */
static int next_free(struct qcow2 *q, uint64_t *c)
{
    for (;; ++*c) {
        struct qcow2_tab *t;
        int r = block_for(q, *c, &t);

        if (r < 0)
            return r;
        if (is_free(q, t, *c))
            return 0;
    }
}

static int usable(struct qcow2 *q, uint64_t c)
{
    enum qcow2_meta meta = qcow2_use_of(q, c << q->cluster_bits);

    if (meta || c == 0)
        return qcow2_corrupt(q, "cluster %#llx is in use but has no refcount",
                             (unsigned long long)c << q->cluster_bits);
    return (c << q->cluster_bits) > QCOW2_OFFSET ? -EFBIG : 0;
}

int qcow2_alloc_run(struct qcow2 *q, uint64_t n, uint64_t *offset, uint64_t *got)
{
    uint64_t first = q->free_hint, c;
    int r;

    if (q->broken)
        return q->broken;
    r = next_free(q, &first);
    if (r < 0)
        return r;
    q->free_hint = first;
    for (c = first; c < first + n; c++) {
        struct qcow2_tab *t;

        if (c != first && (c & ((1ull << q->block_bits) - 1)) == 0) {
            r = block_at(q, c, &t); /* a missing block takes this cluster, so the run ends */
            if (r < 0 || !t)
                break;
        }
        r = block_at(q, c, &t);
        if (r < 0 || !is_free(q, t, c))
            break;
        r = usable(q, c);
        if (r < 0)
            break;
        put(q, t, c, 1);
    }
    if (c == first)
        return r < 0 ? r : -EIO;
    q->free_hint = c;
    if (q->blank_from < c)
        q->blank_from = c;
    *offset = first << q->cluster_bits;
    *got = c - first;
    return 0;
}

int qcow2_alloc_exact(struct qcow2 *q, uint64_t n, uint64_t *offset)
{
    uint64_t first = q->free_hint, run = 0;
    int r = q->broken;

    while (r == 0 && run < n) {
        uint64_t c = first + run;

        r = next_free(q, &c);
        if (r == 0 && c != first + run) { /* something lies in between */
            first = c;
            run = 0;
        }
        run++;
    }
    for (uint64_t i = 0; i < n && r == 0; i++)
        r = usable(q, first + i);
    for (uint64_t i = 0; i < n && r == 0; i++)
        r = qcow2_ref_first(q, first + i);
    if (q->blank_from < first + n)
        q->blank_from = first + n;
    *offset = first << q->cluster_bits;
    return r;
}

/* The last reference is gone: nobody gets the cluster before the disk knows. */
static void hold(struct qcow2 *q, struct qcow2_tab *block, uint64_t c, bool table)
{
    struct qcow2_freed_list *l = &q->freed;

    if (l->n == l->room) {
        size_t room = l->room ? l->room * 2 : 64;
        struct qcow2_freed *at = realloc(l->at, room * sizeof(*at));

        if (at) {
            l->at = at;
            l->room = room;
        }
    }
    if (qcow2_use_set(q, c << q->cluster_bits, 1, META_HELD) < 0)
        put(q, block, c, 1); /* no memory: a leak, which is safe */
    else if (l->n < l->room)
        l->at[l->n++] = (struct qcow2_freed){c, q->epoch, table};
}

int qcow2_free(struct qcow2 *q, uint64_t offset, uint64_t bytes)
{
    uint64_t first = offset >> q->cluster_bits, end = (offset + bytes - 1) >> q->cluster_bits;

    for (uint64_t c = first; bytes && c <= end; c++) {
        enum qcow2_meta meta = qcow2_use_of(q, c << q->cluster_bits);
        struct qcow2_tab *t;
        uint64_t n;
        int r = block_at(q, c, &t);

        if (r < 0)
            return r;
        n = t ? qcow2_block_entry(q, t->data, c & ((1ull << q->block_bits) - 1)) : 0;
        if (n == 0)
            return qcow2_corrupt(q, "cluster %#llx has more references than its refcount",
                                 (unsigned long long)c << q->cluster_bits);
        put(q, t, c, n - 1);
        if (n > 1)
            continue;
        if (meta)
            qcow2_tab_forget(q, c << q->cluster_bits);
        if (q->packed_at && q->packed_at >> q->cluster_bits == c)
            q->packed_at = 0;
        hold(q, t, c, meta && first == end && meta != META_SNAPSHOTS && meta != META_SNAPSHOT_L1);
    }
    return 0;
}

/* Data never lie where tables do: an entry that says so is not followed, for the table that it is in may
 * be the one that would go. */
static int free_data(struct qcow2 *q, uint64_t offset, uint64_t bytes)
{
    for (uint64_t c = align_down(offset, q->cluster); c < offset + bytes; c += q->cluster)
        if (qcow2_use_of(q, c))
            return qcow2_corrupt(q, "an entry points to the tables at %#llx",
                                 (unsigned long long)c);
    return qcow2_free(q, offset, bytes);
}

int qcow2_free_entry(struct qcow2 *q, uint64_t entry)
{
    uint64_t offset, bytes;

    switch (qcow2_kind_of(q, entry)) {
    case QCOW2_NORMAL:
    case QCOW2_ZERO_ALLOC:
        return free_data(q, entry & QCOW2_OFFSET, q->cluster);
    case QCOW2_PACKED:
        qcow2_packed_at(q, entry, &offset, &bytes);
        return free_data(q, offset, bytes);
    default:
        return 0;
    }
}
