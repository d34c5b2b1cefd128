/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_dp_imm.c -- data processing with an immediate (manual C4.1.92). */
#include "frontends/arm64/translate.h"

#include "base/bits.h"

bool a64_trans_ADR(struct a64_tr *t, const struct a64_insn *a)
{
    uint64_t offset = (uint64_t)bits_sext(a->i << 2 | a->j, 21);

    a64_set_x(t, a->d, tcg_imm(t->b, TCG_I64, t->pc + offset));
    return true;
}

bool a64_trans_ADRP(struct a64_tr *t, const struct a64_insn *a)
{
    uint64_t offset = (uint64_t)bits_sext(a->i << 2 | a->j, 21) << 12;

    a64_set_x(t, a->d, tcg_imm(t->b, TCG_I64, (t->pc & ~0xfffull) + offset));
    return true;
}

/* ---- add, subtract ---- */

static bool add_sub(struct a64_tr *t, const struct a64_insn *a, bool sub, bool flags)
{
    enum tcg_type ty = a64_type(a->z);
    unsigned width = a->z ? 3 : 2;
    tcg_val x = a64_rsp(t, a->z, a->n);
    tcg_val y = tcg_imm(t->b, ty, (uint64_t)a->i << (a->h ? 12 : 0));
    tcg_val r = sub ? tcg_sub(t->b, ty, x, y) : tcg_add(t->b, ty, x, y);

    if (!flags) {
        a64_set_rsp(t, a->z, a->d, r);
        if (a->n == 31 && (a->h || !(a->i & 15)) && a->z)
            t->sp_written = false;
        return true;
    }
    a64_set_flags(t, tcg_flags(t->b, sub ? TCG_OP_subf : TCG_OP_addf, width, sub, x, y, TCG_NONE));
    a64_set_r(t, a->z, a->d, r);
    return true;
}

bool a64_trans_ADD_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub(t, a, false, false);
}

bool a64_trans_ADDS_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub(t, a, false, true);
}

bool a64_trans_SUB_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub(t, a, true, false);
}

bool a64_trans_SUBS_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub(t, a, true, true);
}

/* ---- minimum, maximum (CSSC) ---- */

static bool min_max(struct a64_tr *t, const struct a64_insn *a, enum tcg_cond take_x, bool sign)
{
    enum tcg_type ty = a64_type(a->z);
    tcg_val x = a64_r(t, a->z, a->n);
    tcg_val y = tcg_imm(t->b, ty, sign ? (uint64_t)bits_sext(a->i, 8) : a->i);

    a64_set_r(t, a->z, a->d, tcg_select(t->b, ty, tcg_setcc(t->b, take_x, x, y), x, y));
    return true;
}

bool a64_trans_SMAX_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return min_max(t, a, TCG_GT, true);
}

bool a64_trans_UMAX_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return min_max(t, a, TCG_GTU, false);
}

bool a64_trans_SMIN_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return min_max(t, a, TCG_LT, true);
}

bool a64_trans_UMIN_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return min_max(t, a, TCG_LTU, false);
}

/* ---- logical ---- */

/* The value that N, immr and imms describe; false: reserved. An element of 2, 4, ... 64 bits, of
 * which imms + 1 are ones, rotated right by immr, is repeated. */
static bool bit_mask(const struct a64_insn *a, uint64_t *out)
{
    unsigned size_code = (unsigned)a->N << 6 | (~a->j & 0x3f);
    unsigned len, size, ones, rot;
    uint64_t elem;

    if (size_code < 2 || (a->N && !a->z))
        return false;
    len = 31 - (unsigned)__builtin_clz(size_code);
    size = 1u << len;
    ones = (a->j & (size - 1)) + 1;
    rot = a->i & (size - 1);
    if (ones == size)
        return false;
    elem = bits_mask(ones);
    if (rot)
        elem = (elem >> rot | elem << (size - rot)) & bits_mask(size);
    for (unsigned have = size; have < 64; have *= 2)
        elem |= elem << have;
    *out = elem;
    return true;
}

static bool logic(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op, bool flags)
{
    enum tcg_type ty = a64_type(a->z);
    uint64_t mask;
    tcg_val r;

    if (!bit_mask(a, &mask))
        return false;
    r = tcg_emit(t->b, op, ty, 0, a64_r(t, a->z, a->n), tcg_imm(t->b, ty, mask), 0, 0, 0);
    if (!flags) {
        a64_set_rsp(t, a->z, a->d, r);
        if (op == TCG_OP_and && !(mask & 15) && !(t->key & A64_KEYBIT_SP_ALIGN))
            t->sp_written = false;
        return true;
    }
    a64_set_flags(t, tcg_flags(t->b, TCG_OP_logicf, a->z ? 3 : 2, 0, r, TCG_NONE, TCG_NONE));
    a64_set_r(t, a->z, a->d, r);
    return true;
}

