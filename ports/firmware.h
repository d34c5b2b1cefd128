/* SPDX-License-Identifier: MIT */
/* ports/firmware.h -- a file that a device offers to firmware, which writes into it; fw_cfg shows
 * it, and calls the device.
 *
 * Threads: calls with the machine's lock held. */
#ifndef PORTS_FIRMWARE_H
#define PORTS_FIRMWARE_H

#include "base/base.h"

struct firmware_file {
    const char *name; /* lives as long as the device */
    uint32_t len;     /* zeros at first */
    void *dev;
    void (*written)(void *dev, const uint8_t *content); /* len bytes, after each write */
};

#endif
