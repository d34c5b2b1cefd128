// SPDX-License-Identifier: MIT
/* tests/devices/net_test.c -- the virtio network device: frames both ways, filters, control queue.
 */
#include "tests/devices/vdrv.h"
#include "tests/unit.h"

#include <string.h>

enum { RX, TX, CTRL };
#define F_CSUM      VIRTIO_F(0)
#define F_HOST_TSO4 VIRTIO_F(11)
#define F_MRG       VIRTIO_F(15)
#define F_CTRL      (VIRTIO_F(17) | VIRTIO_F(18) | VIRTIO_F(20) | VIRTIO_F(23))
#define F_VLAN      VIRTIO_F(19)
#define OUT_AT      VDRV_BUF
#define IN_AT       (VDRV_BUF + 0x10000)

static struct bench *b;
static struct vdrv d;
static uint8_t frame[1514];

static void on(uint64_t want, const char *bus)
{
    const char *props[] = {"mac=02:00:00:00:00:01", bus, NULL};

    b = bench_new("virtio-net-device", props);
    vdrv_start(&d, b, want, 3);
    for (unsigned i = 0; i < sizeof(frame); i++)
        frame[i] = (uint8_t)(i * 7);
    memcpy(frame, "\x02\0\0\0\0\1\x02\0\0\0\0\2\x08\0", 14);
}

static void give_buffers(unsigned n, uint32_t len)
{
    for (unsigned i = 0; i < n; i++)
        ck_assert_int_ge(vdrv_add(&d, RX, &(struct vdrv_buf){IN_AT + 0x800 * i, len}, 0, 1), 0);
    vdrv_kick(&d, RX);
}

static int command(unsigned class, unsigned cmd, const void *data, unsigned n)
{
    struct vdrv_buf bufs[2] = {{OUT_AT, 2 + n}, {OUT_AT + 0x800, 1}};

    vdrv_mem(&d, OUT_AT)[0] = (uint8_t) class;
    vdrv_mem(&d, OUT_AT)[1] = (uint8_t)cmd;
    memcpy(vdrv_mem(&d, OUT_AT) + 2, data, n);
    ck_assert_uint_eq(vdrv_do(&d, CTRL, bufs, 1, 1), 1);
    return *vdrv_mem(&d, OUT_AT + 0x800);
}

static bool arrives(void)
{
    uint32_t len;

    ck_assert(b->net_in.take(b->net_in.dev, frame, 60, NULL));
    if (vdrv_used(&d, RX, &len) < 0)
        return false;
    give_buffers(1, 2000);
    return true;
}

START_TEST(sends)
{
    static const struct {
        const char *bus;
        uint64_t want;
        unsigned header;
    } ways[] = {{"bus.force-legacy=on", 0, 10},
                {"bus.force-legacy=on", F_MRG, 12},
                {"bus.force-legacy=off", 0, 12}};
    unsigned h = ways[_i].header;
    struct vdrv_buf bufs[3] = {{OUT_AT, h}, {OUT_AT + 0x100, 60}, {OUT_AT + 0x200, 40}};
    uint32_t len;

    on(ways[_i].want, ways[_i].bus);
    ck_assert_uint_eq(vdrv_config(&d, 0, 4), 2);
    ck_assert_uint_eq(vdrv_config(&d, 6, 2), 1);
    memset(vdrv_mem(&d, OUT_AT), 0, h);
    memcpy(vdrv_mem(&d, OUT_AT + 0x100), frame, 60);
    memcpy(vdrv_mem(&d, OUT_AT + 0x200), frame + 60, 40);
    ck_assert_uint_eq(vdrv_do(&d, TX, bufs, 3, 0), 0);
    ck_assert_uint_eq(b->frame_len, 100);
    ck_assert_int_eq(memcmp(b->frame, frame, 100), 0);
    memcpy(vdrv_mem(&d, OUT_AT + h), frame, 80); /* header and frame in one */
    bufs[0].len = h + 80;
    vdrv_do(&d, TX, bufs, 1, 0);
    ck_assert_uint_eq(b->frame_len, 80);
    ck_assert_int_eq(memcmp(b->frame, frame, 80), 0);
    bufs[0].len = h + 13; /* too short for a frame, then for a header: dropped */
    vdrv_do(&d, TX, bufs, 1, 0);
    bufs[0].len = h - 1;
    vdrv_do(&d, TX, bufs, 1, 0);
    vdrv_mem(&d, OUT_AT)[0] = 1; /* a checksum that was not negotiated */
    bufs[0].len = h + 80;
    vdrv_do(&d, TX, bufs, 1, 0);
    ck_assert_uint_eq(b->nframes, 2);
    vdrv_mem(&d, OUT_AT)[0] = 0;
    b->net_full = true; /* waits, and goes when there is room */
    vdrv_add(&d, TX, bufs, 1, 0);
    vdrv_kick(&d, TX);
    vdrv_add(&d, TX, bufs, 1, 0);
    vdrv_kick(&d, TX);
    ck_assert_int_lt(vdrv_used(&d, TX, &len), 0);
    b->net_full = false;
    b->net_in.room(b->net_in.dev);
    ck_assert_uint_eq(b->nframes, 4);
    ck_assert_int_ge(vdrv_used(&d, TX, &len), 0);
    ck_assert_int_ge(vdrv_used(&d, TX, &len), 0);
    bench_free(b);
}
END_TEST

