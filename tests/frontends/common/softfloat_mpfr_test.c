/* SPDX-License-Identifier: MIT */
/* tests/frontends/common/softfloat_mpfr_test.c -- the soft float twin against MPFR: every operation
 * that rounds, every format and rounding mode, with and without flushing, both rules of tininess,
 * results and exception bits.
 *
 * MPFR computes each result toward zero with 200 bits and tells whether more follow; if so one more
 * bit far behind stands for them. expect() then rounds that number by the words of IEEE 754 using
 * MPFR numbers only. Infinities and NaNs are softfloat_test.c's business. */
#include <stdint.h>
#define MPFR_USE_INTMAX_T 1
#include <mpfr.h>

#include "tests/frontends/common/float_cases.h"
#include "tests/unit.h"

#include <inttypes.h>

struct shape { /* of a format */
    int exp_bits, prec, emin, emax;
    bool alt, wide; /* wide: f80, the leading bit is stored */
};

static const struct shape shapes[] = {
    [TCG_FMT_F16] = { 5, 11, -14, 15, false, false },
    [TCG_FMT_F32] = { 8, 24, -126, 127, false, false },
    [TCG_FMT_F64] = { 11, 53, -1022, 1023, false, false },
    [TCG_FMT_BF16] = { 8, 8, -126, 127, false, false },
    [TCG_FMT_F16_ALT] = { 5, 11, -14, 16, true, false },
};

struct value { /* what an operation should give */
    uint64_t bits;
    uint16_t se; /* f80 */
    uint32_t flags;
};

static mpfr_t ma, mb, mc, mr, ms, mt;

static void setup(void)
{
    mpfr_inits2(200, mr, (mpfr_ptr)0);
    mpfr_inits2(80, ma, mb, mc, (mpfr_ptr)0);
    mpfr_inits2(400, ms, mt, (mpfr_ptr)0);
}

static void teardown(void)
{
    mpfr_clears(ma, mb, mc, mr, ms, mt, (mpfr_ptr)0);
    mpfr_free_cache();
}

static bool is_half(enum tcg_fmt f)
{
    return f == TCG_FMT_F16 || f == TCG_FMT_F16_ALT;
}

/* False for an infinity or a NaN. */
static bool load(mpfr_t m, enum tcg_fmt f, const struct tcg_float_env *e, bool flush, uint64_t bits,
                 uint32_t *flags)
{
    const struct shape *s = &shapes[f];
    uint64_t frac = bits & bits_mask((unsigned)s->prec - 1);
    int be = (int)(bits >> (s->prec - 1) & bits_mask((unsigned)s->exp_bits));
    bool sign = bits >> (s->prec - 1 + s->exp_bits) & 1;

    if (be == (int)bits_mask((unsigned)s->exp_bits) && !s->alt)
        return false;
    if (be == 0 && frac != 0) {
        if (flush && e->flush_in) {
            frac = 0;
            if (e->flush_in == TCG_FLUSH_FLAG && !is_half(f))
                *flags |= TCG_FX_DENORMAL;
        } else if (e->denormal_flag) {
            *flags |= TCG_FX_DENORMAL;
        }
    }
    if (be != 0)
        frac |= 1ull << (s->prec - 1);
    mpfr_set_uj_2exp(m, frac, (be ? be - 1 : 0) + s->emin - (s->prec - 1), MPFR_RNDN);
    mpfr_setsign(m, m, sign, MPFR_RNDN);
    return true;
}

/* |t| / 2^quantum as an integer, rounded; *inexact tells whether it was none before. */
static uint64_t quantize(const mpfr_t t, unsigned round, int quantum, bool *inexact)
{
    bool sign = mpfr_signbit(t), up;
    int half;
    uint64_t n;

    mpfr_mul_2si(ms, t, -quantum, MPFR_RNDN);
    mpfr_abs(ms, ms, MPFR_RNDN);
    mpfr_trunc(mt, ms);
    n = mpfr_get_uj(mt, MPFR_RNDZ);
    mpfr_sub(ms, ms, mt, MPFR_RNDN); /* exact: 400 bits */
    *inexact = !mpfr_zero_p(ms);
    half = mpfr_cmp_d(ms, 0.5);
    up = (round == TCG_ROUND_EVEN && (half > 0 || (half == 0 && n & 1))) ||
         (round == TCG_ROUND_AWAY && half >= 0) || (round == TCG_ROUND_UP && !sign && *inexact) ||
         (round == TCG_ROUND_DOWN && sign && *inexact);
    if (round == TCG_ROUND_ODD && *inexact)
        n |= 1;
    return n + up;
}

