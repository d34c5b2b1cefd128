/* SPDX-License-Identifier: MIT */
/* tests/devices/bench.h -- a device alone on a bus: 1 MiB of RAM, a clock that is set by hand,
 * lines that are looked at, the other end of its character stream. No guest code. */
#ifndef TESTS_DEVICES_BENCH_H
#define TESTS_DEVICES_BENCH_H

#include "devices/core/device.h"
#include "ports/block.h"
#include "ports/display.h"
#include "ports/input.h"
#include "ports/packet.h"
#include "ports/random.h"

#define BENCH_RAM          0x40000000ull
#define BENCH_RAM_SIZE     0x100000ull
#define BENCH_MMIO(region) (0x100000000ull + (uint64_t)(region)*0x10000000ull)

struct bench_timer;
struct bench {
    struct mem_region *root, *ram;
    struct mem_space *space;
    uint8_t *mem; /* of the RAM */
    struct clock_port clock;
    int64_t now; /* ns, of all three clocks; CLOCK_HOST is wall_base more */
    int64_t wall_base;
    struct bench_timer *timers;
    struct device *dev;    /* on the bus: the device, or the transport that it is plugged into */
    struct device *fn;     /* the device itself */
    struct device *regs;   /* whose registers random traffic is about: dev, or the PCI function */
    bool level[DEV_LINES]; /* of dev->irq */
    unsigned edges[DEV_LINES];
    struct bytes_out out; /* what the device sends to */
    struct bytes_in in;
    uint8_t sent[4096];
    size_t nsent, room; /* room: what write() still takes; starts at all */
    unsigned accepts;
    struct block_port disk; /* 1 MiB; requests are done by bench_disk_run and with time */
    uint8_t *blocks;
    struct block_req *pending;
    unsigned nrequests, nfua, nflush;
    int disk_error; /* what the next requests end with */
    struct packet_out net;
    struct packet_in net_in;
    uint8_t frame[70000]; /* the last that was sent */
    size_t frame_len;
    struct packet_offload frame_offload;
    unsigned nframes, net_accepts;
    bool net_full;
    uint32_t net_takes;
    struct display_in screen; /* what the device shows: */
    struct display_surface shown[DISPLAY_HEADS];
    struct display_rect changed; /* the last that was told of head 0 */
    unsigned nshows, nchanges, ncursors;
    bool has_cursor;
    struct display_cursor cursor; /* of head 0, and where it is */
    int32_t cursor_x, cursor_y;
    struct input_in input;
    uint32_t leds;
    uint8_t random; /* next byte that random gives: counts up */
    char err[160];
};

/* Makes and realizes a device of that class: props are "name=value", ended by NULL, or NULL. Its
 * regions are at BENCH_MMIO(n). A virtio function gets a slot for MMIO of version 2, a PCI function
 * a host bridge; props that begin with "bus." go there. Aborts if it does not work. */
struct bench *bench_new(const char *class, const char *const *props);
void bench_free(struct bench *b);

/* PCI: the function is slot 1. Its BARs are mapped at BENCH_BAR(n), and it may do DMA. */
#define BENCH_BAR(n)     (BENCH_MMIO(1) + BENCH_PCI_BAR(n))
#define BENCH_PCI_BAR(n) (0x1000000ull * (1 + (n)))
void bench_pci_map(struct bench *b);
uint64_t bench_block_address(const struct bench *b, unsigned k); /* of block k of regs' class */
uint32_t bench_cfg_read(struct bench *b, unsigned at, unsigned size);
void bench_cfg_write(struct bench *b, unsigned at, unsigned size, uint32_t v);

/* Access of a vcpu to region 0; a refused one aborts. */
uint64_t bench_read(struct bench *b, uint64_t offset, unsigned size);
void bench_write(struct bench *b, uint64_t offset, unsigned size, uint64_t value);
enum mem_result bench_access(struct bench *b, uint64_t addr, unsigned size, bool write,
                             uint64_t *value);
static inline uint64_t bench_r32(struct bench *b, uint64_t offset)
{
    return bench_read(b, offset, 4);
}
static inline void bench_w32(struct bench *b, uint64_t offset, uint64_t value)
{
    bench_write(b, offset, 4, value);
}
void bench_advance(struct bench *b, int64_t ns); /* timers fire in order, each at its time */
/* Gives the device what it can take of n bytes; how many. */
size_t bench_give(struct bench *b, const void *bytes, size_t n);

#define BENCH_DISK 0x100000u
void bench_disk_run(struct bench *b); /* all that is pending is done */

/* Saves into a fresh buffer (*len bytes, to be freed); aborts on an error. */
uint8_t *bench_save(struct bench *b, size_t *len);
/* 0 or -errno with the message in b->err. */
int bench_load(struct bench *b, const uint8_t *data, size_t len);

/* One random step by the description: an access to a register (or near one), time, input. Hostile:
 * any offset, size and value. *seed is the generator's state. Returns what a read gave. */
uint64_t bench_step(struct bench *b, uint64_t *seed, bool hostile);
uint64_t bench_rnd(uint64_t *seed);

/* A number made of some of the pixels that are shown now. */
uint32_t bench_pixels(struct bench *b);

#endif
