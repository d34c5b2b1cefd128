/* SPDX-License-Identifier: MIT */
/* ports/display.h -- pictures from a display device to what shows them (a window, VNC, a screen
 * dump). A device has one or more *heads*, numbered from 0; each shows a surface or nothing, and a
 * cursor on top of it. Both sides fill in their half; machines/ joins them.
 *
 * A surface is host memory that the device owns. It stays valid, with this size, until the device
 * shows another one or is freed; its content may change at any time (it can be the guest's own
 * memory). Sizes are pixels, strides bytes; rectangles lie inside of the surface.
 *
 * Threads: all calls with the machine's lock held, and a surface is read under it. */
#ifndef PORTS_DISPLAY_H
#define PORTS_DISPLAY_H

#include "base/base.h"

#define DISPLAY_HEADS  16    /* most of one device */
#define DISPLAY_SIDE   16384 /* most pixels in a row or column */
#define DISPLAY_CURSOR 64    /* pixels in a row and column of a cursor */

/* Bytes of a pixel, and which of them are red, green and blue (0: the one at the lowest address). */
struct display_format {
    uint8_t bytes; /* 3 or 4 */
    uint8_t r, g, b;
};
/* The number 0xXXRRGGBB, little-endian: what pictures are turned into. */
#define DISPLAY_XRGB ((struct display_format){4, 2, 1, 0})

struct display_surface {
    const uint8_t *pixels; /* NULL: nothing is shown, the rest is 0 */
    uint32_t width, height;
    uint32_t stride;
    struct display_format format;
};

struct display_rect {
    uint32_t x, y, width, height;
};

/* A cursor: 0xAARRGGBB, alpha not multiplied in. Copied by who takes it. */
struct display_cursor {
    uint32_t hot_x, hot_y;
    uint32_t pixels[DISPLAY_CURSOR * DISPLAY_CURSOR];
};

/* What the device calls. */
struct display_out {
    void *to;
    void (*show)(void *to, unsigned head, const struct display_surface *s);
    void (*changed)(void *to, unsigned head, const struct display_rect *r);
    void (*cursor)(void *to, unsigned head, const struct display_cursor *c); /* NULL: none */
    void (*cursor_at)(void *to, unsigned head, int32_t x, int32_t y); /* of its hot spot */
};

/* What the host's side calls. */
struct display_in {
    void *dev;
    unsigned heads;
    /* Says changed() for what is new, before somebody looks; NULL: the device does it by itself. */
    void (*refresh)(void *dev);
    /* Who looks would like this size; on false: nobody looks at this head. NULL: sizes are the
     * guest's business alone. */
    void (*wish)(void *dev, unsigned head, uint32_t width, uint32_t height, bool on);
};

static inline bool display_is_xrgb(struct display_format f)
{
    return f.bytes == 4 && f.r == 2 && f.g == 1 && f.b == 0;
}

/* n pixels from (x, y) as 0xffRRGGBB. */
static inline void display_row(const struct display_surface *s, uint32_t x, uint32_t y, uint32_t n,
                               uint32_t *out)
{
    struct display_format f = s->format;
    const uint8_t *p = s->pixels + (size_t)y * s->stride + (size_t)x * f.bytes;

    for (uint32_t i = 0; i < n; i++, p += f.bytes)
        out[i] = 0xff000000u | (uint32_t)p[f.r] << 16 | (uint32_t)p[f.g] << 8 | p[f.b];
}

#endif
