// SPDX-License-Identifier: MIT
/* backends/x86_64/gen_atomic.c -- atomic read-modify-write and compare-exchange: one locked
 * instruction where the host has it, else a compare-exchange loop. Locked instructions order
 * everything, so the descriptor's order needs nothing. */
#include "backends/x86_64/gen_priv.h"

/* Locked or plain instruction with a memory operand of 1 << size bytes and a register. */
static void op_mr(struct gen *g, uint32_t byte_opc, unsigned size, const struct emit_mem *m,
                  unsigned r)
{
    uint32_t opc = byte_opc;

    if (size == 0)
        opc |= OPC_BYTE_REG;
    else
        opc += 1;
    if (size == 1)
        opc |= OPC(P_66, 0, 0);
    emit_rm(&g->e, opc, size == 3, r, m, 0);
}

/* r = its low 1 << size bytes, extended as the descriptor says. */
static void extend(struct gen *g, const struct tcg_mem *d, bool wide, unsigned r, unsigned s)
{
    unsigned w = d->sign && wide;

    switch (d->size) {
    case 0:
        emit_rr(&g->e, OPC(0, M_0F, d->sign ? 0xbe : 0xb6) | (s >= 4 ? OPC_BYTE_REG : 0), w, r, s);
        break;
    case 1: emit_rr(&g->e, OPC(0, M_0F, d->sign ? 0xbf : 0xb7), w, r, s); break;
    case 2:
        if (w)
            emit_rr(&g->e, OPC(0, M_1, 0x63), 1, r, s);
        else
            emit_mov_rr(&g->e, 0, r, s);
        break;
    default:
        if (r != s)
            emit_mov_rr(&g->e, 1, r, s);
        break;
    }
}

static void load_old(struct gen *g, const struct tcg_mem *d, const struct emit_mem *m)
{
    if (d->size == 0)
        emit_rm(&g->e, OPC(0, M_0F, 0xb6), 0, RAX, m, 0);
    else if (d->size == 1)
        emit_rm(&g->e, OPC(0, M_0F, 0xb7), 0, RAX, m, 0);
    else
        emit_mov_rm(&g->e, d->size == 3, RAX, m);
}

/* t = new value from old (RAX in memory order) and operand b (extended); u: scratch. */
static void compute(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d, unsigned t,
                    unsigned b)
{
    static const uint8_t min_cc[] = { CC_G, CC_L, CC_A, CC_B }; /* when b replaces old */
    bool is_signed = op->sub == TCG_RMW_SMIN || op->sub == TCG_RMW_SMAX;
    struct tcg_mem ext = { .size = d->size, .sign = is_signed };

    if (d->big) {
        struct tcg_mem zero = { .size = d->size };

        extend(g, &zero, true, t, RAX);
        gen_swap_bytes(g, d->size, t);
        extend(g, &ext, true, t, t);
    } else {
        extend(g, &ext, true, t, RAX);
    }
    switch (op->sub) {
    case TCG_RMW_ADD: emit_alu_rr(&g->e, ALU_ADD, 1, t, b); break;
    case TCG_RMW_SUB: emit_alu_rr(&g->e, ALU_SUB, 1, t, b); break;
    case TCG_RMW_AND:
    case TCG_RMW_ANDN: emit_alu_rr(&g->e, ALU_AND, 1, t, b); break; /* b inverted before */
    case TCG_RMW_OR: emit_alu_rr(&g->e, ALU_OR, 1, t, b); break;
    case TCG_RMW_XOR: emit_alu_rr(&g->e, ALU_XOR, 1, t, b); break;
    case TCG_RMW_XCHG: emit_mov_rr(&g->e, 1, t, b); break;
    default:
        emit_alu_rr(&g->e, ALU_CMP, 1, t, b);
        emit_cmov(&g->e, min_cc[op->sub - TCG_RMW_SMIN], 1, t, b);
        break;
    }
    if (d->big) {
        struct tcg_mem zero = { .size = d->size };

        extend(g, &zero, true, t, t);
        gen_swap_bytes(g, d->size, t);
    }
}

static void finish(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d, tcg_val v)
{
    if (d->big) {
        struct tcg_mem zero = { .size = d->size };

        extend(g, &zero, true, RAX, RAX);
        gen_swap_bytes(g, d->size, RAX);
    }
    if (d->big || d->size < 2 || (d->sign && d->size == 2))
        extend(g, d, op->type == TCG_I64, RAX, RAX);
    gen_def_in(g, v, RAX);
}

