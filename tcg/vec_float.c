// SPDX-License-Identifier: MIT
/* Reference of the float lane operations: each lane goes through the soft twin of tcg/float.h in
 * the environment of the operation (rounding TCG_ROUND_DYN is resolved by the caller), in lane
 * order; exception bits of all lanes are or-ed into *sticky. */
#include "tcg/float.h"
#include "tcg/vec_lane.h"

VEC_INLINE enum tcg_fmt fmt(enum tcg_lane l)
{
    return l == TCG_LANE16 ? TCG_FMT_F16 : l == TCG_LANE32 ? TCG_FMT_F32 : TCG_FMT_F64;
}

void tcg_vec_vfop2(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i,
                tcg_soft_op2((enum tcg_float_op2)x->imm, fmt(x->lane), x->env,
                             vec_get(a, x->lane, i), vec_get(b, x->lane, i), x->sticky));
}

void tcg_vec_vfop1(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i,
                tcg_soft_op1((enum tcg_float_op1)x->imm, fmt(x->lane), x->env,
                             vec_get(a, x->lane, i), x->sticky));
}

void tcg_vec_vfma(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i,
                tcg_soft_fma(fmt(x->lane), x->env, vec_get(a, x->lane, i), vec_get(b, x->lane, i),
                             vec_get(c, x->lane, i), x->sticky));
}

static uint64_t lane_vfneg(uint64_t a, unsigned bits)
{
    return a ^ 1ull << (bits - 1);
}

void tcg_vec_vfneg(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_map1(d, a, x, lane_vfneg);
}

static uint64_t lane_vfabs(uint64_t a, unsigned bits)
{
    return a & ~(1ull << (bits - 1));
}

void tcg_vec_vfabs(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_map1(d, a, x, lane_vfabs);
}

void tcg_vec_vfcmp(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++) {
        bool quiet = x->imm == 0 || x->imm == 3;
        int r = tcg_soft_cmp(fmt(x->lane), x->env, quiet, vec_get(a, x->lane, i),
                             vec_get(b, x->lane, i), x->sticky);
        bool yes = x->imm == 0   ? r == 0
                   : x->imm == 1 ? r == 0 || r == 1
                   : x->imm == 2 ? r == 1
                                 : r == -1 || r == 2;

        vec_put(d, x->lane, i, yes ? ~0ull : 0);
    }
}

void tcg_vec_vfpop2(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    unsigned n = vec_lanes(x);

    (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < n; i++) {
        const struct tcg_vec *s = i < n / 2 ? a : b;
        unsigned j = i % (n / 2) * 2;

        vec_put(d, x->lane, i,
                tcg_soft_op2((enum tcg_float_op2)x->imm, fmt(x->lane), x->env,
                             vec_get(s, x->lane, j), vec_get(s, x->lane, j + 1), x->sticky));
    }
}

void tcg_vec_vfrint(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i,
                tcg_soft_round_int(fmt(x->lane), x->env, x->imm & 1, vec_get(a, x->lane, i),
                                   x->sticky));
}

void tcg_vec_vf2i(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i,
                tcg_soft_to_int(fmt(x->lane), x->env, (enum tcg_int_rule)(x->imm & 15), x->imm & 16,
                                vec_bits(x->lane), x->imm >> 8, vec_get(a, x->lane, i), x->sticky));
}

void tcg_vec_vi2f(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i,
                tcg_soft_from_int(fmt(x->lane), x->env, x->imm & 16, vec_bits(x->lane), x->imm >> 8,
                                  vec_get(a, x->lane, i), x->sticky));
}

void tcg_vec_vfwiden(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                     const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    enum tcg_lane to = (enum tcg_lane)(x->lane + 1);
    unsigned n = x->bytes >> to, from = x->imm & 1 ? n : 0;

    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < n; i++)
        vec_put(d, to, i,
                tcg_soft_convert(fmt(x->lane), fmt(to), x->env, vec_get(a, x->lane, from + i),
                                 x->sticky));
}

void tcg_vec_vfnarrow(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                      const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    enum tcg_lane to = (enum tcg_lane)(x->lane - 1);

    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < 16u >> x->lane; i++) /* a v128 may narrow to a whole v64 */
        vec_put(d, to, i,
                tcg_soft_convert(fmt(x->lane), fmt(to), x->env, vec_get(a, x->lane, i), x->sticky));
}