static struct value encode(const struct shape *s, bool sign, uint64_t be, uint64_t sig,
                           uint32_t flags)
{
    struct value v = { .flags = flags };

    if (s->wide) {
        v.bits = sig << (64 - s->prec);
        v.se = (uint16_t)((uint64_t)sign << 15 | be);
    } else {
        v.bits = (uint64_t)sign << (s->exp_bits + s->prec - 1) | be << (s->prec - 1) |
                 (sig & bits_mask((unsigned)s->prec - 1));
    }
    return v;
}

/* t, which is not zero, rounded to the format. */
static struct value expect(const mpfr_t t, const struct shape *s, const struct tcg_float_env *e,
                           bool flush_out, uint32_t flags)
{
    int exp = (int)mpfr_get_exp(t) - 1;
    bool tiny = exp < s->emin, below, inexact, sign = mpfr_signbit(t), to_max;
    uint64_t full = s->prec == 64 ? 0 : 1ull << s->prec; /* 2^64 wraps to 0 */
    uint64_t n;

    if (tiny && !e->tiny_before && quantize(t, e->round, exp - s->prec + 1, &inexact) == full &&
        exp + 1 == s->emin)
        tiny = false;
    if (tiny && flush_out)
        return encode(s, sign, 0, 0,
                      flags | TCG_FX_UNDERFLOW | (e->tiny_before ? 0 : TCG_FX_INEXACT));
    below = exp < s->emin;
    if (below)
        exp = s->emin;
    n = quantize(t, e->round, exp - s->prec + 1, &inexact);
    if (n == full && !below) {
        n = 1ull << (s->prec - 1);
        exp++;
    }
    if (exp > s->emax) {
        to_max = e->round == TCG_ROUND_ZERO || e->round == TCG_ROUND_ODD ||
                 e->round == (sign ? TCG_ROUND_UP : TCG_ROUND_DOWN);
        if (s->alt)
            return encode(s, sign, 31, ~0ull, flags | TCG_FX_INVALID);
        flags |= TCG_FX_OVERFLOW | TCG_FX_INEXACT;
        if (to_max)
            return encode(s, sign, bits_mask((unsigned)s->exp_bits) - 1,
                          bits_mask((unsigned)s->prec), flags);
        return encode(s, sign, bits_mask((unsigned)s->exp_bits), 1ull << (s->prec - 1), flags);
    }
    if (inexact)
        flags |= TCG_FX_INEXACT | (tiny ? TCG_FX_UNDERFLOW : 0);
    return encode(s, sign, n >> (s->prec - 1) ? (uint64_t)(exp - s->emin + 1) : 0, n, flags);
}

/* mr with its ternary value: the number, or one that rounds as it does, in place. */
static void add_tail(int ternary)
{
    mpfr_prec_round(mr, 300, MPFR_RNDN);
    if (ternary == 0)
        return;
    if (mpfr_signbit(mr))
        mpfr_nextbelow(mr);
    else
        mpfr_nextabove(mr);
}

/* zero_sign: of an exact zero. */
static struct value finish(int ternary, bool zero_sign, const struct shape *s,
                           const struct tcg_float_env *e, bool flush_out, uint32_t flags)
{
    struct value v;

    add_tail(ternary);
    if (mpfr_zero_p(mr))
        v = encode(s, zero_sign, 0, 0, flags);
    else
        v = expect(mr, s, e, flush_out, flags);
    mpfr_set_prec(mr, 200);
    return v;
}

static struct tcg_float_env random_env(struct float_cases *c)
{
    struct tcg_float_env e = { .flags = 1 };

    e.round = (uint8_t)float_cases_below(c, TCG_ROUND_DYN);
    e.tiny_before = (uint8_t)float_cases_below(c, 2);
    e.denormal_flag = (uint8_t)float_cases_below(c, 2);
    if (float_cases_below(c, 4) == 0)
        e.flush_in = (uint8_t)float_cases_below(c, 3);
    if (float_cases_below(c, 4) == 0)
        e.flush_out = (uint8_t)float_cases_below(c, 2);
    return e;
}

