// SPDX-License-Identifier: MIT
/* tests/devices/gpu_test.c -- the virtio GPU: each command and what it answers, pictures from
 * scattered pieces of memory, several monitors, the cursor, EDID, limits, and what a guest with bad
 * intentions sends. */
#include "tests/devices/vdrv.h"
#include "tests/unit.h"

#include <string.h>

enum { CMD = VDRV_BUF, ANSWER = VDRV_BUF + 0x8000, PIXELS = VDRV_BUF + 0x10000 };
enum { OK = 0x1100, INFO = 0x1101, EDID = 0x1104, UNSPEC = 0x1200, MEMORY, SCANOUT, RESOURCE,
       PARAMETER = 0x1205 };

static struct bench *b;
static struct vdrv d;

static void on(const char *const *props)
{
    b = bench_new("virtio-gpu-device", props);
    vdrv_start(&d, b, VIRTIO_F_INDIRECT | VIRTIO_F(1), 2);
}

static uint32_t put(uint32_t at, uint64_t v, unsigned size)
{
    virtio_put(vdrv_mem(&d, CMD) + at, v, size);
    return at + size;
}

static uint32_t got(uint32_t at)
{
    return (uint32_t)virtio_get(vdrv_mem(&d, ANSWER) + at, 4);
}

/* Sends what is in CMD; the answer's type. */
static uint32_t send(uint32_t len, uint32_t want)
{
    struct vdrv_buf bufs[2] = {{CMD, len}, {ANSWER, 2048}};

    memset(vdrv_mem(&d, ANSWER), 0xee, 2048);
    ck_assert_uint_eq(vdrv_do(&d, 0, bufs, 1, 1), want);
    return got(0);
}

/* A command of 32-bit words after its header. */
static uint32_t cmd(uint32_t type, unsigned n, const uint32_t *words)
{
    uint32_t at = 24;

    memset(vdrv_mem(&d, CMD), 0, 24);
    put(0, type, 4);
    for (unsigned i = 0; i < n; i++)
        at = put(at, words[i], 4);
    return send(at, 24);
}
#define CMD(type, ...)                                                                             \
    cmd(type, sizeof((uint32_t[]){__VA_ARGS__}) / 4, (const uint32_t[]){__VA_ARGS__})
#define CREATE(id, format, w, h)       CMD(0x101, id, format, w, h)
#define UNREF(id)                      CMD(0x102, id, 0)
#define SET_SCANOUT(n, id, x, y, w, h) CMD(0x103, x, y, w, h, n, id)
#define FLUSH(id, x, y, w, h)          CMD(0x104, x, y, w, h, id, 0)
#define TRANSFER(id, x, y, w, h, off)  CMD(0x105, x, y, w, h, off, 0, id, 0)
#define ATTACH1(id, addr, len)         CMD(0x106, id, 1, (uint32_t)(addr), 0, len, 0)

/* 32 by 32 pixels whose value is their number, in resource 1, shown whole. */
static void make_picture(void)
{
    for (uint32_t i = 0; i < 1024; i++)
        virtio_put(vdrv_mem(&d, PIXELS) + 4 * i, i, 4);
    ck_assert_uint_eq(CREATE(1, 2, 32, 32), OK);
    ck_assert_uint_eq(ATTACH1(1, PIXELS, 4096), OK);
    ck_assert_uint_eq(TRANSFER(1, 0, 0, 32, 32, 0), OK);
    ck_assert_uint_eq(SET_SCANOUT(0, 1, 0, 0, 32, 32), OK);
}

static uint32_t shown(unsigned head, uint32_t x, uint32_t y)
{
    uint32_t p;

    ck_assert(b->shown[head].pixels);
    display_row(&b->shown[head], x, y, 1, &p);
    return p & 0xffffff;
}

