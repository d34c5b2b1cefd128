// SPDX-License-Identifier: MIT
/* backends/x86_64/emit_vec_float.c -- float lanes on packed host instructions, checked as the
 * scalar ones are (emit_float.c): one comparison finds NaN results and, where needed, results equal
 * to the smallest normal number; the cold path does all lanes again in the soft twin.
 *
 * Lanes of f16, estimates, mulx and what MXCSR cannot express go to the fallback. The unspecified
 * upper half of a v64 is cleared before an instruction that could raise something. */
#include "backends/x86_64/gen_vec.h"

struct fvop {
    struct vop v;
    struct fp_path p;
    const struct tcg_float_env *e;
    bool is64;
    int a, b, c; /* operands without garbage */
};

/* The packed checks' comparisons. */
enum { CMP_EQ = 0, CMP_LT = 1, CMP_LE = 2, CMP_UNORD = 3, CMP_EQ_UQ = 8, CMP_NLT_UQ = 0x15,
       CMP_NGE_UQ = 0x19 };

static bool host_lanes(const struct gen *g, const struct tcg_op *op)
{
    return (op->sub == TCG_LANE32 || op->sub == TCG_LANE64) && fp_host_env(gen_env(g, op));
}

/* Takes operands and temporaries t0 to t[ntmp - 1]; a v64's operands are cleaned into t2 to t4. */
static struct fvop begin(struct gen *g, const struct tcg_op *op, tcg_val d, unsigned ntmp)
{
    struct fvop f = { .e = gen_env(g, op), .is64 = op->sub == TCG_LANE64 };
    bool clean = op->type == TCG_V64 && tcg_type_of(g->ir, op->a) == TCG_V64;

    f.v = vop_begin(g, op, d, clean ? 5 : ntmp);
    fp_begin_vec(&f.p, g, op, (struct fp_regs){ (int8_t)f.v.d, (int8_t)f.v.a, (int8_t)f.v.b,
                                                (int8_t)f.v.c });
    f.a = f.v.a;
    f.b = f.v.b;
    f.c = f.v.c;
    if (clean) {
        x2(g, X_MOVQ, f.v.t[2], f.a);
        f.a = f.v.t[2];
        if (f.b >= 0) {
            x2(g, X_MOVQ, f.v.t[3], f.b);
            f.b = f.v.t[3];
        }
        if (f.c >= 0) {
            x2(g, X_MOVQ, f.v.t[4], f.c);
            f.c = f.v.t[4];
        }
    }
    return f;
}

static void cold_if_any(struct fvop *f, int mask)
{
    x2(f->v.g, X_PTEST, mask, mask);
    fp_cold_if(&f->p, CC_NE);
}

/* d = x <cmp> constant in all lanes. */
static void compare_k(struct gen *g, bool is64, int d, int x, uint64_t k, unsigned cmp)
{
    k = x_splat(is64 ? TCG_LANE64 : TCG_LANE32, k);
    x3ki(g, x_packed(X_CMPPS, is64), d, x, k, k, cmp);
}

static uint64_t pow2(bool is64, int exp)
{
    return is64 ? (uint64_t)(1023 + exp) << 52 : (uint64_t)(127 + exp) << 23;
}

static void abs_lanes(struct gen *g, bool is64, int d, int a)
{
    uint64_t k = is64 ? ~(1ull << 63) : 0x7fffffff7fffffff;

    x3k(g, X_ANDPS, d, a, k, k);
}

/* NaN lanes of r leave, and with min the lanes of magnitude min. t, u: temporaries. */
static void check(struct fvop *f, int r, int t, int u, bool is64, uint64_t min)
{
    struct gen *g = f->v.g;

    if (!min) {
        x3i(g, x_packed(X_CMPPS, is64), t, r, r, CMP_UNORD);
    } else if (x_avx(g)) {
        abs_lanes(g, is64, t, r);
        compare_k(g, is64, t, t, min, CMP_EQ_UQ);
    } else {
        abs_lanes(g, is64, t, r);
        compare_k(g, is64, t, t, min, CMP_EQ);
        x3i(g, x_packed(X_CMPPS, is64), u, r, r, CMP_UNORD);
        x3(g, X_POR, t, t, u);
    }
    cold_if_any(f, t);
}

static uint64_t tiny_bits(const struct tcg_float_env *e, bool is64)
{
    return !e->tiny_before || !e->flags ? 0 : is64 ? 0x0010000000000000 : 0x00800000;
}