START_TEST(checksums_are_passed_on)
{
    struct vdrv_buf buf = {OUT_AT, 12 + 100};
    uint8_t *h;

    on(F_CSUM | F_HOST_TSO4 | VIRTIO_F(1), NULL);
    ck_assert_uint_eq(b->net_takes, PACKET_TAKES_CSUM);
    h = vdrv_mem(&d, OUT_AT);
    memset(h, 0, 12);
    memcpy(h + 12, frame, 100);
    h[0] = 1;
    h[1] = 1;
    virtio_put(h + 4, 1400, 2);
    virtio_put(h + 6, 34, 2);
    virtio_put(h + 8, 16, 2);
    vdrv_do(&d, TX, &buf, 1, 0);
    ck_assert_uint_eq(b->nframes, 1);
    ck_assert_uint_eq(b->frame_offload.csum_start, 34);
    ck_assert_uint_eq(b->frame_offload.gso_size, 1400);
    virtio_put(h + 6, 90, 2); /* the sum would lie behind the frame */
    vdrv_do(&d, TX, &buf, 1, 0);
    h[0] = 0;
    h[1] = 4; /* not taken */
    vdrv_do(&d, TX, &buf, 1, 0);
    ck_assert_uint_eq(b->nframes, 1);
    bench_free(b);
}
END_TEST

START_TEST(receives)
{
    uint32_t len;

    on(0, NULL);
    ck_assert(!b->net_in.take(b->net_in.dev, frame, 1514, NULL)); /* no buffer yet */
    give_buffers(2, 1526);
    ck_assert_uint_ge(b->net_accepts, 1);
    ck_assert(b->net_in.take(b->net_in.dev, frame, 1514, NULL));
    ck_assert_int_ge(vdrv_used(&d, RX, &len), 0);
    ck_assert_uint_eq(len, 1526);
    ck_assert_int_eq(memcmp(vdrv_mem(&d, IN_AT + 12), frame, 1514), 0);
    ck_assert_uint_eq(virtio_get(vdrv_mem(&d, IN_AT + 10), 2), 1);
    ck_assert(b->level[0]);
    ck_assert(b->net_in.take(b->net_in.dev, frame, 60, NULL));
    ck_assert(!b->net_in.take(b->net_in.dev, frame, 60, NULL));
    b->net_in.link(b->net_in.dev, false);
    ck_assert_uint_eq(vdrv_config(&d, 6, 2), 0);
    ck_assert_uint_eq(vdrv_ack(&d), 3);
    ck_assert(b->net_in.take(b->net_in.dev, frame, 60, NULL)); /* into the void */
    bench_free(b);
    on(0, NULL);
    give_buffers(1, 100);
    ck_assert(b->net_in.take(b->net_in.dev, frame, 1514, NULL)); /* will never fit: dropped */
    ck_assert_int_lt(vdrv_used(&d, RX, &len), 0);
    ck_assert(b->net_in.take(b->net_in.dev, frame, 60, NULL));
    ck_assert_int_ge(vdrv_used(&d, RX, &len), 0);
    bench_free(b);
}
END_TEST

START_TEST(merges_buffers)
{
    uint32_t len;
    size_t at = 0;

    on(F_MRG, NULL);
    give_buffers(2, 600);
    ck_assert(!b->net_in.take(b->net_in.dev, frame, 1514, NULL)); /* three are needed */
    ck_assert_int_lt(vdrv_used(&d, RX, &len), 0);
    ck_assert_int_ge(vdrv_add(&d, RX, &(struct vdrv_buf){IN_AT + 0x1000, 600}, 0, 1), 0);
    vdrv_kick(&d, RX);
    ck_assert(b->net_in.take(b->net_in.dev, frame, 1514, NULL));
    for (unsigned i = 0; i < 3; i++) {
        unsigned h = i ? 0 : 12;

        ck_assert_int_ge(vdrv_used(&d, RX, &len), 0);
        ck_assert_int_eq(memcmp(vdrv_mem(&d, IN_AT + 0x800 * i + h), frame + at, len - h), 0);
        at += len - h;
    }
    ck_assert_uint_eq(at, 1514);
    ck_assert_uint_eq(virtio_get(vdrv_mem(&d, IN_AT + 10), 2), 3);
    give_buffers(1, 8); /* less than a header in the first */
    give_buffers(1, 600);
    ck_assert(b->net_in.take(b->net_in.dev, frame, 60, NULL));
    ck_assert(bench_r32(b, 0x70) & VIRTIO_NEEDS_RESET);
    bench_free(b);
}
END_TEST

