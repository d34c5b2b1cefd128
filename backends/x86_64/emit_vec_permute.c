// SPDX-License-Identifier: MIT
/* backends/x86_64/emit_vec_permute.c -- vector operations that only move lanes, and moves between
 * vector, integer and float values. */
#include "backends/x86_64/gen_vec.h"

/* d = a's bytes chosen by 16 control bytes (0x80: zero). */
static void shuffle(struct gen *g, int d, int a, const uint8_t ctl[16])
{
    uint64_t k[2];

    __builtin_memcpy(k, ctl, 16); /* the host is little-endian */
    x3k(g, X_PSHUFB, d, a, k[0], k[1]);
}

void emit_vrev(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 0);
    unsigned size = 1u << v.lane, group = op->imm, n = group >> v.lane;
    uint8_t ctl[16];

    for (unsigned i = 0; i < 16; i++) {
        unsigned lane = i % group / size;

        ctl[i] = (uint8_t)(i - i % group + (n - 1 - lane) * size + i % size);
    }
    shuffle(g, v.d, v.a, ctl);
}

void emit_vzip2(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 0); /* v64: the upper half of zip1 as for v128 */

    x3(g, by_lane(v.lane, X_PUNPCKLBW, X_PUNPCKLWD, X_PUNPCKLDQ, X_PUNPCKLQDQ), v.d, v.a, v.b);
    xsh(g, X_PSRLDQI, v.d, v.d, 8);
}

void v_unzip(const struct vop *v, int d, int a, int b, int t, unsigned lane, unsigned odd)
{
    struct gen *g = v->g;

    if (v->v64) {
        x3(g, X_PUNPCKLQDQ, t, a, b);
        a = b = t;
    }
    switch (lane) {
    case TCG_LANE8:
        if (odd) {
            xsh(g, X_PSRLWI, d, a, 8);
            xsh(g, X_PSRLWI, t, b, 8);
        } else {
            x3k(g, X_PAND, d, a, 0x00ff00ff00ff00ff, 0x00ff00ff00ff00ff);
            x3k(g, X_PAND, t, b, 0x00ff00ff00ff00ff, 0x00ff00ff00ff00ff);
        }
        x3(g, X_PACKUSWB, d, d, t);
        break;
    case TCG_LANE16:
        if (odd) {
            xsh(g, X_PSRADI, d, a, 16);
            xsh(g, X_PSRADI, t, b, 16);
        } else {
            xsh(g, X_PSLLDI, d, a, 16);
            xsh(g, X_PSRADI, d, d, 16);
            xsh(g, X_PSLLDI, t, b, 16);
            xsh(g, X_PSRADI, t, t, 16);
        }
        x3(g, X_PACKSSDW, d, d, t);
        break;
    case TCG_LANE32:
        x3i(g, X_SHUFPS, d, a, b, odd ? 0xdd : 0x88);
        break;
    default:
        x3(g, odd ? X_PUNPCKHQDQ : X_PUNPCKLQDQ, d, a, b);
    }
}

void emit_vuzp(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 1);

    v_unzip(&v, v.d, v.a, v.b, v.t[0], v.lane, op->op == TCG_OP_vuzp2);
}

void emit_vtrn(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool second = op->op == TCG_OP_vtrn2;
    struct vop v = vop_begin(g, op, d, 1);
    int t = v.t[0], even = v.a, odd = v.b;

    if (v.lane == TCG_LANE8) {
        uint64_t low = 0x00ff00ff00ff00ff;

        if (second) {
            xsh(g, X_PSRLWI, v.d, v.a, 8);
            x3k(g, X_PAND, t, v.b, ~low, ~low);
        } else {
            xsh(g, X_PSLLWI, v.d, v.b, 8);
            x3k(g, X_PAND, t, v.a, low, low);
        }
        x3(g, X_POR, v.d, v.d, t);
        return;
    }
    if (second)
        xsh(g, v.lane == TCG_LANE16 ? X_PSRLDI : X_PSRLQI, even = t, v.a, 8u << v.lane);
    else
        xsh(g, v.lane == TCG_LANE16 ? X_PSLLDI : X_PSLLQI, odd = t, v.b, 8u << v.lane);
    x3i(g, X_PBLENDW, v.d, even, odd, v.lane == TCG_LANE16 ? 0xaa : 0xcc);
}

void emit_vext(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 0);

    if (v.v64) {
        x3(g, X_PUNPCKLQDQ, v.d, v.a, v.b);
        xsh(g, X_PSRLDQI, v.d, v.d, op->imm);
    } else {
        x3i(g, X_PALIGNR, v.d, v.b, v.a, op->imm);
    }
}

