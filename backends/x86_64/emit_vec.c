// SPDX-License-Identifier: MIT
/* backends/x86_64/emit_vec.c -- the table of vector operations, and those that are one host
 * instruction, a comparison or logic. Operations and lanes without a decent sequence go to
 * gen_fallback_vec: register-count shifts that saturate or have narrow lanes, carry-less products
 * of bytes, sqrdmlah and sqrdmlsh, mixed-sign saturating sums, matrix products. */
#include "backends/x86_64/gen_vec.h"

struct vop vop_begin(struct gen *g, const struct tcg_op *op, tcg_val d, unsigned ntmp)
{
    struct vop v = { .g = g, .op = op, .lane = op->sub, .v64 = op->type == TCG_V64 };

    v.a = op->a ? gen_use_xmm(g, op->a) : -1;
    v.b = op->b ? gen_use_xmm(g, op->b) : -1;
    v.c = op->c ? gen_use_xmm(g, op->c) : -1;
    for (unsigned i = 0; i < ARRAY_LEN(v.t); i++)
        v.t[i] = i < ntmp ? gen_tmp_xmm(g) : -1;
    v.d = gen_is_xmm(op->type) ? gen_def_xmm(g, d) : gen_def_gpr(g, d);
    return v;
}

void vop_k(const struct vop *v, uint32_t op, int d, int a, uint64_t k)
{
    k = x_splat(v->lane, k);
    x3k(v->g, op, d, a, k, k);
}

void vop_select(const struct vop *v, int d, int a, int b, int mask, int t)
{
    if (x_avx(v->g)) {
        xblendv(v->g, X_PBLENDVB, d, a, b, mask);
    } else {
        x3(v->g, X_PXOR, t, a, b);
        x3(v->g, X_PAND, t, t, mask);
        x3(v->g, X_PXOR, d, a, t);
    }
}

/* Operations that are one instruction; logic ignores the lane. */
struct bin {
    uint16_t op;
    uint32_t host[4]; /* by lane; 0: another emitter's */
};
static const struct bin bins[] = {
    { TCG_OP_vadd, { X_PADDB, X_PADDW, X_PADDD, X_PADDQ } },
    { TCG_OP_vsub, { X_PSUBB, X_PSUBW, X_PSUBD, X_PSUBQ } },
    { TCG_OP_vand, { X_PAND, X_PAND, X_PAND, X_PAND } },
    { TCG_OP_vor, { X_POR, X_POR, X_POR, X_POR } },
    { TCG_OP_vxor, { X_PXOR, X_PXOR, X_PXOR, X_PXOR } },
    { TCG_OP_vcmpeq, { X_PCMPEQB, X_PCMPEQW, X_PCMPEQD, X_PCMPEQQ } },
    { TCG_OP_vcmpgt, { X_PCMPGTB, X_PCMPGTW, X_PCMPGTD, X_PCMPGTQ } },
    { TCG_OP_vuqadd, { X_PADDUSB, X_PADDUSW, 0, 0 } },
    { TCG_OP_vsqadd, { X_PADDSB, X_PADDSW, 0, 0 } },
    { TCG_OP_vuqsub, { X_PSUBUSB, X_PSUBUSW, 0, 0 } },
    { TCG_OP_vsqsub, { X_PSUBSB, X_PSUBSW, 0, 0 } },
    { TCG_OP_vumin, { X_PMINUB, X_PMINUW, X_PMINUD, 0 } },
    { TCG_OP_vumax, { X_PMAXUB, X_PMAXUW, X_PMAXUD, 0 } },
    { TCG_OP_vsmin, { X_PMINSB, X_PMINSW, X_PMINSD, 0 } },
    { TCG_OP_vsmax, { X_PMAXSB, X_PMAXSW, X_PMAXSD, 0 } },
    { TCG_OP_vurhadd, { X_PAVGB, X_PAVGW, 0, 0 } },
    { TCG_OP_vmul, { 0, X_PMULLW, X_PMULLD, 0 } },
    { TCG_OP_vzip1, { X_PUNPCKLBW, X_PUNPCKLWD, X_PUNPCKLDQ, X_PUNPCKLQDQ } },
    { TCG_OP_vzip2, { X_PUNPCKHBW, X_PUNPCKHWD, X_PUNPCKHDQ, X_PUNPCKHQDQ } },
    { TCG_OP_vuzp1, { 0, 0, 0, X_PUNPCKLQDQ } },
    { TCG_OP_vuzp2, { 0, 0, 0, X_PUNPCKHQDQ } },
    { TCG_OP_vtrn1, { 0, 0, 0, X_PUNPCKLQDQ } },
    { TCG_OP_vtrn2, { 0, 0, 0, X_PUNPCKHQDQ } },
};

