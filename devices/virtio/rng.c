// SPDX-License-Identifier: MIT
/* devices/virtio/rng.c -- virtio entropy device (virtio 1.2, 5.4).
 *
 * max-bytes in each period (milliseconds) bound what a guest can draw; what goes beyond waits for
 * the next period. */
#include "devices/virtio/rng.h"

#include "devices/virtio/virtio.h"
#include "ports/random.h"

#include <errno.h>
#include <stdio.h>

#define MS        1000000ll
#define CHAIN_MAX (64u << 10) /* bytes of an answer, and of a turn: the machine stands still */
#define TURN_MAX  (1u << 20)

struct rng {
    struct virtio v;
    uint64_t left;    /* bytes of this period */
    uint64_t next_at; /* virtual time when the next one begins, if the timer runs; else NEVER */
    /* wiring */
    struct random_port port;
    bool joined;
    char *link;
    uint64_t max_bytes;
    uint32_t period;
    struct clock_timer *timer;
};

static void serve(struct rng *r)
{
    struct vq_elem *e;
    unsigned count = 0;
    uint64_t given = 0;

    while (r->left && given < TURN_MAX && count < VIRTIO_BURST && (e = vq_pop(&r->v, 0, sizeof(*e)))) {
        uint64_t n = e->in_len < r->left ? e->in_len : r->left, left;

        n = n < CHAIN_MAX ? n : CHAIN_MAX;
        left = n;
        for (unsigned i = 0; i < e->nin && left; i++) {
            size_t part = e->in[i].iov_len < left ? e->in[i].iov_len : left;

            r->port.fill(r->port.to, e->in[i].iov_base, part);
            left -= part;
        }
        r->left -= n;
        given += n;
        vq_push(&r->v, e, n);
        count++;
    }
    if (count)
        vq_interrupt(&r->v, 0);
    if (count == VIRTIO_BURST || given >= TURN_MAX)
        virtio_again(&r->v, 0);
    if (r->timer && r->left < r->max_bytes && r->next_at == CLOCK_NEVER) {
        const struct clock_port *c = r->v.dev.clock;

        r->next_at = (uint64_t)(c->now(c->opaque, CLOCK_VIRTUAL) + r->period * MS);
        c->timer_set(r->timer, (int64_t)r->next_at);
    }
}

static void kick(struct virtio *v, unsigned queue)
{
    (void)queue;
    serve((struct rng *)v);
}

static void period_over(void *arg)
{
    struct rng *r = arg;

    r->left = r->max_bytes;
    r->next_at = CLOCK_NEVER;
    serve(r);
}

static void started(struct virtio *v)
{
    serve((struct rng *)v);
}

static const struct virtio_ops ops = {.type = 4, .kick = kick, .started = started};

static void join_random(struct device *d, const struct random_port *p)
{
    ((struct rng *)d)->port = *p;
    ((struct rng *)d)->joined = true;
}

static int realize(struct device *d, char *err, size_t err_len)
{
    static const uint16_t sizes[] = {8};
    struct rng *r = (struct rng *)d;

    if (!r->joined) {
        snprintf(err, err_len, "%s needs a source of random bytes", d->class->name);
        return -EINVAL;
    }
    if (d->clock && r->max_bytes != INT64_MAX)
        r->timer = d->clock->timer_new(d->clock->opaque, CLOCK_VIRTUAL, period_over, r);
    virtio_init(&r->v, &ops, 0, sizes, 1);
    return 0;
}

static void unrealize(struct device *d)
{
    struct rng *r = (struct rng *)d;

    if (r->timer)
        d->clock->timer_free(r->timer);
    virtio_exit(d);
}

static void reset(struct device *d)
{
    struct rng *r = (struct rng *)d;

    virtio_reset(d);
    r->left = r->max_bytes;
    r->next_at = CLOCK_NEVER;
    if (r->timer)
        d->clock->timer_set(r->timer, CLOCK_NEVER);
}

static int post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    struct rng *r = (struct rng *)d;

    if (r->left > r->max_bytes)
        r->left = r->max_bytes;
    if (r->timer)
        d->clock->timer_set(r->timer, (int64_t)r->next_at);
    return virtio_post_load(d, version, err, err_len);
}

static const struct dev_state states[] = {
    VIRTIO_STATES,
    DEV_STATE(struct rng, left),
    DEV_STATE_MAX(struct rng, next_at, CLOCK_NEVER),
};
static const struct dev_prop props[] = {
    DEV_PROP(struct rng, link, "rng", DEV_LINK, .names = (const char *const[]){"rng"},
             .text = "where the bytes come from"),
    DEV_PROP(struct rng, max_bytes, "max-bytes", DEV_U64, .dflt = INT64_MAX, .min = 1,
             .max = INT64_MAX, .text = "most bytes in a period"),
    DEV_PROP(struct rng, period, "period", DEV_U32, .dflt = 65536, .min = 1,
             .text = "milliseconds that max-bytes are for"),
    VIRTIO_PROPS,
};

const struct dev_class virtio_rng_class = {
    .name = "virtio-rng-device",
    .text = "virtio entropy source",
    .bus = "virtio",
    .category = "misc",
    .size = sizeof(struct rng),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .realize = realize,
    .unrealize = unrealize,
    .reset = reset,
    .post_load = post_load,
    .join_random = join_random,
};
