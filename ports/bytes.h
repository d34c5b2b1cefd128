/* SPDX-License-Identifier: MIT */
/* ports/bytes.h -- a stream of characters between a device (a UART, a console) and a host service
 * (standard output, socket, file). Both sides fill in their half; machines/ joins them.
 *
 * Threads: all calls with the machine's lock held. */
#ifndef PORTS_BYTES_H
#define PORTS_BYTES_H

#include "base/base.h"

enum bytes_event { BYTES_OPENED, BYTES_CLOSED, BYTES_BREAK };

/* What the device calls. */
struct bytes_out {
    void *to;
    /* Takes up to n bytes, returns how many; fewer: wait for room() of the device's half. */
    size_t (*write)(void *to, const uint8_t *buf, size_t n);
    void (*accept)(void *to); /* the device can take bytes again */
};

/* What the host service calls. */
struct bytes_in {
    void *dev;
    size_t (*can_take)(void *dev);
    void (*take)(void *dev, const uint8_t *buf, size_t n); /* n <= can_take() */
    void (*room)(void *dev);                               /* write() may take more now; or NULL */
    void (*event)(void *dev, enum bytes_event e);          /* or NULL */
};

#endif
