// SPDX-License-Identifier: MIT
/* cmd/img_rebase.c -- moa-img rebase: puts an image over another one. The content stays: where the
 * new one below differs from the old one, the image gets what it showed. With -u only the name
 * changes. */
#include "cmd/img.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { STEP = 1 << 20 };

struct rebase {
    struct image *im, *below; /* below: the new one, or NULL */
    uint8_t *old, *new;
    bool progress;
};

static int differing(struct rebase *b, uint64_t at, uint64_t n)
{
    struct image_facts f = {.cluster_size = 512};
    uint64_t below = b->below ? b->below->size : 0, k = at < below ? below - at : 0;
    int r = image_read(b->im, b->old, n, at);

    if (b->im->format->facts)
        b->im->format->facts(b->im, &f);
    memset(b->new, 0, n);
    if (r == 0 && k)
        r = image_read(b->below, b->new, k < n ? k : n, at);
    for (uint64_t i = 0, step; i < n && r == 0; i += step) {
        step = f.cluster_size - ((at + i) & (f.cluster_size - 1));
        step = step < n - i ? step : n - i;
        if (memcmp(b->old + i, b->new + i, step) == 0)
            continue;
        r = buf_is_zero(b->old + i, step) ? image_zero(b->im, at + i, step, true)
                                          : image_write(b->im, b->old + i, step, at + i);
    }
    return r;
}

static int keep_content(struct rebase *b)
{
    struct image *im = b->im;
    uint64_t n;
    int r = 0;

    b->old = malloc(STEP);
    b->new = malloc(STEP);
    if (!b->old || !b->new)
        return -ENOMEM;
    for (uint64_t at = 0; at < im->size && r == 0; at += n) {
        struct image_status st;

        r = image_status(im, at, im->size - at, &st);
        n = st.bytes;
        if (r == 0 && !st.allocated) {
            n = n < STEP ? n : STEP;
            r = differing(b, at, n);
        }
        img_progress(b->progress, at + n, im->size);
    }
    img_progress_end(b->progress);
    /* the content has to be there before the name changes */
    return r == 0 ? image_flush(im) : r;
}

static int rebase(struct rebase *b, const char *name, const char *format, bool unsafe,
                  uint32_t flags)
{
    struct block_err err = {""};
    struct image *im = b->im;
    int r = 0;

    if (!im->format->set_backing)
        return img_error("Could not change the backing file to '%s': the format '%s' has none",
                         name, im->format->name);
    if (*name && !format)
        return img_error("backing format (-F) is needed");
    if (*name && !unsafe) {
        char *path = image_backing_path(im->name, name);

        b->below = path ? img_open(path, format, flags) : NULL;
        free(path);
        if (!b->below)
            return 1;
    }
    if (!unsafe) {
        r = keep_content(b);
        if (r < 0)
            return img_error("Could not copy what lies below '%s': %s", im->name, strerror(-r));
    }
    r = im->format->set_backing(im, *name ? name : NULL, *name ? format : NULL, &err);
    if (r < 0)
        return img_error("Could not change the backing file to '%s': %s", name,
                         err.text[0] ? err.text : strerror(-r));
    return 0;
}

int img_rebase(int argc, char **argv)
{
    static const struct option longs[] = {IMG_LONGS, {"force-share", no_argument, NULL, 'U'}, {0}};
    const char *format = NULL, *backing = NULL, *backing_format = NULL;
    uint32_t flags = IMAGE_WRITE, source = 0;
    bool unsafe = false, quiet = false;
    struct rebase b = {0};
    int o, r;

    while ((o = img_getopt(argc, argv, "hf:F:b:upqt:T:U", longs)) != -1)
        switch (o) {
        case 'f':
            format = optarg;
            break;
        case 'F':
            backing_format = optarg;
            break;
        case 'b':
            backing = optarg;
            break;
        case 'u':
            unsafe = true;
            break;
        case 'p':
            b.progress = true;
            break;
        case 'q':
            quiet = true;
            break;
        case 't':
        case 'T':
            if (!img_cache(optarg, o == 't' ? &flags : &source))
                return 1;
            break;
        case 'U':
            flags |= IMAGE_NO_LOCK;
            source |= IMAGE_NO_LOCK;
            break;
        default:
            return 1;
        }
    if (optind != argc - 1)
        return img_usage("rebase", "Expecting one image file name");
    if (!backing)
        return img_usage("rebase", "Use -b to name the new backing file, -b \"\" for none");
    if (quiet)
        b.progress = false;
    b.im = img_open(argv[optind], format, flags | (unsafe ? IMAGE_NO_BACKING : 0));
    if (!b.im)
        return 1;
    r = rebase(&b, backing, backing_format, unsafe, source);
    free(b.old);
    free(b.new);
    image_close(b.below);
    o = image_close(b.im);
    if (o < 0 && r == 0)
        r = img_error("%s: %s", argv[optind], strerror(-o));
    return r;
}
