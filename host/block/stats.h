/* SPDX-License-Identifier: MIT */
/* host/block/stats.h -- what a disk has done since it was opened: requests, and bytes of those that went well. */
#ifndef HOST_BLOCK_STATS_H
#define HOST_BLOCK_STATS_H

#include <stdint.h>

struct disk_stats {
    uint64_t reads, writes, flushes, discards, zeroes, read_bytes, written_bytes, errors;
};

#endif
