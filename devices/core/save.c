// SPDX-License-Identifier: MIT
/* devices/core/save.c -- devices to a stream and back. Numbers are little-endian:
 *
 *   tree:    device... 'Z'
 *   device:  'D' path class version:4  field...  ['V' length:4 bytes]  'E'
 *   field:   'F' name size:1 count:4 elements
 *   strings: length:1 bytes
 *
 * A path is made of the ids from the root, "/"-separated; a device without one is called after its
 * class and its place among its siblings. A restore reads all into memory of its own, checks each
 * name, size and range, and that nothing is missing, and only then touches a device. */
#include "devices/core/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOB_MAX  (256u << 20)
#define NAME_MAX_ 256

struct field {
    char name[96];
    uint32_t offset, count;
    uint8_t size;
    uint32_t since;
};

struct fields {
    struct field *f;
    unsigned n;
};

static int fail(struct dev_saver *s, int e, const char *fmt, ...) MOA_PRINTF(3, 4);
static int fail(struct dev_saver *s, int e, const char *fmt, ...)
{
    va_list ap;

    if (!s->error) {
        s->error = e;
        va_start(ap, fmt);
        vsnprintf(s->message, sizeof(s->message), fmt, ap);
        va_end(ap);
    }
    return s->error;
}

void dev_put(struct dev_saver *s, const void *buf, size_t n)
{
    int e;

    if (!s->error && n && (e = s->put(s->opaque, buf, n)) < 0)
        fail(s, e, "cannot write: %s", strerror(-e));
}

int dev_get(struct dev_saver *s, void *buf, size_t n)
{
    int e;

    if (!s->error && n && (e = s->get(s->opaque, buf, n)) < 0)
        fail(s, e, "cannot read: %s", e == -ENODATA ? "it ends too early" : strerror(-e));
    if (s->error)
        memset(buf, 0, n);
    return s->error;
}

static void put_number(struct dev_saver *s, uint64_t v, unsigned size)
{
    uint8_t b[8];

    for (unsigned i = 0; i < size; i++)
        b[i] = (uint8_t)(v >> 8 * i);
    dev_put(s, b, size);
}

static uint64_t number_at(const uint8_t *b, unsigned size)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)b[i] << 8 * i;
    return v;
}

static uint64_t get_number(struct dev_saver *s, unsigned size)
{
    uint8_t b[8];

    dev_get(s, b, size);
    return number_at(b, size);
}

static void put_text(struct dev_saver *s, const char *text)
{
    size_t n = strlen(text);

    if (n > 255)
        MOA_BUG("name too long to save: %s", text);
    put_number(s, n, 1);
    dev_put(s, text, n);
}

static void get_text(struct dev_saver *s, char text[NAME_MAX_])
{
    size_t n = (size_t)get_number(s, 1);

    dev_get(s, text, n);
    text[n] = 0;
}

/* ---- what a class has ---- */
static bool listed(const struct fields *l, uint32_t offset)
{
    for (unsigned i = 0; i < l->n; i++)
        if (offset >= l->f[i].offset && offset < l->f[i].offset + l->f[i].count * l->f[i].size)
            return true;
    return false;
}

static struct field *more(struct fields *l)
{
    l->f = realloc(l->f, (l->n + 1) * sizeof(*l->f));
    if (!l->f)
        MOA_BUG("out of memory for fields");
    return &l->f[l->n++];
}

static struct fields fields_of(const struct dev_class *c)
{
    struct fields l = {0};

    for (unsigned k = 0; k < c->nblocks; k++) {
        for (unsigned i = 0; i < c->blocks[k].nregs; i++) {
            const struct dev_reg *r = &c->blocks[k].regs[i];
            struct field *f;

            if (r->state == DEV_NO_STATE || listed(&l, r->state))
                continue;
            f = more(&l);
            *f = (struct field){.offset = r->state, .size = r->size, .count = dev_reg_count(r)};
            snprintf(f->name, sizeof(f->name), "%s.%s", c->blocks[k].name, r->name);
        }
    }
    for (unsigned i = 0; i < c->nstates; i++) {
        const struct dev_state *s = &c->states[i];
        struct field *f;

        if (listed(&l, s->offset))
            continue;
        f = more(&l);
        *f = (struct field){
            .offset = s->offset, .size = s->size, .count = s->count, .since = s->since};
        snprintf(f->name, sizeof(f->name), "%s", s->name);
    }
    return l;
}