/* pshufb gives 0 for indices with bit 7 set: those from 16 on get it by a saturating sum. */
void emit_vtbl(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 1);
    int a = v.a;

    if (v.v64) { /* bytes 8 to 15 of the table are 0 */
        x2(g, X_MOVQ, v.d, v.a);
        a = v.d;
    }
    x3k(g, X_PADDUSB, v.t[0], v.b, x_splat(TCG_LANE8, 0x70), x_splat(TCG_LANE8, 0x70));
    x3(g, X_PSHUFB, v.d, a, v.t[0]);
}

/* ---- vectors and integers ---- */

void emit_vdup(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool avx2 = g->cpu & CPU_AVX2;
    int a, t, r;

    if (tcg_is_const(op->a)) {
        uint64_t k = x_splat(op->sub, tcg_const_of(g->ir, op->a)->lo);

        xload_k(g, gen_def_xmm(g, d), k, k);
        return;
    }
    a = gen_use_gpr(g, op->a);
    t = op->sub == TCG_LANE8 && !avx2 ? gen_tmp_xmm(g) : -1;
    r = gen_def_xmm(g, d);
    emit_mov_xr(&g->e, op->sub == TCG_LANE64, (unsigned)r, (unsigned)a);
    switch (op->sub) {
    case TCG_LANE8:
        if (avx2) {
            x2(g, X_PBROADCASTB, r, r);
        } else {
            xzero(g, t);
            x3(g, X_PSHUFB, r, r, t);
        }
        break;
    case TCG_LANE16:
        if (avx2) {
            x2(g, X_PBROADCASTW, r, r);
        } else {
            x2i(g, X_PSHUFLW, r, r, 0);
            x3(g, X_PUNPCKLQDQ, r, r, r);
        }
        break;
    case TCG_LANE32:
        x2i(g, X_PSHUFD, r, r, 0);
        break;
    default:
        x3(g, X_PUNPCKLQDQ, r, r, r);
    }
}

void emit_vdupl(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 0);
    unsigned size = 1u << v.lane;
    uint8_t ctl[16];

    if (v.lane == TCG_LANE32) {
        x2i(g, X_PSHUFD, v.d, v.a, op->imm * 0x55);
    } else if (v.lane == TCG_LANE64) {
        x2i(g, X_PSHUFD, v.d, v.a, op->imm ? 0xee : 0x44);
    } else {
        for (unsigned i = 0; i < 16; i++)
            ctl[i] = (uint8_t)(op->imm * size + i % size);
        shuffle(g, v.d, v.a, ctl);
    }
}

void emit_vget(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int a = gen_use_xmm(g, op->a), r = gen_def_gpr(g, d);
    bool wide = op->sub == TCG_LANE64 && op->type == TCG_I64;

    if (op->imm == 0 && op->sub >= TCG_LANE32)
        emit_mov_rx(&g->e, wide, (unsigned)r, (unsigned)a);
    else
        x2i(g, by_lane(op->sub, X_PEXTRB, X_PEXTRW, X_PEXTRD, X_PEXTRQ), a, r, op->imm);
    if (op->sub == TCG_LANE64 && !wide)
        emit_mov_rr(&g->e, 0, (unsigned)r, (unsigned)r);
}

void emit_vset(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int b = gen_use_gpr(g, op->b), r = gen_tied_xmm(g, d, op->a);

    x3r(g, by_lane(op->sub, X_PINSRB, X_PINSRW, X_PINSRD, X_PINSRQ), r, r, b);
    emit_u8(&g->e, op->imm);
}

/* ---- halves and scalars ---- */

static void copy(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int a = gen_use_xmm(g, op->a);

    xmov(g, gen_def_late_xmm(g, d), a);
}

void emit_vlow(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    copy(g, op, d);
}

void emit_vtof(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    copy(g, op, d);
}

void emit_vhigh(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int a = gen_use_xmm(g, op->a);

    x2i(g, X_PSHUFD, gen_def_late_xmm(g, d), a, 0xee);
}

void emit_vjoin(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 0);

    x3(g, X_PUNPCKLQDQ, v.d, v.a, v.b);
}

void emit_vzext(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int a = gen_use_xmm(g, op->a);

    x2(g, X_MOVQ, gen_def_late_xmm(g, d), a);
}

void emit_vfromf(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    enum tcg_type t = tcg_type_of(g->ir, op->a);
    int a = gen_use_xmm(g, op->a), r;

    if (t == TCG_F64) {
        x2(g, X_MOVQ, gen_def_late_xmm(g, d), a);
    } else if (t == TCG_F32) {
        x3i(g, X_INSERTPS, gen_def_late_xmm(g, d), a, a, 0x0e);
    } else {
        r = gen_def_xmm(g, d);
        xzero(g, r);
        x3i(g, X_PBLENDW, r, r, a, 1);
    }
}
