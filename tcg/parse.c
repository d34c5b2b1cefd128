// SPDX-License-Identifier: MIT
/* tcg/parse.c -- reads the IR text form of tcg/text.h. It checks what it needs in order to build the
 * arrays (names, types of constants, blocks that exist); whether the IR is well formed is the
 * verifier's business. */
#include "tcg/text.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 512

struct name {
    const char *s;
    size_t len;
    tcg_val val;
    struct name *next;
};

struct parser {
    struct tcg_ir *ir;
    const struct tcg_helper *const *helpers;
    const char *p;    /* next character of the line */
    const char *err;  /* first error */
    struct name *names[BUCKETS];
    uint32_t cur;     /* block, ~0: none yet */
};

static void fail(struct parser *ps, const char *what)
{
    if (!ps->err)
        ps->err = what;
}

/* ---- tokens ---- */

static void space(struct parser *ps)
{
    while (*ps->p == ' ' || *ps->p == '\t')
        ps->p++;
}

static bool at_end(struct parser *ps)
{
    space(ps);
    return *ps->p == 0 || *ps->p == '\n' || *ps->p == '\r' || *ps->p == '#';
}

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* A run of letters, digits and '_'; length 0 if there is none. */
static size_t word(struct parser *ps, const char **s)
{
    space(ps);
    *s = ps->p;
    while (word_char(*ps->p))
        ps->p++;
    return (size_t)(ps->p - *s);
}

static bool same(const char *s, size_t len, const char *name)
{
    return strlen(name) == len && memcmp(s, name, len) == 0;
}

/* Takes t if it comes next; a word only as a whole. */
static bool take(struct parser *ps, const char *t)
{
    size_t n = strlen(t);

    space(ps);
    if (strncmp(ps->p, t, n) != 0 || (word_char(t[n - 1]) && word_char(ps->p[n])))
        return false;
    ps->p += n;
    return true;
}

static void expect(struct parser *ps, const char *t)
{
    if (!take(ps, t))
        fail(ps, "punctuation expected");
}

/* Up to 128 bits, decimal or 0x..., with '-' for the complement in 64 bits. */
static uint64_t number128(struct parser *ps, uint64_t *hi)
{
    unsigned __int128 v = 0;
    unsigned base = 10, digits = 0;
    bool minus = take(ps, "-");

    space(ps);
    if (ps->p[0] == '0' && ps->p[1] == 'x') {
        base = 16;
        ps->p += 2;
    }
    for (;; digits++) {
        char c = *ps->p;
        unsigned d = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                     : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                     : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A' + 10)
                                            : 99;

        if (d >= base)
            break;
        v = v * base + d;
        ps->p++;
    }
    if (!digits)
        fail(ps, "number expected");
    if (minus)
        v = -v;
    if (hi)
        *hi = minus ? 0 : (uint64_t)(v >> 64);
    return (uint64_t)v;
}

static uint64_t number(struct parser *ps)
{
    return number128(ps, NULL);
}

/* Index of the word s in a list of names, or -1. */
static int find(const struct tcg_names *n, const char *s, size_t len)
{
    for (unsigned i = 0; i < n->n; i++)
        if (same(s, len, n->names[i]))
            return (int)i;
    return -1;
}

static enum tcg_type parse_type(struct parser *ps)
{
    const char *s;
    size_t len = word(ps, &s);
    int t = find(&tcg_type_names, s, len);

    if (t < 0)
        fail(ps, "type expected");
    return t < 0 ? TCG_VOID : (enum tcg_type)t;
}

/* ---- values ---- */

static struct name **bucket(struct parser *ps, const char *s, size_t len)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < len; i++)
        h = (h ^ (uint8_t)s[i]) * 16777619u;
    return &ps->names[h % BUCKETS];
}

static struct name *look_up(struct parser *ps, const char *s, size_t len)
{
    struct name *n = *bucket(ps, s, len);

    while (n && !(n->len == len && memcmp(n->s, s, len) == 0))
        n = n->next;
    return n;
}

static void define(struct parser *ps, const char *s, size_t len, tcg_val v)
{
    struct name **at = bucket(ps, s, len), *n;

    if (look_up(ps, s, len)) {
        fail(ps, "value is defined twice");
        return;
    }
    n = malloc(sizeof(*n));
    if (!n) {
        fail(ps, "out of memory");
        return;
    }
    *n = (struct name){s, len, v, *at};
    *at = n;
}

