// SPDX-License-Identifier: MIT
/* backends/x86_64/emit_vec_widen.c -- vector operations whose results are wider, narrower or fewer
 * than their lanes. Without a sequence: carry-less products of bytes, saturating narrowing of
 * 64-bit lanes, results of v64 where the sources are twice as long as needed, 64-bit minima and
 * maxima. */
#include "backends/x86_64/gen_vec.h"

/* The half of s that a widening operation reads, in the low half of t or s itself. */
static int half_of(const struct vop *v, int t, int s)
{
    if (!(v->op->imm & 1))
        return s;
    x2i(v->g, X_PSHUFD, t, s, 0xee);
    return t;
}

static uint32_t extend_op(unsigned lane, bool is_signed)
{
    return is_signed ? by_lane(lane, X_PMOVSXBW, X_PMOVSXWD, X_PMOVSXDQ, 0)
                     : by_lane(lane, X_PMOVZXBW, X_PMOVZXWD, X_PMOVZXDQ, 0);
}

void emit_vmull(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool poly = op->op == TCG_OP_vmulp, is_signed = op->op == TCG_OP_vmuls, high = op->imm & 1;
    struct vop v;
    int t, u;

    if (op->type != TCG_V128 || poly != (op->sub == TCG_LANE64) ||
        (poly && !(g->cpu & CPU_PCLMUL))) {
        gen_fallback_vec(g, op, d);
        return;
    }
    v = vop_begin(g, op, d, 2);
    t = v.t[0];
    u = v.t[1];
    switch (v.lane) {
    case TCG_LANE8:
        x2(g, extend_op(TCG_LANE8, is_signed), t, half_of(&v, t, v.a));
        x2(g, extend_op(TCG_LANE8, is_signed), u, half_of(&v, u, v.b));
        x3(g, X_PMULLW, v.d, t, u);
        break;
    case TCG_LANE16:
        x3(g, X_PMULLW, t, v.a, v.b);
        x3(g, is_signed ? X_PMULHW : X_PMULHUW, u, v.a, v.b);
        x3(g, high ? X_PUNPCKHWD : X_PUNPCKLWD, v.d, t, u);
        break;
    case TCG_LANE32:
        x2i(g, X_PSHUFD, t, v.a, high ? 0xfa : 0x50);
        x2i(g, X_PSHUFD, u, v.b, high ? 0xfa : 0x50);
        x3(g, is_signed ? X_PMULDQ : X_PMULUDQ, v.d, t, u);
        break;
    default:
        x3i(g, X_PCLMULQDQ, v.d, v.a, v.b, high ? 0x11 : 0);
    }
}

void emit_vextend(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v;

    if (op->type != TCG_V128 || op->sub == TCG_LANE64) {
        gen_fallback_vec(g, op, d);
        return;
    }
    v = vop_begin(g, op, d, 1);
    x2(g, extend_op(v.lane, op->op == TCG_OP_vexts), v.d, half_of(&v, v.t[0], v.a));
}

/* ---- narrowing ---- */

/* d = the lanes of x, then of y, narrowed; both may be changed if they are t0 and t1. */
static void narrow(const struct vop *v, int x, int y)
{
    struct gen *g = v->g;
    unsigned op = v->op->op;
    uint64_t max = v->lane == TCG_LANE16 ? 0xff : 0xffff;
    bool to8 = v->lane == TCG_LANE16;

    if (v->lane == TCG_LANE64) {
        x3i(g, X_SHUFPS, v->d, x, y, 0x88);
    } else if (op == TCG_OP_vnarrow_ss) {
        x3(g, to8 ? X_PACKSSWB : X_PACKSSDW, v->d, x, y);
    } else if (op == TCG_OP_vnarrow_su || op == TCG_OP_vaddhn) {
        x3(g, to8 ? X_PACKUSWB : X_PACKUSDW, v->d, x, y);
    } else {
        uint32_t clip = op == TCG_OP_vnarrow ? X_PAND : to8 ? X_PMINUW : X_PMINUD;

        vop_k(v, clip, v->d, x, max);
        if (y != x)
            vop_k(v, clip, v->t[1], y, max);
        x3(g, to8 ? X_PACKUSWB : X_PACKUSDW, v->d, v->d, y == x ? v->d : v->t[1]);
    }
}

