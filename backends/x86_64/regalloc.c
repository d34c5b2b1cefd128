// SPDX-License-Identifier: MIT
/* backends/x86_64/regalloc.c -- the register allocator: one forward pass, local to a path. A value
 * has at most one register, one spill slot and one unit home that hold it. Evicting a value that a
 * dirty unit holds writes the unit's home, which had to be done anyway.
 *
 * Pinned registers always hold the present value of their unit, except between the operation that
 * makes a hinted value there and its put, where nothing can look (liveness.c). */
#include "backends/x86_64/gen_priv.h"

#include <string.h>

#define XMMS 0xffff0000u

static bool in_regs(const struct gen *g, int reg)
{
    return g->locked >> reg & 1;
}

void gen_lock(struct gen *g, int reg)
{
    g->locked |= 1u << reg;
}

/* ---- references ---- */

static void live_add(struct gen *g, tcg_val v)
{
    g->val[v].pos = (uint16_t)g->nlive;
    g->live[g->nlive++] = v;
}

void gen_ref(struct gen *g, tcg_val v)
{
    if (v == TCG_NONE)
        return;
    v = gen_root(g, v);
    if (tcg_is_const(v))
        return;
    if (g->val[v].refs++ == 0)
        live_add(g, v);
}

static void slot_free(struct gen *g, unsigned slot, bool two)
{
    g->slot_used[slot / 64] &= ~((two ? 3ull : 1ull) << (slot % 64));
}

static void drop_slot(struct gen *g, tcg_val v)
{
    struct gen_val *x = &g->val[v];

    if (x->slot == GEN_NOSLOT)
        return;
    if (g->nlate_slots < ARRAY_LEN(g->late_slots))
        g->late_slots[g->nlate_slots++] =
            (uint16_t)(x->slot | (gen_is_xmm(tcg_type_of(g->ir, v)) ? 0x8000 : 0));
    x->slot = GEN_NOSLOT;
}

static void forget(struct gen *g, tcg_val v)
{
    struct gen_val *x = &g->val[v];
    const struct tcg_op *o = &g->ir->ops[v];
    tcg_val last = g->live[--g->nlive];

    g->live[x->pos] = last;
    g->val[last].pos = x->pos;
    if (x->flags & GEN_V_LAZY) {
        x->flags &= (uint8_t)~GEN_V_LAZY;
        gen_unref(g, o->a);
        gen_unref(g, o->b);
        gen_unref(g, o->c);
        return;
    }
    if (x->reg != GEN_NOREG)
        g->rv[x->reg] = 0;
    x->reg = GEN_NOREG;
    drop_slot(g, v);
    if (x->home)
        g->home_val[x->home - 1] = 0;
    x->home = 0;
}

void gen_unref(struct gen *g, tcg_val v)
{
    if (v == TCG_NONE)
        return;
    v = gen_root(g, v);
    if (tcg_is_const(v))
        return;
    if (g->val[v].refs == 0)
        MOA_BUG("value %u has no references", v);
    if (--g->val[v].refs == 0)
        forget(g, v);
}

void gen_born(struct gen *g, tcg_val d)
{
    struct gen_val *x = &g->val[d];
    const struct tcg_op *o = &g->ir->ops[d];

    x->flags |= GEN_V_LIVE;
    gen_ref(g, d);
    if (gen_is_record(g, d) && !(x->flags & GEN_V_PLAIN)) {
        x->flags |= GEN_V_LAZY;
        gen_ref(g, o->a);
        gen_ref(g, o->b);
        gen_ref(g, o->c);
    }
}

static void kill_value(struct gen *g, tcg_val v)
{
    v = gen_root(g, v);
    if (tcg_is_const(v) || !(g->val[v].flags & GEN_V_LIVE))
        return;
    g->val[v].flags &= (uint8_t)~GEN_V_LIVE;
    gen_unref(g, v);
}

static tcg_val operand(const struct gen *g, unsigned i)
{
    const struct tcg_op *o = &g->ir->ops[g->cur_op];

    if (o->op == TCG_OP_call)
        return g->ir->calls[o->attr].args[i];
    return i == 0 ? o->a : i == 1 ? o->b : o->c;
}

void gen_apply_kills(struct gen *g)
{
    unsigned kill = g->val[g->cur_op].kill;

    if (g->killed)
        return;
    g->killed = true;
    for (unsigned i = 0; kill; i++, kill >>= 1)
        if (kill & 1 && i < 7)
            kill_value(g, operand(g, i));
}

