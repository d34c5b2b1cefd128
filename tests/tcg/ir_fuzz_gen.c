// SPDX-License-Identifier: MIT
/* Makes random programs of valid IR: operations of every kind whose operands are values that are
 * visible, inside a random structure of branches, joins with params, loops and side exits. The
 * verifier says which operations are well formed; what it cannot know (carries are 0 or 1, where
 * memory is, which operations f80 has) is respected here. v256 is not generated. */
#include "tests/tcg/ir_fuzz.h"

#include "tcg/verify.h"

#include <stdlib.h>
#include <string.h>

#define MAX_VALS 24

/* What can be used at a place, by type. */
struct scope {
    tcg_val v[TCG_TYPE_COUNT][MAX_VALS];
    uint8_t n[TCG_TYPE_COUNT];
};

struct maker {
    struct fuzz_rng r;
    struct fuzz_case *c;
    struct tcg_builder b;
    struct tcg_ir *ir;
    struct scope s;
    unsigned index;      /* of the region */
    uint64_t pc;         /* of the next instruction */
    bool dirty;          /* a put of this instruction was written */
    int budget;          /* operations that may still be made */
    unsigned depth;
    bool in_loop;        /* one that r15 counts */
    unsigned favourite;  /* operation that this region has many of; 0: none */
    uint8_t nan, flush_in, flush_out, default_nan, tiny_before;
};

static unsigned below(struct maker *m, unsigned n)
{
    return fuzz_below(&m->r, n);
}

static bool one_in(struct maker *m, unsigned n)
{
    return below(m, n) == 0;
}

/* ---- numbers ---- */

