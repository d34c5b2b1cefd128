/* SPDX-License-Identifier: MIT */
/* tcg/ir.h -- the intermediate representation: typed SSA in regions of blocks.
 *
 * An operation is 16 bytes in one array; a value is the index of the operation that made it, or,
 * from TCG_CONST_BIAS on, a constant. Blocks lie one after another in the array; the first is the
 * entry. A block with one predecessor sees all values of that predecessor; a block with several
 * sees values through its params only, and unit state there is the border state (below).
 *
 * Guest state is a list of *units*. get and put give them to SSA. The *state at an operation* is
 * what the puts before it (on the path) have written; a frontend writes an instruction's results
 * after its last operation that may leave, so that the state there is that of the instruction's
 * start. That is the snapshot: it needs no storage in the IR. Operations of restart class PROGRESS
 * may follow puts of the same instruction (x86 rep, lswx); the verifier knows.
 *
 * Border state (region entry, exits, blocks with several predecessors): pinned units in their host
 * registers, all others in their homes, flags units packed (fpack) in their homes, pc implied.
 *
 * Ownership: a struct tcg_ir belongs to one thread; arrays grow by malloc and are reused. */
#ifndef TCG_IR_H
#define TCG_IR_H

#include "base/base.h"
#include "tcg/float.h"

#include <stdio.h>

enum tcg_type {
    TCG_VOID, TCG_I32, TCG_I64, TCG_I128, TCG_F16, TCG_F32, TCG_F64, TCG_F80,
    TCG_V64, TCG_V128, TCG_V256, TCG_FLAGS, TCG_TYPE_COUNT
};

enum tcg_lane { TCG_LANE8, TCG_LANE16, TCG_LANE32, TCG_LANE64 }; /* float lanes: 16, 32, 64 */

enum tcg_cond {
    TCG_EQ, TCG_NE, TCG_LT, TCG_GE, TCG_LE, TCG_GT, /* signed */
    TCG_LTU, TCG_GEU, TCG_LEU, TCG_GTU,
    TCG_TSTZ, TCG_TSTNZ, /* (a & b) == 0, != 0 */
    TCG_COND_COUNT
};

/* Conditions on a flags record, by its bits. Pairs differ in bit 0. */
enum tcg_fcond {
    TCG_FZ, TCG_FNZ, TCG_FC, TCG_FNC, TCG_FS, TCG_FNS, TCG_FO, TCG_FNO, TCG_FP, TCG_FNP,
    TCG_FHI, TCG_FLS, /* C && !Z and its opposite: unsigned higher when C means no borrow */
    TCG_FA, TCG_FBE,  /* !C && !Z and its opposite: unsigned above when C means borrow */
    TCG_FGE, TCG_FLT, TCG_FGT, TCG_FLE, /* S == O, S != O, !Z && S == O, opposite */
    TCG_FCOND_COUNT
};

enum tcg_fbit { /* packed flags */
    TCG_FBIT_O = 1 << 0, TCG_FBIT_C = 1 << 8, TCG_FBIT_P = 1 << 10, TCG_FBIT_A = 1 << 12,
    TCG_FBIT_Z = 1 << 14, TCG_FBIT_S = 1 << 15,
};

enum tcg_rmw { TCG_RMW_ADD, TCG_RMW_AND, TCG_RMW_ANDN, TCG_RMW_OR, TCG_RMW_XOR, TCG_RMW_XCHG,
               TCG_RMW_SMIN, TCG_RMW_SMAX, TCG_RMW_UMIN, TCG_RMW_UMAX, TCG_RMW_SUB,
               TCG_RMW_COUNT };

enum tcg_fence { TCG_FENCE_FULL, TCG_FENCE_LOAD, TCG_FENCE_STORE, TCG_FENCE_CODE };

enum tcg_hint {
    TCG_HINT_NONE, TCG_HINT_CALL, TCG_HINT_RET,
    TCG_HINT_POLL = 4, /* or-ed: test exit_request first (backward and indirect branches) */
};

enum tcg_op_flag {
    TCG_OPF_COMM = 1, TCG_OPF_FLT = 2, TCG_OPF_MEM = 4, TCG_OPF_LEAVE = 8, TCG_OPF_KEEP = 16,
    TCG_OPF_END = 32, TCG_OPF_VEC = 64, TCG_OPF_SUB = 128,
};

enum tcg_opcode {
#define OP(name, sig, flags, text) TCG_OP_##name,
#include "tcg/ops.def"
#undef OP
    TCG_OP_COUNT
};

struct tcg_op_info {
    const char *name, *sig;
    uint8_t flags; /* enum tcg_op_flag */
};
extern const struct tcg_op_info tcg_op_info[TCG_OP_COUNT];

typedef uint16_t tcg_val; /* the one typedef: 0 is "none" */
#define TCG_CONST_BIAS 0x8000
#define TCG_NONE 0

