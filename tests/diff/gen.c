/* SPDX-License-Identifier: MIT */
/* tests/diff/gen.c -- writes a batch (layout.h) of random arm64 instruction sequences.
 *
 * Rows of the decode table are drawn in turn, so that all are covered evenly; the fields are random
 * but for what makes an instruction useful (memory operands mostly point into the slot, branches go
 * over at most one instruction) and for combinations that the manual calls unpredictable. Half of the
 * sequences use few registers, so that instructions depend on one another. x28 is left alone: the
 * harness needs it. Registers and memory of a slot are random with many special values.
 *
 *   diff_gen [-s SEED] [-n INSTRUCTIONS] [-l LENGTH] [-r GLOB]... [-x GLOB]... [-a] [-u] [-t|-c|-C]
 *   -l  all sequences have this length, instead of 1 to 24
 *   -a  rows too that qemu 7.2 does not have or answers with other keys
 *   -u  words that match no row, instead of rows
 *   -t  text: slot, index, word, row, one a line
 *   -c  names of the rows that would be drawn        -C  of all rows
 *   -d WORD...  prints the rows of words */
#include "frontends/arm64/decode_gen.h"

#include "tests/diff/layout.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_GLOBS = 32, STATE = 28, POOL = 6, NOP = 0xd503201f };

static uint64_t rng;
static bool all_rows; /* -a */
static uint32_t pool[POOL]; /* registers of this sequence */
static bool few;            /* draw from pool */

