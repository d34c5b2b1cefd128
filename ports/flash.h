/* SPDX-License-Identifier: MIT */
/* ports/flash.h -- where the content of a flash chip is kept: who models the chip calls this after
 * each change, who owns the file filled it in. All zero: nowhere.
 *
 * Threads: calls with the machine's lock held. The port may write later; it copies what it needs.
 */
#ifndef PORTS_FLASH_H
#define PORTS_FLASH_H

#include "base/base.h"

struct flash_port {
    /* n bytes at offset of the chip are now data. */
    void (*changed)(void *to, uint64_t offset, const void *data, size_t n);
    void *to;
};

#endif