static void loop(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d, tcg_val v)
{
    bool is_signed = op->sub == TCG_RMW_SMIN || op->sub == TCG_RMW_SMAX;
    struct tcg_mem ext = { .size = d->size, .sign = is_signed };
    struct emit_mem m;
    unsigned b, t, from;
    uint32_t top;

    gen_take(g, RAX);
    from = (unsigned)gen_use_gpr(g, op->b);
    b = (unsigned)gen_tmp_gpr(g);
    extend(g, &ext, true, b, from);
    if (op->sub == TCG_RMW_ANDN)
        emit_f7(&g->e, 2, 1, b);
    g->locked &= ~(1u << from); /* an address of two registers leaves none over */
    m = gen_address(g, op, d);
    t = (unsigned)gen_tmp_gpr(g);
    gen_access(g, op, d, &m,
               GEN_OPERANDS(.value = GEN_IN(b), .dest = GEN_IN(RAX),
                            .rmw = op->sub == TCG_RMW_ANDN ? TCG_RMW_AND : op->sub));
    load_old(g, d, &m);
    top = emit_pos(&g->e);
    compute(g, op, d, t, b);
    op_mr(g, OPC(0, M_0F, 0xb0) | OPC_LOCK, d->size, &m, t);
    emit_jcc_back(&g->e, CC_NE, top);
    finish(g, op, d, v);
}

static void rmw(struct gen *g, const struct tcg_op *op, tcg_val v)
{
    const struct tcg_mem *d = &g->ir->mems[op->attr];
    bool wanted = g->val[v].refs != 0;
    static const uint8_t plain[] = {
        [TCG_RMW_ADD] = ALU_ADD << 3, [TCG_RMW_AND] = ALU_AND << 3, [TCG_RMW_OR] = ALU_OR << 3,
        [TCG_RMW_XOR] = ALU_XOR << 3, [TCG_RMW_SUB] = ALU_SUB << 3,
    };
    struct emit_mem m;
    int b;

    g->hf = HF_NONE;
    if (d->big) {
        loop(g, op, d, v);
        return;
    }
    switch (op->sub) {
    case TCG_RMW_XCHG:
    case TCG_RMW_ADD:
    case TCG_RMW_SUB:
        if (!wanted && op->sub != TCG_RMW_XCHG)
            break;
        gen_use_gpr_in(g, op->b, RAX);
        m = gen_address(g, op, d);
        if (op->sub == TCG_RMW_SUB)
            emit_f7(&g->e, 3, 1, RAX);
        gen_access(g, op, d, &m,
                   GEN_OPERANDS(.value = GEN_IN(RAX), .dest = GEN_IN(RAX),
                                .rmw = op->sub == TCG_RMW_SUB ? TCG_RMW_ADD : op->sub));
        if (op->sub == TCG_RMW_XCHG)
            op_mr(g, OPC(0, M_1, 0x86), d->size, &m, RAX);
        else
            op_mr(g, OPC(0, M_0F, 0xc0) | OPC_LOCK, d->size, &m, RAX);
        extend(g, d, op->type == TCG_I64, RAX, RAX);
        gen_def_in(g, v, RAX);
        return;
    case TCG_RMW_AND:
    case TCG_RMW_OR:
    case TCG_RMW_XOR:
    case TCG_RMW_ANDN:
        if (wanted) {
            loop(g, op, d, v);
            return;
        }
        break;
    default: loop(g, op, d, v); return;
    }
    m = gen_address(g, op, d);
    b = gen_use_gpr(g, op->b);
    if (op->sub == TCG_RMW_ANDN) {
        int t = gen_tmp_gpr(g);

        emit_mov_rr(&g->e, 1, (unsigned)t, (unsigned)b);
        emit_f7(&g->e, 2, 1, (unsigned)t);
        gen_access(g, op, d, &m, GEN_OPERANDS(.value = GEN_IN(t), .rmw = TCG_RMW_AND));
        op_mr(g, OPC(0, M_1, ALU_AND << 3) | OPC_LOCK, d->size, &m, (unsigned)t);
        return;
    }
    gen_access(g, op, d, &m, GEN_OPERANDS(.value = GEN_IN(b), .rmw = op->sub));
    op_mr(g, OPC(0, M_1, plain[op->sub]) | OPC_LOCK, d->size, &m, (unsigned)b);
}

/* Half of an i128 operand into a register. */
static void half_in(struct gen *g, tcg_val q, bool high, unsigned reg)
{
    tcg_val v = gen_root(g, q);
    int x;

    if (tcg_is_const(v)) {
        const struct tcg_const *c = tcg_const_of(g->ir, v);

        emit_mov_ri(&g->e, reg, high ? c->hi : c->lo);
    } else if (gen_is_lazy(g, v)) {
        gen_place(g, high ? g->ir->ops[v].b : g->ir->ops[v].a, (int)reg);
    } else {
        x = gen_use_xmm(g, v);
        if (high)
            emit_rr_i8(&g->e, OPC(P_66, M_0F3A, 0x16), 1, (unsigned)x, reg, 1); /* pextrq */
        else
            emit_mov_rx(&g->e, 1, reg, (unsigned)x);
    }
}

