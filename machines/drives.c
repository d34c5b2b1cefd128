// SPDX-License-Identifier: MIT
/* machines/drives.c -- -drive and -blockdev: images of the host as disks of the machine. Requests
 * are served by threads of host/block; their ends run in the main loop with the machine's lock
 * held.
 *
 * -drive takes if=virtio|pflash|none, id=, unit= (of a flash bank), media=disk|cdrom, snapshot=,
 * cache=, aio=, serial=, werror=, rerror=, limits (bps= and the like, throttling.*), discard=,
 * detect-zeroes=, and what a node of -blockdev takes (blockdev.h), file= being its file. A comma in
 * a value is written twice. */
#include "host/block/disk.h"
#include "machines/blockdev.h"
#include "machines/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <glib-unix.h>

enum policy { POLICY_REPORT, POLICY_IGNORE, POLICY_ENOSPC, POLICY_STOP };

struct machine_drive {
    struct machine_drives *set;
    char *id, *serial;
    const char *option; /* -drive or -blockdev */
    struct dict own;    /* of -drive */
    struct dict *words; /* what blockdev_open() is to see */
    struct blockdev_defaults where;
    struct disk_options how;
    enum policy werror, rerror;
    bool none;  /* if=none: a -device names it */
    bool flash; /* if=pflash: a bank of the board */
    bool numbered;
    unsigned unit;
    bool snapshot, used, told, nospace;
    bool looking; /* -incoming: another process has the image still */
    struct disk *disk;
};

struct machine_drives {
    struct machine *m;
    struct blockdev nodes;
    struct machine_drive drives[MACHINE_DRIVES + BLOCKDEV_NODES];
    unsigned n;
    int fd;
    guint source;
};

static int fail(char *err, size_t len, const struct machine_drive *d, const char *what,
                const char *why)
{
    snprintf(err, len, "%s %s: %s", d->option, what, why);
    return -1;
}

static int bad(char *err, size_t len, const struct machine_drive *d, const char *name,
               const char *v, const char *wants)
{
    snprintf(err, len, "%s %s%s%s=%s: wants %s", d->option, d->id ? d->id : "", d->id ? ": " : "",
             name, v, wants);
    return -1;
}

/* ---- ends of requests ---- */

static void notify(void *arg)
{
    struct machine_drive *d = arg;
    uint64_t one = 1;

    (void)!write(d->set->fd, &one, sizeof(one));
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

/* What the host could not do: told to the guest, passed over, or kept while the machine is stopped.
 */
static bool failed(void *arg, struct block_req *req)
{
    static const char *const names[] = {"read", "write", "flush", "discard", "write of zeroes"};
    struct machine_drive *d = arg;
    enum policy p = req->op == BLOCK_READ ? d->rerror : d->werror;
    bool stop = p == POLICY_STOP || (p == POLICY_ENOSPC && req->result == -ENOSPC);

    if (req->result == -EINVAL || req->result == -ENOTSUP || req->result == -EROFS)
        return false; /* the guest asked for something that there is not */
    if (!d->told)
        fprintf(stderr, "moa: %s %s: %s at %llu: %s%s\n", d->option, d->id,
                (unsigned)req->op < ARRAY_LEN(names) ? names[req->op] : "request",
                (unsigned long long)req->offset, strerror(-req->result),
                stop ? "; the machine is stopped, cont tries again" : "");
    d->told = true;
    d->nospace = req->result == -ENOSPC;
    if (p == POLICY_IGNORE)
        req->result = 0;
    if (stop)
        machine_request(d->set->m, MACHINE_IO_STOP);
    return stop;
}

void machine_drives_retry(struct machine *m)
{
    struct machine_drives *s = m->drives;

    for (unsigned i = 0; s && i < s->n; i++) {
        s->drives[i].told = s->drives[i].nospace = false;
        if (s->drives[i].disk)
            disk_retry(s->drives[i].disk);
    }
}

/* ---- options ---- */

static int set_cache(struct machine_drive *d, const char *v)
{
    d->where.unsafe = strcmp(v, "unsafe") == 0;
    d->where.direct = strcmp(v, "none") == 0 || strcmp(v, "directsync") == 0;
    d->how.write_through = strcmp(v, "writethrough") == 0 || strcmp(v, "directsync") == 0;
    return d->where.unsafe || d->where.direct || d->how.write_through || strcmp(v, "writeback") == 0
               ? 0
               : -1;
}

static int set_policy(enum policy *p, const char *v, bool write)
{
    static const char *const names[] = {"report", "ignore", "enospc", "stop"};

    if (strcmp(v, "auto") == 0)
        v = write ? "enospc" : "report";
    for (unsigned i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(v, names[i]) == 0 && (write || i != POLICY_ENOSPC)) {
            *p = (enum policy)i;
            return 0;
        }
    return -1;
}

/* "bps" or "throttling.bps-total", and so on. */
static int set_limits(struct machine_drive *d, struct dict *w, char *err, size_t err_len)
{
    struct throttle_limits *l = &d->how.limits;
    const struct {
        const char *name, *old;
        uint64_t *to;
    } all[] = {
        {"bps-total", "bps", &l->bps},           {"bps-read", "bps_rd", &l->bps_read},
        {"bps-write", "bps_wr", &l->bps_write},  {"iops-total", "iops", &l->iops},
        {"iops-read", "iops_rd", &l->iops_read}, {"iops-write", "iops_wr", &l->iops_write},
    };

    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        const char *v = dict_get(w, "throttling.%s", all[i].name);

        if (!v)
            v = dict_get(w, "%s", all[i].old);
        if (v && (!dict_size(v, all[i].to) || *all[i].to > 1ull << 50))
            return bad(err, err_len, d, all[i].old, v, "a number for a second");
    }
    return 0;
}

