// SPDX-License-Identifier: MIT
/* machines/savevm.c -- snapshots of a machine in the qcow2 images of its drives: savevm, loadvm, delvm,
 * info snapshots. The state goes where qcow2 keeps a machine's memory, behind the disk of the first
 * writable image; all writable images get a snapshot of the same name.
 *
 * Order: savevm makes the new snapshot before it deletes an old one of that name. loadvm reads and
 * checks the state through the snapshot before any disk is changed, so what is refused harms
 * nothing. */
#include "machines/snapshot.h"
#include "machines/state.h"

#include "host/block/disk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHUNK (1u << 20)

struct disks {
    struct machine_disk d[MACHINE_DRIVES];
    unsigned n;
};

static int fail(char *err, size_t len, int e, const char *fmt, ...) MOA_PRINTF(4, 5);
static int fail(char *err, size_t len, int e, const char *fmt, ...)
{
    char text[400];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    snprintf(err, len, "%s", text);
    return e;
}

/* ---- images ---- */

static bool keeps_snapshots(const struct image *im)
{
    return im->format->snap_create && im->format->vm_state && im->format->snap_peek;
}

/* The writable images; all of them must be able to. */
static int writable_disks(struct machine *m, struct disks *s, char *err, size_t err_len)
{
    struct machine_disk d;

    s->n = 0;
    for (unsigned i = 0; machine_disk_at(m, i, &d); i++) {
        if (d.read_only)
            continue;
        if (!d.image)
            return fail(err, err_len, -EBUSY, "the disk of %s has been released", d.id);
        if (!keeps_snapshots(d.image))
            return fail(err, err_len, -ENOTSUP, "the image of %s is writable but keeps no snapshots (%s)",
                        d.id, d.image->format->name);
        s->d[s->n++] = d;
    }
    return s->n ? 0 : fail(err, err_len, -ENOTSUP, "no drive has a writable qcow2 image");
}

static const struct image_snapshot *find(const struct image *im, const char *name, const char *not_id)
{
    const struct image_snapshot *list;
    unsigned n;

    if (im->format->snap_list((struct image *)im, &list, &n) < 0)
        return NULL;
    for (unsigned by_id = 0; by_id < 2; by_id++)
        for (unsigned i = 0; i < n; i++)
            if (strcmp(by_id ? list[i].id : list[i].name, name) == 0 &&
                !(not_id && strcmp(list[i].id, not_id) == 0))
                return &list[i];
    return NULL;
}

/* ---- the state inside an image ---- */

struct vm_state {
    struct image *im;
    uint8_t *buf;
    size_t n, at;        /* bytes in buf; reading: how many were taken */
    uint64_t offset, end; /* of the next chunk; reading: where it ends */
};

static int vm_io(struct vm_state *s, size_t n, bool write)
{
    struct iovec iov = {s->buf, n};
    int r = s->im->format->vm_state(s->im, vec_of(&iov, 1), s->offset, write);

    s->offset += n;
    return r;
}

static int vm_put(void *opaque, const void *p, size_t n)
{
    struct vm_state *s = opaque;

    while (n) {
        size_t part = CHUNK - s->n < n ? CHUNK - s->n : n;
        int r;

        memcpy(s->buf + s->n, p, part);
        s->n += part;
        p = (const uint8_t *)p + part;
        n -= part;
        if (s->n == CHUNK) {
            r = vm_io(s, CHUNK, true);
            if (r < 0)
                return r;
            s->n = 0;
        }
    }
    return 0;
}

/* The last piece, in whole sectors. */
static int vm_finish(struct vm_state *s)
{
    size_t n = align_up(s->n, 512);

    memset(s->buf + s->n, 0, n - s->n);
    s->n = 0;
    return n ? vm_io(s, n, true) : 0;
}

static int vm_get(void *opaque, void *p, size_t n)
{
    struct vm_state *s = opaque;

    while (n) {
        size_t part;
        int r;

        if (s->at == s->n) {
            if (s->offset >= s->end)
                return -ENODATA;
            s->n = s->end - s->offset < CHUNK ? (size_t)(s->end - s->offset) : CHUNK;
            s->at = 0;
            r = vm_io(s, s->n, false);
            if (r < 0)
                return r;
        }
        part = s->n - s->at < n ? s->n - s->at : n;
        memcpy(p, s->buf + s->at, part);
        s->at += part;
        p = (uint8_t *)p + part;
        n -= part;
    }
    return 0;
}

