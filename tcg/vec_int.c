// SPDX-License-Identifier: MIT
/* Reference of the lane-wise integer operations of ops.def that neither saturate nor change the
 * width of a lane: arithmetic, logic, comparison, shifts by a constant, minimum and maximum,
 * halving, counting. Semantics: the Arm Architecture Reference Manual, chapter C7, of the
 * instruction with the operation's name. */
#include "tcg/vec_lane.h"

static uint64_t lane_vadd(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return a + b;
}

void tcg_vec_vadd(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vadd);
}

static uint64_t lane_vsub(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return a - b;
}

void tcg_vec_vsub(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vsub);
}

static uint64_t lane_vmul(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return a * b;
}

void tcg_vec_vmul(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vmul);
}

static uint64_t lane_vneg(uint64_t a, unsigned bits)
{
    (void)bits;
    return -a;
}

void tcg_vec_vneg(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_map1(d, a, x, lane_vneg);
}

static uint64_t lane_vabs(uint64_t a, unsigned bits)
{
    return bits_sext(a, bits) < 0 ? -a : a;
}

void tcg_vec_vabs(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_map1(d, a, x, lane_vabs);
}

void tcg_vec_vand(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    (void)x;
    d->d[0] = a->d[0] & b->d[0];
    d->d[1] = a->d[1] & b->d[1];
}

void tcg_vec_vor(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                 const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    (void)x;
    d->d[0] = a->d[0] | b->d[0];
    d->d[1] = a->d[1] | b->d[1];
}

void tcg_vec_vxor(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    (void)x;
    d->d[0] = a->d[0] ^ b->d[0];
    d->d[1] = a->d[1] ^ b->d[1];
}

void tcg_vec_vandn(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    (void)x;
    d->d[0] = a->d[0] & ~b->d[0];
    d->d[1] = a->d[1] & ~b->d[1];
}

void tcg_vec_vorn(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    d->d[0] = a->d[0] | ~b->d[0];
    d->d[1] = x->bytes == 16 ? a->d[1] | ~b->d[1] : 0;
}

void tcg_vec_vnot(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    d->d[0] = ~a->d[0];
    d->d[1] = x->bytes == 16 ? ~a->d[1] : 0;
}

void tcg_vec_vbsl(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)x;
    for (unsigned i = 0; i < 2; i++)
        d->d[i] = (a->d[i] & b->d[i]) | (~a->d[i] & c->d[i]);
}

static uint64_t lane_vcmpeq(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return a == b ? ~0ull : 0;
}

void tcg_vec_vcmpeq(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vcmpeq);
}

static uint64_t lane_vcmpgt(uint64_t a, uint64_t b, unsigned bits)
{
    return bits_sext(a, bits) > bits_sext(b, bits) ? ~0ull : 0;
}

void tcg_vec_vcmpgt(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vcmpgt);
}

static uint64_t lane_vcmpge(uint64_t a, uint64_t b, unsigned bits)
{
    return bits_sext(a, bits) >= bits_sext(b, bits) ? ~0ull : 0;
}

void tcg_vec_vcmpge(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vcmpge);
}

static uint64_t lane_vcmphi(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return a > b ? ~0ull : 0;
}

void tcg_vec_vcmphi(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vcmphi);
}

static uint64_t lane_vcmphs(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return a >= b ? ~0ull : 0;
}

void tcg_vec_vcmphs(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vcmphs);
}

static uint64_t lane_vtst(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return a & b ? ~0ull : 0;
}

void tcg_vec_vtst(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vtst);
}

void tcg_vec_vshli(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i, vec_get(a, x->lane, i) << x->imm);
}

void tcg_vec_vshri(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i, x->imm < vec_bits(x->lane) ? vec_get(a, x->lane, i) >> x->imm : 0);
}

void tcg_vec_vsari(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    unsigned n = x->imm < vec_bits(x->lane) ? x->imm : vec_bits(x->lane) - 1;

    (void)b, (void)c;
    vec_zero(d);
    for (unsigned i = 0; i < vec_lanes(x); i++)
        vec_put(d, x->lane, i, (uint64_t)(vec_gets(a, x->lane, i) >> n));
}

static uint64_t lane_vumin(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return a < b ? a : b;
}