struct tcg_op {
    uint16_t op;   /* enum tcg_opcode */
    uint8_t type;  /* enum tcg_type of the result (store: of the value) */
    uint8_t sub;
    tcg_val a, b, c;
    uint16_t attr;
    uint32_t imm;
};
_Static_assert(sizeof(struct tcg_op) == 16, "an operation is 16 bytes");

struct tcg_const {
    uint64_t lo, hi; /* hi: i128, v128 only */
    uint8_t type;
    uint16_t next;   /* chain of the interning table, index + 1 */
};

/* A guest register or a part of the guest's state that code reads and writes as one value. */
struct tcg_unit {
    const char *name;
    uint8_t type;      /* enum tcg_type */
    uint16_t offset;   /* of its home in the vcpu */
};

struct tcg_vcpu;
struct tcg_builder;

/* How far a region may go. */
struct tcg_limits {
    unsigned max_insns;   /* 1 for one instruction */
    uint64_t stop_before; /* do not translate at or behind this pc (breakpoint), ~0: none */
};

/* What the engine knows of a guest: its state, which units deserve host registers, and how its code
 * becomes IR. Provided by a frontend. */
struct tcg_guest {
    const struct tcg_unit *units;
    uint16_t nunits;
    uint16_t pc_offset;     /* home of the pc, 64 bits; not a unit */
    const uint16_t *pins;   /* i64 units, hottest first; a backend pins as many as it can */
    uint16_t npins;
    uint64_t (*get_pc)(const struct tcg_vcpu *v);
    /* The region key's mode word for the present state (frontends/<isa>/key.h). */
    uint64_t (*key)(const struct tcg_vcpu *v);
    /* Writes the IR of one region that starts at pc. Never fails: what cannot be fetched or decoded
     * becomes an exit. A region whose first byte cannot be fetched has no insn operation. */
    void (*translate)(struct tcg_builder *b, struct tcg_vcpu *v, uint64_t pc, uint64_t key,
                      const struct tcg_limits *lim);
    /* The instruction at pc has left with TCG_EXIT_CODE_WRITE and begins once more: takes back what
     * it has done to units so far (a software step's state). NULL: nothing. Outside translated code. */
    void (*begin_again)(struct tcg_vcpu *v);
    void (*dump)(const struct tcg_vcpu *v, FILE *out); /* -d cpu */
    bool code_needs_no_maintenance; /* stores to code take effect by themselves (x86) */
};

/* What a memory operation means; interned, compared as raw bytes: zero padding. */
enum tcg_align { TCG_ALIGN_ANY, TCG_ALIGN_NATURAL, TCG_ALIGN_IN16 /* must not cross 16 bytes */ };
enum tcg_order { TCG_ORDER_PLAIN, TCG_ORDER_ACQUIRE_PC, TCG_ORDER_ACQUIRE, TCG_ORDER_RELEASE,
                 TCG_ORDER_SC };
enum tcg_intent { TCG_INTENT_READ, TCG_INTENT_WRITE, TCG_INTENT_RW, TCG_INTENT_FETCH };
enum tcg_restart { TCG_RESTART_INSN, TCG_RESTART_PROGRESS };
struct tcg_mem {
    uint8_t size;      /* log2 of bytes: 0..5 */
    uint8_t sign;      /* sign-extend to the type */
    uint8_t big;       /* bytes in big-endian order */
    uint8_t align;     /* enum tcg_align; a violation is TCG_EXC_ALIGN */
    uint8_t atomic;    /* single-copy atomic as a whole, where align allows */
    uint8_t order;     /* enum tcg_order */
    uint8_t mmu;       /* mmu index */
    uint8_t intent;    /* enum tcg_intent */
    uint8_t wrap32;    /* the sum of the address wraps at 32 bits */
    uint8_t restart;   /* enum tcg_restart */
    uint16_t fault;    /* frontend's fault class */
    uint32_t syndrome; /* frontend's word for the fault's syndrome */
};

/* Helpers. The C function takes the vcpu first if TCG_H_VCPU, then its arguments as uint32_t,
 * uint64_t, or pointers to const 16-byte vectors (struct tcg_vec); a vector result is written
 * through a pointer given before the arguments. Float values travel as their raw bits in uint64_t.
 * Units in reads[] are in their homes at the call, units in writes[] are taken from there
 * afterwards. NULL: none. tcg_all_units: all. A helper that may leave returns uint32_t: nonzero
 * means v->exit is filled (reason TCG_EXIT_HELPER unless it says otherwise) and the region is left
 * with the state before the instruction. */
