/* SPDX-License-Identifier: MIT */
/* backends/x86_64/gen.h -- the state of one compilation, and the register allocator as emitters see
 * it.
 *
 * An emitter is called for one operation. The order inside is always: use operands, take
 * temporaries, define the result, write instructions.
 *
 *     int a = gen_use_gpr(g, op->a);       register that holds it; must not be changed
 *     int t = gen_tmp_gpr(g);              free for this operation only
 *     int r = gen_def_gpr(g, d);           result register, differs from a and t
 *
 * Every register that such a call returned is *locked* until the operation ends: it is not given
 * out again, and no other call moves or spills it. gen_def_* first drops operands whose last use
 * this operation is. The three kinds of definition:
 *   gen_def_*        the result register is none of the locked ones: write it at any time
 *   gen_def_late_*   may be the register of an operand that dies here: write it only in the last
 *                    instruction, the one that reads the operands
 *   gen_tied_*       holds a copy of the given operand already, and is no other operand's register:
 *                    for two-operand instructions (add d, b)
 * Allocation emits moves, loads and stores only: the host flags survive it.
 *
 * Values. i32, i64, packed flags: a general register; i32 values define the upper half as zero
 * (write with a 32-bit instruction), but a *use* of an i32 operand may see any upper half. f16 f32
 * f64 v64 v128 i128 f80: an xmm register; upper bits above the type are unspecified in uses, free
 * in definitions (v64 and scalars). trunc, zext of an i32 result, vtof, funpack cost nothing: they
 * are aliases, resolved before an emitter sees the value.
 *
 * Guest memory: [gs:]address in user mode, behind a TLB lookup in whole machines (gen_tlb.c).
 *
 * Host registers: rbp = vcpu + TCG_VCPU_BIAS, rsp = frame (fixed, 16-byte aligned), pinned units in
 * r15 rbx r12 r13 r14 r8 r9 rdi, scratch rax rcx rdx rsi r10 r11, xmm0-15. DF is clear, MXCSR is
 * the guest's (v->host_fpcr).
 *
 * Out-of-line code: gen_cold(). Calls of C functions from anywhere without disturbing any register:
 * gen_soft_*. One compilation at a time (engine lock). */
#ifndef BACKENDS_X86_64_GEN_H
#define BACKENDS_X86_64_GEN_H

#include "backends/x86_64/emit.h"
#include "tcg/backend.h"
#include "tcg/vec.h"

enum gen_cpu { /* host features above the SSE4.2 + popcnt baseline */
    CPU_AVX = 1 << 0, CPU_AVX2 = 1 << 1, CPU_BMI1 = 1 << 2, CPU_BMI2 = 1 << 3, CPU_LZCNT = 1 << 4,
    CPU_FMA = 1 << 5, CPU_F16C = 1 << 6, CPU_PCLMUL = 1 << 7, CPU_AES = 1 << 8, CPU_SHA = 1 << 9,
    CPU_MOVBE = 1 << 10, CPU_GFNI = 1 << 11,
};

#define GEN_NOREG 0xff
#define GEN_XMM 16 /* register numbers of the allocator: 0-15 general, 16-31 xmm */
#define GEN_NOSLOT 0xffff
#define GEN_GUIDE 0xffff /* in rv[]: no value; a register that may be taken, as one with a constant */
#define GEN_NPINS 8
#define GEN_MAX_UNITS 512
#define GEN_SLOTS 512 /* of 8 bytes, at rsp; an xmm value takes two, aligned */

#define GEN_MAX_ARGS 64 /* of a block */

/* The frame, offsets from rsp in translated code. */
enum {
    FRAME_SLOTS = 0,
    FRAME_ARG = FRAME_SLOTS + GEN_SLOTS * 8, /* 8 words: arguments of gen_soft_call */
    FRAME_RET = FRAME_ARG + 64,              /* 16 bytes: its result */
    FRAME_TMP = FRAME_RET + 16,              /* 6 words for cold code */
    FRAME_GPR = FRAME_TMP + 48,              /* 16 words: registers saved by the soft thunk */
    FRAME_XMM = FRAME_GPR + 128,             /* 16 x 16 bytes, likewise */
    FRAME_PASS = FRAME_XMM + 256,            /* arguments of a block on their way: 16 bytes each */
    FRAME_SIZE = FRAME_PASS + GEN_MAX_ARGS * 16,
};

