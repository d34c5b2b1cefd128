/* SPDX-License-Identifier: MIT */
/* tcg/watch.h -- the helper that watched code calls before each access. */
#ifndef TCG_WATCH_H
#define TCG_WATCH_H

#include "tcg/ir.h"

/* Arguments: guest address (i64), size | kinds << 8 (i32). */
extern const struct tcg_helper tcg_watch_helper;

#endif
