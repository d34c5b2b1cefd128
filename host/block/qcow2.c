// SPDX-License-Identifier: MIT
/* host/block/qcow2.c -- the qcow2 format, versions 2 and 3: opens and closes an image. The format
 * is described in QEMU's docs/interop/qcow2.txt. Refused by name: encryption, external data files,
 * extended L2 entries, unknown features. Persistent bitmaps are neither kept up nor lost silently:
 * an image whose bitmaps are valid loses that mark when it is opened for writing, as the format
 * asks for. */
#include "host/block/qcow2.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned probe(const uint8_t *head, size_t n)
{
    return n >= 8 && be32_at(head) == QCOW2_MAGIC && be32_at(head + 4) >= 2 ? 100 : 0;
}

static int read_tables(struct qcow2 *q, struct block_err *err)
{
    uint64_t reft_bytes = (uint64_t)q->head.reft_clusters << q->cluster_bits, end;
    int r = file_size(q->file, &end);

    if (r < 0)
        return r;
    end = align_up(end, q->cluster); /* the last cluster need not be whole */
    if (q->head.l1_offset + q->head.l1_size * 8ull > end || q->head.reft_offset + reft_bytes > end)
        return block_error(err, -EINVAL,
                           "'%s': the file is too short: its tables lie behind the end",
                           q->im->name);
    q->l1_size = q->head.l1_size;
    q->reft_size = reft_bytes / 8;
    q->l1 = malloc(q->l1_size * 8ul + 1);
    q->reft = malloc(reft_bytes);
    if (!q->l1 || !q->reft)
        return -ENOMEM;
    r = file_read(q->file, q->l1, q->l1_size * 8ul, q->head.l1_offset);
    if (r == 0)
        r = file_read(q->file, q->reft, reft_bytes, q->head.reft_offset);
    for (uint32_t i = 0; r == 0 && i < q->l1_size; i++)
        q->l1[i] = be64toh(q->l1[i]);
    for (uint64_t i = 0; r == 0 && i < q->reft_size; i++)
        q->reft[i] = be64toh(q->reft[i]) & ~511ull;
    q->l1_dirty = q->l1_fresh = q->reft_dirty = q->reft_fresh = false;
    return r;
}

/* The uses of clusters that are not to be written with data. The first one stays: whoever comes
 * later and finds his place taken is refused when he wants to write there. */
static int note(struct qcow2 *q, uint64_t offset, uint64_t bytes, enum qcow2_meta meta)
{
    for (uint64_t c = 0; c < bytes; c += q->cluster)
        if (!qcow2_use_of(q, offset + c)) {
            int r = qcow2_use_set(q, offset + c, 1, meta);

            if (r < 0)
                return r;
        }
    return 0;
}

static int note_uses(struct qcow2 *q)
{
    int r = note(q, 0, 1, META_HEADER);

    if (r == 0)
        r = note(q, q->head.reft_offset, q->reft_size * 8, META_REFT);
    if (r == 0)
        r = note(q, q->head.l1_offset, q->l1_size * 8ull, META_L1);
    for (uint64_t i = 0; r == 0 && i < q->reft_size; i++)
        if (q->reft[i]) {
            /* two for one, or over another table: no number in them can be trusted */
            q->bad_blocks |= qcow2_use_of(q, q->reft[i]) != META_NONE;
            r = note(q, q->reft[i], 1, META_REFBLOCK);
        }
    for (unsigned i = 0; r == 0 && i < q->nsnap; i++)
        r = note(q, q->snap[i].l1_offset, q->snap[i].l1_size * 8ull, META_SNAPSHOT_L1);
    for (uint32_t i = 0; r == 0 && i < q->l1_size; i++)
        if (q->l1[i] & QCOW2_OFFSET)
            r = note(q, q->l1[i] & QCOW2_OFFSET, 1, META_L2);
    return r;
}

/* What the header leads to. */
static int load(struct qcow2 *q, struct block_err *err)
{
    uint64_t end = 0;
    int r = qcow2_tables_init(q);

    q->im->size = align_up(q->head.size, 512);
    if (r == 0)
        r = read_tables(q, err);
    if (r == 0)
        r = qcow2_snap_read(q, err);
    if (r == 0)
        r = note_uses(q);
    if (r == 0)
        r = file_size(q->file, &end);
    q->free_hint = 0;
    q->blank_from = q->im->file->block_device ? UINT64_MAX : qcow2_clusters(q, end);
    return r;
}

static void unload(struct qcow2 *q)
{
    qcow2_tables_free(q);
    qcow2_snap_free(q);
    free(q->l1);
    free(q->reft);
    q->l1 = q->reft = NULL;
}

void qcow2_reload(struct qcow2 *q)
{
    int r;

    unload(q);
    q->head = q->disk;
    q->freed.n = q->durable.n = q->nspare = 0;
    q->packed_at = 0;
    r = load(q, NULL);
    if (r < 0)
        q->broken = r;
}

