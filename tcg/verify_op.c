// SPDX-License-Identifier: MIT
/* tcg/verify_op.c -- is one operation well formed by itself? Its result type and operands against
 * the signature in ops.def, and the ranges of sub, imm and attr that ops.def gives. */
#include "tcg/verify.h"

#include "tcg/text.h"

#include <string.h>

static bool is_int(enum tcg_type t)
{
    return t == TCG_I32 || t == TCG_I64;
}

static bool is_float(enum tcg_type t)
{
    return t >= TCG_F16 && t <= TCG_F80;
}

static bool is_vec(enum tcg_type t)
{
    return t >= TCG_V64 && t <= TCG_V256;
}

static unsigned vec_bytes(enum tcg_type t)
{
    return t == TCG_V64 ? 8 : t == TCG_V128 ? 16 : 32;
}

static void need(struct tcg_verify *vf, bool ok, const char *what)
{
    if (!ok)
        tcg_verify_fail(vf, "%s", what);
}

/* ---- result and operands ---- */

static bool is_vec_op(unsigned op)
{
    return op >= TCG_OP_vadd && op <= TCG_OP_vaesimc;
}

/* May an operation have this 't'? */
static bool result_fits(unsigned op, enum tcg_type t)
{
    switch (op) {
    case TCG_OP_param:
    case TCG_OP_get:
    case TCG_OP_put: return t != TCG_VOID && t < TCG_TYPE_COUNT;
    case TCG_OP_select: return t != TCG_VOID && t < TCG_FLAGS;
    case TCG_OP_load:
    case TCG_OP_store: return t != TCG_VOID && t < TCG_FLAGS && t != TCG_F80;
    case TCG_OP_rmw: return is_int(t);
    case TCG_OP_cmpxchg: return is_int(t) || t == TCG_I128;
    case TCG_OP_call: return t < TCG_FLAGS;
    case TCG_OP_f2i:
    case TCG_OP_fbits:
    case TCG_OP_vget: return is_int(t);
    case TCG_OP_vtof: return is_float(t) && t != TCG_F80;
    default: break;
    }
    if (op >= TCG_OP_add && op <= TCG_OP_trunc)
        return is_int(t);
    if (is_vec_op(op))
        return is_vec(t);
    return is_float(t);
}

static void check_result(struct tcg_verify *vf, const struct tcg_op *o)
{
    enum tcg_type t = (enum tcg_type)o->type;

    switch (tcg_op_info[o->op].sig[0]) {
    case 't': need(vf, result_fits(o->op, t), "no such type of result"); break;
    case 'i': need(vf, t == TCG_I32, "result is i32"); break;
    case 'l': need(vf, t == TCG_I64, "result is i64"); break;
    case 'q': need(vf, t == TCG_I128, "result is i128"); break;
    case 'F': need(vf, t == TCG_FLAGS, "result is flags"); break;
    default:
        if (o->op == TCG_OP_put || o->op == TCG_OP_store)
            need(vf, result_fits(o->op, t), "no such type of value");
        break;
    }
}

/* Operands that may be none. */
static bool optional(unsigned op, unsigned k)
{
    switch (op) {
    case TCG_OP_load:
    case TCG_OP_store:
    case TCG_OP_probe:
    case TCG_OP_goto_pc:
    case TCG_OP_goto_ind:
    case TCG_OP_exit:
    case TCG_OP_vnarrow:
    case TCG_OP_vnarrow_ss:
    case TCG_OP_vnarrow_su:
    case TCG_OP_vnarrow_uu: return k == 1;
    default: return false;
    }
}

