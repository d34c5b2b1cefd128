/* SPDX-License-Identifier: MIT */
/* monitor/output.h -- what a monitor says and its character device has not taken yet. All calls with
 * the machine's lock held. */
#ifndef MONITOR_OUTPUT_H
#define MONITOR_OUTPUT_H

#include "ports/bytes.h"

struct monitor_output {
    struct bytes_out out;
    bool attached; /* out is filled */
    char *waiting;
    size_t n, room;
};

/* More than this waits: whoever does not read is not listened to. */
#define MONITOR_OUTPUT_HIGH (64u << 10)

void monitor_write(struct monitor_output *o, const char *text, size_t n);
void monitor_push(struct monitor_output *o); /* the device takes bytes again */
void monitor_drop(struct monitor_output *o); /* nobody is there to read it */
void monitor_output_free(struct monitor_output *o);

#endif
