// SPDX-License-Identifier: MIT
/* backends/x86_64/gen_int.c -- integer arithmetic and logic, conversions, halves of pairs, select.
 * Shifts and fields are in gen_bits.c. */
#include "backends/x86_64/gen_priv.h"

#include "base/bits.h"

static bool in_reg(const struct gen *g, tcg_val v)
{
    v = gen_root(g, v);
    return !tcg_is_const(v) && g->val[v].reg != GEN_NOREG;
}

/* Does a neighbour take the flags of this addition or subtraction? */
static bool has_twin(const struct gen *g, const struct tcg_op *op, tcg_val d, unsigned flag_op)
{
    for (int k = -2; k <= 2; k++) {
        const struct tcg_op *o;

        if ((int)d + k < 1 || (uint32_t)((int)d + k) >= g->ir->nops)
            continue;
        o = &g->ir->ops[(int)d + k];
        if (o->op == flag_op && o->a == op->a && o->b == op->b)
            return !(g->val[(int)d + k].flags & GEN_V_DEAD);
    }
    return false;
}

static unsigned width_of(const struct tcg_op *op)
{
    return gen_wide(op) ? 3 : 2;
}

/* d = a <alu> b with the result in a's place. */
static int alu_tied(struct gen *g, const struct tcg_op *op, tcg_val d, unsigned alu, tcg_val a,
                    tcg_val b)
{
    unsigned w = gen_wide(op);
    struct emit_mem m;
    int32_t imm;
    int r, rb;

    if (gen_imm32(g, b, w, &imm)) {
        r = gen_tied_gpr(g, d, a);
        emit_alu_ri(&g->e, alu, w, (unsigned)r, imm);
    } else if (in_reg(g, a) && !tcg_is_const(gen_root(g, b)) &&
               tcg_type_of(g->ir, gen_root(g, b)) == op->type && gen_use_mem(g, b, &m)) {
        r = gen_tied_gpr(g, d, a);
        emit_alu_rm(&g->e, alu, w, (unsigned)r, &m);
    } else {
        rb = gen_use_gpr(g, b);
        r = gen_tied_gpr(g, d, a);
        emit_alu_rr(&g->e, alu, w, (unsigned)r, (unsigned)rb);
    }
    return r;
}

/* Commutative: better with b tied? */
static bool swap(const struct gen *g, tcg_val d, tcg_val a, tcg_val b)
{
    tcg_val ra = gen_root(g, a), rb = gen_root(g, b);

    if (tcg_is_const(rb))
        return false;
    if (tcg_is_const(ra))
        return true;
    if (g->val[d].hint != GEN_NOREG) {
        if (g->val[rb].reg == g->val[d].hint)
            return true;
        if (g->val[ra].reg == g->val[d].hint)
            return false;
    }
    return gen_dies(g, b) && !gen_dies(g, a);
}

static void add(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    tcg_val a = op->a, b = op->b;
    unsigned w = gen_wide(op);
    struct emit_mem m;
    int32_t imm;
    int r, ra, rb;
    bool keep;

    if (swap(g, d, a, b)) {
        a = op->b;
        b = op->a;
    }
    if (has_twin(g, op, d, TCG_OP_addf)) {
        alu_tied(g, op, d, ALU_ADD, a, b);
        gen_set_hf(g, HF_ADD, width_of(op), op->a, op->b);
        return;
    }
    keep = gen_hf_wanted(g);
    if ((keep || in_reg(g, a)) && gen_imm32(g, b, w, &imm)) {
        ra = gen_use_gpr(g, a);
        r = gen_def_late_gpr(g, d);
        if (r == ra && !keep) {
            emit_alu_ri(&g->e, ALU_ADD, w, (unsigned)r, imm);
            g->hf = HF_NONE;
        } else {
            m = mem_bd(ra, imm);
            emit_lea(&g->e, w, (unsigned)r, &m);
        }
        return;
    }
    if (keep || (in_reg(g, a) && in_reg(g, b))) {
        ra = gen_use_gpr(g, a);
        rb = gen_use_gpr(g, b);
        r = gen_def_late_gpr(g, d);
        if (!keep && (r == ra || r == rb)) {
            emit_alu_rr(&g->e, ALU_ADD, w, (unsigned)r, (unsigned)(r == ra ? rb : ra));
            g->hf = HF_NONE;
        } else {
            m = mem_bi(ra, rb, 0, 0);
            emit_lea(&g->e, w, (unsigned)r, &m);
        }
        return;
    }
    alu_tied(g, op, d, ALU_ADD, a, b);
    g->hf = HF_NONE;
}