static void check_operands(struct tcg_verify *vf, const struct tcg_op *o)
{
    const struct tcg_ir *ir = vf->ir;
    const char *s = tcg_op_info[o->op].sig + 2;
    const tcg_val v[3] = {o->a, o->b, o->c};
    enum tcg_type x = TCG_VOID; /* type of the first 'x', 'f' or 'v' */

    for (unsigned k = 0; k < 3; k++) {
        enum tcg_type t, want;

        if (!*s || *s == '.') {
            if (v[k] && !(o->op == TCG_OP_goto_pc && k == 1))
                tcg_verify_fail(vf, "operand %u is too many", k);
            continue;
        }
        if (v[k] == TCG_NONE && optional(o->op, k)) {
            s++;
            continue;
        }
        tcg_verify_val(vf, v[k]);
        if (vf->wrong)
            return;
        t = tcg_type_of(ir, v[k]);
        want = tcg_operand_type(o->op, o->type, k);
        if (want ? t != want
                 : !(*s == 'x' ? is_int(t) : *s == 'f' ? is_float(t) : is_vec(t)))
            tcg_verify_fail(vf, "operand %u has type %s", k, tcg_type_names.names[t]);
        if (!want && x && x != t && *s == s[-1])
            tcg_verify_fail(vf, "operands have different types");
        if (!want)
            x = t;
        s++;
    }
}

/* ---- sub, imm, attr ---- */

static void check_sub(struct tcg_verify *vf, const struct tcg_op *o)
{
    const struct tcg_names *n = tcg_sub_names((enum tcg_opcode)o->op);

    if (n) {
        need(vf, o->sub < n->n, "sub is out of range");
        return;
    }
    if (tcg_is_goto(o->op))
        need(vf, (o->sub & 3) < 3 && o->sub < 8, "no such hint");
    else if (tcg_has_index(o->op))
        need(vf, o->sub <= 3 && (o->b || !o->sub), "index is shifted by 0 to 3");
    else if (o->op == TCG_OP_crc32)
        need(vf, o->sub < 8, "sub is out of range");
    else if (o->op == TCG_OP_f2i)
        need(vf, (o->sub & ~16u) <= TCG_INT_JS, "no such rule");
    else if (o->op == TCG_OP_i2f)
        need(vf, !(o->sub & ~16u), "sub is out of range");
    else if (o->op == TCG_OP_fcmpf || o->op == TCG_OP_frint)
        need(vf, o->sub <= 1, "sub is out of range");
}

static void check_int(struct tcg_verify *vf, const struct tcg_op *o)
{
    unsigned w = o->type == TCG_I32 ? 32 : 64, pos = o->imm & 255, len = o->imm >> 8;
    const struct tcg_ir *ir = vf->ir;

    switch (o->op) {
    case TCG_OP_extr: need(vf, o->imm < w, "shift is out of range"); break;
    case TCG_OP_extract:
    case TCG_OP_sextract:
    case TCG_OP_deposit:
        need(vf, len >= 1 && len <= w && pos + len <= w, "field is out of range");
        break;
    case TCG_OP_bswap:
        need(vf, o->sub >= 1 && 8u << o->sub <= w, "unit is out of range");
        break;
    case TCG_OP_crc32:
        need(vf, (tcg_type_of(ir, o->b) == TCG_I64) == ((o->sub & 3) == 3),
             "data is i64 for 8 bytes, else i32");
        break;
    case TCG_OP_f2i:
    case TCG_OP_i2f: need(vf, o->imm <= 64, "fraction bits are out of range"); break;
    case TCG_OP_frintn: need(vf, o->imm == 32 || o->imm == 64, "imm is 32 or 64"); break;
    case TCG_OP_fbits:
        need(vf, (tcg_type_of(ir, o->a) == TCG_F64) == (o->type == TCG_I64) &&
                     tcg_type_of(ir, o->a) != TCG_F80,
             "f64 gives i64, f16 and f32 give i32");
        break;
    case TCG_OP_fraw:
        need(vf, (o->type == TCG_F64) == (tcg_type_of(ir, o->a) == TCG_I64) && o->type != TCG_F80,
             "f64 comes from i64, f16 and f32 from i32");
        break;
    case TCG_OP_addf:
    case TCG_OP_subf:
    case TCG_OP_adcf:
    case TCG_OP_sbcf:
    case TCG_OP_logicf:
    case TCG_OP_incf:
    case TCG_OP_decf:
    case TCG_OP_shlf:
    case TCG_OP_shrf:
    case TCG_OP_sarf:
    case TCG_OP_rolf:
    case TCG_OP_rorf:
    case TCG_OP_mulf:
        need(vf, (tcg_type_of(ir, o->a) == TCG_I64) == (o->sub == 3),
             "operands are i64 for 64 bits, else i32");
        need(vf, o->attr <= 1, "attr is 0 or 1");
        break;
    default: break;
    }
}