#define CHECK(got, st, want, ...)                                                        \
    ck_assert_msg((got) == (want).bits && (st) == (want).flags,                          \
                  "round %d tiny %d in %d out %d: got %" PRIx64 " %x, want %" PRIx64     \
                  " %x for op %d fmt %d %" PRIx64 " %" PRIx64 " %" PRIx64, e.round,      \
                  e.tiny_before, e.flush_in, e.flush_out, (uint64_t)(got), st,           \
                  (want).bits, (want).flags, __VA_ARGS__)

enum { OP_SQRT = 100, OP_FMA, FORMATS = 4, CASES = 24000 };

START_TEST(arithmetic)
{
    static const int ops[] = { TCG_F_ADD, TCG_F_SUB, TCG_F_MUL, TCG_F_DIV, TCG_F_RECPS,
                               TCG_F_RSQRTS, TCG_F_MULX, OP_SQRT, OP_FMA };
    enum tcg_fmt f = (enum tcg_fmt)(_i % FORMATS);
    const struct shape *s = &shapes[f];
    struct float_cases c = { (uint64_t)_i };
    unsigned eb = (unsigned)s->exp_bits, fb = (unsigned)s->prec - 1;

    setup();
    for (unsigned i = 0; i < CASES; i++) {
        struct tcg_float_env e = random_env(&c);
        int op = ops[float_cases_below(&c, ARRAY_LEN(ops))], ternary;
        uint64_t a = float_cases_fmt(&c, f, bits_mask(eb - 1) << fb);
        uint64_t b = float_cases_fmt(&c, f, a), got;
        uint64_t d = float_cases_fmt(&c, f, ((a >> fb) + (b >> fb) - bits_mask(eb - 1)) << fb);
        bool down = e.round == TCG_ROUND_DOWN, zero;
        uint32_t st = 0, flags = 0;
        struct value want;

        if (op == TCG_F_RECPS || op == TCG_F_RSQRTS)
            e.denormal_flag = 0; /* arm64 only */
        if (!load(ma, f, &e, true, a, &flags))
            continue;
        if (op != OP_SQRT && !load(mb, f, &e, true, b, &flags))
            continue;
        if (op == OP_FMA && !load(mc, f, &e, true, d, &flags))
            continue;
        zero = mpfr_signbit(ma) != mpfr_signbit(mb);
        switch (op) {
        case TCG_F_ADD:
        case TCG_F_SUB:
            if (op == TCG_F_SUB)
                mpfr_neg(mb, mb, MPFR_RNDN);
            ternary = mpfr_add(mr, ma, mb, MPFR_RNDZ);
            zero = mpfr_signbit(ma) && mpfr_signbit(mb);
            zero = zero || (down && !(mpfr_zero_p(ma) && !mpfr_signbit(ma) && !mpfr_signbit(mb)));
            break;
        case TCG_F_MUL:
        case TCG_F_MULX:
            ternary = mpfr_mul(mr, ma, mb, MPFR_RNDZ);
            break;
        case TCG_F_DIV:
            if (mpfr_zero_p(mb))
                continue;
            ternary = mpfr_div(mr, ma, mb, MPFR_RNDZ);
            break;
        case OP_SQRT:
            if (mpfr_signbit(ma))
                continue;
            ternary = mpfr_sqrt(mr, ma, MPFR_RNDZ);
            zero = false;
            break;
        case OP_FMA:
            ternary = mpfr_fma(mr, ma, mb, mc, MPFR_RNDZ);
            if (mpfr_zero_p(mc) && (mpfr_zero_p(ma) || mpfr_zero_p(mb)) && zero == mpfr_signbit(mc))
                break;
            zero = down;
            break;
        default:
            mpfr_neg(ma, ma, MPFR_RNDN);
            mpfr_set_ui(mc, op == TCG_F_RECPS ? 2 : 3, MPFR_RNDN);
            ternary = mpfr_fma(mr, ma, mb, mc, MPFR_RNDZ);
            if (op == TCG_F_RSQRTS)
                mpfr_div_2ui(mr, mr, 1, MPFR_RNDZ);
            zero = down;
        }
        want = finish(ternary, zero, s, &e, e.flush_out, flags);
        if (op == OP_FMA)
            got = tcg_soft_fma(f, &e, a, b, d, &st);
        else if (op == OP_SQRT)
            got = tcg_soft_op1(TCG_F_SQRT, f, &e, a, &st);
        else
            got = tcg_soft_op2((enum tcg_float_op2)op, f, &e, a, b, &st);
        CHECK(got, st, want, op, f, a, b, d);
    }
    teardown();
}
END_TEST

