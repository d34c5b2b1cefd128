/* SPDX-License-Identifier: MIT */
/* tests/frontends/common/softfloat_test.c -- the soft float twin, case by case: NaN rules of each
 * guest, invalid operations, flushing, tininess at the border, the Arm-only operations. Wanted
 * values follow from the manuals' words; softfloat_mpfr_test.c has the breadth for numbers. */
#include "base/bits.h"
#include "tcg/float.h"
#include "tests/unit.h"

#include <inttypes.h>
#include <stdio.h>

enum { IO = TCG_FX_INVALID, DZ = TCG_FX_DIVZERO, OF = TCG_FX_OVERFLOW, UF = TCG_FX_UNDERFLOW,
       IX = TCG_FX_INEXACT, DN = TCG_FX_DENORMAL };

static const struct tcg_float_env arm = { .flags = 1, .tiny_before = 1 };
static const struct tcg_float_env arm_up = { .flags = 1, .tiny_before = 1, .round = TCG_ROUND_UP };
static const struct tcg_float_env arm_down = { .flags = 1, .tiny_before = 1,
                                               .round = TCG_ROUND_DOWN };
static const struct tcg_float_env arm_zero = { .flags = 1, .tiny_before = 1,
                                               .round = TCG_ROUND_ZERO };
static const struct tcg_float_env arm_odd = { .flags = 1, .tiny_before = 1,
                                              .round = TCG_ROUND_ODD };
static const struct tcg_float_env arm_away = { .flags = 1, .tiny_before = 1,
                                               .round = TCG_ROUND_AWAY };
static const struct tcg_float_env arm_dn = { .flags = 1, .tiny_before = 1, .default_nan = 1 };
static const struct tcg_float_env arm_fz = { .flags = 1, .tiny_before = 1, .flush_out = 1,
                                             .flush_in = TCG_FLUSH_FLAG };
static const struct tcg_float_env x86 = { .flags = 1, .nan = TCG_NAN_X86, .denormal_flag = 1 };
static const struct tcg_float_env x86_fz = { .flags = 1, .nan = TCG_NAN_X86, .denormal_flag = 1,
                                             .flush_out = 1, .flush_in = TCG_FLUSH_SILENT };
static const struct tcg_float_env ppc = { .flags = 1, .nan = TCG_NAN_PPC, .tiny_before = 1 };

