// SPDX-License-Identifier: MIT
/* Every float, vector and crypto emitter alone: results and exception bits against the reference
 * functions, random and special operands, all roundings, with and without AVX. */
#include "tests/backends/x86_64/fake_gen.h"
#include "tests/unit.h"

#include <check.h>
#include <string.h>

#define ALL_CPU 0xffffu

static struct fake f;
static struct tcg_vcpu v;
static uint64_t seed = 1;

static uint64_t rnd(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * 0x2545f4914f6cdd1dull;
}

static uint64_t rnd_lane(unsigned bits)
{
    static const uint64_t s64[] = { 0, 1ull << 63, 0x3ff0000000000000, 0xbff0000000000000,
        0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000001, 0x7ff0000000000001,
        0xfff8000000000000, 0x0010000000000000, 0x000fffffffffffff, 1, 0x7fefffffffffffff,
        0x3fe0000000000000, 0x41dfffffffc00000, 0xc1e0000000000000, 0x41e0000000000000,
        0x43e0000000000000, 0xc3e0000000000000, 0x3ff8000000000000, 0x4004000000000000,
        0x3810000000000000, 0x380fffffffffffff, 0xbfe0000000000000, 0x3fdfffffffffffff };
    static const uint32_t s32[] = { 0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000,
        0x7fc00001, 0x7f800001, 0xffc00000, 0x00800000, 0x007fffff, 1, 0x7f7fffff, 0x3f000000,
        0x4f000000, 0xcf000000, 0x5f000000, 0x3fc00000, 0x40200000, 0x38800000, 0x387fffff,
        0xbf000000, 0x80800000, 0x4effffff };
    static const uint16_t s16[] = { 0, 0x8000, 0x3c00, 0xbc00, 0x7c00, 0xfc00, 0x7e01, 0x7c01, 0xfe00,
        0x0400, 0x03ff, 1, 0x7bff, 0x3800, 0x7fff, 0xffff };
    uint64_t r = rnd(), k = rnd() % 8;

    if (k < 3)
        return bits == 64 ? s64[r % ARRAY_LEN(s64)] : bits == 32 ? s32[r % ARRAY_LEN(s32)]
             : bits == 16 ? s16[r % ARRAY_LEN(s16)] : (r & 1 ? 0x80 : 0x7f);
    if (k == 3 && bits == 64)
        return (r & 0x800fffffffffffff) | (1023 - 4 + rnd() % 70) << 52;
    if (k == 3 && bits == 32)
        return (r & 0x807fffff) | (127 - 4 + rnd() % 40) << 23;
    if (k == 4)
        return r % 16 - 8;
    return r;
}

static void rnd_vec(uint64_t *d, unsigned bits)
{
    for (unsigned i = 0; i < 16; i += bits / 8) {
        uint64_t l = rnd_lane(bits);

        memcpy((uint8_t *)d + i, &l, bits / 8);
    }
}

static unsigned type_bytes(unsigned t)
{
    return t == TCG_V128 ? 16 : t == TCG_V64 || t == TCG_F64 || t == TCG_I64 ? 8 : t == TCG_F16 ? 2 : 4;
}

static void clip(uint64_t d[2], unsigned t)
{
    memset((uint8_t *)d + type_bytes(t), 0, 16 - type_bytes(t));
}

static uint32_t bits_now(void)
{
    return v.fstatus | (v.host_fpcr & 1) | (v.host_fpcr >> 1 & 0x1e);
}