static uint64_t random_int(struct fuzz_rng *r)
{
    static const uint64_t some[] = {
        0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff,
        0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff,
        0x8000000000000000, ~0ull, ~1ull, 0xffffffff80000000, 0xffffffff7fffffff, 0x8080808080808080,
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

static void remember(struct maker *m, tcg_val v)
{
    enum tcg_type t;

    if (!v || tcg_is_const(v))
        return;
    t = tcg_type_of(m->ir, v);
    if (m->s.n[t] < MAX_VALS)
        m->s.v[t][m->s.n[t]++] = v;
    else
        m->s.v[t][below(m, MAX_VALS)] = v;
}

static tcg_val constant(struct maker *m, enum tcg_type t)
{
    struct toy_value v = fuzz_value(&m->r, t);

    return tcg_ir_const(m->ir, t, v.lo, v.hi);
}

static int unit_of(struct maker *m, enum tcg_type t)
{
    switch (t) {
    case TCG_I64: return TOY_R0 + (int)below(m, 15); /* r15 counts loops */
    case TCG_I32: return TOY_W0 + (int)below(m, 8);
    case TCG_V128: return TOY_Q0 + (int)below(m, 16);
    case TCG_V64: return TOY_V0 + (int)below(m, 2);
    case TCG_F32: return TOY_S0 + (int)below(m, 2);
    case TCG_F64: return TOY_D0 + (int)below(m, 4);
    case TCG_F80: return TOY_E0 + (int)below(m, 8);
    case TCG_FLAGS: return TOY_FL0 + (int)below(m, 4);
    default: return -1;
    }
}

static tcg_val value(struct maker *m, enum tcg_type t)
{
    unsigned how = below(m, 10);
    tcg_val v;

    if (m->s.n[t] && how < 7)
        return m->s.v[t][below(m, m->s.n[t])];
    if ((how < 9 && t != TCG_FLAGS) || unit_of(m, t) < 0) {
        if (t == TCG_I128 && one_in(m, 2)) {
            v = tcg_pair(&m->b, value(m, TCG_I64), value(m, TCG_I64));
            remember(m, v);
            return v;
        }
        return constant(m, t);
    }
    v = tcg_get(&m->b, (unsigned)unit_of(m, t));
    m->budget--;
    remember(m, v);
    return v;
}

static void begin_insn(struct maker *m)
{
    tcg_insn(&m->b, m->pc, 4, 0);
    m->pc += 4;
    m->dirty = false;
}

/* ---- single operations ---- */

static unsigned environment(struct maker *m, unsigned op, bool f80)
{
    struct tcg_float_env e;

    memset(&e, 0, sizeof(e));
    /* Arithmetic names the rounding that the control word has, others any. */
    e.round = one_in(m, 2) ? TCG_ROUND_DYN : (uint8_t)m->c->round;
    if (op == TCG_OP_frint || op == TCG_OP_frintn || op == TCG_OP_f2i || op == TCG_OP_vfrint ||
        op == TCG_OP_vf2i)
        e.round = (uint8_t)(one_in(m, 4) ? TCG_ROUND_DYN : below(m, TCG_ROUND_AWAY + 1));
    if ((op == TCG_OP_fcvt || op == TCG_OP_vfnarrow) && one_in(m, 4))
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

static enum tcg_type type_for(struct maker *m, char letter)
{
    static const uint8_t floats[] = {TCG_F16, TCG_F32, TCG_F64, TCG_F32, TCG_F64, TCG_F80};

    switch (letter) {
    case 'x': return one_in(m, 2) ? TCG_I32 : TCG_I64;
    case 'f': return (enum tcg_type)floats[below(m, 6)];
    case 'v': return one_in(m, 3) ? TCG_V64 : TCG_V128;
    case 'i': return TCG_I32;
    case 'l': return TCG_I64;
    case 'q': return TCG_I128;
    case 'F': return TCG_FLAGS;
    case 'V': return TCG_V128;
    case 'W': return TCG_V64;
    default: return TCG_VOID;
    }
}

static enum tcg_type result_type(struct maker *m, unsigned op)
{
    static const uint8_t any[] = {TCG_I32, TCG_I64, TCG_I128, TCG_F16, TCG_F32, TCG_F64, TCG_F80,
                                  TCG_V64, TCG_V128};

    if (op == TCG_OP_select)
        return (enum tcg_type)any[below(m, 9)];
    if (op == TCG_OP_f2i || op == TCG_OP_fbits || op == TCG_OP_vget ||
        (op >= TCG_OP_add && op <= TCG_OP_trunc))
        return type_for(m, 'x');
    if (op == TCG_OP_vtof || (op >= TCG_OP_fop2 && op <= TCG_OP_fraw))
        return type_for(m, 'f');
    return type_for(m, 'v');
}

static tcg_val bit(struct maker *m)
{
    tcg_val v;

    if (one_in(m, 4))
        return tcg_imm(&m->b, TCG_I32, below(m, 2));
    if (one_in(m, 3))
        v = tcg_fcond(&m->b, (enum tcg_fcond)below(m, TCG_FCOND_COUNT), value(m, TCG_FLAGS));
    else if (one_in(m, 2))
        v = tcg_extract(&m->b, TCG_I32, value(m, TCG_I32), below(m, 32), 1);
    else if (one_in(m, 2))
        v = tcg_setcc(&m->b, (enum tcg_cond)below(m, TCG_COND_COUNT), value(m, TCG_I64),
                      value(m, TCG_I64));
    else
        v = tcg_setcc(&m->b, (enum tcg_cond)below(m, TCG_COND_COUNT), value(m, TCG_I32),
                      value(m, TCG_I32));
    remember(m, v);
    return v;
}

/* sub and imm by chance; the verifier sorts out. */
static void sub_and_imm(struct maker *m, struct tcg_op *o)
{
    const struct tcg_op_info *info = &tcg_op_info[o->op];
    unsigned w = o->type == TCG_I32 ? 32 : 64, pos;

    o->sub = 0;
    o->imm = 0;
    if (info->flags & TCG_OPF_VEC)
        o->sub = (uint8_t)below(m, 4);
    else if (info->flags & TCG_OPF_SUB)
        o->sub = (uint8_t)below(m, 20);
    switch (o->op) {
    case TCG_OP_extract:
    case TCG_OP_sextract:
    case TCG_OP_deposit:
        pos = one_in(m, 3) ? 0 : below(m, w);
        o->imm = pos | (one_in(m, 3) ? w - pos : 1 + below(m, w - pos)) << 8;
        break;
    case TCG_OP_extr: o->imm = below(m, w); break;
    case TCG_OP_frintn: o->imm = one_in(m, 2) ? 32 : 64; break;
    case TCG_OP_f2i:
    case TCG_OP_i2f: o->imm = one_in(m, 2) ? 0 : below(m, 65); break;
    case TCG_OP_vrev: o->imm = 1u << below(m, 5); break;
    case TCG_OP_vfop2:
    case TCG_OP_vfpop2: o->imm = below(m, TCG_F_RSQRTS + 1); break;
    case TCG_OP_vfop1: o->imm = below(m, TCG_F_RECPX + 1); break;
    case TCG_OP_vfcmp:
    case TCG_OP_vaddhn:
    case TCG_OP_vdot:
    case TCG_OP_vmmla: o->imm = below(m, 4); break;
    case TCG_OP_vmuls:
    case TCG_OP_vmulu:
    case TCG_OP_vmulp:
    case TCG_OP_vexts:
    case TCG_OP_vextu:
    case TCG_OP_vfwiden:
    case TCG_OP_vfrint: o->imm = below(m, 2); break;
    case TCG_OP_vf2i:
        o->imm = below(m, 3) | below(m, 2) << 4 | (one_in(m, 2) ? 0 : below(m, 65)) << 8;
        break;
    case TCG_OP_vi2f: o->imm = below(m, 2) << 4 | (one_in(m, 2) ? 0 : below(m, 65)) << 8; break;
    case TCG_OP_vext:
    case TCG_OP_vdupl:
    case TCG_OP_vget:
    case TCG_OP_vset: o->imm = below(m, 16); break;
    case TCG_OP_vshli:
    case TCG_OP_vshri:
    case TCG_OP_vsari:
    case TCG_OP_vurshri:
    case TCG_OP_vsrshri:
        o->imm = one_in(m, 4) ? 8u << o->sub : below(m, 1 + (8u << o->sub));
        break;
    default: break;
    }
    if (o->op >= TCG_OP_addf && o->op <= TCG_OP_mulf)
        o->attr = (uint16_t)below(m, 2);
}

/* What the verifier lets through but the soft twins do not define. */
static bool defined(struct maker *m, const struct tcg_op *o)
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

static bool is_plain_op(unsigned op)
{
    if (tcg_op_info[op].flags & (TCG_OPF_MEM | TCG_OPF_END))
        return false;
    return (op >= TCG_OP_add && op <= TCG_OP_fstatus) || (op >= TCG_OP_vadd && op <= TCG_OP_vaesimc);
}

static void plain_op(struct maker *m, unsigned op)
{
    const char *sig = tcg_op_info[op].sig;
    char buf[120];
    struct tcg_verify vf = {.ir = m->ir, .buf = buf, .len = sizeof(buf)};
    struct tcg_op o = {.op = (uint16_t)op};
    enum tcg_type x = TCG_VOID;
    tcg_val *in[3] = {&o.a, &o.b, &o.c};
    bool f80 = false;

    if (op == TCG_OP_fstatus && !m->c->sticky)
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
            *in[k] = bit(m);
        else if ((op == TCG_OP_select || op == TCG_OP_fsel) && !k && !one_in(m, 4))
            *in[k] = bit(m);
        else if (op == TCG_OP_funpack)
            *in[k] = tcg_and(&m->b, TCG_I32, value(m, TCG_I32), tcg_imm(&m->b, TCG_I32, 0xd501));
        else
            *in[k] = value(m, t);
    }
    if (op >= TCG_OP_vnarrow && op <= TCG_OP_vnarrow_uu && one_in(m, 2))
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
                remember(m, (tcg_val)vf.at);
            return;
        }
        m->ir->nops--;
    }
}