/* ---- savevm ---- */

static int write_state(struct machine *m, struct image *im, bool running, uint64_t *size, char *err,
                       size_t err_len)
{
    struct vm_state s = {.im = im, .buf = malloc(CHUNK)};
    struct state_out o = {.put = vm_put, .opaque = &s};
    struct state_blocks blocks;
    char why[300] = "";
    int r;

    if (!s.buf)
        return fail(err, err_len, -ENOMEM, "out of memory");
    state_header(&o);
    state_config(m, &o);
    r = state_blocks(&blocks);
    for (unsigned i = 0; i < blocks.n; i++)
        state_ram(&o, &blocks, i, 0, blocks.block[i].pages, NULL);
    state_rest(m, &o, running, why, sizeof(why));
    if (!r)
        r = o.error;
    if (!r)
        r = vm_finish(&s);
    if (!r)
        r = image_flush(im);
    free(s.buf);
    *size = s.offset;
    if (r < 0)
        fail(err, err_len, r, "the machine's state cannot be written: %s", why[0] ? why : strerror(-r));
    return r;
}

/* The id of the snapshot that an image got last. */
static void last_id(struct image *im, char id[32])
{
    const struct image_snapshot *list;
    unsigned n;

    id[0] = 0;
    if (im->format->snap_list(im, &list, &n) == 0 && n)
        snprintf(id, 32, "%s", list[n - 1].id);
}

static int snapshot_disks(struct disks *s, const struct image_snapshot *what, char *err, size_t err_len)
{
    char id[MACHINE_DRIVES][32];
    unsigned i;
    int r = 0;

    for (i = 0; i < s->n && !r; i++) {
        struct image_snapshot snap = *what;
        struct block_err e = {.text = ""};

        snap.vm_state_size = i == 0 ? what->vm_state_size : 0;
        r = s->d[i].image->format->snap_create(s->d[i].image, &snap, &e);
        if (r < 0)
            fail(err, err_len, r, "%s: %s", s->d[i].id, e.text[0] ? e.text : strerror(-r));
        else
            last_id(s->d[i].image, id[i]);
    }
    if (!r) { /* what it replaces */
        for (i = 0; i < s->n; i++) {
            const struct image_snapshot *old = find(s->d[i].image, what->name, id[i]);
            struct block_err e = {.text = ""};
            char old_id[32];

            if (!old || strcmp(old->name, what->name) != 0)
                continue;
            snprintf(old_id, sizeof(old_id), "%s", old->id);
            s->d[i].image->format->snap_delete(s->d[i].image, old_id, &e);
        }
        return 0;
    }
    for (i--; i--;) {
        struct block_err e = {.text = ""};

        s->d[i].image->format->snap_delete(s->d[i].image, id[i], &e);
    }
    return r;
}

static int save(struct machine *m, const char *name, bool running, char *err, size_t err_len)
{
    const struct clock_port *clock = sm_clock(m->sm);
    struct image_snapshot snap = {.icount = UINT64_MAX};
    struct disks disks;
    struct timespec t;
    char made[64];
    struct tm tm;
    int r;

    clock_gettime(CLOCK_REALTIME, &t);
    if (!name || !*name) {
        localtime_r(&t.tv_sec, &tm);
        strftime(made, sizeof(made), "vm-%Y%m%d%H%M%S", &tm);
        name = made;
    }
    if (strlen(name) > 255)
        return fail(err, err_len, -ENAMETOOLONG, "a name of more than 255 characters");
    r = state_prepare(m, err, err_len);
    if (!r)
        r = writable_disks(m, &disks, err, err_len);
    if (r)
        return r;
    snap.name = (char *)(uintptr_t)name;
    snap.date_sec = (uint32_t)t.tv_sec;
    snap.date_nsec = (uint32_t)t.tv_nsec;
    snap.vm_clock_nsec = (uint64_t)clock->now(clock->opaque, CLOCK_VIRTUAL);
    r = write_state(m, disks.d[0].image, running, &snap.vm_state_size, err, err_len);
    return r ? r : snapshot_disks(&disks, &snap, err, err_len);
}

