// SPDX-License-Identifier: MIT
/* backends/x86_64/emit_float_cvt.c -- conversions between float formats and integers, and rounding
 * to integral values, exact in result and exception bits.
 *
 * The host raises INEXACT for a value that an instruction before a failing conversion has rounded
 * or scaled, the guest raises INVALID alone. So everything but plain truncation to a signed integer
 * first looks at the raw bits: one unsigned comparison keeps NaNs, infinities and values near the
 * bounds (for unsigned results: negative ones too) away from the fast path. Scaling by a power of
 * two within these bounds is exact.
 *
 * Left to the soft twin: f64 to f16 (rounds once only there), integers to f16, rounding to odd, and
 * saturation rules other than arm64's where they differ in range. */
#include "backends/x86_64/gen_float.h"

static uint64_t pow2_bits(bool is64, int exp)
{
    return is64 ? (uint64_t)(1023 + exp) << 52 : (uint64_t)(127 + exp) << 23;
}

/* ---- between formats ---- */

void emit_fcvt(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    const struct tcg_float_env *e = gen_env(g, op);
    enum tcg_type from = tcg_type_of(g->ir, op->a), to = op->type;
    bool half = from == TCG_F16 || to == TCG_F16, tiny = e->tiny_before && e->flags;
    struct fp_path p;
    struct fp_regs r = { .b = -1, .c = -1 };
    int t;

    if (!fp_host_env(e) || from == to || from == TCG_F80 || to == TCG_F80 ||
        (from == TCG_F64 && to == TCG_F16) ||
        (half && !(g->cpu & CPU_F16C))) {
        gen_fallback_float(g, op, d);
        return;
    }
    r.a = (int8_t)gen_use_xmm(g, op->a);
    t = gen_tmp_xmm(g);
    r.d = (int8_t)gen_def_xmm(g, d);
    fp_begin(&p, g, op, r);
    if (from == TCG_F16) {
        fp_half_to_single(g, r.d, r.a);
        if (to == TCG_F64)
            x1(g, X_CVTSS2SD, r.d, r.d);
        fp_check(&p, r.d, t, to, false);
    } else if (to == TCG_F16) {
        x1i(g, X_INSERTPS, t, r.a, 0x0e); /* lane 0 alone; the others are converted too */
        x2i(g, X_CVTPS2PH, t, r.d, 4);
        x2(g, X_CVTPH2PS, t, r.d);
        fp_check(&p, t, t, TCG_F16, tiny);
    } else if (to == TCG_F64) {
        x1(g, X_CVTSS2SD, r.d, r.a);
        fp_check(&p, r.d, t, to, false);
    } else {
        x1(g, X_CVTSD2SS, r.d, r.a);
        fp_check(&p, r.d, t, to, tiny);
    }
    fp_done(&p);
}

/* ---- to an integral value ---- */

/* Ties away from zero: the truncated value plus one towards the sign where the cut part is a half
 * or more. The subtraction is exact; values without a fraction and NaNs have left. */
static void frint_away(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool is64 = op->type == TCG_F64;
    uint64_t abs = fp_abs_mask(op->type);
    struct fp_path p;
    struct fp_regs r = { .b = -1, .c = -1 };
    int t, k;

    r.a = (int8_t)gen_use_xmm(g, op->a);
    t = gen_tmp_xmm(g);
    k = gen_tmp_xmm(g);
    r.d = (int8_t)gen_def_xmm(g, d);
    fp_begin(&p, g, op, r);
    xload_k(g, k, pow2_bits(is64, is64 ? 52 : 23), 0);
    x3k(g, X_ANDPS, t, r.a, abs, 0);
    x2(g, is64 ? X_UCOMISD : X_UCOMISS, k, t);
    fp_cold_if(&p, CC_BE);
    x1i(g, is64 ? X_ROUNDSD : X_ROUNDSS, r.d, r.a, 3 | 8);
    x3(g, x_scalar(X_SUBPS, is64), t, r.a, r.d);
    x3k(g, X_ANDPS, t, t, abs, 0);
    xload_k(g, k, pow2_bits(is64, -1), 0);
    x3i(g, x_scalar(X_CMPPS, is64), k, k, t, 2); /* half <= cut part */
    x3k(g, X_ANDPS, k, k, pow2_bits(is64, 0), 0);
    x3k(g, X_ANDPS, t, r.a, abs + 1, 0);
    x3(g, X_ORPS, k, k, t);
    x3(g, x_scalar(X_ADDPS, is64), r.d, r.d, k);
    fp_done(&p);
}

