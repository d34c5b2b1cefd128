/* SPDX-License-Identifier: MIT */
/* tests/tcg/ir_fuzz.h -- between the generator of random regions and the program that runs them. */
#ifndef TESTS_TCG_IR_FUZZ_H
#define TESTS_TCG_IR_FUZZ_H

#include "tests/tcg/toy.h"

#define FUZZ_REGIONS 3
#define FUZZ_PC(n) (0x8000u + 0x1000u * ((n) + 1))
#define FUZZ_WINDOW 0x1100u /* bytes at the start of each page that code touches */
#define FUZZ_RO_PAGE 6      /* read only; the one behind it has no rights */

struct fuzz_rng {
    uint64_t s;
};
static inline uint64_t fuzz_next(struct fuzz_rng *r)
{
    uint64_t z = r->s += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}
static inline unsigned fuzz_below(struct fuzz_rng *r, unsigned n)
{
    return (unsigned)((fuzz_next(r) >> 32) * n >> 32);
}

/* A program: regions at FUZZ_PC(0..), without folding, that branch forwards only. */
struct fuzz_case {
    struct tcg_ir ir[FUZZ_REGIONS];
    unsigned n;
    unsigned round;  /* enum tcg_round of the control word */
    bool sticky;     /* exception bits are defined */
    struct toy_value set[TOY_UNITS];
    uint64_t mem_seed;
};

void fuzz_case_init(struct fuzz_case *c);
void fuzz_case_free(struct fuzz_case *c);
/* Makes the case of this number. Every region passes the verifier. */
void fuzz_make(struct fuzz_case *c, uint64_t seed);
/* A value of type t, mostly near the edges of its formats. */
struct toy_value fuzz_value(struct fuzz_rng *r, enum tcg_type t);

#endif
