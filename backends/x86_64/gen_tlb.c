// SPDX-License-Identifier: MIT
/* backends/x86_64/gen_tlb.c -- guest accesses of whole machines: the TLB (tcg/tlb.h) in front of the
 * host access, and the slow path.
 *
 * The hit path: index, and the tag that is wanted (with the low bits that alignment wants clear, or
 * of the last byte's page), compared with the entry's; then the host access at addend + address. The
 * slow path is a call of one thunk, which writes all host registers to v->host, and a record behind
 * it that says where address and operands are; it either does all of the access and goes on
 * behind it, or leaves by the snapshot at the call. */
#include "backends/x86_64/gen_priv.h"

#include "tcg/cache.h"

#include <stdlib.h>
#include <string.h>

#define JMP_BYTES 5 /* between the call and its record: the way back */

/* Behind the call, packed: there is one for each access. What is not there is 0. */
struct slow {
    int32_t disp;
    uint16_t mem;             /* number of the descriptor in the engine's table */
    uint8_t op : 3, scale : 2, wide : 1, swapped : 1, more : 1;
    uint8_t rmw;
    uint8_t base, index;      /* GEN_IN(register) */
    uint8_t value, dest, guide; /* guide: GEN_IN(its register), which is 0 afterwards */
    uint8_t value2, want;
    uint8_t pad;
    int32_t imm;              /* if `more` is set */
};
_Static_assert(sizeof(struct slow) == GEN_SLOW_BYTES, "room in struct gen_cold");
#define SLOW_LESS offsetof(struct slow, imm)

/* ---- descriptors of memory operations ---- */

#define MEM_CHUNK 256

/* Its number. When there are too many the cache is flushed as if it were full, and counting starts
 * anew. */
static uint16_t number_of(struct gen *g, const struct tcg_mem *d)
{
    struct gen_mems *t = &g->stubs->mems;
    uint64_t w[2], h;
    uint16_t *at;

    memcpy(w, d, 16);
    h = (w[0] ^ w[1] * 0x9e3779b97f4a7c15ull) * 0x9e3779b97f4a7c15ull >> 32;
    for (;; h++) {
        at = &t->hash[h % ARRAY_LEN(t->hash)];
        if (!*at)
            break;
        if (memcmp(&t->chunk[(*at - 1) / MEM_CHUNK][(*at - 1) % MEM_CHUNK], d, sizeof(*d)) == 0)
            return *at - 1u;
    }
    if (t->n == ARRAY_LEN(t->hash) / 2) {
        g->full = true;
        return 0;
    }
    if (!t->chunk[t->n / MEM_CHUNK]) {
        t->chunk[t->n / MEM_CHUNK] = malloc(MEM_CHUNK * sizeof(*d));
        if (!t->chunk[t->n / MEM_CHUNK])
            MOA_BUG("out of memory for descriptors");
    }
    t->chunk[t->n / MEM_CHUNK][t->n % MEM_CHUNK] = *d;
    *at = (uint16_t)++t->n;
    return *at - 1u;
}

void gen_mems_reset(struct gen_mems *t)
{
    t->n = 0;
    memset(t->hash, 0, sizeof(t->hash));
}

void gen_mems_free(struct gen_mems *t)
{
    for (unsigned i = 0; i < ARRAY_LEN(t->chunk); i++)
        free(t->chunk[i]);
}
_Static_assert(sizeof(struct tcg_mem) == 16, "descriptors are compared as two words");
_Static_assert(GEN_MEMS / MEM_CHUNK == ARRAY_LEN(((struct gen_mems *)0)->chunk), "room");

/* ---- the slow path in C ---- */

static void operand(const struct tcg_vcpu *v, const struct slow *s, uint8_t from, uint64_t out[2])
{
    if (!from)
        return;
    if (from < GEN_IN(GEN_XMM))
        out[0] = v->host.gpr[from - 1];
    else if (from <= 32)
        memcpy(out, v->host.vec[from - GEN_IN(GEN_XMM)], 16);
    else if (from == GEN_FROM_IMM)
        out[0] = (uint64_t)(int64_t)s->imm;
    else if (from == GEN_FROM_SCRATCH)
        memcpy(out, v->scratch + s->imm, 16);
}

