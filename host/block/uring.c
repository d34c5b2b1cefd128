// SPDX-License-Identifier: MIT
/* host/block/uring.c -- see uring.h: liburing's queue of submissions, each given to the kernel at once. Without
 * liburing there is none. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "host/block/uring.h"

#include <errno.h>
#include <stdlib.h>

#ifdef HAVE_URING
#include <liburing.h>

enum { DEPTH = 256 };

struct uring {
    struct io_uring ring;
    unsigned in_flight;
};

int uring_new(int eventfd, struct uring **out)
{
    struct uring *u = calloc(1, sizeof(*u));
    int r = u ? io_uring_queue_init(DEPTH, &u->ring, 0) : -ENOMEM;

    *out = NULL;
    if (r < 0) {
        free(u);
        return r == -ENOMEM ? r : -ENOSYS;
    }
    r = io_uring_register_eventfd(&u->ring, eventfd);
    if (r < 0) {
        uring_free(u);
        return -ENOSYS;
    }
    *out = u;
    return 0;
}

void uring_free(struct uring *u)
{
    if (u)
        io_uring_queue_exit(&u->ring);
    free(u);
}

bool uring_submit(struct uring *u, int fd, struct block_req *req)
{
    struct io_uring_sqe *s = u->in_flight < DEPTH ? io_uring_get_sqe(&u->ring) : NULL;

    if (!s)
        return false;
    if (req->op == BLOCK_READ)
        io_uring_prep_readv(s, fd, req->iov, req->niov, req->offset);
    else if (req->op == BLOCK_WRITE)
        io_uring_prep_writev2(s, fd, req->iov, req->niov, req->offset,
                              req->flags & BLOCK_FUA ? RWF_DSYNC : 0);
    else
        io_uring_prep_fsync(s, fd, IORING_FSYNC_DATASYNC);
    io_uring_sqe_set_data(s, req);
    u->in_flight++;
    while (io_uring_submit(&u->ring) == -EINTR)
        ;
    return true;
}

struct block_req *uring_ended(struct uring *u, bool wait)
{
    struct io_uring_cqe *c = NULL;
    struct block_req *req;
    int r;

    if (!u->in_flight)
        return NULL;
    do
        r = wait ? io_uring_wait_cqe(&u->ring, &c) : io_uring_peek_cqe(&u->ring, &c);
    while (r == -EINTR);
    if (r < 0 || !c)
        return NULL;
    req = io_uring_cqe_get_data(c);
    req->result = c->res < 0 ? c->res : 0;
    if (req->op != BLOCK_FLUSH && c->res >= 0 && (uint64_t)c->res < req->bytes)
        req->result = -EAGAIN;
    io_uring_cqe_seen(&u->ring, c);
    u->in_flight--;
    return req;
}

unsigned uring_in_flight(const struct uring *u)
{
    return u->in_flight;
}
#else
int uring_new(int eventfd, struct uring **out)
{
    (void)eventfd;
    *out = NULL;
    return -ENOSYS;
}

void uring_free(struct uring *u)
{
    (void)u;
}

bool uring_submit(struct uring *u, int fd, struct block_req *req)
{
    (void)u, (void)fd, (void)req;
    return false;
}

struct block_req *uring_ended(struct uring *u, bool wait)
{
    (void)u, (void)wait;
    return NULL;
}

unsigned uring_in_flight(const struct uring *u)
{
    (void)u;
    return 0;
}
#endif
