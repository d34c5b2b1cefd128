/* SPDX-License-Identifier: MIT */
/* devices/virtio/gpu_state.h -- inside of the virtio GPU: resources, scanouts. */
#ifndef DEVICES_VIRTIO_GPU_STATE_H
#define DEVICES_VIRTIO_GPU_STATE_H

#include "devices/virtio/virtio.h"
#include "ports/display.h"

#define GPU_BUCKETS  256
#define GPU_ENTRIES  16384u /* pieces of guest memory behind one resource */
#define GPU_OVERHEAD 4096u  /* what a resource counts as beside its pixels */

struct gpu_entry {
    uint64_t addr;
    uint64_t start; /* byte of the backing that it begins with */
    uint32_t len;
};

/* A picture in host memory, 4 bytes a pixel, no gaps between rows. */
struct gpu_resource {
    struct gpu_resource *next; /* in its bucket */
    uint32_t id, format, width, height;
    uint8_t *pixels;
    struct gpu_entry *entries; /* guest memory that it is filled from, NULL: none */
    uint32_t nentries;
    uint64_t backing; /* bytes */
    uint32_t scanouts; /* that show it, a bit each */
};

struct gpu_resources {
    struct gpu_resource *bucket[GPU_BUCKETS];
    uint64_t used; /* host memory, bytes */
};

struct gpu_scanout {
    uint32_t resource; /* 0: off */
    struct display_rect rect;
    /* its cursor */
    bool visible;
    int32_t x, y;
    struct display_cursor cursor;
};

struct gpu {
    struct virtio v;
    uint32_t events; /* that the driver has not cleared */
    uint32_t wish_width[DISPLAY_HEADS], wish_height[DISPLAY_HEADS];
    uint8_t wish_on[DISPLAY_HEADS];
    struct gpu_resources res;
    struct gpu_scanout scanout[DISPLAY_HEADS];
    /* wiring */
    struct display_out out;
    uint32_t max_outputs, xres, yres;
    uint64_t max_hostmem;
    bool edid;
};

/* ---- gpu_res.c: no guest memory, no queues ---- */
bool gpu_format(uint32_t number, struct display_format *f); /* false: there is none */
struct gpu_resource *gpu_find(const struct gpu_resources *r, uint32_t id);
/* Zeroed; NULL: beyond limit, or no memory. The id is free, the format exists. */
struct gpu_resource *gpu_create(struct gpu_resources *r, uint64_t limit, uint32_t id,
                                uint32_t format, uint32_t width, uint32_t height);
void gpu_destroy(struct gpu_resources *r, struct gpu_resource *x);
void gpu_destroy_all(struct gpu_resources *r);
/* Takes entries (malloc'ed) over. False: they do not fit into the limit; they are freed. */
bool gpu_attach(struct gpu_resources *r, uint64_t limit, struct gpu_resource *x,
                struct gpu_entry *entries, uint32_t n);
void gpu_detach(struct gpu_resources *r, struct gpu_resource *x);
/* Fills rect from guest memory; offset is where in the backing its first pixel is. False: guest
 * memory is not there or too short. */
bool gpu_transfer(const struct gpu_resource *x, struct mem_space *dma,
                  const struct display_rect *rect, uint64_t offset);
static inline bool gpu_rect_fits(const struct display_rect *r, uint32_t width, uint32_t height)
{
    return r->x <= width && r->width <= width - r->x && r->y <= height &&
           r->height <= height - r->y;
}
static inline uint64_t gpu_bytes(const struct gpu_resource *x)
{
    return 4ull * x->width * x->height;
}

/* gpu_save.c */
void gpu_save(struct device *d, struct dev_saver *s);
int gpu_load(struct device *d, struct dev_saver *s);
/* gpu.c: what the scanouts show is told to the host again. */
void gpu_show_all(struct gpu *g);

/* gpu_edid.c: a monitor's description with that size as its best; bytes. */
#define GPU_EDID_SIZE 128
unsigned gpu_edid(uint8_t *edid, uint32_t width, uint32_t height, unsigned number);

#endif
