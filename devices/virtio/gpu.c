// SPDX-License-Identifier: MIT
/* devices/virtio/gpu.c -- virtio GPU (virtio 1.2, 5.7) in two dimensions: the commands of its two
 * queues, what its scanouts show, and the monitors that it says are there.
 *
 * Everything is done at once, in the order of the queue, so a fence is signalled by the answer that
 * carries it. What a guest can make this take of the host is bounded: memory by max_hostmem, time by
 * bytes that are moved in one go. Not there: 3D, blobs, resources by UUID, contexts. */
#include "devices/virtio/gpu.h"

#include "devices/virtio/gpu_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONTROL = 0, CURSOR = 1 }; /* queues */
#define F_EDID VIRTIO_F(1)
enum {
    GET_DISPLAY_INFO = 0x100,
    CREATE_2D,
    UNREF,
    SET_SCANOUT,
    FLUSH,
    TRANSFER_2D,
    ATTACH,
    DETACH,
    GET_CAPSET_INFO,
    GET_CAPSET,
    GET_EDID,
    UPDATE_CURSOR = 0x300,
    MOVE_CURSOR
};
enum {
    OK = 0x1100,
    OK_DISPLAY_INFO,
    OK_EDID = 0x1104,
    ERR_UNSPEC = 0x1200,
    ERR_MEMORY,
    ERR_SCANOUT,
    ERR_RESOURCE,
    ERR_CONTEXT,
    ERR_PARAMETER
};
enum { HEADER = 24, FLAG_FENCE = 1, EVENT_DISPLAY = 1 };
enum { INFO_SIZE = HEADER + 24 * DISPLAY_HEADS, EDID_SIZE = HEADER + 8 + 1024 };
enum { SMALLEST = 16 };     /* side of what can be shown */
#define TURN (64ull << 20) /* bytes that are moved before others have their turn */

/* ---- what is shown ---- */
static void show(struct gpu *g, unsigned n)
{
    const struct gpu_scanout *o = &g->scanout[n];
    const struct gpu_resource *x = o->resource ? gpu_find(&g->res, o->resource) : NULL;
    struct display_surface s = {0};

    if (!g->out.show)
        return;
    if (x) {
        s.width = o->rect.width;
        s.height = o->rect.height;
        s.stride = 4 * x->width;
        s.pixels = x->pixels + (size_t)o->rect.y * s.stride + 4ul * o->rect.x;
        gpu_format(x->format, &s.format);
    }
    g->out.show(g->out.to, n, &s);
}

static void show_cursor(struct gpu *g, unsigned n)
{
    const struct gpu_scanout *o = &g->scanout[n];

    if (!g->out.cursor)
        return;
    g->out.cursor(g->out.to, n, o->visible ? &o->cursor : NULL);
    g->out.cursor_at(g->out.to, n, o->x, o->y);
}

void gpu_show_all(struct gpu *g)
{
    for (unsigned n = 0; n < g->max_outputs; n++) {
        show(g, n);
        show_cursor(g, n);
    }
}

static void set_scanout(struct gpu *g, unsigned n, uint32_t resource, const struct display_rect *r)
{
    struct gpu_resource *old = gpu_find(&g->res, g->scanout[n].resource);
    struct gpu_resource *x = resource ? gpu_find(&g->res, resource) : NULL;

    if (old)
        old->scanouts &= ~(1u << n);
    if (x)
        x->scanouts |= 1u << n;
    g->scanout[n].resource = resource;
    g->scanout[n].rect = *r;
    show(g, n);
}

static void forget(struct gpu *g, struct gpu_resource *x)
{
    const struct display_rect none = {0};

    for (unsigned n = 0; n < g->max_outputs; n++)
        if (x->scanouts >> n & 1)
            set_scanout(g, n, 0, &none);
    gpu_destroy(&g->res, x);
}

/* ---- commands: a request's words are in m ---- */
struct request {
    struct vq_elem *e;
    uint8_t m[56]; /* the longest that has no list; zeros where the driver sent less */
    size_t len;
    uint64_t moved; /* bytes */
};

