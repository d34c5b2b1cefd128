// SPDX-License-Identifier: MIT
/* devices/nvme/nvme_io.c -- commands of the NVM set (NVMe 1.4, chapter 6): read, write, flush,
 * write zeroes, deallocation. Data goes between the disk and guest memory without a copy. */
#include "devices/nvme/nvme_state.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>

enum { IO_FLUSH = 0, IO_WRITE = 1, IO_READ = 2, IO_ZEROES = 8, IO_DATASET = 9 };
enum { ALL_NAMESPACES = 0xffffffff, FUA = 1 << 30, DEALLOCATE = 1 << 25 };

struct request {
    struct block_req b;
    struct nvme *n;
    unsigned sq, cq;
    uint32_t epoch;
    uint16_t cid;
    uint8_t op;
    unsigned nranges, range;
    struct nvme_data data;
    uint32_t ranges[][4]; /* attributes, blocks, start, its upper half */
};

static uint64_t blocks(const struct nvme *n)
{
    return n->port->size / n->port->logical_block;
}

static bool in_range(const struct nvme *n, uint64_t first, uint64_t count)
{
    return first <= blocks(n) && count <= blocks(n) - first;
}

static uint16_t status_of(const struct request *r, int result)
{
    if (result == 0)
        return NVME_OK;
    if (result == -EROFS)
        return NVME_READ_ONLY | NVME_DNR;
    if (result == -ENOTSUP)
        return NVME_INVALID_OPCODE | NVME_DNR;
    return r->op == IO_READ ? NVME_READ_FAULT : NVME_WRITE_FAULT;
}

static uint64_t range_start(const uint32_t *range)
{
    return range[2] | (uint64_t)range[3] << 32;
}

static void submit_range(struct request *r)
{
    const uint32_t *range = r->ranges[r->range];

    r->b.offset = range_start(range) * r->n->port->logical_block;
    r->b.bytes = (uint64_t)range[1] * r->n->port->logical_block;
    block_submit(r->n->port, &r->b);
}

static void done(struct block_req *b)
{
    struct request *r = b->dev;
    struct nvme *n = r->n;
    uint16_t status = status_of(r, b->result);

    /* Deallocation is a hint: a disk that cannot do it has done it. */
    if (r->op == IO_DATASET && b->result == -ENOTSUP)
        status = NVME_OK;
    if (r->op == IO_DATASET && status == NVME_OK && ++r->range < r->nranges) {
        submit_range(r);
        return;
    }
    nvme_unmap(&r->data, status == NVME_OK);
    n->in_flight--;
    n->cq_reserved[r->cq]--;
    if (r->epoch == n->epoch)
        nvme_complete(n, r->sq, r->cid, status, 0);
    free(r);
    nvme_run(n);
}

static struct request *new_request(struct nvme *n, unsigned sq, const struct nvme_cmd *c,
                                   unsigned nranges)
{
    struct request *r = calloc(1, sizeof(*r) + nranges * sizeof(r->ranges[0]));

    if (!r)
        return NULL;
    r->n = n;
    r->sq = sq;
    r->cq = n->sq[sq].cq;
    r->cid = c->cid;
    r->epoch = n->epoch;
    r->op = c->op;
    r->nranges = nranges;
    r->b.dev = r;
    r->b.done = done;
    return r;
}

static uint16_t start(struct request *r)
{
    r->n->in_flight++;
    r->n->cq_reserved[r->cq]++;
    block_submit(r->n->port, &r->b);
    return NVME_LATER;
}

static bool durable(const struct nvme *n, const struct nvme_cmd *c)
{
    return c->dw[12] & FUA || !(n->feature[NVME_FEATURE_CACHE] & 1);
}

static uint16_t data(struct nvme *n, unsigned sq, const struct nvme_cmd *c)
{
    uint64_t first = c->dw[10] | (uint64_t)c->dw[11] << 32, count = (c->dw[12] & 0xffff) + 1ull;
    uint64_t bytes = count * n->port->logical_block;
    bool write = c->op == IO_WRITE;
    struct request *r;
    uint16_t status;

    if (bytes > NVME_MAX_BYTES)
        return NVME_INVALID_FIELD | NVME_DNR;
    if (!in_range(n, first, count))
        return NVME_LBA_RANGE | NVME_DNR;
    r = new_request(n, sq, c, 0);
    if (!r)
        return NVME_INTERNAL;
    status = nvme_map(n, c, (uint32_t)bytes, !write, &r->data);
    if (status != NVME_OK) {
        free(r);
        return status;
    }
    r->b.op = write ? BLOCK_WRITE : BLOCK_READ;
    r->b.flags = write && durable(n, c) ? BLOCK_FUA : 0;
    r->b.offset = first * n->port->logical_block;
    r->b.bytes = bytes;
    r->b.iov = r->data.iov;
    r->b.niov = r->data.n;
    *(write ? &n->writes : &n->reads) += 1;
    *(write ? &n->written_units : &n->read_units) += bytes / 512;
    return start(r);
}

