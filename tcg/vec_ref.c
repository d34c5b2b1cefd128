// SPDX-License-Identifier: MIT
/* The table of the vector reference functions, by opcode. The functions stand in vec_int.c (lane
 * arithmetic), vec_sat.c (saturating and rounding), vec_widen.c (lanes that change width,
 * reductions), vec_permute.c (moves), vec_float.c (float lanes) and vec_crypto.c.
 *
 * Not modelled here: v256. Lane-wise operations on it are two of v128; the interpreter joins and
 * splits. */
#include "tcg/vec_lane.h"

tcg_vec_fn *const tcg_vec_fns[TCG_OP_COUNT] = {
#define V(op) [TCG_OP_##op] = tcg_vec_##op,
#include "tcg/vec_rows.def"
#undef V
};