static uint32_t word(const struct request *r, unsigned at)
{
    return (uint32_t)virtio_get(r->m + at, 4);
}

static struct display_rect rect_at(const struct request *r, unsigned at)
{
    return (struct display_rect){word(r, at), word(r, at + 4), word(r, at + 8), word(r, at + 12)};
}

static uint32_t create(struct gpu *g, const struct request *r)
{
    uint32_t id = word(r, HEADER), format = word(r, 28);
    struct display_format f;

    if (id == 0 || gpu_find(&g->res, id))
        return ERR_RESOURCE;
    if (!gpu_format(format, &f))
        return ERR_PARAMETER;
    return gpu_create(&g->res, g->max_hostmem, id, format, word(r, 32), word(r, 36)) ? OK
                                                                                   : ERR_MEMORY;
}

static uint32_t unref(struct gpu *g, const struct request *r)
{
    struct gpu_resource *x = gpu_find(&g->res, word(r, HEADER));

    if (!x)
        return ERR_RESOURCE;
    forget(g, x);
    return OK;
}

static uint32_t scanout(struct gpu *g, const struct request *r)
{
    struct display_rect rect = rect_at(r, HEADER);
    uint32_t n = word(r, 40), id = word(r, 44);
    const struct gpu_resource *x;

    if (n >= g->max_outputs)
        return ERR_SCANOUT;
    if (id == 0) {
        set_scanout(g, n, 0, &(const struct display_rect){0});
        return OK;
    }
    x = gpu_find(&g->res, id);
    if (!x)
        return ERR_RESOURCE;
    if (!gpu_rect_fits(&rect, x->width, x->height) || rect.width < SMALLEST ||
        rect.height < SMALLEST)
        return ERR_PARAMETER;
    set_scanout(g, n, id, &rect);
    return OK;
}

/* Tells of the part of the rectangle that scanout n shows. */
static void flush_one(struct gpu *g, unsigned n, const struct display_rect *r)
{
    const struct display_rect *s = &g->scanout[n].rect;
    uint32_t x0 = r->x > s->x ? r->x : s->x, y0 = r->y > s->y ? r->y : s->y;
    uint32_t x1 = r->x + r->width, y1 = r->y + r->height;
    struct display_rect part;

    x1 = x1 < s->x + s->width ? x1 : s->x + s->width;
    y1 = y1 < s->y + s->height ? y1 : s->y + s->height;
    if (x0 >= x1 || y0 >= y1 || !g->out.changed)
        return;
    part = (struct display_rect){x0 - s->x, y0 - s->y, x1 - x0, y1 - y0};
    g->out.changed(g->out.to, n, &part);
}

static uint32_t flush(struct gpu *g, const struct request *r)
{
    struct display_rect rect = rect_at(r, HEADER);
    const struct gpu_resource *x = gpu_find(&g->res, word(r, 40));

    if (!x)
        return ERR_RESOURCE;
    if (!gpu_rect_fits(&rect, x->width, x->height))
        return ERR_PARAMETER;
    for (unsigned n = 0; n < g->max_outputs; n++)
        if (x->scanouts >> n & 1)
            flush_one(g, n, &rect);
    return OK;
}

static uint32_t transfer(struct gpu *g, struct request *r)
{
    struct display_rect rect = rect_at(r, HEADER);
    const struct gpu_resource *x = gpu_find(&g->res, word(r, 48));

    if (!x)
        return ERR_RESOURCE;
    if (!x->entries)
        return ERR_UNSPEC;
    if (!gpu_rect_fits(&rect, x->width, x->height))
        return ERR_PARAMETER;
    r->moved += 4ull * rect.width * rect.height;
    return gpu_transfer(x, g->v.dev.dma, &rect, virtio_get(r->m + 40, 8)) ? OK : ERR_PARAMETER;
}

