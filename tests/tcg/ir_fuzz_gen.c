// SPDX-License-Identifier: MIT
/* Makes random programs of valid IR: operations of every kind whose operands are values that are
 * visible (ir_fuzz_op.c, ir_fuzz_mem.c), inside a random structure of branches, joins with params,
 * loops and side exits. */
#include "tests/tcg/ir_fuzz_gen.h"

#include <stdlib.h>
#include <string.h>

/* ---- calls and units ---- */

static void call_op(struct fuzz_maker *m)
{
    const struct tcg_helper *h = toy_helpers[fuzz_pick(m, 10)];
    tcg_val args[6];

    if ((h->writes || h->flags & TCG_H_LEAVE) && m->dirty)
        fuzz_begin_insn(m);
    for (unsigned i = 0; i < h->nargs; i++) {
        args[i] = fuzz_value_of(m, (enum tcg_type)h->args[i]);
        if (h->flags & TCG_H_LEAVE && !fuzz_one_in(m, 10))
            args[i] = tcg_imm(&m->b, TCG_I32, 0);
    }
    fuzz_remember(m, tcg_call(&m->b, h, args));
    if (h->writes)
        m->dirty = true;
}

static void put_op(struct fuzz_maker *m)
{
    static const uint8_t types[] = {TCG_I64, TCG_I64, TCG_I64, TCG_I64, TCG_I32, TCG_V128, TCG_V64,
                                    TCG_F32, TCG_F64, TCG_F80, TCG_FLAGS, TCG_FLAGS};
    enum tcg_type t = (enum tcg_type)types[fuzz_pick(m, ARRAY_LEN(types))];

    tcg_put(&m->b, (unsigned)fuzz_unit_of(m, t), fuzz_value_of(m, t));
    m->dirty = true;
}

/* What is in scope becomes visible: puts, and stores of types without units. */
static void observe(struct fuzz_maker *m, unsigned percent)
{
    for (unsigned t = TCG_I32; t < TCG_TYPE_COUNT; t++) {
        for (unsigned i = 0; i < m->s.n[t]; i++) {
            tcg_val v = m->s.v[t][i];

            if (fuzz_pick(m, 100) >= percent)
                continue;
            if (t == TCG_F16)
                tcg_put(&m->b, (unsigned)fuzz_unit_of(m, TCG_I32), tcg_fbits(&m->b, TCG_I32, v));
            else if (t == TCG_I128)
                tcg_put(&m->b, (unsigned)fuzz_unit_of(m, TCG_I64),
                        fuzz_one_in(m, 2) ? tcg_lo(&m->b, v) : tcg_hi(&m->b, v));
            else
                tcg_put(&m->b, (unsigned)fuzz_unit_of(m, (enum tcg_type)t), v);
            m->dirty = true;
        }
    }
}

/* ---- structure ---- */

static void straight(struct fuzz_maker *m, unsigned n)
{
    for (unsigned i = 0; i < n && m->budget > 0; i++, m->budget--) {
        unsigned k = fuzz_pick(m, 40);

        if (k < 5)
            fuzz_memory_op(m);
        else if (k == 5)
            call_op(m);
        else if (k < 10)
            put_op(m);
        else if (k == 10)
            fuzz_begin_insn(m);
        else
            fuzz_plain_op(m, fuzz_random_op(m));
    }
}

static void body(struct fuzz_maker *m);

static uint64_t next_pc(struct fuzz_maker *m)
{
    if (m->index + 1 < m->c->n && !fuzz_one_in(m, 4))
        return FUZZ_PC(m->index + 1 + fuzz_pick(m, m->c->n - m->index - 1));
    return FUZZ_PC(FUZZ_REGIONS) + fuzz_pick(m, 8) * 4;
}

static void leave(struct fuzz_maker *m)
{
    unsigned hint = fuzz_pick(m, 3) | (fuzz_one_in(m, 3) ? TCG_HINT_POLL : 0);
    uint64_t ret = next_pc(m);
    tcg_val yes, no;

    observe(m, 60);
    switch (fuzz_pick(m, 4)) {
    case 0: tcg_goto_pc(&m->b, next_pc(m), hint, ret); break;
    case 1:
        yes = tcg_imm(&m->b, TCG_I64, next_pc(m));
        no = tcg_imm(&m->b, TCG_I64, next_pc(m));
        tcg_goto_ind(&m->b, tcg_select(&m->b, TCG_I64, fuzz_bit(m), yes, no), hint, ret);
        break;
    case 2:
        tcg_exit(&m->b, TCG_EXIT_SYSCALL, fuzz_value_of(m, TCG_I64), fuzz_pick(m, 1000), TCG_NONE);
        break;
    default:
        tcg_exit(&m->b, TCG_EXIT_EXCEPTION, tcg_imm(&m->b, TCG_I64, m->pc), TCG_EXC_FRONTEND,
                 fuzz_value_of(m, TCG_I64));
        break;
    }
}

static void block_at(struct fuzz_maker *m, unsigned block, bool insn)
{
    tcg_block_at(&m->b, block);
    if (insn)
        fuzz_begin_insn(m);
}

