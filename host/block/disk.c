// SPDX-License-Identifier: MIT
/* host/block/disk.c -- a port of ports/block.h over an image. Submitted requests wait in a queue
 * for one of a few threads, which are started when there is work for them and stay. Small
 * sequential requests are not joined: the guest's kernel did that. */
#include "host/block/disk.h"

#include "host/block/formats.h"
#include "host/block/request.h"
#include "host/block/uring.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_THREADS = 16, DEFAULT_THREADS = 4 };

struct list {
    struct block_req *first, *last;
};

struct disk {
    struct block_port port;
    struct image *im;
    struct disk_options opt;
    pthread_mutex_t lock;
    pthread_cond_t work, ended;
    struct list todo, done, kept; /* kept: failed, to be done again; the owner's */
    unsigned in_flight;              /* submitted, done() not yet begun */
    unsigned threads, idle, waiting; /* waiting: requests in todo */
    bool stop, draining, limited;
    struct throttle throttle;
    struct uring *ring; /* or NULL */
    pthread_t thread[MAX_THREADS];
    struct disk_stats stats;
};

static void push(struct list *l, struct block_req *r)
{
    r->next = NULL;
    if (l->last)
        l->last->next = r;
    else
        l->first = r;
    l->last = r;
}

static struct block_req *pop(struct list *l)
{
    struct block_req *r = l->first;

    if (r) {
        l->first = r->next;
        if (!l->first)
            l->last = NULL;
    }
    return r;
}

static int write_op(struct disk *d, const struct block_req *req)
{
    struct vec v = vec_of(req->iov, req->niov);
    int r;

    if (d->opt.detect_zeroes && vec_is_zero(v))
        r = image_zero(d->im, req->offset, req->bytes, d->opt.unmap_zeroes);
    else
        r = image_writev(d->im, v, req->offset);
    return r;
}

static int carry_out(struct disk *d, const struct block_req *req)
{
    bool through = (req->flags & BLOCK_FUA) || d->opt.write_through;
    int r = d->im ? block_req_check(&d->port, req) : -EIO;

    if (r < 0)
        return r;
    switch (req->op) {
    case BLOCK_READ:
        return image_readv(d->im, vec_of(req->iov, req->niov), req->offset);
    case BLOCK_WRITE:
        r = write_op(d, req);
        break;
    case BLOCK_WRITE_ZEROES:
        r = image_zero(d->im, req->offset, req->bytes,
                       d->opt.discard && (req->flags & BLOCK_UNMAP));
        break;
    case BLOCK_DISCARD:
        return d->opt.discard ? image_discard(d->im, req->offset, req->bytes) : 0;
    case BLOCK_FLUSH:
        return image_flush(d->im);
    }
    return r == 0 && through ? image_flush(d->im) : r;
}

static void count(struct disk_stats *s, const struct block_req *req)
{
    switch (req->op) {
    case BLOCK_READ:
        s->reads++;
        s->read_bytes += req->result == 0 ? req->bytes : 0;
        break;
    case BLOCK_WRITE:
        s->writes++;
        s->written_bytes += req->result == 0 ? req->bytes : 0;
        break;
    case BLOCK_FLUSH:
        s->flushes++;
        break;
    case BLOCK_DISCARD:
        s->discards++;
        break;
    case BLOCK_WRITE_ZEROES:
        s->zeroes++;
        break;
    }
    s->errors += req->result < 0;
}

/* The first in the queue has to wait, and has waited a while; it may have gone meanwhile. */
static bool is_limited(struct disk *d, const struct block_req *req)
{
    struct timespec t;
    int64_t now, wait;

    if (!d->limited || req->op == BLOCK_FLUSH)
        return false;
    clock_gettime(CLOCK_MONOTONIC, &t);
    now = t.tv_sec * 1000000000ll + t.tv_nsec;
    wait = throttle_wait(&d->throttle, now, req->op != BLOCK_READ, req->bytes);
    if (wait <= 0)
        return false;
    now += wait;
    t = (struct timespec){now / 1000000000, now % 1000000000};
    pthread_cond_timedwait(&d->work, &d->lock, &t);
    return true;
}

