// SPDX-License-Identifier: MIT
/* devices/virtio/mmio.c -- virtio over MMIO (virtio 1.2, 4.2), versions 1 (legacy: a queue is one
 * address in pages of the guest) and 2.
 *
 * A slot without a function reads device number 0, as drivers expect of empty ones. */
#include "devices/virtio/mmio.h"

#include "devices/virtio/virtio.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { ISR_QUEUE = 1, ISR_CONFIG = 2 };

struct slot {
    struct device dev;
    uint32_t features_sel, driver_sel, page_size, queue_sel, isr;
    uint32_t align[VIRTIO_QUEUES], pfn[VIRTIO_QUEUES]; /* legacy */
    /* wiring */
    bool force_legacy;
    struct virtio *v;
};

static unsigned queue_of(const struct slot *s)
{
    return s->v && s->queue_sel < VIRTIO_QUEUES && s->v->max[s->queue_sel] ? s->queue_sel
                                                                           : VIRTIO_QUEUES;
}

/* Registers that are answered by the function; by number, which is the offset. */
enum {
    MAGIC = 0x00,
    VERSION = 0x04,
    DEVICE_ID = 0x08,
    VENDOR_ID = 0x0c,
    FEATURES = 0x10,
    FEATURES_SEL = 0x14,
    DRIVER_FEATURES = 0x20,
    DRIVER_SEL = 0x24,
    PAGE_SIZE = 0x28,
    QUEUE_SEL = 0x30,
    NUM_MAX = 0x34,
    NUM = 0x38,
    ALIGN = 0x3c,
    PFN = 0x40,
    READY = 0x44,
    NOTIFY = 0x50,
    ISR = 0x60,
    ACK = 0x64,
    STATUS = 0x70,
    DESC = 0x80,
    DRIVER = 0x90,
    DEVICE = 0xa0,
    SHM_LEN = 0xb0,
    SHM_BASE = 0xb8,
    GENERATION = 0xfc,
    CONFIG = 0x100
};

static uint64_t constant(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct slot *s = dev;

    (void)a;
    switch (4 * n) {
    case MAGIC:
        return 0x74726976; /* "virt" */
    case VERSION:
        return s->force_legacy ? 1 : 2;
    case DEVICE_ID:
        return s->v ? s->v->ops->type : 0;
    default:
        return 0x554d4551; /* what drivers know from QEMU's slots */
    }
}

static uint64_t features_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct slot *s = dev;

    (void)n, (void)a;
    return s->v && s->features_sel < 2 ? (uint32_t)(virtio_offered(s->v) >> 32 * s->features_sel)
                                       : 0;
}

static void features_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    const struct slot *s = dev;

    (void)n, (void)a;
    if (s->v)
        virtio_take_features(s->v, (uint32_t)v, s->driver_sel);
}

static uint64_t num_max_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct slot *s = dev;
    unsigned q = queue_of(s);

    (void)n, (void)a;
    return q < VIRTIO_QUEUES ? s->v->max[q] : 0;
}

static void num_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    const struct slot *s = dev;

    (void)n, (void)a;
    if (queue_of(s) < VIRTIO_QUEUES)
        virtio_queue_size(s->v, queue_of(s), (uint32_t)v);
}

static void align_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct slot *s = dev;

    (void)n, (void)a;
    if (s->force_legacy && queue_of(s) < VIRTIO_QUEUES)
        s->align[queue_of(s)] = (uint32_t)v;
}

static uint64_t pfn_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct slot *s = dev;
    unsigned q = queue_of(s);

    (void)n, (void)a;
    return q < VIRTIO_QUEUES && s->v->ready[q] ? s->pfn[q] : 0;
}

static void pfn_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct slot *s = dev;
    unsigned q = queue_of(s);

    (void)n, (void)a;
    if (!s->force_legacy || q == VIRTIO_QUEUES)
        return;
    if (v == 0) { /* the way an old driver gives a queue up */
        virtio_queue_legacy(s->v, q, 0, 0);
        s->pfn[q] = 0;
        return;
    }
    s->pfn[q] = (uint32_t)v;
    virtio_queue_legacy(s->v, q, v * s->page_size, s->align[q] ? s->align[q] : 4096);
}

