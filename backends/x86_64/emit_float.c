// SPDX-License-Identifier: MIT
/* backends/x86_64/emit_float.c -- scalar float arithmetic and moves on host instructions, exact in
 * result and exception bits for guests after IEEE 754.
 *
 * The host agrees with the guest but for NaN results (whose payload rules differ) and, where the
 * guest detects tininess before rounding, for results that were rounded up to the smallest normal
 * number. One comparison sends both to the soft twin. f16 is computed in f32 and rounded again,
 * which is innocuous for add, sub, mul, div and sqrt: f32 has more than twice the digits, plus two.
 *
 * Not emitted here, left to the soft twin: estimates, mulx, f16 fma, flushing modes, and rounding
 * modes that MXCSR does not have. */
#include "backends/x86_64/gen_float.h"

/* ---- shared parts ---- */

bool fp_host_env(const struct tcg_float_env *e)
{
    return !e->flush_in && !e->flush_out && e->round != TCG_ROUND_AWAY && e->round != TCG_ROUND_ODD;
}

int fp_round_imm(const struct tcg_float_env *e)
{
    switch (e->round) {
    case TCG_ROUND_EVEN:
        return 0;
    case TCG_ROUND_DOWN:
        return 1;
    case TCG_ROUND_UP:
        return 2;
    case TCG_ROUND_ZERO:
        return 3;
    case TCG_ROUND_DYN:
        return 4;
    }
    return -1;
}

uint64_t fp_abs_mask(enum tcg_type ty)
{
    return ty == TCG_F16 ? 0x7fff : ty == TCG_F32 ? 0x7fffffff : 0x7fffffffffffffff;
}

static uint64_t min_normal(enum tcg_type ty)
{
    return ty == TCG_F16   ? 0x38800000 /* as f32 */
           : ty == TCG_F32 ? 0x00800000
                           : 0x0010000000000000;
}

/* ucomis of r with the pool's constant k, flags only. */
static void compare_k(struct gen *g, int r, uint64_t k, bool is64)
{
    struct emit_mem m = emit_lit64(&g->e, k);

    x2m(g, is64 ? X_UCOMISD : X_UCOMISS, r, &m);
}

void fp_check(struct fp_path *p, int r, int tmp, enum tcg_type ty, bool tiny)
{
    struct gen *g = p->g;
    uint64_t abs = fp_abs_mask(ty == TCG_F16 ? TCG_F32 : ty);

    if (!tiny) {
        x2(g, ty == TCG_F64 ? X_UCOMISD : X_UCOMISS, r, r);
        fp_cold_if(p, CC_P);
        return;
    }
    x3k(g, X_ANDPS, tmp, r, abs, 0);
    compare_k(g, tmp, min_normal(ty), ty == TCG_F64);
    fp_cold_if(p, CC_E); /* equal or unordered */
}

void fp_half_to_single(struct gen *g, int d, int s)
{
    xzero(g, d);
    x3i(g, X_PBLENDW, d, d, s, 1); /* other lanes could hold signalling NaNs */
    x2(g, X_CVTPH2PS, d, d);
}

static bool wants_tiny(const struct tcg_float_env *e)
{
    return e->tiny_before && e->flags;
}

/* ---- arithmetic ---- */

static const uint32_t op2_host[] = {
    [TCG_F_ADD] = X_ADDPS, [TCG_F_SUB] = X_SUBPS, [TCG_F_MUL] = X_MULPS, [TCG_F_DIV] = X_DIVPS,
    [TCG_F_MIN] = X_MINPS, [TCG_F_MAX] = X_MAXPS, [TCG_F_MINNM] = X_MINPS,
    [TCG_F_MAXNM] = X_MAXPS, [TCG_F_MIN_X86] = X_MINPS, [TCG_F_MAX_X86] = X_MAXPS,
    [TCG_F_MULX] = 0, [TCG_F_RECPS] = 0, [TCG_F_RSQRTS] = 0,
};

/* f16 result of the f32 in s, checked. t is free. */
static void half_result(struct fp_path *p, int s, int t, bool tiny)
{
    struct gen *g = p->g;

    /* the opcode's reg field is the source */
    x2i(g, X_CVTPS2PH, s, p->r.d, 4);
    x2(g, X_CVTPH2PS, t, p->r.d);
    fp_check(p, t, t, TCG_F16, tiny);
}