static uint32_t attach(struct gpu *g, struct request *r)
{
    struct gpu_resource *x = gpu_find(&g->res, word(r, HEADER));
    uint32_t n = word(r, 28);
    struct gpu_entry *entries;

    if (!x)
        return ERR_RESOURCE;
    if (x->entries || n == 0 || n > GPU_ENTRIES)
        return ERR_UNSPEC;
    if (r->e->out_len < 32 + 16ull * n)
        return ERR_PARAMETER;
    entries = calloc(n, sizeof(*entries));
    if (!entries)
        return ERR_MEMORY;
    for (uint32_t i = 0, at = 32; i < n; at += 16 * 64) { /* a vector is walked from its head */
        uint8_t list[16 * 64];
        size_t got = vq_read(r->e, at, list, 16ul * (n - i < 64 ? n - i : 64)) / 16;

        for (size_t k = 0; k < got; k++, i++) {
            entries[i].addr = virtio_get(list + 16 * k, 8);
            entries[i].len = (uint32_t)virtio_get(list + 16 * k + 8, 4);
        }
    }
    r->moved += 16ull * n;
    return gpu_attach(&g->res, g->max_hostmem, x, entries, n) ? OK : ERR_MEMORY;
}

static uint32_t detach(struct gpu *g, const struct request *r)
{
    struct gpu_resource *x = gpu_find(&g->res, word(r, HEADER));

    if (!x || !x->entries)
        return ERR_RESOURCE;
    gpu_detach(&g->res, x);
    return OK;
}

static uint32_t display_info(const struct gpu *g, uint8_t *answer)
{
    for (unsigned n = 0; n < g->max_outputs; n++) {
        uint8_t *p = answer + HEADER + 24 * n;

        virtio_put(p + 8, g->wish_width[n], 4);
        virtio_put(p + 12, g->wish_height[n], 4);
        virtio_put(p + 16, g->wish_on[n], 4);
    }
    return OK_DISPLAY_INFO;
}

static uint32_t get_edid(const struct gpu *g, const struct request *r, uint8_t *answer)
{
    uint32_t n = word(r, HEADER);

    if (!virtio_has(&g->v, F_EDID))
        return ERR_UNSPEC;
    if (n >= g->max_outputs)
        return ERR_SCANOUT;
    virtio_put(answer + HEADER,
               gpu_edid(answer + HEADER + 8, g->wish_width[n], g->wish_height[n], n), 4);
    return OK_EDID;
}

static void control(struct gpu *g, struct request *r)
{
    uint8_t answer[EDID_SIZE > INFO_SIZE ? EDID_SIZE : INFO_SIZE] = {0};
    size_t len = HEADER;
    uint32_t what = word(r, 0), type;

    switch (r->len < HEADER ? 0 : what) {
    case GET_DISPLAY_INFO:
        type = display_info(g, answer);
        break;
    case GET_EDID:
        type = get_edid(g, r, answer);
        break;
    case CREATE_2D:
        type = create(g, r);
        break;
    case UNREF:
        type = unref(g, r);
        break;
    case SET_SCANOUT:
        type = scanout(g, r);
        break;
    case FLUSH:
        type = flush(g, r);
        break;
    case TRANSFER_2D:
        type = transfer(g, r);
        break;
    case ATTACH:
        type = attach(g, r);
        break;
    case DETACH:
        type = detach(g, r);
        break;
    default: /* capability sets, 3D and blobs were not offered */
        type = ERR_UNSPEC;
    }
    len = type == OK_DISPLAY_INFO ? INFO_SIZE : type == OK_EDID ? EDID_SIZE : len;
    virtio_put(answer, type, 4);
    if (word(r, 4) & FLAG_FENCE) {
        virtio_put(answer + 4, FLAG_FENCE, 4);
        memcpy(answer + 8, r->m + 8, 12); /* the fence and its context */
    }
    vq_push(&g->v, r->e, vq_write(r->e, 0, answer, len));
}

