// SPDX-License-Identifier: MIT
/* machines/blockdev.c -- where an image is: drivers over each other, as options describe them.
 *
 *   file, host_device   filename, locking, aio
 *   null-co             size
 *   raw, qcow2          file: a node's name, or file.driver, file.filename, ...
 *   qcow2               backing: a node's name, nothing (none), or backing.driver, ...
 *   all                 node-name, read-only, auto-read-only, cache.direct, cache.no-flush, discard
 *
 * An inner node has what the outer one has, unless it says otherwise. A node lies under one other
 * at most. Without "backing", what the image names itself lies below. */
#include "machines/blockdev.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 32

struct place { /* where the words of a node are */
    struct blockdev *b;
    struct dict *w;
    char prefix[160];
    unsigned depth;
};

struct node_options {
    bool write, auto_read_only, direct, unsafe, discard, no_lock;
};

static int fail(char *err, size_t len, const char *what, const char *why)
{
    snprintf(err, len, "-blockdev %s: %s", what, why);
    return -1;
}

/* ---- nodes ---- */

int blockdev_add(struct blockdev *b, const char *text, char *err, size_t err_len)
{
    struct blockdev_node *n = &b->nodes[b->n];
    const char *name;
    char why[200];

    if (b->n == BLOCKDEV_NODES)
        return fail(err, err_len, text, "too many nodes");
    b->n++;
    if (dict_parse(&n->words, text, "driver", why, sizeof(why)))
        return fail(err, err_len, text, why);
    name = dict_get(&n->words, "node-name");
    if (!name || !*name)
        return fail(err, err_len, text, "wants node-name=NAME");
    if (!dict_get(&n->words, "driver"))
        return fail(err, err_len, text, "wants driver=NAME");
    n->name = strdup(name);
    for (unsigned i = 0; i + 1 < b->n; i++)
        if (strcmp(b->nodes[i].name, name) == 0)
            return fail(err, err_len, name, "this name is taken");
    return n->name ? 0 : fail(err, err_len, name, "out of memory");
}

void blockdev_free(struct blockdev *b)
{
    while (b->n) {
        struct blockdev_node *n = &b->nodes[--b->n];

        free(n->name);
        dict_free(&n->words);
    }
}

static struct blockdev_node *find(struct blockdev *b, const char *name)
{
    for (unsigned i = 0; i < b->n; i++)
        if (strcmp(b->nodes[i].name, name) == 0)
            return &b->nodes[i];
    return NULL;
}

static bool names_node(const char *word)
{
    size_t n = strlen(word);

    return strcmp(word, "file") == 0 || strcmp(word, "backing") == 0 ||
           (n > 5 && strcmp(word + n - 5, ".file") == 0) ||
           (n > 8 && strcmp(word + n - 8, ".backing") == 0);
}

int blockdev_children(struct blockdev *b, char *err, size_t err_len)
{
    for (unsigned i = 0; i < b->n; i++)
        for (unsigned k = 0; k < b->nodes[i].words.n; k++) {
            const struct dict_entry *w = &b->nodes[i].words.at[k];
            struct blockdev_node *child;

            if (!names_node(w->name) || !*w->value)
                continue;
            child = find(b, w->value);
            if (!child)
                return fail(err, err_len, w->value, "there is no node of this name");
            if (child->child)
                return fail(err, err_len, w->value, "is used by two other nodes");
            child->child = true;
        }
    return 0;
}

/* ---- options of a node ---- */

int blockdev_discard(const char *v)
{
    if (strcmp(v, "unmap") == 0 || strcmp(v, "on") == 0)
        return 1;
    return strcmp(v, "ignore") == 0 || strcmp(v, "off") == 0 ? 0 : -1;
}

static const char *get(const struct place *p, const char *name)
{
    return dict_get(p->w, "%s%s", p->prefix, name);
}

static int get_bool(const struct place *p, const char *name, bool *out, struct block_err *err)
{
    const char *v = get(p, name);
    int on = v ? dict_bool(v) : *out;

    if (on < 0)
        return block_error(err, -EINVAL, "%s%s=%s: wants on or off", p->prefix, name, v);
    *out = on;
    return 0;
}