static const struct {
    const char *text;
    enum tcg_float_op2 op;
    enum tcg_fmt f;
    const struct tcg_float_env *e;
    uint64_t a, b, want;
    uint32_t flags;
} two[] = {
    { "1 + 1", TCG_F_ADD, TCG_FMT_F32, &arm, 0x3f800000, 0x3f800000, 0x40000000, 0 },
    { "bits above the format are ignored", TCG_F_ADD, TCG_FMT_F32, &arm, 0xffffffff3f800000,
      0x123456783f800000,
      0x40000000, 0 },
    { "x - x", TCG_F_SUB, TCG_FMT_F64, &arm, 0x4008000000000000, 0x4008000000000000, 0, 0 },
    { "x - x down", TCG_F_SUB, TCG_FMT_F64, &arm_down, 0x4008000000000000, 0x4008000000000000,
      0x8000000000000000, 0 },
    { "-0 + 0", TCG_F_ADD, TCG_FMT_F16, &arm, 0x8000, 0, 0, 0 },
    { "-0 - 0", TCG_F_SUB, TCG_FMT_F16, &arm, 0x8000, 0, 0x8000, 0 },
    { "inf - inf", TCG_F_SUB, TCG_FMT_F32, &arm, 0x7f800000, 0x7f800000, 0x7fc00000, IO },
    { "inf - inf x86", TCG_F_SUB, TCG_FMT_F32, &x86, 0x7f800000, 0x7f800000, 0xffc00000, IO },
    { "inf + inf", TCG_F_ADD, TCG_FMT_F32, &arm, 0xff800000, 0xff800000, 0xff800000, 0 },
    /* NaNs: quiet a, signalling b */
    { "qnan + snan arm", TCG_F_ADD, TCG_FMT_F32, &arm, 0x7fc00001, 0xff800002, 0xffc00002, IO },
    { "qnan + snan x86", TCG_F_ADD, TCG_FMT_F32, &x86, 0x7fc00001, 0xff800002, 0x7fc00001, IO },
    { "qnan + snan ppc", TCG_F_ADD, TCG_FMT_F32, &ppc, 0x7fc00001, 0xff800002, 0x7fc00001, IO },
    { "qnan + snan default nan", TCG_F_ADD, TCG_FMT_F32, &arm_dn, 0xffc00001, 0xff800002,
      0x7fc00000, IO },
    { "qnan + qnan", TCG_F_ADD, TCG_FMT_F64, &arm, 0xfff8000000000001, 0x7ff8000000000002,
      0xfff8000000000001, 0 },
    { "1 - snan keeps the sign", TCG_F_SUB, TCG_FMT_F16, &arm, 0x3c00, 0x7c01, 0x7e01, IO },
    { "1 + qnan x86 denormal silent", TCG_F_ADD, TCG_FMT_F32, &x86, 1, 0x7fc00001, 0x7fc00001, 0 },
    /* multiplication and division */
    { "inf * 0", TCG_F_MUL, TCG_FMT_F32, &arm, 0x7f800000, 0x80000000, 0x7fc00000, IO },
    { "inf mulx -0", TCG_F_MULX, TCG_FMT_F32, &arm, 0x7f800000, 0x80000000, 0xc0000000, 0 },
    { "0 mulx inf", TCG_F_MULX, TCG_FMT_F64, &arm, 0, 0x7ff0000000000000, 0x4000000000000000, 0 },
    { "mulx of numbers", TCG_F_MULX, TCG_FMT_F16, &arm, 0x4000, 0x4200, 0x4600, 0 },
    { "0 / 0", TCG_F_DIV, TCG_FMT_F64, &arm, 0, 0, 0x7ff8000000000000, IO },
    { "inf / inf", TCG_F_DIV, TCG_FMT_F32, &arm, 0x7f800000, 0x7f800000, 0x7fc00000, IO },
    { "-1 / 0", TCG_F_DIV, TCG_FMT_F32, &arm, 0xbf800000, 0, 0xff800000, DZ },
    { "inf / 0", TCG_F_DIV, TCG_FMT_F32, &arm, 0x7f800000, 0, 0x7f800000, 0 },
    { "1 / 3", TCG_F_DIV, TCG_FMT_F32, &arm, 0x3f800000, 0x40400000, 0x3eaaaaab, IX },
    { "1 / 3 zero", TCG_F_DIV, TCG_FMT_F64, &arm_zero, 0x3ff0000000000000, 0x4008000000000000,
      0x3fd5555555555555, IX },
    /* overflow */
    { "max + max", TCG_F_ADD, TCG_FMT_F32, &arm, 0x7f7fffff, 0x7f7fffff, 0x7f800000, OF | IX },
    { "max + max zero", TCG_F_ADD, TCG_FMT_F32, &arm_zero, 0x7f7fffff, 0x7f7fffff, 0x7f7fffff,
      OF | IX },
    { "-max - max up", TCG_F_SUB, TCG_FMT_F32, &arm_up, 0xff7fffff, 0x7f7fffff, 0xff7fffff,
      OF | IX },
    { "-max - max down", TCG_F_SUB, TCG_FMT_F32, &arm_down, 0xff7fffff, 0x7f7fffff, 0xff800000,
      OF | IX },
    { "max + max odd", TCG_F_ADD, TCG_FMT_F16, &arm_odd, 0x7bff, 0x7bff, 0x7bff, OF | IX },
    { "max + half an ulp away", TCG_F_ADD, TCG_FMT_F16, &arm_away, 0x7bff, 0x4c00, 0x7c00,
      OF | IX },
    { "max + under half an ulp", TCG_F_ADD, TCG_FMT_F16, &arm, 0x7bff, 0x4bff, 0x7bff, IX },
    /* tininess: (1 - 2^-24) * 2^-126 rounds to the smallest normal */
    { "border, tiny before", TCG_F_MUL, TCG_FMT_F32, &arm, 0x3f7fffff, 0x00800000, 0x00800000,
      UF | IX },
    { "border, tiny after: still below at 24 bits", TCG_F_MUL, TCG_FMT_F32, &x86, 0x3f7fffff,
      0x00800000,
      0x00800000, UF | IX },
    /* (1 + 2^-23)(1 - 2^-23) 2^-126 rounds to 2^-126 with an unbounded exponent too: not tiny */
    { "border, normal after", TCG_F_MUL, TCG_FMT_F32, &x86, 0x3f800001, 0x007fffff, 0x00800000,
      DN | IX },
    { "border, tiny before 2", TCG_F_MUL, TCG_FMT_F32, &arm, 0x3f800001, 0x007fffff, 0x00800000,
      UF | IX },
    { "exact denormal", TCG_F_MUL, TCG_FMT_F32, &arm, 0x3f000000, 0x00800000, 0x00400000, 0 },
    { "smallest / 2", TCG_F_MUL, TCG_FMT_F64, &arm, 1, 0x3fe0000000000000, 0, UF | IX },
    { "smallest / 2 up", TCG_F_MUL, TCG_FMT_F64, &arm_up, 1, 0x3fe0000000000000, 1, UF | IX },
    { "smallest / 2 away", TCG_F_MUL, TCG_FMT_F64, &arm_away, 1, 0x3fe0000000000000, 1, UF | IX },
    { "smallest / 2 odd", TCG_F_MUL, TCG_FMT_F64, &arm_odd, 1, 0x3fe0000000000000, 1, UF | IX },
    /* flushing */
    { "exact denormal flushed", TCG_F_MUL, TCG_FMT_F32, &arm_fz, 0x3f000000, 0x80800000,
      0x80000000, UF },
    { "border flushed by arm", TCG_F_MUL, TCG_FMT_F32, &arm_fz, 0x3f7fffff, 0x00800000, 0, UF },
    { "denormal x86", TCG_F_ADD, TCG_FMT_F32, &x86, 0x3f800000, 1, 0x3f800000, DN | IX },
    { "exact denormal flushed by x86", TCG_F_MUL, TCG_FMT_F32, &x86_fz, 0x3f000000, 0x80800000,
      0x80000000, UF | IX },
    { "denormals are zero, silently", TCG_F_ADD, TCG_FMT_F32, &x86_fz, 1, 1, 0, 0 },
    { "denormal operands flushed", TCG_F_ADD, TCG_FMT_F64, &arm_fz, 1, 0x3ff0000000000000,
      0x3ff0000000000000, DN },
    { "flushed beside a NaN", TCG_F_ADD, TCG_FMT_F64, &arm_fz, 1, 0x7ff8000000000000,
      0x7ff8000000000000,
      DN },
    { "f16 flush is silent", TCG_F_ADD, TCG_FMT_F16, &arm_fz, 1, 0x3c00, 0x3c00, 0 },
    { "f16 result flushed", TCG_F_MUL, TCG_FMT_F16, &arm_fz, 0x0400, 0x3800, 0, UF },
    { "flushed divisor", TCG_F_DIV, TCG_FMT_F32, &arm_fz, 0x3f800000, 1, 0x7f800000, DN | DZ },
    /* minimum and maximum */
    { "max -0 0", TCG_F_MAX, TCG_FMT_F32, &arm, 0x80000000, 0, 0, 0 },
    { "max 0 -0", TCG_F_MAX, TCG_FMT_F32, &arm, 0, 0x80000000, 0, 0 },
    { "min 0 -0", TCG_F_MIN, TCG_FMT_F32, &arm, 0, 0x80000000, 0x80000000, 0 },
    { "max qnan 1", TCG_F_MAX, TCG_FMT_F32, &arm, 0x7fc00001, 0x3f800000, 0x7fc00001, 0 },
    { "maxnm qnan 1", TCG_F_MAXNM, TCG_FMT_F32, &arm, 0x7fc00001, 0x3f800000, 0x3f800000, 0 },
    { "minnm 1 qnan", TCG_F_MINNM, TCG_FMT_F32, &arm, 0x3f800000, 0x7fc00001, 0x3f800000, 0 },
    { "minnm 1 snan", TCG_F_MINNM, TCG_FMT_F32, &arm, 0x3f800000, 0x7f800001, 0x7fc00001, IO },
    { "minnm qnan snan", TCG_F_MINNM, TCG_FMT_F32, &arm, 0xffc00003, 0x7f800001, 0x7fc00001, IO },
    { "minnm qnan qnan", TCG_F_MINNM, TCG_FMT_F32, &arm, 0xffc00003, 0x7fc00001, 0xffc00003, 0 },
    { "maxnm qnan denormal fz", TCG_F_MAXNM, TCG_FMT_F32, &arm_fz, 0x7fc00001, 0x80000001,
      0x80000000, DN },
    { "min of infinities", TCG_F_MIN, TCG_FMT_F16, &arm, 0x7c00, 0xfc00, 0xfc00, 0 },
    { "max keeps denormals", TCG_F_MAX, TCG_FMT_F64, &arm, 1, 2, 2, 0 },
    { "minsd of zeros: second", TCG_F_MIN_X86, TCG_FMT_F64, &x86, 0x8000000000000000, 0, 0, 0 },
    { "maxsd with a signalling NaN: second", TCG_F_MAX_X86, TCG_FMT_F64, &x86, 0x3ff0000000000000,
      0x7ff0000000000001, 0x7ff0000000000001, IO },
    { "maxsd with a NaN first: second", TCG_F_MAX_X86, TCG_FMT_F64, &x86, 0x7ff8000000000001,
      0x3ff0000000000000, 0x3ff0000000000000, IO },
    /* Newton steps */
    { "recps 0 inf", TCG_F_RECPS, TCG_FMT_F32, &arm, 0, 0xff800000, 0x40000000, 0 },
    { "rsqrts 0 inf", TCG_F_RSQRTS, TCG_FMT_F32, &arm, 0, 0x7f800000, 0x3fc00000, 0 },
    { "recps 1 2", TCG_F_RECPS, TCG_FMT_F32, &arm, 0x3f800000, 0x40000000, 0, 0 },
    { "recps 1 2 down", TCG_F_RECPS, TCG_FMT_F32, &arm_down, 0x3f800000, 0x40000000, 0x80000000,
      0 },
    { "recps inf 1", TCG_F_RECPS, TCG_FMT_F64, &arm, 0x7ff0000000000000, 0x3ff0000000000000,
      0xfff0000000000000, 0 },
    { "rsqrts 1 1", TCG_F_RSQRTS, TCG_FMT_F16, &arm, 0x3c00, 0x3c00, 0x3c00, 0 },
    { "rsqrts max max: no overflow before halving", TCG_F_RSQRTS, TCG_FMT_F32, &arm, 0x7f7fffff,
      0xbf800000,
      0x7effffff, IX },
    { "recps of a NaN flips its sign", TCG_F_RECPS, TCG_FMT_F32, &arm, 0x7fc00001, 0, 0xffc00001,
      0 },
};

