// SPDX-License-Identifier: MIT
/* devices/virtio/blk.c -- virtio block device (virtio 1.2, 5.2).
 *
 * A request becomes one or more of the port's, one after the other: pieces no longer than the port
 * takes. Buffers go to the port as they lie in guest memory. Without the flush feature, or with
 * write-back switched off, each write is durable when it is done. On reset and save all requests
 * are finished first. Not offered: secure erase, lifetime, zoned devices, SCSI commands of old
 * drivers. */
#include "devices/virtio/blk.h"

#include "devices/virtio/virtio.h"
#include "ports/block.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_GET_ID = 8, T_DISCARD = 11, T_ZEROES = 13 };
enum { S_OK = 0, S_IOERR = 1, S_UNSUPP = 2 };
enum { SEG_MAX = 254, RANGES_MAX = 16, RANGE_SECTORS = 0x3fffff, ID_LEN = 20 };

#define F_SEG_MAX    VIRTIO_F(2)
#define F_GEOMETRY   VIRTIO_F(4)
#define F_RO         VIRTIO_F(5)
#define F_BLK_SIZE   VIRTIO_F(6)
#define F_FLUSH      VIRTIO_F(9)
#define F_TOPOLOGY   VIRTIO_F(10)
#define F_CONFIG_WCE VIRTIO_F(11)
#define F_MQ         VIRTIO_F(12)
#define F_DISCARD    VIRTIO_F(13)
#define F_ZEROES     VIRTIO_F(14)

enum { CONFIG_WCE_AT = 32 };

struct blk {
    struct virtio v;
    uint8_t writeback;
    /* wiring */
    const struct block_port *port;
    char *drive, *serial;
    uint16_t num_queues, queue_size;
    bool discard, zeroes, config_wce;
};

struct req {
    struct vq_elem e;
    struct block_req b;
    struct blk *d;
    struct iovec *iov; /* of the piece in flight */
    uint32_t type;
    uint64_t sector, at, len; /* at of len bytes are done */
    uint8_t ranges[RANGES_MAX][16];
    unsigned nranges, range;
};

static void finish(struct req *r, uint8_t status)
{
    struct virtio *v = &r->d->v;
    uint64_t len = 1, data = r->e.in_len - 1;
    unsigned q = r->e.queue;

    if (status == S_OK && (r->type == T_IN || r->type == T_GET_ID))
        len += data;
    vq_write(&r->e, data, &status, 1);
    free(r->iov);
    vq_push(v, &r->e, len == 1 ? r->e.in_len : len);
    vq_interrupt(v, q);
}

/* Vectors of [skip + at, + n) of vec, as many as fit into max; returns the bytes covered. */
static uint64_t slice(const struct iovec *vec, unsigned nvec, uint64_t at, uint64_t n,
                      struct iovec *out, unsigned max, unsigned *nout)
{
    uint64_t done = 0;

    *nout = 0;
    for (unsigned i = 0; i < nvec && done < n && *nout < max; i++) {
        uint64_t len;

        if (at >= vec[i].iov_len) {
            at -= vec[i].iov_len;
            continue;
        }
        len = vec[i].iov_len - at < n - done ? vec[i].iov_len - at : n - done;
        out[(*nout)++] = (struct iovec){(uint8_t *)vec[i].iov_base + at, len};
        done += len;
        at = 0;
    }
    return done;
}

static void trim(struct iovec *vec, unsigned *n, uint64_t excess)
{
    while (excess) {
        struct iovec *last = &vec[*n - 1];
        uint64_t part = excess < last->iov_len ? excess : last->iov_len;

        last->iov_len -= part;
        excess -= part;
        *n -= last->iov_len == 0;
    }
}

static bool writes_through(const struct blk *d)
{
    return !virtio_has(&d->v, F_FLUSH) || !d->writeback;
}

/* The next piece of data; false: it cannot be said to the port. */
static bool submit_data(struct req *r)
{
    const struct block_port *p = r->d->port;
    bool in = r->type == T_IN;
    const struct iovec *vec = in ? r->e.in : r->e.out;
    unsigned nvec = in ? r->e.nin : r->e.nout, n;
    uint64_t most = p->max_bytes - p->max_bytes % p->logical_block, len = r->len - r->at, got;

    if (len > most)
        len = most;
    got = slice(vec, nvec, r->at + (in ? 0 : 16), len, r->iov, p->max_iov, &n);
    if (got < len) {
        trim(r->iov, &n, got % p->logical_block);
        len = got - got % p->logical_block;
    }
    if (len == 0)
        return false;
    r->b.op = in ? BLOCK_READ : BLOCK_WRITE;
    r->b.flags = !in && writes_through(r->d) ? BLOCK_FUA : 0;
    r->b.offset = r->sector * 512 + r->at;
    r->b.bytes = len;
    r->b.iov = r->iov;
    r->b.niov = n;
    block_submit(p, &r->b);
    return true;
}

