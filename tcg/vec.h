/* SPDX-License-Identifier: MIT */
/* tcg/vec.h -- the meaning of every vector operation as a C function, used by the interpreter and
 * by backends that do not emit the operation. Lane 0 is the low bits of d[0]; host byte order does
 * not matter. A v64 value has d[1] = 0 on entry; functions leave it 0. */
#ifndef TCG_VEC_H
#define TCG_VEC_H

#include "tcg/ir.h"

struct tcg_vec {
    uint64_t d[2];
};

/* bytes: 8 or 16, of the result type (of a for reductions). lane, imm, env as in the operation.
 * *sticky gets float exception bits. Integer and float scalar operands and results (vdup, vset,
 * vget, vtof, vfromf, reductions) are in d[0]. a, b, c are never NULL; d may alias none of them. */
struct tcg_vec_args {
    unsigned bytes;
    enum tcg_lane lane;
    uint32_t imm;
    const struct tcg_float_env *env;
    uint32_t *sticky;
};
typedef void tcg_vec_fn(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                        const struct tcg_vec *c, const struct tcg_vec_args *x);

/* By opcode; NULL for operations that are not vector operations. */
extern tcg_vec_fn *const tcg_vec_fns[TCG_OP_COUNT];

#endif
