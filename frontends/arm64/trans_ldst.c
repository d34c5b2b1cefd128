/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_ldst.c -- loads and stores of general registers (manual C4.1.94): single
 * registers in all addressing modes, pairs, literals, prefetch. Exclusive and ordered accesses are
 * in trans_ldst_excl.c, atomics in trans_atomic.c, vectors in trans_simd_ldst.c.
 *
 * Write-back with an overlapping register is unpredictable in the manual; here a loaded base is
 * overwritten by the write-back, and a stored base has its old value. Prefetches do nothing. The
 * unprivileged forms have the rights of EL0, but with PSTATE.UAO. */
#include "frontends/arm64/translate.h"

#include "base/bits.h"

enum load_kind { ZERO, SIGN32, SIGN64 }; /* extension to the register */

static void load_reg(struct a64_tr *t, unsigned size, enum load_kind kind, unsigned d, tcg_val base,
                     int32_t disp)
{
    struct tcg_mem m = a64_mem(t, size, kind != ZERO, TCG_INTENT_READ);

    if (kind == SIGN32)
        a64_set_w(t, d, tcg_load(t->b, TCG_I32, &m, base, disp));
    else
        a64_set_x(t, d, tcg_load(t->b, TCG_I64, &m, base, disp));
}

static void store_reg(struct a64_tr *t, unsigned size, unsigned d, tcg_val base, int32_t disp)
{
    struct tcg_mem m = a64_mem(t, size, false, TCG_INTENT_WRITE);

    a64_store(t, &m, base, disp, size == 3 ? a64_x(t, d) : a64_w(t, d));
}

/* ---- addressing ---- */

enum mode { OFFSET, POST, PRE };
enum { STORE = 3 }; /* beside enum load_kind */

static bool access(struct a64_tr *t, const struct a64_insn *a, enum mode mode, unsigned size,
                   unsigned kind, int64_t offset)
{
    tcg_val base = a64_base(t, a->n), at;
    int32_t disp;

    at = a64_addr(t, base, mode == POST ? 0 : offset, &disp);
    if (kind == STORE)
        store_reg(t, size, a->d, at, disp);
    else
        load_reg(t, size, (enum load_kind)kind, a->d, at, disp);
    if (mode != OFFSET) /* added behind the access: the base changes in place */
        a64_add_base(t, a->n, base, offset);
    return true;
}

/* Nine-bit signed offset in bytes. */
static bool imm9(struct a64_tr *t, const struct a64_insn *a, enum mode mode, unsigned size,
                 unsigned kind)
{
    return access(t, a, mode, size, kind, bits_sext(a->i, 9));
}

static bool unprivileged(struct a64_tr *t, const struct a64_insn *a, unsigned size, unsigned kind)
{
    t->unprivileged = true;
    imm9(t, a, OFFSET, size, kind);
    t->unprivileged = false;
    return true;
}

/* Twelve-bit unsigned offset in units of the size. */
static bool imm12(struct a64_tr *t, const struct a64_insn *a, unsigned size, unsigned kind)
{
    return access(t, a, OFFSET, size, kind, (int64_t)((uint64_t)a->i << size));
}

/* x bit 1: signed, bit 0: 64-bit index; k: shifted by the size. */
static bool index_reg(struct a64_tr *t, const struct a64_insn *a, unsigned size, unsigned kind)
{
    tcg_val index, at;
    int32_t disp;

    if (a->x & 1)
        index = a64_x(t, a->m);
    else
        index = a->x & 2 ? tcg_sext(t->b, a64_w(t, a->m)) : tcg_zext(t->b, a64_w(t, a->m));
    if (a->k && size)
        index = tcg_shli(t->b, TCG_I64, index, size);
    at = a64_addr(t, tcg_add(t->b, TCG_I64, a64_base(t, a->n), index), 0, &disp);
    if (kind == STORE)
        store_reg(t, size, a->d, at, disp);
    else
        load_reg(t, size, (enum load_kind)kind, a->d, at, disp);
    return true;
}

static bool literal(struct a64_tr *t, const struct a64_insn *a, unsigned size, unsigned kind)
{
    uint64_t at = t->pc + (uint64_t)bits_sext(a->i, 19) * 4;

    load_reg(t, size, (enum load_kind)kind, a->d, tcg_imm(t->b, TCG_I64, at), 0);
    return true;
}

/* ---- pairs ---- */

/* kind: ZERO, SIGN64 or STORE. */
static bool pair(struct a64_tr *t, const struct a64_insn *a, enum mode mode, unsigned size,
                 unsigned kind)
{
    struct tcg_mem m = a64_mem(t, size, kind == SIGN64,
                               kind == STORE ? TCG_INTENT_WRITE : TCG_INTENT_READ);
    int64_t offset = bits_sext(a->i, 7) * (1 << size);
    int32_t second = 1 << size, disp;
    tcg_val base = a64_base(t, a->n), at;

    at = a64_addr(t, base, mode == POST ? 0 : offset, &disp);
    if (kind == STORE) {
        a64_store(t, &m, at, disp, size == 3 ? a64_x(t, a->d) : a64_w(t, a->d));
        a64_store(t, &m, at, disp + second, size == 3 ? a64_x(t, a->t) : a64_w(t, a->t));
    } else {
        tcg_val lo = tcg_load(t->b, TCG_I64, &m, at, disp);
        tcg_val hi = tcg_load(t->b, TCG_I64, &m, at, disp + second);

        a64_set_x(t, a->d, lo);
        a64_set_x(t, a->t, hi);
    }
    if (mode != OFFSET) /* added behind the access: the base changes in place */
        a64_add_base(t, a->n, base, offset);
    return true;
}

