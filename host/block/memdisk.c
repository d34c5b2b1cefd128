// SPDX-License-Identifier: MIT
/* host/block/memdisk.c -- a disk in memory for tests of devices. Requests are checked as
 * ports/block.h says when they are submitted, and carried out when the test asks. A second copy of
 * the bytes holds what is durable. */
#include "host/block/memdisk.h"

#include "host/block/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct memdisk {
    struct block_port port;
    uint8_t *bytes, *durable;
    struct block_req *first, *last;
    uint64_t fail_at;
    int fail_err, fail_n;
};

static void submit(void *opaque, struct block_req *req)
{
    struct memdisk *d = opaque;

    req->next = NULL;
    if (d->last)
        d->last->next = req;
    else
        d->first = req;
    d->last = req;
}

static void take(struct memdisk *d, struct block_req *req)
{
    struct block_req **p = &d->first, *before = NULL;

    while (*p != req) {
        before = *p;
        p = &(*p)->next;
    }
    *p = req->next;
    if (d->last == req)
        d->last = before;
}

static bool fails(struct memdisk *d, const struct block_req *req)
{
    bool hit = req->op == BLOCK_FLUSH
                   ? d->fail_at == UINT64_MAX
                   : d->fail_at >= req->offset && d->fail_at - req->offset < req->bytes;

    if (!d->fail_err || !d->fail_n || !hit)
        return false;
    if (d->fail_n > 0)
        d->fail_n--;
    return true;
}

static void carry_out(struct memdisk *d, struct block_req *req)
{
    uint8_t *at = d->bytes + req->offset;

    req->result = block_req_check(&d->port, req);
    if (req->result == 0 && fails(d, req))
        req->result = d->fail_err;
    if (req->result)
        return;
    switch (req->op) {
    case BLOCK_READ:
        for (unsigned i = 0; i < req->niov; at += req->iov[i++].iov_len)
            memcpy(req->iov[i].iov_base, at, req->iov[i].iov_len);
        break;
    case BLOCK_WRITE:
        for (unsigned i = 0; i < req->niov; at += req->iov[i++].iov_len)
            memcpy(at, req->iov[i].iov_base, req->iov[i].iov_len);
        break;
    case BLOCK_FLUSH:
        memcpy(d->durable, d->bytes, d->port.size);
        break;
    case BLOCK_DISCARD:
    case BLOCK_WRITE_ZEROES:
        memset(at, 0, req->bytes);
        break;
    }
    if ((req->flags & BLOCK_FUA) && (req->op == BLOCK_WRITE || req->op == BLOCK_WRITE_ZEROES))
        memcpy(d->durable + req->offset, d->bytes + req->offset, req->bytes);
}

static void finish(struct memdisk *d, struct block_req *req)
{
    take(d, req);
    carry_out(d, req);
    req->done(req);
}

static void drain(void *opaque)
{
    struct memdisk *d = opaque;

    while (d->first)
        finish(d, d->first);
}

struct memdisk *memdisk_new(uint64_t size, uint32_t logical_block, bool read_only)
{
    struct memdisk *d = calloc(1, sizeof(*d));

    if (!d)
        return NULL;
    d->bytes = calloc(1, size ? size : 1);
    d->durable = calloc(1, size ? size : 1);
    if (!d->bytes || !d->durable) {
        memdisk_free(d);
        return NULL;
    }
    d->port = (struct block_port){.opaque = d,
                                  .submit = submit,
                                  .drain = drain,
                                  .size = size,
                                  .logical_block = logical_block,
                                  .physical_block = 4096,
                                  .discard_unit = 4096,
                                  .max_bytes = 16u << 20,
                                  .max_iov = 1024,
                                  .read_only = read_only};
    return d;
}

void memdisk_free(struct memdisk *d)
{
    if (!d)
        return;
    free(d->bytes);
    free(d->durable);
    free(d);
}

struct block_port *memdisk_port(struct memdisk *d)
{
    return &d->port;
}

uint8_t *memdisk_bytes(struct memdisk *d)
{
    return d->bytes;
}

unsigned memdisk_in_flight(const struct memdisk *d)
{
    unsigned n = 0;

    for (const struct block_req *r = d->first; r; r = r->next)
        n++;
    return n;
}

unsigned memdisk_run_one(struct memdisk *d)
{
    if (!d->first)
        return 0;
    finish(d, d->first);
    return 1;
}

unsigned memdisk_run_newest(struct memdisk *d)
{
    if (!d->last)
        return 0;
    finish(d, d->last);
    return 1;
}

unsigned memdisk_run_all(struct memdisk *d)
{
    unsigned n = memdisk_in_flight(d);

    for (unsigned i = 0; i < n && d->first; i++)
        finish(d, d->first);
    return n;
}

void memdisk_fail(struct memdisk *d, uint64_t offset, int err, int n)
{
    d->fail_at = offset;
    d->fail_err = err;
    d->fail_n = n;
}

void memdisk_power_loss(struct memdisk *d)
{
    memcpy(d->bytes, d->durable, d->port.size);
    d->first = d->last = NULL;
}