static uint64_t ready_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct slot *s = dev;
    unsigned q = queue_of(s);

    (void)n, (void)a;
    return q < VIRTIO_QUEUES && !s->force_legacy ? s->v->ready[q] : 0;
}

static void ready_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    const struct slot *s = dev;

    (void)n, (void)a;
    if (!s->force_legacy && queue_of(s) < VIRTIO_QUEUES)
        virtio_queue_ready(s->v, queue_of(s), v & 1);
}

static void notify_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    const struct slot *s = dev;

    (void)n, (void)a;
    if (s->v && v < VIRTIO_QUEUES)
        virtio_kick(s->v, (unsigned)v);
}

static void ack_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct slot *s = dev;

    (void)n, (void)a;
    s->isr &= ~(uint32_t)v;
}

static uint64_t status_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct slot *s = dev;

    (void)n, (void)a;
    return s->v ? s->v->status : 0;
}

static void reset_registers(struct slot *s)
{
    s->isr = s->features_sel = s->driver_sel = s->queue_sel = 0;
    memset(s->align, 0, sizeof(s->align));
    memset(s->pfn, 0, sizeof(s->pfn));
}

static void status_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct slot *s = dev;

    (void)n, (void)a;
    if (!s->v)
        return;
    virtio_set_status(s->v, (uint8_t)v);
    if ((uint8_t)v == 0)
        reset_registers(s);
}

/* Low and high halves of an address: n 0 and 1. */
static void half(struct slot *s, uint64_t *all, unsigned n, uint64_t v)
{
    unsigned q = queue_of(s);

    if (s->force_legacy || q == VIRTIO_QUEUES || s->v->ready[q])
        return;
    all[q] = n ? (all[q] & 0xffffffff) | v << 32 : (all[q] & ~0xffffffffull) | v;
}

static void desc_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct slot *s = dev;

    (void)a;
    if (s->v)
        half(s, s->v->desc, n, v);
}

static void driver_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct slot *s = dev;

    (void)a;
    if (s->v)
        half(s, s->v->driver, n, v);
}

static void device_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    struct slot *s = dev;

    (void)a;
    if (s->v)
        half(s, s->v->device, n, v);
}

static uint64_t ones(void *dev, unsigned n, const struct mem_attrs *a)
{
    (void)dev, (void)n, (void)a;
    return 0xffffffff; /* no shared memory */
}

static uint64_t generation_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct slot *s = dev;

    (void)n, (void)a;
    return s->v ? s->v->generation : 0;
}

static uint64_t config_read(void *dev, unsigned n, const struct mem_attrs *a)
{
    const struct slot *s = dev;

    (void)a;
    return s->v ? virtio_config_read(s->v, n) : 0;
}

static void config_write(void *dev, unsigned n, uint64_t v, const struct mem_attrs *a)
{
    const struct slot *s = dev;

    (void)a;
    if (s->v)
        virtio_config_write(s->v, n, (uint8_t)v);
}

