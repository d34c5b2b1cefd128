/* SPDX-License-Identifier: MIT */
/* cmd/img.h -- what the commands of moa-img share. Words, output and exit codes are those of
 * qemu-img. */
#ifndef CMD_IMG_H
#define CMD_IMG_H

#include "host/block/image.h"

#include <getopt.h>
#include <stdio.h>

int img_bench(int argc, char **argv);
int img_create(int argc, char **argv);
int img_convert(int argc, char **argv);
int img_info(int argc, char **argv);
int img_check(int argc, char **argv);
int img_resize(int argc, char **argv);
int img_snapshot(int argc, char **argv);
int img_map(int argc, char **argv);
int img_compare(int argc, char **argv);
int img_rebase(int argc, char **argv);
int img_commit(int argc, char **argv);

/* "moa-img: text" on standard error; 1. */
int img_error(const char *fmt, ...) MOA_PRINTF(1, 2);
int img_usage(const char *command, const char *why); /* with a hint at --help; 1 */
/* The next option, or -1; '?' after a message. -h, --help, --image-opts and --object are dealt
 * with. */
int img_getopt(int argc, char **argv, const char *words, const struct option *longs);

/* "10G", "1.5k", "512"; false: not a size. */
bool img_size(const char *text, uint64_t *size);
const char *img_human(uint64_t size, char *buf, size_t n); /* "1.5 MiB" */
/* Options of -o into c and, if they are NULL so far, the names. 0, 1 after a message; 2: the list
 * was asked for and printed. The text is taken apart and has to stay. */
int img_creation(char *list, const char *format, struct image_create *c);
bool img_prealloc(const char *word, enum image_prealloc *p);
/* none, writeback, unsafe, directsync, writethrough: adds to *flags. */
bool img_cache(const char *word, uint32_t *flags);
void img_formatting(const char *file, const char *format, const struct image_create *c);

/* Opens, or says why not (NULL). */
struct image *img_open(const char *path, const char *format, uint32_t flags);

void img_snapshots(const struct image_snapshot *s, unsigned n); /* the table of snapshots */
void img_json(const char *text);                                /* in quotes */
void img_progress(bool on, uint64_t done, uint64_t all);
void img_progress_end(bool on);
uint64_t img_disk_size(const char *path); /* bytes that the file takes up */

enum {
    IMG_OUTPUT = 256,
    IMG_BACKING_CHAIN,
    IMG_PREALLOCATION,
    IMG_SHRINK,
    IMG_START,
    IMG_LENGTH,
    IMG_HELP,
    IMG_REFUSED,
    IMG_FLUSH,
    IMG_PATTERN
};

/* Between -f's letters and the rest. */
#define IMG_LONGS                                                                                  \
    {"help", no_argument, NULL, IMG_HELP}, {"image-opts", no_argument, NULL, IMG_REFUSED},         \
        {"object", required_argument, NULL, IMG_REFUSED},                                          \
    {                                                                                              \
        "target-image-opts", no_argument, NULL, IMG_REFUSED                                        \
    }

#endif