static uint16_t zeroes(struct nvme *n, unsigned sq, const struct nvme_cmd *c)
{
    uint64_t first = c->dw[10] | (uint64_t)c->dw[11] << 32, count = (c->dw[12] & 0xffff) + 1ull;
    struct request *r;

    if (!in_range(n, first, count))
        return NVME_LBA_RANGE | NVME_DNR;
    r = new_request(n, sq, c, 0);
    if (!r)
        return NVME_INTERNAL;
    r->b.op = BLOCK_WRITE_ZEROES;
    r->b.flags = (durable(n, c) ? BLOCK_FUA : 0) | (c->dw[12] & DEALLOCATE ? BLOCK_UNMAP : 0);
    r->b.offset = first * n->port->logical_block;
    r->b.bytes = count * n->port->logical_block;
    return start(r);
}

static uint16_t dataset(struct nvme *n, unsigned sq, const struct nvme_cmd *c)
{
    unsigned count = (c->dw[10] & 0xff) + 1, i, k;
    struct request *r;
    uint16_t status;

    if (!(c->dw[11] & 4)) /* other hints than deallocation */
        return NVME_OK;
    r = new_request(n, sq, c, count);
    if (!r)
        return NVME_INTERNAL;
    status = nvme_transfer(n, c, r->ranges, count * 16, false);
    for (i = 0; i < count && status == NVME_OK; i++) {
        for (k = 0; k < 4; k++)
            r->ranges[i][k] = le32toh(r->ranges[i][k]);
        if (!in_range(n, range_start(r->ranges[i]), r->ranges[i][1]))
            status = NVME_LBA_RANGE | NVME_DNR;
    }
    if (status == NVME_OK && n->port->read_only)
        status = NVME_READ_ONLY | NVME_DNR;
    if (status != NVME_OK) {
        free(r);
        return status;
    }
    r->b.op = BLOCK_DISCARD;
    n->in_flight++;
    n->cq_reserved[r->cq]++;
    submit_range(r);
    return NVME_LATER;
}

uint16_t nvme_io(struct nvme *n, unsigned sq, const struct nvme_cmd *c)
{
    struct request *r;

    if (c->nsid != 1 && !(c->op == IO_FLUSH && c->nsid == ALL_NAMESPACES))
        return NVME_INVALID_NAMESPACE | NVME_DNR;
    switch (c->op) {
    case IO_FLUSH:
        r = new_request(n, sq, c, 0);
        if (!r)
            return NVME_INTERNAL;
        r->b.op = BLOCK_FLUSH;
        return start(r);
    case IO_WRITE:
        if (n->port->read_only)
            return NVME_READ_ONLY | NVME_DNR;
        return data(n, sq, c);
    case IO_READ:
        return data(n, sq, c);
    case IO_ZEROES:
        if (n->port->read_only)
            return NVME_READ_ONLY | NVME_DNR;
        return zeroes(n, sq, c);
    case IO_DATASET:
        return dataset(n, sq, c);
    default:
        return NVME_INVALID_OPCODE | NVME_DNR;
    }
}

/* ---- shutdown ---- */
static void flushed(struct block_req *b)
{
    struct nvme *n = b->dev;

    if ((n->csts & NVME_CSTS_SHST) == 1 << 2)
        n->csts = (n->csts & ~(uint32_t)NVME_CSTS_SHST) | 2 << 2;
    free(b);
}

void nvme_flush_for_shutdown(struct nvme *n)
{
    struct block_req *b = calloc(1, sizeof(*b));

    n->csts &= ~(uint32_t)NVME_CSTS_SHST;
    if (!b || !n->port) {
        n->csts |= 2 << 2;
        free(b);
        return;
    }
    n->csts |= 1 << 2;
    b->op = BLOCK_FLUSH;
    b->dev = n;
    b->done = flushed;
    block_submit(n->port, b);
}