/* What both options have. */
static int set_common(struct machine_drive *d, struct dict *w, char *err, size_t err_len)
{
    const char *v = dict_get(w, "detect-zeroes");

    if (v) {
        d->how.unmap_zeroes = strcmp(v, "unmap") == 0;
        d->how.detect_zeroes = d->how.unmap_zeroes || dict_bool(v) == 1;
        if (!d->how.detect_zeroes && dict_bool(v) != 0)
            return bad(err, err_len, d, "detect-zeroes", v, "off, on or unmap");
    }
    v = dict_get(w, "aio");
    if (!v)
        v = dict_get(w, "file.aio");
    d->how.io_uring = v && strcmp(v, "io_uring") == 0;
    d->how.eventfd = d->set->fd;
    v = dict_get(w, "discard");
    if (v && blockdev_discard(v) < 0)
        return bad(err, err_len, d, "discard", v, "ignore or unmap");
    d->where.discard = v && blockdev_discard(v);
    if (d->how.unmap_zeroes && !d->where.discard)
        return bad(err, err_len, d, "detect-zeroes", "unmap", "discard=unmap too");
    d->how.discard = d->where.discard;
    v = dict_get(w, "read-only");
    if (v && dict_bool(v) < 0)
        return bad(err, err_len, d, "read-only", v, "on or off");
    if (v)
        d->where.read_only = dict_bool(v);
    return 0;
}

static int get_bool(struct machine_drive *d, const char *name, bool *out, char *err, size_t err_len)
{
    const char *v = dict_get(&d->own, "%s", name);

    if (v && dict_bool(v) < 0)
        return bad(err, err_len, d, name, v, "on or off");
    if (v)
        *out = dict_bool(v);
    return 0;
}