bool gen_dies(const struct gen *g, tcg_val v)
{
    unsigned kill = g->val[g->cur_op].kill;

    v = gen_root(g, v);
    if (tcg_is_const(v))
        return true;
    if (g->val[v].refs != 1 || g->killed)
        return g->killed && g->val[v].refs == 0;
    for (unsigned i = 0; kill; i++, kill >>= 1)
        if (kill & 1 && i < 7 && gen_root(g, operand(g, i)) == v)
            return true;
    return false;
}

void gen_op_begin(struct gen *g, uint32_t op)
{
    g->cur_op = op;
    g->killed = false;
    g->locked = 0;
    g->temps = 0;
    g->mem_unit = 0;
}

void gen_op_end(struct gen *g)
{
    gen_apply_kills(g);
    g->locked = 0;
    g->temps = 0;
    g->mem_unit = 0;
    for (unsigned i = 0; i < g->nlate_slots; i++)
        slot_free(g, g->late_slots[i] & 0x7fff, g->late_slots[i] & 0x8000);
    g->nlate_slots = 0;
}

/* ---- registers ---- */

void gen_set_reg(struct gen *g, tcg_val v, int reg)
{
    g->rv[reg] = v;
    g->val[v].reg = (uint8_t)reg;
}

void gen_release(struct gen *g, int reg)
{
    tcg_val v = g->rv[reg];

    g->rv[reg] = 0;
    if (v && !tcg_is_const(v) && g->val[v].reg == reg)
        g->val[v].reg = GEN_NOREG;
}

int gen_slot_alloc(struct gen *g, unsigned n)
{
    for (unsigned w = 0; w < GEN_SLOTS / 64; w++) {
        uint64_t used = g->slot_used[w], room;
        unsigned k;

        if (used == ~0ull)
            continue;
        room = n == 2 ? ~used & ~used >> 1 & 0x5555555555555555ull : ~used;
        if (!room)
            continue;
        k = (unsigned)__builtin_ctzll(room);
        if (w * 64 + k + n > g->param_top)
            break;
        g->slot_used[w] |= (n == 2 ? 3ull : 1ull) << k;
        if (w * 64 + k + n > g->slot_top)
            g->slot_top = w * 64 + k + n;
        return (int)(w * 64 + k);
    }
    MOA_BUG("no spill slot is left");
}

static struct emit_mem slot_mem(unsigned slot)
{
    return gen_frame_mem(FRAME_SLOTS + slot * 8);
}

static void spill(struct gen *g, int reg)
{
    tcg_val v = g->rv[reg];
    struct gen_val *x;
    struct emit_mem m;
    enum tcg_type t;

    if (!v || tcg_is_const(v)) {
        g->rv[reg] = 0;
        return;
    }
    x = &g->val[v];
    if (x->slot == GEN_NOSLOT && !x->home && !gen_home_store(g, v)) {
        t = tcg_type_of(g->ir, v);
        x->slot = (uint16_t)gen_slot_alloc(g, gen_is_xmm(t) ? 2 : 1);
        m = slot_mem(x->slot);
        if (reg < GEN_XMM)
            emit_mov_mr(&g->e, 1, &m, (unsigned)reg);
        else if (gen_is_wide(t))
            emit_movups_mr(&g->e, &m, (unsigned)reg - GEN_XMM);
        else
            emit_movq_mx(&g->e, &m, (unsigned)reg - GEN_XMM);
    }
    g->rv[reg] = 0;
    x->reg = GEN_NOREG;
}

static bool has_copy(const struct gen *g, tcg_val v)
{
    return g->val[v].slot != GEN_NOSLOT || g->val[v].home;
}

static int find_gpr(struct gen *g)
{
    static const uint8_t order[6] = { RCX, RDX, RSI, R10, R11, RAX };
    int best = -1;

    for (unsigned i = 0; i < 6; i++) {
        int r = order[i];

        if (in_regs(g, r))
            continue;
        if (!g->rv[r])
            return r;
        if (best < 0 && tcg_is_const(g->rv[r]))
            best = r;
    }
    if (best >= 0) {
        g->rv[best] = 0;
        return best;
    }
    for (unsigned n = 0; n < 12; n++) { /* first round: values that have a copy in memory */
        int r = order[g->next_gpr];

        g->next_gpr = (uint8_t)((g->next_gpr + 1) % 6); /* 256 is no multiple of 6 */
        if (in_regs(g, r) || (n < 6 && !has_copy(g, g->rv[r])))
            continue;
        spill(g, r);
        return r;
    }
    MOA_BUG("no general register is left for operation %s",
            tcg_op_info[g->ir->ops[g->cur_op].op].name);
}

