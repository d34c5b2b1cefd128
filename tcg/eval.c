// SPDX-License-Identifier: MIT
/* tcg/eval.c -- what every integer and flags operation yields, in C. The builder folds with these,
 * the interpreter runs them, backends call them for operations that they do not emit. */
#include "tcg/crypto.h"
#include "tcg/ir.h"

#include "base/bits.h"

static uint64_t bitrev64(uint64_t v)
{
    v = (v >> 1 & 0x5555555555555555ull) | (v & 0x5555555555555555ull) << 1;
    v = (v >> 2 & 0x3333333333333333ull) | (v & 0x3333333333333333ull) << 2;
    v = (v >> 4 & 0x0f0f0f0f0f0f0f0full) | (v & 0x0f0f0f0f0f0f0f0full) << 4;
    return __builtin_bswap64(v);
}

static uint64_t bswap_units(uint64_t v, unsigned log2)
{
    if (log2 >= 3)
        return __builtin_bswap64(v);
    if (log2 == 2)
        return __builtin_bswap32((uint32_t)v) |
               (uint64_t)__builtin_bswap32((uint32_t)(v >> 32)) << 32;
    return (v >> 8 & 0x00ff00ff00ff00ffull) | (v & 0x00ff00ff00ff00ffull) << 8;
}

static uint64_t deposit_bits(uint64_t v, uint64_t mask)
{
    uint64_t r = 0;

    for (; mask; mask &= mask - 1, v >>= 1)
        if (v & 1)
            r |= mask & -mask;
    return r;
}

static uint64_t gather_bits(uint64_t v, uint64_t mask)
{
    uint64_t r = 0;
    unsigned n = 0;

    for (; mask; mask &= mask - 1, n++)
        if (v & (mask & -mask))
            r |= 1ull << n;
    return r;
}

/* Division with the defined results of ops.def; a and b sign- or zero-extended to 64 bits. */
static uint64_t divide(enum tcg_opcode op, uint64_t a, uint64_t b)
{
    bool quotient = op == TCG_OP_divu || op == TCG_OP_divs;

    if (b == 0)
        return quotient ? 0 : a;
    if (op == TCG_OP_divu)
        return a / b;
    if (op == TCG_OP_remu)
        return a % b;
    if (b == ~0ull)
        return quotient ? -a : 0;
    return (uint64_t)(quotient ? (int64_t)a / (int64_t)b : (int64_t)a % (int64_t)b);
}

bool tcg_eval_cond(enum tcg_cond c, bool is64, uint64_t a, uint64_t b)
{
    int64_t sa = is64 ? (int64_t)a : (int32_t)a, sb = is64 ? (int64_t)b : (int32_t)b;

    if (!is64) {
        a = (uint32_t)a;
        b = (uint32_t)b;
    }
    switch (c) {
    case TCG_EQ: return a == b;
    case TCG_NE: return a != b;
    case TCG_LT: return sa < sb;
    case TCG_GE: return sa >= sb;
    case TCG_LE: return sa <= sb;
    case TCG_GT: return sa > sb;
    case TCG_LTU: return a < b;
    case TCG_GEU: return a >= b;
    case TCG_LEU: return a <= b;
    case TCG_GTU: return a > b;
    case TCG_TSTZ: return (a & b) == 0;
    case TCG_TSTNZ: return (a & b) != 0;
    case TCG_COND_COUNT: break;
    }
    MOA_BUG("condition %u", c);
}

