/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_ldst_excl.c -- exclusive and ordered accesses (manual C4.1.94).
 *
 * The monitor is the address and the value that were loaded; a store exclusive to another address
 * fails, otherwise it is a compare-exchange. For a pair without any other access in between this
 * is exact, since the load could as well have happened just before the store. For other pairs a
 * change of the location and back to the same value goes unseen.
 *
 * Not modelled: the size of the granule (only the accessed bytes count). */
#include "frontends/arm64/translate.h"

#include "base/bits.h"

/* ---- exclusive ---- */

static struct tcg_mem excl_mem(struct a64_tr *t, unsigned size, enum tcg_intent intent,
                               enum tcg_order order)
{
    struct tcg_mem m = a64_mem(t, size, false, intent);

    m.align = TCG_ALIGN_NATURAL;
    m.atomic = 1;
    m.order = (uint8_t)order;
    return m;
}

static bool load_excl(struct a64_tr *t, const struct a64_insn *a, enum tcg_order order)
{
    struct tcg_mem m = excl_mem(t, a->s, TCG_INTENT_READ, order);
    int32_t none;
    tcg_val at = a64_addr(t, a64_xsp(t, a->n), 0, &none);
    tcg_val v = tcg_load(t->b, TCG_I64, &m, at, 0);

    tcg_put(t->b, A64_U_EXCL_ADDR, at);
    tcg_put(t->b, A64_U_EXCL_LO, v);
    a64_set_x(t, a->d, v);
    return true;
}

/* A misaligned pair must fault as a whole: the first load checks 2 << size bytes. */
static bool load_pair_excl(struct a64_tr *t, const struct a64_insn *a, enum tcg_order order)
{
    struct tcg_builder *b = t->b;
    struct tcg_mem m = excl_mem(t, 3, TCG_INTENT_READ, order);
    int32_t none;
    tcg_val at = a64_addr(t, a64_xsp(t, a->n), 0, &none), lo, hi;

    if (!a->z) {
        lo = tcg_load(b, TCG_I64, &m, at, 0);
        tcg_put(b, A64_U_EXCL_ADDR, at);
        tcg_put(b, A64_U_EXCL_LO, lo);
        a64_set_x(t, a->d, tcg_extract(b, TCG_I64, lo, 0, 32));
        a64_set_x(t, a->t, tcg_shri(b, TCG_I64, lo, 32));
        return true;
    }
    a64_check_align(t, at, 16, false);
    lo = tcg_load(b, TCG_I64, &m, at, 0);
    hi = tcg_load(b, TCG_I64, &m, at, 8);
    tcg_put(b, A64_U_EXCL_ADDR, at);
    tcg_put(b, A64_U_EXCL_LO, lo);
    tcg_put(b, A64_U_EXCL_HI, hi);
    a64_set_x(t, a->d, lo);
    a64_set_x(t, a->t, hi);
    return true;
}

/* Up to the compare-exchange: leaves to a cold block unless the monitor holds this address. */
static void check_monitor(struct a64_tr *t, const struct a64_insn *a, tcg_val at, unsigned bytes)
{
    struct tcg_builder *b = t->b;
    tcg_val same = tcg_setcc(b, TCG_EQ, tcg_get(b, A64_U_EXCL_ADDR), at);
    unsigned fail = tcg_block_new(b, false), go = tcg_block_new(b, false);

    tcg_brcond(b, same, go, fail);
    tcg_block_at(b, fail);
    tcg_block_cold(b, fail);
    a64_check_align(t, at, bytes, true);
    tcg_put(b, A64_U_EXCL_ADDR, tcg_imm(b, TCG_I64, ~0ull));
    a64_set_x(t, a->r, tcg_imm(b, TCG_I64, 1));
    tcg_goto_pc(b, t->pc + 4, TCG_HINT_NONE, 0);
    tcg_block_at(b, go);
}

static bool store_excl(struct a64_tr *t, const struct a64_insn *a, enum tcg_order order)
{
    struct tcg_builder *b = t->b;
    struct tcg_mem m = excl_mem(t, a->s, TCG_INTENT_RW, order);
    enum tcg_type ty = a64_type(a->s == 3);
    int32_t none;
    tcg_val at = a64_addr(t, a64_xsp(t, a->n), 0, &none), expect, old;

    check_monitor(t, a, at, 1u << a->s);
    expect = tcg_get(b, A64_U_EXCL_LO);
    if (a->s != 3)
        expect = tcg_trunc(b, expect);
    if (a->s < 2)
        expect = tcg_extract(b, TCG_I32, expect, 0, 8u << a->s);
    old = tcg_cmpxchg(b, ty, &m, at, expect, a64_r(t, a->s == 3, a->d));
    tcg_put(b, A64_U_EXCL_ADDR, tcg_imm(b, TCG_I64, ~0ull));
    a64_set_w(t, a->r, tcg_setcc(b, TCG_NE, old, expect));
    return true;
}

