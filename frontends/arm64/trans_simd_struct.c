/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_simd_struct.c -- Advanced SIMD loads and stores of structures (manual
 * C4.1.94): LD1..LD4, ST1..ST4 of whole registers, of single elements, and LD1R..LD4R.
 *
 * Memory is read as whole vectors and taken apart with permutations (three-element structures with
 * table lookups). Registers are written after the last access, and a store that faults in its
 * second page has written the first: it is repeated from the start. */
#include "frontends/arm64/simd.h"

enum { MAX_REGS = 4 };

static tcg_val binary(struct a64_tr *t, enum tcg_opcode op, unsigned q, unsigned s, tcg_val x,
                      tcg_val y)
{
    return tcg_v2(t->b, op, a64_vtype(q), (enum tcg_lane)s, x, y, 0);
}

/* ---- three-element structures: out[k] byte i is byte at(k, i) of in[0..2] ---- */

static unsigned byte_of_load(unsigned bytes, unsigned s, unsigned k, unsigned i)
{
    (void)bytes;
    return ((i >> s) * 3 + k) << s | (i & ((1u << s) - 1));
}

static unsigned byte_of_store(unsigned bytes, unsigned s, unsigned k, unsigned i)
{
    unsigned at = k * bytes + i, elem = at >> s;

    return elem % 3 * bytes + ((elem / 3) << s | (at & ((1u << s) - 1)));
}

static void shuffle3(struct a64_tr *t, unsigned q, unsigned s, const tcg_val *in, tcg_val *out,
                     unsigned (*at)(unsigned, unsigned, unsigned, unsigned))
{
    unsigned bytes = q ? 16 : 8;
    struct tcg_builder *b = t->b;
    tcg_val wide[3];

    for (unsigned k = 0; k < 3; k++)
        wide[k] = q ? in[k] : tcg_vzext(b, TCG_V128, in[k]);
    for (unsigned k = 0; k < 3; k++) {
        tcg_val sum = TCG_NONE;

        for (unsigned from = 0; from < 3; from++) {
            uint64_t index[2] = { ~0ull, ~0ull };
            tcg_val part;

            for (unsigned i = 0; i < bytes; i++) {
                unsigned src = at(bytes, s, k, i);

                if (src / bytes == from)
                    index[i / 8] ^= (uint64_t)(0xff ^ src % bytes) << i % 8 * 8;
            }
            part = tcg_emit(b, TCG_OP_vtbl, TCG_V128, 0, wide[from],
                            tcg_vimm(b, TCG_V128, index[0], index[1]), 0, 0, 0);
            sum = sum == TCG_NONE ? part : tcg_vor(b, TCG_V128, sum, part);
        }
        out[k] = q ? sum : tcg_vlow(b, TCG_V64, sum);
    }
}

static void deinterleave(struct a64_tr *t, unsigned q, unsigned s, unsigned n, const tcg_val *in,
                         tcg_val *out)
{
    tcg_val even[2], odd[2];

    if (n == 3) {
        shuffle3(t, q, s, in, out, byte_of_load);
        return;
    }
    for (unsigned i = 0; i < n / 2; i++) {
        even[i] = binary(t, TCG_OP_vuzp1, q, s, in[2 * i], in[2 * i + 1]);
        odd[i] = binary(t, TCG_OP_vuzp2, q, s, in[2 * i], in[2 * i + 1]);
    }
    if (n == 2) {
        out[0] = even[0];
        out[1] = odd[0];
        return;
    }
    out[0] = binary(t, TCG_OP_vuzp1, q, s, even[0], even[1]);
    out[2] = binary(t, TCG_OP_vuzp2, q, s, even[0], even[1]);
    out[1] = binary(t, TCG_OP_vuzp1, q, s, odd[0], odd[1]);
    out[3] = binary(t, TCG_OP_vuzp2, q, s, odd[0], odd[1]);
}

static void interleave(struct a64_tr *t, unsigned q, unsigned s, unsigned n, const tcg_val *in,
                       tcg_val *out)
{
    tcg_val even[2], odd[2];

    if (n == 3) {
        shuffle3(t, q, s, in, out, byte_of_store);
        return;
    }
    if (n == 2) {
        out[0] = binary(t, TCG_OP_vzip1, q, s, in[0], in[1]);
        out[1] = binary(t, TCG_OP_vzip2, q, s, in[0], in[1]);
        return;
    }
    even[0] = binary(t, TCG_OP_vzip1, q, s, in[0], in[2]);
    even[1] = binary(t, TCG_OP_vzip2, q, s, in[0], in[2]);
    odd[0] = binary(t, TCG_OP_vzip1, q, s, in[1], in[3]);
    odd[1] = binary(t, TCG_OP_vzip2, q, s, in[1], in[3]);
    for (unsigned i = 0; i < 2; i++) {
        out[2 * i] = binary(t, TCG_OP_vzip1, q, s, even[i], odd[i]);
        out[2 * i + 1] = binary(t, TCG_OP_vzip2, q, s, even[i], odd[i]);
    }
}