static void release(struct qcow2 *q)
{
    unload(q);
    for (unsigned i = 0; i < ARRAY_LEN(q->inflated); i++)
        free(q->inflated[i].data);
    free(q->freed.at);
    free(q->durable.at);
    pthread_mutex_destroy(&q->lock);
    pthread_mutex_destroy(&q->committing);
    pthread_mutex_destroy(&q->inflate_lock);
    pthread_cond_destroy(&q->changed);
    free(q);
}

static int make_writable(struct image *im, struct qcow2 *q, struct block_err *err)
{
    struct image_check c = {0};
    int r = 0;

    if (q->head.incompatible & QCOW2_CORRUPT)
        return block_error(err, -EACCES,
                           "'%s': the image is corrupt; it can only be opened read-only", im->name);
    if (q->head.incompatible & QCOW2_DIRTY) {
        r = qcow2_check(im, &c, IMAGE_FIX_ALL, err);
        if (r == 0 && (c.corruptions > c.corruptions_fixed || c.errors))
            r = block_error(err, -EIO,
                            "'%s': the image was not closed properly and can't be repaired",
                            im->name);
    }
    if (r == 0 && q->bad_blocks)
        r = qcow2_corrupt(q, "refcount blocks lie over each other or over other tables");
    if (r == 0 && q->head.autoclear) {
        q->head.autoclear = 0;
        r = qcow2_header_write(q);
        if (r == 0)
            r = file_flush(q->file);
    }
    return r;
}

static int qcow2_open(struct image *im, struct block_err *err)
{
    struct qcow2 *q = calloc(1, sizeof(*q));
    int r;

    if (!q)
        return -ENOMEM;
    q->im = im;
    q->file = im->file;
    im->state = q;
    pthread_mutex_init(&q->lock, NULL);
    pthread_mutex_init(&q->committing, NULL);
    pthread_mutex_init(&q->inflate_lock, NULL);
    pthread_cond_init(&q->changed, NULL);
    r = qcow2_parse(im, q, err);
    if (r == 0 && !compress_has(q->head.compression) && q->head.compression != QCOW2_ZLIB)
        r = block_error(err, -ENOTSUP, "'%s': this build has no zstd", im->name);
    q->disk = q->head;
    if (r == 0)
        r = load(q, err);
    if (r == 0 && !im->read_only && !(im->flags & IMAGE_CHECK))
        r = make_writable(im, q, err);
    if (r < 0) {
        release(q);
        im->state = NULL;
    }
    return r;
}

static void qcow2_close(struct image *im)
{
    struct qcow2 *q = qcow2_of(im);

    if (!im->read_only && !q->broken)
        qcow2_commit(q);
    release(q);
}

static int qcow2_flush(struct image *im)
{
    return qcow2_commit(qcow2_of(im));
}

static int set_backing(struct image *im, const char *file, const char *fmt, struct block_err *err)
{
    struct qcow2 *q = qcow2_of(im);
    char *f = file ? strdup(file) : NULL, *t = file && fmt ? strdup(fmt) : NULL;
    int r = (file && !f) || (file && fmt && !t) ? -ENOMEM : qcow2_commit(q);

    if (r == 0)
        r = qcow2_header_rewrite(q, file, fmt, err);
    if (r == 0)
        r = file_flush(im->file);
    if (r < 0) {
        free(f);
        free(t);
        return r;
    }
    free(im->backing_file);
    free(im->backing_format);
    im->backing_file = f;
    im->backing_format = t;
    return 0;
}

static void facts(struct image *im, struct image_facts *f)
{
    struct qcow2 *q = qcow2_of(im);

    *f = (struct image_facts){
        .cluster_size = (uint32_t)q->cluster,
        .version = q->version,
        .compat = q->version == 2 ? "0.10" : "1.1",
        .compression = q->head.compression == QCOW2_ZSTD ? "zstd" : "zlib",
        .refcount_bits = 1u << q->refcount_order,
        .lazy_refcounts = q->head.compatible & QCOW2_LAZY,
        .dirty = q->head.incompatible & QCOW2_DIRTY,
        .corrupt = q->head.incompatible & QCOW2_CORRUPT,
    };
}

const struct image_format qcow2_format = {
    .name = "qcow2",
    .probe = probe,
    .create = qcow2_create,
    .open = qcow2_open,
    .close = qcow2_close,
    .readv = qcow2_readv,
    .writev = qcow2_writev,
    .zero = qcow2_zero,
    .discard = qcow2_discard,
    .flush = qcow2_flush,
    .status = qcow2_status,
    .resize = qcow2_resize,
    .preallocate = qcow2_preallocate,
    .write_compressed = qcow2_write_compressed,
    .set_backing = set_backing,
    .make_empty = qcow2_make_empty,
    .facts = facts,
    .check = qcow2_check,
    .snap_list = qcow2_snap_list,
    .snap_create = qcow2_snap_create,
    .snap_apply = qcow2_snap_apply,
    .snap_delete = qcow2_snap_delete,
    .snap_load = qcow2_snap_load,
    .snap_peek = qcow2_snap_peek,
    .vm_state = qcow2_vm_state,
};