static void sub(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    unsigned w = gen_wide(op);
    tcg_val ra = gen_root(g, op->a), rb = gen_root(g, op->b);
    struct emit_mem m;
    int32_t imm;
    int r;

    if (has_twin(g, op, d, TCG_OP_subf)) {
        /* Nothing. */
    } else if (in_reg(g, op->a) && gen_imm32(g, op->b, w, &imm) && imm != INT32_MIN) {
        int from = gen_use_gpr(g, op->a);

        r = gen_def_late_gpr(g, d);
        if (r == from) {
            emit_alu_ri(&g->e, ALU_SUB, w, (unsigned)r, imm);
            gen_set_hf(g, HF_CMP, width_of(op), ra, rb);
        } else {
            m = mem_bd(from, -imm);
            emit_lea(&g->e, w, (unsigned)r, &m);
        }
        return;
    } else if (g->val[d].hint != GEN_NOREG && in_reg(g, op->b) && in_reg(g, op->a) && ra != rb &&
               g->val[rb].reg == g->val[d].hint && gen_dies(g, op->b)) {
        int from = gen_use_gpr(g, op->a);

        r = gen_tied_gpr(g, d, op->b);
        emit_f7(&g->e, 3, w, (unsigned)r);
        emit_alu_rr(&g->e, ALU_ADD, w, (unsigned)r, (unsigned)from);
        g->hf = HF_NONE;
        return;
    }
    alu_tied(g, op, d, ALU_SUB, op->a, op->b);
    gen_set_hf(g, HF_CMP, width_of(op), ra, rb);
}

static void logic(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    static const uint8_t alus[3] = { ALU_AND, ALU_OR, ALU_XOR };
    unsigned alu = alus[op->op - TCG_OP_and];
    tcg_val a = op->a, b = op->b;
    uint64_t c;
    int r, from;

    if (swap(g, d, a, b)) {
        a = op->b;
        b = op->a;
    }
    if (alu == ALU_AND && gen_wide(op) && gen_const_of(g, b, &c) && c <= 0xffffffff) {
        if (c == 0xff || c == 0xffff || c == 0xffffffff) {
            from = gen_use_gpr(g, a);
            r = gen_def_late_gpr(g, d);
            if (c == 0xff)
                emit_movzx8(&g->e, (unsigned)r, (unsigned)from);
            else if (c == 0xffff)
                emit_movzx16(&g->e, (unsigned)r, (unsigned)from);
            else
                emit_mov_rr(&g->e, 0, (unsigned)r, (unsigned)from);
            return;
        }
        r = gen_tied_gpr(g, d, a);
        emit_alu_ri(&g->e, ALU_AND, 0, (unsigned)r, (int32_t)c);
        g->hf = HF_NONE;
        return;
    }
    alu_tied(g, op, d, alu, a, b);
    gen_set_hf(g, HF_TEST, width_of(op), d, 0);
}

static void andn(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int ra, rb, r;

    if (g->cpu & CPU_BMI1) {
        ra = gen_use_gpr(g, op->a);
        rb = gen_use_gpr(g, op->b);
        r = gen_def_late_gpr(g, d);
        emit_vex_rr(&g->e, OPC(P_NONE, M_0F38, 0xf2), gen_wide(op), 0, (unsigned)r, (unsigned)rb,
                    (unsigned)ra);
    } else if (gen_root(g, op->a) == gen_root(g, op->b)) { /* in one register */
        r = gen_def_gpr(g, d);
        emit_alu_rr(&g->e, ALU_XOR, 0, (unsigned)r, (unsigned)r);
    } else {
        ra = gen_use_gpr(g, op->a);
        r = gen_tied_gpr(g, d, op->b);
        emit_f7(&g->e, 2, gen_wide(op), (unsigned)r);
        emit_alu_rr(&g->e, ALU_AND, gen_wide(op), (unsigned)r, (unsigned)ra);
    }
    gen_set_hf(g, HF_TEST, width_of(op), d, 0);
}

