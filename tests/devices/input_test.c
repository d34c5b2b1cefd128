// SPDX-License-Identifier: MIT
/* tests/devices/input_test.c -- virtio keyboard, mouse and tablet: what they say of themselves, events
 * that wait for buffers, lamps; and the frame buffer of firmware, the balloon. */
#include "tests/devices/vdrv.h"
#include "tests/unit.h"

#include "devices/virtio/balloon.h"
#include "ports/input.h"

#include <string.h>

static struct bench *b;
static struct vdrv d;

static unsigned select_config(unsigned select, unsigned sub)
{
    uint64_t v = select;

    bench_access(b, BENCH_MMIO(0) + 0x100, 1, true, &v);
    v = sub;
    bench_access(b, BENCH_MMIO(0) + 0x101, 1, true, &v);
    return (unsigned)vdrv_config(&d, 2, 1);
}

static bool bit(unsigned n)
{
    return vdrv_config(&d, 8 + n / 8, 1) >> n % 8 & 1;
}

static void on(const char *class)
{
    b = bench_new(class, NULL);
    vdrv_start(&d, b, 0, 2);
}

START_TEST(what_they_are)
{
    char name[21];

    on("virtio-keyboard-device");
    ck_assert_uint_eq(select_config(1, 0), 19);
    for (unsigned i = 0; i < 20; i++)
        name[i] = (char)vdrv_config(&d, 8 + i, 1);
    name[19] = 0;
    ck_assert_str_eq(name, "moa Virtio Keyboard");
    ck_assert_uint_eq(select_config(1, 1), 0);
    ck_assert_uint_eq(select_config(3, 0), 8);
    ck_assert_uint_eq(vdrv_config(&d, 8, 2), 6);
    ck_assert_uint_eq(vdrv_config(&d, 12, 2), 1);
    ck_assert_uint_gt(select_config(0x11, 1), 20);
    ck_assert(bit(30) && bit(1) && bit(125) && !bit(0) && !bit(0x110));
    ck_assert_uint_eq(select_config(0x11, 0x11), 1);
    ck_assert_uint_eq(select_config(0x11, 3), 0);
    ck_assert_uint_eq(select_config(0x12, 0), 0);
    ck_assert_uint_eq(select_config(0x77, 0), 0);
    ck_assert_uint_eq(b->input.takes, INPUT_TAKES_KEYS);
    bench_free(b);
    on("virtio-tablet-device");
    ck_assert_uint_eq(select_config(0x11, 3), 1);
    ck_assert(bit(0) && bit(1) && !bit(2));
    ck_assert_uint_eq(select_config(0x11, 1), 0x114 / 8 + 1);
    ck_assert(bit(0x110) && bit(0x114) && !bit(30));
    ck_assert_uint_eq(select_config(0x12, 1), 20);
    ck_assert_uint_eq(vdrv_config(&d, 8, 4), 0);
    ck_assert_uint_eq(vdrv_config(&d, 12, 4), 0x7fff);
    ck_assert_uint_eq(select_config(0x12, 2), 0);
    bench_free(b);
    on("virtio-mouse-device");
    ck_assert_uint_eq(select_config(0x11, 2), 2);
    ck_assert(bit(0) && bit(1) && bit(8));
    bench_free(b);
}
END_TEST

static void buffer(unsigned i)
{
    struct vdrv_buf buf = {VDRV_BUF + 8 * i, 8};

    ck_assert_int_ge(vdrv_add(&d, 0, &buf, 0, 1), 0);
}

static void expect(unsigned i, unsigned kind, unsigned code, uint32_t value)
{
    const uint8_t *m = vdrv_mem(&d, VDRV_BUF + 8 * i);
    uint32_t len;

    ck_assert_int_ge(vdrv_used(&d, 0, &len), 0);
    ck_assert_uint_eq(len, 8);
    ck_assert_uint_eq(virtio_get(m, 2), kind);
    ck_assert_uint_eq(virtio_get(m + 2, 2), code);
    ck_assert_uint_eq(virtio_get(m + 4, 4), value);
}

