// SPDX-License-Identifier: MIT
/* tcg/fold.c -- rules that simplify an operation when it is built.
 *
 * What a new rule must satisfy:
 *  1. The result is equal for every input, as ops.def defines the operations.
 *  2. It looks only at its operands' operations, never further than two levels: folding runs for
 *     every operation of cold code.
 *  3. It may build new operations only if at most as many as it saves.
 *  4. It never touches operations with effects (KEEP), nor float arithmetic.
 * Constant operands of commutative operations come second. */
#include "tcg/fold.h"

#include "base/bits.h"

struct fold {
    struct tcg_builder *b;
    struct tcg_ir *ir;
    struct tcg_op *o;
    enum tcg_type t;
};

static bool konst(const struct fold *f, tcg_val v, uint64_t *k)
{
    if (!tcg_is_const(v))
        return false;
    *k = tcg_const_of(f->ir, v)->lo;
    return true;
}

/* The operation that made v if it is `op`, else NULL. */
static const struct tcg_op *made_by(const struct fold *f, tcg_val v, enum tcg_opcode op)
{
    return v && !tcg_is_const(v) && f->ir->ops[v].op == op ? &f->ir->ops[v] : NULL;
}

static unsigned width(enum tcg_type t)
{
    return t == TCG_I32 ? 32 : 64;
}

static uint64_t ones(enum tcg_type t)
{
    return bits_mask(width(t));
}

static tcg_val num(const struct fold *f, uint64_t k)
{
    return tcg_imm(f->b, f->t, k);
}

static bool is_int_op(const struct tcg_op *o)
{
    return o->op >= TCG_OP_add && o->op <= TCG_OP_trunc;
}

/* All operands constant. */
static tcg_val fold_constants(const struct fold *f)
{
    const struct tcg_op *o = f->o;
    uint64_t a = 0, b = 0, c = 0;
    enum tcg_type t = f->t;

    if ((o->a && !konst(f, o->a, &a)) || (o->b && !konst(f, o->b, &b)) ||
        (o->c && !konst(f, o->c, &c)))
        return TCG_NONE;
    if (o->op == TCG_OP_setcc)
        return num(f, tcg_eval_cond((enum tcg_cond)o->sub, tcg_type_of(f->ir, o->a) == TCG_I64, a,
                                    b));
    if (o->op == TCG_OP_crc32)
        t = TCG_I32;
    return num(f, tcg_eval_int((enum tcg_opcode)o->op, o->op == TCG_OP_trunc ? TCG_I64 : t, o->sub,
                               o->imm, a, b, c));
}

static tcg_val fold_add(struct fold *f)
{
    struct tcg_op *o = f->o;
    const struct tcg_op *p;
    uint64_t k, k2;

    if (!konst(f, o->b, &k))
        return TCG_NONE;
    if (o->op == TCG_OP_sub) { /* a - k = a + -k */
        o->op = TCG_OP_add;
        k = -k & ones(f->t);
        o->b = num(f, k);
    }
    if (k == 0)
        return o->a;
    p = made_by(f, o->a, TCG_OP_add);
    if (p && konst(f, p->b, &k2))
        return tcg_add(f->b, f->t, p->a, num(f, k + k2));
    return TCG_NONE;
}