static void half_op2(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct fp_path p;
    struct fp_regs r = { .c = -1 };
    int x, y;

    r.a = (int8_t)gen_use_xmm(g, op->a);
    r.b = (int8_t)gen_use_xmm(g, op->b);
    x = gen_tmp_xmm(g);
    y = gen_tmp_xmm(g);
    r.d = (int8_t)gen_def_xmm(g, d);
    fp_begin(&p, g, op, r);
    fp_half_to_single(g, x, r.a);
    fp_half_to_single(g, y, r.b);
    x3(g, x_ss(op2_host[op->sub]), x, x, y);
    half_result(&p, x, y, wants_tiny(gen_env(g, op)) && op->sub >= TCG_F_MUL);
    fp_done(&p);
}

/* Minimum and maximum: the host's give the second operand when the operands are equal or one is a
 * NaN, and raise INVALID for quiet NaNs. So NaNs leave first; of equal operands (zeros) both orders
 * are joined by or (minimum: -0 wins) or and. */
static void minmax(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool is64 = op->type == TCG_F64, max = op2_host[op->sub] == X_MAXPS;
    uint32_t host = x_scalar(op2_host[op->sub], is64);
    struct fp_path p;
    struct fp_regs r = { .c = -1 };
    int t;

    r.a = (int8_t)gen_use_xmm(g, op->a);
    r.b = (int8_t)gen_use_xmm(g, op->b);
    t = gen_tmp_xmm(g);
    r.d = (int8_t)gen_def_xmm(g, d);
    fp_begin(&p, g, op, r);
    x2(g, is64 ? X_UCOMISD : X_UCOMISS, r.a, r.b);
    fp_cold_if(&p, CC_P);
    x3(g, host, t, r.a, r.b);
    x3(g, host, r.d, r.b, r.a);
    x3(g, max ? X_ANDPS : X_ORPS, r.d, r.d, t);
    fp_done(&p);
}

/* FRECPS and FRSQRTS: fused steps, defined for inf * 0 without INVALID, so large and not finite
 * operands leave first. |a|, |b| < 2^60 (f32), 2^500 (f64) cannot overflow. */
static void newton_step(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool is64 = op->type == TCG_F64, rsqrt = op->sub == TCG_F_RSQRTS;
    uint64_t bound = is64 ? 0x5f30000000000000 : 0x5d800000;
    uint64_t base = is64 ? (rsqrt ? 0x4008000000000000 : 0x4000000000000000)
                         : (rsqrt ? 0x40400000 : 0x40000000);
    struct fp_path p;
    struct fp_regs r = { .c = -1 };
    struct emit_mem m;
    int t, k;

    r.a = (int8_t)gen_use_xmm(g, op->a);
    r.b = (int8_t)gen_use_xmm(g, op->b);
    t = gen_tmp_xmm(g);
    k = gen_tmp_xmm(g);
    r.d = (int8_t)gen_def_xmm(g, d);
    fp_begin(&p, g, op, r);
    xload_k(g, k, bound, 0);
    x3k(g, X_ANDPS, t, r.a, fp_abs_mask(op->type), 0);
    x2(g, is64 ? X_UCOMISD : X_UCOMISS, k, t);
    fp_cold_if(&p, CC_BE);
    x3k(g, X_ANDPS, t, r.b, fp_abs_mask(op->type), 0);
    x2(g, is64 ? X_UCOMISD : X_UCOMISS, k, t);
    fp_cold_if(&p, CC_BE);
    xload_k(g, r.d, base, 0);
    xfma(g, is64 ? X_FNMADD231SD : X_FNMADD231SS, r.d, r.a, r.b);
    if (rsqrt) {
        m = emit_lit64(&g->e, is64 ? 0x3fe0000000000000 : 0x3f000000);
        x3m(g, x_scalar(X_MULPS, is64), r.d, r.d, &m);
    }
    fp_done(&p);
}

