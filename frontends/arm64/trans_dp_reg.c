/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_dp_reg.c -- data processing with registers (manual C4.1.95): shifted,
 * extended and carrying arithmetic, logic, conditional operations, flags (FEAT_FlagM), multiply,
 * divide, CRC32, bit operations, FEAT_CSSC. Pointer authentication is in trans_pauth.c. */
#include "frontends/arm64/translate.h"

#include "base/bits.h"

/* ---- operands ---- */

/* Rm shifted by the instruction's amount; h: LSL LSR ASR ROR. */
static tcg_val shifted(struct a64_tr *t, const struct a64_insn *a)
{
    static const uint16_t op[4] = { TCG_OP_shl, TCG_OP_shr, TCG_OP_sar, TCG_OP_rotr };
    enum tcg_type ty = a64_type(a->z);
    tcg_val x = a64_r(t, a->z, a->m);

    if (!a->k)
        return x;
    return tcg_emit(t->b, (enum tcg_opcode)op[a->h], ty, 0, x, tcg_imm(t->b, ty, a->k), 0, 0, 0);
}

/* Rm extended by option x and shifted left by k. */
static tcg_val extended(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_type ty = a64_type(a->z);
    unsigned size = a->x & 3;
    bool sign = a->x >> 2;
    tcg_val x;

    if (size == 3 || (size == 2 && !a->z))
        x = a64_r(t, a->z, a->m);
    else if (size == 2)
        x = sign ? tcg_sext(t->b, a64_w(t, a->m)) : tcg_zext(t->b, a64_w(t, a->m));
    else if (sign)
        x = tcg_sextract(t->b, ty, a64_r(t, a->z, a->m), 0, 8u << size);
    else
        x = tcg_extract(t->b, ty, a64_r(t, a->z, a->m), 0, 8u << size);
    return a->k ? tcg_shli(t->b, ty, x, a->k) : x;
}

static unsigned width(const struct a64_insn *a)
{
    return a->z ? 3 : 2;
}

/* ---- add and subtract ---- */

enum { SUB = 1, FLAGS = 2 };

static tcg_val add_sub(struct a64_tr *t, const struct a64_insn *a, unsigned how, tcg_val x,
                       tcg_val y)
{
    enum tcg_type ty = a64_type(a->z);

    if (how & FLAGS)
        a64_set_flags(t, tcg_flags(t->b, how & SUB ? TCG_OP_subf : TCG_OP_addf, width(a), how & SUB,
                                   x, y, TCG_NONE));
    return how & SUB ? tcg_sub(t->b, ty, x, y) : tcg_add(t->b, ty, x, y);
}

static bool add_sub_shift(struct a64_tr *t, const struct a64_insn *a, unsigned how)
{
    if (a->h == 3 || (!a->z && a->k > 31))
        return false;
    a64_set_r(t, a->z, a->d, add_sub(t, a, how, a64_r(t, a->z, a->n), shifted(t, a)));
    return true;
}

static bool add_sub_ext(struct a64_tr *t, const struct a64_insn *a, unsigned how)
{
    tcg_val r;

    if (a->k > 4)
        return false;
    r = add_sub(t, a, how, a64_rsp(t, a->z, a->n), extended(t, a));
    if (how & FLAGS)
        a64_set_r(t, a->z, a->d, r);
    else
        a64_set_rsp(t, a->z, a->d, r);
    return true;
}

static bool add_sub_carry(struct a64_tr *t, const struct a64_insn *a, unsigned how)
{
    enum tcg_type ty = a64_type(a->z);
    tcg_val x = a64_r(t, a->z, a->n), y = a64_r(t, a->z, a->m), c = a64_carry(t);
    tcg_val r = tcg_addc(t->b, ty, x, how & SUB ? tcg_not(t->b, ty, y) : y, c);

    if (how & FLAGS)
        a64_set_flags(t, tcg_flags(t->b, how & SUB ? TCG_OP_sbcf : TCG_OP_adcf, width(a), how & SUB,
                                   x, y, c));
    a64_set_r(t, a->z, a->d, r);
    return true;
}

