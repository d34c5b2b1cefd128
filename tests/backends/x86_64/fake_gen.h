/* SPDX-License-Identifier: MIT */
/* tests/backends/x86_64/fake_gen.h -- runs one emitted operation; see fake_gen.c. */
#ifndef TESTS_BACKENDS_X86_64_FAKE_GEN_H
#define TESTS_BACKENDS_X86_64_FAKE_GEN_H

#include "backends/x86_64/gen_vec.h"

struct fake {
    struct gen g;
    struct tcg_engine engine;
    struct tcg_ir ir;
    uint8_t *code;
};
/* Makes a function of the operation; operands must be values 1, 2, 3 of f->ir. */
void fake_compile(struct fake *f, uint32_t cpu, const struct tcg_op *op);

#endif
