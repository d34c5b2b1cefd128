/* SPDX-License-Identifier: MIT */
/* tcg/builder.h -- what frontends call to write IR.
 *
 * The builder folds constants, simplifies, forwards unit values within a block (get after put or get
 * gives the same value) and keeps blocks and edges in order. Every function returns a value that
 * may be a constant or an older value. One thread, one builder. With nofold set nothing is
 * simplified or forwarded (but constants stay constants): the oracle's IR. */
#ifndef TCG_BUILDER_H
#define TCG_BUILDER_H

#include "tcg/ir.h"

struct tcg_builder {
    struct tcg_ir *ir;
    bool nofold;
    bool step;               /* one instruction: indirect branches leave */
    const struct tcg_helper *guest_watch; /* likewise, the guest's own watchpoints, or NULL; cleared by
                                           * start */
    bool watch;              /* each access first asks tcg_watch_helper */
    bool icount;             /* instructions are counted: budget, count */
    uint64_t insn_pc;        /* of the last insn */
    unsigned uncounted;      /* instructions begun on this path and not counted */
    tcg_val *unit_val;       /* current value of each unit in this block, TCG_NONE: in its home */
    uint32_t cur_block;
    bool ended;              /* the current block has its END operation */
    tcg_val *saved;          /* by block: unit values at the branch to it, nunits each */
    bool *has_saved;
    uint8_t *saved_uncounted; /* likewise */
    uint32_t cap_saved;
};

void tcg_builder_init(struct tcg_builder *b, struct tcg_ir *ir, bool nofold);
void tcg_builder_free(struct tcg_builder *b);
/* Starts a region; block 0 is open. */
void tcg_builder_start(struct tcg_builder *b, uint64_t pc, uint64_t key);

/* Closes the last block; the IR is complete. */
void tcg_builder_finish(struct tcg_builder *b);

/* True while there is room for another guest instruction. */
static inline bool tcg_room(const struct tcg_builder *b)
{
    return b->ir->nops < 6000 && b->ir->nconsts < 6000 && b->ir->nmems < 500;
}

/* The general door. Folds; other functions are short names for it. */
tcg_val tcg_emit(struct tcg_builder *b, enum tcg_opcode op, enum tcg_type t, unsigned sub,
                 tcg_val x, tcg_val y, tcg_val z, unsigned attr, uint32_t imm);

/* Constants. */
static inline tcg_val tcg_imm(struct tcg_builder *b, enum tcg_type t, uint64_t v)
{
    return tcg_ir_const(b->ir, t, t == TCG_I32 ? (uint32_t)v : v, 0);
}
static inline tcg_val tcg_vimm(struct tcg_builder *b, enum tcg_type t, uint64_t lo, uint64_t hi)
{
    return tcg_ir_const(b->ir, t, lo, t == TCG_V64 ? 0 : hi);
}

/* Structure. */
void tcg_insn(struct tcg_builder *b, uint64_t pc, unsigned bytes, unsigned restart_word);
tcg_val tcg_get(struct tcg_builder *b, unsigned unit);
void tcg_put(struct tcg_builder *b, unsigned unit, tcg_val v);

/* Blocks. tcg_block_new makes a block to be placed later; tcg_block_at places it (the current one
 * must have ended) and makes it current. npreds must be right at the END operations: tcg_br and
 * tcg_brcond count. Where a block is placed that has one predecessor, unit values are those at the
 * branch; with several, all units are in their homes (the frontend need not care: get works).
 * A loop header must be announced: tcg_block_new(b, true). */
unsigned tcg_block_new(struct tcg_builder *b, bool several_preds);
void tcg_block_at(struct tcg_builder *b, unsigned block);
void tcg_block_cold(struct tcg_builder *b, unsigned block);
tcg_val tcg_param(struct tcg_builder *b, enum tcg_type t); /* directly after tcg_block_at */
void tcg_br(struct tcg_builder *b, unsigned block, const tcg_val *args, unsigned nargs);
void tcg_brcond(struct tcg_builder *b, tcg_val cond, unsigned if_true, unsigned if_false);

