/* SPDX-License-Identifier: MIT */
/* devices/nvme/nvme.h -- an NVM Express controller with one namespace, a PCI function. Properties:
 * drive (join_block before realize), serial (1..20 characters), max_ioqpairs. */
#ifndef DEVICES_NVME_NVME_H
#define DEVICES_NVME_NVME_H

#include "devices/core/device.h"

extern const struct dev_class nvme_class;

#endif