/* Range of what is at offset, by the states that name it. */
static bool in_range(const struct dev_class *c, uint32_t offset, uint64_t v)
{
    for (unsigned i = 0; i < c->nstates; i++) {
        const struct dev_state *s = &c->states[i];

        if (offset >= s->offset && offset < s->offset + s->count * s->size && s->max &&
            (v < s->min || v > s->max))
            return false;
    }
    return true;
}

static void path_of(const struct device *d, char path[NAME_MAX_])
{
    char up[NAME_MAX_] = "";
    unsigned index = 0;

    if (d->parent) {
        path_of(d->parent, up);
        for (const struct device *c = d->parent->children; c != d; c = c->sibling)
            index++;
    }
    if (d->id)
        snprintf(path, 255, "%.120s%s%.120s", up, *up ? "/" : "", d->id);
    else
        snprintf(path, 255, "%.120s%s%.100s.%u", up, *up ? "/" : "", d->class->name, index);
}

/* ---- a stream in memory, for the variable part ---- */
struct buffer {
    uint8_t *p;
    size_t n, at;
};

static int buffer_put(void *opaque, const void *buf, size_t n)
{
    struct buffer *b = opaque;
    uint8_t *p;

    if (n > BLOB_MAX - b->n)
        return -EFBIG;
    p = realloc(b->p, b->n + n);
    if (!p)
        return -ENOMEM;
    memcpy(p + b->n, buf, n);
    b->p = p;
    b->n += n;
    return 0;
}

static int buffer_get(void *opaque, void *buf, size_t n)
{
    struct buffer *b = opaque;

    if (n > b->n - b->at)
        return -ENODATA;
    memcpy(buf, b->p + b->at, n);
    b->at += n;
    return 0;
}

/* ---- saving ---- */
static void save_blob(struct device *d, struct dev_saver *s)
{
    struct buffer b = {0};
    struct dev_saver inner = {.opaque = &b, .put = buffer_put};

    d->class->save(d, &inner);
    if (inner.error) {
        fail(s, inner.error, "%s", inner.message);
    } else {
        put_number(s, 'V', 1);
        put_number(s, b.n, 4);
        dev_put(s, b.p, b.n);
    }
    free(b.p);
}

static void save_one(struct device *d, struct dev_saver *s)
{
    const struct dev_class *c = d->class;
    char path[NAME_MAX_];
    struct fields l;

    path_of(d, path);
    put_number(s, 'D', 1);
    put_text(s, path);
    put_text(s, c->name);
    put_number(s, c->version, 4);
    l = fields_of(c);
    for (unsigned i = 0; i < l.n; i++) {
        const struct field *f = &l.f[i];

        put_number(s, 'F', 1);
        put_text(s, f->name);
        put_number(s, f->size, 1);
        put_number(s, f->count, 4);
        for (uint32_t k = 0; k < f->count; k++)
            put_number(s, dev_field_get(dev_at(d, f->offset + k * f->size), f->size), f->size);
    }
    free(l.f);
    if (c->save)
        save_blob(d, s);
    put_number(s, 'E', 1);
}

static void save_all(struct device *d, struct dev_saver *s)
{
    if (d->realized)
        save_one(d, s);
    for (struct device *c = d->children; c && !s->error; c = c->sibling)
        save_all(c, s);
}

/* All are asked before the first is written: what one finishes may change another. */
static void prepare(struct device *d, struct dev_saver *s)
{
    int e;

    for (struct device *c = d->children; c && !s->error; c = c->sibling)
        prepare(c, s);
    if (d->realized && d->class->pre_save && (e = d->class->pre_save(d)) < 0)
        fail(s, e, "%s cannot be saved now: %s", d->id ? d->id : d->class->name, strerror(-e));
}

void dev_save_prepare(struct device *const *roots, unsigned n, struct dev_saver *s)
{
    s->error = 0;
    for (unsigned i = 0; i < n && !s->error; i++)
        prepare(roots[i], s);
}

void dev_save_all(struct device *const *roots, unsigned n, struct dev_saver *s)
{
    s->error = 0;
    for (unsigned i = 0; i < n && !s->error; i++)
        save_all(roots[i], s);
    put_number(s, 'Z', 1);
}

void dev_save_tree(struct device *root, struct dev_saver *s)
{
    dev_save_prepare(&root, 1, s);
    if (!s->error)
        dev_save_all(&root, 1, s);
}

