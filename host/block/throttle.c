// SPDX-License-Identifier: MIT
/* host/block/throttle.c -- see throttle.h. Each limit is a moment up to which it is paid for: a
 * request moves it on by what it costs, and begins when it is no more than the burst ahead of now.
 * A request that costs more than a burst begins as well, and the next ones wait the longer. */
#include "host/block/throttle.h"

#define SECOND 1000000000ll
#define BURST  (SECOND / 10)

int64_t throttle_wait(struct throttle *t, int64_t now, bool write, uint64_t bytes)
{
    const struct throttle_limits *l = &t->limits;
    const struct {
        uint64_t limit, cost;
    } part[] = {{l->bps, bytes},
                {l->iops, 1},
                {write ? l->bps_write : l->bps_read, bytes},
                {write ? l->iops_write : l->iops_read, 1}};
    const unsigned at[] = {0, 1, write ? 3 : 2, write ? 5 : 4};
    int64_t wait = 0;

    for (unsigned i = 0; i < ARRAY_LEN(part); i++) {
        int64_t ahead = t->paid[at[i]] - now - BURST;

        if (part[i].limit && ahead > wait)
            wait = ahead;
    }
    if (wait > 0)
        return wait;
    for (unsigned i = 0; i < ARRAY_LEN(part); i++) {
        int64_t *paid = &t->paid[at[i]];

        if (!part[i].limit)
            continue;
        if (*paid < now)
            *paid = now;
        *paid += (int64_t)((double)part[i].cost * SECOND / (double)part[i].limit);
    }
    return 0;
}