static void submit_range(struct req *r)
{
    const uint8_t *s = r->ranges[r->range];

    r->b.op = r->type == T_DISCARD ? BLOCK_DISCARD : BLOCK_WRITE_ZEROES;
    r->b.flags = (r->type == T_ZEROES && s[12] & 1 ? BLOCK_UNMAP : 0) |
                 (writes_through(r->d) ? BLOCK_FUA : 0);
    r->b.offset = virtio_get(s, 8) * 512;
    r->b.bytes = virtio_get(s + 8, 4) * 512;
    r->b.iov = NULL;
    r->b.niov = 0;
    block_submit(r->d->port, &r->b);
}

static void done(struct block_req *b)
{
    struct req *r = b->dev;

    if (b->result < 0) {
        finish(r, b->result == -ENOTSUP ? S_UNSUPP : S_IOERR);
        return;
    }
    if (r->type == T_IN || r->type == T_OUT) {
        r->at += b->bytes;
        if (r->at == r->len)
            finish(r, S_OK);
        else if (!submit_data(r))
            finish(r, S_IOERR);
    } else if (r->type == T_FLUSH || ++r->range == r->nranges) {
        finish(r, S_OK);
    } else {
        submit_range(r);
    }
}

static void start_data(struct req *r)
{
    const struct block_port *p = r->d->port;
    bool in = r->type == T_IN;

    r->len = in ? r->e.in_len - 1 : r->e.out_len - 16;
    if (r->len % 512 || r->sector > p->size / 512 || r->len > p->size - r->sector * 512 ||
        (!in && p->read_only)) {
        finish(r, S_IOERR);
        return;
    }
    if (r->len == 0) {
        finish(r, S_OK);
        return;
    }
    r->iov = malloc(p->max_iov * sizeof(*r->iov));
    if (!r->iov || !submit_data(r))
        finish(r, S_IOERR);
}

static uint8_t check_range(const struct req *r, const uint8_t *s)
{
    uint64_t sector = virtio_get(s, 8), n = virtio_get(s + 8, 4), flags = virtio_get(s + 12, 4);
    uint64_t size = r->d->port->size / 512;

    if (flags & ~(r->type == T_ZEROES ? 1ull : 0ull))
        return S_UNSUPP;
    return n <= RANGE_SECTORS && sector <= size && n <= size - sector ? S_OK : S_IOERR;
}

static void start_ranges(struct req *r)
{
    uint64_t len = r->e.out_len - 16;
    bool offered = r->type == T_DISCARD ? r->d->discard : r->d->zeroes;

    if (!offered || r->d->port->read_only) {
        finish(r, offered ? S_IOERR : S_UNSUPP);
        return;
    }
    if (len == 0 || len % 16 || len / 16 > RANGES_MAX) {
        finish(r, S_IOERR);
        return;
    }
    r->nranges = (unsigned)(len / 16);
    vq_read(&r->e, 16, r->ranges, len);
    for (unsigned i = 0; i < r->nranges; i++) {
        uint8_t status = check_range(r, r->ranges[i]);

        if (status != S_OK) {
            finish(r, status);
            return;
        }
    }
    submit_range(r);
}

static void start(struct blk *d, struct req *r)
{
    uint8_t head[16];

    if (vq_read(&r->e, 0, head, 16) != 16 || r->e.in_len == 0) {
        virtio_broken(&d->v, "a request without its head or status");
        vq_drop(&r->e);
        return;
    }
    r->d = d;
    r->type = (uint32_t)virtio_get(head, 4);
    r->sector = virtio_get(head + 8, 8);
    r->b.dev = r;
    r->b.done = done;
    switch (r->type) {
    case T_IN:
    case T_OUT:
        start_data(r);
        break;
    case T_FLUSH:
        r->b.op = BLOCK_FLUSH;
        block_submit(d->port, &r->b);
        break;
    case T_GET_ID: {
        char id[ID_LEN] = {0};
        uint64_t room = r->e.in_len - 1;

        if (d->serial)
            memcpy(id, d->serial, strnlen(d->serial, ID_LEN));
        vq_write(&r->e, 0, id, room < ID_LEN ? room : ID_LEN);
        finish(r, S_OK);
        break;
    }
    case T_DISCARD:
    case T_ZEROES:
        start_ranges(r);
        break;
    default:
        finish(r, S_UNSUPP);
    }
}

static void kick(struct virtio *v, unsigned queue)
{
    struct req *r;

    for (unsigned n = 0; (r = vq_pop(v, queue, sizeof(*r)));) {
        start((struct blk *)v, r);
        if (++n == VIRTIO_BURST) {
            virtio_again(v, queue);
            break;
        }
    }
}

static void started(struct virtio *v)
{
    for (unsigned q = 0; q < VIRTIO_QUEUES && v->max[q]; q++)
        if (v->ready[q])
            kick(v, q);
}

static void stop(struct virtio *v)
{
    struct blk *d = (struct blk *)v;

    if (d->port)
        block_drain(d->port);
}