static void check_lanes(struct fvop *f, bool tiny)
{
    check(f, f->v.d, f->v.t[0], f->v.t[1], f->is64, tiny ? tiny_bits(f->e, f->is64) : 0);
}

/* ---- arithmetic ---- */

static const uint32_t op2_host[] = {
    [TCG_F_ADD] = X_ADDPS, [TCG_F_SUB] = X_SUBPS, [TCG_F_MUL] = X_MULPS, [TCG_F_DIV] = X_DIVPS,
    [TCG_F_MIN] = X_MINPS, [TCG_F_MAX] = X_MAXPS, [TCG_F_MINNM] = X_MINPS,
    [TCG_F_MAXNM] = X_MAXPS, [TCG_F_MIN_X86] = X_MINPS, [TCG_F_MAX_X86] = X_MAXPS,
    [TCG_F_MULX] = 0, [TCG_F_RECPS] = 0, [TCG_F_RSQRTS] = 0,
};

/* As in emit_float.c: NaNs leave, both orders are joined. */
static void minmax(struct fvop *f, unsigned kind, int a, int b)
{
    struct gen *g = f->v.g;
    uint32_t host = x_packed(op2_host[kind], f->is64);
    int t = f->v.t[0];

    x3i(g, x_packed(X_CMPPS, f->is64), t, a, b, CMP_UNORD);
    cold_if_any(f, t);
    x3(g, host, t, a, b);
    x3(g, host, f->v.d, b, a);
    x3(g, op2_host[kind] == X_MAXPS ? X_ANDPS : X_ORPS, f->v.d, f->v.d, t);
}

static void op2(struct fvop *f, unsigned kind, int a, int b)
{
    struct gen *g = f->v.g;

    if (kind >= TCG_F_MIN && kind <= TCG_F_MAXNM) {
        minmax(f, kind, a, b);
        return;
    }
    x3(g, x_packed(op2_host[kind], f->is64) & ~X_COMM, f->v.d, a, b);
    if (kind < TCG_F_MIN)
        check_lanes(f, kind >= TCG_F_MUL);
}

/* Fused Newton steps; operands that are large or not finite leave first. */
static void newton_step(struct fvop *f, bool rsqrt)
{
    struct gen *g = f->v.g;
    bool is64 = f->is64;
    int t = f->v.t[0], u = f->v.t[1];
    uint64_t bound = pow2(is64, is64 ? 500 : 60), k;

    abs_lanes(g, is64, t, f->a);
    compare_k(g, is64, t, t, bound, CMP_NLT_UQ);
    abs_lanes(g, is64, u, f->b);
    compare_k(g, is64, u, u, bound, CMP_NLT_UQ);
    x3(g, X_POR, t, t, u);
    cold_if_any(f, t);
    k = is64 ? (rsqrt ? 0x4008000000000000 : 0x4000000000000000)
             : (rsqrt ? 0x4040000040400000 : 0x4000000040000000);
    xload_k(g, f->v.d, k, k);
    xfma(g, is64 ? X_FNMADD231PD : X_FNMADD231PS, f->v.d, f->a, f->b);
    if (rsqrt) {
        k = is64 ? 0x3fe0000000000000 : 0x3f0000003f000000;
        x3k(g, x_packed(X_MULPS, is64), f->v.d, f->v.d, k, k);
    }
}

void emit_vfop2(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool step = op->imm == TCG_F_RECPS || op->imm == TCG_F_RSQRTS;
    struct fvop f;

    if (!host_lanes(g, op) || op->imm >= ARRAY_LEN(op2_host) || (!op2_host[op->imm] && !step) ||
        (step && !(g->cpu & CPU_FMA))) {
        gen_fallback_vec(g, op, d);
        return;
    }
    f = begin(g, op, d, 2);
    if (f.v.v64 && op->imm == TCG_F_DIV) /* 0 / 1 in the unused lanes */
        x3k(g, X_ORPS, f.b, f.b, 0, 0x3f8000003f800000);
    if (step)
        newton_step(&f, op->imm == TCG_F_RSQRTS);
    else
        op2(&f, op->imm, f.a, f.b);
    fp_done(&f.p);
}

