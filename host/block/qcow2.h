/* SPDX-License-Identifier: MIT */
/* host/block/qcow2.h -- inside the qcow2 format: its structures on disk and in memory. Numbers on
 * disk are big-endian. For the files qcow2_*.c only; image.h is the way in.
 *
 * Locks: `lock` protects everything in struct qcow2 that changes while requests run; functions here
 * are called with it held unless they say "unlocked". Data are read and written without it.
 * `committing` is taken before `lock`, by whoever makes changes of tables durable.
 *
 * The order of writes, on which all safety against loss of power and against a killed process rests
 * (qcow2_commit.c). Only data are written in place: no table, and no cluster, that the header on the disk
 * leads to. Changes to tables stay in memory until a commit, which
 *   1. moves every table that changed to a free cluster, and writes it there;
 * flush;
 *   2. writes the header's sector, which names the new L1 table, refcount table and list of
 * snapshots; flush.
 * So the disk holds one whole state or the next one: refcounts, tables and marks agree in each. In
 * memory a refcount is what the next commit writes; a cluster that lost its last reference is
 * META_HELD, and not used anew, until 2 is done and every request that was under way when it was
 * freed has ended. */
#ifndef HOST_BLOCK_QCOW2_H
#define HOST_BLOCK_QCOW2_H

#include "host/block/formats.h"

#include <endian.h>
#include <pthread.h>
#include <string.h>

enum {
    QCOW2_MAGIC = 0x514649fb,
    QCOW2_MIN_BITS = 9,
    QCOW2_MAX_BITS = 21,
    QCOW2_V2_LENGTH = 72,
    QCOW2_V3_LENGTH = 104,
    QCOW2_MAX_L1 = 32 << 20,  /* bytes */
    QCOW2_MAX_REFT = 8 << 20, /* bytes */
    QCOW2_MAX_SNAPSHOTS = 65536,
    QCOW2_MAX_SNAP_TABLE = 64 << 20,
    QCOW2_MAX_SNAP_EXTRA = 1024,
    QCOW2_MAX_BACKING = 1023, /* length of the name */
};

enum qcow2_incompatible {
    QCOW2_DIRTY = 1 << 0,   /* refcounts may be wrong */
    QCOW2_CORRUPT = 1 << 1, /* do not write */
    QCOW2_DATA_FILE = 1 << 2,
    QCOW2_COMPRESSION = 1 << 3, /* the header has a compression type */
    QCOW2_EXTENDED_L2 = 1 << 4,
};
enum { QCOW2_LAZY = 1 << 0 };    /* compatible */
enum { QCOW2_BITMAPS = 1 << 0 }; /* autoclear */
enum { QCOW2_ZLIB, QCOW2_ZSTD }; /* compression type */

enum qcow2_extension {
    QCOW2_EXT_END = 0,
    QCOW2_EXT_BACKING_FORMAT = 0xe2792aca,
    QCOW2_EXT_FEATURES = 0x6803f857,
    QCOW2_EXT_BITMAPS = 0x23852875,
    QCOW2_EXT_CRYPTO = 0x0537be77,
    QCOW2_EXT_DATA_FILE = 0x44415441,
};

struct qcow2_header {
    uint32_t magic, version;
    uint64_t backing_offset;
    uint32_t backing_size, cluster_bits;
    uint64_t size;
    uint32_t crypt, l1_size;
    uint64_t l1_offset, reft_offset;
    uint32_t reft_clusters, nsnapshots;
    uint64_t snapshots_offset;
    uint64_t incompatible, compatible, autoclear; /* version 3 from here on */
    uint32_t refcount_order, length;
    uint8_t compression, pad[7];
};
_Static_assert(sizeof(struct qcow2_header) == 112, "as on disk");

/* Entries of L1 and L2 tables. */
#define QCOW2_COPIED     (1ull << 63) /* refcount is exactly 1: write in place */
#define QCOW2_COMPRESSED (1ull << 62)
#define QCOW2_ZERO       1ull
#define QCOW2_OFFSET     0x00fffffffffffe00ull

enum qcow2_kind { QCOW2_NONE, QCOW2_ZERO_PLAIN, QCOW2_ZERO_ALLOC, QCOW2_NORMAL, QCOW2_PACKED };

/* What a cluster of the file is used for, where that is known; data may not be written there. */
enum qcow2_meta {
    META_NONE,
    META_HEADER,
    META_L1,
    META_REFT,
    META_REFBLOCK,
    META_SNAPSHOTS,
    META_SNAPSHOT_L1,
    META_L2,
    META_HELD, /* free in the next state, but not yet to be used */
};