static tcg_val fold_logic(struct fold *f)
{
    struct tcg_op *o = f->o;
    const struct tcg_op *p;
    uint64_t k, k2, all = ones(f->t);

    if (o->a == o->b)
        switch (o->op) {
        case TCG_OP_and:
        case TCG_OP_or: return o->a;
        case TCG_OP_orn: return num(f, all);
        default: return num(f, 0);
        }
    if (o->op == TCG_OP_andn || o->op == TCG_OP_orn) {
        if (konst(f, o->b, &k)) {
            o->op = o->op == TCG_OP_andn ? TCG_OP_and : TCG_OP_or;
            o->b = num(f, ~k & all);
        } else if (konst(f, o->a, &k)) {
            if (k == 0)
                return o->op == TCG_OP_andn ? o->a : tcg_not(f->b, f->t, o->b);
            if (k == all)
                return o->op == TCG_OP_andn ? tcg_not(f->b, f->t, o->b) : o->a;
            return TCG_NONE;
        }
    }
    if (!konst(f, o->b, &k))
        return TCG_NONE;
    switch (o->op) {
    case TCG_OP_and:
        if (k == all)
            return o->a;
        if (k == 0)
            return o->b;
        p = made_by(f, o->a, TCG_OP_and);
        if (p && konst(f, p->b, &k2))
            return tcg_and(f->b, f->t, p->a, num(f, k & k2));
        if (k == 0xff || k == 0xffff || (k == 0xffffffff && f->t == TCG_I64))
            return tcg_extract(f->b, f->t, o->a, 0, (unsigned)__builtin_popcountll(k));
        return TCG_NONE;
    case TCG_OP_or:
        return k == 0 ? o->a : k == all ? o->b : TCG_NONE;
    default:
        return k == 0 ? o->a : k == all ? tcg_not(f->b, f->t, o->a) : TCG_NONE;
    }
}

static tcg_val fold_shift(struct fold *f)
{
    struct tcg_op *o = f->o;
    const struct tcg_op *p;
    uint64_t k, k2;
    unsigned w = width(f->t), n;

    if (!konst(f, o->b, &k)) {
        /* A count that is already masked to the width needs no mask. */
        p = made_by(f, o->b, TCG_OP_and);
        if (p && konst(f, p->b, &k2) && (k2 & (w - 1)) == w - 1)
            o->b = p->a;
        return TCG_NONE;
    }
    n = (unsigned)k & (w - 1);
    if (n == 0)
        return o->a;
    if (n != k)
        o->b = num(f, n);
    if (o->op == TCG_OP_shr) { /* (a << m) >> n with m <= n: a field */
        p = made_by(f, o->a, TCG_OP_shl);
        if (p && konst(f, p->b, &k2) && k2 <= n)
            return tcg_extract(f->b, f->t, p->a, n - (unsigned)k2, w - n);
    }
    if (o->op == TCG_OP_sar) {
        p = made_by(f, o->a, TCG_OP_shl);
        if (p && konst(f, p->b, &k2) && k2 <= n)
            return tcg_sextract(f->b, f->t, p->a, n - (unsigned)k2, w - n);
    }
    return TCG_NONE;
}

static tcg_val fold_extract(struct fold *f)
{
    struct tcg_op *o = f->o;
    unsigned pos = o->imm & 255, len = o->imm >> 8, w = width(f->t);
    const struct tcg_op *p;

    if (pos == 0 && len == w)
        return o->a;
    if (pos + len == w) {
        o->op = o->op == TCG_OP_extract ? TCG_OP_shr : TCG_OP_sar;
        o->imm = 0;
        o->b = num(f, pos);
        return TCG_NONE;
    }
    p = made_by(f, o->a, TCG_OP_extract);
    if (p && pos + len <= p->imm >> 8) {
        o->a = p->a;
        o->imm = (pos + (p->imm & 255)) | len << 8;
        return TCG_NONE;
    }
    if (p && o->op == TCG_OP_extract && pos == 0)
        return o->a; /* the field is narrower than what is kept of it */
    p = made_by(f, o->a, TCG_OP_zext);
    if (p && pos == 0 && len == 32 && o->op == TCG_OP_extract)
        return o->a;
    if (p && pos + len <= 32) {
        tcg_val x = tcg_emit(f->b, (enum tcg_opcode)o->op, TCG_I32, 0, p->a, 0, 0, 0, o->imm);

        return o->op == TCG_OP_extract ? tcg_zext(f->b, x) : tcg_sext(f->b, x);
    }
    return TCG_NONE;
}

/* arm64 counts trailing zeros as clz(rbit(x)). */
static tcg_val fold_clz(struct fold *f)
{
    const struct tcg_op *p = made_by(f, f->o->a, TCG_OP_bitrev);

    if (p) {
        f->o->op = TCG_OP_ctz;
        f->o->a = p->a;
    }
    return TCG_NONE;
}

