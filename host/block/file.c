// SPDX-License-Identifier: MIT
/* host/block/file.c -- files and block devices of the host. Reads and writes go on after short
 * counts and signals; zeroes and holes use fallocate() where the file system has it. With
 * FILE_DIRECT, requests that are not aligned go through a bounce buffer (reads) or the page cache's
 * descriptor. */
#include "host/block/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIRECT_ALIGN 4096
#define PIECES       64

struct host_file {
    struct file file;
    int fd;
    int direct; /* -1, or a second descriptor with O_DIRECT */
};

int block_error(struct block_err *e, int err, const char *fmt, ...)
{
    va_list ap;

    if (!e || e->text[0])
        return err;
    va_start(ap, fmt);
    vsnprintf(e->text, sizeof(e->text), fmt, ap);
    va_end(ap);
    return err;
}

static struct host_file *host(struct file *f)
{
    return (struct host_file *)f;
}

static bool aligned(const struct iovec *iov, unsigned n, uint64_t off)
{
    uint64_t all = off;

    for (unsigned i = 0; i < n; i++)
        all |= (uintptr_t)iov[i].iov_base | iov[i].iov_len;
    return !(all & (DIRECT_ALIGN - 1));
}

static int host_readv(struct file *f, struct vec v, uint64_t off)
{
    while (v.bytes) {
        struct iovec iov[PIECES];
        struct vec now = v;
        size_t got;
        unsigned k = vec_take(&now, v.bytes, iov, PIECES, &got);
        int fd = host(f)->direct >= 0 && aligned(iov, k, off) ? host(f)->direct : host(f)->fd;
        ssize_t n = preadv(fd, iov, (int)k, (off_t)off);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0) { /* the end of the file */
            vec_zero(v);
            return 0;
        }
        vec_front(&v, (size_t)n);
        off += (size_t)n;
    }
    return 0;
}

static int host_writev(struct file *f, struct vec v, uint64_t off)
{
    while (v.bytes) {
        struct iovec iov[PIECES];
        struct vec now = v;
        size_t got;
        unsigned k = vec_take(&now, v.bytes, iov, PIECES, &got);
        int fd = host(f)->direct >= 0 && aligned(iov, k, off) ? host(f)->direct : host(f)->fd;
        ssize_t n = pwritev(fd, iov, (int)k, (off_t)off);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        vec_front(&v, (size_t)n);
        off += (size_t)n;
    }
    return 0;
}

static int host_flush(struct file *f)
{
    return fdatasync(host(f)->fd) < 0 ? -errno : 0;
}

static int host_size(struct file *f, uint64_t *size)
{
    struct stat st;

    if (f->block_device)
        return ioctl(host(f)->fd, BLKGETSIZE64, size) < 0 ? -errno : 0;
    if (fstat(host(f)->fd, &st) < 0)
        return -errno;
    *size = (uint64_t)st.st_size;
    return 0;
}

static int host_fallocate(struct file *f, int mode, uint64_t off, uint64_t n)
{
    while (fallocate(host(f)->fd, mode, (off_t)off, (off_t)n) < 0) {
        if (errno == EINTR)
            continue;
        return errno == EOPNOTSUPP || errno == ENOSYS || errno == ENODEV ? -ENOTSUP : -errno;
    }
    return 0;
}

static int host_zero(struct file *f, uint64_t off, uint64_t n, bool unmap)
{
    uint64_t end = 0;
    int r = host_size(f, &end), keep = FALLOC_FL_KEEP_SIZE;

    if (r < 0)
        return r;
    if (f->block_device)
        return host_fallocate(f, (unmap ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE) | keep, off,
                              n);
    if (unmap || off >= end) { /* behind the end there is nothing to keep */
        if (off < end)
            r = host_fallocate(f, FALLOC_FL_PUNCH_HOLE | keep, off, n < end - off ? n : end - off);
        if (r == 0 && off + n > end)
            r = ftruncate(host(f)->fd, (off_t)(off + n)) < 0 ? -errno : 0;
        return r;
    }
    return host_fallocate(f, FALLOC_FL_ZERO_RANGE, off, n);
}

static int host_discard(struct file *f, uint64_t off, uint64_t n)
{
    int r = host_fallocate(f, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, off, n);

    return r == -ENOTSUP ? 0 : r;
}

static int host_prealloc(struct file *f, uint64_t off, uint64_t n)
{
    return n ? host_fallocate(f, 0, off, n) : 0;
}

static int host_truncate(struct file *f, uint64_t size)
{
    uint64_t now;
    int r;

    if (!f->block_device)
        return ftruncate(host(f)->fd, (off_t)size) < 0 ? -errno : 0;
    r = host_size(f, &now);
    return r < 0 ? r : size <= now ? 0 : -ENOSPC;
}

static int host_status(struct file *f, uint64_t off, uint64_t n, uint64_t *len)
{
    off_t data = lseek(host(f)->fd, (off_t)off, SEEK_DATA), hole;

    *len = n;
    if (data < 0) {
        if (errno == ENXIO) /* nothing but holes up to the end, or behind it */
            return 0;
        return errno == EINVAL ? -ENOTSUP : -errno;
    }
    if ((uint64_t)data > off) {
        *len = (uint64_t)data - off < n ? (uint64_t)data - off : n;
        return 0;
    }
    hole = lseek(host(f)->fd, (off_t)off, SEEK_HOLE);
    if (hole >= 0 && (uint64_t)hole > off && (uint64_t)hole - off < n)
        *len = (uint64_t)hole - off;
    return 1;
}

