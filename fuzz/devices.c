// SPDX-License-Identifier: MIT
/* fuzz/devices.c -- any programming at every device, on the bench of tests/devices. The first byte
 * says which class (by the sum of its name); then come operations, each a byte and what it needs:
 *
 *   write or read of a register of the description: block, register, n, value
 *   access to any offset of a region: region, offset, size, value
 *   bytes into RAM (rings, commands), time, characters from outside, configuration of PCI
 *   reset; save and restore into itself, which must work and change nothing
 *
 * MOA_FUZZ_CLASS in the environment names a class to stay with; "help" lists them. */
#include "fuzz/fuzz.h"
#include "tests/devices/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_OPS 400

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

/* A register and what for: its address, size and a value of as many bytes as the input says. */
static void described(struct bench *b, struct input *in, bool write)
{
    const struct dev_class *c = b->regs->class;
    const struct dev_block *k;
    const struct dev_reg *r;
    unsigned block = (unsigned)take(in, 1), n;
    uint64_t v = 0, at;

    if (!c->nblocks || !c->blocks[block %= c->nblocks].nregs)
        return;
    k = &c->blocks[block];
    r = &k->regs[take(in, 1) % k->nregs];
    n = r->count > 1 ? (unsigned)take(in, r->count > 256 ? 2 : 1) % r->count : 0;
    at =
        bench_block_address(b, block) + r->offset + (uint64_t)n * (r->stride ? r->stride : r->size);
    if (write)
        v = take(in, r->size);
    bench_access(b, at, r->size, write, &v);
}

static void anywhere(struct bench *b, struct input *in)
{
    unsigned what = (unsigned)take(in, 1), k = what % DEV_REGIONS, size = 1u << (what >> 4) % 4;
    uint64_t offset = take(in, 3), v = take(in, size);
    bool write = what & 8;

    if (!b->dev->regions[k])
        k = 0;
    if (!b->dev->regions[k])
        return;
    if (mem_region_size(b->dev->regions[k]))
        offset %= mem_region_size(b->dev->regions[k]);
    bench_access(b, BENCH_MMIO(k) + offset, size, write, &v);
}

static void memory(struct bench *b, struct input *in)
{
    uint64_t at = take(in, 2) * 16 % BENCH_RAM_SIZE;

    for (unsigned n = (unsigned)take(in, 1) % 64; n && in->n && at < BENCH_RAM_SIZE; n--)
        b->mem[at++] = (uint8_t)take(in, 1);
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

static void operation(struct bench *b, struct input *in)
{
    uint8_t text[8];

    switch (take(in, 1) % 16) {
    default:
        described(b, in, true);
        break;
    case 8:
    case 9:
        described(b, in, false);
        break;
    case 10:
        anywhere(b, in);
        break;
    case 11:
    case 12:
        memory(b, in);
        break;
    case 13:
        bench_advance(b, (int64_t)take(in, 3) * 1000);
        break;
    case 14:
        if (b->regs != b->dev) {
            unsigned at = (unsigned)take(in, 1) & ~3u;

            bench_cfg_write(b, at, 4, (uint32_t)take(in, 4));
            break;
        }
        for (unsigned i = 0; i < 8; i++)
            text[i] = (uint8_t)take(in, 1);
        bench_give(b, text, 1 + text[0] % 8);
        break;
    case 15:
        switch (take(in, 1) % 4) {
        case 0:
            dev_reset(b->dev);
            break;
        case 1:
            save_and_restore(b);
            break;
        case 2:
            b->net_full = !b->net_full;
            b->room = b->net_full ? 3 : SIZE_MAX;
            if (b->in.room)
                b->in.room(b->in.dev);
            if (b->net_in.room && !b->net_full)
                b->net_in.room(b->net_in.dev);
            break;
        default:
            if (b->net_in.take)
                b->net_in.take(b->net_in.dev, b->mem + 0x8000, 60 + take(in, 1) * 8, NULL);
        }
    }
}

/* The class whose name's sum of characters comes next: stays when others come. */
static const char *class_by_byte(uint8_t byte)
{
    const char *best = NULL;
    uint8_t distance = 0;

    for (const struct dev_class *const *c = dev_classes; *c; c++) {
        uint8_t sum = 0;

        for (const char *s = (*c)->name; *s; s++)
            sum = (uint8_t)(sum + (uint8_t)*s);
        if (!best || (uint8_t)(sum - byte) < distance) {
            best = (*c)->name;
            distance = (uint8_t)(sum - byte);
        }
    }
    return best;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *name = getenv("MOA_FUZZ_CLASS");
    struct input in = {data, size};
    struct bench *b;
    uint8_t which;

    if (name && strcmp(name, "help") == 0) {
        for (const struct dev_class *const *c = dev_classes; *c; c++)
            puts((*c)->name);
        fflush(stdout);
        _exit(0); /* libFuzzer takes exit() for a crash */
    }
    which = (uint8_t)take(&in, 1);
    b = bench_new(name ? name : class_by_byte(which), NULL);

    for (unsigned ops = 0; in.n && ops < MAX_OPS; ops++)
        operation(b, &in);
    FUZZ_CHECK(!b->dev->busy);
    bench_free(b);
    return 0;
}
