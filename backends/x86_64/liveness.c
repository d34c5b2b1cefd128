// SPDX-License-Identifier: MIT
/* backends/x86_64/liveness.c -- the backward pass before emission: which values are parts of others
 * (aliases), which operations are dead, where each value is used last, which units matter at the
 * start of each block, and in which pinned register a value had best be made.
 *
 * A put is dead if its unit is put again before anything that can leave, ends the region or reads
 * the unit. The values that units hold are kept by the forward pass (dirty units count as
 * references), not by liveness. */
#include "backends/x86_64/gen_float.h"
#include "backends/x86_64/gen_priv.h"

#include <stdlib.h>
#include <string.h>

void *gen_grow(void *p, uint32_t *cap, uint32_t need, size_t size)
{
    if (need <= *cap)
        return p;
    *cap = *cap * 2 > need ? *cap * 2 : need + 64;
    p = realloc(p, *cap * size);
    if (!p)
        MOA_BUG("out of memory in the code generator");
    return p;
}

bool gen_is_record(const struct gen *g, tcg_val v)
{
    switch (g->ir->ops[v].op) {
    case TCG_OP_addf:
    case TCG_OP_subf:
    case TCG_OP_adcf:
    case TCG_OP_sbcf:
    case TCG_OP_logicf:
    case TCG_OP_pair:
    case TCG_OP_setcc:
    case TCG_OP_fcond: return true;
    case TCG_OP_fcmpf: return !g->sets_fstatus && gen_fcmpf_host(g, &g->ir->ops[v]);
    default: return false;
    }
}

/* Records that have a plain form too: conditions and pairs. It is made where they are defined,
 * unless all that use them look into the record. */
static bool has_plain_form(const struct gen *g, tcg_val v)
{
    unsigned op = g->ir->ops[v].op;

    return op == TCG_OP_setcc || op == TCG_OP_fcond || op == TCG_OP_pair;
}

/* Does operation o look into record v, its operand k? */
static bool takes_record(const struct gen *g, const struct tcg_op *o, unsigned k, tcg_val v)
{
    bool pair = g->ir->ops[v].op == TCG_OP_pair;

    switch (o->op) {
    case TCG_OP_select:
    case TCG_OP_fsel: return k == 0 && !pair;
    case TCG_OP_addc: return k == 2 && !pair;
    case TCG_OP_brcond: return !pair;
    case TCG_OP_lo:
    case TCG_OP_hi: return pair;
    case TCG_OP_store: return k == 2 && pair;
    case TCG_OP_cmpxchg: return k > 0 && pair;
    default: return false;
    }
}

/* The value that operation v is only another name of, or v. */
static tcg_val alias_of(const struct gen *g, tcg_val v)
{
    const struct tcg_op *o = &g->ir->ops[v], *p;
    tcg_val a;

    switch (o->op) {
    case TCG_OP_funpack: return gen_root(g, o->a);
    case TCG_OP_trunc:
    case TCG_OP_vtof: return tcg_is_const(o->a) ? v : gen_root(g, o->a);
    case TCG_OP_zext:
        if (tcg_is_const(o->a))
            return v;
        a = gen_root(g, o->a);
        return !tcg_is_const(a) && tcg_type_of(g->ir, a) == TCG_I32 ? a : v;
    case TCG_OP_fpack:
        a = gen_root(g, o->a);
        return tcg_is_const(a) || !gen_is_record(g, a) ? a : v;
    case TCG_OP_lo:
    case TCG_OP_hi:
        if (tcg_is_const(o->a))
            return v;
        p = &g->ir->ops[o->a];
        if (p->op != TCG_OP_pair)
            return v;
        return gen_root(g, o->op == TCG_OP_lo ? p->a : p->b);
    default: return v;
    }
}

static void aliases(struct gen *g)
{
    struct tcg_ir *ir = g->ir;

    for (uint32_t b = 0; b < ir->nblocks; b++)
        g->blocks[b].param_slot = GEN_NOSLOT;
    for (uint32_t i = 1; i < ir->nops; i++) {
        struct gen_val *v = &g->val[i];

        v->reg = v->hint = GEN_NOREG;
        v->flags = v->kill = 0;
        v->refs = 0;
        v->born = false;
        v->slot = GEN_NOSLOT;
        v->home = 0;
        v->alias = (uint16_t)i;
        v->alias = alias_of(g, (tcg_val)i);
    }
    /* Params of blocks with one predecessor are the arguments. */
    for (uint32_t i = 0; i < ir->nedges; i++) {
        const struct tcg_edge *e = &ir->edges[i];
        const struct tcg_block *b = &ir->blocks[e->block];

        for (unsigned k = 0; !b->several && k < e->nargs; k++)
            for (uint32_t n = b->first + 1; n < b->end && ir->ops[n].op == TCG_OP_param; n++)
                if (ir->ops[n].imm == k)
                    g->val[n].alias = gen_root(g, ir->lists[e->args + k]);
    }
}

