// SPDX-License-Identifier: MIT
/* host/block/request.c -- checks a request of ports/block.h: operation, range, alignment, vector.
 */
#include "host/block/request.h"

#include <errno.h>

int block_req_check(const struct block_port *p, const struct block_req *req)
{
    uint64_t sum = 0;

    switch (req->op) {
    case BLOCK_FLUSH:
        return 0;
    case BLOCK_READ:
    case BLOCK_WRITE:
    case BLOCK_DISCARD:
    case BLOCK_WRITE_ZEROES:
        break;
    default:
        return -ENOTSUP;
    }
    if (req->op != BLOCK_READ && p->read_only)
        return -EROFS;
    if (((req->offset | req->bytes) & (p->logical_block - 1)) || req->offset > p->size ||
        req->bytes > p->size - req->offset)
        return -EINVAL;
    if (req->op != BLOCK_READ && req->op != BLOCK_WRITE)
        return 0;
    if (req->bytes > p->max_bytes || req->niov > p->max_iov)
        return -EINVAL;
    for (unsigned i = 0; i < req->niov; i++)
        if (__builtin_add_overflow(sum, req->iov[i].iov_len, &sum) || sum > req->bytes)
            return -EINVAL;
    return sum == req->bytes ? 0 : -EINVAL;
}