static tcg_val parse_val(struct parser *ps, enum tcg_type want)
{
    uint64_t lo, hi;
    const char *s;

    if (take(ps, "_"))
        return TCG_NONE;
    if (take(ps, "%")) {
        size_t len = word(ps, &s);
        struct name *n = look_up(ps, s, len);

        if (!n)
            fail(ps, "value is not defined before");
        return n ? n->val : TCG_NONE;
    }
    lo = number128(ps, &hi);
    if (*ps->p == ':') {
        ps->p++;
        want = parse_type(ps);
    }
    switch (want) {
    case TCG_I32:
    case TCG_F32: lo = (uint32_t)lo; break;
    case TCG_F16: lo = (uint16_t)lo; break;
    case TCG_VOID: fail(ps, "constant wants a :type"); break;
    case TCG_V256:
    case TCG_FLAGS: fail(ps, "no constants of this type"); break;
    default: break;
    }
    if (want != TCG_I128 && want != TCG_V128 && want != TCG_F80)
        hi = 0;
    return tcg_ir_const(ps->ir, want, lo, hi);
}

static unsigned parse_unit(struct parser *ps)
{
    const struct tcg_guest *g = ps->ir->guest;
    const char *s;
    size_t len = word(ps, &s);

    for (unsigned i = 0; i < g->nunits; i++)
        if (same(s, len, g->units[i].name))
            return i;
    fail(ps, "no unit of this name");
    return 0;
}

/* ---- descriptors ---- */

static uint16_t parse_mem(struct parser *ps)
{
    struct tcg_mem m;
    uint64_t bytes;

    memset(&m, 0, sizeof(m));
    expect(ps, "mem");
    expect(ps, "(");
    bytes = number(ps);
    while (m.size < 6 && 1u << m.size != bytes)
        m.size++;
    if (m.size == 6)
        fail(ps, "size of memory is 1, 2, 4, 8, 16 or 32");
    while (!ps->err && !take(ps, ")")) {
        const char *s;
        size_t len = word(ps, &s);
        int k;

        if (same(s, len, "sign"))
            m.sign = 1;
        else if (same(s, len, "big"))
            m.big = 1;
        else if (same(s, len, "atomic"))
            m.atomic = 1;
        else if (same(s, len, "wrap32"))
            m.wrap32 = 1;
        else if (same(s, len, "progress"))
            m.restart = TCG_RESTART_PROGRESS;
        else if ((k = find(&tcg_align_names, s, len)) >= 0)
            m.align = (uint8_t)k;
        else if ((k = find(&tcg_order_names, s, len)) >= 0)
            m.order = (uint8_t)k;
        else if ((k = find(&tcg_intent_names, s, len)) >= 0)
            m.intent = (uint8_t)k;
        else if (same(s, len, "mmu") && take(ps, "="))
            m.mmu = (uint8_t)number(ps);
        else if (same(s, len, "fault") && take(ps, "="))
            m.fault = (uint8_t)number(ps);
        else if (same(s, len, "unit") && take(ps, "="))
            m.unit = (uint8_t)number(ps);
        else if (same(s, len, "synd") && take(ps, "="))
            m.syndrome = (uint32_t)number(ps);
        else
            fail(ps, "unknown word in mem()");
    }
    return tcg_ir_mem(ps->ir, &m);
}

static uint16_t parse_env(struct parser *ps)
{
    struct tcg_float_env e;

    memset(&e, 0, sizeof(e));
    expect(ps, "env");
    expect(ps, "(");
    while (!ps->err && !take(ps, ")")) {
        const char *s;
        size_t len = word(ps, &s);
        int k;

        if ((k = find(&tcg_round_names, s, len)) >= 0)
            e.round = (uint8_t)k;
        else if ((k = find(&tcg_nan_names, s, len)) >= 0)
            e.nan = (uint8_t)k;
        else if (same(s, len, "dn"))
            e.default_nan = 1;
        else if (same(s, len, "tb"))
            e.tiny_before = 1;
        else if (same(s, len, "sticky"))
            e.flags = 1;
        else if (same(s, len, "df"))
            e.denormal_flag = 1;
        else if (same(s, len, "fi") && take(ps, "="))
            e.flush_in = (uint8_t)number(ps);
        else if (same(s, len, "fo") && take(ps, "="))
            e.flush_out = (uint8_t)number(ps);
        else
            fail(ps, "unknown word in env()");
    }
    return tcg_ir_env(ps->ir, &e);
}

/* ---- structure ---- */

static unsigned parse_block_number(struct parser *ps)
{
    uint64_t n = number(ps);

    if (n > 4095) {
        fail(ps, "block number is too large");
        n = 0; /* there has to be one for the callers */
    }
    while (ps->ir->nblocks <= n)
        tcg_ir_block(ps->ir);
    return (unsigned)n;
}