static int find_xmm(struct gen *g)
{
    for (int r = GEN_XMM; r < 32; r++)
        if (!in_regs(g, r) && !g->rv[r])
            return r;
    for (unsigned n = 0; n < 32; n++) {
        int r = GEN_XMM + g->next_xmm++ % 16;

        if (in_regs(g, r) || (n < 16 && !has_copy(g, g->rv[r])))
            continue;
        spill(g, r);
        return r;
    }
    MOA_BUG("no xmm register is left for operation %s",
            tcg_op_info[g->ir->ops[g->cur_op].op].name);
}

void gen_evacuate(struct gen *g, int reg)
{
    tcg_val v = g->rv[reg];
    bool xmm = reg >= GEN_XMM;
    uint32_t locked = g->locked;
    int to = -1;

    if (!v)
        return;
    if (tcg_is_const(v) || g->val[v].refs == 0) {
        gen_release(g, reg);
        return;
    }
    if (g->val[v].slot != GEN_NOSLOT || g->val[v].home) {
        gen_release(g, reg);
        return;
    }
    for (int r = xmm ? 31 : 11; r >= (xmm ? 16 : 0); r--) {
        if ((xmm || GEN_SCRATCH >> r & 1) && r != reg && !in_regs(g, r) &&
            (!g->rv[r] || tcg_is_const(g->rv[r]))) {
            to = r;
            break;
        }
    }
    if (to < 0) {
        spill(g, reg);
    } else {
        if (xmm)
            emit_movaps_rr(&g->e, (unsigned)to - GEN_XMM, (unsigned)reg - GEN_XMM);
        else
            emit_mov_rr(&g->e, 1, (unsigned)to, (unsigned)reg);
        g->rv[reg] = 0;
        gen_set_reg(g, v, to);
    }
    g->locked = locked;
}

/* ---- uses ---- */

static void load_const(struct gen *g, tcg_val v, int reg)
{
    const struct tcg_const *c = tcg_const_of(g->ir, v);
    struct emit_mem m;

    if (reg < GEN_XMM) {
        emit_mov_ri(&g->e, (unsigned)reg, c->type == TCG_I32 ? (uint32_t)c->lo : c->lo);
        return;
    }
    reg -= GEN_XMM;
    if (c->lo == 0 && c->hi == 0) {
        emit_rr(&g->e, OPC(P_66, M_0F, 0xef), 0, (unsigned)reg, (unsigned)reg); /* pxor */
    } else if (c->lo == ~0ull && c->hi == ~0ull) {
        emit_rr(&g->e, OPC(P_66, M_0F, 0x76), 0, (unsigned)reg, (unsigned)reg); /* pcmpeqd */
    } else if (c->hi == 0) {
        m = emit_lit64(&g->e, c->lo);
        emit_movq_xm(&g->e, (unsigned)reg, &m);
    } else {
        m = emit_lit128(&g->e, c->lo, c->hi);
        emit_movups_rm(&g->e, (unsigned)reg, &m);
    }
}

/* Where a value that has no register is read from; false: nowhere in memory. */
static bool value_mem(const struct gen *g, tcg_val v, struct emit_mem *m)
{
    const struct gen_val *x = &g->val[v];

    if (x->slot != GEN_NOSLOT)
        *m = slot_mem(x->slot);
    else if (x->home)
        *m = gen_home_mem(g, x->home - 1u);
    else
        return false;
    return true;
}

/* Loads root value v into reg; no bookkeeping. */
int gen_place(struct gen *g, tcg_val v, int reg)
{
    struct emit_mem m;
    enum tcg_type t;

    v = gen_root(g, v);
    if (tcg_is_const(v)) {
        load_const(g, v, reg);
        return reg;
    }
    t = tcg_type_of(g->ir, v);
    if (g->val[v].reg != GEN_NOREG) {
        int from = g->val[v].reg;

        if (from == reg)
            return reg;
        if (from < GEN_XMM && reg < GEN_XMM)
            emit_mov_rr(&g->e, 1, (unsigned)reg, (unsigned)from);
        else if (from >= GEN_XMM && reg >= GEN_XMM)
            emit_movaps_rr(&g->e, (unsigned)reg - GEN_XMM, (unsigned)from - GEN_XMM);
        else if (reg < GEN_XMM)
            emit_mov_rx(&g->e, 1, (unsigned)reg, (unsigned)from - GEN_XMM);
        else
            emit_mov_xr(&g->e, 1, (unsigned)reg - GEN_XMM, (unsigned)from);
        return reg;
    }
    if (!value_mem(g, v, &m))
        MOA_BUG("value %u (%s) is nowhere", v, tcg_op_info[g->ir->ops[v].op].name);
    if (reg < GEN_XMM) {
        emit_mov_rm(&g->e, t == TCG_I64 || gen_is_xmm(t), (unsigned)reg, &m);
    } else if (gen_is_wide(t)) {
        emit_movups_rm(&g->e, (unsigned)reg - GEN_XMM, &m);
    } else if (g->val[v].slot == GEN_NOSLOT && gen_type_size(t) <= 4) {
        emit_movd_xm(&g->e, (unsigned)reg - GEN_XMM, &m);
    } else {
        emit_movq_xm(&g->e, (unsigned)reg - GEN_XMM, &m);
    }
    return reg;
}

