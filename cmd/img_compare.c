// SPDX-License-Identifier: MIT
/* cmd/img_compare.c -- moa-img compare. Status 0: the same content, 1: not, 2: an error while
 * opening, 3: in a command line, 4: while reading. Strict: also the same size and what is
 * allocated. */
#include "cmd/img.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SAME, DIFFERENT, NOT_OPENED, NOT_READ };
enum { STEP = 1 << 20 };

struct compare {
    struct image *im[2];
    uint8_t *buf[2];
    bool quiet, strict, progress;
};

static int mismatch(const struct compare *c, uint64_t at)
{
    if (c->progress)
        putchar('\n');
    if (!c->quiet)
        printf("Content mismatch at offset %llu!\n", (unsigned long long)at);
    return DIFFERENT;
}

static int read_both(const struct compare *c, uint64_t at, uint64_t n, const bool zero[2])
{
    for (int i = 0; i < 2; i++) {
        int r = 0;

        if (zero[i])
            memset(c->buf[i], 0, n);
        else
            r = image_read(c->im[i], c->buf[i], n, at);
        if (r < 0) {
            img_error("Error while reading offset %llu of %s: %s", (unsigned long long)at,
                      c->im[i]->name, strerror(-r));
            return NOT_READ;
        }
    }
    for (uint64_t i = 0; i < n; i += 512) /* the end of a disk is a multiple of 512 */
        if (memcmp(c->buf[0] + i, c->buf[1] + i, 512) != 0)
            return mismatch(c, at + i);
    return SAME;
}

/* One behind the other's end has to be zero. */
static int contents(const struct compare *c)
{
    uint64_t all = c->im[0]->size > c->im[1]->size ? c->im[0]->size : c->im[1]->size, n;

    for (uint64_t at = 0; at < all; at += n) {
        bool zero[2], alloc[2] = {false, false};

        n = all - at;
        for (int i = 0; i < 2; i++) {
            struct image_status st;
            unsigned depth;
            int r;

            zero[i] = at >= c->im[i]->size;
            if (zero[i])
                continue;
            r = image_status_above(c->im[i], NULL, at, n, &st, &depth);
            if (r < 0)
                return img_error("%s: %s", c->im[i]->name, strerror(-r)), NOT_READ;
            zero[i] = st.zero;
            alloc[i] = st.allocated;
            n = st.bytes;
        }
        if (c->strict && at < c->im[0]->size && at < c->im[1]->size && alloc[0] != alloc[1]) {
            if (!c->quiet)
                printf("Strict mode: Offset %llu block status mismatch!\n", (unsigned long long)at);
            return DIFFERENT;
        }
        if (!zero[0] || !zero[1]) {
            int r;

            n = n < STEP ? n : STEP;
            r = read_both(c, at, n, zero);
            if (r != SAME)
                return r;
        }
        img_progress(c->progress, at + n, all);
    }
    img_progress_end(c->progress);
    return SAME;
}

static int run(struct compare *c)
{
    int r = SAME;

    if (c->im[0]->size != c->im[1]->size) {
        if (c->strict) {
            if (!c->quiet)
                puts("Strict mode: Image size mismatch!");
            return DIFFERENT;
        }
        if (!c->quiet)
            puts("Warning: Image size mismatch!");
    }
    for (int i = 0; i < 2; i++) {
        c->buf[i] = malloc(STEP);
        if (!c->buf[i])
            r = NOT_READ;
    }
    if (r == SAME)
        r = contents(c);
    if (r == SAME && !c->quiet)
        puts("Images are identical.");
    free(c->buf[0]);
    free(c->buf[1]);
    return r;
}

int img_compare(int argc, char **argv)
{
    static const struct option longs[] = {IMG_LONGS, {"force-share", no_argument, NULL, 'U'}, {0}};
    const char *format[2] = {NULL, NULL};
    struct compare c = {0};
    uint32_t flags = 0;
    int o, r = NOT_OPENED;

    while ((o = img_getopt(argc, argv, "hf:F:T:pqsU", longs)) != -1)
        switch (o) {
        case 'f':
        case 'F':
            format[o == 'F'] = optarg;
            break;
        case 'T':
            if (!img_cache(optarg, &flags))
                return NOT_OPENED;
            break;
        case 'p':
            c.progress = true;
            break;
        case 'q':
            c.quiet = true;
            break;
        case 's':
            c.strict = true;
            break;
        case 'U':
            flags |= IMAGE_NO_LOCK;
            break;
        default:
            return NOT_OPENED;
        }
    if (optind != argc - 2) {
        img_usage("compare", "Expecting two image file names");
        return NOT_OPENED;
    }
    if (c.quiet)
        c.progress = false;
    c.im[0] = img_open(argv[optind], format[0], flags);
    c.im[1] = c.im[0] ? img_open(argv[optind + 1], format[1], flags) : NULL;
    if (c.im[1])
        r = run(&c);
    image_close(c.im[0]);
    image_close(c.im[1]);
    return r;
}
