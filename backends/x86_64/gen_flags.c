// SPDX-License-Identifier: MIT
/* backends/x86_64/gen_flags.c -- flags records and conditions. A record of add, subtract or logic
 * has no code of its own: whoever consumes it compares again, unless EFLAGS still hold it. The
 * packed form is what lahf and seto give. Other producers are made in packed form when they are
 * defined; shifts, rotates, inc, dec and multiply by the C definition (x86 guests; arm64 has
 * none). */
#include "backends/x86_64/gen_float.h"
#include "backends/x86_64/gen_priv.h"

#define PACKED_MASK 0xd501

enum kind { K_CMP, K_ADD, K_TEST, K_ADC, K_SBB, K_FCMP };

/* A record ready to be emitted: operands are in registers. */
struct rec {
    uint8_t kind, width;
    bool live;      /* EFLAGS hold it already */
    bool inv;       /* guest C is the opposite of the host's */
    bool inv_a;     /* and A: EFLAGS are of a + ~b + c, the record is of a - b - !c */
    bool b_imm;
    int32_t imm;
    int ra, rb, rc, tmp;
    unsigned attr;
    tcg_val a, b, c;
    const struct tcg_op *o;
};

static bool same_flags(const struct gen *g, const struct rec *r)
{
    static const uint8_t hf[] = { [K_CMP] = HF_CMP, [K_ADD] = HF_ADD, [K_TEST] = HF_TEST,
                                  [K_ADC] = HF_ADC, [K_SBB] = HF_SBC, [K_FCMP] = HF_FCMP };

    if (g->hf != hf[r->kind] || g->hf_a != r->a)
        return false;
    if (r->kind == K_FCMP)
        return true;
    return g->hf_width == r->width && (r->kind == K_TEST || g->hf_b == r->b) &&
           (r->kind < K_ADC || g->hf_c == r->c);
}

static void operand_b(struct gen *g, struct rec *r)
{
    r->b_imm = r->width >= 2 && gen_imm32(g, r->b, r->width == 3, &r->imm);
    if (!r->b_imm)
        r->rb = gen_use_gpr(g, r->b);
}

/* A float comparison; the temporary is for packing. */
static struct rec prepare_fcmpf(struct gen *g, struct rec *r)
{
    r->kind = K_FCMP;
    r->a = (tcg_val)(r->o - g->ir->ops);
    r->live = same_flags(g, r);
    if (!r->live) {
        gen_use_xmm(g, r->o->a);
        gen_use_xmm(g, r->o->b);
    }
    r->tmp = gen_tmp_gpr(g);
    return *r;
}

/* tmp: a register that is free for the record's sum, or -1. */
static struct rec prepare(struct gen *g, const struct tcg_op *o, int tmp)
{
    struct rec r = { .width = o->sub, .a = gen_root(g, o->a), .attr = o->attr, .rb = -1, .o = o };

    switch (o->op) {
    case TCG_OP_addf: r.kind = K_ADD; break;
    case TCG_OP_subf: r.kind = K_CMP; break;
    case TCG_OP_adcf: r.kind = K_ADC; break;
    case TCG_OP_sbcf: r.kind = K_SBB; break;
    case TCG_OP_fcmpf: return prepare_fcmpf(g, &r);
    default: r.kind = K_TEST; break;
    }
    r.inv = (r.kind == K_CMP || r.kind == K_SBB) && o->attr;
    if (r.kind != K_TEST)
        r.b = gen_root(g, o->b);
    if (r.kind >= K_ADC)
        r.c = gen_root(g, o->c);
    r.live = same_flags(g, &r);
    if (r.live) {
        if (r.kind == K_SBB) {
            r.inv = false;
            r.inv_a = true;
        }
        return r;
    }
    if (r.kind == K_ADC || r.kind == K_SBB)
        r.rc = gen_use_gpr(g, o->c);
    r.ra = gen_use_gpr(g, r.a);
    if (r.kind != K_TEST)
        operand_b(g, &r);
    if (r.kind == K_ADD || r.kind >= K_ADC)
        r.tmp = tmp >= 0 ? tmp : gen_tmp_gpr(g);
    return r;
}

