/* SPDX-License-Identifier: MIT */
/* tests/host/block/model.h -- random work on an image beside a flat model of what the disk holds.
 * Each sector that is written carries a stamp, so that a sector read later tells which operation
 * wrote it. The model remembers all that each sector held, for questions about loss of power. */
#ifndef TESTS_HOST_BLOCK_MODEL_H
#define TESTS_HOST_BLOCK_MODEL_H

#include "host/block/image.h"
#include "tests/host/block/tape.h"

struct change {
    uint32_t op;
    uint64_t stamp; /* 0: zeroes */
};

struct held {
    struct change *at;
    unsigned n, room;
};

struct model_snapshot {
    char name[16];
    uint32_t made, gone; /* operations; gone UINT32_MAX: still there */
    uint64_t *stamp;
    uint64_t size;
};

struct model_op {
    size_t first, last; /* events of the tape: before and behind it */
    bool durable;       /* all up to here is, once it has returned */
};

struct model {
    uint64_t rng;
    uint64_t sectors, max_sectors;
    struct held *held;   /* by sector */
    struct model_op *op; /* number 0 is the start */
    uint32_t nops, room;
    struct model_snapshot snap[64];
    unsigned nsnap;
    struct tape *tape; /* or NULL */
    bool snapshots, compress, resize;
};

void model_init(struct model *m, uint64_t size, uint64_t max_size, uint64_t seed);
void model_free(struct model *m);
/* One random operation on both; checks what it reads. Aborts the test on a difference. */
void model_step(struct model *m, struct image *im);
void model_compare(struct model *m,
                   struct image *im); /* all of the disk, and all snapshots' names */
/* Could the image be what is left after the power went when the tape had so many events? */
void model_check_cut(struct model *m, struct image *im, size_t events);

#endif
