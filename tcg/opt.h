/* SPDX-License-Identifier: MIT */
/* tcg/opt.h -- passes over the IR of one region. Each leaves IR that the verifier accepts. */
#ifndef TCG_OPT_H
#define TCG_OPT_H

#include "tcg/ir.h"

/* Memory that passes use again and again; zero-initialized, freed by tcg_opt_free. */
struct tcg_opt {
    uint8_t *used;      /* by value: something needs it */
    uint32_t cap_used;
    uint64_t *live;     /* by block: units whose value at its start is needed */
    uint32_t cap_live;
};
void tcg_opt_free(struct tcg_opt *o);

/* Dead code, dead puts and dead flags: an operation without effect whose result nothing needs, and
 * a put that another one replaces before anything can see the unit, become nop. Returns how many. */
unsigned tcg_opt_dead(struct tcg_opt *o, struct tcg_ir *ir);

#endif
