// SPDX-License-Identifier: MIT
/* backends/x86_64/compile.c -- one region from IR to code: liveness, blocks, cold code, links,
 * pool; and calls of C from emitters. Records of add and compare have no code; see gen_flags.c. */
#include "backends/x86_64/gen_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes that one operation may take. The most are those that write all units home and pass
 * arguments to a block; checked after the fact, with as much room again behind the limit. */
#define ROOM 8192
#define ROOM_COLD 256 /* cold part of an operation */

void gen_room(struct gen *g)
{
    if (emit_room(&g->e) <
        ROOM + 16 * (size_t)(g->nlinks + g->e.nlits) + ROOM_COLD * (size_t)g->ncolds)
        g->full = true;
}

void gen_spent(const struct gen *g, uint32_t from, uint32_t op)
{
    if (MOA_UNLIKELY(emit_pos(&g->e) - from > ROOM))
        MOA_BUG("operation %s takes %u bytes", tcg_op_info[g->ir->ops[op].op].name,
                emit_pos(&g->e) - from);
}

static bool keeps_flags(unsigned op)
{
    switch (op) {
    case TCG_OP_add: case TCG_OP_sub: case TCG_OP_not: case TCG_OP_get: case TCG_OP_put:
    case TCG_OP_load: case TCG_OP_store: case TCG_OP_zext: case TCG_OP_sext: case TCG_OP_trunc:
    case TCG_OP_addc: case TCG_OP_addf: case TCG_OP_subf: case TCG_OP_adcf: case TCG_OP_sbcf: case TCG_OP_logicf:
    case TCG_OP_setcc: case TCG_OP_fcond: case TCG_OP_select: case TCG_OP_pair: return true;
    default: return false;
    }
}

void gen_one(struct gen *g, uint32_t i)
{
    const struct tcg_op *op = &g->ir->ops[i];
    struct gen_val *v = &g->val[i];
    uint32_t from = emit_pos(&g->e);

    if (g->full || v->flags & GEN_V_DEAD)
        return;
    switch (op->op) {
    case TCG_OP_nop:
    case TCG_OP_block:
    case TCG_OP_param: return;
    case TCG_OP_insn:
        g->insn_pc = tcg_const_of(g->ir, op->a)->lo;
        g->uncounted = op->sub;
        return;
    default: break;
    }
    gen_room(g);
    if (g->full)
        return;
    gen_op_begin(g, i);
    if (!keeps_flags(op->op))
        g->hf = HF_NONE;
    if (op->op == TCG_OP_get) {
        gen_get(g, op, (tcg_val)i);
    } else if (op->op == TCG_OP_put) {
        gen_put(g, op);
    } else {
        if (op->type != TCG_VOID && op->op != TCG_OP_store && v->born)
            gen_born(g, (tcg_val)i);
        if (!g->emit[op->op])
            MOA_BUG("operation %s has no emitter", tcg_op_info[op->op].name);
        g->emit[op->op](g, op, (tcg_val)i);
        if (g->slow_back) {
            emit_place(&g->e, g->slow_back - 1);
            g->slow_back = 0;
        }
    }
    gen_op_end(g);
    gen_spent(g, from, i);
}

/* ---- cold code ---- */

struct gen_cold *gen_cold(struct gen *g, gen_cold_fn *fn, const struct tcg_op *op)
{
    struct gen_cold *c;

    g->colds = gen_grow(g->colds, &g->cap_colds, g->ncolds + 1, sizeof(*g->colds));
    c = &g->colds[g->ncolds++];
    memset(c, 0, sizeof(*c));
    c->fn = fn;
    c->op = op;
    c->label = emit_label(&g->e);
    c->back = emit_label(&g->e);
    c->snap = g->nsnaps - 1;
    return c;
}

/* ---- calls of C ---- */

struct emit_mem gen_scratch(unsigned off)
{
    return gen_vcpu_mem(offsetof(struct tcg_vcpu, scratch) + off);
}

void gen_soft_arg_gpr(struct gen *g, unsigned i, int reg)
{
    struct emit_mem m = gen_frame_mem(FRAME_ARG + 8 * i);

    emit_mov_mr(&g->e, 1, &m, (unsigned)reg);
}

void gen_soft_arg_xmm(struct gen *g, unsigned i, int xmm)
{
    struct emit_mem m = gen_frame_mem(FRAME_ARG + 8 * i);

    emit_movq_mx(&g->e, &m, (unsigned)xmm);
}

