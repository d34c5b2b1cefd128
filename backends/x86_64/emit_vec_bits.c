// SPDX-License-Identifier: MIT
/* backends/x86_64/emit_vec_bits.c -- counts and reversals of bits by tables of nibbles (pshufb),
 * and the AES rounds on AES-NI. */
#include "backends/x86_64/gen_vec.h"

/* lo, hi: low and high nibbles of the bytes of a; lo may be a. */
static void nibbles(struct gen *g, int lo, int hi, int a)
{
    uint64_t k = x_splat(TCG_LANE8, 0x0f);

    xsh(g, X_PSRLWI, hi, a, 4);
    x3k(g, X_PAND, hi, hi, k, k);
    x3k(g, X_PAND, lo, a, k, k);
}

/* idx = table[idx]; t: temporary. */
static void lookup(struct gen *g, int idx, int t, uint64_t lo, uint64_t hi)
{
    xload_k(g, t, lo, hi);
    x3(g, X_PSHUFB, t, t, idx);
    xmov(g, idx, t);
}

void emit_vpopcnt(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 2);

    nibbles(g, v.t[0], v.t[1], v.a);
    lookup(g, v.t[0], v.d, 0x0302020102010100, 0x0403030203020201);
    lookup(g, v.t[1], v.d, 0x0302020102010100, 0x0403030203020201);
    x3(g, X_PADDB, v.d, v.t[0], v.t[1]);
}

void emit_vbitrev(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 2);

    nibbles(g, v.t[0], v.t[1], v.a);
    lookup(g, v.t[0], v.d, 0xe060a020c0408000, 0xf070b030d0509010);
    lookup(g, v.t[1], v.d, 0x0e060a020c040800, 0x0f070b030d050901);
    x3(g, X_POR, v.d, v.t[0], v.t[1]);
}

/* Leading zeros of bytes in x: that of the high nibble (16 when it is 0) or of the low one,
 * whichever is less; then halves are joined: the upper's count, plus the lower's where the upper is
 * all zero. Leading sign bits: zeros of a ^ sign, less one. */
void emit_vclz(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v;
    int lo, hi, x;

    if (op->sub == TCG_LANE64) {
        gen_fallback_vec(g, op, d);
        return;
    }
    v = vop_begin(g, op, d, 3);
    lo = v.t[0];
    hi = v.t[1];
    x = v.a;
    if (op->op == TCG_OP_vcls) {
        x = v.t[2];
        xzero(g, x);
        x3(g, by_lane(v.lane, X_PCMPGTB, X_PCMPGTW, X_PCMPGTD, 0), x, x, v.a);
        x3(g, X_PXOR, x, x, v.a);
    }
    nibbles(g, lo, hi, x);
    lookup(g, lo, v.d, 0x0505050506060708, 0x0404040404040404);
    lookup(g, hi, v.d, 0x0101010102020310, 0x0000000000000000);
    x3(g, X_PMINUB, v.d, lo, hi);
    for (unsigned half = TCG_LANE8; half < v.lane; half++) {
        unsigned bits = 8u << half;
        uint64_t k = half == TCG_LANE8 ? 0x0008000800080008 : 0x0000001000000010;
        bool to16 = half == TCG_LANE8;

        xsh(g, to16 ? X_PSRLWI : X_PSRLDI, hi, v.d, bits);
        x3k(g, to16 ? X_PCMPEQW : X_PCMPEQD, lo, hi, k, k);
        xsh(g, to16 ? X_PSRLWI : X_PSRLDI, lo, lo, bits); /* ones in the lower half */
        x3(g, X_PAND, lo, lo, v.d);
        x3(g, to16 ? X_PADDW : X_PADDD, v.d, lo, hi);
    }
    if (op->op == TCG_OP_vcls)
        vop_k(&v, by_lane(v.lane, X_PSUBB, X_PSUBW, X_PSUBD, 0), v.d, v.d, 1);
}

/* ---- AES: a host round without key is a guest's half round ---- */

void emit_vaes(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v;

    if (!(g->cpu & CPU_AES)) {
        gen_fallback_vec(g, op, d);
        return;
    }
    v = vop_begin(g, op, d, 1);
    xzero(g, v.t[0]);
    x3(g, X_PXOR, v.d, v.a, v.b);
    x3(g, op->op == TCG_OP_vaese ? X_AESENCLAST : X_AESDECLAST, v.d, v.d, v.t[0]);
}

/* Mix columns: undo the other steps of a round first. */
void emit_vaesmc(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v;

    if (!(g->cpu & CPU_AES)) {
        gen_fallback_vec(g, op, d);
        return;
    }
    v = vop_begin(g, op, d, 1);
    if (op->op == TCG_OP_vaesimc) {
        x2(g, X_AESIMC, v.d, v.a);
        return;
    }
    xzero(g, v.t[0]);
    x3(g, X_AESDECLAST, v.d, v.a, v.t[0]);
    x3(g, X_AESENC, v.d, v.d, v.t[0]);
}
