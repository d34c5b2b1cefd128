/* SPDX-License-Identifier: MIT */
/* tests/frontends/common/softfloat_host_test.c -- the soft float twin under x86 rules against the
 * host processor: SSE with every rounding mode, FTZ and DAZ, FMA and F16C when the host has them,
 * and the x87 with every precision. Results and exception bits must be equal. */
#include "tests/frontends/common/float_cases.h"
#include "tests/unit.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <inttypes.h>
#include <string.h>

enum { CASES = 60000, CASES_SLOW = 20000 };

static const uint8_t rc_of_round[] = { [TCG_ROUND_EVEN] = 0, [TCG_ROUND_DOWN] = 1,
                                       [TCG_ROUND_UP] = 2, [TCG_ROUND_ZERO] = 3 };

static uint32_t flags_of_mxcsr(uint32_t m)
{
    return (m & 1 ? TCG_FX_INVALID : 0) | (m & 2 ? TCG_FX_DENORMAL : 0) |
           (m & 4 ? TCG_FX_DIVZERO : 0) | (m & 8 ? TCG_FX_OVERFLOW : 0) |
           (m & 16 ? TCG_FX_UNDERFLOW : 0) | (m & 32 ? TCG_FX_INEXACT : 0);
}

static uint32_t mxcsr_of_env(const struct tcg_float_env *e)
{
    return 0x1f80 | (uint32_t)rc_of_round[e->round] << 13 | (e->flush_in ? 0x40 : 0) |
           (e->flush_out ? 0x8000 : 0);
}

static struct tcg_float_env random_env(struct float_cases *c)
{
    struct tcg_float_env e = { .nan = TCG_NAN_X86, .flags = 1, .denormal_flag = 1 };

    e.round = (uint8_t)float_cases_below(c, 4);
    if (float_cases_below(c, 3) == 0) {
        e.flush_in = float_cases_below(c, 2) ? TCG_FLUSH_SILENT : 0;
        e.flush_out = (uint8_t)float_cases_below(c, 2);
    }
    return e;
}

static bool host_has(unsigned ecx_bit) /* of leaf 1: 12 FMA, 29 F16C */
{
    unsigned eax, ebx, ecx, edx;

    return __builtin_cpu_supports("avx") && __get_cpuid(1, &eax, &ebx, &ecx, &edx) &&
           ecx >> ecx_bit & 1;
}

/* Runs one instruction under the control word in mx; mx then holds the flags. */
#define SSE_OP(insn, x, y, mx)                                                                  \
    do {                                                                                        \
        uint32_t old_;                                                                          \
        __asm__ volatile("stmxcsr %2\n\tldmxcsr %1\n\t" insn "\n\tstmxcsr %1\n\tldmxcsr %2"     \
                         : "+x"(x), "+m"(mx), "=m"(old_)                                        \
                         : "x"(y));                                                             \
    } while (0)

static uint64_t host_op2(enum tcg_float_op2 op, enum tcg_fmt f, uint32_t *mx, uint64_t a,
                         uint64_t b)
{
    double x, y;
    uint32_t m = *mx;

    memcpy(&x, &a, 8);
    memcpy(&y, &b, 8);
#define BOTH(name)                           \
    do {                                     \
        if (f == TCG_FMT_F32)                \
            SSE_OP(name "ss %3, %0", x, y, m); \
        else                                 \
            SSE_OP(name "sd %3, %0", x, y, m); \
    } while (0)
    switch (op) {
    case TCG_F_ADD:
        BOTH("add");
        break;
    case TCG_F_SUB:
        BOTH("sub");
        break;
    case TCG_F_MUL:
        BOTH("mul");
        break;
    case TCG_F_DIV:
        BOTH("div");
        break;
    case TCG_F_MIN_X86:
        BOTH("min");
        break;
    default:
        BOTH("max");
        break;
    }
#undef BOTH
    memcpy(&a, &x, 8);
    *mx = m;
    return f == TCG_FMT_F32 ? a & 0xffffffff : a;
}