static unsigned random_op(struct maker *m)
{
    unsigned op;

    if (m->favourite && one_in(m, 3))
        return m->favourite;
    do
        op = one_in(m, 2) ? below(m, TCG_OP_COUNT) : TCG_OP_add + below(m, TCG_OP_fop2 - TCG_OP_add);
    while (!is_plain_op(op));
    return op;
}

/* ---- memory ---- */

/* Sets address, index and displacement of o inside the windows, or where it faults. */
static void address(struct maker *m, struct tcg_op *o, struct tcg_mem *d)
{
    struct tcg_builder *b = &m->b;
    bool indexed = o->op == TCG_OP_load || o->op == TCG_OP_store || o->op == TCG_OP_probe;
    bool atomic = !indexed, misalign = !one_in(m, 3) && (!atomic || d->align);
    uint64_t low = misalign && d->size < 4 ? 7 : 0, base;
    tcg_val a;

    if (misalign && !atomic)
        low = 15;
    if (one_in(m, 30)) { /* pages that fault */
        a = tcg_and(b, TCG_I64, value(m, TCG_I64), tcg_imm(b, TCG_I64, 0x107e0));
        o->a = tcg_or(b, TCG_I64, a, tcg_imm(b, TCG_I64, FUZZ_RO_PAGE * TOY_PAGE));
    } else if (one_in(m, 3)) {
        base = below(m, 4) * TOY_PAGE + (below(m, 0x400) & ~0xfu) + (fuzz_next(&m->r) & low);
        o->a = tcg_imm(b, TCG_I64, base);
    } else {
        a = tcg_and(b, TCG_I64, value(m, TCG_I64), tcg_imm(b, TCG_I64, 0x303f0 | low));
        if (one_in(m, 2))
            a = tcg_add(b, TCG_I64, a, tcg_imm(b, TCG_I64, below(m, 0x10) * 16));
        o->a = a;
    }
    if (!indexed)
        return;
    if (one_in(m, 3)) {
        o->sub = (uint8_t)below(m, 4);
        o->b = tcg_and(b, TCG_I64, value(m, TCG_I64), tcg_imm(b, TCG_I64, misalign ? 0x3f : 0x30));
    } else if (one_in(m, 4)) { /* as frontends write it: folded into the operation */
        a = tcg_and(b, TCG_I64, value(m, TCG_I64), tcg_imm(b, TCG_I64, 0x30));
        a = tcg_shl(b, TCG_I64, a, tcg_imm(b, TCG_I64, below(m, 4)));
        o->a = tcg_add(b, TCG_I64, o->a, a);
    }
    if (one_in(m, 2))
        o->imm = below(m, 16) * 16;
    if (one_in(m, 12)) {
        d->wrap32 = 1;
        o->imm = below(m, 2) ? 0x40 : (uint32_t)-64;
        o->a = tcg_add(b, TCG_I64, o->a, tcg_imm(b, TCG_I64, 0xabcd00000040ull));
        if (tcg_is_const(o->a))
            o->imm = 0x40;
    }
}

