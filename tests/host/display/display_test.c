// SPDX-License-Identifier: MIT
/* tests/host/display/display_test.c -- pictures into files, tables of keys, and windows of SDL on its
 * driver that shows nothing: what is drawn, keys, pointer, hot keys, size, close. The VNC server is
 * tried by tests/machine/display.py. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "host/display/display.h"
#include "host/display/vnc_keys.h"
#include "host/display/vnc_listen.h"
#include "tests/unit.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>

START_TEST(pictures)
{
    static const uint8_t pixels[2 * 12] = {3, 2, 1, 0, 6, 5, 4, 0, 9, 9, 9, 9,
                                           9, 8, 7, 0, 12, 11, 10, 0, 9, 9, 9, 9};
    const struct display_surface s = {pixels, 2, 2, 12, DISPLAY_XRGB};
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);

    ck_assert_int_eq(host_picture_write(f, HOST_PICTURE_PPM, &s), 0);
    fclose(f);
    ck_assert_uint_eq(n, 11 + 12);
    ck_assert_int_eq(memcmp(text, "P6\n2 2\n255\n\1\2\3\4\5\6\7\x8\x9\xa\xb\xc", n), 0);
    free(text);
    f = open_memstream(&text, &n);
#ifdef HAVE_PNG
    ck_assert_int_eq(host_picture_write(f, HOST_PICTURE_PNG, &s), 0);
    fclose(f);
    ck_assert_uint_gt(n, 60);
    ck_assert_int_eq(memcmp(text, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\2\0\0\0\2\x8\2\0\0\0", 29), 0);
    ck_assert_int_eq(memcmp(text + n - 8, "IEND", 4), 0);
#else
    ck_assert_int_eq(host_picture_write(f, HOST_PICTURE_PNG, &s), -ENOTSUP);
    fclose(f);
#endif
    free(text);
    f = fopen("/dev/full", "w");
    setvbuf(f, NULL, _IONBF, 0);
    ck_assert_int_eq(host_picture_write(f, HOST_PICTURE_PPM, &s), -ENOSPC);
#ifdef HAVE_PNG
    ck_assert_int_eq(host_picture_write(f, HOST_PICTURE_PNG, &s), -ENOSPC);
#endif
    fclose(f);
}
END_TEST

START_TEST(keys)
{
    ck_assert_uint_eq(vnc_key_of_sym('a'), 30);
    ck_assert_uint_eq(vnc_key_of_sym('A'), 30);
    ck_assert_uint_eq(vnc_key_of_sym('!'), 2);
    ck_assert_uint_eq(vnc_key_of_sym(' '), 57);
    ck_assert_uint_eq(vnc_key_of_sym(0xff0d), 28);
    ck_assert_uint_eq(vnc_key_of_sym(0xffc9), 88);
    ck_assert_uint_eq(vnc_key_of_sym(0xffff), 111);
    ck_assert_uint_eq(vnc_key_of_sym(0x7f), 0);
    ck_assert_uint_eq(vnc_key_of_sym(0x12345678), 0);
    ck_assert_uint_eq(vnc_key_of_scancode(0x1e), 30);
    ck_assert_uint_eq(vnc_key_of_scancode(0xc8), 103);
    ck_assert_uint_eq(vnc_key_of_scancode(0xff), 0);
    ck_assert_uint_eq(vnc_key_of_scancode(0x100001e), 0);
}
END_TEST

START_TEST(places)
{
    char err[200];
    int fd = vnc_listen("unix:vnc-test.sock", err, sizeof(err)), other;
    static const char *const bad[] = {"nothing", "x:y", ":70000", "unix:", "unix:/missing/x",
                                      "no such host:1", ":-1"};

    ck_assert_int_ge(fd, 0);
    close(fd);
    unlink("vnc-test.sock");
    for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
        *err = 0;
        ck_assert_int_lt(vnc_listen(bad[i], err, sizeof(err)), 0);
        ck_assert_uint_gt(strlen(err), 0);
    }
    for (unsigned n = 3000; n < 3100; n++) { /* a place that is free, then is not */
        char where[40];

        snprintf(where, sizeof(where), "127.0.0.1:%u", n);
        fd = vnc_listen(where, err, sizeof(err));
        if (fd < 0)
            continue;
        other = vnc_listen(where, err, sizeof(err));
        ck_assert_int_lt(other, 0);
        ck_assert_ptr_nonnull(strstr(err, strerror(EADDRINUSE)));
        close(fd);
        break;
    }
}
END_TEST

#ifdef HAVE_SDL
#include <SDL.h>
#include <dlfcn.h>

