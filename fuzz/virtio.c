// SPDX-License-Identifier: MIT
/* fuzz/virtio.c -- requests of a virtio driver that knows its queues but not what to say: the first byte
 * chooses a function, the next one features; then come operations:
 *
 *   a chain on a queue, whose words are made of tokens (below), with so many bytes for the answer
 *   a byte of the configuration, time, reset and start, save and restore into itself
 *   what comes from the host: keys and motion, another size of a screen, frames, characters
 *
 * fuzz/devices.c programs registers and rings at random, and hardly ever gets as far as a request. */
#include "devices/virtio/balloon.h"
#include "fuzz/fuzz.h"
#include "tests/devices/vdrv.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_OPS = 300, WORDS = 64, REQUEST = VDRV_BUF, ANSWER = VDRV_BUF + 0x1000 };

static const char *const classes[] = {
    "virtio-gpu-device",     "virtio-keyboard-device", "virtio-tablet-device", "virtio-mouse-device",
    "virtio-balloon-device", "virtio-blk-device",      "virtio-net-device",    "virtio-serial-device",
    "virtio-rng-device",
};

struct input {
    const uint8_t *p;
    size_t n;
};

static uint64_t take(struct input *in, unsigned size)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size && in->n; i++, in->p++, in->n--)
        v |= (uint64_t)*in->p << 8 * i;
    return v;
}

/* A word of a request, in one byte where it can be. */
static uint32_t token(struct input *in)
{
    uint8_t t = (uint8_t)take(in, 1);

    if (t < 128)
        return t;
    if (t < 160)
        return 1u << (t - 128);
    switch (t) {
    case 160:
        return (uint32_t)take(in, 4);
    case 161: /* memory */
        return (uint32_t)(BENCH_RAM + take(in, 2) * 16);
    case 162:
        return 0xffffffff;
    case 163: /* kinds of requests */
        return 0x100 + (uint32_t)take(in, 1) % 16;
    case 164:
        return 0x300 + (uint32_t)take(in, 1) % 4;
    default:
        return (uint32_t)(t - 165) * 16;
    }
}

static void chain(struct vdrv *d, struct input *in, unsigned nqueues)
{
    unsigned q = (unsigned)take(in, 1) % nqueues, words = (unsigned)take(in, 1) % WORDS;
    uint32_t answer = (uint32_t)take(in, 1) * 16, len;
    struct vdrv_buf bufs[2] = {{REQUEST, 4 * words}, {ANSWER, answer}};

    for (unsigned i = 0; i < words; i++)
        virtio_put(vdrv_mem(d, REQUEST + 4 * i), token(in), 4);
    if (words == 0 && answer == 0)
        return;
    if (words == 0)
        bufs[0] = bufs[1];
    if (vdrv_add(d, q, bufs, words != 0, answer != 0) < 0)
        return;
    vdrv_kick(d, q);
    bench_disk_run(d->b);
    while (vdrv_used(d, q, &len) >= 0)
        FUZZ_CHECK(len <= 255 * 16); /* no chain has more room */
}

static void from_the_host(struct bench *b, struct input *in)
{
    struct input_event e = {(uint16_t)take(in, 1) % 5, (uint16_t)take(in, 2), (int32_t)take(in, 1)};

    if (b->input.events)
        b->input.events(b->input.dev, &e, 1);
    if (b->screen.wish)
        b->screen.wish(b->screen.dev, e.kind, e.code, (uint32_t)e.value * 64, e.code & 1);
    if (b->net_in.take)
        b->net_in.take(b->net_in.dev, b->mem + 0x8000, 60 + e.code % 9000, NULL);
    if (b->in.take)
        bench_give(b, &e, sizeof(e));
    if (b->fn->class == &virtio_balloon_class)
        balloon_set(b->fn, e.code);
    bench_pixels(b);
}

static void save_and_restore(struct bench *b)
{
    size_t n1, n2;
    uint8_t *one = bench_save(b, &n1), *two;

    FUZZ_CHECK(bench_load(b, one, n1) == 0);
    two = bench_save(b, &n2);
    FUZZ_CHECK(n1 == n2 && memcmp(one, two, n1) == 0);
    free(one);
    free(two);
}

static void start(struct vdrv *d, struct bench *b, struct input *in, unsigned nqueues)
{
    uint64_t want = take(in, 1) | VIRTIO_F_INDIRECT;

    bench_w32(b, 0x70, 0);
    vdrv_start(d, b, want, nqueues);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const small[] = {"max_hostmem=2M", "max_outputs=3", NULL};
    struct input in = {data, size};
    const char *class = classes[take(&in, 1) % ARRAY_LEN(classes)];
    struct bench *b = bench_new(class, strcmp(class, "virtio-gpu-device") == 0 ? small : NULL);
    unsigned nqueues = 0;
    struct vdrv d;

    for (const struct virtio *v = (struct virtio *)b->fn; nqueues < VDRV_QUEUES && v->max[nqueues];)
        nqueues++;
    start(&d, b, &in, nqueues);
    for (unsigned ops = 0; in.n && ops < MAX_OPS; ops++) {
        uint64_t v;

        switch (take(&in, 1) % 16) {
        default:
            chain(&d, &in, nqueues);
            break;
        case 10:
        case 11:
            from_the_host(b, &in);
            break;
        case 12:
            v = take(&in, 2);
            bench_access(b, BENCH_MMIO(0) + 0x100 + v % 256, 1, v & 0x100, &(uint64_t){v >> 9});
            break;
        case 13:
            bench_advance(b, (int64_t)take(&in, 2) * 1000);
            break;
        case 14:
            save_and_restore(b);
            break;
        case 15:
            start(&d, b, &in, nqueues);
        }
    }
    FUZZ_CHECK(!b->dev->busy);
    bench_free(b);
    return 0;
}