/* ---- the backward walk ---- */

static void live_add(struct gen *g, tcg_val v)
{
    g->val[v].flags |= GEN_V_LIVE;
    g->val[v].pos = (uint16_t)g->nlive;
    g->live[g->nlive++] = v;
}

static void live_drop(struct gen *g, tcg_val v)
{
    tcg_val last = g->live[--g->nlive];

    g->live[g->val[v].pos] = last;
    g->val[last].pos = g->val[v].pos;
    g->val[v].flags &= (uint8_t)~GEN_V_LIVE;
}

/* Bits 0..6 are operands, or arguments of a call; 7 stands for arguments of blocks. */
static void use(struct gen *g, uint32_t at, tcg_val v, unsigned bit)
{
    if (v == TCG_NONE)
        return;
    v = gen_root(g, v);
    if (tcg_is_const(v))
        return;
    if (has_plain_form(g, v) && !takes_record(g, &g->ir->ops[at], bit, v))
        g->val[v].flags |= GEN_V_PLAIN;
    if (!(g->val[v].flags & GEN_V_LIVE)) {
        live_add(g, v);
        g->val[at].kill |= (uint8_t)(1u << bit);
    }
}

static void live_in_of(struct gen *g, uint32_t block)
{
    const struct gen_block *b = &g->blocks[block];

    for (uint32_t i = 0; i < b->nlive_in; i++)
        if (!(g->val[g->work[b->live_in + i]].flags & GEN_V_LIVE))
            live_add(g, g->work[b->live_in + i]);
}

static void need_of(struct gen *g, uint64_t *need, uint32_t block)
{
    for (unsigned i = 0; i < g->unit_words; i++)
        need[i] |= g->need[block * g->unit_words + i];
}

static void no_hints(struct gen *g)
{
    memset(g->cand, 0, sizeof(g->cand));
}

/* State at the end of a block, by its last operation. */
static void at_end(struct gen *g, uint32_t at, uint64_t *need)
{
    struct tcg_ir *ir = g->ir;
    const struct tcg_op *o = &ir->ops[at];
    const struct tcg_edge *e;

    if (o->op == TCG_OP_br) {
        e = &ir->edges[o->imm];
        if (ir->blocks[e->block].several) {
            memset(need, 0xff, g->unit_words * 8);
            for (unsigned k = 0; k < e->nargs; k++)
                use(g, at, ir->lists[e->args + k], 7);
        } else {
            live_in_of(g, e->block);
            need_of(g, need, e->block);
        }
    } else if (o->op == TCG_OP_brcond) {
        for (unsigned k = 0; k < 2; k++) {
            e = &ir->edges[k ? o->imm >> 16 : o->imm & 0xffff];
            if (ir->blocks[e->block].several) {
                memset(need, 0xff, g->unit_words * 8);
            } else {
                live_in_of(g, e->block);
                need_of(g, need, e->block);
            }
        }
        use(g, at, o->a, 0);
    } else {
        memset(need, 0xff, g->unit_words * 8);
        use(g, at, o->a, 0);
        use(g, at, o->b, 1);
    }
}

static void units_bits(struct gen *g, const uint16_t *list, uint64_t *need)
{
    if (list == tcg_all_units) {
        memset(need, 0xff, g->unit_words * 8);
        return;
    }
    for (; list && *list != TCG_NO_UNIT; list++)
        need[*list / 64] |= 1ull << (*list % 64);
}

static void put(struct gen *g, uint32_t at, uint64_t *need)
{
    const struct tcg_op *o = &g->ir->ops[at];
    uint32_t u = o->imm;
    tcg_val v;

    if (!(need[u / 64] >> (u % 64) & 1)) {
        g->val[at].flags |= GEN_V_DEAD;
        return;
    }
    need[u / 64] &= ~(1ull << (u % 64));
    use(g, at, o->a, 0);
    v = gen_root(g, o->a);
    if (g->pin[u] != GEN_NOREG) {
        g->cand[g->pin[u]] = tcg_is_const(v) ? 0 : v;
        if (!tcg_is_const(v))
            g->val[v].hint = g->pin[u];
    }
}

static bool pure(const struct gen *g, const struct tcg_op *o)
{
    unsigned flags = tcg_op_info[o->op].flags;

    if (o->op == TCG_OP_call)
        return g->ir->calls[o->attr].helper->flags & TCG_H_PURE;
    if (o->op == TCG_OP_fcmpf)
        return !gen_env(g, o)->flags;
    if (flags & TCG_OPF_KEEP)
        return false;
    return !(flags & TCG_OPF_FLT) || !gen_env(g, o)->flags;
}

