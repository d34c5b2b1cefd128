// SPDX-License-Identifier: MIT
/* cmd/img_map.c -- moa-img map: which ranges of the disk are stored where. */
#include "cmd/img.h"

#include <errno.h>
#include <string.h>

struct extent {
    uint64_t start, bytes;
    struct image_status st;
    unsigned depth;
    const char *file;
};

static void print(const struct extent *e, bool as_json, bool last)
{
    if (!as_json) {
        if (e->st.data && e->st.has_offset)
            printf("%#-16llx%#-16llx%#-16llx%s\n", (unsigned long long)e->start,
                   (unsigned long long)e->bytes, (unsigned long long)e->st.offset, e->file);
        return;
    }
    printf("{ \"start\": %llu, \"length\": %llu, \"depth\": %u, \"present\": %s, \"zero\": %s, "
           "\"data\": %s, \"compressed\": %s",
           (unsigned long long)e->start, (unsigned long long)e->bytes, e->depth,
           e->st.allocated ? "true" : "false", e->st.zero ? "true" : "false",
           e->st.data ? "true" : "false", e->st.compressed ? "true" : "false");
    if (e->st.has_offset)
        printf(", \"offset\": %llu", (unsigned long long)e->st.offset);
    puts(last ? "}]" : "},");
}

static bool joins(const struct extent *a, const struct extent *b)
{
    return a->bytes && a->depth == b->depth && a->st.allocated == b->st.allocated &&
           a->st.zero == b->st.zero && a->st.data == b->st.data &&
           a->st.compressed == b->st.compressed && a->st.has_offset == b->st.has_offset &&
           (!a->st.has_offset || a->st.offset + a->bytes == b->st.offset);
}

static int map(struct image *im, uint64_t at, uint64_t end, bool as_json)
{
    struct extent now, before = {0};

    printf(as_json ? "[" : "%-16s%-16s%-16s%s\n", "Offset", "Length", "Mapped to", "File");
    for (; at < end; at += now.bytes) {
        struct image *layer = im;
        int r = image_status_above(im, NULL, at, end - at, &now.st, &now.depth);

        if (r < 0)
            return img_error("%s: %s", im->name, strerror(-r));
        for (unsigned i = 0; i < now.depth; i++)
            layer = layer->backing;
        now.start = at;
        now.bytes = now.st.bytes;
        now.file = layer->name;
        if (!as_json && now.st.data && !now.st.has_offset)
            return img_error("File contains external, encrypted or compressed clusters.");
        if (joins(&before, &now)) {
            before.bytes += now.bytes;
            continue;
        }
        if (before.bytes)
            print(&before, as_json, false);
        before = now;
    }
    if (before.bytes)
        print(&before, as_json, true);
    else if (as_json)
        puts("]");
    return 0;
}

int img_map(int argc, char **argv)
{
    static const struct option longs[] = {IMG_LONGS,
                                          {"format", required_argument, NULL, 'f'},
                                          {"output", required_argument, NULL, IMG_OUTPUT},
                                          {"start-offset", required_argument, NULL, 's'},
                                          {"max-length", required_argument, NULL, 'l'},
                                          {"force-share", no_argument, NULL, 'U'},
                                          {0}};
    uint64_t start = 0, length = UINT64_MAX;
    const char *format = NULL;
    bool as_json = false;
    uint32_t flags = 0;
    struct image *im;
    int o, r;

    while ((o = img_getopt(argc, argv, "hf:s:l:U", longs)) != -1)
        switch (o) {
        case 'f':
            format = optarg;
            break;
        case 's':
        case 'l':
            if (!img_size(optarg, o == 's' ? &start : &length))
                return img_error("Invalid %s: %s", o == 's' ? "start offset" : "length", optarg);
            break;
        case IMG_OUTPUT:
            as_json = strcmp(optarg, "json") == 0;
            if (!as_json && strcmp(optarg, "human") != 0)
                return img_error("--output must be used with human or json as argument.");
            break;
        case 'U':
            flags |= IMAGE_NO_LOCK;
            break;
        default:
            return 1;
        }
    if (optind != argc - 1)
        return img_usage("map", "Expecting one image file name");
    im = img_open(argv[optind], format, flags);
    if (!im)
        return 1;
    if (start > im->size)
        start = im->size;
    r = map(im, start, length < im->size - start ? start + length : im->size, as_json);
    image_close(im);
    return r;
}