/* ---- the cursor ---- */
static void take_image(struct gpu_scanout *o, const struct gpu_resource *x)
{
    struct display_surface s = {x->pixels, x->width, x->height, 4 * x->width, {0}};
    gpu_format(x->format, &s.format);
    for (unsigned y = 0; y < DISPLAY_CURSOR; y++) {
        uint32_t *row = o->cursor.pixels + (size_t)y * DISPLAY_CURSOR;
        unsigned a = 6u - s.format.r - s.format.g - s.format.b; /* the byte that is left */

        display_row(&s, 0, y, DISPLAY_CURSOR, row);
        for (unsigned i = 0; i < DISPLAY_CURSOR; i++) /* Linux fills it in formats without alpha too */
            row[i] = (row[i] & 0xffffff) |
                     (uint32_t)s.pixels[(size_t)y * s.stride + 4ul * i + a] << 24;
    }
}

static void cursor(struct gpu *g, const struct request *r)
{
    uint32_t what = word(r, 0), n = word(r, HEADER), id = word(r, 40);
    const struct gpu_resource *x = id ? gpu_find(&g->res, id) : NULL;
    struct gpu_scanout *o;

    if (r->len < 40 || n >= g->max_outputs || (what != UPDATE_CURSOR && what != MOVE_CURSOR))
        return;
    o = &g->scanout[n];
    o->x = (int32_t)word(r, 28);
    o->y = (int32_t)word(r, 32);
    if (what == UPDATE_CURSOR) {
        o->visible = x && x->width == DISPLAY_CURSOR && x->height == DISPLAY_CURSOR;
        if (o->visible) {
            uint32_t hx = word(r, 44), hy = word(r, 48);

            o->cursor.hot_x = hx < DISPLAY_CURSOR ? hx : DISPLAY_CURSOR - 1;
            o->cursor.hot_y = hy < DISPLAY_CURSOR ? hy : DISPLAY_CURSOR - 1;
            take_image(o, x);
        }
        show_cursor(g, n);
    } else if (g->out.cursor_at) {
        g->out.cursor_at(g->out.to, n, o->x, o->y);
    }
}

/* ---- queues ---- */
static void kick(struct virtio *v, unsigned queue)
{
    struct gpu *g = (struct gpu *)v;
    struct request r = {0};
    unsigned count = 0;

    if (queue > CURSOR)
        return;
    while (count < VIRTIO_BURST && r.moved < TURN && (r.e = vq_pop(v, queue, sizeof(*r.e)))) {
        memset(r.m, 0, sizeof(r.m));
        r.len = vq_read(r.e, 0, r.m, sizeof(r.m));
        if (queue == CONTROL) {
            control(g, &r);
        } else {
            cursor(g, &r);
            vq_push(v, r.e, 0);
        }
        count++;
    }
    if (count)
        vq_interrupt(v, queue);
    if (count == VIRTIO_BURST || r.moved >= TURN)
        virtio_again(v, queue);
}

static void config_get(struct virtio *v)
{
    const struct gpu *g = (struct gpu *)v;

    memset(v->config, 0, sizeof(v->config));
    virtio_put(v->config, g->events, 4);
    virtio_put(v->config + 8, g->max_outputs, 4);
}

static void config_set(struct virtio *v, unsigned at)
{
    struct gpu *g = (struct gpu *)v;

    if (at >= 4 && at < 8) /* events that the driver has seen */
        g->events &= ~((uint32_t)v->config[at] << 8 * (at - 4));
    config_get(v);
}

static const struct virtio_ops ops = {
    .type = 16, .kick = kick, .config_get = config_get, .config_set = config_set};

/* ---- the host's side ---- */
static void wish(void *dev, unsigned head, uint32_t width, uint32_t height, bool on)
{
    struct gpu *g = dev;

    if (head >= g->max_outputs || width > DISPLAY_SIDE || height > DISPLAY_SIDE ||
        (on && (width < SMALLEST || height < SMALLEST)))
        return;
    if (on && g->wish_on[head] && g->wish_width[head] == width && g->wish_height[head] == height)
        return;
    if (on) {
        g->wish_width[head] = width;
        g->wish_height[head] = height;
    }
    g->wish_on[head] = on;
    g->events |= EVENT_DISPLAY;
    virtio_config_changed(&g->v);
}