START_TEST(two_operands)
{
    uint32_t st = 0;
    uint64_t got = tcg_soft_op2(two[_i].op, two[_i].f, two[_i].e, two[_i].a, two[_i].b, &st);

    ck_assert_msg(got == two[_i].want && st == two[_i].flags, "%s: %" PRIx64 " %x", two[_i].text,
                  got, st);
}
END_TEST

static const struct {
    const char *text;
    enum tcg_float_op1 op;
    enum tcg_fmt f;
    const struct tcg_float_env *e;
    uint64_t a, want;
    uint32_t flags;
} one[] = {
    { "sqrt 2", TCG_F_SQRT, TCG_FMT_F64, &arm, 0x4000000000000000, 0x3ff6a09e667f3bcd, IX },
    { "sqrt -0", TCG_F_SQRT, TCG_FMT_F32, &arm, 0x80000000, 0x80000000, 0 },
    { "sqrt -1", TCG_F_SQRT, TCG_FMT_F32, &arm, 0xbf800000, 0x7fc00000, IO },
    { "sqrt -1 x86", TCG_F_SQRT, TCG_FMT_F32, &x86, 0xbf800000, 0xffc00000, IO },
    { "sqrt of a denormal", TCG_F_SQRT, TCG_FMT_F16, &arm, 4, 0x1000, 0 },
    { "recpe 1", TCG_F_RECPE, TCG_FMT_F32, &arm, 0x3f800000, 0x3f7f8000, 0 },
    { "recpe 2^127", TCG_F_RECPE, TCG_FMT_F32, &arm, 0x7f000000, 0x001ff000 << 1, 0 },
    { "recpe 2^127 fz", TCG_F_RECPE, TCG_FMT_F32, &arm_fz, 0xff000000, 0x80000000, UF },
    { "recpe 0", TCG_F_RECPE, TCG_FMT_F32, &arm, 0x80000000, 0xff800000, DZ },
    { "recpe too small", TCG_F_RECPE, TCG_FMT_F64, &arm, 0x0003ffffffffffff, 0x7ff0000000000000,
      OF | IX },
    { "recpe too small zero", TCG_F_RECPE, TCG_FMT_F64, &arm_zero, 0x8003ffffffffffff,
      0xffefffffffffffff,
      OF | IX },
    { "recpe snan", TCG_F_RECPE, TCG_FMT_F16, &arm, 0x7c01, 0x7e01, IO },
    { "rsqrte 1", TCG_F_RSQRTE, TCG_FMT_F32, &arm, 0x3f800000, 0x3f7f8000, 0 },
    { "rsqrte 2", TCG_F_RSQRTE, TCG_FMT_F64, &arm, 0x4000000000000000, 0x3fe6900000000000, 0 },
    { "rsqrte inf", TCG_F_RSQRTE, TCG_FMT_F32, &arm, 0x7f800000, 0, 0 },
    { "rsqrte -1", TCG_F_RSQRTE, TCG_FMT_F32, &arm, 0xbf800000, 0x7fc00000, IO },
    { "rsqrte -0", TCG_F_RSQRTE, TCG_FMT_F32, &arm, 0x80000000, 0xff800000, DZ },
    { "recpx 1", TCG_F_RECPX, TCG_FMT_F32, &arm, 0x3f812345, 0x40000000, 0 },
    { "recpx 0", TCG_F_RECPX, TCG_FMT_F16, &arm, 0x8000, 0xf800, 0 },
    { "recpx inf", TCG_F_RECPX, TCG_FMT_F64, &arm, 0xfff0000000000000, 0x8000000000000000, 0 },
    { "recpx denormal fz", TCG_F_RECPX, TCG_FMT_F32, &arm_fz, 1, 0x7f000000, DN },
};

