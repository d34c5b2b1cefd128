/* SPDX-License-Identifier: MIT */
/* devices/gpio/pl061.h -- ARM PL061: eight pins. Region 0: its 4 KiB; lines: the interrupt, then
 * what the pins are driven to. */
#ifndef DEVICES_GPIO_PL061_H
#define DEVICES_GPIO_PL061_H

#include "devices/core/device.h"

enum pl061_line { PL061_IRQ, PL061_PIN0 /* to PL061_PIN0 + 7 */ };

extern const struct dev_class pl061_class;

/* What drives pin n from outside: a key, another device. */
struct irq_line pl061_pin(struct device *d, unsigned n);

#endif