static uint64_t next(void)
{
    uint64_t z = rng += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static uint32_t rnd(uint32_t n) /* below n; 0: 32 bits */
{
    uint32_t v = (uint32_t)(next() >> 16);

    return n ? v % n : v;
}

/* ---- what rows are ---- */

static const bool is_ldst[A64_OP_COUNT] = {
#define INSN(name, bits, feature) [A64_##name] = true,
#include "frontends/arm64/insn_ldst.def"
#undef INSN
};

/* System calls; the harness makes some. */
static const char *const never[] = { "SVC", NULL };
static const char *const not_in_qemu[] = {
    "PAC*", "AUT*", "RETA", "BRA*", "BLRA*", "LDRA", "CPY*", "SET[PME]", "[SU]MAX_imm",
    "WFE", "WFI", "HLT", "SYSL", "[SU]MIN_imm", "[SU]MAX_reg", "[SU]MIN_reg", "CTZ", "CNT", "ABS", NULL,
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

/* ---- facts about rows, found once ---- */

enum { LDST = 1, VEC = 2, ALIGNED = 4, IMM = 8, REG = 16, LIT = 32, LOAD = 64, STORE = 128, EXCL = 256,
       SETS_FLAGS = 512, USES_FLAGS = 1024, BLOCK = 2048 };

static uint16_t facts[A64_OP_COUNT];

static void find_facts(void)
{
    static const char *const sets[] = { "ADDS*", "SUBS*", "ANDS*", "BICS*", "ADCS", "SBCS", "CCM*",
                                        "FCMP*", "FCCMP*", "RMIF", "SETF*", NULL };
    static const char *const uses[] = { "B_cond", "CSEL", "CSINC", "CSINV", "CSNEG", "CCM*", "ADC*",
                                        "SBC*", "FCSEL*", "FCCMP*", NULL };
    static const char *const excl[] = { "STXR", "STLXR", "STXP", "STLXP", NULL };

    for (uint32_t op = 0; op < A64_OP_COUNT; op++) {
        const char *name = a64_rows[op].name, *bits = a64_rows[op].bits;
        unsigned f = 0;

        if (is_ldst[op]) {
            f |= LDST;
            if (strstr(name, "_v") || strstr(bits, "0q00110") == bits)
                f |= VEC;
            if (in_list(name, aligned))
                f |= ALIGNED;
            if (strstr(name, "_imm"))
                f |= IMM;
            if (strstr(name, "_reg"))
                f |= REG;
            if (!width_of(bits, 'n'))
                f |= LIT;
            if (!strncmp(name, "LD", 2))
                f |= LOAD;
            if (!strncmp(name, "ST", 2))
                f |= STORE;
            if (in_list(name, excl))
                f |= EXCL;
            if (!strncmp(name, "CPY", 3) || (!strncmp(name, "SET", 3) && strlen(name) == 4))
                f |= BLOCK;
        }
        if (in_list(name, sets))
            f |= SETS_FLAGS;
        if (in_list(name, uses))
            f |= USES_FLAGS;
        facts[op] = (uint16_t)f;
    }
}

/* ---- one instruction, with what must stand in front of it ---- */

static uint32_t out[DIFF_MAX_WORDS];
static unsigned nout, first; /* words so far; index of this sequence's first word */

static void put(uint32_t w)
{
    out[nout++] = w;
}

static uint32_t other_reg(uint32_t not1, uint32_t not2, uint32_t not3)
{
    for (unsigned tries = 0;; tries++) {
        uint32_t r = few && tries < 4 ? pool[rnd(POOL)] : rnd(31);

        if (r < 31 && r != STATE && r != not1 && r != not2 && r != not3)
            return r;
    }
}

static uint32_t random_offset(uint32_t op)
{
    if ((facts[op] & ALIGNED) || rnd(2))
        return rnd(16) * 16;
    return rnd(3) ? rnd(64) * 8 : rnd(512);
}

/* reg = address in the buffer, near the middle; now and then tagged, at the edge of a page that can
 * only be read, or where nothing is. */
static void put_base(uint32_t reg, uint32_t offset, bool load)
{
    uint32_t lucky = reg < 31 ? rnd(64) : 63;

    if (reg == 31 && rnd(16)) /* else SP may be no multiple of 16 */
        offset &= ~15u;
    if (lucky == 0) { /* unmapped */
        put(0xd2c000e0u | reg);                               /* movz reg, #7, lsl #32 */
    } else if (lucky == 1 && load) {
        put(0xd2a40000u | reg);                               /* movz reg, #0x2000, lsl #16 */
        put(0x91000000u | (4096u - 32 + rnd(48)) % 4096 << 10 | reg << 5 | reg);
        return;
    } else {
        put(0x91000000u | (1152 + DIFF_MIDDLE + offset) << 10 | STATE << 5 | reg); /* add */
    }
    if (lucky == 2)
        put(0xf2e00000u | (rnd(256) << 8 | (rnd(4) ? 0 : 0x00)) << 5 | reg); /* movk, lsl #48 */
}

/* Memory copy and set: registers that keep all of it inside the buffer. In front of a main or end
 * instruction mostly stands its prologue; else the size is negative, which copies upward, or, for a
 * copy either way, positive, and the flags are what they are. */
static uint32_t fix_block(uint32_t op, uint32_t w)
{
    bool set = op == A64_SETP || op == A64_SETM || op == A64_SETE;
    bool both = op == A64_CPYP || op == A64_CPYM || op == A64_CPYE;
    bool prologue = op == A64_SETP || op == A64_CPYFP || op == A64_CPYP;
    uint32_t d = w & 31, n = w >> 5 & 31, s = w >> 16 & 31, size = rnd(2) ? rnd(96) : rnd(1000);

    d = d == 31 ? other_reg(31, 31, 31) : d;
    n = n == 31 || n == d ? other_reg(d, 31, 31) : n;
    if (s == d || s == n || (s == 31 && !set))
        s = other_reg(d, n, 31);
    w = (w & 0xffe0fc00u) | s << 16 | n << 5 | d;
    put(0x91000000u | (1152 + DIFF_MIDDLE + rnd(700)) << 10 | STATE << 5 | d); /* add */
    if (!set)
        put(0x91000000u | (1152 + DIFF_MIDDLE + rnd(700)) << 10 | STATE << 5 | s);
    if (prologue || rnd(4)) {
        put(0xd2800000u | size << 5 | n); /* movz */
        if (!prologue)
            put(set ? w & ~0xc000u : w & ~0x00c00000u);
    } else {
        put((both && rnd(2) ? 0xd2800000u : 0x92800000u) | size << 5 | n); /* movz, movn */
    }
    return w;
}

static uint32_t fix_ldst(uint32_t op, uint32_t w)
{
    const char *bits = a64_rows[op].bits;
    uint32_t n = get_field(bits, 'n', w), d, t, r;
    bool vec = facts[op] & VEC;

    if (facts[op] & BLOCK)
        return fix_block(op, w);
    if (facts[op] & LIT) /* in front of the sequence's first word */
        return set_field(bits, 'i', w, first - 4 - rnd(DIFF_LITERALS - 3) - nout);
    if (facts[op] & IMM)
        w = set_field(bits, 'i', w, rnd(64));
    if ((facts[op] & ALIGNED) && width_of(bits, 'i'))
        w = set_field(bits, 'i', w, rnd(32) * 16);
    put_base(n, random_offset(op), facts[op] & LOAD);
    if (facts[op] & REG) {
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
    if (facts[op] & EXCL)
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
    bool sign;

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
        switch (rnd(64)) {
        case 0: /* adr: not a multiple of 4 */
            put(0x10000000u | (1 + rnd(3)) << 29 | (1 + over) << 5 | n);
            break;
        case 1: /* add n, x28, #0: no code can be there */
            put(0x91000000u | STATE << 5 | n);
            break;
        default: /* adr: behind the branch */
            put(0x10000000u | (1 + over) << 5 | n);
        }
        return set_field(bits, 'n', w, n);
    case A64_RETA: /* signed, mostly; where it is not, its code may be the right one by chance */
    case A64_BRAZ:
    case A64_BLRAZ:
    case A64_BRA:
    case A64_BLRA:
        n = op == A64_RETA ? 30 : other_reg(31, 31, 31);
        sign = rnd(4) != 0;
        put(0x10000000u | (1 + sign + over) << 5 | n);
        if (sign)
            put(0xdac10000u | (w & 1u << 10) | /* pacia, pacib, paciza, pacizb */
                (op == A64_BRA || op == A64_BLRA ? (w & 31) << 5
                                                 : op == A64_RETA ? 31u << 5 : 0x23e0u) | n);
        return op == A64_RETA ? w : set_field(bits, 'n', w, n);
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

        put_base(d, rnd(512), true);
        return 0xd50b7020u | (uint32_t)crm[rnd(all_rows ? 5 : 4)] << 8 | d;
    }
    if (!rnd(4)) { /* any register but those that say what the processor is, counters, RNDR */
        uint32_t crn = w >> 12 & 15;

        if (crn != 0 && crn != 14 && (crn != 2 || (w >> 8 & 15) != 4) && (op == A64_MRS || crn != 13))
            return set_field(a64_rows[op].bits, 'd', w, d);
    }
    return (w & 0xffe00000u) | 0x100000u | (uint32_t)(regs[rnd(3)] & 0x7fff) << 5 | d;
}

static bool is_branch(uint32_t op)
{
    switch (op) {
    case A64_B:
    case A64_BL:
    case A64_B_cond:
    case A64_CBZ:
    case A64_CBNZ:
    case A64_TBZ:
    case A64_TBNZ:
    case A64_BR:
    case A64_BLR:
    case A64_RET:
    case A64_RETA:
    case A64_BRAZ:
    case A64_BLRAZ:
    case A64_BRA:
    case A64_BLRA:
        return true;
    }
    return false;
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
            if (width_of(bits, *g) == 5) {
                if (few && rnd(4))
                    w = set_field(bits, *g, w, pool[rnd(POOL)]);
                if (get_field(bits, *g, w) == STATE)
                    w = set_field(bits, *g, w, other_reg(31, 31, 31));
            }
        for (int i = 0; i < 32; i++)
            if (bits[i] == '-') /* what hardware ignores stays as the assembler writes it */
                w = op == A64_SMULH || op == A64_UMULH || (facts[op] & LDST) ? w | 1u << (31 - i)
                                                                             : w & ~(1u << (31 - i));
        if (op == A64_MRS || op == A64_MSR || op == A64_SYS)
            w = fix_system(op, w);
        else if (op == A64_MSR_imm && rnd(2)) /* SSBS, DIT */
            w = set_field(bits, 'o', set_field(bits, 'p', w, 1 + rnd(2)), 3);
        else if (facts[op] & LDST)
            w = fix_ldst(op, w);
        else
            w = fix_branch(op, w);
        if (facts[op] & EXCL)
            put_load_excl(op, w);
        if (!a64_decode(w, &check) || check.op != op)
            continue;
        put(w);
        if (is_branch(op))
            put(0xd2400000); /* eor x0, x0, #1: what it may go over */
        return;
    }
    nout = mark;
}

/* Words that qemu-aarch64 7.2 may execute (SVE and SME space; FEAT_MTE, whose stores would go
 * astray) or aborts on (half-precision two-register miscellaneous, vector and scalar). */
static bool bad_for_qemu(uint32_t w)
{
    bool mte = (w & 0xff800000) == 0x91800000 || (w & 0xff800000) == 0xd1800000 ||
               (w & 0xff200000) == 0xd9200000 || (w & 0xffc00000) == 0x68800000 ||
               (w & 0xff400000) == 0x69000000 || (w & 0xffe0f800) == 0x9ac01000 ||
               (w & 0xdfe0fc00) == 0x9ac00000;

    return mte || (w >> 25 & 15) == 2 || ((w >> 25 & 15) == 0 && w >> 31) ||
           (w & 0x9f7e0c00) == 0x0e780800 || (w & 0xdf7e0c00) == 0x5e780800;
}

/* A word that no row matches. Half of them are one bit away from a row. */
static void put_unallocated(void)
{
    struct a64_insn check;
    uint32_t w;

    do {
        uint32_t op = rnd(A64_OP_COUNT);

        w = a64_rows[op].match | (rnd(0) & ~a64_rows[op].mask);
        w = rnd(2) ? rnd(0) : w ^ 1u << rnd(32);
    } while (a64_decode(w, &check) || (!all_rows && bad_for_qemu(w)));
    put(w);
}

/* ---- states ---- */

static uint64_t some_integer(void)
{
    uint64_t r = next(), v = next();

    switch (r & 15) {
    case 0:
        return 0;
    case 1:
        return ~0ull;
    case 2:
        return 1ull << (v & 63);
    case 3:
        return ~(1ull << (v & 63));
    case 4:
        return (1ull << (v & 63)) - 1;
    case 5:
        return v & 0xff;
    case 6:
        return (uint64_t)(int64_t)(int32_t)v;
    case 7:
        return (uint32_t)v;
    case 8:
        return v & 0x8000800080008000ull;
    default:
        return v;
    }
}

/* 16 bytes that are interesting as floats of all sizes. */
static void some_vector(uint8_t *to)
{
    static const uint64_t f64[] = {
        0, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, 0x7ff0000000000000,
        0xfff0000000000000, 0x7ff8000000000001, 0x7ff4000000000001, 1, 0x000fffffffffffff,
        0x0010000000000000, 0x7fefffffffffffff, 0x43e0000000000000, 0x41dfffffffc00000,
        0x3fe0000000000000, 0x4330000000000001, 0x36a0000000000000, 0x380fffffe0000000,
    };
    static const uint32_t f32[] = {
        0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00001, 0x7fa00001, 1,
        0x007fffff, 0x00800000, 0x7f7fffff, 0x4f000000, 0x3f000000, 0x4b000001, 0x477fe000,
        0x477ff000, 0x33000000, 0x387fc000,
    };
    static const uint16_t f16[] = {
        0, 0x8000, 0x3c00, 0xbc00, 0x7c00, 0xfc00, 0x7e01, 0x7d01, 1, 0x03ff, 0x0400, 0x7bff,
        0x3800, 0x6401,
    };
    uint64_t w[2];

    for (unsigned i = 0; i < 2; i++) {
        uint64_t r = next(), v = next();

        switch (r & 7) {
        case 0:
            v = f64[v % (sizeof(f64) / 8)];
            break;
        case 1: /* near one another in exponent */
            v = (v & 0x801fffffffffffffull) | 0x3fe0000000000000ull;
            break;
        case 2:
            v = f32[v % (sizeof(f32) / 4)] |
                (uint64_t)f32[(v >> 32) % (sizeof(f32) / 4)] << 32;
            break;
        case 3:
            v = (v & 0x81ffffff81ffffffull) | 0x3e0000003e000000ull;
            break;
        case 4: {
            uint64_t h = v;

            v = 0;
            for (unsigned k = 0; k < 4; k++, h >>= 16)
                v |= (uint64_t)f16[(h & 0xffff) % (sizeof(f16) / 2)] << 16 * k;
            break;
        }
        case 5:
            v = some_integer();
            break;
        }
        w[i] = v;
    }
    memcpy(to, w, 16);
}

static void make_state(struct diff_slot *s, uint64_t at)
{
    memset(s, 0, sizeof(*s));
    for (unsigned i = 0; i < 31; i++)
        s->x[i] = some_integer();
    s->x[STATE] = at;
    s->sp = at + offsetof(struct diff_slot, buf) + DIFF_MIDDLE;
    s->nzcv = next() & 0xf0000000;
    s->fpcr = next() & 1 ? 0 : next() & 0x07c80000; /* AHP DN FZ RMode FZ16 */
    for (unsigned i = 0; i < 32; i++)
        some_vector(s->v[i]);
    for (unsigned i = 0; i < DIFF_BUF; i += 8) {
        uint64_t v = next();

        memcpy(s->buf + i, &v, 8);
    }
}

/* ---- batches ---- */

static uint32_t rows[A64_OP_COUNT], nrows, turn;
static uint32_t users[A64_OP_COUNT], nusers; /* rows that use flags */
static struct diff_slot slots[DIFF_MAX_SLOTS];

static uint32_t next_row(void)
{
    if (!turn) /* a new round in a new order */
        for (uint32_t a = nrows; a-- > 1;) {
            uint32_t b = rnd(a + 1), tmp = rows[a];

            rows[a] = rows[b];
            rows[b] = tmp;
        }
    turn = (turn + 1) % nrows;
    return rows[turn ? turn - 1 : nrows - 1];
}

static void choose_registers(void)
{
    few = rnd(2);
    for (unsigned i = 0; i < POOL; i++)
        do
            pool[i] = rnd(32);
        while (pool[i] == STATE);
}

static void put_branch_back(void)
{
    put(0x14000000u | (-nout & 0x3ffffff));
}

static void write_text(uint32_t nslots)
{
    for (uint32_t s = 0; s < nslots; s++) {
        uint64_t at = (slots[s].code - DIFF_CODE_AT) / 4;

        for (uint64_t k = 0; k < slots[s].own_sp; k++) {
            struct a64_insn insn;

            printf("%u %u %08x %s\n", s, (unsigned)k, out[at + k],
                   a64_decode(out[at + k], &insn) ? a64_rows[insn.op].name : "undefined");
        }
    }
}

/* How many drawn instructions, of count, went into the batch. */
static void make_batch(unsigned long count, unsigned long length, bool unallocated, bool text)
{
    static const uint8_t lengths[8] = { 1, 2, 4, 8, 8, 12, 16, 24 };
    struct diff_head head = { .magic = DIFF_MAGIC };
    unsigned long done = 0;

    nout = 0;
    put(NOP);
    while (done < count && head.nslots < DIFF_MAX_SLOTS && nout + 1024 < DIFF_MAX_WORDS) {
        struct diff_slot *s = &slots[head.nslots];
        unsigned long len = length ? length : lengths[rnd(8)];

        for (unsigned i = 0; i < DIFF_LITERALS; i++)
            put(rnd(0));
        first = nout;
        make_state(s, DIFF_SLOTS_AT + head.nslots * sizeof(*s));
        s->code = DIFF_CODE_AT + 4ull * nout;
        choose_registers();
        for (unsigned long k = 0; k < len && done < count; k++, done++) {
            uint32_t op;

            if (unallocated) {
                put_unallocated();
                continue;
            }
            op = next_row();
            put_insn(op);
            if ((facts[op] & SETS_FLAGS) && nusers && len > 1 && rnd(2)) /* not counted */
                put_insn(users[rnd(nusers)]);
        }
        put(NOP); /* a branch over the end lands on a nop */
        put(NOP);
        s->own_sp = nout - first;
        put_branch_back();
        head.nslots++;
    }
    head.nwords = nout;
    head.ninsns = (uint32_t)done;
    if (text) {
        write_text(head.nslots);
        return;
    }
    fwrite(&head, sizeof(head), 1, stdout);
    fwrite(slots, sizeof(*slots), head.nslots, stdout);
    fwrite(out, 4, nout, stdout);
}

static int usage(void)
{
    fprintf(stderr, "usage: diff_gen [-s SEED] [-n INSTRUCTIONS] [-l LENGTH] [-r ROWS] [-x ROWS] [-a] "
                    "[-u] [-t|-c|-C] | -d WORD...\n");
    return 1;
}

static int decode_words(char **words)
{
    struct a64_insn insn;

    for (; *words; words++)
        puts(a64_decode((uint32_t)strtoul(*words, NULL, 0), &insn) ? a64_rows[insn.op].name
                                                                  : "undefined");
    return 0;
}

int main(int argc, char **argv)
{
    const char *only[MAX_GLOBS + 1] = { NULL }, *skip[MAX_GLOBS + 1] = { NULL };
    unsigned nonly = 0, nskip = 0;
    unsigned long seed = 1, count = 1000, length = 0;
    bool text = false, names = false, unallocated = false;
    int c;

    while ((c = getopt(argc, argv, "s:n:l:r:x:autcCd")) != -1) {
        switch (c) {
        case 's':
            seed = strtoul(optarg, NULL, 0);
            break;
        case 'n':
            count = strtoul(optarg, NULL, 0);
            break;
        case 'l':
            length = strtoul(optarg, NULL, 0);
            if (length > 64)
                length = 64;
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
        case 'u':
            unallocated = true;
            break;
        case 't':
            text = true;
            break;
        case 'c':
            names = true;
            break;
        case 'C':
            for (uint32_t op = 0; op < A64_OP_COUNT; op++)
                puts(a64_rows[op].name);
            return 0;
        case 'd':
            return decode_words(argv + optind);
        default:
            return usage();
        }
    }
    find_facts();
    for (uint32_t op = 0; op < A64_OP_COUNT; op++) {
        const char *name = a64_rows[op].name;

        if (in_list(name, never) || (!all_rows && in_list(name, not_in_qemu)) || in_list(name, skip) ||
            (nonly && !in_list(name, only)))
            continue;
        if (names)
            puts(name);
        rows[nrows++] = op;
        if (facts[op] & USES_FLAGS)
            users[nusers++] = op;
    }
    if (names)
        return 0;
    if (!nrows) {
        fprintf(stderr, "diff_gen: no row matches\n");
        return 1;
    }
    rng = seed * 0xd1342543de82ef95ull + 1;
    make_batch(count, length, unallocated, text);
    return fflush(stdout) ? 1 : 0;
}
