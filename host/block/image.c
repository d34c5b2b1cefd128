// SPDX-License-Identifier: MIT
/* host/block/image.c -- opens images and those below them, and passes requests to their formats.
 * Ranges and read-only are checked here, so that a format sees requests inside the disk only. */
#include "host/block/image.h"

#include "host/block/formats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBE_BYTES 2048

static const struct image_format *const formats[] = {&raw_format, &qcow2_format};

const struct image_format *image_format_at(unsigned i)
{
    return i < ARRAY_LEN(formats) ? formats[i] : NULL;
}

const struct image_format *image_format_by_name(const char *name)
{
    for (unsigned i = 0; i < ARRAY_LEN(formats); i++)
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    return NULL;
}

int image_check_name(const char *name, struct block_err *err)
{
    size_t n = strcspn(name, ":/");

    if (name[n] != ':' || n == 0)
        return 0;
    if (strncmp(name, "file:", 5) == 0)
        return 0;
    return block_error(err, -ENOTSUP, "'%s': the protocol '%.*s' is not supported", name, (int)n,
                       name);
}

static const char *plain(const char *name)
{
    return strncmp(name, "file:", 5) == 0 ? name + 5 : name;
}

char *image_backing_path(const char *image, const char *backing)
{
    const char *slash;
    char *path;

    backing = plain(backing);
    image = plain(image);
    slash = strrchr(image, '/');
    if (backing[0] == '/' || !slash)
        return strdup(backing);
    if (asprintf(&path, "%.*s/%s", (int)(slash - image), image, backing) < 0)
        return NULL;
    return path;
}

static const struct image_format *looks_like(const uint8_t head[PROBE_BYTES])
{
    const struct image_format *best = &raw_format;
    unsigned score = 0;

    for (unsigned i = 0; i < ARRAY_LEN(formats); i++) {
        unsigned now = formats[i]->probe(head, PROBE_BYTES);

        if (now > score) {
            score = now;
            best = formats[i];
        }
    }
    return best;
}

static const struct image_format *probe(struct file *f, struct block_err *err)
{
    uint8_t head[PROBE_BYTES];
    int r = file_read(f, head, sizeof(head), 0);

    if (r < 0) {
        block_error(err, r, "Could not read '%s': %s", f->name, strerror(-r));
        return NULL;
    }
    return looks_like(head);
}

static void release(struct image *im)
{
    file_close(im->file);
    free(im->name);
    free(im->backing_file);
    free(im->backing_format);
    free(im);
}

static int open_one(struct file *f, const char *format, uint32_t flags, struct image **out,
                    struct block_err *err)
{
    const struct image_format *fmt = format ? image_format_by_name(format) : probe(f, err);
    struct image *im;
    int r;

    *out = NULL;
    im = fmt ? calloc(1, sizeof(*im)) : NULL;
    if (im)
        im->name = strdup(f->name);
    if (!im || !im->name) {
        r = fmt ? -ENOMEM : -EINVAL;
        block_error(err, r, fmt ? "'%s': no memory" : "'%s': unknown driver '%s'", f->name, format);
        free(im);
        file_close(f);
        return r;
    }
    im->format = fmt;
    im->file = f;
    im->flags = flags;
    im->read_only = !(flags & IMAGE_WRITE);
    im->guessed = !format && fmt == &raw_format;
    r = fmt->open(im, err);
    if (r < 0) {
        block_error(err, r, "Could not open '%s': %s", im->name, strerror(-r));
        release(im);
        return r;
    }
    *out = im;
    return 0;
}

static uint32_t file_flags(uint32_t flags)
{
    return (flags & IMAGE_WRITE ? FILE_WRITE : 0) | (flags & IMAGE_NO_LOCK ? FILE_NO_LOCK : 0) |
           (flags & IMAGE_UNSAFE ? FILE_UNSAFE : 0) | (flags & IMAGE_DIRECT ? FILE_DIRECT : 0);
}

static int open_chain(struct image *im, unsigned depth, struct block_err *err);

