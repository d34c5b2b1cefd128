/* SPDX-License-Identifier: MIT */
/* tests/diff/gen.c -- writes sequences of random arm64 instructions for tests/diff/harness.c.
 *
 * Rows of the decode table are drawn in turn, so that all are covered evenly; the fields are random
 * but for what makes an instruction useful (memory operands point into the harness's buffer, branches
 * go over at most one instruction) and for combinations that the manual calls unpredictable. x28 is
 * left alone: the harness needs it.
 *
 *   diff_gen [-s SEED] [-n SEQUENCES] [-l INSTRUCTIONS] [-r GLOB]... [-x GLOB]... [-a] [-t]
 *   -a  rows too that qemu 7.2 does not have or answers with other keys
 *   -t  text: index, word, row, one a line
 *   -d WORD  prints the row of one word */
#include "frontends/arm64/decode_gen.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_GLOBS = 32, MAX_WORDS = 255, STATE = 28 };

static uint64_t rng;
static bool all_rows; /* -a */

static uint32_t rnd(uint32_t n)
{
    uint64_t z = rng += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return n ? (uint32_t)((z ^ z >> 31) >> 16) % n : (uint32_t)((z ^ z >> 31) >> 16);
}

/* ---- what rows are ---- */

static const bool is_ldst[A64_OP_COUNT] = {
#define INSN(name, bits, feature) [A64_##name] = true,
#include "frontends/arm64/insn_ldst.def"
#undef INSN
};

/* Not comparable: time, keys, system calls, exits of the emulator. */
static const char *const never[] = { "SVC", "WFE", "WFI", "HLT", "SYSL", NULL };
static const char *const not_in_qemu[] = {
    "PAC*", "AUT*", "RETA", "BRA*", "BLRA*", "LDRA", "CPY*", "SET[PME]", "[SU]MAX_imm",
    "[SU]MIN_imm", "[SU]MAX_reg", "[SU]MIN_reg", "CTZ", "CNT", "ABS", NULL,
};
/* Misaligned accesses differ, since qemu 7.2 has no FEAT_LSE2. */
static const char *const aligned[] = {
    "LDAR", "LDLAR", "STLR", "STLLR", "LDAPR", "LDAPUR*", "STLUR", "CAS", "CASP", "LDADD", "LDCLR",
    "LDEOR", "LDSET", "LDSMAX", "LDSMIN", "LDUMAX", "LDUMIN", "SWP", NULL,
};

static bool in_list(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (!fnmatch(*list, name, 0))
            return true;
    return false;
}

/* ---- fields ---- */

static int width_of(const char *bits, char letter)
{
    int n = 0;

    for (; *bits; bits++)
        n += *bits == letter;
    return n;
}

static uint32_t get_field(const char *bits, char letter, uint32_t w)
{
    uint32_t v = 0;

    for (int i = 0; i < 32; i++)
        if (bits[i] == letter)
            v = v << 1 | (w >> (31 - i) & 1);
    return v;
}

static uint32_t set_field(const char *bits, char letter, uint32_t w, uint32_t v)
{
    int left = width_of(bits, letter);

    for (int i = 0; i < 32; i++)
        if (bits[i] == letter) {
            left--;
            w = (w & ~(1u << (31 - i))) | (v >> left & 1) << (31 - i);
        }
    return w;
}

/* ---- one instruction, with what must stand in front of it ---- */

static uint32_t out[MAX_WORDS];
static unsigned nout;

static void put(uint32_t w)
{
    if (nout < MAX_WORDS)
        out[nout++] = w;
}

static uint32_t other_reg(uint32_t not1, uint32_t not2, uint32_t not3)
{
    for (;;) {
        uint32_t r = rnd(31);

        if (r != STATE && r != not1 && r != not2 && r != not3)
            return r;
    }
}

/* reg = address in the buffer, middle half. */
static void put_base(uint32_t reg, uint32_t offset)
{
    put(0x91400400u | STATE << 5 | reg);                        /* add reg, x28, #1, lsl #12 */
    put(0x91000000u | (1536 + offset) << 10 | reg << 5 | reg);  /* add reg, reg, #offset */
}

static uint32_t random_offset(const char *name)
{
    if (in_list(name, aligned) || rnd(2))
        return rnd(16) * 16;
    return rnd(3) ? rnd(64) * 8 : rnd(512);
}

