/* SPDX-License-Identifier: MIT */
/* backends/x86_64/emit.h -- encodes x86-64 instructions into a buffer: legacy and VEX forms,
 * general and vector registers, labels with 32-bit displacements, a pool of constants.
 *
 * An instruction is named by an opcode word OPC(prefix, map, byte); the same word serves the legacy
 * and the VEX form. Registers are numbers 0..15 of their class. Nothing here checks that an
 * instruction exists. Room is the caller's business: emit_room() says how many bytes are left.
 *
 * Code is written through the writable alias of code memory; addresses that end up in code are
 * those of the executable alias (rx). One thread at a time. */
#ifndef BACKENDS_X86_64_EMIT_H
#define BACKENDS_X86_64_EMIT_H

#include "base/base.h"

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };

/* Condition codes as in jcc, setcc, cmovcc; bit 0 negates. */
enum { CC_O, CC_NO, CC_B, CC_AE, CC_E, CC_NE, CC_BE, CC_A, CC_S, CC_NS, CC_P, CC_NP, CC_L, CC_GE,
       CC_LE, CC_G };

/* Mandatory prefix and opcode map; numbers are those of the VEX fields pp and mmmmm. */
enum { P_NONE, P_66, P_F3, P_F2 };
enum { M_1, M_0F, M_0F38, M_0F3A };
#define OPC(pp, map, byte) ((uint32_t)((byte) | (map) << 8 | (pp) << 12))
#define OPC_BYTE_REG 0x10000u /* 8-bit register operand: spl..dil need an empty REX */
#define OPC_LOCK 0x20000u     /* F0 prefix */

#define EMIT_NOREG (-1)
#define EMIT_RIP (-2) /* base: the address is that of `label` plus disp */

struct emit_mem {
    int8_t base, index;  /* register, EMIT_NOREG; base also EMIT_RIP */
    uint8_t scale;       /* log2 */
    bool gs;
    int32_t disp;
    uint32_t label;
};

struct emit_fix {
    uint32_t pos;    /* of the 32-bit field */
    uint32_t label;
    int32_t add;     /* field = label's position - pos + add */
};

struct emit_lit {    /* constant of the pool */
    uint64_t lo, hi;
    uint32_t label;
    uint8_t bytes;   /* 8 or 16 */
};

struct emit {
    uint8_t *p;        /* next byte */
    uint8_t *base;     /* first byte of this piece of code */
    uint8_t *limit;
    const uint8_t *rx; /* executable address of base */
    int32_t *labels;   /* position, -1: not placed yet */
    uint32_t nlabels, cap_labels;
    struct emit_fix *fixes;
    uint32_t nfixes, cap_fixes;
    struct emit_lit *lits;
    uint32_t nlits, cap_lits;
};

void emit_init(struct emit *e);
void emit_free(struct emit *e);
/* Starts a piece of code at base (writable), which runs at rx. */
void emit_start(struct emit *e, uint8_t *base, uint8_t *limit, const uint8_t *rx);
/* Writes the pool behind the code, then all displacements. */
void emit_finish(struct emit *e);

static inline uint32_t emit_pos(const struct emit *e)
{
    return (uint32_t)(e->p - e->base);
}
static inline size_t emit_room(const struct emit *e)
{
    return (size_t)(e->limit - e->p);
}

/* Labels. */
uint32_t emit_label(struct emit *e);            /* a new one */
void emit_place(struct emit *e, uint32_t label); /* it is here */

/* Raw bytes. */
static inline void emit_u8(struct emit *e, unsigned v)
{
    *e->p++ = (uint8_t)v;
}
void emit_u32(struct emit *e, uint32_t v);
void emit_u64(struct emit *e, uint64_t v);
void emit_nops(struct emit *e, unsigned n);

/* Memory operands. */
static inline struct emit_mem mem_bd(int base, int32_t disp)
{
    return (struct emit_mem){ .base = (int8_t)base, .index = EMIT_NOREG, .disp = disp };
}
static inline struct emit_mem mem_bi(int base, int index, unsigned scale, int32_t disp)
{
    return (struct emit_mem){ .base = (int8_t)base, .index = (int8_t)index,
                              .scale = (uint8_t)scale, .disp = disp };
}
static inline struct emit_mem mem_label(uint32_t label)
{
    return (struct emit_mem){ .base = EMIT_RIP, .index = EMIT_NOREG, .label = label };
}
/* A constant of the pool: 8 or 16 bytes, aligned to their size; equal ones are shared. */
struct emit_mem emit_lit64(struct emit *e, uint64_t v);
struct emit_mem emit_lit128(struct emit *e, uint64_t lo, uint64_t hi);

/* Legacy encodings. w: 1 for REX.W. reg is the ModRM.reg operand (or opcode extension /n), rm the
 * other one. imm_bytes: how many immediate bytes the caller appends afterwards (matters for
 * rip-relative operands only). */
void emit_rr(struct emit *e, uint32_t opc, unsigned w, unsigned reg, unsigned rm);
void emit_rm(struct emit *e, uint32_t opc, unsigned w, unsigned reg, const struct emit_mem *m,
             unsigned imm_bytes);