static int node_options(const struct place *p, struct node_options *o, struct block_err *err)
{
    const char *v = get(p, "discard");
    bool ro = !o->write, no_flush = o->unsafe;
    int r = get_bool(p, "read-only", &ro, err);

    get(p, "node-name");
    if (r == 0)
        r = get_bool(p, "auto-read-only", &o->auto_read_only, err);
    if (r == 0)
        r = get_bool(p, "cache.direct", &o->direct, err);
    if (r == 0)
        r = get_bool(p, "cache.no-flush", &no_flush, err);
    if (r == 0 && v && blockdev_discard(v) < 0)
        r = block_error(err, -EINVAL, "%sdiscard=%s: wants ignore or unmap", p->prefix, v);
    if (r == 0 && v)
        o->discard = blockdev_discard(v);
    if (r == 0 && get(p, "force-share"))
        r = block_error(err, -ENOTSUP, "%sforce-share is not supported", p->prefix);
    o->write = !ro;
    o->unsafe = no_flush;
    return r;
}

/* The words of a child: a node of its own, or those with a longer prefix. */
static int go_below(const struct place *p, const char *name, struct place *child,
                    struct block_err *err)
{
    const char *v = get(p, name);
    struct blockdev_node *node = v ? find(p->b, v) : NULL;

    *child = (struct place){.b = p->b, .w = node ? &node->words : p->w, .depth = p->depth + 1};
    if (p->depth == DEPTH)
        return block_error(err, -ELOOP, "%s%s: too many nodes over each other", p->prefix, name);
    if (node)
        return 0;
    if (v)
        return block_error(err, -ENOENT, "%s%s=%s: there is no node of this name", p->prefix, name,
                           v);
    if (snprintf(child->prefix, sizeof(child->prefix), "%s%s.", p->prefix, name) >=
        (int)sizeof(child->prefix))
        return block_error(err, -ENAMETOOLONG, "%s%s: too deep", p->prefix, name);
    if (!dict_below(p->w, child->prefix))
        return block_error(err, -EINVAL, "%s%s is missing", p->prefix, name);
    return 0;
}

static int all_used(const struct dict *w, struct block_err *err)
{
    const struct dict_entry *left = dict_unused(w);

    return left ? block_error(err, -ENOTSUP, "%s=%s is not supported", left->name, left->value) : 0;
}

/* ---- drivers ---- */

static int check_aio(const struct place *p, struct block_err *err)
{
    const char *aio = get(p, "aio");

    if (aio && strcmp(aio, "threads") != 0 && strcmp(aio, "io_uring") != 0)
        return block_error(err, -ENOTSUP, "%saio=%s is not supported: threads, io_uring", p->prefix,
                           aio);
    return 0;
}

static int open_host_file(const struct place *p, struct node_options *o, struct file **out,
                          struct block_err *err)
{
    const char *name = get(p, "filename"), *lock = get(p, "locking");
    uint32_t flags = (o->direct ? FILE_DIRECT : 0) | (o->unsafe ? FILE_UNSAFE : 0);
    int r = check_aio(p, err);

    if (r == 0 && !name)
        r = block_error(err, -EINVAL, "%sfilename is missing", p->prefix);
    if (r == 0)
        r = image_check_name(name, err);
    if (r == 0 && lock && strcmp(lock, "auto") != 0 && dict_bool(lock) < 0)
        r = block_error(err, -EINVAL, "%slocking=%s: wants on, off or auto", p->prefix, lock);
    if (r < 0)
        return r;
    if (o->no_lock || (lock && dict_bool(lock) == 0))
        flags |= FILE_NO_LOCK;
    if (strncmp(name, "file:", 5) == 0)
        name += 5;
    if (o->write && o->auto_read_only) {
        r = file_open(name, flags | FILE_WRITE, out, NULL);
        if (r != -EACCES && r != -EROFS && r != -EPERM)
            return r < 0 ? file_open(name, flags | FILE_WRITE, out, err) : 0;
        o->write = false;
    }
    return file_open(name, flags | (o->write ? FILE_WRITE : 0), out, err);
}