static void side_exit(struct fuzz_maker *m)
{
    unsigned out = tcg_block_new(&m->b, false), on = tcg_block_new(&m->b, false);
    struct fuzz_scope s;

    if (fuzz_one_in(m, 2))
        tcg_block_cold(&m->b, out);
    if (fuzz_one_in(m, 2))
        tcg_brcond(&m->b, fuzz_bit(m), out, on);
    else
        tcg_brcond(&m->b, fuzz_value_of(m, TCG_I32), on, out);
    s = m->s;
    block_at(m, out, fuzz_one_in(m, 2));
    if (fuzz_one_in(m, 3))
        straight(m, fuzz_pick(m, 6));
    leave(m);
    m->s = s;
    block_at(m, on, true);
}

#define MAX_PARAMS 6

static unsigned pick_params(struct fuzz_maker *m, tcg_val *args)
{
    static const uint8_t types[] = {TCG_I32, TCG_I64, TCG_I64, TCG_V128, TCG_V64, TCG_F64, TCG_F32,
                                    TCG_F16, TCG_FLAGS, TCG_F80, TCG_I128};
    unsigned n = fuzz_pick(m, MAX_PARAMS + 1);

    for (unsigned i = 0; i < n; i++)
        args[i] = fuzz_value_of(m, (enum tcg_type)types[fuzz_pick(m, ARRAY_LEN(types))]);
    return n;
}

/* Other arguments of the same types. */
static void same_types(struct fuzz_maker *m, const tcg_val *like, tcg_val *args, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        args[i] = fuzz_value_of(m, tcg_type_of(m->ir, like[i]));
}

static void begin_join(struct fuzz_maker *m, unsigned block, const tcg_val *args, unsigned n)
{
    tcg_val p[MAX_PARAMS + 1];

    tcg_block_at(&m->b, block);
    memset(&m->s, 0, sizeof(m->s));
    for (unsigned i = 0; i < n; i++)
        p[i] = tcg_param(&m->b, tcg_type_of(m->ir, args[i]));
    for (unsigned i = 0; i < n; i++)
        fuzz_remember(m, p[i]);
    fuzz_begin_insn(m);
}

static void diamond(struct fuzz_maker *m)
{
    unsigned yes = tcg_block_new(&m->b, false), no, join = tcg_block_new(&m->b, true), n = 0;
    tcg_val args[MAX_PARAMS], other[MAX_PARAMS];
    struct fuzz_scope s;
    bool triangle = fuzz_one_in(m, 3);
    tcg_val cond = fuzz_one_in(m, 4) ? fuzz_value_of(m, TCG_I32) : fuzz_bit(m);

    no = triangle ? join : tcg_block_new(&m->b, false);
    if (fuzz_one_in(m, 2))
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
static void loop(struct fuzz_maker *m)
{
    unsigned head = tcg_block_new(&m->b, true), on = tcg_block_new(&m->b, false), back = head, n;
    tcg_val args[MAX_PARAMS + 1], other[MAX_PARAMS + 1], count, zero, old;
    bool by_unit = !m->in_loop && fuzz_one_in(m, 2);

    n = fuzz_one_in(m, 4) ? 0 : pick_params(m, args);
    count = tcg_imm(&m->b, TCG_I64, 1 + fuzz_pick(m, 4));
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
        straight(m, fuzz_pick(m, 12));
        if (fuzz_one_in(m, 3))
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

static void body(struct fuzz_maker *m)
{
    unsigned parts = 1 + fuzz_pick(m, 3);

    m->depth++;
    for (unsigned i = 0; i < parts; i++) {
        straight(m, 1 + fuzz_pick(m, 14));
        if (m->budget <= 0 || m->depth > 4)
            continue;
        switch (fuzz_pick(m, 6)) {
        case 0: diamond(m); break;
        case 1: loop(m); break;
        case 2: side_exit(m); break;
        default: break;
        }
    }
    m->depth--;
}

static void region(struct fuzz_maker *m, unsigned index)
{
    char buf[120];
    const char *wrong;

    m->index = index;
    m->ir = &m->c->ir[index];
    m->pc = FUZZ_PC(index);
    m->budget = (int)fuzz_pick(m, fuzz_one_in(m, 4) ? 12 : fuzz_one_in(m, 3) ? 60 : 250);
    if (fuzz_one_in(m, 150))
        m->budget = 1000;
    m->depth = 0;
    m->in_loop = false;
    memset(&m->s, 0, sizeof(m->s));
    m->favourite = 0;
    if (fuzz_one_in(m, 2)) {
        do
            m->favourite = fuzz_pick(m, TCG_OP_COUNT);
        while (!fuzz_is_plain(m->favourite));
    }
    tcg_builder_init(&m->b, m->ir, true);
    tcg_builder_start(&m->b, m->pc, 0);
    fuzz_begin_insn(m);
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
    struct fuzz_maker m;

    memset(&m, 0, sizeof(m));
    m.r.s = seed * 0x2545f4914f6cdd1dull + 1;
    m.c = c;
    c->n = 1 + fuzz_pick(&m, FUZZ_REGIONS);
    c->round = fuzz_one_in(&m, 2) ? TCG_ROUND_EVEN : fuzz_pick(&m, 4);
    c->sticky = !fuzz_one_in(&m, 8);
    c->mem_seed = fuzz_next(&m.r);
    m.nan = (uint8_t)(fuzz_one_in(&m, 3) ? fuzz_pick(&m, 3) : TCG_NAN_ARM);
    m.default_nan = fuzz_one_in(&m, 3);
    m.tiny_before = !fuzz_one_in(&m, 3);
    if (fuzz_one_in(&m, 3)) {
        m.flush_in = (uint8_t)fuzz_pick(&m, 3);
        m.flush_out = (uint8_t)fuzz_pick(&m, 2);
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