/* Whole machines: operands to v->scratch, for the slow path, then the lookup of the address in RSI.
 * Nothing is allocated afterwards: half_in finds xmm registers where they are now. */
static void wide_operands(struct gen *g, const struct tcg_op *op, unsigned t, uint8_t dest,
                          const struct tcg_mem *d)
{
    const tcg_val v[2] = { op->b, op->c };
    struct emit_mem m;

    for (unsigned i = 0; i < 4; i++) {
        half_in(g, v[i / 2], i & 1, t);
        m = gen_scratch(8 * i);
        emit_mov_mr(&g->e, 1, &m, t);
    }
    gen_snapshot(g);
    gen_tlb_wide(g, op, d, dest);
}

/* cmpxchg16b wants rbx, which is pinned: during the access its unit is in another register. */
static void cmpxchg16(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d, tcg_val v)
{
    struct emit_mem m, at;
    unsigned t;
    int x;

    gen_take(g, RSI);
    m = gen_address(g, op, d);
    m.gs = false;
    emit_lea(&g->e, 1, RSI, &m);
    g->locked = g->temps = 1u << RSI; /* the parts of the address are free again */
    m = mem_bd(RSI, 0);
    m.gs = g->gs;
    gen_take(g, RAX);
    gen_take(g, RDX);
    gen_take(g, RCX);
    x = gen_tmp_xmm(g);
    t = (unsigned)gen_tmp_gpr(g);
    if (g->user)
        gen_access(g, op, d, &m, NULL);
    else
        wide_operands(g, op, t, GEN_IN(GEN_XMM + x), d);
    /* in big-endian order the high half is the first one */
    half_in(g, op->b, d->big, RAX);
    half_in(g, op->b, !d->big, RDX);
    half_in(g, op->c, d->big, t);
    half_in(g, op->c, !d->big, RCX);
    if (d->big) {
        gen_swap_bytes(g, 3, RAX);
        gen_swap_bytes(g, 3, RDX);
        gen_swap_bytes(g, 3, t);
        gen_swap_bytes(g, 3, RCX);
    }
    emit_rr(&g->e, OPC(0, M_1, 0x87), 1, RBX, t); /* xchg */
    gen_snapshot_pin(g, RBX, (int)t);
    at = m;
    emit_rm(&g->e, OPC(0, M_0F, 0xc7) | OPC_LOCK, 1, 1, &at, 0);
    emit_mov_rr(&g->e, 1, RBX, t);
    if (d->big) {
        gen_swap_bytes(g, 3, RAX);
        gen_swap_bytes(g, 3, RDX);
    }
    emit_mov_xr(&g->e, 1, (unsigned)x, d->big ? RDX : RAX);
    emit_rr_i8(&g->e, OPC(P_66, M_0F3A, 0x22), 1, (unsigned)x, d->big ? RAX : RDX, 1); /* pinsrq */
    gen_def_in(g, v, x + GEN_XMM);
}

static void cmpxchg(struct gen *g, const struct tcg_op *op, tcg_val v)
{
    const struct tcg_mem *d = &g->ir->mems[op->attr];
    struct tcg_mem zero = { .size = d->size };
    struct emit_mem m;
    int c, t;

    g->hf = HF_NONE;
    if (d->size == 4) {
        cmpxchg16(g, op, d, v);
        return;
    }
    gen_use_gpr_in(g, op->b, RAX);
    m = gen_address(g, op, d);
    c = gen_use_gpr(g, op->c);
    if (d->big) {
        t = gen_tmp_gpr(g);
        extend(g, &zero, true, (unsigned)t, (unsigned)c);
        gen_swap_bytes(g, d->size, (unsigned)t);
        extend(g, &zero, true, RAX, RAX);
        gen_swap_bytes(g, d->size, RAX);
        c = t;
    }
    gen_access(g, op, d, &m,
               GEN_OPERANDS(.value = GEN_IN(RAX), .want = GEN_IN(c), .dest = GEN_IN(RAX), .swapped = d->big));
    op_mr(g, OPC(0, M_0F, 0xb0) | OPC_LOCK, d->size, &m, (unsigned)c);
    if (!d->big && d->size == 2)
        emit_mov_rr(&g->e, 0, RAX, RAX); /* rax came in with any upper half */
    finish(g, op, d, v);
}

const struct gen_row gen_atomic_rows[] = {
    { TCG_OP_rmw, rmw }, { TCG_OP_cmpxchg, cmpxchg }, { TCG_OP_nop, NULL },
};
_Static_assert(TCG_RMW_SMAX == TCG_RMW_SMIN + 1 && TCG_RMW_UMIN == TCG_RMW_SMIN + 2 &&
               TCG_RMW_UMAX == TCG_RMW_SMIN + 3, "order of minimum and maximum");
