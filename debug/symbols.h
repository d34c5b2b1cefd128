/* SPDX-License-Identifier: MIT */
/* debug/symbols.h -- names of guest functions, for logs and profiles. */
#ifndef DEBUG_SYMBOLS_H
#define DEBUG_SYMBOLS_H

#include "base/base.h"

/* Writes "name+0xoffset" of the function that guest address pc is in, or nothing and returns
 * false. Reads the symbol table of the file that is mapped there when it is met first. One
 * thread at a time. */
bool symbols_name(uint64_t pc, uint64_t guest_base, char *buf, size_t len);

#endif
