// SPDX-License-Identifier: MIT
/* backends/x86_64/gen_control.c -- blocks in the order of emission, branches between them, and the
 * ways out of a region: direct links, indirect branches, exits, polls.
 *
 * The main path goes on after a conditional branch; the other side is written later, from the
 * allocator's state at the branch. A block that has several predecessors starts in the border
 * state, its params in spill slots of their own. */
#include "backends/x86_64/gen_priv.h"

#include <string.h>

struct pending {
    uint32_t block, state, label;
    bool several; /* the way to such a block: homes are written, then a jump */
};

static unsigned edge_block(const struct gen *g, unsigned edge)
{
    return g->ir->edges[edge].block;
}

static void cold_poll(struct gen *g, const struct gen_cold *c)
{
    emit_mov_ri(&g->e, RAX, c->u[0]);
    emit_jmp(&g->e, g->tail_lookup);
}

static void poll_jump(struct gen *g, uint32_t label)
{
    struct emit_mem m = gen_vcpu_mem(offsetof(struct tcg_vcpu, exit_request));

    emit_alu_mi(&g->e, ALU_CMP, 0, &m, 0);
    emit_jcc(&g->e, CC_NE, label);
    g->hf = HF_NONE;
}

uint32_t gen_link(struct gen *g, uint64_t pc)
{
    g->links = gen_grow(g->links, &g->cap_links, g->nlinks + 1, sizeof(*g->links));
    g->links[g->nlinks] = (struct tcg_link){ .pc = pc, .stub = emit_label(&g->e) };
    return g->nlinks++;
}

/* Whole machines: a link into another page asks whether that is mapped as it was. The id is patched
 * later, so it may not cross 8 bytes. */
static void link_guard(struct gen *g, uint32_t n)
{
    struct emit_mem m = gen_vcpu_mem(offsetof(struct tcg_vcpu, fetch_ids));
    unsigned slot = (unsigned)TCG_FETCH_SLOT(g->links[n].pc), at;

    emit_mov_rm(&g->e, 1, RCX, &m);
    m = mem_bd(RCX, (int32_t)slot * 4);
    at = (emit_pos(&g->e) + (slot == 0 ? 2 : slot < 32 ? 3 : 6)) & 7;
    if (at > 4)
        emit_nops(&g->e, 8 - at);
    emit_rm(&g->e, OPC(0, M_1, 0x81), 0, ALU_CMP, &m, 4);
    g->links[n].guard = emit_pos(&g->e);
    if ((g->links[n].guard & 7) > 4)
        MOA_BUG("a fetch id crosses 8 bytes");
    emit_u32(&g->e, ~0u); /* no id */
    emit_jcc(&g->e, CC_NE, g->links[n].stub);
}

/* Jump of a link; its displacement is patched later, so it may not cross 8 bytes. */
static void link_jump(struct gen *g, uint32_t n)
{
    unsigned at;

    if (!g->user && g->links[n].pc >> TCG_TLB_PAGE_BITS != g->ir->pc >> TCG_TLB_PAGE_BITS)
        link_guard(g, n);
    at = (emit_pos(&g->e) + 1) & 7;
    if (at > 4)
        emit_nops(&g->e, 8 - at);
    g->links[n].patch = emit_pos(&g->e) + 1;
    emit_jmp(&g->e, g->links[n].stub);
}

static void push_return(struct gen *g, uint64_t ret_pc)
{
    uint32_t site = emit_label(&g->e), n = gen_link(g, ret_pc);
    struct emit_mem top = gen_vcpu_mem(offsetof(struct tcg_vcpu, ret_top));
    int32_t ring = (int32_t)offsetof(struct tcg_vcpu, ret_ring) - TCG_VCPU_BIAS;
    struct emit_mem m;
    uint32_t over = emit_label(&g->e);

    emit_mov_rm(&g->e, 0, RCX, &top);
    m = mem_bi(RBP, RCX, 0, ring);
    if ((int64_t)ret_pc == (int32_t)ret_pc) {
        emit_mov_mi(&g->e, 1, &m, (int32_t)ret_pc);
    } else {
        emit_mov_ri(&g->e, RDX, ret_pc);
        emit_mov_mr(&g->e, 1, &m, RDX);
    }
    m = mem_label(site);
    emit_lea(&g->e, 1, RDX, &m);
    m = mem_bi(RBP, RCX, 0, ring + 8);
    emit_mov_mr(&g->e, 1, &m, RDX);
    emit_alu_ri(&g->e, ALU_ADD, 0, RCX, 16);
    emit_alu_ri(&g->e, ALU_AND, 0, RCX, TCG_RET_RING * 16 - 1);
    emit_mov_mr(&g->e, 0, &top, RCX);
    emit_jmp(&g->e, over);
    emit_place(&g->e, site);
    link_jump(g, n);
    emit_place(&g->e, over);
}

