// SPDX-License-Identifier: MIT
/* backends/x86_64/gen_merge.c -- lookups that accesses share (whole machines). The first access of a
 * group (same base value, constant displacements, one block) looks the page of the whole group up
 * and leaves the entry's addend in a scratch register, the *guide*; the others only test that it is
 * not 0. It is 0 where the lookup failed (the group lies over a page end, a miss) and after
 * any slow path, which may have changed the TLB; then each access makes a lookup of its own, out of
 * line (or in C, if the group is short). Nothing else can change this vcpu's TLB inside a region, but helpers, and those take the
 * register away.
 *
 * The guide is no value: the allocator takes the register when it wants one, as it takes one with a
 * constant, and the group ends there. */
#include "backends/x86_64/gen_priv.h"

#include <string.h>

#define SPAN 256  /* bytes from the first to the last of a group */
#define SHORT 32  /* groups up to this size lie over a page end so seldom that a C lookup will do */
#define AHEAD 96  /* operations that are looked at */

static bool can_share(const struct gen *g, const struct tcg_op *op)
{
    const struct tcg_mem *d = &g->ir->mems[op->attr];
    enum tcg_type t = (enum tcg_type)op->type;
    tcg_val v;

    if ((op->op != TCG_OP_load && op->op != TCG_OP_store) || op->b || d->wrap32 || d->order ||
        d->big || (d->align != TCG_ALIGN_ANY && d->size) || tcg_is_const(gen_root(g, op->a)))
        return false;
    if ((int32_t)op->imm > 1 << 20 || (int32_t)op->imm < -(1 << 20))
        return false;
    if (op->op == TCG_OP_store) {
        v = gen_root(g, op->c);
        if (!tcg_is_const(v) && g->ir->ops[v].op == TCG_OP_pair)
            return false;
        t = tcg_type_of(g->ir, v);
    }
    return gen_is_xmm(t) ? d->size >= 2 && d->size <= 4 : d->size <= 3;
}

static bool active(const struct gen *g)
{
    return g->guide.base && g->rv[g->guide.reg] == GEN_GUIDE;
}

int gen_guide_reg(const struct gen *g)
{
    return active(g) ? g->guide.reg : -1;
}

/* Members of the group that op, at index i, would lead: how many, and what they span. */
static unsigned look_ahead(const struct gen *g, uint32_t i, struct gen_guide *to)
{
    const struct tcg_op *op = &g->ir->ops[i];
    const struct tcg_mem *d = &g->ir->mems[op->attr], *e;
    unsigned n = 0;

    *to = (struct gen_guide){.base = gen_root(g, op->a), .mmu = d->mmu, .lo = (int32_t)op->imm,
                             .hi = (int32_t)op->imm + (1 << d->size),
                             .write = op->op == TCG_OP_store};
    for (uint32_t k = i + 1; k < g->ir->nops && k < i + AHEAD; k++) {
        const struct tcg_op *o = &g->ir->ops[k];
        int32_t lo, hi;

        if (o->op == TCG_OP_call || tcg_op_info[o->op].flags & TCG_OPF_END)
            break;
        if (g->val[k].flags & GEN_V_DEAD || !can_share(g, o) || gen_root(g, o->a) != to->base)
            continue;
        e = &g->ir->mems[o->attr];
        lo = (int32_t)o->imm < to->lo ? (int32_t)o->imm : to->lo;
        hi = (int32_t)o->imm + (1 << e->size) > to->hi ? (int32_t)o->imm + (1 << e->size) : to->hi;
        if (e->mmu != to->mmu || hi - lo > SPAN)
            continue;
        to->lo = lo;
        to->hi = hi;
        to->write |= o->op == TCG_OP_store;
        n++;
    }
    return n;
}

void gen_guide_begin(struct gen *g, const struct tcg_op *op)
{
    const struct tcg_mem *d = &g->ir->mems[op->attr];
    int32_t lo = (int32_t)op->imm, hi = lo + (1 << d->size);
    struct gen_guide to;

    g->guided = GEN_ALONE;
    if (g->user || !can_share(g, op))
        return;
    if (active(g) && g->guide.base == gen_root(g, op->a) && g->guide.mmu == d->mmu &&
        lo >= g->guide.lo && hi <= g->guide.hi && (g->guide.write || op->op == TCG_OP_load)) {
        gen_lock(g, g->guide.reg);
        g->guided = GEN_MEMBER;
        return;
    }
    if (!look_ahead(g, g->cur_op, &to))
        return;
    if (active(g))
        g->rv[g->guide.reg] = 0;
    to.reg = (uint8_t)gen_tmp_gpr(g);
    g->rv[to.reg] = GEN_GUIDE;
    g->guide = to;
    g->guided = GEN_LEADER;
}

/* ---- the access itself, in line and out of line ---- */

enum { LOAD_INT, LOAD_XMM, STORE_INT, STORE_IMM, STORE_XMM };

static void plain_access(struct gen *g, const struct gen_cold *c, const struct emit_mem *m)
{
    const struct tcg_mem *d = &g->ir->mems[c->op->attr];
    unsigned reg = c->r[2];

    switch (c->r[1]) {
    case LOAD_INT: gen_load_int(g, d, c->op->type == TCG_I64, reg, m); break;
    case STORE_INT: gen_store_int(g, d->size, m, reg); break;
    case STORE_IMM: gen_store_imm(g, d->size, m, (int32_t)c->u[0]); break;
    case LOAD_XMM:
        if (d->size == 2)
            emit_movd_xm(&g->e, reg, m);
        else if (d->size == 3)
            emit_movq_xm(&g->e, reg, m);
        else
            emit_movups_rm(&g->e, reg, m);
        break;
    default:
        if (d->size == 2)
            emit_movd_mx(&g->e, m, reg);
        else if (d->size == 3)
            emit_movq_mx(&g->e, m, reg);
        else
            emit_movups_mr(&g->e, m, reg);
        break;
    }
}