/* The words that are a drive's own; what is left describes its node. */
static int set_drive(struct machine_drive *d, char *err, size_t err_len)
{
    bool copy = false, writeback = true;
    const char *v;

    if ((v = dict_get(&d->own, "if"))) {
        d->flash = strcmp(v, "pflash") == 0;
        d->none = d->flash || strcmp(v, "none") == 0;
        if (!d->none && strcmp(v, "virtio") != 0)
            return bad(err, err_len, d, "if", v, "virtio, pflash or none");
    }
    if ((v = dict_get(&d->own, "media"))) {
        d->where.read_only = strcmp(v, "cdrom") == 0;
        if (!d->where.read_only && strcmp(v, "disk") != 0)
            return bad(err, err_len, d, "media", v, "disk or cdrom");
    }
    v = dict_get(&d->own, "unit");
    if (!v)
        v = dict_get(&d->own, "index");
    if (v && *v >= '0' && *v <= '9' && !v[1]) {
        d->unit = (unsigned)(*v - '0');
        d->numbered = true;
    }
    dict_get(&d->own, "bus");
    if ((v = dict_get(&d->own, "cache")) && set_cache(d, v))
        return bad(err, err_len, d, "cache", v,
                   "writeback, writethrough, none, directsync or unsafe");
    if ((v = dict_get(&d->own, "werror")) && set_policy(&d->werror, v, true))
        return bad(err, err_len, d, "werror", v, "report, ignore, enospc or stop");
    if ((v = dict_get(&d->own, "rerror")) && set_policy(&d->rerror, v, false))
        return bad(err, err_len, d, "rerror", v, "report, ignore or stop");
    if ((v = dict_get(&d->own, "serial")))
        d->serial = strdup(v);
    if (get_bool(d, "readonly", &d->where.read_only, err, err_len) ||
        get_bool(d, "snapshot", &d->snapshot, err, err_len) ||
        get_bool(d, "copy-on-read", &copy, err, err_len) ||
        get_bool(d, "cache.writeback", &writeback, err, err_len) ||
        set_limits(d, &d->own, err, err_len) || set_common(d, &d->own, err, err_len))
        return -1;
    if (copy)
        return fail(err, err_len, d, "copy-on-read=on", "is not supported");
    d->how.write_through |= !writeback;
    if (dict_rename(&d->own, "format", "driver") || dict_rename(&d->own, "aio", "file.aio") ||
        dict_rename(&d->own, "file", "file.filename"))
        return fail(err, err_len, d, d->id, "out of memory");
    return dict_below(&d->own, "file.") ? 0 : fail(err, err_len, d, d->id, "wants file=NAME");
}

static int open_image(struct machine_drive *d, bool look, struct image **im, struct block_err *e)
{
    struct blockdev_defaults where = d->where;
    int r;

    where.read_only |= d->snapshot;
    where.look = look;
    r = blockdev_open(&d->set->nodes, d->words, &where, im, e);
    if (!r && d->snapshot)
        r = image_open_overlay(*im, im, e);
    return r;
}

static int open_drive(struct machine_drive *d, char *err, size_t err_len)
{
    bool incoming = machine_state(d->set->m) == MACHINE_STATE_INMIGRATE;
    struct block_err e = {.text = ""};
    struct image *im;
    int r;

    for (unsigned k = 0; k + 1 < d->set->n; k++)
        if (strcmp(d->set->drives[k].id, d->id) == 0)
            return fail(err, err_len, d, d->id, "this id is taken");
    r = open_image(d, incoming, &im, &e);
    if (!r)
        r = disk_open(im, &d->how, &d->disk, &e);
    if (!r && incoming) { /* size and what firmware finds there; the rest when it is ours */
        disk_port(d->disk)->read_only = d->where.read_only;
        d->looking = true;
    }
    return r ? fail(err, err_len, d, d->id, e.text[0] ? e.text : strerror(-r)) : 0;
}

static struct machine_drive *new_drive(struct machine_drives *s, const char *option)
{
    struct machine_drive *d = &s->drives[s->n++];

    d->set = s;
    d->option = option;
    d->werror = POLICY_ENOSPC;
    d->how.notify = notify;
    d->how.failed = failed;
    d->how.arg = d;
    return d;
}

static int open_nodes(struct machine_drives *s, char *err, size_t err_len)
{
    for (unsigned i = 0; i < s->m->opt->nblockdev; i++)
        if (blockdev_add(&s->nodes, s->m->opt->blockdev[i], err, err_len))
            return -1;
    if (blockdev_children(&s->nodes, err, err_len))
        return -1;
    for (unsigned i = 0; i < s->nodes.n; i++) {
        struct machine_drive *d;

        if (s->nodes.nodes[i].child)
            continue;
        d = new_drive(s, "-blockdev");
        d->none = true;
        d->snapshot = s->m->opt->snapshot;
        d->words = &s->nodes.nodes[i].words;
        d->id = strdup(s->nodes.nodes[i].name);
        if (!d->id)
            return fail(err, err_len, d, "", "out of memory");
        if (set_common(d, d->words, err, err_len) || open_drive(d, err, err_len))
            return -1;
    }
    return 0;
}

/* Banks without a number are taken in order. */
static int number_flash(struct machine_drives *s, struct machine_drive *d, char *err,
                        size_t err_len)
{
    bool taken[MACHINE_FLASHES] = {false};

    for (unsigned i = 0; i + 1 < s->n; i++)
        if (s->drives[i].flash)
            taken[s->drives[i].unit] = true;
    while (!d->numbered && d->unit < MACHINE_FLASHES && taken[d->unit])
        d->unit++;
    if (d->unit >= MACHINE_FLASHES)
        return fail(err, err_len, d, d->id, "if=pflash has unit=0 and unit=1");
    return taken[d->unit] ? fail(err, err_len, d, d->id, "this unit of if=pflash is taken") : 0;
}