static void goto_pc(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    uint32_t n = gen_link(g, tcg_const_of(g->ir, op->a)->lo);
    struct gen_cold *c;

    (void)d;
    gen_flush_all(g);
    if ((op->sub & 3) == TCG_HINT_CALL && op->b)
        push_return(g, tcg_const_of(g->ir, op->b)->lo);
    if (op->sub & TCG_HINT_POLL) {
        c = gen_cold(g, cold_poll, op);
        c->u[0] = n | GEN_LINK_POLL;
        poll_jump(g, c->label);
    }
    link_jump(g, n);
}

static void cold_ind_poll(struct gen *g, const struct gen_cold *c)
{
    (void)c;
    emit_jmp_abs(&g->e, g->stubs->ind_poll);
}

static void goto_ind(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int32_t ring = (int32_t)offsetof(struct tcg_vcpu, ret_ring) - TCG_VCPU_BIAS;
    struct emit_mem m;
    uint8_t *miss;

    (void)d;
    gen_flush_all(g);
    gen_use_gpr_in(g, op->a, RAX);
    if ((op->sub & 3) == TCG_HINT_CALL && op->b)
        push_return(g, tcg_const_of(g->ir, op->b)->lo);
    if (op->sub & TCG_HINT_POLL)
        poll_jump(g, gen_cold(g, cold_ind_poll, op)->label);
    if ((op->sub & 3) == TCG_HINT_RET) {
        m = gen_vcpu_mem(offsetof(struct tcg_vcpu, ret_top));
        emit_mov_rm(&g->e, 0, RCX, &m);
        emit_alu_ri(&g->e, ALU_SUB, 0, RCX, 16);
        emit_alu_ri(&g->e, ALU_AND, 0, RCX, TCG_RET_RING * 16 - 1);
        emit_mov_mr(&g->e, 0, &m, RCX);
        m = mem_bi(RBP, RCX, 0, ring);
        emit_alu_rm(&g->e, ALU_CMP, 1, RAX, &m);
        miss = emit_jcc8(&g->e, CC_NE);
        m.disp += 8;
        emit_rm(&g->e, OPC(0, M_1, 0xff), 0, 4, &m, 0); /* jmp */
        emit_here8(&g->e, miss);
        emit_jmp_abs(&g->e, g->stubs->ind_table);
        return;
    }
    gen_table_jump(g);
}

static void exit_op(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct emit_mem m;

    (void)d;
    gen_flush_all(g);
    m = gen_vcpu_mem(g->ir->guest->pc_offset);
    emit_mov_mr(&g->e, 1, &m, (unsigned)gen_use_gpr(g, op->a));
    if (op->b) {
        m = gen_vcpu_mem(offsetof(struct tcg_vcpu, exit.addr));
        emit_mov_mr(&g->e, 1, &m, (unsigned)gen_use_gpr(g, op->b));
    }
    m = gen_vcpu_mem(offsetof(struct tcg_vcpu, exit.code));
    emit_mov_mi(&g->e, 0, &m, (int32_t)op->imm);
    emit_mov_ri(&g->e, RAX, op->sub);
    emit_jmp_abs(&g->e, g->stubs->leave);
}

/* ---- instruction counts ---- */

static void count(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct emit_mem m = gen_vcpu_mem(offsetof(struct tcg_vcpu, icount_left));

    (void)d;
    emit_alu_mi(&g->e, ALU_SUB, 1, &m, (int32_t)op->imm);
    g->uncounted = 0;
}

static void cold_budget(struct gen *g, const struct gen_cold *c)
{
    struct emit_mem m = gen_vcpu_mem(g->ir->guest->pc_offset);

    emit_mov_ri(&g->e, RAX, tcg_const_of(g->ir, c->op->a)->lo);
    emit_mov_mr(&g->e, 1, &m, RAX);
    emit_mov_ri(&g->e, RAX, TCG_EXIT_BUDGET);
    emit_jmp_abs(&g->e, g->stubs->leave);
}

