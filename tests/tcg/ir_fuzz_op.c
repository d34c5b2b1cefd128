// SPDX-License-Identifier: MIT
/* Random values and random operations that are neither memory nor control. The verifier says which
 * are well formed; what it cannot know (carries are 0 or 1, which operations f80 has) is respected
 * here. v256 is not generated. */
#include "tests/tcg/ir_fuzz_gen.h"

#include "tcg/verify.h"

#include <string.h>

/* ---- numbers ---- */

static uint64_t random_int(struct fuzz_rng *r)
{
    static const uint64_t some[] = {
        0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff,
        0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff,
        0x8000000000000000, ~0ull, ~1ull, 0xffffffff80000000, 0xffffffff7fffffff,
        0x8080808080808080,
        0x00ff00ff00ff00ff, 0x5555555555555555, 0xfffffffffffffff0, 0x4000, 0xd501,
    };
    uint64_t n = fuzz_next(r);

    switch (fuzz_below(r, 4)) {
    case 0: return n;
    case 1: return (uint64_t)((int64_t)n >> fuzz_below(r, 64));
    default: return some[fuzz_below(r, ARRAY_LEN(some))];
    }
}

static uint64_t random_float(struct fuzz_rng *r, unsigned bits)
{
    unsigned frac = bits == 16 ? 10 : bits == 32 ? 23 : 52;
    uint64_t sign = 1ull << (bits - 1), inf = (sign - 1) >> frac << frac, low = (1ull << frac) - 1;
    uint64_t one = (inf >> 1) & ~low, v, n = fuzz_next(r);

    switch (fuzz_below(r, 12)) {
    case 0: v = 0; break;
    case 1: v = 1 + (n & 3); break;                       /* denormal */
    case 2: v = (n & low) | 1; break;
    case 3: v = low + 1 - (n & 1); break;                 /* around the smallest normal number */
    case 4: v = inf - 1 - (n & 1); break;
    case 5: v = inf; break;
    case 6: v = inf | 1ull << (frac - 1) | (n & 7); break; /* quiet NaN */
    case 7: v = inf | 1 | (n & low >> 1); break;           /* signalling */
    case 8: v = one + ((n & 3) << frac) + (n >> 60 << (frac - 4)); break; /* small exact numbers */
    case 9: v = one + ((n % 70) << frac) + (n >> 12 & low); break;
    case 10: v = one + (n & 1) * (low + 1) - (n >> 1 & 1); break;
    default: v = n & (sign - 1); break;
    }
    return (v & (sign - 1)) | (fuzz_next(r) & sign);
}

struct toy_value fuzz_value(struct fuzz_rng *r, enum tcg_type t)
{
    struct toy_value v = {0, 0};

    switch (t) {
    case TCG_I32: v.lo = (uint32_t)random_int(r); break;
    case TCG_FLAGS: v.lo = fuzz_next(r) & 0xd501; break;
    case TCG_F16: v.lo = random_float(r, 16); break;
    case TCG_F32: v.lo = random_float(r, 32); break;
    case TCG_F64: v.lo = random_float(r, 64); break;
    case TCG_F80:
        v.lo = random_int(r) | 1ull << 63;
        v.hi = fuzz_next(r) & 0xffff;
        if (fuzz_below(r, 2))
            v.hi = (v.hi & 0x803f) + 0x3fe0;
        break;
    case TCG_V64:
    case TCG_V128:
    case TCG_I128: {
        uint64_t half[2];

        for (unsigned i = 0; i < 2; i++)
            switch (fuzz_below(r, 5)) {
            case 0: half[i] = random_float(r, 64); break;
            case 1: half[i] = random_float(r, 32) | random_float(r, 32) << 32; break;
            case 2:
                half[i] = random_float(r, 16) | random_float(r, 16) << 16 |
                          random_float(r, 16) << 32 | random_float(r, 16) << 48;
                break;
            case 3: half[i] = fuzz_next(r) & 0x1f1f1f1f1f1f1f1f; break; /* indices of vtbl */
            default: half[i] = random_int(r); break;
            }
        v.lo = half[0];
        v.hi = t == TCG_V64 ? 0 : half[1];
        break;
    }
    default: v.lo = random_int(r); break;
    }
    return v;
}

/* ---- values in scope ---- */

void fuzz_remember(struct fuzz_maker *m, tcg_val v)
{
    enum tcg_type t;

    if (!v || tcg_is_const(v))
        return;
    t = tcg_type_of(m->ir, v);
    if (m->s.n[t] < FUZZ_MAX_VALS)
        m->s.v[t][m->s.n[t]++] = v;
    else
        m->s.v[t][fuzz_pick(m, FUZZ_MAX_VALS)] = v;
}

