// SPDX-License-Identifier: MIT
/* host/block/null.c -- a file that holds nothing: writes are lost, reads give zeroes (driver
 * null-co). For measuring what lies above it. */
#include "host/block/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct null_file {
    struct file file;
    uint64_t size;
};

static int null_readv(struct file *f, struct vec v, uint64_t off)
{
    (void)f, (void)off;
    vec_zero(v);
    return 0;
}

static int null_writev(struct file *f, struct vec v, uint64_t off)
{
    (void)f, (void)v, (void)off;
    return 0;
}

static int null_flush(struct file *f)
{
    (void)f;
    return 0;
}

static int null_zero(struct file *f, uint64_t off, uint64_t n, bool unmap)
{
    (void)f, (void)off, (void)n, (void)unmap;
    return 0;
}

static int null_discard(struct file *f, uint64_t off, uint64_t n)
{
    (void)f, (void)off, (void)n;
    return 0;
}

static int null_truncate(struct file *f, uint64_t size)
{
    ((struct null_file *)f)->size = size;
    return 0;
}

static int null_size(struct file *f, uint64_t *size)
{
    *size = ((struct null_file *)f)->size;
    return 0;
}

static int null_status(struct file *f, uint64_t off, uint64_t n, uint64_t *len)
{
    (void)f, (void)off;
    *len = n;
    return 0;
}

static void null_close(struct file *f)
{
    free(f->name);
    free(f);
}

static const struct file_ops null_ops = {
    .readv = null_readv,
    .writev = null_writev,
    .flush = null_flush,
    .zero = null_zero,
    .discard = null_discard,
    .truncate = null_truncate,
    .size = null_size,
    .status = null_status,
    .close = null_close,
};

int file_open_null(uint64_t size, bool write, struct file **out)
{
    struct null_file *n = calloc(1, sizeof(*n));

    *out = NULL;
    if (!n || !(n->file.name = strdup("null-co"))) {
        free(n);
        return -ENOMEM;
    }
    n->file.ops = &null_ops;
    n->file.read_only = !write;
    n->size = size;
    *out = &n->file;
    return 0;
}
