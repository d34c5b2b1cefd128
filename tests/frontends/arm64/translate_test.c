/* SPDX-License-Identifier: MIT */
/* Every row of the decode table becomes IR that the verifier accepts: random words of each row, under
 * several keys, with folding and without, single and in regions. */
#include "frontends/arm64/translate.h"
#include "tcg/backend.h"
#include "tests/unit.h"

#include <endian.h>

#include <stdlib.h>
#include <string.h>

enum { WORDS = 48, CODE = 0x10000 };

static uint32_t code[64];
static size_t code_len;
static uint64_t rng = 1;

static uint32_t rnd(void)
{
    uint64_t z = rng += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return (uint32_t)(z ^ z >> 31);
}

static size_t fetch(struct tcg_vcpu *v, uint64_t pc, void *buf, size_t len)
{
    size_t have = pc - CODE < code_len ? code_len - (pc - CODE) : 0;

    (void)v;
    if (len > have)
        len = have;
    memcpy(buf, (const uint8_t *)code + (pc - CODE), len);
    return len;
}

static struct tcg_engine engine = { .cfg.mem = { .user = true, .fetch = fetch } };
static struct a64_cpu cpu __attribute__((aligned(64)));

static void setup(void)
{
    char err[200];

    memset(&cpu, 0, sizeof(cpu));
    cpu.vc.engine = &engine;
    cpu.vc.guest = &a64_guest;
    cpu.cfg = a64_cpu_parse("max", err, sizeof(err));
    ck_assert_msg(cpu.cfg != NULL, "%s", err);
}

/* The IR of code[], or a failed assertion. Returns whether it has an exit with UNDEFINED. */
static bool translate(uint64_t key, bool nofold, unsigned max, const char *what)
{
    struct tcg_limits lim = { max, ~0ull };
    struct tcg_builder b;
    struct tcg_ir ir;
    char buf[256];
    const char *bad;
    bool undefined = false;

    tcg_ir_init(&ir, &a64_guest);
    tcg_builder_init(&b, &ir, nofold);
    tcg_builder_start(&b, CODE, key);
    a64_translate(&b, &cpu.vc, CODE, key, &lim);
    tcg_builder_finish(&b);
    bad = tcg_ir_verify(&ir, buf, sizeof(buf));
    if (bad) {
        tcg_ir_print(&ir, stderr);
        ck_abort_msg("%s %08x: %s", what, (unsigned)code[0], bad);
    }
    for (uint32_t i = 0; i < ir.nops; i++)
        if (ir.ops[i].op == TCG_OP_exit && ir.ops[i].sub == TCG_EXIT_EXCEPTION &&
            ir.ops[i].imm == TCG_EXC_UNDEFINED)
            undefined = true;
    ck_assert_uint_eq(ir.lo, CODE);
    tcg_builder_free(&b);
    tcg_ir_free(&ir);
    return undefined;
}

static uint32_t word_of(const struct a64_row *row)
{
    return row->match | (rnd() & ~row->mask);
}

/* Undefined by nature, or by a choice told in the translator. */
static bool may_be_undefined(enum a64_op op)
{
    return op == A64_UDF || op == A64_HLT || op == A64_SYSL || op == A64_SYS || op == A64_MSR ||
           op == A64_MRS || op == A64_MSR_imm;
}

/* Any mode of a machine (key.h), or EL1 with nothing trapped. */
static uint64_t machine_key(bool plain)
{
    uint64_t key = rnd() & ~(3ull << A64_KEY_MMU_LSB);

    return plain ? A64_KEYBIT_EL1 | 1 << A64_KEY_MMU_LSB
                 : key | (uint64_t)(rnd() % 3) << A64_KEY_MMU_LSB;
}

START_TEST(rows_verify)
{
    const struct a64_row *row = &a64_rows[_i];
    unsigned defined = 0;

    code_len = 4;
    for (unsigned i = 0; i < WORDS; i++) {
        code[0] = htole32(word_of(row));
        cpu.user = true;
        defined += !translate(i & 1 ? 0 : rnd() & 0x17f, i & 2, 1, row->name);
        cpu.user = false;
        defined += !translate(machine_key(i & 1), i & 2, 1, row->name);
    }
    ck_assert_msg(defined || may_be_undefined((enum a64_op)_i), "%s is never defined", row->name);
}
END_TEST

START_TEST(regions_verify)
{
    for (unsigned i = 0; i < 400; i++) {
        for (unsigned k = 0; k < ARRAY_LEN(code); k++)
            code[k] = htole32(word_of(&a64_rows[rnd() % A64_OP_COUNT]));
        code_len = sizeof(code);
        cpu.user = true;
        translate(rnd() & 0x17f, i & 1, 64, "region");
        cpu.user = false;
        translate(machine_key(i & 2), i & 1, 64, "region");
    }
}
END_TEST

START_TEST(unmapped_pc_makes_a_fetch_fault)
{
    struct tcg_limits lim = { 16, ~0ull };
    struct tcg_builder b;
    struct tcg_ir ir;

    tcg_ir_init(&ir, &a64_guest);
    tcg_builder_init(&b, &ir, false);
    tcg_builder_start(&b, CODE + 0x8000, 0);
    a64_translate(&b, &cpu.vc, CODE + 0x8000, 0, &lim);
    tcg_builder_finish(&b);
    ck_assert_uint_eq(ir.ninsns, 0);
    ck_assert_uint_eq(ir.ops[ir.nops - 1].op, TCG_OP_exit);
    ck_assert_uint_eq(ir.ops[ir.nops - 1].sub, TCG_EXIT_FAULT);
    tcg_builder_free(&b);
    tcg_ir_free(&ir);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_unchecked_fixture(tc, setup, NULL);
    tcase_add_loop_test(tc, rows_verify, 0, A64_OP_COUNT);
    tcase_add_test(tc, regions_verify);
    tcase_add_test(tc, unmapped_pc_makes_a_fetch_fault);
}

UNIT_MAIN("arm64 translate", fill)
