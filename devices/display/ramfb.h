/* SPDX-License-Identifier: MIT */
/* devices/display/ramfb.h -- a frame buffer in guest memory that firmware sets up by fw_cfg. */
#ifndef DEVICES_DISPLAY_RAMFB_H
#define DEVICES_DISPLAY_RAMFB_H

#include "devices/core/device.h"

extern const struct dev_class ramfb_class;

#endif
