// SPDX-License-Identifier: MIT
/* tests/devices/nvme_test.c -- the NVMe controller by a small driver: queues in RAM, doorbells,
 * completions by phase, messages to RAM, against a disk in memory that is slow on purpose. */
#include "devices/nvme/nvme_state.h"
#include "tests/devices/bench.h"
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>

enum { CC = 0x14, CSTS = 0x1c, AQA = 0x24, ASQ = 0x28, ACQ = 0x30, DOORBELL = 0x1000 };
enum { ENTRIES = 8, ON = 0x460001 };
/* Places in RAM, from its start. */
enum {
    ASQ_AT = 0x1000,
    ACQ_AT = 0x2000,
    SQ_AT = 0x3000,
    CQ_AT = 0x4000,
    MESSAGE = 0x5000,
    LIST = 0x6000,
    DATA = 0x10000
};

static struct bench *b;
static struct nvme *n;

struct driver {
    unsigned id, size, tail, head, phase;
    uint32_t sq, cq;
} admin, io;
static uint16_t next_cid;

static uint64_t ram(uint64_t at)
{
    return BENCH_RAM + at;
}

static void put32(uint64_t at, uint32_t v)
{
    memcpy(b->mem + at, &v, 4);
}

static uint32_t get32(uint64_t at)
{
    uint32_t v;

    memcpy(&v, b->mem + at, 4);
    return v;
}

/* Puts a command into a queue; returns its identifier. */
static uint16_t send(struct driver *d, uint8_t op, uint32_t nsid, uint64_t prp1, uint64_t prp2,
                     uint32_t dw10, uint32_t dw11, uint32_t dw12)
{
    uint32_t c[16] = {op | (uint32_t)++next_cid << 16, nsid};

    c[6] = (uint32_t)prp1;
    c[7] = prp1 >> 32;
    c[8] = (uint32_t)prp2;
    c[9] = prp2 >> 32;
    c[10] = dw10;
    c[11] = dw11;
    c[12] = dw12;
    memcpy(b->mem + d->sq + 64 * d->tail, c, 64);
    d->tail = (d->tail + 1) % d->size;
    bench_w32(b, DOORBELL + 8 * d->id, d->tail);
    return next_cid;
}

static bool arrived(const struct driver *d)
{
    return (get32(d->cq + 16 * d->head + 12) >> 16 & 1) == d->phase;
}

/* Takes a completion: its status (without the retry bit); its identifier must be cid. */
static unsigned take(struct driver *d, uint16_t cid, uint32_t *result)
{
    uint32_t dw3 = get32(d->cq + 16 * d->head + 12);

    ck_assert(arrived(d));
    ck_assert_uint_eq(dw3 & 0xffff, cid);
    ck_assert_uint_eq(get32(d->cq + 16 * d->head + 8) >> 16, d->id);
    if (result)
        *result = get32(d->cq + 16 * d->head);
    if (++d->head == d->size) {
        d->head = 0;
        d->phase ^= 1;
    }
    bench_w32(b, DOORBELL + 8 * d->id + 4, d->head);
    return dw3 >> 17 & 0x7ff;
}

static unsigned run(struct driver *d, uint8_t op, uint32_t nsid, uint64_t prp1, uint32_t dw10,
                    uint32_t dw11, uint32_t dw12)
{
    uint16_t cid = send(d, op, nsid, prp1, 0, dw10, dw11, dw12);

    bench_disk_run(b);
    return take(d, cid, NULL);
}

static void enable(void)
{
    admin = (struct driver){0, ENTRIES, 0, 0, 1, ASQ_AT, ACQ_AT};
    memset(b->mem + ACQ_AT, 0, 4096);
    bench_w32(b, AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1));
    bench_write(b, ASQ, 8, ram(ASQ_AT));
    bench_write(b, ACQ, 8, ram(ACQ_AT));
    bench_w32(b, CC, ON);
    ck_assert_uint_eq(bench_r32(b, CSTS), 1);
}