/* alu of the record's width; the destination of byte operations may be any register. */
static void alu(struct gen *g, unsigned op, const struct rec *r, int d)
{
    if (r->b_imm)
        emit_alu_ri(&g->e, op, r->width == 3, (unsigned)d, r->imm);
    else if (r->width >= 2)
        emit_alu_rr(&g->e, op, r->width == 3, (unsigned)d, (unsigned)r->rb);
    else if (r->width == 1)
        emit_rr(&g->e, OPC(P_66, M_1, op << 3 | 3), 0, (unsigned)d, (unsigned)r->rb);
    else
        emit_rr(&g->e, OPC(0, M_1, op << 3 | 2) | OPC_BYTE_REG, 0, (unsigned)d, (unsigned)r->rb);
}

static void test_self(struct gen *g, unsigned width, int r)
{
    if (width >= 2)
        emit_test_rr(&g->e, width == 3, (unsigned)r, (unsigned)r);
    else if (width == 1)
        emit_rr(&g->e, OPC(P_66, M_1, 0x85), 0, (unsigned)r, (unsigned)r);
    else
        emit_rr(&g->e, OPC(0, M_1, 0x84) | OPC_BYTE_REG, 0, (unsigned)r, (unsigned)r);
}

static void set_hf(struct gen *g, unsigned kind, unsigned width, tcg_val a, tcg_val b)
{
    g->hf = (uint8_t)kind;
    g->hf_width = (uint8_t)width;
    g->hf_a = a;
    g->hf_b = b;
}

void gen_set_hf(struct gen *g, unsigned kind, unsigned width, tcg_val a, tcg_val b)
{
    set_hf(g, kind, width, gen_root(g, a), b ? gen_root(g, b) : 0);
}

static void fcmpf_compare(struct gen *g, const struct tcg_op *o, bool swap)
{
    gen_fcmpf_compare(g, o, swap);
    set_hf(g, HF_FCMP, 0, (tcg_val)(o - g->ir->ops), swap);
}

static void emit_rec(struct gen *g, const struct rec *r)
{
    if (r->live)
        return;
    switch ((enum kind)r->kind) {
    case K_FCMP: fcmpf_compare(g, r->o, false); return;
    case K_CMP:
        if (r->b_imm && r->imm == 0)
            test_self(g, r->width, r->ra); /* the same: C and O are 0 */
        else
            alu(g, ALU_CMP, r, r->ra);
        set_hf(g, HF_CMP, r->width, r->a, r->b);
        return;
    case K_TEST:
        test_self(g, r->width, r->ra);
        set_hf(g, HF_TEST, r->width, r->a, 0);
        return;
    case K_ADD:
        emit_mov_rr(&g->e, 1, (unsigned)r->tmp, (unsigned)r->ra);
        alu(g, ALU_ADD, r, r->tmp);
        set_hf(g, HF_ADD, r->width, r->a, r->b);
        return;
    case K_ADC:
    case K_SBB:
        emit_mov_rr(&g->e, 1, (unsigned)r->tmp, (unsigned)r->ra);
        if (r->kind == K_SBB && r->attr)
            emit_alu_ri(&g->e, ALU_CMP, 0, (unsigned)r->rc, 1);
        else
            emit_rr_i8(&g->e, OPC(0, M_0F, 0xba), 0, 4, (unsigned)r->rc, 0); /* bt */
        alu(g, r->kind == K_ADC ? ALU_ADC : ALU_SBB, r, r->tmp);
        g->hf = HF_NONE;
        return;
    }
}

static void pack_into_rax(struct gen *g, const struct rec *r)
{
    emit_rec(g, r);
    if (r->kind == K_FCMP) { /* moves only: EFLAGS stay */
        gen_fcmpf_select(g, g->hf_b, RAX, r->tmp);
        return;
    }
    if (r->inv)
        emit_u8(&g->e, 0xf5); /* cmc */
    emit_u8(&g->e, 0x9f);     /* lahf */
    emit_setcc(&g->e, CC_O, RAX);
    if (r->inv_a)
        emit_alu_ri(&g->e, ALU_XOR, 0, RAX, TCG_FBIT_A);
    emit_alu_ri(&g->e, ALU_AND, 0, RAX, PACKED_MASK);
    g->hf = HF_NONE;
}

void gen_pack(struct gen *g, tcg_val f, int reg)
{
    struct rec r;

    r = prepare(g, &g->ir->ops[gen_root(g, f)], reg);
    pack_into_rax(g, &r);
}

/* ---- conditions ---- */