static void emit_fop2(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    const struct tcg_float_env *e = gen_env(g, op);
    bool is64 = op->type == TCG_F64, step = op->sub == TCG_F_RECPS || op->sub == TCG_F_RSQRTS;
    struct fp_path p;
    struct fp_regs r = { .c = -1 };
    int t;

    if (!fp_host_env(e) || op->type == TCG_F80 || (!op2_host[op->sub] && !step) ||
        (step && (!(g->cpu & CPU_FMA) || op->type == TCG_F16))) {
        gen_fallback_float(g, op, d);
        return;
    }
    if (op->type == TCG_F16) {
        if ((g->cpu & CPU_F16C) && op->sub <= TCG_F_DIV)
            half_op2(g, op, d);
        else
            gen_fallback_float(g, op, d);
        return;
    }
    if (step) {
        newton_step(g, op, d);
        return;
    }
    if (op->sub >= TCG_F_MIN && op->sub <= TCG_F_MAXNM) {
        minmax(g, op, d);
        return;
    }
    r.a = (int8_t)gen_use_xmm(g, op->a);
    r.b = (int8_t)gen_use_xmm(g, op->b);
    t = gen_tmp_xmm(g);
    r.d = (int8_t)gen_def_xmm(g, d);
    fp_begin(&p, g, op, r);
    x3(g, x_scalar(op2_host[op->sub], is64) & ~X_COMM, r.d, r.a, r.b);
    if (op->sub < TCG_F_MIN)
        fp_check(&p, r.d, t, op->type, wants_tiny(e) && op->sub >= TCG_F_MUL);
    fp_done(&p);
}

static void emit_fop1(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool half = op->type == TCG_F16;
    struct fp_path p;
    struct fp_regs r = { .b = -1, .c = -1 };
    int t, y;

    if (!fp_host_env(gen_env(g, op)) || op->sub != TCG_F_SQRT || op->type == TCG_F80 ||
        (half && !(g->cpu & CPU_F16C))) {
        gen_fallback_float(g, op, d);
        return;
    }
    r.a = (int8_t)gen_use_xmm(g, op->a);
    t = gen_tmp_xmm(g);
    y = half ? gen_tmp_xmm(g) : t;
    r.d = (int8_t)gen_def_xmm(g, d);
    fp_begin(&p, g, op, r);
    if (half) {
        fp_half_to_single(g, t, r.a);
        x1(g, x_ss(X_SQRTPS), t, t);
        half_result(&p, t, y, false);
    } else {
        x1(g, x_scalar(X_SQRTPS, op->type == TCG_F64), r.d, r.a);
        fp_check(&p, r.d, t, op->type, false);
    }
    fp_done(&p);
}

static void emit_fma(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    const struct tcg_float_env *e = gen_env(g, op);
    struct fp_path p;
    struct fp_regs r;
    int t;

    if (!fp_host_env(e) || !(g->cpu & CPU_FMA) || (op->type != TCG_F32 && op->type != TCG_F64)) {
        gen_fallback_float(g, op, d);
        return;
    }
    r.a = (int8_t)gen_use_xmm(g, op->a);
    r.b = (int8_t)gen_use_xmm(g, op->b);
    r.c = (int8_t)gen_use_xmm(g, op->c);
    t = gen_tmp_xmm(g);
    r.d = (int8_t)gen_def_xmm(g, d);
    fp_begin(&p, g, op, r);
    xmov(g, r.d, r.c);
    xfma(g, op->type == TCG_F64 ? X_FMADD231SD : X_FMADD231SS, r.d, r.a, r.b);
    fp_check(&p, r.d, t, op->type, wants_tiny(e));
    fp_done(&p);
}

/* ---- signs and raw bits ---- */

static void sign_op(struct gen *g, const struct tcg_op *op, tcg_val d, uint32_t host, uint64_t mask)
{
    if (x_avx(g)) {
        int a = gen_use_xmm(g, op->a);

        x3k(g, host, gen_def_late_xmm(g, d), a, mask, 0);
    } else {
        int r = gen_tied_xmm(g, d, op->a);

        x3k(g, host, r, r, mask, 0);
    }
}

