// SPDX-License-Identifier: MIT
/* devices/devices.c -- the table of all device classes. A new model is one line here. */
#include "devices/char/pl011.h"
#include "devices/core/device.h"
#include "devices/intc/gicv2.h"
#include "devices/intc/gicv3.h"

const struct dev_class *const dev_classes[] = {
    &gicv2_class,
    &gicv2m_class,
    &gicv3_class,
    &pl011_class,
    NULL,
};
