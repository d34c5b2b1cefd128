// SPDX-License-Identifier: MIT
/* backends/x86_64/gen_bits.c -- shifts, rotations, bit fields, counts and reversals. Rare
 * operations that this host has no instruction for (pdep and pext without BMI2, crc32 of the other
 * polynomial) call their C definition. */
#include "backends/x86_64/gen_priv.h"

#include "base/bits.h"

/* ---- shifts ---- */

static void shift(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    static const struct { uint8_t sh, pp; } row[] = {
        { SH_SHL, P_66 }, { SH_SHR, P_F2 }, { SH_SAR, P_F3 }, { SH_ROR, 0 },
    };
    unsigned k = op->op - TCG_OP_shl, w = gen_wide(op);
    uint64_t n;
    int r, ra, rb;

    if (gen_const_of(g, op->b, &n)) {
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
        emit_vex_rr_i8(&g->e, OPC(P_F2, M_0F3A, 0xf0), gen_wide(op), 0, (unsigned)r, 0,
                       (unsigned)ra,
                       op->imm);
        return;
    }
    r = gen_tied_gpr(g, d, op->b);
    if (op->imm)
        emit_rr_i8(&g->e, OPC(0, M_0F, 0xac), gen_wide(op), (unsigned)ra, (unsigned)r,
                   op->imm); /* shrd */
    else if (!gen_wide(op))
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
    unsigned pos = op->imm & 255, len = op->imm >> 8, w = gen_wide(op), bits = w ? 64 : 32;
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
    unsigned pos = op->imm & 255, len = op->imm >> 8, w = gen_wide(op), bits = w ? 64 : 32;
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
    unsigned pos = op->imm & 255, len = op->imm >> 8, w = gen_wide(op), bits = w ? 64 : 32;
    uint64_t mask = bits_mask(len) << pos, c;
    int r, rb, t;

    if (len >= bits) {
        rb = gen_use_gpr(g, op->b);
        r = gen_def_late_gpr(g, d);
        emit_mov_rr(&g->e, w, (unsigned)r, (unsigned)rb);
        return;
    }
    if (gen_const_of(g, op->b, &c)) { /* clear and set by constants */
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
    unsigned w = gen_wide(op), bits = w ? 64 : 32;
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

    emit_rr(&g->e, OPC(P_F3, M_0F, 0xb8), gen_wide(op), (unsigned)r, (unsigned)ra);
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
    unsigned w = gen_wide(op), r, t, u;

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
    unsigned w = gen_wide(op), t = (unsigned)gen_tmp_gpr(g), u = (unsigned)gen_tmp_gpr(g);
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
    emit_vex_rr(&g->e, OPC(op->op == TCG_OP_pdep ? P_F2 : P_F3, M_0F38, 0xf5), gen_wide(op), 0,
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

const struct gen_row gen_bits_rows[] = {
    { TCG_OP_shl, shift }, { TCG_OP_shr, shift }, { TCG_OP_sar, shift }, { TCG_OP_rotr, shift },
    { TCG_OP_extr, extr }, { TCG_OP_extract, extract }, { TCG_OP_sextract, sextract },
    { TCG_OP_deposit, deposit }, { TCG_OP_clz, count_zeros }, { TCG_OP_ctz, count_zeros },
    { TCG_OP_popcnt, popcnt }, { TCG_OP_bswap, bswap }, { TCG_OP_bitrev, bitrev },
    { TCG_OP_pdep, scatter }, { TCG_OP_pext, scatter }, { TCG_OP_crc32, crc32 },
    { TCG_OP_nop, NULL },
};
_Static_assert(TCG_OP_shr == TCG_OP_shl + 1 && TCG_OP_sar == TCG_OP_shl + 2 &&
               TCG_OP_rotr == TCG_OP_shl + 3, "order of shift");
