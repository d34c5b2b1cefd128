// SPDX-License-Identifier: MIT
/* devices/virtio/gpu_save.c -- resources, scanouts and cursors of the virtio GPU to a stream and back.
 * Numbers are little-endian, 4 bytes if nothing else is said:
 *
 *   resources: count, then for each id, format, width, height, number of pieces, pixels, and for each
 *              piece its address (8) and length
 *   scanouts:  count, then for each resource, x, y, width, height, and of its cursor: is it visible,
 *              x, y, and if it is visible its hot spot and its pixels
 *
 * A restore builds all beside what is there and checks it by the rules that commands have. */
#include "devices/virtio/gpu_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOST_RESOURCES 0x100000u

static void put(struct dev_saver *s, uint64_t v, unsigned size)
{
    uint8_t b[8];

    virtio_put(b, v, size);
    dev_put(s, b, size);
}

static uint64_t get(struct dev_saver *s, unsigned size)
{
    uint8_t b[8];

    dev_get(s, b, size);
    return virtio_get(b, size);
}

static uint32_t get32(struct dev_saver *s)
{
    return (uint32_t)get(s, 4);
}

static void save_resource(const struct gpu_resource *x, struct dev_saver *s)
{
    put(s, x->id, 4);
    put(s, x->format, 4);
    put(s, x->width, 4);
    put(s, x->height, 4);
    put(s, x->nentries, 4);
    dev_put(s, x->pixels, gpu_bytes(x));
    for (uint32_t i = 0; i < x->nentries; i++) {
        put(s, x->entries[i].addr, 8);
        put(s, x->entries[i].len, 4);
    }
}

void gpu_save(struct device *d, struct dev_saver *s)
{
    const struct gpu *g = (struct gpu *)d;
    uint32_t count = 0;

    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < GPU_BUCKETS; i++) {
            for (const struct gpu_resource *x = g->res.bucket[i]; x; x = x->next) {
                if (pass)
                    save_resource(x, s);
                count++;
            }
        }
        if (!pass)
            put(s, count, 4);
    }
    put(s, g->max_outputs, 4);
    for (unsigned n = 0; n < g->max_outputs; n++) {
        const struct gpu_scanout *o = &g->scanout[n];

        put(s, o->resource, 4);
        put(s, o->rect.x, 4);
        put(s, o->rect.y, 4);
        put(s, o->rect.width, 4);
        put(s, o->rect.height, 4);
        put(s, o->visible, 4);
        put(s, (uint32_t)o->x, 4);
        put(s, (uint32_t)o->y, 4);
        if (!o->visible)
            continue;
        put(s, o->cursor.hot_x, 4);
        put(s, o->cursor.hot_y, 4);
        for (unsigned i = 0; i < ARRAY_LEN(o->cursor.pixels); i++)
            put(s, o->cursor.pixels[i], 4);
    }
}

static int load_resource(struct gpu_resources *r, uint64_t limit, struct dev_saver *s)
{
    uint32_t id = get32(s), format = get32(s), width = get32(s), height = get32(s), n = get32(s);
    struct display_format f;
    struct gpu_resource *x;
    struct gpu_entry *entries;

    if (s->error)
        return s->error;
    if (id == 0 || gpu_find(r, id) || !gpu_format(format, &f) || n > GPU_ENTRIES)
        return -EINVAL;
    x = gpu_create(r, limit, id, format, width, height);
    if (!x)
        return -EINVAL;
    if (dev_get(s, x->pixels, gpu_bytes(x)) < 0)
        return s->error;
    if (n == 0)
        return 0;
    entries = calloc(n, sizeof(*entries));
    if (!entries)
        return -ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        entries[i].addr = get(s, 8);
        entries[i].len = get32(s);
    }
    if (!gpu_attach(r, limit, x, entries, n))
        return -EINVAL;
    return s->error;
}

static int load_scanout(struct gpu_resources *r, struct gpu_scanout *o, unsigned number,
                        struct dev_saver *s)
{
    uint32_t visible;
    struct gpu_resource *x;

    o->resource = get32(s);
    o->rect.x = get32(s);
    o->rect.y = get32(s);
    o->rect.width = get32(s);
    o->rect.height = get32(s);
    visible = get32(s);
    o->visible = visible;
    o->x = (int32_t)get32(s);
    o->y = (int32_t)get32(s);
    if (s->error || visible > 1)
        return s->error ? s->error : -EINVAL;
    if (o->resource) {
        x = gpu_find(r, o->resource);
        if (!x || !gpu_rect_fits(&o->rect, x->width, x->height) || !o->rect.width ||
            !o->rect.height)
            return -EINVAL;
        x->scanouts |= 1u << number;
    } else if (o->rect.x | o->rect.y | o->rect.width | o->rect.height) {
        return -EINVAL;
    }
    if (!visible)
        return 0;
    o->cursor.hot_x = get32(s);
    o->cursor.hot_y = get32(s);
    for (unsigned i = 0; i < ARRAY_LEN(o->cursor.pixels); i++)
        o->cursor.pixels[i] = get32(s);
    return s->error ? s->error
           : o->cursor.hot_x < DISPLAY_CURSOR && o->cursor.hot_y < DISPLAY_CURSOR ? 0
                                                                                  : -EINVAL;
}

int gpu_load(struct device *d, struct dev_saver *s)
{
    struct gpu *g = (struct gpu *)d;
    struct gpu_resources fresh = {0}, old = g->res;
    struct gpu_scanout *scanouts = calloc(DISPLAY_HEADS, sizeof(*scanouts));
    uint32_t n = get32(s);
    int r = !scanouts ? -ENOMEM : s->error ? s->error : n > MOST_RESOURCES ? -EINVAL : 0;

    for (uint32_t i = 0; i < n && r == 0; i++)
        r = load_resource(&fresh, g->max_hostmem, s);
    if (r == 0 && get32(s) != g->max_outputs)
        r = s->error ? s->error : -EINVAL;
    for (unsigned i = 0; i < g->max_outputs && r == 0; i++)
        r = load_scanout(&fresh, &scanouts[i], i, s);
    if (r == 0) {
        g->res = fresh;
        memcpy(g->scanout, scanouts, sizeof(g->scanout));
        gpu_show_all(g); /* before the old pictures go */
        gpu_destroy_all(&old);
    } else {
        gpu_destroy_all(&fresh);
    }
    free(scanouts);
    return r;
}
