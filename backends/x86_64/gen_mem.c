// SPDX-License-Identifier: MIT
/* backends/x86_64/gen_mem.c -- guest loads, stores and probes: in user mode an access is one host
 * access at [gs:]a + (b << sub) + imm; whole machines: gen_tlb.c. Plain and acquire loads and release stores are plain moves
 * (the host orders them so); a sequentially consistent store is followed by a barrier. 16 byte
 * accesses that are atomic rely on aligned SSE accesses being so (all processors with AVX). */
#include "backends/x86_64/gen_priv.h"

static void cold_align(struct gen *g, const struct gen_cold *c)
{
    struct emit_mem m = mem_bi((int8_t)c->r[0], (int8_t)c->r[1], c->r[2], (int32_t)c->u[0]);
    struct emit_mem save = gen_frame_mem(FRAME_TMP), f;

    emit_mov_mr(&g->e, 1, &save, RAX);
    emit_lea(&g->e, !c->r[3], RAX, &m);
    f = gen_vcpu_mem(offsetof(struct tcg_vcpu, exit.addr));
    emit_mov_mr(&g->e, 1, &f, RAX);
    emit_mov_rm(&g->e, 1, RAX, &save);
    f = gen_vcpu_mem(offsetof(struct tcg_vcpu, exit.reason));
    emit_mov_mi(&g->e, 0, &f, TCG_EXIT_EXCEPTION);
    f = gen_vcpu_mem(offsetof(struct tcg_vcpu, exit.code));
    emit_mov_mi(&g->e, 0, &f, TCG_EXC_ALIGN);
    f = gen_vcpu_mem(offsetof(struct tcg_vcpu, exit.size));
    emit_mov_mi(&g->e, 0, &f, 1 << c->r[4]);
    f = gen_vcpu_mem(offsetof(struct tcg_vcpu, exit.access));
    emit_mov_mi(&g->e, 0, &f, c->r[5]);
    gen_snapshot_again(g, c->snap);
    emit_call_abs(&g->e, g->stubs->rebuild);
}

struct emit_mem gen_address(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d)
{
    bool indexed = op->op == TCG_OP_load || op->op == TCG_OP_store || op->op == TCG_OP_probe;
    tcg_val a = gen_root(g, op->a);
    struct emit_mem m = { .base = EMIT_NOREG, .index = EMIT_NOREG, .disp = (int32_t)op->imm };
    int64_t c;
    int t;

    if (indexed && op->b) {
        m.index = (int8_t)gen_use_gpr(g, op->b);
        m.scale = op->sub;
    }
    if (tcg_is_const(a)) {
        c = (int64_t)tcg_const_of(g->ir, a)->lo;
        if (!d->wrap32 && !__builtin_add_overflow(c, (int64_t)m.disp, &c) && c == (int32_t)c)
            m.disp = (int32_t)c;
        else
            m.base = (int8_t)gen_use_gpr(g, a);
    } else {
        m.base = (int8_t)gen_use_gpr(g, a);
    }
    if (d->wrap32) {
        t = gen_tmp_gpr(g);
        emit_lea(&g->e, 0, (unsigned)t, &m);
        if (!g->user) /* the lookup wants two registers more */
            g->locked &= ~((m.base < 0 ? 0 : 1u << m.base) | (m.index < 0 ? 0 : 1u << m.index));
        m = mem_bd(t, 0);
    }
    m.gs = g->gs;
    return m;
}

/* Temporary that an alignment check needs; taken before the snapshot. */
static int align_temp(struct gen *g, const struct tcg_mem *d, const struct emit_mem *m)
{
    if (d->align == TCG_ALIGN_ANY || d->size == 0)
        return -1;
    if (d->align == TCG_ALIGN_NATURAL && m->index == EMIT_NOREG && m->base != EMIT_NOREG &&
        !(m->disp & ((int32_t)tcg_mem_unit(d) - 1)))
        return -1;
    return gen_tmp_gpr(g);
}