/* ---- logic ---- */

static bool logic(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op, bool flags)
{
    tcg_val y, r;

    if (!a->z && a->k > 31)
        return false;
    y = shifted(t, a);
    if (op == TCG_OP_or && a->n == 31)
        r = y;
    else
        r = tcg_emit(t->b, op, a64_type(a->z), 0, a64_r(t, a->z, a->n), y, 0, 0, 0);
    if (flags)
        a64_set_flags(t, tcg_flags(t->b, TCG_OP_logicf, width(a), 0, r, TCG_NONE, TCG_NONE));
    a64_set_r(t, a->z, a->d, r);
    return true;
}

/* ~(n ^ y) */
bool a64_trans_EON_shift(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_type ty = a64_type(a->z);
    tcg_val r;

    if (!a->z && a->k > 31)
        return false;
    r = tcg_xor(t->b, ty, a64_r(t, a->z, a->n), shifted(t, a));
    a64_set_r(t, a->z, a->d, tcg_not(t->b, ty, r));
    return true;
}

/* ---- two sources ---- */

static bool binary(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op)
{
    tcg_val x = a64_r(t, a->z, a->n), y = a64_r(t, a->z, a->m);

    a64_set_r(t, a->z, a->d, tcg_emit(t->b, op, a64_type(a->z), 0, x, y, 0, 0, 0));
    return true;
}

static bool min_max(struct a64_tr *t, const struct a64_insn *a, enum tcg_cond take_x)
{
    tcg_val x = a64_r(t, a->z, a->n), y = a64_r(t, a->z, a->m);
    tcg_val c = tcg_setcc(t->b, take_x, x, y);

    a64_set_r(t, a->z, a->d, tcg_select(t->b, a64_type(a->z), c, x, y));
    return true;
}

static bool crc(struct a64_tr *t, const struct a64_insn *a, unsigned sub)
{
    tcg_val data = (sub & 3) == 3 ? a64_x(t, a->m) : a64_w(t, a->m);

    a64_set_w(t, a->d, tcg_crc32(t->b, a64_w(t, a->n), data, sub));
    return true;
}

/* ---- one source ---- */

static bool unary(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op, unsigned sub)
{
    a64_set_r(t, a->z, a->d,
              tcg_emit(t->b, op, a64_type(a->z), sub, a64_r(t, a->z, a->n), 0, 0, 0, 0));
    return true;
}

bool a64_trans_REV_w(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_w(t, a->d, tcg_bswap(t->b, TCG_I32, a64_w(t, a->n), 2));
    return true;
}

bool a64_trans_REV32(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_x(t, a->d, tcg_bswap(t->b, TCG_I64, a64_x(t, a->n), 2));
    return true;
}

bool a64_trans_REV_x(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_x(t, a->d, tcg_bswap(t->b, TCG_I64, a64_x(t, a->n), 3));
    return true;
}

/* Sign bits less one: leading zeros of x ^ (x >> 1), which has its top bit clear. */
bool a64_trans_CLS(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_type ty = a64_type(a->z);
    tcg_val x = a64_r(t, a->z, a->n);
    tcg_val n = tcg_clz(t->b, ty, tcg_xor(t->b, ty, x, tcg_sari(t->b, ty, x, 1)));

    a64_set_r(t, a->z, a->d, tcg_sub(t->b, ty, n, tcg_imm(t->b, ty, 1)));
    return true;
}

bool a64_trans_ABS(struct a64_tr *t, const struct a64_insn *a)
{
    enum tcg_type ty = a64_type(a->z);
    tcg_val x = a64_r(t, a->z, a->n);
    tcg_val neg = tcg_setcc(t->b, TCG_LT, x, tcg_imm(t->b, ty, 0));

    a64_set_r(t, a->z, a->d, tcg_select(t->b, ty, neg, tcg_neg(t->b, ty, x), x));
    return true;
}

/* ---- conditional ---- */

