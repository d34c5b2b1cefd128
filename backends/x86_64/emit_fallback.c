// SPDX-License-Identifier: MIT
/* backends/x86_64/emit_fallback.c -- float and vector operations through their soft twins: the
 * functions that translated code calls, cold paths behind host instructions, whole operations
 * without a host form, and the check of host results (struct tcg_config, float_check).
 *
 * The calls save every register (gen_soft_call), so an operation costs the same wherever it stands
 * and nothing is kept from the allocator. Sticky bits of soft twins go to v->fstatus; those of host
 * instructions stay in MXCSR. */
#include "backends/x86_64/gen_float.h"

#include <string.h>

/* ---- called from translated code ---- */

/* desc: opcode 0-15, sub 16-23, type 24-31, type of a 32-39, imm 40-55. */
static uint64_t soft_desc(const struct gen *g, const struct tcg_op *op)
{
    enum tcg_type ta = op->a ? tcg_type_of(g->ir, op->a) : TCG_VOID;

    return op->op | (uint64_t)op->sub << 16 | (uint64_t)op->type << 24 | (uint64_t)ta << 32 |
           (uint64_t)(op->imm & 0xffff) << 40;
}

static uint64_t soft_env(const struct gen *g, const struct tcg_op *op)
{
    uint64_t bits;

    _Static_assert(sizeof(struct tcg_float_env) == sizeof bits, "an environment travels in a word");
    if (!(tcg_op_info[op->op].flags & TCG_OPF_FLT))
        return 0;
    memcpy(&bits, gen_env(g, op), sizeof bits);
    return bits;
}

static struct tcg_float_env unpack_env(const struct tcg_vcpu *v, uint64_t bits)
{
    static const uint8_t by_rc[4] = { TCG_ROUND_EVEN, TCG_ROUND_DOWN, TCG_ROUND_UP,
                                      TCG_ROUND_ZERO };
    struct tcg_float_env e;

    memcpy(&e, &bits, sizeof e);
    if (e.round == TCG_ROUND_DYN)
        e.round = by_rc[v->host_fpcr >> 13 & 3];
    return e;
}

static enum tcg_fmt fmt_of(enum tcg_type t)
{
    return t == TCG_F16 ? TCG_FMT_F16 : t == TCG_F32 ? TCG_FMT_F32 : TCG_FMT_F64;
}

static unsigned type_bits(enum tcg_type t)
{
    return t == TCG_F16 ? 16 : t == TCG_F32 || t == TCG_I32 ? 32 : 64;
}

static uint64_t mask_to(enum tcg_type t, uint64_t v)
{
    return type_bits(t) == 64 ? v : v & ((1ull << type_bits(t)) - 1);
}

/* Less, equal, greater, unordered as fcmpf packs them. */
static uint64_t flags_of(int order)
{
    static const uint16_t packed[4] = { TCG_FBIT_S, TCG_FBIT_Z | TCG_FBIT_C, TCG_FBIT_C,
                                        TCG_FBIT_C | TCG_FBIT_O };

    return packed[order + 1];
}

static uint64_t soft_float(const struct tcg_float_env *e, uint64_t desc, uint64_t a, uint64_t b,
                           uint64_t c, uint32_t *sticky)
{
    unsigned sub = desc >> 16 & 255, imm = desc >> 40 & 0xffff;
    enum tcg_type t = desc >> 24 & 255, ta = desc >> 32 & 255;
    enum tcg_fmt f = fmt_of(t), fa = fmt_of(ta);

    a = mask_to(ta, a);
    b = mask_to(ta, b);
    c = mask_to(ta, c);
    switch (desc & 0xffff) {
    case TCG_OP_fop2:
        return tcg_soft_op2((enum tcg_float_op2)sub, f, e, a, b, sticky);
    case TCG_OP_fop1:
        return tcg_soft_op1((enum tcg_float_op1)sub, f, e, a, sticky);
    case TCG_OP_fma:
        return tcg_soft_fma(f, e, a, b, c, sticky);
    case TCG_OP_fcvt:
        return tcg_soft_convert(fa, f, e, a, sticky);
    case TCG_OP_frint:
        return tcg_soft_round_int(f, e, sub & 1, a, sticky);
    case TCG_OP_frintn:
        return tcg_soft_round_int_range(f, e, imm, a, sticky);
    case TCG_OP_f2i:
        return tcg_soft_to_int(fa, e, (enum tcg_int_rule)(sub & 15), sub >> 4, type_bits(t), imm, a,
                               sticky);
    case TCG_OP_i2f:
        return tcg_soft_from_int(f, e, sub >> 4, type_bits(ta), imm, a, sticky);
    case TCG_OP_fcmpf:
        return flags_of(tcg_soft_cmp(fa, e, !(sub & 1), a, b, sticky));
    }
    MOA_BUG("operation %u has no soft twin", (unsigned)(desc & 0xffff));
}

