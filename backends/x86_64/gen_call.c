// SPDX-License-Identifier: MIT
/* backends/x86_64/gen_call.c -- calls of frontends' helpers. The System V convention: arguments in
 * rdi rsi rdx rcx r8 r9; of the pinned registers r8, r9 and rdi are the callee's, so their units
 * are stored to homes before and reloaded after. The stack is aligned at all times in translated
 * code. */
#include "backends/x86_64/gen_priv.h"

static bool listed(const uint16_t *list, unsigned u)
{
    if (list == tcg_all_units)
        return true;
    for (; list && *list != TCG_NO_UNIT; list++)
        if (*list == u)
            return true;
    return false;
}

static bool callee_owns(int reg)
{
    return reg == R8 || reg == R9 || reg == RDI;
}

/* Stores (or reloads) the pinned units that the callee clobbers or that are in the list. */
static void pins(struct gen *g, const uint16_t *list, bool load)
{
    for (int r = 0; r < 16; r++) {
        struct emit_mem m;

        if (g->pin_unit[r] == TCG_NO_UNIT || !(callee_owns(r) || listed(list, g->pin_unit[r])))
            continue;
        m = gen_home_mem(g, g->pin_unit[r]);
        if (load)
            emit_mov_rm(&g->e, 1, (unsigned)r, &m);
        else
            emit_mov_mr(&g->e, 1, &m, (unsigned)r);
    }
}

static void cold_leave(struct gen *g, const struct gen_cold *c)
{
    gen_snapshot_again(g, c->snap);
    emit_call_abs(&g->e, g->stubs->rebuild);
}

/* Passed by reference. */
static bool by_memory(unsigned t)
{
    return t == TCG_V64 || gen_is_wide((enum tcg_type)t);
}

static void mxcsr(struct gen *g, unsigned n, size_t field)
{
    struct emit_mem m = gen_vcpu_mem(field);

    emit_rm(&g->e, OPC(0, M_0F, 0xae), 0, n, &m, 0);
}

static void call(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    static const uint8_t regs[6] = { RDI, RSI, RDX, RCX, R8, R9 };
    const struct tcg_call *c = &g->ir->calls[op->attr];
    const struct tcg_helper *h = c->helper;
    bool vcpu = h->flags & TCG_H_VCPU, vec = by_memory(h->ret);
    unsigned first = vcpu + vec;
    struct emit_mem m;
    struct gen_cold *cold;
    int64_t dist;
    int x;

    if (first + h->nargs > 6)
        MOA_BUG("helper %s has too many arguments", h->name);
    for (unsigned u = 0; u < g->nunits; u++)
        if (g->pin[u] == GEN_NOREG && (listed(h->reads, u) || listed(h->writes, u))) {
            gen_flush_unit(g, u);
            if (listed(h->writes, u))
                gen_home_changes(g, u);
        }
    pins(g, h->reads, false);
    if (h->writes) /* a pinned unit that the helper leaves alone is reloaded as it was */
        for (int r = 0; r < 16; r++)
            if (g->pin_unit[r] != TCG_NO_UNIT && !callee_owns(r) &&
                listed(h->writes, g->pin_unit[r]) && !listed(h->reads, g->pin_unit[r])) {
                m = gen_home_mem(g, g->pin_unit[r]);
                emit_mov_mr(&g->e, 1, &m, (unsigned)r);
            }
    /* Arguments travel through the frame: no order of moves to think about. */
    for (unsigned i = 0; i < h->nargs; i++) {
        uint32_t locked = g->locked;

        if (by_memory(h->args[i])) {
            m = gen_scratch(32 * (i + 1));
            x = gen_use_xmm(g, c->args[i]);
            if (h->args[i] == TCG_V64) {
                struct emit_mem upper = gen_scratch(32 * (i + 1) + 8);

                emit_mov_mi(&g->e, 1, &upper, 0);
                emit_movq_mx(&g->e, &m, (unsigned)x);
            } else {
                emit_movups_mr(&g->e, &m, (unsigned)x);
            }
        } else if (gen_is_xmm((enum tcg_type)h->args[i])) {
            gen_soft_arg_xmm(g, i, gen_use_xmm(g, c->args[i]));
        } else {
            gen_soft_arg_gpr(g, i, gen_use_gpr(g, c->args[i]));
        }
        g->locked = locked;
    }
    gen_apply_kills(g);
    for (int r = 0; r < 16; r++) /* values that live in pinned registers which do not survive */
        if (g->rv[r] && g->pin_unit[r] != TCG_NO_UNIT &&
            (callee_owns(r) || listed(h->writes, g->pin_unit[r])))
            gen_evacuate(g, r);
    gen_spill_volatile(g, true);
    if (h->flags & TCG_H_LEAVE) /* at others, puts may be dead: nothing looks there */
        gen_snapshot(g);
    for (unsigned i = 0; i < h->nargs; i++) {
        unsigned r = regs[first + i];

        if (by_memory(h->args[i])) {
            m = gen_scratch(32 * (i + 1));
            emit_lea(&g->e, 1, r, &m);
            continue;
        }
        m = gen_frame_mem(FRAME_ARG + 8 * i);
        emit_mov_rm(&g->e, h->args[i] != TCG_I32 && h->args[i] != TCG_F32, r, &m);
        if (h->args[i] == TCG_F16)
            emit_movzx16(&g->e, r, r);
    }
    if (vec) {
        m = gen_scratch(0);
        emit_lea(&g->e, 1, regs[vcpu], &m);
    }
    if (vcpu) {
        m = gen_vcpu_mem(0);
        emit_lea(&g->e, 1, RDI, &m);
    }
    if (h->flags & TCG_H_FLOAT) {
        mxcsr(g, 3, offsetof(struct tcg_vcpu, host_fpcr));
        mxcsr(g, 2, offsetof(struct tcg_vcpu, own_fpcr));
    }
    dist = (const uint8_t *)(uintptr_t)h->fn - (g->e.rx + emit_pos(&g->e) + 5);
    if (dist == (int32_t)dist) {
        emit_call_abs(&g->e, (const void *)(uintptr_t)h->fn);
    } else {
        emit_mov_ri(&g->e, RAX, (uintptr_t)h->fn);
        emit_rr(&g->e, OPC(0, M_1, 0xff), 0, 2, RAX);
    }
    if (h->flags & TCG_H_FLOAT)
        mxcsr(g, 2, offsetof(struct tcg_vcpu, host_fpcr));
    pins(g, h->writes, true);
    g->hf = HF_NONE;
    if (h->flags & TCG_H_LEAVE) {
        emit_test_rr(&g->e, 0, RAX, RAX);
        cold = gen_cold(g, cold_leave, op);
        emit_jcc(&g->e, CC_NE, cold->label);
        return;
    }
    if (!g->val[d].refs)
        return;
    if (vec) {
        m = gen_scratch(0);
        x = gen_def_xmm(g, d);
        emit_movups_rm(&g->e, (unsigned)x, &m);
    } else if (gen_is_xmm((enum tcg_type)h->ret)) {
        x = gen_def_xmm(g, d);
        emit_mov_xr(&g->e, 1, (unsigned)x, RAX);
    } else {
        if (h->ret == TCG_I32)
            emit_mov_rr(&g->e, 0, RAX, RAX);
        gen_def_in(g, d, RAX);
    }
}

const struct gen_row gen_call_rows[] = {
    { TCG_OP_call, call }, { TCG_OP_nop, NULL },
};