static void join_display(struct device *d, const struct display_out *out, struct display_in *in)
{
    struct gpu *g = (struct gpu *)d;

    g->out = *out;
    *in = (struct display_in){.dev = d, .heads = g->max_outputs, .wish = wish};
}

/* ---- the class ---- */
static int realize(struct device *d, char *err, size_t err_len)
{
    static const uint16_t sizes[] = {64, 16};
    struct gpu *g = (struct gpu *)d;

    (void)err, (void)err_len;
    for (unsigned n = 0; n < g->max_outputs; n++) {
        g->wish_width[n] = g->xres;
        g->wish_height[n] = g->yres;
    }
    g->wish_on[0] = 1;
    virtio_init(&g->v, &ops, g->edid ? F_EDID : 0, sizes, 2);
    return 0;
}

static void drop_all(struct gpu *g)
{
    const struct display_rect none = {0};

    for (unsigned n = 0; n < DISPLAY_HEADS; n++) {
        struct gpu_scanout *o = &g->scanout[n];

        if (n < g->max_outputs && o->resource)
            set_scanout(g, n, 0, &none);
        o->x = o->y = 0;
        if (o->visible) {
            o->visible = false;
            show_cursor(g, n);
        }
    }
    gpu_destroy_all(&g->res);
}

static void unrealize(struct device *d)
{
    drop_all((struct gpu *)d);
    virtio_exit(d);
}

static void reset(struct device *d)
{
    virtio_reset(d);
    drop_all((struct gpu *)d);
}

static int post_load(struct device *d, uint32_t version, char *err, size_t err_len)
{
    gpu_show_all((struct gpu *)d);
    return virtio_post_load(d, version, err, err_len);
}

#define WISH_STATE(member, most)                                                                   \
    {                                                                                              \
        .name = #member, .offset = offsetof(struct gpu, member),                                   \
        .size = sizeof(((struct gpu *)0)->member[0]), .count = DISPLAY_HEADS, .max = (most),       \
        .keep = true                                                                               \
    }
static const struct dev_state states[] = {
    VIRTIO_STATES,
    DEV_STATE_MAX(struct gpu, events, EVENT_DISPLAY),
    WISH_STATE(wish_width, DISPLAY_SIDE),
    WISH_STATE(wish_height, DISPLAY_SIDE),
    WISH_STATE(wish_on, 1),
};
static const struct dev_prop props[] = {
    DEV_PROP(struct gpu, max_outputs, "max_outputs", DEV_U32, .dflt = 1, .min = 1,
             .max = DISPLAY_HEADS, .text = "monitors that can be connected"),
    DEV_PROP(struct gpu, max_hostmem, "max_hostmem", DEV_SIZE, .dflt = 256 << 20,
             .min = 1 << 20, .text = "most memory of the host for pictures"),
    DEV_PROP(struct gpu, xres, "xres", DEV_U32, .dflt = 1280, .min = SMALLEST, .max = DISPLAY_SIDE,
             .text = "width that is preferred at first, pixels"),
    DEV_PROP(struct gpu, yres, "yres", DEV_U32, .dflt = 800, .min = SMALLEST, .max = DISPLAY_SIDE,
             .text = "height of the same"),
    DEV_PROP(struct gpu, edid, "edid", DEV_BOOL, .dflt = 1, .text = "describes its monitors"),
    VIRTIO_PROPS,
};

const struct dev_class virtio_gpu_class = {
    .name = "virtio-gpu-device",
    .text = "virtio GPU, two-dimensional",
    .bus = "virtio",
    .category = "display",
    .size = sizeof(struct gpu),
    .version = 1,
    .props = props,
    .nprops = ARRAY_LEN(props),
    .states = states,
    .nstates = ARRAY_LEN(states),
    .realize = realize,
    .unrealize = unrealize,
    .reset = reset,
    .post_load = post_load,
    .save = gpu_save,
    .load = gpu_load,
    .join_display = join_display,
};
