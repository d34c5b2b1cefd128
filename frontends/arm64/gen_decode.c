/* SPDX-License-Identifier: MIT */
/* frontends/arm64/gen_decode.c -- makes decode_gen.h and decode_gen.c from insn.def.
 *
 * Runs on the build machine: gen_decode -h or gen_decode -c writes to standard output. The tree that
 * it writes is an array of 16-bit words. A node is {pos << 8 | len, child[1 << len]}: child is
 * selected by the bits [pos, pos + len) of the instruction; a child with bit 15 set is a leaf, the
 * index of a list of patterns of which the first that matches wins. A row makes several patterns
 * when a letter excludes values (I S T y, see insn.def).
 *
 * Refuses: bad strings, unknown letters, rows that overlap without one being a strict subset of the
 * other and standing first. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ROWS = 2000, MAX_PATS = 6000, MAX_TREE = 30000, LEAF = 0x8000, NO_PAT = 0xffff };

struct row {
    const char *name, *bits, *feature;
    int first_pat, npats;
    int format;
};

struct pat {
    uint32_t mask, match;
    int row;
};

static struct row rows[MAX_ROWS] = {
#define INSN(name, bits, feature) { #name, bits, #feature, 0, 0, 0 },
#include "frontends/arm64/insn.def"
#undef INSN
};
static int nrows;
static struct pat pats[MAX_PATS];
static int npats;
static uint16_t tree[MAX_TREE], leaves[MAX_TREE];
static int tree_len, leaves_len;
static int widths[128];

static void die(const char *what, const char *name, const char *other)
{
    fprintf(stderr, "insn.def: %s: %s %s\n", name, what, other);
    exit(1);
}

/* ---- rows to patterns ---- */

static bool excluded(char letter, unsigned value, int width)
{
    switch (letter) {
    case 'I':
        return value == 0;
    case 'S':
        return value == (1u << width) - 1;
    case 'T':
        return value == 0 || value == (1u << width) - 1;
    case 'y':
        return width == 2 && value == 2;
    }
    return false;
}

static void add_pat(int row, uint32_t mask, uint32_t match)
{
    if (npats == MAX_PATS)
        die("too many patterns", rows[row].name, "");
    pats[npats++] = (struct pat) { mask, match, row };
    rows[row].npats++;
}

/* Splits off the values of a limited letter: each prefix of its bits that decides makes a pattern. */
static void expand(int row, uint32_t mask, uint32_t match, const int *at, char letter, int width,
                   int done, unsigned value)
{
    bool any_bad = false, any_good = false;

    for (unsigned low = 0; low < 1u << (width - done); low++) {
        if (excluded(letter, value << (width - done) | low, width))
            any_bad = true;
        else
            any_good = true;
    }
    if (!any_good)
        return;
    if (!any_bad) {
        add_pat(row, mask, match);
        return;
    }
    for (unsigned bit = 0; bit < 2; bit++)
        expand(row, mask | 1u << at[done], match | (uint32_t)bit << at[done], at, letter, width,
               done + 1, value << 1 | bit);
}