static tcg_val fold_convert(struct fold *f)
{
    struct tcg_op *o = f->o;
    const struct tcg_op *p;

    switch (o->op) {
    case TCG_OP_trunc:
        if ((p = made_by(f, o->a, TCG_OP_zext)) || (p = made_by(f, o->a, TCG_OP_sext)))
            return p->a;
        p = made_by(f, o->a, TCG_OP_extract); /* the low word of a zero-extended word */
        if (p && (p->imm & 255) == 0 && p->imm >> 8 >= 32) {
            o->a = p->a;
            return TCG_NONE;
        }
        return TCG_NONE;
    case TCG_OP_zext:
    case TCG_OP_sext:
    default:
        return TCG_NONE;
    }
}

static enum tcg_cond swapped(enum tcg_cond c)
{
    static const uint8_t to[TCG_COND_COUNT] = {
        [TCG_EQ] = TCG_EQ, [TCG_NE] = TCG_NE, [TCG_LT] = TCG_GT, [TCG_GE] = TCG_LE,
        [TCG_LE] = TCG_GE, [TCG_GT] = TCG_LT, [TCG_LTU] = TCG_GTU, [TCG_GEU] = TCG_LEU,
        [TCG_LEU] = TCG_GEU, [TCG_GTU] = TCG_LTU, [TCG_TSTZ] = TCG_TSTZ, [TCG_TSTNZ] = TCG_TSTNZ,
    };

    return (enum tcg_cond)to[c];
}

static enum tcg_cond opposite(enum tcg_cond c)
{
    static const uint8_t to[TCG_COND_COUNT] = {
        [TCG_EQ] = TCG_NE, [TCG_NE] = TCG_EQ, [TCG_LT] = TCG_GE, [TCG_GE] = TCG_LT,
        [TCG_LE] = TCG_GT, [TCG_GT] = TCG_LE, [TCG_LTU] = TCG_GEU, [TCG_GEU] = TCG_LTU,
        [TCG_LEU] = TCG_GTU, [TCG_GTU] = TCG_LEU, [TCG_TSTZ] = TCG_TSTNZ, [TCG_TSTNZ] = TCG_TSTZ,
    };

    return (enum tcg_cond)to[c];
}

static tcg_val fold_setcc(struct fold *f)
{
    struct tcg_op *o = f->o;
    const struct tcg_op *p;
    uint64_t k;

    if (tcg_is_const(o->a) && !tcg_is_const(o->b)) {
        tcg_val x = o->a;

        o->a = o->b;
        o->b = x;
        o->sub = (uint8_t)swapped((enum tcg_cond)o->sub);
    }
    if (o->a == o->b)
        switch (o->sub) {
        case TCG_EQ: case TCG_GE: case TCG_LE: case TCG_GEU: case TCG_LEU: return num(f, 1);
        case TCG_TSTZ: o->sub = TCG_EQ; o->b = tcg_imm(f->b, tcg_type_of(f->ir, o->a), 0); break;
        case TCG_TSTNZ: o->sub = TCG_NE; o->b = tcg_imm(f->b, tcg_type_of(f->ir, o->a), 0); break;
        default: return num(f, 0);
        }
    if (!konst(f, o->b, &k) || k != 0)
        return TCG_NONE;
    switch (o->sub) { /* against zero */
    case TCG_LTU: return num(f, 0);
    case TCG_GEU: return num(f, 1);
    case TCG_LEU: o->sub = TCG_EQ; break;
    case TCG_GTU: o->sub = TCG_NE; break;
    case TCG_TSTZ: return num(f, 1);
    case TCG_TSTNZ: return num(f, 0);
    default: break;
    }
    if (o->sub != TCG_EQ && o->sub != TCG_NE)
        return TCG_NONE;
    p = tcg_is_const(o->a) ? NULL : &f->ir->ops[o->a];
    if (!p)
        return TCG_NONE;
    switch (p->op) {
    case TCG_OP_and: /* (x & y) ==/!= 0 */
        return tcg_setcc(f->b, o->sub == TCG_EQ ? TCG_TSTZ : TCG_TSTNZ, p->a, p->b);
    case TCG_OP_extract: {
        uint64_t m = bits_mask(p->imm >> 8) << (p->imm & 255);

        return tcg_setcc(f->b, o->sub == TCG_EQ ? TCG_TSTZ : TCG_TSTNZ, p->a,
                         tcg_imm(f->b, (enum tcg_type)p->type, m));
    }
    case TCG_OP_zext:
    case TCG_OP_sext:
        return tcg_setcc(f->b, (enum tcg_cond)o->sub, p->a, tcg_imm(f->b, TCG_I32, 0));
    case TCG_OP_setcc: /* of a 0/1 value */
        return o->sub == TCG_NE ? o->a
                                : tcg_setcc(f->b, opposite((enum tcg_cond)p->sub), p->a, p->b);
    case TCG_OP_fcond:
        return o->sub == TCG_NE ? o->a : tcg_fcond(f->b, (enum tcg_fcond)(p->sub ^ 1), p->a);
    default:
        return TCG_NONE;
    }
}