static void *worker(void *arg)
{
    struct disk *d = arg;

    pthread_mutex_lock(&d->lock);
    for (;;) {
        struct block_req *req = d->todo.first;
        bool first;

        if (!req) {
            if (d->stop)
                break;
            d->idle++;
            pthread_cond_wait(&d->work, &d->lock);
            d->idle--;
            continue;
        }
        if (is_limited(d, req))
            continue;
        pop(&d->todo);
        d->waiting--;
        pthread_mutex_unlock(&d->lock);
        req->result = carry_out(d, req);
        pthread_mutex_lock(&d->lock);
        count(&d->stats, req);
        first = !d->done.first;
        push(&d->done, req);
        pthread_cond_signal(&d->ended);
        if (first && d->opt.notify) {
            pthread_mutex_unlock(&d->lock);
            d->opt.notify(d->opt.arg);
            pthread_mutex_lock(&d->lock);
        }
    }
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

/* Signals are the owner's business, not a worker's. */
static bool start_thread(struct disk *d)
{
    sigset_t all, before;
    bool ok;

    if (d->threads == d->opt.threads)
        return d->threads;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    ok = pthread_create(&d->thread[d->threads], NULL, worker, d) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    d->threads += ok;
    return d->threads;
}

/* What io_uring can do just as the image would. */
static bool to_ring(struct disk *d, struct block_req *req)
{
    const struct image *im = d->im;
    int fd;

    if (!d->ring || !im || im->format != &raw_format || d->limited || !req->bytes ||
        block_req_check(&d->port, req) < 0)
        return false;
    if (req->op == BLOCK_FLUSH ? im->file->unsafe || im->file->read_only
        : req->op == BLOCK_WRITE
            ? d->opt.detect_zeroes || d->opt.write_through || (im->guessed && req->offset < 2048) ||
                  (im->file->unsafe && req->flags & BLOCK_FUA)
            : req->op != BLOCK_READ)
        return false;
    fd = file_descriptor(im->file, req->iov, req->op == BLOCK_FLUSH ? 0 : req->niov, req->offset);
    return fd >= 0 && uring_submit(d->ring, fd, req);
}

static void to_threads(struct disk *d, struct block_req *req)
{
    bool first = false;

    pthread_mutex_lock(&d->lock);
    if (d->waiting < d->idle || start_thread(d)) {
        d->waiting++;
        push(&d->todo, req);
        pthread_cond_signal(&d->work);
    } else { /* no thread at all */
        req->result = -EAGAIN;
        first = !d->done.first;
        push(&d->done, req);
    }
    pthread_mutex_unlock(&d->lock);
    if (first && d->opt.notify)
        d->opt.notify(d->opt.arg);
}

static void submit(void *opaque, struct block_req *req)
{
    struct disk *d = opaque;

    pthread_mutex_lock(&d->lock);
    d->in_flight++;
    pthread_mutex_unlock(&d->lock);
    if (!to_ring(d, req))
        to_threads(d, req);
}

/* Takes what io_uring has done. */
static void poll_ring(struct disk *d, bool wait)
{
    struct block_req *req;

    for (; d->ring && (req = uring_ended(d->ring, wait)); wait = false) {
        if (req->result == -EAGAIN) { /* in part, or not at all */
            to_threads(d, req);
            continue;
        }
        pthread_mutex_lock(&d->lock);
        count(&d->stats, req);
        push(&d->done, req);
        pthread_mutex_unlock(&d->lock);
    }
}

unsigned disk_poll(struct disk *d)
{
    struct list now;
    unsigned n = 0;

    poll_ring(d, false);
    pthread_mutex_lock(&d->lock);
    now = d->done;
    d->done = (struct list){0};
    for (struct block_req *r = now.first; r; r = r->next)
        n++;
    d->in_flight -= n;
    pthread_mutex_unlock(&d->lock);
    for (struct block_req *r; (r = pop(&now));)
        if (r->result < 0 && d->opt.failed && !d->draining && d->opt.failed(d->opt.arg, r))
            push(&d->kept, r);
        else
            r->done(r);
    return n;
}

void disk_retry(struct disk *d)
{
    struct list now = d->kept;

    d->kept = (struct list){0};
    for (struct block_req *r; (r = pop(&now));)
        submit(d, r);
}

static void drain(void *opaque)
{
    struct disk *d = opaque;

    d->draining = true;
    pthread_mutex_lock(&d->lock);
    while (d->in_flight || d->kept.first) {
        while (d->in_flight && !d->done.first && !(d->ring && uring_in_flight(d->ring)))
            pthread_cond_wait(&d->ended, &d->lock);
        pthread_mutex_unlock(&d->lock);
        if (d->ring)
            poll_ring(d, uring_in_flight(d->ring) > 0);
        disk_poll(d);
        for (struct block_req *r; (r = pop(&d->kept));)
            r->done(r);
        pthread_mutex_lock(&d->lock);
    }
    pthread_mutex_unlock(&d->lock);
    d->draining = false;
}

int disk_open(struct image *im, const struct disk_options *opt, struct disk **out,
              struct block_err *err)
{
    uint32_t block = opt->logical_block ? opt->logical_block : 512;
    struct disk *d = NULL;
    struct image_facts f = {0};
    pthread_condattr_t clock;
    int r = 0;

    *out = NULL;
    if (block != 512 && block != 4096)
        r = block_error(err, -EINVAL, "'%s': the logical block size is 512 or 4096", im->name);
    else if (im->size & (block - 1))
        r = block_error(err, -EINVAL, "'%s': the size is not a multiple of %u", im->name, block);
    else if (!(d = calloc(1, sizeof(*d))))
        r = block_error(err, -ENOMEM, "'%s': no memory", im->name);
    if (r < 0) {
        image_close(im);
        return r;
    }
    d->im = im;
    d->opt = *opt;
    if (!d->opt.threads || d->opt.threads > MAX_THREADS)
        d->opt.threads = DEFAULT_THREADS;
    if (im->format->facts)
        im->format->facts(im, &f);
    d->port = (struct block_port){
        .opaque = d,
        .submit = submit,
        .drain = drain,
        .size = im->size,
        .logical_block = block,
        .physical_block = 4096,
        .discard_unit = !opt->discard    ? 0
                        : f.cluster_size ? f.cluster_size
                                         : 4096,
        .max_bytes = 64u << 20,
        .max_iov = 1024,
        .read_only = im->read_only,
    };
    pthread_mutex_init(&d->lock, NULL);
    d->throttle.limits = opt->limits;
    d->limited = opt->limits.bps || opt->limits.bps_read || opt->limits.bps_write ||
                 opt->limits.iops || opt->limits.iops_read || opt->limits.iops_write;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&d->work, &clock);
    pthread_condattr_destroy(&clock);
    pthread_cond_init(&d->ended, NULL);
    if (opt->io_uring) {
        r = uring_new(opt->eventfd, &d->ring);
        if (r < 0) {
            block_error(err, r, "aio=io_uring: this build or this host has none");
            disk_close(d);
            return r;
        }
    }
    *out = d;
    return 0;
}

