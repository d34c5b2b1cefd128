// SPDX-License-Identifier: MIT
/* backends/x86_64/emit_vec_arith.c -- integer lane arithmetic that is more than one host
 * instruction: products, shifts, saturation, halving sums, absolute differences. Lanes without a
 * sequence (64-bit halving and absolute differences, register shifts of 8 and 16 bits) use the
 * fallback. */
#include "backends/x86_64/gen_vec.h"

static unsigned bits_of(const struct vop *v)
{
    return 8u << v->lane;
}

/* ---- products ---- */

void emit_vmul(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 2);
    int t = v.t[0], u = v.t[1];

    if (v.lane == TCG_LANE8) { /* odd bytes moved down and up again; even ones by masking */
        xsh(g, X_PSRLWI, t, v.a, 8);
        xsh(g, X_PSRLWI, u, v.b, 8);
        x3(g, X_PMULLW, t, t, u);
        xsh(g, X_PSLLWI, t, t, 8);
        x3(g, X_PMULLW, v.d, v.a, v.b);
        x3k(g, X_PAND, v.d, v.d, 0x00ff00ff00ff00ff, 0x00ff00ff00ff00ff);
        x3(g, X_POR, v.d, v.d, t);
        return;
    }
    xsh(g, X_PSRLQI, t, v.a, 32);
    x3(g, X_PMULUDQ, t, t, v.b);
    xsh(g, X_PSRLQI, u, v.b, 32);
    x3(g, X_PMULUDQ, u, u, v.a);
    x3(g, X_PADDQ, t, t, u);
    xsh(g, X_PSLLQI, t, t, 32);
    x3(g, X_PMULUDQ, v.d, v.a, v.b);
    x3(g, X_PADDQ, v.d, v.d, t);
}

/* High half of twice the product. The one overflow, MIN * MIN, gives MIN, which no other operands
 * do: it is inverted to MAX. */
void emit_vsqdmulh(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool round = op->op == TCG_OP_vsqrdmulh;
    struct vop v;
    int t, u;

    if (op->sub != TCG_LANE16 && op->sub != TCG_LANE32) {
        gen_fallback_vec(g, op, d);
        return;
    }
    v = vop_begin(g, op, d, 2);
    t = v.t[0];
    u = v.t[1];
    if (v.lane == TCG_LANE16) {
        if (round) {
            x3(g, X_PMULHRSW, v.d, v.a, v.b);
        } else {
            x3(g, X_PMULHW, v.d, v.a, v.b);
            x3(g, X_PMULLW, t, v.a, v.b);
            xsh(g, X_PSLLWI, v.d, v.d, 1);
            xsh(g, X_PSRLWI, t, t, 15);
            x3(g, X_POR, v.d, v.d, t);
        }
        vop_k(&v, X_PCMPEQW, t, v.d, 0x8000);
    } else {
        x3(g, X_PMULDQ, v.d, v.a, v.b);
        xsh(g, X_PSRLQI, t, v.a, 32);
        xsh(g, X_PSRLQI, u, v.b, 32);
        x3(g, X_PMULDQ, t, t, u);
        if (round) {
            x3k(g, X_PADDQ, v.d, v.d, 1u << 30, 1u << 30);
            x3k(g, X_PADDQ, t, t, 1u << 30, 1u << 30);
        }
        xsh(g, X_PSRLQI, v.d, v.d, 31);
        x3(g, X_PADDQ, t, t, t);
        x3i(g, X_PBLENDW, v.d, v.d, t, 0xcc);
        vop_k(&v, X_PCMPEQD, t, v.d, 0x80000000);
    }
    x3(g, X_PXOR, v.d, v.d, t);
}

/* ---- signs ---- */

void emit_vneg(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 0);

    xzero(g, v.d);
    x3(g, by_lane(v.lane, X_PSUBB, X_PSUBW, X_PSUBD, X_PSUBQ), v.d, v.d, v.a);
}

static void vabs(const struct vop *v)
{
    struct gen *g = v->g;

    if (v->lane != TCG_LANE64) {
        x2(g, by_lane(v->lane, X_PABSB, X_PABSW, X_PABSD, 0), v->d, v->a);
        return;
    }
    xzero(g, v->t[0]);
    x3(g, X_PCMPGTQ, v->t[0], v->t[0], v->a);
    x3(g, X_PXOR, v->d, v->a, v->t[0]);
    x3(g, X_PSUBQ, v->d, v->d, v->t[0]);
}