uint64_t tcg_eval_int(enum tcg_opcode op, enum tcg_type t, unsigned sub, uint32_t imm, uint64_t a,
                      uint64_t b, uint64_t c)
{
    unsigned w = t == TCG_I32 ? 32 : 64;
    uint64_t mask = bits_mask(w), r;
    unsigned pos = imm & 255, len = imm >> 8 & 255, n = (unsigned)b & (w - 1);
    int64_t sa = bits_sext(a, w);

    a &= mask;
    if (op != TCG_OP_crc32)
        b &= mask;
    switch (op) {
    case TCG_OP_add: r = a + b; break;
    case TCG_OP_sub: r = a - b; break;
    case TCG_OP_addc: r = a + b + (c & 1); break;
    case TCG_OP_mul: r = a * b; break;
    case TCG_OP_mulhu:
        r = w == 32 ? a * b >> 32 : (uint64_t)((unsigned __int128)a * b >> 64);
        break;
    case TCG_OP_mulhs:
        r = w == 32 ? (uint64_t)(sa * bits_sext(b, 32) >> 32)
                    : (uint64_t)((__int128)sa * (int64_t)b >> 64);
        break;
    case TCG_OP_divu:
    case TCG_OP_remu: r = divide(op, a, b); break;
    case TCG_OP_divs:
    case TCG_OP_rems: r = divide(op, (uint64_t)sa, (uint64_t)bits_sext(b, w)); break;
    case TCG_OP_and: r = a & b; break;
    case TCG_OP_or: r = a | b; break;
    case TCG_OP_xor: r = a ^ b; break;
    case TCG_OP_andn: r = a & ~b; break;
    case TCG_OP_orn: r = a | ~b; break;
    case TCG_OP_neg: r = -a; break;
    case TCG_OP_not: r = ~a; break;
    case TCG_OP_shl: r = a << n; break;
    case TCG_OP_shr: r = a >> n; break;
    case TCG_OP_sar: r = (uint64_t)(sa >> n); break;
    case TCG_OP_rotr: r = w == 32 ? bits_ror32((uint32_t)a, n) : bits_ror64(a, n); break;
    case TCG_OP_extr: r = imm ? b >> imm | a << (w - imm) : b; break;
    case TCG_OP_extract: r = bits_get(a, pos, len); break;
    case TCG_OP_sextract: r = (uint64_t)bits_sext(a >> pos, len); break;
    case TCG_OP_deposit: r = bits_put(a, pos, len, b); break;
    case TCG_OP_clz: r = a ? (unsigned)__builtin_clzll(a) - (64 - w) : w; break;
    case TCG_OP_ctz: r = a ? (unsigned)__builtin_ctzll(a) : w; break;
    case TCG_OP_popcnt: r = (unsigned)__builtin_popcountll(a); break;
    case TCG_OP_bswap: r = bswap_units(a, sub); break;
    case TCG_OP_bitrev: r = bitrev64(a) >> (64 - w); break;
    case TCG_OP_pdep: r = deposit_bits(a, b); break;
    case TCG_OP_pext: r = gather_bits(a, b); break;
    case TCG_OP_crc32:
        r = (sub & 4 ? crypto_crc32c : crypto_crc32)((uint32_t)a, b, 1u << (sub & 3));
        break;
    case TCG_OP_zext: r = (uint32_t)a; break;
    case TCG_OP_sext: r = (uint64_t)(int64_t)(int32_t)a; break;
    case TCG_OP_trunc: r = (uint32_t)a; break;
    default: MOA_BUG("operation %s is not an integer operation", tcg_op_info[op].name);
    }
    return r & mask;
}

static uint32_t packed(bool c, bool z, bool s, bool o, bool p, bool a)
{
    return (o ? TCG_FBIT_O : 0) | (c ? TCG_FBIT_C : 0) | (p ? TCG_FBIT_P : 0) |
           (a ? TCG_FBIT_A : 0) | (z ? TCG_FBIT_Z : 0) | (s ? TCG_FBIT_S : 0);
}

static uint32_t zsp(uint64_t r, unsigned w)
{
    r &= bits_mask(w);
    return packed(false, r == 0, r >> (w - 1) & 1, false,
                  !(__builtin_popcount((unsigned)r & 0xff) & 1), false);
}

/* a + b + carry (b already inverted for a subtraction): all six flags. */
static uint32_t add_flags(uint64_t a, uint64_t b, bool carry, unsigned w, bool subtract)
{
    uint64_t mask = bits_mask(w), r;
    bool c, half;

    a &= mask;
    b &= mask;
    r = (a + b + carry) & mask;
    c = carry ? r <= a : r < a;
    half = ((a ^ b ^ r) >> 4 & 1) ^ subtract; /* carry into bit 4; a borrow is its opposite */
    return zsp(r, w) | packed(c, false, false, ((a ^ r) & (b ^ r)) >> (w - 1) & 1, false, half);
}

