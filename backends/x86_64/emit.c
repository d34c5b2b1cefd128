// SPDX-License-Identifier: MIT
/* backends/x86_64/emit.c -- the encoder: Intel SDM volume 2, chapter 2 (prefixes, ModRM, SIB, VEX).
 * Not modelled: EVEX, 16-bit addressing, far jumps, moffs forms. */
#include "backends/x86_64/emit.h"

#include <stdlib.h>
#include <string.h>

static void *grow(void *p, uint32_t *cap, uint32_t first, size_t size)
{
    *cap = *cap ? *cap * 2 : first;
    p = realloc(p, *cap * size);
    if (!p)
        MOA_BUG("out of memory in the code generator");
    return p;
}

void emit_init(struct emit *e)
{
    memset(e, 0, sizeof(*e));
}

void emit_free(struct emit *e)
{
    free(e->labels);
    free(e->fixes);
    free(e->lits);
    memset(e, 0, sizeof(*e));
}

void emit_start(struct emit *e, uint8_t *base, uint8_t *limit, const uint8_t *rx)
{
    e->p = e->base = base;
    e->limit = limit;
    e->rx = rx;
    e->nlabels = e->nfixes = e->nlits = 0;
}

uint32_t emit_label(struct emit *e)
{
    if (e->nlabels == e->cap_labels)
        e->labels = grow(e->labels, &e->cap_labels, 256, sizeof(*e->labels));
    e->labels[e->nlabels] = -1;
    return e->nlabels++;
}

void emit_place(struct emit *e, uint32_t label)
{
    e->labels[label] = (int32_t)emit_pos(e);
}

static void add_fix(struct emit *e, uint32_t label, int32_t add)
{
    if (e->nfixes == e->cap_fixes)
        e->fixes = grow(e->fixes, &e->cap_fixes, 256, sizeof(*e->fixes));
    e->fixes[e->nfixes++] = (struct emit_fix){ .pos = emit_pos(e), .label = label, .add = add };
}

static struct emit_mem literal(struct emit *e, uint64_t lo, uint64_t hi, uint8_t bytes)
{
    for (uint32_t i = 0; i < e->nlits; i++)
        if (e->lits[i].lo == lo && e->lits[i].hi == hi && e->lits[i].bytes == bytes)
            return mem_label(e->lits[i].label);
    if (e->nlits == e->cap_lits)
        e->lits = grow(e->lits, &e->cap_lits, 64, sizeof(*e->lits));
    e->lits[e->nlits] = (struct emit_lit){ lo, hi, emit_label(e), bytes };
    return mem_label(e->lits[e->nlits++].label);
}

struct emit_mem emit_lit64(struct emit *e, uint64_t v)
{
    return literal(e, v, 0, 8);
}

struct emit_mem emit_lit128(struct emit *e, uint64_t lo, uint64_t hi)
{
    return literal(e, lo, hi, 16);
}

void emit_finish(struct emit *e)
{
    for (unsigned bytes = 16; bytes >= 8; bytes -= 8) {
        for (uint32_t i = 0; i < e->nlits; i++) {
            if (e->lits[i].bytes != bytes)
                continue;
            while (emit_pos(e) & (bytes - 1))
                emit_u8(e, 0xcc);
            emit_place(e, e->lits[i].label);
            emit_u64(e, e->lits[i].lo);
            if (bytes == 16)
                emit_u64(e, e->lits[i].hi);
        }
    }
    for (uint32_t i = 0; i < e->nfixes; i++) {
        const struct emit_fix *f = &e->fixes[i];
        int32_t v = e->labels[f->label] - (int32_t)f->pos + f->add;

        if (e->labels[f->label] < 0)
            MOA_BUG("label %u was never placed", f->label);
        memcpy(e->base + f->pos, &v, 4);
    }
}

void emit_u32(struct emit *e, uint32_t v)
{
    memcpy(e->p, &v, 4);
    e->p += 4;
}

void emit_u64(struct emit *e, uint64_t v)
{
    memcpy(e->p, &v, 8);
    e->p += 8;
}

void emit_nops(struct emit *e, unsigned n)
{
    static const uint8_t nops[8][8] = {
        { 0x90 },
        { 0x66, 0x90 },
        { 0x0f, 0x1f, 0x00 },
        { 0x0f, 0x1f, 0x40, 0x00 },
        { 0x0f, 0x1f, 0x44, 0x00, 0x00 },
        { 0x66, 0x0f, 0x1f, 0x44, 0x00, 0x00 },
        { 0x0f, 0x1f, 0x80, 0x00, 0x00, 0x00, 0x00 },
        { 0x0f, 0x1f, 0x84, 0x00, 0x00, 0x00, 0x00, 0x00 },
    };

    while (n) {
        unsigned k = n < 8 ? n : 8;

        memcpy(e->p, nops[k - 1], k);
        e->p += k;
        n -= k;
    }
}

