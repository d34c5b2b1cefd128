/* SPDX-License-Identifier: MIT */
/* monitor/hmp.h -- the human monitor. Threads: input comes from the main loop with the machine's lock
 * held; a command that must pause the vcpus hands that to the main loop (machine_request). */
#ifndef MONITOR_HMP_H
#define MONITOR_HMP_H

#include "machines/machine.h"

extern const struct machine_monitor_class hmp_class;

/* Runs one command line as if typed, registers and memory being those of vcpu cpu; what it prints, to
 * be freed, or NULL. Main thread, without the machine's lock. */
char *hmp_command(struct machine *m, const char *line, unsigned cpu);

#endif
