/* SPDX-License-Identifier: MIT */
/* tests/tcg/toy.h -- a guest for tests of the IR: registers of every type, memory of its own, and
 * code that is IR text instead of instructions.
 *
 * Units: r0..r15 i64 (r0..r11 pinned), w0..w7 i32, q0..q15 v128, v0 v1 v64, s0 s1 f32, d0..d3 f64,
 * e0..e7 f80, fl0..fl3 flags. Guest memory is TOY_MEM bytes from guest address 0; rights change in
 * pages of TOY_PAGE, which suits hosts with large pages. */
#ifndef TESTS_TCG_TOY_H
#define TESTS_TCG_TOY_H

#include "tcg/backend.h"
#include "tcg/builder.h"

#define TOY_PAGE 0x10000u
#define TOY_MEM (8 * TOY_PAGE)
#define TOY_MAX_REGIONS 16

enum toy_unit {
    TOY_R0 = 0, TOY_W0 = 16, TOY_Q0 = 24, TOY_V0 = 40, TOY_S0 = 42, TOY_D0 = 44, TOY_E0 = 48,
    TOY_FL0 = 56, TOY_UNITS = 60,
};

/* 128-bit value of a unit, low half first; f80: significand, then sign and exponent. */
struct toy_value {
    uint64_t lo, hi;
};

struct toy_region {
    uint64_t pc;
    char *text;
};

/* How the text becomes IR: as it is, or through the builder, with folding or without. */
enum toy_mode { TOY_RAW, TOY_REBUILD, TOY_FOLD, TOY_MODES };

struct toy {
    struct tcg_vcpu v; /* first */
    uint64_t pc;
    uint32_t w[8];
    uint32_t s[2];
    uint64_t vec64[2], d[4];
    uint32_t fl[4];
    struct {
        uint64_t frac;
        uint16_t se;
        uint16_t pad[3];
    } e[8];
    _Alignas(16) uint64_t q[16][2];
    struct toy_region regions[TOY_MAX_REGIONS];
    unsigned nregions;
    enum toy_mode mode;
    /* Instead of text: writes the region at pc. */
    void (*build)(struct tcg_builder *b, struct toy *t, uint64_t pc);
    void *build_arg;
    unsigned translations; /* regions made so far */
    bool guest;            /* of toy_new_vcpu: engine and memory belong to others */
    char error[256];       /* why a text was refused; empty: none was */
    uint8_t *mem;
};

extern const struct tcg_guest toy_guest;

/* Makes an engine with the backend, and a vcpu attached to it; NULL with one line on stderr if the
 * backend cannot run here. One at a time runs: the fault handler finds it in a global. */
struct toy *toy_new(const struct tcg_backend *backend);
/* A vcpu of a whole machine: in an engine that is there; mem is host memory under address 0. */
struct toy *toy_new_vcpu(struct tcg_engine *e, uint8_t *mem);
/* With several: faults are this one's from now on. */
void toy_select(struct toy *t);
void toy_free(struct toy *t);
/* All units 0, all memory 0 and writable, no code. */
void toy_reset(struct toy *t);
void toy_protect(struct toy *t, unsigned page, int prot);
void toy_set(struct toy *t, unsigned unit, struct toy_value n);
struct toy_value toy_get(const struct toy *t, unsigned unit);
int toy_unit_by_name(const char *name); /* -1: none */

/* IR built anew from ir through the builder b. */
void toy_rebuild(struct tcg_builder *b, const struct tcg_ir *ir);

/* toy_helpers.c: helpers that texts may call, ended by NULL. */
extern const struct tcg_helper *const toy_helpers[];

#endif
