// SPDX-License-Identifier: MIT
/* devices/core/regs.c -- from an access to registers: finds them in a block's table, takes pieces,
 * calls hooks, writes the log (-d mmio names registers). */
#include "devices/core/internal.h"

#include "base/bits.h"
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

uint64_t dev_field_get(const void *field, unsigned size)
{
    switch (size) {
    case 1:
        return *(const uint8_t *)field;
    case 2:
        return *(const uint16_t *)field;
    case 4:
        return *(const uint32_t *)field;
    default:
        return *(const uint64_t *)field;
    }
}

void dev_field_set(void *field, unsigned size, uint64_t value)
{
    switch (size) {
    case 1:
        *(uint8_t *)field = (uint8_t)value;
        break;
    case 2:
        *(uint16_t *)field = (uint16_t)value;
        break;
    case 4:
        *(uint32_t *)field = (uint32_t)value;
        break;
    default:
        *(uint64_t *)field = value;
    }
}

static void *field_of(struct device *d, const struct dev_reg *r, unsigned n)
{
    return dev_at(d, r->state + n * r->size);
}

static uint64_t reg_read(struct device *d, const struct dev_reg *r, unsigned n,
                         const struct mem_attrs *a)
{
    uint64_t v = 0;

    if (r->read)
        v = r->read(d, n, a);
    else if (r->state != DEV_NO_STATE)
        v = dev_field_get(field_of(d, r, n), r->size);
    return v & bits_mask(8 * r->size);
}

static void reg_write(struct device *d, const struct dev_reg *r, unsigned n, uint64_t value,
                      const struct mem_attrs *a)
{
    if (r->write) {
        r->write(d, n, value, a);
    } else if (r->state != DEV_NO_STATE) {
        uint64_t old = dev_field_get(field_of(d, r, n), r->size);

        dev_field_set(field_of(d, r, n), r->size, (old & ~r->writable) | (value & r->writable));
    }
}

static bool covers(const struct dev_reg *r, uint64_t offset, unsigned *n, unsigned *in)
{
    uint64_t stride = dev_reg_stride(r), at;

    if (offset < r->offset)
        return false;
    at = offset - r->offset;
    *n = (unsigned)(at / stride);
    *in = (unsigned)(at % stride);
    return at / stride < dev_reg_count(r) && *in < r->size;
}

static const struct dev_reg *find_reg(struct dev_bank *b, uint64_t offset, unsigned *n,
                                      unsigned *in)
{
    const struct dev_block *k = b->block;

    if (b->last < k->nregs && covers(&k->regs[b->last], offset, n, in))
        return &k->regs[b->last];
    for (unsigned i = 0; i < k->nregs; i++) {
        if (covers(&k->regs[i], offset, n, in)) {
            b->last = i;
            return &k->regs[i];
        }
    }
    return NULL;
}

/* Is this access to be logged? By -d mmio, or as CLASS.REGISTER or ID.REGISTER by -trace. */
static bool traced(const struct dev_bank *b, const struct dev_reg *r)
{
    char name[128];

    if (log_on(LOG_mmio))
        return true;
    if (MOA_LIKELY(!log_tracing))
        return false;
    snprintf(name, sizeof(name), "%s.%s", b->d->class->name, r ? r->name : b->block->name);
    if (log_traced(name))
        return true;
    snprintf(name, sizeof(name), "%s.%s", b->d->id ? b->d->id : "", r ? r->name : b->block->name);
    return b->d->id && log_traced(name);
}

static void trace(const struct dev_bank *b, const struct dev_reg *r, unsigned n, uint64_t offset,
                  unsigned size, bool write, uint64_t value)
{
    const char *id = b->d->id ? b->d->id : b->d->class->name;
    char reg[80], by[48] = "";

    if (!r)
        snprintf(reg, sizeof(reg), "%s+0x%" PRIx64, b->block->name, offset);
    else if (r->count > 1)
        snprintf(reg, sizeof(reg), "%s[%u]", r->name, n);
    else
        snprintf(reg, sizeof(reg), "%s", r->name);
    if (log_place.vcpu >= 0)
        snprintf(by, sizeof(by), " vcpu %d pc 0x%" PRIx64, log_place.vcpu, log_place.pc);
    log_printf("mmio: %s %s %s 0x%" PRIx64 " (%u)%s\n", id, reg, write ? "<-" : "->", value, size, by);
}

/* One register or a piece of one; up to size bytes from offset. Returns how many it was, 0:
 * refused. */