static void make_queues(unsigned entries)
{
    io = (struct driver){1, entries, 0, 0, 1, SQ_AT, CQ_AT};
    memset(b->mem + CQ_AT, 0, 4096);
    ck_assert_uint_eq(run(&admin, 5, 0, ram(CQ_AT), 1 | (entries - 1) << 16, 3, 0), 0);
    ck_assert_uint_eq(run(&admin, 1, 0, ram(SQ_AT), 1 | (entries - 1) << 16, 1 | 1 << 16, 0), 0);
}

static void setup(void)
{
    b = bench_new("nvme", NULL);
    n = (struct nvme *)b->fn;
    b->disk.max_iov = 128; /* as ports/block.h promises */
    b->disk.max_bytes = 1 << 20;
    next_cid = 100;
    for (unsigned i = 0; i < BENCH_DISK; i++)
        b->blocks[i] = (uint8_t)(i / 512 * 7 + i);
}

static void teardown(void)
{
    bench_free(b);
}

START_TEST(registers)
{
    ck_assert_uint_eq(bench_read(b, 0, 8), 0x200f0107ffull);
    ck_assert_uint_eq(bench_r32(b, 4), 0x20);
    ck_assert_uint_eq(bench_r32(b, 8), 0x10400);
    bench_w32(b, 0xc, 0x30);
    ck_assert_uint_eq(bench_r32(b, 0x10), 0x30);
    bench_w32(b, 0x10, 0x10);
    ck_assert_uint_eq(bench_r32(b, 0xc), 0x20);
    bench_w32(b, ASQ, 0x12345fff);
    bench_w32(b, ASQ + 4, 1);
    ck_assert_uint_eq(bench_read(b, ASQ, 8), 0x112345000);
    enable();
    bench_w32(b, AQA, 0);
    ck_assert_uint_ne(bench_r32(b, AQA), 0); /* enabled: stays */
    bench_w32(b, CC, 0);
    ck_assert_uint_eq(bench_r32(b, CSTS), 0);
    ck_assert_uint_eq(bench_read(b, ASQ, 8), ram(ASQ_AT));
    bench_w32(b, CC, ON | 1 << 7); /* pages of 8 KiB */
    ck_assert_uint_eq(bench_r32(b, CSTS), 2);
    bench_w32(b, CC, 0);
    ck_assert_uint_eq(bench_r32(b, CSTS), 0);
}
END_TEST

START_TEST(identify)
{
    uint16_t cid;

    enable();
    ck_assert_uint_eq(run(&admin, 6, 0, ram(DATA), 1, 0, 0), 0);
    ck_assert_uint_eq(get32(DATA), 0x1af41b36);
    ck_assert_int_eq(memcmp(b->mem + DATA + 4, "bench               moa NVMe", 28), 0);
    ck_assert_uint_eq(get32(DATA + 80), 0x10400);
    ck_assert_uint_eq(b->mem[DATA + 77], 6);
    ck_assert_uint_eq(get32(DATA + 516), 1);
    ck_assert_uint_eq(run(&admin, 6, 1, ram(DATA), 0, 0, 0), 0);
    ck_assert_uint_eq(get32(DATA), BENCH_DISK / 512);
    ck_assert_uint_eq(get32(DATA + 128), 9 << 16);
    ck_assert_uint_eq(run(&admin, 6, 0, ram(DATA), 2, 0, 0), 0);
    ck_assert_uint_eq(get32(DATA), 1);
    ck_assert_uint_eq(run(&admin, 6, 1, ram(DATA), 2, 0, 0), 0);
    ck_assert_uint_eq(get32(DATA), 0);
    ck_assert_uint_eq(run(&admin, 6, 1, ram(DATA), 3, 0, 0), 0);
    ck_assert_uint_eq(get32(DATA), 0x1003);
    ck_assert_uint_eq(run(&admin, 6, 2, ram(DATA), 0, 0, 0), 0x0b);
    ck_assert_uint_eq(run(&admin, 6, 0, ram(DATA), 0x10, 0, 0), 2);
    /* over two pages, at no page's beginning */
    memset(b->mem + DATA, 0xee, 0x3000);
    cid = send(&admin, 6, 0, ram(DATA + 0xff0), ram(DATA + 0x2000), 1, 0, 0);
    ck_assert_uint_eq(take(&admin, cid, NULL), 0);
    ck_assert_uint_eq(get32(DATA + 0xff0), 0x1af41b36);
    ck_assert_uint_eq(get32(DATA + 0x1000), 0xeeeeeeee);
    ck_assert_uint_eq(get32(DATA + 0x2000 + 80 - 16), 0x10400);
    ck_assert_uint_eq(run(&admin, 6, 0, ram(DATA) + 2, 1, 0, 0), 0x13);
    ck_assert_uint_eq(run(&admin, 6, 0, 0x1000, 1, 0, 0), 4);
    ck_assert_uint_eq(run(&admin, 6, 0, ram(DATA) + 8, 1, 0, 0), 4); /* the second page is at 0 */
}
END_TEST