START_TEST(sse_two_operands)
{
    static const struct { enum tcg_float_op2 op; const char *name; } ops[] = {
        { TCG_F_ADD, "add" }, { TCG_F_SUB, "sub" }, { TCG_F_MUL, "mul" }, { TCG_F_DIV, "div" },
        { TCG_F_MIN_X86, "min" }, { TCG_F_MAX_X86, "max" },
    };
    enum tcg_fmt f = _i & 1 ? TCG_FMT_F64 : TCG_FMT_F32;
    struct float_cases c = { (uint64_t)_i };

    for (unsigned i = 0; i < CASES; i++) {
        struct tcg_float_env e = random_env(&c);
        unsigned o = float_cases_below(&c, ARRAY_LEN(ops));
        uint64_t a = float_cases_fmt(&c, f, 0), b = float_cases_fmt(&c, f, a);
        uint32_t mx = mxcsr_of_env(&e), st = 0;
        uint64_t want = host_op2(ops[o].op, f, &mx, a, b);
        uint64_t got = tcg_soft_op2(ops[o].op, f, &e, a, b, &st);

        ck_assert_msg(got == want && st == flags_of_mxcsr(mx),
                      "%s fmt %d %" PRIx64 " %" PRIx64 " round %d in %d out %d: "
                      "%" PRIx64 " flags %x, host %" PRIx64 " %x", ops[o].name, f, a, b, e.round,
                      e.flush_in, e.flush_out, got, st, want, flags_of_mxcsr(mx));
    }
}
END_TEST

enum one { SQRT, CVT, ROUND, TO_HALF, FROM_HALF, ONES };

START_TEST(sse_one_operand)
{
    static const char *const names[] = { "sqrt", "cvt", "round", "to half", "from half" };
    enum tcg_fmt f = _i & 1 ? TCG_FMT_F64 : TCG_FMT_F32;
    struct float_cases c = { (uint64_t)_i + 100 };
    bool has_half = host_has(29);

    for (unsigned i = 0; i < CASES; i++) {
        struct tcg_float_env e = random_env(&c);
        enum one op = (enum one)float_cases_below(&c, ONES);
        uint64_t a = float_cases_fmt(&c, op == FROM_HALF ? TCG_FMT_F16 : f, 0), want, got = 0;
        uint32_t mx = mxcsr_of_env(&e), st = 0;
        bool narrow = f == TCG_FMT_F32;
        double x = 0, y;

        if ((op == TO_HALF || op == FROM_HALF) && (!has_half || !narrow))
            continue;
        memcpy(&y, &a, 8);
        switch (op) {
        case SQRT:
            if (narrow)
                SSE_OP("sqrtss %3, %0", x, y, mx);
            else
                SSE_OP("sqrtsd %3, %0", x, y, mx);
            got = tcg_soft_op1(TCG_F_SQRT, f, &e, a, &st);
            break;
        case CVT:
            if (narrow)
                SSE_OP("cvtss2sd %3, %0", x, y, mx);
            else
                SSE_OP("cvtsd2ss %3, %0", x, y, mx);
            got = tcg_soft_convert(f, narrow ? TCG_FMT_F64 : TCG_FMT_F32, &e, a, &st);
            narrow = !narrow;
            break;
        case ROUND:
            if (narrow)
                SSE_OP("roundss $4, %3, %0", x, y, mx);
            else
                SSE_OP("roundsd $4, %3, %0", x, y, mx);
            got = tcg_soft_round_int(f, &e, true, a, &st);
            break;
        case TO_HALF:
            SSE_OP("vcvtps2ph $4, %3, %0", x, y, mx);
            got = tcg_soft_convert(f, TCG_FMT_F16, &e, a, &st);
            break;
        default:
            SSE_OP("vcvtph2ps %3, %0", x, y, mx);
            e.denormal_flag = 0;
            got = tcg_soft_convert(TCG_FMT_F16, f, &e, a, &st);
            break;
        }
        memcpy(&want, &x, 8);
        if (narrow)
            want &= op == TO_HALF ? 0xffff : 0xffffffff;
        ck_assert_msg(got == want && st == flags_of_mxcsr(mx),
                      "%s fmt %d %" PRIx64 " round %d in %d out %d: %" PRIx64 " flags %x, "
                      "host %" PRIx64 " %x", names[op], f, a, e.round, e.flush_in, e.flush_out, got,
                      st, want, flags_of_mxcsr(mx));
    }
}
END_TEST

