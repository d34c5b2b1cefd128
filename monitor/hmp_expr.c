// SPDX-License-Identifier: MIT
/* monitor/hmp_expr.c -- expressions of 64 bits in monitor commands: numbers as C writes them, $NAME for
 * a register of the current processor, ( ), unary - ~ +, and * / % + - & | ^ << >>, of the precedence
 * that users of QEMU's monitor know: * / % first, then & | ^ and shifts, then + -. An expression ends
 * at a blank that no operator follows. */
#include "monitor/hmp_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 32

struct parser {
    struct hmp *h;
    const char *at;
    unsigned depth;
    const char *wrong;
};

static uint64_t sum(struct parser *p);

static void blanks(struct parser *p)
{
    while (*p->at == ' ')
        p->at++;
}

static uint64_t reg(struct parser *p)
{
    struct machine *m = p->h->m;
    struct tcg_vcpu *v = sm_vcpu(m->sm, p->h->cpu);
    size_t n = strspn(p->at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    for (unsigned i = 0; i < m->fe->nregs + m->fe->nsysregs; i++) {
        const struct fe_reg *r = &m->fe->regs[i];
        uint8_t buf[64];
        uint64_t value = 0;

        if (strlen(r->name) != n || strncasecmp(r->name, p->at, n) != 0 || r->bits > 64 ||
            m->fe->reg_read(v, i, buf))
            continue;
        for (unsigned k = 0; k < r->bits / 8u; k++)
            value |= (uint64_t)buf[m->fe->elf_data == 2 ? r->bits / 8u - 1 - k : k] << 8 * k;
        p->at += n;
        return value;
    }
    p->wrong = "unknown register";
    return 0;
}

static uint64_t unary(struct parser *p)
{
    uint64_t v = 0;
    char *end;

    if (++p->depth > DEPTH)
        p->wrong = "expression too deep";
    blanks(p);
    if (p->wrong) {
        v = 0;
    } else if (*p->at == '-' || *p->at == '~' || *p->at == '+') {
        char op = *p->at++;

        v = unary(p);
        v = op == '-' ? -v : op == '~' ? ~v : v;
    } else if (*p->at == '(') {
        p->at++;
        v = sum(p);
        blanks(p);
        if (!p->wrong && *p->at != ')')
            p->wrong = "')' expected";
        p->at += *p->at == ')';
    } else if (*p->at == '$') {
        p->at++;
        v = reg(p);
    } else if (*p->at == '\'' && p->at[1] && p->at[2] == '\'') {
        v = (uint8_t)p->at[1];
        p->at += 3;
    } else if (*p->at >= '0' && *p->at <= '9') {
        errno = 0;
        v = strtoull(p->at, &end, 0);
        if (errno)
            p->wrong = "number too large";
        p->at = end;
    } else {
        p->wrong = *p->at ? "invalid char in expression" : "unexpected end of expression";
    }
    p->depth--;
    return v;
}

static uint64_t product(struct parser *p)
{
    uint64_t v = unary(p);

    for (;;) {
        char op;
        uint64_t w;

        blanks(p);
        op = *p->at;
        if (p->wrong || (op != '*' && op != '/' && op != '%'))
            return v;
        p->at++;
        w = unary(p);
        if (op != '*' && !w && !p->wrong)
            p->wrong = "division by zero";
        else if (!p->wrong)
            v = op == '*' ? v * w : op == '/' ? v / w : v % w;
    }
}

static uint64_t logic(struct parser *p)
{
    uint64_t v = product(p);

    for (;;) {
        char op;
        uint64_t w;

        blanks(p);
        op = *p->at;
        if ((op == '<' || op == '>') && p->at[1] == op)
            p->at++;
        else if (op != '&' && op != '|' && op != '^')
            return v;
        if (p->wrong)
            return v;
        p->at++;
        w = product(p);
        if (op == '<' || op == '>')
            v = w > 63 ? 0 : op == '<' ? v << w : v >> w;
        else
            v = op == '&' ? v & w : op == '|' ? v | w : v ^ w;
    }
}

static uint64_t sum(struct parser *p)
{
    uint64_t v = logic(p);

    for (;;) {
        char op;
        uint64_t w;

        blanks(p);
        op = *p->at;
        if (p->wrong || (op != '+' && op != '-'))
            return v;
        p->at++;
        w = logic(p);
        v = op == '+' ? v + w : v - w;
    }
}

bool hmp_number(struct hmp *h, const char **text, uint64_t *value)
{
    struct parser p = {.h = h, .at = *text};

    *value = sum(&p);
    if (!p.wrong && *p.at && p.at[-1] != ' ')
        p.wrong = "invalid char in expression";
    if (p.wrong) {
        hmp_say(h, "%s\n", p.wrong);
        return false;
    }
    *text = p.at;
    return true;
}
