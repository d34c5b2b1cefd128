// SPDX-License-Identifier: MIT
/* tcg/builder.c -- writes IR for frontends: values of units, blocks and edges, memory addresses.
 * Simplification of single operations is in tcg/fold.c. */
#include "tcg/builder.h"

#include "tcg/engine.h"
#include "tcg/fold.h"
#include "tcg/watch.h"

#include <stdlib.h>
#include <string.h>

void tcg_builder_init(struct tcg_builder *b, struct tcg_ir *ir, bool nofold)
{
    memset(b, 0, sizeof(*b));
    b->ir = ir;
    b->nofold = nofold;
    b->unit_val = calloc(ir->guest->nunits, sizeof(*b->unit_val));
    if (!b->unit_val)
        MOA_BUG("out of memory for %u units", ir->guest->nunits);
}

void tcg_builder_free(struct tcg_builder *b)
{
    free(b->saved);
    free(b->has_saved);
    free(b->saved_uncounted);
    free(b->unit_val);
    memset(b, 0, sizeof(*b));
}

static void forget_units(struct tcg_builder *b)
{
    memset(b->unit_val, 0, b->ir->guest->nunits * sizeof(*b->unit_val));
}

/* ---- instruction counts ----
 * A region asks once, at its start, whether it may run to its end, and counts where it is left. In
 * between, what an operation that leaves has to add is known by its place: insn.sub. Counted before
 * that are calls that may look at the time or at the count. */

static tcg_val raw(struct tcg_builder *b, enum tcg_opcode op, enum tcg_type t, unsigned sub,
                   tcg_val x, tcg_val y, tcg_val z, unsigned attr, uint32_t imm);

static void count(struct tcg_builder *b, unsigned n)
{
    if (!b->icount || !n)
        return;
    raw(b, TCG_OP_count, TCG_VOID, 0, 0, 0, 0, 0, n);
    b->uncounted -= n;
}

/* All but the one that is under way. */
static void count_done(struct tcg_builder *b)
{
    if (b->uncounted > 1)
        count(b, b->uncounted - 1);
}

void tcg_builder_start(struct tcg_builder *b, uint64_t pc, uint64_t key)
{
    tcg_ir_clear(b->ir);
    b->ir->pc = pc;
    b->ir->key = key;
    b->ended = true;
    b->guest_watch = NULL;
    forget_units(b);
    tcg_block_at(b, tcg_block_new(b, false));
    b->uncounted = 0;
    b->insn_pc = ~0ull;
    if (b->icount)
        raw(b, TCG_OP_budget, TCG_VOID, 0, tcg_imm(b, TCG_I64, pc), 0, 0, 0, 1);
}

static tcg_val raw(struct tcg_builder *b, enum tcg_opcode op, enum tcg_type t, unsigned sub,
                   tcg_val x, tcg_val y, tcg_val z, unsigned attr, uint32_t imm)
{
    struct tcg_op o = {
        .op = (uint16_t)op, .type = (uint8_t)t, .sub = (uint8_t)sub,
        .a = x, .b = y, .c = z, .attr = (uint16_t)attr, .imm = imm,
    };

    if (b->ended)
        MOA_BUG("operation %s after the end of a block", tcg_op_info[op].name);
    if (tcg_op_info[op].flags & TCG_OPF_END)
        b->ended = true;
    return tcg_ir_add(b->ir, &o);
}

tcg_val tcg_emit(struct tcg_builder *b, enum tcg_opcode op, enum tcg_type t, unsigned sub,
                 tcg_val x, tcg_val y, tcg_val z, unsigned attr, uint32_t imm)
{
    if (!b->nofold) {
        struct tcg_op o = {
            .op = (uint16_t)op, .type = (uint8_t)t, .sub = (uint8_t)sub,
            .a = x, .b = y, .c = z, .attr = (uint16_t)attr, .imm = imm,
        };
        tcg_val v = tcg_fold(b, &o);

        if (v)
            return v;
        x = o.a;
        y = o.b;
        z = o.c;
        op = (enum tcg_opcode)o.op;
        sub = o.sub;
        imm = o.imm;
    }
    return raw(b, op, t, sub, x, y, z, attr, imm);
}

