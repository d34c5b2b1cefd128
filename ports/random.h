/* SPDX-License-Identifier: MIT */
/* ports/random.h -- where a device gets random bytes from. */
#ifndef PORTS_RANDOM_H
#define PORTS_RANDOM_H

#include "base/base.h"

struct random_port {
    void (*fill)(void *to, void *buf, size_t n); /* always all of it; machine's lock held */
    void *to;
};

#endif