static uint32_t fix_ldst(uint32_t op, uint32_t w)
{
    const char *bits = a64_rows[op].bits, *name = a64_rows[op].name;
    uint32_t n = get_field(bits, 'n', w), d, t, r;
    bool vec = strstr(name, "_v") || strstr(bits, "0q001101") == bits ||
               strstr(bits, "0q001100") == bits;

    if (!width_of(bits, 'n')) /* literal: near, in the code */
        return set_field(bits, 'i', w, rnd(16));
    if (strstr(name, "_imm"))
        w = set_field(bits, 'i', w, rnd(100));
    if (in_list(name, aligned) && width_of(bits, 'i'))
        w = set_field(bits, 'i', w, rnd(32) * 16);
    put_base(n, random_offset(name));
    if (strstr(name, "_reg")) {
        uint32_t m = other_reg(n, 31, 31);

        w = set_field(bits, 'm', w, m);
        put((rnd(4) ? 0xd2800000u : 0x92800000u) | rnd(64) << 5 | m); /* movz, movn */
    }
    if (vec)
        return w;
    /* no register twice where that is unpredictable */
    d = other_reg(n, 31, 31);
    if (width_of(bits, 'd') && get_field(bits, 'd', w) == n)
        w = set_field(bits, 'd', w, d);
    t = other_reg(n, get_field(bits, 'd', w), 31);
    if (width_of(bits, 't') && (get_field(bits, 't', w) == n ||
                                get_field(bits, 't', w) == get_field(bits, 'd', w)))
        w = set_field(bits, 't', w, t);
    r = other_reg(n, get_field(bits, 'd', w), width_of(bits, 't') ? get_field(bits, 't', w) : 31);
    if (width_of(bits, 'r') && strncmp(name, "ST", 2) == 0)
        w = set_field(bits, 'r', w, r);
    return w;
}

/* In front of a store exclusive: the load that it belongs to, mostly. */
static void put_load_excl(uint32_t op, uint32_t w)
{
    bool pair = op == A64_STXP || op == A64_STLXP;
    uint32_t n = w >> 5 & 31, a, b;

    if (!rnd(4))
        return;
    a = other_reg(n, w & 31, pair ? w >> 10 & 31 : 31);
    b = other_reg(n, w & 31, pair ? w >> 10 & 31 : 31);
    if (b == a)
        b = 31;
    put((w & 0xc0000000u) | (pair ? 0x087f0000u : 0x085f7c00u) | (pair ? b << 10 : 0) | n << 5 | a);
}

static uint32_t fix_branch(uint32_t op, uint32_t w)
{
    const char *bits = a64_rows[op].bits;
    uint32_t over = 1 + rnd(2), n;

    switch (op) {
    case A64_B:
    case A64_BL:
    case A64_B_cond:
    case A64_CBZ:
    case A64_CBNZ:
    case A64_TBZ:
    case A64_TBNZ:
        return set_field(bits, 'i', w, over);
    case A64_BR:
    case A64_BLR:
    case A64_RET:
        n = other_reg(31, 31, 31);
        put(0x10000000u | (1 + over) << 5 | n); /* adr: behind the branch */
        return set_field(bits, 'n', w, n);
    }
    return w;
}

static uint32_t fix_system(uint32_t op, uint32_t w)
{
    static const uint16_t regs[] = { 0xda10, 0xda20, 0xda21 }; /* NZCV FPCR FPSR */
    uint32_t d = other_reg(31, 31, 31);

    /* DC CVAC, CVAU, CIVAC, IC IVAU, and DC ZVA, whose block differs from qemu's */
    if (op == A64_SYS) {
        static const uint8_t crm[] = { 10, 11, 14, 5, 4 };

        put_base(d, rnd(512));
        return 0xd50b7020u | (uint32_t)crm[rnd(all_rows ? 5 : 4)] << 8 | d;
    }
    return (w & 0xffe00000u) | 0x100000u | (uint32_t)(regs[rnd(3)] & 0x7fff) << 5 | d;
}