static void host_close(struct file *f)
{
    if (host(f)->direct >= 0)
        close(host(f)->direct);
    close(host(f)->fd);
    free(f->name);
    free(f);
}

static const struct file_ops host_ops = {
    .readv = host_readv,
    .writev = host_writev,
    .flush = host_flush,
    .zero = host_zero,
    .discard = host_discard,
    .truncate = host_truncate,
    .size = host_size,
    .status = host_status,
    .prealloc = host_prealloc,
    .close = host_close,
};

/* O_NONBLOCK: opening a FIFO or a tape must not wait; regular files do not care. */
static int open_path(const char *path, uint32_t flags)
{
    int how = O_CLOEXEC | O_NONBLOCK | (flags & FILE_WRITE ? O_RDWR : O_RDONLY), fd;

    if (flags & FILE_TEMPORARY) {
        char name[4096];

        fd = open(path, how | O_TMPFILE | O_EXCL, 0600);
        if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT))
            return fd;
        if (snprintf(name, sizeof(name), "%s/moa.XXXXXX", path) >= (int)sizeof(name)) {
            errno = ENAMETOOLONG;
            return -1;
        }
        fd = mkostemp(name, O_CLOEXEC);
        if (fd >= 0)
            unlink(name);
        return fd;
    }
    return open(path, how | (flags & FILE_CREATE ? O_CREAT : 0), 0644);
}

int file_open(const char *path, uint32_t flags, struct file **out, struct block_err *err)
{
    struct host_file *h;
    struct stat st;
    int fd = open_path(path, flags), r;

    *out = NULL;
    if (fd < 0)
        return block_error(err, -errno, "Could not open '%s': %s", path, strerror(errno));
    if (fstat(fd, &st) < 0) {
        r = block_error(err, -errno, "Could not open '%s': %s", path, strerror(errno));
        goto fail;
    }
    if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)) {
        r = block_error(err, -EINVAL,
                        "Could not open '%s': neither a regular file nor a block device", path);
        goto fail;
    }
    if (!(flags & (FILE_NO_LOCK | FILE_TEMPORARY))) {
        r = file_lock(fd, flags & FILE_WRITE, false, path, err);
        if (r < 0)
            goto fail;
    }
    if ((flags & FILE_CREATE) && S_ISREG(st.st_mode) && ftruncate(fd, 0) < 0) {
        r = block_error(err, -errno, "Could not empty '%s': %s", path, strerror(errno));
        goto fail;
    }
    h = calloc(1, sizeof(*h));
    if (h)
        h->file.name = strdup(path);
    if (!h || !h->file.name) {
        free(h);
        r = block_error(err, -ENOMEM, "Could not open '%s': no memory", path);
        goto fail;
    }
    h->file.ops = &host_ops;
    h->file.read_only = !(flags & FILE_WRITE);
    h->file.unsafe = flags & FILE_UNSAFE;
    h->file.block_device = S_ISBLK(st.st_mode);
    h->fd = fd;
    h->direct = -1;
    if (flags & FILE_DIRECT) {
        h->direct = open(path, O_CLOEXEC | O_DIRECT | (flags & FILE_WRITE ? O_RDWR : O_RDONLY));
        if (h->direct < 0) {
            r = block_error(err, -errno, "Could not open '%s' without the page cache: %s", path,
                            strerror(errno));
            file_close(&h->file);
            return r;
        }
    }
    *out = &h->file;
    return 0;
fail:
    close(fd);
    return r;
}

int file_descriptor(struct file *f, const struct iovec *iov, unsigned n, uint64_t off)
{
    if (f->ops != &host_ops)
        return -1;
    return host(f)->direct >= 0 && aligned(iov, n, off) ? host(f)->direct : host(f)->fd;
}

void file_close(struct file *f)
{
    if (f)
        f->ops->close(f);
}

int file_read(struct file *f, void *buf, size_t n, uint64_t off)
{
    struct iovec iov = {buf, n};

    return f->ops->readv(f, vec_of(&iov, 1), off);
}

int file_write(struct file *f, const void *buf, size_t n, uint64_t off)
{
    struct iovec iov = {(void *)(uintptr_t)buf, n};

    return f->ops->writev(f, vec_of(&iov, 1), off);
}

int file_flush(struct file *f)
{
    return f->unsafe || f->read_only ? 0 : f->ops->flush(f);
}

int file_size(struct file *f, uint64_t *size)
{
    return f->ops->size(f, size);
}

int file_zero(struct file *f, uint64_t off, uint64_t n, bool unmap)
{
    static const uint8_t zeroes[65536];
    int r = n ? f->ops->zero(f, off, n, unmap) : 0;

    if (r == -ENOTSUP)
        for (r = 0; n && r == 0;) {
            size_t now = n < sizeof(zeroes) ? n : sizeof(zeroes);

            r = file_write(f, zeroes, now, off);
            off += now;
            n -= now;
        }
    return r;
}