static int use_in(struct gen *g, tcg_val v, bool xmm)
{
    int reg;

    v = gen_root(g, v);
    if (!tcg_is_const(v)) {
        reg = g->val[v].reg;
        if (reg != GEN_NOREG) {
            if ((reg >= GEN_XMM) != xmm)
                MOA_BUG("value %u is in a register of the other class", v);
            gen_lock(g, reg);
            return reg;
        }
    } else if (!xmm) {
        for (int r = 0; r < GEN_XMM; r++)
            if (g->rv[r] == v) {
                gen_lock(g, r);
                return r;
            }
    }
    reg = xmm ? find_xmm(g) : find_gpr(g);
    gen_place(g, v, reg);
    if (tcg_is_const(v))
        g->rv[reg] = xmm ? 0 : v;
    else
        gen_set_reg(g, v, reg);
    gen_lock(g, reg);
    return reg;
}

int gen_use_gpr(struct gen *g, tcg_val v)
{
    return use_in(g, v, false);
}

int gen_use_xmm(struct gen *g, tcg_val v)
{
    return use_in(g, v, true) - GEN_XMM;
}

bool gen_use_mem(struct gen *g, tcg_val v, struct emit_mem *m)
{
    v = gen_root(g, v);
    if (tcg_is_const(v)) {
        const struct tcg_const *c = tcg_const_of(g->ir, v);

        if (!gen_is_xmm((enum tcg_type)c->type) || (c->lo == 0 && c->hi == 0))
            return false;
        *m = emit_lit128(&g->e, c->lo, c->hi);
        return true;
    }
    if (g->val[v].reg != GEN_NOREG || !gen_dies(g, v) || !value_mem(g, v, m))
        return false;
    if (g->val[v].slot == GEN_NOSLOT) {
        if (g->mem_unit && g->mem_unit != g->val[v].home)
            return false;
        g->mem_unit = g->val[v].home;
    }
    return true;
}

bool gen_imm32(const struct gen *g, tcg_val v, unsigned w, int32_t *imm)
{
    uint64_t c;

    v = gen_root(g, v);
    if (!tcg_is_const(v))
        return false;
    c = tcg_const_of(g->ir, v)->lo;
    *imm = (int32_t)c;
    return !w || (int64_t)c == (int32_t)c;
}

/* ---- temporaries and results ---- */

static int temp(struct gen *g, int reg)
{
    g->locked |= 1u << reg;
    g->temps |= 1u << reg;
    return reg;
}

int gen_tmp_gpr(struct gen *g)
{
    return temp(g, find_gpr(g));
}

int gen_tmp_xmm(struct gen *g)
{
    return temp(g, find_xmm(g)) - GEN_XMM;
}

void gen_take(struct gen *g, int reg)
{
    if (g->rv[reg]) {
        uint32_t locked = g->locked;

        g->locked |= 1u << reg;
        gen_evacuate(g, reg);
        g->locked = locked;
    }
    temp(g, reg);
}

void gen_use_gpr_in(struct gen *g, tcg_val v, int reg)
{
    tcg_val root = gen_root(g, v);
    int from = -1;

    /* The value's only register is the wanted one: it moves away, and stays as a copy. */
    if (!tcg_is_const(root))
        from = g->val[root].reg;
    if (from == reg) {
        gen_take(g, reg);
        return;
    }
    gen_take(g, reg);
    gen_place(g, root, reg);
}

/* Makes pinned register p free for a result; p is not an operand of this operation. */
static bool hinted(struct gen *g, tcg_val d, int *reg)
{
    int p = g->val[d].hint;

    if (p == GEN_NOREG)
        return false;
    *reg = p;
    return true;
}

