/* SPDX-License-Identifier: MIT */
/* host/block/file.h -- what an image lies in: a row of bytes that can be read, written, flushed,
 * and given holes. file_open() is the host's file or block device; tests bring their own (struct
 * file_ops), to cut the power at any write.
 *
 * Threads: reads, writes, zero and flush from any thread at once. Errors: 0 or -errno. A read
 * behind the end gives zeroes. A write is durable after a flush that began when the write had
 * returned. */
#ifndef HOST_BLOCK_FILE_H
#define HOST_BLOCK_FILE_H

#include "base/base.h"
#include "host/block/vec.h"

/* An error in words: one line without the name of the program. */
struct block_err {
    char text[512];
};

/* Writes the text, if there is an e, and returns err. Only the first error stays. */
int block_error(struct block_err *e, int err, const char *fmt, ...) MOA_PRINTF(3, 4);

struct file;

struct file_ops {
    int (*readv)(struct file *f, struct vec v, uint64_t off);
    int (*writev)(struct file *f, struct vec v, uint64_t off);
    int (*flush)(struct file *f);
    /* Reads as zeroes afterwards; the file grows to off + n if it was shorter. unmap: storage may
     * be given back. -ENOTSUP: write zeroes instead. */
    int (*zero)(struct file *f, uint64_t off, uint64_t n, bool unmap);
    int (*discard)(struct file *f, uint64_t off, uint64_t n); /* advice; size stays */
    int (*truncate)(struct file *f, uint64_t size);
    int (*size)(struct file *f, uint64_t *size);
    /* 1: data at off, 0: a hole, for *len bytes from there, at most n; -ENOTSUP: not known. */
    int (*status)(struct file *f, uint64_t off, uint64_t n, uint64_t *len);
    int (*prealloc)(struct file *f, uint64_t off,
                    uint64_t n); /* storage without content; or NULL */
    void (*close)(struct file *f);
};

struct file {
    const struct file_ops *ops;
    char *name; /* for messages */
    bool read_only;
    bool block_device;
    bool unsafe; /* flushes do nothing: for a result that is thrown away if the host goes down */
};

enum file_flag {
    FILE_WRITE = 1u << 0,
    FILE_CREATE = 1u << 1,   /* made anew, cut to no length if it is there; needs FILE_WRITE */
    FILE_UNSAFE = 1u << 2,   /* see file.unsafe */
    FILE_NO_LOCK = 1u << 3,  /* do not ask others whether they use it */
    FILE_DIRECT = 1u << 4,   /* not through the host's page cache, when that can be had */
    FILE_TEMPORARY = 1u << 5 /* path is a folder; the file has no name there */
};

/* A regular file or block device only. Locked against a second writer, and against readers while it
 * is written, in the way QEMU's tools do (they refuse each other's files). */
int file_open(const char *path, uint32_t flags, struct file **out, struct block_err *err);
/* Nothing: reads give zeroes, writes are lost. */
int file_open_null(uint64_t size, bool write, struct file **out);
void file_close(struct file *f);

/* The host's descriptor for such a request, or -1: it is no file of the host. */
int file_descriptor(struct file *f, const struct iovec *iov, unsigned n, uint64_t off);
int file_lock(int fd, bool write, bool share, const char *name, struct block_err *err);

int file_read(struct file *f, void *buf, size_t n, uint64_t off);
int file_write(struct file *f, const void *buf, size_t n, uint64_t off);
int file_flush(struct file *f);
int file_size(struct file *f, uint64_t *size);
/* Like the operation, but writes zeroes where that is the only way. */
int file_zero(struct file *f, uint64_t off, uint64_t n, bool unmap);

#endif