/* A condition on flags becomes a compare of the producer's operands where there is one. */
static tcg_val fold_fcond(struct fold *f)
{
    static const int8_t sub_nb[TCG_FCOND_COUNT] = { /* subtraction, C means no borrow */
        [TCG_FZ] = TCG_EQ, [TCG_FNZ] = TCG_NE, [TCG_FC] = TCG_GEU, [TCG_FNC] = TCG_LTU,
        [TCG_FS] = -1, [TCG_FNS] = -1, [TCG_FO] = -1, [TCG_FNO] = -1, [TCG_FP] = -1,
        [TCG_FNP] = -1, [TCG_FHI] = TCG_GTU, [TCG_FLS] = TCG_LEU, [TCG_FA] = -1, [TCG_FBE] = -1,
        [TCG_FGE] = TCG_GE, [TCG_FLT] = TCG_LT, [TCG_FGT] = TCG_GT, [TCG_FLE] = TCG_LE,
    };
    static const int8_t sub_b[TCG_FCOND_COUNT] = { /* C means borrow */
        [TCG_FZ] = TCG_EQ, [TCG_FNZ] = TCG_NE, [TCG_FC] = TCG_LTU, [TCG_FNC] = TCG_GEU,
        [TCG_FS] = -1, [TCG_FNS] = -1, [TCG_FO] = -1, [TCG_FNO] = -1, [TCG_FP] = -1,
        [TCG_FNP] = -1, [TCG_FHI] = -1, [TCG_FLS] = -1, [TCG_FA] = TCG_GTU, [TCG_FBE] = TCG_LEU,
        [TCG_FGE] = TCG_GE, [TCG_FLT] = TCG_LT, [TCG_FGT] = TCG_GT, [TCG_FLE] = TCG_LE,
    };
    static const int8_t logic[TCG_FCOND_COUNT] = { /* C = O = 0; -2: never, -3: always */
        [TCG_FZ] = TCG_EQ, [TCG_FNZ] = TCG_NE, [TCG_FC] = -2, [TCG_FNC] = -3, [TCG_FS] = TCG_LT,
        [TCG_FNS] = TCG_GE, [TCG_FO] = -2, [TCG_FNO] = -3, [TCG_FP] = -1, [TCG_FNP] = -1,
        [TCG_FHI] = -2, [TCG_FLS] = -3, [TCG_FA] = TCG_NE, [TCG_FBE] = TCG_EQ,
        [TCG_FGE] = TCG_GE, [TCG_FLT] = TCG_LT, [TCG_FGT] = TCG_GT, [TCG_FLE] = TCG_LE,
    };
    const struct tcg_op *p = &f->ir->ops[f->o->a];
    unsigned cc = f->o->sub;
    tcg_val x, y;
    uint64_t k;

    switch (p->op) {
    case TCG_OP_subf: {
        int c = (p->attr ? sub_nb : sub_b)[cc];

        if (p->sub < 2)
            return TCG_NONE; /* narrow operands are not extended */
        if (c >= 0)
            return tcg_setcc(f->b, (enum tcg_cond)c, p->a, p->b);
        if ((cc == TCG_FS || cc == TCG_FNS) && konst(f, p->b, &k) && k == 0)
            return tcg_setcc(f->b, cc == TCG_FS ? TCG_LT : TCG_GE, p->a, p->b);
        return TCG_NONE;
    }
    case TCG_OP_logicf: {
        int c = logic[cc];

        if (c <= -2)
            return num(f, c == -3);
        if (p->sub < 2 || c < 0)
            return TCG_NONE;
        return tcg_setcc(f->b, (enum tcg_cond)c, p->a, tcg_imm(f->b, tcg_type_of(f->ir, p->a), 0));
    }
    case TCG_OP_funpack:
        if (konst(f, p->a, &k))
            return num(f, tcg_eval_fcond((enum tcg_fcond)cc, (uint32_t)k));
        return TCG_NONE;
    case TCG_OP_fsel: /* ccmp: decide each side, then choose */
        x = p->b;
        y = p->c;
        k = p->a;
        if (made_by(f, x, TCG_OP_fsel) || made_by(f, y, TCG_OP_fsel))
            return TCG_NONE; /* two levels only */
        x = tcg_fcond(f->b, (enum tcg_fcond)cc, x);
        y = tcg_fcond(f->b, (enum tcg_fcond)cc, y);
        return tcg_select(f->b, TCG_I32, (tcg_val)k, x, y);
    default:
        return TCG_NONE;
    }
}

