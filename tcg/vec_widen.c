// SPDX-License-Identifier: MIT
/* Reference of the vector operations whose results are wider, narrower or fewer than their lanes:
 * long products and extensions, narrowing, pairwise sums, reductions, dot and matrix products.
 * Semantics: the Arm Architecture Reference Manual, chapter C7 (SMULL, SXTL, XTN, SQXTN, ADDHN,
 * SADDLP, ADDP, ADDV, SDOT, SMMLA and their relatives). */
#include "tcg/vec_lane.h"

/* n result lanes of twice the width come from lanes from.. of the sources. */
struct widen {
    unsigned n, from;
    enum tcg_lane to;
};

VEC_INLINE struct widen widen(const struct tcg_vec_args *x)
{
    unsigned n = x->bytes >> x->lane >> 1;

    return (struct widen){n, x->imm & 1 ? n : 0, (enum tcg_lane)(x->lane + 1)};
}

void tcg_vec_vmuls(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    struct widen w = widen(x);

    (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < w.n; i++)
        vec_put(d, w.to, i,
                (uint64_t)(vec_gets(a, x->lane, w.from + i) * vec_gets(b, x->lane, w.from + i)));
}

void tcg_vec_vmulu(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    struct widen w = widen(x);

    (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < w.n; i++)
        vec_put(d, w.to, i, vec_get(a, x->lane, w.from + i) * vec_get(b, x->lane, w.from + i));
}

void tcg_vec_vmulp(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    struct widen w = widen(x);

    (void)c;
    vec_zero(d);
    if (x->lane == TCG_LANE64) {
        uint64_t m = a->d[w.from & 1], n = b->d[w.from & 1];

        for (unsigned i = 0; i < 64; i++) {
            if (n >> i & 1) {
                d->d[0] ^= m << i;
                d->d[1] ^= i ? m >> (64 - i) : 0;
            }
        }
        return;
    }
    for (unsigned i = 0; i < w.n; i++) {
        uint64_t m = vec_get(a, x->lane, w.from + i), n = vec_get(b, x->lane, w.from + i);
        uint64_t r = 0;

        for (unsigned j = 0; j < vec_bits(x->lane); j++)
            r ^= n >> j & 1 ? m << j : 0;
        vec_put(d, w.to, i, r);
    }
}

void tcg_vec_vexts(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    struct widen w = widen(x);

    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < w.n; i++)
        vec_put(d, w.to, i, (uint64_t)vec_gets(a, x->lane, w.from + i));
}

void tcg_vec_vextu(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    struct widen w = widen(x);

    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < w.n; i++)
        vec_put(d, w.to, i, vec_get(a, x->lane, w.from + i));
}

/* The narrowed lanes of a fill the result from the bottom, those of b follow at its middle. A v128
 * narrowed to a v64 alone uses all of the result: then b is zero and adds nothing. */
VEC_INLINE void narrow(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                       const struct tcg_vec_args *x, vec_lane1 *f)
{
    enum tcg_lane to = (enum tcg_lane)(x->lane - 1);
    struct tcg_vec lo = {{0, 0}}, hi = {{0, 0}};
    unsigned n = 16u >> x->lane;

    for (unsigned i = 0; i < n; i++) {
        vec_put(&lo, to, i, f(vec_get(a, x->lane, i), vec_bits(to)));
        vec_put(&hi, to, i, f(vec_get(b, x->lane, i), vec_bits(to)));
    }
    d->d[0] = x->bytes == 16 ? lo.d[0] : lo.d[0] | hi.d[0] << 32;
    d->d[1] = x->bytes == 16 ? hi.d[0] : 0;
}

static uint64_t lane_vnarrow(uint64_t a, unsigned bits)
{
    (void)bits;
    return a;
}

void tcg_vec_vnarrow(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                     const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    narrow(d, a, b, x, lane_vnarrow);
}

static uint64_t lane_vnarrow_ss(uint64_t a, unsigned bits)
{
    return vec_sat_s(bits_sext(a, 2 * bits), bits);
}

void tcg_vec_vnarrow_ss(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                        const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    narrow(d, a, b, x, lane_vnarrow_ss);
}

static uint64_t lane_vnarrow_su(uint64_t a, unsigned bits)
{
    return vec_sat_u(bits_sext(a, 2 * bits), bits);
}

void tcg_vec_vnarrow_su(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                        const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    narrow(d, a, b, x, lane_vnarrow_su);
}

