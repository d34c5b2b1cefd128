// SPDX-License-Identifier: MIT
/* tests/devices/pci_test.c -- the host bridge, BARs, INTx and MSI-X, and a virtio device behind
 * them. */
#include "devices/bus/pci.h"
#include "devices/virtio/virtio.h"
#include "tests/devices/bench.h"
#include "tests/unit.h"

#include <errno.h>
#include <string.h>

static struct bench *b;

static uint64_t rd(uint64_t addr, unsigned size)
{
    uint64_t v = 0;

    ck_assert_int_eq(bench_access(b, addr, size, false, &v), MEM_OK);
    return v;
}

static void wr(uint64_t addr, unsigned size, uint64_t v)
{
    ck_assert_int_eq(bench_access(b, addr, size, true, &v), MEM_OK);
}

START_TEST(configuration_space)
{
    b = bench_new("virtio-rng-pci", NULL);
    ck_assert_uint_eq(bench_r32(b, 0), 0x00081b36);
    ck_assert_uint_eq(bench_r32(b, 8), 0x06000000);
    ck_assert_uint_eq(bench_read(b, 0, 2), 0x1b36);
    ck_assert_uint_eq(bench_r32(b, 2 << 15), 0xffffffff); /* nothing there */
    ck_assert_uint_eq(bench_r32(b, 1 << 20), 0xffffffff); /* another bus */
    ck_assert_uint_eq(bench_cfg_read(b, 0, 4), 0x10441af4);
    bench_cfg_write(b, 0, 4, 0);
    ck_assert_uint_eq(bench_cfg_read(b, 0, 4), 0x10441af4);
    ck_assert_uint_eq(bench_cfg_read(b, 0x100, 4), 0); /* no extended capabilities */
    bench_cfg_write(b, 0x3c, 1, 0x55);
    ck_assert_uint_eq(bench_cfg_read(b, 0x3c, 2), 0x155);
    bench_free(b);
}
END_TEST

START_TEST(bars)
{
    b = bench_new("virtio-rng-pci", NULL);
    ck_assert_uint_eq(rd(BENCH_BAR(4) + 18, 2), 1); /* num_queues */
    bench_cfg_write(b, 4, 2, 0);
    ck_assert_uint_eq(rd(BENCH_BAR(4), 4), 0xffffffff);
    bench_cfg_write(b, 0x20, 4, 0xffffffff); /* size them, with decoding on */
    bench_cfg_write(b, 0x24, 4, 0xffffffff);
    bench_cfg_write(b, 4, 2, 7);
    ck_assert_uint_eq(bench_cfg_read(b, 0x20, 4), 0xffffc00c);
    ck_assert_uint_eq(bench_cfg_read(b, 0x24, 4), 0xffffffff);
    bench_cfg_write(b, 0x14, 4, 0xffffffff);
    ck_assert_uint_eq(bench_cfg_read(b, 0x14, 4), 0xfffff000);
    bench_cfg_write(b, 0x10, 4, 0xffffffff); /* not there */
    ck_assert_uint_eq(bench_cfg_read(b, 0x10, 4), 0);
    bench_cfg_write(b, 0x20, 4, 0x5004000);
    bench_cfg_write(b, 0x24, 4, 0);
    ck_assert_uint_eq(rd(BENCH_MMIO(1) + 0x5004000 + 18, 2), 1);
    dev_reset(b->dev);
    ck_assert_uint_eq(bench_cfg_read(b, 0x20, 4), 0xc);
    ck_assert_uint_eq(rd(BENCH_MMIO(1) + 0x5004000, 4), 0xffffffff);
    bench_free(b);
}
END_TEST

/* Offset of the capability of that id, and of virtio's kind. */
static unsigned cap(unsigned id, unsigned kind)
{
    unsigned at = bench_cfg_read(b, 0x34, 1);

    while (at &&
           !(bench_cfg_read(b, at, 1) == id && (id != 9 || bench_cfg_read(b, at + 3, 1) == kind)))
        at = bench_cfg_read(b, at + 1, 1);
    ck_assert_uint_ne(at, 0);
    return at;
}

static uint64_t part(unsigned kind) /* where the capability says that it is */
{
    unsigned at = cap(9, kind);

    return BENCH_BAR(bench_cfg_read(b, at + 4, 1)) + bench_cfg_read(b, at + 8, 4);
}

static uint64_t used_ring = BENCH_RAM + 0x2000;