struct gen_val {
    uint8_t reg;     /* a register that holds it, or GEN_NOREG */
    uint8_t flags;   /* GEN_V_* */
    uint8_t hint;    /* register to define it in, or GEN_NOREG */
    uint8_t kill;    /* of the operation with this index: operands that die there */
    uint16_t refs;   /* reasons to keep it: SSA uses ahead, dirty units, records over it */
    uint16_t slot;   /* spill slot or GEN_NOSLOT */
    uint16_t home;   /* unit + 1 whose home holds it, or 0 */
    uint16_t pos;    /* in g->live */
    bool born;       /* liveness: it has uses */
    uint16_t alias;  /* value that this one is a part of; itself if none */
};
enum {
    GEN_V_LIVE = 1,  /* SSA uses are ahead */
    GEN_V_LAZY = 2,  /* no register: a flags or condition record, made when it is consumed */
    GEN_V_DEAD = 4,  /* the operation is not emitted */
    GEN_V_PLAIN = 8, /* a condition or pair that is wanted as a value: made when it is defined */
    GEN_V_WANTED = 16, /* while a block is entered */
};

struct gen;
typedef void gen_emit_fn(struct gen *g, const struct tcg_op *op, tcg_val d);

struct gen_row {
    uint16_t op;
    gen_emit_fn *fn;
};
/* Rows by file, each list ended by fn NULL. Operations without a row go to gen_fallback. */
extern const struct gen_row gen_int_rows[], gen_bits_rows[], gen_flags_rows[], gen_mem_rows[],
    gen_atomic_rows[], gen_control_rows[], gen_call_rows[];
extern const struct gen_row gen_float_rows[], gen_vec_rows[]; /* emit_float.c, emit_vec.c */
/* Float or vector operation that has no row, or whose row found a variant it does not emit: calls
 * the soft twin or tcg_vec_fns[]. In emit_fallback.c. */
gen_emit_fn gen_fallback_float, gen_fallback_vec;

/* Out-of-line code of one operation, written after the region's last block. Registers are those at
 * the time of gen_cold(); fn must leave all of them as they are except the ones that the emitter
 * means it to change. */
#define GEN_SLOW_BYTES 20 /* of gen_tlb.c's record */
struct gen_cold;
typedef void gen_cold_fn(struct gen *g, const struct gen_cold *c);
struct gen_cold {
    gen_cold_fn *fn;
    const struct tcg_op *op;
    uint32_t label;     /* its start: the emitter jumps here */
    uint32_t back;      /* where it goes on: the emitter places it; fn jumps to it */
    uint32_t snap;      /* snapshot in force when gen_cold() was called, for fn's that leave */
    uint8_t r[10];      /* registers, numbers, whatever fn needs */
    uint64_t u[2];
    uint8_t slow[GEN_SLOW_BYTES];
};

/* What EFLAGS hold now: the flags of an operation on two values. */
enum gen_hf {
    HF_NONE, HF_CMP, HF_ADD, HF_TEST,
    HF_ADC,  /* a + b + c */
    HF_SBC,  /* a - b - !c, computed as a + ~b + c: CF is the guest's carry */
    HF_FCMP, /* of the float comparison a; b: operands swapped */
};

struct gen_snap {    /* state at a place that may leave */
    uint32_t off;    /* host code offset from which on it is in force */
    uint32_t pc;     /* guest pc - region pc, or ~0: in pcs */
    uint32_t words;  /* first of its entries */
    uint16_t nwords;
    uint16_t uncounted; /* icount: instructions before it that were not counted yet */
};

struct gen_block {
    uint32_t live_in, nlive_in;   /* in work[]: values that live at its start */
    uint32_t state;               /* in side[]: allocator state at the branch, + 1; 0: none */
    uint32_t label;
    uint16_t param_slot;          /* several predecessors: slots of its params, two each */
    bool done, queued, entered;
    bool exits;                   /* nothing but a way out of the region */
};

