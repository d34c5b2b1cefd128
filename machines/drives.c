// SPDX-License-Identifier: MIT
/* machines/drives.c -- -drive: images of the host as disks of the machine. Requests are served by
 * threads of host/block; their ends run in the main loop with the machine's lock held.
 *
 * -drive takes file=, if=virtio|pflash|none, id=, format=, readonly=, snapshot=, cache=, discard=,
 * media=disk, unit= (of a flash bank), index= (ignored). A comma in a file's name is written twice. */
#include "host/block/disk.h"
#include "machines/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <glib-unix.h>

struct machine_drive {
    char *id, *file, *format;
    bool none; /* if=none: a -device names it */
    bool flash; /* if=pflash: a bank of the board */
    bool numbered;
    unsigned unit;
    bool readonly, snapshot, unsafe, direct, writethrough, discard;
    bool looking; /* -incoming: another process has the image still */
    bool used;
    struct disk *disk;
};

struct machine_drives {
    struct machine *m;
    struct machine_drive drives[MACHINE_DRIVES];
    unsigned n;
    int fd;
    guint source;
};

static int fail(char *err, size_t len, const char *what, const char *why)
{
    snprintf(err, len, "-drive %s: %s", what, why);
    return -1;
}

/* ---- ends of requests ---- */

static void notify(void *arg)
{
    struct machine_drives *s = arg;
    uint64_t one = 1;

    (void)!write(s->fd, &one, sizeof(one));
}

static gboolean on_done(gint fd, GIOCondition cond, gpointer data)
{
    struct machine_drives *s = data;
    uint64_t count;

    (void)cond;
    (void)!read(fd, &count, sizeof(count));
    sm_lock(s->m->sm);
    for (unsigned i = 0; i < s->n; i++)
        if (s->drives[i].disk)
            disk_poll(s->drives[i].disk);
    sm_unlock(s->m->sm);
    return G_SOURCE_CONTINUE;
}

/* ---- options ---- */

/* The next "name=value" of *text, with ",," for a comma; false at the end. */
static bool next_word(const char **text, char *word, size_t len)
{
    size_t n = 0;
    const char *p = *text;

    if (!*p)
        return false;
    for (; *p; p++) {
        if (*p == ',' && p[1] != ',')
            break;
        p += *p == ',';
        if (n + 1 < len)
            word[n++] = *p;
    }
    word[n] = 0;
    *text = *p ? p + 1 : p;
    return true;
}

static bool is_on(const char *v)
{
    return strcmp(v, "on") == 0 || strcmp(v, "yes") == 0 || strcmp(v, "true") == 0;
}

static int set_cache(struct machine_drive *d, const char *v)
{
    d->unsafe = strcmp(v, "unsafe") == 0;
    d->direct = strcmp(v, "none") == 0 || strcmp(v, "directsync") == 0;
    d->writethrough = strcmp(v, "writethrough") == 0 || strcmp(v, "directsync") == 0;
    return d->unsafe || d->direct || d->writethrough || strcmp(v, "writeback") == 0 ? 0 : -1;
}

static int set_option(struct machine_drive *d, char *word, char *err, size_t err_len)
{
    char *v = strchr(word, '=');

    if (!v)
        return fail(err, err_len, word, "wants NAME=VALUE");
    *v++ = 0;
    if (strcmp(word, "file") == 0)
        d->file = strdup(v);
    else if (strcmp(word, "id") == 0)
        d->id = strdup(v);
    else if (strcmp(word, "format") == 0)
        d->format = strdup(v);
    else if (strcmp(word, "readonly") == 0)
        d->readonly = is_on(v);
    else if (strcmp(word, "snapshot") == 0)
        d->snapshot = is_on(v);
    else if (strcmp(word, "discard") == 0)
        d->discard = strcmp(v, "unmap") == 0 || is_on(v);
    else if (strcmp(word, "if") == 0 &&
             (!strcmp(v, "none") || !strcmp(v, "virtio") || !strcmp(v, "pflash"))) {
        d->flash = strcmp(v, "pflash") == 0;
        d->none = d->flash || strcmp(v, "none") == 0;
    } else if ((strcmp(word, "unit") == 0 || strcmp(word, "index") == 0) && *v >= '0' && *v <= '9' &&
               !v[1]) {
        d->unit = (unsigned)(*v - '0');
        d->numbered = true;
    }
    else if (strcmp(word, "cache") == 0)
        return set_cache(d, v) ? fail(err, err_len, v, "no such cache mode") : 0;
    else if (!(strcmp(word, "media") == 0 && strcmp(v, "disk") == 0)) {
        v[-1] = '=';
        return fail(err, err_len, word, "is not supported");
    }
    return 0;
}

