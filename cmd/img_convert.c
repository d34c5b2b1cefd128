// SPDX-License-Identifier: MIT
/* cmd/img_convert.c -- moa-img convert: options and opening; img_copy.c moves the bytes. */
#include "cmd/img_copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct convert {
    struct copy copy;
    const char *format, *out_format, *backing, *backing_format, *snapshot;
    char *list;
    uint32_t in_flags, out_flags;
    bool no_create, quiet;
};

static int option(struct convert *c, int o)
{
    uint64_t n;

    switch (o) {
    case 'f':
        c->format = optarg;
        break;
    case 'O':
        c->out_format = optarg;
        break;
    case 'B':
        c->backing = optarg;
        break;
    case 'F':
        c->backing_format = optarg;
        break;
    case 'o':
        if (c->list)
            return img_usage("convert", "-o is given twice; join the options with commas");
        c->list = optarg;
        break;
    case 'l': /* by number or name; "snapshot.id=1" as well */
        c->snapshot = optarg;
        for (size_t i = 0; i < 2; i++) {
            const char *prefix = i ? "snapshot.name=" : "snapshot.id=";

            if (strncmp(optarg, prefix, strlen(prefix)) == 0)
                c->snapshot = optarg + strlen(prefix);
        }
        break;
    case 'S':
        if (!img_size(optarg, &n) || (n & 511) || n > 1 << 24)
            return img_error(
                "Invalid buffer size for sparse output specified. Valid sizes are multiples "
                "of 512 up to 16 MiB. Select 0 to disable sparse detection.");
        c->copy.sparse = n;
        break;
    case 'm':
        if (!img_size(optarg, &n) || n < 1 || n > 16)
            return img_error(
                "Invalid number of coroutines. Allowed number of coroutines is between 1 and "
                "16");
        c->copy.threads = (unsigned)n;
        break;
    case 't':
    case 'T':
        return !img_cache(optarg, o == 't' ? &c->out_flags : &c->in_flags);
    case 'c':
        c->copy.compress = true;
        break;
    case 'n':
        c->no_create = true;
        break;
    case 'p':
        c->copy.progress = true;
        break;
    case 'q':
        c->quiet = true;
        break;
    case 'U':
        c->in_flags |= IMAGE_NO_LOCK;
        break;
    case 'W':
        c->copy.any_order = true;
        break;
    case 'C': /* offload copying to the host's storage: never done, never needed */
        break;
    default:
        return 1;
    }
    return 0;
}

static int open_sources(struct convert *c, int n, char **names)
{
    c->copy.in = calloc((size_t)n, sizeof(*c->copy.in));
    if (!c->copy.in)
        return 1;
    for (int i = 0; i < n; i++) {
        struct block_err err = {""};
        struct image *im = img_open(names[i], c->format, c->in_flags);
        int r;

        if (!im)
            return 1;
        c->copy.in[c->copy.nin++] = im;
        if (!c->snapshot)
            continue;
        if (n > 1)
            return img_error("No support for concatenating multiple snapshot");
        r = im->format->snap_load ? im->format->snap_load(im, c->snapshot, &err) : -ENOTSUP;
        if (r < 0)
            return img_error("Failed to load snapshot: %s", err.text[0] ? err.text : strerror(-r));
    }
    return 0;
}

static int make_target(struct convert *c, const char *target)
{
    struct image_create create = {0};
    struct block_err err = {""};
    int r;

    if (!image_format_by_name(c->out_format))
        return img_error("Unknown file format '%s'", c->out_format);
    if (c->list) {
        r = img_creation(c->list, c->out_format, &create);
        if (r)
            return r == 2 ? -1 : 1;
    }
    if (c->copy.compress && create.prealloc)
        return img_error("Compression and preallocation not supported at the same time");
    for (unsigned i = 0; i < c->copy.nin && !create.has_size; i++)
        create.size += c->copy.in[i]->size;
    create.has_size = true;
    if (c->backing)
        create.backing = c->backing;
    if (c->backing_format)
        create.backing_format = c->backing_format;
    if (create.backing && !create.backing_format)
        return img_error("backing format (-F) is needed with a backing file");
    c->copy.has_backing = create.backing;
    c->copy.full = create.prealloc == PREALLOC_FULL;
    if (!c->no_create) {
        r = image_create(target, c->out_format, &create, &err);
        if (r < 0)
            return img_error("%s: error while converting %s: %s", target, c->out_format,
                             err.text[0] ? err.text : strerror(-r));
    }
    return 0;
}

static int run(struct convert *c, int n, char **names, const char *target)
{
    struct image_facts f = {0};
    struct image *out;
    int r = open_sources(c, n, names);

    if (r == 0)
        r = make_target(c, target);
    if (r)
        return r < 0 ? 0 : r;
    out = img_open(target, c->out_format, c->out_flags | IMAGE_WRITE);
    if (!out)
        return 1;
    c->copy.out = out;
    c->copy.blank = !c->no_create && !c->copy.has_backing && !out->file->block_device;
    if (out->format->facts)
        out->format->facts(out, &f);
    c->copy.cluster = f.cluster_size;
    if (c->copy.compress && !out->format->write_compressed) {
        image_close(out);
        return img_error("Compression not supported for this file format");
    }
    r = img_copy(&c->copy);
    n = image_close(out);
    if (n < 0 && r == 0)
        r = img_error("%s: %s", target, strerror(-n));
    return r;
}

int img_convert(int argc, char **argv)
{
    static const struct option longs[] = {IMG_LONGS, {"force-share", no_argument, NULL, 'U'}, {0}};
    struct convert c = {
        .copy = {.sparse = 4096, .threads = 4}, .out_format = "raw", .out_flags = IMAGE_UNSAFE};
    int o, r;

    while ((o = img_getopt(argc, argv, "hf:O:B:F:o:l:S:m:t:T:cCnpqUW", longs)) != -1)
        if (option(&c, o))
            return 1;
    if (c.quiet)
        c.copy.progress = false;
    if (c.no_create && (c.list || c.backing))
        return img_error("-n is for a target that is there: no -o, no -B");
    if (c.copy.compress && !c.copy.sparse)
        return img_error("Sparse size and compression exclude each other: no -S 0 with -c");
    if (c.list && (strcmp(c.list, "help") == 0 || strcmp(c.list, "?") == 0)) {
        struct image_create dummy;

        return img_creation(c.list, c.out_format, &dummy) == 1;
    }
    if (optind > argc - 2)
        return img_usage("convert", "Must specify image file name and target");
    r = run(&c, argc - 1 - optind, argv + optind, argv[argc - 1]);
    for (unsigned i = 0; i < c.copy.nin; i++)
        image_close(c.copy.in[i]);
    free(c.copy.in);
    return r;
}
