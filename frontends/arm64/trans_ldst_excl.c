/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_ldst_excl.c -- exclusive and ordered accesses (manual C4.1.94).
 *
 * The monitor is the address and the value that were loaded; a store exclusive to another address
 * fails, otherwise it is a compare-exchange. For a pair with only operations on registers in between
 * this is exact, since the load could as well have happened just before the store. Any other pair
 * needs the store monitor (tcg/monitor.h), which is off until there is such a pair and a second
 * vcpu: docs/decisions/012.
 *
 * A pair is of the first kind if the translator sees load, quiet instructions and store in one
 * region, or if the region of the load was left with nothing noisy behind the load for a constant
 * pc (a64_cpu.excl_pair), where the region of the store begins and is quiet up to the store.
 *
 * Own stores in between make a store exclusive fail by the value alone. Not modelled: the size of the granule. */
#include "frontends/arm64/translate.h"

#include "tcg/monitor.h"

#include "base/bits.h"

/* ---- what stands between load and store ---- */

/* Rows after which a comparison of values is no longer enough. The rest computes in registers. */
static const bool noisy[A64_OP_COUNT] = {
#define INSN(name, bits, feature) [A64_##name] = true,
#include "frontends/arm64/insn_ldst.def"
#undef INSN
    [A64_SVC] = true, [A64_HVC] = true, [A64_SMC] = true, [A64_BRK] = true, [A64_HLT] = true,
    [A64_SYS] = true, [A64_SYSL] = true, [A64_MSR] = true, [A64_MRS] = true, [A64_MSR_imm] = true,
    [A64_CLREX] = true, [A64_WFI] = true, [A64_WFE] = true, [A64_ERET] = true, [A64_ERETA] = true,
};

static bool is_load(uint32_t op)
{
    return op == A64_LDXR || op == A64_LDAXR || op == A64_LDXP || op == A64_LDAXP;
}

static bool is_prefetch(uint32_t op)
{
    return op == A64_PRFM_lit || op == A64_PRFUM || op == A64_PRFM_reg || op == A64_PRFM_imm;
}

void a64_excl_note(struct a64_tr *t, const struct a64_insn *a)
{
    if (is_load(a->op)) {
        t->excl = A64_EXCL_OPEN;
        t->excl_left = A64_EXCL_REACH;
    } else if ((noisy[a->op] && !is_prefetch(a->op)) || !t->excl_left) {
        t->excl = A64_EXCL_NOISE;
    } else {
        t->excl_left--;
    }
}

void a64_excl_leave(struct a64_tr *t, enum a64_excl at_branch, uint64_t target)
{
    if (t->one || t->cpu->vc.engine->leave) /* whose oracle has other regions */
        return;
    if (at_branch == A64_EXCL_OPEN)
        tcg_put(t->b, A64_U_EXCL_PAIR, tcg_imm(t->b, TCG_I64, target));
    else if (at_branch == A64_EXCL_START && t->excl_from_start) /* this start was for once only */
        tcg_put(t->b, A64_U_EXCL_PAIR, tcg_imm(t->b, TCG_I64, 0));
}

/* Behind the address and in front of the load. */
static void open_monitor(struct a64_tr *t, tcg_val at)
{
    if (t->key & A64_KEYBIT_STORE_MONITOR)
        tcg_call(t->b, &tcg_monitor_load_helper, &at);
}

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

static void note_load(struct a64_tr *t, tcg_val at)
{
    tcg_put(t->b, A64_U_EXCL_ADDR, at);
    tcg_put(t->b, A64_U_EXCL_PAIR, tcg_imm(t->b, TCG_I64, 0));
}

static bool load_excl(struct a64_tr *t, const struct a64_insn *a, enum tcg_order order)
{
    struct tcg_mem m = excl_mem(t, a->s, TCG_INTENT_READ, order);
    int32_t none;
    tcg_val at = a64_addr(t, a64_base(t, a->n), 0, &none);
    tcg_val v;

    open_monitor(t, at);
    v = tcg_load(t->b, TCG_I64, &m, at, 0);
    note_load(t, at);
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
    tcg_val at = a64_addr(t, a64_base(t, a->n), 0, &none), lo, hi;

    open_monitor(t, at);
    if (!a->z) {
        lo = tcg_load(b, TCG_I64, &m, at, 0);
        note_load(t, at);
        tcg_put(b, A64_U_EXCL_LO, lo);
        a64_set_x(t, a->d, tcg_extract(b, TCG_I64, lo, 0, 32));
        a64_set_x(t, a->t, tcg_shri(b, TCG_I64, lo, 32));
        return true;
    }
    a64_check_align(t, at, 16, false);
    lo = tcg_load(b, TCG_I64, &m, at, 0);
    hi = tcg_load(b, TCG_I64, &m, at, 8);
    note_load(t, at);
    tcg_put(b, A64_U_EXCL_LO, lo);
    tcg_put(b, A64_U_EXCL_HI, hi);
    a64_set_x(t, a->d, lo);
    a64_set_x(t, a->t, hi);
    return true;
}