static int open_path(const char *path, const char *format, uint32_t flags, unsigned depth,
                     struct image **out, struct block_err *err)
{
    struct file *f;
    int r = image_check_name(path, err);

    *out = NULL;
    if (r == 0 && format && !image_format_by_name(format))
        r = block_error(err, -EINVAL, "Could not open '%s': unknown driver '%s'", path, format);
    if (r == 0)
        r = file_open(plain(path), file_flags(flags), &f, err);
    if (r == 0)
        r = open_one(f, format, flags, out, err);
    if (r == 0)
        r = open_chain(*out, depth, err);
    if (r < 0 && *out) {
        image_close(*out);
        *out = NULL;
    }
    return r;
}

static int open_chain(struct image *im, unsigned depth, struct block_err *err)
{
    uint32_t flags = im->flags & ~(uint32_t)(IMAGE_CHECK | IMAGE_DISCARD);
    char *path;
    int r;

    if (!im->backing_file || (flags & IMAGE_NO_BACKING))
        return 0;
    if (depth >= IMAGE_CHAIN_MAX)
        return block_error(err, -ELOOP, "'%s': more than %u images over each other", im->name,
                           IMAGE_CHAIN_MAX);
    if (!(flags & IMAGE_CHAIN_WRITE))
        flags &= ~(uint32_t)IMAGE_WRITE;
    r = image_check_name(im->backing_file, err);
    if (r < 0)
        return r;
    path = image_backing_path(im->name, im->backing_file);
    if (!path)
        return -ENOMEM;
    r = open_path(path, im->backing_format, flags, depth + 1, &im->backing, err);
    free(path);
    return r;
}

int image_open(const char *path, const char *format, uint32_t flags, struct image **out,
               struct block_err *err)
{
    return open_path(path, format, flags, 0, out, err);
}

int image_open_file(struct file *f, const char *format, uint32_t flags, struct image **out,
                    struct block_err *err)
{
    int r = open_one(f, format, flags, out, err);

    if (r == 0)
        r = open_chain(*out, 0, err);
    if (r < 0 && *out) {
        image_close(*out);
        *out = NULL;
    }
    return r;
}

int image_open_overlay(struct image *im, struct image **out, struct block_err *err)
{
    struct image_create c = {.size = im->size, .has_size = true};
    const char *folder = getenv("TMPDIR");
    struct file *f;
    int r = file_open(folder && *folder ? folder : "/var/tmp",
                      FILE_WRITE | FILE_TEMPORARY | FILE_UNSAFE, &f, err);

    if (r < 0)
        return r;
    r = qcow2_format.create(f, &c, err);
    if (r < 0) {
        file_close(f);
        return r;
    }
    r = open_one(f, "qcow2", IMAGE_WRITE | IMAGE_UNSAFE | IMAGE_DISCARD, out, err);
    if (r == 0)
        (*out)->backing = im;
    return r;
}

int image_close(struct image *im)
{
    int r = 0, below;

    if (!im)
        return 0;
    r = image_flush(im);
    if (im->format->close)
        im->format->close(im);
    below = image_close(im->backing);
    release(im);
    return r ? r : below;
}

static int preallocate(const char *path, const struct image_format *fmt,
                       const struct image_create *c, struct block_err *err)
{
    struct image *im;
    int r = image_open(path, fmt->name, IMAGE_WRITE | IMAGE_UNSAFE | IMAGE_NO_BACKING, &im, err),
        late;

    if (r < 0)
        return r;
    r = fmt->preallocate(im, 0, c->size, c->prealloc);
    late = image_close(im);
    r = r ? r : late;
    return r < 0 ? block_error(err, r, "Could not preallocate '%s': %s", path, strerror(-r)) : 0;
}

int image_create(const char *path, const char *format, const struct image_create *c,
                 struct block_err *err)
{
    const struct image_format *fmt = image_format_by_name(format);
    struct image_create now = *c;
    struct file *f;
    int r = image_check_name(path, err);