/* look: another process has it, and nothing is changed. */
static int open_image(const struct machine_drive *d, bool look, struct image **im, struct block_err *e)
{
    uint32_t flags = (d->unsafe ? IMAGE_UNSAFE : 0) | (d->direct ? IMAGE_DIRECT : 0) |
                     (d->discard ? IMAGE_DISCARD : 0);
    int r;

    if (look)
        flags |= IMAGE_NO_LOCK | IMAGE_QUIET;
    else if (!d->readonly && !d->snapshot)
        flags |= IMAGE_WRITE;
    r = image_open(d->file, d->format, flags, im, e);
    if (!r && d->snapshot)
        r = image_open_overlay(*im, im, e);
    return r;
}

static int open_drive(struct machine_drives *s, struct machine_drive *d, char *err, size_t err_len)
{
    struct disk_options o = {.discard = d->discard, .write_through = d->writethrough,
                             .notify = notify, .arg = s};
    bool incoming = machine_state(s->m) == MACHINE_STATE_INMIGRATE;
    struct block_err e = {.text = ""};
    struct image *im;
    int r = open_image(d, incoming, &im, &e);

    if (!r)
        r = disk_open(im, &o, &d->disk, &e);
    if (!r && incoming) { /* size and what firmware finds there; the rest when it is ours */
        disk_port(d->disk)->read_only = d->readonly;
        d->looking = true;
    }
    return r ? fail(err, err_len, d->file, e.text[0] ? e.text : strerror(-r)) : 0;
}

bool machine_disk_at(struct machine *m, unsigned i, struct machine_disk *d)
{
    struct machine_drives *s = m->drives;

    if (!s || i >= s->n || !s->drives[i].disk)
        return false;
    *d = (struct machine_disk){s->drives[i].id, disk_image(s->drives[i].disk), s->drives[i].readonly};
    return true;
}

int machine_drives_acquire(struct machine *m, char *err, size_t err_len)
{
    struct machine_drives *s = m->drives;
    struct block_err e = {.text = ""};
    unsigned taken[MACHINE_DRIVES], n = 0;
    int r = 0;

    for (unsigned i = 0; s && i < s->n && !r; i++) {
        struct image *im;

        if (disk_image(s->drives[i].disk) && !s->drives[i].looking)
            continue;
        if (s->drives[i].looking)
            disk_release(s->drives[i].disk);
        s->drives[i].looking = false;
        r = open_image(&s->drives[i], false, &im, &e);
        if (!r)
            r = disk_acquire(s->drives[i].disk, im);
        if (!r)
            taken[n++] = i;
        else
            fail(err, err_len, s->drives[i].id, e.text[0] ? e.text : strerror(-r));
    }
    while (r && n)
        disk_release(s->drives[taken[--n]].disk);
    return r;
}

int machine_drives_release(struct machine *m, char *err, size_t err_len)
{
    struct machine_drives *s = m->drives;
    int r = 0;

    for (unsigned i = 0; s && i < s->n && !r; i++) {
        if (s->drives[i].snapshot)
            continue;
        r = disk_release(s->drives[i].disk);
        if (r)
            fail(err, err_len, s->drives[i].id, strerror(-r));
    }
    if (r) {
        char why[300];

        machine_drives_acquire(m, why, sizeof(why));
    }
    return r;
}

void machine_drives_describe(struct machine *m, void (*line)(void *to, const char *text), void *to)
{
    struct machine_drives *s = m->drives;
    char text[300];

    for (unsigned i = 0; s && i < s->n; i++) {
        const struct block_port *p = disk_port(s->drives[i].disk);

        if (!s->drives[i].used)
            continue;
        snprintf(text, sizeof(text), "drive %.200s %llu bytes%s", s->drives[i].id,
                 (unsigned long long)p->size, p->read_only ? ", read-only" : "");
        line(to, text);
    }
}