static tcg_val constant(struct fuzz_maker *m, enum tcg_type t)
{
    struct toy_value v = fuzz_value(&m->r, t);

    return tcg_ir_const(m->ir, t, v.lo, v.hi);
}

int fuzz_unit_of(struct fuzz_maker *m, enum tcg_type t)
{
    switch (t) {
    case TCG_I64: return TOY_R0 + (int)fuzz_pick(m, 15); /* r15 counts loops */
    case TCG_I32: return TOY_W0 + (int)fuzz_pick(m, 8);
    case TCG_V128: return TOY_Q0 + (int)fuzz_pick(m, 16);
    case TCG_V64: return TOY_V0 + (int)fuzz_pick(m, 2);
    case TCG_F32: return TOY_S0 + (int)fuzz_pick(m, 2);
    case TCG_F64: return TOY_D0 + (int)fuzz_pick(m, 4);
    case TCG_F80: return TOY_E0 + (int)fuzz_pick(m, 8);
    case TCG_FLAGS: return TOY_FL0 + (int)fuzz_pick(m, 4);
    default: return -1;
    }
}

tcg_val fuzz_value_of(struct fuzz_maker *m, enum tcg_type t)
{
    unsigned how = fuzz_pick(m, 10);
    tcg_val v;

    if (m->s.n[t] && how < 7)
        return m->s.v[t][fuzz_pick(m, m->s.n[t])];
    if ((how < 9 && t != TCG_FLAGS) || fuzz_unit_of(m, t) < 0) {
        if (t == TCG_I128 && fuzz_one_in(m, 2)) {
            v = tcg_pair(&m->b, fuzz_value_of(m, TCG_I64), fuzz_value_of(m, TCG_I64));
            fuzz_remember(m, v);
            return v;
        }
        return constant(m, t);
    }
    v = tcg_get(&m->b, (unsigned)fuzz_unit_of(m, t));
    m->budget--;
    fuzz_remember(m, v);
    return v;
}

void fuzz_begin_insn(struct fuzz_maker *m)
{
    tcg_insn(&m->b, m->pc, 4, 0);
    m->pc += 4;
    m->dirty = false;
}

/* ---- single operations ---- */

static unsigned environment(struct fuzz_maker *m, unsigned op, bool f80)
{
    struct tcg_float_env e;

    memset(&e, 0, sizeof(e));
    /* Arithmetic names the rounding that the control word has, others any. */
    e.round = fuzz_one_in(m, 2) ? TCG_ROUND_DYN : (uint8_t)m->c->round;
    if (op == TCG_OP_frint || op == TCG_OP_frintn || op == TCG_OP_f2i || op == TCG_OP_vfrint ||
        op == TCG_OP_vf2i)
        e.round = (uint8_t)(fuzz_one_in(m, 4) ? TCG_ROUND_DYN : fuzz_pick(m, TCG_ROUND_AWAY + 1));
    if ((op == TCG_OP_fcvt || op == TCG_OP_vfnarrow) && fuzz_one_in(m, 4))
        e.round = TCG_ROUND_ODD;
    e.flags = m->c->sticky;
    if (f80) {
        if (e.round > TCG_ROUND_ZERO)
            e.round = TCG_ROUND_DYN;
        e.nan = TCG_NAN_X87;
        return tcg_ir_env(m->ir, &e);
    }
    e.nan = m->nan;
    e.default_nan = m->default_nan;
    e.flush_in = m->flush_in;
    e.flush_out = m->flush_out;
    e.tiny_before = m->tiny_before;
    return tcg_ir_env(m->ir, &e);
}

static enum tcg_type type_for(struct fuzz_maker *m, char letter)
{
    static const uint8_t floats[] = {TCG_F16, TCG_F32, TCG_F64, TCG_F32, TCG_F64, TCG_F80};

    switch (letter) {
    case 'x': return fuzz_one_in(m, 2) ? TCG_I32 : TCG_I64;
    case 'f': return (enum tcg_type)floats[fuzz_pick(m, 6)];
    case 'v': return fuzz_one_in(m, 3) ? TCG_V64 : TCG_V128;
    case 'i': return TCG_I32;
    case 'l': return TCG_I64;
    case 'q': return TCG_I128;
    case 'F': return TCG_FLAGS;
    case 'V': return TCG_V128;
    case 'W': return TCG_V64;
    default: return TCG_VOID;
    }
}

static enum tcg_type result_type(struct fuzz_maker *m, unsigned op)
{
    static const uint8_t any[] = {TCG_I32, TCG_I64, TCG_I128, TCG_F16, TCG_F32, TCG_F64, TCG_F80,
                                  TCG_V64, TCG_V128};