static void orn(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int ra = gen_use_gpr(g, op->a), r;

    if (gen_root(g, op->a) == gen_root(g, op->b)) {
        r = gen_def_gpr(g, d);
        emit_mov_ri(&g->e, (unsigned)r, gen_wide(op) ? ~0ull : 0xffffffff);
        return;
    }
    r = gen_tied_gpr(g, d, op->b);
    emit_f7(&g->e, 2, gen_wide(op), (unsigned)r);
    emit_alu_rr(&g->e, ALU_OR, gen_wide(op), (unsigned)r, (unsigned)ra);
    gen_set_hf(g, HF_TEST, width_of(op), d, 0);
}

static void unary(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int r = gen_tied_gpr(g, d, op->a);

    if (op->op == TCG_OP_neg)
        g->hf = HF_NONE;
    emit_f7(&g->e, op->op == TCG_OP_neg ? 3 : 2, gen_wide(op), (unsigned)r);
}

/* Is the record o that of this sum: a + b + c, or a - b' - !c with b' the complement of b? */
static unsigned sum_kind(const struct gen *g, const struct tcg_op *op, const struct tcg_op *o)
{
    tcg_val b = gen_root(g, op->b), y = gen_root(g, o->b);

    if (o->a != op->a || o->c != op->c)
        return HF_NONE;
    if (o->op == TCG_OP_adcf && y == b)
        return HF_ADC;
    if (o->op != TCG_OP_sbcf || !o->attr)
        return HF_NONE;
    if (tcg_is_const(b) && tcg_is_const(y))
        return tcg_const_of(g->ir, y)->lo == (~tcg_const_of(g->ir, b)->lo &
                                              (gen_wide(op) ? ~0ull : 0xffffffff)) ? HF_SBC : HF_NONE;
    return !tcg_is_const(b) && g->ir->ops[b].op == TCG_OP_not &&
           gen_root(g, g->ir->ops[b].a) == y ? HF_SBC : HF_NONE;
}

static void addc(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool made = gen_carry(g, op->c);
    int rc = -1, rb = -1, r;
    int32_t imm = 0;
    unsigned kind = HF_NONE;
    tcg_val y = 0;

    if (!made)
        rc = gen_use_gpr(g, op->c);
    if (!gen_imm32(g, op->b, gen_wide(op), &imm))
        rb = gen_use_gpr(g, op->b);
    r = gen_tied_gpr(g, d, op->a);
    if (!made)
        emit_rr_i8(&g->e, OPC(0, M_0F, 0xba), 0, 4, (unsigned)rc, 0); /* bt */
    if (rb < 0)
        emit_alu_ri(&g->e, ALU_ADC, gen_wide(op), (unsigned)r, imm);
    else
        emit_alu_rr(&g->e, ALU_ADC, gen_wide(op), (unsigned)r, (unsigned)rb);
    for (uint32_t i = d + 1u; i <= d + 2u && i < g->ir->nops && !kind; i++) {
        kind = g->val[i].flags & GEN_V_DEAD ? HF_NONE : sum_kind(g, op, &g->ir->ops[i]);
        y = kind ? g->ir->ops[i].b : 0;
    }
    g->hf = HF_NONE;
    if (kind) {
        gen_set_hf(g, kind, width_of(op), op->a, y);
        g->hf_c = gen_root(g, op->c);
    }
}

/* ---- multiplication and division ---- */

static void mul(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    tcg_val a = op->a, b = op->b;
    unsigned w = gen_wide(op);
    int32_t imm;
    int r, rb;

    if (swap(g, d, a, b)) {
        a = op->b;
        b = op->a;
    }
    if (gen_imm32(g, b, w, &imm)) {
        rb = gen_use_gpr(g, a);
        r = gen_def_late_gpr(g, d);
        emit_rr(&g->e, OPC(0, M_1, imm == (int8_t)imm ? 0x6b : 0x69), w, (unsigned)r, (unsigned)rb);
        if (imm == (int8_t)imm)
            emit_u8(&g->e, (uint8_t)imm);
        else
            emit_u32(&g->e, (uint32_t)imm);
        return;
    }
    rb = gen_use_gpr(g, b);
    r = gen_tied_gpr(g, d, a);
    emit_rr(&g->e, OPC(0, M_0F, 0xaf), w, (unsigned)r, (unsigned)rb);
}

