/* SPDX-License-Identifier: MIT */
/* tcg/fold.h -- simplification of one operation while it is built. */
#ifndef TCG_FOLD_H
#define TCG_FOLD_H

#include "tcg/builder.h"

/* Returns a value that the operation equals (a constant, an older value or a new, simpler
 * operation), or TCG_NONE: then *o, perhaps changed for the better, is to be added. */
tcg_val tcg_fold(struct tcg_builder *b, struct tcg_op *o);

#endif
