// SPDX-License-Identifier: MIT
/* host/display/vnc.c -- a VNC server (RFC 6143) by libvncserver: any number of clients see and work
 * console 0.
 *
 * It has a thread of its own, so that a client on a slow line stops nobody but other clients. The
 * thread copies what is new out of the console under the machine's lock and sends without it; while
 * nobody is connected it sleeps. Clients may ask for another size, get the cursor's shape, and send
 * scancodes by the extension that QEMU brought (message 255). Not there: audio, TLS, SASL,
 * clipboard, websockets, relative pointers without drift. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "host/display/display.h"

#include <stdlib.h>
#include <string.h>

#ifndef HAVE_VNC
struct host_viewer *host_vnc_new(const char *where, const struct host_seat *seat,
                                 struct display_out *out, char *err, size_t err_len)
{
    (void)where, (void)seat, (void)out;
    snprintf(err, err_len, "built without libvncserver");
    return NULL;
}
#else
#include "host/display/vnc_keys.h"
#include "host/display/vnc_listen.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rfb/rfb.h>

/* The functions of libvncserver that we use, found in the library when a server is wanted. It stays
 * loaded: it remembers our extension. */
#define VNC_API(F)                                                                                 \
    F(rfbClientIteratorNext)                                                                       \
    F(rfbCloseClient)                                                                              \
    F(rfbDefaultPtrAddEvent)                                                                       \
    F(rfbEncryptBytes)                                                                             \
    F(rfbGetClientIterator)                                                                        \
    F(rfbGetScreen)                                                                                \
    F(rfbInitServer)                                                                               \
    F(rfbLogEnable)                                                                                \
    F(rfbMarkRectAsModified)                                                                       \
    F(rfbNewClient)                                                                                \
    F(rfbNewFramebuffer)                                                                           \
    F(rfbProcessEvents)                                                                            \
    F(rfbReadExact)                                                                                \
    F(rfbRegisterProtocolExtension)                                                                \
    F(rfbReleaseClientIterator)                                                                    \
    F(rfbScreenCleanup)                                                                            \
    F(rfbSetCursor)                                                                                \
    F(rfbShutdownServer)                                                                           \
    F(rfbWriteExact)

/* rfbInitServer is a macro of the library's header: its members carry the name that it stands for. */
struct vnc_api {
#define MEMBER(name) __typeof__(name) *name;
    VNC_API(MEMBER)
#undef MEMBER
};