#define SSE_INT(insn, r, x, mx)                                                                 \
    do {                                                                                        \
        uint32_t old_;                                                                          \
        __asm__ volatile("stmxcsr %2\n\tldmxcsr %1\n\t" insn "\n\tstmxcsr %1\n\tldmxcsr %2"     \
                         : "=&r"(r), "+m"(mx), "=m"(old_)                                       \
                         : "x"(x));                                                             \
    } while (0)

START_TEST(sse_to_int)
{
    enum tcg_fmt f = _i & 1 ? TCG_FMT_F64 : TCG_FMT_F32;
    unsigned bits = _i & 2 ? 64 : 32;
    struct float_cases c = { (uint64_t)_i + 200 };

    for (unsigned i = 0; i < CASES; i++) {
        struct tcg_float_env e = random_env(&c);
        uint64_t near = (uint64_t)(bits_mask(float_cases_exp_bits(f) - 1) + bits - 1);
        uint64_t a = float_cases_fmt(&c, f, near << float_cases_frac_bits(f)), want, got;
        uint32_t mx = mxcsr_of_env(&e), st = 0;
        double x;

        memcpy(&x, &a, 8);
        switch (_i & 3) {
        case 0:
            SSE_INT("cvtss2si %3, %k0", want, x, mx);
            break;
        case 1:
            SSE_INT("cvtsd2si %3, %k0", want, x, mx);
            break;
        case 2:
            SSE_INT("cvtss2si %3, %q0", want, x, mx);
            break;
        default:
            SSE_INT("cvtsd2si %3, %q0", want, x, mx);
        }
        got = tcg_soft_to_int(f, &e, TCG_INT_X86, true, bits, 0, a, &st);
        ck_assert_msg(got == want && st == flags_of_mxcsr(mx),
                      "to %u bits fmt %d %" PRIx64 " round %d: %" PRIx64 " flags %x, host %" PRIx64
                      " %x", bits, f, a, e.round, got, st, want, flags_of_mxcsr(mx));
    }
}
END_TEST

START_TEST(sse_from_int)
{
    enum tcg_fmt f = _i & 1 ? TCG_FMT_F64 : TCG_FMT_F32;
    struct float_cases c = { (uint64_t)_i + 300 };

    for (unsigned i = 0; i < CASES_SLOW; i++) {
        struct tcg_float_env e = random_env(&c);
        uint64_t a = float_cases_frac(&c, 64), want, got;
        uint32_t mx = mxcsr_of_env(&e), st = 0, old;
        double x = 0;

        if (f == TCG_FMT_F32)
            __asm__ volatile("stmxcsr %2\n\tldmxcsr %1\n\tcvtsi2ssq %3, %0\n\tstmxcsr %1\n\t"
                             "ldmxcsr %2"
                             : "+x"(x), "+m"(mx), "=m"(old) : "r"(a));
        else
            __asm__ volatile("stmxcsr %2\n\tldmxcsr %1\n\tcvtsi2sdq %3, %0\n\tstmxcsr %1\n\t"
                             "ldmxcsr %2"
                             : "+x"(x), "+m"(mx), "=m"(old) : "r"(a));
        memcpy(&want, &x, 8);
        got = tcg_soft_from_int(f, &e, true, 64, 0, a, &st);
        ck_assert_msg(got == want && st == flags_of_mxcsr(mx),
                      "from %" PRIx64 " fmt %d round %d: %" PRIx64 " flags %x, host %" PRIx64 " %x",
                      a, f, e.round, got, st, want, flags_of_mxcsr(mx));
    }
}
END_TEST

