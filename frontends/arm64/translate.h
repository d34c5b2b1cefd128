/* SPDX-License-Identifier: MIT */
/* frontends/arm64/translate.h -- what the translators of the chapters (trans_*.c) share.
 *
 * A translator a64_trans_<ROW> writes the IR of one instruction and returns true, or returns false
 * before writing anything: the word is undefined. Rules:
 *  - registers are written after the last operation that may leave (fault), so that the state there
 *    is that of the instruction's start; write-back forms write the base last;
 *  - an instruction that ends the region sets t->ended (a64_goto and friends do);
 *  - values of 32-bit registers are i32; a64_set_w zero-extends. */
#ifndef FRONTENDS_ARM64_TRANSLATE_H
#define FRONTENDS_ARM64_TRANSLATE_H

#include "frontends/arm64/cpu.h"
#include "frontends/arm64/decode_gen.h"
#include "frontends/arm64/key.h"
#include "tcg/builder.h"

enum { A64_EXCL_REACH = 32, A64_MAX_INSNS = 96, A64_MAX_SIDES = 64 };

/* What stands in front of an instruction in its region: nothing noisy since the start, something, or
 * nothing since a load exclusive (trans_ldst_excl.c). */
enum a64_excl { A64_EXCL_START, A64_EXCL_NOISE, A64_EXCL_OPEN };

/* The way out of a region at a taken conditional branch; placed behind the straight path. */
struct a64_side {
    unsigned block;
    uint64_t target;
    uint64_t from; /* address of the branch */
    enum a64_excl excl; /* there */
};

struct a64_tr {
    struct tcg_builder *b;
    struct a64_cpu *cpu;
    const struct fe_cpu_config *cfg;
    uint64_t pc;     /* of this instruction */
    uint64_t key;    /* key.h */
    uint64_t next;   /* pc that the straight path goes on at; pc + 4 unless a branch was followed */
    bool guarded;    /* machines: the page is (BTI) */
    bool clear_btype; /* machines: the first instruction still has to clear BTYPE when it is done */
    bool ended;      /* the current block has its last operation; nothing may follow */
    bool last;       /* the region must not go on behind this instruction */
    uint64_t lo, hi; /* page of the region: branches may be followed within */
    bool followed;   /* a branch was followed already */
    bool unprivileged; /* accesses have the rights of EL0 */
    bool one;        /* one instruction only: nothing may be followed */
    bool sp_written; /* this instruction has made SP something that may not be a multiple of 16 */
    uint64_t start;  /* pc of the region */
    enum a64_excl excl;
    unsigned excl_left;  /* instructions that it still holds for */
    bool excl_from_start; /* a store exclusive has relied on START */
    unsigned nsides;
    struct a64_side sides[A64_MAX_SIDES];
};

static inline bool a64_has(const struct a64_tr *t, enum a64_feature f)
{
    return f == A64_FEAT_BASE || (t->cfg->features >> f & 1);
}

/* ---- registers; 31 is the zero register, in the _sp forms the stack pointer ---- */
static inline tcg_val a64_x(struct a64_tr *t, unsigned r)
{
    return r == 31 ? tcg_imm(t->b, TCG_I64, 0) : tcg_get(t->b, A64_U_X0 + r);
}
static inline tcg_val a64_xsp(struct a64_tr *t, unsigned r)
{
    return tcg_get(t->b, A64_U_X0 + r); /* unit 31 is SP */
}
static inline tcg_val a64_w(struct a64_tr *t, unsigned r)
{
    return tcg_trunc(t->b, a64_x(t, r));
}
static inline tcg_val a64_wsp(struct a64_tr *t, unsigned r)
{
    return tcg_trunc(t->b, a64_xsp(t, r));
}
static inline void a64_set_x(struct a64_tr *t, unsigned r, tcg_val v)
{
    if (r != 31)
        tcg_put(t->b, A64_U_X0 + r, v);
}
static inline void a64_set_xsp(struct a64_tr *t, unsigned r, tcg_val v)
{
    if (r == 31)
        t->sp_written = true;
    tcg_put(t->b, A64_U_X0 + r, v);
}
static inline void a64_set_w(struct a64_tr *t, unsigned r, tcg_val v)
{
    if (r != 31)
        tcg_put(t->b, A64_U_X0 + r, tcg_zext(t->b, v));
}

/* The same with the width as a value: sf 1 is 64 bits. */
static inline enum tcg_type a64_type(unsigned sf)
{
    return sf ? TCG_I64 : TCG_I32;
}
static inline tcg_val a64_r(struct a64_tr *t, unsigned sf, unsigned r)
{
    return sf ? a64_x(t, r) : a64_w(t, r);
}
static inline tcg_val a64_rsp(struct a64_tr *t, unsigned sf, unsigned r)
{
    return sf ? a64_xsp(t, r) : a64_wsp(t, r);
}
static inline void a64_set_r(struct a64_tr *t, unsigned sf, unsigned r, tcg_val v)
{
    if (sf)
        a64_set_x(t, r, v);
    else
        a64_set_w(t, r, v);
}
static inline void a64_set_rsp(struct a64_tr *t, unsigned sf, unsigned r, tcg_val v)
{
    a64_set_xsp(t, r, sf ? v : tcg_zext(t->b, v));
}

