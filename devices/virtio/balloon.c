// SPDX-License-Identifier: MIT
/* devices/virtio/balloon.c -- virtio memory balloon (virtio 1.2, 5.5). Pages that the guest puts
 * into the balloon, or reports as free, are given back to the host: their content is gone.
 *
 * The queues are numbered as drivers do it: those of features that were not taken are left out.
 * The buffer for statistics is kept until somebody asks. Not there: hints of free pages for
 * migration, poison. */
#include "devices/virtio/balloon.h"

#include "devices/virtio/virtio.h"

#include <errno.h>
#include <string.h>

enum { INFLATE = 0, DEFLATE = 1, STATS = 2, REPORT = 3 }; /* queues */
#define F_STATS   VIRTIO_F(1)
#define F_ON_OOM  VIRTIO_F(2)
#define F_REPORT  VIRTIO_F(5)
enum { AT_TARGET = 0, AT_ACTUAL = 4 };
#define SECOND 1000000000ll
#define TURN   (1u << 13) /* pages before others have their turn */

struct balloon {
    struct virtio v;
    uint32_t target, actual; /* pages */
    uint64_t stats[BALLOON_STATS];
    /* wiring */
    bool on_oom, report;
    uint32_t interval; /* seconds, 0: statistics only when asked for */
    struct vq_elem *inflating; /* up to byte `at` */
    uint64_t at;
    struct vq_elem *waiting; /* the driver's buffer for the next statistics' request */
    struct clock_timer *timer;
};

/* ---- pages ---- */
static void discard_page(struct balloon *b, uint64_t addr)
{
    const struct mem_attrs a = {.requester = 0};
    uint64_t len = BALLOON_PAGE;
    void *host = b->v.dev.dma ? mem_map(b->v.dev.dma, addr, &len, true, a) : NULL;

    if (!host) /* no RAM: the guest has nothing to give there */
        return;
    mem_discard(host, len);
    mem_unmap(host, len, true);
}

/* A chain holds numbers of pages: some of them from b->at on. How many they were, 0: that is all. */
static unsigned some_pages(struct balloon *b, const struct vq_elem *e)
{
    uint8_t list[256 * 4];
    size_t n = vq_read(e, b->at, list, sizeof(list)) / 4;

    for (size_t i = 0; i < n; i++)
        discard_page(b, virtio_get(list + 4 * i, 4) * BALLOON_PAGE);
    b->at += 4 * n;
    return (unsigned)n;
}

/* A long chain is worked at for several turns. */
static void inflate(struct balloon *b)
{
    unsigned count = 0, pages = 0;

    while (count < VIRTIO_BURST && pages < TURN) {
        unsigned n;

        if (!b->inflating) {
            b->inflating = vq_pop(&b->v, INFLATE, sizeof(*b->inflating));
            b->at = 0;
        }
        if (!b->inflating)
            break;
        n = some_pages(b, b->inflating);
        pages += n;
        if (n)
            continue;
        vq_push(&b->v, b->inflating, 0);
        b->inflating = NULL;
        count++;
    }
    if (count)
        vq_interrupt(&b->v, INFLATE);
    if (count == VIRTIO_BURST || pages >= TURN)
        virtio_again(&b->v, INFLATE);
}

static void deflate(struct balloon *b) /* the pages are there as they are used */
{
    struct vq_elem *e;
    unsigned count = 0;

    while (count < VIRTIO_BURST && (e = vq_pop(&b->v, DEFLATE, sizeof(*e)))) {
        vq_push(&b->v, e, 0);
        count++;
    }
    if (count)
        vq_interrupt(&b->v, DEFLATE);
    if (count == VIRTIO_BURST)
        virtio_again(&b->v, DEFLATE);
}

/* Pages that the guest has no use for now: the buffers themselves. */
static void serve_reports(struct balloon *b, unsigned q)
{
    struct vq_elem *e;
    unsigned count = 0;
    uint64_t bytes = 0;

    while (count < VIRTIO_BURST && bytes <= UINT32_MAX && (e = vq_pop(&b->v, q, sizeof(*e)))) {
        for (unsigned i = 0; i < e->nin; i++)
            mem_discard(e->in[i].iov_base, e->in[i].iov_len);
        bytes += e->in_len;
        vq_push(&b->v, e, e->in_len);
        count++;
    }
    if (count)
        vq_interrupt(&b->v, q);
    if (count == VIRTIO_BURST || bytes > UINT32_MAX)
        virtio_again(&b->v, q);
}

/* ---- statistics ---- */
static void take_stats(struct balloon *b, const struct vq_elem *e)
{
    uint8_t m[10];

    for (unsigned i = 0; i < 4 * BALLOON_STATS; i++) {
        if (vq_read(e, (uint64_t)i * sizeof(m), m, sizeof(m)) < sizeof(m))
            break;
        if (virtio_get(m, 2) < BALLOON_STATS)
            b->stats[virtio_get(m, 2)] = virtio_get(m + 2, 8);
    }
}

static void ask(struct balloon *b)
{
    struct vq_elem *e = b->waiting;

    b->waiting = NULL;
    if (!e)
        return;
    vq_push(&b->v, e, 0);
    vq_interrupt(&b->v, STATS);
}

static void serve_stats(struct balloon *b)
{
    struct vq_elem *e;
    unsigned count = 0;

    while (count < VIRTIO_BURST && (e = vq_pop(&b->v, STATS, sizeof(*e)))) {
        ask(b); /* more than one: the older ones go back */
        take_stats(b, e);
        b->waiting = e;
        count++;
    }
    if (count == VIRTIO_BURST)
        virtio_again(&b->v, STATS);
}

