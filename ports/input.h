/* SPDX-License-Identifier: MIT */
/* ports/input.h -- keys, buttons and motion from the host to input devices. Kinds and codes are
 * those of Linux's evdev interface (EV_KEY, KEY_A, ...), whose numbers are stable and which
 * virtio-input passes on as they are; ports/keys.def has the keys with their names.
 * machines/input.c finds the device that an event is for.
 *
 * Threads: all calls with the machine's lock held. */
#ifndef PORTS_INPUT_H
#define PORTS_INPUT_H

#include "base/base.h"

enum input_kind { INPUT_KEY = 1, INPUT_REL = 2, INPUT_ABS = 3 };
enum input_rel { INPUT_REL_X = 0, INPUT_REL_Y = 1, INPUT_REL_HWHEEL = 6, INPUT_REL_WHEEL = 8 };
enum input_abs { INPUT_ABS_X = 0, INPUT_ABS_Y = 1 };
#define INPUT_ABS_MAX 0x7fff /* 0: left, top; this: right, bottom */
enum input_button {
    INPUT_BTN_LEFT = 0x110,
    INPUT_BTN_RIGHT = 0x111,
    INPUT_BTN_MIDDLE = 0x112,
    INPUT_BTN_SIDE = 0x113,
    INPUT_BTN_EXTRA = 0x114
};
enum input_led { INPUT_LED_NUM = 1, INPUT_LED_CAPS = 2, INPUT_LED_SCROLL = 4 };

struct input_event {
    uint16_t kind, code; /* keys and buttons: INPUT_KEY */
    int32_t value;       /* 1 down, 0 up; steps; position */
};

/* What a device takes, or-ed. Wheels go with either pointer. */
enum input_takes { INPUT_TAKES_KEYS = 1, INPUT_TAKES_REL = 2, INPUT_TAKES_ABS = 4 };

/* What the host's side calls. */
struct input_in {
    void *dev;
    const char *name; /* as info mice shows it */
    uint32_t takes;
    /* Events of one moment: they belong together. What is not known is ignored. */
    void (*events)(void *dev, const struct input_event *e, unsigned n);
    bool (*ready)(void *dev); /* somebody listens; others come first otherwise */
};

/* What the device calls. */
struct input_out {
    void *to;
    void (*leds)(void *to, uint32_t on); /* enum input_led, or-ed; or NULL */
};

#endif