/* Banks without a number are taken in order. */
static int number_flash(struct machine_drives *s, struct machine_drive *d, char *err, size_t err_len)
{
    bool taken[MACHINE_FLASHES] = {false};

    for (unsigned i = 0; i + 1 < s->n; i++)
        if (s->drives[i].flash)
            taken[s->drives[i].unit] = true;
    while (!d->numbered && d->unit < MACHINE_FLASHES && taken[d->unit])
        d->unit++;
    if (d->unit >= MACHINE_FLASHES)
        return fail(err, err_len, d->file, "if=pflash has unit=0 and unit=1");
    return taken[d->unit] ? fail(err, err_len, d->file, "this unit of if=pflash is taken") : 0;
}

int machine_drives_open(struct machine *m, char *err, size_t err_len)
{
    struct machine_drives *s = m->opt->ndrive ? calloc(1, sizeof(*s)) : NULL;
    char word[4200];

    m->drives = s;
    if (!s)
        return 0;
    s->m = m;
    s->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    s->source = g_unix_fd_add(s->fd, G_IO_IN, on_done, s);
    for (unsigned i = 0; i < m->opt->ndrive; i++) {
        struct machine_drive *d = &s->drives[s->n++];
        const char *at = m->opt->drive[i];
        char name[32];

        d->snapshot = m->opt->snapshot;
        while (next_word(&at, word, sizeof(word)))
            if (set_option(d, word, err, err_len))
                return -1;
        if (!d->file)
            return fail(err, err_len, m->opt->drive[i], "wants file=NAME");
        snprintf(name, sizeof(name), "drive%u", i);
        if (!d->id)
            d->id = strdup(name);
        for (unsigned k = 0; k + 1 < s->n; k++)
            if (strcmp(s->drives[k].id, d->id) == 0)
                return fail(err, err_len, d->id, "this id is taken");
        if (d->flash && number_flash(s, d, err, err_len))
            return -1;
        if (open_drive(s, d, err, err_len))
            return -1;
    }
    return 0;
}

int machine_drive_flash(struct machine *m, unsigned unit, const struct block_port **port,
                        const char **file, char *err, size_t err_len)
{
    struct machine_drives *s = m->drives;

    for (unsigned i = 0; s && i < s->n; i++) {
        struct machine_drive *d = &s->drives[i];

        if (!d->flash || d->unit != unit)
            continue;
        *file = d->file;
        *port = machine_drive(m, d->id, err, err_len);
        return *port ? 0 : -1;
    }
    return 0;
}

const struct block_port *machine_drive(struct machine *m, const char *id, char *err, size_t err_len)
{
    struct machine_drives *s = m->drives;

    for (unsigned i = 0; s && i < s->n; i++) {
        if (strcmp(s->drives[i].id, id) != 0)
            continue;
        if (s->drives[i].used)
            break;
        s->drives[i].used = true;
        return disk_port(s->drives[i].disk);
    }
    snprintf(err, err_len, "drive=%s: there is no such -drive, or another device has it", id);
    return NULL;
}

const char *machine_drive_next(struct machine *m)
{
    struct machine_drives *s = m->drives;

    for (unsigned i = 0; s && i < s->n; i++)
        if (!s->drives[i].none && !s->drives[i].used)
            return s->drives[i].id;
    return NULL;
}

void machine_drives_free(struct machine *m)
{
    struct machine_drives *s = m->drives;

    if (!s)
        return;
    for (unsigned i = 0; i < s->n; i++) {
        struct machine_drive *d = &s->drives[i];
        int r = d->disk ? disk_close(d->disk) : 0;

        if (r) {
            fprintf(stderr, "moa: -drive %s: %s\n", d->file, strerror(-r));
            m->status = 1;
        }
        free(d->id);
        free(d->file);
        free(d->format);
    }
    g_source_remove(s->source);
    close(s->fd);
    free(s);
    m->drives = NULL;
}
