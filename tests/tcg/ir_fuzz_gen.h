/* SPDX-License-Identifier: MIT */
/* tests/tcg/ir_fuzz_gen.h -- between the parts of the generator of random regions. */
#ifndef TESTS_TCG_IR_FUZZ_GEN_H
#define TESTS_TCG_IR_FUZZ_GEN_H

#include "tests/tcg/ir_fuzz.h"

#define FUZZ_MAX_VALS 24

/* What can be used at a place, by type. */
struct fuzz_scope {
    tcg_val v[TCG_TYPE_COUNT][FUZZ_MAX_VALS];
    uint8_t n[TCG_TYPE_COUNT];
};

struct fuzz_maker {
    struct fuzz_rng r;
    struct fuzz_case *c;
    struct tcg_builder b;
    struct tcg_ir *ir;
    struct fuzz_scope s;
    unsigned index;      /* of the region */
    uint64_t pc;         /* of the next instruction */
    bool dirty;          /* a put of this instruction was written */
    int budget;          /* operations that may still be made */
    unsigned depth;
    bool in_loop;        /* one that r15 counts */
    unsigned favourite;  /* operation that this region has many of; 0: none */
    uint8_t nan, flush_in, flush_out, default_nan, tiny_before;
};

static inline unsigned fuzz_pick(struct fuzz_maker *m, unsigned n)
{
    return fuzz_below(&m->r, n);
}

static inline bool fuzz_one_in(struct fuzz_maker *m, unsigned n)
{
    return fuzz_pick(m, n) == 0;
}

/* ir_fuzz_op.c: a value of type t, mostly one that is in scope; a condition or carry, 0 or 1. */
tcg_val fuzz_value_of(struct fuzz_maker *m, enum tcg_type t);
tcg_val fuzz_bit(struct fuzz_maker *m);
/* v is in scope from here on. */
void fuzz_remember(struct fuzz_maker *m, tcg_val v);
/* A random unit of type t but the one that counts loops; -1: none has it. */
int fuzz_unit_of(struct fuzz_maker *m, enum tcg_type t);
void fuzz_begin_insn(struct fuzz_maker *m);
/* May op be made by fuzz_plain_op()? Neither memory nor control. */
bool fuzz_is_plain(unsigned op);
void fuzz_plain_op(struct fuzz_maker *m, unsigned op);
unsigned fuzz_random_op(struct fuzz_maker *m);

/* ir_fuzz_mem.c: an operation on memory. */
void fuzz_memory_op(struct fuzz_maker *m);

#endif
