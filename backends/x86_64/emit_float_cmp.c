// SPDX-License-Identifier: MIT
/* backends/x86_64/emit_float_cmp.c -- float comparisons. The record of fcmpf keeps its operands;
 * whoever consumes it compares again (the sticky bits are idempotent) and tests EFLAGS. The host
 * sets ZF PF CF for unordered, CF for less, ZF for equal, none for greater; some of arm64's
 * conditions need the operands swapped, and equality needs the parity flag too. */
#include "backends/x86_64/gen_float.h"

bool gen_fcmpf_host(const struct gen *g, const struct tcg_op *op)
{
    enum tcg_type t = tcg_type_of(g->ir, op->a);

    return (t == TCG_F32 || t == TCG_F64) && !gen_env(g, op)->flush_in;
}

void gen_fcmpf_compare(struct gen *g, const struct tcg_op *op, bool swap)
{
    bool is64 = tcg_type_of(g->ir, op->a) == TCG_F64;
    int a = gen_use_xmm(g, op->a), b = gen_use_xmm(g, op->b);
    uint32_t host = op->sub & 1 ? (is64 ? X_COMISD : X_COMISS) : (is64 ? X_UCOMISD : X_UCOMISS);

    x2(g, host, swap ? b : a, swap ? a : b);
}

struct gen_fcc gen_fcc_of(unsigned fcond)
{
    switch (fcond) {
    case TCG_FZ:
        return (struct gen_fcc){ .cc = CC_E, .parity = 1 };
    case TCG_FNZ:
        return (struct gen_fcc){ .cc = CC_NE, .parity = 2 };
    case TCG_FC: /* not less */
    case TCG_FNS:
    case TCG_FBE:
        return (struct gen_fcc){ .swap = true, .cc = CC_BE };
    case TCG_FNC:
    case TCG_FS:
    case TCG_FA:
        return (struct gen_fcc){ .swap = true, .cc = CC_A };
    case TCG_FO:
        return (struct gen_fcc){ .cc = CC_P };
    case TCG_FNO:
        return (struct gen_fcc){ .cc = CC_NP };
    case TCG_FP:
        return (struct gen_fcc){ .never = true };
    case TCG_FNP:
        return (struct gen_fcc){ .always = true };
    case TCG_FHI: /* greater or unordered */
        return (struct gen_fcc){ .swap = true, .cc = CC_B };
    case TCG_FLS:
        return (struct gen_fcc){ .swap = true, .cc = CC_AE };
    case TCG_FGE:
        return (struct gen_fcc){ .cc = CC_AE };
    case TCG_FLT:
        return (struct gen_fcc){ .cc = CC_B };
    case TCG_FGT:
        return (struct gen_fcc){ .cc = CC_A };
    default: /* TCG_FLE */
        return (struct gen_fcc){ .cc = CC_BE };
    }
}

void gen_fcmpf_select(struct gen *g, bool swap, int d, int tmp)
{
    unsigned r = (unsigned)d, t = (unsigned)tmp;

    emit_mov_ri(&g->e, r, swap ? TCG_FBIT_S : TCG_FBIT_C); /* moves leave the flags alone */
    emit_mov_ri(&g->e, t, swap ? TCG_FBIT_C : TCG_FBIT_S);
    emit_cmov(&g->e, CC_B, 0, r, t);
    emit_mov_ri(&g->e, t, TCG_FBIT_Z | TCG_FBIT_C);
    emit_cmov(&g->e, CC_E, 0, r, t);
    emit_mov_ri(&g->e, t, TCG_FBIT_C | TCG_FBIT_O);
    emit_cmov(&g->e, CC_P, 0, r, t);
}

void gen_fcmpf_pack(struct gen *g, const struct tcg_op *op, int d, int tmp)
{
    if (!gen_fcmpf_host(g, op)) {
        uint64_t env, desc = op->op | (uint64_t)op->sub << 16 | (uint64_t)op->type << 24 |
                             (uint64_t)tcg_type_of(g->ir, op->a) << 32;
        int a = gen_use_xmm(g, op->a), b = gen_use_xmm(g, op->b);

        __builtin_memcpy(&env, gen_env(g, op), sizeof env);
        gen_soft_arg_imm(g, 0, desc);
        gen_soft_arg_imm(g, 1, env);
        gen_soft_arg_xmm(g, 2, a);
        gen_soft_arg_xmm(g, 3, b);
        gen_soft_arg_imm(g, 4, 0);
        gen_soft_call(g, x64_soft_float);
        gen_soft_ret_gpr(g, d);
        return;
    }
    gen_fcmpf_compare(g, op, false);
    gen_fcmpf_select(g, false, d, tmp);
}