void gen_soft_arg_imm(struct gen *g, unsigned i, uint64_t imm)
{
    struct emit_mem m = gen_frame_mem(FRAME_ARG + 8 * i);

    if ((int64_t)imm == (int32_t)imm) {
        emit_mov_mi(&g->e, 1, &m, (int32_t)imm);
        return;
    }
    emit_mov_mi(&g->e, 0, &m, (int32_t)imm);
    m.disp += 4;
    emit_mov_mi(&g->e, 0, &m, (int32_t)(imm >> 32));
}

void gen_soft_call(struct gen *g, gen_soft_fn *fn)
{
    emit_call_abs(&g->e, gen_thunk(g, fn));
    g->hf = HF_NONE;
}

void gen_soft_ret_gpr(struct gen *g, int reg)
{
    struct emit_mem m = gen_frame_mem(FRAME_RET);

    emit_mov_rm(&g->e, 1, (unsigned)reg, &m);
}

void gen_soft_ret_xmm(struct gen *g, int xmm)
{
    struct emit_mem m = gen_frame_mem(FRAME_RET);

    emit_movq_xm(&g->e, (unsigned)xmm, &m);
}

/* ---- the whole ---- */

int gen_compile(struct gen *g, struct tcg_ir *ir, struct tcg_region *r)
{
    struct tcg_codemem *code = g->engine->code;
    size_t at = align_up(code->used, 16);
    uint8_t *base = code->rx + code->delta + at;
    struct gen_table *t;
    uint32_t retire, from;

    if (code->size < at + 8 * ROOM)
        return -ENOSPC;
    if (code->used <= g->engine->backend->code_reserve)
        gen_mems_reset(&g->stubs->mems); /* the cache is empty */
    g->ir = ir;
    g->region = r;
    g->nunits = ir->guest->nunits;
    g->unit_words = (g->nunits + 63) / 64;
    g->ncolds = g->nsnaps = g->nwords = g->nkconsts = g->nlinks = g->nside = 0;
    g->last_words = 0;
    g->last_nwords = 0;
    g->full = false;
    g->moved_pin = GEN_NOREG;
    g->param_top = GEN_SLOTS;
    g->slot_top = 0;
    g->insn_pc = ir->pc;
    g->uncounted = 0;
    g->nlive = 0;
    g->slow_back = 0;
    g->guide.base = 0;
    g->guided = GEN_ALONE;
    g->next_gpr = g->next_xmm = 0; /* the same code for the same IR */
    memset(g->home_val, 0, sizeof(g->home_val));
    g->const_at = gen_grow(g->const_at, &g->cap_const_at, ir->nconsts, sizeof(*g->const_at));
    memset(g->const_at, 0, ir->nconsts * sizeof(*g->const_at));
    emit_start(&g->e, base, code->rx + code->delta + code->size - ROOM, code->rx + at);
    g->tail_lookup = emit_label(&g->e);
    gen_liveness(g);
    gen_state_clear(g);
    emit_nops(&g->e, 5);
    gen_blocks(g);
    if (g->full)
        return -ENOSPC;
    for (uint32_t i = 0; i < g->ncolds; i++) {
        gen_room(g);
        if (g->full)
            return -ENOSPC;
        emit_place(&g->e, g->colds[i].label);
        from = emit_pos(&g->e);
        g->colds[i].fn(g, &g->colds[i]);
        if (MOA_UNLIKELY(emit_pos(&g->e) - from > ROOM_COLD))
            MOA_BUG("the cold part of %s is too long", tcg_op_info[g->colds[i].op->op].name);
    }
    retire = emit_pos(&g->e);
    emit_mov_ri(&g->e, RAX, GEN_LINK_RETIRED);
    emit_jmp(&g->e, g->tail_lookup);
    gen_links(g);
    emit_finish(&g->e);
    r->code = code->rx + at;
    r->code_size = emit_pos(&g->e);
    code->used = at + r->code_size;
    t = gen_table_new(g);
    t->retire = retire;
    r->gen = t;
    r->nlinks = g->nlinks;
    r->links = calloc(g->nlinks + 1, sizeof(*r->links));
    if (!r->links)
        MOA_BUG("out of memory for links");
    for (uint32_t i = 0; i < g->nlinks; i++) {
        r->links[i] = g->links[i];
        r->links[i].from = r;
    }
    return 0;
}