static struct tcg_mem descriptor(struct maker *m, enum tcg_type t, unsigned op)
{
    struct tcg_mem d;

    memset(&d, 0, sizeof(d));
    switch (t) {
    case TCG_I32: d.size = (uint8_t)below(m, 3); break;
    case TCG_I64: d.size = (uint8_t)below(m, 4); break;
    case TCG_F16: d.size = 1; break;
    case TCG_F32: d.size = 2; break;
    case TCG_F64:
    case TCG_V64: d.size = 3; break;
    default: d.size = 4; break;
    }
    d.sign = (t == TCG_I32 || t == TCG_I64) && op != TCG_OP_store && one_in(m, 2);
    d.big = one_in(m, 4);
    d.align = (uint8_t)(one_in(m, 2) ? 0 : below(m, 3));
    d.intent = op == TCG_OP_load ? TCG_INTENT_READ
               : op == TCG_OP_store || (op == TCG_OP_probe && one_in(m, 2)) ? TCG_INTENT_WRITE
               : op == TCG_OP_probe ? TCG_INTENT_READ
                                    : TCG_INTENT_RW;
    if (op == TCG_OP_load && one_in(m, 5))
        d.order = TCG_ORDER_ACQUIRE;
    if (op == TCG_OP_store && one_in(m, 5))
        d.order = one_in(m, 2) ? TCG_ORDER_RELEASE : TCG_ORDER_SC;
    return d;
}