static void two_operand(struct gen *g, const struct tcg_op *op, tcg_val d, uint32_t host)
{
    if (x_avx(g)) {
        int a = gen_use_xmm(g, op->a), b = gen_use_xmm(g, op->b);

        x3(g, host, gen_def_late_xmm(g, d), a, b);
    } else {
        int b = gen_use_xmm(g, op->b), r = gen_tied_xmm(g, d, op->a);

        x3(g, host, r, r, b);
    }
}

void emit_vbin(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    for (unsigned i = 0; i < ARRAY_LEN(bins); i++) {
        if (bins[i].op == op->op && bins[i].host[op->sub & 3]) {
            two_operand(g, op, d, bins[i].host[op->sub & 3]);
            return;
        }
    }
    gen_fallback_vec(g, op, d);
}

/* Those whose other lanes have emitters of their own. */
static void emit_vmul_any(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    if (op->sub == TCG_LANE8 || op->sub == TCG_LANE64)
        emit_vmul(g, op, d);
    else
        emit_vbin(g, op, d);
}

static void emit_vsat_any(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    if (op->sub >= TCG_LANE32)
        emit_vsat(g, op, d);
    else
        emit_vbin(g, op, d);
}

static void emit_vurhadd(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    if (op->sub == TCG_LANE32)
        emit_vhalving(g, op, d);
    else
        emit_vbin(g, op, d);
}

static void emit_vzip2_any(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    if (op->type == TCG_V64)
        emit_vzip2(g, op, d);
    else
        emit_vbin(g, op, d);
}

static void emit_vuzp_any(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    if (op->sub == TCG_LANE64)
        emit_vbin(g, op, d);
    else
        emit_vuzp(g, op, d);
}

static void emit_vtrn_any(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    if (op->sub == TCG_LANE64)
        emit_vbin(g, op, d);
    else
        emit_vtrn(g, op, d);
}

/* ---- logic ---- */

static void emit_vandn(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 0);

    x3(g, X_PANDN, v.d, v.b, v.a);
}

static void emit_vorn(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 0);

    xones(g, v.d);
    x3(g, X_PXOR, v.d, v.d, v.b);
    x3(g, X_POR, v.d, v.d, v.a);
}

static void emit_vnot(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 0);

    xones(g, v.d);
    x3(g, X_PXOR, v.d, v.d, v.a);
}

static void emit_vbsl(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 0);

    x3(g, X_PXOR, v.d, v.b, v.c);
    x3(g, X_PAND, v.d, v.d, v.a);
    x3(g, X_PXOR, v.d, v.d, v.c);
}

/* ---- comparisons ---- */

static uint32_t cmpeq(unsigned lane)
{
    return by_lane(lane, X_PCMPEQB, X_PCMPEQW, X_PCMPEQD, X_PCMPEQQ);
}

static void invert(const struct vop *v)
{
    xones(v->g, v->t[0]);
    x3(v->g, X_PXOR, v->d, v->d, v->t[0]);
}

/* Both operands of a 64-bit unsigned comparison, biased: a in d, b in t0. */
static void bias64(const struct vop *v)
{
    vop_k(v, X_PXOR, v->d, v->a, 1ull << 63);
    vop_k(v, X_PXOR, v->t[0], v->b, 1ull << 63);
}