START_TEST(one_operand)
{
    uint32_t st = 0;
    uint64_t got = tcg_soft_op1(one[_i].op, one[_i].f, one[_i].e, one[_i].a, &st);

    ck_assert_msg(got == one[_i].want && st == one[_i].flags, "%s: %" PRIx64 " %x", one[_i].text,
                  got, st);
}
END_TEST

static const struct {
    const char *text;
    enum tcg_fmt f;
    const struct tcg_float_env *e;
    uint64_t a, b, c, want;
    uint32_t flags;
} three[] = {
    { "one rounding: (1 + u)^2 - (1 + 2u)", TCG_FMT_F32, &arm, 0x3f800001, 0x3f800001, 0xbf800002,
      0x28800000, 0 },
    { "exact zero down", TCG_FMT_F32, &arm_down, 0x3f800000, 0x3f800000, 0xbf800000, 0x80000000,
      0 },
    { "-0 product and -0", TCG_FMT_F32, &arm, 0x80000000, 0x3f800000, 0x80000000, 0x80000000, 0 },
    { "inf * 0 + 1", TCG_FMT_F64, &arm, 0x7ff0000000000000, 0, 0x3ff0000000000000,
      0x7ff8000000000000, IO },
    { "inf * 0 + qnan arm", TCG_FMT_F32, &arm, 0x7f800000, 0, 0xffc00001, 0x7fc00000, IO },
    { "inf * 0 + qnan x86", TCG_FMT_F32, &x86, 0x7f800000, 0, 0x7fc00001, 0x7fc00001, 0 },
    { "inf * 0 + qnan ppc", TCG_FMT_F32, &ppc, 0x7f800000, 0, 0x7fc00001, 0x7fc00001, IO },
    { "inf * 0 + snan arm", TCG_FMT_F32, &arm, 0x7f800000, 0, 0xff800001, 0xffc00001, IO },
    { "inf * 1 - inf", TCG_FMT_F32, &arm, 0x7f800000, 0x3f800000, 0xff800000, 0x7fc00000, IO },
    { "addend first, arm", TCG_FMT_F32, &arm, 0x7fc00001, 0x7fc00002, 0x7fc00003, 0x7fc00003, 0 },
    { "signalling first, arm", TCG_FMT_F32, &arm, 0x7fc00001, 0x7f800002, 0x7fc00003, 0x7fc00002,
      IO },
    { "a first, ppc", TCG_FMT_F32, &ppc, 0x3f800000, 0x7f800002, 0x7fc00003, 0x7fc00003, IO },
    { "a, b, c, x86", TCG_FMT_F32, &x86, 0x3f800000, 0x7fc00002, 0x7fc00003, 0x7fc00002, 0 },
    { "tiny product, big addend", TCG_FMT_F16, &arm, 1, 1, 0x3c00, 0x3c00, IX },
    { "tiny product, big addend, up", TCG_FMT_F16, &arm_up, 1, 1, 0x3c00, 0x3c01, IX },
    { "just below, zero", TCG_FMT_F64, &arm_zero, 1, 0x8000000000000001, 0x3ff0000000000000,
      0x3fefffffffffffff, IX },
    { "product overflows, sum does not", TCG_FMT_F32, &arm, 0x7f7fffff, 0x40000000, 0xff7fffff,
      0x7f7fffff,
      0 },
};