void emit_vabs(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 1);

    vabs(&v);
}

/* |MIN| is MIN, the one result with the sign set: the sign, as a lane of ones, is added (MIN - 1 is
 * MAX). */
void emit_vsqabs(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 1);

    vabs(&v);
    if (v.lane == TCG_LANE64) {
        xzero(g, v.t[0]);
        x3(g, X_PCMPGTQ, v.t[0], v.t[0], v.d);
        x3(g, X_PADDQ, v.d, v.d, v.t[0]);
    } else {
        vop_k(&v, by_lane(v.lane, X_PMINUB, X_PMINUW, X_PMINUD, 0), v.d, v.d,
              (1ull << (bits_of(&v) - 1)) - 1);
    }
}

void emit_vsqneg(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 1);

    xzero(g, v.d);
    switch (v.lane) {
    case TCG_LANE8:
        x3(g, X_PSUBSB, v.d, v.d, v.a);
        break;
    case TCG_LANE16:
        x3(g, X_PSUBSW, v.d, v.d, v.a);
        break;
    case TCG_LANE32:
        vop_k(&v, X_PMAXSD, v.t[0], v.a, 0x80000001);
        x3(g, X_PSUBD, v.d, v.d, v.t[0]);
        break;
    default:
        x3(g, X_PSUBQ, v.d, v.d, v.a);
        vop_k(&v, X_PCMPEQQ, v.t[0], v.a, 1ull << 63);
        x3(g, X_PADDQ, v.d, v.d, v.t[0]);
    }
}

/* ---- shifts ---- */

void v_shl(const struct vop *v, int d, int a, unsigned n)
{
    xsh(v->g, by_lane(v->lane, X_PSLLWI, X_PSLLWI, X_PSLLDI, X_PSLLQI), d, a, n);
    if (v->lane == TCG_LANE8)
        vop_k(v, X_PAND, d, d, 0xff << n);
}

void v_shr(const struct vop *v, int d, int a, unsigned n)
{
    xsh(v->g, by_lane(v->lane, X_PSRLWI, X_PSRLWI, X_PSRLDI, X_PSRLQI), d, a, n);
    if (v->lane == TCG_LANE8)
        vop_k(v, X_PAND, d, d, 0xff >> n);
}

/* 8 and 64 bits: the sign bit after an unsigned shift is spread by (x ^ s) - s. */
void v_sar(const struct vop *v, int d, int a, unsigned n)
{
    uint64_t s = 1ull << (bits_of(v) - 1 - n);

    if (v->lane == TCG_LANE16 || v->lane == TCG_LANE32) {
        xsh(v->g, v->lane == TCG_LANE16 ? X_PSRAWI : X_PSRADI, d, a, n);
        return;
    }
    v_shr(v, d, a, n);
    vop_k(v, X_PXOR, d, d, s);
    vop_k(v, v->lane == TCG_LANE8 ? X_PSUBB : X_PSUBQ, d, d, s);
}

void emit_vshli(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 0);

    if (op->imm)
        v_shl(&v, v.d, v.a, op->imm);
    else
        xmov(g, v.d, v.a);
}

void emit_vshri(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 0);

    if (op->imm >= bits_of(&v))
        xzero(g, v.d);
    else if (op->imm)
        v_shr(&v, v.d, v.a, op->imm);
    else
        xmov(g, v.d, v.a);
}

void emit_vsari(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 0);
    unsigned n = op->imm < bits_of(&v) ? op->imm : bits_of(&v) - 1;

    if (n)
        v_sar(&v, v.d, v.a, n);
    else
        xmov(g, v.d, v.a);
}

/* USHL, SSHL: the count byte c and its negative, both as unsigned bytes: one of the two is beyond
 * any lane unless c is 0, and then its shift gives 0 (or the sign). */
