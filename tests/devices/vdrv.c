// SPDX-License-Identifier: MIT
/* tests/devices/vdrv.c -- see vdrv.h. */
#include "tests/devices/vdrv.h"

#include <string.h>

enum {
    R_FEATURES = 0x10,
    R_FEATURES_SEL = 0x14,
    R_DRIVER = 0x20,
    R_DRIVER_SEL = 0x24,
    R_PAGE_SIZE = 0x28,
    R_SEL = 0x30,
    R_NUM_MAX = 0x34,
    R_NUM = 0x38,
    R_ALIGN = 0x3c,
    R_PFN = 0x40,
    R_READY = 0x44,
    R_NOTIFY = 0x50,
    R_ISR = 0x60,
    R_ACK = 0x64,
    R_STATUS = 0x70,
    R_DESC = 0x80,
    R_DRV = 0x90,
    R_DEV = 0xa0
};
enum { NEXT = 1, WRITE = 2, INDIRECT = 4, AVAIL = 1 << 7, USED = 1 << 15 };

static uint64_t get(struct vdrv *d, uint64_t addr, unsigned size)
{
    return virtio_get(vdrv_mem(d, addr), size);
}

static void put(struct vdrv *d, uint64_t addr, uint64_t v, unsigned size)
{
    virtio_put(vdrv_mem(d, addr), v, size);
}

static void setup(struct vdrv *d, unsigned n)
{
    struct vdrv_queue *q = &d->q[n];
    uint64_t base = BENCH_RAM + 0x10000 + n * 0x8000ull;

    *q = (struct vdrv_queue){.size = VDRV_SIZE, .avail_wrap = true, .used_wrap = true};
    memset(vdrv_mem(d, base), 0, 0x8000);
    q->desc = base;
    q->driver = d->legacy ? base + 16 * VDRV_SIZE : base + 0x1000;
    q->device = d->legacy ? base + 0x1000 : base + 0x2000;
    q->tables = base + 0x4000;
    bench_w32(d->b, R_SEL, n);
    if (bench_r32(d->b, R_NUM_MAX) < VDRV_SIZE)
        q->size = (unsigned)bench_r32(d->b, R_NUM_MAX);
    bench_w32(d->b, R_NUM, q->size);
    for (unsigned i = 0; i < q->size; i++)
        q->free[q->nfree++] = q->size - 1 - i; /* packed: only the count matters */
    if (d->legacy) {
        q->driver = base + 16 * q->size;
        bench_w32(d->b, R_ALIGN, 4096);
        bench_w32(d->b, R_PFN, base >> 12);
        return;
    }
    bench_w32(d->b, R_DESC, (uint32_t)q->desc);
    bench_w32(d->b, R_DESC + 4, q->desc >> 32);
    bench_w32(d->b, R_DRV, (uint32_t)q->driver);
    bench_w32(d->b, R_DRV + 4, q->driver >> 32);
    bench_w32(d->b, R_DEV, (uint32_t)q->device);
    bench_w32(d->b, R_DEV + 4, q->device >> 32);
    bench_w32(d->b, R_READY, 1);
}

