/* SPDX-License-Identifier: MIT */
/* host/block/throttle.h -- limits of a disk's throughput: bytes and requests in a second, for all,
 * for reads and for writes. A tenth of a second's worth may come at once. Not locked. */
#ifndef HOST_BLOCK_THROTTLE_H
#define HOST_BLOCK_THROTTLE_H

#include "base/base.h"

struct throttle_limits { /* 0: no limit */
    uint64_t bps, bps_read, bps_write;
    uint64_t iops, iops_read, iops_write;
};

struct throttle {
    struct throttle_limits limits;
    int64_t paid[6]; /* ns: until then each limit is used up */
};

/* How long a request has to wait from now on, in ns; 0: it is counted and may begin. */
int64_t throttle_wait(struct throttle *t, int64_t now, bool write, uint64_t bytes);

#endif