void tcg_insn(struct tcg_builder *b, uint64_t pc, unsigned bytes, unsigned restart_word)
{
    struct tcg_ir *ir = b->ir;

    if (pc == b->insn_pc) { /* its second part */
        raw(b, TCG_OP_insn, TCG_VOID, b->icount ? b->uncounted - 1 : 0, tcg_imm(b, TCG_I64, pc), 0,
            0, restart_word, bytes);
        return;
    }
    b->insn_pc = pc;
    if (!ir->ninsns) {
        ir->lo = pc;
        ir->hi = pc + bytes;
    } else if (!ir->hi2 && pc == ir->hi) {
        ir->hi += bytes;
    } else if (!ir->hi2) {
        ir->lo2 = pc;
        ir->hi2 = pc + bytes;
    } else if (pc == ir->hi2) {
        ir->hi2 += bytes;
    } else {
        MOA_BUG("region of more than two guest ranges");
    }
    ir->ninsns++;
    raw(b, TCG_OP_insn, TCG_VOID, b->icount ? b->uncounted : 0, tcg_imm(b, TCG_I64, pc), 0, 0,
        restart_word, bytes);
    b->uncounted++;
}

tcg_val tcg_get(struct tcg_builder *b, unsigned unit)
{
    tcg_val v = b->unit_val[unit];

    if (v && !b->nofold)
        return v;
    v = raw(b, TCG_OP_get, b->ir->guest->units[unit].type, 0, 0, 0, 0, 0, unit);
    b->unit_val[unit] = v;
    return v;
}

void tcg_put(struct tcg_builder *b, unsigned unit, tcg_val v)
{
    enum tcg_type t = b->ir->guest->units[unit].type;

    if (tcg_type_of(b->ir, v) != t)
        MOA_BUG("unit %s is put a value of type %u", b->ir->guest->units[unit].name,
                tcg_type_of(b->ir, v));
    if (!b->nofold && b->unit_val[unit] == v)
        return; /* it holds that already */
    raw(b, TCG_OP_put, t, 0, v, 0, 0, 0, unit);
    b->unit_val[unit] = v;
}

/* ---- blocks ---- */

unsigned tcg_block_new(struct tcg_builder *b, bool several_preds)
{
    unsigned n = tcg_ir_block(b->ir);

    if (n >= b->cap_saved) {
        uint32_t cap = b->cap_saved ? b->cap_saved * 2 : 64;

        b->saved = realloc(b->saved, cap * b->ir->guest->nunits * sizeof(*b->saved));
        b->has_saved = realloc(b->has_saved, cap * sizeof(*b->has_saved));
        b->saved_uncounted = realloc(b->saved_uncounted, cap * sizeof(*b->saved_uncounted));
        if (!b->saved || !b->has_saved || !b->saved_uncounted)
            MOA_BUG("out of memory for blocks");
        b->cap_saved = cap;
    }
    b->has_saved[n] = false;
    b->ir->blocks[n].several = several_preds;
    return n;
}

void tcg_block_cold(struct tcg_builder *b, unsigned block)
{
    b->ir->blocks[block].cold = true;
}

/* Counts an edge into block and, if that block has this one predecessor, keeps unit values for it. */
static uint16_t edge_to(struct tcg_builder *b, unsigned block, const tcg_val *args, unsigned nargs)
{
    struct tcg_block *blk = &b->ir->blocks[block];
    size_t size = b->ir->guest->nunits * sizeof(*b->unit_val);

    if (blk->npreds++ && !blk->several)
        MOA_BUG("block %u was not announced to have several predecessors", block);
    if (!blk->several) {
        memcpy(b->saved + (size_t)block * b->ir->guest->nunits, b->unit_val, size);
        b->has_saved[block] = true;
        b->saved_uncounted[block] = (uint8_t)b->uncounted;
    }
    return tcg_ir_edge(b->ir, (uint16_t)block, args, nargs);
}

void tcg_block_at(struct tcg_builder *b, unsigned block)
{
    struct tcg_ir *ir = b->ir;
    struct tcg_block *blk = &ir->blocks[block];

    if (!b->ended)
        MOA_BUG("block %u starts before the last one ended", block);
    if (ir->nops > 1)
        ir->blocks[b->cur_block].end = ir->nops;
    blk->first = ir->nops;
    blk->end = ir->nops;
    b->cur_block = block;
    b->ended = false;
    if (b->has_saved[block]) {
        memcpy(b->unit_val, b->saved + (size_t)block * ir->guest->nunits,
               ir->guest->nunits * sizeof(*b->unit_val));
        b->has_saved[block] = false;
        b->uncounted = b->saved_uncounted[block];
    } else {
        forget_units(b);
        b->uncounted = 1; /* in the middle of an instruction; edge's side has counted the rest */
    }
    raw(b, TCG_OP_block, TCG_VOID, 0, 0, 0, 0, 0, block);
}

