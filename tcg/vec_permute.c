// SPDX-License-Identifier: MIT
/* Reference of the vector operations that only move lanes: interleaving, table lookup, reversal,
 * insertion, extraction, joining halves, and the moves between vectors, integers and floats.
 * Semantics: the Arm Architecture Reference Manual, chapter C7 (ZIP1, UZP1, TRN1, EXT, TBL, REV,
 * DUP, INS, UMOV). */
#include "tcg/vec_lane.h"

void tcg_vec_vrev(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    unsigned n = x->imm >> x->lane; /* lanes in a group */

    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i - i % n + (n - 1 - i % n), vec_get(a, x->lane, i));
}

void tcg_vec_vzip1(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    unsigned from = 0;

    (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i, vec_get(i & 1 ? b : a, x->lane, from + i / 2));
}

void tcg_vec_vzip2(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    unsigned from = vec_lanes(x) / 2;

    (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i, vec_get(i & 1 ? b : a, x->lane, from + i / 2));
}

void tcg_vec_vuzp1(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    unsigned n = vec_lanes(x);

    (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < n; i++)
        vec_put(d, x->lane, i, vec_get(i < n / 2 ? a : b, x->lane, i % (n / 2) * 2));
}

void tcg_vec_vuzp2(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    unsigned n = vec_lanes(x);

    (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < n; i++)
        vec_put(d, x->lane, i, vec_get(i < n / 2 ? a : b, x->lane, i % (n / 2) * 2 + 1));
}

void tcg_vec_vtrn1(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i, vec_get(i & 1 ? b : a, x->lane, i & ~1u));
}

void tcg_vec_vtrn2(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i, vec_get(i & 1 ? b : a, x->lane, i | 1));
}

void tcg_vec_vext(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < x->bytes; i++) {
        unsigned from = i + x->imm;

        vec_put(d, TCG_LANE8, i, vec_get(from < x->bytes ? a : b, TCG_LANE8, from % x->bytes));
    }
}

void tcg_vec_vtbl(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < x->bytes; i++) {
        uint64_t at = vec_get(b, TCG_LANE8, i);

        vec_put(d, TCG_LANE8, i, at < 16 ? vec_get(a, TCG_LANE8, (unsigned)at) : 0);
    }
}

void tcg_vec_vdup(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i, a->d[0]);
}

void tcg_vec_vdupl(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i, vec_get(a, x->lane, x->imm));
}

void tcg_vec_vget(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_zero(d);
    d->d[0] = vec_get(a, x->lane, x->imm);
}

void tcg_vec_vset(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    *d = *a;
    vec_put(d, x->lane, x->imm, b->d[0]);
}

/* Halves and joins between v64 and v128; those of v256 are moves of the interpreter. */
void tcg_vec_vlow(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    (void)x;
    d->d[0] = a->d[0];
    d->d[1] = 0;
}

void tcg_vec_vhigh(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    (void)x;
    d->d[0] = a->d[1];
    d->d[1] = 0;
}

void tcg_vec_vjoin(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    (void)x;
    d->d[0] = a->d[0];
    d->d[1] = b->d[0];
}

void tcg_vec_vzext(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    (void)x;
    d->d[0] = a->d[0];
    d->d[1] = 0;
}

/* bytes: 2, 4 or 8, of the float type. */
void tcg_vec_vtof(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    d->d[0] = a->d[0] & bits_mask(x->bytes * 8);
    d->d[1] = 0;
}

void tcg_vec_vfromf(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    (void)x;
    d->d[0] = a->d[0];
    d->d[1] = 0;
}
