// SPDX-License-Identifier: MIT
/* cmd/img_bench.c -- moa-img bench: requests of one kind through the same port that devices use.
 * Each goes to the next place, -S bytes further, and starts again at the front of the disk. */
#include "cmd/img.h"

#include "host/block/disk.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { MAX_DEPTH = 256 };

struct bench {
    struct disk *disk;
    uint64_t count, depth, size, step, start, flush_every;
    uint64_t at, begun, ended;
    struct job *job;
    bool write, quiet;
    int pattern, wake, result;
};

struct job {
    struct block_req req;
    struct iovec iov;
    struct bench *b;
    bool busy;
};

static void done(struct block_req *req)
{
    struct job *j = req->dev;

    j->busy = false;
    j->b->ended++;
    if (req->result < 0)
        j->b->result = req->result;
}

static void notify(void *arg)
{
    struct bench *b = arg;
    uint64_t one = 1;

    if (write(b->wake, &one, sizeof(one)) < 0)
        b->result = -errno;
}

static void submit(struct bench *b, struct job *j)
{
    uint64_t all = disk_port(b->disk)->size;
    bool flush = b->flush_every && b->begun % (b->flush_every + 1) == b->flush_every;

    if (b->at + b->size > all)
        b->at = b->start;
    j->busy = true;
    j->req = (struct block_req){.op = flush      ? BLOCK_FLUSH
                                      : b->write ? BLOCK_WRITE
                                                 : BLOCK_READ,
                                .offset = b->at,
                                .bytes = b->size,
                                .iov = &j->iov,
                                .niov = 1,
                                .done = done,
                                .dev = j};
    if (!flush)
        b->at += b->step;
    b->begun++;
    block_submit(disk_port(b->disk), &j->req);
}

static int run(struct bench *b)
{
    uint64_t all = b->count + (b->flush_every ? b->count / b->flush_every : 0), events;

    for (uint64_t i = 0; i < b->depth; i++) {
        b->job[i].b = b;
        b->job[i].iov.iov_len = b->size;
        if (posix_memalign(&b->job[i].iov.iov_base, 4096, b->size))
            return -ENOMEM;
        memset(b->job[i].iov.iov_base, b->pattern, b->size);
    }
    while (b->ended < all && b->result == 0) {
        struct pollfd p = {b->wake, POLLIN, 0};

        for (uint64_t i = 0; i < b->depth && b->begun < all; i++)
            if (!b->job[i].busy)
                submit(b, &b->job[i]);
        poll(&p, 1, -1);
        if (read(b->wake, &events, sizeof(events)) < 0 && errno != EAGAIN)
            return -errno;
        disk_poll(b->disk);
    }
    block_drain(disk_port(b->disk));
    return b->result;
}

static int bench(struct bench *b, struct image *im)
{
    struct disk_options opt = {.notify = notify, .arg = b};
    struct timespec from, to;
    struct block_err err = {""};
    int r;

    b->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    b->job = calloc(b->depth, sizeof(*b->job));
    if (b->wake < 0 || !b->job || b->size > im->size) {
        image_close(im);
        return img_error("%s", b->job ? "the image is smaller than a request" : "no memory");
    }
    r = disk_open(im, &opt, &b->disk, &err);
    if (r < 0)
        return img_error("%s", err.text);
    b->at = b->start;
    clock_gettime(CLOCK_MONOTONIC, &from);
    r = run(b);
    clock_gettime(CLOCK_MONOTONIC, &to);
    if (disk_close(b->disk) < 0 || r < 0)
        return img_error("%s", strerror(r < 0 ? -r : EIO));
    if (!b->quiet)
        printf("Run completed in %3.3f seconds.\n",
               (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
    return 0;
}

static bool number(const char *what, uint64_t max, uint64_t *out)
{
    if (!img_size(optarg, out) || *out > max)
        return img_error("Invalid %s specified", what), false;
    return true;
}

int img_bench(int argc, char **argv)
{
    static const struct option longs[] = {IMG_LONGS,
                                          {"flush-interval", required_argument, NULL, IMG_FLUSH},
                                          {"pattern", required_argument, NULL, IMG_PATTERN},
                                          {"force-share", no_argument, NULL, 'U'},
                                          {0}};
    struct bench b = {.count = 75000, .depth = 64, .size = 4096};
    const char *format = NULL;
    uint32_t flags = 0;
    bool ok = true;
    uint64_t n;
    struct image *im;
    int o, r;

    while (ok && (o = img_getopt(argc, argv, "hc:d:f:o:qs:S:t:wU", longs)) != -1)
        switch (o) {
        case 'c':
            ok = number("request count", 1u << 30, &b.count);
            break;
        case 'd':
            ok = number("queue depth", MAX_DEPTH, &b.depth);
            break;
        case 'f':
            format = optarg;
            break;
        case 'o':
            ok = number("offset", INT64_MAX, &b.start);
            break;
        case 'q':
            b.quiet = true;
            break;
        case 's':
            ok = number("buffer size", 16 << 20, &b.size);
            break;
        case 'S':
            ok = number("step size", INT64_MAX, &b.step);
            break;
        case 't':
            ok = img_cache(optarg, &flags);
            break;
        case 'w':
            b.write = true;
            flags |= IMAGE_WRITE;
            break;
        case 'U':
            flags |= IMAGE_NO_LOCK;
            break;
        case IMG_FLUSH:
            ok = number("flush interval", 1u << 30, &b.flush_every);
            break;
        case IMG_PATTERN:
            ok = number("pattern byte", 255, &n);
            b.pattern = (int)n;
            break;
        default:
            return 1;
        }
    if (!ok)
        return 1;
    if (optind != argc - 1)
        return img_usage("bench", "Expecting one image file name");
    if (!b.depth || !b.size || ((b.size | b.step | b.start) & 511))
        return img_error("sizes are multiples of 512, and the depth at least 1");
    if (!b.step)
        b.step = b.size;
    im = img_open(argv[optind], format, flags);
    if (!im)
        return 1;
    if (!b.quiet)
        printf("Sending %llu %s requests, %llu bytes each, %llu in parallel (starting at offset "
               "%llu, step "
               "size %llu)\n",
               (unsigned long long)b.count, b.write ? "write" : "read", (unsigned long long)b.size,
               (unsigned long long)b.depth, (unsigned long long)b.start,
               (unsigned long long)b.step);
    r = bench(&b, im);
    for (uint64_t i = 0; b.job && i < b.depth; i++)
        free(b.job[i].iov.iov_base);
    free(b.job);
    return r;
}