void tcg_vec_vumin(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vumin);
}

static uint64_t lane_vumax(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return a > b ? a : b;
}

void tcg_vec_vumax(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vumax);
}

static uint64_t lane_vsmin(uint64_t a, uint64_t b, unsigned bits)
{
    return bits_sext(a, bits) < bits_sext(b, bits) ? a : b;
}

void tcg_vec_vsmin(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vsmin);
}

static uint64_t lane_vsmax(uint64_t a, uint64_t b, unsigned bits)
{
    return bits_sext(a, bits) > bits_sext(b, bits) ? a : b;
}

void tcg_vec_vsmax(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vsmax);
}

/* Halving without a wider type: the carry of a + b is what the halves lose. */
static uint64_t lane_vuhadd(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return (a & b) + ((a ^ b) >> 1);
}

void tcg_vec_vuhadd(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vuhadd);
}

static uint64_t lane_vshadd(uint64_t a, uint64_t b, unsigned bits)
{
    int64_t s = bits_sext(a, bits), t = bits_sext(b, bits);

    return (uint64_t)((s & t) + ((s ^ t) >> 1));
}

void tcg_vec_vshadd(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vshadd);
}

static uint64_t lane_vurhadd(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return (a | b) - ((a ^ b) >> 1);
}

void tcg_vec_vurhadd(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                     const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vurhadd);
}

static uint64_t lane_vsrhadd(uint64_t a, uint64_t b, unsigned bits)
{
    int64_t s = bits_sext(a, bits), t = bits_sext(b, bits);

    return (uint64_t)((s | t) - ((s ^ t) >> 1));
}

void tcg_vec_vsrhadd(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                     const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vsrhadd);
}

static uint64_t lane_vuhsub(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return (uint64_t)(((__int128)a - (__int128)b) >> 1);
}

void tcg_vec_vuhsub(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vuhsub);
}

static uint64_t lane_vshsub(uint64_t a, uint64_t b, unsigned bits)
{
    return (uint64_t)(((__int128)bits_sext(a, bits) - bits_sext(b, bits)) >> 1);
}

void tcg_vec_vshsub(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                    const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vshsub);
}

static uint64_t lane_vuabd(uint64_t a, uint64_t b, unsigned bits)
{
    (void)bits;
    return a > b ? a - b : b - a;
}

void tcg_vec_vuabd(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vuabd);
}

static uint64_t lane_vsabd(uint64_t a, uint64_t b, unsigned bits)
{
    return bits_sext(a, bits) > bits_sext(b, bits) ? a - b : b - a;
}

void tcg_vec_vsabd(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vsabd);
}

static uint64_t lane_vpmul(uint64_t a, uint64_t b, unsigned bits)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < bits; i++)
        r ^= b >> i & 1 ? a << i : 0;
    return r;
}

void tcg_vec_vpmul(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                   const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)c;
    vec_map2(d, a, b, x, lane_vpmul);
}

static uint64_t lane_vclz(uint64_t a, unsigned bits)
{
    return a ? (unsigned)__builtin_clzll(a) - (64 - bits) : bits;
}

void tcg_vec_vclz(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_map1(d, a, x, lane_vclz);
}

static uint64_t lane_vcls(uint64_t a, unsigned bits)
{
    int64_t s = bits_sext(a, bits);

    s = s < 0 ? ~s : s;
    return (s ? (unsigned)__builtin_clzll((uint64_t)s) - (64 - bits) : bits) - 1;
}

void tcg_vec_vcls(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_map1(d, a, x, lane_vcls);
}

static uint64_t lane_vpopcnt(uint64_t a, unsigned bits)
{
    (void)bits;
    return (unsigned)__builtin_popcountll(a);
}

void tcg_vec_vpopcnt(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                     const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_map1(d, a, x, lane_vpopcnt);
}

static uint64_t lane_vbitrev(uint64_t a, unsigned bits)
{
    uint64_t r = 0;

    for (unsigned i = 0; i < bits; i++)
        r |= (a >> i & 1) << (bits - 1 - i);
    return r;
}

void tcg_vec_vbitrev(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                     const struct tcg_vec *c, const struct tcg_vec_args *x)
{
    (void)b, (void)c;
    vec_map1(d, a, x, lane_vbitrev);
}