struct gen {
    struct emit e;
    struct tcg_engine *engine;
    struct tcg_ir *ir;
    struct tcg_region *region;
    uint32_t cpu;                 /* enum gen_cpu */
    bool user, gs;                /* user mode; guest_base is not 0: gs prefix */
    gen_emit_fn *emit[TCG_OP_COUNT];

    /* allocator */
    struct gen_val *val;
    uint32_t cap_vals;
    tcg_val rv[32];               /* value in each register, 0: none */
    uint32_t locked;              /* registers of the present operation */
    uint32_t temps;               /* those of them that are temporaries or results */
    uint16_t mem_unit;            /* unit + 1 whose home the operation reads as memory operand */
    uint16_t late_slots[16];      /* slots to be freed when the operation ends */
    uint8_t nlate_slots;
    uint32_t cur_op;              /* its index */
    bool killed;                  /* its dying operands are dropped already */
    uint8_t next_gpr, next_xmm;   /* where the next search for a victim starts */
    tcg_val *live;                /* values with refs */
    uint32_t nlive, cap_live;
    uint64_t slot_used[GEN_SLOTS / 64];

    /* units */
    unsigned nunits, unit_words;       /* 64 units a word of a set */
    uint8_t pin[GEN_MAX_UNITS];        /* host register or GEN_NOREG */
    uint16_t pin_unit[16];             /* unit of a host register, TCG_NO_UNIT */
    tcg_val unit_val[GEN_MAX_UNITS];   /* value it has now; 0: whatever its border place holds */
    tcg_val home_val[GEN_MAX_UNITS];   /* value that its home holds and that may need it */
    uint64_t dirty[GEN_MAX_UNITS / 64];/* not pinned, home is stale */

    /* host flags */
    uint8_t hf, hf_width;
    tcg_val hf_a, hf_b, hf_c;

    /* cold paths, snapshots, side blocks */
    struct gen_cold *colds;
    uint32_t ncolds, cap_colds;
    struct gen_snap *snaps;
    uint32_t nsnaps, cap_snaps;
    uint16_t *words;              /* entries of snapshots */
    uint32_t nwords, cap_words;
    uint64_t *kconsts;
    uint32_t nkconsts, cap_kconsts;
    uint16_t *const_at;           /* by constant of the IR: its pair in kconsts, + 1; 0: none */
    uint32_t cap_const_at;
    uint64_t insn_pc;             /* guest instruction that is being emitted */
    uint16_t uncounted;           /* before it: see struct gen_snap */
    uint32_t last_words, last_nwords;
    uint8_t moved_pin, moved_to;  /* for one snapshot: what this register holds is in that one */
    struct gen_block *blocks;
    uint32_t cap_blocks;
    bool sets_fstatus;            /* somewhere in this region */
    uint16_t *order;              /* liveness: blocks as they stand in the array */
    uint32_t cap_order;
    uint64_t *need;               /* by block: bit set of units whose value at its start matters */
    uint32_t cap_need;
    tcg_val cand[16];             /* liveness: by register, value that a put ahead gives its unit */
    uint32_t tail_lookup;         /* label: mov rcx, region; jmp lookup exit */
    struct tcg_link *links;
    uint32_t nlinks, cap_links;
    uint8_t *side;                /* memory of saved allocator states */
    uint32_t nside, cap_side;
    uint16_t *work;               /* lists of liveness and of blocks */
    uint32_t nwork, cap_work;

    void *pendings;               /* branches whose other side is to be written */
    uint32_t npendings, cap_pendings;
    uint32_t slot_top;            /* slots below have been in use */
    uint32_t param_top;           /* slots from here on are params of blocks */
    bool full;                    /* code memory ran out */
    struct gen_guide {            /* gen_merge.c; there is one if rv[reg] is GEN_GUIDE */
        tcg_val base;             /* root value, 0: none */
        uint8_t reg, mmu;
        bool write;
        int32_t lo, hi;           /* displacements that are covered */
    } guide;
    uint8_t guided;               /* the access that is emitted: GEN_ALONE ... */
    uint32_t slow_back;           /* label + 1: a slow path comes back behind the operation */

    struct gen_stubs *stubs;
};