#define AT(f) offsetof(struct slot, f)
#define NONE  DEV_NO_STATE
static const struct dev_reg regs[] = {
    {"ID", MAGIC, 4, 4, 4, NONE, 0, 0, constant, NULL},
    {"DeviceFeatures", FEATURES, 4, 0, 0, NONE, 0, 0, features_read, NULL},
    {"DeviceFeaturesSel", FEATURES_SEL, 4, 0, 0, AT(features_sel), 0, 0xffffffff, NULL, NULL},
    {"DriverFeatures", DRIVER_FEATURES, 4, 0, 0, NONE, 0, 0, NULL, features_write},
    {"DriverFeaturesSel", DRIVER_SEL, 4, 0, 0, AT(driver_sel), 0, 0xffffffff, NULL, NULL},
    {"GuestPageSize", PAGE_SIZE, 4, 0, 0, AT(page_size), 0, 0xffffffff, NULL, NULL},
    {"QueueSel", QUEUE_SEL, 4, 0, 0, AT(queue_sel), 0, 0xffffffff, NULL, NULL},
    {"QueueNumMax", NUM_MAX, 4, 0, 0, NONE, 0, 0, num_max_read, NULL},
    {"QueueNum", NUM, 4, 0, 0, NONE, 0, 0, NULL, num_write},
    {"QueueAlign", ALIGN, 4, 0, 0, NONE, 0, 0, NULL, align_write},
    {"QueuePFN", PFN, 4, 0, 0, NONE, 0, 0, pfn_read, pfn_write},
    {"QueueReady", READY, 4, 0, 0, NONE, 0, 0, ready_read, ready_write},
    {"QueueNotify", NOTIFY, 4, 0, 0, NONE, 0, 0, NULL, notify_write},
    {"InterruptStatus", ISR, 4, 0, 0, AT(isr), 0, 0, NULL, NULL},
    {"InterruptACK", ACK, 4, 0, 0, NONE, 0, 0, NULL, ack_write},
    {"Status", STATUS, 4, 0, 0, NONE, 0, 0, status_read, status_write},
    {"QueueDesc", DESC, 4, 2, 4, NONE, 0, 0, NULL, desc_write},
    {"QueueDriver", DRIVER, 4, 2, 4, NONE, 0, 0, NULL, driver_write},
    {"QueueDevice", DEVICE, 4, 2, 4, NONE, 0, 0, NULL, device_write},
    {"SHMLen", SHM_LEN, 4, 2, 4, NONE, 0, 0, ones, NULL},
    {"SHMBase", SHM_BASE, 4, 2, 4, NONE, 0, 0, ones, NULL},
    {"ConfigGeneration", GENERATION, 4, 0, 0, NONE, 0, 0, generation_read, NULL},
    {"Config", CONFIG, 1, VIRTIO_CONFIG, 1, NONE, 0, 0, config_read, config_write},
};
static const struct dev_block blocks[] = {
    {"virtio-mmio", 0x200, regs, ARRAY_LEN(regs), 1, 8, .wide = true},
};
static const struct dev_state states[] = {
    DEV_STATE_MAX(struct slot, isr, 3),
    DEV_STATE_ARRAY(struct slot, align),
    DEV_STATE_ARRAY(struct slot, pfn),
};
static const struct dev_prop props[] = {
    DEV_PROP(struct slot, force_legacy, "force-legacy", DEV_BOOL, .dflt = 1,
             .text = "is version 1, as the first drivers knew it"),
};

static void update(struct device *d)
{
    struct slot *s = (struct slot *)d;

    irq_set(&d->irq[0], s->isr != 0);
}

static void interrupt(void *to, unsigned queue)
{
    struct slot *s = to;

    s->isr |= queue == VIRTIO_CONFIG_CHANGED ? ISR_CONFIG : ISR_QUEUE;
    update(&s->dev);
}

static int plug(struct device *d, struct device *child, char *err, size_t err_len)
{
    struct slot *s = (struct slot *)d;

    if (s->v || strcmp(child->class->bus, "virtio") != 0) {
        snprintf(err, err_len, "%s cannot be plugged into %s%s", child->class->name, d->class->name,
                 s->v ? ": it is taken" : "");
        return -EINVAL;
    }
    s->v = (struct virtio *)child;
    virtio_connect(s->v, s->force_legacy, interrupt, s);
    return 0;
}

static void unplug(struct device *d, struct device *child)
{
    struct slot *s = (struct slot *)d;

    if (s->v == (struct virtio *)child)
        s->v = NULL;
}

const struct dev_class virtio_mmio_class = {
    .name = "virtio-mmio",
    .text = "virtio over MMIO, a slot for one function",
    .bus = "system",
    .category = "misc",
    .size = sizeof(struct slot),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .blocks = blocks,
    .nblocks = ARRAY_LEN(blocks),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .update = update,
    .plug = plug,
    .unplug = unplug,
};