/* ---- post-increment: bytes when m is 31, else register m ---- */

static void post(struct a64_tr *t, const struct a64_insn *a, bool on, tcg_val base, unsigned bytes)
{
    tcg_val by;

    if (!on)
        return;
    by = a->m == 31 ? tcg_imm(t->b, TCG_I64, bytes) : a64_x(t, a->m);
    a64_set_xsp(t, a->n, tcg_add(t->b, TCG_I64, base, by));
}

/* ---- whole registers: regs of them, structures of n elements (1: no interleaving) ---- */

static bool multiple(struct a64_tr *t, const struct a64_insn *a, unsigned regs, unsigned n, bool store,
                     bool inc)
{
    struct tcg_mem m = a64_mem(t, 3u + a->q, false, store ? TCG_INTENT_WRITE : TCG_INTENT_READ);
    unsigned bytes = 8u << a->q;
    tcg_val mem[MAX_REGS], reg[MAX_REGS], base;

    if (n > 1 && a->s == 3 && !a->q)
        return false;
    base = a64_base(t, a->n);
    m.atomic = 0;
    m.unit = (uint8_t)(a->s + 1); /* a sequence of accesses to elements */
    if (store) {
        for (unsigned i = 0; i < regs; i++)
            reg[i] = mem[i] = a64_v(t, a->q, (a->d + i) % 32);
        if (n > 1)
            interleave(t, a->q, a->s, n, reg, mem);
    }
    for (unsigned i = 0; i < regs; i++) {
        int32_t disp;
        tcg_val at = a64_addr(t, base, (int64_t)i * bytes, &disp);

        if (store)
            a64_store(t, &m, at, disp, mem[i]);
        else
            reg[i] = mem[i] = tcg_load(t->b, a64_vtype(a->q), &m, at, disp);
    }
    if (!store) {
        if (n > 1)
            deinterleave(t, a->q, a->s, n, mem, reg);
        for (unsigned i = 0; i < regs; i++)
            a64_set_v(t, a->q, (a->d + i) % 32, reg[i]);
    }
    post(t, a, inc, base, regs * bytes);
    return true;
}

/* ---- single structures ---- */

/* Size and index of an element from S (opcode), j (S bit), s (size bits) and q. */
static bool element(const struct a64_insn *a, unsigned *size, unsigned *index)
{
    unsigned all = (unsigned)a->q << 3 | (unsigned)a->j << 2 | a->s;

    *size = a->S;
    if (a->S == 1 && (a->s & 1))
        return false;
    if (a->S == 2 && (a->s & 2))
        return false;
    if (a->S == 2 && (a->s & 1)) {
        if (a->j)
            return false;
        *size = 3;
    }
    *index = all >> *size;
    return true;
}

static bool single(struct a64_tr *t, const struct a64_insn *a, unsigned n, bool store, bool inc)
{
    tcg_val got[MAX_REGS], base;
    unsigned size, index;
    struct tcg_mem m;
    enum tcg_type ty;

    if (!element(a, &size, &index))
        return false;
    base = a64_base(t, a->n);
    ty = size == 3 ? TCG_I64 : TCG_I32;
    m = a64_mem(t, size, false, store ? TCG_INTENT_WRITE : TCG_INTENT_READ);
    for (unsigned i = 0; i < n; i++) {
        int32_t disp;
        tcg_val at = a64_addr(t, base, (int64_t)i << size, &disp);

        if (store)
            a64_store(t, &m, at, disp, tcg_v1(t->b, TCG_OP_vget, ty, (enum tcg_lane)size,
                                              a64_q(t, (a->d + i) % 32), index));
        else
            got[i] = tcg_load(t->b, ty, &m, at, disp);
    }
    for (unsigned i = 0; i < n && !store; i++)
        a64_set_q(t, (a->d + i) % 32, tcg_v2(t->b, TCG_OP_vset, TCG_V128, (enum tcg_lane)size,
                                             a64_q(t, (a->d + i) % 32), got[i], index));
    post(t, a, inc, base, n << size);
    return true;
}

static bool replicate(struct a64_tr *t, const struct a64_insn *a, unsigned n, bool inc)
{
    struct tcg_mem m = a64_mem(t, a->s, false, TCG_INTENT_READ);
    enum tcg_type ty = a->s == 3 ? TCG_I64 : TCG_I32;
    tcg_val got[MAX_REGS], base = a64_base(t, a->n);

    for (unsigned i = 0; i < n; i++) {
        int32_t disp;
        tcg_val at = a64_addr(t, base, (int64_t)i << a->s, &disp);

        got[i] = tcg_load(t->b, ty, &m, at, disp);
    }
    for (unsigned i = 0; i < n; i++)
        a64_set_v(t, a->q, (a->d + i) % 32,
                  tcg_v1(t->b, TCG_OP_vdup, a64_vtype(a->q), (enum tcg_lane)a->s, got[i], 0));
    post(t, a, inc, base, n << a->s);
    return true;
}

