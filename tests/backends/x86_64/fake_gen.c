// SPDX-License-Identifier: MIT
/* tests/backends/x86_64/fake_gen.c -- an allocator for one operation: operands come from the vcpu's hot
 * homes (a, b, c at 0, 2, 4; result to 6), registers are fixed, soft calls save everything. It lets
 * tests run each emitter alone, without the real allocator. */
#include "tests/backends/x86_64/fake_gen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static struct gen_cold colds[8];
static unsigned ncolds;
static int xtmp, gtmp;
static bool loaded[4];

int gen_use_xmm(struct gen *g, tcg_val v)
{
    struct emit_mem m = gen_vcpu_mem(offsetof(struct tcg_vcpu, hot) + (v - 1u) * 16);

    if (!loaded[v])
        emit_movups_rm(&g->e, v + 8u, &m);
    loaded[v] = true;
    return v + 8;
}

int gen_use_gpr(struct gen *g, tcg_val v)
{
    static const int regs[4] = { 0, RSI, R9, RBX };
    struct emit_mem m = gen_vcpu_mem(offsetof(struct tcg_vcpu, hot) + (v - 1u) * 16);

    if (!loaded[v])
        emit_mov_rm(&g->e, 1, (unsigned)regs[v], &m);
    loaded[v] = true;
    return regs[v];
}

int gen_tmp_gpr(struct gen *g)
{
    static const int regs[4] = { RDX, RCX, R10, R11 };

    (void)g;
    return regs[gtmp++];
}

int gen_tmp_xmm(struct gen *g)
{
    (void)g;
    return ++xtmp;
}

int gen_def_gpr(struct gen *g, tcg_val d) { (void)g, (void)d; return RAX; }
int gen_def_xmm(struct gen *g, tcg_val d) { (void)g, (void)d; return 0; }
int gen_def_late_gpr(struct gen *g, tcg_val d) { return gen_def_gpr(g, d); }
int gen_def_late_xmm(struct gen *g, tcg_val d) { return gen_def_xmm(g, d); }

int gen_tied_xmm(struct gen *g, tcg_val d, tcg_val a)
{
    int r = gen_use_xmm(g, a);

    emit_movaps_rr(&g->e, 0, (unsigned)r);
    return gen_def_xmm(g, d);
}

struct gen_cold *gen_cold(struct gen *g, gen_cold_fn *fn, const struct tcg_op *op)
{
    struct gen_cold *c = &colds[ncolds++];

    *c = (struct gen_cold){ .fn = fn, .op = op };
    c->label = emit_label(&g->e);
    c->back = emit_label(&g->e);
    return c;
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
    struct emit_mem lo = gen_frame_mem(FRAME_ARG + 8 * i), hi = gen_frame_mem(FRAME_ARG + 8 * i + 4);

    emit_mov_mi(&g->e, 0, &lo, (int32_t)imm);
    emit_mov_mi(&g->e, 0, &hi, (int32_t)(imm >> 32));
}

static void mxcsr(struct gen *g, unsigned ext, size_t off)
{
    struct emit_mem m = gen_vcpu_mem(off);

    emit_rm(&g->e, OPC(P_NONE, M_0F, 0xae), 0, ext, &m, 0);
}

#define HOST offsetof(struct tcg_vcpu, host_fpcr)
#define OWN offsetof(struct tcg_vcpu, own_fpcr)

