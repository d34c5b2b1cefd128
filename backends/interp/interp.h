/* SPDX-License-Identifier: MIT */
/* backends/interp/interp.h -- between the parts of the interpreter: decoded operations (decode.c),
 * the loop (run.c), memory (access.c), helper calls (call.c), float (float.c).
 *
 * A region is decoded once into an array that is read only afterwards, so any number of vcpus run
 * it. Values live in a frame of 64-bit words that belongs to the vcpu: i32, i64, floats up to f64
 * (raw bits) and flags (packed) in one word, i128, f80, v64 and v128 in two, v256 in four; i32 and
 * narrow floats are zero-extended. Constants are copied to the start of the frame at entry. */
#ifndef BACKENDS_INTERP_INTERP_H
#define BACKENDS_INTERP_INTERP_H

#include "tcg/backend.h"
#include "tcg/vec.h"

#include <ffi.h>
#include <setjmp.h>

/* What the loop switches on: the opcode, or one of these. */
enum in_kind {
    IN_GET32 = TCG_OP_COUNT, /* get and put by the size of the home */
    IN_GET64, IN_GET_WIDE, IN_PUT32, IN_PUT64, IN_PUT_WIDE,
    IN_EXTRACT0,             /* field at bit 0: a mask */
    IN_INT,                  /* through tcg_eval_int */
    IN_FLAGS,                /* through tcg_eval_flags */
    IN_VEC,                  /* through tcg_vec_fns */
    IN_VEC256,               /* lane-wise: both halves */
    IN_FLOAT,
    IN_COPY,                 /* attr words from a, then from b; words in all */
};

/* Parallel copy of block arguments into params; in words of the frame. */
struct in_copy {
    uint32_t to, from, words;
};

struct in_edge {
    uint32_t target; /* index of the operation to go on with */
    uint32_t ncopies;
    struct in_copy *copies;
};

struct in_call {
    const struct tcg_helper *h;
    ffi_cif cif;
    ffi_type *types[8];
    uint32_t args[6]; /* words of the frame */
};

struct in_op {
    uint16_t kind;
    uint8_t op_type, sub;
    uint16_t op;
    uint16_t words;         /* of the result or the value stored */
    uint32_t d, a, b, c;    /* words of the frame; a missing operand is a zero word */
    uint32_t imm;
    uint32_t attr;          /* by kind: bytes of a vector, link, type of operand a, words */
    union {                 /* vectors: env of float lanes */
        uint64_t mask;      /* of the type: 32 or 64 ones; insn, goto_pc: the pc; setcc: 64 bits? */
        const struct tcg_float_env *lane_env;
    };
    union {
        const struct tcg_mem *mem;
        const struct tcg_float_env *env;
        struct in_call *call;
        struct in_edge *edge; /* br: one, brcond: two */
        tcg_vec_fn *vec;
    };
};

struct in_region {
    struct in_op *ops;
    uint32_t nops;
    uint32_t frame_words, const_words;
    uint64_t *consts;
    struct tcg_mem *mems;
    struct tcg_float_env *envs;
    struct in_call *calls;
    struct in_edge *edges;
    struct in_copy *copies;
    const struct tcg_region *_Atomic *targets; /* by link: where a direct exit goes on, or NULL */
};

/* Per vcpu. */
struct in_vcpu {
    uint64_t *frame;
    uint32_t frame_words;
    uint64_t pc;                 /* of the guest instruction that runs */
    uint32_t uncounted;          /* icount: before it, not counted yet */
    volatile bool accessing;     /* a host fault now is the guest's */
    volatile uint8_t access;     /* enum tcg_access, size: of that access */
    volatile uint8_t size;
    sigjmp_buf recover;
};

static inline struct in_vcpu *in_vcpu(struct tcg_vcpu *v)
{
    return v->gen;
}

/* decode.c: 0, or -ENOMEM. */
int in_decode(const struct tcg_ir *ir, struct tcg_region *r);
void in_region_free(struct in_region *g);

/* run.c */
enum tcg_exit_reason in_run(struct tcg_vcpu *v, const struct tcg_region *r);

/* access.c: a guest memory operation at guest address addr. Returns false if the region is to be
 * left: v->exit is filled, in user mode with TCG_EXC_ALIGN but for the reason, in a machine wholly; a
 * fault in user mode leaves by in_vcpu.recover. */
bool in_load(struct tcg_vcpu *v, const struct in_op *o, uint64_t addr, uint64_t *d);
bool in_store(struct tcg_vcpu *v, const struct in_op *o, uint64_t addr, const uint64_t *s);
bool in_probe(struct tcg_vcpu *v, const struct in_op *o, uint64_t addr);
bool in_rmw(struct tcg_vcpu *v, const struct in_op *o, uint64_t addr, uint64_t b, uint64_t *d);
bool in_cmpxchg(struct tcg_vcpu *v, const struct in_op *o, uint64_t addr, const uint64_t *expect,
                const uint64_t *want, uint64_t *d);
/* Undoes what an interrupted access left behind (a lock). */
void in_access_recover(void);

/* call.c: false: a helper without a calling convention here. */
bool in_call_prepare(struct in_call *c);
/* Returns what a helper that may leave returned, else 0. */
uint32_t in_call(struct tcg_vcpu *v, const struct in_call *c, uint64_t *frame, uint64_t *d);

/* float.c: every operation with the FLT flag that is not a vector operation. */
void in_float(struct tcg_vcpu *v, const struct in_op *o, uint64_t *frame);
/* The environment with TCG_ROUND_DYN resolved. */
struct tcg_float_env in_env(const struct tcg_vcpu *v, const struct tcg_float_env *e);

#endif