/* An L2 table or a refcount block in memory, as on disk. */
struct qcow2_tab {
    uint64_t offset;
    enum qcow2_meta meta;
    uint32_t slot;  /* the entry of the L1 or refcount table that names it, where it was changed */
    bool dirty;     /* to be written */
    bool fresh;     /* the header on the disk does not lead to it: it need not move */
    bool going;     /* written by the commit that is under way */
    unsigned pins;  /* may not be dropped */
    struct qcow2_tab *chain;
    struct qcow2_tab *newer, *older;
    uint8_t data[];
};

/* A write into clusters that are being allocated; other writes there wait for it. */
struct qcow2_alloc {
    uint64_t guest, host; /* of the first cluster */
    uint64_t bytes;       /* whole clusters */
    bool blank;           /* the storage reads as zeroes */
    bool reused;          /* the cluster was this one's already (zero flag) */
    struct qcow2_alloc *next;
};

struct qcow2_freed {
    uint64_t cluster; /* number */
    uint64_t epoch;
    bool table;       /* its place is kept for the next one */
};

struct qcow2_freed_list {
    struct qcow2_freed *at;
    size_t n, room;
};

struct qcow2_snapshot {
    struct image_snapshot pub;
    uint64_t l1_offset;
    uint32_t l1_size;
    uint8_t *extra; /* unknown extra data, kept */
    uint32_t extra_size;
};

struct qcow2_inflated { /* a compressed cluster, unpacked */
    uint64_t entry;     /* 0: none */
    uint64_t used;
    uint8_t *data;
};

struct qcow2 {
    struct image *im;
    struct file *file;
    pthread_mutex_t lock, committing;
    pthread_cond_t changed;

    int version;
    unsigned cluster_bits, l2_bits, refcount_order, block_bits; /* block_bits: log2 of entries */
    uint64_t cluster;                                           /* bytes */
    struct qcow2_header head, disk;                             /* in host order: the next, the valid */
    unsigned head_length;                                       /* of the header on disk */
    uint64_t *l1;                                               /* host order */
    uint32_t l1_size;                                           /* entries in memory */
    bool l1_dirty, l1_fresh;                                    /* as in struct qcow2_tab */
    uint64_t *reft;
    uint64_t reft_size; /* entries */
    bool reft_dirty, reft_fresh;
    bool bad_blocks; /* found when it was opened */
    int broken; /* -errno for all changes from now on: a flush failed, or the image is corrupt */

    /* tables in memory */
    struct qcow2_tab **hash;
    unsigned hash_mask;
    struct qcow2_tab *newest, *oldest;
    uint64_t tab_bytes, tab_room, dirty_bytes;
    struct qcow2_tab *last_block;

    /* clusters with a known use: open addressing, key 0 is free */
    struct qcow2_use {
        uint64_t cluster_1; /* number + 1 */
        uint8_t meta;
    } * uses;
    size_t nuses, uses_mask;

    uint64_t free_hint;                     /* no free cluster below */
    uint64_t blank_from;                    /* clusters from here on were never written */
    struct qcow2_freed_list freed, durable; /* not yet, and already without reference on the disk */
    uint64_t spare[64];                     /* clusters for tables */
    unsigned nspare;
    uint64_t epoch;
    unsigned io[2]; /* requests under way that began in an even, odd epoch */
    struct qcow2_alloc *allocs;
    bool no_allocs; /* a commit waits for those that are under way */
    uint64_t packed_at; /* where the next compressed cluster may go, or 0 */

    uint64_t commit_begun; /* counted, so that flushes share commits */
    int commit_result;

    struct qcow2_snapshot *snap;
    struct {
        uint64_t *l1; /* NULL: none is looked at */
        uint32_t l1_size;
        uint64_t disk_size;
    } peek; /* what is the image's own, while a snapshot's is shown instead */
    struct image_snapshot *snap_pub; /* the list that snap_list() hands out */
    unsigned nsnap;

    pthread_mutex_t inflate_lock;
    struct qcow2_inflated inflated[4];
    uint64_t inflate_clock;
};

static inline uint32_t be32_at(const void *p)
{
    uint32_t x;

    memcpy(&x, p, sizeof(x));
    return be32toh(x);
}

static inline uint64_t be64_at(const void *p)
{
    uint64_t x;

    memcpy(&x, p, sizeof(x));
    return be64toh(x);
}

static inline void put_be16(void *p, uint16_t x)
{
    x = htobe16(x);
    memcpy(p, &x, sizeof(x));
}

