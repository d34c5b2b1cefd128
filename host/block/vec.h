/* SPDX-License-Identifier: MIT */
/* host/block/vec.h -- a place in a vector of buffers: pieces are taken off its front. */
#ifndef HOST_BLOCK_VEC_H
#define HOST_BLOCK_VEC_H

#include "base/base.h"

#include <sys/uio.h>

struct vec {
    const struct iovec *iov;
    unsigned n;
    size_t skip;  /* bytes of iov[0] that are gone */
    size_t bytes; /* that are left */
};

struct vec vec_of(const struct iovec *iov, unsigned n);

/* The next bytes as entries of out, which has room for max; how many entries. *got: bytes in them,
 * fewer than asked for when out is full. */
unsigned vec_take(struct vec *v, size_t bytes, struct iovec *out, unsigned max, size_t *got);

/* The front of v as a vector of its own; v goes on behind it. */
struct vec vec_front(struct vec *v, size_t bytes);

void vec_zero(struct vec v);
void vec_from(struct vec v, const void *buf); /* v.bytes are copied into v */
void vec_to(struct vec v, void *buf);
bool vec_is_zero(struct vec v);
bool buf_is_zero(const void *buf, size_t n);

#endif