static void parse_row(int r)
{
    uint32_t mask = 0, match = 0;
    char limited = 0;
    int at[32], width = 0;

    if (strlen(rows[r].bits) != 32)
        die("not 32 bits", rows[r].name, rows[r].bits);
    for (int pos = 31; pos >= 0; pos--) {
        char ch = rows[r].bits[31 - pos];

        if (ch == '0' || ch == '1') {
            mask |= 1u << pos;
            match |= (uint32_t)(ch == '1') << pos;
        } else if (ch == 'I' || ch == 'S' || ch == 'T' || ch == 'y') {
            if (limited && limited != ch)
                die("two limited letters", rows[r].name, rows[r].bits);
            limited = ch;
            at[width++] = pos;
        } else if (ch != '-' && !((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z'))) {
            die("bad character", rows[r].name, rows[r].bits);
        }
    }
    rows[r].first_pat = npats;
    if (limited)
        expand(r, mask, match, at, limited, width, 0, 0);
    else
        add_pat(r, mask, match);
}

/* ---- checks ---- */

static bool contains(const struct pat *big, const struct pat *small)
{
    return !(big->mask & ~small->mask) && (small->match & big->mask) == big->match;
}

static bool overlap(int a, int b)
{
    for (int i = rows[a].first_pat; i < rows[a].first_pat + rows[a].npats; i++)
        for (int j = rows[b].first_pat; j < rows[b].first_pat + rows[b].npats; j++)
            if (!((pats[i].match ^ pats[j].match) & pats[i].mask & pats[j].mask))
                return true;
    return false;
}

static bool inside(int small, int big)
{
    for (int i = rows[small].first_pat; i < rows[small].first_pat + rows[small].npats; i++) {
        bool found = false;

        for (int j = rows[big].first_pat; j < rows[big].first_pat + rows[big].npats; j++)
            found = found || contains(&pats[j], &pats[i]);
        if (!found)
            return false;
    }
    return true;
}

static void check_overlaps(void)
{
    for (int a = 0; a < nrows; a++)
        for (int b = a + 1; b < nrows; b++) {
            if (!overlap(a, b))
                continue;
            if (!inside(a, b) || inside(b, a))
                die("overlaps without being a strict subset that stands first of", rows[a].name,
                    rows[b].name);
        }
}

/* ---- the tree ---- */

static unsigned count_compatible(const int *set, int n, int pos, int len, unsigned value)
{
    uint32_t window = ((1u << len) - 1) << pos, v = (uint32_t)value << pos;
    unsigned count = 0;

    for (int i = 0; i < n; i++)
        count += !((pats[set[i]].match ^ v) & pats[set[i]].mask & window);
    return count;
}

/* The window that leaves the fewest candidates for its size. */
static bool choose(const int *set, int n, int *best_pos, int *best_len)
{
    double best = n;
    bool found = false;

    for (int len = 1; len <= 7; len++)
        for (int pos = 0; pos + len <= 32; pos++) {
            double work = 0;

            for (unsigned v = 0; v < 1u << len; v++) {
                unsigned c = count_compatible(set, n, pos, len, v);

                work += (double)c * c;
            }
            work = work / n + (double)(1u << len) * 0.25;
            if (work < best) {
                best = work;
                *best_pos = pos;
                *best_len = len;
                found = true;
            }
        }
    return found;
}

static int add_leaf(const int *set, int n)
{
    int at = 0;

    for (; at < leaves_len; at++) { /* an equal list may be there already */
        int i = 0;

        while (i < n && at + i < leaves_len && leaves[at + i] == set[i])
            i++;
        if (i == n && at + n < leaves_len && leaves[at + n] == NO_PAT)
            return at | LEAF;
    }
    if (leaves_len + n + 1 > MAX_TREE)
        die("too many leaves", "", "");
    for (int i = 0; i < n; i++)
        leaves[leaves_len + i] = (uint16_t)set[i];
    leaves[leaves_len + n] = NO_PAT;
    leaves_len += n + 1;
    return at | LEAF;
}

static int build(const int *set, int n)
{
    int pos, len, node;

    if (n <= 2 || !choose(set, n, &pos, &len))
        return add_leaf(set, n);
    node = tree_len;
    tree_len += 1 + (1 << len);
    if (tree_len > MAX_TREE)
        die("tree too large", "", "");
    tree[node] = (uint16_t)(pos << 8 | len);
    for (unsigned v = 0; v < 1u << len; v++) {
        uint32_t window = ((1u << len) - 1) << pos;
        int *sub = malloc(sizeof(*sub) * (size_t)n), m = 0;

        for (int i = 0; i < n; i++)
            if (!((pats[set[i]].match ^ (uint32_t)v << pos) & pats[set[i]].mask & window))
                sub[m++] = set[i];
        tree[node + 1 + (int)v] = (uint16_t)build(sub, m);
        free(sub);
    }
    return node;
}

/* ---- output ---- */

static int field_width(const char *bits, char letter)
{
    int w = 0;

    for (; *bits; bits++)
        w += *bits == letter;
    return w;
}

static bool same_format(const char *a, const char *b)
{
    for (int i = 0; i < 32; i++) {
        bool fa = (a[i] | 32) >= 'a' && (a[i] | 32) <= 'z', fb = (b[i] | 32) >= 'a' && (b[i] | 32) <= 'z';

        if (fa != fb || (fa && a[i] != b[i]))
            return false;
    }
    return true;
}

static void put_fields(const char *bits)
{
    for (int letter = 'A'; letter <= 'z'; letter++) {
        int left = field_width(bits, (char)letter);

        if (!left)
            continue;
        printf("        o->%c = (uint%d_t)(", letter, widths[letter] > 8 ? 32 : 8);
        for (int i = 0; i < 32;) {
            int len = 0;

            while (i + len < 32 && bits[i + len] == letter)
                len++;
            if (!len) {
                i++;
                continue;
            }
            left -= len;
            printf("(w >> %d & 0x%x)", 32 - i - len, (1u << len) - 1);
            if (left)
                printf(" << %d | ", left);
            i += len;
        }
        printf(");\n");
    }
}

static void put_header(void)
{
    printf("/* Made by gen_decode from insn.def. */\n"
           "#ifndef FRONTENDS_ARM64_DECODE_GEN_H\n#define FRONTENDS_ARM64_DECODE_GEN_H\n\n"
           "#include <stdbool.h>\n#include <stdint.h>\n\n"
           "/* Fields by letter, see insn.def; those that the row does not have are 0. */\n"
           "struct a64_insn {\n    uint32_t word;\n    uint16_t op; /* enum a64_op */\n");
    for (int letter = 'A'; letter <= 'z'; letter++)
        if (widths[letter] > 8)
            printf("    uint32_t %c;\n", letter);
    for (int letter = 'A'; letter <= 'z'; letter++)
        if (widths[letter] && widths[letter] <= 8)
            printf("    uint8_t %c;\n", letter);
    printf("};\n\nenum a64_op {\n");
    for (int r = 0; r < nrows; r++)
        printf("    A64_%s,\n", rows[r].name);
    printf("    A64_OP_COUNT\n};\n\n"
           "struct a64_row {\n    const char *name, *bits;\n    uint32_t mask, match; /* of fixed bits"
           " */\n    uint8_t feature;      /* enum a64_feature */\n};\n"
           "extern const struct a64_row a64_rows[A64_OP_COUNT];\n\n"
           "/* False: the word matches no row (undefined). */\n"
           "bool a64_decode(uint32_t word, struct a64_insn *o);\n\n"
           "/* Translators, one a row; false: undefined after all. */\nstruct a64_tr;\n"
           "typedef bool a64_trans_fn(struct a64_tr *t, const struct a64_insn *a);\n");
    for (int r = 0; r < nrows; r++)
        printf("a64_trans_fn a64_trans_%s;\n", rows[r].name);
    printf("\n#endif\n");
}

static void put_words(const char *name, const uint16_t *words, int n)
{
    printf("static const uint16_t %s[] = {", name);
    for (int i = 0; i < n; i++)
        printf("%s%u,", i % 16 ? " " : "\n    ", words[i]);
    printf("\n};\n\n");
}

static void put_code(int root)
{
    int nformats = 0;

    printf("/* Made by gen_decode from insn.def. */\n#include \"frontends/arm64/decode_gen.h\"\n\n"
           "#include \"frontends/arm64/feature.h\"\n\nconst struct a64_row a64_rows[A64_OP_COUNT] = {\n");
    for (int r = 0; r < nrows; r++) {
        uint32_t mask = 0, match = 0;

        for (int i = 0; i < 32; i++) {
            mask = mask << 1 | (rows[r].bits[i] == '0' || rows[r].bits[i] == '1');
            match = match << 1 | (rows[r].bits[i] == '1');
        }
        printf("    { \"%s\", \"%s\", 0x%08x, 0x%08x, A64_FEAT_%s },\n", rows[r].name,
               rows[r].bits, (unsigned)mask, (unsigned)match, rows[r].feature);
        rows[r].format = -1;
        for (int p = 0; p < r && rows[r].format < 0; p++)
            if (same_format(rows[p].bits, rows[r].bits))
                rows[r].format = rows[p].format;
        if (rows[r].format < 0)
            rows[r].format = nformats++;
    }
    printf("};\n\nstatic const struct {\n    uint32_t mask, match;\n    uint16_t op, format;\n} pats[] "
           "= {\n");
    for (int i = 0; i < npats; i++)
        printf("    { 0x%08x, 0x%08x, %d, %d },\n", (unsigned)pats[i].mask,
               (unsigned)pats[i].match, pats[i].row, rows[pats[i].row].format);
    printf("};\n\n");
    put_words("tree", tree, tree_len);
    put_words("leaves", leaves, leaves_len);
    printf("static void fields(uint32_t w, unsigned format, struct a64_insn *o)\n{\n"
           "    switch (format) {\n");
    for (int f = 0, r = 0; f < nformats; f++) {
        while (rows[r].format != f)
            r++;
        printf("    case %d:\n", f);
        put_fields(rows[r].bits);
        printf("        break;\n");
    }
    printf("    }\n}\n\nbool a64_decode(uint32_t word, struct a64_insn *o)\n{\n"
           "    unsigned at = %d;\n    const uint16_t *list;\n\n"
           "    while (!(at & 0x8000))\n"
           "        at = tree[at + 1 + (word >> (tree[at] >> 8) & ((1u << (tree[at] & 255)) - 1))];\n"
           "    for (list = &leaves[at & 0x7fff]; *list != 0xffff; list++)\n"
           "        if ((word & pats[*list].mask) == pats[*list].match) {\n"
           "            *o = (struct a64_insn) { .word = word, .op = pats[*list].op };\n"
           "            fields(word, pats[*list].format, o);\n"
           "            return true;\n        }\n    return false;\n}\n", root);
}

int main(int argc, char **argv)
{
    int *all;

    if (argc != 2 || (strcmp(argv[1], "-h") && strcmp(argv[1], "-c"))) {
        fprintf(stderr, "usage: gen_decode -h | -c\n");
        return 1;
    }
    while (nrows < MAX_ROWS && rows[nrows].name)
        parse_row(nrows++);
    for (int r = 0; r < nrows; r++)
        for (int letter = 'A'; letter <= 'z'; letter++) {
            int w = field_width(rows[r].bits, (char)letter);

            if (w > widths[letter])
                widths[letter] = w;
        }
    check_overlaps();
    if (argv[1][1] == 'h') {
        put_header();
        return 0;
    }
    all = malloc(sizeof(*all) * (size_t)npats);
    for (int i = 0; i < npats; i++)
        all[i] = i;
    put_code(build(all, npats));
    free(all);
    return 0;
}