static tcg_val fold_select(struct fold *f)
{
    struct tcg_op *o = f->o;
    const struct tcg_op *p;
    uint64_t k, k1, k2;

    if (konst(f, o->a, &k))
        return k ? o->b : o->c;
    if (o->b == o->c)
        return o->b;
    p = made_by(f, o->a, TCG_OP_setcc);
    if (p && p->sub == TCG_EQ && konst(f, p->b, &k) && k == 0 &&
        tcg_type_of(f->ir, p->a) == TCG_I32) { /* !x ? b : c */
        tcg_val x = o->b;

        o->a = p->a;
        o->b = o->c;
        o->c = x;
    }
    if ((f->t == TCG_I32 || f->t == TCG_I64) && konst(f, o->b, &k1) && konst(f, o->c, &k2)) {
        bool bit = made_by(f, o->a, TCG_OP_setcc) || made_by(f, o->a, TCG_OP_fcond);

        if (bit && k1 == 1 && k2 == 0)
            return f->t == TCG_I32 ? o->a : tcg_zext(f->b, o->a);
        if (bit && k1 == 0 && k2 == 1) {
            tcg_val x = tcg_setcc(f->b, TCG_EQ, o->a, tcg_imm(f->b, TCG_I32, 0));

            return f->t == TCG_I32 ? x : tcg_zext(f->b, x);
        }
    }
    return TCG_NONE;
}

/* Moves between vectors, their halves and scalars that cancel. */
static tcg_val fold_vector(struct fold *f)
{
    struct tcg_op *o = f->o;
    const struct tcg_op *p;

    switch (o->op) {
    case TCG_OP_vtof:
        p = made_by(f, o->a, TCG_OP_vfromf);
        return p && tcg_type_of(f->ir, p->a) == f->t ? p->a : TCG_NONE;
    case TCG_OP_vlow:
        if ((p = made_by(f, o->a, TCG_OP_vzext)) || (p = made_by(f, o->a, TCG_OP_vjoin)))
            return tcg_type_of(f->ir, p->a) == f->t ? p->a : TCG_NONE;
        return TCG_NONE;
    case TCG_OP_vhigh:
        p = made_by(f, o->a, TCG_OP_vjoin);
        return p && tcg_type_of(f->ir, p->b) == f->t ? p->b : TCG_NONE;
    case TCG_OP_vand:
    case TCG_OP_vor:
        return o->a == o->b ? o->a : TCG_NONE;
    case TCG_OP_vxor:
        return o->a == o->b ? tcg_vimm(f->b, f->t, 0, 0) : TCG_NONE;
    case TCG_OP_fraw:
        p = made_by(f, o->a, TCG_OP_fbits);
        return p && tcg_type_of(f->ir, p->a) == f->t ? p->a : TCG_NONE;
    case TCG_OP_fbits:
        p = made_by(f, o->a, TCG_OP_fraw);
        return p && p->type != TCG_F16 ? p->a : TCG_NONE; /* f16 drops the upper bits */
    default:
        return TCG_NONE;
    }
}