int machine_drives_open(struct machine *m, char *err, size_t err_len)
{
    struct machine_drives *s = calloc(1, sizeof(*s));
    char why[200];

    if (!s) {
        snprintf(err, err_len, "-drive: out of memory");
        return -1;
    }
    m->drives = s;
    s->m = m;
    s->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    s->source = g_unix_fd_add(s->fd, G_IO_IN, on_done, s);
    if (open_nodes(s, err, err_len))
        return -1;
    for (unsigned i = 0; i < m->opt->ndrive; i++) {
        struct machine_drive *d = new_drive(s, "-drive");
        const char *id;
        char name[32];

        d->snapshot = m->opt->snapshot;
        d->where.probe = true;
        d->words = &d->own;
        if (dict_parse(&d->own, m->opt->drive[i], "file", why, sizeof(why)))
            return fail(err, err_len, d, m->opt->drive[i], why);
        snprintf(name, sizeof(name), "drive%u", i);
        id = dict_get(&d->own, "id");
        d->id = strdup(id ? id : name);
        if (!d->id)
            return fail(err, err_len, d, m->opt->drive[i], "out of memory");
        if (set_drive(d, err, err_len) || (d->flash && number_flash(s, d, err, err_len)) ||
            open_drive(d, err, err_len))
            return -1;
    }
    return 0;
}

/* ---- for devices ---- */

static struct machine_drive *find(struct machine *m, const char *id)
{
    struct machine_drives *s = m->drives;

    for (unsigned i = 0; s && i < s->n; i++)
        if (strcmp(s->drives[i].id, id) == 0)
            return &s->drives[i];
    return NULL;
}

const struct block_port *machine_drive(struct machine *m, const char *id, char *err, size_t err_len)
{
    struct machine_drive *d = find(m, id);

    if (d && !d->used) {
        d->used = true;
        return disk_port(d->disk);
    }
    snprintf(err, err_len,
             "drive=%s: there is no such -drive or -blockdev, or another device has it", id);
    return NULL;
}

int machine_drive_flash(struct machine *m, unsigned unit, const struct block_port **port,
                        const char **file, char *err, size_t err_len)
{
    struct machine_drives *s = m->drives;

    for (unsigned i = 0; s && i < s->n; i++) {
        struct machine_drive *d = &s->drives[i];

        if (!d->flash || d->unit != unit)
            continue;
        *file = disk_image(d->disk)->name;
        *port = machine_drive(m, d->id, err, err_len);
        return *port ? 0 : -1;
    }
    return 0;
}

static int set_block_size(const char *v, uint32_t min, uint32_t *to)
{
    uint64_t n;

    if (!dict_size(v, &n) || n < min || n > 65536 || n & (n - 1))
        return -1;
    *to = (uint32_t)n;
    return 0;
}

int machine_drive_set(struct machine *m, const char *id, const char *name, const char *v, char *err,
                      size_t err_len)
{
    struct machine_drive *d = find(m, id);
    struct block_port *p;
    int r = 0;

    if (!d)
        return 0; /* machine_drive() says so */
    p = disk_port(d->disk);
    if (strcmp(name, "werror") == 0)
        r = set_policy(&d->werror, v, true);
    else if (strcmp(name, "rerror") == 0)
        r = set_policy(&d->rerror, v, false);
    else if (strcmp(name, "logical_block_size") == 0)
        r = strcmp(v, "512") == 0 ? 0 : strcmp(v, "4096") == 0 ? disk_set_block(d->disk, 4096) : -1;
    else if (strcmp(name, "physical_block_size") == 0)
        r = set_block_size(v, p->logical_block, &p->physical_block);
    else if (strcmp(name, "write-cache") == 0 && dict_bool(v) >= 0)
        disk_set_through(d->disk, d->how.write_through = !dict_bool(v));
    else if (strcmp(name, "write-cache") != 0 || strcmp(v, "auto") != 0)
        r = -1;
    if (r)
        snprintf(err, err_len, "%s=%s is not possible", name, v);
    return r;
}