START_TEST(events_wait)
{
    const struct input_event a[] = {{1, 30, 1}}, up[] = {{1, 30, 0}}, none[] = {{1, 0x110, 1}};
    uint32_t len;

    on("virtio-keyboard-device");
    ck_assert(b->input.ready(b->input.dev));
    buffer(0);
    buffer(1);
    buffer(2);
    b->input.events(b->input.dev, none, 1); /* no button of a keyboard */
    ck_assert_int_lt(vdrv_used(&d, 0, &len), 0);
    b->input.events(b->input.dev, a, 1);
    ck_assert(b->level[0]);
    expect(0, 1, 30, 1);
    expect(1, 0, 0, 0);
    b->input.events(b->input.dev, up, 1); /* one buffer: the rest waits */
    expect(2, 1, 30, 0);
    ck_assert_int_lt(vdrv_used(&d, 0, &len), 0);
    buffer(3);
    vdrv_kick(&d, 0);
    expect(3, 0, 0, 0);
    for (unsigned i = 0; i < 1000; i++) /* more than it keeps: whole groups only */
        b->input.events(b->input.dev, i & 1 ? up : a, 1);
    for (unsigned i = 0; i < 256; i++) {
        buffer(4);
        vdrv_kick(&d, 0);
        if (i % 2)
            expect(4, 0, 0, 0);
        else
            expect(4, 1, 30, i % 4 == 0);
    }
    buffer(4);
    vdrv_kick(&d, 0);
    ck_assert_int_lt(vdrv_used(&d, 0, &len), 0);
    bench_w32(b, 0x70, 0);
    ck_assert(!b->input.ready(b->input.dev));
    b->input.events(b->input.dev, a, 1);
    vdrv_start(&d, b, 0, 2);
    buffer(0);
    vdrv_kick(&d, 0);
    ck_assert_int_lt(vdrv_used(&d, 0, &len), 0); /* what was typed before is nobody's */
    bench_free(b);
}
END_TEST

START_TEST(lamps)
{
    struct vdrv_buf buf = {VDRV_BUF, 8};
    uint8_t *m;

    on("virtio-keyboard-device");
    m = vdrv_mem(&d, VDRV_BUF);
    virtio_put(m, 0x11, 2);
    virtio_put(m + 2, 1, 2);
    virtio_put(m + 4, 1, 4);
    vdrv_do(&d, 1, &buf, 1, 0);
    ck_assert_uint_eq(b->leds, INPUT_LED_CAPS);
    virtio_put(m + 2, 0, 2);
    vdrv_do(&d, 1, &buf, 1, 0);
    ck_assert_uint_eq(b->leds, INPUT_LED_CAPS | INPUT_LED_NUM);
    virtio_put(m + 2, 9, 2); /* none that there is */
    vdrv_do(&d, 1, &buf, 1, 0);
    virtio_put(m + 2, 1, 2);
    virtio_put(m + 4, 0, 4);
    vdrv_do(&d, 1, &buf, 1, 0);
    ck_assert_uint_eq(b->leds, INPUT_LED_NUM);
    bench_free(b);
}
END_TEST

/* ---- ramfb, by fw_cfg's DMA ---- */
static void put_be(uint64_t at, uint64_t v, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        b->mem[at - BENCH_RAM + i] = (uint8_t)(v >> 8 * (size - 1 - i));
}

static bool ramfb(uint64_t addr, const char *fourcc, uint32_t w, uint32_t h, uint32_t stride)
{
    uint64_t at = BENCH_RAM + 0x100, config = BENCH_RAM + 0x200, cmd = 0;

    put_be(config, addr, 8);
    put_be(config + 8, (uint64_t)virtio_get((const uint8_t *)fourcc, 4), 4);
    put_be(config + 12, 0, 4);
    put_be(config + 16, w, 4);
    put_be(config + 20, h, 4);
    put_be(config + 24, stride, 4);
    put_be(at, 0x20 << 16 | 8 | 16, 4); /* the first file; select, write */
    put_be(at + 4, 28, 4);
    put_be(at + 8, config, 8);
    ck_assert_int_eq(bench_access(b, BENCH_MMIO(0) + 16, 4, true, &cmd), MEM_OK);
    cmd = __builtin_bswap32((uint32_t)at);
    ck_assert_int_eq(bench_access(b, BENCH_MMIO(0) + 20, 4, true, &cmd), MEM_OK);
    ck_assert_uint_eq(virtio_get(b->mem + 0x100, 4), 0);
    return b->shown[0].pixels != NULL;
}

START_TEST(frame_buffer)
{
    uint64_t fb = BENCH_RAM + 0x10000;
    uint32_t p;

    b = bench_new("ramfb", NULL);
    ck_assert_ptr_null(b->shown[0].pixels);
    ck_assert(ramfb(fb, "XR24", 64, 32, 0));
    ck_assert_uint_eq(b->shown[0].stride, 256);
    ck_assert_ptr_eq(b->shown[0].pixels, b->mem + 0x10000);
    b->nchanges = 0;
    b->screen.refresh(b->screen.dev);
    ck_assert_uint_eq(b->nchanges, 0);
    virtio_put(b->mem + 0x10000 + 5 * 256 + 12, 0xabcdef, 4);
    b->mem[0x10000 + 9 * 256] = 1;
    b->screen.refresh(b->screen.dev);
    ck_assert_uint_eq(b->nchanges, 1);
    ck_assert_uint_eq(b->changed.y, 5);
    ck_assert_uint_eq(b->changed.height, 5);
    display_row(&b->shown[0], 3, 5, 1, &p);
    ck_assert_uint_eq(p, 0xffabcdef);
    ck_assert(ramfb(fb, "RG24", 16, 16, 100));
    ck_assert_uint_eq(b->shown[0].stride, 100);
    ck_assert(!ramfb(fb, "RG16", 64, 32, 0));          /* not a format that there is */
    ck_assert(!ramfb(fb, "XR24", 15, 32, 0));          /* too small, too large */
    ck_assert(!ramfb(fb, "XR24", 0xffffffff, 32, 0));
    ck_assert(!ramfb(fb, "XR24", 64, 0xffffffff, 0));
    ck_assert(!ramfb(fb, "XR24", 64, 32, 255));        /* rows overlap */
    ck_assert(!ramfb(fb, "XR24", 64, 32, 0x80000000));
    ck_assert(!ramfb(0x123456000, "XR24", 64, 32, 0)); /* no memory there */
    ck_assert(!ramfb(BENCH_RAM + BENCH_RAM_SIZE - 4, "XR24", 64, 32, 0));
    ck_assert(ramfb(BENCH_RAM + BENCH_RAM_SIZE - 64 * 32 * 4, "XR24", 64, 32, 0));
    ck_assert(!ramfb(0, "XR24", 0, 0, 0));
    ck_assert(ramfb(fb, "XB24", 64, 32, 0));
    dev_reset(b->dev);
    ck_assert_ptr_null(b->shown[0].pixels);
    bench_free(b);
}
END_TEST

