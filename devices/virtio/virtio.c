// SPDX-License-Identifier: MIT
/* devices/virtio/virtio.c -- status, features and configuration of a virtio function (virtio 1.2,
 * chapters 2.1 to 2.5 and 3). Queues are in queue.c.
 *
 * Not offered: reset of one queue, in-order use, data in notifications, shared memory regions. */
#include "devices/virtio/virtio.h"

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void look_again(void *arg)
{
    struct virtio *v = arg;
    uint64_t queues = v->again;
    bool was = dev_enter(&v->dev);

    v->again = 0;
    for (unsigned q = 0; q < VIRTIO_QUEUES; q++)
        if (queues >> q & 1)
            virtio_kick(v, q);
    dev_leave(&v->dev, was);
}

void virtio_init(struct virtio *v, const struct virtio_ops *ops, uint64_t features,
                 const uint16_t *queue_sizes, unsigned nqueues)
{
    v->ops = ops;
    v->offered = features | VIRTIO_F_VERSION_1 | VIRTIO_F_ANY_LAYOUT |
                 (v->indirect ? VIRTIO_F_INDIRECT : 0) | (v->event_idx ? VIRTIO_F_EVENT_IDX : 0) |
                 (v->packed ? VIRTIO_F_PACKED : 0);
    for (unsigned i = 0; i < nqueues; i++)
        v->max[i] = queue_sizes[i];
    if (v->dev.clock)
        v->soon = v->dev.clock->timer_new(v->dev.clock->opaque, CLOCK_VIRTUAL, look_again, v);
}

void virtio_exit(struct device *d)
{
    struct virtio *v = (struct virtio *)d;

    if (v->ops && v->ops->stop) /* what is in flight refers to us */
        v->ops->stop(v);
    if (v->soon)
        d->clock->timer_free(v->soon);
}

static void arm(struct virtio *v)
{
    const struct clock_port *c = v->dev.clock;

    if (v->soon)
        c->timer_set(v->soon, v->again ? c->now(c->opaque, CLOCK_VIRTUAL) : CLOCK_NEVER);
}

void virtio_again(struct virtio *v, unsigned queue)
{
    v->again |= 1ull << queue;
    arm(v);
}

static void clear_queue(struct virtio *v, unsigned q)
{
    v->desc[q] = v->driver[q] = v->device[q] = 0;
    v->size[q] = v->max[q];
    v->ready[q] = 0;
    v->next[q] = v->used[q] = v->signalled[q] = 0;
    v->signalled_valid[q] = v->quiet[q] = 0;
    v->next_wrap[q] = v->used_wrap[q] = 1;
}

static void stop(struct virtio *v)
{
    if (v->ops->stop)
        v->ops->stop(v);
    v->epoch++;
    memset(v->in_use, 0, sizeof(v->in_use));
}

void virtio_reset(struct device *d)
{
    struct virtio *v = (struct virtio *)d;

    stop(v);
    v->status = 0;
    v->features = 0;
    v->again = 0;
    arm(v);
    for (unsigned q = 0; q < VIRTIO_QUEUES; q++)
        clear_queue(v, q);
}

int virtio_post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    struct virtio *v = (struct virtio *)d;

    (void)version;
    for (unsigned q = 0; q < VIRTIO_QUEUES; q++) {
        bool packed = virtio_has(v, VIRTIO_F_PACKED);

        if (v->size[q] > v->max[q] || (v->ready[q] && v->size[q] == 0) ||
            (v->ready[q] && !packed && v->size[q] & (v->size[q] - 1)) ||
            (v->ready[q] && packed && (v->next[q] >= v->size[q] || v->used[q] >= v->size[q]))) {
            snprintf(err, err_len, "queue %u is in no state that there is", q);
            return -EINVAL;
        }
    }
    if (v->status & (VIRTIO_FEATURES_OK | VIRTIO_DRIVER_OK) && v->features & ~virtio_offered(v)) {
        snprintf(err, err_len, "the driver took features that are not offered here: 0x%llx",
                 (unsigned long long)(v->features & ~virtio_offered(v)));
        return -EINVAL;
    }
    v->epoch++;
    memset(v->in_use, 0, sizeof(v->in_use));
    arm(v);
    return 0;
}

bool virtio_live(const struct virtio *v)
{
    return v->status & VIRTIO_DRIVER_OK && !(v->status & VIRTIO_NEEDS_RESET);
}

void virtio_config_changed(struct virtio *v)
{
    v->generation++;
    if (v->interrupt && v->status & VIRTIO_DRIVER_OK)
        v->interrupt(v->to, VIRTIO_CONFIG_CHANGED);
}

