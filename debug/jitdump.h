/* SPDX-License-Identifier: MIT */
/* debug/jitdump.h -- tells Linux perf about translated code.
 *
 * With a jitdump file: perf record -k mono moa -jitdump ./program; perf inject --jit -i
 * perf.data -o out.data; perf report -i out.data. With a map: perf record moa -perfmap
 * ./program; perf report. Functions are called by one thread at a time, under the engine's lock. */
#ifndef DEBUG_JITDUMP_H
#define DEBUG_JITDUMP_H

#include "base/base.h"

/* Opens jit-PID.dump in dir. A child after fork gets a file of its own. 0 or -errno. */
int jitdump_open(const char *dir);
/* Opens /tmp/perf-PID.map. 0 or -errno. */
int perfmap_open(void);
/* True if either is open. */
bool jitdump_is_open(void);
/* name: of the guest's function, NULL: none is known. */
void jitdump_add(uint64_t guest_pc, const char *name, const void *code, size_t len);
void jitdump_close(void);

#endif