bool machine_drive_at(struct machine *m, unsigned i, struct machine_drive_info *info)
{
    const struct machine_drives *s = m->drives;
    const struct machine_drive *d = s && i < s->n ? &s->drives[i] : NULL;
    const struct image *im = d && d->disk ? disk_image(d->disk) : NULL;

    if (!d || !d->disk)
        return false;
    *info = (struct machine_drive_info){
        .id = d->id,
        .file = im ? im->name : "",
        .format = im ? im->format->name : "",
        .size = disk_port(d->disk)->size,
        .node = d->words != &d->own,
        .used = d->used,
        .read_only = disk_port(d->disk)->read_only,
        .write_through = d->how.write_through,
        .direct = im && im->flags & IMAGE_DIRECT,
        .no_flush = im && im->flags & IMAGE_UNSAFE,
        .failed = d->told,
        .nospace = d->nospace,
        .detect_zeroes = !d->how.detect_zeroes ? "off" : d->how.unmap_zeroes ? "unmap" : "on",
        .limits = d->how.limits,
    };
    if (im && im->backing)
        info->backing = im->backing->name;
    for (; im && im->backing; im = im->backing)
        info->depth++;
    disk_stats(d->disk, &info->stats);
    return true;
}

bool machine_drive_knows(const char *name)
{
    static const char *const names[] = {"werror", "rerror", "logical_block_size",
                                        "physical_block_size", "write-cache"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

const char *machine_drive_next(struct machine *m, const char **serial)
{
    struct machine_drives *s = m->drives;

    for (unsigned i = 0; s && i < s->n; i++)
        if (!s->drives[i].none && !s->drives[i].used) {
            *serial = s->drives[i].serial;
            return s->drives[i].id;
        }
    return NULL;
}

/* ---- snapshots, migration ---- */

bool machine_disk_at(struct machine *m, unsigned i, struct machine_disk *d)
{
    const struct machine_drives *s = m->drives;

    if (!s || i >= s->n || !s->drives[i].disk)
        return false;
    *d = (struct machine_disk){s->drives[i].id, disk_image(s->drives[i].disk),
                               s->drives[i].where.read_only};
    return true;
}

int machine_drives_acquire(struct machine *m, char *err, size_t err_len)
{
    struct machine_drives *s = m->drives;
    unsigned taken[ARRAY_LEN(s->drives)], n = 0;
    struct block_err e = {.text = ""};
    int r = 0;

    for (unsigned i = 0; s && i < s->n && !r; i++) {
        struct machine_drive *d = &s->drives[i];
        struct image *im;

        if (disk_image(d->disk) && !d->looking)
            continue;
        if (d->looking)
            disk_release(d->disk);
        d->looking = false;
        r = open_image(d, false, &im, &e);
        if (!r)
            r = disk_acquire(d->disk, im);
        if (!r)
            taken[n++] = i;
        else
            fail(err, err_len, d, d->id, e.text[0] ? e.text : strerror(-r));
    }
    while (r && n)
        disk_release(s->drives[taken[--n]].disk);
    return r;
}

int machine_drives_release(struct machine *m, char *err, size_t err_len)
{
    struct machine_drives *s = m->drives;
    char why[300];
    int r = 0;

    for (unsigned i = 0; s && i < s->n && !r; i++) {
        if (s->drives[i].snapshot)
            continue;
        r = disk_release(s->drives[i].disk);
        if (r)
            fail(err, err_len, &s->drives[i], s->drives[i].id, strerror(-r));
    }
    if (r)
        machine_drives_acquire(m, why, sizeof(why));
    return r;
}

void machine_drives_describe(struct machine *m, void (*line)(void *to, const char *text), void *to)
{
    const struct machine_drives *s = m->drives;
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

void machine_drives_free(struct machine *m)
{
    struct machine_drives *s = m->drives;

    if (!s)
        return;
    for (unsigned i = 0; i < s->n; i++) {
        struct machine_drive *d = &s->drives[i];
        int r = d->disk ? disk_close(d->disk) : 0;

        if (r) {
            fprintf(stderr, "moa: %s %s: %s\n", d->option, d->id, strerror(-r));
            m->status = 1;
        }
        free(d->id);
        free(d->serial);
        dict_free(&d->own);
    }
    blockdev_free(&s->nodes);
    g_source_remove(s->source);
    close(s->fd);
    free(s);
    m->drives = NULL;
}
