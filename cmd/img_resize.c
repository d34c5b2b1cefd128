// SPDX-License-Identifier: MIT
/* cmd/img_resize.c -- moa-img resize: to a size, or by one with + or - in front of it. */
#include "cmd/img.h"

#include <string.h>

static int resize(struct image *im, const char *text, enum image_prealloc p, bool shrink)
{
    char sign = *text == '+' || *text == '-' ? *text++ : 0;
    struct block_err err = {""};
    uint64_t size;
    int r;

    if (!img_size(text, &size))
        return img_error("Invalid image size specified: %s", text);
    if (sign == '+' && size > IMAGE_SIZE_MAX - im->size)
        return img_error("New image size is too large");
    if (sign == '-' && size > im->size)
        return img_error("New image size must be positive");
    size = sign == '+' ? im->size + size : sign == '-' ? im->size - size : size;
    size = align_up(size, 512);
    if (size == 0)
        return img_error("New image size must be positive");
    if (size < im->size && !shrink)
        return img_error(
            "Use the --shrink option to perform a shrink operation: all data behind the "
            "new end will be lost.");
    if (!im->format->resize)
        return img_error("Image format driver does not support resize");
    r = im->format->resize(im, size, p, &err);
    if (r < 0)
        return img_error("%s", err.text[0] ? err.text : strerror(-r));
    return 0;
}

int img_resize(int argc, char **argv)
{
    static const struct option longs[] = {
        IMG_LONGS,
        {"preallocation", required_argument, NULL, IMG_PREALLOCATION},
        {"shrink", no_argument, NULL, IMG_SHRINK},
        {0}};
    enum image_prealloc p = PREALLOC_OFF;
    const char *format = NULL;
    bool quiet = false, shrink = false;
    char minus[64] = "";
    struct image *im;
    int o, r;

    /* "-1G" at the end is a size, not options */
    if (argc > 1 && argv[argc - 1][0] == '-' && argv[argc - 1][1] >= '0' &&
        argv[argc - 1][1] <= '9') {
        snprintf(minus, sizeof(minus), "%s", argv[argc - 1]);
        argc--;
    }
    while ((o = img_getopt(argc, argv, "hf:q", longs)) != -1)
        switch (o) {
        case 'f':
            format = optarg;
            break;
        case 'q':
            quiet = true;
            break;
        case IMG_PREALLOCATION:
            if (!img_prealloc(optarg, &p))
                return img_error("Invalid preallocation mode '%s'", optarg);
            break;
        case IMG_SHRINK:
            shrink = true;
            break;
        default:
            return 1;
        }
    if (optind + (minus[0] ? 1 : 2) != argc)
        return img_usage("resize", "Expecting image file name and size");
    im = img_open(argv[optind], format, IMAGE_WRITE);
    if (!im)
        return 1;
    r = resize(im, minus[0] ? minus : argv[optind + 1], p, shrink);
    o = image_close(im);
    if (o < 0 && r == 0)
        r = img_error("%s: %s", argv[optind], strerror(-o));
    if (r == 0 && !quiet)
        puts("Image resized.");
    return r;
}
