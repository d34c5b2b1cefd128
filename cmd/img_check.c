// SPDX-License-Identifier: MIT
/* cmd/img_check.c -- moa-img check. Status 0: clean, 1: could not be done, 2: corrupt, 3: leaks
 * only, 63: the format has no checks. After a repair it says what is left. */
#include "cmd/img.h"

#include <errno.h>
#include <string.h>

enum { CLEAN, FAILED, CORRUPT, LEAKS, NO_CHECKS = 63 };

static void say(void *arg, const char *line)
{
    (void)arg;
    fprintf(stderr, "%s\n", line);
}

static void json(const struct image *im, const struct image_check *c)
{
    static const char *const names[] = {
        "image-end-offset",    "total-clusters",      "check-errors", "allocated-clusters",
        "fragmented-clusters", "compressed-clusters", "corruptions",  "leaks",
        "corruptions-fixed",   "leaks-fixed"};
    uint64_t values[] = {c->end_offset,        c->total_clusters, c->errors,      c->allocated,
                         c->fragmented,        c->compressed,     c->corruptions, c->leaks,
                         c->corruptions_fixed, c->leaks_fixed};

    puts("{");
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        if (values[i] || i == 2)
            printf("    \"%s\": %llu,\n", names[i], (unsigned long long)values[i]);
    printf("    \"filename\": ");
    img_json(im->name);
    printf(",\n    \"format\": \"%s\"\n}\n", im->format->name);
}

static void human(const struct image_check *c)
{
    if (c->corruptions_fixed || c->leaks_fixed)
        printf(
            "The following inconsistencies were found and repaired:\n\n    %llu leaked clusters\n"
            "    %llu corruptions\n\nDouble checking the fixed image now...\n",
            (unsigned long long)c->leaks_fixed, (unsigned long long)c->corruptions_fixed);
    if (c->corruptions)
        printf("\n%llu errors were found on the image.\n"
               "Data may be corrupted, or further writes to the image may corrupt it.\n",
               (unsigned long long)c->corruptions);
    if (c->leaks)
        printf("\n%llu leaked clusters were found on the image.\n"
               "This means waste of disk space, but no harm to data.\n",
               (unsigned long long)c->leaks);
    if (c->errors)
        printf("\n%llu internal errors have occurred during the check.\n",
               (unsigned long long)c->errors);
    if (!c->corruptions && !c->leaks && !c->errors)
        puts("No errors were found on the image.");
    if (c->total_clusters && c->allocated)
        printf("%llu/%llu = %0.2f%% allocated, %0.2f%% fragmented, %0.2f%% compressed clusters\n",
               (unsigned long long)c->allocated, (unsigned long long)c->total_clusters,
               100.0 * (double)c->allocated / (double)c->total_clusters,
               100.0 * (double)c->fragmented / (double)c->allocated,
               100.0 * (double)c->compressed / (double)c->allocated);
    if (c->end_offset)
        printf("Image end offset: %llu\n", (unsigned long long)c->end_offset);
}

static int run(struct image *im, enum image_fix fix, bool quiet, bool as_json)
{
    struct image_check c = {.say = quiet || as_json ? NULL : say}, again = {.say = c.say};
    struct block_err err = {""};
    int r = im->format->check(im, &c, fix, &err);

    if (r == 0 && (c.leaks_fixed || c.corruptions_fixed)) {
        r = im->format->check(im, &again, IMAGE_FIX_NONE, &err);
        again.leaks_fixed = c.leaks_fixed;
        again.corruptions_fixed = c.corruptions_fixed;
        c = again;
    }
    if (r < 0) {
        img_error("Check failed: %s", err.text[0] ? err.text : strerror(-r));
        return FAILED;
    }
    if (as_json)
        json(im, &c);
    else if (!quiet)
        human(&c);
    return c.errors ? FAILED : c.corruptions ? CORRUPT : c.leaks ? LEAKS : CLEAN;
}

int img_check(int argc, char **argv)
{
    static const struct option longs[] = {IMG_LONGS,
                                          {"format", required_argument, NULL, 'f'},
                                          {"repair", required_argument, NULL, 'r'},
                                          {"output", required_argument, NULL, IMG_OUTPUT},
                                          {"force-share", no_argument, NULL, 'U'},
                                          {0}};
    uint32_t flags = IMAGE_CHECK | IMAGE_NO_BACKING;
    enum image_fix fix = IMAGE_FIX_NONE;
    const char *format = NULL;
    bool quiet = false, as_json = false;
    struct image *im;
    int o, r;

    while ((o = img_getopt(argc, argv, "hf:r:T:qU", longs)) != -1)
        switch (o) {
        case 'f':
            format = optarg;
            break;
        case 'r':
            if (strcmp(optarg, "leaks") == 0)
                fix = IMAGE_FIX_LEAKS;
            else if (strcmp(optarg, "all") == 0)
                fix = IMAGE_FIX_ALL;
            else
                return img_usage("check", "-r needs 'leaks' or 'all'");
            flags |= IMAGE_WRITE;
            break;
        case 'T':
            if (!img_cache(optarg, &flags))
                return 1;
            break;
        case IMG_OUTPUT:
            as_json = strcmp(optarg, "json") == 0;
            if (!as_json && strcmp(optarg, "human") != 0)
                return img_error("--output must be used with human or json as argument.");
            break;
        case 'q':
            quiet = true;
            break;
        case 'U':
            flags |= IMAGE_NO_LOCK;
            break;
        default:
            return FAILED;
        }
    if (optind != argc - 1)
        return img_usage("check", "Expecting one image file name");
    im = img_open(argv[optind], format, flags);
    if (!im)
        return FAILED;
    if (!im->format->check) {
        img_error("This image format does not support checks");
        image_close(im);
        return NO_CHECKS;
    }
    r = run(im, fix, quiet, as_json);
    o = image_close(im);
    if (o < 0 && r == CLEAN)
        r = img_error("%s: %s", argv[optind], strerror(-o));
    return r;
}