void emit_frint(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    const struct tcg_float_env *e = gen_env(g, op);
    bool is64 = op->type == TCG_F64;
    int imm = fp_round_imm(e), t;
    struct fp_path p;
    struct fp_regs r = { .b = -1, .c = -1 };

    if ((op->type != TCG_F32 && !is64) || e->flush_in) {
        gen_fallback_float(g, op, d);
        return;
    }
    if (imm < 0) {
        if (e->round == TCG_ROUND_AWAY && !(op->sub & 1))
            frint_away(g, op, d);
        else
            gen_fallback_float(g, op, d);
        return;
    }
    r.a = (int8_t)gen_use_xmm(g, op->a);
    t = gen_tmp_xmm(g);
    r.d = (int8_t)gen_def_xmm(g, d);
    fp_begin(&p, g, op, r);
    x1i(g, is64 ? X_ROUNDSD : X_ROUNDSS, r.d, r.a, (unsigned)imm | (op->sub & 1 ? 0 : 8));
    fp_check(&p, r.d, t, op->type, false);
    fp_done(&p);
}

/* ---- float to integer ---- */

/* Jumps to the cold path unless the value whose bits are in x is inside the bounds: below 2^exp in
 * magnitude, and not negative if !is_signed. */
static void bounds(struct fp_path *p, int x, int tmp, bool is64, bool is_signed, int exp)
{
    struct gen *g = p->g;
    uint64_t limit = pow2_bits(is64, exp);
    struct emit_mem m;

    emit_mov_rx(&g->e, is64, (unsigned)tmp, (unsigned)x);
    if (is_signed) { /* twice the bits: the sign is gone */
        emit_alu_rr(&g->e, ALU_ADD, is64, (unsigned)tmp, (unsigned)tmp);
        limit *= 2;
    }
    if (is64) {
        m = emit_lit64(&g->e, limit);
        emit_alu_rm(&g->e, ALU_CMP, 1, (unsigned)tmp, &m);
    } else {
        emit_alu_ri(&g->e, ALU_CMP, 0, (unsigned)tmp, (int32_t)(uint32_t)limit);
    }
    fp_cold_if(p, CC_AE);
}

/* The low 32 bits of the truncated f64. The 32-bit conversion raises the right bits, INVALID alone
 * when it overflows; then a conversion to 64 bits of the value without its fraction raises none. */
static void to_int_js(struct fp_path *p, int d, int x, int t)
{
    struct gen *g = p->g;
    uint8_t *fits;

    x2(g, X_CVTTSD2SI, d, x);
    emit_alu_ri(&g->e, ALU_CMP, 0, (unsigned)d, 1);
    fits = emit_jcc8(&g->e, CC_NO);
    x1i(g, X_ROUNDSD, t, x, 3 | 8);
    x2(g, X_CVTTSD2SI | X_W, d, t);
    emit_alu_ri(&g->e, ALU_CMP, 1, (unsigned)d, 1);
    fp_cold_if(p, CC_O);
    emit_mov_rr(&g->e, 0, (unsigned)d, (unsigned)d);
    emit_here8(&g->e, fits);
    fp_done(p);
}

void emit_f2i(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    const struct tcg_float_env *e = gen_env(g, op);
    enum tcg_type from = tcg_type_of(g->ir, op->a);
    bool is64 = from == TCG_F64, wide = op->type == TCG_I64, is_signed = op->sub >> 4;
    unsigned rule = op->sub & 15, fbits = op->imm;
    int imm = fp_round_imm(e), x, t, q, y;
    int exp = wide ? (is_signed ? 62 : 63) : is_signed ? 30 : e->round == TCG_ROUND_ZERO ? 32 : 31;
    uint32_t cvtt = is64 ? X_CVTTSD2SI : X_CVTTSS2SI;
    bool plain = e->round == TCG_ROUND_ZERO && !fbits && is_signed;
    struct fp_path p;
    struct fp_regs r = { .b = -1, .c = -1 };
    struct emit_mem m;

    if (e->flush_in || from == TCG_F80 || e->round == TCG_ROUND_ODD || fbits > 64 ||
        (from == TCG_F16 && !(g->cpu & CPU_F16C)) || (rule == TCG_INT_X86 && !is_signed)) {
        gen_fallback_float(g, op, d);
        return;
    }
    r.a = (int8_t)gen_use_xmm(g, op->a);
    t = gen_tmp_xmm(g);
    q = gen_tmp_gpr(g);
    y = e->round == TCG_ROUND_AWAY ? gen_tmp_xmm(g) : -1;
    r.d = (int8_t)gen_def_gpr(g, d);
    fp_begin(&p, g, op, r);
    x = r.a;
    if (from == TCG_F16) {
        fp_half_to_single(g, t, x);
        x = t;
    }
    if (rule == TCG_INT_JS) {
        to_int_js(&p, r.d, x, t);
        return;
    }
    if (plain) {
        x2(g, wide ? cvtt | X_W : cvtt, r.d, x);
        if (rule != TCG_INT_X86) {
            emit_alu_ri(&g->e, ALU_CMP, wide, (unsigned)r.d, 1); /* MIN - 1 overflows */
            fp_cold_if(&p, CC_O);
        }
        fp_done(&p);
        return;
    }
    /* 32-bit unsigned results go through a 64-bit conversion; a rounding up must stay inside */
    bounds(&p, x, q, is64, is_signed, exp - (int)fbits);
    if (fbits) {
        m = emit_lit64(&g->e, pow2_bits(is64, (int)fbits));
        x3m(g, x_scalar(X_MULPS, is64), t, x, &m);
        x = t;
    }
    if (e->round == TCG_ROUND_AWAY) {
        /* cut part twice, truncated: -1, 0 or 1. All steps but the first truncation are exact. */
        x2(g, cvtt | X_W, r.d, x);
        xzero(g, y);
        x3r(g, (is64 ? X_CVTSI2SD : X_CVTSI2SS) | X_W, y, y, r.d);
        x3(g, x_scalar(X_SUBPS, is64), t, x, y);
        x3(g, x_scalar(X_ADDPS, is64), t, t, t);
        x2(g, cvtt | X_W, q, t);
        emit_alu_rr(&g->e, ALU_ADD, wide, (unsigned)r.d, (unsigned)q);
    } else {
        if (imm != 3) {
            x1i(g, is64 ? X_ROUNDSD : X_ROUNDSS, t, x, (unsigned)imm);
            x = t;
        }
        x2(g, cvtt | X_W, r.d, x);
        if (!wide)
            emit_mov_rr(&g->e, 0, (unsigned)r.d, (unsigned)r.d);
    }
    fp_done(&p);
}