START_TEST(sse_compare)
{
    enum tcg_fmt f = _i & 1 ? TCG_FMT_F64 : TCG_FMT_F32;
    struct float_cases c = { (uint64_t)_i + 400 };

    for (unsigned i = 0; i < CASES_SLOW; i++) {
        struct tcg_float_env e = random_env(&c);
        uint64_t a = float_cases_fmt(&c, f, 0), b = float_cases_fmt(&c, f, a);
        uint32_t mx = mxcsr_of_env(&e), st = 0, old;
        uint8_t carry, parity, zero;
        bool quiet = _i & 2;
        double x, y;
        int want, got;

        memcpy(&x, &a, 8);
        memcpy(&y, &b, 8);
#define COMPARE(insn)                                                                            \
    __asm__ volatile("stmxcsr %4\n\tldmxcsr %3\n\t" insn " %6, %5\n\tsetc %0\n\tsetp %1\n\t"     \
                     "setz %2\n\tstmxcsr %3\n\tldmxcsr %4"                                       \
                     : "=&q"(carry), "=&q"(parity), "=&q"(zero), "+m"(mx), "=m"(old)             \
                     : "x"(x), "x"(y) : "cc")
        if (f == TCG_FMT_F32) {
            if (quiet)
                COMPARE("ucomiss");
            else
                COMPARE("comiss");
        } else {
            if (quiet)
                COMPARE("ucomisd");
            else
                COMPARE("comisd");
        }
        want = parity ? 2 : carry ? -1 : zero ? 0 : 1;
        got = tcg_soft_cmp(f, &e, quiet, a, b, &st);
        ck_assert_msg(got == want && st == flags_of_mxcsr(mx),
                      "compare fmt %d %" PRIx64 " %" PRIx64 ": %d flags %x, host %d %x", f, a, b,
                      got, st, want, flags_of_mxcsr(mx));
    }
}
END_TEST

START_TEST(fma_host)
{
    enum tcg_fmt f = _i & 1 ? TCG_FMT_F64 : TCG_FMT_F32;
    struct float_cases c = { (uint64_t)_i + 500 };

    if (!host_has(12))
        return;
    for (unsigned i = 0; i < CASES; i++) {
        struct tcg_float_env e = random_env(&c);
        uint64_t a = float_cases_fmt(&c, f, 0), b = float_cases_fmt(&c, f, a);
        unsigned eb = float_cases_exp_bits(f), fb = float_cases_frac_bits(f);
        uint64_t near = ((a >> fb) + (b >> fb) - bits_mask(eb - 1)) << fb;
        uint64_t d = float_cases_fmt(&c, f, near), want, got;
        uint32_t mx = mxcsr_of_env(&e), st = 0, old;
        double x, y, z;

        memcpy(&y, &a, 8); /* form 213 is the middle operand times the first plus the last */
        memcpy(&x, &b, 8);
        memcpy(&z, &d, 8);
#define FMA(insn)                                                                                \
    __asm__ volatile("stmxcsr %2\n\tldmxcsr %1\n\t" insn " %4, %3, %0\n\tstmxcsr %1\n\tldmxcsr %2" \
                     : "+x"(x), "+m"(mx), "=m"(old) : "x"(y), "x"(z))
        if (f == TCG_FMT_F32)
            FMA("vfmadd213ss");
        else
            FMA("vfmadd213sd");
        memcpy(&want, &x, 8);
        if (f == TCG_FMT_F32)
            want &= 0xffffffff;
        got = tcg_soft_fma(f, &e, a, b, d, &st);
        ck_assert_msg(got == want && st == flags_of_mxcsr(mx),
                      "fma fmt %d %" PRIx64 " %" PRIx64 " %" PRIx64 " round %d in %d out %d: "
                      "%" PRIx64 " flags %x, host %" PRIx64 " %x", f, a, b, d, e.round, e.flush_in,
                      e.flush_out, got, st, want, flags_of_mxcsr(mx));
    }
}
END_TEST

/* ---- x87 ---- */
struct raw80 {
    uint64_t frac;
    uint16_t se;
} __attribute__((packed));

static struct tcg_f80 random80(struct float_cases *c, struct tcg_f80 near)
{
    struct tcg_f80 v;

    v.se = (uint16_t)(float_cases_exp(c, 15, near.se & 0x7fff) | float_cases_below(c, 2) << 15);
    v.frac = float_cases_frac(c, 63) | (uint64_t)((v.se & 0x7fff) != 0) << 63;
    if (float_cases_below(c, 20) == 0)
        v.frac ^= 1ull << 63;
    if (float_cases_below(c, 20) == 0)
        v = near;
    return v;
}

static struct tcg_float_env x87_env(struct float_cases *c)
{
    return (struct tcg_float_env){ .nan = TCG_NAN_X87, .flags = 1, .denormal_flag = 1,
                                   .round = (uint8_t)float_cases_below(c, 4) };
}