static bool cond_compare(struct a64_tr *t, const struct a64_insn *a, bool sub, tcg_val y)
{
    tcg_val x = a64_r(t, a->z, a->n);
    tcg_val f = tcg_flags(t->b, sub ? TCG_OP_subf : TCG_OP_addf, width(a), sub, x, y, TCG_NONE);

    if (a->c < 14)
        f = tcg_fsel(t->b, a64_cond(t, a->c), f, a64_const_flags(t, a->f));
    a64_set_flags(t, f);
    return true;
}

bool a64_trans_CCMN_reg(struct a64_tr *t, const struct a64_insn *a)
{
    return cond_compare(t, a, false, a64_r(t, a->z, a->m));
}

bool a64_trans_CCMP_reg(struct a64_tr *t, const struct a64_insn *a)
{
    return cond_compare(t, a, true, a64_r(t, a->z, a->m));
}

bool a64_trans_CCMN_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return cond_compare(t, a, false, tcg_imm(t->b, a64_type(a->z), a->i));
}

bool a64_trans_CCMP_imm(struct a64_tr *t, const struct a64_insn *a)
{
    return cond_compare(t, a, true, tcg_imm(t->b, a64_type(a->z), a->i));
}

bool a64_trans_CSEL(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val x = a64_r(t, a->z, a->n), y = a64_r(t, a->z, a->m);

    a64_set_r(t, a->z, a->d, tcg_select(t->b, a64_type(a->z), a64_cond(t, a->c), x, y));
    return true;
}

/* op: what happens to Rm when the condition is false. CSET and CSETM are the cases of two zero
 * registers. */
static bool cond_change(struct a64_tr *t, const struct a64_insn *a, enum tcg_opcode op)
{
    enum tcg_type ty = a64_type(a->z);
    tcg_val x, y;

    if (a->n == 31 && a->m == 31 && a->c < 14 && op != TCG_OP_neg) {
        y = a64_cond(t, a->c ^ 1u);
        if (a->z)
            y = tcg_zext(t->b, y);
        a64_set_r(t, a->z, a->d, op == TCG_OP_not ? tcg_neg(t->b, ty, y) : y);
        return true;
    }
    x = a64_r(t, a->z, a->n);
    y = a64_r(t, a->z, a->m);
    if (op == TCG_OP_add)
        y = tcg_add(t->b, ty, y, tcg_imm(t->b, ty, 1));
    else
        y = tcg_emit(t->b, op, ty, 0, y, 0, 0, 0, 0);
    a64_set_r(t, a->z, a->d, tcg_select(t->b, ty, a64_cond(t, a->c), x, y));
    return true;
}

/* ---- flags ---- */

/* Bits of the packed record for V, C, Z, N (mask bits 0..3). */
static const uint8_t packed_bit[4] = { 0, 8, 14, 15 };

bool a64_trans_RMIF(struct a64_tr *t, const struct a64_insn *a)
{
    tcg_val x = a64_x(t, a->n), f = tcg_fpack(t->b, a64_flags(t));

    x = tcg_trunc(t->b, tcg_rotr(t->b, TCG_I64, x, tcg_imm(t->b, TCG_I64, a->i)));
    for (unsigned i = 0; i < 4; i++)
        if (a->f >> i & 1)
            f = tcg_deposit(t->b, TCG_I32, f, tcg_shri(t->b, TCG_I32, x, i), packed_bit[i], 1);
    a64_set_flags(t, tcg_funpack(t->b, f));
    return true;
}

/* N, Z from the low bits of Rn, V from the next bit; C stays. */
static bool setf(struct a64_tr *t, const struct a64_insn *a, unsigned bits)
{
    tcg_val x = a64_w(t, a->n), f = tcg_fpack(t->b, a64_flags(t));
    tcg_val sign = tcg_shri(t->b, TCG_I32, x, bits - 1);
    tcg_val low = tcg_imm(t->b, TCG_I32, bits_mask(bits));
    tcg_val over = tcg_xor(t->b, TCG_I32, sign, tcg_shri(t->b, TCG_I32, x, bits));

    f = tcg_deposit(t->b, TCG_I32, f, sign, packed_bit[3], 1);
    f = tcg_deposit(t->b, TCG_I32, f, tcg_setcc(t->b, TCG_TSTZ, x, low), packed_bit[2], 1);
    f = tcg_deposit(t->b, TCG_I32, f, over, packed_bit[0], 1);
    a64_set_flags(t, tcg_funpack(t->b, f));
    return true;
}