static uint32_t parse_edge(struct parser *ps)
{
    unsigned block = parse_block_number(ps), n = 0;
    tcg_val args[64];

    if (take(ps, "(")) {
        do {
            if (n == ARRAY_LEN(args)) {
                fail(ps, "too many block arguments");
                break;
            }
            args[n++] = parse_val(ps, TCG_VOID);
        } while (take(ps, ","));
        expect(ps, ")");
    }
    ps->ir->blocks[block].npreds++;
    return tcg_ir_edge(ps->ir, (uint16_t)block, args, n);
}

static void end_block(struct parser *ps)
{
    if (ps->cur != ~0u)
        ps->ir->blocks[ps->cur].end = ps->ir->nops;
}

static void parse_block(struct parser *ps, struct tcg_op *o)
{
    unsigned n = parse_block_number(ps);
    struct tcg_block *blk = &ps->ir->blocks[n];

    end_block(ps);
    if (blk->first)
        fail(ps, "block starts twice");
    blk->first = blk->end = ps->ir->nops;
    blk->several = take(ps, "several");
    blk->cold = take(ps, "cold");
    ps->cur = n;
    o->imm = n;
}

static void parse_call(struct parser *ps, struct tcg_op *o)
{
    struct tcg_call c;
    const char *s;
    size_t len = word(ps, &s);

    memset(&c, 0, sizeof(c));
    for (const struct tcg_helper *const *h = ps->helpers; h && *h; h++)
        if (same(s, len, (*h)->name))
            c.helper = *h;
    if (!c.helper) {
        fail(ps, "no helper of this name");
        return;
    }
    expect(ps, "(");
    for (unsigned i = 0; i < c.helper->nargs; i++) {
        if (i)
            expect(ps, ",");
        c.args[i] = parse_val(ps, (enum tcg_type)c.helper->args[i]);
    }
    expect(ps, ")");
    o->type = c.helper->flags & TCG_H_LEAVE ? TCG_VOID : c.helper->ret;
    o->attr = tcg_ir_call(ps->ir, &c);
}

/* The header sets what does not follow from the operations. */
static void parse_region(struct parser *ps)
{
    struct tcg_ir *ir = ps->ir;

    ir->pc = number(ps);
    if (take(ps, "key"))
        ir->key = number(ps);
    if (!take(ps, "bytes"))
        return;
    ir->lo = number(ps);
    expect(ps, "..");
    ir->hi = number(ps);
    if (!at_end(ps)) {
        ir->lo2 = number(ps);
        expect(ps, "..");
        ir->hi2 = number(ps);
    }
}

/* ---- operations ---- */

static void parse_sub(struct parser *ps, struct tcg_op *o)
{
    const struct tcg_names *n = tcg_sub_names((enum tcg_opcode)o->op);
    const char *s;
    size_t len;
    int k;

    while (*ps->p == '.') {
        ps->p++;
        if (*ps->p == '?') {
            ps->p++;
            o->sub = (uint8_t)number(ps);
            continue;
        }
        if (!n && !tcg_is_goto(o->op)) {
            o->sub = (uint8_t)number(ps);
            continue;
        }
        len = word(ps, &s);
        if (tcg_is_goto(o->op) && same(s, len, "poll")) {
            o->sub |= TCG_HINT_POLL;
            continue;
        }
        k = find(n ? n : &tcg_hint_names, s, len);
        if (k < 0)
            fail(ps, "unknown name behind the dot");
        o->sub |= (uint8_t)k;
    }
}

static void parse_address(struct parser *ps, struct tcg_op *o)
{
    expect(ps, "[");
    o->a = parse_val(ps, TCG_I64);
    while (!ps->err && !take(ps, "]")) {
        if (take(ps, "<<")) {
            o->sub = (uint8_t)number(ps);
        } else if (take(ps, "-")) {
            o->imm = (uint32_t)-number(ps);
        } else {
            expect(ps, "+");
            space(ps);
            if (*ps->p == '%' || o->b || *ps->p == '_')
                o->b = parse_val(ps, TCG_I64);
            else
                o->imm = (uint32_t)number(ps);
        }
    }
    if (take(ps, ","))
        o->c = parse_val(ps, (enum tcg_type)o->type);
}