enum tcg_helper_flag {
    TCG_H_PURE = 1,  /* result depends on arguments only: may be deleted and merged */
    TCG_H_LEAVE = 2,
    TCG_H_VCPU = 4,
    TCG_H_LEAN = 8,  /* built with general registers only: vector registers survive */
    TCG_H_FLOAT = 16,/* reads or writes the sticky float state or the control word */
};
extern const uint16_t tcg_all_units[];
struct tcg_helper {
    const char *name;
    void (*fn)(void);      /* cast to its real type */
    uint8_t ret;           /* enum tcg_type */
    uint8_t nargs;
    uint8_t args[6];       /* enum tcg_type */
    uint8_t flags;
    const uint16_t *reads, *writes; /* unit numbers, ended by TCG_NO_UNIT */
};
#define TCG_NO_UNIT 0xffff

struct tcg_call {
    const struct tcg_helper *helper;
    tcg_val args[6];
};

struct tcg_block {
    uint32_t first, end; /* ops [first, end) */
    uint16_t nparams, npreds;
    bool several;        /* may have several predecessors: border state at its start */
    bool cold;           /* placed out of the way */
};

struct tcg_edge {
    uint16_t block;
    uint16_t nargs;
    uint32_t args; /* index into ir->lists */
};

struct tcg_ir {
    struct tcg_op *ops;
    uint32_t nops, cap_ops;
    struct tcg_const *consts;
    uint32_t nconsts, cap_consts;
    struct tcg_block *blocks;
    uint32_t nblocks, cap_blocks;
    struct tcg_edge *edges;
    uint32_t nedges, cap_edges;
    struct tcg_mem *mems;
    uint32_t nmems, cap_mems;
    struct tcg_float_env *envs;
    uint32_t nenvs, cap_envs;
    struct tcg_call *calls;
    uint32_t ncalls, cap_calls;
    uint16_t *lists;
    uint32_t nlists, cap_lists;
    uint16_t const_hash[128];

    const struct tcg_guest *guest;
    uint64_t pc, key;      /* of the region */
    uint64_t lo, hi;       /* guest bytes [lo, hi) it was made from (first range) */
    uint64_t lo2, hi2;     /* second range, if it goes on elsewhere; empty: 0, 0 */
    uint32_t ninsns;
};

void tcg_ir_init(struct tcg_ir *ir, const struct tcg_guest *guest);
void tcg_ir_clear(struct tcg_ir *ir); /* empties, keeps memory */
void tcg_ir_free(struct tcg_ir *ir);

static inline bool tcg_is_const(tcg_val v)
{
    return v >= TCG_CONST_BIAS;
}

static inline const struct tcg_const *tcg_const_of(const struct tcg_ir *ir, tcg_val v)
{
    return &ir->consts[v - TCG_CONST_BIAS];
}

static inline enum tcg_type tcg_type_of(const struct tcg_ir *ir, tcg_val v)
{
    return (enum tcg_type)(tcg_is_const(v) ? ir->consts[v - TCG_CONST_BIAS].type : ir->ops[v].type);
}

/* Raw append; the builder is the usual way. Running out of indices or memory is a MOA_BUG: callers
 * stop at TCG_IR_ROOM. */
#define TCG_IR_MAX_OPS 0x7f00
tcg_val tcg_ir_add(struct tcg_ir *ir, const struct tcg_op *op);
tcg_val tcg_ir_const(struct tcg_ir *ir, enum tcg_type t, uint64_t lo, uint64_t hi); /* interned */
uint16_t tcg_ir_mem(struct tcg_ir *ir, const struct tcg_mem *m);                    /* interned */
uint16_t tcg_ir_env(struct tcg_ir *ir, const struct tcg_float_env *e);              /* interned */
uint16_t tcg_ir_call(struct tcg_ir *ir, const struct tcg_call *c);
uint16_t tcg_ir_block(struct tcg_ir *ir);
uint16_t tcg_ir_edge(struct tcg_ir *ir, uint16_t block, const tcg_val *args, unsigned nargs);

/* Integer operations on constants; the one definition that folding and the interpreter share. */
uint64_t tcg_eval_int(enum tcg_opcode op, enum tcg_type t, unsigned sub, uint32_t imm, uint64_t a,
                      uint64_t b, uint64_t c);
bool tcg_eval_cond(enum tcg_cond c, bool is64, uint64_t a, uint64_t b);
/* The packed flags of a producer. */
uint32_t tcg_eval_flags(enum tcg_opcode op, unsigned sub, unsigned attr, uint64_t a, uint64_t b,
                        uint64_t c);
bool tcg_eval_fcond(enum tcg_fcond c, uint32_t packed);

/* Text form, described in tcg/text.h. The printer writes one line an operation; the parser reads it
 * back into an initialized ir; helpers: those that calls may name, ended by NULL. It returns 0, or a
 * line number with *err set to static text. */
void tcg_ir_print(const struct tcg_ir *ir, FILE *out);
int tcg_ir_parse(struct tcg_ir *ir, const char *text, const struct tcg_helper *const *helpers,
                 const char **err);

/* tcg/verify.c: NULL if the IR is well formed, else one line (static buffer of the caller). */
const char *tcg_ir_verify(const struct tcg_ir *ir, char *buf, size_t len);

#endif