void vdrv_start(struct vdrv *d, struct bench *b, uint64_t want, unsigned nqueues)
{
    uint64_t offered = 0;

    memset(d, 0, sizeof(*d));
    d->b = b;
    d->legacy = bench_r32(b, 4) == 1;
    bench_w32(b, R_STATUS, 0);
    bench_w32(b, R_STATUS, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
    for (unsigned i = 0; i < 2; i++) {
        bench_w32(b, R_FEATURES_SEL, i);
        offered |= bench_r32(b, R_FEATURES) << 32 * i;
    }
    want = offered & (want | VIRTIO_F_VERSION_1);
    for (unsigned i = 0; i < 2; i++) {
        bench_w32(b, R_DRIVER_SEL, i);
        bench_w32(b, R_DRIVER, (uint32_t)(want >> 32 * i));
    }
    d->packed = want & VIRTIO_F_PACKED;
    d->event_idx = want & VIRTIO_F_EVENT_IDX;
    d->indirect = want & VIRTIO_F_INDIRECT;
    if (d->legacy) {
        bench_w32(b, R_PAGE_SIZE, 4096);
    } else {
        bench_w32(b, R_STATUS, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK);
        if (!(bench_r32(b, R_STATUS) & VIRTIO_FEATURES_OK))
            MOA_BUG("features are refused");
    }
    for (unsigned i = 0; i < nqueues; i++)
        setup(d, i);
    bench_w32(b, R_STATUS, bench_r32(b, R_STATUS) | VIRTIO_DRIVER_OK);
}

static void put_desc(struct vdrv *d, uint64_t at, struct vdrv_buf b, uint16_t flags, uint16_t next)
{
    put(d, at, b.addr, 8);
    put(d, at + 8, b.len, 4);
    put(d, at + (d->packed ? 14 : 12), flags, 2);
    put(d, at + (d->packed ? 12 : 14), next, 2);
}

static int add_split(struct vdrv *d, struct vdrv_queue *q, const struct vdrv_buf *bufs,
                     unsigned nout, unsigned n)
{
    unsigned head = q->free[q->nfree - 1], id = head;

    for (unsigned i = 0; i < n; i++) {
        unsigned next = i + 1 < n ? q->free[q->nfree - 2] : 0;

        put_desc(d, q->desc + 16 * id, bufs[i],
                 (uint16_t)((i >= nout ? WRITE : 0) | (i + 1 < n ? NEXT : 0)), (uint16_t)next);
        q->next[id] = (uint16_t)next;
        q->nfree--;
        id = next;
    }
    put(d, q->driver + 4 + 2 * (q->avail % q->size), head, 2);
    put(d, q->driver + 2, ++q->avail, 2);
    q->ndescs[head] = (uint16_t)n;
    return (int)head;
}

static int add_packed(struct vdrv *d, struct vdrv_queue *q, const struct vdrv_buf *bufs,
                      unsigned nout, unsigned n, uint16_t extra)
{
    unsigned id = 0, first = q->avail;
    uint16_t first_flags = 0;

    while (q->ndescs[id])
        id++;
    for (unsigned i = 0; i < n; i++) {
        uint16_t flags = (uint16_t)((i >= nout ? WRITE : 0) | (i + 1 < n ? NEXT : 0) | extra |
                                    (q->avail_wrap ? AVAIL : USED));

        if (i == 0)
            first_flags = flags;
        put_desc(d, q->desc + 16 * q->avail, bufs[i], i ? flags : (uint16_t)(flags ^ AVAIL ^ USED),
                 (uint16_t)id);
        if (++q->avail == q->size) {
            q->avail = 0;
            q->avail_wrap = !q->avail_wrap;
        }
    }
    put(d, q->desc + 16 * first + 14, first_flags, 2); /* last: now it is there */
    q->nfree -= n;
    q->ndescs[id] = (uint16_t)n;
    return (int)id;
}

int vdrv_add(struct vdrv *d, unsigned queue, const struct vdrv_buf *bufs, unsigned nout,
             unsigned nin)
{
    struct vdrv_queue *q = &d->q[queue];
    unsigned n = nout + nin;
    uint64_t t = q->tables;
    struct vdrv_buf table;

    if (q->nfree < (d->indirect ? 1 : n))
        return -1;
    if (!d->indirect)
        return d->packed ? add_packed(d, q, bufs, nout, n, 0) : add_split(d, q, bufs, nout, n);
    t += (d->packed ? q->avail : q->free[q->nfree - 1]) * 0x100ull; /* 16 descriptors at most */
    for (unsigned i = 0; i < n; i++)
        put_desc(d, t + 16 * i, bufs[i],
                 (uint16_t)((i >= nout ? WRITE : 0) | (i + 1 < n && !d->packed ? NEXT : 0)),
                 (uint16_t)(i + 1));
    table = (struct vdrv_buf){t, 16 * n};
    if (d->packed)
        return add_packed(d, q, &table, 1, 1, INDIRECT);
    add_split(d, q, &table, 1, 1);
    n = (unsigned)get(d, q->driver + 4 + 2 * ((uint16_t)(q->avail - 1) % q->size), 2);
    put(d, q->desc + 16 * n + 12, INDIRECT, 2);
    return (int)n;
}

void vdrv_kick(struct vdrv *d, unsigned queue)
{
    bench_w32(d->b, R_NOTIFY, queue);
}

int vdrv_used(struct vdrv *d, unsigned queue, uint32_t *len)
{
    struct vdrv_queue *q = &d->q[queue];
    unsigned id;

    if (d->packed) {
        uint64_t at = q->desc + 16 * q->used;
        uint64_t flags = get(d, at + 14, 2);

        if (!(flags & AVAIL) != !(flags & USED) || !(flags & USED) == q->used_wrap)
            return -1;
        id = (unsigned)get(d, at + 12, 2);
        *len = (uint32_t)get(d, at + 8, 4);
        if (id >= q->size || q->ndescs[id] == 0)
            MOA_BUG("used is %u, which was not given", id);
        q->used = (uint16_t)(q->used + q->ndescs[id]);
        if (q->used >= q->size) {
            q->used = (uint16_t)(q->used - q->size);
            q->used_wrap = !q->used_wrap;
        }
        q->nfree += q->ndescs[id];
    } else {
        uint64_t at = q->device + 4 + 8 * (q->used % q->size);

        if ((uint16_t)get(d, q->device + 2, 2) == q->used)
            return -1;
        id = (unsigned)get(d, at, 4);
        *len = (uint32_t)get(d, at + 4, 4);
        if (id >= q->size || q->ndescs[id] == 0)
            MOA_BUG("used is %u, which was not given", id);
        q->used++;
        for (unsigned i = 0, k = id; i < q->ndescs[id]; i++, k = q->next[k])
            q->free[q->nfree++] = k;
    }
    q->ndescs[id] = 0;
    return (int)id;
}

uint32_t vdrv_do(struct vdrv *d, unsigned queue, const struct vdrv_buf *bufs, unsigned nout,
                 unsigned nin)
{
    uint32_t len;
    int id = vdrv_add(d, queue, bufs, nout, nin);

    if (id < 0)
        MOA_BUG("no room in the queue");
    vdrv_kick(d, queue);
    bench_advance(d->b, 1000);
    if (vdrv_used(d, queue, &len) != id)
        MOA_BUG("the chain was not used");
    return len;
}

uint32_t vdrv_ack(struct vdrv *d)
{
    uint32_t isr = (uint32_t)bench_r32(d->b, R_ISR);

    bench_w32(d->b, R_ACK, isr);
    return isr;
}

void vdrv_event(struct vdrv *d, unsigned queue, uint16_t event)
{
    struct vdrv_queue *q = &d->q[queue];

    if (d->packed)
        put(d, q->driver, event | 2u << 16, 4);
    else
        put(d, q->driver + 4 + 2 * q->size, event, 2);
}

uint64_t vdrv_config(struct vdrv *d, unsigned at, unsigned size)
{
    return bench_read(d->b, 0x100 + at, size);
}
