/* SPDX-License-Identifier: MIT */
/* machines/blockdev.h -- images of the host by the options that say where they are: -blockdev's
 * nodes and -drive. Main thread. */
#ifndef MACHINES_BLOCKDEV_H
#define MACHINES_BLOCKDEV_H

#include "host/block/image.h"
#include "machines/dict.h"

#define BLOCKDEV_NODES 64

struct blockdev_node { /* of -blockdev */
    char *name;
    struct dict words;
    bool child; /* another node lies over it */
};

struct blockdev {
    struct blockdev_node nodes[BLOCKDEV_NODES];
    unsigned n;
};

/* What a node has that says nothing about it itself. */
struct blockdev_defaults {
    bool read_only, direct, unsafe, discard, no_lock;
    bool probe; /* -drive: without a driver, look at the first bytes */
    bool look;  /* another process has it, and nothing is to be changed */
};

/* -blockdev. 0, or -1 with one line in err. */
int blockdev_add(struct blockdev *b, const char *text, char *err, size_t err_len);
void blockdev_free(struct blockdev *b);
/* Which nodes others lie over: once, when all are there. */
int blockdev_children(struct blockdev *b, char *err, size_t err_len);
/* Opens what the words describe. All words are used, or the first that is not is the error. */
int blockdev_open(struct blockdev *b, struct dict *w, const struct blockdev_defaults *d,
                  struct image **out, struct block_err *err);

/* "ignore", "off", "unmap", "on": 0 or 1; else -1. */
int blockdev_discard(const char *value);

#endif