/* One operation on random operands of types ta, tb, tc (TCG_VOID: none). */
static void run(const char *name, unsigned op, unsigned t, unsigned sub, uint32_t imm, unsigned ta,
                unsigned tb, unsigned tc, const struct tcg_float_env *e, uint32_t cpu, unsigned rounds)
{
    static const uint32_t rc[] = { 0, 2, 1, 3 };
    unsigned ty[3] = { ta, tb, tc };
    bool vec = ta == TCG_V64 || ta == TCG_V128, isf = e != NULL;
    unsigned bits = vec ? 8u << sub : 8 * type_bytes(ta);
    struct tcg_op o = { .op = (uint16_t)op, .type = (uint8_t)t, .sub = (uint8_t)sub, .imm = imm,
                        .a = 1, .b = tb ? 2 : 0, .c = tc ? 3 : 0 };

    if (!f.ir.ops)
        tcg_ir_init(&f.ir, NULL);
    tcg_ir_clear(&f.ir);
    for (unsigned i = f.ir.nops; i < 4; i++)
        tcg_ir_add(&f.ir, &(struct tcg_op){ .op = TCG_OP_nop });
    for (unsigned i = 0; i < 3; i++)
        f.ir.ops[i + 1].type = (uint8_t)ty[i];
    if (isf)
        o.attr = tcg_ir_env(&f.ir, e);
    f.engine.cfg.float_check = cpu == UINT32_MAX;
    fake_compile(&f, cpu, &o);
    for (unsigned n = 0; n < rounds; n++) {
        uint64_t in[3][2], want[2] = { 0, 0 }, got[2];
        uint32_t bits_want = 0;
        struct tcg_float_env es = isf ? *e : (struct tcg_float_env){ 0 };
        unsigned mode = es.round < 4 && op != TCG_OP_f2i && op != TCG_OP_frint && op != TCG_OP_vf2i &&
                        op != TCG_OP_vfrint ? es.round : n & 3;

        if (es.round == TCG_ROUND_DYN)
            es.round = (uint8_t)mode;
        for (unsigned i = 0; i < 3; i++)
            rnd_vec(in[i], ty[i] == TCG_I32 ? 32 : ty[i] == TCG_I64 ? 64 : bits);
        if (rnd() % 4 == 0)
            memcpy(in[1], in[0], 16);
        memcpy(v.hot, in, sizeof in);
        for (unsigned i = 0; i < 3; i++)
            clip(in[i], ty[i] ? ty[i] : TCG_I32);
        v.fstatus = 0;
        v.own_fpcr = 0x1f80;
        v.host_fpcr = 0x1f80 | rc[mode] << 13;
        ((void (*)(struct tcg_vcpu *))(uintptr_t)f.code)(&v);
        memcpy(got, v.hot + 6, 16);
        clip(got, t);
        if (vec || t == TCG_V64 || t == TCG_V128) {
            struct tcg_vec r, x[3];
            struct tcg_vec_args args = { .bytes = (t == TCG_V64 || t == TCG_V128 ? t : ta) == TCG_V64 ? 8 : 16,
                                         .lane = sub, .imm = imm, .env = &es, .sticky = &bits_want };

            memset(x, 0, sizeof x);
            for (unsigned i = 0; i < 3; i++)
                if (ty[i])
                    memcpy(&x[i], in[i], 16);
            tcg_vec_fns[op](&r, &x[0], &x[1], &x[2], &args);
            memcpy(want, &r, 16);
            clip(want, t);
        } else {
            struct tcg_vcpu w = { .fstatus = 0, .host_fpcr = 0x1f80 | rc[mode] << 13 };
            uint64_t eb;

            memcpy(&eb, &es, 8);
            want[0] = x64_soft_float(&w, op | (uint64_t)sub << 16 | (uint64_t)t << 24 |
                                     (uint64_t)ta << 32 | (uint64_t)imm << 40, eb, in[0][0], in[1][0],
                                     in[2][0]);
            bits_want = w.fstatus;
            if (op == TCG_OP_fcmpf && imm)
                want[0] = tcg_eval_fcond((enum tcg_fcond)(imm - 1), (uint32_t)want[0]);
            clip(want, t);
        }
        ck_assert_msg(!memcmp(want, got, 16) && (!isf || bits_want == bits_now()),
                      "%s type %u sub %u imm %x cpu %x round %u mode %u: %016llx%016llx %016llx%016llx "
                      "%016llx%016llx: got %016llx%016llx %x want %016llx%016llx %x", name, t, sub, imm,
                      cpu, isf ? e->round : 0, mode, (unsigned long long)in[0][1],
                      (unsigned long long)in[0][0], (unsigned long long)in[1][1],
                      (unsigned long long)in[1][0], (unsigned long long)in[2][1],
                      (unsigned long long)in[2][0], (unsigned long long)got[1],
                      (unsigned long long)got[0], bits_now(), (unsigned long long)want[1],
                      (unsigned long long)want[0], bits_want);
    }
}

/* The last one runs the host results through cfg.float_check too. */
static const uint32_t cpus[] = { ALL_CPU, 0, CPU_AVX, UINT32_MAX };

