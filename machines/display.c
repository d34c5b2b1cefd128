// SPDX-License-Identifier: MIT
/* machines/display.c -- consoles: heads of display devices; the viewers that -display and -vnc ask
 * for; screen dumps; the balloon.
 *
 * A device tells of its heads by struct display_out; every viewer is told the same with the
 * console's number. What is shown is kept here, so that a viewer or a screen dump can come at any
 * time. */
#include "machines/display.h"

#include "devices/virtio/balloon.h"
#include "host/display/display.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct console {
    struct device *dev;
    struct machine_displays *all;
    unsigned number, head;
    struct display_in in;
    struct display_surface surface;
    struct display_cursor *cursor; /* NULL: none */
};

struct machine_displays {
    struct console console[MACHINE_CONSOLES];
    unsigned nconsoles;
    struct host_viewer *viewer[MACHINE_VIEWERS];
    struct display_out out[MACHINE_VIEWERS];
    unsigned nviewers;
};

/* ---- from devices ---- */

/* out.to is the console of head 0; a device's consoles follow each other. */
static struct console *console_of(void *to, unsigned head)
{
    return (struct console *)to + head;
}

static void show(void *to, unsigned head, const struct display_surface *s)
{
    struct console *c = console_of(to, head);

    c->surface = *s;
    for (unsigned i = 0; i < c->all->nviewers; i++)
        c->all->out[i].show(c->all->out[i].to, c->number, s);
}

static void changed(void *to, unsigned head, const struct display_rect *r)
{
    struct console *c = console_of(to, head);

    for (unsigned i = 0; i < c->all->nviewers; i++)
        c->all->out[i].changed(c->all->out[i].to, c->number, r);
}

static void cursor(void *to, unsigned head, const struct display_cursor *image)
{
    struct console *c = console_of(to, head);

    if (image && !c->cursor)
        c->cursor = malloc(sizeof(*c->cursor));
    if (image && c->cursor) {
        *c->cursor = *image;
    } else {
        free(c->cursor);
        c->cursor = NULL;
    }
    for (unsigned i = 0; i < c->all->nviewers; i++)
        c->all->out[i].cursor(c->all->out[i].to, c->number, c->cursor);
}

static void cursor_at(void *to, unsigned head, int32_t x, int32_t y)
{
    struct console *c = console_of(to, head);

    for (unsigned i = 0; i < c->all->nviewers; i++)
        c->all->out[i].cursor_at(c->all->out[i].to, c->number, x, y);
}

int machine_join_display(struct machine *m, struct device *d, char *err, size_t err_len)
{
    struct machine_displays *all = m->displays;
    struct display_out out = {NULL, show, changed, cursor, cursor_at};
    struct display_in in;

    if (!all)
        all = m->displays = calloc(1, sizeof(*all));
    if (!all) {
        snprintf(err, err_len, "out of memory");
        return -1;
    }
    out.to = &all->console[all->nconsoles];
    d->class->join_display(d, &out, &in);
    if (in.heads > MACHINE_CONSOLES - all->nconsoles) {
        snprintf(err, err_len, "a machine has at most %d displays", MACHINE_CONSOLES);
        return -1;
    }
    for (unsigned h = 0; h < in.heads; h++) {
        struct console *c = &all->console[all->nconsoles];

        *c = (struct console){d, all, all->nconsoles, h, in, {0}, NULL};
        all->nconsoles++;
    }
    return 0;
}

/* ---- looking ---- */

unsigned machine_consoles(const struct machine *m)
{
    return m->displays ? m->displays->nconsoles : 0;
}

const struct display_surface *machine_console(struct machine *m, unsigned n)
{
    struct console *c = &m->displays->console[n];

    if (c->in.refresh)
        c->in.refresh(c->in.dev);
    return &c->surface;
}

/* The device that the user calls id: the one that was plugged, around the function inside. */
static bool is_called(const struct device *d, const char *id)
{
    for (; d; d = d->parent)
        if (d->id && strcmp(d->id, id) == 0)
            return true;
    return false;
}

