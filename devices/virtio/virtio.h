/* SPDX-License-Identifier: MIT */
/* devices/virtio/virtio.h -- virtio 1.2: what all functions (block, net, ...) and all transports
 * (MMIO, PCI) share: status, features, configuration space, and queues in both layouts, split and
 * packed.
 *
 * A function is a device of bus "virtio"; its structure begins with struct virtio, its class lists
 * VIRTIO_STATES and VIRTIO_PROPS, and its realize calls virtio_init(). It is the child of a
 * transport, which takes it by plug. Guest memory that a queue names is mapped from vq_pop to
 * vq_push; a queue that makes no sense makes the device *broken*: it says so by NEEDS_RESET and
 * does nothing until the driver resets it.
 *
 * Threads: all with the machine's lock held. */
#ifndef DEVICES_VIRTIO_VIRTIO_H
#define DEVICES_VIRTIO_VIRTIO_H

#include "devices/core/device.h"

#include <sys/uio.h>

#define VIRTIO_QUEUES    64   /* of one function */
#define VIRTIO_QUEUE_MAX 1024 /* entries of one queue, and buffers of one chain */
#define VIRTIO_CONFIG    256  /* bytes of a configuration space */

enum virtio_status {
    VIRTIO_ACKNOWLEDGE = 1,
    VIRTIO_DRIVER = 2,
    VIRTIO_DRIVER_OK = 4,
    VIRTIO_FEATURES_OK = 8,
    VIRTIO_NEEDS_RESET = 64,
    VIRTIO_FAILED = 128
};

#define VIRTIO_F(n)         (1ull << (n))
#define VIRTIO_F_ANY_LAYOUT VIRTIO_F(27)
#define VIRTIO_F_INDIRECT   VIRTIO_F(28)
#define VIRTIO_F_EVENT_IDX  VIRTIO_F(29)
#define VIRTIO_F_VERSION_1  VIRTIO_F(32)
#define VIRTIO_F_PACKED     VIRTIO_F(34)

struct virtio;

struct virtio_ops {
    uint16_t type; /* device ID of the specification */
    void (*kick)(struct virtio *v, unsigned queue);
    void (*config_get)(struct virtio *v); /* fills v->config; or NULL */
    void (*config_set)(struct virtio *v,
                       unsigned at);   /* byte at of v->config was written; or NULL */
    void (*started)(struct virtio *v); /* DRIVER_OK; or NULL */
    void (*stop)(struct virtio *v);    /* queues go: finish or drop what is in flight; or NULL */
};

struct virtio {
    struct device dev;
    uint8_t status;
    uint64_t features; /* that the driver took */
    uint32_t generation;
    uint8_t config[VIRTIO_CONFIG];
    /* queues */
    uint64_t desc[VIRTIO_QUEUES], driver[VIRTIO_QUEUES], device[VIRTIO_QUEUES];
    uint16_t size[VIRTIO_QUEUES];
    uint8_t ready[VIRTIO_QUEUES];
    uint16_t next[VIRTIO_QUEUES];      /* to be popped: split counts on, packed is an index */
    uint16_t used[VIRTIO_QUEUES];      /* to be pushed, the same */
    uint16_t signalled[VIRTIO_QUEUES]; /* used when the driver was last interrupted */
    uint8_t signalled_valid[VIRTIO_QUEUES];
    uint8_t next_wrap[VIRTIO_QUEUES], used_wrap[VIRTIO_QUEUES]; /* packed */
    uint64_t again;               /* queues to be looked at soon, a bit each */
    uint8_t quiet[VIRTIO_QUEUES]; /* no kicks wanted */
    /* wiring */
    const struct virtio_ops *ops;
    uint64_t offered;
    uint16_t max[VIRTIO_QUEUES]; /* entries; 0: no such queue */
    bool legacy;                 /* set by the transport */
    bool indirect, event_idx, packed;
    struct clock_timer *soon;
    uint32_t epoch; /* counts resets: what was popped before is not pushed */
    uint16_t in_use[VIRTIO_QUEUES]; /* entries that were popped in this epoch and not pushed */
    void (*interrupt)(void *to, unsigned queue); /* transport's; VIRTIO_CONFIG_CHANGED */
    void *to;
};
#define VIRTIO_CONFIG_CHANGED (~0u)

#define VIRTIO_STATES                                                                              \
    DEV_STATE(struct virtio, status), DEV_STATE(struct virtio, features),                          \
        DEV_STATE(struct virtio, generation), DEV_STATE(struct virtio, again),                     \
        DEV_STATE_ARRAY(struct virtio, config), DEV_STATE_ARRAY(struct virtio, desc),              \
        DEV_STATE_ARRAY(struct virtio, driver), DEV_STATE_ARRAY(struct virtio, device),            \
        DEV_STATE_ARRAY(struct virtio, size), VIRTIO_STATE_BOOLS(ready),                           \
        DEV_STATE_ARRAY(struct virtio, next), DEV_STATE_ARRAY(struct virtio, used),                \
        DEV_STATE_ARRAY(struct virtio, signalled), VIRTIO_STATE_BOOLS(signalled_valid),            \
        VIRTIO_STATE_BOOLS(next_wrap), VIRTIO_STATE_BOOLS(used_wrap), VIRTIO_STATE_BOOLS(quiet)