tcg_val tcg_fold(struct tcg_builder *b, struct tcg_op *o)
{
    struct fold f = {.b = b, .ir = b->ir, .o = o, .t = (enum tcg_type)o->type};
    const struct tcg_op *p;
    uint64_t k;
    tcg_val v;

    if (tcg_op_info[o->op].flags & TCG_OPF_COMM && tcg_is_const(o->a) && !tcg_is_const(o->b)) {
        v = o->a;
        o->a = o->b;
        o->b = v;
    }
    if ((is_int_op(o) || o->op == TCG_OP_setcc) && tcg_is_const(o->a) &&
        (v = fold_constants(&f)) != TCG_NONE)
        return v;
    switch (o->op) {
    case TCG_OP_sub:
        if (o->a == o->b)
            return num(&f, 0);
        if (konst(&f, o->a, &k) && k == 0)
            return tcg_neg(b, f.t, o->b);
        return fold_add(&f);
    case TCG_OP_add: return fold_add(&f);
    case TCG_OP_addc:
        if (konst(&f, o->c, &k)) {
            v = tcg_add(b, f.t, o->a, o->b);
            return k & 1 ? tcg_add(b, f.t, v, num(&f, 1)) : v;
        }
        return TCG_NONE;
    case TCG_OP_mul:
        if (!konst(&f, o->b, &k))
            return TCG_NONE;
        if (k == 0)
            return o->b;
        if ((k & (k - 1)) == 0)
            return tcg_shli(b, f.t, o->a, (unsigned)__builtin_ctzll(k));
        return TCG_NONE;
    case TCG_OP_and:
    case TCG_OP_or:
    case TCG_OP_xor:
    case TCG_OP_andn:
    case TCG_OP_orn: return fold_logic(&f);
    case TCG_OP_neg:
    case TCG_OP_not:
        p = made_by(&f, o->a, (enum tcg_opcode)o->op);
        return p ? p->a : TCG_NONE;
    case TCG_OP_shl:
    case TCG_OP_shr:
    case TCG_OP_sar:
    case TCG_OP_rotr: return fold_shift(&f);
    case TCG_OP_extr:
        if (o->imm == 0)
            return o->b;
        if (o->a == o->b)
            return tcg_rotr(b, f.t, o->a, num(&f, o->imm));
        return TCG_NONE;
    case TCG_OP_extract:
    case TCG_OP_sextract: return fold_extract(&f);
    case TCG_OP_deposit:
        return o->imm == (uint32_t)width(f.t) << 8 ? o->b : TCG_NONE;
    case TCG_OP_trunc: return fold_convert(&f);
    case TCG_OP_lo:
        p = made_by(&f, o->a, TCG_OP_pair);
        return p ? p->a : TCG_NONE;
    case TCG_OP_hi:
        p = made_by(&f, o->a, TCG_OP_pair);
        return p ? p->b : TCG_NONE;
    case TCG_OP_clz: return fold_clz(&f);
    case TCG_OP_setcc: return fold_setcc(&f);
    case TCG_OP_select: return fold_select(&f);
    case TCG_OP_fsel:
        if (konst(&f, o->a, &k))
            return k ? o->b : o->c;
        return o->b == o->c ? o->b : TCG_NONE;
    case TCG_OP_fcond: return fold_fcond(&f);
    case TCG_OP_fpack:
        p = made_by(&f, o->a, TCG_OP_funpack);
        return p ? p->a : TCG_NONE;
    case TCG_OP_vtof:
    case TCG_OP_vlow:
    case TCG_OP_vhigh:
    case TCG_OP_vand:
    case TCG_OP_vor:
    case TCG_OP_vxor:
    case TCG_OP_fraw:
    case TCG_OP_fbits: return fold_vector(&f);
    default: return TCG_NONE;
    }
}