void emit_vnarrow(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool short_a = tcg_type_of(g->ir, op->a) == TCG_V64;
    struct vop v;
    int x, y;

    if (op->sub == TCG_LANE8 || (op->sub == TCG_LANE64 && op->op != TCG_OP_vnarrow) ||
        (op->type == TCG_V64 && !short_a && op->b)) {
        gen_fallback_vec(g, op, d);
        return;
    }
    v = vop_begin(g, op, d, 2);
    x = v.a;
    y = v.b;
    if (short_a && v.v64) { /* both sources fit one register */
        x = y = v.t[0];
        if (op->b)
            x3(g, X_PUNPCKLQDQ, x, v.a, v.b);
        else
            x2(g, X_MOVQ, x, v.a);
    } else {
        if (short_a)
            x2(g, X_MOVQ, x = v.t[0], v.a);
        if (y < 0)
            xzero(g, y = v.t[1]);
        else if (short_a)
            x2(g, X_MOVQ, y = v.t[1], v.b);
    }
    narrow(&v, x, y);
}

void emit_vaddhn(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v;
    int t;

    if (op->sub == TCG_LANE8) {
        gen_fallback_vec(g, op, d);
        return;
    }
    v = vop_begin(g, op, d, 2);
    t = v.t[0];
    if (op->imm & 2)
        x3(g, by_lane(v.lane, 0, X_PSUBW, X_PSUBD, X_PSUBQ), t, v.a, v.b);
    else
        x3(g, by_lane(v.lane, 0, X_PADDW, X_PADDD, X_PADDQ), t, v.a, v.b);
    if (op->imm & 1)
        vop_k(&v, by_lane(v.lane, 0, X_PADDW, X_PADDD, X_PADDQ), t, t,
              1ull << ((4u << v.lane) - 1));
    v_shr(&v, t, t, 4u << v.lane);
    if (v.v64)
        x2(g, X_MOVQ, t, t);
    xzero(g, v.t[1]);
    narrow(&v, t, v.t[1]);
}

/* ---- adjacent lanes ---- */

void emit_vpaddl(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool is_signed = op->op == TCG_OP_vpaddl_s;
    struct vop v;
    int t, u;

    if (op->sub == TCG_LANE64) {
        gen_fallback_vec(g, op, d);
        return;
    }
    v = vop_begin(g, op, d, 2);
    t = v.t[0];
    u = v.t[1];
    if (v.lane == TCG_LANE8) {
        xload_k(g, t, x_splat(TCG_LANE8, 1), x_splat(TCG_LANE8, 1));
        x3(g, X_PMADDUBSW, v.d, is_signed ? t : v.a, is_signed ? v.a : t);
    } else if (v.lane == TCG_LANE16 && is_signed) {
        vop_k(&v, X_PMADDWD, v.d, v.a, 1);
    } else if (v.lane == TCG_LANE16) {
        xsh(g, X_PSRLDI, t, v.a, 16);
        xzero(g, u);
        x3i(g, X_PBLENDW, v.d, v.a, u, 0xaa);
        x3(g, X_PADDD, v.d, v.d, t);
    } else if (is_signed) {
        xsh(g, X_PSRADI, t, v.a, 31);
        xsh(g, X_PSLLQI, u, t, 32);
        x3i(g, X_PBLENDW, v.d, v.a, u, 0xcc);
        xsh(g, X_PSRLQI, u, v.a, 32);
        x3i(g, X_PBLENDW, u, u, t, 0xcc);
        x3(g, X_PADDQ, v.d, v.d, u);
    } else {
        xsh(g, X_PSRLQI, t, v.a, 32);
        xzero(g, u);
        x3i(g, X_PBLENDW, v.d, v.a, u, 0xcc);
        x3(g, X_PADDQ, v.d, v.d, t);
    }
}

static uint32_t pair_op(unsigned op, unsigned lane)
{
    switch (op) {
    case TCG_OP_vpadd:
        return by_lane(lane, X_PADDB, X_PADDW, X_PADDD, X_PADDQ);
    case TCG_OP_vpumin:
    case TCG_OP_vredumin:
        return by_lane(lane, X_PMINUB, X_PMINUW, X_PMINUD, 0);
    case TCG_OP_vpumax:
    case TCG_OP_vredumax:
        return by_lane(lane, X_PMAXUB, X_PMAXUW, X_PMAXUD, 0);
    case TCG_OP_vpsmin:
    case TCG_OP_vredsmin:
        return by_lane(lane, X_PMINSB, X_PMINSW, X_PMINSD, 0);
    default:
        return by_lane(lane, X_PMAXSB, X_PMAXSW, X_PMAXSD, 0);
    }
}