static int console_by_id(const struct machine *m, const char *id, unsigned head)
{
    for (unsigned n = 0; n < machine_consoles(m); n++) {
        const struct console *c = &m->displays->console[n];

        if (c->head == head && (!id || is_called(c->dev, id)))
            return (int)n;
    }
    return -1;
}

static int fail(char *err, size_t err_len, const char *what, int e)
{
    snprintf(err, err_len, "%s: %s", what, strerror(-e));
    return e;
}

int machine_screendump(struct machine *m, const char *file, const char *id, unsigned head,
                       const char *format, char *err, size_t err_len)
{
    static const uint8_t black[3 * 640];
    struct display_surface nothing = {black, 640, 480, 0, {3, 0, 1, 2}};
    enum host_picture kind = HOST_PICTURE_PPM;
    const struct display_surface *s;
    int n = console_by_id(m, id, head), r;
    struct stat st;
    bool regular;
    FILE *f;

    if (format && strcmp(format, "png") == 0)
        kind = HOST_PICTURE_PNG;
    else if (format && strcmp(format, "ppm") != 0) {
        snprintf(err, err_len, "%s: no such format (ppm, png)", format);
        return -EINVAL;
    }
    if (n < 0) {
        snprintf(err, err_len, id ? "%s: there is no such display, or it has no head %u"
                                  : "there is no display to take a picture of", id, head);
        return -ENODEV;
    }
    s = machine_console(m, (unsigned)n);
    if (!s->pixels)
        s = &nothing;
    f = fopen(file, "wb");
    if (!f)
        return fail(err, err_len, file, -errno);
    r = host_picture_write(f, kind, s);
    regular = fstat(fileno(f), &st) == 0 && S_ISREG(st.st_mode);
    if (fclose(f) && !r)
        r = -errno;
    if (r == -ENOTSUP)
        snprintf(err, err_len, "%s: built without libpng", file);
    else if (r)
        fail(err, err_len, file, r);
    if (r && regular) /* half a picture is of no use; a device stays what it is */
        remove(file);
    return r;
}

/* ---- viewers ---- */

static void lock(void *m)
{
    sm_lock(((struct machine *)m)->sm);
}

static void unlock(void *m)
{
    sm_unlock(((struct machine *)m)->sm);
}

static const struct display_surface *seat_look(void *m, unsigned n)
{
    return machine_console(m, n);
}

static void seat_wish(void *opaque, unsigned n, uint32_t width, uint32_t height)
{
    struct machine *m = opaque;
    struct console *c = &m->displays->console[n];

    if (c->in.wish)
        c->in.wish(c->in.dev, c->head, width, height, true);
}

static void seat_input(void *m, const struct input_event *e, unsigned n)
{
    machine_input(m, e, n);
}

static bool seat_absolute(void *m)
{
    return machine_input_absolute(m);
}

static bool seat_paused(void *m)
{
    return !sm_running(((struct machine *)m)->sm);
}

static void seat_close(void *m)
{
    machine_request(m, MACHINE_QUIT);
}

static int open_viewer(struct machine *m, const char *text, char *err, size_t err_len)
{
    struct machine_displays *all = m->displays;
    struct host_seat seat = {.m = m,
                             .lock = {lock, unlock, m},
                             .name = m->opt->name,
                             .consoles = machine_consoles(m),
                             .look = seat_look,
                             .wish = seat_wish,
                             .input = seat_input,
                             .absolute = seat_absolute,
                             .paused = seat_paused,
                             .close = seat_close};
    size_t n = strcspn(text, ",=");
    bool sdl = n == 3 && strncmp(text, "sdl", 3) == 0, vnc = n == 3 && !strncmp(text, "vnc", 3);
    struct display_out out = {0};
    struct host_viewer *v;
    char why[240];

    if (n == 4 && strncmp(text, "none", 4) == 0)
        return 0;
    if (!sdl && !(vnc && text[3] == '=')) {
        snprintf(err, err_len, "-display %s: no such display (-display help lists them)", text);
        return -1;
    }
    if (!all)
        all = m->displays = calloc(1, sizeof(*all));
    if (!all || all->nviewers == MACHINE_VIEWERS) {
        snprintf(err, err_len, "-display %s: %s", text, all ? "too many" : "out of memory");
        return -1;
    }
    v = sdl ? host_sdl_new(text + 3, &seat, &out, why, sizeof(why))
            : host_vnc_new(text + 4, &seat, &out, why, sizeof(why));
    if (!v) {
        snprintf(err, err_len, "-display %s: %s", text, why);
        return -1;
    }
    lock(m);
    all->viewer[all->nviewers] = v;
    all->out[all->nviewers++] = out;
    for (unsigned i = 0; i < all->nconsoles; i++) {
        out.show(out.to, i, &all->console[i].surface);
        out.cursor(out.to, i, all->console[i].cursor);
    }
    unlock(m);
    return 0;
}