void gen_soft_call(struct gen *g, gen_soft_fn *fn)
{
    static const unsigned args[5] = { RSI, RDX, RCX, R8, R9 };
    struct emit_mem ret = gen_frame_mem(FRAME_RET), m;

    for (unsigned i = 0; i < 16; i++) {
        m = gen_frame_mem(FRAME_GPR + 8 * i);
        emit_mov_mr(&g->e, 1, &m, i);
        m = gen_frame_mem(FRAME_XMM + 16 * i);
        emit_movups_mr(&g->e, &m, i);
    }
    mxcsr(g, 3, HOST);
    mxcsr(g, 2, OWN);
    for (unsigned i = 0; i < 5; i++) {
        m = gen_frame_mem(FRAME_ARG + 8 * i);
        emit_mov_rm(&g->e, 1, args[i], &m);
    }
    m = mem_bd(RBP, -TCG_VCPU_BIAS);
    emit_lea(&g->e, 1, RDI, &m);
    emit_mov_ri(&g->e, RAX, (uint64_t)(uintptr_t)fn);
    emit_rr(&g->e, OPC(P_NONE, M_1, 0xff), 0, 2, RAX);
    emit_mov_mr(&g->e, 1, &ret, RAX);
    mxcsr(g, 2, HOST);
    for (unsigned i = 0; i < 16; i++) {
        m = gen_frame_mem(FRAME_GPR + 8 * i);
        if (i != RSP)
            emit_mov_rm(&g->e, 1, i, &m);
        m = gen_frame_mem(FRAME_XMM + 16 * i);
        emit_movups_rm(&g->e, i, &m);
    }
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

struct emit_mem gen_scratch(unsigned off)
{
    return gen_vcpu_mem(offsetof(struct tcg_vcpu, scratch) + off);
}

/* fcmpf has no row of its own: imm 0 packs the flags, imm n tests condition n - 1 as consumers do. */
static void compare(struct gen *g, const struct tcg_op *op)
{
    struct gen_fcc c;

    if (!op->imm) {
        gen_fcmpf_pack(g, op, RAX, RDX);
        return;
    }
    c = gen_fcc_of(op->imm - 1);
    gen_fcmpf_compare(g, op, c.swap);
    emit_setcc(&g->e, c.cc, RAX);
    emit_setcc(&g->e, c.parity == 1 ? CC_NP : CC_P, RDX);
    emit_movzx8(&g->e, RAX, RAX);
    emit_movzx8(&g->e, RDX, RDX);
    if (c.parity)
        emit_alu_rr(&g->e, c.parity == 1 ? ALU_AND : ALU_OR, 0, RAX, RDX);
    if (c.always || c.never)
        emit_mov_ri(&g->e, RAX, c.always);
}

void fake_compile(struct fake *f, uint32_t cpu, const struct tcg_op *op)
{
    struct gen *g = &f->g;
    const struct gen_row *rows[] = { gen_float_rows, gen_vec_rows };
    struct emit_mem m;

    ncolds = 0;
    xtmp = gtmp = 0;
    memset(loaded, 0, sizeof loaded);
    if (!f->code) {
        f->code = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                       0);
        if (f->code == MAP_FAILED)
            abort();
        emit_init(&g->e);
    }
    g->cpu = cpu;
    g->engine = &f->engine;
    g->ir = &f->ir;
    emit_start(&g->e, f->code, f->code + (1 << 16), f->code);
    emit_u8(&g->e, 0x55); /* push rbp */
    emit_u8(&g->e, 0x53); /* push rbx */
    emit_alu_ri(&g->e, ALU_SUB, 1, RSP, FRAME_SIZE + 8);
    m = mem_bd(RDI, TCG_VCPU_BIAS);
    emit_lea(&g->e, 1, RBP, &m);
    mxcsr(g, 2, HOST);
    if (op->op == TCG_OP_fcmpf)
        compare(g, op);
    for (unsigned i = 0; i < 2; i++) {
        for (const struct gen_row *r = rows[i]; r->fn; r++) {
            if (r->op == op->op)
                r->fn(g, op, 4);
        }
    }
    m = gen_vcpu_mem(offsetof(struct tcg_vcpu, hot) + 48);
    if (gen_is_xmm(op->type))
        emit_movups_mr(&g->e, &m, 0);
    else
        emit_mov_mr(&g->e, 1, &m, RAX);
    mxcsr(g, 3, HOST);
    mxcsr(g, 2, OWN);
    emit_alu_ri(&g->e, ALU_ADD, 1, RSP, FRAME_SIZE + 8);
    emit_u8(&g->e, 0x5b);
    emit_u8(&g->e, 0x5d);
    emit_u8(&g->e, 0xc3);
    for (unsigned i = 0; i < ncolds; i++) {
        emit_place(&g->e, colds[i].label);
        colds[i].fn(g, &colds[i]);
    }
    emit_finish(&g->e);
}
