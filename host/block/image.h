/* SPDX-License-Identifier: MIT */
/* host/block/image.h -- disk images: a format (raw, qcow2) over a file, with images below it for
 * what it does not hold itself. All calls wait until the work is done; host/block/disk.h makes the
 * asynchronous port of ports/block.h from an image.
 *
 * Units: bytes. Threads: reads, writes, zero, discard, flush and status from any threads at once,
 * with the rules for overlapping and for flush of ports/block.h; all else by one thread with
 * nothing in flight, unless it says otherwise. Errors: 0 or -errno, and words in err where there is
 * one. */
#ifndef HOST_BLOCK_IMAGE_H
#define HOST_BLOCK_IMAGE_H

#include "base/base.h"
#include "host/block/file.h"
#include "host/block/vec.h"

#define IMAGE_CHAIN_MAX 200                      /* images over each other */
#define IMAGE_SIZE_MAX  (INT64_MAX - (4u << 20)) /* of a disk */

struct image;

enum image_flag {
    IMAGE_WRITE = 1u << 0,
    IMAGE_CHAIN_WRITE = 1u << 1, /* those below too (commit, rebase) */
    IMAGE_NO_BACKING = 1u << 2,  /* do not open what lies below */
    IMAGE_NO_LOCK = 1u << 3,     /* others may have it open (-U) */
    IMAGE_UNSAFE = 1u << 4,      /* flushes do nothing */
    IMAGE_DIRECT = 1u << 5,      /* not through the host's page cache */
    IMAGE_CHECK =
        1u << 6, /* for image_check(): neither repairs nor refuses a dirty or corrupt one */
    IMAGE_QUIET = 1u << 8,   /* a corrupt image is not talked about on standard error */
    IMAGE_DISCARD = 1u << 7, /* what is freed is given back to the host's file system */
};

struct image_status {
    bool allocated;  /* this image says what is there; otherwise what lies below, or zeroes */
    bool data, zero; /* data: bytes are stored; zero: they read as zeroes */
    bool compressed;
    bool has_offset; /* the bytes lie in the file as they are, at .offset */
    uint64_t offset;
    uint64_t bytes; /* from the offset asked for on, all alike */
};

struct image_snapshot {
    char *id, *name;
    uint64_t vm_state_size, disk_size;
    uint32_t date_sec, date_nsec;
    uint64_t vm_clock_nsec;
    uint64_t icount; /* UINT64_MAX: not recorded */
};

enum image_fix { IMAGE_FIX_NONE, IMAGE_FIX_LEAKS = 1, IMAGE_FIX_ALL = 3 };

struct image_check {
    uint64_t corruptions, leaks, errors; /* errors: what could not be looked at */
    uint64_t corruptions_fixed, leaks_fixed;
    uint64_t total_clusters, allocated, fragmented, compressed, end_offset;
    void (*say)(void *arg, const char *line); /* each finding; may be NULL */
    void *arg;
};

/* What a format tells about an image (image_facts). */
struct image_facts {
    uint32_t cluster_size;            /* 0: has none */
    int version;                      /* qcow2: 2 or 3 */
    const char *compat, *compression; /* NULL: has none */
    unsigned refcount_bits;
    bool lazy_refcounts, dirty, corrupt;
};

struct image_create {
    uint64_t size;
    bool has_size; /* otherwise the size of what lies below */
    const char *backing, *backing_format;
    bool unsafe_backing; /* -u: do not look whether it is there */
    /* qcow2 */
    uint32_t cluster_size;  /* 0: 65536 */
    unsigned refcount_bits; /* 0: 16 */
    int version;            /* 0: 3 */
    bool lazy_refcounts, zstd;
    /* all */
    enum image_prealloc {
        PREALLOC_OFF,
        PREALLOC_METADATA,
        PREALLOC_FALLOC,
        PREALLOC_FULL
    } prealloc;
};