START_TEST(filters)
{
    uint8_t macs[8 + 3 * 6] = {2, 0, 0, 0, 2, 0, 0, 0, 0, 9};
    uint8_t lists[64];
    uint8_t off = 0, one = 1;

    on(F_CTRL | F_VLAN, NULL);
    give_buffers(4, 2000);
    frame[5] = 9;
    ck_assert(arrives()); /* promiscuous at first */
    ck_assert_int_eq(command(0, 0, &off, 1), 0);
    ck_assert(!arrives());
    frame[5] = 1;
    ck_assert(arrives());
    memset(frame, 0xff, 6);
    ck_assert(arrives());
    ck_assert_int_eq(command(0, 5, &one, 1), 0);
    ck_assert(!arrives()); /* no broadcasts */
    memcpy(frame, "\x01\0\x5e\0\0\1", 6);
    ck_assert(!arrives());
    ck_assert_int_eq(command(0, 1, &one, 1), 0);
    ck_assert(arrives());
    ck_assert_int_eq(command(0, 1, &off, 1), 0);
    memset(lists, 0, sizeof(lists)); /* one of one, one of many */
    lists[0] = 1;
    memcpy(lists + 4, "\x02\0\0\0\0\7", 6);
    lists[10] = 1;
    memcpy(lists + 14, "\x01\0\x5e\0\0\1", 6);
    ck_assert_int_eq(command(1, 0, lists, 20), 0);
    ck_assert(arrives());
    frame[5] = 2;
    ck_assert(!arrives());
    memcpy(frame, "\x02\0\0\0\0\7", 6);
    ck_assert(arrives());
    ck_assert_int_eq(command(1, 0, lists, 19), 1); /* cut off: nothing has changed */
    ck_assert(arrives());
    lists[0] = 200;
    ck_assert_int_eq(command(1, 0, lists, 20), 1);
    memcpy(macs, "\x02\0\0\0\0\x33", 6);
    ck_assert_int_eq(command(1, 1, macs, 6), 0);
    ck_assert_uint_eq(vdrv_config(&d, 5, 1), 0x33);
    memcpy(frame, macs, 6);
    ck_assert(arrives());
    memcpy(frame + 12, "\x81\0\0\5", 4);
    ck_assert(!arrives());
    ck_assert_int_eq(command(2, 0, "\5\0", 2), 0);
    ck_assert(arrives());
    ck_assert_int_eq(command(2, 1, "\5\0", 2), 0);
    ck_assert(!arrives());
    ck_assert_int_eq(command(2, 0, "\0\x10", 2), 1);
    ck_assert_int_eq(command(9, 0, "", 0), 1);
    ck_assert_int_eq(command(0, 6, &one, 1), 1);
    bench_free(b);
}
END_TEST

START_TEST(saved_while_a_frame_waits)
{
    struct vdrv_buf buf = {OUT_AT, 12 + 60};
    struct bench *a;
    uint32_t len;
    uint8_t *s;
    size_t n;

    on(0, NULL);
    memset(vdrv_mem(&d, OUT_AT), 0, 12);
    memcpy(vdrv_mem(&d, OUT_AT + 12), frame, 60);
    b->net_full = true;
    vdrv_add(&d, TX, &buf, 1, 0);
    vdrv_kick(&d, TX);
    s = bench_save(b, &n);
    a = b;
    b = bench_new("virtio-net-device", NULL);
    memcpy(b->mem, a->mem, BENCH_RAM_SIZE);
    ck_assert_int_eq(bench_load(b, s, n), 0);
    d.b = b;
    bench_advance(b, 1000);
    ck_assert_uint_eq(b->nframes, 1);
    ck_assert_int_ge(vdrv_used(&d, TX, &len), 0);
    a->net_full = false; /* and the old one goes on too */
    bench_advance(a, 1000);
    ck_assert_uint_eq(a->nframes, 1);
    free(s);
    bench_free(a);
    bench_free(b);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, sends, 0, 3);
    tcase_add_test(tc, checksums_are_passed_on);
    tcase_add_test(tc, receives);
    tcase_add_test(tc, merges_buffers);
    tcase_add_test(tc, filters);
    tcase_add_test(tc, saved_while_a_frame_waits);
}

UNIT_MAIN("virtio-net", fill)
