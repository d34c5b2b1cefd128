/* SPDX-License-Identifier: MIT */
/* host/block/request.h -- what a provider of ports/block.h refuses; the same for each of them. */
#ifndef HOST_BLOCK_REQUEST_H
#define HOST_BLOCK_REQUEST_H

#include "ports/block.h"

/* 0, or the error (-EINVAL, -EROFS, -ENOTSUP) that the request has to end with. */
int block_req_check(const struct block_port *p, const struct block_req *req);

#endif