void virtio_broken(struct virtio *v, const char *why)
{
    if (v->status & VIRTIO_NEEDS_RESET)
        return;
    if (log_on(LOG_guest_errors))
        log_printf("%s: broken: %s\n", v->dev.class->name, why);
    v->status |= VIRTIO_NEEDS_RESET;
    virtio_config_changed(v);
}

/* ---- transports ---- */
void virtio_connect(struct virtio *v, bool legacy, void (*interrupt)(void *to, unsigned queue),
                    void *to)
{
    v->legacy = legacy;
    v->interrupt = interrupt;
    v->to = to;
}

uint64_t virtio_offered(const struct virtio *v)
{
    return v->legacy ? v->offered & 0xffffffff : v->offered & ~VIRTIO_F_ANY_LAYOUT;
}

void virtio_take_features(struct virtio *v, uint32_t value, unsigned word)
{
    uint64_t old = v->features;

    if (word > 1 || v->status & VIRTIO_FEATURES_OK || v->status & VIRTIO_DRIVER_OK)
        return;
    v->features =
        word ? (old & 0xffffffff) | (uint64_t)value << 32 : (old & ~0xffffffffull) | value;
    if (v->legacy) /* no FEATURES_OK there that could be refused */
        v->features &= virtio_offered(v);
}

void virtio_set_status(struct virtio *v, uint8_t status)
{
    uint8_t old = v->status;

    if (status == 0) {
        dev_reset(&v->dev);
        return;
    }
    if (!v->legacy && status & VIRTIO_FEATURES_OK && !(old & VIRTIO_FEATURES_OK) &&
        (v->features & ~virtio_offered(v) || !virtio_has(v, VIRTIO_F_VERSION_1)))
        status &= (uint8_t)~VIRTIO_FEATURES_OK;
    /* Only a reset takes these back: what they promised is relied on. */
    v->status = status | (old & (VIRTIO_NEEDS_RESET | VIRTIO_FEATURES_OK | VIRTIO_DRIVER_OK));
    if (status & VIRTIO_DRIVER_OK && !(old & VIRTIO_DRIVER_OK)) {
        v->features &= virtio_offered(v); /* from a driver that did not ask by FEATURES_OK */
        if (v->ops->started)
            v->ops->started(v);
    }
}

uint8_t virtio_config_read(struct virtio *v, unsigned at)
{
    if (at >= VIRTIO_CONFIG)
        return 0;
    if (v->ops->config_get)
        v->ops->config_get(v);
    return v->config[at];
}

void virtio_config_write(struct virtio *v, unsigned at, uint8_t value)
{
    if (at >= VIRTIO_CONFIG || !v->ops->config_set)
        return;
    v->config[at] = value;
    v->ops->config_set(v, at);
}

void virtio_queue_size(struct virtio *v, unsigned queue, uint32_t size)
{
    if (queue >= VIRTIO_QUEUES || v->ready[queue] || size == 0 || size > v->max[queue])
        return;
    v->size[queue] = (uint16_t)size;
}

void virtio_queue_ready(struct virtio *v, unsigned queue, bool on)
{
    if (queue >= VIRTIO_QUEUES || v->max[queue] == 0 || v->ready[queue] == on)
        return;
    if (on && !virtio_has(v, VIRTIO_F_PACKED) && v->size[queue] & (v->size[queue] - 1)) {
        virtio_broken(v, "the size of a split queue is no power of two");
        return;
    }
    if (!on) { /* what was popped from it is lost */
        stop(v);
        v->next[queue] = v->used[queue] = 0;
        v->next_wrap[queue] = v->used_wrap[queue] = 1;
        v->signalled_valid[queue] = 0;
    }
    v->ready[queue] = on;
}

void virtio_queue_legacy(struct virtio *v, unsigned queue, uint64_t addr, uint32_t align)
{
    if (queue >= VIRTIO_QUEUES || v->max[queue] == 0)
        return;
    virtio_queue_ready(v, queue, false);
    if (addr == 0)
        return;
    if (align == 0 || align & (align - 1)) {
        virtio_broken(v, "the alignment of a queue is no power of two");
        return;
    }
    v->desc[queue] = addr;
    v->driver[queue] = addr + 16ull * v->size[queue];
    v->device[queue] = align_up(v->driver[queue] + 6 + 2ull * v->size[queue], align);
    virtio_queue_ready(v, queue, true);
}

void virtio_kick(struct virtio *v, unsigned queue)
{
    /* Old drivers kick before they set DRIVER_OK. */
    if (queue < VIRTIO_QUEUES && v->ready[queue] && !(v->status & VIRTIO_NEEDS_RESET) &&
        (v->legacy || v->status & VIRTIO_DRIVER_OK))
        v->ops->kick(v, queue);
}
