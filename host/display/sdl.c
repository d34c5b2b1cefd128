// SPDX-License-Identifier: MIT
/* host/display/sdl.c -- consoles in windows, by SDL 2: one window for each console that shows
 * something, the first one always.
 *
 * Ctrl-Alt-G grabs and lets go keyboard and pointer, Ctrl-Alt-F fills the screen, Ctrl-Alt-+ and -
 * zoom, Ctrl-Alt-U is the guest's size again. A window that is drawn larger or smaller tells the
 * guest so, which may follow. Everything happens on the main thread, in a timer of its loop: SDL has
 * no descriptor to wait for. SDL is loaded at run time. Not there: sound, OpenGL, text
 * consoles. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "host/display/display.h"

#include <stdlib.h>
#include <string.h>

#ifndef HAVE_SDL
struct host_viewer *host_sdl_new(const char *options, const struct host_seat *seat,
                                 struct display_out *out, char *err, size_t err_len)
{
    (void)options, (void)seat, (void)out;
    snprintf(err, err_len, "built without SDL2");
    return NULL;
}
#else
#include <SDL.h>
#include <dlfcn.h>
#include <glib.h>

/* The functions of SDL 2 that we use, found in its library when a window is wanted. */
#define SDL_API(F)                                                                                 \
    F(CreateColorCursor)                                                                           \
    F(CreateRGBSurfaceFrom)                                                                        \
    F(CreateRenderer)                                                                              \
    F(CreateTexture)                                                                               \
    F(CreateWindow)                                                                                \
    F(DestroyRenderer)                                                                             \
    F(DestroyTexture)                                                                              \
    F(DestroyWindow)                                                                               \
    F(FreeCursor)                                                                                  \
    F(FreeSurface)                                                                                 \
    F(GetDefaultCursor)                                                                            \
    F(GetError)                                                                                    \
    F(GetWindowID)                                                                                 \
    F(Init)                                                                                        \
    F(PollEvent)                                                                                   \
    F(PushEvent)                                                                                   \
    F(Quit)                                                                                        \
    F(RenderClear)                                                                                 \
    F(RenderCopy)                                                                                  \
    F(RenderPresent)                                                                               \
    F(RenderSetLogicalSize)                                                                        \
    F(SetCursor)                                                                                   \
    F(SetHint)                                                                                     \
    F(SetRelativeMouseMode)                                                                        \
    F(SetWindowFullscreen)                                                                         \
    F(SetWindowGrab)                                                                               \
    F(SetWindowSize)                                                                               \
    F(SetWindowTitle)                                                                              \
    F(ShowCursor)                                                                                  \
    F(UpdateTexture)

struct sdl_api {
    void *library;
#define MEMBER(name) __typeof__(SDL_##name) *name;
    SDL_API(MEMBER)
#undef MEMBER
};

static void sdl_api_unload(struct sdl_api *a)
{
    if (a->library)
        dlclose(a->library);
    a->library = NULL;
}