START_TEST(monitors)
{
    const char *props[] = {"max_outputs=2", "xres=1024", "yres=768", NULL};
    uint8_t sum = 0;

    on(props);
    ck_assert_uint_eq(vdrv_config(&d, 8, 4), 2);
    ck_assert_uint_eq(vdrv_config(&d, 0, 4), 0);
    memset(vdrv_mem(&d, CMD), 0, 24);
    put(0, 0x100, 4);
    ck_assert_uint_eq(send(24, 408), INFO);
    ck_assert_uint_eq(got(24 + 8), 1024);
    ck_assert_uint_eq(got(24 + 12), 768);
    ck_assert_uint_eq(got(24 + 16), 1);
    ck_assert_uint_eq(got(48 + 16), 0);
    b->screen.wish(b->screen.dev, 1, 800, 600, true);
    ck_assert_uint_eq(vdrv_config(&d, 0, 4), 1);
    ck_assert(vdrv_ack(&d) & 2);
    bench_w32(b, 0x100 + 4, 1); /* events_clear */
    ck_assert_uint_eq(vdrv_config(&d, 0, 4), 0);
    put(0, 0x100, 4);
    ck_assert_uint_eq(send(24, 408), INFO);
    ck_assert_uint_eq(got(48 + 8), 800);
    ck_assert_uint_eq(got(48 + 16), 1);
    b->screen.wish(b->screen.dev, 1, 800, 600, true); /* nothing new */
    ck_assert_uint_eq(vdrv_config(&d, 0, 4), 0);
    put(0, 0x10a, 4);
    put(24, 1, 4);
    ck_assert_uint_eq(send(32, 1056), EDID);
    ck_assert_uint_eq(got(24), 128);
    for (unsigned i = 0; i < 128; i++)
        sum = (uint8_t)(sum + vdrv_mem(&d, ANSWER)[32 + i]);
    ck_assert_uint_eq(sum, 0);
    ck_assert_uint_eq(vdrv_mem(&d, ANSWER)[32 + 54 + 2] | (vdrv_mem(&d, ANSWER)[32 + 58] & 0xf0) << 4,
                      800);
    ck_assert_uint_eq(vdrv_mem(&d, ANSWER)[32 + 54 + 5] | (vdrv_mem(&d, ANSWER)[32 + 61] & 0xf0) << 4,
                      600);
    ck_assert_uint_eq(CMD(0x10a, 2, 0), SCANOUT);
    bench_free(b);
}
END_TEST

START_TEST(a_picture)
{
    on(NULL);
    make_picture();
    ck_assert_uint_eq(b->shown[0].width, 32);
    ck_assert_uint_eq(shown(0, 5, 3), 3 * 32 + 5);
    virtio_put(vdrv_mem(&d, PIXELS) + 4 * (3 * 32 + 5), 0x123456, 4);
    ck_assert_uint_eq(shown(0, 5, 3), 3 * 32 + 5); /* not before it is transferred */
    ck_assert_uint_eq(TRANSFER(1, 5, 3, 1, 1, 4 * (3 * 32 + 5)), OK);
    ck_assert_uint_eq(shown(0, 5, 3), 0x123456);
    b->nchanges = 0;
    ck_assert_uint_eq(FLUSH(1, 4, 2, 8, 7), OK);
    ck_assert_uint_eq(b->nchanges, 1);
    ck_assert_uint_eq(b->changed.x, 4);
    ck_assert_uint_eq(b->changed.y, 2);
    ck_assert_uint_eq(b->changed.width, 8);
    ck_assert_uint_eq(b->changed.height, 7);
    /* A part of it on the screen. */
    ck_assert_uint_eq(SET_SCANOUT(0, 1, 8, 4, 16, 20), OK);
    ck_assert_uint_eq(shown(0, 0, 0), 4 * 32 + 8);
    ck_assert_uint_eq(FLUSH(1, 0, 0, 10, 32), OK);
    ck_assert_uint_eq(b->changed.x, 0);
    ck_assert_uint_eq(b->changed.width, 2);
    ck_assert_uint_eq(b->changed.height, 20);
    b->nchanges = 0;
    ck_assert_uint_eq(FLUSH(1, 0, 0, 8, 32), OK); /* left of it */
    ck_assert_uint_eq(b->nchanges, 0);
    ck_assert_uint_eq(UNREF(1), OK);
    ck_assert_ptr_null(b->shown[0].pixels);
    ck_assert_uint_eq(UNREF(1), RESOURCE);
    bench_free(b);
}
END_TEST

START_TEST(formats)
{
    static const struct {
        uint32_t format, pixel;
    } rows[] = {{1, 0xff112233},   {2, 0x112233},    {3, 0x332211ff},   {4, 0x33221100},
                {67, 0xff332211}, {68, 0x11223300}, {121, 0x112233ff}, {134, 0x332211}};

    on(NULL);
    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        virtio_put(vdrv_mem(&d, PIXELS), rows[i].pixel, 4);
        ck_assert_uint_eq(CREATE(7, rows[i].format, 16, 16), OK);
        ck_assert_uint_eq(ATTACH1(7, PIXELS, 1024), OK);
        ck_assert_uint_eq(TRANSFER(7, 0, 0, 16, 16, 0), OK);
        ck_assert_uint_eq(SET_SCANOUT(0, 7, 0, 0, 16, 16), OK);
        ck_assert_msg(shown(0, 0, 0) == 0x112233, "format %u", rows[i].format);
        ck_assert_uint_eq(UNREF(7), OK);
    }
    ck_assert_uint_eq(CREATE(7, 5, 16, 16), PARAMETER);
    bench_free(b);
}
END_TEST