static uint64_t lane_vnarrow_uu(uint64_t a, unsigned bits)
{
    return vec_sat_u((__int128)a, bits);
}

void tcg_vec_vnarrow_uu(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                        const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    narrow(d, a, b, x, lane_vnarrow_uu);
}

void tcg_vec_vaddhn(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    enum tcg_lane to = (enum tcg_lane)(x->lane - 1);
    unsigned half = vec_bits(to);
    uint64_t round = x->imm & 1 ? 1ull << (half - 1) : 0;

    (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++) {
        uint64_t m = vec_get(a, x->lane, i), n = vec_get(b, x->lane, i);

        vec_put(d, to, i, ((x->imm & 2 ? m - n : m + n) + round) >> half);
    }
}

void tcg_vec_vpaddl_s(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                      const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    struct widen w = widen(x);

    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < w.n; i++)
        vec_put(d, w.to, i,
                (uint64_t)(vec_gets(a, x->lane, 2 * i) + vec_gets(a, x->lane, 2 * i + 1)));
}

void tcg_vec_vpaddl_u(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                      const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    struct widen w = widen(x);

    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < w.n; i++)
        vec_put(d, w.to, i, vec_get(a, x->lane, 2 * i) + vec_get(a, x->lane, 2 * i + 1));
}

static uint64_t lane_add(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return a + b;
}

static uint64_t lane_umin(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return a < b ? a : b;
}

static uint64_t lane_umax(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return a > b ? a : b;
}

static uint64_t lane_smin(uint64_t a, uint64_t b, unsigned bits)
{
    return bits_sext(a, bits) < bits_sext(b, bits) ? a : b;
}

static uint64_t lane_smax(uint64_t a, uint64_t b, unsigned bits)
{
    return bits_sext(a, bits) > bits_sext(b, bits) ? a : b;
}

void tcg_vec_vpadd(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_pairwise(d, a, b, x, lane_add);
}

void tcg_vec_vpumin(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_pairwise(d, a, b, x, lane_umin);
}

void tcg_vec_vpumax(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_pairwise(d, a, b, x, lane_umax);
}

void tcg_vec_vpsmin(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_pairwise(d, a, b, x, lane_smin);
}

void tcg_vec_vpsmax(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_pairwise(d, a, b, x, lane_smax);
}

VEC_INLINE void reduce(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec_args *x,
                       vec_lane2 *f)
{
    uint64_t r = vec_get(a, x->lane, 0);

    for (unsigned i = 1; i < vec_lanes(x); i++)
        r = f(r, vec_get(a, x->lane, i), vec_bits(x->lane));
    d->d[0] = r & bits_mask(vec_bits(x->lane));
    d->d[1] = 0;
}

void tcg_vec_vredadd(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                     const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    reduce(d, a, x, lane_add);
}

void tcg_vec_vredumin(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                      const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    reduce(d, a, x, lane_umin);
}

void tcg_vec_vredumax(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                      const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    reduce(d, a, x, lane_umax);
}

void tcg_vec_vredsmin(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                      const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    reduce(d, a, x, lane_smin);
}

void tcg_vec_vredsmax(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                      const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    reduce(d, a, x, lane_smax);
}

/* Byte i of v as vdot and vmmla take it. */
VEC_INLINE int64_t dot_byte(const struct tcg_vec *v, unsigned i, bool is_signed)
{
    return is_signed ? vec_gets(v, TCG_LANE8, i) : (int64_t)vec_get(v, TCG_LANE8, i);
}

VEC_INLINE uint64_t dot(const struct tcg_vec *a, unsigned ai, const struct tcg_vec *b, unsigned bi,
                        unsigned n, uint32_t imm)
{
    int64_t sum = 0;

    for (unsigned k = 0; k < n; k++)
        sum += dot_byte(a, ai + k, imm & 1) * dot_byte(b, bi + k, imm & 2);
    return (uint64_t)sum;
}

void tcg_vec_vdot(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    vec_zero(d);
    for (unsigned i = 0; i < x->bytes / 4; i++)
        vec_put(d, TCG_LANE32, i, vec_get(c, TCG_LANE32, i) + dot(a, 4 * i, b, 4 * i, 4, x->imm));
}

void tcg_vec_vmmla(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    vec_zero(d);
    for (unsigned i = 0; i < 4; i++) /* row i / 2 of a, row i % 2 of b */
        vec_put(d, TCG_LANE32, i,
                vec_get(c, TCG_LANE32, i) + dot(a, i / 2 * 8, b, i % 2 * 8, 8, x->imm));
}