bool a64_trans_SETF8(struct a64_tr *t, const struct a64_insn *a)
{
    return setf(t, a, 8);
}

bool a64_trans_SETF16(struct a64_tr *t, const struct a64_insn *a)
{
    return setf(t, a, 16);
}

/* ---- three sources ---- */

static bool mul_add(struct a64_tr *t, const struct a64_insn *a, bool sub)
{
    enum tcg_type ty = a64_type(a->z);
    tcg_val p = tcg_mul(t->b, ty, a64_r(t, a->z, a->n), a64_r(t, a->z, a->m));
    tcg_val acc = a64_r(t, a->z, a->a);

    a64_set_r(t, a->z, a->d, sub ? tcg_sub(t->b, ty, acc, p) : tcg_add(t->b, ty, acc, p));
    return true;
}

static bool mul_add_long(struct a64_tr *t, const struct a64_insn *a, bool sub, bool sign)
{
    tcg_val x = a64_w(t, a->n), y = a64_w(t, a->m), acc = a64_x(t, a->a), p;

    p = tcg_mul(t->b, TCG_I64, sign ? tcg_sext(t->b, x) : tcg_zext(t->b, x),
                sign ? tcg_sext(t->b, y) : tcg_zext(t->b, y));
    a64_set_x(t, a->d, sub ? tcg_sub(t->b, TCG_I64, acc, p) : tcg_add(t->b, TCG_I64, acc, p));
    return true;
}

bool a64_trans_SMULH(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_x(t, a->d, tcg_mulhs(t->b, TCG_I64, a64_x(t, a->n), a64_x(t, a->m)));
    return true;
}

bool a64_trans_UMULH(struct a64_tr *t, const struct a64_insn *a)
{
    a64_set_x(t, a->d, tcg_mulhu(t->b, TCG_I64, a64_x(t, a->n), a64_x(t, a->m)));
    return true;
}

/* ---- the rows ---- */

bool a64_trans_ADD_shift(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub_shift(t, a, 0);
}

bool a64_trans_ADD_ext(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub_ext(t, a, 0);
}

bool a64_trans_ADDS_shift(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub_shift(t, a, FLAGS);
}

bool a64_trans_ADDS_ext(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub_ext(t, a, FLAGS);
}

bool a64_trans_SUB_shift(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub_shift(t, a, SUB);
}

bool a64_trans_SUB_ext(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub_ext(t, a, SUB);
}

bool a64_trans_SUBS_shift(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub_shift(t, a, SUB | FLAGS);
}

bool a64_trans_SUBS_ext(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub_ext(t, a, SUB | FLAGS);
}

bool a64_trans_ADC(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub_carry(t, a, 0);
}

bool a64_trans_ADCS(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub_carry(t, a, FLAGS);
}

bool a64_trans_SBC(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub_carry(t, a, SUB);
}

bool a64_trans_SBCS(struct a64_tr *t, const struct a64_insn *a)
{
    return add_sub_carry(t, a, SUB | FLAGS);
}

bool a64_trans_AND_shift(struct a64_tr *t, const struct a64_insn *a)
{
    return logic(t, a, TCG_OP_and, false);
}

bool a64_trans_BIC_shift(struct a64_tr *t, const struct a64_insn *a)
{
    return logic(t, a, TCG_OP_andn, false);
}

bool a64_trans_ORR_shift(struct a64_tr *t, const struct a64_insn *a)
{
    return logic(t, a, TCG_OP_or, false);
}

bool a64_trans_ORN_shift(struct a64_tr *t, const struct a64_insn *a)
{
    return logic(t, a, TCG_OP_orn, false);
}