START_TEST(three_operands)
{
    uint32_t st = 0;
    uint64_t got = tcg_soft_fma(three[_i].f, three[_i].e, three[_i].a, three[_i].b, three[_i].c,
                                &st);

    ck_assert_msg(got == three[_i].want && st == three[_i].flags, "%s: %" PRIx64 " %x",
                  three[_i].text, got, st);
}
END_TEST

static const struct {
    const char *text;
    enum tcg_fmt from, to;
    const struct tcg_float_env *e;
    uint64_t a, want;
    uint32_t flags;
} conv[] = {
    { "NaN keeps its upper bits", TCG_FMT_F64, TCG_FMT_F32, &arm, 0xfff4000020000001, 0xffe00001,
      IO },
    { "NaN widened", TCG_FMT_F16, TCG_FMT_F64, &arm, 0x7e01, 0x7ff8040000000000, 0 },
    { "default NaN", TCG_FMT_F32, TCG_FMT_F16, &arm_dn, 0xff812345, 0x7e00, IO },
    { "65520 to f16", TCG_FMT_F32, TCG_FMT_F16, &arm, 0x477ff000, 0x7c00, OF | IX },
    { "65519 to f16", TCG_FMT_F32, TCG_FMT_F16, &arm, 0x477fef00, 0x7bff, IX },
    { "alternative half has no limit there", TCG_FMT_F32, TCG_FMT_F16_ALT, &arm, 0x477ff000,
      0x7c00, IX },
    { "its limit", TCG_FMT_F32, TCG_FMT_F16_ALT, &arm, 0x47ffffff, 0x7fff, IO },
    { "infinity to it", TCG_FMT_F32, TCG_FMT_F16_ALT, &arm, 0xff800000, 0xffff, IO },
    { "NaN to it", TCG_FMT_F32, TCG_FMT_F16_ALT, &arm, 0xffc00000, 0x8000, IO },
    { "its top exponent is a number", TCG_FMT_F16_ALT, TCG_FMT_F32, &arm, 0x7fff, 0x47ffe000, 0 },
    { "f16 sides are never flushed", TCG_FMT_F16, TCG_FMT_F32, &arm_fz, 1, 0x33800000, 0 },
    { "f16 sides are never flushed 2", TCG_FMT_F32, TCG_FMT_F16, &arm_fz, 0x33800000, 1, 0 },
    { "f32 sides are", TCG_FMT_F32, TCG_FMT_F16, &arm_fz, 0x00400000, 0, DN },
    { "f64 to f32 flushed", TCG_FMT_F64, TCG_FMT_F32, &arm_fz, 0x3800000000000000, 0, UF },
    { "fcvtxn", TCG_FMT_F64, TCG_FMT_F32, &arm_odd, 0x3ff0000000000001, 0x3f800001, IX },
    { "bfcvt even", TCG_FMT_F32, TCG_FMT_BF16, &arm, 0x3f808000, 0x3f80, IX },
    { "bfcvt up", TCG_FMT_F32, TCG_FMT_BF16, &arm_up, 0x3f800001, 0x3f81, IX },
    { "bfcvt NaN", TCG_FMT_F32, TCG_FMT_BF16, &arm, 0x7f800001, 0x7fc0, IO },
    { "bfcvt default NaN", TCG_FMT_F32, TCG_FMT_BF16, &arm_dn, 0xffc10000, 0x7fc0, 0 },
    { "bfcvt to infinity", TCG_FMT_F32, TCG_FMT_BF16, &arm, 0x7f7fffff, 0x7f80, OF | IX },
    { "bfcvt denormal fz", TCG_FMT_F32, TCG_FMT_BF16, &arm_fz, 0x00400000, 0, DN },
    { "cvtss2sd of a denormal", TCG_FMT_F32, TCG_FMT_F64, &x86, 1, 0x36a0000000000000, DN },
};

START_TEST(conversions)
{
    uint32_t st = 0;
    uint64_t got = tcg_soft_convert(conv[_i].from, conv[_i].to, conv[_i].e, conv[_i].a, &st);

    ck_assert_msg(got == conv[_i].want && st == conv[_i].flags, "%s: %" PRIx64 " %x",
                  conv[_i].text, got, st);
}
END_TEST