void emit_vpair(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    uint32_t host = pair_op(op->op, op->sub);
    struct vop v;

    if (!host || (op->sub == TCG_LANE64 && op->type == TCG_V64)) {
        gen_fallback_vec(g, op, d);
        return;
    }
    v = vop_begin(g, op, d, 2);
    if (op->op == TCG_OP_vpadd && !v.v64 && (v.lane == TCG_LANE16 || v.lane == TCG_LANE32)) {
        x3(g, v.lane == TCG_LANE16 ? X_PHADDW : X_PHADDD, v.d, v.a, v.b);
        return;
    }
    v_unzip(&v, v.d, v.a, v.b, v.t[0], v.lane, 0);
    v_unzip(&v, v.t[1], v.a, v.b, v.t[0], v.lane, 1);
    x3(g, host, v.d, v.d, v.t[1]);
}

/* ---- reductions: the upper half is folded on the lower until one lane is left ---- */

static void fold(const struct vop *v, uint32_t host, int *x, bool q)
{
    struct gen *g = v->g;
    int t = v->t[0], u = v->t[1];
    bool narrow_lanes = v->lane < TCG_LANE32;

    if (q) {
        x2i(g, X_PSHUFD, u, *x, 0xee);
        x3(g, host, t, *x, u);
        *x = t;
    }
    if (v->lane == TCG_LANE64)
        return;
    x2i(g, X_PSHUFD, u, *x, 0x55);
    x3(g, host, t, *x, u);
    *x = t;
    if (!narrow_lanes)
        return;
    xsh(g, X_PSRLDI, u, t, 16);
    x3(g, host, t, t, u);
    if (v->lane == TCG_LANE8) {
        xsh(g, X_PSRLDI, u, t, 8);
        x3(g, host, t, t, u);
    }
}

void emit_vred(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool q = tcg_type_of(g->ir, op->a) == TCG_V128, add = op->op == TCG_OP_vredadd;
    uint32_t host = add ? by_lane(op->sub, X_PADDB, X_PADDW, X_PADDD, X_PADDQ)
                        : pair_op(op->op, op->sub);
    struct vop v;
    unsigned r;
    int x;

    if (!host) {
        gen_fallback_vec(g, op, d);
        return;
    }
    v = vop_begin(g, op, d, 2);
    r = (unsigned)v.d;
    x = v.a;
    if (add && v.lane == TCG_LANE8) { /* sums of eight bytes in each half */
        xzero(g, v.t[1]);
        x3(g, X_PSADBW, v.t[0], x, v.t[1]);
        x = v.t[0];
        if (q) {
            x2i(g, X_PSHUFD, v.t[1], x, 0xee);
            x3(g, X_PADDD, x, x, v.t[1]);
        }
    } else {
        fold(&v, host, &x, q);
    }
    emit_mov_rx(&g->e, v.lane == TCG_LANE64, r, (unsigned)x);
    if (v.lane == TCG_LANE8)
        emit_movzx8(&g->e, r, r);
    else if (v.lane == TCG_LANE16)
        emit_movzx16(&g->e, r, r);
}

/* ---- dot products: even and odd bytes as words, then pmaddwd, which is exact for them ---- */

static void dot_words(const struct vop *v, int d, int s, bool odd, bool is_signed)
{
    struct gen *g = v->g;

    if (!odd) {
        xsh(g, X_PSLLWI, d, s, 8);
        s = d;
    }
    xsh(g, is_signed ? X_PSRAWI : X_PSRLWI, d, s, 8);
}

void emit_vdot(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 2);
    int t = v.t[0], u = v.t[1];

    dot_words(&v, t, v.a, false, op->imm & 1);
    dot_words(&v, u, v.b, false, op->imm & 2);
    x3(g, X_PMADDWD, t, t, u);
    x3(g, X_PADDD, v.d, v.c, t);
    dot_words(&v, t, v.a, true, op->imm & 1);
    dot_words(&v, u, v.b, true, op->imm & 2);
    x3(g, X_PMADDWD, t, t, u);
    x3(g, X_PADDD, v.d, v.d, t);
}