bool a64_trans_EOR_shift(struct a64_tr *t, const struct a64_insn *a)
{
    return logic(t, a, TCG_OP_xor, false);
}

bool a64_trans_ANDS_shift(struct a64_tr *t, const struct a64_insn *a)
{
    return logic(t, a, TCG_OP_and, true);
}

bool a64_trans_BICS_shift(struct a64_tr *t, const struct a64_insn *a)
{
    return logic(t, a, TCG_OP_andn, true);
}

bool a64_trans_UDIV(struct a64_tr *t, const struct a64_insn *a)
{
    return binary(t, a, TCG_OP_divu);
}

bool a64_trans_SDIV(struct a64_tr *t, const struct a64_insn *a)
{
    return binary(t, a, TCG_OP_divs);
}

bool a64_trans_LSLV(struct a64_tr *t, const struct a64_insn *a)
{
    return binary(t, a, TCG_OP_shl);
}

bool a64_trans_LSRV(struct a64_tr *t, const struct a64_insn *a)
{
    return binary(t, a, TCG_OP_shr);
}

bool a64_trans_ASRV(struct a64_tr *t, const struct a64_insn *a)
{
    return binary(t, a, TCG_OP_sar);
}

bool a64_trans_RORV(struct a64_tr *t, const struct a64_insn *a)
{
    return binary(t, a, TCG_OP_rotr);
}

bool a64_trans_SMAX_reg(struct a64_tr *t, const struct a64_insn *a)
{
    return min_max(t, a, TCG_GT);
}

bool a64_trans_UMAX_reg(struct a64_tr *t, const struct a64_insn *a)
{
    return min_max(t, a, TCG_GTU);
}

bool a64_trans_SMIN_reg(struct a64_tr *t, const struct a64_insn *a)
{
    return min_max(t, a, TCG_LT);
}

bool a64_trans_UMIN_reg(struct a64_tr *t, const struct a64_insn *a)
{
    return min_max(t, a, TCG_LTU);
}

bool a64_trans_CRC32(struct a64_tr *t, const struct a64_insn *a)
{
    return crc(t, a, a->S);
}

bool a64_trans_CRC32X(struct a64_tr *t, const struct a64_insn *a)
{
    return crc(t, a, 3);
}

bool a64_trans_CRC32C(struct a64_tr *t, const struct a64_insn *a)
{
    return crc(t, a, a->S | 4u);
}

bool a64_trans_CRC32CX(struct a64_tr *t, const struct a64_insn *a)
{
    return crc(t, a, 3 | 4);
}

bool a64_trans_RBIT(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, TCG_OP_bitrev, 0);
}

bool a64_trans_REV16(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, TCG_OP_bswap, 1);
}

bool a64_trans_CLZ(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, TCG_OP_clz, 0);
}

bool a64_trans_CTZ(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, TCG_OP_ctz, 0);
}

bool a64_trans_CNT(struct a64_tr *t, const struct a64_insn *a)
{
    return unary(t, a, TCG_OP_popcnt, 0);
}

bool a64_trans_CSINC(struct a64_tr *t, const struct a64_insn *a)
{
    return cond_change(t, a, TCG_OP_add);
}

bool a64_trans_CSINV(struct a64_tr *t, const struct a64_insn *a)
{
    return cond_change(t, a, TCG_OP_not);
}

bool a64_trans_CSNEG(struct a64_tr *t, const struct a64_insn *a)
{
    return cond_change(t, a, TCG_OP_neg);
}

bool a64_trans_MADD(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_add(t, a, false);
}

bool a64_trans_MSUB(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_add(t, a, true);
}

bool a64_trans_SMADDL(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_add_long(t, a, false, true);
}

bool a64_trans_SMSUBL(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_add_long(t, a, true, true);
}

bool a64_trans_UMADDL(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_add_long(t, a, false, false);
}

bool a64_trans_UMSUBL(struct a64_tr *t, const struct a64_insn *a)
{
    return mul_add_long(t, a, true, false);
}