void emit_vfpop2(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct fvop f;

    if (!host_lanes(g, op) || op->imm > TCG_F_MAXNM ||
        (op->type == TCG_V64 && op->sub == TCG_LANE64)) {
        gen_fallback_vec(g, op, d);
        return;
    }
    f = begin(g, op, d, 5); /* v64: lanes of the result appear in both halves */
    v_unzip(&f.v, f.v.t[2], f.v.a, f.v.b, f.v.t[0], op->sub, 0);
    v_unzip(&f.v, f.v.t[3], f.v.a, f.v.b, f.v.t[0], op->sub, 1);
    op2(&f, op->imm, f.v.t[2], f.v.t[3]);
    fp_done(&f.p);
}

void emit_vfop1(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct fvop f;

    if (!host_lanes(g, op) || op->imm != TCG_F_SQRT) {
        gen_fallback_vec(g, op, d);
        return;
    }
    f = begin(g, op, d, 2);
    x2(g, x_packed(X_SQRTPS, f.is64), f.v.d, f.a);
    check_lanes(&f, false);
    fp_done(&f.p);
}

void emit_vfma(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct fvop f;

    if (!host_lanes(g, op) || !(g->cpu & CPU_FMA)) {
        gen_fallback_vec(g, op, d);
        return;
    }
    f = begin(g, op, d, 2);
    xmov(g, f.v.d, f.c);
    xfma(g, f.is64 ? X_FMADD231PD : X_FMADD231PS, f.v.d, f.a, f.b);
    check_lanes(&f, true);
    fp_done(&f.p);
}

static void signs(struct gen *g, const struct tcg_op *op, tcg_val d, bool neg)
{
    struct vop v = vop_begin(g, op, d, 0);
    uint64_t min = 1ull << ((8u << v.lane) - 1);

    vop_k(&v, neg ? X_XORPS : X_ANDPS, v.d, v.a, neg ? min : min - 1);
}

void emit_vfneg(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    signs(g, op, d, true);
}

void emit_vfabs(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    signs(g, op, d, false);
}

/* The host's results and exception bits are the guest's. */
void emit_vfcmp(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct fvop f;
    uint32_t host;

    if (!host_lanes(g, op) || (op->imm == 3 && !x_avx(g))) {
        gen_fallback_vec(g, op, d);
        return;
    }
    f = begin(g, op, d, 0);
    host = x_packed(X_CMPPS, f.is64);
    switch (op->imm) {
    case 0:
        x3i(g, host, f.v.d, f.a, f.b, CMP_EQ);
        break;
    case 1:
        x3i(g, host, f.v.d, f.b, f.a, CMP_LE);
        break;
    case 2:
        x3i(g, host, f.v.d, f.b, f.a, CMP_LT);
        break;
    default:
        x3i(g, host, f.v.d, f.a, f.b, CMP_NGE_UQ);
    }
    fp_done(&f.p);
}

/* ---- rounding and conversions ---- */

void emit_vfrint(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    const struct tcg_float_env *e = gen_env(g, op);
    bool away = e->round == TCG_ROUND_AWAY, is64 = op->sub == TCG_LANE64;
    int imm = fp_round_imm(e), t, u;
    uint32_t host = is64 ? X_ROUNDPD : X_ROUNDPS;
    struct fvop f;
    uint64_t k;

    if (op->sub < TCG_LANE32 || e->flush_in || (imm < 0 && !away) ||
        (away && ((op->imm & 1) || !x_avx(g)))) {
        gen_fallback_vec(g, op, d);
        return;
    }
    f = begin(g, op, d, 2);
    t = f.v.t[0];
    u = f.v.t[1];
    if (!away) {
        x2i(g, host, f.v.d, f.a, (unsigned)imm | (op->imm & 1 ? 0 : 8));
        check_lanes(&f, false);
        fp_done(&f.p);
        return;
    }
    /* as frint_away() in emit_float_cvt.c */
    abs_lanes(g, is64, t, f.a);
    compare_k(g, is64, u, t, pow2(is64, is64 ? 52 : 23), CMP_NLT_UQ);
    cold_if_any(&f, u);
    x2i(g, host, f.v.d, f.a, 3 | 8);
    x3(g, x_packed(X_SUBPS, is64), t, f.a, f.v.d);
    abs_lanes(g, is64, t, t);
    compare_k(g, is64, t, t, pow2(is64, -1), CMP_NLT_UQ);
    k = x_splat(op->sub, pow2(is64, 0));
    x3k(g, X_ANDPS, t, t, k, k);
    k = x_splat(op->sub, is64 ? 1ull << 63 : 1u << 31);
    x3k(g, X_ANDPS, u, f.a, k, k);
    x3(g, X_ORPS, t, t, u);
    x3(g, x_packed(X_ADDPS, is64), f.v.d, f.v.d, t);
    fp_done(&f.p);
}

