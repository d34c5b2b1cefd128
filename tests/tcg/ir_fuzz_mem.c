// SPDX-License-Identifier: MIT
/* Random accesses to memory: inside the windows of the pages that may be touched, or, rarely, where
 * they fault; addresses in every form that the IR has. */
#include "tests/tcg/ir_fuzz_gen.h"

#include <string.h>

/* ---- memory ---- */

/* Sets address, index and displacement of o inside the windows, or where it faults. */
static void address(struct fuzz_maker *m, struct tcg_op *o, struct tcg_mem *d)
{
    struct tcg_builder *b = &m->b;
    bool indexed = o->op == TCG_OP_load || o->op == TCG_OP_store || o->op == TCG_OP_probe;
    bool atomic = !indexed, misalign = !fuzz_one_in(m, 3) && (!atomic || d->align);
    uint64_t low = misalign && d->size < 4 ? 7 : 0, base;
    tcg_val a;

    if (misalign && !atomic)
        low = 15;
    if (fuzz_one_in(m, 30)) { /* pages that fault */
        a = tcg_and(b, TCG_I64, fuzz_value_of(m, TCG_I64), tcg_imm(b, TCG_I64, 0x107e0));
        o->a = tcg_or(b, TCG_I64, a, tcg_imm(b, TCG_I64, FUZZ_RO_PAGE * TOY_PAGE));
    } else if (fuzz_one_in(m, 3)) {
        base = fuzz_pick(m, 4) * TOY_PAGE + (fuzz_pick(m, 0x400) & ~0xfu);
        base += fuzz_next(&m->r) & low;
        o->a = tcg_imm(b, TCG_I64, base);
    } else {
        a = tcg_and(b, TCG_I64, fuzz_value_of(m, TCG_I64), tcg_imm(b, TCG_I64, 0x303f0 | low));
        if (fuzz_one_in(m, 2))
            a = tcg_add(b, TCG_I64, a, tcg_imm(b, TCG_I64, fuzz_pick(m, 0x10) * 16));
        o->a = a;
    }
    if (!indexed)
        return;
    if (fuzz_one_in(m, 3)) {
        o->sub = (uint8_t)fuzz_pick(m, 4);
        o->b = tcg_and(b, TCG_I64, fuzz_value_of(m, TCG_I64),
                       tcg_imm(b, TCG_I64, misalign ? 0x3f : 0x30));
    } else if (fuzz_one_in(m, 4)) { /* as frontends write it: folded into the operation */
        a = tcg_and(b, TCG_I64, fuzz_value_of(m, TCG_I64), tcg_imm(b, TCG_I64, 0x30));
        a = tcg_shl(b, TCG_I64, a, tcg_imm(b, TCG_I64, fuzz_pick(m, 4)));
        o->a = tcg_add(b, TCG_I64, o->a, a);
    }
    if (fuzz_one_in(m, 2))
        o->imm = fuzz_pick(m, 16) * 16;
    if (fuzz_one_in(m, 12)) {
        d->wrap32 = 1;
        o->imm = fuzz_pick(m, 2) ? 0x40 : (uint32_t)-64;
        o->a = tcg_add(b, TCG_I64, o->a, tcg_imm(b, TCG_I64, 0xabcd00000040ull));
        if (tcg_is_const(o->a))
            o->imm = 0x40;
    }
}

static struct tcg_mem descriptor(struct fuzz_maker *m, enum tcg_type t, unsigned op)
{
    struct tcg_mem d;

    memset(&d, 0, sizeof(d));
    switch (t) {
    case TCG_I32: d.size = (uint8_t)fuzz_pick(m, 3); break;
    case TCG_I64: d.size = (uint8_t)fuzz_pick(m, 4); break;
    case TCG_F16: d.size = 1; break;
    case TCG_F32: d.size = 2; break;
    case TCG_F64:
    case TCG_V64: d.size = 3; break;
    default: d.size = 4; break;
    }
    d.sign = (t == TCG_I32 || t == TCG_I64) && op != TCG_OP_store && fuzz_one_in(m, 2);
    d.big = fuzz_one_in(m, 4);
    d.align = (uint8_t)(fuzz_one_in(m, 2) ? 0 : fuzz_pick(m, 3));
    d.intent = op == TCG_OP_load ? TCG_INTENT_READ
               : op == TCG_OP_store || (op == TCG_OP_probe && fuzz_one_in(m, 2)) ? TCG_INTENT_WRITE
               : op == TCG_OP_probe ? TCG_INTENT_READ
                                    : TCG_INTENT_RW;
    if (op == TCG_OP_load && fuzz_one_in(m, 5))
        d.order = TCG_ORDER_ACQUIRE;
    if (op == TCG_OP_store && fuzz_one_in(m, 5))
        d.order = fuzz_one_in(m, 2) ? TCG_ORDER_RELEASE : TCG_ORDER_SC;
    return d;
}

/* Loads and stores near each other: backends look such pages up together. The base may lie just in
 * front of a page end. */