/* ---- operands ---- */
static inline tcg_val gen_root(const struct gen *g, tcg_val v)
{
    return tcg_is_const(v) ? v : g->val[v].alias;
}
int gen_use_gpr(struct gen *g, tcg_val v);
int gen_use_xmm(struct gen *g, tcg_val v);            /* 0..15 */
/* In this very register, as a copy: may be changed. */
void gen_use_gpr_in(struct gen *g, tcg_val v, int reg);
/* True and *m set if v is in memory only (unit home, spill slot, vector constant in the pool), at
 * least as wide as its type, so that an instruction can read it there; false: use a register. */
bool gen_use_mem(struct gen *g, tcg_val v, struct emit_mem *m);
/* True if v is a constant that fits a sign-extended 32-bit immediate of operations of width w. */
bool gen_imm32(const struct gen *g, tcg_val v, unsigned w, int32_t *imm);
bool gen_dies(const struct gen *g, tcg_val v);        /* v is not needed after this operation */

/* ---- temporaries and results ---- */
int gen_tmp_gpr(struct gen *g);
int gen_tmp_xmm(struct gen *g);
void gen_take(struct gen *g, int reg);   /* this general register becomes a temporary */
void gen_lock(struct gen *g, int reg);   /* 0..31 */
int gen_def_gpr(struct gen *g, tcg_val d);
int gen_def_xmm(struct gen *g, tcg_val d);
int gen_def_late_gpr(struct gen *g, tcg_val d);
int gen_def_late_xmm(struct gen *g, tcg_val d);
int gen_tied_gpr(struct gen *g, tcg_val d, tcg_val a);
int gen_tied_xmm(struct gen *g, tcg_val d, tcg_val a);
void gen_def_in(struct gen *g, tcg_val d, int reg);   /* the result is in this temporary (0..31) */

/* ---- flags of the host ---- */
/* Forgets what EFLAGS hold. The dispatcher does it before each operation but those that keep flags
 * (table in gen.c), so emitters of float and vector operations need not care. */
static inline void gen_clobber_flags(struct gen *g)
{
    g->hf = HF_NONE;
}

/* ---- out of line ---- */
struct gen_cold *gen_cold(struct gen *g, gen_cold_fn *fn, const struct tcg_op *op);

/* Calls fn(struct tcg_vcpu *v, a0, ... a4) with every register (MXCSR too, but for what fn changed
 * in v->host_fpcr) as before. Arguments first; they may be in any register. The result, a uint64_t,
 * comes from gen_soft_ret_*. fn runs under moa's own control word; v->host_fpcr has the guest's.
 * Host flags are lost. */
typedef uint64_t gen_soft_fn(struct tcg_vcpu *v, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3,
                             uint64_t a4);
void gen_soft_arg_gpr(struct gen *g, unsigned i, int reg);
void gen_soft_arg_xmm(struct gen *g, unsigned i, int xmm); /* low 64 bits */
void gen_soft_arg_imm(struct gen *g, unsigned i, uint64_t imm);
void gen_soft_call(struct gen *g, gen_soft_fn *fn);
void gen_soft_ret_gpr(struct gen *g, int reg);
void gen_soft_ret_xmm(struct gen *g, int xmm); /* low 64 bits, upper 0 */
/* v->scratch + off as a memory operand, for vectors that travel by memory. */
struct emit_mem gen_scratch(unsigned off);

/* ---- addresses ---- */
static inline struct emit_mem gen_vcpu_mem(size_t offset) /* field of the vcpu */
{
    return mem_bd(RBP, (int32_t)offset - TCG_VCPU_BIAS);
}
static inline struct emit_mem gen_frame_mem(unsigned offset)
{
    return mem_bd(RSP, (int32_t)offset);
}

/* Widths. */
static inline bool gen_is_xmm(enum tcg_type t)
{
    return t == TCG_I128 || (t >= TCG_F16 && t <= TCG_F80) || t == TCG_V64 || t == TCG_V128;
}
/* Xmm values that need all 16 bytes. */
static inline bool gen_is_wide(enum tcg_type t)
{
    return t == TCG_I128 || t == TCG_F80 || t == TCG_V128;
}
static inline const struct tcg_float_env *gen_env(const struct gen *g, const struct tcg_op *op)
{
    return &g->ir->envs[op->attr];
}

#endif