static bool wanted(const struct gen *g, tcg_val d)
{
    return d && g->val[d].refs != 0;
}

static int finish_def(struct gen *g, tcg_val d, int reg)
{
    temp(g, reg);
    if (wanted(g, d))
        gen_set_reg(g, d, reg);
    return reg;
}

static int def(struct gen *g, tcg_val d, bool xmm, bool late)
{
    int reg;

    gen_apply_kills(g);
    if (wanted(g, d) && !xmm && hinted(g, d, &reg) && (late || !in_regs(g, reg))) {
        gen_evacuate(g, reg);
        return finish_def(g, d, reg);
    }
    if (late) {
        uint32_t free_now = g->locked & ~g->temps & (xmm ? XMMS : GEN_SCRATCH);

        for (; free_now; free_now &= free_now - 1) {
            reg = __builtin_ctz(free_now);
            if (!g->rv[reg])
                return finish_def(g, d, reg);
        }
    }
    return finish_def(g, d, xmm ? find_xmm(g) : find_gpr(g));
}

int gen_def_gpr(struct gen *g, tcg_val d)
{
    return def(g, d, false, false);
}

int gen_def_xmm(struct gen *g, tcg_val d)
{
    return def(g, d, true, false) - GEN_XMM;
}

int gen_def_late_gpr(struct gen *g, tcg_val d)
{
    return def(g, d, false, true);
}

int gen_def_late_xmm(struct gen *g, tcg_val d)
{
    return def(g, d, true, true) - GEN_XMM;
}

static int tied(struct gen *g, tcg_val d, tcg_val a, bool xmm)
{
    tcg_val root = gen_root(g, a);
    int from = tcg_is_const(root) ? GEN_NOREG : g->val[root].reg, reg;
    struct emit_mem m = {0};
    enum tcg_type t = tcg_type_of(g->ir, root);
    bool mem = false, from_slot = false;

    if (from == GEN_NOREG && !tcg_is_const(root)) {
        mem = value_mem(g, root, &m);
        from_slot = g->val[root].slot != GEN_NOSLOT;
        if (!mem)
            MOA_BUG("value %u (%s) is nowhere", root, tcg_op_info[g->ir->ops[root].op].name);
        if (!from_slot)
            g->mem_unit = g->val[root].home;
    }
    if (from != GEN_NOREG)
        gen_lock(g, from);
    gen_apply_kills(g);
    if (wanted(g, d) && !xmm && hinted(g, d, &reg) && (reg == from || !in_regs(g, reg))) {
        gen_evacuate(g, reg);
    } else if (from != GEN_NOREG && !g->rv[from] && (xmm || (GEN_SCRATCH >> from & 1)) &&
               !(g->temps >> from & 1)) {
        reg = from;
    } else {
        reg = xmm ? find_xmm(g) : find_gpr(g);
    }
    if (tcg_is_const(root)) {
        load_const(g, root, reg);
    } else if (mem) {
        if (!xmm)
            emit_mov_rm(&g->e, t == TCG_I64, (unsigned)reg, &m);
        else if (gen_is_wide(t))
            emit_movups_rm(&g->e, (unsigned)reg - GEN_XMM, &m);
        else if (!from_slot && gen_type_size(t) <= 4)
            emit_movd_xm(&g->e, (unsigned)reg - GEN_XMM, &m);
        else
            emit_movq_xm(&g->e, (unsigned)reg - GEN_XMM, &m);
    } else if (reg != from) {
        if (xmm)
            emit_movaps_rr(&g->e, (unsigned)reg - GEN_XMM, (unsigned)from - GEN_XMM);
        else
            emit_mov_rr(&g->e, 1, (unsigned)reg, (unsigned)from);
    }
    return finish_def(g, d, reg);
}

int gen_tied_gpr(struct gen *g, tcg_val d, tcg_val a)
{
    return tied(g, d, a, false);
}

int gen_tied_xmm(struct gen *g, tcg_val d, tcg_val a)
{
    return tied(g, d, a, true) - GEN_XMM;
}

void gen_def_in(struct gen *g, tcg_val d, int reg)
{
    gen_apply_kills(g);
    if (wanted(g, d)) {
        gen_release(g, reg);
        gen_set_reg(g, d, reg);
    }
    temp(g, reg);
}

void gen_spill_volatile(struct gen *g, bool xmm)
{
    for (int r = 0; r < (xmm ? 32 : GEN_XMM); r++)
        if (g->rv[r] && (r >= GEN_XMM || (GEN_SCRATCH >> r & 1)))
            spill(g, r);
}
