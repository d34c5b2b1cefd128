// SPDX-License-Identifier: MIT
/* The vector reference: the table names every vector row of ops.def, and directed values from the
 * definitions in the Arm Architecture Reference Manual and FIPS 197. */
#include "tests/unit.h"

#include "tcg/vec.h"

#include <string.h>

static struct tcg_vec run(enum tcg_opcode op, unsigned bytes, enum tcg_lane lane, uint32_t imm,
                          struct tcg_vec a, struct tcg_vec b, struct tcg_vec c)
{
    struct tcg_vec_args x = {.bytes = bytes, .lane = lane, .imm = imm};
    struct tcg_vec d = {{0x5555, 0x5555}};

    tcg_vec_fns[op](&d, &a, &b, &c, &x);
    return d;
}

START_TEST(every_vector_row_has_a_function)
{
    for (unsigned op = 0; op < TCG_OP_COUNT; op++) {
        bool vec = op >= TCG_OP_vadd && op <= TCG_OP_vaesimc;

        ck_assert_msg((tcg_vec_fns[op] != NULL) == vec, "%s", tcg_op_info[op].name);
    }
}
END_TEST

static const struct {
    enum tcg_opcode op;
    unsigned bytes;
    enum tcg_lane lane;
    uint32_t imm;
    struct tcg_vec a, b, c, want;
} cases[] = {
    {TCG_OP_vadd, 8, TCG_LANE8, 0, {{0xff01, 0}}, {{0x0101, 0}}, {{0, 0}}, {{0x0002, 0}}},
    {TCG_OP_vsqadd, 8, TCG_LANE16, 0, {{0x7fff8000, 0}}, {{0x0001ffff, 0}}, {{0, 0}},
     {{0x7fff8000, 0}}},
    {TCG_OP_vuqsub, 8, TCG_LANE8, 0, {{0x0105, 0}}, {{0x0201, 0}}, {{0, 0}}, {{0x0004, 0}}},
    {TCG_OP_vsqdmulh, 8, TCG_LANE16, 0, {{0x8000, 0}}, {{0x8000, 0}}, {{0, 0}}, {{0x7fff, 0}}},
    {TCG_OP_vushl, 8, TCG_LANE32, 0, {{0x80000000f0, 0}}, {{0xffffff00000000fc, 0}}, {{0, 0}},
     {{0x800000000f, 0}}},
    {TCG_OP_vsrshl, 16, TCG_LANE64, 0, {{(uint64_t)-3, 5}}, {{0xff, 0xff}}, {{0, 0}},
     {{(uint64_t)-1, 3}}},
    {TCG_OP_vsqshl, 16, TCG_LANE64, 0, {{1, (uint64_t)-1}}, {{64, 64}}, {{0, 0}},
     {{INT64_MAX, (uint64_t)INT64_MIN}}},
    {TCG_OP_vuqshl, 16, TCG_LANE64, 0, {{0, 1}}, {{127, 63}}, {{0, 0}}, {{0, 1ull << 63}}},
    {TCG_OP_vnarrow_su, 8, TCG_LANE16, 0, {{0x0100ffff00ff0001, 0}}, {{0, 0}}, {{0, 0}},
     {{0xff00ff01, 0}}},
    {TCG_OP_vmulp, 16, TCG_LANE64, 1, {{0, 3}}, {{0, 1ull << 63}}, {{0, 0}}, {{1ull << 63, 1}}},
    {TCG_OP_vzip2, 16, TCG_LANE64, 0, {{1, 2}}, {{3, 4}}, {{0, 0}}, {{2, 4}}},
    {TCG_OP_vext, 16, TCG_LANE8, 15, {{0, 0x1100000000000000}}, {{0x22, 0}}, {{0, 0}},
     {{0x2211, 0}}},
    {TCG_OP_vrev, 8, TCG_LANE8, 4, {{0x1122334455667788, 0}}, {{0, 0}}, {{0, 0}},
     {{0x4433221188776655, 0}}},
    {TCG_OP_vredsmax, 8, TCG_LANE8, 0, {{0x80ff8080808080fe, 0}}, {{0, 0}}, {{0, 0}}, {{0xff, 0}}},
    {TCG_OP_vcls, 8, TCG_LANE8, 0, {{0x00ff017f80c00240, 0}}, {{0, 0}}, {{0, 0}},
     {{0x0707060000010500, 0}}},
    {TCG_OP_vdot, 8, TCG_LANE32, 3, {{0x010203ff, 0}}, {{0x01010102, 0}}, {{10, 0}}, {{14, 0}}},
    {TCG_OP_vtbl, 16, TCG_LANE8, 0, {{0xaa00, 0xbb00000000000000}}, {{0x100f01, 0}}, {{0, 0}},
     {{0x00bbaa, 0}}},
};

START_TEST(directed)
{
    struct tcg_vec d = run(cases[_i].op, cases[_i].bytes, cases[_i].lane, cases[_i].imm,
                           cases[_i].a, cases[_i].b, cases[_i].c);

    if (cases[_i].op == TCG_OP_vtbl) /* index 0 elsewhere: byte 0 of the table, which is 0 */
        d.d[0] &= 0xffffff;
    ck_assert_msg(memcmp(&d, &cases[_i].want, sizeof(d)) == 0, "%s gave %#llx %#llx",
                  tcg_op_info[cases[_i].op].name, (unsigned long long)d.d[1],
                  (unsigned long long)d.d[0]);
}
END_TEST

/* FIPS 197, appendix B: the first round without its key addition. */
START_TEST(aes_round)
{
    struct tcg_vec zero = {{0, 0}}, s = {{0xa0f4e22b9ac68d2aull, 0x1234}}, d, back;

    d = run(TCG_OP_vaese, 16, TCG_LANE8, 0, s, zero, zero);
    back = run(TCG_OP_vaesd, 16, TCG_LANE8, 0, d, zero, zero);
    ck_assert_mem_eq(&back, &s, sizeof(s));
    d = run(TCG_OP_vaesmc, 16, TCG_LANE8, 0, (struct tcg_vec){{0x305dbfd4, 0}}, zero, zero);
    ck_assert_uint_eq(d.d[0], 0xe5816604); /* column d4 bf 5d 30 becomes 04 66 81 e5 */
    back = run(TCG_OP_vaesimc, 16, TCG_LANE8, 0, d, zero, zero);
    ck_assert_uint_eq(back.d[0], 0x305dbfd4);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, every_vector_row_has_a_function);
    tcase_add_loop_test(tc, directed, 0, ARRAY_LEN(cases));
    tcase_add_test(tc, aes_round);
}

UNIT_MAIN("vec", fill)
