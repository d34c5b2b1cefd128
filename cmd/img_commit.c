// SPDX-License-Identifier: MIT
/* cmd/img_commit.c -- moa-img commit: writes what an image holds into the one below it, or into the
 * base that is named, and empties it. */
#include "cmd/img.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { STEP = 2 << 20 };

static struct image *find_base(struct image *im, const char *name)
{
    struct image *b = im->backing;

    while (b && name && strcmp(b->name, name) != 0) {
        struct image *above = im;

        while (above->backing != b)
            above = above->backing;
        if (above->backing_file && strcmp(above->backing_file, name) == 0)
            break;
        b = b->backing;
    }
    return b;
}

static int copy_down(struct image *im, struct image *base, bool progress)
{
    uint8_t *buf = malloc(STEP);
    uint64_t n;
    int r = buf ? 0 : -ENOMEM;

    for (uint64_t at = 0; at < im->size && r == 0; at += n) {
        struct image_status st;
        unsigned depth;

        r = image_status_above(im, base, at, im->size - at, &st, &depth);
        n = st.bytes;
        if (r == 0 && st.zero && (st.allocated || depth)) {
            r = image_zero(base, at, n, true);
        } else if (r == 0 && st.allocated) {
            n = n < STEP ? n : STEP;
            r = image_read(im, buf, n, at);
            if (r == 0)
                r = image_write(base, buf, n, at);
        }
        img_progress(progress, at + n, im->size);
    }
    free(buf);
    return r;
}

static int commit(struct image *im, const char *base_name, bool drop, bool progress)
{
    struct image *base = find_base(im, base_name);
    struct block_err err = {""};
    int r = 0;

    if (!im->backing)
        return img_error("Image does not have a backing file");
    if (!base)
        return img_error("Did not find '%s' in the backing chain of '%s'", base_name, im->name);
    if (base->size < im->size)
        r = base->format->resize ? base->format->resize(base, im->size, PREALLOC_OFF, &err)
                                 : -ENOTSUP;
    if (r == 0)
        r = copy_down(im, base, progress);
    if (r == 0)
        r = image_flush(base);
    if (r < 0)
        return img_error("Could not commit '%s': %s", im->name,
                         err.text[0] ? err.text : strerror(-r));
    img_progress_end(progress);
    /* what is below holds it all now, durably; with images in between, this one has to stay as it
     * is */
    if (!drop && base == im->backing && im->format->make_empty) {
        r = im->format->make_empty(im);
        if (r < 0)
            return img_error("Could not empty '%s': %s", im->name, strerror(-r));
    }
    return 0;
}

int img_commit(int argc, char **argv)
{
    static const struct option longs[] = {IMG_LONGS, {0}};
    const char *format = NULL, *base = NULL;
    uint32_t flags = IMAGE_WRITE | IMAGE_CHAIN_WRITE | IMAGE_DISCARD;
    bool quiet = false, drop = false, progress = false;
    struct image *im;
    int o, r;

    while ((o = img_getopt(argc, argv, "hf:t:b:dpq", longs)) != -1)
        switch (o) {
        case 'f':
            format = optarg;
            break;
        case 't':
            if (!img_cache(optarg, &flags))
                return 1;
            break;
        case 'b':
            base = optarg;
            break;
        case 'd':
            drop = true;
            break;
        case 'p':
            progress = true;
            break;
        case 'q':
            quiet = true;
            break;
        default:
            return 1;
        }
    if (optind != argc - 1)
        return img_usage("commit", "Expecting one image file name");
    im = img_open(argv[optind], format, flags);
    if (!im)
        return 1;
    r = commit(im, base, drop, progress && !quiet);
    o = image_close(im);
    if (o < 0 && r == 0)
        r = img_error("%s: %s", argv[optind], strerror(-o));
    if (r == 0 && !quiet)
        puts("Image committed.");
    return r;
}