/* Leaving. */
void tcg_goto_pc(struct tcg_builder *b, uint64_t pc, unsigned hint, uint64_t ret_pc);
void tcg_goto_ind(struct tcg_builder *b, tcg_val pc, unsigned hint, uint64_t ret_pc);
/* reason: enum tcg_exit_reason; code: see there. */
void tcg_exit(struct tcg_builder *b, unsigned reason, tcg_val pc, uint32_t code, tcg_val addr);

/* Helper call; ret type as declared (TCG_NONE for void and LEAVE helpers). */
tcg_val tcg_call(struct tcg_builder *b, const struct tcg_helper *h, const tcg_val *args);

/* Memory: address base + (index << shift) + disp; the builder folds additions into it. */
tcg_val tcg_load(struct tcg_builder *b, enum tcg_type t, const struct tcg_mem *m, tcg_val base,
                 int32_t disp);
void tcg_store(struct tcg_builder *b, const struct tcg_mem *m, tcg_val base, int32_t disp,
               tcg_val v);
void tcg_probe(struct tcg_builder *b, const struct tcg_mem *m, tcg_val base, int32_t disp);
tcg_val tcg_rmw(struct tcg_builder *b, enum tcg_type t, const struct tcg_mem *m, enum tcg_rmw op,
                tcg_val addr, tcg_val v);
tcg_val tcg_cmpxchg(struct tcg_builder *b, enum tcg_type t, const struct tcg_mem *m, tcg_val addr,
                    tcg_val expect, tcg_val want);
static inline void tcg_fence(struct tcg_builder *b, enum tcg_fence f)
{
    tcg_emit(b, TCG_OP_fence, TCG_VOID, f, 0, 0, 0, 0, 0);
}

