// SPDX-License-Identifier: MIT
/* host/block/qcow2_map.c -- from offsets of the disk to clusters of the file: two levels of tables.
 */
#include "host/block/qcow2.h"

#include <errno.h>
#include <stdlib.h>

enum qcow2_kind qcow2_kind_of(const struct qcow2 *q, uint64_t e)
{
    (void)q;
    if (e & QCOW2_COMPRESSED)
        return QCOW2_PACKED;
    if (e & QCOW2_ZERO)
        return e & QCOW2_OFFSET ? QCOW2_ZERO_ALLOC : QCOW2_ZERO_PLAIN;
    return e & QCOW2_OFFSET ? QCOW2_NORMAL : QCOW2_NONE;
}

void qcow2_packed_at(const struct qcow2 *q, uint64_t entry, uint64_t *offset, uint64_t *bytes)
{
    unsigned bits = 62 - (q->cluster_bits - 8);

    *offset = entry & ((1ull << bits) - 1);
    *bytes = ((entry & (QCOW2_COMPRESSED - 1)) >> bits) * 512 + 512 - (*offset & 511);
}

static int l2_offset(struct qcow2 *q, uint64_t off, uint64_t *entry)
{
    uint64_t i = off >> (q->cluster_bits + q->l2_bits);

    *entry = i < q->l1_size ? q->l1[i] : 0;
    if (*entry & QCOW2_OFFSET & (q->cluster - 1))
        return qcow2_corrupt(q, "L2 table at %#llx", (unsigned long long)*entry & QCOW2_OFFSET);
    return 0;
}

int qcow2_l2_read(struct qcow2 *q, uint64_t off, struct qcow2_tab **l2)
{
    uint64_t entry;
    int r = l2_offset(q, off, &entry);

    *l2 = NULL;
    if (r == 0 && (entry & QCOW2_OFFSET))
        r = qcow2_tab_get(q, META_L2, entry & QCOW2_OFFSET, l2);
    return r;
}

int qcow2_l2_write(struct qcow2 *q, uint64_t off, struct qcow2_tab **l2)
{
    uint64_t i = off >> (q->cluster_bits + q->l2_bits), entry, offset, count;
    struct qcow2_tab *old = NULL;
    int r = l2_offset(q, off, &entry);

    if (r < 0)
        return r;
    if (i >= q->l1_size)
        return -EINVAL;
    if (entry & QCOW2_OFFSET) {
        enum qcow2_meta use = qcow2_use_of(q, entry & QCOW2_OFFSET);

        if (use != META_L2)
            return qcow2_corrupt(q, "L2 table at %#llx lies over other structures",
                                 (unsigned long long)entry & QCOW2_OFFSET);
        r = qcow2_tab_get(q, META_L2, entry & QCOW2_OFFSET, &old);
        if (r < 0)
            return r;
        *l2 = old;
        old->slot = (uint32_t)i;
        if (entry & QCOW2_COPIED)
            return 0;
        r = qcow2_ref_get(q, old->offset >> q->cluster_bits, &count);
        if (r < 0)
            return r;
        if (count == 1) { /* not shared: only the mark is missing */
            qcow2_l1_set(q, (uint32_t)i, entry | QCOW2_COPIED);
            return 0;
        }
    }
    r = qcow2_alloc_exact(q, 1, &offset);
    if (r == 0)
        r = qcow2_tab_new(q, META_L2, offset, l2);
    if (r < 0)
        return r;
    (*l2)->slot = (uint32_t)i;
    if (old) {
        memcpy((*l2)->data, old->data, q->cluster);
        for (uint32_t k = 0; k < 1u << q->l2_bits; k++) /* what it refers to is shared as well */
            if (!(qcow2_l2_entry(old, k) & QCOW2_COMPRESSED))
                put_be64((*l2)->data + k * 8ul, qcow2_l2_entry(old, k) & ~QCOW2_COPIED);
        r = qcow2_free(q, old->offset, q->cluster);
    }
    qcow2_l1_set(q, (uint32_t)i, offset | QCOW2_COPIED);
    return r;
}

void qcow2_l2_set(struct qcow2 *q, struct qcow2_tab *l2, uint32_t i, uint64_t entry)
{
    put_be64(l2->data + i * 8ul, entry);
    qcow2_tab_dirty(q, l2);
}

/* Entries that can't be right are found here, before anything is done with them. */
static int check_entry(struct qcow2 *q, uint64_t e)
{
    if (e & QCOW2_COMPRESSED)
        return 0;
    if ((e & QCOW2_OFFSET & (q->cluster - 1)) || (q->version < 3 && (e & QCOW2_ZERO)))
        return qcow2_corrupt(q, "invalid L2 entry %#llx", (unsigned long long)e);
    return 0;
}

int qcow2_map(struct qcow2 *q, uint64_t off, uint64_t n, uint64_t *entry, uint64_t *bytes)
{
    uint64_t covers = 1ull << (q->cluster_bits + q->l2_bits), end, at;
    struct qcow2_tab *l2;
    enum qcow2_kind kind;
    int r = qcow2_l2_read(q, off, &l2);

    if (r < 0)
        return r;
    if (n > covers - (off & (covers - 1)))
        n = covers - (off & (covers - 1));
    *bytes = n;
    *entry = 0;
    if (!l2)
        return 0;
    *entry = qcow2_l2_entry(l2, qcow2_l2_index(q, off));
    r = check_entry(q, *entry);
    if (r < 0)
        return r;
    kind = qcow2_kind_of(q, *entry);
    end = off + n;
    at = align_down(off, q->cluster) + q->cluster;
    for (uint64_t next = *entry; at < end && kind != QCOW2_PACKED; at += q->cluster) {
        uint64_t e = qcow2_l2_entry(l2, qcow2_l2_index(q, at));

        next += q->cluster;
        if (qcow2_kind_of(q, e) != kind ||
            ((kind == QCOW2_NORMAL || kind == QCOW2_ZERO_ALLOC) && e != next))
            break;
    }
    *bytes = (at < end ? at : end) - off;
    return 0;
}

int qcow2_l1_grow(struct qcow2 *q, uint64_t entries, uint64_t size)
{
    uint64_t was = q->head.size, *l1;
    uint32_t old = q->l1_size;
    int r;

    if (entries * 8 > QCOW2_MAX_L1)
        return -EFBIG;
    pthread_mutex_lock(&q->lock);
    l1 = realloc(q->l1, entries * 8);
    if (l1) {
        memset(l1 + old, 0, (entries - old) * 8);
        q->l1 = l1;
        q->l1_size = (uint32_t)entries;
        q->l1_dirty = true;
        q->head.size = size;
    }
    pthread_mutex_unlock(&q->lock);
    r = l1 ? qcow2_commit(q) : -ENOMEM;
    if (r < 0 && l1) {
        pthread_mutex_lock(&q->lock);
        q->l1_size = old;
        q->head.size = was;
        pthread_mutex_unlock(&q->lock);
    }
    return r;
}