/* Queue 0 with one chain of 16 bytes at RAM + 0x3000. */
static void set_up_queue(void)
{
    uint64_t common = part(1);
    uint8_t *m = b->mem;

    wr(common + 20, 1, 3);
    wr(common + 8, 4, 1);
    wr(common + 12, 4, 1); /* VERSION_1 */
    wr(common + 20, 1, 11);
    ck_assert_uint_eq(rd(common + 20, 1), 11);
    wr(common + 22, 2, 0);
    ck_assert_uint_eq(rd(common + 24, 2), 8);
    wr(common + 32, 8, BENCH_RAM);
    wr(common + 40, 8, BENCH_RAM + 0x1000);
    wr(common + 48, 4, (uint32_t)used_ring);
    wr(common + 52, 4, used_ring >> 32);
    ck_assert_uint_eq(rd(common + 40, 8), BENCH_RAM + 0x1000);
    wr(common + 28, 2, 1);
    ck_assert_uint_eq(rd(common + 28, 2), 1);
    wr(common + 20, 1, 15);
    virtio_put(m, BENCH_RAM + 0x3000, 8);
    virtio_put(m + 8, 16 | 2ull << 32, 8);
}

static void add_and_notify(void)
{
    uint8_t *m = b->mem;

    virtio_put(m + 0x1002, virtio_get(m + 0x1002, 2) + 1, 2);
    wr(part(2) + rd(part(1) + 30, 2) * bench_cfg_read(b, cap(9, 2) + 16, 4), 2, 0);
}

START_TEST(interrupt_by_pin)
{
    b = bench_new("virtio-rng-pci", NULL);
    set_up_queue();
    add_and_notify();
    ck_assert_uint_eq(virtio_get(b->mem + 0x2002, 2), 1);
    ck_assert_uint_eq(b->mem[0x300f], 15);
    ck_assert(b->level[1]); /* slot 1, pin A */
    ck_assert_uint_eq(bench_cfg_read(b, 6, 2) & 8, 8);
    ck_assert_uint_eq(rd(part(3), 1), 1); /* reading takes it back */
    ck_assert(!b->level[1]);
    ck_assert_uint_eq(rd(part(3), 1), 0);
    bench_cfg_write(b, 4, 2, 0x407); /* pins off */
    add_and_notify();
    ck_assert(!b->level[1]);
    bench_cfg_write(b, 4, 2, 7);
    ck_assert(b->level[1]);
    bench_free(b);
}
END_TEST

START_TEST(interrupt_by_message)
{
    unsigned msix;
    uint64_t table, pba;

    b = bench_new("virtio-rng-pci", (const char *[]){"vectors=4", NULL});
    msix = cap(0x11, 0);
    ck_assert_uint_eq(bench_cfg_read(b, msix + 2, 2), 3); /* four vectors */
    table = BENCH_BAR(bench_cfg_read(b, msix + 4, 4) & 7) + (bench_cfg_read(b, msix + 4, 4) & ~7u);
    pba = BENCH_BAR(bench_cfg_read(b, msix + 8, 4) & 7) + (bench_cfg_read(b, msix + 8, 4) & ~7u);
    ck_assert_uint_eq(rd(table + 2 * 16 + 12, 4), 1); /* masked at first */
    wr(table + 2 * 16, 8, BENCH_RAM + 0x5000);
    wr(table + 2 * 16 + 8, 4, 0x1234);
    wr(table + 2 * 16 + 12, 4, 0);
    bench_cfg_write(b, msix + 2, 2, 0x8000);
    set_up_queue();
    wr(part(1) + 26, 2, 99); /* no such vector */
    ck_assert_uint_eq(rd(part(1) + 26, 2), 0xffff);
    wr(part(1) + 26, 2, 2);
    ck_assert_uint_eq(rd(part(1) + 26, 2), 2);
    add_and_notify();
    ck_assert_uint_eq(virtio_get(b->mem + 0x5000, 4), 0x1234);
    ck_assert(!b->level[1]);
    memset(b->mem + 0x5000, 0, 4);
    wr(table + 2 * 16 + 12, 4, 1);
    add_and_notify();
    ck_assert_uint_eq(virtio_get(b->mem + 0x5000, 4), 0);
    ck_assert_uint_eq(rd(pba, 8), 4);
    wr(table + 2 * 16 + 12, 4, 0);
    ck_assert_uint_eq(virtio_get(b->mem + 0x5000, 4), 0x1234);
    ck_assert_uint_eq(rd(pba, 8), 0);
    memset(b->mem + 0x5000, 0, 4);
    bench_cfg_write(b, msix + 2, 2, 0xc000); /* all masked */
    add_and_notify();
    ck_assert_uint_eq(virtio_get(b->mem + 0x5000, 4), 0);
    bench_cfg_write(b, msix + 2, 2, 0x8000);
    ck_assert_uint_eq(virtio_get(b->mem + 0x5000, 4), 0x1234);
    bench_cfg_write(b, 4, 2, 3); /* no bus master: no queue either */
    memset(b->mem + 0x5000, 0, 4);
    add_and_notify();
    ck_assert_uint_eq(virtio_get(b->mem + 0x2002, 2), 3);
    bench_cfg_write(b, 4, 2, 7);
    wr(part(2), 2, 0);
    ck_assert_uint_eq(virtio_get(b->mem + 0x2002, 2), 4);
    ck_assert_uint_eq(virtio_get(b->mem + 0x5000, 4), 0x1234);
    bench_free(b);
}
END_TEST