/* The cold block of a store exclusive that fails. look: and lets the engine look around. */
static void fail(struct a64_tr *t, const struct a64_insn *a, unsigned block, tcg_val at,
                 unsigned bytes, bool look)
{
    struct tcg_builder *b = t->b;

    tcg_block_at(b, block);
    tcg_block_cold(b, block);
    a64_check_align(t, at, bytes, true);
    tcg_put(b, A64_U_EXCL_ADDR, tcg_imm(b, TCG_I64, ~0ull));
    a64_set_x(t, a->r, tcg_imm(b, TCG_I64, 1));
    if (look)
        tcg_exit(b, TCG_EXIT_SYNC, tcg_imm(b, TCG_I64, t->pc + 4), 0, tcg_imm(b, TCG_I64, 0));
    else
        tcg_goto_pc(b, t->pc + 4, TCG_HINT_NONE, 0);
}

/* Up to the compare-exchange: leaves to a cold block unless the monitor holds this address. */
static void check_monitor(struct a64_tr *t, const struct a64_insn *a, tcg_val at, unsigned bytes)
{
    struct tcg_builder *b = t->b;
    tcg_val same = tcg_setcc(b, TCG_EQ, tcg_get(b, A64_U_EXCL_ADDR), at), ok, quiet;
    unsigned bad = tcg_block_new(b, false), go = tcg_block_new(b, false);
    bool on = t->key & A64_KEYBIT_STORE_MONITOR;

    tcg_brcond(b, same, go, bad);
    fail(t, a, bad, at, bytes, false);
    tcg_block_at(b, go);
    if (!on && t->excl == A64_EXCL_OPEN)
        return;
    if (on) {
        ok = tcg_call(b, &tcg_monitor_store_helper, &at);
    } else {
        quiet = tcg_imm(b, TCG_I32, 0);
        if (t->excl == A64_EXCL_START) {
            t->excl_from_start = true;
            quiet = tcg_setcc(b, TCG_EQ, tcg_get(b, A64_U_EXCL_PAIR),
                              tcg_imm(b, TCG_I64, t->start));
        }
        ok = tcg_call(b, &tcg_monitor_plain_helper, &quiet);
    }
    bad = tcg_block_new(b, false);
    go = tcg_block_new(b, false);
    tcg_brcond(b, tcg_setcc(b, TCG_NE, ok, tcg_imm(b, TCG_I32, 0)), go, bad);
    fail(t, a, bad, at, bytes, !on);
    tcg_block_at(b, go);
}

static bool store_excl(struct a64_tr *t, const struct a64_insn *a, enum tcg_order order)
{
    struct tcg_builder *b = t->b;
    struct tcg_mem m = excl_mem(t, a->s, TCG_INTENT_RW, order);
    enum tcg_type ty = a64_type(a->s == 3);
    int32_t none;
    tcg_val at = a64_addr(t, a64_base(t, a->n), 0, &none), expect, old;

    check_monitor(t, a, at, 1u << a->s);
    expect = tcg_get(b, A64_U_EXCL_LO);
    if (a->s != 3)
        expect = tcg_trunc(b, expect);
    if (a->s < 2)
        expect = tcg_extract(b, TCG_I32, expect, 0, 8u << a->s);
    old = tcg_cmpxchg(b, ty, &m, at, expect, a64_r(t, a->s == 3, a->d));
    a64_monitor_unlock(t);
    tcg_put(b, A64_U_EXCL_ADDR, tcg_imm(b, TCG_I64, ~0ull));
    a64_set_w(t, a->r, tcg_setcc(b, TCG_NE, old, expect));
    return true;
}

static bool store_pair_excl(struct a64_tr *t, const struct a64_insn *a, enum tcg_order order)
{
    struct tcg_builder *b = t->b;
    struct tcg_mem m = excl_mem(t, a->z ? 4 : 3, TCG_INTENT_RW, order);
    int32_t none;
    tcg_val at = a64_addr(t, a64_base(t, a->n), 0, &none), lo, hi, old, want, differ;

    check_monitor(t, a, at, a->z ? 16 : 8);
    lo = tcg_get(b, A64_U_EXCL_LO);
    if (a->z) {
        hi = tcg_get(b, A64_U_EXCL_HI);
        want = tcg_pair(b, a64_x(t, a->d), a64_x(t, a->t));
        old = tcg_cmpxchg(b, TCG_I128, &m, at, tcg_pair(b, lo, hi), want);
        a64_monitor_unlock(t);
        differ = tcg_or(b, TCG_I64, tcg_xor(b, TCG_I64, tcg_lo(b, old), lo),
                        tcg_xor(b, TCG_I64, tcg_hi(b, old), hi));
        differ = tcg_setcc(b, TCG_NE, differ, tcg_imm(b, TCG_I64, 0));
    } else {
        want = tcg_deposit(b, TCG_I64, a64_x(t, a->d), a64_x(t, a->t), 32, 32);
        old = tcg_cmpxchg(b, TCG_I64, &m, at, lo, want);
        a64_monitor_unlock(t);
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
    tcg_val at = a64_addr(t, a64_base(t, a->n), offset, &disp);

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
    tcg_val at = a64_addr(t, a64_base(t, a->n), offset, &disp);

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