static struct tcg_f80 f80_in(const struct tcg_vcpu *v, unsigned at)
{
    struct tcg_f80 f = {0};

    memcpy(&f.frac, v->scratch + at, 8);
    memcpy(&f.se, v->scratch + at + 8, 2);
    return f;
}

/* Operations on f80, with 64 bits of precision: operands and result as for x64_soft_vec. */
static uint64_t soft_f80(struct tcg_vcpu *v, uint64_t desc, uint64_t env, uint64_t imm, uint64_t x,
                         uint64_t y)
{
    struct tcg_float_env e = unpack_env(v, env);
    unsigned sub = desc >> 16 & 255;
    enum tcg_type t = desc >> 24 & 255, ta = desc >> 32 & 255;
    struct tcg_f80 a = f80_in(v, SCRATCH_A), b = f80_in(v, SCRATCH_B), r = a;
    uint32_t *st = &v->fstatus;
    uint64_t out[2] = {0};

    (void)imm, (void)x, (void)y;
    switch (desc & 0xffff) {
    case TCG_OP_fop2: r = tcg_soft_f80_op2((enum tcg_float_op2)sub, &e, 64, a, b, st); break;
    case TCG_OP_fop1: r = tcg_soft_f80_sqrt(&e, 64, a, st); break;
    case TCG_OP_frint: r = tcg_soft_f80_round_int(&e, a, st); break;
    case TCG_OP_fcmpf: out[0] = flags_of(tcg_soft_f80_cmp(&e, !(sub & 1), a, b, st)); break;
    case TCG_OP_fcvt:
        if (t != TCG_F80)
            out[0] = tcg_soft_from_f80(fmt_of(t), &e, a, st);
        else if (ta != TCG_F80)
            r = tcg_soft_to_f80(fmt_of(ta), &e, mask_to(ta, a.frac), st);
        break;
    case TCG_OP_f2i:
        out[0] = mask_to(t, (uint64_t)tcg_soft_f80_to_int(&e, type_bits(t), a, st));
        break;
    case TCG_OP_i2f:
        r = tcg_soft_int_to_f80(ta == TCG_I32 && sub & 16 ? (int32_t)a.frac
                                                          : (int64_t)mask_to(ta, a.frac));
        break;
    default: MOA_BUG("%s on f80", tcg_op_info[desc & 0xffff].name);
    }
    if (t == TCG_F80) {
        out[0] = r.frac;
        out[1] = r.se;
    }
    memcpy(v->scratch + SCRATCH_D, out, sizeof out);
    return 0;
}

uint64_t x64_soft_float(struct tcg_vcpu *v, uint64_t desc, uint64_t env, uint64_t a, uint64_t b,
                        uint64_t c)
{
    struct tcg_float_env e = unpack_env(v, env);

    return soft_float(&e, desc, a, b, c, &v->fstatus);
}

static void soft_vec(struct tcg_vcpu *v, uint64_t desc, uint64_t env, uint32_t imm,
                     struct tcg_vec *out, uint32_t *sticky)
{
    enum tcg_opcode op = desc & 0xffff;
    enum tcg_type t = desc >> 24 & 255, ta = desc >> 32 & 255;
    bool reduces = t == TCG_I64 || t == TCG_I32;
    struct tcg_float_env e = unpack_env(v, env);
    struct tcg_vec_args x = { .bytes = (reduces ? ta : t) == TCG_V64 ? 8 : 16,
                              .lane = (enum tcg_lane)(desc >> 16 & 255), .imm = imm, .env = &e,
                              .sticky = sticky };
    struct tcg_vec *s = (struct tcg_vec *)v->scratch;

    if (!tcg_vec_fns[op])
        MOA_BUG("operation %u has no soft twin", op);
    tcg_vec_fns[op](out, &s[0], &s[1], &s[2], &x);
}

uint64_t x64_soft_vec(struct tcg_vcpu *v, uint64_t desc, uint64_t env, uint64_t imm, uint64_t a,
                      uint64_t b)
{
    (void)a, (void)b;
    soft_vec(v, desc, env, (uint32_t)imm, (struct tcg_vec *)(v->scratch + SCRATCH_D), &v->fstatus);
    return 0;
}