START_TEST(conversions)
{
    enum tcg_fmt from = (enum tcg_fmt)(_i / 5), to = (enum tcg_fmt)(_i % 5);
    struct float_cases c = { (uint64_t)_i + 1000 };

    if (from == to)
        return;
    setup();
    for (unsigned i = 0; i < CASES / 8; i++) {
        struct tcg_float_env e = random_env(&c);
        /* near the ends of the target's range */
        int edge = float_cases_below(&c, 2) ? shapes[to].emin : shapes[to].emax;
        uint64_t near = (uint64_t)(edge + shapes[from].emax) << (shapes[from].prec - 1);
        uint64_t a = float_cases_fmt(&c, from, near), got;
        uint32_t st = 0, flags = 0;
        struct value want;

        if (!load(ma, from, &e, !is_half(from), a, &flags))
            continue;
        want = finish(mpfr_set(mr, ma, MPFR_RNDZ), mpfr_signbit(ma), &shapes[to], &e,
                      e.flush_out && !is_half(to), flags);
        got = tcg_soft_convert(from, to, &e, a, &st);
        CHECK(got, st, want, (int)to, from, a, (uint64_t)0, (uint64_t)0);
    }
    teardown();
}
END_TEST

START_TEST(fma_widening)
{
    static const enum tcg_fmt from[] = { TCG_FMT_F16, TCG_FMT_BF16, TCG_FMT_F32 };
    static const enum tcg_fmt to[] = { TCG_FMT_F32, TCG_FMT_F32, TCG_FMT_F64 };
    struct float_cases c = { (uint64_t)_i + 2000 };

    setup();
    for (unsigned i = 0; i < CASES / 4; i++) {
        struct tcg_float_env e = random_env(&c), f = { .flush_in = TCG_FLUSH_SILENT };
        uint64_t a = float_cases_fmt(&c, from[_i], 0), b = float_cases_fmt(&c, from[_i], a);
        uint64_t d = float_cases_fmt(&c, to[_i], 0), got;
        bool flush = float_cases_below(&c, 2), zero;
        uint32_t st = 0, flags = 0;
        struct value want;
        int ternary;

        e.denormal_flag = 0;
        if (!load(ma, from[_i], &f, flush, a, &flags) ||
            !load(mb, from[_i], &f, flush, b, &flags) ||
            !load(mc, to[_i], &e, true, d, &flags))
            continue;
        ternary = mpfr_fma(mr, ma, mb, mc, MPFR_RNDZ);
        zero = mpfr_signbit(ma) != mpfr_signbit(mb);
        if (!(mpfr_zero_p(mc) && (mpfr_zero_p(ma) || mpfr_zero_p(mb)) && zero == mpfr_signbit(mc)))
            zero = e.round == TCG_ROUND_DOWN;
        want = finish(ternary, zero, &shapes[to[_i]], &e, e.flush_out, flags);
        got = tcg_soft_fma_widen(from[_i], to[_i], &e, flush, a, b, d, &st);
        CHECK(got, st, want, 0, from[_i], a, b, d);
    }
    teardown();
}
END_TEST

