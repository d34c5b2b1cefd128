/* SPDX-License-Identifier: MIT */
/* host/block/formats.h -- the formats that there are; image.c lists them. */
#ifndef HOST_BLOCK_FORMATS_H
#define HOST_BLOCK_FORMATS_H

#include "host/block/image.h"

extern const struct image_format raw_format;
extern const struct image_format qcow2_format;

#endif
