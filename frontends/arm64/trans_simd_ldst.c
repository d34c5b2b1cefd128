/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_simd_ldst.c -- loads and stores of vector registers (manual C4.1.94): single
 * registers of 1 to 16 bytes in all addressing modes, pairs, literals. Structures are in
 * trans_simd_struct.c. Overlaps of write-back that the manual calls unpredictable cannot occur: the
 * base is a general register. */
#include "frontends/arm64/simd.h"

#include "base/bits.h"

static tcg_val load_v(struct a64_tr *t, unsigned size, tcg_val base, int32_t disp)
{
    struct tcg_mem m = a64_mem(t, size, false, TCG_INTENT_READ);
    tcg_val v;

    switch (size) {
    case 0:
    case 1:
        v = tcg_fraw(t->b, TCG_F32, tcg_load(t->b, TCG_I32, &m, base, disp));
        return tcg_vfromf(t->b, TCG_V128, v);
    case 2:
        return tcg_vfromf(t->b, TCG_V128, tcg_load(t->b, TCG_F32, &m, base, disp));
    case 3:
        return tcg_vfromf(t->b, TCG_V128, tcg_load(t->b, TCG_F64, &m, base, disp));
    default:
        return tcg_load(t->b, TCG_V128, &m, base, disp);
    }
}

static void store_v(struct a64_tr *t, unsigned size, unsigned r, tcg_val base, int32_t disp)
{
    struct tcg_mem m = a64_mem(t, size, false, TCG_INTENT_WRITE);
    tcg_val v = a64_q(t, r);

    if (size < 2)
        v = tcg_v1(t->b, TCG_OP_vget, TCG_I32, (enum tcg_lane)size, v, 0);
    else if (size < 4)
        v = tcg_vtof(t->b, size == 2 ? TCG_F32 : TCG_F64, v);
    a64_store(t, &m, base, disp, v);
}

enum mode { OFFSET, POST, PRE };

static bool access(struct a64_tr *t, const struct a64_insn *a, enum mode mode, unsigned size,
                   bool store, int64_t offset)
{
    tcg_val base = a64_base(t, a->n), at, v = TCG_NONE;
    int32_t disp;

    at = a64_addr(t, base, mode == POST ? 0 : offset, &disp);
    if (store)
        store_v(t, size, a->d, at, disp);
    else
        v = load_v(t, size, at, disp);
    if (!store)
        a64_set_q(t, a->d, v);
    if (mode != OFFSET)
        a64_add_base(t, a->n, base, offset);
    return true;
}

/* Size of a single register from q:s; false: undefined. */
static bool size_of(const struct a64_insn *a, unsigned *size)
{
    *size = (unsigned)a->q << 2 | a->s;
    return *size <= 4;
}

static bool imm9(struct a64_tr *t, const struct a64_insn *a, enum mode mode, bool store)
{
    unsigned size;

    return size_of(a, &size) && access(t, a, mode, size, store, bits_sext(a->i, 9));
}

static bool imm12(struct a64_tr *t, const struct a64_insn *a, bool store)
{
    unsigned size;

    return size_of(a, &size) && access(t, a, OFFSET, size, store, (int64_t)a->i << size);
}

/* x bit 1: signed, bit 0: 64-bit index; k: shifted by the size. */
static bool index_reg(struct a64_tr *t, const struct a64_insn *a, bool store)
{
    tcg_val index, at, v;
    unsigned size;
    int32_t disp;

    if (!size_of(a, &size))
        return false;
    if (a->x & 1)
        index = a64_x(t, a->m);
    else
        index = a->x & 2 ? tcg_sext(t->b, a64_w(t, a->m)) : tcg_zext(t->b, a64_w(t, a->m));
    if (a->k && size)
        index = tcg_shli(t->b, TCG_I64, index, size);
    at = a64_addr(t, tcg_add(t->b, TCG_I64, a64_base(t, a->n), index), 0, &disp);
    if (store) {
        store_v(t, size, a->d, at, disp);
    } else {
        v = load_v(t, size, at, disp);
        a64_set_q(t, a->d, v);
    }
    return true;
}

/* Size: 4 << S bytes. */
static bool pair(struct a64_tr *t, const struct a64_insn *a, enum mode mode, bool store)
{
    unsigned size = a->S + 2u;
    int64_t offset = bits_sext(a->i, 7) * (1 << size);
    int32_t second = 1 << size, disp;
    tcg_val base = a64_base(t, a->n), at;

    at = a64_addr(t, base, mode == POST ? 0 : offset, &disp);
    if (store) {
        store_v(t, size, a->d, at, disp);
        store_v(t, size, a->t, at, disp + second);
    } else {
        tcg_val lo = load_v(t, size, at, disp), hi = load_v(t, size, at, disp + second);

        a64_set_q(t, a->d, lo);
        a64_set_q(t, a->t, hi);
    }
    if (mode != OFFSET)
        a64_add_base(t, a->n, base, offset);
    return true;
}

bool a64_trans_STUR_v(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, OFFSET, true);
}

bool a64_trans_STR_post_v(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, POST, true);
}

bool a64_trans_STR_pre_v(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, PRE, true);
}

bool a64_trans_STR_imm_v(struct a64_tr *t, const struct a64_insn *a)
{
    return imm12(t, a, true);
}

bool a64_trans_STR_reg_v(struct a64_tr *t, const struct a64_insn *a)
{
    return index_reg(t, a, true);
}

bool a64_trans_STNP_v(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, OFFSET, true);
}

bool a64_trans_STP_off_v(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, OFFSET, true);
}

bool a64_trans_STP_post_v(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, POST, true);
}

bool a64_trans_STP_pre_v(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, PRE, true);
}

bool a64_trans_LDUR_v(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, OFFSET, false);
}

bool a64_trans_LDR_post_v(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, POST, false);
}

bool a64_trans_LDR_pre_v(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, PRE, false);
}

bool a64_trans_LDR_imm_v(struct a64_tr *t, const struct a64_insn *a)
{
    return imm12(t, a, false);
}

bool a64_trans_LDR_reg_v(struct a64_tr *t, const struct a64_insn *a)
{
    return index_reg(t, a, false);
}

bool a64_trans_LDNP_v(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, OFFSET, false);
}

bool a64_trans_LDP_off_v(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, OFFSET, false);
}

bool a64_trans_LDP_post_v(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, POST, false);
}

bool a64_trans_LDP_pre_v(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, PRE, false);
}

bool a64_trans_LDR_lit_v(struct a64_tr *t, const struct a64_insn *a)
{
    uint64_t at = t->pc + (uint64_t)bits_sext(a->i, 19) * 4;
    
    a64_set_q(t, a->d, load_v(t, a->S + 2u, tcg_imm(t->b, TCG_I64, at), 0));
    return true;
}