/* ---- general forms ---- */

/* Prefixes and opcode bytes; r x b are the extended bits of reg, index and rm or base. */
static void opcode(struct emit *e, uint32_t opc, unsigned w, unsigned reg, unsigned index,
                   unsigned rm, bool rm_is_reg)
{
    static const uint8_t prefix[4] = { 0, 0x66, 0xf3, 0xf2 };
    unsigned pp = opc >> 12 & 3, map = opc >> 8 & 3;
    unsigned rex = w << 3 | (reg >> 3 & 1) << 2 | (index >> 3 & 1) << 1 | (rm >> 3 & 1);

    if (opc & OPC_LOCK)
        emit_u8(e, 0xf0);
    if (pp)
        emit_u8(e, prefix[pp]);
    if (rex || ((opc & OPC_BYTE_REG) && ((reg >= 4) | (rm_is_reg && rm >= 4))))
        emit_u8(e, 0x40 | rex);
    if (map) {
        emit_u8(e, 0x0f);
        if (map == M_0F38)
            emit_u8(e, 0x38);
        else if (map == M_0F3A)
            emit_u8(e, 0x3a);
    }
    emit_u8(e, opc);
}

static void modrm_mem(struct emit *e, unsigned reg, const struct emit_mem *m, unsigned imm_bytes)
{
    unsigned r = (reg & 7) << 3;
    int base = m->base;
    unsigned mod;

    if (base == EMIT_RIP) {
        emit_u8(e, r | 5);
        add_fix(e, m->label, m->disp - 4 - (int32_t)imm_bytes);
        emit_u32(e, 0);
        return;
    }
    if (base == EMIT_NOREG) { /* SIB without base: 32-bit displacement */
        emit_u8(e, r | 4);
        emit_u8(e, (unsigned)m->scale << 6 | (m->index == EMIT_NOREG ? 4 : m->index & 7) << 3 | 5);
        emit_u32(e, (uint32_t)m->disp);
        return;
    }
    if (m->disp == 0 && (base & 7) != RBP)
        mod = 0;
    else if (m->disp >= -128 && m->disp <= 127)
        mod = 1;
    else
        mod = 2;
    if (m->index == EMIT_NOREG && (base & 7) != RSP) {
        emit_u8(e, mod << 6 | r | (base & 7));
    } else {
        emit_u8(e, mod << 6 | r | 4);
        emit_u8(e, (unsigned)m->scale << 6 | (m->index == EMIT_NOREG ? 4 : m->index & 7) << 3 |
                       (base & 7));
    }
    if (mod == 1)
        emit_u8(e, (uint8_t)m->disp);
    else if (mod == 2)
        emit_u32(e, (uint32_t)m->disp);
}

static unsigned high_base(const struct emit_mem *m)
{
    return m->base < 0 ? 0 : (unsigned)m->base;
}

static unsigned high_index(const struct emit_mem *m)
{
    return m->index < 0 ? 0 : (unsigned)m->index;
}