void tcg_builder_finish(struct tcg_builder *b)
{
    if (!b->ended)
        MOA_BUG("region without an end");
    b->ir->blocks[b->cur_block].end = b->ir->nops;
    if (b->icount) /* behind the block operation; more than any path has */
        b->ir->ops[2].imm = b->ir->ninsns ? b->ir->ninsns : 1;
}

tcg_val tcg_param(struct tcg_builder *b, enum tcg_type t)
{
    return raw(b, TCG_OP_param, t, 0, 0, 0, 0, 0, b->ir->blocks[b->cur_block].nparams++);
}

void tcg_br(struct tcg_builder *b, unsigned block, const tcg_val *args, unsigned nargs)
{
    if (b->ir->blocks[block].several)
        count_done(b);
    raw(b, TCG_OP_br, TCG_VOID, 0, 0, 0, 0, 0, edge_to(b, block, args, nargs));
}

void tcg_brcond(struct tcg_builder *b, tcg_val cond, unsigned if_true, unsigned if_false)
{
    uint32_t t, f;

    if (b->ir->blocks[if_true].several || b->ir->blocks[if_false].several)
        count_done(b);
    t = edge_to(b, if_true, NULL, 0);
    f = edge_to(b, if_false, NULL, 0);
    raw(b, TCG_OP_brcond, TCG_VOID, 0, cond, 0, 0, 0, t | f << 16);
}

/* ---- leaving ---- */

void tcg_goto_pc(struct tcg_builder *b, uint64_t pc, unsigned hint, uint64_t ret_pc)
{
    tcg_val ret = (hint & 3) == TCG_HINT_CALL ? tcg_imm(b, TCG_I64, ret_pc) : TCG_NONE;

    count(b, b->uncounted);
    raw(b, TCG_OP_goto_pc, TCG_VOID, hint, tcg_imm(b, TCG_I64, pc), ret, 0, 0, 0);
}

void tcg_goto_ind(struct tcg_builder *b, tcg_val pc, unsigned hint, uint64_t ret_pc)
{
    tcg_val ret;

    if (b->step) {
        tcg_exit(b, TCG_EXIT_SYNC, pc, 0, TCG_NONE);
        return;
    }
    ret = (hint & 3) == TCG_HINT_CALL ? tcg_imm(b, TCG_I64, ret_pc) : TCG_NONE;
    count(b, b->uncounted);
    raw(b, TCG_OP_goto_ind, TCG_VOID, hint, pc, ret, 0, 0, 0);
}

void tcg_exit(struct tcg_builder *b, unsigned reason, tcg_val pc, uint32_t code, tcg_val addr)
{
    /* A fetch that faults has no instruction, and must not be for nothing: time has to go on. */
    if (reason == TCG_EXIT_FAULT && !b->uncounted)
        b->uncounted = 1;
    count(b, b->uncounted);
    raw(b, TCG_OP_exit, TCG_VOID, reason, pc, addr, 0, 0, code);
}

tcg_val tcg_call(struct tcg_builder *b, const struct tcg_helper *h, const tcg_val *args)
{
    struct tcg_call c = {.helper = h};
    tcg_val v;

    for (unsigned i = 0; i < h->nargs; i++) {
        if (tcg_type_of(b->ir, args[i]) != h->args[i])
            MOA_BUG("argument %u of %s has type %u", i, h->name, tcg_type_of(b->ir, args[i]));
        c.args[i] = args[i];
    }
    if (h->flags & TCG_H_VCPU && !(h->flags & TCG_H_PURE))
        count_done(b);
    v = raw(b, TCG_OP_call, h->flags & TCG_H_LEAVE ? TCG_VOID : h->ret, 0, 0, 0, 0,
            tcg_ir_call(b->ir, &c), 0);
    if (h->writes == tcg_all_units)
        forget_units(b);
    else if (h->writes)
        for (const uint16_t *u = h->writes; *u != TCG_NO_UNIT; u++)
            b->unit_val[*u] = TCG_NONE;
    return h->ret == TCG_VOID || h->flags & TCG_H_LEAVE ? TCG_NONE : v;
}

/* ---- memory ---- */

struct address {
    tcg_val base, index;
    unsigned shift;
    int64_t disp;
};

