// SPDX-License-Identifier: MIT
/* The verifier refuses IR that breaks one rule, with a text that names it; and takes the same IR
 * without the mistake (the first row). */
#include "tests/unit.h"

#include "tests/tcg/toy.h"

#include <string.h>

#define HEAD "block 0\n insn 0x1000, 4\n %a = get r0\n %w = get w0\n %q = get q0\n"
#define TAIL "\n exit.syscall 0x1004, 0\n"

static const struct {
    const char *text, *wrong; /* NULL: well formed */
} cases[] = {
    {HEAD "%b = add i64 %a, 1\n put r0, %b" TAIL, NULL},
    {HEAD "%b = add i64 %a, %w" TAIL, "operand 1 has type i32"},
    {HEAD "%b = add i64 %a" TAIL, "operand is missing"},
    {HEAD "%b = neg i64 %a, %a" TAIL, "too many"},
    {HEAD "%b = add v128 %q, %q" TAIL, "no such type"},
    {HEAD "%b = extract i64 %a, pos=60 len=8" TAIL, "field is out of range"},
    {HEAD "%b = extr i64 %a, %a imm=64" TAIL, "shift is out of range"},
    {HEAD "put w0, %a" TAIL, "operand 0 has type i64"},
    {HEAD "put r1, %a\n %b = load i64 [%a] mem(8)" TAIL, "after a put"},
    {HEAD "put r1, %a\n %b = load i64 [%a] mem(8 progress)" TAIL, NULL},
    {HEAD "put r1, %a\n call leave_if(%w)" TAIL, "after a put"},
    {HEAD "put r1, %a\n call leave_if(%w)\n %b = load i64 [%a] mem(8 progress)" TAIL, NULL},
    {HEAD "put r1, %a\n call leave_if(%w)\n put r0, %a\n %b = load i64 [%a] mem(8 progress)" TAIL,
     "after a put"},
    {"block 0\n %b = load i64 [0x100] mem(8)" TAIL, "outside of a guest instruction"},
    {HEAD "%b = load i32 [%a] mem(8)" TAIL, "larger than its type"},
    {HEAD "store i64 [%a], %a mem(8)" TAIL, "intent is write"},
    {HEAD "%b = vshli.b v128 %q imm=8" TAIL, "shift is out of range"},
    {HEAD "%b = vsqdmulh.b v128 %q, %q" TAIL, "lanes of this size"},
    {HEAD "%b = vget.d i64 %q imm=2" TAIL, "no such lane"},
    {HEAD "%f = addf.64 %w, %w" TAIL, "operands are i64"},
    {HEAD "%c = setcc.eq %a, %w" TAIL, "different types"},
    {HEAD "goto_ind.call %a\n", "return pc"},
    {HEAD "goto_pc %a\n", "pc is a constant"},
    {HEAD, "has no end"},
    {HEAD "exit.sync 0, 0" TAIL, "outside of a block"},
    {HEAD "br -> 1(%a)\nblock 1\n" TAIL, "takes 0 arguments"},
    {HEAD "br -> 1(%w)\nblock 1\n %p = param i64" TAIL, "another type"},
    {HEAD "br -> 1\nblock 1 several\n put r1, %a" TAIL, "is not visible"},
    {HEAD "br -> 1\nblock 1\n put r1, %a" TAIL, NULL},
    {HEAD "brcond %w -> 1, 1\nblock 1\n" TAIL, "several predecessors"},
    {HEAD "br -> 2\n", "not placed"},
    {HEAD "br -> 0\n", "entry has a predecessor"},
};

START_TEST(rules)
{
    struct tcg_ir ir;
    const char *err = NULL, *got;
    char buf[200];

    tcg_ir_init(&ir, &toy_guest);
    ck_assert_msg(tcg_ir_parse(&ir, cases[_i].text, toy_helpers, &err) == 0, "%s", err);
    got = tcg_ir_verify(&ir, buf, sizeof(buf));
    if (cases[_i].wrong)
        ck_assert_msg(got && strstr(got, cases[_i].wrong), "got '%s', not '%s'",
                      got ? got : "nothing", cases[_i].wrong);
    else
        ck_assert_msg(!got, "%s", got);
    tcg_ir_free(&ir);
}
END_TEST

static const struct {
    const char *text, *err;
    int line;
} bad_text[] = {
    {"block 0\n frob 1\n", "unknown operation", 2},
    {"block 0\n %a = get r0\n %a = get r1\n", "defined twice", 3},
    {"block 0\n put r0, %x\n", "not defined", 2},
    {"block 0\n %a = get zz\n", "no unit", 2},
    {"block 0\n %a = fbits i64 1\n", "wants a :type", 2},
    {"block 0\n call nobody()\n", "no helper", 2},
    {"block 0\n %a = load i64 [1] mem(3)\n", "size of memory", 2},
};

START_TEST(parse_errors)
{
    struct tcg_ir ir;
    const char *err = NULL;

    tcg_ir_init(&ir, &toy_guest);
    ck_assert_int_eq(tcg_ir_parse(&ir, bad_text[_i].text, toy_helpers, &err), bad_text[_i].line);
    ck_assert_msg(strstr(err, bad_text[_i].err), "got '%s'", err);
    tcg_ir_free(&ir);
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, rules, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tc, parse_errors, 0, ARRAY_LEN(bad_text));
}

UNIT_MAIN("verify", fill)