static const struct tcg_float_env envs[] = {
    { .round = TCG_ROUND_DYN, .tiny_before = 1, .flags = 1 },
    { .round = TCG_ROUND_EVEN, .tiny_before = 1, .flags = 1 },
    { .round = TCG_ROUND_ZERO, .tiny_before = 1, .flags = 1, .default_nan = 1 },
    { .round = TCG_ROUND_UP, .tiny_before = 1, .flags = 1 },
    { .round = TCG_ROUND_DOWN, .tiny_before = 1, .flags = 1 },
    { .round = TCG_ROUND_AWAY, .tiny_before = 1, .flags = 1 },
};
#define R(op, t, sub, imm, a, b, c, e, n) \
    run(#op, TCG_OP_##op, t, sub, imm, a, b, c, e, cpus[_i], n)

START_TEST(scalar_arithmetic)
{
    for (unsigned e = 0; e < 5; e++) {
        for (unsigned t = TCG_F16; t <= TCG_F64; t++) {
            for (unsigned k = TCG_F_ADD; k <= TCG_F_RSQRTS; k++)
                R(fop2, t, k, 0, t, t, 0, &envs[e], 3000);
            R(fop1, t, TCG_F_SQRT, 0, t, 0, 0, &envs[e], 3000);
            R(fma, t, 0, 0, t, t, t, &envs[e], 5000);
        }
    }
}
END_TEST

START_TEST(scalar_conversions)
{
    for (unsigned e = 0; e < 6; e++) {
        for (unsigned t = TCG_F16; t <= TCG_F64; t++) {
            for (unsigned s = TCG_F16; s <= TCG_F64; s++)
                if (s != t && e != 5)
                    R(fcvt, t, 0, 0, s, 0, 0, &envs[e], 3000);
            R(frint, t, 0, 0, t, 0, 0, &envs[e], 3000);
            R(frint, t, 1, 0, t, 0, 0, &envs[e], 3000);
            for (unsigned i = TCG_I32; i <= TCG_I64; i++) {
                for (unsigned sg = 0; sg < 32; sg += 16) {
                    R(f2i, i, sg, 0, t, 0, 0, &envs[e], 3000);
                    R(f2i, i, sg, 7, t, 0, 0, &envs[e], 2000);
                    if (e != 5) {
                        R(i2f, t, sg, 0, i, 0, 0, &envs[e], 3000);
                        R(i2f, t, sg, 9, i, 0, 0, &envs[e], 2000);
                    }
                }
            }
        }
    }
}
END_TEST

START_TEST(comparisons)
{
    for (unsigned t = TCG_F16; t <= TCG_F64; t++)
        for (unsigned sub = 0; sub < 2; sub++)
            for (unsigned c = 0; c <= (t == TCG_F16 ? 0 : TCG_FCOND_COUNT); c++)
                R(fcmpf, TCG_I32, sub, c, t, t, 0, &envs[0], 500);
}
END_TEST

START_TEST(float_lanes)
{
    for (unsigned e = 0; e < 6; e++) {
        for (unsigned l = TCG_LANE16; l <= TCG_LANE64; l++) {
            for (unsigned t = TCG_V64; t <= TCG_V128; t++) {
                if (t == TCG_V64 && l == TCG_LANE64)
                    continue;
                for (unsigned k = TCG_F_ADD; k <= TCG_F_RSQRTS && e < 5; k++) {
                    R(vfop2, t, l, k, t, t, 0, &envs[e], 1000);
                    if (k != TCG_F_MULX)
                        R(vfpop2, t, l, k, t, t, 0, &envs[e], 300);
                }
                if (e < 5) {
                    R(vfop1, t, l, TCG_F_SQRT, t, 0, 0, &envs[e], 1000);
                    R(vfma, t, l, 0, t, t, t, &envs[e], 2000);
                    for (unsigned k = 0; k < 4; k++)
                        R(vfcmp, t, l, k, t, t, 0, &envs[e], 1000);
                    R(vi2f, t, l, 0, t, 0, 0, &envs[e], 1000);
                    R(vi2f, t, l, 16, t, 0, 0, &envs[e], 1000);
                    R(vi2f, t, l, 16 | 5 << 8, t, 0, 0, &envs[e], 1000);
                }
                R(vfneg, t, l, 0, t, 0, 0, NULL, 50);
                R(vfabs, t, l, 0, t, 0, 0, NULL, 50);
                R(vfrint, t, l, 0, t, 0, 0, &envs[e], 1000);
                R(vfrint, t, l, 1, t, 0, 0, &envs[e], 1000);
                R(vf2i, t, l, 0, t, 0, 0, &envs[e], 1000);
                R(vf2i, t, l, 16, t, 0, 0, &envs[e], 1000);
                R(vf2i, t, l, 16 | 5 << 8, t, 0, 0, &envs[e], 1000);
            }
            if (e < 5 && l < TCG_LANE64) {
                R(vfwiden, TCG_V128, l, 0, TCG_V128, 0, 0, &envs[e], 1000);
                R(vfwiden, TCG_V128, l, 1, TCG_V128, 0, 0, &envs[e], 1000);
                R(vfwiden, TCG_V128, l, 0, TCG_V64, 0, 0, &envs[e], 1000);
            }
            if (e < 5 && l > TCG_LANE16) {
                R(vfnarrow, TCG_V128, l, 0, TCG_V128, 0, 0, &envs[e], 1000);
                R(vfnarrow, TCG_V64, l, 0, TCG_V128, 0, 0, &envs[e], 1000);
            }
        }
    }
}
END_TEST

START_TEST(integer_lanes)
{
    static const uint16_t two[] = { TCG_OP_vadd, TCG_OP_vsub, TCG_OP_vmul, TCG_OP_vand, TCG_OP_vor,
        TCG_OP_vxor, TCG_OP_vandn, TCG_OP_vorn, TCG_OP_vcmpeq, TCG_OP_vcmpgt, TCG_OP_vcmpge,
        TCG_OP_vcmphi, TCG_OP_vcmphs, TCG_OP_vtst, TCG_OP_vushl, TCG_OP_vsshl, TCG_OP_vuqadd,
        TCG_OP_vsqadd, TCG_OP_vuqsub, TCG_OP_vsqsub, TCG_OP_vumin, TCG_OP_vumax, TCG_OP_vsmin,
        TCG_OP_vsmax, TCG_OP_vuhadd, TCG_OP_vshadd, TCG_OP_vurhadd, TCG_OP_vsrhadd, TCG_OP_vuhsub,
        TCG_OP_vshsub, TCG_OP_vuabd, TCG_OP_vsabd, TCG_OP_vpadd, TCG_OP_vpumin, TCG_OP_vpumax,
        TCG_OP_vpsmin, TCG_OP_vpsmax, TCG_OP_vzip1, TCG_OP_vzip2, TCG_OP_vuzp1, TCG_OP_vuzp2,
        TCG_OP_vtrn1, TCG_OP_vtrn2 };
    static const uint16_t one[] = { TCG_OP_vneg, TCG_OP_vabs, TCG_OP_vsqabs, TCG_OP_vsqneg, TCG_OP_vnot,
        TCG_OP_vcls, TCG_OP_vclz };
    static const uint16_t red[] = { TCG_OP_vredadd, TCG_OP_vredumin, TCG_OP_vredumax, TCG_OP_vredsmin,
        TCG_OP_vredsmax };

    for (unsigned t = TCG_V64; t <= TCG_V128; t++) {
        for (unsigned l = 0; l < 4; l++) {
            if (t == TCG_V64 && l == 3)
                continue;
#define RN(o, t_, l_, imm, a, b, c, n) \
    run(tcg_op_info[o].name, o, t_, l_, imm, a, b, c, NULL, cpus[_i], n)
            for (unsigned i = 0; i < ARRAY_LEN(two); i++)
                RN(two[i], t, l, 0, t, t, 0, 300);
            for (unsigned i = 0; i < ARRAY_LEN(one); i++)
                RN(one[i], t, l, 0, t, 0, 0, 300);
            for (unsigned i = 0; i < ARRAY_LEN(red); i++)
                RN(red[i], TCG_I64, l, 0, t, 0, 0, 300);
            for (unsigned n = 0; n <= 8u << l; n++) {
                if (n < 8u << l)
                    R(vshli, t, l, n, t, 0, 0, NULL, 30);
                R(vshri, t, l, n, t, 0, 0, NULL, 30);
                R(vsari, t, l, n, t, 0, 0, NULL, 30);
                if (n) {
                    R(vurshri, t, l, n, t, 0, 0, NULL, 30);
                    R(vsrshri, t, l, n, t, 0, 0, NULL, 30);
                }
            }
            R(vbsl, t, l, 0, t, t, t, NULL, 50);
            if (l == 1 || l == 2) {
                R(vsqdmulh, t, l, 0, t, t, 0, NULL, 500);
                R(vsqrdmulh, t, l, 0, t, t, 0, NULL, 500);
            }
            if (l < 3) {
                for (unsigned n = 0; n < 2; n++) {
                    R(vmuls, TCG_V128, l, n, TCG_V128, TCG_V128, 0, NULL, 200);
                    R(vmulu, TCG_V128, l, n, TCG_V128, TCG_V128, 0, NULL, 200);
                    R(vexts, TCG_V128, l, n, TCG_V128, 0, 0, NULL, 200);
                    R(vextu, TCG_V128, l, n, TCG_V128, 0, 0, NULL, 200);
                }
                R(vmuls, TCG_V128, l, 0, TCG_V64, TCG_V64, 0, NULL, 200);
                R(vpaddl_s, t, l, 0, t, 0, 0, NULL, 200);
                R(vpaddl_u, t, l, 0, t, 0, 0, NULL, 200);
                R(vrev, t, l, 8, t, 0, 0, NULL, 50);
            }
            if (l) {
                RN(TCG_OP_vnarrow, TCG_V128, l, 0, TCG_V128, TCG_V128, 0, 300);
                RN(TCG_OP_vnarrow_ss, TCG_V128, l, 0, TCG_V128, TCG_V128, 0, 300);
                RN(TCG_OP_vnarrow_su, TCG_V128, l, 0, TCG_V128, TCG_V128, 0, 300);
                RN(TCG_OP_vnarrow_uu, TCG_V128, l, 0, TCG_V128, 0, 0, 300);
                RN(TCG_OP_vnarrow, TCG_V64, l, 0, TCG_V128, 0, 0, 300);
                RN(TCG_OP_vnarrow_su, TCG_V64, l, 0, TCG_V128, 0, 0, 300);
                for (unsigned n = 0; n < 4; n++)
                    R(vaddhn, t, l, n, t, t, 0, NULL, 200);
            }
            for (unsigned n = 0; n < type_bytes(t) >> l; n++) {
                R(vdupl, t, l, n, TCG_V128, 0, 0, NULL, 20);
                R(vget, TCG_I64, l, n, t, 0, 0, NULL, 20);
                R(vset, t, l, n, t, TCG_I64, 0, NULL, 20);
            }
            R(vdup, t, l, 0, TCG_I64, 0, 0, NULL, 50);
        }
        for (unsigned n = 0; n < type_bytes(t); n++)
            R(vext, t, 0, n, t, t, 0, NULL, 20);
        for (unsigned n = 0; n < 4; n++)
            R(vdot, t, 0, n, t, t, t, NULL, 200);
        R(vtbl, t, 0, 0, t, t, 0, NULL, 500);
        R(vpopcnt, t, 0, 0, t, 0, 0, NULL, 200);
        R(vbitrev, t, 0, 0, t, 0, 0, NULL, 200);
    }
    R(vmulp, TCG_V128, 3, 0, TCG_V128, TCG_V128, 0, NULL, 200);
    R(vmulp, TCG_V128, 3, 1, TCG_V128, TCG_V128, 0, NULL, 200);
    R(vmulp, TCG_V128, 0, 1, TCG_V128, TCG_V128, 0, NULL, 200);
    R(vaese, TCG_V128, 0, 0, TCG_V128, TCG_V128, 0, NULL, 200);
    R(vaesd, TCG_V128, 0, 0, TCG_V128, TCG_V128, 0, NULL, 200);
    R(vaesmc, TCG_V128, 0, 0, TCG_V128, 0, 0, NULL, 200);
    R(vaesimc, TCG_V128, 0, 0, TCG_V128, 0, 0, NULL, 200);
    R(vlow, TCG_V64, 0, 0, TCG_V128, 0, 0, NULL, 20);
    R(vhigh, TCG_V64, 0, 0, TCG_V128, 0, 0, NULL, 20);
    R(vjoin, TCG_V128, 0, 0, TCG_V64, TCG_V64, 0, NULL, 20);
    R(vzext, TCG_V128, 0, 0, TCG_V64, 0, 0, NULL, 20);
    R(vfromf, TCG_V128, 0, 0, TCG_F64, 0, 0, NULL, 20);
    R(vfromf, TCG_V128, 0, 0, TCG_F32, 0, 0, NULL, 20);
    R(vfromf, TCG_V128, 0, 0, TCG_F16, 0, 0, NULL, 20);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, scalar_arithmetic, 0, ARRAY_LEN(cpus));
    tcase_add_loop_test(tc, scalar_conversions, 0, ARRAY_LEN(cpus));
    tcase_add_loop_test(tc, comparisons, 0, ARRAY_LEN(cpus));
    tcase_add_loop_test(tc, float_lanes, 0, ARRAY_LEN(cpus));
    tcase_add_loop_test(tc, integer_lanes, 0, ARRAY_LEN(cpus));
}

UNIT_MAIN("x86_64/float", fill)