/* The machine stands, what guests have asked for is done, the lock is held. */
static int begin(struct machine *m, char *err, size_t err_len)
{
    enum machine_state s = machine_state(m);

    if (s == MACHINE_STATE_INMIGRATE || s == MACHINE_STATE_FINISH_MIGRATE || s == MACHINE_STATE_POSTMIGRATE)
        return fail(err, err_len, -EBUSY, "not while the machine is being sent or received");
    machine_hold(m);
    if (!machine_requests_now(m)) {
        machine_release(m);
        return fail(err, err_len, -ESHUTDOWN, "the machine ends");
    }
    sm_lock(m->sm);
    return 0;
}

static void end(struct machine *m)
{
    sm_unlock(m->sm);
    machine_release(m);
}

int machine_savevm(struct machine *m, const char *name, char *err, size_t err_len)
{
    int r = begin(m, err, err_len);

    if (r)
        return r;
    r = save(m, name, machine_wanted(m), err, err_len);
    end(m);
    return r;
}

/* ---- loadvm ---- */

/* The state behind the disk of a snapshot: checked; then, when apply is set, it becomes the machine's. */
static int read_state(struct machine *m, struct image *im, const struct image_snapshot *snap,
                      struct state_load *l, bool apply, char *err, size_t err_len)
{
    struct vm_state s = {.im = im, .buf = malloc(CHUNK), .end = snap->vm_state_size};
    struct state_in in = {vm_get, &s};
    struct block_err e = {.text = ""};
    char id[32];
    int r;

    (void)m;
    snprintf(id, sizeof(id), "%s", snap->id);
    r = s.buf ? im->format->snap_peek(im, id, &e) : -ENOMEM;
    if (r < 0) {
        fail(err, err_len, r, "%s", e.text[0] ? e.text : strerror(-r));
    } else {
        r = state_read(l, &in, apply, err, err_len);
        im->format->snap_peek(im, NULL, &e);
    }
    free(s.buf);
    return r;
}

static int check_disks(const struct disks *s, const char *name, char *err, size_t err_len)
{
    for (unsigned i = 0; i < s->n; i++) {
        const struct image_snapshot *snap = find(s->d[i].image, name, NULL);

        if (!snap)
            return fail(err, err_len, -ENOENT, "the image of %s has no snapshot '%s'", s->d[i].id, name);
        if (i == 0 && !snap->vm_state_size)
            return fail(err, err_len, -ENOENT, "snapshot '%s' is of the disk only, without a machine's state",
                        name);
        if (snap->disk_size != s->d[i].image->size)
            return fail(err, err_len, -EINVAL, "the disk of %s had another size in snapshot '%s'",
                        s->d[i].id, name);
    }
    return 0;
}

static int apply_disks(struct disks *s, const char *name, char *err, size_t err_len)
{
    for (unsigned i = 0; i < s->n; i++) {
        const struct image_snapshot *snap = find(s->d[i].image, name, NULL);
        struct block_err e = {.text = ""};
        char id[32];
        int r;

        snprintf(id, sizeof(id), "%s", snap->id);
        r = s->d[i].image->format->snap_apply(s->d[i].image, id, &e);
        if (r < 0)
            return fail(err, err_len, r, "the image of %s: %s", s->d[i].id,
                        e.text[0] ? e.text : strerror(-r));
    }
    return 0;
}

