// SPDX-License-Identifier: MIT
/* host/block/vec.c -- pieces of a vector of buffers. */
#include "host/block/vec.h"

#include <string.h>

struct vec vec_of(const struct iovec *iov, unsigned n)
{
    struct vec v = {.iov = iov, .n = n};

    for (unsigned i = 0; i < n; i++)
        v.bytes += iov[i].iov_len;
    return v;
}

unsigned vec_take(struct vec *v, size_t bytes, struct iovec *out, unsigned max, size_t *got)
{
    unsigned k = 0;

    *got = 0;
    while (bytes && k < max && v->bytes) {
        size_t left = v->iov->iov_len - v->skip, n = left < bytes ? left : bytes;

        if (n) {
            out[k].iov_base = (uint8_t *)v->iov->iov_base + v->skip;
            out[k++].iov_len = n;
        }
        bytes -= n;
        *got += n;
        v->bytes -= n;
        v->skip += n;
        if (v->skip == v->iov->iov_len) {
            v->iov++;
            v->n--;
            v->skip = 0;
        }
    }
    return k;
}

struct vec vec_front(struct vec *v, size_t bytes)
{
    struct vec front = *v;
    struct iovec piece;
    size_t got;

    if (bytes > v->bytes)
        bytes = v->bytes;
    front.bytes = bytes;
    while (bytes) {
        vec_take(v, bytes, &piece, 1, &got);
        bytes -= got;
    }
    return front;
}

void vec_zero(struct vec v)
{
    struct iovec piece;
    size_t got;

    while (vec_take(&v, v.bytes, &piece, 1, &got))
        memset(piece.iov_base, 0, got);
}

void vec_from(struct vec v, const void *buf)
{
    const uint8_t *p = buf;
    struct iovec piece;
    size_t got;

    for (; vec_take(&v, v.bytes, &piece, 1, &got); p += got)
        memcpy(piece.iov_base, p, got);
}

void vec_to(struct vec v, void *buf)
{
    uint8_t *p = buf;
    struct iovec piece;
    size_t got;

    for (; vec_take(&v, v.bytes, &piece, 1, &got); p += got)
        memcpy(p, piece.iov_base, got);
}

bool buf_is_zero(const void *buf, size_t n)
{
    const uint8_t *p = buf;

    /* the first 16 bytes are, and each byte equals the one 16 before it */
    for (size_t i = 0; i < n && i < 16; i++)
        if (p[i])
            return false;
    return n <= 16 || memcmp(p, p + 16, n - 16) == 0;
}

bool vec_is_zero(struct vec v)
{
    struct iovec piece;
    size_t got;

    while (vec_take(&v, v.bytes, &piece, 1, &got))
        if (!buf_is_zero(piece.iov_base, got))
            return false;
    return true;
}