/* A lookup as a subroutine: in the guide's register the address comes in and the addend goes out;
 * the condition is NE if the TLB does not have it. No other register changes. */
static const uint8_t *own_lookup(struct gen *g, unsigned guide, const struct tcg_mem *d, bool read)
{
    struct gen_stubs *s = g->stubs;
    const uint8_t **at = &s->lookups[guide][d->mmu][d->size * 2 + read];
    ptrdiff_t delta = g->engine->code->delta;
    unsigned w = guide == RAX ? RCX : RAX;
    struct emit_mem save = gen_frame_mem(8 + FRAME_TMP), m;
    struct emit e = {0}, outer;

    if (*at)
        return *at;
    if (s->end - s->next < 128)
        MOA_BUG("no room for a lookup");
    outer = g->e;
    emit_start(&e, s->next, s->end, s->next - delta);
    g->e = e;
    emit_mov_mr(&g->e, 1, &save, w);
    m = mem_bd((int)guide, (1 << d->size) - 1);
    emit_lea(&g->e, 1, w, &m);
    m.disp = 0;
    gen_tlb_entry(g, d, &m, guide);
    emit_alu_ri(&g->e, ALU_AND, 1, w, -(int32_t)TCG_TLB_PAGE_SIZE);
    m = mem_bd((int)guide, read ? offsetof(struct tcg_tlb_entry, read)
                                : offsetof(struct tcg_tlb_entry, write));
    emit_alu_rm(&g->e, ALU_CMP, 1, w, &m);
    emit_mov_rm(&g->e, 1, w, &save);
    m = mem_bd((int)guide, offsetof(struct tcg_tlb_entry, addend));
    emit_mov_rm(&g->e, 1, guide, &m);
    emit_u8(&g->e, 0xc3);
    *at = e.rx;
    s->next = g->e.p;
    g->e = outer;
    return *at;
}

/* r: 0 guide, 1 what, 2 register of the value, 3 base, 4 worth a lookup; u: 0 immediate, 1
 * displacement. */
static void cold_own(struct gen *g, const struct gen_cold *c)
{
    const struct tcg_mem *d = &g->ir->mems[c->op->attr];
    unsigned guide = c->r[0];
    struct emit_mem m = mem_bd((int)c->r[3], (int32_t)c->u[1]);
    uint8_t *miss;

    if (!c->r[4]) {
        gen_slow_call(g, c);
        return;
    }
    emit_lea(&g->e, 1, guide, &m);
    emit_call_abs(&g->e, own_lookup(g, guide, d, c->op->op == TCG_OP_load));
    miss = emit_jcc8(&g->e, CC_NE);
    m = mem_bi((int)c->r[3], (int)guide, 0, (int32_t)c->u[1]);
    plain_access(g, c, &m);
    emit_alu_rr(&g->e, ALU_XOR, 0, guide, guide);
    emit_jmp(&g->e, c->back);
    emit_here8(&g->e, miss);
    gen_slow_call(g, c);
}

void gen_guided(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d, struct emit_mem *m,
                const struct gen_operands *x)
{
    unsigned guide = g->guide.reg, w = 0;
    struct emit_mem first = mem_bd(m->base, g->guide.lo), last = mem_bd(m->base, g->guide.hi - 1);
    struct gen_cold *c;

    if (g->guided == GEN_LEADER)
        w = (unsigned)gen_tmp_gpr(g);
    gen_snapshot(g);
    c = gen_cold(g, cold_own, op);
    gen_slow_record(g, c, op, d, m, x);
    c->r[0] = (uint8_t)guide;
    c->r[3] = (uint8_t)m->base;
    c->r[4] = g->guide.hi - g->guide.lo > SHORT;
    c->u[0] = (uint32_t)x->imm;
    c->u[1] = (uint32_t)m->disp;
    if (x->dest) {
        c->r[1] = x->dest < GEN_IN(GEN_XMM) ? LOAD_INT : LOAD_XMM;
        c->r[2] = (uint8_t)(x->dest - GEN_IN(c->r[1] == LOAD_INT ? 0 : GEN_XMM));
    } else if (x->value == GEN_FROM_IMM) {
        c->r[1] = STORE_IMM;
        c->r[2] = GEN_NOREG;
    } else {
        c->r[1] = x->value < GEN_IN(GEN_XMM) ? STORE_INT : STORE_XMM;
        c->r[2] = (uint8_t)(x->value - GEN_IN(c->r[1] == STORE_INT ? 0 : GEN_XMM));
    }
    g->hf = HF_NONE;
    if (g->guided == GEN_LEADER) {
        gen_tlb_entry(g, d, &first, guide);
        emit_lea(&g->e, 1, w, &last);
        emit_alu_ri(&g->e, ALU_AND, 1, w, -(int32_t)TCG_TLB_PAGE_SIZE);
        last = mem_bd((int)guide, g->guide.write ? offsetof(struct tcg_tlb_entry, write)
                                                 : offsetof(struct tcg_tlb_entry, read));
        emit_alu_rm(&g->e, ALU_CMP, 1, w, &last);
        emit_jcc(&g->e, CC_NE, c->label);
        last = mem_bd((int)guide, offsetof(struct tcg_tlb_entry, addend));
        emit_mov_rm(&g->e, 1, guide, &last);
    } else {
        emit_test_rr(&g->e, 1, guide, guide);
        emit_jcc(&g->e, CC_E, c->label);
    }
    m->index = (int8_t)guide;
    m->scale = 0;
}