static void parse_operands(struct parser *ps, struct tcg_op *o)
{
    tcg_val v[3] = {0, 0, 0};
    unsigned n = 0;

    while (!at_end(ps) && !ps->err) {
        if (take(ps, "->")) {
            o->imm = parse_edge(ps);
            if (o->op == TCG_OP_brcond) {
                expect(ps, ",");
                o->imm |= parse_edge(ps) << 16;
            }
        } else if (take(ps, "pos")) {
            expect(ps, "=");
            o->imm |= (uint32_t)number(ps) & 255;
        } else if (take(ps, "len")) {
            expect(ps, "=");
            o->imm |= (uint32_t)number(ps) << 8;
        } else if (take(ps, "imm")) {
            expect(ps, "=");
            o->imm = (uint32_t)number(ps);
        } else if (take(ps, "attr")) {
            expect(ps, "=");
            o->attr = (uint16_t)number(ps);
        } else if (strncmp(ps->p, "mem(", 4) == 0) {
            o->attr = parse_mem(ps);
        } else if (strncmp(ps->p, "env(", 4) == 0) {
            o->attr = parse_env(ps);
        } else if (n < 3) {
            v[n] = parse_val(ps, tcg_operand_type(o->op, o->type, n));
            n++;
        } else {
            fail(ps, "too many operands");
        }
        take(ps, ",");
    }
    if (n) {
        o->a = v[0];
        o->b = v[1];
        o->c = v[2];
    }
}

static void parse_body(struct parser *ps, struct tcg_op *o)
{
    switch (o->op) {
    case TCG_OP_block: parse_block(ps, o); break;
    case TCG_OP_param:
        if (ps->cur != ~0u)
            o->imm = ps->ir->blocks[ps->cur].nparams++;
        break;
    case TCG_OP_get:
        o->imm = parse_unit(ps);
        o->type = ps->ir->guest->units[o->imm].type;
        break;
    case TCG_OP_put:
        o->imm = parse_unit(ps);
        o->type = ps->ir->guest->units[o->imm].type;
        expect(ps, ",");
        o->a = parse_val(ps, (enum tcg_type)o->type);
        break;
    case TCG_OP_insn:
        o->a = parse_val(ps, TCG_I64);
        expect(ps, ",");
        o->imm = (uint32_t)number(ps);
        ps->ir->ninsns++;
        break;
    case TCG_OP_call: parse_call(ps, o); break;
    default:
        if (tcg_has_index(o->op))
            parse_address(ps, o);
        break;
    }
    parse_operands(ps, o);
}

static enum tcg_opcode opcode_of(const char *s, size_t len)
{
    unsigned i = 0;

    while (i < TCG_OP_COUNT && !same(s, len, tcg_op_info[i].name))
        i++;
    return (enum tcg_opcode)i;
}

static void parse_line(struct parser *ps)
{
    struct tcg_op o = {.op = TCG_OP_nop};
    const char *s, *name = NULL;
    size_t len, name_len = 0;
    char kind;
    tcg_val v;

    if (take(ps, "%")) {
        name_len = word(ps, &name);
        expect(ps, "=");
    }
    len = word(ps, &s);
    if (same(s, len, "region")) {
        parse_region(ps);
        return;
    }
    o.op = (uint16_t)opcode_of(s, len);
    if (o.op == TCG_OP_COUNT) {
        fail(ps, "unknown operation");
        return;
    }
    parse_sub(ps, &o);
    kind = tcg_op_info[o.op].sig[0];
    o.type = tcg_type_written(o.op) ? (uint8_t)parse_type(ps)
             : kind == 'i'          ? TCG_I32
             : kind == 'l'          ? TCG_I64
             : kind == 'q'          ? TCG_I128
             : kind == 'F'          ? TCG_FLAGS
                                    : TCG_VOID;
    parse_body(ps, &o);
    if (!at_end(ps))
        fail(ps, "text behind the operation");
    if (ps->err)
        return;
    if (ps->ir->nops >= TCG_IR_MAX_OPS - 1) {
        fail(ps, "too many operations");
        return;
    }
    v = tcg_ir_add(ps->ir, &o);
    if (name)
        define(ps, name, name_len, v);
}

int tcg_ir_parse(struct tcg_ir *ir, const char *text, const struct tcg_helper *const *helpers,
                 const char **err)
{
    struct parser ps = {.ir = ir, .helpers = helpers, .p = text, .cur = ~0u};
    int line = 1;

    tcg_ir_clear(ir);
    for (;; line++) {
        if (!at_end(&ps))
            parse_line(&ps);
        if (ps.err)
            break;
        ps.p += strcspn(ps.p, "\n");
        if (!*ps.p)
            break;
        ps.p++;
    }
    end_block(&ps);
    for (unsigned i = 0; i < BUCKETS; i++) {
        while (ps.names[i]) {
            struct name *next = ps.names[i]->next;

            free(ps.names[i]);
            ps.names[i] = next;
        }
    }
    *err = ps.err;
    return ps.err ? line : 0;
}