/* ---- the balloon ---- */
static uint64_t in_balloon(unsigned queue, const uint32_t *pages, unsigned n)
{
    struct vdrv_buf buf = {VDRV_BUF, 4 * n};

    for (unsigned i = 0; i < n; i++)
        virtio_put(vdrv_mem(&d, VDRV_BUF) + 4 * i, pages[i], 4);
    return vdrv_do(&d, queue, &buf, 1, 0);
}

START_TEST(balloon)
{
    const char *props[] = {"free-page-reporting=on", NULL};
    const uint32_t pages[] = {(BENCH_RAM + 0xc0000) >> 12, 0xffffffff, (BENCH_RAM + 0xc2000) >> 12};
    struct vdrv_buf stats = {VDRV_BUF + 0x100, 30}, report = {BENCH_RAM + 0xe1000, 0x2000};
    uint64_t have[BALLOON_STATS], v;
    uint32_t len;

    b = bench_new("virtio-balloon-device", props);
    vdrv_start(&d, b, VIRTIO_F(1) | VIRTIO_F(5), 4);
    ck_assert_uint_eq(vdrv_config(&d, 0, 4), 0);
    balloon_set(b->fn, 77);
    ck_assert_uint_eq(vdrv_config(&d, 0, 4), 77);
    ck_assert(vdrv_ack(&d) & 2);
    v = 3;
    bench_access(b, BENCH_MMIO(0) + 0x104, 4, true, &v);
    ck_assert_uint_eq(balloon_actual(b->fn), 3);
    memset(b->mem + 0xc0000, 0x55, 0x4000);
    in_balloon(0, pages, 3);
    ck_assert_uint_eq(b->mem[0xc0000], 0);
    ck_assert_uint_eq(b->mem[0xc0fff], 0);
    ck_assert_uint_eq(b->mem[0xc1000], 0x55); /* a neighbour */
    ck_assert_uint_eq(b->mem[0xc2fff], 0);
    memset(b->mem + 0xc0000, 0x55, 0x1000);
    in_balloon(1, pages, 3);
    ck_assert_uint_eq(b->mem[0xc0000], 0x55); /* taken back: nothing happens to it */
    /* statistics: the buffer comes back when somebody asks */
    balloon_stats(b->fn, have);
    ck_assert_uint_eq(have[4], UINT64_MAX);
    virtio_put(vdrv_mem(&d, stats.addr), 4, 2);
    virtio_put(vdrv_mem(&d, stats.addr) + 2, 123456, 8);
    virtio_put(vdrv_mem(&d, stats.addr) + 10, 99, 2); /* unknown */
    virtio_put(vdrv_mem(&d, stats.addr) + 20, 5, 2);
    virtio_put(vdrv_mem(&d, stats.addr) + 22, 7, 8);
    ck_assert_int_ge(vdrv_add(&d, 2, &stats, 1, 0), 0);
    vdrv_kick(&d, 2);
    ck_assert_int_lt(vdrv_used(&d, 2, &len), 0);
    balloon_stats(b->fn, have);
    ck_assert_uint_eq(have[4], 123456);
    ck_assert_uint_eq(have[5], 7);
    ck_assert_int_ge(vdrv_used(&d, 2, &len), 0);
    /* free pages */
    memset(b->mem + 0xe0000, 0x66, 0x4000);
    vdrv_do(&d, 3, &report, 0, 1);
    ck_assert_uint_eq(b->mem[0xe0fff], 0x66);
    ck_assert_uint_eq(b->mem[0xe1000], 0);
    ck_assert_uint_eq(b->mem[0xe2fff], 0);
    ck_assert_uint_eq(b->mem[0xe3000], 0x66);
    bench_free(b);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, what_they_are);
    tcase_add_test(tc, events_wait);
    tcase_add_test(tc, lamps);
    tcase_add_test(tc, frame_buffer);
    tcase_add_test(tc, balloon);
}

UNIT_MAIN("input, ramfb, balloon", fill)