/* Memory in pieces of any length, that lie anywhere. */
START_TEST(scattered)
{
    enum { N = 37 };
    uint32_t at = 32, left = 4096, from = 0;

    on(NULL);
    memset(vdrv_mem(&d, CMD), 0, 24);
    put(0, 0x106, 4);
    put(24, 1, 4);
    put(28, N, 4);
    for (unsigned i = 0; i < N; i++) {
        uint32_t len = i + 1 == N ? left : 7 + i * 5 % 97 * (i != 3); /* one of 7 bytes */
        uint64_t addr = PIXELS + (N - 1 - i) * 0x1000ull + i;

        for (uint32_t k = 0; k < len; k++, from++)
            vdrv_mem(&d, addr)[k] = (uint8_t)(from * 7 >> 3);
        at = put(at, addr, 8);
        at = put(at, len, 8);
        left -= len;
    }
    ck_assert_uint_eq(from, 4096);
    uint8_t list[32 + 16 * N];
    memcpy(list, vdrv_mem(&d, CMD), sizeof(list));
    ck_assert_uint_eq(CREATE(1, 2, 32, 32), OK);
    memcpy(vdrv_mem(&d, CMD), list, sizeof(list));
    ck_assert_uint_eq(send(at, 24), OK);
    ck_assert_uint_eq(TRANSFER(1, 0, 0, 32, 32, 0), OK);
    ck_assert_uint_eq(SET_SCANOUT(0, 1, 0, 0, 32, 32), OK);
    for (uint32_t i = 0; i < 4096; i++)
        ck_assert_uint_eq(b->shown[0].pixels[i], (uint8_t)(i * 7 >> 3));
    ck_assert_uint_eq(CMD(0x107, 1, 0), OK);
    ck_assert_uint_eq(CMD(0x107, 1, 0), RESOURCE);
    ck_assert_uint_eq(TRANSFER(1, 0, 0, 32, 32, 0), UNSPEC);
    bench_free(b);
}
END_TEST

START_TEST(refusals)
{
    const char *props[] = {"max_hostmem=4M", NULL};

    on(props);
    ck_assert_uint_eq(CREATE(0, 2, 16, 16), RESOURCE);
    ck_assert_uint_eq(CREATE(1, 2, 0, 16), MEMORY);
    ck_assert_uint_eq(CREATE(1, 2, 1024, 1024), MEMORY); /* 4 MiB and a little */
    ck_assert_uint_eq(CREATE(1, 2, 0xffffffff, 0xffffffff), MEMORY);
    ck_assert_uint_eq(CREATE(1, 2, 0x10000, 0x10000), MEMORY);
    ck_assert_uint_eq(CREATE(1, 2, 1024, 1000), OK);
    ck_assert_uint_eq(CREATE(1, 2, 16, 16), RESOURCE);
    ck_assert_uint_eq(CREATE(2, 2, 512, 512), MEMORY);
    ck_assert_uint_eq(UNREF(1), OK);
    ck_assert_uint_eq(CREATE(2, 2, 512, 512), OK); /* what it took came back */
    ck_assert_uint_eq(SET_SCANOUT(1, 2, 0, 0, 16, 16), SCANOUT);
    ck_assert_uint_eq(SET_SCANOUT(0, 3, 0, 0, 16, 16), RESOURCE);
    ck_assert_uint_eq(SET_SCANOUT(0, 2, 0, 0, 513, 16), PARAMETER);
    ck_assert_uint_eq(SET_SCANOUT(0, 2, 0xfffffff0, 0, 0x20, 16), PARAMETER);
    ck_assert_uint_eq(SET_SCANOUT(0, 2, 500, 0, 16, 16), PARAMETER);
    ck_assert_uint_eq(SET_SCANOUT(0, 2, 0, 0, 8, 16), PARAMETER);
    ck_assert_uint_eq(FLUSH(2, 0, 0, 0xffffffff, 1), PARAMETER);
    ck_assert_uint_eq(TRANSFER(2, 0, 0, 512, 512, 0), UNSPEC); /* nothing behind it */
    ck_assert_uint_eq(ATTACH1(9, PIXELS, 64), RESOURCE);
    ck_assert_uint_eq(CMD(0x106, 2, 0), UNSPEC);
    ck_assert_uint_eq(CMD(0x106, 2, 0x10000000), UNSPEC);
    ck_assert_uint_eq(CMD(0x106, 2, 2, PIXELS, 0, 64, 0), PARAMETER); /* a list cut off */
    ck_assert_uint_eq(ATTACH1(2, 0x123, 1 << 20), OK); /* no memory there */
    ck_assert_uint_eq(ATTACH1(2, PIXELS, 64), UNSPEC); /* it has one */
    ck_assert_uint_eq(TRANSFER(2, 0, 0, 16, 16, 0), PARAMETER);
    ck_assert_uint_eq(TRANSFER(2, 0, 0, 512, 512, 4), PARAMETER); /* beyond its end */
    ck_assert_uint_eq(TRANSFER(2, 0, 0, 1, 1, 0xfffffffc), PARAMETER);
    ck_assert_uint_eq(TRANSFER(2, 512, 512, 0, 0, 0), OK); /* nothing at all */
    ck_assert_uint_eq(CMD(0x108, 0, 0), UNSPEC); /* 3D */
    ck_assert_uint_eq(CMD(0x10c, 5, 0), UNSPEC); /* blobs */
    ck_assert_uint_eq(CMD(0, 0), UNSPEC);
    put(0, 0x101, 4);
    ck_assert_uint_eq(send(8, 24), UNSPEC); /* not even a header */
    ck_assert(!(bench_r32(b, 0x70) & VIRTIO_NEEDS_RESET));
    bench_free(b);
}
END_TEST

