/* SPDX-License-Identifier: MIT */
/* The arm64 decode table: every row is reached, no row hides a stricter later one, fields land in their
 * letters, and words that the manual leaves unallocated match nothing. Words come from the GNU
 * assembler, or for the negative list from the manual's tables of unallocated encodings. */
#include "frontends/arm64/decode_gen.h"
#include "base/base.h"
#include "tests/unit.h"

#include <string.h>

static uint64_t rng = 7;

static uint32_t rnd(void)
{
    rng = rng * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(rng >> 32);
}

/* A row with a letter that excludes values (insn.def): its fixed bits alone match too much. */
static bool limited(const struct a64_row *row)
{
    return strpbrk(row->bits, "ISTy") != NULL;
}

/* Random words of each row decode, and to that row or to a stricter one that stands before it. */
START_TEST(rows_reached)
{
    for (unsigned r = 0; r < A64_OP_COUNT; r++) {
        unsigned own = 0;

        for (unsigned n = 0; n < 400; n++) {
            const struct a64_row *row = &a64_rows[r];
            uint32_t word = (rnd() & ~row->mask) | row->match;
            struct a64_insn a;

            if (!a64_decode(word, &a) || (a.op != r && limited(row))) {
                ck_assert_msg(limited(row), "%08x of %s is not decoded", word, row->name);
                continue;
            }
            ck_assert_uint_eq(a.word, word);
            ck_assert_uint_eq(word & a64_rows[a.op].mask, a64_rows[a.op].match);
            ck_assert_msg(a.op <= r || a64_rows[r].mask != (a64_rows[r].mask & a64_rows[a.op].mask),
                          "%s decodes %08x of %s", a64_rows[a.op].name, word, row->name);
            own += a.op == r;
        }
        ck_assert_msg(own > 0, "row %s is never reached", a64_rows[r].name);
    }
}
END_TEST

START_TEST(no_hidden_rows)
{
    for (unsigned e = 0; e < A64_OP_COUNT; e++)
        for (unsigned l = e + 1; l < A64_OP_COUNT; l++) {
            const struct a64_row *x = &a64_rows[e], *y = &a64_rows[l];
            bool covers = !limited(x) && !(x->mask & ~y->mask) && (y->match & x->mask) == x->match;

            ck_assert_msg(!covers, "%s hides %s", x->name, y->name);
        }
}
END_TEST

static const struct {
    const char *text;
    uint32_t word;
    unsigned op;
    unsigned d, n, m;
} vectors[] = {
    { "add x1, x2, #3", 0x91000c41, A64_ADD_imm, 1, 2, 0 },
    { "ands w0, w1, w2", 0x6a020020, A64_ANDS_shift, 0, 1, 2 },
    { "ldr q3, [x4, #16]", 0x3dc00483, A64_LDR_imm_v, 3, 4, 0 },
    { "fadd d1, d2, d3", 0x1e632841, A64_FADD_f, 1, 2, 3 },
    { "add v0.4s, v1.4s, v2.4s", 0x4ea28420, A64_ADD_v, 0, 1, 2 },
    { "aese v0.16b, v1.16b", 0x4e284820, A64_AESE, 0, 1, 0 },
    { "movi v0.16b, #1", 0x4f00e420, A64_MOVI_8, 0, 0, 0 },
    { "sshr v0.4s, v1.4s, #3", 0x4f3d0420, A64_SSHR_v, 0, 1, 0 },
    { "casal x0, x1, [x2]", 0xc8e0fc41, A64_CAS, 1, 2, 0 },
    { "nop", 0xd503201f, A64_HINT, 0, 0, 0 },
    { "paciasp", 0xd503233f, A64_PAC_lr, 0, 0, 0 },
    { "ret", 0xd65f03c0, A64_RET, 0, 30, 0 },
};

START_TEST(words)
{
    for (unsigned i = 0; i < ARRAY_LEN(vectors); i++) {
        struct a64_insn a;

        ck_assert_msg(a64_decode(vectors[i].word, &a), "%s", vectors[i].text);
        ck_assert_str_eq(a64_rows[a.op].name, a64_rows[vectors[i].op].name);
        ck_assert_uint_eq(a.d, vectors[i].d);
        ck_assert_uint_eq(a.n, vectors[i].n);
        ck_assert_uint_eq(a.m, vectors[i].m);
    }
}
END_TEST

static const struct {
    const char *why;
    uint32_t word;
} never[] = {
    { "SVE: ptrue p0.b", 0x2518e3e0 },
    { "SVE: add z0.b, z1.b, z2.b", 0x04220020 },
    { "drps", 0xd6bf03e0 },
    { "dcps1", 0xd4a00001 },
    { "MTE: addg", 0x91800000 },
    { "MTE: stg", 0xd9200820 },
    { "bc.eq (FEAT_HBC)", 0x54000010 },
    { "CRC32 with sf 1 and a byte", 0x9ac24020 },
    { "fadd with the reserved type", 0x1ea32841 },
    { "sqdmulh of bytes", 0x4e22b420 },
    { "shadd of doublewords", 0x4ee20420 },
    { "shift with immh 0 and no immediate form", 0x4f008c20 },
    { "st1 single, opcode of a replicating load", 0x0d00c820 },
};

START_TEST(negative)
{
    for (unsigned i = 0; i < ARRAY_LEN(never); i++) {
        struct a64_insn a;
        bool found = a64_decode(never[i].word, &a);

        ck_assert_msg(!found, "%s: %08x is %s", never[i].why, (unsigned)never[i].word,
                      a64_rows[a.op].name);
    }
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_test(tc, rows_reached);
    tcase_add_test(tc, no_hidden_rows);
    tcase_add_test(tc, words);
    tcase_add_test(tc, negative);
}

UNIT_MAIN("arm64 decode", fill)