static unsigned fcond_code(enum tcg_fcond c, bool inv, bool *cmc)
{
    static const uint8_t code[TCG_FCOND_COUNT / 2] = {
        CC_E, CC_B, CC_S, CC_O, CC_P, CC_A, CC_A, CC_GE, CC_G,
    };
    unsigned cc = code[c >> 1];

    *cmc = false;
    if ((c & ~1u) == TCG_FC && inv)
        cc = CC_AE;
    else if ((c & ~1u) == TCG_FHI)
        *cmc = !inv;
    else if ((c & ~1u) == TCG_FA)
        *cmc = inv;
    return cc ^ (c & 1);
}

static unsigned packed_cond(struct gen *g, enum tcg_fcond c, tcg_val f)
{
    static const uint16_t bit[] = {
        [TCG_FZ] = TCG_FBIT_Z, [TCG_FC] = TCG_FBIT_C, [TCG_FS] = TCG_FBIT_S, [TCG_FO] = TCG_FBIT_O,
        [TCG_FP] = TCG_FBIT_P,
    };
    struct emit_mem m;
    bool cmc;
    unsigned cc;

    g->hf = HF_NONE;
    if (c < TCG_FHI) {
        unsigned mask = bit[c & ~1u];

        if (gen_use_mem(g, f, &m))
            emit_test_mi(&g->e, 0, &m, (int32_t)mask);
        else
            emit_test_ri(&g->e, 0, (unsigned)gen_use_gpr(g, f), (int32_t)mask);
        return CC_NE ^ (c & 1);
    }
    gen_use_gpr_in(g, f, RAX);
    emit_u8(&g->e, 0x04); /* add al, 0x7f: O */
    emit_u8(&g->e, 0x7f);
    emit_u8(&g->e, 0x9e); /* sahf */
    cc = fcond_code(c, false, &cmc);
    if (cmc)
        emit_u8(&g->e, 0xf5);
    return cc;
}

/* Of a float comparison: EFLAGS, if they are its with the operands in the right order, else compared
 * again. Equality needs the parity flag too. */
static unsigned float_cond(struct gen *g, enum tcg_fcond c, tcg_val f)
{
    struct gen_fcc k = gen_fcc_of(c);
    bool live = g->hf == HF_FCMP && g->hf_a == f;
    int t, u;

    if (k.always || k.never) {
        t = gen_tmp_gpr(g);
        emit_mov_ri(&g->e, (unsigned)t, k.always);
        emit_test_rr(&g->e, 0, (unsigned)t, (unsigned)t);
        g->hf = HF_NONE;
        return CC_NE;
    }
    if (!live || (!k.parity && g->hf_b != k.swap))
        fcmpf_compare(g, &g->ir->ops[f], k.swap);
    if (!k.parity)
        return k.cc;
    t = gen_tmp_gpr(g);
    u = gen_tmp_gpr(g);
    emit_setcc(&g->e, CC_NP, (unsigned)t);
    emit_setcc(&g->e, CC_E, (unsigned)u);
    emit_rr(&g->e, OPC(0, M_1, 0x84) | OPC_BYTE_REG, 0, (unsigned)t, (unsigned)u); /* test */
    g->hf = HF_NONE;
    return k.parity == 1 ? CC_NE : CC_E;
}

static unsigned flags_cond(struct gen *g, enum tcg_fcond c, tcg_val f)
{
    struct rec r;
    bool cmc;
    unsigned cc;

    f = gen_root(g, f);
    if (tcg_is_const(f) || !gen_is_record(g, f))
        return packed_cond(g, c, f);
    if (g->ir->ops[f].op == TCG_OP_fcmpf)
        return float_cond(g, c, f);
    r = prepare(g, &g->ir->ops[f], -1);
    emit_rec(g, &r);
    cc = fcond_code(c, r.inv, &cmc);
    if (cmc) {
        emit_u8(&g->e, 0xf5);
        g->hf = HF_NONE;
    }
    return cc;
}

