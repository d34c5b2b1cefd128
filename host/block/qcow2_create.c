// SPDX-License-Identifier: MIT
/* host/block/qcow2_create.c -- makes an image: header, refcount table, its blocks and an empty L1
 * table in a row. The header is written last, so that an image that was not finished is none. Also
 * resizing and preallocation. */
#include "host/block/qcow2.h"

#include <errno.h>
#include <stdlib.h>

#define CREATE_FULL_STEP (1u << 20)

static int options(const struct image_create *c, struct qcow2 *q, struct block_err *err)
{
    uint32_t cluster = c->cluster_size ? c->cluster_size : 65536;
    unsigned bits = c->refcount_bits ? c->refcount_bits : 16;

    q->version = c->version ? c->version : 3;
    if ((cluster & (cluster - 1)) || cluster < 1u << QCOW2_MIN_BITS ||
        cluster > 1u << QCOW2_MAX_BITS)
        return block_error(err, -EINVAL,
                           "Cluster size must be a power of two between 512 and 2048k");
    if ((bits & (bits - 1)) || bits > 64)
        return block_error(err, -EINVAL,
                           "Refcount width must be a power of two and may not exceed 64 bits");
    if (q->version < 3 && bits != 16)
        return block_error(err, -EINVAL,
                           "Different refcount widths than 16 bits require compat=1.1");
    if (q->version < 3 && c->lazy_refcounts)
        return block_error(err, -EINVAL, "Lazy refcounts require compat=1.1");
    if (q->version < 3 && c->zstd)
        return block_error(err, -EINVAL, "Compression type zstd requires compat=1.1");
    if (c->zstd && !compress_has(QCOW2_ZSTD))
        return block_error(err, -ENOTSUP, "This build has no zstd");
    if (c->backing && strlen(c->backing) > QCOW2_MAX_BACKING)
        return block_error(err, -ENAMETOOLONG, "The name of the backing file is too long");
    q->cluster_bits = (unsigned)__builtin_ctz(cluster);
    q->cluster = cluster;
    q->l2_bits = q->cluster_bits - 3;
    q->refcount_order = (unsigned)__builtin_ctz(bits);
    q->block_bits = q->cluster_bits + 3 - q->refcount_order;
    return 0;
}

/* Refcount blocks, in order, for clusters 0 to n - 1, all used once. */
static int write_blocks(struct qcow2 *q, uint64_t at, uint64_t n)
{
    uint8_t *block = malloc(q->cluster);
    uint64_t per = 1ull << q->block_bits;
    int r = block ? 0 : -ENOMEM;

    for (uint64_t c = 0; r == 0 && c < n; c += per, at += q->cluster) {
        memset(block, 0, q->cluster);
        for (uint64_t i = 0; i < per && c + i < n; i++)
            qcow2_block_put(q, block, i, 1);
        r = file_write(q->file, block, q->cluster, at);
    }
    free(block);
    return r;
}

int qcow2_create(struct file *f, const struct image_create *c, struct block_err *err)
{
    struct qcow2 q = {.file = f};
    struct qcow2_header *h = &q.head;
    uint64_t covers, l1, reft = 1, blocks = 1, total, was;
    int r = options(c, &q, err);

    if (r < 0)
        return r;
    covers = 1ull << (q.cluster_bits + q.l2_bits);
    h->l1_size = (uint32_t)(c->size / covers + (c->size % covers != 0));
    if (c->size / covers >= QCOW2_MAX_L1 / 8)
        return block_error(err, -EFBIG,
                           "The image size is too large for a cluster size of %llu bytes",
                           (unsigned long long)q.cluster);
    l1 = qcow2_clusters(&q, h->l1_size * 8ull);
    do { /* the tables that count the tables */
        was = reft + blocks;
        total = 1 + reft + blocks + l1;
        blocks = (total + (1ull << q.block_bits) - 1) >> q.block_bits;
        reft = qcow2_clusters(&q, blocks * 8);
    } while (reft + blocks != was);
    h->magic = QCOW2_MAGIC;
    h->version = (uint32_t)q.version;
    h->cluster_bits = q.cluster_bits;
    h->size = c->size;
    h->reft_offset = q.cluster;
    h->reft_clusters = (uint32_t)reft;
    h->l1_offset = (1 + reft + blocks) << q.cluster_bits;
    h->refcount_order = q.refcount_order;
    h->length = q.head_length = q.version < 3 ? QCOW2_V2_LENGTH : sizeof(*h);
    h->compatible = c->lazy_refcounts ? QCOW2_LAZY : 0;
    h->incompatible = c->zstd ? QCOW2_COMPRESSION : 0;
    h->compression = c->zstd ? QCOW2_ZSTD : QCOW2_ZLIB;
    r = f->block_device ? file_zero(f, 0, total << q.cluster_bits, true)
                        : f->ops->truncate(f, total << q.cluster_bits);
    if (r == 0)
        r = write_blocks(&q, (1 + reft) << q.cluster_bits, total);
    for (uint64_t i = 0; r == 0 && i < blocks; i++) {
        uint64_t e = htobe64((1 + reft + i) << q.cluster_bits);

        r = file_write(f, &e, sizeof(e), h->reft_offset + i * 8);
    }
    if (r == 0)
        r = file_flush(f);
    if (r == 0)
        r = qcow2_header_rewrite(&q, c->backing, c->backing_format, err);
    return r == 0 ? file_flush(f) : r;
}

