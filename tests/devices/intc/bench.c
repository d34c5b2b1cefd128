// SPDX-License-Identifier: MIT
/* tests/devices/intc/bench.c -- see bench.h. */
#include "tests/devices/intc/bench.h"

uint8_t bench_level[64];
unsigned bench_edges[64];

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

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    abort();
}

struct device *bench_device(const struct dev_class *c, struct mem_space *dma,
                            const char *const *props)
{
    struct device *d = calloc(1, c->size);
    char err[160] = "";
    unsigned i;

    if (!d)
        fail("no memory");
    d->class = c;
    d->dma = dma;
    for (i = 0; i < c->nprops; i++)
        memcpy((char *)d + c->props[i].offset, &c->props[i].dflt, 4);
    for (; props && props[0]; props += 2)
        for (i = 0; i < c->nprops; i++)
            if (!strcmp(c->props[i].name, props[0])) {
                uint32_t v = strtoul(props[1], NULL, 0);

                memcpy((char *)d + c->props[i].offset, &v, 4);
            }
    if (c->realize && c->realize(d, err, sizeof(err)))
        fail(err);
    if (c->reset)
        c->reset(d);
    if (c->update)
        c->update(d);
    return d;
}

static const struct dev_reg *at(struct device *d, unsigned region, uint64_t offset, unsigned *n)
{
    const struct dev_block *b = &d->class->blocks[region];
    unsigned i;

    for (i = 0; i < b->nregs; i++) {
        const struct dev_reg *r = &b->regs[i];
        unsigned count = r->count ? r->count : 1, stride = r->count ? r->stride : r->size;

        if (offset >= r->offset && offset < r->offset + (uint64_t)count * stride) {
            *n = (offset - r->offset) / stride;
            return r;
        }
    }
    return NULL;
}

uint64_t bench_read(struct device *d, unsigned region, uint64_t offset, unsigned size,
                    unsigned vcpu)
{
    struct mem_attrs a = {.requester = MEM_REQUESTER_VCPU, .vcpu = vcpu};
    uint64_t v = 0;
    unsigned i, n;

    for (i = 0; i < size;) {
        const struct dev_reg *r = at(d, region, offset + i, &n);

        if (!r) {
            i += 4;
            continue;
        }
        v |= r->read(d, n, &a) << (8 * i);
        i += r->size;
    }
    return v;
}

void bench_write(struct device *d, unsigned region, uint64_t offset, unsigned size, uint64_t value,
                 unsigned vcpu)
{
    struct mem_attrs a = {.requester = MEM_REQUESTER_VCPU, .vcpu = vcpu};
    unsigned i, n;

    for (i = 0; i < size;) {
        const struct dev_reg *r = at(d, region, offset + i, &n);
        uint64_t v = value >> (8 * i);

        if (!r) {
            i += 4;
            continue;
        }
        r->write(d, n, r->size == 8 ? v : v & ((1ull << (8 * r->size)) - 1), &a);
        i += r->size;
    }
    if (d->class->update)
        d->class->update(d);
}

void bench_copy_state(struct device *from, struct device *to)
{
    const struct dev_class *c = from->class;
    char err[160] = "";
    unsigned i;

    for (i = 0; i < c->nstates; i++) {
        const struct dev_state *s = &c->states[i];

        memcpy((char *)to + s->offset, (char *)from + s->offset, (size_t)s->size * s->count);
    }
    if (c->post_load && c->post_load(to, c->version, err, sizeof(err)))
        fail(err);
    if (c->update)
        c->update(to);
}