/* Lane sizes that an operation takes: bit n for lane n. */
static unsigned lanes_of(unsigned op)
{
    switch (op) {
    case TCG_OP_vsqdmulh:
    case TCG_OP_vsqrdmulh:
    case TCG_OP_vsqrdmlah:
    case TCG_OP_vsqrdmlsh:
    case TCG_OP_vfwiden: return 6;
    case TCG_OP_vfnarrow: return 12;
    case TCG_OP_vpmul:
    case TCG_OP_vpopcnt:
    case TCG_OP_vbitrev: return 1;
    case TCG_OP_vmulp: return 9;
    case TCG_OP_vmuls:
    case TCG_OP_vmulu:
    case TCG_OP_vexts:
    case TCG_OP_vextu:
    case TCG_OP_vpaddl_s:
    case TCG_OP_vpaddl_u: return 7;
    case TCG_OP_vnarrow:
    case TCG_OP_vnarrow_ss:
    case TCG_OP_vnarrow_su:
    case TCG_OP_vnarrow_uu:
    case TCG_OP_vaddhn: return 14;
    default: break;
    }
    return tcg_op_info[op].flags & TCG_OPF_FLT || op == TCG_OP_vfneg || op == TCG_OP_vfabs ? 14 : 15;
}

/* Needs two lanes at least. */
static bool pairs(unsigned op)
{
    return (op >= TCG_OP_vpadd && op <= TCG_OP_vpsmax) || op == TCG_OP_vfpop2 ||
           (op >= TCG_OP_vzip1 && op <= TCG_OP_vtrn2);
}

/* Lane-wise, so that two halves make a v256; and what joins or splits it. */
static bool takes_v256(unsigned op)
{
    return (op <= TCG_OP_vpmul && op != TCG_OP_vsqrdmlah && op != TCG_OP_vsqrdmlsh) ||
           (op >= TCG_OP_vclz && op <= TCG_OP_vbitrev) || op == TCG_OP_vdup ||
           op == TCG_OP_vjoin || op == TCG_OP_vzext || op == TCG_OP_vlow || op == TCG_OP_vhigh ||
           (op >= TCG_OP_vfop2 && op <= TCG_OP_vfcmp) ||
           (op >= TCG_OP_vfrint && op <= TCG_OP_vi2f);
}

static void check_half(struct tcg_verify *vf, const struct tcg_op *o)
{
    enum tcg_type a = tcg_type_of(vf->ir, o->a), t = (enum tcg_type)o->type;

    if (o->op == TCG_OP_vjoin || o->op == TCG_OP_vzext)
        need(vf, vec_bytes(t) == 2 * vec_bytes(a), "result is twice as wide as its operand");
    if (o->op == TCG_OP_vlow || o->op == TCG_OP_vhigh)
        need(vf, vec_bytes(a) == 2 * vec_bytes(t), "operand is twice as wide as the result");
    if (o->op == TCG_OP_vtof)
        need(vf, a != TCG_V256, "operand is v64 or v128");
}

