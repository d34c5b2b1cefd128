// SPDX-License-Identifier: MIT
/* What the builder makes of operations: each row builds some and names the operation that is left. */
#include "tests/unit.h"

#include "tcg/builder.h"
#include "tests/tcg/toy.h"

static struct tcg_ir ir;
static struct tcg_builder b;

static void setup(void)
{
    tcg_ir_init(&ir, &toy_guest);
    tcg_builder_init(&b, &ir, false);
    tcg_builder_start(&b, 0x1000, 0);
    tcg_insn(&b, 0x1000, 4, 0);
}

static void teardown(void)
{
    tcg_builder_free(&b);
    tcg_ir_free(&ir);
}

START_TEST(leading_zeros_of_reversed_bits)
{
    tcg_val x = tcg_get(&b, TOY_R0);
    tcg_val n = tcg_clz(&b, TCG_I64, tcg_bitrev(&b, TCG_I64, x));
    tcg_val w = tcg_trunc(&b, x), m = tcg_zext(&b, tcg_bitrev(&b, TCG_I32, w));

    ck_assert_uint_eq(ir.ops[n].op, TCG_OP_ctz);
    ck_assert_uint_eq(ir.ops[n].a, x);
    n = tcg_clz(&b, TCG_I32, tcg_trunc(&b, m)); /* through a 64-bit register */
    ck_assert_uint_eq(ir.ops[n].op, TCG_OP_ctz);
    ck_assert_uint_eq(ir.ops[n].a, w);
    n = tcg_clz(&b, TCG_I64, m); /* the upper half counts: stays */
    ck_assert_uint_eq(ir.ops[n].op, TCG_OP_clz);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, leading_zeros_of_reversed_bits);
}

UNIT_MAIN("fold", fill)
