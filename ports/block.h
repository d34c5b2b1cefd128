/* SPDX-License-Identifier: MIT */
/* ports/block.h -- requests from a storage device (virtio-blk, NVMe, flash) to what holds the
 * bytes. A provider (host/block, or a disk in memory for tests) fills struct block_port; the device
 * fills one struct block_req per request and owns it again when done() has been called.
 *
 * Units: bytes everywhere. Offsets and lengths are multiples of logical_block, else -EINVAL; beyond
 * the end -EINVAL as well: a device may pass on what its guest asked for without looking. A request
 * of no bytes is fine and does nothing.
 *
 * Threads: a port belongs to one context, in which submit() and drain() are called and done() runs:
 * the one that holds the machine's lock, or an I/O thread. done() never runs inside submit(). It
 * may submit again, and may free the request.
 *
 * Order: requests in flight together are unordered, overlapping ones too (each logical block then
 * holds what one of them wrote). A request sees the effect of each one whose done() ran before it
 * was submitted. A flush that succeeds has made durable every write, discard and zeroing whose
 * done() ran before the flush was submitted; nothing else is durable until then. After loss of
 * power a block that was being written holds the old or the new bytes.
 *
 * Errors: result is 0 or -errno: -EINVAL (see above), -EROFS (any change to a read-only disk),
 * -ENOSPC, -EIO, -ENOTSUP (unknown operation). A failed write may have been done in part. */
#ifndef PORTS_BLOCK_H
#define PORTS_BLOCK_H

#include "base/base.h"

#include <sys/uio.h>

enum block_op {
    BLOCK_READ,    /* into the vector */
    BLOCK_WRITE,   /* from the vector */
    BLOCK_FLUSH,   /* offset, bytes, vector: not looked at */
    BLOCK_DISCARD, /* the range's content is no longer wanted; it reads as anything afterwards that
                    * this disk held there, or as zeroes */
    BLOCK_WRITE_ZEROES,
};

enum block_flag {
    BLOCK_FUA = 1u << 0,   /* write, zeroes: durable when done */
    BLOCK_UNMAP = 1u << 1, /* zeroes: may give the storage back */
};

struct block_req {
    enum block_op op;
    uint32_t flags;          /* enum block_flag; others are ignored */
    uint64_t offset, bytes;  /* of the disk */
    const struct iovec *iov; /* host memory, alive until done(); its lengths sum up to bytes,
                              * else -EINVAL */
    unsigned niov;
    void (*done)(struct block_req *req);
    void *dev;  /* for the device */
    int result; /* valid in done() */

    struct block_req *next; /* the provider's while in flight */
};

struct block_port {
    void *opaque;
    void (*submit)(void *opaque, struct block_req *req);
    /* Returns when nothing is in flight; runs done() of all of them. For reset and save: a device
     * that submits again in done() keeps it from returning. */
    void (*drain)(void *opaque);

    /* Facts; they do not change while a device uses the port. */
    uint64_t size;           /* multiple of logical_block */
    uint32_t logical_block;  /* 512 or 4096: the unit of requests */
    uint32_t physical_block; /* >= logical_block: written without reading first */
    uint32_t discard_unit;   /* discards of this size and alignment give storage back; 0: none do */
    uint64_t max_bytes; /* of a request, at least 1 MiB; longer ones: -EINVAL; flush, discard and
                         * zeroes have no limit */
    unsigned max_iov;   /* at least 126 */
    bool read_only;
    bool rotational;
};

static inline void block_submit(const struct block_port *p, struct block_req *req)
{
    p->submit(p->opaque, req);
}

static inline void block_drain(const struct block_port *p)
{
    p->drain(p->opaque);
}

#endif