static bool store_pair_excl(struct a64_tr *t, const struct a64_insn *a, enum tcg_order order)
{
    struct tcg_builder *b = t->b;
    struct tcg_mem m = excl_mem(t, a->z ? 4 : 3, TCG_INTENT_RW, order);
    int32_t none;
    tcg_val at = a64_addr(t, a64_xsp(t, a->n), 0, &none), lo, hi, old, want, differ;

    check_monitor(t, a, at, a->z ? 16 : 8);
    lo = tcg_get(b, A64_U_EXCL_LO);
    if (a->z) {
        hi = tcg_get(b, A64_U_EXCL_HI);
        want = tcg_pair(b, a64_x(t, a->d), a64_x(t, a->t));
        old = tcg_cmpxchg(b, TCG_I128, &m, at, tcg_pair(b, lo, hi), want);
        differ = tcg_or(b, TCG_I64, tcg_xor(b, TCG_I64, tcg_lo(b, old), lo),
                        tcg_xor(b, TCG_I64, tcg_hi(b, old), hi));
        differ = tcg_setcc(b, TCG_NE, differ, tcg_imm(b, TCG_I64, 0));
    } else {
        want = tcg_deposit(b, TCG_I64, a64_x(t, a->d), a64_x(t, a->t), 32, 32);
        old = tcg_cmpxchg(b, TCG_I64, &m, at, lo, want);
        differ = tcg_setcc(b, TCG_NE, old, lo);
    }
    tcg_put(b, A64_U_EXCL_ADDR, tcg_imm(b, TCG_I64, ~0ull));
    a64_set_w(t, a->r, differ);
    return true;
}

bool a64_trans_CLREX(struct a64_tr *t, const struct a64_insn *a)
{
    (void)a;
    tcg_put(t->b, A64_U_EXCL_ADDR, tcg_imm(t->b, TCG_I64, ~0ull));
    return true;
}

bool a64_trans_LDXR(struct a64_tr *t, const struct a64_insn *a)
{
    return load_excl(t, a, TCG_ORDER_PLAIN);
}

bool a64_trans_LDAXR(struct a64_tr *t, const struct a64_insn *a)
{
    return load_excl(t, a, TCG_ORDER_ACQUIRE);
}

bool a64_trans_LDXP(struct a64_tr *t, const struct a64_insn *a)
{
    return load_pair_excl(t, a, TCG_ORDER_PLAIN);
}

bool a64_trans_LDAXP(struct a64_tr *t, const struct a64_insn *a)
{
    return load_pair_excl(t, a, TCG_ORDER_ACQUIRE);
}

bool a64_trans_STXR(struct a64_tr *t, const struct a64_insn *a)
{
    return store_excl(t, a, TCG_ORDER_PLAIN);
}

bool a64_trans_STLXR(struct a64_tr *t, const struct a64_insn *a)
{
    return store_excl(t, a, TCG_ORDER_RELEASE);
}

bool a64_trans_STXP(struct a64_tr *t, const struct a64_insn *a)
{
    return store_pair_excl(t, a, TCG_ORDER_PLAIN);
}

bool a64_trans_STLXP(struct a64_tr *t, const struct a64_insn *a)
{
    return store_pair_excl(t, a, TCG_ORDER_RELEASE);
}

/* ---- ordered ---- */

static struct tcg_mem ordered_mem(struct a64_tr *t, unsigned size, bool sign,
                                  enum tcg_intent intent, enum tcg_order order)
{
    struct tcg_mem m = a64_mem(t, size, sign, intent);

    m.align = TCG_ALIGN_NATURAL; /* no FEAT_LSE2 */
    m.order = (uint8_t)order;
    return m;
}

static bool load_ordered(struct a64_tr *t, const struct a64_insn *a, unsigned size, bool sign,
                         bool to32, enum tcg_order order, int64_t offset)
{
    struct tcg_mem m = ordered_mem(t, size, sign, TCG_INTENT_READ, order);
    int32_t disp;
    tcg_val at = a64_addr(t, a64_xsp(t, a->n), offset, &disp);

    if (to32)
        a64_set_w(t, a->d, tcg_load(t->b, TCG_I32, &m, at, disp));
    else
        a64_set_x(t, a->d, tcg_load(t->b, TCG_I64, &m, at, disp));
    return true;
}

static bool store_release(struct a64_tr *t, const struct a64_insn *a, int64_t offset)
{
    struct tcg_mem m = ordered_mem(t, a->s, false, TCG_INTENT_WRITE, TCG_ORDER_RELEASE);
    int32_t disp;
    tcg_val at = a64_addr(t, a64_xsp(t, a->n), offset, &disp);

    a64_store(t, &m, at, disp, a64_r(t, a->s == 3, a->d));
    return true;
}

bool a64_trans_LDAR(struct a64_tr *t, const struct a64_insn *a)
{
    return load_ordered(t, a, a->s, false, false, TCG_ORDER_ACQUIRE, 0);
}

bool a64_trans_LDLAR(struct a64_tr *t, const struct a64_insn *a)
{
    return load_ordered(t, a, a->s, false, false, TCG_ORDER_ACQUIRE, 0);
}

bool a64_trans_LDAPR(struct a64_tr *t, const struct a64_insn *a)
{
    return load_ordered(t, a, a->s, false, false, TCG_ORDER_ACQUIRE_PC, 0);
}

bool a64_trans_STLR(struct a64_tr *t, const struct a64_insn *a)
{
    return store_release(t, a, 0);
}

bool a64_trans_STLLR(struct a64_tr *t, const struct a64_insn *a)
{
    return store_release(t, a, 0);
}

bool a64_trans_STLUR(struct a64_tr *t, const struct a64_insn *a)
{
    return store_release(t, a, bits_sext(a->i, 9));
}

bool a64_trans_LDAPUR(struct a64_tr *t, const struct a64_insn *a)
{
    return load_ordered(t, a, a->s, false, false, TCG_ORDER_ACQUIRE_PC, bits_sext(a->i, 9));
}

bool a64_trans_LDAPURS(struct a64_tr *t, const struct a64_insn *a)
{
    return load_ordered(t, a, a->s, true, a->x, TCG_ORDER_ACQUIRE_PC, bits_sext(a->i, 9));
}

bool a64_trans_LDAPURSW(struct a64_tr *t, const struct a64_insn *a)
{
    return load_ordered(t, a, 2, true, false, TCG_ORDER_ACQUIRE_PC, bits_sext(a->i, 9));
}