int machine_viewers_open(struct machine *m, char *err, size_t err_len)
{
    const struct machine_options *o = m->opt;

    for (unsigned i = 0; i < o->ndisplay; i++)
        if (open_viewer(m, o->display[i], err, err_len))
            return -1;
    if (o->ndisplay == 0 && !o->nographic && machine_consoles(m) &&
        (getenv("DISPLAY") || getenv("WAYLAND_DISPLAY")) &&
        open_viewer(m, "sdl", err, err_len)) /* nobody asked for it: it is no mistake */
        fprintf(stderr, "moa: no window: %s\n", err);
    return 0;
}

void machine_viewers_close(struct machine *m)
{
    struct machine_displays *all = m->displays;

    while (all && all->nviewers) {
        lock(m);
        all->nviewers--; /* it is told nothing any more */
        unlock(m);
        host_viewer_free(all->viewer[all->nviewers]);
    }
}

void machine_displays_free(struct machine *m)
{
    for (unsigned n = 0; n < machine_consoles(m); n++)
        free(m->displays->console[n].cursor);
    free(m->displays);
    m->displays = NULL;
}

int machine_vnc_password(struct machine *m, const char *password, char *err, size_t err_len)
{
    bool any = false;

    for (unsigned i = 0; m->displays && i < m->displays->nviewers; i++)
        any |= host_viewer_password(m->displays->viewer[i], password) == 0;
    if (any)
        return 0;
    snprintf(err, err_len, "there is no VNC server with password=on");
    return -ENODEV;
}

void machine_vnc_info(struct machine *m, void (*line)(void *to, const char *text), void *to)
{
    char text[300];

    for (unsigned i = 0; m->displays && i < m->displays->nviewers; i++) {
        host_viewer_info(m->displays->viewer[i], text, sizeof(text));
        line(to, text);
    }
}

/* ---- the balloon ---- */

static struct device *find_balloon(struct device *d)
{
    struct device *found = NULL;

    if (d->class == &virtio_balloon_class && d->realized)
        return d;
    for (struct device *c = d->children; c && !found; c = c->sibling)
        found = find_balloon(c);
    return found;
}

static struct device *the_balloon(struct machine *m, char *err, size_t err_len)
{
    struct device *found = NULL;

    for (unsigned i = 0; i < m->ndevices && !found; i++)
        found = find_balloon(m->devices[i]);
    if (!found)
        snprintf(err, err_len, "there is no balloon (-device virtio-balloon-pci)");
    return found;
}

int machine_balloon(struct machine *m, uint64_t bytes, char *err, size_t err_len)
{
    struct device *d = the_balloon(m, err, err_len);

    if (!d)
        return -ENODEV;
    if (bytes == 0 || bytes > m->ram_size) {
        snprintf(err, err_len, "the machine has %" PRIu64 " MiB of memory", m->ram_size >> 20);
        return -EINVAL;
    }
    balloon_set(d, (uint32_t)((m->ram_size - bytes) / BALLOON_PAGE));
    return 0;
}

int machine_balloon_info(struct machine *m, uint64_t *actual, uint64_t stats[10], char *err,
                         size_t err_len)
{
    struct device *d = the_balloon(m, err, err_len);
    uint64_t gone;

    if (!d)
        return -ENODEV;
    gone = (uint64_t)balloon_actual(d) * BALLOON_PAGE;
    *actual = gone < m->ram_size ? m->ram_size - gone : 0;
    balloon_stats(d, stats);
    return 0;
}