struct image_format {
    const char *name;
    unsigned (*probe)(const uint8_t *head, size_t n); /* 0: not mine; the highest wins */
    int (*create)(struct file *f, const struct image_create *c, struct block_err *err);
    int (*open)(struct image *im, struct block_err *err);
    void (*close)(struct image *im); /* after a flush */
    int (*readv)(struct image *im, struct vec v, uint64_t off);
    int (*writev)(struct image *im, struct vec v, uint64_t off);
    int (*zero)(struct image *im, uint64_t off, uint64_t n, bool unmap);
    int (*discard)(struct image *im, uint64_t off, uint64_t n);
    int (*flush)(struct image *im);
    int (*status)(struct image *im, uint64_t off, uint64_t n, struct image_status *st);
    /* The rest may be NULL: -ENOTSUP. */
    int (*resize)(struct image *im, uint64_t size, enum image_prealloc p, struct block_err *err);
    int (*preallocate)(struct image *im, uint64_t from, uint64_t to, enum image_prealloc p);
    int (*write_compressed)(struct image *im, const void *buf, size_t n, uint64_t off);
    int (*set_backing)(struct image *im, const char *file, const char *fmt, struct block_err *err);
    int (*make_empty)(struct image *im);
    void (*facts)(struct image *im, struct image_facts *f);
    int (*check)(struct image *im, struct image_check *c, enum image_fix fix,
                 struct block_err *err);
    int (*snap_list)(struct image *im, const struct image_snapshot **list, unsigned *n);
    int (*snap_create)(struct image *im, const struct image_snapshot *s, struct block_err *err);
    int (*snap_apply)(struct image *im, const char *id_or_name, struct block_err *err);
    int (*snap_delete)(struct image *im, const char *id_or_name, struct block_err *err);
    /* Opens the content of a snapshot instead of the current one, for reading. */
    int (*snap_load)(struct image *im, const char *id_or_name, struct block_err *err);
    /* Until the next call with NULL, reads (vm_state too) show the snapshot, and nobody writes. */
    int (*snap_peek)(struct image *im, const char *id_or_name, struct block_err *err);
    /* Memory of a saved machine, kept beside the disk; offset 0 on. */
    int (*vm_state)(struct image *im, struct vec v, uint64_t off, bool write);
};

struct image {
    const struct image_format *format;
    struct file *file;
    struct image *backing;               /* what lies below, or NULL */
    char *name;                          /* as it was opened */
    char *backing_file, *backing_format; /* as its header says, or NULL */
    uint64_t size;                       /* of the disk, a multiple of 512 */
    uint32_t flags;                      /* enum image_flag */
    bool read_only;
    bool guessed; /* raw because its first bytes look like nothing else: they have to stay so */
    void *state;  /* of the format */
};

const struct image_format *image_format_by_name(const char *name); /* or NULL */
const struct image_format *image_format_at(unsigned i);            /* all of them, then NULL */

/* format NULL: by looking at the file's first bytes. A raw image that was opened so refuses
 * (-EPERM) writes after which it would look like another format: its guest would choose what the
 * host opens next. */
int image_open(const char *path, const char *format, uint32_t flags, struct image **out,
               struct block_err *err);
/* Over a file that is open already; it is the image's from now on, also after an error. */
int image_open_file(struct file *f, const char *format, uint32_t flags, struct image **out,
                    struct block_err *err);
/* A temporary qcow2 image over im, whose changes are gone at the end (-snapshot). It owns im. */
int image_open_overlay(struct image *im, struct image **out, struct block_err *err);
/* Flushes and closes, those below as well. Says whether all of it reached the disk. */
int image_close(struct image *im);

int image_create(const char *path, const char *format, const struct image_create *c,
                 struct block_err *err);

/* -EINVAL beyond the end, -EROFS. */
int image_readv(struct image *im, struct vec v, uint64_t off);
int image_writev(struct image *im, struct vec v, uint64_t off);
int image_read(struct image *im, void *buf, size_t n, uint64_t off);
int image_write(struct image *im, const void *buf, size_t n, uint64_t off);
int image_zero(struct image *im, uint64_t off, uint64_t n, bool unmap);
int image_discard(struct image *im, uint64_t off, uint64_t n);
int image_flush(struct image *im);
/* Of this image alone; 0 < n; behind the end -EINVAL. */
int image_status(struct image *im, uint64_t off, uint64_t n, struct image_status *st);
/* Through all images down to, but without, base (NULL: all). depth: which one it was, from 0. Where
 * none has it, allocated is false and zero is true if there is no base. */
int image_status_above(struct image *im, struct image *base, uint64_t off, uint64_t n,
                       struct image_status *st, unsigned *depth);

/* The name of what lies below as seen from the current folder: a relative one starts in the folder
 * of the image. Free it. NULL: no memory. */
char *image_backing_path(const char *image, const char *backing);
/* -ENOTSUP and words for a name such as nbd:host:port. */
int image_check_name(const char *name, struct block_err *err);

#endif