static unsigned access_one(struct dev_bank *b, uint64_t offset, unsigned size, bool write,
                           uint64_t *value, const struct mem_attrs *a)
{
    struct device *d = b->d;
    unsigned n, in, shift, take;
    const struct dev_reg *r = find_reg(b, offset, &n, &in);
    uint64_t v = *value;

    if (!r) {
        if (log_on(LOG_guest_errors))
            log_printf("%s: %s of no register at %s+0x%" PRIx64 "\n",
                       d->id ? d->id : d->class->name, write ? "write" : "read", b->block->name,
                       offset);
        if (traced(b, NULL))
            trace(b, NULL, 0, offset, size > 4 ? 4 : size, write, write ? v : 0);
        *value = 0;
        /* Up to where a register may begin again. */
        take = size > 4 ? 4 : size;
        return take;
    }
    take = r->size - in < size ? r->size - in : size;
    if (take < r->size && !b->block->wide)
        return 0;
    shift = 8 * (b->block->big ? r->size - in - take : in);
    if (write) {
        uint64_t m = bits_mask(8 * take) << shift;

        if (b->block->big)
            v >>= 8 * (size - take);
        v = v << shift & m;
        if (take < r->size && r->state != DEV_NO_STATE)
            v |= dev_field_get(field_of(d, r, n), r->size) & ~m;
        if (traced(b, r))
            trace(b, r, n, offset, take, true, v);
        reg_write(d, r, n, v, a);
    } else {
        *value = reg_read(d, r, n, a) >> shift & bits_mask(8 * take);
        if (traced(b, r))
            trace(b, r, n, offset, take, false, *value);
        if (r->read && d->class->update)
            d->class->update(d);
    }
    return take;
}

static enum mem_result bank_read(void *opaque, uint64_t offset, unsigned size, uint64_t *value,
                                 const struct mem_attrs *a)
{
    struct dev_bank *b = opaque;
    uint64_t all = 0;

    for (unsigned done = 0, n; done < size; done += n) {
        uint64_t v = 0;

        n = access_one(b, offset + done, size - done, false, &v, a);
        if (n == 0)
            return MEM_REFUSED;
        all |= v << 8 * (b->block->big ? size - done - n : done);
    }
    *value = all;
    return MEM_OK;
}

static enum mem_result bank_write(void *opaque, uint64_t offset, unsigned size, uint64_t value,
                                  const struct mem_attrs *a)
{
    struct dev_bank *b = opaque;
    enum mem_result res = MEM_OK;

    for (unsigned done = 0, n; done < size; done += n) {
        uint64_t v = b->block->big ? value & bits_mask(8 * (size - done)) : value >> 8 * done;

        n = access_one(b, offset + done, size - done, true, &v, a);
        if (n == 0) {
            res = MEM_REFUSED;
            break;
        }
    }
    if (b->d->class->update)
        b->d->class->update(b->d);
    return res;
}

struct mem_region *dev_bank_region(struct dev_bank *b, struct device *d, const struct dev_block *k)
{
    struct mem_region *r;

    b->d = d;
    b->block = k;
    b->ops = (struct mem_ops){
        .read = bank_read, .write = bank_write, .min = k->min, .max = k->max, .big = k->big};
    r = mem_mmio_new(k->name, k->size, &b->ops, b);
    mem_region_guard(r, &d->busy);
    return r;
}

enum mem_result dev_block_access(struct device *d, unsigned k, uint64_t offset, unsigned size,
                                 bool write, uint64_t *value, const struct mem_attrs *a)
{
    if (k >= d->class->nblocks || size > d->class->blocks[k].size ||
        offset > d->class->blocks[k].size - size)
        return MEM_NOTHING;
    if (write)
        return bank_write(&d->banks[k], offset, size, *value, a);
    return bank_read(&d->banks[k], offset, size, value, a);
}

int dev_reg_access(struct device *d, const char *name, unsigned n, bool write, uint64_t *value)
{
    static const struct mem_attrs a = {.requester = MEM_REQUESTER_VCPU};

    for (unsigned k = 0; k < d->class->nblocks; k++) {
        const struct dev_block *b = &d->class->blocks[k];

        for (unsigned i = 0; i < b->nregs; i++) {
            const struct dev_reg *r = &b->regs[i];

            if (strcmp(r->name, name) != 0 || n >= dev_reg_count(r))
                continue;
            if (write)
                reg_write(d, r, n, *value & bits_mask(8 * r->size), &a);
            else
                *value = reg_read(d, r, n, &a);
            if (d->class->update)
                d->class->update(d);
            return 0;
        }
    }
    return -ENOENT;
}