static void arm(struct balloon *b)
{
    const struct clock_port *c = b->v.dev.clock;

    if (b->timer)
        c->timer_set(b->timer, c->now(c->opaque, CLOCK_VIRTUAL) + b->interval * SECOND);
}

static void time_to_ask(void *arg)
{
    ask(arg);
    arm(arg);
}

/* ---- the function ---- */
static void kick(struct virtio *v, unsigned q)
{
    struct balloon *b = (struct balloon *)v;
    bool stats = virtio_has(v, F_STATS);

    if (q == INFLATE)
        inflate(b);
    else if (q == DEFLATE)
        deflate(b);
    else if (q == STATS && stats)
        serve_stats(b);
    else if (q == (stats ? REPORT : STATS) && virtio_has(v, F_REPORT))
        serve_reports(b, q);
}

static void config_get(struct virtio *v)
{
    const struct balloon *b = (struct balloon *)v;

    memset(v->config, 0, sizeof(v->config));
    virtio_put(v->config + AT_TARGET, b->target, 4);
    virtio_put(v->config + AT_ACTUAL, b->actual, 4);
}

static void config_set(struct virtio *v, unsigned at)
{
    struct balloon *b = (struct balloon *)v;

    if (at >= AT_ACTUAL && at < AT_ACTUAL + 4) {
        unsigned shift = 8 * (at - AT_ACTUAL);

        b->actual = (b->actual & ~(0xffu << shift)) | (uint32_t)v->config[at] << shift;
    }
    config_get(v);
}

static void stop(struct virtio *v)
{
    struct balloon *b = (struct balloon *)v;

    if (b->waiting)
        vq_drop(b->waiting);
    if (b->inflating)
        vq_drop(b->inflating);
    b->waiting = b->inflating = NULL;
}

static const struct virtio_ops ops = {.type = 5,
                                      .kick = kick,
                                      .config_get = config_get,
                                      .config_set = config_set,
                                      .stop = stop};

void balloon_set(struct device *d, uint32_t pages)
{
    struct balloon *b = (struct balloon *)d;

    b->target = pages;
    virtio_config_changed(&b->v);
}

uint32_t balloon_actual(const struct device *d)
{
    return ((const struct balloon *)d)->actual;
}

void balloon_stats(struct device *d, uint64_t stats[BALLOON_STATS])
{
    struct balloon *b = (struct balloon *)d;

    memcpy(stats, b->stats, sizeof(b->stats));
    ask(b);
}

/* ---- the class ---- */
static int realize(struct device *d, char *err, size_t err_len)
{
    static const uint16_t sizes[] = {128, 128, 128, 128};
    struct balloon *b = (struct balloon *)d;

    (void)err, (void)err_len;
    if (d->clock && b->interval)
        b->timer = d->clock->timer_new(d->clock->opaque, CLOCK_VIRTUAL, time_to_ask, b);
    virtio_init(&b->v, &ops, F_STATS | (b->on_oom ? F_ON_OOM : 0) | (b->report ? F_REPORT : 0),
                sizes, b->report ? 4 : 3);
    return 0;
}

static void unrealize(struct device *d)
{
    struct balloon *b = (struct balloon *)d;

    if (b->timer)
        d->clock->timer_free(b->timer);
    virtio_exit(d);
}

/* A guest that starts again has all its memory; what it shall give up stays. */
static void reset(struct device *d)
{
    struct balloon *b = (struct balloon *)d;

    virtio_reset(d);
    memset(b->stats, 0xff, sizeof(b->stats));
    arm(b);
}

static int pre_save(struct device *d)
{
    struct balloon *b = (struct balloon *)d;

    if (b->waiting) {
        vq_unpop(&b->v, b->waiting);
        b->waiting = NULL;
        virtio_again(&b->v, STATS);
    }
    if (b->inflating) { /* from its start again: what is given away twice is gone as well */
        vq_unpop(&b->v, b->inflating);
        b->inflating = NULL;
        virtio_again(&b->v, INFLATE);
    }
    return 0;
}

static int post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    arm((struct balloon *)d);
    return virtio_post_load(d, version, err, err_len);
}

static const struct dev_state states[] = {
    VIRTIO_STATES,
    {.name = "target", .offset = offsetof(struct balloon, target), .size = 4, .count = 1,
     .keep = true},
    DEV_STATE(struct balloon, actual),
    DEV_STATE_ARRAY(struct balloon, stats),
};
static const struct dev_prop props[] = {
    DEV_PROP(struct balloon, on_oom, "deflate-on-oom", DEV_BOOL,
             .text = "the guest may take memory back when it runs out"),
    DEV_PROP(struct balloon, report, "free-page-reporting", DEV_BOOL,
             .text = "the guest tells which of its pages are free"),
    DEV_PROP(struct balloon, interval, "guest-stats-polling-interval", DEV_U32, .max = 86400,
             .text = "seconds between requests for statistics, 0: none"),
    VIRTIO_PROPS,
};

const struct dev_class virtio_balloon_class = {
    .name = "virtio-balloon-device",
    .text = "virtio memory balloon",
    .bus = "virtio",
    .category = "misc",
    .size = sizeof(struct balloon),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .realize = realize,
    .unrealize = unrealize,
    .reset = reset,
    .pre_save = pre_save,
    .post_load = post_load,
};
