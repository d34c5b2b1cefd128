// SPDX-License-Identifier: MIT
/* tcg/text.c -- prints the IR, one line an operation; the form is described in tcg/text.h. What is
 * printed parses back to IR that prints the same. */
#include "tcg/text.h"

#include "tcg/vcpu.h"

#include <inttypes.h>

#define NAMES(var, ...)                                                                            \
    static const char *const var##_list[] = {__VA_ARGS__};                                         \
    const struct tcg_names var = {var##_list, ARRAY_LEN(var##_list)}
#define LOCAL_NAMES(var, ...)                                                                      \
    static const char *const var##_list[] = {__VA_ARGS__};                                         \
    static const struct tcg_names var = {var##_list, ARRAY_LEN(var##_list)}

NAMES(tcg_type_names, "void", "i32", "i64", "i128", "f16", "f32", "f64", "f80", "v64", "v128",
      "v256", "flags");
NAMES(tcg_order_names, "plain", "acqpc", "acq", "rel", "sc");
NAMES(tcg_intent_names, "read", "write", "rw", "fetch");
NAMES(tcg_align_names, "any", "nat", "in16");
NAMES(tcg_round_names, "even", "up", "down", "zero", "away", "odd", "dyn");
NAMES(tcg_nan_names, "arm", "x86", "ppc", "x87");
NAMES(tcg_hint_names, "none", "call", "ret");
NAMES(tcg_reason_names, "lookup", "poll", "syscall", "exception", "fault", "debug", "sync",
      "helper", "code_write");
LOCAL_NAMES(cond_names, "eq", "ne", "lt", "ge", "le", "gt", "ltu", "geu", "leu", "gtu", "tstz",
            "tstnz");
LOCAL_NAMES(fcond_names, "z", "nz", "c", "nc", "s", "ns", "o", "no", "p", "np", "hi", "ls", "a",
            "be", "ge", "lt", "gt", "le");
LOCAL_NAMES(width_names, "8", "16", "32", "64");
LOCAL_NAMES(lane_names, "b", "h", "s", "d");
LOCAL_NAMES(op2_names, "add", "sub", "mul", "div", "min", "max", "minnm", "maxnm", "min_x86",
            "max_x86", "mulx", "recps", "rsqrts");
LOCAL_NAMES(op1_names, "sqrt", "recpe", "rsqrte", "recpx");
LOCAL_NAMES(rmw_names, "add", "and", "andn", "or", "xor", "xchg", "smin", "smax", "umin", "umax",
            "sub");
LOCAL_NAMES(fence_names, "full", "load", "store", "code");

_Static_assert(ARRAY_LEN(tcg_type_names_list) == TCG_TYPE_COUNT, "a name for each type");
_Static_assert(ARRAY_LEN(cond_names_list) == TCG_COND_COUNT, "a name for each condition");
_Static_assert(ARRAY_LEN(fcond_names_list) == TCG_FCOND_COUNT, "a name for each flags condition");
_Static_assert(ARRAY_LEN(rmw_names_list) == TCG_RMW_COUNT, "a name for each atomic operation");

const struct tcg_names *tcg_sub_names(enum tcg_opcode op)
{
    switch (op) {
    case TCG_OP_setcc: return &cond_names;
    case TCG_OP_fcond: return &fcond_names;
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
    case TCG_OP_mulf: return &width_names;
    case TCG_OP_fop2: return &op2_names;
    case TCG_OP_fop1: return &op1_names;
    case TCG_OP_rmw: return &rmw_names;
    case TCG_OP_fence: return &fence_names;
    case TCG_OP_exit: return &tcg_reason_names;
    default: return tcg_op_info[op].flags & TCG_OPF_VEC ? &lane_names : NULL;
    }
}

static void print_val(const struct tcg_ir *ir, FILE *out, tcg_val v, enum tcg_type want)
{
    const struct tcg_const *c;

    if (v == TCG_NONE) {
        fputs("_", out);
        return;
    }
    if (!tcg_is_const(v)) {
        fprintf(out, "%%%u", v);
        return;
    }
    c = tcg_const_of(ir, v);
    if (c->hi)
        fprintf(out, "0x%" PRIx64 "%016" PRIx64, c->hi, c->lo);
    else
        fprintf(out, "0x%" PRIx64, c->lo);
    if (c->type != want)
        fprintf(out, ":%s", tcg_type_names.names[c->type]);
}

static void print_sub(FILE *out, const struct tcg_op *o)
{
    const struct tcg_names *n = tcg_sub_names((enum tcg_opcode)o->op);

    if (tcg_has_index(o->op))
        return;
    if (tcg_is_goto(o->op)) {
        if (o->sub & 3)
            fprintf(out, ".%s", (o->sub & 3) < tcg_hint_names.n ? tcg_hint_names.names[o->sub & 3]
                                                                : "3");
        if (o->sub & TCG_HINT_POLL)
            fputs(".poll", out);
    } else if (n && o->sub < n->n) {
        fprintf(out, ".%s", n->names[o->sub]);
    } else if (n || o->sub) {
        fprintf(out, n ? ".?%u" : ".%u", o->sub);
    }
}

static void print_mem(FILE *out, const struct tcg_mem *m)
{
    fprintf(out, " mem(%u", 1u << m->size);
    if (m->sign)
        fputs(" sign", out);
    if (m->big)
        fputs(" big", out);
    if (m->align)
        fprintf(out, " %s", tcg_align_names.names[m->align]);
    if (m->atomic)
        fputs(" atomic", out);
    if (m->order)
        fprintf(out, " %s", tcg_order_names.names[m->order]);
    if (m->mmu)
        fprintf(out, " mmu=%u", m->mmu);
    if (m->intent)
        fprintf(out, " %s", tcg_intent_names.names[m->intent]);
    if (m->wrap32)
        fputs(" wrap32", out);
    if (m->restart)
        fputs(" progress", out);
    if (m->fault)
        fprintf(out, " fault=%u", m->fault);
    if (m->unit)
        fprintf(out, " unit=%u", m->unit);
    if (m->syndrome)
        fprintf(out, " synd=0x%" PRIx32, m->syndrome);
    fputs(")", out);
}

static void print_env(FILE *out, const struct tcg_float_env *e)
{
    fprintf(out, " env(%s %s", tcg_round_names.names[e->round], tcg_nan_names.names[e->nan]);
    if (e->default_nan)
        fputs(" dn", out);
    if (e->flush_in)
        fprintf(out, " fi=%u", e->flush_in);
    if (e->flush_out)
        fprintf(out, " fo=%u", e->flush_out);
    if (e->tiny_before)
        fputs(" tb", out);
    if (e->flags)
        fputs(" sticky", out);
    if (e->denormal_flag)
        fputs(" df", out);
    fputs(")", out);
}

static void print_edge(const struct tcg_ir *ir, FILE *out, unsigned n)
{
    const struct tcg_edge *e = &ir->edges[n];

    fprintf(out, "%u", e->block);
    for (unsigned i = 0; i < e->nargs; i++) {
        fputs(i ? ", " : "(", out);
        print_val(ir, out, ir->lists[e->args + i], TCG_VOID);
    }
    if (e->nargs)
        fputs(")", out);
}

/* [a + b << s + disp] */
static void print_address(const struct tcg_ir *ir, FILE *out, const struct tcg_op *o)
{
    int64_t disp = (int32_t)o->imm;

    fputs(" [", out);
    print_val(ir, out, o->a, TCG_I64);
    if (o->b) {
        fputs(" + ", out);
        print_val(ir, out, o->b, TCG_I64);
    }
    if (o->sub)
        fprintf(out, " << %u", o->sub);
    if (disp)
        fprintf(out, " %c 0x%" PRIx64, disp < 0 ? '-' : '+', (uint64_t)(disp < 0 ? -disp : disp));
    fputs("]", out);
}

static void print_operands(const struct tcg_ir *ir, FILE *out, const struct tcg_op *o)
{
    tcg_val v[3] = {o->a, o->b, o->c};
    unsigned n = o->c ? 3 : o->b ? 2 : o->a ? 1 : 0;

    for (unsigned i = 0; i < n; i++) {
        fputs(i ? ", " : " ", out);
        print_val(ir, out, v[i], tcg_operand_type(o->op, o->type, i));
    }
}

/* Operations with a form of their own; false: the general one. */
static bool print_special(const struct tcg_ir *ir, FILE *out, const struct tcg_op *o)
{
    const struct tcg_call *c;

    switch (o->op) {
    case TCG_OP_get: fprintf(out, " %s", ir->guest->units[o->imm].name); return true;
    case TCG_OP_put:
        fprintf(out, " %s, ", ir->guest->units[o->imm].name);
        print_val(ir, out, o->a, (enum tcg_type)ir->guest->units[o->imm].type);
        return true;
    case TCG_OP_insn:
        fputs(" ", out);
        print_val(ir, out, o->a, TCG_I64);
        fprintf(out, ", %u", o->imm);
        if (o->attr)
            fprintf(out, " attr=0x%x", o->attr);
        return true;
    case TCG_OP_block:
        fprintf(out, " %u%s%s", o->imm, ir->blocks[o->imm].several ? " several" : "",
                ir->blocks[o->imm].cold ? " cold" : "");
        return true;
    case TCG_OP_param: return true;
    case TCG_OP_br:
        fputs(" -> ", out);
        print_edge(ir, out, o->imm);
        return true;
    case TCG_OP_brcond:
        print_operands(ir, out, o);
        fputs(" -> ", out);
        print_edge(ir, out, o->imm & 0xffff);
        fputs(", ", out);
        print_edge(ir, out, o->imm >> 16);
        return true;
    case TCG_OP_call:
        c = &ir->calls[o->attr];
        fprintf(out, " %s(", c->helper->name);
        for (unsigned i = 0; i < c->helper->nargs; i++) {
            fputs(i ? ", " : "", out);
            print_val(ir, out, c->args[i], (enum tcg_type)c->helper->args[i]);
        }
        fputs(")", out);
        return true;
    default: return false;
    }
}

static void print_op(const struct tcg_ir *ir, FILE *out, unsigned i)
{
    const struct tcg_op *o = &ir->ops[i];
    const struct tcg_op_info *info = &tcg_op_info[o->op];

    if (o->op != TCG_OP_block)
        fputs("  ", out);
    if (o->type && info->sig[0] != '-')
        fprintf(out, "%%%u = ", i);
    fputs(info->name, out);
    print_sub(out, o);
    if (tcg_type_written(o->op))
        fprintf(out, " %s", tcg_type_names.names[o->type]);
    if (!print_special(ir, out, o)) {
        if (tcg_has_index(o->op)) {
            print_address(ir, out, o);
            if (o->c) {
                fputs(", ", out);
                print_val(ir, out, o->c, (enum tcg_type)o->type);
            }
        } else {
            print_operands(ir, out, o);
            if (tcg_has_field(o->op))
                fprintf(out, ", pos=%u len=%u", o->imm & 255, o->imm >> 8);
            else if (o->imm)
                fprintf(out, " imm=0x%" PRIx32, o->imm);
        }
        if (info->flags & TCG_OPF_MEM)
            print_mem(out, &ir->mems[o->attr]);
        else if (info->flags & TCG_OPF_FLT)
            print_env(out, &ir->envs[o->attr]);
        else if (o->attr)
            fprintf(out, " attr=0x%x", o->attr);
    }
    fputs("\n", out);
}

void tcg_ir_print(const struct tcg_ir *ir, FILE *out)
{
    fprintf(out, "region 0x%" PRIx64 " key 0x%" PRIx64 " bytes 0x%" PRIx64 "..0x%" PRIx64, ir->pc,
            ir->key, ir->lo, ir->hi);
    if (ir->hi2)
        fprintf(out, " 0x%" PRIx64 "..0x%" PRIx64, ir->lo2, ir->hi2);
    fputs("\n", out);
    for (unsigned i = 1; i < ir->nops; i++)
        if (ir->ops[i].op != TCG_OP_nop) /* what passes have removed */
            print_op(ir, out, i);
}