/* Exception bits that a check may miss are those that MXCSR and v->fstatus together do not have. */
static uint32_t seen_bits(const struct tcg_vcpu *v)
{
    return v->fstatus | (v->host_fpcr & 1) | (v->host_fpcr >> 1 & 0x1e) | TCG_FX_DENORMAL;
}

static uint64_t check_float(struct tcg_vcpu *v, uint64_t desc, uint64_t env, uint64_t a, uint64_t b,
                            uint64_t c)
{
    struct tcg_float_env e = unpack_env(v, env);
    uint32_t bits = 0;
    uint64_t want = mask_to(desc >> 24 & 255, soft_float(&e, desc, a, b, c, &bits)), got;

    memcpy(&got, v->scratch + SCRATCH_HOST, sizeof got);
    got = mask_to(desc >> 24 & 255, got);
    if (got != want || (e.flags && (bits & ~seen_bits(v))))
        MOA_BUG("float check: %s sub %u type %u: operands %llx %llx %llx, host %llx bits %x, "
                "soft %llx bits %x", tcg_op_info[desc & 0xffff].name, (unsigned)(desc >> 16 & 255),
                (unsigned)(desc >> 24 & 255), (unsigned long long)a, (unsigned long long)b,
                (unsigned long long)c, (unsigned long long)got, seen_bits(v),
                (unsigned long long)want, bits);
    return 0;
}

static uint64_t check_vec(struct tcg_vcpu *v, uint64_t desc, uint64_t env, uint64_t imm, uint64_t a,
                          uint64_t b)
{
    struct tcg_vec want, got;
    const struct tcg_vec *s = (const struct tcg_vec *)v->scratch;
    uint32_t bits = 0;

    (void)a, (void)b;
    soft_vec(v, desc, env, (uint32_t)imm, &want, &bits);
    memcpy(&got, v->scratch + SCRATCH_HOST, sizeof got);
    if ((desc >> 24 & 255) == TCG_V64)
        got.d[1] = 0;
    if (memcmp(&got, &want, sizeof got) || (bits & ~seen_bits(v)))
        MOA_BUG("float check: %s lane %u imm %llx: operands %016llx%016llx %016llx%016llx, "
                "host %016llx%016llx bits %x, soft %016llx%016llx bits %x",
                tcg_op_info[desc & 0xffff].name, (unsigned)(desc >> 16 & 255),
                (unsigned long long)imm, (unsigned long long)s[0].d[1],
                (unsigned long long)s[0].d[0], (unsigned long long)s[1].d[1],
                (unsigned long long)s[1].d[0], (unsigned long long)got.d[1],
                (unsigned long long)got.d[0], seen_bits(v), (unsigned long long)want.d[1],
                (unsigned long long)want.d[0], bits);
    return 0;
}

/* ---- emission ---- */

static void soft_arg(struct gen *g, unsigned i, tcg_val v, int reg)
{
    if (reg < 0)
        gen_soft_arg_imm(g, i, 0);
    else if (gen_is_xmm(tcg_type_of(g->ir, v)))
        gen_soft_arg_xmm(g, i, reg);
    else
        gen_soft_arg_gpr(g, i, reg);
}

static void call_float(struct gen *g, const struct tcg_op *op, struct fp_regs r, gen_soft_fn *fn)
{
    gen_soft_arg_imm(g, 0, soft_desc(g, op));
    gen_soft_arg_imm(g, 1, soft_env(g, op));
    soft_arg(g, 2, op->a, r.a);
    soft_arg(g, 3, op->b, r.b);
    soft_arg(g, 4, op->c, r.c);
    gen_soft_call(g, fn);
}

static void ret_float(struct gen *g, const struct tcg_op *op, int d)
{
    if (gen_is_xmm(op->type))
        gen_soft_ret_xmm(g, d);
    else
        gen_soft_ret_gpr(g, d);
}

/* Operand v in register reg to 16 bytes of scratch; what is above its type is zero. */
static void spill_arg(struct gen *g, unsigned off, tcg_val v, int reg)
{
    struct emit_mem m = gen_scratch(off), hi = gen_scratch(off + 8);
    enum tcg_type t = v ? tcg_type_of(g->ir, v) : TCG_VOID;

    if (gen_is_wide(t)) {
        emit_movups_mr(&g->e, &m, (unsigned)reg);
        return;
    }
    if (reg < 0)
        emit_mov_mi(&g->e, 1, &m, 0);
    else if (gen_is_xmm(t))
        emit_movq_mx(&g->e, &m, (unsigned)reg);
    else
        emit_mov_mr(&g->e, 1, &m, (unsigned)reg);
    emit_mov_mi(&g->e, 1, &hi, 0);
}

