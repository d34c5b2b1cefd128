/* SPDX-License-Identifier: MIT */
/* devices/char/pl011.h -- ARM PL011 UART. Region 0: its 4 KiB of registers. Lines: below.
 * join_bytes joins it with the world; without, what it sends vanishes. */
#ifndef DEVICES_CHAR_PL011_H
#define DEVICES_CHAR_PL011_H

#include "devices/core/device.h"

enum pl011_line { /* device.irq */
                  PL011_IRQ /* all of the others together; what most boards wire */,
                  PL011_IRQ_RX,
                  PL011_IRQ_TX,
                  PL011_IRQ_RT,
                  PL011_IRQ_MODEM,
                  PL011_IRQ_ERROR
};

extern const struct dev_class pl011_class;

#endif
