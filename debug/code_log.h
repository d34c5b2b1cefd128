/* SPDX-License-Identifier: MIT */
/* debug/code_log.h -- the engine's hooks for -d in_asm, -d out_asm and perf. */
#ifndef DEBUG_CODE_LOG_H
#define DEBUG_CODE_LOG_H

#include "tcg/engine.h"

extern const struct tcg_hooks debug_code_hooks;

#endif