bool a64_trans_AND_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return logic(t, a, TCG_OP_and, false);
}

bool a64_trans_ORR_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return logic(t, a, TCG_OP_or, false);
}

bool a64_trans_EOR_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return logic(t, a, TCG_OP_xor, false);
}

bool a64_trans_ANDS_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return logic(t, a, TCG_OP_and, true);
}

/* ---- move wide ---- */

bool a64_trans_MOVN(struct a64_tr *t, const struct a64_insn *a)
{
    if (!a->z && a->h > 1)
        return false;
    a64_set_r(t, a->z, a->d, tcg_imm(t->b, a64_type(a->z), ~((uint64_t)a->i << 16 * a->h)));
    return true;
}

bool a64_trans_MOVZ(struct a64_tr *t, const struct a64_insn *a)
{
    if (!a->z && a->h > 1)
        return false;
    a64_set_r(t, a->z, a->d, tcg_imm(t->b, a64_type(a->z), (uint64_t)a->i << 16 * a->h));
    return true;
}

bool a64_trans_MOVK(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_type ty = a64_type(a->z);

    if (!a->z && a->h > 1)
        return false;
    a64_set_r(t, a->z, a->d, tcg_deposit(t->b, ty, a64_r(t, a->z, a->d), tcg_imm(t->b, ty, a->i),
                                         16u * a->h, 16));
    return true;
}

/* ---- bit fields ---- */

static bool field_ok(const struct a64_insn *a)
{
    return a->N == a->z && (a->z || (a->i < 32 && a->j < 32));
}

bool a64_trans_SBFM(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_type ty = a64_type(a->z);
    unsigned r = a->i, s = a->j, size = a->z ? 64 : 32;
    tcg_val x;

    if (!field_ok(a))
        return false;
    x = a64_r(t, a->z, a->n);
    if (s == size - 1)
        x = tcg_sari(t->b, ty, x, r);
    else if (s >= r)
        x = tcg_sextract(t->b, ty, x, r, s - r + 1);
    else
        x = tcg_shli(t->b, ty, tcg_sextract(t->b, ty, x, 0, s + 1), size - r);
    a64_set_r(t, a->z, a->d, x);
    return true;
}

bool a64_trans_UBFM(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_type ty = a64_type(a->z);
    unsigned r = a->i, s = a->j, size = a->z ? 64 : 32;
    tcg_val x;

    if (!field_ok(a))
        return false;
    x = a64_r(t, a->z, a->n);
    if (s == size - 1)
        x = tcg_shri(t->b, ty, x, r);
    else if (s >= r)
        x = tcg_extract(t->b, ty, x, r, s - r + 1);
    else if (s + 1 == r)
        x = tcg_shli(t->b, ty, x, size - r);
    else
        x = tcg_shli(t->b, ty, tcg_extract(t->b, ty, x, 0, s + 1), size - r);
    a64_set_r(t, a->z, a->d, x);
    return true;
}

bool a64_trans_BFM(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_type ty = a64_type(a->z);
    unsigned r = a->i, s = a->j, size = a->z ? 64 : 32;
    tcg_val x, into;

    if (!field_ok(a))
        return false;
    x = a64_r(t, a->z, a->n);
    into = a64_r(t, a->z, a->d);
    if (s >= r)
        x = tcg_deposit(t->b, ty, into, tcg_shri(t->b, ty, x, r), 0, s - r + 1);
    else
        x = tcg_deposit(t->b, ty, into, x, size - r, s + 1);
    a64_set_r(t, a->z, a->d, x);
    return true;
}

bool a64_trans_EXTR(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_type ty = a64_type(a->z);
    tcg_val x;

    if (a->N != a->z || (!a->z && a->i > 31))
        return false;
    x = a64_r(t, a->z, a->n);
    if (a->n == a->m)
        x = tcg_rotr(t->b, ty, x, tcg_imm(t->b, ty, a->i));
    else
        x = tcg_extr(t->b, ty, x, a64_r(t, a->z, a->m), a->i);
    a64_set_r(t, a->z, a->d, x);
    return true;
}