static void check(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d,
                  const struct emit_mem *m, int t)
{
    struct emit_mem plain = *m;
    unsigned bytes = 1u << d->size, cc;
    struct gen_cold *c;

    if (d->align == TCG_ALIGN_ANY || d->size == 0)
        return;
    plain.gs = false;
    if (t < 0) {
        emit_test_ri(&g->e, 0, (unsigned)m->base, (int32_t)tcg_mem_unit(d) - 1);
        cc = CC_NE;
    } else {
        emit_lea(&g->e, 1, (unsigned)t, &plain);
        if (d->align == TCG_ALIGN_NATURAL) {
            emit_test_ri(&g->e, 0, (unsigned)t, (int32_t)tcg_mem_unit(d) - 1);
            cc = CC_NE;
        } else {
            emit_alu_ri(&g->e, ALU_AND, 0, (unsigned)t, 15);
            emit_alu_ri(&g->e, ALU_CMP, 0, (unsigned)t, 16 - (int32_t)bytes);
            cc = CC_A;
        }
    }
    g->hf = HF_NONE;
    c = gen_cold(g, cold_align, op);
    c->r[0] = (uint8_t)m->base;
    c->r[1] = (uint8_t)m->index;
    c->r[2] = m->scale;
    c->r[3] = 0;
    c->r[4] = d->size;
    c->r[5] = op->op == TCG_OP_load ? TCG_READ : TCG_WRITE;
    c->u[0] = (uint32_t)m->disp;
    emit_jcc(&g->e, cc, c->label);
}

void gen_access(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d,
                struct emit_mem *m, const struct gen_operands *x)
{
    int t, u;

    if (!g->user && g->guided) {
        gen_guided(g, op, d, m, x);
        g->guided = GEN_ALONE;
        return;
    }
    if (!g->user) {
        u = gen_tmp_gpr(g);
        t = gen_tmp_gpr(g);
        gen_snapshot(g);
        gen_tlb(g, op, d, m, x, (unsigned)u, (unsigned)t);
        return;
    }
    t = align_temp(g, d, m);
    gen_snapshot(g);
    check(g, op, d, m, t);
}

static void bswap_reg(struct gen *g, unsigned w, unsigned r)
{
    if (w || r >> 3)
        emit_u8(&g->e, 0x40 | w << 3 | r >> 3);
    emit_u8(&g->e, 0x0f);
    emit_u8(&g->e, 0xc8 | (r & 7));
}

/* Reverses the low 1 << size bytes of r; the bits above them are 0 before and after. */
void gen_swap_bytes(struct gen *g, unsigned size, unsigned r)
{
    if (size == 1) {
        emit_rr_i8(&g->e, OPC(P_66, M_1, 0xc1), 0, SH_ROR, r, 8);
        g->hf = HF_NONE;
    } else if (size >= 2) {
        bswap_reg(g, size == 3, r);
    }
}

void gen_load_int(struct gen *g, const struct tcg_mem *d, bool wide, unsigned r,
                  const struct emit_mem *m)
{
    unsigned sign = d->sign && !d->big;
    unsigned w = sign && wide;

    switch (d->size) {
    case 0: emit_rm(&g->e, OPC(0, M_0F, d->sign ? 0xbe : 0xb6), d->sign && wide, r, m, 0); return;
    case 1: emit_rm(&g->e, OPC(0, M_0F, sign ? 0xbf : 0xb7), w, r, m, 0); break;
    case 2:
        if (w)
            emit_rm(&g->e, OPC(0, M_1, 0x63), 1, r, m, 0);
        else
            emit_mov_rm(&g->e, 0, r, m);
        break;
    default: emit_mov_rm(&g->e, 1, r, m); break;
    }
    if (!d->big)
        return;
    gen_swap_bytes(g, d->size, r);
    if (d->sign && d->size == 1)
        emit_rr(&g->e, OPC(0, M_0F, 0xbf), wide, r, r);
    else if (d->sign && d->size == 2 && wide)
        emit_rr(&g->e, OPC(0, M_1, 0x63), 1, r, r);
}

static void pxor(struct gen *g, unsigned x)
{
    emit_rr(&g->e, OPC(P_66, M_0F, 0xef), 0, x, x);
}

/* pshufb with a mask that reverses all 16 bytes. */
static void reverse16(struct gen *g, unsigned x)
{
    struct emit_mem m = emit_lit128(&g->e, 0x08090a0b0c0d0e0full, 0x0001020304050607ull);

    emit_rm(&g->e, OPC(P_66, M_0F38, 0x00), 0, x, &m, 0);
}

static void load_xmm(struct gen *g, const struct tcg_op *op, tcg_val v, const struct tcg_mem *d,
                     struct emit_mem *m)
{
    int t = d->big && d->size < 4 ? gen_tmp_gpr(g) : -1;
    unsigned x = (unsigned)gen_def_xmm(g, v);