static void check_vec(struct tcg_verify *vf, const struct tcg_op *o)
{
    enum tcg_type v = is_vec((enum tcg_type)o->type) ? (enum tcg_type)o->type
                                                     : tcg_type_of(vf->ir, o->a);
    unsigned lane = o->sub & 3, bits = 8u << lane;

    if (tcg_op_info[o->op].flags & TCG_OPF_VEC)
        need(vf, lanes_of(o->op) >> lane & 1, "lanes of this size are not taken");
    need(vf, v != TCG_V256 || takes_v256(o->op), "v256 is not taken");
    if (pairs(o->op))
        need(vf, vec_bytes(v) >> lane >= 2, "two lanes at least");
    if (lane == TCG_LANE64 && (o->op == TCG_OP_vget || o->op == TCG_OP_vset || o->op == TCG_OP_vdup))
        need(vf, (o->op == TCG_OP_vget ? o->type
                                       : tcg_type_of(vf->ir, o->op == TCG_OP_vset ? o->b : o->a)) ==
                     TCG_I64,
             "a 64-bit lane is an i64");
    switch (o->op) {
    case TCG_OP_vshli: need(vf, o->imm < bits, "shift is out of range"); break;
    case TCG_OP_vshri:
    case TCG_OP_vsari: need(vf, o->imm <= bits, "shift is out of range"); break;
    case TCG_OP_vurshri:
    case TCG_OP_vsrshri: need(vf, o->imm >= 1 && o->imm <= bits, "shift is out of range"); break;
    case TCG_OP_vext: need(vf, o->imm < vec_bytes(v), "imm is out of range"); break;
    case TCG_OP_vdupl:
    case TCG_OP_vget:
        v = tcg_type_of(vf->ir, o->a);
        need(vf, o->imm < vec_bytes(v) >> lane, "no such lane");
        break;
    case TCG_OP_vset: need(vf, o->imm < vec_bytes(v) >> lane, "no such lane"); break;
    case TCG_OP_vexts:
    case TCG_OP_vextu:
    case TCG_OP_vmuls:
    case TCG_OP_vmulu:
    case TCG_OP_vmulp:
    case TCG_OP_vfwiden:
        need(vf, o->op != TCG_OP_vmulp || lane != TCG_LANE64 || v == TCG_V128, "type is v128");
        need(vf, o->imm <= 1 && (!o->imm || v == TCG_V64 || tcg_type_of(vf->ir, o->a) != TCG_V64),
             "a v64 has no high half for this result");
        break;
    case TCG_OP_vrev:
        need(vf, o->imm >= 1u << lane && o->imm <= vec_bytes(v) && !(o->imm & (o->imm - 1)),
             "group is out of range");
        break;
    case TCG_OP_vaese:
    case TCG_OP_vaesd:
    case TCG_OP_vaesmc:
    case TCG_OP_vaesimc:
    case TCG_OP_vmmla: need(vf, v == TCG_V128, "type is v128"); break;
    case TCG_OP_vfop2:
    case TCG_OP_vfpop2: need(vf, o->imm <= TCG_F_RSQRTS, "no such float operation"); break;
    case TCG_OP_vfop1: need(vf, o->imm <= TCG_F_RECPX, "no such float operation"); break;
    case TCG_OP_vfcmp: need(vf, o->imm <= 3, "no such comparison"); break;
    case TCG_OP_vf2i:
    case TCG_OP_vi2f:
        need(vf, (o->imm & 15) <= TCG_INT_JS && o->imm >> 8 <= bits, "imm is out of range");
        break;
    case TCG_OP_vlow:
    case TCG_OP_vhigh:
    case TCG_OP_vjoin:
    case TCG_OP_vzext:
    case TCG_OP_vtof: check_half(vf, o); break;
    default: break;
    }
}