/* ---- the rows ---- */

bool a64_trans_STUR(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, OFFSET, a->s, STORE);
}

bool a64_trans_LDUR(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, OFFSET, a->s, ZERO);
}

bool a64_trans_LDURS(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, OFFSET, a->s, a->x ? SIGN32 : SIGN64);
}

bool a64_trans_LDURSW(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, OFFSET, 2, SIGN64);
}

bool a64_trans_STTR(struct a64_tr *t, const struct a64_insn *a)
{
    return unprivileged(t, a, a->s, STORE);
}

bool a64_trans_LDTR(struct a64_tr *t, const struct a64_insn *a)
{
    return unprivileged(t, a, a->s, ZERO);
}

bool a64_trans_LDTRS(struct a64_tr *t, const struct a64_insn *a)
{
    return unprivileged(t, a, a->s, a->x ? SIGN32 : SIGN64);
}

bool a64_trans_LDTRSW(struct a64_tr *t, const struct a64_insn *a)
{
    return unprivileged(t, a, 2, SIGN64);
}

bool a64_trans_STR_post(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, POST, a->s, STORE);
}

bool a64_trans_LDR_post(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, POST, a->s, ZERO);
}

bool a64_trans_LDRS_post(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, POST, a->s, a->x ? SIGN32 : SIGN64);
}

bool a64_trans_LDRSW_post(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, POST, 2, SIGN64);
}

bool a64_trans_STR_pre(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, PRE, a->s, STORE);
}

bool a64_trans_LDR_pre(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, PRE, a->s, ZERO);
}

bool a64_trans_LDRS_pre(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, PRE, a->s, a->x ? SIGN32 : SIGN64);
}

bool a64_trans_LDRSW_pre(struct a64_tr *t, const struct a64_insn *a)
{
    return imm9(t, a, PRE, 2, SIGN64);
}

bool a64_trans_STR_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return imm12(t, a, a->s, STORE);
}

bool a64_trans_LDR_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return imm12(t, a, a->s, ZERO);
}

bool a64_trans_LDRS_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return imm12(t, a, a->s, a->x ? SIGN32 : SIGN64);
}

bool a64_trans_LDRSW_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return imm12(t, a, 2, SIGN64);
}

bool a64_trans_STR_reg(struct a64_tr *t, const struct a64_insn *a)
{
    return index_reg(t, a, a->s, STORE);
}

bool a64_trans_LDR_reg(struct a64_tr *t, const struct a64_insn *a)
{
    return index_reg(t, a, a->s, ZERO);
}

bool a64_trans_LDRS_reg(struct a64_tr *t, const struct a64_insn *a)
{
    return index_reg(t, a, a->s, a->j ? SIGN32 : SIGN64);
}

bool a64_trans_LDRSW_reg(struct a64_tr *t, const struct a64_insn *a)
{
    return index_reg(t, a, 2, SIGN64);
}

bool a64_trans_LDR_lit(struct a64_tr *t, const struct a64_insn *a)
{
    return literal(t, a, a->z ? 3 : 2, ZERO);
}

bool a64_trans_LDRSW_lit(struct a64_tr *t, const struct a64_insn *a)
{
    return literal(t, a, 2, SIGN64);
}

bool a64_trans_STP_off(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, OFFSET, a->z ? 3 : 2, STORE);
}

bool a64_trans_LDP_off(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, OFFSET, a->z ? 3 : 2, ZERO);
}

bool a64_trans_LDPSW_off(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, OFFSET, 2, SIGN64);
}

bool a64_trans_STP_post(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, POST, a->z ? 3 : 2, STORE);
}

bool a64_trans_LDP_post(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, POST, a->z ? 3 : 2, ZERO);
}

bool a64_trans_LDPSW_post(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, POST, 2, SIGN64);
}

bool a64_trans_STP_pre(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, PRE, a->z ? 3 : 2, STORE);
}

bool a64_trans_LDP_pre(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, PRE, a->z ? 3 : 2, ZERO);
}

bool a64_trans_LDPSW_pre(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, PRE, 2, SIGN64);
}

bool a64_trans_STNP(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, OFFSET, a->z ? 3 : 2, STORE);
}

bool a64_trans_LDNP(struct a64_tr *t, const struct a64_insn *a)
{
    return pair(t, a, OFFSET, a->z ? 3 : 2, ZERO);
}

bool a64_trans_PRFM_lit(struct a64_tr *t, const struct a64_insn *a)
{
    (void)t, (void)a;
    return true;
}

bool a64_trans_PRFM_imm(struct a64_tr *t, const struct a64_insn *a)
{
    (void)t, (void)a;
    return true;
}

bool a64_trans_PRFM_reg(struct a64_tr *t, const struct a64_insn *a)
{
    (void)t, (void)a;
    return true;
}

bool a64_trans_PRFUM(struct a64_tr *t, const struct a64_insn *a)
{
    (void)t, (void)a;
    return true;
}
