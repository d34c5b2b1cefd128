// SPDX-License-Identifier: MIT
/* tcg/ir.c -- storage of the intermediate representation: arrays that grow, interned constants and
 * descriptors. Nothing here knows what an operation means; tcg/eval.c does. */
#include "tcg/ir.h"

#include <stdlib.h>
#include <string.h>

#define COMM TCG_OPF_COMM
#define FLT TCG_OPF_FLT
#define MEM TCG_OPF_MEM
#define LEAVE TCG_OPF_LEAVE
#define KEEP TCG_OPF_KEEP
#define END TCG_OPF_END
#define VEC TCG_OPF_VEC
#define SUB TCG_OPF_SUB
const struct tcg_op_info tcg_op_info[TCG_OP_COUNT] = {
#define OP(name, sig, flags, text) {#name, sig, (flags)},
#include "tcg/ops.def"
#undef OP
};

const uint16_t tcg_all_units[] = {TCG_NO_UNIT};

/* Makes room for one more element. Indices are bounded by tcg_room(), so a failure here is either
 * a frontend that ignores it or a host without memory. */
static void *grow(void *array, uint32_t n, uint32_t *cap, size_t size)
{
    if (n < *cap)
        return array;
    *cap = *cap ? *cap * 2 : 64;
    array = realloc(array, *cap * size);
    if (!array)
        MOA_BUG("out of memory for %u IR elements", *cap);
    return array;
}

#define ADD(ir, array, n, cap) \
    ((ir)->array = grow((ir)->array, (ir)->n, &(ir)->cap, sizeof(*(ir)->array)), \
     &(ir)->array[(ir)->n++])

void tcg_ir_init(struct tcg_ir *ir, const struct tcg_guest *guest)
{
    memset(ir, 0, sizeof(*ir));
    ir->guest = guest;
    tcg_ir_clear(ir);
}

void tcg_ir_clear(struct tcg_ir *ir)
{
    static const struct tcg_op nop = {.op = TCG_OP_nop};

    ir->nops = ir->nconsts = ir->nblocks = ir->nedges = 0;
    ir->nmems = ir->nenvs = ir->ncalls = ir->nlists = 0;
    ir->pc = ir->key = ir->lo = ir->hi = ir->lo2 = ir->hi2 = 0;
    ir->ninsns = 0;
    memset(ir->const_hash, 0, sizeof(ir->const_hash));
    tcg_ir_add(ir, &nop); /* value 0 is "none" */
}

void tcg_ir_free(struct tcg_ir *ir)
{
    free(ir->ops);
    free(ir->consts);
    free(ir->blocks);
    free(ir->edges);
    free(ir->mems);
    free(ir->envs);
    free(ir->calls);
    free(ir->lists);
    memset(ir, 0, sizeof(*ir));
}

tcg_val tcg_ir_add(struct tcg_ir *ir, const struct tcg_op *op)
{
    if (ir->nops >= TCG_IR_MAX_OPS)
        MOA_BUG("region of %u operations", ir->nops);
    *ADD(ir, ops, nops, cap_ops) = *op;
    return (tcg_val)(ir->nops - 1);
}

tcg_val tcg_ir_const(struct tcg_ir *ir, enum tcg_type t, uint64_t lo, uint64_t hi)
{
    unsigned slot = (unsigned)((lo ^ hi * 31 ^ t * 7u) * 0x9e3779b97f4a7c15ull >> 57);
    uint16_t i;
    struct tcg_const *c;

    for (i = ir->const_hash[slot]; i; i = ir->consts[i - 1].next) {
        c = &ir->consts[i - 1];
        if (c->lo == lo && c->hi == hi && c->type == t)
            return (tcg_val)(TCG_CONST_BIAS + i - 1);
    }
    if (ir->nconsts >= 0x7fff)
        MOA_BUG("region of %u constants", ir->nconsts);
    c = ADD(ir, consts, nconsts, cap_consts);
    c->lo = lo;
    c->hi = hi;
    c->type = (uint8_t)t;
    c->next = ir->const_hash[slot];
    ir->const_hash[slot] = (uint16_t)ir->nconsts;
    return (tcg_val)(TCG_CONST_BIAS + ir->nconsts - 1);
}

uint16_t tcg_ir_mem(struct tcg_ir *ir, const struct tcg_mem *m)
{
    for (uint32_t i = 0; i < ir->nmems; i++)
        if (memcmp(&ir->mems[i], m, sizeof(*m)) == 0)
            return (uint16_t)i;
    *ADD(ir, mems, nmems, cap_mems) = *m;
    return (uint16_t)(ir->nmems - 1);
}

uint16_t tcg_ir_env(struct tcg_ir *ir, const struct tcg_float_env *e)
{
    for (uint32_t i = 0; i < ir->nenvs; i++)
        if (memcmp(&ir->envs[i], e, sizeof(*e)) == 0)
            return (uint16_t)i;
    *ADD(ir, envs, nenvs, cap_envs) = *e;
    return (uint16_t)(ir->nenvs - 1);
}

uint16_t tcg_ir_call(struct tcg_ir *ir, const struct tcg_call *c)
{
    *ADD(ir, calls, ncalls, cap_calls) = *c;
    return (uint16_t)(ir->ncalls - 1);
}

uint16_t tcg_ir_edge(struct tcg_ir *ir, uint16_t block, const tcg_val *args, unsigned nargs)
{
    struct tcg_edge *e = ADD(ir, edges, nedges, cap_edges);

    e->block = block;
    e->nargs = (uint16_t)nargs;
    e->args = ir->nlists;
    for (unsigned i = 0; i < nargs; i++)
        *ADD(ir, lists, nlists, cap_lists) = args[i];
    return (uint16_t)(ir->nedges - 1);
}

uint16_t tcg_ir_block(struct tcg_ir *ir)
{
    struct tcg_block *blk = ADD(ir, blocks, nblocks, cap_blocks);

    memset(blk, 0, sizeof(*blk));
    return (uint16_t)(ir->nblocks - 1);
}
