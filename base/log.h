/* SPDX-License-Identifier: MIT */
/* base/log.h -- the -d log: what is logged (a mask of items) and where it goes.
 *
 * The mask and the stream are set once by cmd/ before the first vcpu runs; afterwards they are
 * read without a lock. A line is written with one call, so lines of different threads do not mix. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/base.h"

#include <stdio.h>

enum log_item {
#define LOG_ITEM(name, bit, text) LOG_##name = 1u << (bit),
#include "base/log_items.def"
#undef LOG_ITEM
};

extern uint32_t log_mask;

static inline bool log_on(enum log_item item)
{
    return MOA_UNLIKELY(log_mask & item);
}

/* Sets the mask from a list such as "in_asm,strace"; on an unknown word returns -EINVAL with
 * the word and those that are known in bad. "help" prints the list to out and returns 1. */
int log_parse(const char *list, FILE *out, char *bad, size_t bad_len);

/* Appends the log to a file instead of standard error ("%d" becomes the process id). 0 or -errno. */
int log_open(const char *path);

/* Limits in_asm, ir, out_asm and exec to guest addresses in list ("0x1000..0x1fff,0x8000+0x100").
 * 0 or -EINVAL. */
int log_filter(const char *list);
bool log_addr(uint64_t guest_pc);

/* Names of registers of devices ("pl011.DR") that are traced besides -d mmio: patterns as shells have
 * them; on false: no longer. 0, or -ENOSPC: too many. Set like the mask; the monitor may change both
 * while the machine stands. */
extern bool log_tracing;
int log_trace(const char *pattern, bool on);
bool log_traced(const char *name);

/* Where this thread's vcpu is while it accesses a device; vcpu < 0: it is none, or nobody knows. */
struct log_place {
    int vcpu;
    uint64_t pc;
};
extern _Thread_local struct log_place log_place;

void log_printf(const char *fmt, ...) MOA_PRINTF(1, 2);
FILE *log_stream(void);

#endif