/* ---- a machine that is none ---- */
static struct fake {
    struct display_surface surface;
    struct input_event got[64];
    unsigned n, locked;
    bool absolute, closed;
    uint32_t wish_width, wish_height;
} fake;
static uint32_t pixels[200 * 100];

static void lock(void *m)
{
    ck_assert_uint_eq(((struct fake *)m)->locked++, 0);
}

static void unlock(void *m)
{
    ck_assert_uint_eq(((struct fake *)m)->locked--, 1);
}

static const struct display_surface *look(void *m, unsigned console)
{
    ck_assert_uint_eq(((struct fake *)m)->locked, 1);
    ck_assert_uint_eq(console, 0);
    return &((struct fake *)m)->surface;
}

static void wish(void *m, unsigned console, uint32_t width, uint32_t height)
{
    (void)console;
    ((struct fake *)m)->wish_width = width;
    ((struct fake *)m)->wish_height = height;
}

static void input(void *m, const struct input_event *e, unsigned n)
{
    struct fake *f = m;

    ck_assert_uint_eq(f->locked, 1);
    for (unsigned i = 0; i < n && f->n < ARRAY_LEN(f->got); i++)
        f->got[f->n++] = e[i];
}

static bool absolute(void *m)
{
    return ((struct fake *)m)->absolute;
}

static bool paused(void *m)
{
    (void)m;
    return false;
}

static void closed(void *m)
{
    ((struct fake *)m)->closed = true;
}

static const struct host_seat seat = {.m = &fake, .lock = {lock, unlock, &fake}, .name = "test",
                                      .consoles = 1, .look = look, .wish = wish, .input = input,
                                      .absolute = absolute, .paused = paused, .close = closed};

static void turn(void)
{
    for (unsigned i = 0; i < 3; i++)
        g_main_context_iteration(NULL, TRUE);
}

/* SDL's functions, as the viewer finds them. */
static void *lib;
#define CALL(name) ((__typeof__(name) *)dlsym(lib, #name))

static void expect(unsigned at, unsigned kind, unsigned code, int32_t value)
{
    ck_assert_uint_gt(fake.n, at);
    ck_assert_uint_eq(fake.got[at].kind, kind);
    ck_assert_uint_eq(fake.got[at].code, code);
    ck_assert_int_eq(fake.got[at].value, value);
}

static void press(unsigned scancode, unsigned mod, bool down)
{
    SDL_Event e = {.key = {.type = down ? SDL_KEYDOWN : SDL_KEYUP, .windowID = 1}};

    e.key.keysym.scancode = (SDL_Scancode)scancode;
    e.key.keysym.mod = (uint16_t)mod;
    CALL(SDL_PushEvent)(&e);
    turn();
}

