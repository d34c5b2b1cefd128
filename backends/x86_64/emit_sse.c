/* SPDX-License-Identifier: MIT */
/* backends/x86_64/emit_sse.c -- picks the VEX or the legacy form of vector instructions; see
 * emit_sse.h. 256-bit forms are not used: no vector type of the supported guests needs them, and
 * the upper halves of the host registers stay clean, so that both encodings may be mixed freely. */
#include "backends/x86_64/emit_sse.h"

#define WORD(op) ((op) & 0xffff)
#define WIDE(op) (!!((op) & X_W))

void x2(struct gen *g, uint32_t op, int d, int s)
{
    if (x_avx(g))
        emit_vex_rr(&g->e, WORD(op), WIDE(op), 0, (unsigned)d, 0, (unsigned)s);
    else
        emit_rr(&g->e, WORD(op), WIDE(op), (unsigned)d, (unsigned)s);
}

void x2m(struct gen *g, uint32_t op, int d, const struct emit_mem *m)
{
    if (x_avx(g))
        emit_vex_rm(&g->e, WORD(op), WIDE(op), 0, (unsigned)d, 0, m, 0);
    else
        emit_rm(&g->e, WORD(op), WIDE(op), (unsigned)d, m, 0);
}

void x2i(struct gen *g, uint32_t op, int d, int s, unsigned imm)
{
    x2(g, op, d, s);
    emit_u8(&g->e, imm);
}

void x1(struct gen *g, uint32_t op, int d, int s)
{
    if (x_avx(g))
        emit_vex_rr(&g->e, WORD(op), WIDE(op), 0, (unsigned)d, (unsigned)s, (unsigned)s);
    else
        emit_rr(&g->e, WORD(op), WIDE(op), (unsigned)d, (unsigned)s);
}

void x1i(struct gen *g, uint32_t op, int d, int s, unsigned imm)
{
    x1(g, op, d, s);
    emit_u8(&g->e, imm);
}

void xmov(struct gen *g, int d, int s)
{
    if (d != s)
        x2(g, X_MOVAPS, d, s);
}

void x3(struct gen *g, uint32_t op, int d, int a, int b)
{
    if (x_avx(g)) {
        emit_vex_rr(&g->e, WORD(op), WIDE(op), 0, (unsigned)d, (unsigned)a, (unsigned)b);
        return;
    }
    if (d == b && d != a) {
        if (!(op & X_COMM))
            MOA_BUG("legacy form of opcode %x would overwrite its operand", op);
        b = a;
        a = d;
    }
    xmov(g, d, a);
    emit_rr(&g->e, WORD(op), WIDE(op), (unsigned)d, (unsigned)b);
}

void x3r(struct gen *g, uint32_t op, int d, int a, int b)
{
    if (x_avx(g)) {
        emit_vex_rr(&g->e, WORD(op), WIDE(op), 0, (unsigned)d, (unsigned)a, (unsigned)b);
        return;
    }
    xmov(g, d, a);
    emit_rr(&g->e, WORD(op), WIDE(op), (unsigned)d, (unsigned)b);
}

void x3m(struct gen *g, uint32_t op, int d, int a, const struct emit_mem *m)
{
    if (x_avx(g)) {
        emit_vex_rm(&g->e, WORD(op), WIDE(op), 0, (unsigned)d, (unsigned)a, m, 0);
        return;
    }
    xmov(g, d, a);
    emit_rm(&g->e, WORD(op), WIDE(op), (unsigned)d, m, 0);
}

void x3i(struct gen *g, uint32_t op, int d, int a, int b, unsigned imm)
{
    x3(g, op & ~X_COMM, d, a, b);
    emit_u8(&g->e, imm);
}

void xsh(struct gen *g, uint32_t op, int d, int a, unsigned n)
{
    if (x_avx(g)) {
        emit_vex_rr(&g->e, WORD(op), 0, 0, op >> 24, (unsigned)d, (unsigned)a);
    } else {
        xmov(g, d, a);
        emit_rr(&g->e, WORD(op), 0, op >> 24, (unsigned)d);
    }
    emit_u8(&g->e, n);
}

void xfma(struct gen *g, uint32_t op, int d, int a, int b)
{
    emit_vex_rr(&g->e, WORD(op), WIDE(op), 0, (unsigned)d, (unsigned)a, (unsigned)b);
}

void xblendv(struct gen *g, uint32_t op, int d, int a, int b, int mask)
{
    emit_vex_rr_i8(&g->e, WORD(op), 0, 0, (unsigned)d, (unsigned)a, (unsigned)b,
                   (unsigned)mask << 4);
}

void xzero(struct gen *g, int d)
{
    x3(g, X_PXOR, d, d, d);
}

void xones(struct gen *g, int d)
{
    x3(g, X_PCMPEQD, d, d, d);
}

void x3k(struct gen *g, uint32_t op, int d, int a, uint64_t lo, uint64_t hi)
{
    struct emit_mem m = emit_lit128(&g->e, lo, hi);

    x3m(g, op, d, a, &m);
}

void x3ki(struct gen *g, uint32_t op, int d, int a, uint64_t lo, uint64_t hi, unsigned imm)
{
    struct emit_mem m = emit_lit128(&g->e, lo, hi);

    if (x_avx(g)) {
        emit_vex_rm(&g->e, WORD(op), WIDE(op), 0, (unsigned)d, (unsigned)a, &m, 1);
    } else {
        xmov(g, d, a);
        emit_rm(&g->e, WORD(op), WIDE(op), (unsigned)d, &m, 1);
    }
    emit_u8(&g->e, imm);
}

void xload_k(struct gen *g, int d, uint64_t lo, uint64_t hi)
{
    struct emit_mem m;

    if (!lo && !hi) {
        xzero(g, d);
    } else if (lo == ~0ull && hi == ~0ull) {
        xones(g, d);
    } else {
        m = emit_lit128(&g->e, lo, hi);
        x2m(g, X_MOVAPS, d, &m);
    }
}

uint64_t x_splat(unsigned lane, uint64_t v)
{
    unsigned bits = 8u << lane;

    for (v &= bits == 64 ? ~0ull : (1ull << bits) - 1; bits < 64; bits *= 2)
        v |= v << bits;
    return v;
}