/* ---- integer to float ---- */

static void cold_big_unsigned(struct gen *g, const struct gen_cold *c)
{
    /* half of the value, its lowest bit kept sticky, is converted and doubled: rounds once */
    bool is64 = c->op->type == TCG_F64;
    int rd = c->r[0], ra = c->r[1], t = c->r[2], u = c->r[3];

    emit_mov_rr(&g->e, 1, (unsigned)t, (unsigned)ra);
    emit_mov_rr(&g->e, 0, (unsigned)u, (unsigned)ra);
    emit_shift_ri(&g->e, SH_SHR, 1, (unsigned)t, 1);
    emit_alu_ri(&g->e, ALU_AND, 0, (unsigned)u, 1);
    emit_alu_rr(&g->e, ALU_OR, 1, (unsigned)t, (unsigned)u);
    x3r(g, (is64 ? X_CVTSI2SD : X_CVTSI2SS) | X_W, rd, rd, t);
    x3(g, x_scalar(X_ADDPS, is64), rd, rd, rd);
    emit_jmp(&g->e, c->back);
}

void emit_i2f(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    const struct tcg_float_env *e = gen_env(g, op);
    bool is64 = op->type == TCG_F64, wide = tcg_type_of(g->ir, op->a) == TCG_I64;
    bool is_signed = op->sub >> 4;
    uint32_t host = is64 ? X_CVTSI2SD : X_CVTSI2SS;
    struct fp_path p;
    struct fp_regs r = { .b = -1, .c = -1 };
    int t, u;

    if ((op->type != TCG_F32 && !is64) || !fp_host_env(e) || op->imm > 64) {
        gen_fallback_float(g, op, d);
        return;
    }
    r.a = (int8_t)gen_use_gpr(g, op->a);
    t = is_signed ? -1 : gen_tmp_gpr(g);
    u = is_signed || !wide ? -1 : gen_tmp_gpr(g);
    r.d = (int8_t)gen_def_xmm(g, d);
    fp_begin(&p, g, op, r);
    xzero(g, r.d);
    if (is_signed) {
        x3r(g, wide ? host | X_W : host, r.d, r.d, r.a);
    } else if (!wide) {
        emit_mov_rr(&g->e, 0, (unsigned)t, (unsigned)r.a);
        x3r(g, host | X_W, r.d, r.d, t);
    } else {
        struct gen_cold *c = gen_cold(g, cold_big_unsigned, op);
        uint32_t back = c->back;

        c->r[0] = (uint8_t)r.d;
        c->r[1] = (uint8_t)r.a;
        c->r[2] = (uint8_t)t;
        c->r[3] = (uint8_t)u;
        emit_test_rr(&g->e, 1, (unsigned)r.a, (unsigned)r.a);
        emit_jcc(&g->e, CC_S, c->label);
        x3r(g, host | X_W, r.d, r.d, r.a);
        emit_place(&g->e, back);
    }
    if (op->imm) {
        struct emit_mem m = emit_lit64(&g->e, pow2_bits(is64, -(int)op->imm));

        x3m(g, x_scalar(X_MULPS, is64), r.d, r.d, &m);
    }
    fp_done(&p);
}
