// SPDX-License-Identifier: MIT
/* devices/virtio/gpu_res.c -- pictures of the virtio GPU in host memory, and the pieces of guest
 * memory that they are filled from. All sizes are the guest's: what a resource takes, its list of
 * pieces included, counts against the device's limit. */
#include "devices/virtio/gpu_state.h"

#include <stdlib.h>
#include <string.h>

bool gpu_format(uint32_t number, struct display_format *f)
{
    static const struct {
        uint8_t number, r, g, b;
    } formats[] = {
        {1, 2, 1, 0},   /* B8G8R8A8 */
        {2, 2, 1, 0},   /* B8G8R8X8 */
        {3, 1, 2, 3},   /* A8R8G8B8 */
        {4, 1, 2, 3},   /* X8R8G8B8 */
        {67, 0, 1, 2},  /* R8G8B8A8 */
        {68, 3, 2, 1},  /* X8B8G8R8 */
        {121, 3, 2, 1}, /* A8B8G8R8 */
        {134, 0, 1, 2}, /* R8G8B8X8 */
    };

    for (unsigned i = 0; i < ARRAY_LEN(formats); i++) {
        if (formats[i].number == number) {
            *f = (struct display_format){4, formats[i].r, formats[i].g, formats[i].b};
            return true;
        }
    }
    return false;
}

struct gpu_resource *gpu_find(const struct gpu_resources *r, uint32_t id)
{
    struct gpu_resource *x = r->bucket[id % GPU_BUCKETS];

    while (x && x->id != id)
        x = x->next;
    return x;
}

struct gpu_resource *gpu_create(struct gpu_resources *r, uint64_t limit, uint32_t id,
                                uint32_t format, uint32_t width, uint32_t height)
{
    struct gpu_resource *x, **p;
    uint64_t size = 4ull * width * height; /* sides are below 2^15 */

    if (width == 0 || height == 0 || width > DISPLAY_SIDE || height > DISPLAY_SIDE ||
        r->used > limit || size + GPU_OVERHEAD > limit - r->used)
        return NULL;
    x = calloc(1, sizeof(*x));
    if (!x)
        return NULL;
    x->pixels = calloc(1, size);
    if (!x->pixels) {
        free(x);
        return NULL;
    }
    x->id = id;
    x->format = format;
    x->width = width;
    x->height = height;
    for (p = &r->bucket[id % GPU_BUCKETS]; *p; p = &(*p)->next)
        ; /* last, so that a restored table has the order of the saved one */
    *p = x;
    r->used += size + GPU_OVERHEAD;
    return x;
}

void gpu_detach(struct gpu_resources *r, struct gpu_resource *x)
{
    r->used -= x->nentries * sizeof(struct gpu_entry);
    free(x->entries);
    x->entries = NULL;
    x->nentries = 0;
    x->backing = 0;
}

void gpu_destroy(struct gpu_resources *r, struct gpu_resource *x)
{
    struct gpu_resource **p = &r->bucket[x->id % GPU_BUCKETS];

    while (*p != x)
        p = &(*p)->next;
    *p = x->next;
    gpu_detach(r, x);
    r->used -= gpu_bytes(x) + GPU_OVERHEAD;
    free(x->pixels);
    free(x);
}

void gpu_destroy_all(struct gpu_resources *r)
{
    for (unsigned i = 0; i < GPU_BUCKETS; i++)
        while (r->bucket[i])
            gpu_destroy(r, r->bucket[i]);
}

bool gpu_attach(struct gpu_resources *r, uint64_t limit, struct gpu_resource *x,
                struct gpu_entry *entries, uint32_t n)
{
    uint64_t size = n * sizeof(*entries), at = 0;

    if (r->used > limit || size > limit - r->used) {
        free(entries);
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        entries[i].start = at;
        at += entries[i].len;
    }
    x->entries = entries;
    x->nentries = n;
    x->backing = at;
    r->used += size;
    return true;
}

/* The piece that byte `at` of the backing is in; there is one. */
static uint32_t piece_of(const struct gpu_resource *x, uint64_t at)
{
    uint32_t lo = 0, hi = x->nentries - 1;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo + 1) / 2;

        if (x->entries[mid].start <= at)
            lo = mid;
        else
            hi = mid - 1;
    }
    return lo;
}

static bool fetch(const struct gpu_resource *x, struct mem_space *dma, uint64_t at, uint8_t *to,
                  uint64_t n)
{
    const struct mem_attrs a = {.requester = 0};

    for (uint32_t i = piece_of(x, at); n; i++) {
        const struct gpu_entry *e = &x->entries[i];
        uint64_t skip = at - e->start, part = e->len - skip < n ? e->len - skip : n;

        if (part && mem_read(dma, e->addr + skip, to, part, a) != MEM_OK)
            return false;
        to += part;
        at += part;
        n -= part;
    }
    return true;
}

bool gpu_transfer(const struct gpu_resource *x, struct mem_space *dma,
                  const struct display_rect *rect, uint64_t offset)
{
    uint64_t stride = 4ull * x->width, row = 4ull * rect->width, need;
    uint8_t *to = x->pixels + rect->y * stride + 4ull * rect->x;

    if (rect->width == 0 || rect->height == 0)
        return true;
    need = stride * (rect->height - 1) + row;
    if (!dma || offset > x->backing || need > x->backing - offset)
        return false;
    if (row == stride) /* all in one go */
        return fetch(x, dma, offset, to, stride * rect->height);
    for (uint32_t y = 0; y < rect->height; y++)
        if (!fetch(x, dma, offset + y * stride, to + y * stride, row))
            return false;
    return true;
}