static void call_vec(struct gen *g, const struct tcg_op *op, struct fp_regs r, gen_soft_fn *fn)
{
    spill_arg(g, SCRATCH_A, op->a, r.a);
    spill_arg(g, SCRATCH_B, op->b, r.b);
    spill_arg(g, SCRATCH_C, op->c, r.c);
    gen_soft_arg_imm(g, 0, soft_desc(g, op));
    gen_soft_arg_imm(g, 1, soft_env(g, op));
    gen_soft_arg_imm(g, 2, op->imm);
    gen_soft_call(g, fn);
}

static void ret_vec(struct gen *g, const struct tcg_op *op, int d)
{
    struct emit_mem m = gen_scratch(SCRATCH_D);

    if (gen_is_wide(op->type))
        emit_movups_rm(&g->e, (unsigned)d, &m);
    else if (gen_is_xmm(op->type))
        emit_movq_xm(&g->e, (unsigned)d, &m);
    else
        emit_mov_rm(&g->e, op->type == TCG_I64, (unsigned)d, &m);
}

static int use_any(struct gen *g, tcg_val v)
{
    if (!v)
        return -1;
    return gen_is_xmm(tcg_type_of(g->ir, v)) ? gen_use_xmm(g, v) : gen_use_gpr(g, v);
}

static struct fp_regs all_regs(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct fp_regs r;

    r.a = (int8_t)use_any(g, op->a);
    r.b = (int8_t)use_any(g, op->b);
    r.c = (int8_t)use_any(g, op->c);
    r.d = (int8_t)(gen_is_xmm(op->type) ? gen_def_xmm(g, d) : gen_def_gpr(g, d));
    return r;
}

void gen_fallback_float(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct fp_regs r = all_regs(g, op, d);

    if (op->type == TCG_F80 || (op->a && tcg_type_of(g->ir, op->a) == TCG_F80)) {
        call_vec(g, op, r, soft_f80);
        ret_vec(g, op, r.d);
        return;
    }
    call_float(g, op, r, x64_soft_float);
    ret_float(g, op, r.d);
}

void gen_fallback_vec(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct fp_regs r = all_regs(g, op, d);

    call_vec(g, op, r, x64_soft_vec);
    ret_vec(g, op, r.d);
}

/* ---- fast paths ---- */

static void path_begin(struct fp_path *p, struct gen *g, const struct tcg_op *op, struct fp_regs r,
                       bool vec)
{
    *p = (struct fp_path){ .g = g, .op = op, .r = r, .vec = vec };
}

void fp_begin(struct fp_path *p, struct gen *g, const struct tcg_op *op, struct fp_regs r)
{
    path_begin(p, g, op, r, false);
}

void fp_begin_vec(struct fp_path *p, struct gen *g, const struct tcg_op *op, struct fp_regs r)
{
    path_begin(p, g, op, r, true);
}

static void cold_float(struct gen *g, const struct gen_cold *c)
{
    struct fp_regs r = { (int8_t)c->r[0], (int8_t)c->r[1], (int8_t)c->r[2], (int8_t)c->r[3] };

    if (c->r[4]) {
        call_vec(g, c->op, r, x64_soft_vec);
        ret_vec(g, c->op, r.d);
    } else {
        call_float(g, c->op, r, x64_soft_float);
        ret_float(g, c->op, r.d);
    }
    emit_jmp(&g->e, c->back);
}

void fp_cold_if(struct fp_path *p, unsigned cc)
{
    if (!p->made) {
        struct gen_cold *c = gen_cold(p->g, cold_float, p->op);

        c->r[0] = (uint8_t)p->r.d;
        c->r[1] = (uint8_t)p->r.a;
        c->r[2] = (uint8_t)p->r.b;
        c->r[3] = (uint8_t)p->r.c;
        c->r[4] = p->vec;
        p->label = c->label;
        p->back = c->back;
        p->made = true;
    }
    emit_jcc(&p->g->e, cc, p->label);
}

void fp_done(struct fp_path *p)
{
    struct gen *g = p->g;
    struct emit_mem m = gen_scratch(SCRATCH_HOST);

    if (p->made)
        emit_place(&g->e, p->back);
    if (!g->engine->cfg.float_check)
        return;
    if (gen_is_xmm(p->op->type))
        emit_movups_mr(&g->e, &m, (unsigned)p->r.d);
    else
        emit_mov_mr(&g->e, 1, &m, (unsigned)p->r.d);
    if (p->vec)
        call_vec(g, p->op, p->r, check_vec);
    else
        call_float(g, p->op, p->r, check_float);
}
