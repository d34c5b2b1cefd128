/* SPDX-License-Identifier: MIT */
/* debug/jitdump.h -- tells Linux perf about translated code through a jitdump file.
 *
 * perf record -k mono moa -perf ./program; perf inject --jit -i perf.data -o out.data;
 * perf report -i out.data. Called under the engine's lock. */
#ifndef DEBUG_JITDUMP_H
#define DEBUG_JITDUMP_H

#include "base/base.h"

/* Opens jit-PID.dump in dir. 0 or -errno. */
int jitdump_open(const char *dir);
bool jitdump_is_open(void);
void jitdump_add(uint64_t guest_pc, const void *code, size_t len);
void jitdump_close(void);

#endif
