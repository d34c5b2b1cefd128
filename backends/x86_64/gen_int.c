// SPDX-License-Identifier: MIT
/* backends/x86_64/gen_int.c -- integer arithmetic, logic, shifts, fields. Rare operations that this
 * host has no instruction for (pdep and pext without BMI2, crc32 of the other polynomial) call their
 * C definition. */
#include "backends/x86_64/gen_priv.h"

#include "base/bits.h"

static bool wide(const struct tcg_op *op)
{
    return op->type == TCG_I64;
}

static bool in_reg(const struct gen *g, tcg_val v)
{
    v = gen_root(g, v);
    return !tcg_is_const(v) && g->val[v].reg != GEN_NOREG;
}

static bool const_of(const struct gen *g, tcg_val v, uint64_t *c)
{
    v = gen_root(g, v);
    if (!tcg_is_const(v))
        return false;
    *c = tcg_const_of(g->ir, v)->lo;
    return true;
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
    return wide(op) ? 3 : 2;
}

/* d = a <alu> b with the result in a's place. */
static int alu_tied(struct gen *g, const struct tcg_op *op, tcg_val d, unsigned alu, tcg_val a,
                    tcg_val b)
{
    unsigned w = wide(op);
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
    unsigned w = wide(op);
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
    unsigned w = wide(op);
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
    if (alu == ALU_AND && wide(op) && const_of(g, b, &c) && c <= 0xffffffff) {
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
        emit_vex_rr(&g->e, OPC(P_NONE, M_0F38, 0xf2), wide(op), 0, (unsigned)r, (unsigned)rb,
                    (unsigned)ra);
    } else {
        ra = gen_use_gpr(g, op->a);
        r = gen_tied_gpr(g, d, op->b);
        emit_f7(&g->e, 2, wide(op), (unsigned)r);
        emit_alu_rr(&g->e, ALU_AND, wide(op), (unsigned)r, (unsigned)ra);
    }
    gen_set_hf(g, HF_TEST, width_of(op), d, 0);
}

static void orn(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int ra = gen_use_gpr(g, op->a), r;

    if (gen_root(g, op->a) == gen_root(g, op->b)) {
        r = gen_def_gpr(g, d);
        emit_mov_ri(&g->e, (unsigned)r, wide(op) ? ~0ull : 0xffffffff);
        return;
    }
    r = gen_tied_gpr(g, d, op->b);
    emit_f7(&g->e, 2, wide(op), (unsigned)r);
    emit_alu_rr(&g->e, ALU_OR, wide(op), (unsigned)r, (unsigned)ra);
    gen_set_hf(g, HF_TEST, width_of(op), d, 0);
}