void emit_rr(struct emit *e, uint32_t opc, unsigned w, unsigned reg, unsigned rm)
{
    opcode(e, opc, w, reg, 0, rm, true);
    emit_u8(e, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

void emit_rm(struct emit *e, uint32_t opc, unsigned w, unsigned reg, const struct emit_mem *m,
             unsigned imm_bytes)
{
    if (m->gs)
        emit_u8(e, 0x65);
    opcode(e, opc, w, reg, high_index(m), high_base(m), false);
    modrm_mem(e, reg, m, imm_bytes);
}

static void vex(struct emit *e, uint32_t opc, unsigned w, unsigned l, unsigned reg, unsigned v,
                unsigned index, unsigned rm)
{
    unsigned pp = opc >> 12 & 3, map = opc >> 8 & 3;
    unsigned tail = (~v & 15) << 3 | l << 2 | pp;

    if (map == M_0F && !w && !(index >> 3) && !(rm >> 3)) {
        emit_u8(e, 0xc5);
        emit_u8(e, (reg >> 3 ? 0 : 0x80) | tail);
    } else {
        emit_u8(e, 0xc4);
        emit_u8(e, (reg >> 3 ? 0 : 0x80) | (index >> 3 ? 0 : 0x40) | (rm >> 3 ? 0 : 0x20) | map);
        emit_u8(e, w << 7 | tail);
    }
    emit_u8(e, opc);
}

void emit_vex_rr(struct emit *e, uint32_t opc, unsigned w, unsigned l, unsigned reg, unsigned v,
                 unsigned rm)
{
    vex(e, opc, w, l, reg, v, 0, rm);
    emit_u8(e, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

void emit_vex_rm(struct emit *e, uint32_t opc, unsigned w, unsigned l, unsigned reg, unsigned v,
                 const struct emit_mem *m, unsigned imm_bytes)
{
    if (m->gs)
        emit_u8(e, 0x65);
    vex(e, opc, w, l, reg, v, high_index(m), high_base(m));
    modrm_mem(e, reg, m, imm_bytes);
}

/* ---- general registers ---- */

static bool fits8(int32_t v)
{
    return v >= -128 && v <= 127;
}

void emit_alu_rr(struct emit *e, unsigned alu, unsigned w, unsigned d, unsigned s)
{
    emit_rr(e, OPC(0, M_1, alu << 3 | 3), w, d, s);
}

void emit_alu_ri(struct emit *e, unsigned alu, unsigned w, unsigned d, int32_t imm)
{
    if (fits8(imm)) {
        emit_rr(e, OPC(0, M_1, 0x83), w, alu, d);
        emit_u8(e, (uint8_t)imm);
    } else {
        emit_rr(e, OPC(0, M_1, 0x81), w, alu, d);
        emit_u32(e, (uint32_t)imm);
    }
}

void emit_alu_rm(struct emit *e, unsigned alu, unsigned w, unsigned d, const struct emit_mem *m)
{
    emit_rm(e, OPC(0, M_1, alu << 3 | 3), w, d, m, 0);
}

void emit_alu_mr(struct emit *e, unsigned alu, unsigned w, const struct emit_mem *m, unsigned s)
{
    emit_rm(e, OPC(0, M_1, alu << 3 | 1), w, s, m, 0);
}

void emit_alu_mi(struct emit *e, unsigned alu, unsigned w, const struct emit_mem *m, int32_t imm)
{
    if (fits8(imm)) {
        emit_rm(e, OPC(0, M_1, 0x83), w, alu, m, 1);
        emit_u8(e, (uint8_t)imm);
    } else {
        emit_rm(e, OPC(0, M_1, 0x81), w, alu, m, 4);
        emit_u32(e, (uint32_t)imm);
    }
}

void emit_test_rr(struct emit *e, unsigned w, unsigned a, unsigned b)
{
    emit_rr(e, OPC(0, M_1, 0x85), w, b, a);
}

void emit_test_ri(struct emit *e, unsigned w, unsigned a, int32_t imm)
{
    if (imm >= 0 && imm < 128) { /* the sign bit of the byte is 0 as in the wide result */
        emit_rr(e, OPC(0, M_1, 0xf6) | OPC_BYTE_REG, 0, 0, a);
        emit_u8(e, (uint8_t)imm);
        return;
    }
    emit_rr(e, OPC(0, M_1, 0xf7), imm >= 0 ? 0 : w, 0, a);
    emit_u32(e, (uint32_t)imm);
}

void emit_test_mi(struct emit *e, unsigned w, const struct emit_mem *m, int32_t imm)
{
    emit_rm(e, OPC(0, M_1, 0xf7), w, 0, m, 4);
    emit_u32(e, (uint32_t)imm);
}

void emit_mov_rr(struct emit *e, unsigned w, unsigned d, unsigned s)
{
    emit_rr(e, OPC(0, M_1, 0x8b), w, d, s);
}

void emit_mov_ri(struct emit *e, unsigned d, uint64_t imm)
{
    if (imm <= 0xffffffffu) {
        if (d >> 3)
            emit_u8(e, 0x41);
        emit_u8(e, 0xb8 | (d & 7));
        emit_u32(e, (uint32_t)imm);
    } else if ((int64_t)imm == (int32_t)imm) {
        emit_rr(e, OPC(0, M_1, 0xc7), 1, 0, d);
        emit_u32(e, (uint32_t)imm);
    } else {
        emit_u8(e, 0x48 | d >> 3);
        emit_u8(e, 0xb8 | (d & 7));
        emit_u64(e, imm);
    }
}

void emit_mov_rm(struct emit *e, unsigned w, unsigned d, const struct emit_mem *m)
{
    emit_rm(e, OPC(0, M_1, 0x8b), w, d, m, 0);
}

void emit_mov_mr(struct emit *e, unsigned w, const struct emit_mem *m, unsigned s)
{
    emit_rm(e, OPC(0, M_1, 0x89), w, s, m, 0);
}

void emit_mov_mi(struct emit *e, unsigned w, const struct emit_mem *m, int32_t imm)
{
    emit_rm(e, OPC(0, M_1, 0xc7), w, 0, m, 4);
    emit_u32(e, (uint32_t)imm);
}

void emit_lea(struct emit *e, unsigned w, unsigned d, const struct emit_mem *m)
{
    emit_rm(e, OPC(0, M_1, 0x8d), w, d, m, 0);
}

void emit_shift_ri(struct emit *e, unsigned sh, unsigned w, unsigned d, unsigned n)
{
    if (n == 1) {
        emit_rr(e, OPC(0, M_1, 0xd1), w, sh, d);
    } else {
        emit_rr(e, OPC(0, M_1, 0xc1), w, sh, d);
        emit_u8(e, n);
    }
}

void emit_shift_cl(struct emit *e, unsigned sh, unsigned w, unsigned d)
{
    emit_rr(e, OPC(0, M_1, 0xd3), w, sh, d);
}

void emit_f7(struct emit *e, unsigned n, unsigned w, unsigned r)
{
    emit_rr(e, OPC(0, M_1, 0xf7), w, n, r);
}

void emit_setcc(struct emit *e, unsigned cc, unsigned d)
{
    emit_rr(e, OPC(0, M_0F, 0x90 | cc) | OPC_BYTE_REG, 0, 0, d);
}

void emit_cmov(struct emit *e, unsigned cc, unsigned w, unsigned d, unsigned s)
{
    emit_rr(e, OPC(0, M_0F, 0x40 | cc), w, d, s);
}

void emit_movzx8(struct emit *e, unsigned d, unsigned s)
{
    /* reg is not a byte register here: only rm needs the REX */
    uint32_t opc = OPC(0, M_0F, 0xb6);

    emit_rr(e, s >= 4 ? opc | OPC_BYTE_REG : opc, 0, d, s);
}

void emit_movzx16(struct emit *e, unsigned d, unsigned s)
{
    emit_rr(e, OPC(0, M_0F, 0xb7), 0, d, s);
}

/* ---- jumps ---- */

static void rel32(struct emit *e, uint32_t label)
{
    add_fix(e, label, -4);
    emit_u32(e, 0);
}

void emit_jmp(struct emit *e, uint32_t label)
{
    emit_u8(e, 0xe9);
    rel32(e, label);
}

void emit_jcc(struct emit *e, unsigned cc, uint32_t label)
{
    emit_u8(e, 0x0f);
    emit_u8(e, 0x80 | cc);
    rel32(e, label);
}

void emit_call(struct emit *e, uint32_t label)
{
    emit_u8(e, 0xe8);
    rel32(e, label);
}

static void rel32_abs(struct emit *e, const void *target)
{
    int64_t d = (const uint8_t *)target - (e->rx + emit_pos(e) + 4);

    if (d != (int32_t)d)
        MOA_BUG("jump target out of reach");
    emit_u32(e, (uint32_t)d);
}

void emit_jmp_abs(struct emit *e, const void *target)
{
    emit_u8(e, 0xe9);
    rel32_abs(e, target);
}

void emit_jcc_abs(struct emit *e, unsigned cc, const void *target)
{
    emit_u8(e, 0x0f);
    emit_u8(e, 0x80 | cc);
    rel32_abs(e, target);
}

void emit_call_abs(struct emit *e, const void *target)
{
    emit_u8(e, 0xe8);
    rel32_abs(e, target);
}

uint8_t *emit_jcc8(struct emit *e, unsigned cc)
{
    emit_u8(e, 0x70 | cc);
    emit_u8(e, 0);
    return e->p;
}

uint8_t *emit_jmp8(struct emit *e)
{
    emit_u8(e, 0xeb);
    emit_u8(e, 0);
    return e->p;
}

void emit_here8(struct emit *e, uint8_t *mark)
{
    ptrdiff_t d = e->p - mark;

    if (d > 127)
        MOA_BUG("short jump over %td bytes", d);
    mark[-1] = (uint8_t)d;
}

void emit_jcc_back(struct emit *e, unsigned cc, uint32_t pos)
{
    int32_t d = (int32_t)pos - (int32_t)emit_pos(e);

    if (d - 2 >= -128) {
        emit_u8(e, 0x70 | cc);
        emit_u8(e, (uint8_t)(d - 2));
    } else {
        emit_u8(e, 0x0f);
        emit_u8(e, 0x80 | cc);
        emit_u32(e, (uint32_t)(d - 6));
    }
}