START_TEST(fences)
{
    on(NULL);
    memset(vdrv_mem(&d, CMD), 0, 24);
    put(0, 0x101, 4);
    put(4, 1, 4);
    put(8, 0x1122334455667788, 8);
    put(16, 9, 4);
    put(24, 1, 4);
    put(28, 2, 4);
    put(32, 16, 8);
    put(36, 16, 4);
    ck_assert_uint_eq(send(40, 24), OK);
    ck_assert_uint_eq(got(4), 1);
    ck_assert_uint_eq(got(8), 0x55667788);
    ck_assert_uint_eq(got(12), 0x11223344);
    ck_assert_uint_eq(got(16), 9);
    ck_assert_uint_eq(UNREF(1), OK);
    ck_assert_uint_eq(got(4), 0);
    bench_free(b);
}
END_TEST

static void cursor(uint32_t type, uint32_t n, uint32_t x, uint32_t y, uint32_t id, uint32_t hx,
                   uint32_t hy)
{
    struct vdrv_buf buf = {CMD, 56};

    memset(vdrv_mem(&d, CMD), 0, 56);
    put(0, type, 4);
    put(24, n, 4);
    put(28, x, 4);
    put(32, y, 4);
    put(40, id, 4);
    put(44, hx, 4);
    put(48, hy, 4);
    ck_assert_uint_eq(vdrv_do(&d, 1, &buf, 1, 0), 0);
}

START_TEST(cursors)
{
    on(NULL);
    for (uint32_t i = 0; i < 4096; i++)
        virtio_put(vdrv_mem(&d, PIXELS) + 4 * i, 0x80000000 | i, 4);
    ck_assert_uint_eq(CREATE(1, 2, 64, 64), OK); /* a format without alpha: there is some all the same */
    ck_assert_uint_eq(CREATE(2, 1, 32, 64), OK);
    ck_assert_uint_eq(ATTACH1(1, PIXELS, 16384), OK);
    ck_assert_uint_eq(TRANSFER(1, 0, 0, 64, 64, 0), OK);
    cursor(0x300, 0, 10, 20, 1, 3, 70);
    ck_assert(b->has_cursor);
    ck_assert_uint_eq(b->cursor.pixels[65], 0x80000041);
    ck_assert_uint_eq(b->cursor.hot_x, 3);
    ck_assert_uint_eq(b->cursor.hot_y, 63); /* not outside */
    ck_assert_int_eq(b->cursor_x, 10);
    cursor(0x301, 0, (uint32_t)-5, 7, 0, 0, 0);
    ck_assert(b->has_cursor);
    ck_assert_int_eq(b->cursor_x, -5);
    ck_assert_int_eq(b->cursor_y, 7);
    cursor(0x301, 1, 1, 1, 0, 0, 0); /* no such head */
    ck_assert_int_eq(b->cursor_x, -5);
    cursor(0x300, 0, 0, 0, 2, 0, 0); /* not of its size: none */
    ck_assert(!b->has_cursor);
    cursor(0x300, 0, 0, 0, 1, 0, 0);
    ck_assert(b->has_cursor);
    cursor(0x300, 0, 0, 0, 0, 0, 0);
    ck_assert(!b->has_cursor);
    bench_free(b);
}
END_TEST

