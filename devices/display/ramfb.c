// SPDX-License-Identifier: MIT
/* devices/display/ramfb.c -- a frame buffer in guest memory, as QEMU's public convention has it:
 * firmware writes address, format (a DRM fourcc), size and stride, big-endian, into the file
 * etc/ramfb of fw_cfg. There are no registers and no interrupts.
 *
 * What is written is looked at whole each time; a description that makes no sense, or that is not
 * all in one piece of RAM, shows nothing. Changes are found by comparing with a copy, row by row,
 * when somebody looks. Formats: XRGB8888, ARGB8888, XBGR8888, ABGR8888, RGB888, BGR888. */
#include "devices/display/ramfb.h"

#include "base/log.h"
#include "ports/display.h"
#include "ports/firmware.h"

#include <stdlib.h>
#include <string.h>

enum { CONFIG = 28, SMALLEST = 16 };

struct ramfb {
    struct device dev;
    uint8_t config[CONFIG]; /* as written */
    /* wiring */
    struct display_out out;
    struct display_surface shown; /* pixels NULL: nothing */
    uint64_t mapped;              /* bytes of it */
    uint8_t *copy;                /* of the rows that were looked at */
};

static uint64_t get_be(const uint8_t *p, unsigned size)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v = v << 8 | p[i];
    return v;
}

static bool format_of(uint32_t fourcc, struct display_format *f)
{
    static const struct {
        char name[5];
        struct display_format f;
    } known[] = {
        {"XR24", {4, 2, 1, 0}}, {"AR24", {4, 2, 1, 0}}, {"XB24", {4, 0, 1, 2}},
        {"AB24", {4, 0, 1, 2}}, {"RG24", {3, 2, 1, 0}}, {"BG24", {3, 0, 1, 2}},
    };

    for (unsigned i = 0; i < ARRAY_LEN(known); i++) {
        const char *n = known[i].name;

        if (fourcc == ((uint32_t)n[0] | (uint32_t)n[1] << 8 | (uint32_t)n[2] << 16 |
                       (uint32_t)n[3] << 24)) {
            *f = known[i].f;
            return true;
        }
    }
    return false;
}

static void tell(struct ramfb *r)
{
    if (r->out.show)
        r->out.show(r->out.to, 0, &r->shown);
}

static void hide(struct ramfb *r)
{
    void *was = (void *)(uintptr_t)r->shown.pixels;

    if (!was)
        return;
    r->shown = (struct display_surface){0};
    tell(r);
    mem_unmap(was, r->mapped, false);
    free(r->copy);
    r->copy = NULL;
}

/* Shows what config says. */
static void look(struct ramfb *r)
{
    const uint8_t *c = r->config;
    uint64_t addr = get_be(c, 8), stride = get_be(c + 24, 4), need, len;
    const struct mem_attrs a = {.requester = MEM_REQUESTER_VCPU};
    struct display_surface s = {.width = (uint32_t)get_be(c + 16, 4),
                                .height = (uint32_t)get_be(c + 20, 4)};
    void *p;

    hide(r);
    if (addr == 0 && s.width == 0) /* as after a reset */
        return;
    if (!format_of((uint32_t)get_be(c + 8, 4), &s.format) || s.width < SMALLEST ||
        s.height < SMALLEST || s.width > DISPLAY_SIDE || s.height > DISPLAY_SIDE)
        goto bad;
    if (stride == 0)
        stride = (uint64_t)s.width * s.format.bytes;
    if (stride < (uint64_t)s.width * s.format.bytes || stride > 8u * DISPLAY_SIDE)
        goto bad;
    s.stride = (uint32_t)stride;
    need = len = stride * (s.height - 1) + (uint64_t)s.width * s.format.bytes;
    p = r->dev.dma ? mem_map(r->dev.dma, addr, &len, false, a) : NULL;
    if (!p)
        goto bad;
    r->copy = len < need ? NULL : malloc(need);
    if (!r->copy) {
        mem_unmap(p, len, false);
        goto bad;
    }
    memcpy(r->copy, p, need);
    s.pixels = p;
    r->mapped = len;
    r->shown = s;
    tell(r);
    return;
bad:
    if (log_on(LOG_guest_errors))
        log_printf("ramfb: the frame buffer that is asked for makes no sense\n");
}

static void written(void *dev, const uint8_t *content)
{
    struct ramfb *r = dev;

    memcpy(r->config, content, CONFIG);
    look(r);
}

static void refresh(void *dev)
{
    struct ramfb *r = dev;
    const struct display_surface *s = &r->shown;
    size_t row = (size_t)s->width * s->format.bytes;
    uint32_t first = s->height, last = 0;

    if (!s->pixels || !r->out.changed)
        return;
    for (uint32_t y = 0; y < s->height; y++) {
        size_t at = (size_t)y * s->stride;

        if (memcmp(r->copy + at, s->pixels + at, row) == 0)
            continue;
        memcpy(r->copy + at, s->pixels + at, row);
        first = first < y ? first : y;
        last = y;
    }
    if (first < s->height)
        r->out.changed(r->out.to, 0,
                       &(const struct display_rect){0, first, s->width, last - first + 1});
}

static void join_display(struct device *d, const struct display_out *out, struct display_in *in)
{
    ((struct ramfb *)d)->out = *out;
    *in = (struct display_in){.dev = d, .heads = 1, .refresh = refresh};
}

static void join_firmware(struct device *d, struct firmware_file *f)
{
    *f = (struct firmware_file){"etc/ramfb", CONFIG, d, written};
}

static void reset(struct device *d)
{
    hide((struct ramfb *)d); /* config is zero again */
}

static int post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    (void)version, (void)err, (void)err_len;
    look((struct ramfb *)d);
    return 0;
}

static const struct dev_state states[] = {DEV_STATE_ARRAY(struct ramfb, config)};

const struct dev_class ramfb_class = {
    .name = "ramfb",
    .text = "frame buffer in guest memory, for firmware",
    .bus = "fw_cfg",
    .category = "display",
    .size = sizeof(struct ramfb),
    .version = 1,
    .states = states,
    .nstates = ARRAY_LEN(states),
    .unrealize = reset,
    .reset = reset,
    .post_load = post_load,
    .join_display = join_display,
    .join_firmware = join_firmware,
};