int qcow2_preallocate(struct image *im, uint64_t from, uint64_t to, enum image_prealloc p)
{
    struct qcow2 *q = qcow2_of(im);
    uint64_t covers = 1ull << (q->cluster_bits + q->l2_bits), end = 0, before, start = from;
    int r = file_size(im->file, &before);
    uint64_t have = before;

    from = align_down(from, q->cluster);
    while (r == 0 && p != PREALLOC_OFF && from < to) {
        uint64_t n =
            covers - (from & (covers - 1)) < to - from ? covers - (from & (covers - 1)) : to - from;
        uint64_t offset = 0, got = 0, clusters = qcow2_clusters(q, n);
        struct qcow2_tab *l2;
        uint32_t i = qcow2_l2_index(q, from);

        pthread_mutex_lock(&q->lock);
        r = qcow2_l2_write(q, from, &l2);
        while (r == 0 && clusters) {
            if (qcow2_kind_of(q, qcow2_l2_entry(l2, i)) == QCOW2_NONE) {
                uint64_t blank = q->blank_from;

                if (!got) {
                    r = qcow2_alloc_run(q, clusters, &offset, &got);
                    if (r == 0 && offset >> q->cluster_bits < blank) /* old bytes may lie there */
                        r = file_zero(im->file, offset, got << q->cluster_bits, false);
                }
                if (r < 0)
                    break;
                qcow2_l2_set(q, l2, i, offset | QCOW2_COPIED);
                offset += q->cluster;
                got--;
            }
            if (offset > end)
                end = offset;
            i++;
            clusters--;
        }
        if (got)
            qcow2_free(q, offset, got << q->cluster_bits);
        qcow2_tables_drop(q);
        pthread_mutex_unlock(&q->lock);
        /* the file reaches to its last cluster before an entry says so */
        if (r == 0 && end > have)
            r = im->file->ops->truncate(im->file, end);
        if (end > have)
            have = end;
        if (r == 0 && qcow2_pressed(q))
            r = qcow2_commit(q);
        from += n;
    }
    if (r == 0)
        r = qcow2_commit(q);
    if (r == 0 && p == PREALLOC_FALLOC && end > before && im->file->ops->prealloc)
        r = im->file->ops->prealloc(im->file, before, end - before);
    if (r == 0 && p == PREALLOC_FULL) {
        uint8_t *zeroes = calloc(1, CREATE_FULL_STEP);

        if (!zeroes)
            r = -ENOMEM;
        for (uint64_t at = start; r == 0 && at < to; at += CREATE_FULL_STEP)
            r = image_write(im, zeroes, to - at < CREATE_FULL_STEP ? to - at : CREATE_FULL_STEP,
                            at);
        free(zeroes);
    }
    return r;
}

/* Entries of clusters behind the new end are given up, the rest of its last cluster is zeroed. */
static int cut(struct image *im, uint64_t size)
{
    struct qcow2 *q = qcow2_of(im);
    uint64_t first = align_up(size, q->cluster);
    int r = 0;

    if (size < first && size < im->size)
        r = qcow2_zero(im, size, (first < im->size ? first : im->size) - size, false);
    if (r == 0 && first < im->size)
        r = q->version < 3 && im->backing_file ? qcow2_zero(im, first, im->size - first, true)
                                               : qcow2_discard(im, first, im->size - first);
    return r;
}

int qcow2_resize(struct image *im, uint64_t size, enum image_prealloc p, struct block_err *err)
{
    struct qcow2 *q = qcow2_of(im);
    uint64_t covers = 1ull << (q->cluster_bits + q->l2_bits), old = im->size;
    uint64_t need = size / covers + (size % covers != 0), was = q->head.size;
    int r = 0;

    if (q->nsnap && q->version < 3)
        return block_error(err, -ENOTSUP, "Can't resize a version 2 image which has snapshots");
    if (size > IMAGE_SIZE_MAX || need > QCOW2_MAX_L1 / 8)
        return block_error(err, -EFBIG, "The new size is too large for this image");
    if (size < old && p != PREALLOC_OFF)
        return block_error(err, -ENOTSUP, "Preallocation can't be used for shrinking an image");
    if (size < old)
        r = cut(im, size);
    else if (q->l1_size > old / covers + (old % covers != 0)) /* a machine's memory may lie there */
        r = qcow2_empty_from(q, align_up(old, covers));
    if (r == 0 && need > q->l1_size) {
        r = qcow2_l1_grow(q, need, size);
    } else if (r == 0) {
        q->head.size = size;
        r = qcow2_commit(q);
        if (r < 0)
            q->head.size = was;
    }
    if (r < 0)
        return block_error(err, r, "Could not resize '%s': %s", im->name, strerror(-r));
    im->size = size;
    /* what lies below and was behind the end so far does not come to light */
    if (size > old && im->backing && im->backing->size > old)
        r = image_zero(im, old, (im->backing->size < size ? im->backing->size : size) - old, true);
    if (r == 0 && size > old && p != PREALLOC_OFF)
        r = qcow2_preallocate(im, old, size, p);
    return r;
}