static const struct {
    const char *text;
    enum tcg_int_rule rule;
    bool is_signed;
    unsigned bits, fbits;
    const struct tcg_float_env *e;
    uint64_t a; /* f64 */
    uint64_t want;
    uint32_t flags;
} ints[] = {
    { "2.5 even", TCG_INT_SAT_ARM, 1, 32, 0, &arm, 0x4004000000000000, 2, IX },
    { "2.5 away", TCG_INT_SAT_ARM, 1, 32, 0, &arm_away, 0x4004000000000000, 3, IX },
    { "-2.5 down", TCG_INT_SAT_ARM, 1, 32, 0, &arm_down, 0xc004000000000000, 0xfffffffd, IX },
    { "-0.5 unsigned", TCG_INT_SAT_ARM, 0, 64, 0, &arm, 0xbfe0000000000000, 0, IX },
    { "-1 unsigned", TCG_INT_SAT_ARM, 0, 64, 0, &arm, 0xbff0000000000000, 0, IO },
    { "2^31", TCG_INT_SAT_ARM, 1, 32, 0, &arm, 0x41e0000000000000, 0x7fffffff, IO },
    { "-2^31", TCG_INT_SAT_ARM, 1, 32, 0, &arm, 0xc1e0000000000000, 0x80000000, 0 },
    { "2^31 - 1/2 rounds out of range", TCG_INT_SAT_ARM, 1, 32, 0, &arm, 0x41dfffffffe00000,
      0x7fffffff, IO },
    { "2^31 - 1/2 toward zero", TCG_INT_SAT_ARM, 1, 32, 0, &arm_zero, 0x41dfffffffe00000,
      0x7fffffff, IX },
    { "2^63 x86", TCG_INT_X86, 1, 64, 0, &x86, 0x43e0000000000000, 0x8000000000000000, IO },
    { "2^64 unsigned", TCG_INT_SAT_ARM, 0, 64, 0, &arm, 0x43f0000000000000, ~0ull, IO },
    { "NaN arm", TCG_INT_SAT_ARM, 1, 64, 0, &arm, 0x7ff8000000000000, 0, IO },
    { "NaN ppc", TCG_INT_SAT_PPC, 1, 32, 0, &ppc, 0x7ff8000000000000, 0x80000000, IO },
    { "NaN ppc unsigned", TCG_INT_SAT_PPC, 0, 32, 0, &ppc, 0x7ff8000000000000, 0, IO },
    { "inf ppc", TCG_INT_SAT_PPC, 1, 64, 0, &ppc, 0x7ff0000000000000, INT64_MAX, IO },
    { "inf x86 unsigned", TCG_INT_X86, 0, 32, 0, &x86, 0x7ff0000000000000, 0xffffffff, IO },
    { "1.5 with 31 fraction bits", TCG_INT_SAT_ARM, 0, 32, 31, &arm, 0x3ff8000000000000,
      0xc0000000, 0 },
    { "2^-1074 with 64 fraction bits", TCG_INT_SAT_ARM, 0, 64, 64, &arm, 1, 0, IX },
    { "0.75 with 64 fraction bits", TCG_INT_SAT_ARM, 0, 64, 64, &arm, 0x3fe8000000000000,
      0xc000000000000000, 0 },
    { "denormal flushed", TCG_INT_SAT_ARM, 1, 64, 0, &arm_fz, 1, 0, DN },
    { "js 2^32 + 5", TCG_INT_JS, 1, 32, 0, &arm, 0x41f0000000500000, 5, IO },
    { "js -2^53 - 2", TCG_INT_JS, 1, 32, 0, &arm, 0xc340000000000001, 0xfffffffe, IO },
    { "js 2^84", TCG_INT_JS, 1, 32, 0, &arm, 0x4530000000000001, 0, IO },
    { "js 2^52 + 2^31 ", TCG_INT_JS, 1, 32, 0, &arm, 0x4330000080000001, 0x80000001, IO },
    { "js 1e300", TCG_INT_JS, 1, 32, 0, &arm, 0x7e37e43c8800759c, 0, IO },
    { "js -1.5", TCG_INT_JS, 1, 32, 0, &arm_up, 0xbff8000000000000, 0xffffffff, IX },
    { "js NaN", TCG_INT_JS, 1, 32, 0, &arm, 0x7ff8000000000000, 0, IO },
    { "js -2^31", TCG_INT_JS, 1, 32, 0, &arm, 0xc1e0000000000000, 0x80000000, 0 },
    { "js denormal flushed", TCG_INT_JS, 1, 32, 0, &arm_fz, 1, 0, DN },
};

START_TEST(integers)
{
    uint32_t st = 0;
    uint64_t got = tcg_soft_to_int(TCG_FMT_F64, ints[_i].e, ints[_i].rule, ints[_i].is_signed,
                                   ints[_i].bits, ints[_i].fbits, ints[_i].a, &st);

    ck_assert_msg(got == ints[_i].want && st == ints[_i].flags, "%s: %" PRIx64 " %x",
                  ints[_i].text, got, st);
}
END_TEST

START_TEST(from_integers)
{
    uint32_t st = 0;

    ck_assert_uint_eq(tcg_soft_from_int(TCG_FMT_F32, &arm, true, 32, 0, 0xffffffff, &st),
    0xbf800000);
    ck_assert_uint_eq(tcg_soft_from_int(TCG_FMT_F64, &arm, false, 64, 64, ~0ull, &st),
    0x3ff0000000000000);
    ck_assert_uint_eq(st, IX);
    st = 0;
    ck_assert_uint_eq(tcg_soft_from_int(TCG_FMT_F16, &arm, false, 32, 0, 0xffffffff, &st), 0x7c00);
    ck_assert_uint_eq(st, OF | IX);
    ck_assert_uint_eq(tcg_soft_from_int(TCG_FMT_F64, &arm_down, true, 64, 0, 0, &st), 0);
    ck_assert_uint_eq(tcg_soft_from_int(TCG_FMT_F64, &arm, true, 64, 0, 1ull << 63, &st),
                      0xc3e0000000000000);
}
END_TEST