void dev_describe(struct device *d, void (*line)(void *to, const char *text), void *to)
{
    char text[1024], path[NAME_MAX_], value[200];
    size_t n;

    path_of(d, path);
    n = (size_t)snprintf(text, sizeof(text), "device %s %s", path, d->class->name);
    for (unsigned i = 0; i < d->class->nprops; i++) {
        const struct dev_prop *p = &d->class->props[i];

        if (p->type == DEV_LINK)
            continue;
        dev_prop_text(d, p, value, sizeof(value));
        if (n < sizeof(text))
            n += (size_t)snprintf(text + n, sizeof(text) - n, " %s=%s", p->name, value);
    }
    if (d->realized)
        line(to, text);
    for (struct device *c = d->children; c; c = c->sibling)
        dev_describe(c, line, to);
}

/* ---- restoring ---- */
struct staged {
    struct device *d;
    uint32_t version;
    struct fields l;
    uint8_t **data; /* of each field; NULL: not in the stream */
    struct buffer blob;
    bool has_blob;
    struct staged *next;
};

static void free_staged(struct staged *t)
{
    for (unsigned i = 0; i < t->l.n; i++)
        free(t->data[i]);
    free(t->data);
    free(t->l.f);
    free(t->blob.p);
    free(t);
}

struct roots {
    struct device *const *d;
    unsigned n;
};

static struct device *by_path_in(struct device *root, const char *path)
{
    char mine[NAME_MAX_];
    struct device *found;

    path_of(root, mine);
    if (root->realized && strcmp(mine, path) == 0)
        return root;
    for (struct device *c = root->children; c; c = c->sibling)
        if ((found = by_path_in(c, path)))
            return found;
    return NULL;
}

static struct device *by_path(const struct roots *r, const char *path)
{
    struct device *found = NULL;

    for (unsigned i = 0; i < r->n && !found; i++)
        found = by_path_in(r->d[i], path);
    return found;
}

static void get_field(struct staged *t, struct dev_saver *s)
{
    char name[NAME_MAX_];
    const struct field *f = NULL;
    const char *class = t->d->class->name;
    unsigned i, size;
    uint32_t count;

    get_text(s, name);
    size = (unsigned)get_number(s, 1);
    count = (uint32_t)get_number(s, 4);
    for (i = 0; i < t->l.n && !f; i++)
        if (strcmp(t->l.f[i].name, name) == 0)
            f = &t->l.f[i];
    i--;
    if (s->error)
        return;
    if (!f || t->data[i]) {
        fail(s, -EINVAL, "%s: field \"%.60s\" is %s", class, name, f ? "there twice" : "unknown");
        return;
    }
    if (size != f->size || count != f->count) {
        fail(s, -EINVAL, "%s: field \"%s\" has %" PRIu32 " of %u bytes, not %" PRIu32 " of %u",
             class, f->name, count, size, f->count, f->size);
        return;
    }
    t->data[i] = malloc((size_t)count * size + 1);
    if (!t->data[i]) {
        fail(s, -ENOMEM, "out of memory");
        return;
    }
    dev_get(s, t->data[i], (size_t)count * size);
    for (uint32_t k = 0; k < count && !s->error; k++) {
        uint64_t v = number_at(t->data[i] + (size_t)k * size, size);

        if (!in_range(t->d->class, f->offset + k * size, v))
            fail(s, -ERANGE, "%s: field \"%s\" is 0x%" PRIx64 ", out of range", class, f->name, v);
    }
}

static void get_blob(struct staged *t, struct dev_saver *s)
{
    uint32_t n = (uint32_t)get_number(s, 4);
    uint8_t chunk[4096];

    if (t->has_blob || !t->d->class->load || n > BLOB_MAX) {
        fail(s, -EINVAL, "%s: a variable part of %" PRIu32 " bytes is not expected",
             t->d->class->name, n);
        return;
    }
    t->has_blob = true;
    while (n && !s->error) { /* grows with what is really there */
        uint32_t part = n < sizeof(chunk) ? n : (uint32_t)sizeof(chunk);
        int e;

        if (dev_get(s, chunk, part) == 0 && (e = buffer_put(&t->blob, chunk, part)) < 0)
            fail(s, e, "out of memory");
        n -= part;
    }
}