static bool fits_disp(int64_t d)
{
    return d >= INT32_MIN && d <= INT32_MAX;
}

/* Takes additions of constants, and one shifted index, out of base. An address that wraps at 32 bits
 * stays as it is, since the host's address arithmetic has 64. */
static struct address address_of(struct tcg_builder *b, const struct tcg_mem *m, tcg_val base,
                                 int32_t disp)
{
    const struct tcg_ir *ir = b->ir;
    struct address a = {.base = base, .disp = disp};
    const struct tcg_op *o;

    if (b->nofold || m->wrap32)
        return a;
    while (!tcg_is_const(a.base)) {
        o = &ir->ops[a.base];
        if (o->op != TCG_OP_add || !tcg_is_const(o->b))
            break;
        if (!fits_disp(a.disp + (int64_t)tcg_const_of(ir, o->b)->lo))
            break;
        a.disp += (int64_t)tcg_const_of(ir, o->b)->lo;
        a.base = o->a;
    }
    if (tcg_is_const(a.base))
        return a;
    o = &ir->ops[a.base];
    if (o->op == TCG_OP_add && !tcg_is_const(o->b)) {
        a.base = o->a;
        a.index = o->b;
        if (!tcg_is_const(a.index)) {
            o = &ir->ops[a.index];
            if (o->op == TCG_OP_shl && tcg_is_const(o->b) && tcg_const_of(ir, o->b)->lo <= 3) {
                a.shift = (unsigned)tcg_const_of(ir, o->b)->lo;
                a.index = o->a;
            }
        }
    }
    return a;
}

/* Watchpoints: asks before an access, so that the stop is in front of the instruction. */
static void watch(struct tcg_builder *b, const struct tcg_mem *m, tcg_val addr, int32_t disp,
                  unsigned kind)
{
    tcg_val args[2];

    if (!b->watch && !b->guest_watch)
        return;
    args[0] = disp ? tcg_add(b, TCG_I64, addr, tcg_imm(b, TCG_I64, (uint64_t)(int64_t)disp)) : addr;
    args[1] = tcg_imm(b, TCG_I32, 1u << m->size | kind << 8);
    if (b->guest_watch)
        tcg_call(b, b->guest_watch, args);
    if (b->watch)
        tcg_call(b, &tcg_watch_helper, args);
}

tcg_val tcg_load(struct tcg_builder *b, enum tcg_type t, const struct tcg_mem *m, tcg_val base,
                 int32_t disp)
{
    struct address a = address_of(b, m, base, disp);

    watch(b, m, base, disp, TCG_WATCH_READ);
    return raw(b, TCG_OP_load, t, a.shift, a.base, a.index, 0, tcg_ir_mem(b->ir, m),
               (uint32_t)a.disp);
}

void tcg_store(struct tcg_builder *b, const struct tcg_mem *m, tcg_val base, int32_t disp,
               tcg_val v)
{
    struct address a = address_of(b, m, base, disp);

    watch(b, m, base, disp, TCG_WATCH_WRITE);
    raw(b, TCG_OP_store, tcg_type_of(b->ir, v), a.shift, a.base, a.index, v, tcg_ir_mem(b->ir, m),
        (uint32_t)a.disp);
}

void tcg_probe(struct tcg_builder *b, const struct tcg_mem *m, tcg_val base, int32_t disp)
{
    struct address a = address_of(b, m, base, disp);

    raw(b, TCG_OP_probe, TCG_VOID, a.shift, a.base, a.index, 0, tcg_ir_mem(b->ir, m),
        (uint32_t)a.disp);
}

tcg_val tcg_rmw(struct tcg_builder *b, enum tcg_type t, const struct tcg_mem *m, enum tcg_rmw op,
                tcg_val addr, tcg_val v)
{
    watch(b, m, addr, 0, TCG_WATCH_READ | TCG_WATCH_WRITE);
    return raw(b, TCG_OP_rmw, t, op, addr, v, 0, tcg_ir_mem(b->ir, m), 0);
}

tcg_val tcg_cmpxchg(struct tcg_builder *b, enum tcg_type t, const struct tcg_mem *m, tcg_val addr,
                    tcg_val expect, tcg_val want)
{
    watch(b, m, addr, 0, TCG_WATCH_READ | TCG_WATCH_WRITE);
    return raw(b, TCG_OP_cmpxchg, t, 0, addr, expect, want, tcg_ir_mem(b->ir, m), 0);
}