/* What the drivers that are no formats give: bytes. o: as it turned out. */
static int open_bytes(const struct place *p, struct node_options *o, struct file **out,
                      struct block_err *err)
{
    const char *driver = get(p, "driver"), *text;
    uint64_t size = 1 << 30;
    int r = node_options(p, o, err);

    *out = NULL;
    if (r < 0)
        return r;
    if (!driver || strcmp(driver, "file") == 0 || strcmp(driver, "host_device") == 0) {
        r = open_host_file(p, o, out, err);
    } else if (strcmp(driver, "null-co") == 0) {
        text = get(p, "size");
        if (text && !dict_size(text, &size))
            return block_error(err, -EINVAL, "%ssize=%s is not a size", p->prefix, text);
        get(p, "read-zeroes"); /* they always do */
        r = file_open_null(size, o->write, out);
    } else {
        return block_error(err, -ENOTSUP,
                           "driver '%s' is not supported: file, host_device, null-co", driver);
    }
    if (r == 0 && !*p->prefix && p->depth) { /* a node of its own */
        r = all_used(p->w, err);
        if (r < 0) {
            file_close(*out);
            *out = NULL;
        }
    }
    return r;
}

static bool is_bytes(const char *driver)
{
    return driver && (strcmp(driver, "file") == 0 || strcmp(driver, "host_device") == 0 ||
                      strcmp(driver, "null-co") == 0);
}

static int open_image(const struct place *p, struct node_options o, bool probe, struct image **out,
                      struct block_err *err);

/* What lies below a qcow2 image, if the options say it. */
static int open_backing(const struct place *p, struct node_options o, struct image *im,
                        struct block_err *err)
{
    struct place below;
    int r = go_below(p, "backing", &below, err);

    o.write = o.discard = false;
    return r < 0 ? r : open_image(&below, o, true, &im->backing, err);
}

static int open_image(const struct place *p, struct node_options o, bool probe, struct image **out,
                      struct block_err *err)
{
    const char *driver = get(p, "driver"), *backing = dict_get(p->w, "%sbacking", p->prefix);
    char prefix[170];
    bool own_backing;
    struct file *f;
    struct place child;
    uint32_t flags;
    int r;

    *out = NULL;
    snprintf(prefix, sizeof(prefix), "%sbacking.", p->prefix);
    own_backing = dict_below(p->w, prefix);
    if (!driver && !probe)
        return block_error(err, -EINVAL, "%sdriver is missing", p->prefix);
    if (is_bytes(driver)) {
        driver = "raw";
        r = open_bytes(p, &o, &f, err);
    } else {
        if (driver && !image_format_by_name(driver))
            return block_error(err, -ENOTSUP, "driver '%s' is not supported", driver);
        r = node_options(p, &o, err);
        if (r == 0)
            r = go_below(p, "file", &child, err);
        if (r == 0)
            r = open_bytes(&child, &o, &f, err);
    }
    if (r < 0)
        return r;
    flags = (o.write ? IMAGE_WRITE : 0) | (o.direct ? IMAGE_DIRECT : 0) |
            (o.unsafe ? IMAGE_UNSAFE : 0) | (o.discard ? IMAGE_DISCARD : 0) |
            (o.no_lock ? IMAGE_NO_LOCK | IMAGE_QUIET : 0) |
            (backing || own_backing ? IMAGE_NO_BACKING : 0);
    r = image_open_file(f, driver, flags, out, err);
    if (r == 0 && (own_backing || (backing && *backing)))
        r = strcmp((*out)->format->name, "qcow2") == 0
                ? open_backing(p, o, *out, err)
                : block_error(err, -ENOTSUP, "%sbacking: this format has none", p->prefix);
    if (r == 0 && !*p->prefix)
        r = all_used(p->w, err);
    if (r < 0 && *out) {
        image_close(*out);
        *out = NULL;
    }
    return r;
}

int blockdev_open(struct blockdev *b, struct dict *w, const struct blockdev_defaults *d,
                  struct image **out, struct block_err *err)
{
    struct place p = {.b = b, .w = w};
    struct node_options o = {.write = !d->read_only && !d->look,
                             .direct = d->direct,
                             .unsafe = d->unsafe,
                             .discard = d->discard,
                             .no_lock = d->no_lock || d->look};

    return open_image(&p, o, d->probe, out, err);
}
