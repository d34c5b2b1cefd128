// SPDX-License-Identifier: MIT
/* Helpers that the IR cases call: one of each convention. What they compute is simple, so that a
 * case can state the result; their names say which guest instruction wants such a helper. */
#include "tests/tcg/toy.h"

#include "tcg/vec.h"

#include <string.h>

/* ---- pure, integers ---- */

static uint64_t mix(uint64_t a, uint64_t b)
{
    return a * 3 + (b ^ 0xff);
}

static uint32_t narrow(uint32_t a, uint64_t b)
{
    return a + (uint32_t)(b >> 32);
}

/* Pointer authentication with a toy code: the low 8 bits of the modifier in bits 55..48; a pointer
 * whose code is wrong gets bit 62 set. */
static uint64_t autia(uint64_t ptr, uint64_t modifier)
{
    uint64_t plain = ptr & 0xff00ffffffffffffull;

    return (ptr >> 48 & 0xff) == (modifier & 0xff) ? plain : plain | 1ull << 62;
}

/* ---- pure, vectors: byte i = (a:b)[c[i] & 31], counted from the most significant byte ---- */

static void vperm(struct tcg_vec *d, const struct tcg_vec *a, const struct tcg_vec *b,
                  const struct tcg_vec *c)
{
    d->d[0] = d->d[1] = 0;
    for (unsigned i = 0; i < 16; i++) {
        unsigned n = c->d[i < 8] >> (7 - i % 8) * 8 & 31;
        uint64_t byte = (n < 16 ? a : b)->d[n % 16 < 8] >> (7 - n % 8) * 8 & 0xff;

        d->d[i < 8] |= byte << (7 - i % 8) * 8;
    }
}

static uint32_t vsum(const struct tcg_vec *a)
{
    return (uint32_t)(a->d[0] + a->d[1]);
}

/* ---- floats travel as bits ---- */

static uint64_t fswap(uint64_t f64_bits, uint64_t f32_bits)
{
    return f64_bits ^ f32_bits;
}

/* ---- state ---- */

/* e0 = e0 with its significand halved: stands for fsin, which reads and writes a unit. */
static void fsin(struct tcg_vcpu *v)
{
    struct toy *t = (struct toy *)v;

    t->e[0].frac = t->e[0].frac >> 1 | 1ull << 63;
}

/* Leaves when asked to; the region's state must be that before the instruction. */
static uint32_t leave_if(struct tcg_vcpu *v, uint32_t yes)
{
    if (yes) {
        v->exit.reason = TCG_EXIT_EXCEPTION;
        v->exit.code = TCG_EXC_FRONTEND;
        v->exit.addr = 0x77;
    }
    return yes;
}

/* All units read and written: stands for vmrun. */
static void world_switch(struct tcg_vcpu *v)
{
    struct toy *t = (struct toy *)v;
    uint64_t n = v->hot[0];

    v->hot[0] = v->hot[1];
    v->hot[1] = n;
    t->w[0] ^= 0xffffffff;
    t->q[0][0] = t->q[1][1];
    t->fl[0] = TCG_FBIT_C;
}

/* As another thread does: translated code leaves at the next poll. */
static void kick(struct tcg_vcpu *v)
{
    tcg_kick(v);
}

static const uint16_t unit_e0[] = {TOY_E0, TCG_NO_UNIT};

#define FN(f) (void (*)(void))(f)
static const struct tcg_helper helpers[] = {
    {"mix", FN(mix), TCG_I64, 2, {TCG_I64, TCG_I64}, TCG_H_PURE, NULL, NULL},
    {"narrow", FN(narrow), TCG_I32, 2, {TCG_I32, TCG_I64}, TCG_H_PURE, NULL, NULL},
    {"autia", FN(autia), TCG_I64, 2, {TCG_I64, TCG_I64}, TCG_H_PURE, NULL, NULL},
    {"vperm", FN(vperm), TCG_V128, 3, {TCG_V128, TCG_V128, TCG_V128}, TCG_H_PURE, NULL, NULL},
    {"vsum", FN(vsum), TCG_I32, 1, {TCG_V128}, TCG_H_PURE, NULL, NULL},
    {"fswap", FN(fswap), TCG_F64, 2, {TCG_F64, TCG_F32}, TCG_H_PURE, NULL, NULL},
    {"fsin", FN(fsin), TCG_VOID, 0, {0}, TCG_H_VCPU, unit_e0, unit_e0},
    {"leave_if", FN(leave_if), TCG_I32, 1, {TCG_I32}, TCG_H_VCPU | TCG_H_LEAVE, NULL, NULL},
    {"world_switch", FN(world_switch), TCG_VOID, 0, {0}, TCG_H_VCPU, tcg_all_units, tcg_all_units},
    {"kick", FN(kick), TCG_VOID, 0, {0}, TCG_H_VCPU, NULL, NULL},
};

const struct tcg_helper *const toy_helpers[] = {
    &helpers[0], &helpers[1], &helpers[2], &helpers[3], &helpers[4],
    &helpers[5], &helpers[6], &helpers[7], &helpers[8], &helpers[9], NULL,
};
