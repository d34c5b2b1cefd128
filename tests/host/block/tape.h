/* SPDX-License-Identifier: MIT */
/* tests/host/block/tape.h -- a file in memory that remembers every write and flush, so that a test
 * can look at what a disk might hold if the power had gone at any moment. One thread. */
#ifndef TESTS_HOST_BLOCK_TAPE_H
#define TESTS_HOST_BLOCK_TAPE_H

#include "host/block/file.h"

struct tape;

struct tape *tape_new(void);
void tape_free(struct tape *t); /* not while a file of it is open */

/* A file over it; closing it leaves the tape. */
struct file *tape_file(struct tape *t, bool read_only);

size_t tape_events(const struct tape *t); /* so many so far */
void tape_forget(struct tape *t);         /* begins with what is there now, as if flushed */
/* The n-th write from now on, and all behind it, fail with -errno; 0: none does. */
void tape_fail(struct tape *t, unsigned n, int err);

/* A new tape with what is left when the power goes after `events` of them: all that a flush covers,
 * and of the writes behind the last flush any 512-byte sectors, chosen by seed. seed 0: none of
 * them, 1: all. */
struct tape *tape_cut(const struct tape *t, size_t events, uint64_t seed);

const uint8_t *tape_bytes(const struct tape *t, size_t *size);
uint64_t test_random(uint64_t *state);

#endif