static void one(struct gen *g, uint32_t i, uint64_t *need)
{
    const struct tcg_op *o = &g->ir->ops[i];
    struct gen_val *v = &g->val[i];
    const struct tcg_call *c;

    if (v->hint != GEN_NOREG && g->cand[v->hint] != i)
        v->hint = GEN_NOREG;
    if (v->flags & GEN_V_LIVE) {
        live_drop(g, (tcg_val)i);
        v->born = true;
    } else if (v->alias != i || pure(g, o)) {
        v->flags |= GEN_V_DEAD;
        return;
    }
    switch (o->op) {
    case TCG_OP_get:
        need[o->imm / 64] |= 1ull << (o->imm % 64);
        if (g->pin[o->imm] != GEN_NOREG)
            g->cand[g->pin[o->imm]] = 0;
        return;
    case TCG_OP_put: put(g, i, need); return;
    case TCG_OP_insn:
    case TCG_OP_block:
    case TCG_OP_param: return;
    case TCG_OP_call:
        c = &g->ir->calls[o->attr];
        if (c->helper->flags & TCG_H_LEAVE)
            memset(need, 0xff, g->unit_words * 8);
        units_bits(g, c->helper->reads, need);
        no_hints(g);
        for (unsigned k = 0; k < c->helper->nargs; k++)
            use(g, i, c->args[k], k);
        return;
    default: break;
    }
    if (tcg_op_info[o->op].flags & TCG_OPF_LEAVE) {
        memset(need, 0xff, g->unit_words * 8);
        no_hints(g);
    }
    use(g, i, o->a, 0);
    use(g, i, o->b, 1);
    use(g, i, o->c, 2);
}

/* A block that only leaves: side exits of the main path, placed behind it. */
static bool only_exits(const struct tcg_ir *ir, const struct tcg_block *b)
{
    for (uint32_t i = b->first; i + 1 < b->end; i++) {
        unsigned op = ir->ops[i].op;

        if (op != TCG_OP_block && op != TCG_OP_put && op != TCG_OP_get && op != TCG_OP_insn &&
            op != TCG_OP_count)
            return false;
    }
    return ir->ops[b->end - 1].op == TCG_OP_goto_pc || ir->ops[b->end - 1].op == TCG_OP_exit;
}

/* A comparison that is made again raises its bits again: not if they may have been cleared. */
static bool sets_fstatus(const struct tcg_ir *ir)
{
    for (uint32_t i = 1; i < ir->nops; i++)
        if (ir->ops[i].op == TCG_OP_fstatus_set ||
            (ir->ops[i].op == TCG_OP_call &&
             ir->calls[ir->ops[i].attr].helper->flags & TCG_H_FLOAT))
            return true;
    return false;
}

/* Blocks as they stand in the array, which need not be the order of their numbers: a block is seen
 * before the one that its values come from. */
static uint32_t placed_order(struct gen *g)
{
    const struct tcg_ir *ir = g->ir;
    uint32_t n = 0;

    g->order = gen_grow(g->order, &g->cap_order, ir->nblocks, sizeof(*g->order));
    for (uint32_t i = 1; i < ir->nops; i = ir->blocks[ir->ops[i].imm].end)
        g->order[n++] = (uint16_t)ir->ops[i].imm;
    return n;
}

void gen_liveness(struct gen *g)
{
    struct tcg_ir *ir = g->ir;
    uint32_t n = placed_order(g);

    g->sets_fstatus = sets_fstatus(ir);
    g->val = gen_grow(g->val, &g->cap_vals, ir->nops, sizeof(*g->val));
    g->live = gen_grow(g->live, &g->cap_live, ir->nops, sizeof(*g->live));
    g->blocks = gen_grow(g->blocks, &g->cap_blocks, ir->nblocks, sizeof(*g->blocks));
    g->need = gen_grow(g->need, &g->cap_need, ir->nblocks * g->unit_words, sizeof(*g->need));
    memset(g->blocks, 0, ir->nblocks * sizeof(*g->blocks));
    g->nwork = 0;
    aliases(g);
    while (n-- > 0) {
        const uint32_t b = g->order[n];
        const struct tcg_block *blk = &ir->blocks[b];
        struct gen_block *gb = &g->blocks[b];
        uint64_t *need = &g->need[b * g->unit_words];

        memset(need, 0, g->unit_words * 8);
        g->nlive = 0;
        no_hints(g);
        at_end(g, blk->end - 1, need);
        for (uint32_t i = blk->end - 1; i-- > blk->first;)
            one(g, i, need);
        gb->exits = only_exits(ir, blk);
        gb->live_in = g->nwork;
        gb->nlive_in = g->nlive;
        g->work = gen_grow(g->work, &g->cap_work, g->nwork + g->nlive, sizeof(*g->work));
        for (uint32_t k = 0; k < g->nlive; k++) {
            g->work[g->nwork++] = g->live[k];
            g->val[g->live[k]].flags &= (uint8_t)~GEN_V_LIVE;
        }
        g->nlive = 0;
    }
}