START_TEST(queues_that_cannot_be)
{
    uint32_t result;
    uint16_t cid;

    enable();
    ck_assert_uint_eq(run(&admin, 5, 0, ram(CQ_AT), 0 | 7 << 16, 3, 0), 0x101);
    ck_assert_uint_eq(run(&admin, 5, 0, ram(CQ_AT), 65 | 7 << 16, 3, 0), 0x101);
    ck_assert_uint_eq(run(&admin, 5, 0, ram(CQ_AT), 1, 3, 0), 0x102);
    ck_assert_uint_eq(run(&admin, 5, 0, ram(CQ_AT), 1 | 2048u << 16, 3, 0), 0x102);
    ck_assert_uint_eq(run(&admin, 5, 0, ram(CQ_AT), 1 | 7 << 16, 2, 0), 2);
    ck_assert_uint_eq(run(&admin, 5, 0, ram(CQ_AT) + 8, 1 | 7 << 16, 3, 0), 0x13);
    ck_assert_uint_eq(run(&admin, 5, 0, ram(CQ_AT), 1 | 7 << 16, 3 | 65 << 16, 0), 0x108);
    ck_assert_uint_eq(run(&admin, 1, 0, ram(SQ_AT), 1 | 7 << 16, 1 | 1 << 16, 0), 0x100);
    make_queues(8);
    ck_assert_uint_eq(run(&admin, 5, 0, ram(CQ_AT), 1 | 7 << 16, 3, 0), 0x101);
    ck_assert_uint_eq(run(&admin, 1, 0, ram(SQ_AT), 1 | 7 << 16, 1 | 1 << 16, 0), 0x101);
    ck_assert_uint_eq(run(&admin, 4, 0, 0, 1, 0, 0), 0x10c);
    ck_assert_uint_eq(run(&admin, 0, 0, 0, 1, 0, 0), 0);
    ck_assert_uint_eq(run(&admin, 0, 0, 0, 1, 0, 0), 0x101);
    ck_assert_uint_eq(run(&admin, 4, 0, 0, 1, 0, 0), 0);
    ck_assert_uint_eq(run(&admin, 4, 0, 0, 1, 0, 0), 0x101);
    bench_w32(b, DOORBELL + 8, 3); /* of a queue that is gone */
    bench_w32(b, DOORBELL, 4000);  /* beyond the queue */
    cid = send(&admin, 9, 0, 0, 0, 7, 0x00030003, 0);
    ck_assert_uint_eq(take(&admin, cid, &result), 0);
    ck_assert_uint_eq(result, 63 | 63 << 16);
    ck_assert_uint_eq(run(&admin, 0x7f, 0, 0, 0, 0, 0), 1);
    cid = send(&admin, 8, 0, 0, 0, 1 | 5 << 16, 0, 0);
    ck_assert_uint_eq(take(&admin, cid, &result), 0);
    ck_assert_uint_eq(result, 1);
}
END_TEST