static unsigned compare(struct gen *g, const struct tcg_op *o)
{
    static const uint8_t code[TCG_COND_COUNT] = {
        CC_E, CC_NE, CC_L, CC_GE, CC_LE, CC_G, CC_B, CC_AE, CC_BE, CC_A, CC_E, CC_NE,
    };
    bool wide = tcg_type_of(g->ir, o->a) == TCG_I64;
    struct rec r = { .kind = K_CMP, .width = wide ? 3 : 2, .a = gen_root(g, o->a),
                     .b = gen_root(g, o->b) };
    struct emit_mem m;
    int32_t imm;
    int a;

    if (o->sub == TCG_TSTZ || o->sub == TCG_TSTNZ) {
        g->hf = HF_NONE;
        if (gen_imm32(g, r.b, wide, &imm)) {
            a = gen_use_gpr(g, r.a);
            emit_test_ri(&g->e, wide, (unsigned)a, imm);
        } else {
            a = gen_use_gpr(g, r.a);
            emit_test_rr(&g->e, wide, (unsigned)a, (unsigned)gen_use_gpr(g, r.b));
        }
        return code[o->sub];
    }
    r.live = same_flags(g, &r);
    if (r.live)
        return code[o->sub];
    if (gen_imm32(g, r.b, wide, &imm)) {
        if (imm == 0 && g->hf == HF_TEST && g->hf_width == r.width && g->hf_a == r.a)
            return code[o->sub];
        if (tcg_type_of(g->ir, r.a) == (wide ? TCG_I64 : TCG_I32) && gen_use_mem(g, r.a, &m)) {
            emit_alu_mi(&g->e, ALU_CMP, wide, &m, imm);
            set_hf(g, HF_CMP, r.width, r.a, r.b);
            return code[o->sub];
        }
    }
    r.ra = gen_use_gpr(g, r.a);
    operand_b(g, &r);
    emit_rec(g, &r);
    return code[o->sub];
}

/* The registers it used are free again: EFLAGS hold the answer. */
unsigned gen_cond(struct gen *g, tcg_val cond)
{
    tcg_val v = gen_root(g, cond);
    uint32_t locked = g->locked, temps = g->temps;
    const struct tcg_op *o;
    unsigned cc = CC_NE;
    int r;

    if (!tcg_is_const(v) && (gen_is_lazy(g, v) || v == g->cur_op)) {
        o = &g->ir->ops[v];
        cc = o->op == TCG_OP_setcc ? compare(g, o)
                                   : flags_cond(g, (enum tcg_fcond)o->sub, o->a);
    } else {
        r = gen_use_gpr(g, v);
        emit_test_rr(&g->e, 0, (unsigned)r, (unsigned)r);
        g->hf = HF_NONE;
    }
    g->locked = locked;
    g->temps = temps;
    return cc;
}

bool gen_hf_wanted(const struct gen *g)
{
    if (g->hf == HF_NONE || g->hf == HF_FCMP)
        return false;
    for (uint32_t i = 0; i < g->nlive; i++) {
        const struct tcg_op *o = &g->ir->ops[g->live[i]];
        struct rec r;

        if (!gen_is_lazy(g, g->live[i]) || o->op < TCG_OP_addf || o->op > TCG_OP_logicf)
            continue;
        r = (struct rec){ .width = o->sub, .a = gen_root(g, o->a),
                          .b = o->b ? gen_root(g, o->b) : 0, .c = o->c ? gen_root(g, o->c) : 0 };
        switch (o->op) {
        case TCG_OP_addf: r.kind = K_ADD; break;
        case TCG_OP_subf: r.kind = K_CMP; break;
        case TCG_OP_adcf: r.kind = K_ADC; break;
        case TCG_OP_sbcf: r.kind = K_SBB; break;
        default: r.kind = K_TEST; break;
        }
        if (same_flags(g, &r))
            return true;
    }
    return false;
}

bool gen_carry(struct gen *g, tcg_val cond)
{
    tcg_val v = gen_root(g, cond), f = 0;
    uint32_t locked = g->locked, temps = g->temps;
    bool lazy = gen_is_lazy(g, v), made = false, not = false;
    const struct tcg_op *o;
    struct rec r;
    unsigned cc;
    int t;

    if (tcg_is_const(v))
        return false;
    o = &g->ir->ops[v];
    if (o->op == TCG_OP_fcond && (o->sub & ~1u) == TCG_FC) {
        f = gen_root(g, o->a);
        not = o->sub == TCG_FNC;
    }
    if (f && !tcg_is_const(f) && gen_is_lazy(g, f) && g->ir->ops[f].op != TCG_OP_fcmpf &&
        (lazy || g->hf != HF_NONE)) {
        r = prepare(g, &g->ir->ops[f], -1);
        if (r.live || lazy) {
            emit_rec(g, &r);
            not ^= r.inv;
            made = true;
        }
    }
    if (made) {
        /* CF is the host's carry of the record. */
    } else if (lazy && f && !tcg_is_const(f) && !gen_is_lazy(g, f)) {
        t = gen_use_gpr(g, f);
        emit_rr_i8(&g->e, OPC(0, M_0F, 0xba), 0, 4, (unsigned)t, 8); /* bt: the packed carry */
    } else if (lazy) {
        cc = gen_cond(g, v);
        t = gen_tmp_gpr(g);
        emit_setcc(&g->e, cc, (unsigned)t);
        emit_rr_i8(&g->e, OPC(0, M_0F, 0xba), 0, 4, (unsigned)t, 0);
        not = false;
    } else {
        g->locked = locked; /* a number, in a register */
        g->temps = temps;
        return false;
    }
    if (not)
        emit_u8(&g->e, 0xf5); /* cmc */
    g->hf = HF_NONE;
    g->locked = locked; /* from here on moves only */
    g->temps = temps;
    return true;
}