static void memory_op(struct maker *m)
{
    static const uint8_t types[] = {TCG_I32, TCG_I64, TCG_I64, TCG_I128, TCG_F16, TCG_F32, TCG_F64,
                                    TCG_V64, TCG_V128};
    static const uint8_t ops[] = {TCG_OP_load, TCG_OP_load, TCG_OP_load, TCG_OP_store, TCG_OP_store,
                                  TCG_OP_rmw, TCG_OP_cmpxchg, TCG_OP_probe, TCG_OP_fence};
    struct tcg_op o = {.op = ops[below(m, ARRAY_LEN(ops))]};
    enum tcg_type t = (enum tcg_type)types[below(m, ARRAY_LEN(types))];
    struct tcg_mem d;

    if (o.op == TCG_OP_fence) {
        tcg_fence(&m->b, (enum tcg_fence)below(m, 4));
        return;
    }
    if (m->dirty)
        begin_insn(m);
    if (o.op == TCG_OP_rmw || o.op == TCG_OP_cmpxchg)
        t = o.op == TCG_OP_cmpxchg && one_in(m, 3) ? TCG_I128 : type_for(m, 'x');
    d = descriptor(m, t, o.op);
    if (t == TCG_I128 && o.op == TCG_OP_cmpxchg)
        d.align = TCG_ALIGN_NATURAL;
    address(m, &o, &d);
    if (o.op == TCG_OP_rmw || o.op == TCG_OP_cmpxchg) {
        d.wrap32 = 0;
        o.b = value(m, t);
        o.c = o.op == TCG_OP_cmpxchg ? value(m, t) : 0;
        o.sub = o.op == TCG_OP_rmw ? (uint8_t)below(m, TCG_RMW_COUNT) : 0;
        if (o.op == TCG_OP_cmpxchg && one_in(m, 2)) { /* one that succeeds */
            struct tcg_mem plain = d;

            plain.intent = TCG_INTENT_READ;
            plain.sign = 0;
            o.b = tcg_load(&m->b, t, &plain, o.a, 0);
        }
    } else if (o.op == TCG_OP_store) {
        o.c = value(m, t);
    }
    o.type = (uint8_t)(o.op == TCG_OP_probe ? TCG_VOID : t);
    o.attr = tcg_ir_mem(m->ir, &d);
    remember(m, o.op == TCG_OP_store || o.op == TCG_OP_probe
                    ? (tcg_emit(&m->b, (enum tcg_opcode)o.op, (enum tcg_type)o.type, o.sub, o.a,
                                o.b, o.c, o.attr, o.imm), TCG_NONE)
                    : tcg_emit(&m->b, (enum tcg_opcode)o.op, t, o.sub, o.a, o.b, o.c, o.attr, o.imm));
}

static void call_op(struct maker *m)
{
    const struct tcg_helper *h = toy_helpers[below(m, 9)];
    tcg_val args[6];

    if ((h->writes || h->flags & TCG_H_LEAVE) && m->dirty)
        begin_insn(m);
    for (unsigned i = 0; i < h->nargs; i++) {
        args[i] = value(m, (enum tcg_type)h->args[i]);
        if (h->flags & TCG_H_LEAVE && !one_in(m, 10))
            args[i] = tcg_imm(&m->b, TCG_I32, 0);
    }
    remember(m, tcg_call(&m->b, h, args));
    if (h->writes)
        m->dirty = true;
}