/* False with one line in err. */
static bool vnc_api_load(struct vnc_api *a, char *err, size_t err_len)
{
    void *library = dlopen("libvncserver.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    const char *missing = NULL;

    if (!library) {
        snprintf(err, err_len, "%s", dlerror());
        return false;
    }
#define NAME(name)  #name
#define FIND(name)                                                                                 \
    a->name = (__typeof__(name) *)dlsym(library, NAME(name));                                      \
    missing = a->name ? missing : NAME(name);
    VNC_API(FIND)
#undef FIND
#undef NAME
    if (missing)
        snprintf(err, err_len, "the libvncserver here has no %s", missing);
    return !missing;
}

enum { CLIENTS = 32, TICK = 20000 /* us */, DOWN = 64, NO_SIZE = 640 * 480 };
enum { ENCODING_EXT_KEY = -258, MESSAGE_QEMU = 255 };

struct vnc {
    struct host_viewer v;
    struct host_seat seat;
    struct vnc_api api;
    char *where;
    int listener, wake;
    pthread_t thread;
    atomic_bool stop;
    bool wants_password;
    pthread_mutex_t password_lock; /* leaf */
    char password[9];              /* 8 characters count */
    atomic_uint nclients;
    /* the machine's lock guards these */
    struct host_news news;
    bool has_cursor;
    struct display_cursor cursor;
    /* the thread's */
    rfbScreenInfoPtr screen;
    uint32_t *pixels;
    uint32_t width, height;
};

struct client {
    struct vnc *n;
    uint16_t down[DOWN]; /* keys that it holds */
    unsigned ndown;
    int buttons, x, y;
    bool placed;
};

static void lock(struct vnc *n)
{
    n->seat.lock.lock(n->seat.lock.opaque);
}

static void unlock(struct vnc *n)
{
    n->seat.lock.unlock(n->seat.lock.opaque);
}

/* ---- from the machine: any thread, its lock held ---- */
static void on_show(void *to, unsigned console, const struct display_surface *s)
{
    (void)s;
    if (console == 0)
        ((struct vnc *)to)->news.shown = true;
}

static void on_changed(void *to, unsigned console, const struct display_rect *r)
{
    if (console == 0)
        host_news_add(&((struct vnc *)to)->news, r);
}

static void on_cursor(void *to, unsigned console, const struct display_cursor *c)
{
    struct vnc *n = to;

    if (console)
        return;
    n->has_cursor = c != NULL;
    if (c)
        n->cursor = *c;
    n->news.cursor = true;
}

static void on_cursor_at(void *to, unsigned console, int32_t x, int32_t y)
{
    (void)to, (void)console, (void)x, (void)y;
}

/* ---- input ---- */
static void give(struct vnc *n, const struct input_event *e, unsigned count)
{
    lock(n);
    n->seat.input(n->seat.m, e, count);
    unlock(n);
}

static void key(struct client *c, uint16_t code, bool down)
{
    unsigned i = 0;

    if (!code)
        return;
    while (i < c->ndown && c->down[i] != code)
        i++;
    if (down ? i < c->ndown || c->ndown == DOWN : i == c->ndown)
        return;
    if (down)
        c->down[c->ndown++] = code;
    else
        c->down[i] = c->down[--c->ndown];
    give(c->n, &(const struct input_event){INPUT_KEY, code, down}, 1);
}

static void on_key(rfbBool down, rfbKeySym sym, rfbClientPtr cl)
{
    if (cl->clientData)
        key(cl->clientData, vnc_key_of_sym((uint32_t)sym), down);
}

static int32_t position(int at, uint32_t size)
{
    int64_t p = at < 0 ? 0 : (uint32_t)at >= size ? size - 1 : (uint32_t)at;

    return size > 1 ? (int32_t)(p * INPUT_ABS_MAX / (size - 1)) : 0;
}

static void on_pointer(int buttons, int x, int y, rfbClientPtr cl)
{
    static const uint16_t codes[] = {INPUT_BTN_LEFT, INPUT_BTN_MIDDLE, INPUT_BTN_RIGHT};
    struct client *c = cl->clientData;
    struct input_event e[8];
    unsigned k = 0;
    int changed;

    if (!c)
        return;
    lock(c->n);
    if (c->n->seat.absolute(c->n->seat.m)) {
        e[k++] = (struct input_event){INPUT_ABS, INPUT_ABS_X, position(x, c->n->width)};
        e[k++] = (struct input_event){INPUT_ABS, INPUT_ABS_Y, position(y, c->n->height)};
    } else if (c->placed) {
        e[k++] = (struct input_event){INPUT_REL, INPUT_REL_X, x - c->x};
        e[k++] = (struct input_event){INPUT_REL, INPUT_REL_Y, y - c->y};
    }
    changed = buttons ^ c->buttons;
    for (unsigned b = 0; b < ARRAY_LEN(codes); b++)
        if (changed >> b & 1)
            e[k++] = (struct input_event){INPUT_KEY, codes[b], buttons >> b & 1};
    if (changed & buttons & 0x18) /* a step of the wheel is a button that goes down */
        e[k++] = (struct input_event){INPUT_REL, INPUT_REL_WHEEL, buttons & 8 ? 1 : -1};
    if (changed & buttons & 0x60)
        e[k++] = (struct input_event){INPUT_REL, INPUT_REL_HWHEEL, buttons & 0x40 ? 1 : -1};
    if (k)
        c->n->seat.input(c->n->seat.m, e, k);
    unlock(c->n);
    c->n->api.rfbDefaultPtrAddEvent(buttons, x, y, cl); /* a cursor in the picture follows */
    c->buttons = buttons;
    c->x = x;
    c->y = y;
    c->placed = true;
}

/* ---- keys by scancode ---- */
static rfbBool ext_enable(struct _rfbClientRec *cl, void **data, int encoding)
{
    struct client *c = cl->clientData;
    uint8_t m[16] = {0}; /* an update of one rectangle, whose encoding says yes */

    (void)data;
    if (encoding != ENCODING_EXT_KEY || !c)
        return FALSE;
    m[3] = 1;
    m[8] = (uint8_t)(c->n->width >> 8);
    m[9] = (uint8_t)c->n->width;
    m[10] = (uint8_t)(c->n->height >> 8);
    m[11] = (uint8_t)c->n->height;
    m[12] = m[13] = 0xff;
    m[14] = (uint8_t)(ENCODING_EXT_KEY >> 8);
    m[15] = (uint8_t)ENCODING_EXT_KEY;
    return c->n->api.rfbWriteExact(cl, (const char *)m, sizeof(m)) > 0;
}

static rfbBool ext_message(struct _rfbClientRec *cl, void *data, const rfbClientToServerMsg *msg)
{
    struct client *c = cl->clientData;
    uint8_t m[11]; /* after the type: what, down (2), keysym (4), scancode (4) */

    (void)data;
    if (msg->type != MESSAGE_QEMU || !c)
        return FALSE;
    if (c->n->api.rfbReadExact(cl, (char *)m, sizeof(m)) <= 0 || m[0] != 0) {
        c->n->api.rfbCloseClient(cl); /* audio was not offered */
        return TRUE;
    }
    key(c, vnc_key_of_scancode((uint32_t)m[7] << 24 | (uint32_t)m[8] << 16 | (uint32_t)m[9] << 8 |
                               m[10]),
        m[1] | m[2]);
    return TRUE;
}

/* The library links it into a list of its own, once for the process. */
static int ext_encodings[] = {ENCODING_EXT_KEY, 0};
static rfbProtocolExtension extension = {.pseudoEncodings = ext_encodings,
                                         .enablePseudoEncoding = ext_enable,
                                         .handleMessage = ext_message};

/* ---- clients ---- */
static void client_gone(rfbClientPtr cl)
{
    struct client *c = cl->clientData;

    if (!c)
        return;
    while (c->ndown)
        key(c, c->down[c->ndown - 1], false);
    if (c->buttons)
        on_pointer(0, c->x, c->y, cl);
    atomic_fetch_sub(&c->n->nclients, 1);
    cl->clientData = NULL;
    free(c);
}

static enum rfbNewClientAction new_client(rfbClientPtr cl)
{
    struct vnc *n = cl->screen->screenData;
    struct client *c = atomic_load(&n->nclients) < CLIENTS ? calloc(1, sizeof(*c)) : NULL;

    if (!c)
        return RFB_CLIENT_REFUSE;
    c->n = n;
    cl->clientData = c;
    cl->clientGoneHook = client_gone;
    atomic_fetch_add(&n->nclients, 1);
    return RFB_CLIENT_ACCEPT;
}

static rfbBool check_password(rfbClientPtr cl, const char *answer, int len)
{
    struct vnc *n = cl->screen->screenData;
    unsigned char want[CHALLENGESIZE];
    char password[sizeof(n->password)];

    pthread_mutex_lock(&n->password_lock);
    memcpy(password, n->password, sizeof(password));
    pthread_mutex_unlock(&n->password_lock);
    if (!*password || len != CHALLENGESIZE) /* none was set: nobody gets in */
        return FALSE;
    memcpy(want, cl->authChallenge, sizeof(want));
    n->api.rfbEncryptBytes(want, password);
    return memcmp(want, answer, sizeof(want)) == 0;
}

static int on_size(int width, int height, int nscreens, struct rfbExtDesktopScreen *screens,
                   struct _rfbClientRec *cl)
{
    struct vnc *n = cl->screen->screenData;

    (void)screens;
    if (nscreens != 1 || width < 64 || height < 64 || width > DISPLAY_SIDE ||
        height > DISPLAY_SIDE || n->seat.consoles == 0)
        return rfbExtDesktopSize_ResizeProhibited;
    lock(n);
    n->seat.wish(n->seat.m, 0, (uint32_t)width, (uint32_t)height);
    unlock(n);
    return rfbExtDesktopSize_Success; /* when the guest follows, the size changes again */
}

/* ---- pictures ---- */
static void set_cursor(struct vnc *n, const struct display_cursor *c)
{
    enum { SIDE = DISPLAY_CURSOR, ROW = SIDE / 8 };
    rfbCursorPtr cursor = calloc(1, sizeof(*cursor));
    uint8_t *mask = calloc(SIDE, ROW), *source = calloc(SIDE, ROW);
    uint32_t *rich = calloc((size_t)SIDE * SIDE, sizeof(*rich));

    if (!cursor || !mask || !source || !rich) {
        free(cursor);
        free(mask);
        free(source);
        free(rich);
        return;
    }
    for (unsigned i = 0; c && i < SIDE * SIDE; i++) {
        uint32_t p = c->pixels[i];

        if (p >> 24 >= 0x80)
            mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
        rich[i] = (p & 0xff00) | (p >> 16 & 0xff) | (p & 0xff) << 16;
    }
    cursor->cleanup = cursor->cleanupSource = cursor->cleanupMask = cursor->cleanupRichSource = TRUE;
    cursor->source = source;
    cursor->mask = mask;
    cursor->richSource = (unsigned char *)rich;
    cursor->width = cursor->height = SIDE;
    cursor->xhot = (unsigned short)(c ? c->hot_x : 0);
    cursor->yhot = (unsigned short)(c ? c->hot_y : 0);
    n->api.rfbSetCursor(n->screen, cursor);
}

static bool resize(struct vnc *n, uint32_t width, uint32_t height)
{
    uint32_t *fresh = calloc((size_t)width * height, sizeof(*fresh)), *old = n->pixels;

    if (!fresh)
        return false;
    n->api.rfbNewFramebuffer(n->screen, (char *)fresh, (int)width, (int)height, 8, 3, 4);
    n->pixels = fresh;
    n->width = width;
    n->height = height;
    free(old);
    return true;
}

/* The library's order of bytes is red, green, blue. */
static void copy_rows(struct vnc *n, const struct display_surface *s, const struct host_news *w)
{
    for (uint32_t y = w->y0; y < w->y1; y++) {
        uint32_t *to = n->pixels + (size_t)y * n->width + w->x0;

        display_row(s, w->x0, y, w->x1 - w->x0, to);
        for (uint32_t i = 0; i < w->x1 - w->x0; i++)
            to[i] = (to[i] & 0xff00) | (to[i] >> 16 & 0xff) | (to[i] & 0xff) << 16;
    }
}

static void look(struct vnc *n)
{
    static const struct display_surface nothing;
    const struct display_surface *s = &nothing;
    struct display_cursor cursor = {0};
    struct host_news w;
    bool has_cursor;
    uint32_t width, height;

    /* The size may change between the two times that the lock is taken: then later. */
    lock(n);
    if (n->seat.consoles)
        s = n->seat.look(n->seat.m, 0);
    width = s->pixels ? s->width : 640;
    height = s->pixels ? s->height : 480;
    unlock(n);
    if ((width != n->width || height != n->height) && !resize(n, width, height))
        return;
    lock(n);
    if (n->seat.consoles)
        s = n->seat.look(n->seat.m, 0);
    w = n->news;
    if ((s->pixels ? s->width : 640) != n->width || (s->pixels ? s->height : 480) != n->height) {
        unlock(n);
        return;
    }
    n->news = (struct host_news){0};
    if (w.shown) {
        w = (struct host_news){w.shown, w.cursor, true, 0, 0, n->width, n->height};
    } else if (w.any) {
        w.x1 = w.x1 < n->width ? w.x1 : n->width;
        w.y1 = w.y1 < n->height ? w.y1 : n->height;
    }
    if (w.any && s->pixels)
        copy_rows(n, s, &w);
    else if (w.any)
        memset(n->pixels, 0, 4ul * n->width * n->height);
    has_cursor = n->has_cursor;
    if (has_cursor && w.cursor)
        cursor = n->cursor;
    unlock(n);
    if (w.any && w.x0 < w.x1 && w.y0 < w.y1)
        n->api.rfbMarkRectAsModified(n->screen, (int)w.x0, (int)w.y0, (int)w.x1, (int)w.y1);
    if (w.cursor)
        set_cursor(n, has_cursor ? &cursor : NULL);
}

/* ---- the thread ---- */
static void accept_one(struct vnc *n)
{
    int fd = accept4(n->listener, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0)
        return;
    look(n); /* nobody did while nobody was there */
    n->api.rfbNewClient(n->screen, fd); /* which owns it now */
}

static void *serve(void *arg)
{
    struct vnc *n = arg;

    while (!atomic_load(&n->stop)) {
        bool busy = n->screen->clientHead != NULL;
        struct pollfd p[2] = {{n->listener, POLLIN, 0}, {n->wake, POLLIN, 0}};

        if (poll(p, 2, busy ? 0 : -1) > 0 && p[0].revents)
            accept_one(n);
        if (n->screen->clientHead) {
            look(n);
            n->api.rfbProcessEvents(n->screen, TICK);
        }
    }
    return NULL;
}

/* ---- life ---- */
static void vnc_free(struct host_viewer *v)
{
    struct vnc *n = (struct vnc *)v;
    uint64_t one = 1;

    if (n->screen) {
        atomic_store(&n->stop, true);
        (void)!write(n->wake, &one, sizeof(one));
        pthread_join(n->thread, NULL);
        n->api.rfbShutdownServer(n->screen, TRUE);
        n->screen->frameBuffer = NULL;
        n->api.rfbScreenCleanup(n->screen);
    }
    if (n->listener >= 0)
        close(n->listener);
    if (n->wake >= 0)
        close(n->wake);
    if (n->where && strncmp(n->where, "unix:", 5) == 0)
        unlink(n->where + 5);
    pthread_mutex_destroy(&n->password_lock);
    free(n->pixels);
    free(n->where);
    free(n);
}

static int set_password(struct host_viewer *v, const char *password)
{
    struct vnc *n = (struct vnc *)v;

    if (!n->wants_password)
        return -ENOTSUP;
    pthread_mutex_lock(&n->password_lock);
    memset(n->password, 0, sizeof(n->password));
    if (password)
        strncpy(n->password, password, sizeof(n->password) - 1);
    pthread_mutex_unlock(&n->password_lock);
    return 0;
}

static void info(struct host_viewer *v, char *text, size_t len)
{
    struct vnc *n = (struct vnc *)v;

    snprintf(text, len, "vnc: %s, %s, %u clients", n->where,
             n->wants_password ? "password" : "no password", atomic_load(&n->nclients));
}

static const struct host_viewer_ops ops = {vnc_free, set_password, info};

/* Options after the address. */
static bool options_ok(struct vnc *n, char *words, char *err, size_t err_len)
{
    char *save = NULL;

    for (char *w = words ? strtok_r(words, ",", &save) : NULL; w; w = strtok_r(NULL, ",", &save)) {
        if (strcmp(w, "password") == 0 || strcmp(w, "password=on") == 0) {
            n->wants_password = true;
        } else if (strcmp(w, "password=off") != 0 && strcmp(w, "share=force-shared") != 0) {
            snprintf(err, err_len, "no such option, or no such value of it: %s", w);
            return false;
        }
    }
    return true;
}

static bool start(struct vnc *n, char *err, size_t err_len)
{
    int argc = 1;
    char name[] = "moa", *argv[] = {name, NULL};

    n->api.rfbLogEnable(0);
    n->api.rfbRegisterProtocolExtension(&extension);
    n->pixels = calloc(NO_SIZE, sizeof(*n->pixels));
    n->screen = n->pixels ? n->api.rfbGetScreen(&argc, argv, 640, 480, 8, 3, 4) : NULL;
    if (!n->screen) {
        snprintf(err, err_len, "out of memory");
        return false;
    }
    n->width = 640;
    n->height = 480;
    n->screen->screenData = n;
    n->screen->frameBuffer = (char *)n->pixels;
    n->screen->desktopName = n->seat.name ? n->seat.name : "moa";
    n->screen->autoPort = FALSE;
    n->screen->port = n->screen->ipv6port = 0; /* we listen ourselves */
    n->screen->alwaysShared = TRUE;
    n->screen->cursor = NULL;
    n->screen->maxClientWait = 5000;
    n->screen->deferUpdateTime = 0;
    n->screen->kbdAddEvent = on_key;
    n->screen->ptrAddEvent = on_pointer;
    n->screen->newClientHook = new_client;
    n->screen->setDesktopSizeHook = on_size;
    n->screen->passwordCheck = check_password;
    n->screen->authPasswdData = n->wants_password ? n : NULL;
    n->api.rfbInitServer(n->screen);
    if (pthread_create(&n->thread, NULL, serve, n)) {
        snprintf(err, err_len, "no thread for it");
        n->api.rfbScreenCleanup(n->screen);
        n->screen = NULL;
        return false;
    }
    return true;
}

struct host_viewer *host_vnc_new(const char *where, const struct host_seat *seat,
                                 struct display_out *out, char *err, size_t err_len)
{
    struct vnc *n = calloc(1, sizeof(*n));
    char *words;

    if (!n) {
        snprintf(err, err_len, "out of memory");
        return NULL;
    }
    n->v.ops = &ops;
    n->seat = *seat;
    n->listener = n->wake = -1;
    pthread_mutex_init(&n->password_lock, NULL);
    n->where = strdup(where);
    words = n->where ? strchr(n->where, ',') : NULL;
    if (words)
        *words++ = 0;
    if (!n->where || !options_ok(n, words, err, err_len) || !vnc_api_load(&n->api, err, err_len))
        goto bad;
    n->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    n->listener = vnc_listen(n->where, err, err_len);
    if (n->listener < 0)
        goto bad_path;
    if (!start(n, err, err_len))
        goto bad;
    *out = (struct display_out){n, on_show, on_changed, on_cursor, on_cursor_at};
    return &n->v;
bad_path:
    free(n->where); /* a socket there is not ours */
    n->where = NULL;
bad:
    vnc_free(&n->v);
    return NULL;
}
#endif