START_TEST(features_and_logs)
{
    uint32_t result;
    uint16_t cid;
    unsigned i;

    enable();
    cid = send(&admin, 10, 0, 0, 0, 6, 0, 0);
    ck_assert_uint_eq(take(&admin, cid, &result), 0);
    ck_assert_uint_eq(result, 1);
    ck_assert_uint_eq(run(&admin, 9, 0, 0, 6, 0, 0), 0);
    cid = send(&admin, 10, 0, 0, 0, 6, 0, 0);
    ck_assert_uint_eq(take(&admin, cid, &result), 0);
    ck_assert_uint_eq(result, 0);
    ck_assert_uint_eq(run(&admin, 9, 0, 0, 0x80000006, 0, 0), 0x10d);
    ck_assert_uint_eq(run(&admin, 9, 0, 0, 0x42, 0, 0), 2);
    ck_assert_uint_eq(run(&admin, 2, 0, ram(DATA), 2 | 127 << 16, 0, 0), 0);
    ck_assert_uint_eq(get32(DATA) & 0xffff00, 298 << 8);
    ck_assert_uint_eq(run(&admin, 2, 0, ram(DATA), 9, 0, 0), 0x109);
    ck_assert_uint_eq(run(&admin, 2, 0, ram(DATA), 2, 0, 1024), 2);
    for (i = 0; i < 4; i++) /* these wait */
        send(&admin, 12, 0, 0, 0, 0, 0, 0);
    ck_assert(!arrived(&admin));
    ck_assert_uint_eq(run(&admin, 12, 0, 0, 0, 0, 0), 0x105);
}
END_TEST

START_TEST(read_and_write)
{
    unsigned i;

    enable();
    make_queues(8);
    ck_assert_uint_eq(run(&io, 2, 1, ram(DATA), 5, 0, 7), 0); /* 8 blocks from 5 */
    ck_assert_int_eq(memcmp(b->mem + DATA, b->blocks + 5 * 512, 4096), 0);
    memset(b->mem + DATA, 0x5a, 4096);
    ck_assert_uint_eq(run(&io, 1, 1, ram(DATA), 9, 0, 0), 0);
    for (i = 0; i < 512; i++)
        ck_assert_uint_eq(b->blocks[9 * 512 + i], 0x5a);
    ck_assert_uint_eq(b->blocks[10 * 512], (uint8_t)(70));
    ck_assert_uint_eq(b->nfua, 0);
    ck_assert_uint_eq(run(&io, 1, 1, ram(DATA), 9, 0, 1 << 30), 0);
    ck_assert_uint_eq(b->nfua, 1);
    ck_assert_uint_eq(run(&admin, 9, 0, 0, 6, 0, 0), 0); /* cache off */
    ck_assert_uint_eq(run(&io, 1, 1, ram(DATA), 9, 0, 0), 0);
    ck_assert_uint_eq(b->nfua, 2);
    ck_assert_uint_eq(run(&io, 0, 0xffffffff, 0, 0, 0, 0), 0);
    ck_assert_uint_eq(b->nflush, 1);
    ck_assert_uint_eq(run(&io, 8, 1, 0, 20, 0, 1), 0); /* zeroes */
    ck_assert_uint_eq(b->blocks[20 * 512 + 77], 0);
    ck_assert_uint_eq(b->blocks[21 * 512 + 511], 0);
    ck_assert_uint_ne(b->blocks[22 * 512 + 1], 0);
    memset(b->mem + DATA, 0, 32);
    put32(DATA + 4, 2);
    put32(DATA + 8, 30);
    put32(DATA + 20, 1);
    put32(DATA + 24, 40);
    ck_assert_uint_eq(run(&io, 9, 1, ram(DATA), 1, 4, 0), 0); /* two ranges go */
    ck_assert_uint_eq(b->blocks[30 * 512 + 9], 0);
    ck_assert_uint_eq(b->blocks[40 * 512 + 9], 0);
    ck_assert_uint_ne(b->blocks[41 * 512 + 9], 0);
    ck_assert_uint_eq(run(&io, 2, 1, ram(DATA), BENCH_DISK / 512, 0, 0), 0x80);
    ck_assert_uint_eq(run(&io, 2, 1, ram(DATA), BENCH_DISK / 512 - 1, 0, 1), 0x80);
    ck_assert_uint_eq(run(&io, 2, 1, ram(DATA), 0, 0x80000000, 0), 0x80);
    ck_assert_uint_eq(run(&io, 2, 2, ram(DATA), 0, 0, 0), 0x0b);
    ck_assert_uint_eq(run(&io, 0x55, 1, ram(DATA), 0, 0, 0), 1);
    ck_assert_uint_eq(run(&io, 2, 1, ram(DATA), 0, 0, 512), 2); /* too long */
    b->disk_error = -5;
    ck_assert_uint_eq(run(&io, 2, 1, ram(DATA), 0, 0, 0), 0x281);
    ck_assert_uint_eq(run(&io, 1, 1, ram(DATA), 0, 0, 0), 0x280);
    b->disk_error = 0;
    b->disk.read_only = true;
    ck_assert_uint_eq(run(&io, 1, 1, ram(DATA), 0, 0, 0), 0x182);
}
END_TEST