static inline void put_be32(void *p, uint32_t x)
{
    x = htobe32(x);
    memcpy(p, &x, sizeof(x));
}

static inline void put_be64(void *p, uint64_t x)
{
    x = htobe64(x);
    memcpy(p, &x, sizeof(x));
}

static inline struct qcow2 *qcow2_of(struct image *im)
{
    return im->state;
}

static inline uint64_t qcow2_clusters(const struct qcow2 *q, uint64_t bytes)
{
    return (bytes >> q->cluster_bits) + ((bytes & (q->cluster - 1)) != 0);
}

/* qcow2_header.c */
void qcow2_header_swap(struct qcow2_header *h); /* disk order to host order and back */
int qcow2_header_write(struct qcow2 *q);        /* the fixed part, in one sector; no flush */
int qcow2_header_corrupt(struct qcow2 *q);      /* sets the corrupt bit, nothing else */
/* Header, extensions and the backing file's name anew; the image's own format and name otherwise.
 */
int qcow2_header_rewrite(struct qcow2 *q, const char *backing, const char *format,
                         struct block_err *err);
int qcow2_parse(struct image *im, struct qcow2 *q,
                struct block_err *err); /* header and extensions */

/* qcow2_table.c */
int qcow2_tables_init(struct qcow2 *q);
void qcow2_tables_free(struct qcow2 *q);
void qcow2_tables_drop(struct qcow2 *q); /* forgets clean tables, all of them when none is dirty */
/* The table at offset, read if need be. It stays in memory until the lock is given up, or longer.
 */
int qcow2_tab_get(struct qcow2 *q, enum qcow2_meta meta, uint64_t offset, struct qcow2_tab **out);
/* A new one, zeroes, fresh and dirty. */
int qcow2_tab_new(struct qcow2 *q, enum qcow2_meta meta, uint64_t offset, struct qcow2_tab **out);
void qcow2_tab_dirty(struct qcow2 *q, struct qcow2_tab *t);
void qcow2_tab_clean(struct qcow2 *q, struct qcow2_tab *t);
void qcow2_tab_rename(struct qcow2 *q, struct qcow2_tab *t, uint64_t offset);
static inline void qcow2_tab_pin(struct qcow2_tab *t)
{
    t->pins++;
}
void qcow2_tab_unpin(struct qcow2 *q, struct qcow2_tab *t);
void qcow2_tab_forget(struct qcow2 *q, uint64_t offset); /* without writing */
void qcow2_l1_set(struct qcow2 *q, uint32_t i, uint64_t entry);
static inline void qcow2_reft_set(struct qcow2 *q, uint64_t k, uint64_t offset)
{
    q->reft[k] = offset;
    q->reft_dirty = true;
}

/* qcow2_commit.c */
int qcow2_commit(struct qcow2 *q);  /* unlocked; all that was done before is durable afterwards */
int qcow2_move_l2(struct qcow2 *q); /* L2 tables that changed: to where the next commit has them */
void qcow2_release(struct qcow2 *q);       /* what is free on the disk as well may be used */
void qcow2_release_spare(struct qcow2 *q); /* nothing in flight, nothing dirty */

bool qcow2_pressed(struct qcow2 *q); /* too much is dirty: commit soon */

enum qcow2_meta qcow2_use_of(struct qcow2 *q, uint64_t offset);
int qcow2_use_set(struct qcow2 *q, uint64_t offset, uint64_t bytes, enum qcow2_meta meta);
/* Marks the image corrupt, says why on standard error once; -EIO. */
int qcow2_corrupt(struct qcow2 *q, const char *fmt, ...) MOA_PRINTF(2, 3);

/* qcow2_refcount.c */
int qcow2_ref_get(struct qcow2 *q, uint64_t cluster, uint64_t *count);
int qcow2_ref_add(struct qcow2 *q, uint64_t cluster, int64_t delta); /* of one that is in use */
int qcow2_ref_first(struct qcow2 *q, uint64_t cluster);              /* of one that is free: to 1 */
uint64_t qcow2_ref_max(const struct qcow2 *q);
uint64_t qcow2_block_entry(const struct qcow2 *q, const uint8_t *block, uint64_t i);
void qcow2_block_put(const struct qcow2 *q, uint8_t *block, uint64_t i, uint64_t count);
/* 1 to n clusters in a row with refcount 1; *got of them. */
int qcow2_alloc_run(struct qcow2 *q, uint64_t n, uint64_t *offset, uint64_t *got);
int qcow2_alloc_exact(struct qcow2 *q, uint64_t n, uint64_t *offset);
int qcow2_free(struct qcow2 *q, uint64_t offset, uint64_t bytes); /* one reference less */
int qcow2_free_entry(struct qcow2 *q, uint64_t l2_entry);