static uint8_t log2_of(uint64_t n)
{
    return (uint8_t)(63 - __builtin_clzll(n));
}

static void config_get(struct virtio *v)
{
    const struct blk *d = (struct blk *)v;
    const struct block_port *p = d->port;
    uint64_t sectors = p->size / 512, cyl = sectors / (16 * 63);
    uint32_t align = p->discard_unit > p->logical_block ? p->discard_unit : p->logical_block;
    uint8_t *c = v->config;

    virtio_put(c, sectors, 8);
    virtio_put(c + 12, SEG_MAX < d->queue_size - 2 ? SEG_MAX : d->queue_size - 2, 4);
    virtio_put(c + 16, cyl > 65535 ? 65535 : cyl, 2);
    c[18] = 16;
    c[19] = 63;
    virtio_put(c + 20, p->logical_block, 4);
    c[24] = log2_of(p->physical_block / p->logical_block);
    c[CONFIG_WCE_AT] = d->writeback;
    virtio_put(c + 34, d->num_queues, 2);
    virtio_put(c + 36, RANGE_SECTORS, 4);
    virtio_put(c + 40, RANGES_MAX, 4);
    virtio_put(c + 44, align / 512, 4);
    virtio_put(c + 48, RANGE_SECTORS, 4);
    virtio_put(c + 52, RANGES_MAX, 4);
    c[56] = 1;
}

static void config_set(struct virtio *v, unsigned at)
{
    struct blk *d = (struct blk *)v;

    if (at == CONFIG_WCE_AT && virtio_has(v, F_CONFIG_WCE))
        d->writeback = v->config[at] & 1;
}

static const struct virtio_ops ops = {
    .type = 2,
    .kick = kick,
    .config_get = config_get,
    .config_set = config_set,
    .started = started,
    .stop = stop,
};

static void join_block(struct device *dev, const struct block_port *port)
{
    ((struct blk *)dev)->port = port;
}

static int realize(struct device *dev, char *err, size_t err_len)
{
    struct blk *d = (struct blk *)dev;
    uint16_t sizes[VIRTIO_QUEUES];
    uint64_t f = F_SEG_MAX | F_GEOMETRY | F_BLK_SIZE | F_FLUSH | F_TOPOLOGY;

    if (!d->port) {
        snprintf(err, err_len, "%s needs a drive", dev->class->name);
        return -EINVAL;
    }
    if (d->queue_size & (d->queue_size - 1)) {
        snprintf(err, err_len, "%s: queue-size must be a power of two", dev->class->name);
        return -EINVAL;
    }
    if (d->port->read_only)
        f |= F_RO;
    else
        f |= (d->discard ? F_DISCARD : 0) | (d->zeroes ? F_ZEROES : 0);
    f |= (d->config_wce ? F_CONFIG_WCE : 0) | (d->num_queues > 1 ? F_MQ : 0);
    for (unsigned i = 0; i < d->num_queues; i++)
        sizes[i] = d->queue_size;
    virtio_init(&d->v, &ops, f, sizes, d->num_queues);
    return 0;
}

static void reset(struct device *dev)
{
    virtio_reset(dev);
    ((struct blk *)dev)->writeback = 1;
}

static int pre_save(struct device *dev)
{
    stop((struct virtio *)dev);
    return 0;
}

static const struct dev_state states[] = {
    VIRTIO_STATES,
    DEV_STATE_MAX(struct blk, writeback, 1),
};
static const struct dev_prop props[] = {
    DEV_PROP(struct blk, drive, "drive", DEV_LINK, .names = (const char *const[]){"drive"},
             .text = "where its blocks are"),
    DEV_PROP(struct blk, serial, "serial", DEV_STRING, .text = "up to 20 characters"),
    DEV_PROP(struct blk, num_queues, "num-queues", DEV_U16, .dflt = 1, .min = 1,
             .max = VIRTIO_QUEUES, .text = "queues for requests"),
    DEV_PROP(struct blk, queue_size, "queue-size", DEV_U16, .dflt = 256, .min = 4,
             .max = VIRTIO_QUEUE_MAX, .text = "entries of a queue"),
    DEV_PROP(struct blk, discard, "discard", DEV_BOOL, .dflt = 1, .text = "offers discard"),
    DEV_PROP(struct blk, zeroes, "write-zeroes", DEV_BOOL, .dflt = 1,
             .text = "offers write zeroes"),
    DEV_PROP(struct blk, config_wce, "config-wce", DEV_BOOL, .dflt = 1,
             .text = "lets the driver switch write-back"),
    VIRTIO_PROPS,
};

const struct dev_class virtio_blk_class = {
    .name = "virtio-blk-device",
    .text = "virtio block device",
    .bus = "virtio",
    .category = "storage",
    .size = sizeof(struct blk),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .realize = realize,
    .unrealize = virtio_exit,
    .reset = reset,
    .pre_save = pre_save,
    .post_load = virtio_post_load,
    .join_block = join_block,
};
