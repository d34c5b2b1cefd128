/* SPDX-License-Identifier: MIT */
/* host/block/disk.h -- an image as a device sees it: the port of ports/block.h, served by threads.
 *
 * A worker thread does a request; done() runs in the context of the port's owner, which is told by
 * notify() that disk_poll() has something to do. disk_drain (port->drain) does not depend on
 * notify(). */
#ifndef HOST_BLOCK_DISK_H
#define HOST_BLOCK_DISK_H

#include "host/block/image.h"
#include "host/block/stats.h"
#include "host/block/throttle.h"
#include "ports/block.h"

struct disk;

struct disk_options {
    uint32_t logical_block; /* 512 or 4096; 0: 512 */
    bool discard;           /* pass discards on; otherwise they do nothing */
    bool detect_zeroes;     /* a write of nothing but zeroes becomes write-zeroes */
    bool unmap_zeroes;      /* which then may give the storage back */
    bool write_through;     /* each write is flushed before it is done */
    unsigned threads;       /* at most, 1 to 16; 0: 4 */
    /* Called by a worker, without any lock of the owner, when the first result lies ready; soon
     * after that disk_poll() has to be called. It must not call back into the disk. */
    void (*notify)(void *arg);
    /* A request has failed, in the owner's context; it may change the result. true: it is kept, and
     * neither done nor in flight until disk_retry(). NULL: none is kept. */
    bool (*failed)(void *arg, struct block_req *req);
    void *arg;
    struct throttle_limits limits;
    bool io_uring; /* reads, writes and flushes of raw images; the rest is done by the threads */
    int eventfd;   /* for io_uring: written to like notify() is called */
};

/* Takes over im, also after an error. */
int disk_open(struct image *im, const struct disk_options *opt, struct disk **out,
              struct block_err *err);
/* Drains (with done() of what is in flight), flushes and closes the image; what that says. */
int disk_close(struct disk *d);

struct block_port *disk_port(struct disk *d);
/* Before a device uses it: the unit of requests (-EINVAL: the disk's size is no multiple); whether each
 * write is flushed. */
int disk_set_block(struct disk *d, uint32_t logical_block);
void disk_set_through(struct disk *d, bool write_through);
struct image *
disk_image(struct disk *d); /* for snapshots and resizing: drained and owner's context only; NULL:
                             * released */

/* Lets the image go, flushed, for another process to have: drained first. Requests fail with -EIO
 * until another image of the same size is there (taken over, also after an error). What closing
 * said; -EINVAL: another size. Owner's context. */
int disk_release(struct disk *d);
int disk_acquire(struct disk *d, struct image *im);

/* Runs done() of what has ended, in the owner's context. How many. */
unsigned disk_poll(struct disk *d);

/* Does the requests again that were kept after an error. disk_drain, disk_release and disk_close
 * end them with their error instead. Owner's context. */
void disk_retry(struct disk *d);

/* Counters since it was opened, for "info blockstats". Any thread. */
void disk_stats(struct disk *d, struct disk_stats *s);

#endif