static uint32_t shift_flags(enum tcg_opcode op, unsigned w, uint64_t a, uint64_t count,
                            uint32_t old)
{
    unsigned n = (unsigned)count & (w == 64 ? 63 : 31);
    uint64_t r, mask = bits_mask(w);
    bool c, o;

    if (n == 0)
        return old;
    a &= mask;
    switch (op) {
    case TCG_OP_shlf:
        r = n >= w ? 0 : a << n & mask;
        c = n <= w && (a >> (w - n) & 1);
        o = (r >> (w - 1) & 1) ^ c;
        return zsp(r, w) | packed(c, false, false, o, false, false);
    case TCG_OP_shrf:
        r = n >= w ? 0 : a >> n;
        c = n <= w && (a >> (n - 1) & 1);
        return zsp(r, w) | packed(c, false, false, a >> (w - 1) & 1, false, false);
    case TCG_OP_sarf:
        r = (uint64_t)(bits_sext(a, w) >> n);
        c = bits_sext(a, w) >> (n - 1) & 1;
        return zsp(r, w) | packed(c, false, false, false, false, false);
    default: /* rotates: only C and O change */
        n %= w;
        if (op == TCG_OP_rolf) {
            r = n ? (a << n | a >> (w - n)) & mask : a;
            c = r & 1;
            o = (r >> (w - 1) & 1) ^ c;
        } else {
            r = n ? (a >> n | a << (w - n)) & mask : a;
            c = r >> (w - 1) & 1;
            o = c ^ (r >> (w - 2) & 1);
        }
        old &= ~(uint32_t)(TCG_FBIT_C | TCG_FBIT_O);
        return old | packed(c, false, false, o, false, false);
    }
}

static uint32_t mul_flags(unsigned w, bool is_signed, uint64_t a, uint64_t b)
{
    bool over;

    if (is_signed) {
        __int128 p = (__int128)bits_sext(a, w) * bits_sext(b, w);

        over = p != bits_sext((uint64_t)p, w);
    } else {
        unsigned __int128 p = (unsigned __int128)(a & bits_mask(w)) * (b & bits_mask(w));

        over = p >> w != 0;
    }
    return packed(over, false, false, over, false, false);
}

uint32_t tcg_eval_flags(enum tcg_opcode op, unsigned sub, unsigned attr, uint64_t a, uint64_t b,
                        uint64_t c)
{
    unsigned w = 8u << sub;
    uint32_t f;

    switch (op) {
    case TCG_OP_addf: return add_flags(a, b, false, w, false);
    case TCG_OP_adcf: return add_flags(a, b, c & 1, w, false);
    case TCG_OP_subf:
    case TCG_OP_sbcf:
        f = add_flags(a, ~b, op == TCG_OP_subf || (c & 1) == attr, w, true);
        return attr ? f : f ^ TCG_FBIT_C;
    case TCG_OP_logicf: return zsp(a, w);
    case TCG_OP_incf:
        f = add_flags(a, 1, false, w, false);
        return (f & ~(uint32_t)TCG_FBIT_C) | ((uint32_t)b & TCG_FBIT_C);
    case TCG_OP_decf:
        f = add_flags(a, ~1ull, true, w, true);
        return (f & ~(uint32_t)TCG_FBIT_C) | ((uint32_t)b & TCG_FBIT_C);
    case TCG_OP_shlf:
    case TCG_OP_shrf:
    case TCG_OP_sarf:
    case TCG_OP_rolf:
    case TCG_OP_rorf: return shift_flags(op, w, a, b, (uint32_t)c);
    case TCG_OP_mulf: return mul_flags(w, attr, a, b);
    case TCG_OP_fsel: return (uint32_t)(a ? b : c);
    case TCG_OP_funpack: return (uint32_t)a;
    default: MOA_BUG("operation %s is not a flags producer", tcg_op_info[op].name);
    }
}

bool tcg_eval_fcond(enum tcg_fcond c, uint32_t f)
{
    bool cf = f & TCG_FBIT_C, z = f & TCG_FBIT_Z, s = f & TCG_FBIT_S, o = f & TCG_FBIT_O;
    bool r;

    switch (c & ~1u) {
    case TCG_FZ: r = z; break;
    case TCG_FC: r = cf; break;
    case TCG_FS: r = s; break;
    case TCG_FO: r = o; break;
    case TCG_FP: r = f & TCG_FBIT_P; break;
    case TCG_FHI: r = cf && !z; break;
    case TCG_FA: r = !cf && !z; break;
    case TCG_FGE: r = s == o; break;
    default: r = !z && s == o; break; /* TCG_FGT */
    }
    return r != (c & 1);
}