#define VIRTIO_STATE_BOOLS(member)                                                                 \
    {                                                                                              \
        .name = #member, .offset = offsetof(struct virtio, member), .size = 1,                     \
        .count = VIRTIO_QUEUES, .max = 1                                                           \
    }
#define VIRTIO_PROPS                                                                               \
    DEV_PROP(struct virtio, indirect, "indirect_desc", DEV_BOOL, .dflt = 1,                        \
             .text = "offers tables of buffers"),                                                  \
        DEV_PROP(struct virtio, event_idx, "event_idx", DEV_BOOL, .dflt = 1,                       \
                 .text = "offers interrupts and kicks by index"),                                  \
        DEV_PROP(struct virtio, packed, "packed", DEV_BOOL, .text = "offers packed queues")

/* ---- for functions ---- */
/* In realize: features that the function offers beside the core's, sizes of its queues. */
void virtio_init(struct virtio *v, const struct virtio_ops *ops, uint64_t features,
                 const uint16_t *queue_sizes, unsigned nqueues);
void virtio_exit(struct device *d);  /* the class's unrealize, or called by it */
void virtio_reset(struct device *d); /* the same for its reset */
int virtio_post_load(struct device *d, uint32_t version, char *err, size_t err_len);
void virtio_config_changed(struct virtio *v); /* v->config has, on the device's side */
/* Calls ops->kick for that queue soon. A function that has popped VIRTIO_BURST chains in one go
 * does so and stops: a guest that adds as fast as they are served cannot hold the machine. */
void virtio_again(struct virtio *v, unsigned queue);
#define VIRTIO_BURST 1024
void virtio_broken(struct virtio *v, const char *why);
static inline bool virtio_has(const struct virtio *v, uint64_t feature)
{
    return v->features & feature;
}
bool virtio_live(const struct virtio *v); /* the driver is up and nothing is broken */

/* One chain of buffers. Embedded at the head of a function's request, or alone. */
struct vq_elem {
    uint32_t epoch;
    uint16_t id, ndescs, queue;
    unsigned nout, nin;       /* vectors: what the device reads, what it writes */
    uint64_t out_len, in_len; /* bytes: less than 2^32 together */
    struct iovec *out, *in;   /* not to be changed: they are unmapped as they are */
};
/* The next chain, or NULL: none, or broken. size: bytes of what begins with struct vq_elem; the
 * rest is zero. Whoever popped it pushes or drops it, which frees it. */
void *vq_pop(struct virtio *v, unsigned queue, size_t size);
/* Gives it back with len bytes written; then vq_interrupt, for as many as were pushed. */
void vq_push(struct virtio *v, struct vq_elem *e, uint64_t len);
void vq_drop(struct vq_elem *e);                    /* the device is reset, nobody waits for it */
void vq_unpop(struct virtio *v, struct vq_elem *e); /* the last one popped: as if it had not been */
void vq_interrupt(struct virtio *v, unsigned queue);
bool vq_has(struct virtio *v, unsigned queue); /* something to pop */
void vq_kicks(struct virtio *v, unsigned queue, bool on);
/* Bytes of a chain: how many there were to copy. */
size_t vq_read(const struct vq_elem *e, uint64_t at, void *buf, size_t n);
size_t vq_write(const struct vq_elem *e, uint64_t at, const void *buf, size_t n);

/* ---- for transports ---- */
void virtio_connect(struct virtio *v, bool legacy, void (*interrupt)(void *to, unsigned queue),
                    void *to);
uint64_t virtio_offered(const struct virtio *v);
void virtio_take_features(struct virtio *v, uint32_t value, unsigned word);
void virtio_set_status(struct virtio *v, uint8_t status);
uint8_t virtio_config_read(struct virtio *v, unsigned at);
void virtio_config_write(struct virtio *v, unsigned at, uint8_t value);
void virtio_queue_size(struct virtio *v, unsigned queue, uint32_t size);
void virtio_queue_ready(struct virtio *v, unsigned queue, bool on);
/* Legacy layout: the three parts follow each other, aligned. */
void virtio_queue_legacy(struct virtio *v, unsigned queue, uint64_t addr, uint32_t align);
void virtio_kick(struct virtio *v, unsigned queue);

/* Numbers of a configuration space or a message. */
static inline void virtio_put(uint8_t *p, uint64_t v, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}
static inline uint64_t virtio_get(const uint8_t *p, unsigned size)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)p[i] << 8 * i;
    return v;
}

#endif