/* Saved with pictures and a cursor; another device shows the same, and damage is refused. */
START_TEST(saved_and_restored)
{
    struct bench *first;
    uint8_t *one, *two;
    size_t n1, n2;

    on(NULL);
    make_picture();
    ck_assert_uint_eq(CREATE(5, 1, 64, 64), OK);
    cursor(0x300, 0, 1, 2, 5, 3, 4);
    ck_assert_uint_eq(SET_SCANOUT(0, 1, 8, 4, 16, 20), OK);
    one = bench_save(b, &n1);
    first = b;
    b = bench_new("virtio-gpu-device", NULL);
    memcpy(b->mem, first->mem, BENCH_RAM_SIZE);
    ck_assert_msg(bench_load(b, one, n1) == 0, "%s", b->err);
    d.b = b;
    ck_assert_uint_eq(b->shown[0].width, 16);
    ck_assert_uint_eq(shown(0, 0, 0), 4 * 32 + 8);
    ck_assert(b->has_cursor);
    ck_assert_uint_eq(b->cursor.hot_y, 4);
    two = bench_save(b, &n2);
    ck_assert_uint_eq(n1, n2);
    ck_assert_int_eq(memcmp(one, two, n1), 0);
    ck_assert_uint_eq(CREATE(1, 2, 16, 16), RESOURCE); /* it is there */
    ck_assert_uint_eq(TRANSFER(1, 0, 0, 32, 32, 0), OK); /* with its memory */
    ck_assert_uint_eq(UNREF(1), OK);
    ck_assert_ptr_null(b->shown[0].pixels);
    for (size_t cut = n1 - 40000; cut < n1; cut += 997)
        ck_assert_int_lt(bench_load(b, one, cut), 0);
    dev_reset(b->dev);
    ck_assert(!b->has_cursor);
    free(one);
    free(two);
    bench_free(first);
    bench_free(b);
}
END_TEST

/* Any command with numbers that are nearly right. */
START_TEST(hostile)
{
    static const uint32_t some[] = {0,    1,    2,     15,         16,         17,        31,
                                    32,   64,   65,    0x100,      0xffff,     0x10000,   0x4000,
                                    4096, 8192, 65536, 0x7fffffff, 0x80000000, 0xffffffff};
    const char *props[] = {"max_hostmem=1M", "max_outputs=3", NULL};
    uint64_t seed = 3;
    unsigned worked = 0;

    on(props);
    for (unsigned i = 0; i < 60000; i++) {
        uint32_t n = 2 + (uint32_t)(bench_rnd(&seed) % 10), at = 24;
        struct vdrv_buf bufs[2] = {{CMD, 0}, {ANSWER, 24 + (uint32_t)(bench_rnd(&seed) % 2000)}};
        unsigned queue = bench_rnd(&seed) % 4 == 0;

        memset(vdrv_mem(&d, CMD), 0, 24);
        put(0, (queue ? 0x300 : 0x100) + bench_rnd(&seed) % (queue ? 2 : 13), 4);
        for (unsigned k = 0; k < n; k++) {
            uint64_t r = bench_rnd(&seed);

            at = put(at, r % 4 == 0 ? r >> 32 : r % 4 == 1 ? PIXELS + (r >> 16) % 0x20000
                                                           : some[r / 4 % ARRAY_LEN(some)], 4);
        }
        if (virtio_get(vdrv_mem(&d, CMD), 4) == 0x101 && i % 2) { /* make some that work */
            put(24, 1 + i % 5, 4);
            put(28, 1, 4);
            put(32, i % 7 ? 64 : 32, 4);
            put(36, 64, 4);
        }
        bufs[0].len = at;
        vdrv_do(&d, queue, bufs, 1, 1);
        worked += got(0) == OK;
        if (i % 5000 == 4999) {
            size_t len;
            uint8_t *saved = bench_save(b, &len);

            ck_assert_int_eq(bench_load(b, saved, len), 0);
            free(saved);
        }
    }
    ck_assert_uint_gt(worked, 1000);
    bench_free(b);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, monitors);
    tcase_add_test(tc, a_picture);
    tcase_add_test(tc, formats);
    tcase_add_test(tc, scattered);
    tcase_add_test(tc, refusals);
    tcase_add_test(tc, fences);
    tcase_add_test(tc, cursors);
    tcase_add_test(tc, saved_and_restored);
    tcase_add_test(tc, hostile);
}

UNIT_MAIN("virtio-gpu", fill)