    if (r < 0)
        return r;
    if (!fmt)
        return block_error(err, -EINVAL, "Unknown driver '%s'", format);
    if (c->backing && !c->unsafe_backing) {
        struct image *below = NULL;
        char *name = image_backing_path(path, c->backing);

        r = !name ? -ENOMEM : image_check_name(c->backing, err);
        if (r == 0)
            r = image_open(name, c->backing_format, 0, &below, err);
        free(name);
        if (r < 0)
            return r;
        if (!now.has_size)
            now.size = below->size;
        now.has_size = true;
        image_close(below);
    }
    if (!now.has_size)
        return block_error(err, -EINVAL, "Image creation needs a size parameter");
    if (now.size > IMAGE_SIZE_MAX)
        return block_error(err, -EFBIG, "Image size too large");
    now.size = align_up(now.size, 512);
    r = file_open(plain(path), FILE_WRITE | FILE_CREATE, &f, err);
    if (r < 0)
        return r;
    r = fmt->create(f, &now, err);
    if (r < 0)
        block_error(err, r, "Could not create '%s': %s", path, strerror(-r));
    file_close(f);
    return r == 0 && fmt->preallocate && c->prealloc ? preallocate(path, fmt, &now, err) : r;
}

static bool inside(const struct image *im, uint64_t off, uint64_t n)
{
    return off <= im->size && n <= im->size - off;
}

int image_readv(struct image *im, struct vec v, uint64_t off)
{
    if (!inside(im, off, v.bytes))
        return -EINVAL;
    return v.bytes ? im->format->readv(im, v, off) : 0;
}

static int keeps_format(struct image *im, struct vec v, uint64_t off)
{
    uint8_t head[PROBE_BYTES];
    int r = file_read(im->file, head, sizeof(head), 0);

    if (r == 0)
        vec_to(vec_front(&v, PROBE_BYTES - off), head + off);
    return r < 0 || looks_like(head) == im->format ? r : -EPERM;
}

int image_writev(struct image *im, struct vec v, uint64_t off)
{
    int r;

    if (im->read_only)
        return -EROFS;
    if (!inside(im, off, v.bytes))
        return -EINVAL;
    if (im->guessed && off < PROBE_BYTES && v.bytes) {
        r = keeps_format(im, v, off);
        if (r < 0)
            return r;
    }
    return v.bytes ? im->format->writev(im, v, off) : 0;
}

int image_read(struct image *im, void *buf, size_t n, uint64_t off)
{
    struct iovec iov = {buf, n};

    return image_readv(im, vec_of(&iov, 1), off);
}

int image_write(struct image *im, const void *buf, size_t n, uint64_t off)
{
    struct iovec iov = {(void *)(uintptr_t)buf, n};

    return image_writev(im, vec_of(&iov, 1), off);
}

int image_zero(struct image *im, uint64_t off, uint64_t n, bool unmap)
{
    if (im->read_only)
        return -EROFS;
    if (!inside(im, off, n))
        return -EINVAL;
    return n ? im->format->zero(im, off, n, unmap) : 0;
}

int image_discard(struct image *im, uint64_t off, uint64_t n)
{
    if (im->read_only)
        return -EROFS;
    if (!inside(im, off, n))
        return -EINVAL;
    return n ? im->format->discard(im, off, n) : 0;
}

int image_flush(struct image *im)
{
    return im->read_only ? 0 : im->format->flush(im);
}

int image_status(struct image *im, uint64_t off, uint64_t n, struct image_status *st)
{
    *st = (struct image_status){0};
    if (!n || off >= im->size)
        return -EINVAL;
    if (n > im->size - off)
        n = im->size - off;
    return im->format->status(im, off, n, st);
}

int image_status_above(struct image *im, struct image *base, uint64_t off, uint64_t n,
                       struct image_status *st, unsigned *depth)
{
    *depth = 0;
    for (;; im = im->backing, ++*depth) {
        int r = image_status(im, off, n, st);

        if (r < 0 || st->allocated)
            return r;
        n = st->bytes;
        /* what lies below may be shorter: zeroes behind its end, whatever base says */
        st->zero = !im->backing || off >= im->backing->size;
        if (st->zero || im->backing == base)
            return 0;
        if (n > im->backing->size - off)
            n = im->backing->size - off;
    }
}