/* The first operation: all units are in their border places. */
static void budget(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct emit_mem m = gen_vcpu_mem(offsetof(struct tcg_vcpu, icount_left));

    (void)d;
    emit_alu_mi(&g->e, ALU_CMP, 1, &m, (int32_t)op->imm);
    emit_jcc(&g->e, CC_L, gen_cold(g, cold_budget, op)->label);
}

/* ---- branches ---- */

static void give_slots(struct gen *g, unsigned block)
{
    struct gen_block *b = &g->blocks[block];
    unsigned n = g->ir->blocks[block].nparams;

    if (b->param_slot != GEN_NOSLOT || !n)
        return;
    if (n > GEN_MAX_ARGS || g->param_top < g->slot_top + 2 * n)
        MOA_BUG("too many block params");
    g->param_top -= 2 * n;
    b->param_slot = (uint16_t)g->param_top;
}

static void copy_arg(struct gen *g, tcg_val v, enum tcg_type t, unsigned k)
{
    struct emit_mem m = gen_frame_mem(FRAME_PASS + 16 * k);

    if (gen_is_lazy(g, gen_root(g, v))) { /* flags */
        gen_pack(g, v, RAX);
        emit_mov_mr(&g->e, 1, &m, RAX);
    } else if (gen_is_xmm(t)) {
        gen_place(g, v, 31);
        emit_movups_mr(&g->e, &m, 15);
    } else {
        gen_place(g, v, RAX);
        if (t == TCG_I32)
            emit_mov_rr(&g->e, 0, RAX, RAX);
        emit_mov_mr(&g->e, 1, &m, RAX);
    }
}

/* All to memory first, then to the params' places: arguments may be params of the same block. */
static void pass_args(struct gen *g, const struct tcg_edge *e)
{
    struct emit_mem m;
    uint32_t locked;
    unsigned base;

    give_slots(g, e->block);
    gen_take(g, RAX);
    if (g->rv[31])
        gen_evacuate(g, 31);
    gen_lock(g, 31);
    locked = g->locked;
    base = g->blocks[e->block].param_slot;
    for (unsigned k = 0; k < e->nargs; k++) {
        tcg_val v = g->ir->lists[e->args + k];

        copy_arg(g, v, tcg_type_of(g->ir, v), k);
        g->locked = locked;
    }
    for (unsigned k = 0; k < e->nargs; k++) {
        m = gen_frame_mem(FRAME_PASS + 16 * k);
        emit_movups_rm(&g->e, 15, &m);
        m = gen_frame_mem(FRAME_SLOTS + (base + 2 * k) * 8);
        emit_movups_mr(&g->e, &m, 15);
    }
}

static uint32_t label_of(struct gen *g, unsigned block)
{
    if (!g->blocks[block].entered) {
        g->blocks[block].entered = true;
        g->blocks[block].label = emit_label(&g->e);
    }
    return g->blocks[block].label;
}

static void queue(struct gen *g, unsigned block, bool several, uint32_t label)
{
    struct pending p = { block, several ? gen_state_save(g) : 0, label, several };

    if (!several)
        p.state = gen_state_save(g);
    g->pendings = gen_grow(g->pendings, &g->cap_pendings, g->npendings + 1, sizeof(p));
    memcpy((struct pending *)g->pendings + g->npendings++, &p, sizeof(p));
}

static bool polls(const struct gen *g, unsigned block)
{
    const struct tcg_op *o = &g->ir->ops[g->ir->blocks[block].end - 1];

    return o->op == TCG_OP_goto_pc && o->sub & TCG_HINT_POLL;
}

/* Which side of a branch goes on here. */
static unsigned main_side(const struct gen *g, unsigned yes, unsigned no)
{
    const struct tcg_block *b = g->ir->blocks;
    bool ey = g->blocks[yes].exits || b[yes].cold || b[yes].several;
    bool en = g->blocks[no].exits || b[no].cold || b[no].several;

    if (ey != en)
        return ey ? no : yes;
    return polls(g, yes) && !b[yes].several ? yes : no;
}

/* To a block of several predecessors, now. Returns the block if it can be written here. */
static int to_several(struct gen *g, unsigned block)
{
    gen_flush_all(g);
    if (!g->blocks[block].done)
        return (int)block;
    emit_jmp(&g->e, label_of(g, block));
    return -1;
}