/* ---- operations ---- */

/* setcc and fcond that are needed as a number. */
static void number(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    unsigned cc = gen_cond(g, d);
    int r = gen_def_gpr(g, d);

    (void)op;
    emit_setcc(&g->e, cc, (unsigned)r);
    emit_movzx8(&g->e, (unsigned)r, (unsigned)r);
}

static void record(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    if (g->val[d].flags & GEN_V_PLAIN)
        number(g, op, d);
}

static void fpack(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int r;

    gen_take(g, RAX);
    if (tcg_is_const(gen_root(g, op->a))) {
        r = gen_use_gpr(g, op->a);
        emit_mov_rr(&g->e, 0, RAX, (unsigned)r);
    } else {
        gen_pack(g, op->a, RAX);
    }
    gen_def_in(g, d, RAX);
}

/* A flags value in packed form in some register; clobbers flags. */
static int packed(struct gen *g, tcg_val f)
{
    uint32_t locked, temps;
    int t;

    f = gen_root(g, f);
    if (tcg_is_const(f) || !gen_is_record(g, f))
        return gen_use_gpr(g, f);
    if (!(g->temps >> RAX & 1))
        gen_take(g, RAX);
    locked = g->locked;
    temps = g->temps;
    gen_pack(g, f, RAX);
    g->locked = locked; /* the record's operands */
    g->temps = temps;
    t = gen_tmp_gpr(g);
    emit_mov_rr(&g->e, 0, (unsigned)t, RAX);
    return t;
}

/* Both sides packed, then a conditional move. Operands of one side are let go before the next needs
 * registers. */
static void fsel_packed(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    uint32_t locked, temps;
    int to, other;
    unsigned cc;

    gen_take(g, RAX);
    locked = g->locked;
    temps = g->temps;
    other = packed(g, op->b);
    to = gen_tmp_gpr(g);
    emit_mov_rr(&g->e, 0, (unsigned)to, (unsigned)other);
    locked |= 1u << to;
    temps |= 1u << to;
    g->locked = locked;
    g->temps = temps;
    other = packed(g, op->c);
    g->temps = (temps | (g->temps & 1u << other)) & ~(1u << RAX); /* the condition may want it */
    g->locked = (locked | 1u << other) & ~(1u << RAX);
    cc = gen_cond(g, op->a);
    emit_cmov(&g->e, cc ^ 1, 0, (unsigned)to, (unsigned)other);
    gen_def_in(g, d, to);
    g->hf = HF_NONE;
}

/* A condition over a record that itself takes three registers or more becomes a number first. */
static tcg_val big_cond(const struct gen *g, tcg_val cond)
{
    tcg_val v = gen_root(g, cond), f;
    unsigned op;

    if (tcg_is_const(v) || !gen_is_lazy(g, v) || g->ir->ops[v].op != TCG_OP_fcond)
        return TCG_NONE;
    f = gen_root(g, g->ir->ops[v].a);
    if (tcg_is_const(f))
        return TCG_NONE;
    op = g->ir->ops[f].op;
    return op == TCG_OP_adcf || op == TCG_OP_sbcf || op == TCG_OP_addf ? v : TCG_NONE;
}

/* arm64's ccmp: one side is mostly a constant. The record is compared under a short jump; its
 * temporary is rax, so that at most six registers are in use. */