START_TEST(compare)
{
    static const struct {
        const struct tcg_float_env *e;
        bool quiet;
        uint32_t a, b;
        int want;
        uint32_t flags;
    } t[] = {
        { &arm, true, 0x80000000, 0, 0, 0 },
        { &arm, true, 0xbf800000, 0x3f800000, -1, 0 },
        { &arm, true, 0xbf800000, 0xbf800001, 1, 0 },
        { &arm, true, 0xff800000, 0xff7fffff, -1, 0 },
        { &arm, true, 0x7f800000, 0x7f800000, 0, 0 },
        { &arm, true, 1, 0x80000001, 1, 0 },
        { &arm, true, 0, 1, -1, 0 },
        { &arm, true, 0x7fc00000, 0, 2, 0 },
        { &arm, false, 0x7fc00000, 0, 2, IO },
        { &arm, true, 0, 0x7f800001, 2, IO },
        { &arm_fz, true, 0, 1, 0, DN },
        { &x86, true, 0, 1, -1, DN },
    };

    for (unsigned i = 0; i < ARRAY_LEN(t); i++) {
        uint32_t st = 0;

        ck_assert_msg(tcg_soft_cmp(TCG_FMT_F32, t[i].e, t[i].quiet, t[i].a, t[i].b,
        &st) == t[i].want &&
                      st == t[i].flags, "row %u", i);
    }
}
END_TEST

START_TEST(round_to_integral)
{
    uint32_t st = 0;

    ck_assert_uint_eq(tcg_soft_round_int(TCG_FMT_F32, &arm, false, 0x40200000, &st), 0x40000000);
    ck_assert_uint_eq(tcg_soft_round_int(TCG_FMT_F32, &arm_away, false, 0x40200000, &st),
    0x40400000);
    ck_assert_uint_eq(tcg_soft_round_int(TCG_FMT_F32, &arm, false, 0xbe800000, &st), 0x80000000);
    ck_assert_uint_eq(tcg_soft_round_int(TCG_FMT_F16, &arm_up, false, 0x3c01, &st), 0x4000);
    ck_assert_uint_eq(st, 0);
    ck_assert_uint_eq(tcg_soft_round_int(TCG_FMT_F64, &arm, true, 0x3fe0000000000000, &st), 0);
    ck_assert_uint_eq(st, IX);
    st = 0;
    ck_assert_uint_eq(tcg_soft_round_int(TCG_FMT_F32, &arm, true, 0x7f800001, &st), 0x7fc00001);
    ck_assert_uint_eq(st, IO);
    st = 0;
    ck_assert_uint_eq(tcg_soft_round_int_range(TCG_FMT_F32, &arm, 32, 0x4f000000, &st), 0xcf000000);
    ck_assert_uint_eq(st, IO);
    st = 0;
    ck_assert_uint_eq(tcg_soft_round_int_range(TCG_FMT_F32, &arm, 32, 0xcf000000, &st), 0xcf000000);
    ck_assert_uint_eq(tcg_soft_round_int_range(TCG_FMT_F64, &arm, 64, 0x43dfffffffffffff, &st),
                      0x43dfffffffffffff);
    ck_assert_uint_eq(st, 0);
    ck_assert_uint_eq(tcg_soft_round_int_range(TCG_FMT_F64, &arm, 32, 0x7ff0000000000001, &st),
                      0xc1e0000000000000);
    ck_assert_uint_eq(st, IO);
}
END_TEST

START_TEST(bf16_dot)
{
    ck_assert_uint_eq(tcg_soft_bfdot(0x3f800000, 0x3f804000, 0x40003f80), 0x40a00000); /* 1+2+2 */
    ck_assert_uint_eq(tcg_soft_bfdot(0, 0x7f80, 0), 0x7fc00000);          /* inf * 0 */
    ck_assert_uint_eq(tcg_soft_bfdot(0xffc00001, 0x3f80, 0x3f80), 0x7fc00000);
    ck_assert_uint_eq(tcg_soft_bfdot(0, 0x7f7f, 0x7f7f), 0x7f800000);     /* overflow */
    ck_assert_uint_eq(tcg_soft_bfdot(0x80000000, 0x8000, 0x00003f80), 0); /* -0 + (-0 + 0) */
    ck_assert_uint_eq(tcg_soft_bfdot(0x00000001, 0x0001, 0x3f80), 0);     /* denormals are zero */
    ck_assert_uint_eq(tcg_soft_bfdot(0x3f800000, 0x3380, 0x2f80), 0x3f800001); /* odd */
}
END_TEST