static void check_mem(struct tcg_verify *vf, const struct tcg_op *o)
{
    static const uint8_t size_of[TCG_TYPE_COUNT] = {
        [TCG_I128] = 4, [TCG_F16] = 1,  [TCG_F32] = 2,  [TCG_F64] = 3,
        [TCG_V64] = 3,  [TCG_V128] = 4, [TCG_V256] = 5,
    };
    const struct tcg_mem *m;
    enum tcg_type t = (enum tcg_type)o->type;

    if (o->attr >= vf->ir->nmems) {
        tcg_verify_fail(vf, "no memory descriptor %u", o->attr);
        return;
    }
    m = &vf->ir->mems[o->attr];
    need(vf, m->align <= TCG_ALIGN_IN16 && m->order <= TCG_ORDER_SC &&
                 m->intent <= TCG_INTENT_FETCH && m->restart <= TCG_RESTART_PROGRESS,
         "memory descriptor is out of range");
    need(vf, m->unit <= m->size + 1 && !(m->unit && m->align == TCG_ALIGN_IN16),
         "the unit of an access is a part of it");
    if (o->op == TCG_OP_probe)
        return;
    if (t == TCG_I32 || t == TCG_I64)
        need(vf, m->size <= (t == TCG_I32 ? 2 : 3), "access is larger than its type");
    else
        need(vf, m->size == size_of[t], "access has another size than its type");
    if (o->op == TCG_OP_store)
        need(vf, m->intent == TCG_INTENT_WRITE || m->intent == TCG_INTENT_RW,
             "a store's intent is write or rw");
    if (o->op == TCG_OP_rmw || o->op == TCG_OP_cmpxchg)
        need(vf, m->intent == TCG_INTENT_RW, "the intent of an atomic operation is rw");
}

static void check_env(struct tcg_verify *vf, const struct tcg_op *o)
{
    const struct tcg_float_env *e;

    if (o->attr >= vf->ir->nenvs) {
        tcg_verify_fail(vf, "no float environment %u", o->attr);
        return;
    }
    e = &vf->ir->envs[o->attr];
    need(vf, e->round <= TCG_ROUND_DYN && e->nan <= TCG_NAN_X87 && e->flags <= 1,
         "float environment is out of range");
}

static void check_call(struct tcg_verify *vf, const struct tcg_op *o)
{
    const struct tcg_call *c;
    const struct tcg_helper *h;

    if (o->attr >= vf->ir->ncalls || !vf->ir->calls[o->attr].helper) {
        tcg_verify_fail(vf, "no call descriptor %u", o->attr);
        return;
    }
    c = &vf->ir->calls[o->attr];
    h = c->helper;
    need(vf, o->type == (h->flags & TCG_H_LEAVE ? TCG_VOID : h->ret), "type is not the helper's");
    for (unsigned i = 0; i < h->nargs && !vf->wrong; i++) {
        tcg_verify_val(vf, c->args[i]);
        if (!vf->wrong && tcg_type_of(vf->ir, c->args[i]) != h->args[i])
            tcg_verify_fail(vf, "argument %u has another type", i);
    }
}

static void check_rest(struct tcg_verify *vf, const struct tcg_op *o)
{
    const struct tcg_guest *g = vf->ir->guest;

    switch (o->op) {
    case TCG_OP_get:
    case TCG_OP_put:
        if (o->imm >= g->nunits)
            tcg_verify_fail(vf, "no unit %u", o->imm);
        else
            need(vf, o->type == g->units[o->imm].type, "type is not the unit's");
        break;
    case TCG_OP_insn:
    case TCG_OP_budget: need(vf, tcg_is_const(o->a), "pc is a constant"); break;
    case TCG_OP_goto_pc:
        need(vf, tcg_is_const(o->a), "pc is a constant");
        /* fall through */
    case TCG_OP_goto_ind:
        need(vf, (o->sub & 3) != TCG_HINT_CALL || (o->b && tcg_is_const(o->b)),
             "a call has its return pc");
        break;
    case TCG_OP_call: check_call(vf, o); break;
    default: break;
    }
}

void tcg_verify_op(struct tcg_verify *vf, const struct tcg_op *o)
{
    uint8_t flags = tcg_op_info[o->op].flags;

    check_result(vf, o);
    check_operands(vf, o);
    if (vf->wrong)
        return;
    check_sub(vf, o);
    if (flags & TCG_OPF_MEM)
        check_mem(vf, o);
    if (flags & TCG_OPF_FLT)
        check_env(vf, o);
    if (is_vec_op(o->op))
        check_vec(vf, o);
    else
        check_int(vf, o);
    check_rest(vf, o);
}