START_TEST(to_integral)
{
    enum tcg_fmt f = (enum tcg_fmt)_i;
    struct float_cases c = { (uint64_t)_i + 3000 };
    const struct shape *s = &shapes[f];

    setup();
    for (unsigned i = 0; i < CASES / 2; i++) {
        struct tcg_float_env e = random_env(&c);
        int k = (int)float_cases_below(&c, (unsigned)s->prec + 4) - 2;
        uint64_t a = float_cases_fmt(&c, f, (uint64_t)(k + s->emax) << (s->prec - 1)), got, n;
        unsigned range = float_cases_below(&c, 2) ? 64 : 32;
        uint32_t st = 0, flags = 0;
        struct tcg_float_env exact = { .flags = 0 };
        struct value want;
        bool inexact = false, sign;

        e.denormal_flag = 0;
        if (!load(ma, f, &e, true, a, &flags))
            continue;
        sign = mpfr_signbit(ma);
        if (!mpfr_zero_p(ma) && mpfr_get_exp(ma) > 62)
            continue;
        n = mpfr_zero_p(ma) ? 0 : quantize(ma, e.round, 0, &inexact);
        mpfr_set_uj(mr, n, MPFR_RNDZ);
        mpfr_setsign(mr, mr, sign, MPFR_RNDZ);
        want = finish(0, sign, s, &exact, false, flags);
        got = tcg_soft_round_int(f, &e, false, a, &st);
        CHECK(got, st, want, 0, f, a, (uint64_t)0, (uint64_t)0);
        want.flags |= inexact ? TCG_FX_INEXACT : 0;
        st = 0;
        got = tcg_soft_round_int(f, &e, true, a, &st);
        CHECK(got, st, want, 1, f, a, (uint64_t)0, (uint64_t)0);
        if (f != TCG_FMT_F32 && f != TCG_FMT_F64)
            continue;
        if (n > (1ull << (range - 1)) - !sign) {
            want = encode(s, true, (uint64_t)((int)range - 1 + s->emax), 0, flags | TCG_FX_INVALID);
            want.bits &= ~bits_mask((unsigned)s->prec - 1);
        }
        st = 0;
        got = tcg_soft_round_int_range(f, &e, range, a, &st);
        CHECK(got, st, want, (int)range, f, a, (uint64_t)0, (uint64_t)0);
    }
    teardown();
}
END_TEST

START_TEST(integers)
{
    static const uint8_t widths[] = { 16, 32, 64 };
    enum tcg_fmt f = (enum tcg_fmt)_i;
    struct float_cases c = { (uint64_t)_i + 4000 };
    const struct shape *s = &shapes[f];

    setup();
    for (unsigned i = 0; i < CASES; i++) {
        struct tcg_float_env e = random_env(&c);
        unsigned bits = widths[float_cases_below(&c, 3)];
        unsigned fbits = float_cases_below(&c, 2) ? float_cases_below(&c, bits + 1) : 0;
        int k = (int)bits - (int)fbits - 3 + (int)float_cases_below(&c, 4);
        uint64_t a = float_cases_fmt(&c, f, (uint64_t)(k + s->emax) << (s->prec - 1)), got, n = 0;
        bool is_signed = float_cases_below(&c, 2), inexact = false, sign, x86 = i & 1;
        uint32_t st = 0, flags = 0;
        struct value want;

        e.denormal_flag = 0;
        if (load(ma, f, &e, true, a, &flags)) {
            sign = mpfr_signbit(ma);
            if (!mpfr_zero_p(ma) && mpfr_get_exp(ma) + (int)fbits <= 64) {
                n = quantize(ma, e.round, -(int)fbits, &inexact);
                if (n == 0 && mpfr_get_exp(ma) + (int)fbits == 64)
                    continue; /* 2^64, does not fit here */
            }
            if (!mpfr_zero_p(ma) &&
                (mpfr_get_exp(ma) + (int)fbits > 64 ||
                 n > (is_signed ? (1ull << (bits - 1)) - !sign : sign ? 0 : bits_mask(bits)))) {
                uint64_t least = is_signed ? 1ull << (bits - 1) : 0;

                want.flags = flags | TCG_FX_INVALID;
                want.bits = sign ? least : bits_mask(bits) ^ least;
                if (x86)
                    want.bits = is_signed ? least : bits_mask(bits);
            } else {
                want.flags = flags | (inexact ? TCG_FX_INEXACT : 0);
                want.bits = (sign ? 0 - n : n) & bits_mask(bits);
            }
            got = tcg_soft_to_int(f, &e, x86 ? TCG_INT_X86 : TCG_INT_SAT_ARM, is_signed, bits,
                                  fbits, a, &st);
            CHECK(got, st, want, (int)(is_signed << 8 | bits), f, a, (uint64_t)fbits, (uint64_t)0);
        }
        a = float_cases_frac(&c, bits);
        sign = is_signed && a >> (bits - 1);
        mpfr_set_uj(mr, (sign ? 0 - a : a) & bits_mask(bits), MPFR_RNDZ);
        mpfr_setsign(mr, mr, sign, MPFR_RNDZ);
        mpfr_div_2ui(mr, mr, fbits, MPFR_RNDZ);
        want = finish(0, false, s, &e, e.flush_out, 0);
        st = 0;
        got = tcg_soft_from_int(f, &e, is_signed, bits, fbits, a, &st);
        CHECK(got, st, want, (int)(is_signed << 8 | bits), f, a, (uint64_t)fbits, (uint64_t)1);
    }
    teardown();
}
END_TEST