/* Lanes out of the bounds of emit_f2i() leave: |x| < 2^exp, or 0 <= x < 2^exp, as integers. */
static void int_bounds(struct fvop *f, bool is_signed, int exp)
{
    struct gen *g = f->v.g;
    int t = f->v.t[0], u = f->v.t[1];
    uint64_t k = x_splat(f->v.lane, pow2(f->is64, exp) - 1);

    if (is_signed)
        abs_lanes(g, f->is64, t, f->a);
    else
        xmov(g, t, f->a);
    x3k(g, f->is64 ? X_PCMPGTQ : X_PCMPGTD, u, t, k, k);
    if (!is_signed) { /* signs too */
        xsh(g, X_PSRADI, t, t, 31);
        if (f->is64)
            x2i(g, X_PSHUFD, t, t, 0xf5);
        x3(g, X_POR, u, u, t);
    }
    cold_if_any(f, u);
}

/* Both lanes of x truncated to 64-bit integers. A 2^63 in the result leaves if check. */
static void truncate64(struct fvop *f, int x, unsigned q, bool check_min)
{
    struct gen *g = f->v.g;
    int t = f->v.t[1], d = f->v.d;

    x2(g, X_CVTTSD2SI | X_W, (int)q, x);
    emit_mov_xr(&g->e, 1, (unsigned)d, q);
    if (check_min) {
        emit_alu_ri(&g->e, ALU_CMP, 1, q, 1);
        fp_cold_if(&f->p, CC_O);
    }
    x2i(g, X_PSHUFD, t, x, 0xee);
    x2(g, X_CVTTSD2SI | X_W, (int)q, t);
    emit_mov_xr(&g->e, 1, (unsigned)t, q);
    if (check_min) {
        emit_alu_ri(&g->e, ALU_CMP, 1, q, 1);
        fp_cold_if(&f->p, CC_O);
    }
    x3(g, X_PUNPCKLQDQ, d, d, t);
}

void emit_vf2i(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    const struct tcg_float_env *e = gen_env(g, op);
    bool is64 = op->sub == TCG_LANE64, is_signed = op->imm >> 4 & 1;
    unsigned rule = op->imm & 15, fbits = op->imm >> 8;
    int imm = fp_round_imm(e), x, q, exp;
    bool plain = e->round == TCG_ROUND_ZERO && !fbits && is_signed;
    struct fvop f;
    uint64_t k;

    if (op->sub < TCG_LANE32 || e->flush_in || imm < 0 || rule == TCG_INT_X86 || fbits > 64 ||
        (is64 && op->type != TCG_V128)) {
        gen_fallback_vec(g, op, d);
        return;
    }
    q = is64 ? gen_tmp_gpr(g) : 0;
    f = begin(g, op, d, 2);
    x = f.a;
    if (!plain) {
        exp = is64 ? (is_signed ? 62 : 63) : is_signed ? 30 : 31;
        if (!is_signed && imm != 3)
            exp--; /* a rounding up must stay inside */
        int_bounds(&f, is_signed, exp - (int)fbits);
        if (fbits) {
            k = x_splat(op->sub, pow2(is64, (int)fbits));
            x3k(g, x_packed(X_MULPS, is64), f.v.t[0], x, k, k);
            x = f.v.t[0];
        }
        if (imm != 3) {
            x2i(g, is64 ? X_ROUNDPD : X_ROUNDPS, f.v.t[0], x, (unsigned)imm);
            x = f.v.t[0];
        }
    }
    if (is64) {
        truncate64(&f, x, (unsigned)q, plain);
    } else {
        x2(g, X_CVTTPS2DQ, f.v.d, x);
        if (plain) {
            vop_k(&f.v, X_PCMPEQD, f.v.t[0], f.v.d, 0x80000000);
            cold_if_any(&f, f.v.t[0]);
        }
    }
    fp_done(&f.p);
}

/* 64-bit integers: the halves become doubles by their place in a mantissa, one sum rounds. A signed
 * upper half is biased. The sum of 0 is -0 when rounding down: 0 is restored. */