static void put_op(struct maker *m)
{
    static const uint8_t types[] = {TCG_I64, TCG_I64, TCG_I64, TCG_I64, TCG_I32, TCG_V128, TCG_V64,
                                    TCG_F32, TCG_F64, TCG_F80, TCG_FLAGS, TCG_FLAGS};
    enum tcg_type t = (enum tcg_type)types[below(m, ARRAY_LEN(types))];

    tcg_put(&m->b, (unsigned)unit_of(m, t), value(m, t));
    m->dirty = true;
}

/* What is in scope becomes visible: puts, and stores of types without units. */
static void observe(struct maker *m, unsigned percent)
{
    for (unsigned t = TCG_I32; t < TCG_TYPE_COUNT; t++) {
        for (unsigned i = 0; i < m->s.n[t]; i++) {
            tcg_val v = m->s.v[t][i];

            if (below(m, 100) >= percent)
                continue;
            if (t == TCG_F16)
                tcg_put(&m->b, (unsigned)unit_of(m, TCG_I32), tcg_fbits(&m->b, TCG_I32, v));
            else if (t == TCG_I128)
                tcg_put(&m->b, (unsigned)unit_of(m, TCG_I64),
                        one_in(m, 2) ? tcg_lo(&m->b, v) : tcg_hi(&m->b, v));
            else
                tcg_put(&m->b, (unsigned)unit_of(m, (enum tcg_type)t), v);
            m->dirty = true;
        }
    }
}

/* ---- structure ---- */

static void straight(struct maker *m, unsigned n)
{
    for (unsigned i = 0; i < n && m->budget > 0; i++, m->budget--) {
        unsigned k = below(m, 40);

        if (k < 5)
            memory_op(m);
        else if (k == 5)
            call_op(m);
        else if (k < 10)
            put_op(m);
        else if (k == 10)
            begin_insn(m);
        else
            plain_op(m, random_op(m));
    }
}

static void body(struct maker *m);

static uint64_t next_pc(struct maker *m)
{
    if (m->index + 1 < m->c->n && !one_in(m, 4))
        return FUZZ_PC(m->index + 1 + below(m, m->c->n - m->index - 1));
    return FUZZ_PC(FUZZ_REGIONS) + below(m, 8) * 4;
}

static void leave(struct maker *m)
{
    unsigned hint = below(m, 3) | (one_in(m, 3) ? TCG_HINT_POLL : 0);
    uint64_t ret = next_pc(m);

    observe(m, 60);
    switch (below(m, 4)) {
    case 0: tcg_goto_pc(&m->b, next_pc(m), hint, ret); break;
    case 1:
        tcg_goto_ind(&m->b, tcg_select(&m->b, TCG_I64, bit(m), tcg_imm(&m->b, TCG_I64, next_pc(m)),
                                       tcg_imm(&m->b, TCG_I64, next_pc(m))), hint, ret);
        break;
    case 2:
        tcg_exit(&m->b, TCG_EXIT_SYSCALL, value(m, TCG_I64), below(m, 1000), TCG_NONE);
        break;
    default:
        tcg_exit(&m->b, TCG_EXIT_EXCEPTION, tcg_imm(&m->b, TCG_I64, m->pc), TCG_EXC_FRONTEND,
                 value(m, TCG_I64));
        break;
    }
}

static void block_at(struct maker *m, unsigned block, bool insn)
{
    tcg_block_at(&m->b, block);
    if (insn)
        begin_insn(m);
}

