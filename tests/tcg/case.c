// SPDX-License-Identifier: MIT
/* Reads and runs files of IR cases (tests/tcg/case.h). */
#include "tests/tcg/case.h"

#include "tcg/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct kase {
    char name[80];
    struct toy_value set[TOY_UNITS], expect[TOY_UNITS];
    uint8_t *mem, *expect_mem;
    struct toy_region regions[TOY_MAX_REGIONS];
    unsigned nregions;
    int prot[TOY_MEM / TOY_PAGE]; /* 0: as it is, else 1 + rights */
    unsigned round;
    uint32_t fstatus, expect_fstatus;
    bool has_pc, has_reason, has_code, has_addr;
    uint64_t pc, addr;
    uint32_t code;
    unsigned reason;
};

struct reader {
    const char *path;
    char *text, *p;
    unsigned line;
    struct toy *t;
    struct kase k;
    unsigned ncases;
    int failures;
};

static void complain(struct reader *r, const char *fmt, ...) MOA_PRINTF(2, 3);
static void complain(struct reader *r, const char *fmt, ...)
{
    va_list ap;

    r->failures++;
    fprintf(stderr, "%s:%u:%s: ", r->path, r->line, r->k.name);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

static struct toy_value parse_number(const char **s)
{
    unsigned __int128 v = 0;
    unsigned base = 10;
    bool minus;

    *s += strspn(*s, " \t");
    minus = **s == '-';
    *s += minus;
    if (strncmp(*s, "0x", 2) == 0) {
        base = 16;
        *s += 2;
    }
    for (;; (*s)++) {
        const char *at = memchr("0123456789abcdef", **s, base);

        if (!**s || !at)
            break;
        v = v * base + (unsigned)(at - (const char *)"0123456789abcdef");
    }
    if (minus)
        v = (uint64_t)-v;
    return (struct toy_value){(uint64_t)v, (uint64_t)(v >> 64)};
}

/* ---- running ---- */

static void check_unit(struct reader *r, unsigned unit, const char *how)
{
    struct toy_value got = toy_get(r->t, unit), want = r->k.expect[unit];

    if (got.lo != want.lo || got.hi != want.hi)
        complain(r, "%s: %s is %#llx %016llx, not %#llx %016llx", how,
                 toy_guest.units[unit].name, (unsigned long long)got.hi,
                 (unsigned long long)got.lo, (unsigned long long)want.hi,
                 (unsigned long long)want.lo);
}

static void check_state(struct reader *r, enum tcg_exit_reason reason, const char *how)
{
    struct kase *k = &r->k;
    struct toy *t = r->t;

    if (t->error[0]) {
        complain(r, "%s: %s", how, t->error);
        return;
    }
    if (k->has_reason && reason != k->reason)
        complain(r, "%s: exit is %s, not %s", how, tcg_reason_names.names[reason],
                 tcg_reason_names.names[k->reason]);
    if (k->has_code && t->v.exit.code != k->code)
        complain(r, "%s: exit code is %u, not %u", how, t->v.exit.code, k->code);
    if (k->has_addr && t->v.exit.addr != k->addr)
        complain(r, "%s: exit address is %#llx, not %#llx", how,
                 (unsigned long long)t->v.exit.addr, (unsigned long long)k->addr);
    if (k->has_pc && t->pc != k->pc)
        complain(r, "%s: pc is %#llx, not %#llx", how, (unsigned long long)t->pc,
                 (unsigned long long)k->pc);
    for (unsigned i = 0; i < TOY_UNITS; i++)
        check_unit(r, i, how);
    if (tcg_fstatus_get(&t->v) != k->expect_fstatus)
        complain(r, "%s: fstatus is %#x, not %#x", how, tcg_fstatus_get(&t->v), k->expect_fstatus);
    mprotect(t->mem, TOY_MEM, PROT_READ | PROT_WRITE);
    for (unsigned i = 0; i < TOY_MEM; i++) {
        if (t->mem[i] != k->expect_mem[i]) {
            complain(r, "%s: memory at %#x is %02x, not %02x", how, i, t->mem[i],
                     k->expect_mem[i]);
            break;
        }
    }
}

static void run_mode(struct reader *r, enum toy_mode mode)
{
    static const char *const names[] = {"as written", "rebuilt", "folded"};
    struct kase *k = &r->k;
    struct toy *t = r->t;
    enum tcg_exit_reason reason;
    char how[80];

    toy_reset(t);
    t->mode = mode;
    memcpy(t->mem, k->mem, TOY_MEM);
    for (unsigned i = 0; i < TOY_UNITS; i++)
        toy_set(t, i, k->set[i]);
    for (unsigned i = 0; i < k->nregions; i++) {
        t->regions[i].pc = k->regions[i].pc;
        t->regions[i].text = strdup(k->regions[i].text);
        t->nregions++;
    }
    for (unsigned i = 0; i < ARRAY_LEN(k->prot); i++)
        if (k->prot[i])
            toy_protect(t, i, k->prot[i] - 1);
    tcg_fround_set(&t->v, k->round);
    tcg_fstatus_set(&t->v, k->fstatus);
    t->pc = k->regions[0].pc;
    snprintf(how, sizeof(how), "%s, %s", t->v.engine->backend->name, names[mode]);
    reason = tcg_run(&t->v);
    check_state(r, reason, how);
}

/* What is printed must parse to what prints the same. */
static void check_round_trip(struct reader *r, const char *text)
{
    struct tcg_ir ir;
    char *once = NULL, *twice = NULL;
    size_t n1, n2;
    const char *err;

    tcg_ir_init(&ir, &toy_guest);
    for (unsigned i = 0; i < 2; i++) {
        FILE *out = open_memstream(i ? &twice : &once, i ? &n2 : &n1);
        int line = tcg_ir_parse(&ir, i ? once : text, toy_helpers, &err);

        if (line)
            complain(r, "text does not parse: line %d: %s", line, err);
        tcg_ir_print(&ir, out);
        fclose(out);
    }
    if (strcmp(once, twice) != 0)
        complain(r, "text changes when printed:\n%s\n%s", once, twice);
    free(once);
    free(twice);
    tcg_ir_free(&ir);
}

static void run_case(struct reader *r)
{
    struct kase *k = &r->k;

    if (k->name[0] && !k->nregions)
        complain(r, "has no region");
    if (k->name[0] && k->nregions) {
        r->ncases++;
        for (unsigned i = 0; i < k->nregions; i++)
            check_round_trip(r, k->regions[i].text);
        for (unsigned mode = 0; mode < TOY_MODES; mode++)
            run_mode(r, (enum toy_mode)mode);
    }
    for (unsigned i = 0; i < k->nregions; i++)
        free(k->regions[i].text);
    free(k->mem);
    free(k->expect_mem);
    memset(k, 0, sizeof(*k));
}

/* ---- reading ---- */

static void new_case(struct reader *r, const char *name)
{
    struct kase *k = &r->k;

    run_case(r);
    snprintf(k->name, sizeof(k->name), "%s", name);
    k->mem = calloc(1, TOY_MEM);
    k->expect_mem = calloc(1, TOY_MEM);
    if (!k->mem || !k->expect_mem)
        MOA_BUG("out of memory");
}

static void read_bytes(struct reader *r, const char *s, bool before)
{
    uint64_t at = parse_number(&s).lo;

    s += strcspn(s, ":");
    s += *s == ':';
    while (s += strspn(s, " \t"), *s && *s != '#') {
        char *end;
        uint8_t b = (uint8_t)strtoul(s, &end, 16);

        if (end == s || at >= TOY_MEM) {
            complain(r, "bad bytes");
            return;
        }
        if (before)
            r->k.mem[at] = b;
        r->k.expect_mem[at++] = b;
        s = end;
    }
}

static int index_of(const struct tcg_names *n, const char *s, size_t len)
{
    for (unsigned i = 0; i < n->n; i++)
        if (strlen(n->names[i]) == len && memcmp(n->names[i], s, len) == 0)
            return (int)i;
    return -1;
}

static void read_exit(struct reader *r, const char *s)
{
    struct kase *k = &r->k;
    size_t len = strcspn(s, " \t#");
    int reason = index_of(&tcg_reason_names, s, len);

    if (reason < 0) {
        complain(r, "no such exit");
        return;
    }
    k->has_reason = true;
    k->reason = (unsigned)reason;
    s += len;
    s += strspn(s, " \t");
    if (!*s || *s == '#')
        return;
    k->has_code = true;
    k->code = (uint32_t)parse_number(&s).lo;
    s += strspn(s, " \t");
    if (!*s || *s == '#')
        return;
    k->has_addr = true;
    k->addr = parse_number(&s).lo;
}

/* UNIT = NUMBER and its relatives. */
static void read_value(struct reader *r, const char *s, bool before)
{
    struct kase *k = &r->k;
    char name[16];
    size_t len = strcspn(s, " \t=");
    int unit;

    snprintf(name, sizeof(name), "%.*s", (int)len, s);
    s += len;
    s += strspn(s, " \t=");
    if (strcmp(name, "exit") == 0) {
        read_exit(r, s);
        return;
    }
    if (strcmp(name, "round") == 0) {
        int n = index_of(&tcg_round_names, s, strcspn(s, " \t#"));

        k->round = n < 0 ? 0 : (unsigned)n;
        return;
    }
    unit = toy_unit_by_name(name);
    if (strcmp(name, "pc") == 0) {
        k->has_pc = true;
        k->pc = parse_number(&s).lo;
    } else if (strcmp(name, "fstatus") == 0) {
        k->expect_fstatus = (uint32_t)parse_number(&s).lo;
        if (before)
            k->fstatus = k->expect_fstatus;
    } else if (unit < 0) {
        complain(r, "no unit %s", name);
    } else {
        k->expect[unit] = parse_number(&s);
        if (before)
            k->set[unit] = k->expect[unit];
    }
}

static char *next_line(struct reader *r)
{
    char *line = r->p, *end;

    if (!*line)
        return NULL;
    end = line + strcspn(line, "\n");
    r->p = *end ? end + 1 : end;
    *end = 0;
    r->line++;
    return line;
}

static const char *after(const char *line, const char *word)
{
    size_t n = strlen(word);

    if (strncmp(line, word, n) != 0 || (line[n] && line[n] != ' ' && line[n] != '\t'))
        return NULL;
    line += n;
    return line + strspn(line, " \t");
}

static void read_page(struct reader *r, const char *s)
{
    uint64_t n = parse_number(&s).lo;

    s += strspn(s, " \t");
    if (n >= ARRAY_LEN(r->k.prot))
        complain(r, "no page %llu", (unsigned long long)n);
    else
        r->k.prot[n] = 1 + (strncmp(s, "read", 4) == 0 ? PROT_READ : PROT_NONE);
}

static void read_region(struct reader *r, const char *line)
{
    const char *s = line + 6;

    if (r->k.nregions == TOY_MAX_REGIONS) {
        complain(r, "too many regions");
        return;
    }
    r->k.regions[r->k.nregions].pc = parse_number(&s).lo;
    r->k.regions[r->k.nregions++].text = strdup(line);
}

/* A line of IR joins the text of the last region. */
static void read_ir(struct reader *r, const char *line)
{
    char **text;
    size_t n;

    if (line[strspn(line, " \t")] == 0 || line[strspn(line, " \t")] == '#')
        return;
    if (!r->k.nregions) {
        complain(r, "text outside of a region: %s", line);
        return;
    }
    text = &r->k.regions[r->k.nregions - 1].text;
    n = strlen(*text);
    *text = realloc(*text, n + strlen(line) + 2);
    if (!*text)
        MOA_BUG("out of memory");
    sprintf(*text + n, "\n%s", line);
}

static char *read_file(const char *path)
{
    FILE *in = fopen(path, "r");
    char *text = NULL;
    size_t n = 0, got;

    if (!in)
        return NULL;
    do {
        text = realloc(text, n + 4097);
        if (!text)
            MOA_BUG("out of memory");
        got = fread(text + n, 1, 4096, in);
        n += got;
    } while (got);
    text[n] = 0;
    fclose(in);
    return text;
}

int case_file_run(struct toy *t, const char *path, unsigned *ncases)
{
    struct reader r = {.path = path, .t = t};
    char *line;
    const char *s;

    r.p = r.text = read_file(path);
    if (!r.text)
        return -1;
    while ((line = next_line(&r))) {
        if ((s = after(line, "case")))
            new_case(&r, s);
        else if (!r.k.name[0])
            continue; /* the head of the file */
        else if ((s = after(line, "set")))
            read_value(&r, s, true);
        else if ((s = after(line, "mem")))
            read_bytes(&r, s, true);
        else if ((s = after(line, "page")))
            read_page(&r, s);
        else if (after(line, "region"))
            read_region(&r, line);
        else if ((s = after(line, "expect")) && after(s, "mem"))
            read_bytes(&r, after(s, "mem"), false);
        else if (s)
            read_value(&r, s, false);
        else
            read_ir(&r, line);
    }
    run_case(&r);
    free(r.text);
    *ncases += r.ncases;
    return r.failures;
}