/* 256 KiB by a list of pages that are not in order and that goes on in a second page. */
START_TEST(lists)
{
    uint64_t list = LIST + 0xf80; /* 15 entries, then the way on */
    uint64_t entry;
    uint16_t cid;
    unsigned i;

    enable();
    make_queues(8);
    for (i = 0; i < 63; i++) {
        entry = ram(DATA + 0x1000 + (62 - i) * 0x1000);
        if (i == 15) {
            uint64_t on = ram(LIST + 0x1000);

            memcpy(b->mem + list + 8 * 15, &on, 8);
            list = LIST + 0x1000 - 8 * 15;
        }
        memcpy(b->mem + list + 8 * i, &entry, 8);
    }
    cid = send(&io, 2, 1, ram(DATA), ram(LIST + 0xf80), 3, 0, 511);
    bench_disk_run(b);
    ck_assert_uint_eq(take(&io, cid, NULL), 0);
    ck_assert_int_eq(memcmp(b->mem + DATA, b->blocks + 3 * 512, 4096), 0);
    for (i = 0; i < 63; i++)
        ck_assert_int_eq(memcmp(b->mem + DATA + 0x1000 + (62 - i) * 0x1000,
                                b->blocks + 3 * 512 + (i + 1) * 4096, 4096),
                         0);
    entry = ram(DATA) + 4;
    memcpy(b->mem + LIST + 0xf80 + 8, &entry, 8);
    cid = send(&io, 2, 1, ram(DATA), ram(LIST + 0xf80), 3, 0, 511);
    ck_assert_uint_eq(take(&io, cid, NULL), 0x13);
    cid = send(&io, 2, 1, ram(DATA), 0x100, 3, 0, 511);
    ck_assert_uint_eq(take(&io, cid, NULL), 4);
}
END_TEST

/* More commands than completions have room for: they wait, and nothing is lost. */
START_TEST(full_completion_queue)
{
    uint16_t cid[7];
    unsigned i;

    enable();
    io = (struct driver){1, 8, 0, 0, 1, SQ_AT, CQ_AT};
    ck_assert_uint_eq(run(&admin, 5, 0, ram(CQ_AT), 1 | 3 << 16, 3, 0), 0); /* 4: 3 fit */
    ck_assert_uint_eq(run(&admin, 1, 0, ram(SQ_AT), 1 | 7 << 16, 1 | 1 << 16, 0), 0);
    for (i = 0; i < 7; i++)
        cid[i] = send(&io, 2, 1, ram(DATA), 0, i, 0, 0);
    ck_assert_uint_eq(n->in_flight, 3);
    bench_disk_run(b);
    ck_assert_uint_eq(n->in_flight, 0);
    ck_assert_uint_eq(n->sq[1].head, 3);
    io.size = 4; /* for take() */
    for (i = 0; i < 7; i++) {
        ck_assert_uint_eq(take(&io, cid[i], NULL), 0);
        bench_disk_run(b);
    }
    ck_assert(!arrived(&io));
}
END_TEST

