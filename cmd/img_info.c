// SPDX-License-Identifier: MIT
/* cmd/img_info.c -- moa-img info: what an image is, for people and as JSON. */
#include "cmd/img.h"

#include <stdlib.h>
#include <string.h>

static void human(struct image *im, const struct image_facts *f)
{
    char a[32];
    const struct image_snapshot *list;
    unsigned n = 0;

    printf("image: %s\nfile format: %s\nvirtual size: %s (%llu bytes)\n", im->name,
           im->format->name, img_human(im->size, a, sizeof(a)), (unsigned long long)im->size);
    printf("disk size: %s\n", img_human(img_disk_size(im->name), a, sizeof(a)));
    if (f->cluster_size)
        printf("cluster_size: %u\n", f->cluster_size);
    if (f->dirty)
        puts("cleanly shut down: no");
    if (im->backing_file) {
        char *path = image_backing_path(im->name, im->backing_file);

        printf("backing file: %s", im->backing_file);
        if (path && strcmp(path, im->backing_file) != 0)
            printf(" (actual path: %s)", path);
        putchar('\n');
        free(path);
    }
    if (im->backing_file && im->backing_format)
        printf("backing file format: %s\n", im->backing_format);
    if (im->format->snap_list && im->format->snap_list(im, &list, &n) == 0 && n)
        img_snapshots(list, n);
    if (f->compat)
        printf("Format specific information:\n    compat: %s\n    compression type: %s\n",
               f->compat, f->compression);
    if (f->compat && f->version >= 3)
        printf("    lazy refcounts: %s\n    refcount bits: %u\n    corrupt: %s\n    extended l2: "
               "false\n",
               f->lazy_refcounts ? "true" : "false", f->refcount_bits,
               f->corrupt ? "true" : "false");
    else if (f->compat)
        printf("    refcount bits: %u\n", f->refcount_bits);
}

static void field(const char *indent, const char *name, const char *value)
{
    printf("%s\"%s\": ", indent, name);
    img_json(value);
    puts(",");
}

static void json_snapshots(const struct image_snapshot *s, unsigned n)
{
    puts("    \"snapshots\": [");
    for (unsigned i = 0; i < n; i++, s++) {
        puts("        {");
        if (s->icount != UINT64_MAX)
            printf("            \"icount\": %llu,\n", (unsigned long long)s->icount);
        printf("            \"vm-clock-nsec\": %llu,\n            \"vm-clock-sec\": %llu,\n",
               (unsigned long long)(s->vm_clock_nsec % 1000000000),
               (unsigned long long)(s->vm_clock_nsec / 1000000000));
        printf("            \"date-sec\": %u,\n            \"date-nsec\": %u,\n", s->date_sec,
               s->date_nsec);
        field("            ", "name", s->name);
        field("            ", "id", s->id);
        printf("            \"vm-state-size\": %llu\n        }%s\n",
               (unsigned long long)s->vm_state_size, i + 1 < n ? "," : "");
    }
    puts("    ],");
}

static void json(struct image *im, const struct image_facts *f)
{
    const struct image_snapshot *list;
    unsigned n = 0;

    puts("{");
    if (im->backing_file && im->backing_format)
        field("    ", "backing-filename-format", im->backing_format);
    if (im->format->snap_list && im->format->snap_list(im, &list, &n) == 0 && n)
        json_snapshots(list, n);
    printf("    \"virtual-size\": %llu,\n", (unsigned long long)im->size);
    field("    ", "filename", im->name);
    if (f->cluster_size)
        printf("    \"cluster-size\": %u,\n", f->cluster_size);
    field("    ", "format", im->format->name);
    printf("    \"actual-size\": %llu,\n", (unsigned long long)img_disk_size(im->name));
    if (f->compat) {
        printf("    \"format-specific\": {\n        \"type\": \"%s\",\n        \"data\": {\n"
               "            \"compat\": \"%s\",\n            \"compression-type\": \"%s\",\n",
               im->format->name, f->compat, f->compression);
        if (f->version >= 3)
            printf("            \"lazy-refcounts\": %s,\n            \"corrupt\": %s,\n"
                   "            \"extended-l2\": false,\n",
                   f->lazy_refcounts ? "true" : "false", f->corrupt ? "true" : "false");
        printf("            \"refcount-bits\": %u\n        }\n    },\n", f->refcount_bits);
    }
    if (im->backing_file) {
        char *path = image_backing_path(im->name, im->backing_file);

        if (path)
            field("    ", "full-backing-filename", path);
        free(path);
        field("    ", "backing-filename", im->backing_file);
    }
    printf("    \"dirty-flag\": %s\n}", f->dirty ? "true" : "false");
}

static int show_chain(const char *file, const char *format, uint32_t flags, bool chain,
                      bool as_json)
{
    /* with the chain opened at once, a loop or a missing link is found before anything is printed
     */
    struct image *top = img_open(file, format, flags | (chain ? 0 : IMAGE_NO_BACKING));

    if (!top)
        return 1;
    if (as_json && chain)
        puts("[");
    for (struct image *im = top; im; im = im->backing) {
        struct image_facts f = {0};

        if (im->format->facts)
            im->format->facts(im, &f);
        if (as_json)
            json(im, &f);
        else
            human(im, &f);
        if (im->backing)
            puts(as_json ? "," : "");
        else if (as_json)
            putchar('\n');
    }
    if (as_json && chain)
        puts("]");
    image_close(top);
    return 0;
}

int img_info(int argc, char **argv)
{
    static const struct option longs[] = {IMG_LONGS,
                                          {"format", required_argument, NULL, 'f'},
                                          {"output", required_argument, NULL, IMG_OUTPUT},
                                          {"backing-chain", no_argument, NULL, IMG_BACKING_CHAIN},
                                          {"force-share", no_argument, NULL, 'U'},
                                          {0}};
    const char *format = NULL;
    bool as_json = false, chain = false;
    uint32_t flags = 0;
    int o;

    while ((o = img_getopt(argc, argv, "hf:U", longs)) != -1)
        switch (o) {
        case 'f':
            format = optarg;
            break;
        case IMG_OUTPUT:
            as_json = strcmp(optarg, "json") == 0;
            if (!as_json && strcmp(optarg, "human") != 0)
                return img_error("--output must be used with human or json as argument.");
            break;
        case IMG_BACKING_CHAIN:
            chain = true;
            break;
        case 'U':
            flags |= IMAGE_NO_LOCK;
            break;
        default:
            return 1;
        }
    if (optind != argc - 1)
        return img_usage("info", "Expecting one image file name");
    return show_chain(argv[optind], format, flags, chain, as_json);
}