/* qcow2_map.c */
enum qcow2_kind qcow2_kind_of(const struct qcow2 *q, uint64_t entry);
/* Entry of the cluster at off, and how many bytes from off on (at most n, in one L2 table) are
 * alike and, if stored as they are, in a row. */
int qcow2_map(struct qcow2 *q, uint64_t off, uint64_t n, uint64_t *entry, uint64_t *bytes);
int qcow2_l2_read(struct qcow2 *q, uint64_t off,
                  struct qcow2_tab **l2); /* *l2 NULL: there is none */
int qcow2_l2_write(struct qcow2 *q, uint64_t off, struct qcow2_tab **l2); /* to be changed */
static inline uint32_t qcow2_l2_index(const struct qcow2 *q, uint64_t off)
{
    return (uint32_t)(off >> q->cluster_bits) & ((1u << q->l2_bits) - 1);
}
static inline uint64_t qcow2_l2_entry(const struct qcow2_tab *l2, uint32_t i)
{
    return be64_at(l2->data + i * 8ul);
}
void qcow2_l2_set(struct qcow2 *q, struct qcow2_tab *l2, uint32_t i, uint64_t entry);
void qcow2_packed_at(const struct qcow2 *q, uint64_t entry, uint64_t *offset, uint64_t *bytes);
int qcow2_l1_grow(struct qcow2 *q, uint64_t entries,
                  uint64_t size); /* nothing in flight; size: of the
                                   * disk, to be written with it */

/* qcow2_io.c */
int qcow2_readv(struct image *im, struct vec v, uint64_t off);
int qcow2_writev(struct image *im, struct vec v, uint64_t off);
int qcow2_zero(struct image *im, uint64_t off, uint64_t n, bool unmap);
int qcow2_discard(struct image *im, uint64_t off, uint64_t n);
int qcow2_status(struct image *im, uint64_t off, uint64_t n, struct image_status *st);
int qcow2_write_compressed(struct image *im, const void *buf, size_t n, uint64_t off);
void qcow2_forget_packed(struct qcow2 *q); /* compressed clusters may lie elsewhere from now on */
int qcow2_vm_state(struct image *im, struct vec v, uint64_t off, bool write);
int qcow2_make_empty(struct image *im);
int qcow2_empty_from(struct qcow2 *q, uint64_t off); /* off: where an L2 table begins */

/* qcow2_snapshot.c */
int qcow2_snap_read(struct qcow2 *q, struct block_err *err); /* the table, when it is opened */
void qcow2_snap_free(struct qcow2 *q);
int qcow2_snap_list(struct image *im, const struct image_snapshot **list, unsigned *n);
int qcow2_snap_create(struct image *im, const struct image_snapshot *s, struct block_err *err);
int qcow2_snap_apply(struct image *im, const char *id_or_name, struct block_err *err);
int qcow2_snap_delete(struct image *im, const char *id_or_name, struct block_err *err);
int qcow2_snap_load(struct image *im, const char *id_or_name, struct block_err *err);
int qcow2_snap_peek(struct image *im, const char *id_or_name, struct block_err *err);

/* qcow2.c: forgets all changes since the last commit. Locked, nothing in flight. */
void qcow2_reload(struct qcow2 *q);

/* qcow2_check.c, qcow2_rebuild.c */
int qcow2_check(struct image *im, struct image_check *c, enum image_fix fix, struct block_err *err);
struct qcow2_counts; /* references found, by cluster */
uint64_t qcow2_counted(const struct qcow2_counts *k, uint64_t cluster);
uint64_t
qcow2_counts_end(const struct qcow2_counts *k); /* behind the last cluster with references */
int qcow2_rebuild(struct qcow2 *q,
                  const struct qcow2_counts *k); /* new refcount table and blocks */

/* qcow2_create.c, qcow2_resize.c */
int qcow2_create(struct file *f, const struct image_create *c, struct block_err *err);
int qcow2_resize(struct image *im, uint64_t size, enum image_prealloc p, struct block_err *err);
int qcow2_preallocate(struct image *im, uint64_t from, uint64_t to, enum image_prealloc p);

/* compress.c; packed bytes, 0 if it does not get smaller than room, or -errno */
long compress_pack(int type, const void *in, size_t n, void *out, size_t room);
int compress_unpack(int type, const void *in, size_t n, void *out, size_t full);
bool compress_has(int type);

#endif
