/* SPDX-License-Identifier: MIT */
/* host/block/memdisk.h -- a disk in memory behind ports/block.h, for tests of devices. Nothing
 * happens by itself: a request stays in flight until the test completes it, in the order it likes,
 * with the result it likes.
 *
 * Threads: one. */
#ifndef HOST_BLOCK_MEMDISK_H
#define HOST_BLOCK_MEMDISK_H

#include "ports/block.h"

struct memdisk;

/* size: multiple of logical_block (512 or 4096). NULL: no memory. */
struct memdisk *memdisk_new(uint64_t size, uint32_t logical_block, bool read_only);
void memdisk_free(struct memdisk *d); /* requests still in flight get no done() */

struct block_port *memdisk_port(struct memdisk *d); /* the device may be given a changed copy */
uint8_t *memdisk_bytes(struct memdisk *d);          /* all of them, to look at and to set */

unsigned memdisk_in_flight(const struct memdisk *d);
/* Carries out the oldest, the newest or all requests in flight and calls done(); those that done()
 * submits wait for the next call. How many there were. */
unsigned memdisk_run_one(struct memdisk *d);
unsigned memdisk_run_newest(struct memdisk *d);
unsigned memdisk_run_all(struct memdisk *d);

/* The next n requests that touch block `offset` fail with err (-EIO), n < 0: all of them. A flush
 * touches offset UINT64_MAX. err 0: no more failures. */
void memdisk_fail(struct memdisk *d, uint64_t offset, int err, int n);

/* The content as it would be after loss of power right now: what completed flushes (and FUA) cover,
 * nothing later. Replaces the current content and forgets the requests in flight. */
void memdisk_power_loss(struct memdisk *d);

#endif
