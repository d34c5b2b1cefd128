// SPDX-License-Identifier: MIT
/* fuzz/ir.c -- the parser of the IR's text form, then the verifier. What both accept prints as text
 * that is read back to the same text. */
#include "fuzz/fuzz.h"

#include "tests/tcg/toy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *print(const struct tcg_ir *ir)
{
    char *text;
    size_t n;
    FILE *f = open_memstream(&text, &n);

    FUZZ_CHECK(f);
    tcg_ir_print(ir, f);
    fclose(f);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *once, *twice, buf[256];
    const char *err = NULL;
    struct tcg_ir ir;

    FUZZ_CHECK(text);
    memcpy(text, data, size);
    text[size] = 0;
    tcg_ir_init(&ir, &toy_guest);
    if (tcg_ir_parse(&ir, text, toy_helpers, &err) != 0) {
        FUZZ_CHECK(err && *err);
    } else if (!tcg_ir_verify(&ir, buf, sizeof(buf))) {
        once = print(&ir);
        tcg_ir_clear(&ir);
        FUZZ_CHECK(tcg_ir_parse(&ir, once, toy_helpers, &err) == 0);
        twice = print(&ir); /* numbered without the nops, which are not printed */
        free(once);
        tcg_ir_clear(&ir);
        FUZZ_CHECK(tcg_ir_parse(&ir, twice, toy_helpers, &err) == 0);
        once = print(&ir);
        FUZZ_CHECK(strcmp(once, twice) == 0);
        free(once);
        free(twice);
    }
    tcg_ir_free(&ir);
    free(text);
    return 0;
}
