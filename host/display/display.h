/* SPDX-License-Identifier: MIT */
/* host/display/display.h -- what shows a machine's consoles to people: windows (SDL2) and VNC
 * servers; and pictures into files. SDL2 and libvncserver are loaded when they are wanted, so a
 * program without windows does not pay for them.
 *
 * A viewer is told what is new by a struct display_out that it fills in, with the console's number
 * in the place of the head; it may be called on any thread, with the machine's lock held. It asks
 * and tells the machine by the seat. */
#ifndef HOST_DISPLAY_DISPLAY_H
#define HOST_DISPLAY_DISPLAY_H

#include "host/char.h"
#include "ports/display.h"
#include "ports/input.h"

#include <stdio.h>

/* The machine, as a viewer sees it. Functions are called with the lock held, but for close. */
struct host_seat {
    void *m;
    struct host_lock lock;
    const char *name; /* of the machine, or NULL */
    unsigned consoles;
    const struct display_surface *(*look)(void *m, unsigned console); /* up to date */
    void (*wish)(void *m, unsigned console, uint32_t width, uint32_t height);
    void (*input)(void *m, const struct input_event *e, unsigned n);
    bool (*absolute)(void *m);
    bool (*paused)(void *m);
    void (*close)(void *m); /* the window is closed: ask the machine to end; any thread */
};

struct host_viewer;

/* options: what follows "sdl" (",window-close=off,..."), on the main thread, whose GLib loop it
 * lives in. NULL with one line in err. */
struct host_viewer *host_sdl_new(const char *options, const struct host_seat *seat,
                                 struct display_out *out, char *err, size_t err_len);
/* where: HOST:DISPLAY[,OPTION...] or unix:PATH[,OPTION...]; it has a thread of its own. */
struct host_viewer *host_vnc_new(const char *where, const struct host_seat *seat,
                                 struct display_out *out, char *err, size_t err_len);
void host_viewer_free(struct host_viewer *v); /* without the machine's lock */
/* VNC only, else -ENOTSUP. NULL: nobody gets in. */
int host_viewer_password(struct host_viewer *v, const char *password);
/* One line on what it is and who looks. */
void host_viewer_info(struct host_viewer *v, char *text, size_t len);

/* ---- pictures ---- */
enum host_picture { HOST_PICTURE_PPM, HOST_PICTURE_PNG };
/* Writes what the surface holds. 0 or -errno; -ENOTSUP: built without libpng. */
int host_picture_write(FILE *f, enum host_picture kind, const struct display_surface *s);

/* ---- for viewers ---- */
struct host_viewer_ops {
    void (*free)(struct host_viewer *v);
    int (*password)(struct host_viewer *v, const char *password); /* or NULL */
    void (*info)(struct host_viewer *v, char *text, size_t len);
};
struct host_viewer {
    const struct host_viewer_ops *ops;
};

/* What is new on a console since somebody looked last. Guarded by the machine's lock. */
struct host_news {
    bool shown, cursor; /* another surface, another cursor */
    bool any;
    uint32_t x0, y0, x1, y1; /* any: what has changed lies inside */
};
static inline void host_news_add(struct host_news *n, const struct display_rect *r)
{
    uint32_t x1 = r->x + r->width, y1 = r->y + r->height;

    if (!n->any) {
        n->any = true;
        n->x0 = r->x, n->y0 = r->y, n->x1 = x1, n->y1 = y1;
        return;
    }
    n->x0 = r->x < n->x0 ? r->x : n->x0;
    n->y0 = r->y < n->y0 ? r->y : n->y0;
    n->x1 = x1 > n->x1 ? x1 : n->x1;
    n->y1 = y1 > n->y1 ? y1 : n->y1;
}

#endif