static uint16_t x87_control(const struct tcg_float_env *e, unsigned prec)
{
    return (uint16_t)(0x7f | rc_of_round[e->round] << 10 |
                      (prec == 24 ? 0 : prec == 53 ? 2 : 3) << 8);
}

#define X87(insn, a, b, r, cw, sw)                                                              \
    do {                                                                                        \
        struct raw80 a_ = { (a).frac, (a).se }, b_ = { (b).frac, (b).se }, r_;                  \
        __asm__ volatile("fninit\n\tfldt %2\n\tfldt %3\n\tfldcw %4\n\tfnclex\n\t" insn          \
                         "\n\tfnstsw %1\n\tfstpt %0\n\tfninit"                                  \
                         : "=m"(r_), "=&a"(sw) : "m"(a_), "m"(b_), "m"(cw)                      \
                         : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)"); \
        (r) = (struct tcg_f80){ r_.frac, r_.se };                                               \
    } while (0)

START_TEST(x87_arithmetic)
{
    static const uint8_t precs[] = { 24, 53, 64 };
    unsigned prec = precs[_i];
    struct float_cases c = { (uint64_t)_i + 600 };

    for (unsigned i = 0; i < CASES; i++) {
        struct tcg_float_env e = x87_env(&c);
        struct tcg_f80 a = random80(&c, (struct tcg_f80){ 0 }), b = random80(&c, a), got, want;
        unsigned op = float_cases_below(&c, 6);
        uint16_t cw = x87_control(&e, prec), sw;
        uint32_t st = 0, wantst;

        switch (op) {
        case 0:
            X87("faddp", a, b, want, cw, sw);
            got = tcg_soft_f80_op2(TCG_F_ADD, &e, prec, a, b, &st);
            break;
        case 1: /* AT&T names: fsubrp subtracts the top from the one below */
            X87("fsubrp", a, b, want, cw, sw);
            got = tcg_soft_f80_op2(TCG_F_SUB, &e, prec, a, b, &st);
            break;
        case 2:
            X87("fmulp", a, b, want, cw, sw);
            got = tcg_soft_f80_op2(TCG_F_MUL, &e, prec, a, b, &st);
            break;
        case 3:
            X87("fdivrp", a, b, want, cw, sw);
            got = tcg_soft_f80_op2(TCG_F_DIV, &e, prec, a, b, &st);
            break;
        case 4:
            X87("fsqrt", a, b, want, cw, sw);
            got = tcg_soft_f80_sqrt(&e, prec, b, &st);
            break;
        default:
            X87("frndint", a, b, want, cw, sw);
            got = tcg_soft_f80_round_int(&e, b, &st);
            break;
        }
        wantst = flags_of_mxcsr(sw & 0x3f);
        ck_assert_msg(got.frac == want.frac && got.se == want.se && st == wantst,
                      "op %u prec %u %x:%" PRIx64 " %x:%" PRIx64 " round %d: %x:%" PRIx64
                      " flags %x, host %x:%" PRIx64 " %x", op, prec, a.se, a.frac, b.se, b.frac,
                      e.round, got.se, got.frac, st, want.se, want.frac, wantst);
    }
}
END_TEST

START_TEST(x87_compare_and_store)
{
    struct float_cases c = { (uint64_t)_i + 700 };

    for (unsigned i = 0; i < CASES_SLOW; i++) {
        struct tcg_float_env e = x87_env(&c);
        struct tcg_f80 near = { 0, (uint16_t)(0x3fff + (_i == 3 ? 15 : _i == 4 ? 31 : 63)) };
        struct tcg_f80 a = random80(&c, near), b = random80(&c, a);
        struct raw80 ra = { a.frac, a.se }, rb = { b.frac, b.se };
        uint16_t cw = x87_control(&e, 64), sw;
        uint32_t st = 0, wantst;
        uint64_t want = 0, got;

#define STORE(insn)                                                                             \
    __asm__ volatile("fninit\n\tfldt %2\n\tfldcw %3\n\tfnclex\n\t" insn " %0\n\tfnstsw %1"   \
                     "\n\tfninit"                                                              \
                     : "+m"(want), "=&a"(sw) : "m"(ra), "m"(cw)                                 \
                     : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)")
#define COMPARE87(insn)                                                                         \
    __asm__ volatile("fninit\n\tfldt %2\n\tfldt %1\n\tfnclex\n\t" insn "\n\tfnstsw %0\n\tfninit" \
                     : "=&a"(sw) : "m"(ra), "m"(rb)                                             \
                     : "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)")
        switch (_i) {
        case 0:
        case 1:
            if (_i)
                COMPARE87("fucom");
            else
                COMPARE87("fcom");
            want = (uint64_t)(int64_t)(sw & 0x400 ? 2 : sw & 0x100 ? -1 : sw & 0x4000 ? 0 : 1);
            got = (uint64_t)(int64_t)tcg_soft_f80_cmp(&e, _i, a, b, &st);
            break;
        case 2:
            STORE("fstpl");
            got = tcg_soft_from_f80(TCG_FMT_F64, &e, a, &st);
            break;
        case 3:
            STORE("fistps");
            got = (uint64_t)tcg_soft_f80_to_int(&e, 16, a, &st) & 0xffff;
            break;
        case 4:
            STORE("fistpl");
            got = (uint64_t)tcg_soft_f80_to_int(&e, 32, a, &st) & 0xffffffff;
            break;
        case 5:
            STORE("fistpll");
            got = (uint64_t)tcg_soft_f80_to_int(&e, 64, a, &st);
            break;
        default:
            STORE("fstps");
            got = tcg_soft_from_f80(TCG_FMT_F32, &e, a, &st);
            break;
        }
        wantst = flags_of_mxcsr(sw & 0x3f);
        ck_assert_msg(got == want && st == wantst,
                      "kind %d %x:%" PRIx64 " %x:%" PRIx64 " round %d: %" PRIx64 " flags %x, host %"
                      PRIx64 " %x", _i, a.se, a.frac, b.se, b.frac, e.round, got, st, want, wantst);
    }
}
END_TEST

START_TEST(x87_load)
{
    enum tcg_fmt f = _i & 1 ? TCG_FMT_F64 : TCG_FMT_F32;
    struct float_cases c = { (uint64_t)_i + 800 };

    for (unsigned i = 0; i < CASES_SLOW; i++) {
        struct tcg_float_env e = x87_env(&c);
        uint64_t a = float_cases_fmt(&c, f, 0);
        struct tcg_f80 got, gi = tcg_soft_int_to_f80((int64_t)a);
        uint32_t st = 0;
        struct raw80 r, ri;
        uint16_t sw;

        if (f == TCG_FMT_F32)
            __asm__ volatile("fninit\n\tflds %2\n\tfnstsw %1\n\tfstpt %0" : "=m"(r), "=&a"(sw)
                             : "m"(a));
        else
            __asm__ volatile("fninit\n\tfldl %2\n\tfnstsw %1\n\tfstpt %0" : "=m"(r), "=&a"(sw)
                             : "m"(a));
        __asm__ volatile("fildll %1\n\tfstpt %0" : "=m"(ri) : "m"(a));
        got = tcg_soft_to_f80(f, &e, a, &st);
        ck_assert_msg(got.frac == r.frac && got.se == r.se && st == flags_of_mxcsr(sw & 0x3f),
                      "load fmt %d %" PRIx64 ": %x:%" PRIx64 " flags %x, host %x:%" PRIx64 " %x", f,
                      a, got.se, got.frac, st, r.se, r.frac, flags_of_mxcsr(sw & 0x3f));
        ck_assert(gi.frac == ri.frac && gi.se == ri.se);
    }
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, sse_two_operands, 0, 2);
    tcase_add_loop_test(tc, sse_one_operand, 0, 2);
    tcase_add_loop_test(tc, sse_to_int, 0, 4);
    tcase_add_loop_test(tc, sse_from_int, 0, 2);
    tcase_add_loop_test(tc, sse_compare, 0, 4);
    tcase_add_loop_test(tc, fma_host, 0, 2);
    tcase_add_loop_test(tc, x87_arithmetic, 0, 3);
    tcase_add_loop_test(tc, x87_compare_and_store, 0, 7);
    tcase_add_loop_test(tc, x87_load, 0, 2);
}

UNIT_MAIN("softfloat against the host", fill)

#else

int main(void)
{
    return 77; /* automake: skipped */
}

#endif