static void mul_high(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool sign = op->op == TCG_OP_mulhs;
    int ra, rb, r, t;

    if (!gen_wide(op)) {
        ra = gen_use_gpr(g, op->a);
        rb = gen_use_gpr(g, op->b);
        t = gen_tmp_gpr(g);
        r = gen_def_gpr(g, d);
        if (sign) {
            emit_rr(&g->e, OPC(0, M_1, 0x63), 1, (unsigned)t, (unsigned)ra); /* movsxd */
            emit_rr(&g->e, OPC(0, M_1, 0x63), 1, (unsigned)r, (unsigned)rb);
        } else {
            emit_mov_rr(&g->e, 0, (unsigned)t, (unsigned)ra);
            emit_mov_rr(&g->e, 0, (unsigned)r, (unsigned)rb);
        }
        emit_rr(&g->e, OPC(0, M_0F, 0xaf), 1, (unsigned)r, (unsigned)t);
        emit_shift_ri(&g->e, SH_SHR, 1, (unsigned)r, 32);
        return;
    }
    if (!sign && g->cpu & CPU_BMI2) {
        gen_use_gpr_in(g, op->b, RDX);
        ra = gen_use_gpr(g, op->a);
        r = gen_def_late_gpr(g, d);
        emit_vex_rr(&g->e, OPC(P_F2, M_0F38, 0xf6), 1, 0, (unsigned)r, (unsigned)r, (unsigned)ra);
        return;
    }
    gen_take(g, RDX);
    gen_use_gpr_in(g, op->a, RAX);
    rb = gen_use_gpr(g, op->b);
    emit_f7(&g->e, sign ? 5 : 4, 1, (unsigned)rb);
    gen_def_in(g, d, RDX);
}

static void divide(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool sign = op->op == TCG_OP_divs || op->op == TCG_OP_rems;
    bool rem = op->op == TCG_OP_remu || op->op == TCG_OP_rems;
    unsigned w = gen_wide(op);
    struct emit_mem m;
    uint8_t *special, *end;
    unsigned b, t;

    gen_take(g, RDX);
    gen_use_gpr_in(g, op->a, RAX);
    b = (unsigned)gen_use_gpr(g, op->b);
    if (sign) { /* 0 and -1 apart: they fault or have results of their own */
        t = (unsigned)gen_tmp_gpr(g);
        m = mem_bd((int)b, 1);
        emit_lea(&g->e, w, t, &m);
        emit_alu_ri(&g->e, ALU_CMP, w, t, 1);
        special = emit_jcc8(&g->e, CC_BE);
        if (w)
            emit_u8(&g->e, 0x48);
        emit_u8(&g->e, 0x99); /* cdq, cqo */
        emit_f7(&g->e, 7, w, b);
        end = emit_jmp8(&g->e);
        emit_here8(&g->e, special);
        if (rem) { /* a * (b + 1) */
            emit_mov_rr(&g->e, w, RDX, RAX);
            emit_rr(&g->e, OPC(0, M_0F, 0xaf), w, RDX, t);
        } else {   /* a * b */
            emit_rr(&g->e, OPC(0, M_0F, 0xaf), w, RAX, b);
        }
        emit_here8(&g->e, end);
    } else {
        emit_test_rr(&g->e, w, b, b);
        special = emit_jcc8(&g->e, CC_E);
        emit_alu_rr(&g->e, ALU_XOR, 0, RDX, RDX);
        emit_f7(&g->e, 6, w, b);
        end = emit_jmp8(&g->e);
        emit_here8(&g->e, special);
        if (rem)
            emit_mov_rr(&g->e, w, RDX, RAX);
        else
            emit_alu_rr(&g->e, ALU_XOR, 0, RAX, RAX);
        emit_here8(&g->e, end);
    }
    gen_def_in(g, d, rem ? RDX : RAX);
}

/* ---- conversions, select ---- */

static void extend(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    uint64_t c;
    int ra, r;

    if (gen_const_of(g, op->a, &c)) {
        r = gen_def_gpr(g, d);
        emit_mov_ri(&g->e, (unsigned)r, op->op == TCG_OP_sext ? (uint64_t)(int64_t)(int32_t)c
                                                             : (uint32_t)c);
        return;
    }
    ra = gen_use_gpr(g, op->a);
    r = gen_def_late_gpr(g, d);
    if (op->op == TCG_OP_sext)
        emit_rr(&g->e, OPC(0, M_1, 0x63), 1, (unsigned)r, (unsigned)ra);
    else
        emit_mov_rr(&g->e, 0, (unsigned)r, (unsigned)ra);
}

