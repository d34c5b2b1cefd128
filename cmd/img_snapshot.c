// SPDX-License-Identifier: MIT
/* cmd/img_snapshot.c -- moa-img snapshot: lists, makes, applies and deletes internal snapshots. */
#include "cmd/img.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void img_snapshots(const struct image_snapshot *s, unsigned n)
{
    puts("Snapshot list:");
    printf("%-7s %-16s %8s %19s %11s %10s\n", "ID", "TAG", "VM SIZE", "DATE", "VM CLOCK", "ICOUNT");
    for (; n; n--, s++) {
        uint64_t sec = s->vm_clock_nsec / 1000000000, ms = s->vm_clock_nsec / 1000000 % 1000;
        char size[32], date[32] = "", clock[64], icount[32] = "";
        time_t t = s->date_sec;
        struct tm tm;

        if (localtime_r(&t, &tm))
            strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm);
        snprintf(clock, sizeof(clock), "%02llu:%02llu:%02llu.%03llu",
                 (unsigned long long)sec / 3600, (unsigned long long)sec / 60 % 60,
                 (unsigned long long)sec % 60, (unsigned long long)ms);
        if (s->icount != UINT64_MAX)
            snprintf(icount, sizeof(icount), "%llu", (unsigned long long)s->icount);
        printf("%-9s %-16s %8s %19s %11s %10s\n", s->id, s->name,
               img_human(s->vm_state_size, size, sizeof(size)), date, clock, icount);
    }
}

static int act(struct image *im, int what, const char *name)
{
    struct image_snapshot new = {.name = (char *)(uintptr_t)name, .icount = UINT64_MAX};
    const struct image_snapshot *list;
    struct block_err err = {""};
    struct timespec now;
    unsigned n;
    int r;

    if (!im->format->snap_list)
        return img_error("%s: the format '%s' has no snapshots", im->name, im->format->name);
    switch (what) {
    case 'c':
        clock_gettime(CLOCK_REALTIME, &now);
        new.date_sec = (uint32_t)now.tv_sec;
        new.date_nsec = (uint32_t)now.tv_nsec;
        r = im->format->snap_create(im, &new, &err);
        if (r < 0)
            return img_error("Could not create snapshot '%s': %s", name,
                             err.text[0] ? err.text : strerror(-r));
        return 0;
    case 'a':
        r = im->format->snap_apply(im, name, &err);
        if (r < 0)
            return img_error("%s", err.text[0] ? err.text : strerror(-r));
        return 0;
    case 'd':
        r = im->format->snap_delete(im, name, &err);
        if (r < 0)
            return img_error("%s", err.text[0] ? err.text : strerror(-r));
        return 0;
    default:
        r = im->format->snap_list(im, &list, &n);
        if (r < 0)
            return img_error("%s: %s", im->name, strerror(-r));
        if (n)
            img_snapshots(list, n);
        return 0;
    }
}

int img_snapshot(int argc, char **argv)
{
    static const struct option longs[] = {IMG_LONGS, {"force-share", no_argument, NULL, 'U'}, {0}};
    const char *format = NULL, *name = NULL;
    uint32_t flags = IMAGE_NO_BACKING;
    struct image *im;
    int what = 0, o, r;

    while ((o = img_getopt(argc, argv, "hf:la:c:d:qU", longs)) != -1)
        switch (o) {
        case 'l':
        case 'a':
        case 'c':
        case 'd':
            if (what)
                return img_usage("snapshot", "Cannot mix '-l', '-a', '-c', '-d'");
            what = o;
            name = optarg;
            break;
        case 'f':
            format = optarg;
            break;
        case 'q':
            break;
        case 'U':
            flags |= IMAGE_NO_LOCK;
            break;
        default:
            return 1;
        }
    if (optind != argc - 1)
        return img_usage("snapshot", "Expecting one image file name");
    if (what && what != 'l') {
        flags |= IMAGE_WRITE;
        if (flags & IMAGE_NO_LOCK)
            return img_usage("snapshot", "-U is for listing only");
    }
    im = img_open(argv[optind], format, flags);
    if (!im)
        return 1;
    r = act(im, what, name);
    o = image_close(im);
    if (o < 0 && r == 0)
        r = img_error("%s: %s", argv[optind], strerror(-o));
    return r;
}
