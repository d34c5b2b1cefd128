/* SPDX-License-Identifier: MIT */
/* devices/core/internal.h -- what the files of devices/core share. */
#ifndef DEVICES_CORE_INTERNAL_H
#define DEVICES_CORE_INTERNAL_H

#include "devices/core/device.h"

struct dev_bank { /* opaque of a block's region */
    struct device *d;
    const struct dev_block *block;
    struct mem_ops ops;
    unsigned last; /* register that was accessed last: tried first */
};

struct mem_region *dev_bank_region(struct dev_bank *b, struct device *d, const struct dev_block *k);
void dev_props_init(struct device *d);
void dev_props_free(struct device *d);

static inline unsigned dev_reg_count(const struct dev_reg *r)
{
    return r->count ? r->count : 1;
}
static inline unsigned dev_reg_stride(const struct dev_reg *r)
{
    return r->stride ? r->stride : r->size;
}
static inline void *dev_at(struct device *d, uint32_t offset)
{
    return (char *)d + offset;
}

#endif