static void half(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    tcg_val a = gen_root(g, op->a);
    int x, r;

    if (tcg_is_const(a)) {
        const struct tcg_const *c = tcg_const_of(g->ir, a);

        r = gen_def_gpr(g, d);
        emit_mov_ri(&g->e, (unsigned)r, op->op == TCG_OP_lo ? c->lo : c->hi);
        return;
    }
    x = gen_use_xmm(g, a);
    r = gen_def_gpr(g, d);
    if (op->op == TCG_OP_lo)
        emit_mov_rx(&g->e, 1, (unsigned)r, (unsigned)x);
    else
        emit_rr_i8(&g->e, OPC(P_66, M_0F3A, 0x16), 1, (unsigned)x, (unsigned)r, 1); /* pextrq */
}

static void pair(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int lo, hi, x;

    if (!(g->val[d].flags & GEN_V_PLAIN))
        return; /* a record: its consumers look at the halves */
    lo = gen_use_gpr(g, op->a);
    hi = gen_use_gpr(g, op->b);
    x = gen_def_xmm(g, d);
    emit_mov_xr(&g->e, 1, (unsigned)x, (unsigned)lo);
    emit_rr_i8(&g->e, OPC(P_66, M_0F3A, 0x22), 1, (unsigned)x, (unsigned)hi, 1); /* pinsrq */
}

/* The condition of a select comes first: it may want rax, and up to five registers, which are free
 * again afterwards. Moves keep the flags. */
static unsigned cond_first(struct gen *g, tcg_val cond)
{
    uint32_t locked = g->locked, temps = g->temps;
    unsigned cc = gen_cond(g, cond);

    g->locked = locked;
    g->temps = temps;
    return cc;
}

static void select_xmm(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    unsigned cc = cond_first(g, op->a);
    int b = gen_use_xmm(g, op->b), r;
    uint8_t *skip;

    r = gen_tied_xmm(g, d, op->c);
    skip = emit_jcc8(&g->e, cc ^ 1);
    emit_movaps_rr(&g->e, (unsigned)r, (unsigned)b);
    emit_here8(&g->e, skip);
}

static void select(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    tcg_val yes = op->b, no = op->c;
    unsigned cc, flip = 0;
    int ry, r;

    if (gen_is_xmm((enum tcg_type)op->type)) {
        select_xmm(g, op, d);
        return;
    }
    if (swap(g, d, no, yes) && !tcg_is_const(gen_root(g, no))) {
        yes = op->c;
        no = op->b;
        flip = 1;
    }
    cc = cond_first(g, op->a) ^ flip;
    ry = gen_use_gpr(g, yes);
    r = gen_tied_gpr(g, d, no);
    emit_cmov(&g->e, cc, gen_wide(op), (unsigned)r, (unsigned)ry);
}

const struct gen_row gen_int_rows[] = {
    { TCG_OP_add, add }, { TCG_OP_sub, sub }, { TCG_OP_addc, addc }, { TCG_OP_mul, mul },
    { TCG_OP_mulhu, mul_high }, { TCG_OP_mulhs, mul_high }, { TCG_OP_divu, divide },
    { TCG_OP_divs, divide }, { TCG_OP_remu, divide }, { TCG_OP_rems, divide },
    { TCG_OP_and, logic }, { TCG_OP_or, logic }, { TCG_OP_xor, logic }, { TCG_OP_andn, andn },
    { TCG_OP_orn, orn }, { TCG_OP_neg, unary }, { TCG_OP_not, unary }, { TCG_OP_zext, extend },
    { TCG_OP_sext, extend }, { TCG_OP_trunc, extend }, { TCG_OP_lo, half }, { TCG_OP_hi, half },
    { TCG_OP_pair, pair }, { TCG_OP_select, select }, { TCG_OP_nop, NULL },
};
_Static_assert(TCG_OP_or == TCG_OP_and + 1 && TCG_OP_xor == TCG_OP_and + 2, "order of logic");
