// SPDX-License-Identifier: MIT
/* host/block/raw.c -- the bytes of the disk as they are. A file whose length is not a multiple of
 * 512 reads as zeroes up to the next one. */
#include "host/block/formats.h"

#include <errno.h>
#include <string.h>

static unsigned raw_probe(const uint8_t *head, size_t n)
{
    (void)head, (void)n;
    return 1;
}

static int raw_create(struct file *f, const struct image_create *c, struct block_err *err)
{
    uint64_t size = 0;
    int r;

    if (c->backing)
        return block_error(err, -EINVAL, "Backing file not supported for file format 'raw'");
    if (c->prealloc == PREALLOC_METADATA)
        return block_error(err, -EINVAL, "raw images have no metadata to preallocate");
    r = f->block_device ? file_size(f, &size) : f->ops->truncate(f, c->size);
    if (r == 0 && f->block_device && size < c->size)
        r = block_error(err, -ENOSPC, "'%s' is too small", f->name);
    if (r == 0 && c->prealloc == PREALLOC_FALLOC && f->ops->prealloc)
        r = f->ops->prealloc(f, 0, c->size);
    if (r == 0 && c->prealloc == PREALLOC_FULL) {
        static const uint8_t zeroes[65536];

        for (uint64_t at = 0; at < c->size && r == 0; at += sizeof(zeroes))
            r = file_write(f, zeroes, c->size - at < sizeof(zeroes) ? c->size - at : sizeof(zeroes),
                           at);
    }
    return r == 0 ? file_flush(f) : r;
}

static int raw_open(struct image *im, struct block_err *err)
{
    uint64_t size;
    int r = file_size(im->file, &size);

    if (r < 0)
        return r;
    if (size > IMAGE_SIZE_MAX)
        return block_error(err, -EFBIG, "'%s' is too large", im->name);
    im->size = align_up(size, 512);
    return 0;
}

static int raw_readv(struct image *im, struct vec v, uint64_t off)
{
    return im->file->ops->readv(im->file, v, off);
}

static int raw_writev(struct image *im, struct vec v, uint64_t off)
{
    return im->file->ops->writev(im->file, v, off);
}

static int raw_zero(struct image *im, uint64_t off, uint64_t n, bool unmap)
{
    return file_zero(im->file, off, n, unmap);
}

static int raw_discard(struct image *im, uint64_t off, uint64_t n)
{
    return im->flags & IMAGE_DISCARD ? im->file->ops->discard(im->file, off, n) : 0;
}

static int raw_flush(struct image *im)
{
    return file_flush(im->file);
}

static int raw_status(struct image *im, uint64_t off, uint64_t n, struct image_status *st)
{
    int r = im->file->ops->status ? im->file->ops->status(im->file, off, n, &st->bytes) : -ENOTSUP;

    if (r == -ENOTSUP) {
        st->bytes = n;
        r = 1;
    }
    if (r < 0)
        return r;
    /* the end of a file may cut a sector: the whole of it is what its front is */
    st->bytes = align_up(st->bytes, 512) < n ? align_up(st->bytes, 512) : n;
    st->allocated = true;
    st->data = r;
    st->zero = !r;
    st->has_offset = true;
    st->offset = off;
    return 0;
}

static int raw_resize(struct image *im, uint64_t size, enum image_prealloc p, struct block_err *err)
{
    uint64_t old = im->size;
    int r;

    if (p == PREALLOC_METADATA)
        return block_error(err, -EINVAL, "raw images have no metadata to preallocate");
    r = im->file->ops->truncate(im->file, size);
    if (r == 0 && size > old && p == PREALLOC_FALLOC && im->file->ops->prealloc)
        r = im->file->ops->prealloc(im->file, old, size - old);
    if (r < 0)
        return block_error(err, r, "Could not resize '%s': %s", im->name, strerror(-r));
    im->size = size;
    if (p == PREALLOC_FULL && size > old) {
        static const uint8_t zeroes[65536];

        for (uint64_t at = old; at < size && r == 0; at += sizeof(zeroes))
            r = file_write(im->file, zeroes,
                           size - at < sizeof(zeroes) ? size - at : sizeof(zeroes), at);
    }
    return r;
}

const struct image_format raw_format = {
    .name = "raw",
    .probe = raw_probe,
    .create = raw_create,
    .open = raw_open,
    .readv = raw_readv,
    .writev = raw_writev,
    .zero = raw_zero,
    .discard = raw_discard,
    .flush = raw_flush,
    .status = raw_status,
    .resize = raw_resize,
};