void emit_vshl_reg(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool is64 = op->sub == TCG_LANE64;
    struct vop v;
    int l, n, s;

    if (!(g->cpu & CPU_AVX2) || op->sub < TCG_LANE32) {
        gen_fallback_vec(g, op, d);
        return;
    }
    v = vop_begin(g, op, d, 3);
    l = v.t[0];
    n = v.t[1];
    s = v.t[2];
    vop_k(&v, X_PAND, l, v.b, 0xff);
    xzero(g, n);
    x3(g, X_PSUBB, n, n, l);
    x3(g, is64 ? X_PSLLVQ : X_PSLLVD, l, v.a, l);
    if (op->op == TCG_OP_vushl) {
        x3(g, is64 ? X_PSRLVQ : X_PSRLVD, n, v.a, n);
        x3(g, X_POR, v.d, l, n);
        return;
    }
    if (is64) { /* signed: complement negative lanes around an unsigned shift */
        xzero(g, s);
        x3(g, X_PCMPGTQ, s, s, v.a);
        x3(g, X_PXOR, v.d, v.a, s);
        x3(g, X_PSRLVQ, n, v.d, n);
        x3(g, X_PXOR, n, n, s);
        xsh(g, X_PSLLQI, s, v.b, 56);
        xblendv(g, X_BLENDVPD, v.d, l, n, s);
    } else {
        x3(g, X_PSRAVD, n, v.a, n);
        xsh(g, X_PSLLDI, s, v.b, 24);
        xblendv(g, X_BLENDVPS, v.d, l, n, s);
    }
}

/* Rounded shift: the last bit shifted out is added. */
void emit_vrshri(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 1);
    unsigned n = op->imm, bits = bits_of(&v);
    bool is_signed = op->op == TCG_OP_vsrshri;
    int t = v.t[0];

    if (n > 1)
        v_shr(&v, t, v.a, n - 1);
    else
        xmov(g, t, v.a);
    vop_k(&v, X_PAND, t, t, 1);
    if (n >= bits && !is_signed) {
        xmov(g, v.d, t);
        return;
    }
    if (is_signed)
        v_sar(&v, v.d, v.a, n < bits ? n : bits - 1);
    else
        v_shr(&v, v.d, v.a, n);
    x3(g, by_lane(v.lane, X_PADDB, X_PADDW, X_PADDD, X_PADDQ), v.d, v.d, t);
}

/* ---- saturating sums of 32 and 64 bits ---- */

static void sat_unsigned(const struct vop *v, bool sub)
{
    struct gen *g = v->g;
    int t = v->t[0], u = v->t[1];

    if (v->lane == TCG_LANE32) {
        if (sub) { /* max(a, b) - b */
            x3(g, X_PMAXUD, v->d, v->a, v->b);
            x3(g, X_PSUBD, v->d, v->d, v->b);
        } else { /* min(a, ~b) + b */
            xones(g, t);
            x3(g, X_PXOR, t, t, v->b);
            x3(g, X_PMINUD, v->d, v->a, t);
            x3(g, X_PADDD, v->d, v->d, v->b);
        }
        return;
    }
    /* u: overflow, by a biased comparison */
    vop_k(v, X_PXOR, t, v->a, 1ull << 63);
    if (sub) {
        vop_k(v, X_PXOR, u, v->b, 1ull << 63);
        x3(g, X_PCMPGTQ, u, u, t);
        x3(g, X_PSUBQ, v->d, v->a, v->b);
        x3(g, X_PANDN, t, u, v->d);
        xmov(g, v->d, t);
    } else {
        x3(g, X_PADDQ, v->d, v->a, v->b);
        vop_k(v, X_PXOR, u, v->d, 1ull << 63);
        x3(g, X_PCMPGTQ, t, t, u);
        x3(g, X_POR, v->d, v->d, t);
    }
}

void emit_vsat(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool sub = op->op == TCG_OP_vuqsub || op->op == TCG_OP_vsqsub;
    struct vop v = vop_begin(g, op, d, 3);
    int t = v.t[0], u = v.t[1], w = v.t[2];
    uint32_t gt = v.lane == TCG_LANE32 ? X_PCMPGTD : X_PCMPGTQ;

    if (op->op == TCG_OP_vuqadd || op->op == TCG_OP_vuqsub) {
        sat_unsigned(&v, sub);
        return;
    }
    /* w: sum; t: overflow lanes (signs of the operands agree, or differ for sub, and the result's
     * is another); u: MAX or MIN by the sign of a */
    if (v.lane == TCG_LANE32)
        x3(g, sub ? X_PSUBD : X_PADDD, w, v.a, v.b);
    else
        x3(g, sub ? X_PSUBQ : X_PADDQ, w, v.a, v.b);
    x3(g, X_PXOR, t, v.a, v.b);
    x3(g, X_PXOR, u, v.a, w);
    if (sub)
        x3(g, X_PAND, t, t, u);
    else
        x3(g, X_PANDN, t, t, u);
    xzero(g, u);
    x3(g, gt, u, u, t); /* lanes of ones */
    xmov(g, t, u);
    xzero(g, u);
    x3(g, gt, u, u, v.a);
    vop_k(&v, X_PXOR, u, u, (1ull << (bits_of(&v) - 1)) - 1);
    /* d = t ? u : w */
    x3(g, X_PXOR, u, u, w);
    x3(g, X_PAND, u, u, t);
    x3(g, X_PXOR, v.d, u, w);
}

