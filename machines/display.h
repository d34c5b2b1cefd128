/* SPDX-License-Identifier: MIT */
/* machines/display.h -- what a machine shows and what is typed into it: consoles (one for each head
 * of each display device), viewers (windows, VNC servers), input devices. The functions are those
 * that both monitors offer.
 *
 * Threads: all with the machine's lock held unless they say otherwise. Those with err give 0, or
 * -errno with one line in err. */
#ifndef MACHINES_DISPLAY_H
#define MACHINES_DISPLAY_H

#include "machines/machine.h"
#include "ports/display.h"
#include "ports/input.h"

#define MACHINE_CONSOLES 32
#define MACHINE_VIEWERS  8

/* ---- consoles ---- */
unsigned machine_consoles(const struct machine *m);
/* What console n shows now, up to date; pixels NULL: nothing. */
const struct display_surface *machine_console(struct machine *m, unsigned n);

/* Writes a picture of a console into a file: of head `head` of the device called id, or of the
 * first one (id NULL). format: "ppm" (also NULL) or "png". Black where nothing is shown. */
int machine_screendump(struct machine *m, const char *file, const char *id, unsigned head,
                       const char *format, char *err, size_t err_len);

/* ---- input ---- */
/* Events of one moment, each to the device that takes it: keys to the keyboard, positions to the
 * tablet, the rest to the pointer that is in use. -ENODEV: nobody took any. */
int machine_input(struct machine *m, const struct input_event *e, unsigned n);
bool machine_input_absolute(struct machine *m); /* the pointer in use takes positions */
uint32_t machine_input_leds(struct machine *m); /* of the keyboard: enum input_led */

/* Keys by name or number, "ctrl-alt-f1": all down in this order, up again after hold milliseconds
 * (0: 100). Waits its turn behind what was sent before. */
int machine_sendkey(struct machine *m, const char *keys, unsigned hold, char *err, size_t err_len);
int machine_send_keys(struct machine *m, const uint16_t *codes, unsigned n, unsigned hold,
                      char *err, size_t err_len);
uint16_t machine_key(const char *name, size_t len); /* evdev code; 0: no such key */

/* Pointer number n of info mice becomes the one in use. */
int machine_mouse_set(struct machine *m, unsigned n, char *err, size_t err_len);
/* Calls one() for each pointer. */
void machine_mice(struct machine *m,
                  void (*one)(void *to, unsigned n, const char *name, bool absolute, bool in_use),
                  void *to);

/* ---- the balloon ---- */
/* The guest shall have that many bytes of memory; what it really has. -ENODEV: no balloon. */
int machine_balloon(struct machine *m, uint64_t bytes, char *err, size_t err_len);
int machine_balloon_info(struct machine *m, uint64_t *actual, uint64_t stats[10], char *err,
                         size_t err_len);

/* ---- VNC ---- */
int machine_vnc_password(struct machine *m, const char *password, char *err, size_t err_len);
void machine_vnc_info(struct machine *m, void (*line)(void *to, const char *text), void *to);

/* ---- for machines/ ---- */
int machine_join_display(struct machine *m, struct device *d, char *err, size_t err_len);
int machine_join_input(struct machine *m, struct device *d, char *err, size_t err_len);
/* -display, -vnc: after all devices are there; without the lock, on the main thread. */
int machine_viewers_open(struct machine *m, char *err, size_t err_len);
void machine_viewers_close(struct machine *m); /* before the devices go; without the lock */
void machine_displays_free(struct machine *m); /* after them */
void machine_inputs_free(struct machine *m);

#endif