static int brcond(struct gen *g, const struct tcg_op *op)
{
    unsigned yes = edge_block(g, op->imm & 0xffff), no = edge_block(g, op->imm >> 16);
    unsigned to = main_side(g, yes, no), other = to == yes ? no : yes, cc;
    bool several = g->ir->blocks[other].several;
    uint32_t label;

    if (yes == no) {
        gen_op_end(g);
        return to_several(g, yes);
    }
    if (g->blocks[other].exits && !g->ir->blocks[to].several)
        gen_flush_plain(g, &g->need[to * g->unit_words]);
    cc = gen_cond(g, op->a);
    gen_op_end(g);
    label = emit_label(&g->e);
    emit_jcc(&g->e, to == yes ? cc ^ 1 : cc, label);
    queue(g, other, several, label);
    if (g->ir->blocks[to].several)
        return to_several(g, to);
    gen_enter_block(g, to);
    return (int)to;
}

/* Writes the END operation of a block; the block to go on with, or -1. */
static int end(struct gen *g, uint32_t at)
{
    const struct tcg_op *op = &g->ir->ops[at];
    const struct tcg_edge *e;

    gen_op_begin(g, at);
    if (op->op == TCG_OP_brcond)
        return brcond(g, op);
    if (op->op == TCG_OP_br) {
        e = &g->ir->edges[op->imm];
        if (!g->ir->blocks[e->block].several) {
            gen_enter_block(g, e->block);
            return e->block;
        }
        gen_flush_all(g);
        if (e->nargs)
            pass_args(g, e);
        return to_several(g, e->block);
    }
    g->emit[op->op](g, op, (tcg_val)at);
    return -1;
}

static void params(struct gen *g, unsigned block)
{
    const struct tcg_block *b = &g->ir->blocks[block];

    give_slots(g, block);
    for (uint32_t i = b->first + 1; i < b->end && g->ir->ops[i].op == TCG_OP_param; i++) {
        if (g->val[i].flags & GEN_V_DEAD)
            continue;
        gen_born(g, (tcg_val)i);
        g->val[i].slot = (uint16_t)(g->blocks[block].param_slot + 2 * g->ir->ops[i].imm);
    }
}

static void chain(struct gen *g, int block)
{
    while (block >= 0) {
        const struct tcg_block *b = &g->ir->blocks[block];
        uint32_t from, last;

        g->blocks[block].done = true;
        if (b->several) {
            gen_state_clear(g);
            g->uncounted = 0;
            emit_place(&g->e, label_of(g, (unsigned)block));
            params(g, (unsigned)block);
        }
        for (uint32_t i = b->first; i + 1 < b->end; i++)
            gen_one(g, i);
        gen_room(g);
        if (g->full)
            return;
        from = emit_pos(&g->e);
        last = b->end - 1;
        block = end(g, last);
        gen_spent(g, from, last);
    }
}

void gen_blocks(struct gen *g)
{
    struct pending p;

    g->npendings = 0;
    chain(g, 0);
    while (g->npendings && !g->full) {
        struct pending *all = g->pendings;
        uint32_t pick = 0;

        for (uint32_t i = 0; i < g->npendings; i++)
            if (!all[i].several && !g->blocks[all[i].block].exits &&
                !g->ir->blocks[all[i].block].cold) {
                pick = i;
                break;
            }
        p = all[pick];
        memmove(all + pick, all + pick + 1, (g->npendings - pick - 1) * sizeof(p));
        g->npendings--;
        gen_room(g);
        if (g->full)
            return;
        gen_state_restore(g, p.state);
        emit_place(&g->e, p.label);
        gen_op_begin(g, 0);
        if (p.several) {
            chain(g, to_several(g, p.block));
        } else {
            gen_enter_block(g, p.block);
            chain(g, (int)p.block);
        }
    }
}

/* Stubs of links, and the common way out through them. */
void gen_links(struct gen *g)
{
    for (uint32_t i = 0; i < g->nlinks; i++) {
        uint32_t label = g->links[i].stub;

        emit_place(&g->e, label);
        g->links[i].stub = emit_pos(&g->e);
        emit_mov_ri(&g->e, RAX, i);
        emit_jmp(&g->e, g->tail_lookup);
    }
    emit_place(&g->e, g->tail_lookup);
    emit_mov_ri(&g->e, RCX, (uintptr_t)g->region);
    emit_jmp_abs(&g->e, g->stubs->lookup);
}

const struct gen_row gen_control_rows[] = {
    { TCG_OP_goto_pc, goto_pc }, { TCG_OP_goto_ind, goto_ind }, { TCG_OP_exit, exit_op },
    { TCG_OP_count, count }, { TCG_OP_budget, budget },
    { TCG_OP_nop, NULL },
};