/* False with one line in err. */
static bool sdl_api_load(struct sdl_api *a, char *err, size_t err_len)
{
    const char *missing = NULL;

    a->library = dlopen("libSDL2-2.0.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!a->library) {
        snprintf(err, err_len, "%s", dlerror());
        return false;
    }
#define FIND(name)                                                                                 \
    a->name = (__typeof__(SDL_##name) *)dlsym(a->library, "SDL_" #name);                           \
    missing = a->name ? missing : "SDL_" #name;
    SDL_API(FIND)
#undef FIND
    if (missing) {
        snprintf(err, err_len, "the SDL2 library here has no %s", missing);
        sdl_api_unload(a);
        return false;
    }
    return true;
}

enum { CONSOLES = 32, TICK = 20 /* ms */, DOWN = 64 };

struct window {
    struct sdl *s;
    unsigned console;
    SDL_Window *win;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    SDL_Cursor *cursor;
    uint32_t id;
    int width, height; /* of the surface that the texture is for */
    double zoom;
    bool full, blank;
    char title[200];
};

/* What a console has for us; written under the machine's lock. */
struct incoming {
    struct host_news news;
    bool has_cursor;
    struct display_cursor cursor;
};

struct sdl {
    struct host_viewer v;
    struct host_seat seat;
    struct sdl_api api;
    struct window window[CONSOLES];
    struct incoming in[CONSOLES];
    guint timer;
    bool grabbed, close_ends, show_cursor, start_full;
    uint16_t down[DOWN]; /* keys that are */
    unsigned ndown;
    uint32_t *row; /* of one picture, to convert into */
    size_t row_size;
};

/* USB's numbers of keys, which are SDL's scancodes, to evdev's. */
static const uint8_t evdev_of[232] = {
    0, 0, 0, 0, 30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38,
    50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44, 2, 3,
    4, 5, 6, 7, 8, 9, 10, 11, 28, 1, 14, 15, 57, 12, 13, 26,
    27, 43, 43, 39, 40, 41, 51, 52, 53, 58, 59, 60, 61, 62, 63, 64,
    65, 66, 67, 68, 87, 88, 99, 70, 119, 110, 102, 104, 111, 107, 109, 106,
    105, 108, 103, 69, 98, 55, 74, 78, 96, 79, 80, 81, 75, 76, 77, 71,
    72, 73, 82, 83, 86, 127, 116, 117, 183, 184, 185, 186, 187, 188, 189, 190,
    191, 192, 193, 194, 134, 138, 139, 0, 128, 129, 131, 137, 133, 135, 136, 113,
    115, 114, 0, 0, 0, 121, 0, 89, 93, 124, 92, 94, 0, 0, 0, 0,
    122, 123, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    29, 42, 56, 125, 97, 54, 100, 126,
};

static uint16_t key_of(unsigned scancode)
{
    return scancode < sizeof(evdev_of) ? evdev_of[scancode] : 0;
}

static void lock(struct sdl *s)
{
    s->seat.lock.lock(s->seat.lock.opaque);
}

static void unlock(struct sdl *s)
{
    s->seat.lock.unlock(s->seat.lock.opaque);
}

/* ---- from the machine: any thread, its lock held ---- */
static void on_show(void *to, unsigned n, const struct display_surface *surface)
{
    struct sdl *s = to;

    (void)surface;
    if (n < CONSOLES)
        s->in[n].news.shown = true;
}

static void on_changed(void *to, unsigned n, const struct display_rect *r)
{
    struct sdl *s = to;

    if (n < CONSOLES)
        host_news_add(&s->in[n].news, r);
}

static void on_cursor(void *to, unsigned n, const struct display_cursor *c)
{
    struct sdl *s = to;

    if (n >= CONSOLES)
        return;
    s->in[n].has_cursor = c != NULL;
    if (c)
        s->in[n].cursor = *c;
    s->in[n].news.cursor = true;
}

static void on_cursor_at(void *to, unsigned n, int32_t x, int32_t y)
{
    (void)to, (void)n, (void)x, (void)y; /* the host's pointer is where it is */
}

/* ---- windows ---- */
static void set_title(struct window *w, bool paused)
{
    struct sdl *s = w->s;
    char title[sizeof(w->title)], number[16] = "";

    if (w->console)
        snprintf(number, sizeof(number), ".%u", w->console);
    snprintf(title, sizeof(title), "moa%s%.100s%s%s%s%s", s->seat.name ? " (" : "",
             s->seat.name ? s->seat.name : "", s->seat.name ? ")" : "", number,
             paused ? " [stopped]" : "",
             s->grabbed ? " - Ctrl-Alt-G lets keyboard and pointer go" : "");
    if (strcmp(title, w->title) == 0)
        return;
    memcpy(w->title, title, sizeof(title));
    s->api.SetWindowTitle(w->win, title);
}

static void close_window(struct window *w)
{
    struct sdl_api *a = &w->s->api;

    if (w->cursor)
        a->FreeCursor(w->cursor);
    if (w->texture)
        a->DestroyTexture(w->texture);
    if (w->renderer)
        a->DestroyRenderer(w->renderer);
    if (w->win)
        a->DestroyWindow(w->win);
    w->cursor = NULL;
    w->texture = NULL;
    w->renderer = NULL;
    w->win = NULL;
}

static bool open_window(struct sdl *s, unsigned n, int width, int height)
{
    struct window *w = &s->window[n];
    struct sdl_api *a = &s->api;

    *w = (struct window){.s = s, .console = n, .zoom = 1, .blank = true};
    w->win = a->CreateWindow("moa", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, width, height,
                             SDL_WINDOW_RESIZABLE);
    w->renderer = w->win ? a->CreateRenderer(w->win, -1, 0) : NULL;
    if (w->win && !w->renderer)
        w->renderer = a->CreateRenderer(w->win, -1, SDL_RENDERER_SOFTWARE);
    if (!w->renderer) {
        close_window(w);
        return false;
    }
    w->id = a->GetWindowID(w->win);
    set_title(w, false);
    return true;
}

static void fit(struct window *w)
{
    if (!w->full && w->width)
        w->s->api.SetWindowSize(w->win, (int)(w->width * w->zoom), (int)(w->height * w->zoom));
}

static bool new_texture(struct window *w, int width, int height)
{
    struct sdl_api *a = &w->s->api;

    if (w->texture)
        a->DestroyTexture(w->texture);
    w->texture =
        a->CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STREAMING, width,
                         height);
    if (!w->texture) { /* larger than the host's hardware can do: nothing is shown */
        w->width = w->height = 0;
        return false;
    }
    w->width = width;
    w->height = height;
    a->RenderSetLogicalSize(w->renderer, width, height);
    fit(w);
    return true;
}

/* Lock held. */
static void copy_pixels(struct window *w, const struct display_surface *f, const struct host_news *n)
{
    struct sdl *s = w->s;
    uint32_t x1 = n->x1 < f->width ? n->x1 : f->width, y1 = n->y1 < f->height ? n->y1 : f->height;
    SDL_Rect r = {(int)n->x0, (int)n->y0, (int)(x1 - n->x0), (int)(y1 - n->y0)};

    if (n->x0 >= x1 || n->y0 >= y1)
        return;
    if (display_is_xrgb(f->format)) {
        s->api.UpdateTexture(w->texture, &r,
                             f->pixels + (size_t)n->y0 * f->stride + 4ul * n->x0, (int)f->stride);
        return;
    }
    if (s->row_size < (size_t)r.w) {
        free(s->row);
        s->row = malloc((size_t)r.w * sizeof(*s->row));
        s->row_size = s->row ? (size_t)r.w : 0;
    }
    for (r.h = 1; s->row && (uint32_t)r.y < y1; r.y++) {
        display_row(f, n->x0, (uint32_t)r.y, (uint32_t)r.w, s->row);
        s->api.UpdateTexture(w->texture, &r, s->row, 4 * r.w);
    }
}

static void set_cursor(struct window *w, struct display_cursor *c)
{
    struct sdl_api *a = &w->s->api;
    SDL_Surface *image = c ? a->CreateRGBSurfaceFrom(c->pixels, DISPLAY_CURSOR, DISPLAY_CURSOR, 32,
                                                     4 * DISPLAY_CURSOR, 0xff0000, 0xff00, 0xff,
                                                     0xff000000)
                           : NULL;
    SDL_Cursor *old = w->cursor;

    w->cursor = image ? a->CreateColorCursor(image, (int)c->hot_x, (int)c->hot_y) : NULL;
    a->SetCursor(w->cursor ? w->cursor : a->GetDefaultCursor());
    if (old)
        a->FreeCursor(old);
    if (image)
        a->FreeSurface(image);
}

/* What console n has: its window follows. */
static void update(struct sdl *s, unsigned n)
{
    struct window *w = &s->window[n];
    struct incoming *in = &s->in[n];
    const struct display_surface *f;
    struct display_cursor cursor;
    struct host_news news;
    bool has_cursor, paused, draw = false;

    lock(s);
    f = s->seat.look(s->seat.m, n);
    news = in->news;
    in->news = (struct host_news){0};
    if (!w->win && (f->pixels || n == 0) && !open_window(s, n, 640, 480))
        f = NULL;
    if (f && f->pixels && (news.shown || w->blank)) {
        if (new_texture(w, (int)f->width, (int)f->height))
            host_news_add(&news, &(const struct display_rect){0, 0, f->width, f->height});
        w->blank = false;
        draw = true;
    } else if (f && !f->pixels && w->win && !w->blank) {
        w->blank = draw = true;
    }
    if (f && f->pixels && news.any && w->texture && w->width == (int)f->width) {
        copy_pixels(w, f, &news);
        draw = true;
    }
    has_cursor = in->has_cursor;
    if (news.cursor && has_cursor)
        cursor = in->cursor;
    paused = s->seat.paused(s->seat.m);
    unlock(s);
    if (!w->win)
        return;
    set_title(w, paused);
    if (news.cursor)
        set_cursor(w, has_cursor ? &cursor : NULL);
    if (draw) {
        s->api.RenderClear(w->renderer);
        if (!w->blank && w->texture)
            s->api.RenderCopy(w->renderer, w->texture, NULL, NULL);
        s->api.RenderPresent(w->renderer);
    }
}

/* ---- input ---- */
static void give(struct sdl *s, const struct input_event *e, unsigned n)
{
    lock(s);
    s->seat.input(s->seat.m, e, n);
    unlock(s);
}

static void key(struct sdl *s, uint16_t code, bool down)
{
    unsigned i = 0;

    if (!code)
        return;
    while (i < s->ndown && s->down[i] != code)
        i++;
    if (down ? i < s->ndown || s->ndown == DOWN : i == s->ndown) /* repeats are the guest's */
        return;
    if (down)
        s->down[s->ndown++] = code;
    else
        s->down[i] = s->down[--s->ndown];
    give(s, &(const struct input_event){INPUT_KEY, code, down}, 1);
}

static void all_up(struct sdl *s)
{
    while (s->ndown)
        key(s, s->down[s->ndown - 1], false);
}

static bool absolute(struct sdl *s)
{
    bool yes;

    lock(s);
    yes = s->seat.absolute(s->seat.m);
    unlock(s);
    return yes;
}

static void grab(struct window *w, bool on)
{
    struct sdl *s = w->s;
    struct sdl_api *a = &s->api;

    s->grabbed = on;
    a->SetWindowGrab(w->win, on ? SDL_TRUE : SDL_FALSE);
    a->SetRelativeMouseMode(on && !absolute(s) ? SDL_TRUE : SDL_FALSE);
    a->ShowCursor(on && !s->show_cursor && !w->cursor ? SDL_DISABLE : SDL_ENABLE);
}

static void zoom(struct window *w, double factor)
{
    w->zoom = factor ? w->zoom * factor : 1;
    w->zoom = w->zoom < 0.25 ? 0.25 : w->zoom > 8 ? 8 : w->zoom;
    fit(w);
}

static void full_screen(struct window *w, bool on)
{
    w->full = on;
    w->s->api.SetWindowFullscreen(w->win, on ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
    grab(w, on);
    fit(w);
}

/* True: the key was for us. */
static bool hot_key(struct window *w, const SDL_KeyboardEvent *e)
{
    if ((e->keysym.mod & KMOD_CTRL) == 0 || (e->keysym.mod & KMOD_ALT) == 0)
        return false;
    switch (e->keysym.scancode) {
    case SDL_SCANCODE_G:
        grab(w, !w->s->grabbed);
        return true;
    case SDL_SCANCODE_F:
        full_screen(w, !w->full);
        return true;
    case SDL_SCANCODE_U:
        zoom(w, 0);
        return true;
    case SDL_SCANCODE_EQUALS:
    case SDL_SCANCODE_KP_PLUS:
        zoom(w, 1.25);
        return true;
    case SDL_SCANCODE_MINUS:
    case SDL_SCANCODE_KP_MINUS:
        zoom(w, 1 / 1.25);
        return true;
    default:
        return false;
    }
}

static int32_t position(int at, int size)
{
    at = at < 0 ? 0 : at >= size ? size - 1 : at;
    return size > 1 ? (int32_t)((int64_t)at * INPUT_ABS_MAX / (size - 1)) : 0;
}

static void moved(struct window *w, const SDL_MouseMotionEvent *e)
{
    struct sdl *s = w->s;

    if (!w->width)
        return;
    if (absolute(s)) {
        const struct input_event to[] = {
            {INPUT_ABS, INPUT_ABS_X, position(e->x, w->width)},
            {INPUT_ABS, INPUT_ABS_Y, position(e->y, w->height)},
        };

        give(s, to, 2);
    } else if (s->grabbed) {
        const struct input_event by[] = {
            {INPUT_REL, INPUT_REL_X, e->xrel},
            {INPUT_REL, INPUT_REL_Y, e->yrel},
        };

        give(s, by, 2);
    }
}

static void button(struct window *w, const SDL_MouseButtonEvent *e)
{
    static const uint16_t codes[] = {0, INPUT_BTN_LEFT, INPUT_BTN_MIDDLE, INPUT_BTN_RIGHT,
                                     INPUT_BTN_SIDE, INPUT_BTN_EXTRA};
    struct sdl *s = w->s;

    if (e->button >= ARRAY_LEN(codes) || !codes[e->button])
        return;
    if (!s->grabbed && !absolute(s)) { /* the first click only grabs */
        if (e->state == SDL_PRESSED)
            grab(w, true);
        return;
    }
    give(s, &(const struct input_event){INPUT_KEY, codes[e->button], e->state == SDL_PRESSED}, 1);
}

static void wheel(struct sdl *s, const SDL_MouseWheelEvent *e)
{
    const struct input_event by[] = {
        {INPUT_REL, INPUT_REL_WHEEL, e->y},
        {INPUT_REL, INPUT_REL_HWHEEL, e->x},
    };

    if (e->y || e->x)
        give(s, e->y ? by : by + 1, e->y && e->x ? 2 : 1);
}

static struct window *window_of(struct sdl *s, uint32_t id)
{
    for (unsigned n = 0; n < s->seat.consoles; n++)
        if (s->window[n].win && s->window[n].id == id)
            return &s->window[n];
    return NULL;
}

static void window_event(struct window *w, const SDL_WindowEvent *e)
{
    struct sdl *s = w->s;

    switch (e->event) {
    case SDL_WINDOWEVENT_RESIZED: /* by its user */
        if (!w->full && e->data1 >= 64 && e->data2 >= 64) {
            w->zoom = 1;
            lock(s);
            s->seat.wish(s->seat.m, w->console, (uint32_t)e->data1, (uint32_t)e->data2);
            s->in[w->console].news.shown = true;
            unlock(s);
        }
        break;
    case SDL_WINDOWEVENT_EXPOSED:
        lock(s);
        host_news_add(&s->in[w->console].news,
                      &(const struct display_rect){0, 0, (uint32_t)w->width, (uint32_t)w->height});
        unlock(s);
        break;
    case SDL_WINDOWEVENT_FOCUS_LOST:
        all_up(s);
        if (s->grabbed && !w->full)
            grab(w, false);
        break;
    case SDL_WINDOWEVENT_CLOSE:
        if (s->close_ends)
            s->seat.close(s->seat.m);
        break;
    default:
        break;
    }
}

static void handle(struct sdl *s, const SDL_Event *e)
{
    struct window *w;

    switch (e->type) {
    case SDL_KEYDOWN:
        w = window_of(s, e->key.windowID);
        if (w && !e->key.repeat && hot_key(w, &e->key)) {
            all_up(s); /* the guest is not to think that Ctrl and Alt stay down */
            return;
        }
        key(s, key_of(e->key.keysym.scancode), true);
        return;
    case SDL_KEYUP:
        key(s, key_of(e->key.keysym.scancode), false);
        return;
    case SDL_MOUSEMOTION:
        if ((w = window_of(s, e->motion.windowID)))
            moved(w, &e->motion);
        return;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        if ((w = window_of(s, e->button.windowID)))
            button(w, &e->button);
        return;
    case SDL_MOUSEWHEEL:
        wheel(s, &e->wheel);
        return;
    case SDL_WINDOWEVENT:
        if ((w = window_of(s, e->window.windowID)))
            window_event(w, &e->window);
        return;
    default:
        return;
    }
}

static gboolean tick(gpointer data)
{
    struct sdl *s = data;
    SDL_Event e;

    for (unsigned i = 0; i < 1000 && s->api.PollEvent(&e); i++)
        handle(s, &e);
    for (unsigned n = 0; n < s->seat.consoles; n++)
        update(s, n);
    if (s->start_full && s->window[0].win) {
        s->start_full = false;
        full_screen(&s->window[0], true);
    }
    return G_SOURCE_CONTINUE;
}

/* ---- life ---- */
static void sdl_free(struct host_viewer *v)
{
    struct sdl *s = (struct sdl *)v;

    if (s->timer)
        g_source_remove(s->timer);
    for (unsigned n = 0; n < s->seat.consoles; n++)
        close_window(&s->window[n]);
    s->api.Quit();
    sdl_api_unload(&s->api);
    free(s->row);
    free(s);
}

static void info(struct host_viewer *v, char *text, size_t len)
{
    struct sdl *s = (struct sdl *)v;
    unsigned open = 0;

    for (unsigned n = 0; n < s->seat.consoles; n++)
        open += s->window[n].win != NULL;
    snprintf(text, len, "sdl: %u windows", open);
}

static const struct host_viewer_ops ops = {.free = sdl_free, .info = info};

static bool on_off(const char *value, bool *out)
{
    *out = strcmp(value, "on") == 0;
    return *out || strcmp(value, "off") == 0;
}

static bool options_ok(struct sdl *s, const char *options, char *err, size_t err_len)
{
    char *copy = strdup(options), *save = NULL;
    bool ok = copy != NULL, ignored;

    for (char *w = ok ? strtok_r(copy, ",", &save) : NULL; w && ok; w = strtok_r(NULL, ",", &save)) {
        if (strncmp(w, "window-close=", 13) == 0)
            ok = on_off(w + 13, &s->close_ends);
        else if (strncmp(w, "show-cursor=", 12) == 0)
            ok = on_off(w + 12, &s->show_cursor);
        else if (strncmp(w, "full-screen=", 12) == 0)
            ok = on_off(w + 12, &s->start_full);
        else if (strncmp(w, "gl=", 3) == 0)
            ok = on_off(w + 3, &ignored) && !ignored;
        else
            ok = false;
        if (!ok)
            snprintf(err, err_len, "no such option, or no such value of it: %s", w);
    }
    free(copy);
    return ok;
}

struct host_viewer *host_sdl_new(const char *options, const struct host_seat *seat,
                                 struct display_out *out, char *err, size_t err_len)
{
    struct sdl *s = calloc(1, sizeof(*s));

    if (!s) {
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    s->v.ops = &ops;
    s->seat = *seat;
    s->close_ends = true;
    if (s->seat.consoles > CONSOLES)
        s->seat.consoles = CONSOLES;
    if (!options_ok(s, options, err, err_len))
        goto bad;
    if (!sdl_api_load(&s->api, err, err_len))
        goto bad;
    s->api.SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    s->api.SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    s->api.SetHint("SDL_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR", "0");
    if (s->api.Init(SDL_INIT_VIDEO) < 0) {
        snprintf(err, err_len, "%s", s->api.GetError());
        sdl_api_unload(&s->api);
        goto bad;
    }
    s->timer = g_timeout_add(TICK, tick, s);
    *out = (struct display_out){s, on_show, on_changed, on_cursor, on_cursor_at};
    return &s->v;
bad:
    free(s);
    return NULL;
}
#endif