static void emit_vcmpge(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 1);

    if (v.lane == TCG_LANE64) {
        x3(g, X_PCMPGTQ, v.d, v.b, v.a);
        invert(&v);
    } else {
        x3(g, by_lane(v.lane, X_PMINSB, X_PMINSW, X_PMINSD, 0), v.d, v.a, v.b);
        x3(g, cmpeq(v.lane), v.d, v.d, v.b);
    }
}

static void emit_vcmphi(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 1);

    if (v.lane == TCG_LANE64) {
        bias64(&v);
        x3(g, X_PCMPGTQ, v.d, v.d, v.t[0]);
    } else {
        x3(g, by_lane(v.lane, X_PMINUB, X_PMINUW, X_PMINUD, 0), v.d, v.a, v.b);
        x3(g, cmpeq(v.lane), v.d, v.d, v.a);
        invert(&v);
    }
}

static void emit_vcmphs(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 2);

    if (v.lane == TCG_LANE64) {
        bias64(&v);
        x3(g, X_PCMPGTQ, v.t[1], v.t[0], v.d);
        xones(g, v.d);
        x3(g, X_PXOR, v.d, v.d, v.t[1]);
    } else {
        x3(g, by_lane(v.lane, X_PMINUB, X_PMINUW, X_PMINUD, 0), v.d, v.a, v.b);
        x3(g, cmpeq(v.lane), v.d, v.d, v.b);
    }
}

static void emit_vtst(struct gen *g, const struct tcg_op *op, tcg_val d)
{
    struct vop v = vop_begin(g, op, d, 1);

    x3(g, X_PAND, v.d, v.a, v.b);
    xzero(g, v.t[0]);
    x3(g, cmpeq(v.lane), v.d, v.d, v.t[0]);
    invert(&v);
}