static inline void emit_rr_i8(struct emit *e, uint32_t opc, unsigned w, unsigned reg, unsigned rm,
                              unsigned imm)
{
    emit_rr(e, opc, w, reg, rm);
    emit_u8(e, imm);
}
static inline void emit_rm_i8(struct emit *e, uint32_t opc, unsigned w, unsigned reg,
                              const struct emit_mem *m, unsigned imm)
{
    emit_rm(e, opc, w, reg, m, 1);
    emit_u8(e, imm);
}

/* VEX encodings. l: 1 for 256 bits. v: the vvvv operand, 0 when the instruction has none. */
void emit_vex_rr(struct emit *e, uint32_t opc, unsigned w, unsigned l, unsigned reg, unsigned v,
                 unsigned rm);
void emit_vex_rm(struct emit *e, uint32_t opc, unsigned w, unsigned l, unsigned reg, unsigned v,
                 const struct emit_mem *m, unsigned imm_bytes);
static inline void emit_vex_rr_i8(struct emit *e, uint32_t opc, unsigned w, unsigned l,
                                  unsigned reg, unsigned v, unsigned rm, unsigned imm)
{
    emit_vex_rr(e, opc, w, l, reg, v, rm);
    emit_u8(e, imm);
}

/* ---- general registers; w: 0 is 32 bits (upper half of the result zero), 1 is 64 bits ---- */
enum { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP };
enum { SH_ROL, SH_ROR, SH_RCL, SH_RCR, SH_SHL, SH_SHR, SH_SAL, SH_SAR };

void emit_alu_rr(struct emit *e, unsigned alu, unsigned w, unsigned d, unsigned s);
void emit_alu_ri(struct emit *e, unsigned alu, unsigned w, unsigned d, int32_t imm);
void emit_alu_rm(struct emit *e, unsigned alu, unsigned w, unsigned d, const struct emit_mem *m);
void emit_alu_mr(struct emit *e, unsigned alu, unsigned w, const struct emit_mem *m, unsigned s);
void emit_alu_mi(struct emit *e, unsigned alu, unsigned w, const struct emit_mem *m, int32_t imm);
void emit_test_rr(struct emit *e, unsigned w, unsigned a, unsigned b);
void emit_test_ri(struct emit *e, unsigned w, unsigned a, int32_t imm);
void emit_test_mi(struct emit *e, unsigned w, const struct emit_mem *m, int32_t imm);
void emit_mov_rr(struct emit *e, unsigned w, unsigned d, unsigned s);
/* Shortest form that leaves the flags alone. */
void emit_mov_ri(struct emit *e, unsigned d, uint64_t imm);
void emit_mov_rm(struct emit *e, unsigned w, unsigned d, const struct emit_mem *m);
void emit_mov_mr(struct emit *e, unsigned w, const struct emit_mem *m, unsigned s);
void emit_mov_mi(struct emit *e, unsigned w, const struct emit_mem *m, int32_t imm);
void emit_lea(struct emit *e, unsigned w, unsigned d, const struct emit_mem *m);
void emit_shift_ri(struct emit *e, unsigned sh, unsigned w, unsigned d, unsigned n);
void emit_shift_cl(struct emit *e, unsigned sh, unsigned w, unsigned d);
/* Group F6/F7: 2 not, 3 neg, 4 mul, 5 imul, 6 div, 7 idiv. */
void emit_f7(struct emit *e, unsigned n, unsigned w, unsigned r);
void emit_setcc(struct emit *e, unsigned cc, unsigned d); /* 8 bits */
void emit_cmov(struct emit *e, unsigned cc, unsigned w, unsigned d, unsigned s);
void emit_movzx8(struct emit *e, unsigned d, unsigned s);
void emit_movzx16(struct emit *e, unsigned d, unsigned s);

/* ---- jumps ---- */
void emit_jmp(struct emit *e, uint32_t label);
void emit_jcc(struct emit *e, unsigned cc, uint32_t label);
void emit_call(struct emit *e, uint32_t label);
void emit_jmp_abs(struct emit *e, const void *target);  /* within 2 GiB */
void emit_jcc_abs(struct emit *e, unsigned cc, const void *target);
void emit_call_abs(struct emit *e, const void *target);
/* Forward jump over at most 127 bytes: returns a mark for emit_here8. */
uint8_t *emit_jcc8(struct emit *e, unsigned cc);
uint8_t *emit_jmp8(struct emit *e);
void emit_here8(struct emit *e, uint8_t *mark);
/* Backward jump to a position that is near. */
void emit_jcc_back(struct emit *e, unsigned cc, uint32_t pos);

/* ---- vector registers: moves only, legacy encodings; leave the flags alone ---- */
void emit_movaps_rr(struct emit *e, unsigned d, unsigned s);
void emit_movups_rm(struct emit *e, unsigned d, const struct emit_mem *m);
void emit_movups_mr(struct emit *e, const struct emit_mem *m, unsigned s);
void emit_movq_xm(struct emit *e, unsigned d, const struct emit_mem *m); /* upper half 0 */
void emit_movq_mx(struct emit *e, const struct emit_mem *m, unsigned s);
void emit_movd_xm(struct emit *e, unsigned d, const struct emit_mem *m); /* upper bits 0 */
void emit_movd_mx(struct emit *e, const struct emit_mem *m, unsigned s);
void emit_mov_xr(struct emit *e, unsigned w, unsigned x, unsigned r); /* movd/movq xmm, r */
void emit_mov_rx(struct emit *e, unsigned w, unsigned r, unsigned x); /* movd/movq r, xmm */

#endif