static uint64_t unswap(uint64_t n, unsigned log2)
{
    return log2 ? __builtin_bswap64(n) >> (64 - (8u << log2)) : n;
}

/* v->host is filled. Where to go on; NULL: leave, the state is rebuilt. */
static const uint8_t *slow_path(struct tcg_vcpu *v)
{
    const uint8_t *pc = (const uint8_t *)(uintptr_t)v->host.pc;
    const struct tcg_region *r;
    struct tcg_access_call c = {0};
    const struct gen *g = v->engine->gen;
    const struct tcg_mem *m;
    struct slow s;
    uint64_t addr;

    memcpy(&s, pc + JMP_BYTES, SLOW_LESS);
    s.imm = 0;
    if (s.more)
        memcpy(&s.imm, pc + JMP_BYTES + SLOW_LESS, sizeof(s.imm));
    m = &g->stubs->mems.chunk[s.mem / MEM_CHUNK][s.mem % MEM_CHUNK];
    addr = (uint64_t)(int64_t)s.disp;
    if (s.base)
        addr += v->host.gpr[s.base - 1];
    if (s.index)
        addr += v->host.gpr[s.index - 1] << s.scale;
    c.op = s.op;
    c.rmw = s.rmw;
    c.wide = s.wide;
    operand(v, &s, s.value, c.value);
    if (s.value2)
        c.value[1] = v->host.gpr[s.value2 - 1];
    if (s.want == GEN_FROM_SCRATCH)
        memcpy(c.value + 2, v->scratch + s.imm + 16, 16);
    else
        operand(v, &s, s.want, c.value + 2);
    if (s.swapped) {
        c.value[0] = unswap(c.value[0], m->size);
        c.value[2] = unswap(c.value[2], m->size);
    }
    if (!v->engine->cfg.mem.access(v, m, addr, &c)) {
        r = tcg_region_by_host(v->engine, pc - 1);
        if (!r)
            MOA_BUG("no region at host address %p", (const void *)pc);
        v->cur = r;
        gen_rebuild(v, r, pc - 1);
        return NULL;
    }
    if (s.guide)
        v->host.gpr[s.guide - 1] = 0;
    if (s.dest >= GEN_IN(GEN_XMM))
        memcpy(v->host.vec[s.dest - GEN_IN(GEN_XMM)], c.value, 16);
    else if (s.dest)
        v->host.gpr[s.dest - 1] = c.value[0];
    return pc;
}

static void field(struct gen *g, uint32_t opc, unsigned w, unsigned reg, size_t offset)
{
    struct emit_mem m = gen_vcpu_mem(offset);

    emit_rm(&g->e, opc, w, reg, &m, 0);
}

#define LOAD OPC(0, M_1, 0x8b)
#define STORE OPC(0, M_1, 0x89)
#define MXCSR OPC(0, M_0F, 0xae) /* /2 load, /3 store */
#define AT(f) offsetof(struct tcg_vcpu, f)

