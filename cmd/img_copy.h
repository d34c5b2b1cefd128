/* SPDX-License-Identifier: MIT */
/* cmd/img_copy.h -- the bytes of moa-img convert. */
#ifndef CMD_IMG_COPY_H
#define CMD_IMG_COPY_H

#include "cmd/img.h"

struct copy {
    struct image **in; /* one behind the other */
    unsigned nin;
    struct image *out;
    uint64_t sparse;  /* zeroes from this length on are not written; 0: all are */
    uint64_t cluster; /* of out, 0: none */
    unsigned threads;
    bool compress;
    bool blank;       /* out reads as zeroes everywhere */
    bool has_backing; /* out shows what lies below; only what the sources' top holds is copied */
    bool full;        /* out is allocated already: zeroes need no write */
    bool any_order;
    bool progress;
};

int img_copy(struct copy *c); /* 0, or 1 after a message */

#endif
