// SPDX-License-Identifier: MIT
/* backends/x86_64/emit_simd.c -- moves of vector registers, as register allocation and memory
 * operations need them. Legacy encodings: they leave the upper halves of ymm registers alone, which
 * nothing here uses. */
#include "backends/x86_64/emit.h"

void emit_movaps_rr(struct emit *e, unsigned d, unsigned s)
{
    emit_rr(e, OPC(P_NONE, M_0F, 0x28), 0, d, s);
}

void emit_movups_rm(struct emit *e, unsigned d, const struct emit_mem *m)
{
    emit_rm(e, OPC(P_NONE, M_0F, 0x10), 0, d, m, 0);
}

void emit_movups_mr(struct emit *e, const struct emit_mem *m, unsigned s)
{
    emit_rm(e, OPC(P_NONE, M_0F, 0x11), 0, s, m, 0);
}

void emit_movq_xm(struct emit *e, unsigned d, const struct emit_mem *m)
{
    emit_rm(e, OPC(P_F3, M_0F, 0x7e), 0, d, m, 0);
}

void emit_movq_mx(struct emit *e, const struct emit_mem *m, unsigned s)
{
    emit_rm(e, OPC(P_66, M_0F, 0xd6), 0, s, m, 0);
}

void emit_movd_xm(struct emit *e, unsigned d, const struct emit_mem *m)
{
    emit_rm(e, OPC(P_66, M_0F, 0x6e), 0, d, m, 0);
}

void emit_movd_mx(struct emit *e, const struct emit_mem *m, unsigned s)
{
    emit_rm(e, OPC(P_66, M_0F, 0x7e), 0, s, m, 0);
}

void emit_mov_xr(struct emit *e, unsigned w, unsigned x, unsigned r)
{
    emit_rr(e, OPC(P_66, M_0F, 0x6e), w, x, r);
}

void emit_mov_rx(struct emit *e, unsigned w, unsigned r, unsigned x)
{
    emit_rr(e, OPC(P_66, M_0F, 0x7e), w, x, r);
}