    gen_access(g, op, d, m, GEN_OPERANDS(.dest = GEN_IN(GEN_XMM + x)));
    if (t >= 0) {
        struct tcg_mem plain = { .size = d->size, .big = 1 };

        gen_load_int(g, &plain, true, (unsigned)t, m);
        emit_mov_xr(&g->e, 1, x, (unsigned)t);
        return;
    }
    switch (d->size) {
    case 1:
        pxor(g, x);
        emit_rm(&g->e, OPC(P_66, M_0F, 0xc4), 0, x, m, 1); /* pinsrw */
        emit_u8(&g->e, 0);
        break;
    case 2: emit_movd_xm(&g->e, x, m); break;
    case 3: emit_movq_xm(&g->e, x, m); break;
    default:
        emit_movups_rm(&g->e, x, m);
        if (d->big)
            reverse16(g, x);
        break;
    }
}

static void load(struct gen *g, const struct tcg_op *op, tcg_val v)
{
    const struct tcg_mem *d = &g->ir->mems[op->attr];
    struct emit_mem m = gen_address(g, op, d);
    int r, t;

    gen_guide_begin(g, op);
    if (gen_is_xmm((enum tcg_type)op->type)) {
        load_xmm(g, op, v, d, &m);
        return;
    }
    t = g->user ? align_temp(g, d, &m) : -1;
    r = gen_def_late_gpr(g, v);
    if (g->user) {
        gen_snapshot(g);
        check(g, op, d, &m, t);
    } else {
        gen_access(g, op, d, &m, GEN_OPERANDS(.dest = GEN_IN(r)));
    }
    gen_load_int(g, d, op->type == TCG_I64, (unsigned)r, &m);
}

/* ---- stores ---- */

static void barrier(struct gen *g)
{
    struct emit_mem m = gen_frame_mem(FRAME_TMP);

    emit_rm(&g->e, OPC(0, M_1, 0x83) | OPC_LOCK, 0, ALU_OR, &m, 1); /* lock or dword, 0 */
    emit_u8(&g->e, 0);
    g->hf = HF_NONE;
}

void gen_store_int(struct gen *g, unsigned size, const struct emit_mem *m, unsigned r)
{
    switch (size) {
    case 0: emit_rm(&g->e, OPC(0, M_1, 0x88) | OPC_BYTE_REG, 0, r, m, 0); break;
    case 1: emit_rm(&g->e, OPC(P_66, M_1, 0x89), 0, r, m, 0); break;
    default: emit_mov_mr(&g->e, size == 3, m, r); break;
    }
}

void gen_store_imm(struct gen *g, unsigned size, const struct emit_mem *m, int32_t imm)
{
    switch (size) {
    case 0:
        emit_rm(&g->e, OPC(0, M_1, 0xc6), 0, 0, m, 1);
        emit_u8(&g->e, (uint8_t)imm);
        break;
    case 1:
        emit_rm(&g->e, OPC(P_66, M_1, 0xc7), 0, 0, m, 2);
        emit_u8(&g->e, (uint8_t)imm);
        emit_u8(&g->e, (uint8_t)(imm >> 8));
        break;
    default: emit_mov_mi(&g->e, size == 3, m, imm); break;
    }
}

static void store_pair(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d,
                       struct emit_mem m)
{
    const struct tcg_op *p = &g->ir->ops[gen_root(g, op->c)];
    int lo = gen_use_gpr(g, p->a), hi = gen_use_gpr(g, p->b), x;

    if (d->atomic || d->big) {
        x = gen_tmp_xmm(g);
        gen_access(g, op, d, &m, GEN_OPERANDS(.value = GEN_IN(lo), .value2 = GEN_IN(hi)));
        emit_mov_xr(&g->e, 1, (unsigned)x, (unsigned)lo);
        emit_rr_i8(&g->e, OPC(P_66, M_0F3A, 0x22), 1, (unsigned)x, (unsigned)hi, 1); /* pinsrq */
        if (d->big)
            reverse16(g, (unsigned)x);
        emit_movups_mr(&g->e, &m, (unsigned)x);
    } else {
        gen_access(g, op, d, &m, GEN_OPERANDS(.value = GEN_IN(lo), .value2 = GEN_IN(hi)));
        emit_mov_mr(&g->e, 1, &m, (unsigned)lo);
        m.disp += 8;
        emit_mov_mr(&g->e, 1, &m, (unsigned)hi);
    }
}