static void side_exit(struct maker *m)
{
    unsigned out = tcg_block_new(&m->b, false), on = tcg_block_new(&m->b, false);
    struct scope s;

    if (one_in(m, 2))
        tcg_block_cold(&m->b, out);
    if (one_in(m, 2))
        tcg_brcond(&m->b, bit(m), out, on);
    else
        tcg_brcond(&m->b, value(m, TCG_I32), on, out);
    s = m->s;
    block_at(m, out, one_in(m, 2));
    if (one_in(m, 3))
        straight(m, below(m, 6));
    leave(m);
    m->s = s;
    block_at(m, on, true);
}

#define MAX_PARAMS 6

static unsigned pick_params(struct maker *m, tcg_val *args)
{
    static const uint8_t types[] = {TCG_I32, TCG_I64, TCG_I64, TCG_V128, TCG_V64, TCG_F64, TCG_F32,
                                    TCG_F16, TCG_FLAGS, TCG_F80, TCG_I128};
    unsigned n = below(m, MAX_PARAMS + 1);

    for (unsigned i = 0; i < n; i++)
        args[i] = value(m, (enum tcg_type)types[below(m, ARRAY_LEN(types))]);
    return n;
}

/* Other arguments of the same types. */
static void same_types(struct maker *m, const tcg_val *like, tcg_val *args, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        args[i] = value(m, tcg_type_of(m->ir, like[i]));
}

static void begin_join(struct maker *m, unsigned block, const tcg_val *args, unsigned n)
{
    tcg_val p[MAX_PARAMS + 1];

    tcg_block_at(&m->b, block);
    memset(&m->s, 0, sizeof(m->s));
    for (unsigned i = 0; i < n; i++)
        p[i] = tcg_param(&m->b, tcg_type_of(m->ir, args[i]));
    for (unsigned i = 0; i < n; i++)
        remember(m, p[i]);
    begin_insn(m);
}

static void diamond(struct maker *m)
{
    unsigned yes = tcg_block_new(&m->b, false), no, join = tcg_block_new(&m->b, true), n = 0;
    tcg_val args[MAX_PARAMS], other[MAX_PARAMS];
    struct scope s;
    bool triangle = one_in(m, 3);
    tcg_val cond = one_in(m, 4) ? value(m, TCG_I32) : bit(m);

    no = triangle ? join : tcg_block_new(&m->b, false);
    if (one_in(m, 2))
        tcg_brcond(&m->b, cond, yes, no);
    else
        tcg_brcond(&m->b, cond, no, yes);
    s = m->s;
    block_at(m, yes, true);
    body(m);
    if (!triangle)
        n = pick_params(m, args);
    tcg_br(&m->b, join, args, n);
    if (!triangle) {
        m->s = s;
        block_at(m, no, true);
        body(m);
        same_types(m, args, other, n);
        tcg_br(&m->b, join, other, n);
    }
    begin_join(m, join, args, n);
}

/* A few rounds, counted by r15 (with anything inside but such a loop) or by a param. */
static void loop(struct maker *m)
{
    unsigned head = tcg_block_new(&m->b, true), on = tcg_block_new(&m->b, false), back = head, n;
    tcg_val args[MAX_PARAMS + 1], other[MAX_PARAMS + 1], count, zero, old;
    bool by_unit = !m->in_loop && one_in(m, 2);

    n = one_in(m, 4) ? 0 : pick_params(m, args);
    count = tcg_imm(&m->b, TCG_I64, 1 + below(m, 4));
    if (by_unit)
        tcg_put(&m->b, TOY_R0 + 15, count);
    else
        args[n++] = count;
    tcg_br(&m->b, head, args, n);
    begin_join(m, head, args, n);
    old = by_unit ? TCG_NONE : (tcg_val)(m->ir->blocks[head].first + n);
    if (by_unit) {
        m->in_loop = true;
        body(m);
        m->in_loop = false;
        old = tcg_get(&m->b, TOY_R0 + 15);
    } else {
        straight(m, below(m, 12));
        if (one_in(m, 3))
            side_exit(m);
    }
    count = tcg_sub(&m->b, TCG_I64, old, tcg_imm(&m->b, TCG_I64, 1));
    if (by_unit) {
        tcg_put(&m->b, TOY_R0 + 15, count);
        same_types(m, args, other, n);
    } else {
        same_types(m, args, other, n - 1);
        other[n - 1] = count;
    }
    zero = tcg_imm(&m->b, TCG_I64, 0);
    if (n)
        back = tcg_block_new(&m->b, false);
    tcg_brcond(&m->b, tcg_setcc(&m->b, TCG_NE, count, zero), back, on);
    if (n) {
        tcg_block_at(&m->b, back);
        tcg_br(&m->b, head, other, n);
    }
    block_at(m, on, true);
}

