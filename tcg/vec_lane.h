/* SPDX-License-Identifier: MIT */
/* tcg/vec_lane.h -- lane access for the reference functions of vec_*.c (private to them).
 *
 * A lane is read zero-extended to 64 bits; what is written is cut to the lane. The map functions
 * are always inlined with their lane function, so that each reference is one loop. */
#ifndef TCG_VEC_LANE_H
#define TCG_VEC_LANE_H

#include "base/bits.h"
#include "tcg/vec.h"

#define V(op) tcg_vec_fn tcg_vec_##op;
#include "tcg/vec_rows.def"
#undef V

#define VEC_INLINE static inline __attribute__((always_inline, unused))

VEC_INLINE unsigned vec_bits(enum tcg_lane l)
{
    return 8u << l;
}

VEC_INLINE unsigned vec_lanes(const struct tcg_vec_args *x)
{
    return x->bytes >> x->lane;
}

VEC_INLINE uint64_t vec_get(const struct tcg_vec *v, enum tcg_lane l, unsigned i)
{
    unsigned at = i << l; /* byte */

    return v->d[at >> 3 & 1] >> (at & 7) * 8 & bits_mask(8u << l);
}

VEC_INLINE int64_t vec_gets(const struct tcg_vec *v, enum tcg_lane l, unsigned i)
{
    return bits_sext(vec_get(v, l, i), 8u << l);
}

VEC_INLINE void vec_put(struct tcg_vec *v, enum tcg_lane l, unsigned i, uint64_t n)
{
    unsigned at = i << l;

    v->d[at >> 3 & 1] = bits_put(v->d[at >> 3 & 1], (at & 7) * 8, 8u << l, n);
}

VEC_INLINE void vec_zero(struct tcg_vec *v)
{
    v->d[0] = v->d[1] = 0;
}

/* Lane functions: operands zero-extended, bits: of the lane. */
typedef uint64_t vec_lane1(uint64_t a, unsigned bits);
typedef uint64_t vec_lane2(uint64_t a, uint64_t b, unsigned bits);
typedef uint64_t vec_lane3(uint64_t a, uint64_t b, uint64_t c, unsigned bits);

VEC_INLINE void vec_map1(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec_args *x,
                         vec_lane1 *f)
{
    unsigned n = vec_lanes(x);

    vec_zero(d);
    for (unsigned i = 0; i < n; i++)
        vec_put(d, x->lane, i, f(vec_get(a, x->lane, i), vec_bits(x->lane)));
}

VEC_INLINE void vec_map2(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                         const struct tcg_vec_args *x, vec_lane2 *f)
{
    unsigned n = vec_lanes(x);

    vec_zero(d);
    for (unsigned i = 0; i < n; i++)
        vec_put(d, x->lane, i,
                f(vec_get(a, x->lane, i), vec_get(b, x->lane, i), vec_bits(x->lane)));
}

VEC_INLINE void vec_map3(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                         const struct tcg_vec *c, const struct tcg_vec_args *x, vec_lane3 *f)
{
    unsigned n = vec_lanes(x);

    vec_zero(d);
    for (unsigned i = 0; i < n; i++)
        vec_put(d, x->lane, i,
                f(vec_get(a, x->lane, i), vec_get(b, x->lane, i), vec_get(c, x->lane, i),
                  vec_bits(x->lane)));
}

/* Adjacent lanes of a, then of b, combined by f; at least two lanes (the verifier's rule). */
VEC_INLINE void vec_pairwise(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                             const struct tcg_vec_args *x, vec_lane2 *f)
{
    unsigned n = vec_lanes(x);

    vec_zero(d);
    for (unsigned i = 0; i < n; i++) {
        const struct tcg_vec *s = i < n / 2 ? a : b;
        unsigned j = i % (n / 2) * 2;

        vec_put(d, x->lane, i,
                f(vec_get(s, x->lane, j), vec_get(s, x->lane, j + 1), vec_bits(x->lane)));
    }
}

/* Saturation of a wide value to bits, signed and unsigned; results cut to the lane by vec_put. */
VEC_INLINE uint64_t vec_sat_s(__int128 n, unsigned bits)
{
    __int128 max = ((__int128)1 << (bits - 1)) - 1;

    return (uint64_t)(n > max ? max : n < -max - 1 ? -max - 1 : n);
}

VEC_INLINE uint64_t vec_sat_u(__int128 n, unsigned bits)
{
    __int128 max = ((__int128)1 << bits) - 1;

    return (uint64_t)(n > max ? max : n < 0 ? 0 : n);
}

#endif