/* One short name for each operation: binary, unary and others by shape. */
#define TCG_B1(name)                                                                              \
    static inline tcg_val tcg_##name(struct tcg_builder *b, enum tcg_type t, tcg_val x)           \
    {                                                                                             \
        return tcg_emit(b, TCG_OP_##name, t, 0, x, 0, 0, 0, 0);                                   \
    }
#define TCG_B2(name)                                                                              \
    static inline tcg_val tcg_##name(struct tcg_builder *b, enum tcg_type t, tcg_val x, tcg_val y)\
    {                                                                                             \
        return tcg_emit(b, TCG_OP_##name, t, 0, x, y, 0, 0, 0);                                   \
    }
TCG_B2(add) TCG_B2(sub) TCG_B2(mul) TCG_B2(mulhu) TCG_B2(mulhs) TCG_B2(divu) TCG_B2(divs)
TCG_B2(remu) TCG_B2(rems) TCG_B2(and) TCG_B2(or) TCG_B2(xor) TCG_B2(andn) TCG_B2(orn)
TCG_B2(shl) TCG_B2(shr) TCG_B2(sar) TCG_B2(rotr) TCG_B2(pdep) TCG_B2(pext)
TCG_B1(neg) TCG_B1(not) TCG_B1(clz) TCG_B1(ctz) TCG_B1(popcnt) TCG_B1(bitrev)
TCG_B1(fneg) TCG_B1(fabs) TCG_B1(fraw) TCG_B1(vtof)
TCG_B2(vand) TCG_B2(vor) TCG_B2(vxor) TCG_B2(vandn) TCG_B2(vorn) TCG_B1(vnot)
TCG_B1(vlow) TCG_B1(vhigh) TCG_B2(vjoin) TCG_B1(vzext) TCG_B1(vfromf)
#undef TCG_B1
#undef TCG_B2

static inline tcg_val tcg_addc(struct tcg_builder *b, enum tcg_type t, tcg_val x, tcg_val y,
                               tcg_val carry)
{
    return tcg_emit(b, TCG_OP_addc, t, 0, x, y, carry, 0, 0);
}
static inline tcg_val tcg_shli(struct tcg_builder *b, enum tcg_type t, tcg_val x, unsigned n)
{
    return tcg_shl(b, t, x, tcg_imm(b, t, n));
}
static inline tcg_val tcg_shri(struct tcg_builder *b, enum tcg_type t, tcg_val x, unsigned n)
{
    return tcg_shr(b, t, x, tcg_imm(b, t, n));
}
static inline tcg_val tcg_sari(struct tcg_builder *b, enum tcg_type t, tcg_val x, unsigned n)
{
    return tcg_sar(b, t, x, tcg_imm(b, t, n));
}
static inline tcg_val tcg_extr(struct tcg_builder *b, enum tcg_type t, tcg_val hi, tcg_val lo,
                               unsigned n)
{
    return tcg_emit(b, TCG_OP_extr, t, 0, hi, lo, 0, 0, n);
}
static inline tcg_val tcg_extract(struct tcg_builder *b, enum tcg_type t, tcg_val x, unsigned pos,
                                  unsigned len)
{
    return tcg_emit(b, TCG_OP_extract, t, 0, x, 0, 0, 0, pos | len << 8);
}
static inline tcg_val tcg_sextract(struct tcg_builder *b, enum tcg_type t, tcg_val x, unsigned pos,
                                   unsigned len)
{
    return tcg_emit(b, TCG_OP_sextract, t, 0, x, 0, 0, 0, pos | len << 8);
}
static inline tcg_val tcg_deposit(struct tcg_builder *b, enum tcg_type t, tcg_val into, tcg_val f,
                                  unsigned pos, unsigned len)
{
    return tcg_emit(b, TCG_OP_deposit, t, 0, into, f, 0, 0, pos | len << 8);
}
static inline tcg_val tcg_bswap(struct tcg_builder *b, enum tcg_type t, tcg_val x, unsigned log2)
{
    return tcg_emit(b, TCG_OP_bswap, t, log2, x, 0, 0, 0, 0);
}
static inline tcg_val tcg_crc32(struct tcg_builder *b, tcg_val crc, tcg_val data, unsigned sub)
{
    return tcg_emit(b, TCG_OP_crc32, TCG_I32, sub, crc, data, 0, 0, 0);
}
static inline tcg_val tcg_zext(struct tcg_builder *b, tcg_val x)
{
    return tcg_emit(b, TCG_OP_zext, TCG_I64, 0, x, 0, 0, 0, 0);
}
static inline tcg_val tcg_sext(struct tcg_builder *b, tcg_val x)
{
    return tcg_emit(b, TCG_OP_sext, TCG_I64, 0, x, 0, 0, 0, 0);
}
static inline tcg_val tcg_trunc(struct tcg_builder *b, tcg_val x)
{
    return tcg_emit(b, TCG_OP_trunc, TCG_I32, 0, x, 0, 0, 0, 0);
}
static inline tcg_val tcg_pair(struct tcg_builder *b, tcg_val lo, tcg_val hi)
{
    return tcg_emit(b, TCG_OP_pair, TCG_I128, 0, lo, hi, 0, 0, 0);
}
static inline tcg_val tcg_lo(struct tcg_builder *b, tcg_val q)
{
    return tcg_emit(b, TCG_OP_lo, TCG_I64, 0, q, 0, 0, 0, 0);
}
static inline tcg_val tcg_hi(struct tcg_builder *b, tcg_val q)
{
    return tcg_emit(b, TCG_OP_hi, TCG_I64, 0, q, 0, 0, 0, 0);
}
static inline tcg_val tcg_setcc(struct tcg_builder *b, enum tcg_cond c, tcg_val x, tcg_val y)
{
    return tcg_emit(b, TCG_OP_setcc, TCG_I32, c, x, y, 0, 0, 0);
}
static inline tcg_val tcg_select(struct tcg_builder *b, enum tcg_type t, tcg_val c, tcg_val if_true,
                                 tcg_val if_false)
{
    return tcg_emit(b, TCG_OP_select, t, 0, c, if_true, if_false, 0, 0);
}

/* Flags producers: op is TCG_OP_addf and so on. width: 0..3. */
static inline tcg_val tcg_flags(struct tcg_builder *b, enum tcg_opcode op, unsigned width,
                                unsigned attr, tcg_val x, tcg_val y, tcg_val z)
{
    return tcg_emit(b, op, TCG_FLAGS, width, x, y, z, attr, 0);
}
static inline tcg_val tcg_fcond(struct tcg_builder *b, enum tcg_fcond c, tcg_val flags)
{
    return tcg_emit(b, TCG_OP_fcond, TCG_I32, c, flags, 0, 0, 0, 0);
}
static inline tcg_val tcg_fpack(struct tcg_builder *b, tcg_val flags)
{
    return tcg_emit(b, TCG_OP_fpack, TCG_I32, 0, flags, 0, 0, 0, 0);
}
static inline tcg_val tcg_funpack(struct tcg_builder *b, tcg_val packed)
{
    return tcg_emit(b, TCG_OP_funpack, TCG_FLAGS, 0, packed, 0, 0, 0, 0);
}
static inline tcg_val tcg_fsel(struct tcg_builder *b, tcg_val c, tcg_val f, tcg_val g)
{
    return tcg_emit(b, TCG_OP_fsel, TCG_FLAGS, 0, c, f, g, 0, 0);
}

/* Float; env: from tcg_ir_env. */
static inline tcg_val tcg_fop2(struct tcg_builder *b, enum tcg_type t, enum tcg_float_op2 op,
                               unsigned env, tcg_val x, tcg_val y)
{
    return tcg_emit(b, TCG_OP_fop2, t, op, x, y, 0, env, 0);
}
static inline tcg_val tcg_fop1(struct tcg_builder *b, enum tcg_type t, enum tcg_float_op1 op,
                               unsigned env, tcg_val x)
{
    return tcg_emit(b, TCG_OP_fop1, t, op, x, 0, 0, env, 0);
}
static inline tcg_val tcg_fbits(struct tcg_builder *b, enum tcg_type t, tcg_val x)
{
    return tcg_emit(b, TCG_OP_fbits, t, 0, x, 0, 0, 0, 0);
}

/* Vectors: op is TCG_OP_vadd and so on. */
static inline tcg_val tcg_v1(struct tcg_builder *b, enum tcg_opcode op, enum tcg_type t,
                             enum tcg_lane lane, tcg_val x, uint32_t imm)
{
    return tcg_emit(b, op, t, lane, x, 0, 0, 0, imm);
}
static inline tcg_val tcg_v2(struct tcg_builder *b, enum tcg_opcode op, enum tcg_type t,
                             enum tcg_lane lane, tcg_val x, tcg_val y, uint32_t imm)
{
    return tcg_emit(b, op, t, lane, x, y, 0, 0, imm);
}
static inline tcg_val tcg_v3(struct tcg_builder *b, enum tcg_opcode op, enum tcg_type t,
                             enum tcg_lane lane, tcg_val x, tcg_val y, tcg_val z, uint32_t imm)
{
    return tcg_emit(b, op, t, lane, x, y, z, 0, imm);
}
/* Float lanes, with an environment. */
static inline tcg_val tcg_vf(struct tcg_builder *b, enum tcg_opcode op, enum tcg_type t,
                             enum tcg_lane lane, unsigned env, tcg_val x, tcg_val y, tcg_val z,
                             uint32_t imm)
{
    return tcg_emit(b, op, t, lane, x, y, z, env, imm);
}

#endif