/* Commands that wait because too many are in flight go on when those end by a drain. */
START_TEST(drained_by_another_queue)
{
    unsigned i;

    enable();
    make_queues(64);
    ck_assert_uint_eq(run(&admin, 5, 0, ram(0x7000), 2 | 7 << 16, 3, 0), 0);
    ck_assert_uint_eq(run(&admin, 1, 0, ram(0x8000), 2 | 7 << 16, 1 | 2 << 16, 0), 0);
    n->in_flight = NVME_IN_FLIGHT - 2;
    for (i = 0; i < 5; i++)
        send(&io, 2, 1, ram(DATA), 0, i, 0, 0);
    ck_assert_uint_eq(n->sq[1].head, 2);
    n->in_flight = 2 + 1; /* the rest have ended; the command that follows is of the admin queue */
    send(&admin, 0, 0, 0, 0, 2, 0, 0);
    ck_assert_uint_eq(n->in_flight, 1);
    ck_assert_uint_eq(n->sq[1].head, 2);
    bench_advance(b, 1);
    ck_assert_uint_eq(n->sq[1].head, 5);
    bench_disk_run(b);
    ck_assert(arrived(&io));
}
END_TEST

START_TEST(interrupts)
{
    struct pci_device *p = &n->pci;
    unsigned c = p->msix;

    enable();
    ck_assert(!p->intx);
    send(&admin, 10, 0, 0, 0, 6, 0, 0);
    ck_assert(p->intx);
    bench_w32(b, 0xc, 1);
    ck_assert(!p->intx); /* masked */
    bench_w32(b, 0x10, 1);
    ck_assert(p->intx);
    take(&admin, next_cid, NULL);
    ck_assert(!p->intx);
    pci_config_write(p, c + 2, 2, 0x8000);
    bench_write(b, 0x2000 + 16 * 2, 8, ram(MESSAGE));
    bench_write(b, 0x2000 + 16 * 2 + 8, 8, 0xbeef);
    ck_assert_uint_eq(run(&admin, 5, 0, ram(CQ_AT), 1 | 7 << 16, 3 | 2 << 16, 0), 0);
    ck_assert_uint_eq(run(&admin, 1, 0, ram(SQ_AT), 1 | 7 << 16, 1 | 1 << 16, 0), 0);
    io = (struct driver){1, 8, 0, 0, 1, SQ_AT, CQ_AT};
    send(&io, 0, 1, 0, 0, 0, 0, 0);
    ck_assert_uint_eq(get32(MESSAGE), 0);
    bench_disk_run(b);
    ck_assert_uint_eq(get32(MESSAGE), 0xbeef);
    ck_assert(!p->intx);
}
END_TEST

START_TEST(reset_and_shutdown_with_work_in_flight)
{
    unsigned i;

    enable();
    make_queues(8);
    for (i = 0; i < 5; i++)
        send(&io, 1, 1, ram(DATA), 0, i, 0, 0);
    ck_assert_uint_eq(n->in_flight, 5);
    bench_w32(b, CC, ON | 1 << 14);
    ck_assert_uint_eq(bench_r32(b, CSTS), 1 | 1 << 2);
    bench_disk_run(b);
    ck_assert_uint_eq(bench_r32(b, CSTS), 1 | 2 << 2);
    send(&io, 1, 1, ram(DATA), 0, i, 0, 0);
    bench_w32(b, CC, 0);
    ck_assert_uint_eq(n->in_flight, 0);
    ck_assert_ptr_null(b->pending);
    ck_assert_uint_eq(bench_r32(b, CSTS), 0);
    enable();
    make_queues(8);
    send(&io, 1, 1, ram(DATA), 0, i, 0, 0);
    dev_reset(b->dev);
    ck_assert_uint_eq(n->in_flight, 0);
    ck_assert_uint_eq(bench_r32(b, CC), 0);
}
END_TEST

