/* SPDX-License-Identifier: MIT */
/* host/display/vnc_keys.h -- what VNC clients call keys, to evdev's numbers. 0: no such key. */
#ifndef HOST_DISPLAY_VNC_KEYS_H
#define HOST_DISPLAY_VNC_KEYS_H

#include "base/base.h"

/* A keysym of X: the key that has it on a keyboard of the United States. */
uint16_t vnc_key_of_sym(uint32_t sym);
/* A PC's scancode of the first set, with 0x80 for those that begin with 0xe0. */
uint16_t vnc_key_of_scancode(uint32_t code);

#endif