/* Called from cold code; `out` leaves run() with the reason in eax. */
void gen_slow_stub(struct gen *g, const uint8_t *out)
{
    struct emit_mem m;
    uint8_t *leave;

    g->stubs->slow = g->e.rx + emit_pos(&g->e);
    for (unsigned i = 0; i < 16; i++)
        if (i != RBP)
            field(g, STORE, 1, i, AT(host.gpr) + 8 * i);
    for (unsigned i = 0; i < 16; i++) {
        m = gen_vcpu_mem(AT(host.vec) + 32 * i);
        emit_movups_mr(&g->e, &m, i);
    }
    emit_u8(&g->e, 0x58); /* pop rax */
    field(g, STORE, 1, RAX, AT(host.pc));
    field(g, STORE, 1, RSP, AT(host.gpr) + 8 * RSP);
    field(g, MXCSR, 0, 3, AT(host_fpcr));
    field(g, MXCSR, 0, 2, AT(own_fpcr));
    m = gen_vcpu_mem(0);
    emit_lea(&g->e, 1, RDI, &m);
    emit_mov_ri(&g->e, RAX, (uintptr_t)slow_path);
    emit_rr(&g->e, OPC(0, M_1, 0xff), 0, 2, RAX);
    emit_test_rr(&g->e, 1, RAX, RAX);
    leave = emit_jcc8(&g->e, CC_NE);
    emit_mov_ri(&g->e, RAX, TCG_EXIT_HELPER);
    emit_jmp_abs(&g->e, out);
    emit_here8(&g->e, leave);
    field(g, MXCSR, 0, 2, AT(host_fpcr));
    for (unsigned i = 0; i < 16; i++) {
        m = gen_vcpu_mem(AT(host.vec) + 32 * i);
        emit_movups_rm(&g->e, i, &m);
    }
    for (unsigned i = 0; i < 16; i++)
        if (i != RBP && i != RSP)
            field(g, LOAD, 1, i, AT(host.gpr) + 8 * i);
    m = gen_vcpu_mem(AT(host.pc));
    emit_rm(&g->e, OPC(0, M_1, 0xff), 0, 4, &m, 0); /* jmp */
}

void gen_slow_call(struct gen *g, const struct gen_cold *c)
{
    struct slow s;

    gen_snapshot_again(g, c->snap);
    emit_call_abs(&g->e, g->stubs->slow);
    emit_jmp(&g->e, c->back);
    memcpy(&s, c->slow, sizeof(s));
    for (unsigned i = 0; i < (s.more ? sizeof(s) : SLOW_LESS); i++)
        emit_u8(&g->e, c->slow[i]);
}

static void cold_slow(struct gen *g, const struct gen_cold *c)
{
    gen_slow_call(g, c);
}

/* ---- the hit path ---- */

static uint8_t access_op(const struct tcg_op *op)
{
    switch (op->op) {
    case TCG_OP_load: return TCG_DO_LOAD;
    case TCG_OP_store: return TCG_DO_STORE;
    case TCG_OP_probe: return TCG_DO_PROBE;
    case TCG_OP_rmw: return TCG_DO_RMW;
    default: return TCG_DO_CMPXCHG;
    }
}

static void copy_address(struct gen *g, unsigned w, unsigned reg, const struct emit_mem *m)
{
    if (m->index == EMIT_NOREG && !m->disp && m->base != EMIT_NOREG)
        emit_mov_rr(&g->e, w, reg, (unsigned)m->base);
    else
        emit_lea(&g->e, w, reg, m);
}

/* c: the slow path of an access at m. */
void gen_slow_record(struct gen *g, struct gen_cold *c, const struct tcg_op *op,
                     const struct tcg_mem *d, const struct emit_mem *m,
                     const struct gen_operands *x)
{
    int guide = gen_guide_reg(g);
    struct slow s = {
        .mem = number_of(g, d), .disp = m->disp, .scale = m->scale & 3, .op = access_op(op) & 7,
        .base = m->base == EMIT_NOREG ? 0 : GEN_IN(m->base),
        .index = m->index == EMIT_NOREG ? 0 : GEN_IN(m->index),
        .wide = op->type == TCG_I64, .guide = guide < 0 ? 0 : GEN_IN(guide),
        .rmw = x->rmw, .value = x->value, .value2 = x->value2, .want = x->want, .dest = x->dest,
        .swapped = x->swapped, .more = x->imm != 0, .imm = x->imm,
    };

    memcpy(c->slow, &s, sizeof(s));
    g->slow_back = c->back + 1;
}