const struct gen_row gen_vec_rows[] = {
    { TCG_OP_vadd, emit_vbin }, { TCG_OP_vsub, emit_vbin }, { TCG_OP_vmul, emit_vmul_any },
    { TCG_OP_vneg, emit_vneg }, { TCG_OP_vabs, emit_vabs }, { TCG_OP_vand, emit_vbin },
    { TCG_OP_vor, emit_vbin }, { TCG_OP_vxor, emit_vbin }, { TCG_OP_vandn, emit_vandn },
    { TCG_OP_vorn, emit_vorn }, { TCG_OP_vnot, emit_vnot }, { TCG_OP_vbsl, emit_vbsl },
    { TCG_OP_vcmpeq, emit_vbin }, { TCG_OP_vcmpgt, emit_vbin }, { TCG_OP_vcmpge, emit_vcmpge },
    { TCG_OP_vcmphi, emit_vcmphi }, { TCG_OP_vcmphs, emit_vcmphs }, { TCG_OP_vtst, emit_vtst },
    { TCG_OP_vshli, emit_vshli }, { TCG_OP_vshri, emit_vshri }, { TCG_OP_vsari, emit_vsari },
    { TCG_OP_vushl, emit_vshl_reg }, { TCG_OP_vsshl, emit_vshl_reg },
    { TCG_OP_vurshri, emit_vrshri }, { TCG_OP_vsrshri, emit_vrshri },
    { TCG_OP_vuqadd, emit_vsat_any }, { TCG_OP_vsqadd, emit_vsat_any },
    { TCG_OP_vuqsub, emit_vsat_any }, { TCG_OP_vsqsub, emit_vsat_any },
    { TCG_OP_vsqabs, emit_vsqabs }, { TCG_OP_vsqneg, emit_vsqneg }, { TCG_OP_vumin, emit_vbin },
    { TCG_OP_vumax, emit_vbin }, { TCG_OP_vsmin, emit_vbin }, { TCG_OP_vsmax, emit_vbin },
    { TCG_OP_vuhadd, emit_vhalving }, { TCG_OP_vshadd, emit_vhalving },
    { TCG_OP_vurhadd, emit_vurhadd }, { TCG_OP_vsrhadd, emit_vhalving },
    { TCG_OP_vuhsub, emit_vhalving }, { TCG_OP_vshsub, emit_vhalving },
    { TCG_OP_vuabd, emit_vabd }, { TCG_OP_vsabd, emit_vabd },
    { TCG_OP_vsqdmulh, emit_vsqdmulh }, { TCG_OP_vsqrdmulh, emit_vsqdmulh },
    { TCG_OP_vmuls, emit_vmull }, { TCG_OP_vmulu, emit_vmull }, { TCG_OP_vmulp, emit_vmull },
    { TCG_OP_vexts, emit_vextend }, { TCG_OP_vextu, emit_vextend },
    { TCG_OP_vnarrow, emit_vnarrow }, { TCG_OP_vnarrow_ss, emit_vnarrow },
    { TCG_OP_vnarrow_su, emit_vnarrow }, { TCG_OP_vnarrow_uu, emit_vnarrow },
    { TCG_OP_vaddhn, emit_vaddhn }, { TCG_OP_vpaddl_s, emit_vpaddl },
    { TCG_OP_vpaddl_u, emit_vpaddl }, { TCG_OP_vpadd, emit_vpair }, { TCG_OP_vpumin, emit_vpair },
    { TCG_OP_vpumax, emit_vpair }, { TCG_OP_vpsmin, emit_vpair }, { TCG_OP_vpsmax, emit_vpair },
    { TCG_OP_vredadd, emit_vred }, { TCG_OP_vredumin, emit_vred }, { TCG_OP_vredumax, emit_vred },
    { TCG_OP_vredsmin, emit_vred }, { TCG_OP_vredsmax, emit_vred }, { TCG_OP_vclz, emit_vclz },
    { TCG_OP_vcls, emit_vclz }, { TCG_OP_vpopcnt, emit_vpopcnt }, { TCG_OP_vbitrev, emit_vbitrev },
    { TCG_OP_vrev, emit_vrev }, { TCG_OP_vzip1, emit_vbin }, { TCG_OP_vzip2, emit_vzip2_any },
    { TCG_OP_vuzp1, emit_vuzp_any }, { TCG_OP_vuzp2, emit_vuzp_any },
    { TCG_OP_vtrn1, emit_vtrn_any }, { TCG_OP_vtrn2, emit_vtrn_any }, { TCG_OP_vext, emit_vext },
    { TCG_OP_vtbl, emit_vtbl }, { TCG_OP_vdup, emit_vdup }, { TCG_OP_vdupl, emit_vdupl },
    { TCG_OP_vget, emit_vget }, { TCG_OP_vset, emit_vset }, { TCG_OP_vlow, emit_vlow },
    { TCG_OP_vhigh, emit_vhigh }, { TCG_OP_vjoin, emit_vjoin }, { TCG_OP_vzext, emit_vzext },
    { TCG_OP_vtof, emit_vtof }, { TCG_OP_vfromf, emit_vfromf }, { TCG_OP_vdot, emit_vdot },
    { TCG_OP_vfop2, emit_vfop2 }, { TCG_OP_vfop1, emit_vfop1 }, { TCG_OP_vfma, emit_vfma },
    { TCG_OP_vfneg, emit_vfneg }, { TCG_OP_vfabs, emit_vfabs }, { TCG_OP_vfcmp, emit_vfcmp },
    { TCG_OP_vfpop2, emit_vfpop2 }, { TCG_OP_vfrint, emit_vfrint }, { TCG_OP_vf2i, emit_vf2i },
    { TCG_OP_vi2f, emit_vi2f }, { TCG_OP_vfwiden, emit_vfwiden },
    { TCG_OP_vfnarrow, emit_vfnarrow }, { TCG_OP_vaese, emit_vaes }, { TCG_OP_vaesd, emit_vaes },
    { TCG_OP_vaesmc, emit_vaesmc }, { TCG_OP_vaesimc, emit_vaesmc },
    { 0, NULL },
};
