/* SPDX-License-Identifier: MIT */
/* tcg/verify.h -- between the two parts of the verifier: verify.c (blocks, visibility, exact state)
 * and verify_op.c (one operation by itself). */
#ifndef TCG_VERIFY_H
#define TCG_VERIFY_H

#include "tcg/ir.h"

struct tcg_verify {
    const struct tcg_ir *ir;
    char *buf;
    size_t len;
    bool wrong;         /* buf says what */
    bool edges_known;
    unsigned at;        /* operation that is looked at, 0: none */
    uint16_t *block_of; /* by operation */
    uint16_t *npreds;   /* by block: predecessors counted */
    uint16_t *pred_of;  /* by block: the one whose values it sees, plus 1; 0: none */
    uint8_t *state_in;  /* by block: state of the current instruction at its start */
};

/* Notes the first violation. */
void tcg_verify_fail(struct tcg_verify *vf, const char *fmt, ...) MOA_PRINTF(2, 3);
/* v must be there and visible at vf->at. */
void tcg_verify_val(struct tcg_verify *vf, tcg_val v);
/* Types, operands, sub, imm and attr of the operation at vf->at. */
void tcg_verify_op(struct tcg_verify *vf, const struct tcg_op *o);

#endif