START_TEST(widening_fma)
{
    uint32_t st = 0;

    ck_assert_uint_eq(tcg_soft_fma_widen(TCG_FMT_F16, TCG_FMT_F32, &arm, false, 1, 0x3c00, 0,
    &st), 0x33800000);
    ck_assert_uint_eq(tcg_soft_fma_widen(TCG_FMT_F16, TCG_FMT_F32, &arm, true, 1, 0x3c00, 0,
    &st), 0);
    ck_assert_uint_eq(st, 0);
    /* a signalling half goes before a quiet addend */
    ck_assert_uint_eq(tcg_soft_fma_widen(TCG_FMT_F16, TCG_FMT_F32, &arm, false, 0x7c01, 0,
    0x7fc00005, &st),
                      0x7fc02000);
    ck_assert_uint_eq(st, IO);
}
END_TEST

START_TEST(estimates)
{
    uint32_t st = 0;

    ck_assert_uint_eq(tcg_soft_urecpe(0x7fffffff), 0xffffffff);
    ck_assert_uint_eq(tcg_soft_urecpe(0x80000000), 0xff800000);
    ck_assert_uint_eq(tcg_soft_urecpe(0xffffffff), 0x80000000);
    ck_assert_uint_eq(tcg_soft_ursqrte(0x3fffffff), 0xffffffff);
    ck_assert_uint_eq(tcg_soft_ursqrte(0x40000000), 0xff800000);
    ck_assert_uint_eq(tcg_soft_ursqrte(0xffffffff), 0x80000000);
    /* within 2^-8 of the true value everywhere in [1, 2) */
    for (uint64_t i = 0; i < 256; i++) {
        uint64_t x = 0x3ff0000000000000 | i << 44 | 0x7ffffffffff;
        uint64_t r = tcg_soft_op1(TCG_F_RECPE, TCG_FMT_F64, &arm, x, &st);
        uint64_t p = tcg_soft_op2(TCG_F_MUL, TCG_FMT_F64, &arm, x, r, &st);

        ck_assert(p > 0x3fefe00000000000 && p < 0x3ff0100000000000);
    }
}
END_TEST

START_TEST(flags_not_wanted)
{
    struct tcg_float_env e = arm;

    e.flags = 0;
    ck_assert_uint_eq(tcg_soft_op2(TCG_F_DIV, TCG_FMT_F32, &e, 0x3f800000, 0, NULL), 0x7f800000);
    ck_assert_uint_eq(tcg_soft_to_int(TCG_FMT_F32, &e, TCG_INT_SAT_ARM, true, 32, 0, 0x7fc00000,
    NULL), 0);
}
END_TEST

START_TEST(extended)
{
    static const struct tcg_float_env x87 = { .flags = 1, .nan = TCG_NAN_X87, .denormal_flag = 1 };
    const struct tcg_f80 one80 = { 1ull << 63, 0x3fff }, unnormal = { 1ull << 62, 0x3fff };
    const struct tcg_f80 three80 = { 3ull << 62, 0x4000 }, pseudo = { 1ull << 63, 0 };
    const struct tcg_f80 snan = { 0xbfffffffffffffff, 0x7fff }, qnan = { 0xc000000000000001,
    0xffff };
    uint32_t st = 0;
    struct tcg_f80 r = tcg_soft_f80_op2(TCG_F_DIV, &x87, 64, one80, three80, &st);

    ck_assert(r.frac == 0xaaaaaaaaaaaaaaab && r.se == 0x3ffd && st == IX);
    r = tcg_soft_f80_op2(TCG_F_DIV, &x87, 24, one80, three80, &st);
    ck_assert(r.frac == 0xaaaaab0000000000 && r.se == 0x3ffd);
    st = 0;
    r = tcg_soft_f80_op2(TCG_F_ADD, &x87, 64, unnormal, one80, &st);
    ck_assert(r.frac == 3ull << 62 && r.se == 0xffff && st == IO);
    st = 0;
    r = tcg_soft_f80_op2(TCG_F_ADD, &x87, 64, pseudo, pseudo, &st);
    ck_assert(r.frac == 1ull << 63 && r.se == 2 && st == DN);
    st = 0;
    r = tcg_soft_f80_op2(TCG_F_ADD, &x87, 64, snan, qnan, &st); /* the quiet one, though smaller */
    ck_assert(r.frac == qnan.frac && r.se == 0xffff && st == IO);
    st = 0;
    ck_assert_int_eq(tcg_soft_f80_to_int(&x87, 16, (struct tcg_f80){ 1ull << 63, 0x400e }, &st),
                     -32768);
    ck_assert_uint_eq(st, IO);
    ck_assert_int_eq(tcg_soft_f80_cmp(&x87, true, unnormal, one80, &st), 2);
    ck_assert_uint_eq(tcg_soft_from_f80(TCG_FMT_F64, &x87, three80, &st), 0x4008000000000000);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, two_operands, 0, ARRAY_LEN(two));
    tcase_add_loop_test(tc, one_operand, 0, ARRAY_LEN(one));
    tcase_add_loop_test(tc, three_operands, 0, ARRAY_LEN(three));
    tcase_add_loop_test(tc, conversions, 0, ARRAY_LEN(conv));
    tcase_add_loop_test(tc, integers, 0, ARRAY_LEN(ints));
    tcase_add_test(tc, from_integers);
    tcase_add_test(tc, compare);
    tcase_add_test(tc, round_to_integral);
    tcase_add_test(tc, bf16_dot);
    tcase_add_test(tc, widening_fma);
    tcase_add_test(tc, estimates);
    tcase_add_test(tc, flags_not_wanted);
    tcase_add_test(tc, extended);
}

UNIT_MAIN("softfloat", fill)