static void fsel(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    tcg_val f = gen_root(g, op->b), h = gen_root(g, op->c), y;
    bool f_rec = !tcg_is_const(f) && gen_is_record(g, f);
    bool h_rec = !tcg_is_const(h) && gen_is_record(g, h);
    uint32_t locked, temps;
    struct rec r;
    unsigned cc;
    uint8_t *skip, hf;
    int n = -1;

    if (f_rec == h_rec) {
        fsel_packed(g, op, d);
        return;
    }
    gen_take(g, RAX);
    if (big_cond(g, op->a)) {
        locked = g->locked;
        temps = g->temps;
        cc = gen_cond(g, op->a);
        g->locked = locked;
        g->temps = temps;
        emit_setcc(&g->e, cc, RAX);
        n = gen_tmp_gpr(g);
        emit_movzx8(&g->e, (unsigned)n, RAX);
    }
    hf = g->hf;
    g->hf = HF_NONE; /* the record needs its operands: it is compared anew */
    r = prepare(g, &g->ir->ops[f_rec ? f : h], RAX);
    g->hf = hf;
    if (n < 0) {
        cc = gen_cond(g, op->a);
    } else {
        emit_test_rr(&g->e, 0, (unsigned)n, (unsigned)n);
        cc = CC_NE;
    }
    y = f_rec ? h : f;
    gen_place(g, y, RAX);
    skip = emit_jcc8(&g->e, f_rec ? cc ^ 1 : cc);
    pack_into_rax(g, &r);
    emit_here8(&g->e, skip);
    gen_def_in(g, d, RAX);
    g->hf = HF_NONE;
}

static uint64_t eval_flags(struct tcg_vcpu *v, uint64_t what, uint64_t a, uint64_t b, uint64_t c,
                           uint64_t unused)
{
    (void)v;
    (void)unused;
    return tcg_eval_flags((enum tcg_opcode)(what & 0xffff), what >> 16 & 0xff,
                          (unsigned)(what >> 32), a, b, c);
}

static void by_c(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    const tcg_val in[3] = { op->a, op->b, op->c };
    int reg;

    for (unsigned i = 0; i < 3; i++) {
        uint32_t locked = g->locked, temps = g->temps;

        if (!in[i])
            continue;
        reg = tcg_type_of(g->ir, in[i]) == TCG_FLAGS ? packed(g, in[i]) : gen_use_gpr(g, in[i]);
        gen_soft_arg_gpr(g, i + 1, reg);
        g->locked = locked; /* it is in the frame now */
        g->temps = temps;
    }
    gen_soft_arg_imm(g, 0, op->op | (uint64_t)op->sub << 16 | (uint64_t)op->attr << 32);
    gen_soft_call(g, eval_flags);
    gen_soft_ret_gpr(g, gen_def_gpr(g, d));
}

/* Compared at once, for the exception bits, in the order that suits the first consumer. By soft float:
 * packed at once. */
static void fcmpf(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    const struct tcg_op *o = op + 1;
    bool swap = false;

    if (gen_is_record(g, d)) {
        for (unsigned n = 0; n < 8 && o < g->ir->ops + g->ir->nops; n++, o++)
            if (o->op == TCG_OP_fcond && o->a == d) {
                swap = gen_fcc_of(o->sub).swap;
                break;
            }
        fcmpf_compare(g, op, swap);
        return;
    }
    int r, t;

    if (tcg_type_of(g->ir, op->a) == TCG_F80) {
        gen_fallback_float(g, op, d);
        return;
    }
    r = gen_tmp_gpr(g);
    t = gen_tmp_gpr(g);
    gen_fcmpf_pack(g, op, r, t);
    gen_def_in(g, d, r);
    g->hf = HF_NONE;
}

const struct gen_row gen_flags_rows[] = {
    { TCG_OP_fcmpf, fcmpf },
    { TCG_OP_addf, record }, { TCG_OP_subf, record }, { TCG_OP_adcf, record },
    { TCG_OP_sbcf, record }, { TCG_OP_logicf, record }, { TCG_OP_setcc, record },
    { TCG_OP_fcond, record }, { TCG_OP_fpack, fpack }, { TCG_OP_fsel, fsel },
    { TCG_OP_incf, by_c }, { TCG_OP_decf, by_c }, { TCG_OP_shlf, by_c }, { TCG_OP_shrf, by_c },
    { TCG_OP_sarf, by_c }, { TCG_OP_rolf, by_c }, { TCG_OP_rorf, by_c }, { TCG_OP_mulf, by_c },
    { TCG_OP_nop, NULL },
};