static void put_insn(uint32_t op)
{
    static const char gpr[] = "dnmatr";
    const char *bits = a64_rows[op].bits;
    unsigned mark = nout;

    for (int tries = 0; tries < 200; tries++) {
        struct a64_insn check;
        uint32_t w = a64_rows[op].match | (rnd(0) & ~a64_rows[op].mask);

        nout = mark;
        for (const char *g = gpr; *g; g++)
            if (width_of(bits, *g) == 5 && get_field(bits, *g, w) == STATE)
                w = set_field(bits, *g, w, other_reg(31, 31, 31));
        for (int i = 0; i < 32; i++)
            if (bits[i] == '-') /* what hardware ignores stays as the assembler writes it */
                w = strstr("SMULH UMULH", a64_rows[op].name) || is_ldst[op] ? w | 1u << (31 - i)
                                                                           : w & ~(1u << (31 - i));
        if (op == A64_MRS || op == A64_MSR || op == A64_SYS)
            w = fix_system(op, w);
        else if (is_ldst[op])
            w = fix_ldst(op, w);
        else
            w = fix_branch(op, w);
        if (op == A64_STXR || op == A64_STLXR || op == A64_STXP || op == A64_STLXP)
            put_load_excl(op, w);
        if (!a64_decode(w, &check) || check.op != op)
            continue;
        put(w);
        return;
    }
    nout = mark;
}

int main(int argc, char **argv)
{
    const char *only[MAX_GLOBS + 1] = { NULL }, *skip[MAX_GLOBS + 1] = { NULL };
    unsigned nonly = 0, nskip = 0, nrows = 0, turn = 0;
    unsigned long seed = 1, count = 1000, length = 8;
    static uint32_t rows[A64_OP_COUNT];
    bool text = false;
    int c;

    while ((c = getopt(argc, argv, "s:n:l:r:x:atd:")) != -1) {
        switch (c) {
        case 's':
            seed = strtoul(optarg, NULL, 0);
            break;
        case 'n':
            count = strtoul(optarg, NULL, 0);
            break;
        case 'l':
            length = strtoul(optarg, NULL, 0);
            break;
        case 'r':
            if (nonly < MAX_GLOBS)
                only[nonly++] = optarg;
            break;
        case 'x':
            if (nskip < MAX_GLOBS)
                skip[nskip++] = optarg;
            break;
        case 'a':
            all_rows = true;
            break;
        case 't':
            text = true;
            break;
        case 'd': {
            struct a64_insn insn;

            if (a64_decode((uint32_t)strtoul(optarg, NULL, 0), &insn))
                puts(a64_rows[insn.op].name);
            return 0;
        }
        default:
            fprintf(stderr, "usage: diff_gen [-s SEED] [-n SEQUENCES] [-l INSTRUCTIONS] [-r ROWS] "
                            "[-x ROWS] [-a] [-t]\n");
            return 1;
        }
    }
    for (uint32_t op = 0; op < A64_OP_COUNT; op++) {
        const char *name = a64_rows[op].name;

        if (in_list(name, never) || (!all_rows && in_list(name, not_in_qemu)) || in_list(name, skip) ||
            (nonly && !in_list(name, only)))
            continue;
        rows[nrows++] = op;
    }
    if (!nrows) {
        fprintf(stderr, "diff_gen: no row matches\n");
        return 1;
    }
    rng = seed * 0xd1342543de82ef95ull + 1;
    for (unsigned long i = 0; i < count; i++) {
        uint32_t head[2] = { rnd(0), 0 };

        nout = 0;
        for (unsigned long k = 0; k < length && nout + 10 < MAX_WORDS; k++) {
            if (!turn) /* a new round in a new order */
                for (uint32_t a = nrows; a-- > 1;) {
                    uint32_t b = rnd(a + 1), tmp = rows[a];

                    rows[a] = rows[b];
                    rows[b] = tmp;
                }
            put_insn(rows[turn]);
            turn = (turn + 1) % nrows;
        }
        put(0xd503201f); /* a branch over the end lands on a nop */
        put(0xd503201f);
        head[1] = nout;
        if (text) {
            for (unsigned k = 0; k < nout; k++) {
                struct a64_insn insn;

                printf("%lu %08x %s\n", i, out[k],
                       a64_decode(out[k], &insn) ? a64_rows[insn.op].name : "undefined");
            }
            continue;
        }
        fwrite(head, 4, 2, stdout);
        fwrite(out, 4, nout, stdout);
    }
    return fflush(stdout) ? 1 : 0;
}
