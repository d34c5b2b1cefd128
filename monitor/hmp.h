/* SPDX-License-Identifier: MIT */
/* monitor/hmp.h -- the human monitor. Threads: input comes from the main loop with the machine's lock
 * held; a command that must pause the vcpus hands that to the main loop (machine_request). */
#ifndef MONITOR_HMP_H
#define MONITOR_HMP_H

#include "machines/machine.h"

/* As machine_options wants them. */
void *hmp_new(struct machine *m, struct bytes_in *in);
void hmp_attach(void *monitor, struct bytes_out out);
void hmp_free(void *monitor);

#endif
