/* SPDX-License-Identifier: MIT */
/* devices/timer/pl031.h -- ARM PL031 real-time clock. Region 0: its 4 KiB; irq[0]: the alarm. It
 * counts the seconds of CLOCK_HOST, which the board may have moved (-rtc base). */
#ifndef DEVICES_TIMER_PL031_H
#define DEVICES_TIMER_PL031_H

#include "devices/core/device.h"

extern const struct dev_class pl031_class;

#endif