/* *changed: the machine is not what it was. */
static int load(struct machine *m, const char *name, bool *changed, char *err, size_t err_len)
{
    struct state_load *l = state_load_new(m);
    const struct image_snapshot *snap;
    struct disks disks;
    char why[300] = "";
    int r = l ? state_prepare(m, why, sizeof(why)) : -ENOMEM;

    *changed = false;
    if (r)
        snprintf(err, err_len, "%s", why[0] ? why : strerror(-r));
    if (!r)
        r = writable_disks(m, &disks, err, err_len);
    if (!r)
        r = check_disks(&disks, name, err, err_len);
    if (!r) {
        snap = find(disks.d[0].image, name, NULL);
        r = read_state(m, disks.d[0].image, snap, l, false, why, sizeof(why));
        if (!r)
            r = state_devices(l, why, sizeof(why));
        if (r)
            fail(err, err_len, r, "snapshot '%s': %s", name, why);
    }
    if (!r) {
        *changed = true;
        r = apply_disks(&disks, name, err, err_len);
    }
    if (!r) {
        snap = find(disks.d[0].image, name, NULL);
        r = read_state(m, disks.d[0].image, snap, l, true, why, sizeof(why));
        if (!r)
            r = state_apply(l, why, sizeof(why));
        if (r)
            fail(err, err_len, r, "snapshot '%s': %s", name, why);
    }
    state_load_free(l);
    return r;
}

int machine_loadvm(struct machine *m, const char *name, char *err, size_t err_len)
{
    bool changed;
    int r = begin(m, err, err_len);

    if (r)
        return r;
    r = load(m, name, &changed, err, err_len);
    sm_unlock(m->sm);
    if (r && changed) /* it is neither what it was nor what was saved */
        machine_stop(m, MACHINE_STATE_INTERNAL_ERROR);
    machine_release(m);
    return r;
}

/* ---- delvm, info snapshots ---- */

int machine_delvm(struct machine *m, const char *name, char *err, size_t err_len)
{
    struct machine_disk d;
    bool found = false;
    int r = begin(m, err, err_len);

    if (r)
        return r;
    r = state_prepare(m, err, err_len);
    for (unsigned i = 0; !r && machine_disk_at(m, i, &d); i++) {
        const struct image_snapshot *snap;
        struct block_err e = {.text = ""};
        char id[32];

        if (d.read_only || !d.image || !keeps_snapshots(d.image) ||
            !(snap = find(d.image, name, NULL)))
            continue;
        found = true;
        snprintf(id, sizeof(id), "%s", snap->id);
        r = d.image->format->snap_delete(d.image, id, &e);
        if (r < 0)
            fail(err, err_len, r, "the image of %s: %s", d.id, e.text[0] ? e.text : strerror(-r));
    }
    if (!r && !found)
        r = fail(err, err_len, -ENOENT, "no image has a snapshot '%s'", name);
    end(m);
    return r;
}

static bool everywhere(struct machine *m, const char *name)
{
    struct machine_disk d;

    for (unsigned i = 0; machine_disk_at(m, i, &d); i++)
        if (!d.read_only && (!d.image || !keeps_snapshots(d.image) || !find(d.image, name, NULL)))
            return false;
    return true;
}

int machine_snapshot_list(struct machine *m,
                          void (*each)(void *to, const struct machine_snapshot *s), void *to,
                          char *err, size_t err_len)
{
    struct machine_disk d;
    int r = begin(m, err, err_len);

    if (r)
        return r;
    for (unsigned i = 0; machine_disk_at(m, i, &d) && !r; i++) {
        const struct image_snapshot *list;
        struct image_snapshot *copy;
        unsigned n;

        if (!d.image || !d.image->format->snap_list)
            continue;
        r = d.image->format->snap_list(d.image, &list, &n);
        copy = r ? NULL : malloc((n + 1) * sizeof(*copy)); /* everywhere() asks for lists too */
        if (!r && !copy)
            r = -ENOMEM;
        if (r) {
            fail(err, err_len, r, "the image of %s: %s", d.id, strerror(-r));
            break;
        }
        memcpy(copy, list, n * sizeof(*copy));
        for (unsigned k = 0; k < n; k++) {
            struct machine_snapshot s = {
                d.id, copy[k].id, copy[k].name, copy[k].vm_state_size, copy[k].disk_size,
                copy[k].date_sec, copy[k].date_nsec, copy[k].vm_clock_nsec, copy[k].icount,
                copy[k].vm_state_size && everywhere(m, copy[k].name)};

            each(to, &s);
        }
        free(copy);
    }
    end(m);
    return r;
}