static void body(struct maker *m)
{
    unsigned parts = 1 + below(m, 3);

    m->depth++;
    for (unsigned i = 0; i < parts; i++) {
        straight(m, 1 + below(m, 14));
        if (m->budget <= 0 || m->depth > 4)
            continue;
        switch (below(m, 6)) {
        case 0: diamond(m); break;
        case 1: loop(m); break;
        case 2: side_exit(m); break;
        default: break;
        }
    }
    m->depth--;
}

static void region(struct maker *m, unsigned index)
{
    char buf[120];
    const char *wrong;

    m->index = index;
    m->ir = &m->c->ir[index];
    m->pc = FUZZ_PC(index);
    m->budget = (int)(one_in(m, 4) ? below(m, 12) : one_in(m, 3) ? below(m, 60) : below(m, 250));
    m->depth = 0;
    m->in_loop = false;
    memset(&m->s, 0, sizeof(m->s));
    m->favourite = 0;
    if (one_in(m, 2)) {
        do
            m->favourite = below(m, TCG_OP_COUNT);
        while (!is_plain_op(m->favourite));
    }
    tcg_builder_init(&m->b, m->ir, true);
    tcg_builder_start(&m->b, m->pc, 0);
    begin_insn(m);
    while (m->budget > 0)
        body(m);
    observe(m, 90);
    leave(m);
    tcg_builder_finish(&m->b);
    tcg_builder_free(&m->b);
    wrong = tcg_ir_verify(m->ir, buf, sizeof(buf));
    if (wrong) {
        tcg_ir_print(m->ir, stderr);
        MOA_BUG("the generator made invalid IR: %s", wrong);
    }
}

void fuzz_make(struct fuzz_case *c, uint64_t seed)
{
    struct maker m;

    memset(&m, 0, sizeof(m));
    m.r.s = seed * 0x2545f4914f6cdd1dull + 1;
    m.c = c;
    c->n = 1 + below(&m, FUZZ_REGIONS);
    c->round = one_in(&m, 2) ? TCG_ROUND_EVEN : below(&m, 4);
    c->sticky = !one_in(&m, 8);
    c->mem_seed = fuzz_next(&m.r);
    m.nan = (uint8_t)(one_in(&m, 3) ? below(&m, 3) : TCG_NAN_ARM);
    m.default_nan = one_in(&m, 3);
    m.tiny_before = !one_in(&m, 3);
    if (one_in(&m, 3)) {
        m.flush_in = (uint8_t)below(&m, 3);
        m.flush_out = (uint8_t)below(&m, 2);
    }
    for (unsigned u = 0; u < TOY_UNITS; u++)
        c->set[u] = fuzz_value(&m.r, (enum tcg_type)toy_guest.units[u].type);
    for (unsigned i = 0; i < c->n; i++)
        region(&m, i);
}

void fuzz_case_init(struct fuzz_case *c)
{
    memset(c, 0, sizeof(*c));
    for (unsigned i = 0; i < FUZZ_REGIONS; i++)
        tcg_ir_init(&c->ir[i], &toy_guest);
}

void fuzz_case_free(struct fuzz_case *c)
{
    for (unsigned i = 0; i < FUZZ_REGIONS; i++)
        tcg_ir_free(&c->ir[i]);
}
