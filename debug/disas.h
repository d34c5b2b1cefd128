/* SPDX-License-Identifier: MIT */
/* debug/disas.h -- disassembly by capstone for -d in_asm and out_asm. Without capstone the bytes
 * are printed as they are. */
#ifndef DEBUG_DISAS_H
#define DEBUG_DISAS_H

#include "base/base.h"

#include <stdio.h>

/* Version text of the disassembler, or NULL if there is none in this build. */
const char *disas_version(void);

/* One line an instruction: address, bytes, text. arch and mode are capstone's numbers. */
void disas_print(FILE *out, int arch, int mode, uint64_t pc, const void *code, size_t len);

/* The host's own code. */
void disas_print_host(FILE *out, uint64_t pc, const void *code, size_t len);

#endif
