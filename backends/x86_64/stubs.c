// SPDX-License-Identifier: MIT
/* backends/x86_64/stubs.c -- code that every region of an engine shares: entry, common exit, the
 * ways to it, the rebuilding of state from snapshots, and thunks for calls of C. Written once, when
 * the guest (hence the pinned units) is known, at the start of code memory. */
#include "backends/x86_64/gen_priv.h"

#include "tcg/cache.h"

#include <string.h>

unsigned gen_pins(const struct tcg_guest *guest, uint8_t *pin, uint16_t *pin_unit)
{
    static const uint8_t order[GEN_NPINS] = { RBX, RDI, R8, R15, R14, R9, R13, R12 };
    unsigned n = guest->npins < GEN_NPINS ? guest->npins : GEN_NPINS;

    memset(pin, GEN_NOREG, GEN_MAX_UNITS);
    for (unsigned i = 0; i < 16; i++)
        pin_unit[i] = TCG_NO_UNIT;
    for (unsigned i = 0; i < n; i++) {
        pin[guest->pins[i]] = order[i];
        pin_unit[order[i]] = guest->pins[i];
    }
    return n;
}

static const uint8_t *here(const struct gen *g)
{
    return g->e.rx + emit_pos(&g->e);
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

static void pins(struct gen *g, const struct tcg_guest *guest, uint32_t opc)
{
    for (unsigned r = 0; r < 16; r++)
        if (g->pin_unit[r] != TCG_NO_UNIT)
            field(g, opc, 1, r, guest->units[g->pin_unit[r]].offset);
}

static void push(struct gen *g, unsigned r)
{
    if (r >> 3)
        emit_u8(&g->e, 0x41);
    emit_u8(&g->e, 0x50 | (r & 7));
}

static void pop(struct gen *g, unsigned r)
{
    if (r >> 3)
        emit_u8(&g->e, 0x41);
    emit_u8(&g->e, 0x58 | (r & 7));
}

/* C side of rebuild and fault: v->host is filled. */
static enum tcg_exit_reason rebuild(struct tcg_vcpu *v, uint64_t back)
{
    const uint8_t *pc = (const uint8_t *)(uintptr_t)(v->host.pc - back);
    const struct tcg_region *r = tcg_region_by_host(v->engine, pc);

    if (!r)
        MOA_BUG("no region at host address %p", (const void *)pc);
    v->cur = r;
    gen_rebuild(v, r, pc);
    return back ? TCG_EXIT_HELPER : TCG_EXIT_FAULT;
}

static void call_c(struct gen *g, const void *fn)
{
    emit_mov_ri(&g->e, RAX, (uintptr_t)fn);
    emit_rr(&g->e, OPC(0, M_1, 0xff), 0, 2, RAX);
}

/* Through the jump table; rax: guest pc. Misses go to the dispatcher. */
void gen_table_jump(struct gen *g)
{
    struct emit_mem m;

    emit_mov_rr(&g->e, 0, RCX, RAX);
    emit_shift_ri(&g->e, SH_SHR, 0, RCX, 2);
    emit_mov_rr(&g->e, 0, RDX, RAX);
    emit_shift_ri(&g->e, SH_SHR, 0, RDX, 14);
    emit_alu_rr(&g->e, ALU_XOR, 0, RCX, RDX);
    emit_alu_ri(&g->e, ALU_AND, 0, RCX, TCG_JUMP_ENTRIES - 1);
    emit_shift_ri(&g->e, SH_SHL, 0, RCX, 4);
    m = gen_vcpu_mem(AT(jump_table));
    emit_alu_rm(&g->e, ALU_ADD, 1, RCX, &m);
    m = mem_bd(RCX, 0);
    emit_alu_rm(&g->e, ALU_CMP, 1, RAX, &m);
    emit_jcc_abs(&g->e, CC_NE, g->stubs->ind_miss);
    m.disp = 8;
    emit_rm(&g->e, OPC(0, M_1, 0xff), 0, 4, &m, 0);
}

static void soft(struct gen *g)
{
    static const uint8_t saved[] = { RCX, RDX, RSI, RDI, R8, R9, R10, R11 };
    static const uint8_t args[] = { RSI, RDX, RCX, R8, R9 };
    struct emit_mem m;

    g->stubs->soft = here(g); /* rsp is 8 below the frame; rax is saved already */
    for (unsigned i = 0; i < ARRAY_LEN(saved); i++) {
        m = gen_frame_mem(8 + FRAME_GPR + 8u * saved[i]);
        emit_mov_mr(&g->e, 1, &m, saved[i]);
    }
    for (unsigned i = 0; i < 16; i++) {
        m = gen_frame_mem(8 + FRAME_XMM + 16 * i);
        emit_movups_mr(&g->e, &m, i);
    }
    field(g, MXCSR, 0, 3, AT(host_fpcr));
    field(g, MXCSR, 0, 2, AT(own_fpcr));
    for (unsigned i = 0; i < ARRAY_LEN(args); i++) {
        m = gen_frame_mem(8 + FRAME_ARG + 8 * i);
        emit_mov_rm(&g->e, 1, args[i], &m);
    }
    m = gen_vcpu_mem(0);
    emit_lea(&g->e, 1, RDI, &m);
    emit_alu_ri(&g->e, ALU_SUB, 1, RSP, 8);
    emit_rr(&g->e, OPC(0, M_1, 0xff), 0, 2, RAX);
    emit_alu_ri(&g->e, ALU_ADD, 1, RSP, 8);
    m = gen_frame_mem(8 + FRAME_RET);
    emit_mov_mr(&g->e, 1, &m, RAX);
    field(g, MXCSR, 0, 2, AT(host_fpcr));
    for (unsigned i = 0; i < 16; i++) {
        m = gen_frame_mem(8 + FRAME_XMM + 16 * i);
        emit_movups_rm(&g->e, i, &m);
    }
    for (unsigned i = 0; i < ARRAY_LEN(saved); i++) {
        m = gen_frame_mem(8 + FRAME_GPR + 8u * saved[i]);
        emit_mov_rm(&g->e, 1, saved[i], &m);
    }
    m = gen_frame_mem(8 + FRAME_GPR);
    emit_mov_rm(&g->e, 1, RAX, &m);
    emit_u8(&g->e, 0xc3);
}

const uint8_t *gen_thunk(struct gen *g, gen_soft_fn *fn)
{
    struct gen_stubs *s = g->stubs;
    struct emit e = {0};
    struct emit_mem m = gen_frame_mem(8 + FRAME_GPR);
    ptrdiff_t delta = g->engine->code->delta;

    for (unsigned i = 0; i < s->nthunks; i++)
        if (s->thunks[i].fn == fn)
            return s->thunks[i].code;
    if (s->nthunks == ARRAY_LEN(s->thunks) || s->end - s->next < 64)
        MOA_BUG("no room for a thunk");
    emit_start(&e, s->next, s->end, s->next - delta);
    emit_mov_mr(&e, 1, &m, RAX);
    emit_mov_ri(&e, RAX, (uintptr_t)fn);
    emit_jmp_abs(&e, s->soft);
    s->next = e.p;
    s->thunks[s->nthunks].fn = fn;
    s->thunks[s->nthunks].code = e.rx;
    return s->thunks[s->nthunks++].code;
}

void gen_stubs_make(struct tcg_engine *e, struct gen *g, const struct tcg_guest *guest)
{
    static const uint8_t saved[6] = { RBX, RBP, R12, R13, R14, R15 };
    struct gen_stubs *s = g->stubs;
    uint8_t *base = e->code->rx + e->code->delta;
    const uint8_t *out, *c_exit;
    struct emit_mem m;

    s->guest = guest;
    gen_pins(guest, g->pin, g->pin_unit);
    emit_start(&g->e, base, base + e->backend->code_reserve, e->code->rx);

    s->enter = here(g);
    for (unsigned i = 0; i < 6; i++)
        push(g, saved[i]);
    emit_alu_ri(&g->e, ALU_SUB, 1, RSP, FRAME_SIZE + 8);
    emit_mov_rr(&g->e, 1, RBP, RDI);
    emit_mov_rr(&g->e, 1, RAX, RSI);
    field(g, MXCSR, 0, 3, AT(own_fpcr));
    field(g, MXCSR, 0, 2, AT(host_fpcr));
    pins(g, guest, LOAD);
    emit_rr(&g->e, OPC(0, M_1, 0xff), 0, 4, RAX); /* jmp rax */

    s->leave = here(g);
    pins(g, guest, STORE);
    field(g, MXCSR, 0, 3, AT(host_fpcr));
    field(g, MXCSR, 0, 2, AT(own_fpcr));
    out = here(g);
    emit_alu_ri(&g->e, ALU_ADD, 1, RSP, FRAME_SIZE + 8);
    for (unsigned i = 6; i-- > 0;)
        pop(g, saved[i]);
    emit_u8(&g->e, 0xc3);

    s->lookup = here(g);
    field(g, STORE, 1, RCX, AT(cur));
    field(g, STORE, 0, RAX, AT(cur_exit));
    emit_mov_ri(&g->e, RAX, TCG_EXIT_LOOKUP);
    emit_jmp_abs(&g->e, s->leave);

    s->ind_miss = here(g);
    field(g, STORE, 1, RAX, guest->pc_offset);
    m = gen_vcpu_mem(AT(cur));
    emit_mov_mi(&g->e, 1, &m, 0);
    emit_mov_ri(&g->e, RAX, TCG_EXIT_LOOKUP);
    emit_jmp_abs(&g->e, s->leave);

    s->ind_poll = here(g);
    field(g, STORE, 1, RAX, guest->pc_offset);
    emit_mov_ri(&g->e, RAX, TCG_EXIT_POLL);
    emit_jmp_abs(&g->e, s->leave);

    s->ind_table = here(g);
    gen_table_jump(g);

    c_exit = here(g); /* rdi, rsi are arguments of rebuild() */
    call_c(g, (const void *)(uintptr_t)rebuild);
    emit_jmp_abs(&g->e, out);

    s->rebuild = here(g);
    for (unsigned i = 0; i < 16; i++)
        field(g, STORE, 1, i, AT(host.gpr) + 8 * i);
    for (unsigned i = 0; i < 16; i++) {
        m = gen_vcpu_mem(AT(host.vec) + 32 * i);
        emit_movups_mr(&g->e, &m, i);
    }
    pop(g, RAX);
    field(g, STORE, 1, RAX, AT(host.pc));
    field(g, STORE, 1, RSP, AT(host.gpr) + 8 * RSP);
    field(g, MXCSR, 0, 3, AT(host_fpcr));
    field(g, MXCSR, 0, 2, AT(own_fpcr));
    m = gen_vcpu_mem(0);
    emit_lea(&g->e, 1, RDI, &m);
    emit_mov_ri(&g->e, RSI, 1);
    emit_jmp_abs(&g->e, c_exit);

    s->fault = here(g);
    field(g, MXCSR, 0, 3, AT(host_fpcr));
    field(g, MXCSR, 0, 2, AT(own_fpcr));
    m = gen_vcpu_mem(0);
    emit_lea(&g->e, 1, RDI, &m);
    emit_mov_ri(&g->e, RSI, 0);
    emit_jmp_abs(&g->e, c_exit);

    gen_slow_stub(g, out);
    soft(g);
    emit_finish(&g->e);
    s->next = g->e.p;
    s->end = base + e->backend->code_reserve;
}