    if (op == TCG_OP_select)
        return (enum tcg_type)any[fuzz_pick(m, 9)];
    if (op == TCG_OP_f2i || op == TCG_OP_fbits || op == TCG_OP_vget ||
        (op >= TCG_OP_add && op <= TCG_OP_trunc))
        return type_for(m, 'x');
    if (op == TCG_OP_vtof || (op >= TCG_OP_fop2 && op <= TCG_OP_fraw))
        return type_for(m, 'f');
    return type_for(m, 'v');
}

tcg_val fuzz_bit(struct fuzz_maker *m)
{
    tcg_val v;

    if (fuzz_one_in(m, 4))
        return tcg_imm(&m->b, TCG_I32, fuzz_pick(m, 2));
    if (fuzz_one_in(m, 3))
        v = tcg_fcond(&m->b, (enum tcg_fcond)fuzz_pick(m, TCG_FCOND_COUNT),
                      fuzz_value_of(m, TCG_FLAGS));
    else if (fuzz_one_in(m, 2))
        v = tcg_extract(&m->b, TCG_I32, fuzz_value_of(m, TCG_I32), fuzz_pick(m, 32), 1);
    else if (fuzz_one_in(m, 2))
        v = tcg_setcc(&m->b, (enum tcg_cond)fuzz_pick(m, TCG_COND_COUNT), fuzz_value_of(m, TCG_I64),
                      fuzz_value_of(m, TCG_I64));
    else
        v = tcg_setcc(&m->b, (enum tcg_cond)fuzz_pick(m, TCG_COND_COUNT), fuzz_value_of(m, TCG_I32),
                      fuzz_value_of(m, TCG_I32));
    fuzz_remember(m, v);
    return v;
}

/* sub and imm by chance; the verifier sorts out. */
static void sub_and_imm(struct fuzz_maker *m, struct tcg_op *o)
{
    const struct tcg_op_info *info = &tcg_op_info[o->op];
    unsigned w = o->type == TCG_I32 ? 32 : 64, pos;

    o->sub = 0;
    o->imm = 0;
    if (info->flags & TCG_OPF_VEC)
        o->sub = (uint8_t)fuzz_pick(m, 4);
    else if (info->flags & TCG_OPF_SUB)
        o->sub = (uint8_t)fuzz_pick(m, 20);
    switch (o->op) {
    case TCG_OP_extract:
    case TCG_OP_sextract:
    case TCG_OP_deposit:
        pos = fuzz_one_in(m, 3) ? 0 : fuzz_pick(m, w);
        o->imm = pos | (fuzz_one_in(m, 3) ? w - pos : 1 + fuzz_pick(m, w - pos)) << 8;
        break;
    case TCG_OP_extr: o->imm = fuzz_pick(m, w); break;
    case TCG_OP_frintn: o->imm = fuzz_one_in(m, 2) ? 32 : 64; break;
    case TCG_OP_f2i:
    case TCG_OP_i2f: o->imm = fuzz_one_in(m, 2) ? 0 : fuzz_pick(m, 65); break;
    case TCG_OP_vrev: o->imm = 1u << fuzz_pick(m, 5); break;
    case TCG_OP_vfop2:
    case TCG_OP_vfpop2: o->imm = fuzz_pick(m, TCG_F_RSQRTS + 1); break;
    case TCG_OP_vfop1: o->imm = fuzz_pick(m, TCG_F_RECPX + 1); break;
    case TCG_OP_vfcmp:
    case TCG_OP_vaddhn:
    case TCG_OP_vdot:
    case TCG_OP_vmmla: o->imm = fuzz_pick(m, 4); break;
    case TCG_OP_vmuls:
    case TCG_OP_vmulu:
    case TCG_OP_vmulp:
    case TCG_OP_vexts:
    case TCG_OP_vextu:
    case TCG_OP_vfwiden:
    case TCG_OP_vfrint: o->imm = fuzz_pick(m, 2); break;
    case TCG_OP_vf2i:
    case TCG_OP_vi2f:
        o->imm = fuzz_pick(m, 2) << 4 | (fuzz_one_in(m, 2) ? 0 : fuzz_pick(m, 65)) << 8;
        if (o->op == TCG_OP_vf2i)
            o->imm |= fuzz_pick(m, 3);
        break;
    case TCG_OP_vext:
    case TCG_OP_vdupl:
    case TCG_OP_vget:
    case TCG_OP_vset: o->imm = fuzz_pick(m, 16); break;
    case TCG_OP_vshli:
    case TCG_OP_vshri:
    case TCG_OP_vsari:
    case TCG_OP_vurshri:
    case TCG_OP_vsrshri:
        o->imm = fuzz_one_in(m, 4) ? 8u << o->sub : fuzz_pick(m, 1 + (8u << o->sub));
        break;
    default: break;
    }
    if (o->op >= TCG_OP_addf && o->op <= TCG_OP_mulf)
        o->attr = (uint16_t)fuzz_pick(m, 2);
}

