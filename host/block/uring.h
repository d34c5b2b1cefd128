/* SPDX-License-Identifier: MIT */
/* host/block/uring.h -- requests to a file of the host by io_uring: no thread is woken for them. For disk.c.
 *
 * Threads: all of it in the context of the disk's owner. */
#ifndef HOST_BLOCK_URING_H
#define HOST_BLOCK_URING_H

#include "ports/block.h"

struct uring;

/* Ends are told by a write to the eventfd. -ENOSYS: this build, or the host, has none. */
int uring_new(int eventfd, struct uring **out);
void uring_free(struct uring *u); /* nothing in flight */
/* Begins a read, write or flush of a descriptor; false: it was not taken (the ring is full). */
bool uring_submit(struct uring *u, int fd, struct block_req *req);
/* One that has ended, with its result (a short one: -EAGAIN, to be done in another way), or NULL.
 * wait: until there is one; only with something in flight. */
struct block_req *uring_ended(struct uring *u, bool wait);
unsigned uring_in_flight(const struct uring *u);

#endif
