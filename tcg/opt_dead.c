// SPDX-License-Identifier: MIT
/* tcg/opt_dead.c -- dead-code elimination, one backward pass: operations, puts and flags records.
 *
 * A unit is needed where it can be seen: at every operation that may leave (its snapshot), at exits
 * and jumps out of the region, at calls that read it, at a get. Going backwards, a put makes it
 * unneeded above, until one of those is met. At the end of a block it is needed if a successor
 * needs it at its start; a successor that comes earlier (a loop) needs all. */
#include "tcg/opt.h"

#include <stdlib.h>
#include <string.h>

struct pass {
    struct tcg_opt *o;
    struct tcg_ir *ir;
    uint64_t *now;      /* units needed at the present point */
    uint32_t at;        /* the present operation */
    unsigned words;
    unsigned removed;
};

void tcg_opt_free(struct tcg_opt *o)
{
    free(o->used);
    free(o->live);
    memset(o, 0, sizeof(*o));
}

static void *sized(void *p, uint32_t *cap, size_t want)
{
    if (want <= *cap)
        return p;
    free(p);
    p = malloc(want * 2);
    if (!p)
        MOA_BUG("out of memory for a pass");
    *cap = (uint32_t)(want * 2);
    return p;
}

static void need(struct pass *p, tcg_val v)
{
    if (v && !tcg_is_const(v))
        p->o->used[v] = 1;
}

static void need_all_units(struct pass *p)
{
    memset(p->now, 0xff, p->words * sizeof(*p->now));
}

static void need_at_edge(struct pass *p, unsigned edge)
{
    const struct tcg_edge *e = &p->ir->edges[edge];
    const uint64_t *there = p->o->live + (size_t)e->block * p->words;

    for (unsigned i = 0; i < e->nargs; i++)
        need(p, p->ir->lists[e->args + i]);
    if (p->ir->blocks[e->block].first <= p->at) { /* a loop: not visited yet */
        need_all_units(p);
        return;
    }
    for (unsigned i = 0; i < p->words; i++)
        p->now[i] |= there[i];
}

static void need_units(struct pass *p, const uint16_t *list)
{
    if (list == tcg_all_units)
        need_all_units(p);
    else if (list)
        for (; *list != TCG_NO_UNIT; list++)
            p->now[*list / 64] |= 1ull << *list % 64;
}

static void forget_units(struct pass *p, const uint16_t *list)
{
    if (list == tcg_all_units)
        memset(p->now, 0, p->words * sizeof(*p->now));
    else if (list)
        for (; *list != TCG_NO_UNIT; list++)
            p->now[*list / 64] &= ~(1ull << *list % 64);
}

static void need_for_call(struct pass *p, const struct tcg_op *op)
{
    const struct tcg_call *c = &p->ir->calls[op->attr];

    for (unsigned i = 0; i < c->helper->nargs; i++)
        need(p, c->args[i]);
    /* A helper that writes a unit in some cases only would lose it: declare it read too. */
    if (!(c->helper->flags & TCG_H_LEAVE))
        forget_units(p, c->helper->writes);
    need_units(p, c->helper->reads);
    if (c->helper->flags & TCG_H_LEAVE)
        need_all_units(p);
}

static bool removable(const struct pass *p, const struct tcg_op *op)
{
    unsigned flags = tcg_op_info[op->op].flags;

    if (op->op == TCG_OP_call)
        return p->ir->calls[op->attr].helper->flags & TCG_H_PURE;
    if (flags & TCG_OPF_FLT)
        return !p->ir->envs[op->attr].flags;
    return !(flags & TCG_OPF_KEEP);
}

static void remove_op(struct pass *p, struct tcg_op *op)
{
    if (op->op == TCG_OP_nop)
        return;
    memset(op, 0, sizeof(*op));
    op->op = TCG_OP_nop;
    p->removed++;
}

static void visit(struct pass *p, uint32_t i)
{
    struct tcg_op *op = &p->ir->ops[i];
    uint64_t bit = 1ull << op->imm % 64;
    unsigned word = op->imm / 64;

    if (op->op == TCG_OP_put) {
        if (!(p->now[word] & bit)) {
            remove_op(p, op);
            return;
        }
        p->now[word] &= ~bit;
        need(p, op->a);
        return;
    }
    if (!p->o->used[i] && removable(p, op)) {
        remove_op(p, op);
        return;
    }
    if (op->op == TCG_OP_get)
        p->now[word] |= bit;
    else if (op->op == TCG_OP_br)
        need_at_edge(p, op->imm);
    else if (op->op == TCG_OP_brcond) {
        need_at_edge(p, op->imm & 0xffff);
        need_at_edge(p, op->imm >> 16);
    } else if (op->op == TCG_OP_call)
        need_for_call(p, op);
    else if (tcg_op_info[op->op].flags & (TCG_OPF_END | TCG_OPF_LEAVE))
        need_all_units(p);
    need(p, op->a);
    need(p, op->b);
    need(p, op->c);
}

unsigned tcg_opt_dead(struct tcg_opt *o, struct tcg_ir *ir)
{
    struct pass p = {.o = o, .ir = ir, .words = (ir->guest->nunits + 63u) / 64};
    uint64_t *scratch;

    o->used = sized(o->used, &o->cap_used, ir->nops);
    o->live = sized(o->live, &o->cap_live,
                    (size_t)(ir->nblocks + 1) * p.words * sizeof(*o->live));
    scratch = o->live + (size_t)ir->nblocks * p.words;
    memset(o->used, 0, ir->nops);
    for (uint32_t i = ir->nops; i-- > 1;) {
        const struct tcg_op *op = &ir->ops[i];

        if (tcg_op_info[op->op].flags & TCG_OPF_END) { /* another block, from behind */
            p.now = scratch;
            memset(p.now, 0, p.words * sizeof(*p.now));
        }
        p.at = i;
        visit(&p, i);
        if (op->op == TCG_OP_block) {
            if (ir->blocks[op->imm].several) /* border state: what predecessors put is in place */
                need_all_units(&p);
            memcpy(o->live + (size_t)op->imm * p.words, p.now, p.words * sizeof(*p.now));
        }
    }
    return p.removed;
}