/* What the verifier lets through but the soft twins do not define. */
static bool defined(struct fuzz_maker *m, const struct tcg_op *o)
{
    bool f80 = o->type == TCG_F80 || (o->a && tcg_type_of(m->ir, o->a) == TCG_F80);

    switch (o->op) {
    case TCG_OP_fop2: return !f80 || o->sub <= TCG_F_DIV;
    case TCG_OP_fop1: return !f80 || o->sub == TCG_F_SQRT;
    case TCG_OP_fma:
    case TCG_OP_vfromf: return !f80;
    case TCG_OP_frintn: return o->type == TCG_F32 || o->type == TCG_F64;
    case TCG_OP_f2i:
        if ((o->sub & 15) == TCG_INT_JS)
            return o->type == TCG_I32 && tcg_type_of(m->ir, o->a) == TCG_F64 && !o->imm &&
                   o->sub >> 4 && m->ir->envs[o->attr].round == TCG_ROUND_ZERO;
        return !f80 || (o->sub == (TCG_INT_X86 | 16) && !o->imm);
    case TCG_OP_i2f: return !f80 || !o->imm;
    default: return true;
    }
}

bool fuzz_is_plain(unsigned op)
{
    if (tcg_op_info[op].flags & (TCG_OPF_MEM | TCG_OPF_END))
        return false;
    return (op >= TCG_OP_add && op <= TCG_OP_fstatus_set) ||
           (op >= TCG_OP_vadd && op <= TCG_OP_vaesimc);
}

void fuzz_plain_op(struct fuzz_maker *m, unsigned op)
{
    const char *sig = tcg_op_info[op].sig;
    char buf[120];
    struct tcg_verify vf = {.ir = m->ir, .buf = buf, .len = sizeof(buf)};
    struct tcg_op o = {.op = (uint16_t)op};
    enum tcg_type x = TCG_VOID;
    tcg_val *in[3] = {&o.a, &o.b, &o.c};
    bool f80 = false;

    if ((op == TCG_OP_fstatus || op == TCG_OP_fstatus_set) && !m->c->sticky)
        return;
    o.type = (uint8_t)(sig[0] == 't' ? result_type(m, op) : type_for(m, sig[0]));
    for (unsigned k = 0; k < 3 && sig[2 + k]; k++) {
        char c = sig[2 + k];
        enum tcg_type t = c == 't' ? (enum tcg_type)o.type : type_for(m, c);

        if ((c == 'x' || c == 'f' || c == 'v') && k && sig[1 + k] == c)
            t = x;
        x = t;
        f80 |= t == TCG_F80;
        if ((op == TCG_OP_addc || op == TCG_OP_adcf || op == TCG_OP_sbcf) && k == 2)
            *in[k] = fuzz_bit(m);
        else if ((op == TCG_OP_select || op == TCG_OP_fsel) && !k && !fuzz_one_in(m, 4))
            *in[k] = fuzz_bit(m);
        else if (op == TCG_OP_fstatus_set)
            *in[k] = tcg_and(&m->b, TCG_I32, fuzz_value_of(m, TCG_I32),
                             tcg_imm(&m->b, TCG_I32, 0x3f));
        else if (op == TCG_OP_funpack)
            *in[k] = tcg_and(&m->b, TCG_I32, fuzz_value_of(m, TCG_I32),
                             tcg_imm(&m->b, TCG_I32, 0xd501));
        else
            *in[k] = fuzz_value_of(m, t);
    }
    if (op >= TCG_OP_vnarrow && op <= TCG_OP_vnarrow_uu && fuzz_one_in(m, 2))
        o.b = 0;
    if (tcg_op_info[op].flags & TCG_OPF_FLT)
        o.attr = (uint16_t)environment(m, op, f80 || o.type == TCG_F80);
    for (unsigned i = 0; i < 30; i++) {
        sub_and_imm(m, &o);
        vf.at = tcg_ir_add(m->ir, &o);
        vf.wrong = false;
        tcg_verify_op(&vf, &o);
        if (!vf.wrong && defined(m, &o)) {
            if (tcg_op_info[op].sig[0] != '-')
                fuzz_remember(m, (tcg_val)vf.at);
            return;
        }
        m->ir->nops--;
    }
}

unsigned fuzz_random_op(struct fuzz_maker *m)
{
    unsigned op;

    if (m->favourite && fuzz_one_in(m, 3))
        return m->favourite;
    do
        op = fuzz_one_in(m, 2) ? fuzz_pick(m, TCG_OP_COUNT)
                               : TCG_OP_add + fuzz_pick(m, TCG_OP_fop2 - TCG_OP_add);
    while (!fuzz_is_plain(op));
    return op;
}