static void get_device(const struct roots *r, struct staged **all, struct dev_saver *s)
{
    char path[NAME_MAX_], class[NAME_MAX_];
    struct staged *t, **p;
    struct device *d;
    uint32_t version;

    get_text(s, path);
    get_text(s, class);
    version = (uint32_t)get_number(s, 4);
    if (s->error)
        return;
    d = by_path(r, path);
    if (!d || strcmp(d->class->name, class) != 0) {
        fail(s, -EINVAL, "there is no %.60s at %.60s here", class, path);
        return;
    }
    if (version > d->class->version) {
        fail(s, -EINVAL, "%s: version %" PRIu32 " is newer than %" PRIu32, class, version,
             d->class->version);
        return;
    }
    for (p = all; *p; p = &(*p)->next) {
        if ((*p)->d == d) {
            fail(s, -EINVAL, "%s is there twice", path);
            return;
        }
    }
    t = calloc(1, sizeof(*t));
    if (!t)
        MOA_BUG("out of memory for a restore");
    t->d = d;
    t->version = version;
    t->l = fields_of(d->class);
    t->data = calloc(t->l.n + 1, sizeof(*t->data));
    if (!t->data)
        MOA_BUG("out of memory for a restore");
    *p = t;
    for (;;) {
        int what = (int)get_number(s, 1);

        if (s->error || what == 'E')
            break;
        if (what == 'F')
            get_field(t, s);
        else if (what == 'V')
            get_blob(t, s);
        else
            fail(s, -EINVAL, "%s: damaged at a mark", class);
    }
    for (unsigned i = 0; i < t->l.n; i++)
        if (!t->data[i] && t->l.f[i].since <= version)
            fail(s, -EINVAL, "%s: field \"%s\" is missing", class, t->l.f[i].name);
    if (!t->has_blob && d->class->load)
        fail(s, -EINVAL, "%s: its variable part is missing", class);
}

static void all_there(struct device *d, const struct staged *all, struct dev_saver *s)
{
    const struct staged *t = all;
    char path[NAME_MAX_];

    while (t && t->d != d)
        t = t->next;
    if (d->realized && !t) {
        path_of(d, path);
        fail(s, -EINVAL, "nothing about %.100s", path);
    }
    for (struct device *c = d->children; c; c = c->sibling)
        all_there(c, all, s);
}

static void apply(struct staged *t, struct dev_saver *s)
{
    struct device *d = t->d;
    struct dev_saver inner = {.opaque = &t->blob, .get = buffer_get};
    int e;

    for (unsigned i = 0; i < t->l.n; i++) {
        const struct field *f = &t->l.f[i];

        for (uint32_t k = 0; k < f->count && t->data[i]; k++)
            dev_field_set(dev_at(d, f->offset + k * f->size), f->size,
                          number_at(t->data[i] + (size_t)k * f->size, f->size));
    }
    if (d->class->load) {
        e = d->class->load(d, &inner);
        if (e < 0 || inner.error || t->blob.at != t->blob.n)
            fail(s, e < 0 ? e : -EINVAL, "%s: its variable part is damaged%s%s", d->class->name,
                 inner.error ? ": " : "", inner.error ? inner.message : "");
    }
}

static void apply_all(struct staged *all, struct dev_saver *s)
{
    char err[120];
    struct staged *t;
    int e;

    for (t = all; t; t = t->next)
        apply(t, s);
    for (t = all; t && !s->error; t = t->next) {
        snprintf(err, sizeof(err), "refused");
        if (t->d->class->post_load &&
            (e = t->d->class->post_load(t->d, t->version, err, sizeof(err))) < 0)
            fail(s, e, "%s: %s", t->d->class->name, err);
    }
    for (t = all; t && !s->error; t = t->next)
        if (t->d->class->update)
            t->d->class->update(t->d);
}

/* keep: a state to go back to if devices refuse; it is read from what was put. Or NULL. */
static int load(const struct roots *r, struct dev_saver *s, struct dev_saver *keep)
{
    struct staged *all = NULL, *t;
    int what;

    s->error = 0;
    while (!s->error && (what = (int)get_number(s, 1)) != 'Z') {
        if (what == 'D')
            get_device(r, &all, s);
        else
            fail(s, -EINVAL, "damaged between devices");
    }
    for (unsigned i = 0; i < r->n && !s->error; i++)
        all_there(r->d[i], all, s);
    if (!s->error && keep) {
        dev_save_prepare(r->d, r->n, keep);
        if (!keep->error)
            dev_save_all(r->d, r->n, keep);
    }
    if (!s->error) {
        apply_all(all, s);
        if (s->error && keep && !keep->error)
            load(r, keep, NULL);
    }
    while ((t = all)) {
        all = t->next;
        free_staged(t);
    }
    return s->error;
}

int dev_load_tree(struct device *root, struct dev_saver *s)
{
    return load(&(const struct roots){&root, 1}, s, NULL);
}

int dev_load_all(struct device *const *roots, unsigned n, struct dev_saver *s)
{
    struct buffer b = {0};
    struct dev_saver keep = {.opaque = &b, .put = buffer_put, .get = buffer_get};
    int e = load(&(const struct roots){roots, n}, s, &keep);

    free(b.p);
    return e;
}