static bool random80(struct float_cases *c, struct tcg_f80 near, struct tcg_f80 *v, mpfr_t m,
                     uint32_t *flags)
{
    int be = (int)float_cases_exp(c, 15, near.se & 0x7fff);

    v->se = (uint16_t)(be | (int)float_cases_below(c, 2) << 15);
    v->frac = float_cases_frac(c, 63) | (uint64_t)(be != 0) << 63;
    if (be == 0 && v->frac != 0)
        *flags |= TCG_FX_DENORMAL;
    mpfr_set_uj_2exp(m, v->frac, (be ? be - 1 : 0) - 16382 - 63, MPFR_RNDN);
    mpfr_setsign(m, m, v->se >> 15, MPFR_RNDN);
    return be != 0x7fff;
}

START_TEST(extended)
{
    static const uint8_t precs[] = { 24, 53, 64 };
    const unsigned prec = precs[_i];
    const struct shape s = { 15, (int)prec, -16382, 16383, false, true };
    struct float_cases c = { (uint64_t)_i + 5000 };

    setup();
    for (unsigned i = 0; i < CASES; i++) {
        struct tcg_float_env e = { .flags = 1, .nan = TCG_NAN_X87, .denormal_flag = 1 };
        unsigned op = float_cases_below(&c, 5);
        struct tcg_f80 a, b = { 0 }, got;
        uint32_t st = 0, flags = 0;
        struct value want;
        int ternary;
        bool zero;

        e.round = (uint8_t)float_cases_below(&c, TCG_ROUND_AWAY);
        if (!random80(&c, b, &a, ma, &flags))
            continue;
        if (op != 4 && !random80(&c, a, &b, mb, &flags))
            continue;
        zero = mpfr_signbit(ma) != mpfr_signbit(mb);
        switch (op) {
        case 0:
        case 1:
            if (op == 1)
                mpfr_neg(mb, mb, MPFR_RNDN);
            ternary = mpfr_add(mr, ma, mb, MPFR_RNDZ);
            zero = mpfr_signbit(ma) == mpfr_signbit(mb) ? mpfr_signbit(ma)
                                                        : e.round == TCG_ROUND_DOWN;
            break;
        case 2:
            ternary = mpfr_mul(mr, ma, mb, MPFR_RNDZ);
            break;
        case 3:
            if (mpfr_zero_p(mb))
                continue;
            ternary = mpfr_div(mr, ma, mb, MPFR_RNDZ);
            break;
        default:
            if (mpfr_signbit(ma))
                continue;
            ternary = mpfr_sqrt(mr, ma, MPFR_RNDZ);
            zero = false;
        }
        want = finish(ternary, zero, &s, &e, false, flags);
        if (op == 4)
            got = tcg_soft_f80_sqrt(&e, prec, a, &st);
        else
            got = tcg_soft_f80_op2((enum tcg_float_op2)op, &e, prec, a, b, &st);
        ck_assert_int_eq(got.se, want.se);
        CHECK(got.frac, st, want, (int)op, (int)prec, a.frac, b.frac, (uint64_t)got.se);
    }
    teardown();
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, arithmetic, 0, 2 * FORMATS);
    tcase_add_loop_test(tc, conversions, 0, 25);
    tcase_add_loop_test(tc, fma_widening, 0, 3);
    tcase_add_loop_test(tc, to_integral, 0, FORMATS);
    tcase_add_loop_test(tc, integers, 0, FORMATS);
    tcase_add_loop_test(tc, extended, 0, 3);
}

UNIT_MAIN("softfloat against MPFR", fill)