START_TEST(save_with_work_in_flight)
{
    struct bench *a = b, *t;
    uint16_t cid[7];
    uint8_t *saved;
    size_t len;
    unsigned i;

    enable();
    io = (struct driver){1, 8, 0, 0, 1, SQ_AT, CQ_AT};
    ck_assert_uint_eq(run(&admin, 5, 0, ram(CQ_AT), 1 | 3 << 16, 3, 0), 0); /* room for 3 */
    ck_assert_uint_eq(run(&admin, 1, 0, ram(SQ_AT), 1 | 7 << 16, 1 | 1 << 16, 0), 0);
    for (i = 0; i < 5; i++)
        cid[i] = send(&io, 2, 1, ram(DATA + 512 * i), 0, i, 0, 0);
    saved = bench_save(b, &len);
    ck_assert_uint_eq(n->in_flight, 0);
    t = bench_new("nvme", NULL);
    memcpy(t->mem, a->mem, BENCH_RAM_SIZE);
    memcpy(t->blocks, a->blocks, BENCH_DISK);
    t->now = a->now;
    ck_assert_int_eq(bench_load(t, saved, len), 0);
    b = t;
    n = (struct nvme *)b->fn;
    io.size = 4;
    for (i = 0; i < 5; i++) {
        bench_advance(b, 1000);
        bench_disk_run(b);
        ck_assert_uint_eq(take(&io, cid[i], NULL), 0);
    }
    bench_disk_run(b);
    ck_assert_int_eq(memcmp(b->mem + DATA, b->blocks, 5 * 512), 0);
    bench_free(a);
    free(saved);
}
END_TEST

/* Random commands and doorbells over live queues. */
START_TEST(hostile)
{
    uint64_t seed = 11 + (uint64_t)_i;
    unsigned i, done = 0;

    for (i = 0; i < 20000; i++) {
        uint64_t r = bench_rnd(&seed);
        struct driver *d = r & 1 ? &admin : &io;

        if (i % 1000 == 0) {
            bench_w32(b, CC, 0);
            enable();
            make_queues(8);
        }
        if (r >> 1 & 31) {
            static const uint8_t admin_ops[] = {2, 6, 8, 9, 10, 12, 0x80, 1, 5, 0, 4};
            static const uint8_t io_ops[] = {0, 1, 2, 2, 2, 8, 9, 5};
            uint8_t op =
                d == &admin ? admin_ops[(r >> 8 & 0xff) % sizeof(admin_ops)] : io_ops[r >> 8 & 7];
            uint64_t v = bench_rnd(&seed);

            send(d, op, r >> 16 & 7 ? 1 : (uint32_t)v, v & 7 ? ram(DATA + (v >> 8 & 0xff000)) : v,
                 v & 8 ? ram(DATA + (v >> 16 & 0xffff8)) : v, (uint32_t)(v >> 20 & 0x7ff),
                 v & 0x30 ? (uint32_t)(v >> 6 & 4) : (uint32_t)v,
                 (uint32_t)(v >> 32 & (v & 64 ? 0x40ff0007 : 0x3ff)));
        } else {
            bench_step(b, &seed, true);
        }
        if (r >> 32 & 1)
            bench_disk_run(b);
        while (arrived(d) && r >> 33 & 7) {
            done++;
            take(d, (uint16_t)get32(d->cq + 16 * d->head + 12), NULL);
            if (d->head == 0)
                break;
        }
    }
    ck_assert_uint_gt(done, 200);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, registers);
    tcase_add_test(tc, identify);
    tcase_add_test(tc, queues_that_cannot_be);
    tcase_add_test(tc, features_and_logs);
    tcase_add_test(tc, read_and_write);
    tcase_add_test(tc, lists);
    tcase_add_test(tc, full_completion_queue);
    tcase_add_test(tc, drained_by_another_queue);
    tcase_add_test(tc, interrupts);
    tcase_add_test(tc, reset_and_shutdown_with_work_in_flight);
    tcase_add_test(tc, save_with_work_in_flight);
    tcase_add_loop_test(tc, hostile, 0, 3);
}

UNIT_MAIN("nvme", fill)