static void store_xmm(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d,
                      struct emit_mem *m)
{
    unsigned x = (unsigned)gen_use_xmm(g, op->c);
    const struct gen_operands *from = GEN_OPERANDS(.value = GEN_IN(GEN_XMM + x));
    int t = -1;

    if (d->big && d->size < 4) {
        t = gen_tmp_gpr(g);
        emit_mov_rx(&g->e, 1, (unsigned)t, x);
        if (d->size == 1)
            emit_movzx16(&g->e, (unsigned)t, (unsigned)t);
        gen_swap_bytes(g, d->size, (unsigned)t);
        gen_access(g, op, d, m, from);
        gen_store_int(g, d->size, m, (unsigned)t);
        return;
    }
    if (d->big) {
        t = gen_tmp_xmm(g);
        emit_movaps_rr(&g->e, (unsigned)t, x);
        reverse16(g, (unsigned)t);
        x = (unsigned)t;
    }
    gen_access(g, op, d, m, from);
    switch (d->size) {
    case 1:
        emit_rm(&g->e, OPC(P_66, M_0F3A, 0x15), 0, x, m, 1); /* pextrw */
        emit_u8(&g->e, 0);
        break;
    case 2: emit_movd_mx(&g->e, m, x); break;
    case 3: emit_movq_mx(&g->e, m, x); break;
    default: emit_movups_mr(&g->e, m, x); break;
    }
}

static void store(struct gen *g, const struct tcg_op *op, tcg_val v)
{
    const struct tcg_mem *d = &g->ir->mems[op->attr];
    struct emit_mem m = gen_address(g, op, d);
    tcg_val c = gen_root(g, op->c);
    enum tcg_type t = tcg_type_of(g->ir, c);
    int32_t imm;
    int r, s, from;

    (void)v;
    gen_guide_begin(g, op);
    if (gen_is_lazy(g, c)) {
        store_pair(g, op, d, m);
    } else if (gen_is_xmm(t)) {
        store_xmm(g, op, d, &m);
    } else if (!d->big && gen_imm32(g, c, d->size == 3, &imm)) {
        gen_access(g, op, d, &m, GEN_OPERANDS(.value = GEN_FROM_IMM, .imm = imm));
        gen_store_imm(g, d->size, &m, imm);
    } else {
        r = from = gen_use_gpr(g, c);
        if (d->big) {
            s = gen_tmp_gpr(g);
            if (d->size == 1)
                emit_movzx16(&g->e, (unsigned)s, (unsigned)r);
            else
                emit_mov_rr(&g->e, 1, (unsigned)s, (unsigned)r);
            gen_swap_bytes(g, d->size, (unsigned)s);
            r = s;
        }
        gen_access(g, op, d, &m, GEN_OPERANDS(.value = GEN_IN(from)));
        gen_store_int(g, d->size, &m, (unsigned)r);
    }
    if (d->order == TCG_ORDER_SC)
        barrier(g);
}

/* Touches the first and the last byte. */
static void probe(struct gen *g, const struct tcg_op *op, tcg_val v)
{
    const struct tcg_mem *d = &g->ir->mems[op->attr];
    struct emit_mem m = gen_address(g, op, d);
    int t;

    (void)v;
    if (!g->user) {
        gen_access(g, op, d, &m, GEN_OPERANDS(.imm = 0));
        return;
    }
    t = gen_tmp_gpr(g);
    gen_access(g, op, d, &m, GEN_OPERANDS(.imm = 0));
    for (unsigned k = 0; k < 2; k++) {
        if (d->intent == TCG_INTENT_READ || d->intent == TCG_INTENT_FETCH) {
            emit_rm(&g->e, OPC(0, M_0F, 0xb6), 0, (unsigned)t, &m, 0);
        } else {
            emit_rm(&g->e, OPC(0, M_1, 0x80) | OPC_LOCK, 0, ALU_OR, &m, 1);
            emit_u8(&g->e, 0);
            g->hf = HF_NONE;
        }
        if (d->size == 0)
            break;
        m.disp += (1 << d->size) - 1;
    }
}

static void fence(struct gen *g, const struct tcg_op *op, tcg_val v)
{
    (void)v;
    if (op->sub == TCG_FENCE_FULL)
        barrier(g);
}

const struct gen_row gen_mem_rows[] = {
    { TCG_OP_load, load }, { TCG_OP_store, store }, { TCG_OP_probe, probe },
    { TCG_OP_fence, fence }, { TCG_OP_nop, NULL },
};
