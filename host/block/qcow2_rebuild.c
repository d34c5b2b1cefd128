// SPDX-License-Identifier: MIT
/* host/block/qcow2_rebuild.c -- a new refcount table and new blocks from the references that were
 * counted, behind everything that is in the file; then the header points to them. Until that one
 * write the image is as it was. */
#include "host/block/qcow2.h"

#include <errno.h>
#include <stdlib.h>

static int write_new(struct qcow2 *q, const struct qcow2_counts *k, uint64_t start, uint64_t blocks,
                     uint64_t reft)
{
    uint64_t per = 1ull << q->block_bits, end = start + blocks + reft;
    uint8_t *block = malloc(q->cluster);
    int r = block ? 0 : -ENOMEM;

    for (uint64_t b = 0; b < blocks && r == 0; b++) {
        memset(block, 0, q->cluster);
        for (uint64_t i = 0; i < per && r == 0; i++) {
            uint64_t c = b * per + i, n = c >= start && c < end ? 1 : qcow2_counted(k, c);

            if (n > qcow2_ref_max(q))
                r = -ERANGE;
            else
                qcow2_block_put(q, block, i, n);
        }
        if (r == 0)
            r = file_write(q->file, block, q->cluster, (start + b) << q->cluster_bits);
    }
    free(block);
    return r;
}

int qcow2_rebuild(struct qcow2 *q, const struct qcow2_counts *k)
{
    uint64_t size, start, blocks = 1, reft = 1, was, bytes;
    struct qcow2_header old = q->head;
    uint64_t *table = NULL;
    int r = file_size(q->file, &size);

    if (r < 0)
        return r;
    pthread_mutex_lock(&q->lock);
    qcow2_release(q);
    qcow2_release_spare(q);
    pthread_mutex_unlock(&q->lock);
    start = qcow2_clusters(q, size);
    if (start < qcow2_counts_end(k))
        start = qcow2_counts_end(k);
    do {
        was = blocks + reft;
        blocks = (start + blocks + reft + (1ull << q->block_bits) - 1) >> q->block_bits;
        reft = qcow2_clusters(q, blocks * 8);
    } while (blocks + reft != was);
    bytes = reft << q->cluster_bits;
    if (bytes > QCOW2_MAX_REFT || (start + was) << q->cluster_bits > QCOW2_OFFSET)
        return -EFBIG;
    table = calloc(1, bytes);
    if (!table)
        return -ENOMEM;
    for (uint64_t i = 0; i < blocks; i++)
        table[i] = htobe64((start + i) << q->cluster_bits);
    r = write_new(q, k, start, blocks, reft);
    if (r == 0)
        r = file_write(q->file, table, bytes, (start + blocks) << q->cluster_bits);
    if (r == 0)
        r = file_flush(q->file);
    if (r == 0) {
        q->head.reft_offset = (start + blocks) << q->cluster_bits;
        q->head.reft_clusters = (uint32_t)reft;
        r = qcow2_header_write(q);
        if (r == 0)
            r = file_flush(q->file);
        if (r < 0)
            q->head = old;
    }
    if (r < 0) {
        free(table);
        return r;
    }
    pthread_mutex_lock(&q->lock);
    for (uint64_t i = 0; i < q->reft_size; i++)
        if (q->reft[i] && !(q->reft[i] & (q->cluster - 1)) &&
            qcow2_use_of(q, q->reft[i]) == META_REFBLOCK) {
            qcow2_tab_forget(q, q->reft[i]);
            qcow2_use_set(q, q->reft[i], 1, META_NONE);
        }
    if (qcow2_use_of(q, old.reft_offset) == META_REFT)
        qcow2_use_set(q, old.reft_offset, q->reft_size * 8, META_NONE);
    free(q->reft);
    for (uint64_t i = 0; i < bytes / 8; i++)
        table[i] = be64toh(table[i]);
    q->reft = table;
    q->reft_size = bytes / 8;
    q->free_hint = 0;
    q->bad_blocks = false;
    q->blank_from = start + was;
    qcow2_use_set(q, start << q->cluster_bits, blocks << q->cluster_bits, META_REFBLOCK);
    qcow2_use_set(q, q->head.reft_offset, bytes, META_REFT);
    pthread_mutex_unlock(&q->lock);
    return 0;
}