static void unary(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int r = gen_tied_gpr(g, d, op->a);

    if (op->op == TCG_OP_neg)
        g->hf = HF_NONE;
    emit_f7(&g->e, op->op == TCG_OP_neg ? 3 : 2, wide(op), (unsigned)r);
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
                                              (wide(op) ? ~0ull : 0xffffffff)) ? HF_SBC : HF_NONE;
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
    if (!gen_imm32(g, op->b, wide(op), &imm))
        rb = gen_use_gpr(g, op->b);
    r = gen_tied_gpr(g, d, op->a);
    if (!made)
        emit_rr_i8(&g->e, OPC(0, M_0F, 0xba), 0, 4, (unsigned)rc, 0); /* bt */
    if (rb < 0)
        emit_alu_ri(&g->e, ALU_ADC, wide(op), (unsigned)r, imm);
    else
        emit_alu_rr(&g->e, ALU_ADC, wide(op), (unsigned)r, (unsigned)rb);
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
    unsigned w = wide(op);
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

    if (!wide(op)) {
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
    unsigned w = wide(op);
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

/* ---- shifts ---- */

static void shift(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    static const struct { uint8_t sh, pp; } row[] = {
        { SH_SHL, P_66 }, { SH_SHR, P_F2 }, { SH_SAR, P_F3 }, { SH_ROR, 0 },
    };
    unsigned k = op->op - TCG_OP_shl, w = wide(op);
    uint64_t n;
    int r, ra, rb;

    if (const_of(g, op->b, &n)) {
        n &= w ? 63 : 31;
        if (k == 3 && g->cpu & CPU_BMI2) {
            ra = gen_use_gpr(g, op->a);
            r = gen_def_late_gpr(g, d);
            emit_vex_rr_i8(&g->e, OPC(P_F2, M_0F3A, 0xf0), w, 0, (unsigned)r, 0, (unsigned)ra,
                           (unsigned)n);
            return;
        }
        r = gen_tied_gpr(g, d, op->a);
        if (n)
            emit_shift_ri(&g->e, row[k].sh, w, (unsigned)r, (unsigned)n);
        else if (!w)
            emit_mov_rr(&g->e, 0, (unsigned)r, (unsigned)r);
        return;
    }
    if (k < 3 && g->cpu & CPU_BMI2) {
        ra = gen_use_gpr(g, op->a);
        rb = gen_use_gpr(g, op->b);
        r = gen_def_late_gpr(g, d);
        emit_vex_rr(&g->e, OPC(row[k].pp, M_0F38, 0xf7), w, 0, (unsigned)r, (unsigned)rb,
                    (unsigned)ra);
        return;
    }
    gen_use_gpr_in(g, op->b, RCX);
    r = gen_tied_gpr(g, d, op->a);
    emit_shift_cl(&g->e, row[k].sh, w, (unsigned)r);
    if (!w)
        emit_mov_rr(&g->e, 0, (unsigned)r, (unsigned)r); /* count 0 leaves the upper half alone */
}

static void extr(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int ra = gen_use_gpr(g, op->a), r;

    if (op->imm && gen_root(g, op->a) == gen_root(g, op->b) && g->cpu & CPU_BMI2) {
        r = gen_def_late_gpr(g, d);
        emit_vex_rr_i8(&g->e, OPC(P_F2, M_0F3A, 0xf0), wide(op), 0, (unsigned)r, 0, (unsigned)ra,
                       op->imm);
        return;
    }
    r = gen_tied_gpr(g, d, op->b);
    if (op->imm)
        emit_rr_i8(&g->e, OPC(0, M_0F, 0xac), wide(op), (unsigned)ra, (unsigned)r, op->imm); /* shrd */
    else if (!wide(op))
        emit_mov_rr(&g->e, 0, (unsigned)r, (unsigned)r);
}

/* ---- fields ---- */

static void and_mask(struct gen *g, unsigned r, unsigned len)
{
    if (len == 8)
        emit_movzx8(&g->e, r, r);
    else if (len == 16)
        emit_movzx16(&g->e, r, r);
    else if (len == 32)
        emit_mov_rr(&g->e, 0, r, r);
    else
        emit_alu_ri(&g->e, ALU_AND, 0, r, (int32_t)bits_mask(len));
}

static void extract(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    unsigned pos = op->imm & 255, len = op->imm >> 8, w = wide(op), bits = w ? 64 : 32;
    int r, ra;

    if (pos == 0 && (len == 8 || len == 16 || len == 32)) {
        ra = gen_use_gpr(g, op->a);
        r = gen_def_late_gpr(g, d);
        if (len == 8)
            emit_movzx8(&g->e, (unsigned)r, (unsigned)ra);
        else if (len == 16)
            emit_movzx16(&g->e, (unsigned)r, (unsigned)ra);
        else
            emit_mov_rr(&g->e, 0, (unsigned)r, (unsigned)ra);
        return;
    }
    if (pos && pos + len < bits && len < 32 && g->cpu & CPU_BMI2) {
        ra = gen_use_gpr(g, op->a);
        r = gen_def_late_gpr(g, d);
        emit_vex_rr_i8(&g->e, OPC(P_F2, M_0F3A, 0xf0), w, 0, (unsigned)r, 0, (unsigned)ra, pos);
        and_mask(g, (unsigned)r, len);
        return;
    }
    r = gen_tied_gpr(g, d, op->a);
    if (pos + len >= bits) {
        if (pos)
            emit_shift_ri(&g->e, SH_SHR, w, (unsigned)r, pos);
        else if (!w)
            emit_mov_rr(&g->e, 0, (unsigned)r, (unsigned)r);
    } else if (len <= 32) {
        if (pos)
            emit_shift_ri(&g->e, SH_SHR, w, (unsigned)r, pos);
        and_mask(g, (unsigned)r, len);
    } else {
        emit_shift_ri(&g->e, SH_SHL, 1, (unsigned)r, 64 - pos - len);
        emit_shift_ri(&g->e, SH_SHR, 1, (unsigned)r, 64 - len);
    }
}

static void sextract(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    unsigned pos = op->imm & 255, len = op->imm >> 8, w = wide(op), bits = w ? 64 : 32;
    int r, ra;

    if (pos == 0 && (len == 8 || len == 16 || (len == 32 && w))) {
        ra = gen_use_gpr(g, op->a);
        r = gen_def_late_gpr(g, d);
        if (len == 8)
            emit_rr(&g->e, OPC(0, M_0F, 0xbe) | (ra >= 4 ? OPC_BYTE_REG : 0), w, (unsigned)r,
                    (unsigned)ra);
        else if (len == 16)
            emit_rr(&g->e, OPC(0, M_0F, 0xbf), w, (unsigned)r, (unsigned)ra);
        else
            emit_rr(&g->e, OPC(0, M_1, 0x63), 1, (unsigned)r, (unsigned)ra);
        return;
    }
    r = gen_tied_gpr(g, d, op->a);
    if (pos + len < bits)
        emit_shift_ri(&g->e, SH_SHL, w, (unsigned)r, bits - pos - len);
    if (len < bits)
        emit_shift_ri(&g->e, SH_SAR, w, (unsigned)r, bits - len);
    else if (!w)
        emit_mov_rr(&g->e, 0, (unsigned)r, (unsigned)r);
}

static void deposit(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    unsigned pos = op->imm & 255, len = op->imm >> 8, w = wide(op), bits = w ? 64 : 32;
    uint64_t mask = bits_mask(len) << pos, c;
    int r, rb, t;

    if (len >= bits) {
        rb = gen_use_gpr(g, op->b);
        r = gen_def_late_gpr(g, d);
        emit_mov_rr(&g->e, w, (unsigned)r, (unsigned)rb);
        return;
    }
    if (const_of(g, op->b, &c)) { /* clear and set by constants */
        uint64_t keep = ~mask & (w ? ~0ull : 0xffffffff), set = c << pos & mask;

        t = keep != (uint64_t)(int64_t)(int32_t)keep && w ? gen_tmp_gpr(g) : -1;
        if (t < 0 && set != (uint64_t)(int64_t)(int32_t)set && w)
            t = gen_tmp_gpr(g);
        r = gen_tied_gpr(g, d, op->a);
        if (!w || keep == (uint64_t)(int64_t)(int32_t)keep) {
            emit_alu_ri(&g->e, ALU_AND, w, (unsigned)r, (int32_t)keep);
        } else {
            emit_mov_ri(&g->e, (unsigned)t, keep);
            emit_alu_rr(&g->e, ALU_AND, 1, (unsigned)r, (unsigned)t);
        }
        if (!set)
            return;
        if (!w || set == (uint64_t)(int64_t)(int32_t)set) {
            emit_alu_ri(&g->e, ALU_OR, w, (unsigned)r, (int32_t)set);
        } else {
            emit_mov_ri(&g->e, (unsigned)t, set);
            emit_alu_rr(&g->e, ALU_OR, 1, (unsigned)r, (unsigned)t);
        }
        return;
    }
    rb = gen_use_gpr(g, op->b);
    if (pos == 0 && (len == 8 || len == 16) && w) {
        r = gen_tied_gpr(g, d, op->a);
        if (len == 8)
            emit_rr(&g->e, OPC(0, M_1, 0x8a) | OPC_BYTE_REG, 0, (unsigned)r, (unsigned)rb);
        else
            emit_rr(&g->e, OPC(P_66, M_1, 0x8b), 0, (unsigned)r, (unsigned)rb);
        return;
    }
    t = gen_tmp_gpr(g);
    emit_mov_rr(&g->e, w, (unsigned)t, (unsigned)rb);
    emit_shift_ri(&g->e, SH_SHL, w, (unsigned)t, bits - len);
    if (bits - len - pos)
        emit_shift_ri(&g->e, SH_SHR, w, (unsigned)t, bits - len - pos);
    c = ~mask & (w ? ~0ull : 0xffffffff);
    if (!w || c == (uint64_t)(int64_t)(int32_t)c) {
        r = gen_tied_gpr(g, d, op->a);
        emit_alu_ri(&g->e, ALU_AND, w, (unsigned)r, (int32_t)c);
    } else {
        int t2 = gen_tmp_gpr(g);

        r = gen_tied_gpr(g, d, op->a);
        emit_mov_ri(&g->e, (unsigned)t2, c);
        emit_alu_rr(&g->e, ALU_AND, 1, (unsigned)r, (unsigned)t2);
    }
    emit_alu_rr(&g->e, ALU_OR, w, (unsigned)r, (unsigned)t);
}

/* ---- bits ---- */

static void count_zeros(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    bool lead = op->op == TCG_OP_clz;
    unsigned w = wide(op), bits = w ? 64 : 32;
    int ra = gen_use_gpr(g, op->a), r, t;

    if (g->cpu & (lead ? CPU_LZCNT : CPU_BMI1)) {
        r = gen_def_late_gpr(g, d);
        emit_rr(&g->e, OPC(P_F3, M_0F, lead ? 0xbd : 0xbc), w, (unsigned)r, (unsigned)ra);
        return;
    }
    t = gen_tmp_gpr(g);
    r = gen_def_gpr(g, d);
    emit_mov_ri(&g->e, (unsigned)t, lead ? 2 * bits - 1 : bits);
    emit_rr(&g->e, OPC(0, M_0F, lead ? 0xbd : 0xbc), w, (unsigned)r, (unsigned)ra);
    emit_cmov(&g->e, CC_E, w, (unsigned)r, (unsigned)t);
    if (lead)
        emit_alu_ri(&g->e, ALU_XOR, w, (unsigned)r, (int32_t)bits - 1);
}

static void popcnt(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int ra = gen_use_gpr(g, op->a), r = gen_def_late_gpr(g, d);

    emit_rr(&g->e, OPC(P_F3, M_0F, 0xb8), wide(op), (unsigned)r, (unsigned)ra);
}

static void bswap_reg(struct gen *g, unsigned w, unsigned r)
{
    if (w || r >> 3)
        emit_u8(&g->e, 0x40 | w << 3 | r >> 3);
    emit_u8(&g->e, 0x0f);
    emit_u8(&g->e, 0xc8 | (r & 7));
}

/* r = (r & m) << n | (r >> n & m); t, u are free. */
static void swap_groups(struct gen *g, unsigned w, unsigned r, unsigned t, unsigned u, uint64_t m,
                        unsigned n)
{
    emit_mov_ri(&g->e, u, w ? m : (uint32_t)m);
    emit_mov_rr(&g->e, w, t, r);
    emit_shift_ri(&g->e, SH_SHR, w, t, n);
    emit_alu_rr(&g->e, ALU_AND, w, t, u);
    emit_alu_rr(&g->e, ALU_AND, w, r, u);
    emit_shift_ri(&g->e, SH_SHL, w, r, n);
    emit_alu_rr(&g->e, ALU_OR, w, r, t);
}

static void bswap(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    unsigned w = wide(op), r, t, u;

    if (op->sub == 1 && w) {
        t = (unsigned)gen_tmp_gpr(g);
        u = (unsigned)gen_tmp_gpr(g);
        r = (unsigned)gen_tied_gpr(g, d, op->a);
        swap_groups(g, 1, r, t, u, 0x00ff00ff00ff00ffull, 8);
        return;
    }
    r = (unsigned)gen_tied_gpr(g, d, op->a);
    bswap_reg(g, w, r);
    if (op->sub == 1)
        emit_shift_ri(&g->e, SH_ROR, 0, r, 16);
    else if (op->sub == 2 && w)
        emit_shift_ri(&g->e, SH_ROR, 1, r, 32);
}

static void bitrev(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    unsigned w = wide(op), t = (unsigned)gen_tmp_gpr(g), u = (unsigned)gen_tmp_gpr(g);
    unsigned r = (unsigned)gen_tied_gpr(g, d, op->a);

    bswap_reg(g, w, r);
    swap_groups(g, w, r, t, u, 0x0f0f0f0f0f0f0f0full, 4);
    swap_groups(g, w, r, t, u, 0x3333333333333333ull, 2);
    swap_groups(g, w, r, t, u, 0x5555555555555555ull, 1);
}

static uint64_t eval_int(struct tcg_vcpu *v, uint64_t what, uint64_t a, uint64_t b, uint64_t c,
                         uint64_t unused)
{
    (void)v;
    (void)unused;
    return tcg_eval_int((enum tcg_opcode)(what & 0xffff), (enum tcg_type)(what >> 16 & 0xff),
                        what >> 24 & 0xff, (uint32_t)(what >> 32), a, b, c);
}

static void by_c(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    gen_soft_arg_imm(g, 0, op->op | (uint64_t)op->type << 16 | (uint64_t)op->sub << 24 |
                               (uint64_t)op->imm << 32);
    gen_soft_arg_gpr(g, 1, gen_use_gpr(g, op->a));
    if (op->b)
        gen_soft_arg_gpr(g, 2, gen_use_gpr(g, op->b));
    if (op->c)
        gen_soft_arg_gpr(g, 3, gen_use_gpr(g, op->c));
    gen_soft_call(g, eval_int);
    gen_soft_ret_gpr(g, gen_def_gpr(g, d));
}

static void scatter(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    int ra, rb, r;

    if (!(g->cpu & CPU_BMI2)) {
        by_c(g, op, d);
        return;
    }
    ra = gen_use_gpr(g, op->a);
    rb = gen_use_gpr(g, op->b);
    r = gen_def_late_gpr(g, d);
    emit_vex_rr(&g->e, OPC(op->op == TCG_OP_pdep ? P_F2 : P_F3, M_0F38, 0xf5), wide(op), 0,
                (unsigned)r, (unsigned)ra, (unsigned)rb);
}

static void crc32(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    unsigned size = op->sub & 3;
    int rb, r;

    if (!(op->sub & 4)) {
        by_c(g, op, d);
        return;
    }
    rb = gen_use_gpr(g, op->b);
    r = gen_tied_gpr(g, d, op->a);
    if (size == 0) {
        emit_rr(&g->e, OPC(P_F2, M_0F38, 0xf0) | (rb >= 4 ? OPC_BYTE_REG : 0), 0, (unsigned)r,
                (unsigned)rb);
    } else {
        if (size == 1)
            emit_u8(&g->e, 0x66);
        emit_rr(&g->e, OPC(P_F2, M_0F38, 0xf1), size == 3, (unsigned)r, (unsigned)rb);
    }
}

/* ---- conversions, select ---- */

static void extend(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    uint64_t c;
    int ra, r;

    if (const_of(g, op->a, &c)) {
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
    emit_cmov(&g->e, cc, wide(op), (unsigned)r, (unsigned)ry);
}

const struct gen_row gen_int_rows[] = {
    { TCG_OP_add, add }, { TCG_OP_sub, sub }, { TCG_OP_addc, addc }, { TCG_OP_mul, mul },
    { TCG_OP_mulhu, mul_high }, { TCG_OP_mulhs, mul_high }, { TCG_OP_divu, divide },
    { TCG_OP_divs, divide }, { TCG_OP_remu, divide }, { TCG_OP_rems, divide },
    { TCG_OP_and, logic }, { TCG_OP_or, logic }, { TCG_OP_xor, logic }, { TCG_OP_andn, andn },
    { TCG_OP_orn, orn }, { TCG_OP_neg, unary }, { TCG_OP_not, unary }, { TCG_OP_shl, shift },
    { TCG_OP_shr, shift }, { TCG_OP_sar, shift }, { TCG_OP_rotr, shift }, { TCG_OP_extr, extr },
    { TCG_OP_extract, extract }, { TCG_OP_sextract, sextract }, { TCG_OP_deposit, deposit },
    { TCG_OP_clz, count_zeros }, { TCG_OP_ctz, count_zeros }, { TCG_OP_popcnt, popcnt },
    { TCG_OP_bswap, bswap }, { TCG_OP_bitrev, bitrev }, { TCG_OP_pdep, scatter },
    { TCG_OP_pext, scatter }, { TCG_OP_crc32, crc32 }, { TCG_OP_zext, extend },
    { TCG_OP_sext, extend }, { TCG_OP_trunc, extend }, { TCG_OP_lo, half }, { TCG_OP_hi, half },
    { TCG_OP_pair, pair }, { TCG_OP_select, select }, { TCG_OP_nop, NULL },
};
_Static_assert(TCG_OP_or == TCG_OP_and + 1 && TCG_OP_xor == TCG_OP_and + 2, "order of logic");
_Static_assert(TCG_OP_shr == TCG_OP_shl + 1 && TCG_OP_sar == TCG_OP_shl + 2 &&
               TCG_OP_rotr == TCG_OP_shl + 3, "order of shift");