/* ---- halving sums and differences ---- */

/* 8 and 16 bits by pavg, which rounds up and is unsigned: signed operands are biased, and the last
 * bit of a ^ b taken off where the sum is to round down; differences are sums with ~b. */
static void halving_avg(const struct vop *v)
{
    struct gen *g = v->g;
    unsigned op = v->op->op;
    bool is_signed = op == TCG_OP_vshadd || op == TCG_OP_vsrhadd || op == TCG_OP_vshsub;
    bool diff = op == TCG_OP_vuhsub || op == TCG_OP_vshsub;
    bool round = op == TCG_OP_vsrhadd;
    uint64_t min = 1ull << (bits_of(v) - 1);
    int a = v->a, b = v->b, t = v->t[0], u = v->t[1];

    if (is_signed) {
        vop_k(v, X_PXOR, t, a, min);
        a = t;
    }
    if (is_signed || diff) {
        vop_k(v, X_PXOR, u, b, (is_signed ? min : 0) ^ (diff ? ~0ull : 0));
        b = u;
    }
    x3(g, v->lane == TCG_LANE8 ? X_PAVGB : X_PAVGW, v->d, a, b);
    if (is_signed || diff)
        vop_k(v, X_PXOR, v->d, v->d, min);
    if (!diff && !round) {
        x3(g, X_PXOR, t, v->a, v->b);
        vop_k(v, X_PAND, t, t, 1);
        x3(g, v->lane == TCG_LANE8 ? X_PSUBB : X_PSUBW, v->d, v->d, t);
    }
}

void emit_vhalving(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v;
    int t;
    bool is_signed = op->op == TCG_OP_vshadd || op->op == TCG_OP_vsrhadd || op->op == TCG_OP_vshsub;

    if (op->sub == TCG_LANE64) {
        gen_fallback_vec(g, op, d);
        return;
    }
    v = vop_begin(g, op, d, 2);
    if (v.lane != TCG_LANE32) {
        halving_avg(&v);
        return;
    }
    /* t = (a ^ b) >> 1; sums: (a & b) + t, rounded up (a | b) - t; difference: t - (~a & b) */
    t = v.t[0];
    x3(g, X_PXOR, t, v.a, v.b);
    xsh(g, is_signed ? X_PSRADI : X_PSRLDI, t, t, 1);
    switch (op->op) {
    case TCG_OP_vuhadd:
    case TCG_OP_vshadd:
        x3(g, X_PAND, v.d, v.a, v.b);
        x3(g, X_PADDD, v.d, v.d, t);
        break;
    case TCG_OP_vurhadd:
    case TCG_OP_vsrhadd:
        x3(g, X_POR, v.d, v.a, v.b);
        x3(g, X_PSUBD, v.d, v.d, t);
        break;
    default:
        x3(g, X_PANDN, v.t[1], v.a, v.b);
        x3(g, X_PSUBD, v.d, t, v.t[1]);
    }
}

void emit_vabd(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool is_signed = op->op == TCG_OP_vsabd;
    struct vop v;
    int t;

    if (op->sub == TCG_LANE64) {
        gen_fallback_vec(g, op, d);
        return;
    }
    v = vop_begin(g, op, d, 1);
    t = v.t[0];
    if (is_signed) {
        x3(g, by_lane(v.lane, X_PMAXSB, X_PMAXSW, X_PMAXSD, 0), v.d, v.a, v.b);
        x3(g, by_lane(v.lane, X_PMINSB, X_PMINSW, X_PMINSD, 0), t, v.a, v.b);
    } else {
        x3(g, by_lane(v.lane, X_PMAXUB, X_PMAXUW, X_PMAXUD, 0), v.d, v.a, v.b);
        x3(g, by_lane(v.lane, X_PMINUB, X_PMINUW, X_PMINUD, 0), t, v.a, v.b);
    }
    x3(g, by_lane(v.lane, X_PSUBB, X_PSUBW, X_PSUBD, 0), v.d, v.d, t);
}