/* f80: the sign is bit 15 of the upper word. */
static void sign_f80(struct gen *g, const struct tcg_op *op, tcg_val d, bool neg)
{
    int r = gen_tied_xmm(g, d, op->a);

    if (neg)
        x3k(g, X_XORPS, r, r, 0, 0x8000);
    else
        x3k(g, X_ANDPS, r, r, ~0ull, 0x7fff);
}

static void emit_fneg(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    if (op->type == TCG_F80)
        sign_f80(g, op, d, true);
    else
        sign_op(g, op, d, X_XORPS, fp_abs_mask(op->type) + 1);
}

static void emit_fabs(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    if (op->type == TCG_F80)
        sign_f80(g, op, d, false);
    else
        sign_op(g, op, d, X_ANDPS, fp_abs_mask(op->type));
}

static void emit_fbits(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    enum tcg_type ta = tcg_type_of(g->ir, op->a);
    int a = gen_use_xmm(g, op->a), r = gen_def_gpr(g, d);

    emit_mov_rx(&g->e, ta == TCG_F64, (unsigned)r, (unsigned)a);
    if (ta == TCG_F16)
        emit_movzx16(&g->e, (unsigned)r, (unsigned)r);
}

static void emit_fraw(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int a = gen_use_gpr(g, op->a), r = gen_def_xmm(g, d);

    emit_mov_xr(&g->e, op->type == TCG_F64, (unsigned)r, (unsigned)a);
}

/* ---- sticky bits: TCG_FX_INVALID and MXCSR.IE are bit 0; DIVZERO.. are one below MXCSR's ---- */

static void mxcsr(struct gen *g, bool load)
{
    struct emit_mem m = gen_vcpu_mem(offsetof(struct tcg_vcpu, host_fpcr));

    emit_rm(&g->e, X_N(0xae), 0, load ? 2 : 3, &m, 0); /* ldmxcsr, stmxcsr */
}

static void emit_fstatus(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct emit_mem host = gen_vcpu_mem(offsetof(struct tcg_vcpu, host_fpcr));
    struct emit_mem soft = gen_vcpu_mem(offsetof(struct tcg_vcpu, fstatus));
    unsigned t = (unsigned)gen_tmp_gpr(g), r = (unsigned)gen_def_gpr(g, d);

    (void)op;
    mxcsr(g, false);
    emit_mov_rm(&g->e, 0, r, &host);
    emit_mov_rr(&g->e, 0, t, r);
    emit_alu_ri(&g->e, ALU_AND, 0, r, 1);
    emit_shift_ri(&g->e, SH_SHR, 0, t, 1);
    emit_alu_ri(&g->e, ALU_AND, 0, t, 0x1e); /* the denormal flag is not the guest's */
    emit_alu_rr(&g->e, ALU_OR, 0, r, t);
    emit_alu_rm(&g->e, ALU_OR, 0, r, &soft);
}

static void emit_fstatus_set(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct emit_mem host = gen_vcpu_mem(offsetof(struct tcg_vcpu, host_fpcr));
    struct emit_mem soft = gen_vcpu_mem(offsetof(struct tcg_vcpu, fstatus));
    unsigned a = (unsigned)gen_use_gpr(g, op->a);

    (void)d;
    emit_mov_mr(&g->e, 0, &soft, a);
    mxcsr(g, false);
    emit_alu_mi(&g->e, ALU_AND, 0, &host, ~0x3f);
    mxcsr(g, true);
}

/* Rows of the table that maps operations to emitters; fcmpf stands with the flags. */
const struct gen_row gen_float_rows[] = {
    { TCG_OP_fop2, emit_fop2 }, { TCG_OP_fop1, emit_fop1 }, { TCG_OP_fma, emit_fma },
    { TCG_OP_fneg, emit_fneg }, { TCG_OP_fabs, emit_fabs }, { TCG_OP_fcvt, emit_fcvt },
    { TCG_OP_frint, emit_frint }, { TCG_OP_frintn, gen_fallback_float },
    { TCG_OP_f2i, emit_f2i }, { TCG_OP_i2f, emit_i2f }, { TCG_OP_fbits, emit_fbits },
    { TCG_OP_fraw, emit_fraw }, { TCG_OP_fstatus, emit_fstatus },
    { TCG_OP_fstatus_set, emit_fstatus_set },
    { 0, NULL },
};