bool a64_trans_ST1_m1(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 1, 1, true, false);
}

bool a64_trans_ST1_m2(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 2, 1, true, false);
}

bool a64_trans_ST1_m3(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 3, 1, true, false);
}

bool a64_trans_ST1_m4(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 4, 1, true, false);
}

bool a64_trans_ST2_m(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 2, 2, true, false);
}

bool a64_trans_ST3_m(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 3, 3, true, false);
}

bool a64_trans_ST4_m(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 4, 4, true, false);
}

bool a64_trans_ST1_1(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 1, true, false);
}

bool a64_trans_ST2_1(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 2, true, false);
}

bool a64_trans_ST3_1(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 3, true, false);
}

bool a64_trans_ST4_1(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 4, true, false);
}

bool a64_trans_ST1_m1_post(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 1, 1, true, true);
}

bool a64_trans_ST1_m2_post(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 2, 1, true, true);
}

bool a64_trans_ST1_m3_post(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 3, 1, true, true);
}

bool a64_trans_ST1_m4_post(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 4, 1, true, true);
}

bool a64_trans_ST2_m_post(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 2, 2, true, true);
}

bool a64_trans_ST3_m_post(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 3, 3, true, true);
}

bool a64_trans_ST4_m_post(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 4, 4, true, true);
}

bool a64_trans_ST1_1_post(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 1, true, true);
}

bool a64_trans_ST2_1_post(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 2, true, true);
}

bool a64_trans_ST3_1_post(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 3, true, true);
}

bool a64_trans_ST4_1_post(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 4, true, true);
}

bool a64_trans_LD1_m1(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 1, 1, false, false);
}

bool a64_trans_LD1_m2(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 2, 1, false, false);
}

bool a64_trans_LD1_m3(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 3, 1, false, false);
}

bool a64_trans_LD1_m4(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 4, 1, false, false);
}

bool a64_trans_LD2_m(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 2, 2, false, false);
}

bool a64_trans_LD3_m(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 3, 3, false, false);
}

bool a64_trans_LD4_m(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 4, 4, false, false);
}

bool a64_trans_LD1_1(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 1, false, false);
}

bool a64_trans_LD2_1(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 2, false, false);
}

bool a64_trans_LD3_1(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 3, false, false);
}

bool a64_trans_LD4_1(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 4, false, false);
}

bool a64_trans_LD1R(struct a64_tr *t, const struct a64_insn *a)
{
    return replicate(t, a, 1, false);
}

bool a64_trans_LD2R(struct a64_tr *t, const struct a64_insn *a)
{
    return replicate(t, a, 2, false);
}

bool a64_trans_LD3R(struct a64_tr *t, const struct a64_insn *a)
{
    return replicate(t, a, 3, false);
}

bool a64_trans_LD4R(struct a64_tr *t, const struct a64_insn *a)
{
    return replicate(t, a, 4, false);
}

bool a64_trans_LD1_m1_post(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 1, 1, false, true);
}

bool a64_trans_LD1_m2_post(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 2, 1, false, true);
}

bool a64_trans_LD1_m3_post(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 3, 1, false, true);
}

bool a64_trans_LD1_m4_post(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 4, 1, false, true);
}

bool a64_trans_LD2_m_post(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 2, 2, false, true);
}

bool a64_trans_LD3_m_post(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 3, 3, false, true);
}

bool a64_trans_LD4_m_post(struct a64_tr *t, const struct a64_insn *a)
{
    return multiple(t, a, 4, 4, false, true);
}

bool a64_trans_LD1_1_post(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 1, false, true);
}

bool a64_trans_LD2_1_post(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 2, false, true);
}

bool a64_trans_LD3_1_post(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 3, false, true);
}

bool a64_trans_LD4_1_post(struct a64_tr *t, const struct a64_insn *a)
{
    return single(t, a, 4, false, true);
}

bool a64_trans_LD1R_post(struct a64_tr *t, const struct a64_insn *a)
{
    return replicate(t, a, 1, true);
}

bool a64_trans_LD2R_post(struct a64_tr *t, const struct a64_insn *a)
{
    return replicate(t, a, 2, true);
}

bool a64_trans_LD3R_post(struct a64_tr *t, const struct a64_insn *a)
{
    return replicate(t, a, 3, true);
}

bool a64_trans_LD4R_post(struct a64_tr *t, const struct a64_insn *a)
{
    return replicate(t, a, 4, true);
}