static void burst(struct fuzz_maker *m)
{
    static const uint8_t types[] = {TCG_I32, TCG_I64, TCG_I64, TCG_F32, TCG_F64, TCG_V128};
    struct tcg_builder *b = &m->b;
    uint64_t mask = fuzz_one_in(m, 2) ? 0x30ff8 : 0x303f0;
    bool end = false;
    tcg_val a = tcg_and(b, TCG_I64, fuzz_value_of(m, TCG_I64), tcg_imm(b, TCG_I64, mask)), v;

    if (fuzz_one_in(m, 2))
        a = tcg_or(b, TCG_I64, a, tcg_imm(b, TCG_I64, 0xfa0 & mask));
    if (fuzz_one_in(m, 12)) {
        a = tcg_add(b, TCG_I64, a, tcg_imm(b, TCG_I64, 0x40000)); /* may fault */
    } else if (fuzz_one_in(m, 12)) { /* from the page that can be read into the one that cannot */
        a = tcg_and(b, TCG_I64, fuzz_value_of(m, TCG_I64), tcg_imm(b, TCG_I64, 0x38));
        a = tcg_add(b, TCG_I64, a, tcg_imm(b, TCG_I64, 0x6ff90));
        end = true;
    }
    for (unsigned n = 2 + fuzz_pick(m, 5); n; n--) {
        struct tcg_op o = {.op = end || fuzz_one_in(m, 2) ? TCG_OP_load : TCG_OP_store, .a = a};
        enum tcg_type t = (enum tcg_type)types[fuzz_pick(m, ARRAY_LEN(types))];
        struct tcg_mem d = descriptor(m, t, o.op);

        if (m->dirty)
            fuzz_begin_insn(m);
        if (!fuzz_one_in(m, 6)) {
            d.big = d.order = 0;
            d.align = TCG_ALIGN_ANY;
        }
        o.imm = fuzz_pick(m, 100);
        if (o.op == TCG_OP_store)
            o.c = fuzz_value_of(m, t);
        v = tcg_emit(b, (enum tcg_opcode)o.op, t, 0, a, 0, o.c, tcg_ir_mem(m->ir, &d), o.imm);
        if (o.op == TCG_OP_load)
            fuzz_remember(m, v);
    }
}

void fuzz_memory_op(struct fuzz_maker *m)
{
    static const uint8_t types[] = {TCG_I32, TCG_I64, TCG_I64, TCG_I128, TCG_F16, TCG_F32, TCG_F64,
                                    TCG_V64, TCG_V128};
    static const uint8_t ops[] = {TCG_OP_load, TCG_OP_load, TCG_OP_load, TCG_OP_store, TCG_OP_store,
                                  TCG_OP_rmw, TCG_OP_cmpxchg, TCG_OP_probe, TCG_OP_fence};
    struct tcg_op o = {.op = ops[fuzz_pick(m, ARRAY_LEN(ops))]};
    enum tcg_type t = (enum tcg_type)types[fuzz_pick(m, ARRAY_LEN(types))];
    struct tcg_mem d;
    tcg_val v;

    if (fuzz_one_in(m, 4)) {
        burst(m);
        return;
    }
    if (o.op == TCG_OP_fence) {
        tcg_fence(&m->b, (enum tcg_fence)fuzz_pick(m, 4));
        return;
    }
    if (m->dirty)
        fuzz_begin_insn(m);
    if (o.op == TCG_OP_rmw || o.op == TCG_OP_cmpxchg)
        t = o.op == TCG_OP_cmpxchg && fuzz_one_in(m, 3) ? TCG_I128
            : fuzz_one_in(m, 2)                            ? TCG_I32
                                                           : TCG_I64;
    d = descriptor(m, t, o.op);
    if (t == TCG_I128 && o.op == TCG_OP_cmpxchg)
        d.align = TCG_ALIGN_NATURAL;
    address(m, &o, &d);
    if (o.op == TCG_OP_rmw || o.op == TCG_OP_cmpxchg) {
        d.wrap32 = 0;
        o.b = fuzz_value_of(m, t);
        o.c = o.op == TCG_OP_cmpxchg ? fuzz_value_of(m, t) : 0;
        o.sub = o.op == TCG_OP_rmw ? (uint8_t)fuzz_pick(m, TCG_RMW_COUNT) : 0;
        if (o.op == TCG_OP_cmpxchg && fuzz_one_in(m, 2)) { /* one that succeeds */
            struct tcg_mem plain = d;

            plain.intent = TCG_INTENT_READ;
            plain.sign = 0;
            o.b = tcg_load(&m->b, t, &plain, o.a, 0);
        }
    } else if (o.op == TCG_OP_store) {
        o.c = fuzz_value_of(m, t);
    }
    o.type = (uint8_t)(o.op == TCG_OP_probe ? TCG_VOID : t);
    o.attr = tcg_ir_mem(m->ir, &d);
    v = tcg_emit(&m->b, (enum tcg_opcode)o.op, (enum tcg_type)o.type, o.sub, o.a, o.b, o.c, o.attr,
                 o.imm);
    if (o.op != TCG_OP_store && o.op != TCG_OP_probe)
        fuzz_remember(m, v);
}