START_TEST(a_window)
{
    char err[200] = "";
    struct display_out out;
    struct host_viewer *v;
    SDL_Window *win;
    SDL_Event e = {.motion = {.type = SDL_MOUSEMOTION, .windowID = 1}};
    uint32_t seen[4];
    int w, h;

    setenv("SDL_VIDEODRIVER", "dummy", 1);
    setenv("SDL_RENDER_DRIVER", "software", 1);
    lib = dlopen("libSDL2-2.0.so.0", RTLD_NOW);
    ck_assert_ptr_null(host_sdl_new(",nosuch=1", &seat, &out, err, sizeof(err)));
    ck_assert_ptr_nonnull(strstr(err, "nosuch"));
    v = host_sdl_new(",window-close=on", &seat, &out, err, sizeof(err));
    ck_assert_msg(v != NULL, "%s", err);
    for (unsigned i = 0; i < ARRAY_LEN(pixels); i++)
        pixels[i] = i % 200 << 16 | i / 200 << 8 | 0x77;
    fake.surface = (struct display_surface){(uint8_t *)pixels, 200, 100, 800, DISPLAY_XRGB};
    lock(&fake);
    out.show(out.to, 0, &fake.surface);
    unlock(&fake);
    turn();
    win = CALL(SDL_GetWindowFromID)(1);
    ck_assert_ptr_nonnull(win);
    CALL(SDL_GetWindowSize)(win, &w, &h);
    ck_assert_int_eq(w, 200);
    ck_assert_int_eq(h, 100);
    ck_assert_ptr_nonnull(strstr(CALL(SDL_GetWindowTitle)(win), "test"));
    CALL(SDL_RenderReadPixels)(CALL(SDL_GetRenderer)(win), &(SDL_Rect){50, 20, 2, 2},
                               SDL_PIXELFORMAT_ARGB8888, seen, 8);
    ck_assert_uint_eq(seen[0] & 0xffffff, 50 << 16 | 20 << 8 | 0x77);
    ck_assert_uint_eq(seen[3] & 0xffffff, 51 << 16 | 21 << 8 | 0x77);
    pixels[20 * 200 + 50] = 0xabcdef; /* a part that changes */
    lock(&fake);
    out.changed(out.to, 0, &(struct display_rect){50, 20, 1, 1});
    unlock(&fake);
    turn();
    CALL(SDL_RenderReadPixels)(CALL(SDL_GetRenderer)(win), &(SDL_Rect){50, 20, 1, 1},
                               SDL_PIXELFORMAT_ARGB8888, seen, 4);
    ck_assert_uint_eq(seen[0] & 0xffffff, 0xabcdef);
    /* keys: repeats are not passed on; what is held goes up with the focus */
    press(SDL_SCANCODE_A, 0, true);
    press(SDL_SCANCODE_A, 0, true);
    press(SDL_SCANCODE_A, 0, false);
    ck_assert_uint_eq(fake.n, 2);
    expect(0, INPUT_KEY, 30, 1);
    expect(1, INPUT_KEY, 30, 0);
    press(SDL_SCANCODE_RCTRL, KMOD_RCTRL, true);
    press(SDL_SCANCODE_LALT, KMOD_RCTRL | KMOD_LALT, true);
    press(SDL_SCANCODE_EQUALS, KMOD_RCTRL | KMOD_LALT, true);
    ck_assert_uint_eq(fake.n, 6); /* zoom; both keys are let go for the guest */
    expect(2, INPUT_KEY, 97, 1);
    expect(5, INPUT_KEY, 97, 0);
    CALL(SDL_GetWindowSize)(win, &w, &h);
    ck_assert_int_eq(w, 250);
    press(SDL_SCANCODE_U, KMOD_RCTRL | KMOD_LALT, true);
    CALL(SDL_GetWindowSize)(win, &w, &h);
    ck_assert_int_eq(w, 200);
    press(SDL_SCANCODE_G, KMOD_RCTRL | KMOD_LALT, true);
    ck_assert_ptr_nonnull(strstr(CALL(SDL_GetWindowTitle)(win), "Ctrl-Alt-G"));
    press(SDL_SCANCODE_G, KMOD_RCTRL | KMOD_LALT, true);
    ck_assert_ptr_null(strstr(CALL(SDL_GetWindowTitle)(win), "Ctrl-Alt-G"));
    /* the pointer, by position */
    fake.n = 0;
    fake.absolute = true;
    e.motion.x = 199;
    e.motion.y = 50;
    CALL(SDL_PushEvent)(&e);
    turn();
    ck_assert_uint_eq(fake.n, 2);
    expect(0, INPUT_ABS, INPUT_ABS_X, INPUT_ABS_MAX);
    expect(1, INPUT_ABS, INPUT_ABS_Y, 50 * INPUT_ABS_MAX / 99);
    e = (SDL_Event){.button = {.type = SDL_MOUSEBUTTONDOWN, .windowID = 1,
                               .button = SDL_BUTTON_RIGHT, .state = SDL_PRESSED}};
    CALL(SDL_PushEvent)(&e);
    e = (SDL_Event){.wheel = {.type = SDL_MOUSEWHEEL, .windowID = 1, .y = -1}};
    CALL(SDL_PushEvent)(&e);
    turn();
    expect(2, INPUT_KEY, INPUT_BTN_RIGHT, 1);
    expect(3, INPUT_REL, INPUT_REL_WHEEL, -1);
    /* another size, by the window's user and by the guest */
    e = (SDL_Event){.window = {.type = SDL_WINDOWEVENT, .windowID = 1,
                               .event = SDL_WINDOWEVENT_RESIZED, .data1 = 640, .data2 = 400}};
    CALL(SDL_PushEvent)(&e);
    turn();
    ck_assert_uint_eq(fake.wish_width, 640);
    ck_assert_uint_eq(fake.wish_height, 400);
    fake.surface.width = 100;
    lock(&fake);
    out.show(out.to, 0, &fake.surface);
    unlock(&fake);
    turn();
    CALL(SDL_GetWindowSize)(win, &w, &h);
    ck_assert_int_eq(w, 100);
    ck_assert(!fake.closed);
    e = (SDL_Event){.window = {.type = SDL_WINDOWEVENT, .windowID = 1,
                               .event = SDL_WINDOWEVENT_CLOSE}};
    CALL(SDL_PushEvent)(&e);
    turn();
    ck_assert(fake.closed);
    host_viewer_free(v);
}
END_TEST
#endif

static void fill(TCase *tc)
{
    tcase_add_test(tc, pictures);
    tcase_add_test(tc, keys);
    tcase_add_test(tc, places);
#ifdef HAVE_SDL
    tcase_add_test(tc, a_window);
#endif
}

UNIT_MAIN("displays", fill)
