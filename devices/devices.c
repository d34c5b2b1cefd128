// SPDX-License-Identifier: MIT
/* devices/devices.c -- the table of all device classes. A new model is one line here. */
#include "devices/char/pl011.h"
#include "devices/core/device.h"

const struct dev_class *const dev_classes[] = {
    &pl011_class,
    NULL,
};
