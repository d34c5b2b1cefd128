// SPDX-License-Identifier: MIT
/* Scalar float operations for the interpreter: each goes through the soft twin (tcg/float.h) in its
 * environment. Exception bits gather in v->fstatus. f80 follows the x87 with 64 bits of precision. */
#include "backends/interp/interp.h"

struct tcg_float_env in_env(const struct tcg_vcpu *v, const struct tcg_float_env *e)
{
    struct tcg_float_env r = *e;

    if (r.round == TCG_ROUND_DYN)
        r.round = v->host_fpcr & 3;
    return r;
}

static enum tcg_fmt fmt_of(unsigned type)
{
    return type == TCG_F16 ? TCG_FMT_F16 : type == TCG_F32 ? TCG_FMT_F32 : TCG_FMT_F64;
}

static struct tcg_f80 f80(const uint64_t *s)
{
    return (struct tcg_f80){.frac = s[0], .se = (uint16_t)s[1]};
}

static void put_f80(uint64_t *d, struct tcg_f80 f)
{
    d[0] = f.frac;
    d[1] = f.se;
}

static uint32_t flags_of(int order)
{
    switch (order) {
    case -1: return TCG_FBIT_S;
    case 0: return TCG_FBIT_Z | TCG_FBIT_C;
    case 1: return TCG_FBIT_C;
    default: return TCG_FBIT_C | TCG_FBIT_O;
    }
}

static void float80(struct tcg_vcpu *v, const struct in_op *o, const struct tcg_float_env *e,
                    uint64_t *f)
{
    uint32_t *st = &v->fstatus;
    const uint64_t *a = f + o->a;
    uint64_t *d = f + o->d;
    int64_t n;

    switch (o->op) {
    case TCG_OP_fop2:
        put_f80(d, tcg_soft_f80_op2((enum tcg_float_op2)o->sub, e, 64, f80(a), f80(f + o->b), st));
        break;
    case TCG_OP_fop1: put_f80(d, tcg_soft_f80_sqrt(e, 64, f80(a), st)); break;
    case TCG_OP_frint: put_f80(d, tcg_soft_f80_round_int(e, f80(a), st)); break;
    case TCG_OP_fcmpf: d[0] = flags_of(tcg_soft_f80_cmp(e, !o->sub, f80(a), f80(f + o->b), st)); break;
    case TCG_OP_fcvt:
        if (o->op_type == TCG_F80 && o->attr == TCG_F80)
            put_f80(d, f80(a));
        else if (o->op_type == TCG_F80)
            put_f80(d, tcg_soft_to_f80(fmt_of(o->attr), e, a[0], st));
        else
            d[0] = tcg_soft_from_f80(fmt_of(o->op_type), e, f80(a), st);
        break;
    case TCG_OP_f2i:
        n = tcg_soft_f80_to_int(e, o->op_type == TCG_I32 ? 32 : 64, f80(a), st);
        d[0] = (uint64_t)n & o->mask;
        break;
    case TCG_OP_i2f:
        n = o->attr == TCG_I32 && o->sub & 16 ? (int32_t)a[0] : (int64_t)a[0];
        put_f80(d, tcg_soft_int_to_f80(n));
        break;
    default: MOA_BUG("%s on f80", tcg_op_info[o->op].name);
    }
}

/* attr: the type of operand a. */
void in_float(struct tcg_vcpu *v, const struct in_op *o, uint64_t *f)
{
    struct tcg_float_env env = in_env(v, o->env);
    const struct tcg_float_env *e = &env;
    enum tcg_fmt t = fmt_of(o->op_type), from = fmt_of(o->attr);
    uint32_t *st = &v->fstatus;
    uint64_t a = f[o->a], *d = f + o->d;

    if (o->op_type == TCG_F80 || o->attr == TCG_F80) {
        float80(v, o, e, f);
        return;
    }
    switch (o->op) {
    case TCG_OP_fop2: *d = tcg_soft_op2((enum tcg_float_op2)o->sub, t, e, a, f[o->b], st); break;
    case TCG_OP_fop1: *d = tcg_soft_op1((enum tcg_float_op1)o->sub, t, e, a, st); break;
    case TCG_OP_fma: *d = tcg_soft_fma(t, e, a, f[o->b], f[o->c], st); break;
    case TCG_OP_fcvt: *d = tcg_soft_convert(from, t, e, a, st); break;
    case TCG_OP_frint: *d = tcg_soft_round_int(t, e, o->sub & 1, a, st); break;
    case TCG_OP_frintn: *d = tcg_soft_round_int_range(t, e, o->imm, a, st); break;
    case TCG_OP_f2i:
        *d = tcg_soft_to_int(from, e, (enum tcg_int_rule)(o->sub & 15), o->sub & 16,
                             o->op_type == TCG_I32 ? 32 : 64, o->imm, a, st);
        break;
    case TCG_OP_i2f:
        *d = tcg_soft_from_int(t, e, o->sub & 16, o->attr == TCG_I32 ? 32 : 64, o->imm, a, st);
        break;
    case TCG_OP_fcmpf: *d = flags_of(tcg_soft_cmp(from, e, !o->sub, a, f[o->b], st)); break;
    default: MOA_BUG("%s is not a float operation", tcg_op_info[o->op].name);
    }
}