/* u = address of the table's entry for the page of *m. */
void gen_tlb_entry(struct gen *g, const struct tcg_mem *d, const struct emit_mem *m, unsigned u)
{
    size_t tlb = AT(tlb) + (size_t)d->mmu * sizeof(struct tcg_tlb_ref);

    if (g->cpu & CPU_BMI2 && m->index == EMIT_NOREG && !m->disp && m->base != EMIT_NOREG) {
        emit_vex_rr_i8(&g->e, OPC(P_F2, M_0F3A, 0xf0), 0, 0, u, 0, (unsigned)m->base,
                       TCG_TLB_PAGE_BITS - 5); /* rorx */
    } else {
        copy_address(g, 0, u, m);
        emit_shift_ri(&g->e, SH_SHR, 0, u, TCG_TLB_PAGE_BITS - 5);
    }
    field(g, OPC(0, M_1, 0x23), 0, u, tlb + offsetof(struct tcg_tlb_ref, mask)); /* and */
    field(g, OPC(0, M_1, 0x03), 1, u, tlb + offsetof(struct tcg_tlb_ref, table)); /* add */
}

void gen_tlb(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d, struct emit_mem *m,
             const struct gen_operands *x, unsigned u, unsigned w)
{
    bool natural = d->align == TCG_ALIGN_NATURAL;
    bool read = op->op == TCG_OP_load ||
                (op->op == TCG_OP_probe && (d->intent == TCG_INTENT_READ ||
                                            d->intent == TCG_INTENT_FETCH));
    int32_t last = (1 << d->size) - 1;
    struct gen_cold *c = gen_cold(g, cold_slow, op);
    struct emit_mem at = *m;

    gen_slow_record(g, c, op, d, m, x);
    g->hf = HF_NONE;
    if (d->align == TCG_ALIGN_IN16 && d->size) {
        copy_address(g, 0, w, m);
        emit_alu_ri(&g->e, ALU_AND, 0, w, 15);
        emit_alu_ri(&g->e, ALU_CMP, 0, w, 15 - last);
        emit_jcc(&g->e, CC_A, c->label);
    }
    gen_tlb_entry(g, d, m, u);
    if (natural || !__builtin_add_overflow(m->disp, last, &at.disp)) {
        copy_address(g, 1, w, &at);
    } else {
        copy_address(g, 1, w, m);
        emit_alu_ri(&g->e, ALU_ADD, 1, w, last);
    }
    emit_alu_ri(&g->e, ALU_AND, 1, w,
                -(int32_t)TCG_TLB_PAGE_SIZE | (natural ? last : 0));
    at = mem_bd((int)u, read ? offsetof(struct tcg_tlb_entry, read)
                             : offsetof(struct tcg_tlb_entry, write));
    emit_alu_rm(&g->e, ALU_CMP, 1, w, &at);
    emit_jcc(&g->e, CC_NE, c->label);
    if (op->op == TCG_OP_probe)
        return;
    at = mem_bd((int)u, offsetof(struct tcg_tlb_entry, addend));
    emit_mov_rm(&g->e, 1, u, &at);
    if (m->base == EMIT_NOREG) {
        m->base = (int8_t)u;
        return;
    }
    if (m->index == EMIT_NOREG) {
        m->index = (int8_t)u;
        m->scale = 0;
        return;
    }
    emit_alu_rr(&g->e, ALU_ADD, 1, u, (unsigned)m->base);
    m->base = (int8_t)u;
}

/* cmpxchg16b needs five registers besides: operands wait in v->scratch. RSI holds the address, RAX
 * and RDX are free. */
void gen_tlb_wide(struct gen *g, const struct tcg_op *op, const struct tcg_mem *d, uint8_t dest)
{
    struct gen_operands x = {.value = GEN_FROM_SCRATCH, .want = GEN_FROM_SCRATCH, .dest = dest};
    struct emit_mem m = mem_bd(RSI, 0);

    gen_tlb(g, op, d, &m, &x, RAX, RDX);
    emit_lea(&g->e, 1, RSI, &m);
}
