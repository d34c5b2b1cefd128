// SPDX-License-Identifier: MIT
/* tests/devices/intc/bench.c -- see bench.h. Each region that is accessed has a space of its own.
 */
#include "tests/devices/intc/bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint8_t bench_level[64];
unsigned bench_edges[64];
uint8_t *bench_ram;
struct mem_space *bench_space;

static void record(void *to, unsigned n, bool level)
{
    (void)to;
    if (level && !bench_level[n])
        bench_edges[n]++;
    bench_level[n] = level;
}

struct irq_line bench_line(unsigned n)
{
    return (struct irq_line){.set = record, .n = n};
}

struct device *bench_join(const struct dev_class *c, const char *const *props)
{
    struct device *d = dev_new(c, "dut", NULL);
    char err[160], name[64];

    for (; props && *props; props++) {
        size_t n = strcspn(*props, "=");

        memcpy(name, *props, n);
        name[n] = 0;
        if (dev_set(d, name, *props + n + 1, err, sizeof(err)) < 0)
            MOA_BUG("%s", err);
    }
    return d;
}

void bench_realize(struct device *d)
{
    static struct mem_region *root;
    struct mem_region *ram;
    char err[160];

    if (!root) {
        root = mem_container_new("bench", 0);
        ram = mem_ram_new("ram", BENCH_RAM_SIZE, NULL, err, sizeof(err));
        if (!ram)
            MOA_BUG("%s", err);
        mem_add(root, ram, BENCH_RAM, 0);
        bench_ram = mem_ram_host(ram);
        bench_space = mem_space_new("bench", root);
    }
    if (dev_realize(d, NULL, bench_space, err, sizeof(err)) < 0)
        MOA_BUG("%s", err);
}

struct device *bench_device(const struct dev_class *c, const char *const *props)
{
    struct device *d = bench_join(c, props);

    bench_realize(d);
    return d;
}

static bool access_region(struct device *d, unsigned region, uint64_t offset, unsigned size,
                          bool write, uint64_t *value, unsigned vcpu)
{
    struct mem_attrs a = {.requester = MEM_REQUESTER_VCPU, .vcpu = (uint16_t)vcpu};
    struct mem_range r = {.lo = 0,
                          .hi = mem_region_size(d->regions[region]) - 1,
                          .region = d->regions[region],
                          .ram_addr = ~0ull};

    return offset + size - 1 <= r.hi && mem_access(&r, offset, size, write, value, a) == MEM_OK;
}

uint64_t bench_read(struct device *d, unsigned region, uint64_t offset, unsigned size,
                    unsigned vcpu)
{
    uint64_t v = 0;

    return access_region(d, region, offset, size, false, &v, vcpu) ? v : ~0ull;
}

void bench_write(struct device *d, unsigned region, uint64_t offset, unsigned size, uint64_t value,
                 unsigned vcpu)
{
    access_region(d, region, offset, size, true, &value, vcpu);
}

/* ---- streams ---- */
struct stream {
    uint8_t *p;
    size_t n, room, at;
};

static int put(void *opaque, const void *buf, size_t n)
{
    struct stream *s = opaque;

    if (s->n + n > s->room) {
        s->room = 2 * (s->n + n);
        s->p = realloc(s->p, s->room);
    }
    memcpy(s->p + s->n, buf, n);
    s->n += n;
    return 0;
}

static int get(void *opaque, void *buf, size_t n)
{
    struct stream *s = opaque;

    if (n > s->n - s->at)
        return -ENODATA;
    memcpy(buf, s->p + s->at, n);
    s->at += n;
    return 0;
}

void bench_copy_state(struct device *from, struct device *to)
{
    struct stream s = {0};
    struct dev_saver saver = {.opaque = &s, .put = put, .get = get};

    dev_save_tree(from, &saver);
    if (saver.error || dev_load_tree(to, &saver) < 0)
        MOA_BUG("%s", saver.message);
    free(s.p);
}

uint32_t bench_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 32);
}