START_TEST(access_by_capability)
{
    unsigned at;

    b = bench_new("virtio-blk-pci", (const char *[]){"serial=x", "vectors=0", NULL});
    at = cap(9, 5);
    bench_cfg_write(b, 4, 2, 0); /* BARs off: this is what it is for */
    bench_cfg_write(b, at + 4, 1, 4);
    bench_cfg_write(b, at + 8, 4, 0x2000);
    bench_cfg_write(b, at + 12, 4, 4);
    ck_assert_uint_eq(bench_cfg_read(b, at + 16, 4), BENCH_DISK / 512);
    bench_cfg_write(b, at + 8, 4, 20);
    bench_cfg_write(b, at + 12, 4, 1);
    bench_cfg_write(b, at + 16, 1, 3);
    ck_assert_uint_eq(((struct virtio *)b->fn)->status, 3);
    bench_cfg_write(b, at + 8, 4, 0xfffffffc);
    bench_cfg_write(b, at + 12, 4, 4);
    bench_cfg_read(b, at + 16, 4);
    bench_free(b);
}
END_TEST

/* A used ring that lies on the device's own window in configuration space: it does not reset itself
 * while it gives a frame. */
START_TEST(rings_in_its_own_configuration)
{
    uint8_t frame[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    unsigned at, accepts;

    b = bench_new("virtio-net-pci", (const char *[]){"rx_queue_size=8", NULL});
    at = cap(9, 5);
    bench_cfg_write(b, at + 4, 1, 4);
    bench_cfg_write(b, at + 8, 4, 20); /* the status */
    bench_cfg_write(b, at + 12, 4, 1);
    used_ring = BENCH_MMIO(0) + (1u << 15) + at + 12; /* its first entry is the window */
    set_up_queue();
    virtio_put(b->mem + 8, 2000 | 2ull << 32, 8);
    add_and_notify();
    accepts = b->net_accepts;
    ck_assert_uint_eq(rd(part(1) + 20, 1), 15);
    ck_assert(b->net_in.take(b->net_in.dev, frame, 60, NULL));
    ck_assert_uint_eq(b->net_accepts, accepts); /* no reset */
    ck_assert_uint_eq(rd(part(1) + 20, 1) & 15, 15);
    bench_cfg_write(b, at + 16, 1, 0); /* the guest itself may */
    ck_assert_uint_eq(rd(part(1) + 20, 1), 0);
    bench_free(b);
}
END_TEST

START_TEST(places)
{
    struct device *host, *d[40];
    char err[160];
    unsigned n;

    host = dev_new(&pci_host_class, "pci", NULL);
    ck_assert_int_eq(dev_realize(host, NULL, NULL, err, sizeof(err)), 0);
    for (n = 0; n < 3; n++) {
        static const char *const addr[] = {"1f.7", "2", "2.0"};
        struct random_port r = {.to = NULL};

        d[n] = dev_new(dev_class_by_name("virtio-rng-pci"), NULL, host);
        dev_inner(d[n])->class->join_random(dev_inner(d[n]), &r);
        ck_assert_int_eq(dev_set(d[n], "addr", addr[n], err, sizeof(err)), 0);
        ck_assert_int_eq(dev_set(d[n], "max-bytes", "77", err, sizeof(err)),
                         0); /* the inner one's */
        ck_assert_int_eq(dev_realize(d[n], NULL, NULL, err, sizeof(err)), n == 2 ? -EBUSY : 0);
    }
    ck_assert_uint_eq(((struct pci_device *)d[0])->devfn, 0xff);
    ck_assert_uint_eq(((struct pci_device *)d[1])->devfn, 0x10);
    dev_free(host);
}
END_TEST

static uint64_t old(uint64_t at, unsigned size, bool write, uint64_t v)
{
    static const struct mem_attrs a = {.requester = MEM_REQUESTER_VCPU};

    ck_assert_int_eq(dev_block_access(b->regs, 4, at, size, write, &v, &a), MEM_OK);
    return v;
}

/* A transitional function under a driver that knows the old interface only. */
START_TEST(old_driver)
{
    static const char *const props[] = {"disable-legacy=off", NULL};
    const uint64_t ring = BENCH_RAM + 0x10000, buffer = BENCH_RAM + 0x20000;
    uint8_t *mem;
    unsigned n;

    b = bench_new("virtio-rng-pci", props);
    mem = b->mem + 0x10000;
    ck_assert_uint_eq(bench_cfg_read(b, 0, 4), 0x10051af4);
    ck_assert_uint_eq(bench_cfg_read(b, 8, 1), 0);    /* revision */
    ck_assert_uint_eq(bench_cfg_read(b, 0x2e, 2), 4); /* subsystem: the type */
    bench_cfg_write(b, 0x10, 4, 0xffffffff);
    ck_assert_uint_eq(bench_cfg_read(b, 0x10, 4), 0xffffff01);
    for (unsigned status = 0; status < 4; status = status * 2 + 1)
        old(18, 1, true, status);
    ck_assert_uint_eq(old(0, 4, false, 0) >> 28 & 1, 1); /* indirect */
    old(4, 4, true, 0);
    old(14, 2, true, 1); /* no such queue */
    ck_assert_uint_eq(old(12, 2, false, 0), 0);
    old(14, 2, true, 0);
    n = (unsigned)old(12, 2, false, 0);
    ck_assert_uint_gt(n, 0);
    ck_assert_uint_eq(old(8, 4, false, 0), 0);
    old(8, 4, true, ring >> 12);
    ck_assert_uint_eq(old(8, 4, false, 0), ring >> 12);
    virtio_put(mem, buffer, 8);
    virtio_put(mem + 8, 16, 4);
    virtio_put(mem + 12, 2, 2); /* to be written */
    virtio_put(mem + 16 * n + 2, 1, 2);
    old(18, 1, true, 7);
    old(16, 2, true, 0);
    bench_advance(b, 1000000000);
    ck_assert_uint_eq(virtio_get(mem + align_up(16 * n + 6 + 2 * n, 4096) + 2, 2), 1);
    ck_assert_uint_eq(b->mem[0x20001] - b->mem[0x20000], 1); /* the bench's numbers count up */
    ck_assert(b->level[0] || old(19, 1, false, 0) == 1);
    old(8, 4, true, 0); /* given up */
    ck_assert_uint_eq(old(8, 4, false, 0), 0);
    /* the modern interface of the same function, after a reset */
    old(18, 1, true, 0);
    wr(BENCH_BAR(4) + 20, 1, 3);
    wr(BENCH_BAR(4), 4, 1);
    ck_assert_uint_eq(rd(BENCH_BAR(4) + 4, 4) & 1, 1); /* version 1 */
    bench_free(b);
}
END_TEST

START_TEST(old_driver_only)
{
    static const char *const props[] = {"disable-modern=on", NULL};

    b = bench_new("virtio-blk-pci", props);
    ck_assert_uint_eq(bench_cfg_read(b, 0, 4), 0x10011af4);
    bench_cfg_write(b, 0x20, 4, 0xffffffff); /* no BAR 4 */
    ck_assert_uint_eq(bench_cfg_read(b, 0x20, 4), 0);
    ck_assert_uint_eq(old(20, 4, false, 0), 2048); /* sectors, where MSI-X is off */
    ck_assert_uint_eq(old(0, 4, false, 0) >> 9 & 1, 1); /* flush */
    bench_free(b);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, configuration_space);
    tcase_add_test(tc, bars);
    tcase_add_test(tc, interrupt_by_pin);
    tcase_add_test(tc, interrupt_by_message);
    tcase_add_test(tc, access_by_capability);
    tcase_add_test(tc, rings_in_its_own_configuration);
    tcase_add_test(tc, places);
    tcase_add_test(tc, old_driver);
    tcase_add_test(tc, old_driver_only);
}

UNIT_MAIN("virtio-pci", fill)
