// SPDX-License-Identifier: MIT
/* cmd/img_create.c -- moa-img create. */
#include "cmd/img.h"

#include <string.h>

static int options(int argc, char **argv, const char **format, char **list, struct image_create *c,
                   bool *quiet, const char **backing, const char **backing_format)
{
    static const struct option longs[] = {IMG_LONGS, {0}};
    int o;

    while ((o = img_getopt(argc, argv, "hf:F:b:o:qu", longs)) != -1)
        switch (o) {
        case 'f':
            *format = optarg;
            break;
        case 'F':
            *backing_format = optarg;
            break;
        case 'b':
            *backing = optarg;
            break;
        case 'o':
            if (*list)
                return img_usage("create", "-o is given twice; join the options with commas");
            *list = optarg;
            break;
        case 'q':
            *quiet = true;
            break;
        case 'u':
            c->unsafe_backing = true;
            break;
        default:
            return 1;
        }
    return 0;
}

int img_create(int argc, char **argv)
{
    const char *format = "raw", *file, *backing = NULL, *backing_format = NULL;
    struct image_create c = {0};
    struct block_err err = {""};
    bool quiet = false;
    char *list = NULL;
    int r = options(argc, argv, &format, &list, &c, &quiet, &backing, &backing_format);

    if (r)
        return r;
    if (!image_format_by_name(format))
        return img_error("Unknown file format '%s'", format);
    if (list) {
        r = img_creation(list, format, &c);
        if (r)
            return r == 1;
    }
    if (backing)
        c.backing = backing;
    if (backing_format)
        c.backing_format = backing_format;
    if (optind >= argc)
        return img_usage("create", "Expecting image file name");
    file = argv[optind++];
    if (optind < argc) {
        if (!img_size(argv[optind], &c.size))
            return img_error(
                "Invalid image size specified: %s. You may use k, M, G, T, P or E suffixes "
                "for kilobytes, megabytes, gigabytes, terabytes, petabytes and exabytes.",
                argv[optind]);
        c.has_size = true;
        optind++;
    }
    if (optind < argc)
        return img_usage("create", "Unexpected argument");
    if (c.backing && !c.backing_format)
        return img_error("%s: backing file specified without its format (-F)", file);
    if (c.backing && !image_format_by_name(c.backing_format))
        return img_error("Unknown backing file format '%s'", c.backing_format);
    if (c.backing && strcmp(format, "raw") == 0)
        return img_error("%s: Backing file not supported for file format 'raw'", file);
    r = image_create(file, format, &c, &err);
    if (r < 0)
        return img_error("%s: %s", file, err.text[0] ? err.text : strerror(-r));
    if (!quiet) {
        if (!c.has_size) {
            struct image *im = img_open(file, format, IMAGE_NO_BACKING);

            c.size = im ? im->size : 0;
            image_close(im);
        }
        img_formatting(file, format, &c);
    }
    return 0;
}