static void int64_lanes(struct fvop *f, bool is_signed)
{
    struct gen *g = f->v.g;
    int t = f->v.t[0], u = f->v.t[1], d = f->v.d;
    uint64_t hi = 0x4530000000000000, lo = 0x4330000000000000; /* 2^84, 2^52 */
    uint64_t sub = is_signed ? 0x4530000080100000 : 0x4530000000100000; /* 2^84 (+ 2^63) + 2^52 */

    xload_k(g, t, lo, lo);
    x3i(g, X_PBLENDW, t, t, f->a, 0x33); /* 2^52 + lower half */
    xsh(g, X_PSRLQI, u, f->a, 32);
    if (is_signed)
        hi |= 1u << 31;
    x3k(g, X_PXOR, u, u, hi, hi);
    x3k(g, x_pd(X_SUBPS), u, u, sub, sub);
    x3(g, x_pd(X_ADDPS), u, u, t);
    xzero(g, t);
    x3(g, X_PCMPEQQ, t, t, f->a);
    x3(g, X_PANDN, d, t, u);
}

void emit_vi2f(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool is64 = op->sub == TCG_LANE64, is_signed = op->imm >> 4 & 1;
    unsigned fbits = op->imm >> 8;
    struct fvop f;
    uint64_t k;
    int t, u;

    if (!host_lanes(g, op) || fbits > 64 || (is64 && op->type != TCG_V128)) {
        gen_fallback_vec(g, op, d);
        return;
    }
    f = begin(g, op, d, 2);
    t = f.v.t[0];
    u = f.v.t[1];
    if (is64) {
        int64_lanes(&f, is_signed);
    } else if (is_signed) {
        x2(g, X_CVTDQ2PS, f.v.d, f.a);
    } else { /* both halves are exact, their sum rounds */
        xsh(g, X_PSRLDI, t, f.a, 16);
        x2(g, X_CVTDQ2PS, t, t);
        x3k(g, X_MULPS, t, t, 0x4780000047800000, 0x4780000047800000); /* 65536 */
        xzero(g, u);
        x3i(g, X_PBLENDW, u, u, f.a, 0x55);
        x2(g, X_CVTDQ2PS, u, u);
        x3(g, X_ADDPS, f.v.d, t, u);
    }
    if (fbits) {
        k = x_splat(op->sub, pow2(is64, -(int)fbits));
        x3k(g, x_packed(X_MULPS, is64), f.v.d, f.v.d, k, k);
    }
    fp_done(&f.p);
}

void emit_vfwiden(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool half = op->sub == TCG_LANE16;
    struct fvop f;
    int x;

    if ((!half && op->sub != TCG_LANE32) || !fp_host_env(gen_env(g, op)) || op->type != TCG_V128 ||
        (half && !(g->cpu & CPU_F16C))) {
        gen_fallback_vec(g, op, d);
        return;
    }
    f = begin(g, op, d, 2);
    x = f.a;
    if (op->imm & 1) {
        x2i(g, X_PSHUFD, f.v.t[0], x, 0xee);
        x = f.v.t[0];
    }
    x2(g, half ? X_CVTPH2PS : X_CVTPS2PD, f.v.d, x);
    check(&f, f.v.d, f.v.t[0], f.v.t[1], !half, 0);
    fp_done(&f.p);
}

void emit_vfnarrow(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    const struct tcg_float_env *e = gen_env(g, op);
    bool from64 = op->sub == TCG_LANE64;
    struct fvop f;
    int t;

    if (!host_lanes(g, op) || tcg_type_of(g->ir, op->a) != TCG_V128 ||
        (!from64 && !(g->cpu & CPU_F16C))) {
        gen_fallback_vec(g, op, d);
        return;
    }
    f = begin(g, op, d, 3);
    t = f.v.t[2];
    if (from64) {
        x2(g, X_CVTPD2PS, f.v.d, f.a);
        check(&f, f.v.d, f.v.t[0], f.v.t[1], false, tiny_bits(e, false));
    } else {
        x2i(g, X_CVTPS2PH, f.a, f.v.d, 4);
        x2(g, X_CVTPH2PS, t, f.v.d);
        check(&f, t, f.v.t[0], f.v.t[1], false, tiny_bits(e, false) ? 0x38800000 : 0);
    }
    fp_done(&f.p);
}
