/* SPDX-License-Identifier: MIT */
/* tests/devices/vdrv.h -- a small virtio driver for tests, on the bench's MMIO slot: negotiates,
 * sets queues up in any layout, adds chains, takes what was used. */
#ifndef TESTS_DEVICES_VDRV_H
#define TESTS_DEVICES_VDRV_H

#include "devices/virtio/virtio.h"
#include "tests/devices/bench.h"

#define VDRV_QUEUES 8
#define VDRV_SIZE   16
#define VDRV_BUF    (BENCH_RAM + 0x80000) /* from here to the end of RAM: for the tests' buffers */

struct vdrv_queue {
    uint64_t desc, driver, device, tables;
    unsigned size, free[VDRV_SIZE], nfree;
    uint16_t avail, used; /* split: counts; packed: indexes */
    bool avail_wrap, used_wrap;
    uint16_t ndescs[VDRV_SIZE]; /* by id */
    uint16_t next[VDRV_SIZE];
};
struct vdrv {
    struct bench *b;
    bool legacy, packed, event_idx;
    bool indirect; /* chains go into tables */
    struct vdrv_queue q[VDRV_QUEUES];
};

struct vdrv_buf {
    uint64_t addr;
    uint32_t len;
};

/* Takes all offered features of want (and VERSION_1), sets up the first nqueues, DRIVER_OK. */
void vdrv_start(struct vdrv *d, struct bench *b, uint64_t want, unsigned nqueues);
/* Adds a chain of nout + nin buffers; its id, or -1: no room. */
int vdrv_add(struct vdrv *d, unsigned queue, const struct vdrv_buf *bufs, unsigned nout,
             unsigned nin);
void vdrv_kick(struct vdrv *d, unsigned queue);
/* The next one that was used: its id and *len; -1: none. */
int vdrv_used(struct vdrv *d, unsigned queue, uint32_t *len);
/* Add, kick, let the disk and the clock work, take: the length that was written. */
uint32_t vdrv_do(struct vdrv *d, unsigned queue, const struct vdrv_buf *bufs, unsigned nout,
                 unsigned nin);
/* Acknowledges interrupts: bits that were pending. */
uint32_t vdrv_ack(struct vdrv *d);
void vdrv_event(struct vdrv *d, unsigned queue,
                uint16_t event); /* used_event: interrupt at this one */
uint64_t vdrv_config(struct vdrv *d, unsigned at, unsigned size);

static inline uint8_t *vdrv_mem(struct vdrv *d, uint64_t addr)
{
    return d->b->mem + (addr - BENCH_RAM);
}

#endif