/* Vectors: v128 units. d gives the low half with the upper half of the unit ignored; set_d clears
 * the upper half. */
static inline tcg_val a64_q(struct a64_tr *t, unsigned r)
{
    return tcg_get(t->b, A64_U_V0 + r);
}
static inline tcg_val a64_d(struct a64_tr *t, unsigned r)
{
    return tcg_vlow(t->b, TCG_V64, a64_q(t, r));
}
static inline void a64_set_q(struct a64_tr *t, unsigned r, tcg_val v)
{
    tcg_put(t->b, A64_U_V0 + r, v);
}
static inline void a64_set_d(struct a64_tr *t, unsigned r, tcg_val v)
{
    tcg_put(t->b, A64_U_V0 + r, tcg_vzext(t->b, TCG_V128, v));
}

/* ---- flags ---- */
static inline tcg_val a64_flags(struct a64_tr *t)
{
    return tcg_get(t->b, A64_U_NZCV);
}
static inline void a64_set_flags(struct a64_tr *t, tcg_val f)
{
    tcg_put(t->b, A64_U_NZCV, f);
}
/* i32 0 or 1 for a condition code; constant 1 for AL and NV. */
tcg_val a64_cond(struct a64_tr *t, unsigned cond);
/* Record from a constant nzcv of 4 bits. */
tcg_val a64_const_flags(struct a64_tr *t, unsigned nzcv);
tcg_val a64_carry(struct a64_tr *t); /* C as i32 */

/* ---- memory ---- */
/* The base of an access. SP must be a multiple of 16 (SCTLR.SA, SA0): docs/decisions/013. */
tcg_val a64_base(struct a64_tr *t, unsigned r);
/* Write-back: base + offset. */
void a64_add_base(struct a64_tr *t, unsigned r, tcg_val base, int64_t offset);
/* Descriptor of a plain access of 1 << size bytes; sign: extended with the sign to the type. */
struct tcg_mem a64_mem(const struct a64_tr *t, unsigned size, bool sign, enum tcg_intent intent);
/* Address of an access: drops the tag when the key says so. Add displacements first, or pass them
 * here: disp is added before the mask, *disp is what remains for the operation. */
tcg_val a64_addr(struct a64_tr *t, tcg_val base, int64_t offset, int32_t *disp);
/* Around atomic operations of bytes at `at`: the store monitor, if it is on. */
void a64_monitor_lock(struct a64_tr *t, tcg_val at, unsigned bytes);
void a64_monitor_unlock(struct a64_tr *t);
/* Every store of the frontend goes through here (store monitor). */
void a64_store(struct a64_tr *t, const struct tcg_mem *m, tcg_val base, int32_t disp, tcg_val v);

/* Raises an alignment fault at `at` unless it is a multiple of bytes (a power of two). */
void a64_check_align(struct a64_tr *t, tcg_val at, unsigned bytes, bool write);

/* Keeps t->excl right: behind each instruction, and where a region is left for a constant pc. */
void a64_excl_note(struct a64_tr *t, const struct a64_insn *a);
void a64_excl_leave(struct a64_tr *t, enum a64_excl at_branch, uint64_t target);

/* ---- floating point ---- */
/* Environment of an arithmetic operation under the key's FPCR class; half: FZ16 instead of FZ
 * counts. _round: with a rounding of its own. Results are the attr of float operations. */
unsigned a64_fpenv(struct a64_tr *t, bool half);
unsigned a64_fpenv_round(struct a64_tr *t, bool half, enum tcg_round round);

/* ---- control ---- */
bool a64_guarded(const struct a64_tr *t); /* is this instruction in a guarded page? */
/* In front of an operation that ends the block with this instruction done; a64_goto and friends do. */
void a64_step_again(struct a64_tr *t); /* before the instruction begins again at its own pc */
void a64_clear_btype(struct a64_tr *t);
void a64_put_btype(struct a64_tr *t, unsigned btype); /* of an indirect branch */
void a64_goto(struct a64_tr *t, uint64_t target, unsigned hint);   /* polls when not forward */
void a64_goto_reg(struct a64_tr *t, tcg_val target, unsigned hint);
void a64_branch_if(struct a64_tr *t, tcg_val cond, uint64_t target);
/* Leaves with an exception of this instruction. */
void a64_raise(struct a64_tr *t, uint32_t code, tcg_val addr);
void a64_undefined(struct a64_tr *t);
/* Ends the region behind this instruction with an exit that lets the vcpu look around. */
void a64_sync(struct a64_tr *t);

#endif
