/* SPDX-License-Identifier: MIT */
/* devices/net/e1000e.h -- Intel 82574L gigabit Ethernet controller, a PCI function. Properties:
 * netdev (join_packets before realize), mac. */
#ifndef DEVICES_NET_E1000E_H
#define DEVICES_NET_E1000E_H

#include "devices/core/device.h"

extern const struct dev_class e1000e_class;

#endif