int disk_close(struct disk *d)
{
    int r;

    if (!d)
        return 0;
    drain(d);
    pthread_mutex_lock(&d->lock);
    d->stop = true;
    pthread_cond_broadcast(&d->work);
    pthread_mutex_unlock(&d->lock);
    for (unsigned i = 0; i < d->threads; i++)
        pthread_join(d->thread[i], NULL);
    r = d->im ? image_close(d->im) : 0;
    uring_free(d->ring);
    pthread_mutex_destroy(&d->lock);
    pthread_cond_destroy(&d->work);
    pthread_cond_destroy(&d->ended);
    free(d);
    return r;
}

int disk_release(struct disk *d)
{
    struct image *im = d->im;

    drain(d);
    d->im = NULL; /* no worker is at work */
    return im ? image_close(im) : 0;
}

int disk_acquire(struct disk *d, struct image *im)
{
    if (d->im || im->size != d->port.size) {
        image_close(im);
        return -EINVAL;
    }
    drain(d);
    d->im = im;
    return 0;
}

int disk_set_block(struct disk *d, uint32_t block)
{
    if ((block != 512 && block != 4096) || d->port.size & (block - 1))
        return -EINVAL;
    d->port.logical_block = block;
    return 0;
}

void disk_set_through(struct disk *d, bool write_through)
{
    d->opt.write_through = write_through;
}

struct block_port *disk_port(struct disk *d)
{
    return &d->port;
}

struct image *disk_image(struct disk *d)
{
    return d->im;
}

void disk_stats(struct disk *d, struct disk_stats *s)
{
    pthread_mutex_lock(&d->lock);
    *s = d->stats;
    pthread_mutex_unlock(&d->lock);
}
