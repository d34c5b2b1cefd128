// SPDX-License-Identifier: MIT
/* tests/proof/mutants.c -- proof (e): small faults are put into the translator while it runs, and the
 * tests must see each. The linker gives us calls of the decoder, of the code generator and of the
 * maker of snapshot tables (--wrap), so that moa itself has no hook and is not built anew.
 *
 *   decode     a fixed bit of a row is ignored, or wanted the other way round; two fields swapped.
 *              Test: one instruction each, words of the row and their neighbours, result against
 *              the unmutated one (the inputs of tests/diff, whose results qemu confirms).
 *   flags      a put of flags is dropped, the width or carry sense of a producer, a condition changed
 *   snapshots  an entry is dropped, two exchange their places
 *              Test of both: leave-anywhere on random code (tcg/leave.h).
 *
 *   mutants [-a] [-s SEED] [-n NUMBER] [-v]    NUMBER of each kind; -a: all of decode, 3000 of others
 *   mutants -l NUMBER [-s SEED]                no mutant: leave-anywhere on NUMBER random sequences,
 *                                              with pages taken away and mended
 * What cannot die is not counted where that can be told: fixed bits of rows behind others that take
 * the word, dead flags, snapshots on paths never taken. Of the rest most survivors are equivalent
 * (operands of a commutative row). Status 1 if fewer died than main() demands. */
#include "backends/x86_64/gen_priv.h"
#include "frontends/arm64/cpu.h"
#include "frontends/arm64/decode_gen.h"
#include "tcg/backend.h"
#include "tcg/leave.h"
#include "tcg/opt.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BUF = 4 * 4096, WORDS = 24, CODE = 64 };
#define GUARD (1ull << 38) /* random indices must not reach our own memory */

static uint64_t rng;
static uint32_t *code; /* far from all else as well: ADRP */
static uint8_t *buf; /* between two pages without rights */
static bool verbose;
static const struct frontend *const fe = &frontend_arm64;

static uint64_t next(void)
{
    uint64_t z = rng += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static uint32_t rnd(uint32_t n)
{
    return (uint32_t)(next() >> 16) % n;
}

/* ---- mutants of the decoder ---- */

static struct {
    enum { DEC_OFF, DEC_LOOSE, DEC_FLIP, DEC_SWAP } kind;
    uint32_t row, bit;
    char a, b;
} dec;

bool __real_a64_decode(uint32_t word, struct a64_insn *o);
bool __wrap_a64_decode(uint32_t word, struct a64_insn *o);

static uint8_t *field(struct a64_insn *o, char letter)
{
    switch (letter) {
    case 'd': return &o->d;
    case 'n': return &o->n;
    case 'm': return &o->m;
    case 'a': return &o->a;
    case 't': return &o->t;
    default: return &o->r;
    }
}

bool __wrap_a64_decode(uint32_t word, struct a64_insn *o)
{
    bool ok = __real_a64_decode(word, o);
    struct a64_insn other;
    uint8_t v;

    if (dec.kind == DEC_OFF)
        return ok;
    if (dec.kind == DEC_SWAP) {
        if (ok && o->op == dec.row) {
            v = *field(o, dec.a);
            *field(o, dec.a) = *field(o, dec.b);
            *field(o, dec.b) = v;
        }
        return ok;
    }
    if (ok && o->op == dec.row)
        return dec.kind == DEC_LOOSE;
    if ((!ok || o->op > dec.row) && __real_a64_decode(word ^ 1u << dec.bit, &other) &&
        other.op == dec.row) {
        *o = other;
        o->word = word;
        return true;
    }
    return ok;
}

/* ---- mutants of the IR's flags ---- */

static struct {
    bool on, done;
    unsigned kind;
    uint32_t at; /* which of the operations of that kind, modulo how many there are */
    uint64_t pc; /* of the region: changed whenever it is translated again */
    uint64_t insn; /* the instruction whose operation was changed */
    bool met;      /* it was executed, and what came behind it was compared */
    char what[80];
} flg;

int __real_gen_compile(struct gen *g, struct tcg_ir *ir, struct tcg_region *r);
int __wrap_gen_compile(struct gen *g, struct tcg_ir *ir, struct tcg_region *r);

enum { RUNS = 200 }; /* states in which a change of flags must show */
enum { FLG_PUT, FLG_WIDTH, FLG_CARRY, FLG_COND, FLG_KINDS };

/* Does somebody look at the C that operation i yields? */
static bool carry_is_read(const struct tcg_ir *ir, uint32_t i)
{
    for (uint32_t k = i + 1; k < ir->nops; k++) {
        const struct tcg_op *o = &ir->ops[k];

        if (o->op == TCG_OP_nop || (o->a != i && o->b != i && o->c != i))
            continue;
        if (o->op != TCG_OP_fcond || o->sub == TCG_FC || o->sub == TCG_FNC ||
            (o->sub >= TCG_FHI && o->sub <= TCG_FBE))
            return true;
    }
    return false;
}

static bool flag_site(const struct tcg_ir *ir, const struct tcg_op *o)
{
    bool producer = o->op >= TCG_OP_addf && o->op <= TCG_OP_sbcf;

    switch (flg.kind) {
    case FLG_PUT: return o->op == TCG_OP_put && ir->guest->units[o->imm].type == TCG_FLAGS;
    case FLG_WIDTH: return producer || o->op == TCG_OP_logicf;
    case FLG_CARRY: /* of a subtraction without borrow it changes C alone */
        return o->op == TCG_OP_sbcf ||
               (o->op == TCG_OP_subf && carry_is_read(ir, (uint32_t)(o - ir->ops)));
    default: return o->op == TCG_OP_fcond;
    }
}

static void change_flags(struct tcg_ir *ir)
{
    uint32_t n = 0;

    for (uint32_t i = 1; i < ir->nops; i++)
        n += flag_site(ir, &ir->ops[i]);
    if (!n)
        return;
    n = flg.at % n;
    for (uint32_t i = 1; i < ir->nops; i++) {
        struct tcg_op *o = &ir->ops[i];

        if (!flag_site(ir, o) || n--)
            continue;
        switch (flg.kind) {
        case FLG_PUT: memset(o, 0, sizeof(*o)); o->op = TCG_OP_nop; break;
        case FLG_WIDTH: o->sub = (uint8_t)((o->sub & ~3u) | (o->sub & 3u ? (o->sub & 3u) - 1 : 1)); break;
        case FLG_CARRY: o->attr ^= 1; break;
        default: o->sub ^= 1; break;
        }
        snprintf(flg.what, sizeof(flg.what), "%s of %s, operation %u of the region at +%#x",
                 (const char *[]) { "put", "width", "carry sense", "condition" }[flg.kind],
                 tcg_op_info[o->op].name, i, (unsigned)(ir->pc - (uintptr_t)code));
        flg.done = true;
        flg.pc = ir->pc;
        for (flg.insn = ir->pc; i; i--)
            if (ir->ops[i].op == TCG_OP_insn) {
                flg.insn = tcg_const_of(ir, ir->ops[i].a)->lo;
                break;
            }
        return;
    }
}

int __wrap_gen_compile(struct gen *g, struct tcg_ir *ir, struct tcg_region *r)
{
    static struct tcg_opt opt;

    if (flg.on && (!flg.done || ir->pc == flg.pc)) {
        tcg_opt_dead(&opt, ir); /* a change of what is dead would be none */
        change_flags(ir);
    }
    return __real_gen_compile(g, ir, r);
}

enum tcg_exit_reason __real_tcg_leave_run(struct tcg_leave *l, struct tcg_vcpu *v,
                                          struct tcg_region *r);
enum tcg_exit_reason __wrap_tcg_leave_run(struct tcg_leave *l, struct tcg_vcpu *v,
                                          struct tcg_region *r);

enum tcg_exit_reason __wrap_tcg_leave_run(struct tcg_leave *l, struct tcg_vcpu *v,
                                          struct tcg_region *r)
{
    bool mutant = flg.on && flg.done && r->pc == flg.pc;
    enum tcg_exit_reason reason = __real_tcg_leave_run(l, v, r);

    flg.met |= mutant && v->guest->get_pc(v) > flg.insn; /* the code has no branches */
    return reason;
}

/* ---- mutants of snapshots ---- */

static struct {
    bool on, done;
    bool swap;
    uint32_t at;
    uint64_t pc;
    const struct gen_table *table;
    uint32_t index;
    bool met;            /* the state was rebuilt from it */
    char what[80];
} snp;

struct gen_table *__real_gen_table_new(const struct gen *g);
struct gen_table *__wrap_gen_table_new(const struct gen *g);

static unsigned place_words(const uint16_t *w)
{
    return *w >> 12 == PLACE_CONST ? 2 : 1; /* a constant's number follows */
}

static unsigned entry_words(const uint16_t *w)
{
    unsigned words = 4;

    if (w[1] >> 12 != PLACE_RECORD)
        return 1 + place_words(w + 1);
    for (unsigned n = w[1] & 0xfff; n; n--)
        words += place_words(w + words);
    return words;
}

struct gen_table *__wrap_gen_table_new(const struct gen *g)
{
    struct gen_table *t = __real_gen_table_new(g);
    struct gen_snap *snaps = (struct gen_snap *)(uintptr_t)t->snaps, *s;
    uint16_t *w, *first = NULL, *second = NULL, unit;
    unsigned n = 0, k;

    if (!snp.on || (snp.done && g->ir->pc != snp.pc))
        return t;
    for (uint32_t i = 0; i < t->nsnaps; i++)
        n += snaps[i].nwords != 0;
    if (!n)
        return t;
    n = snp.at % n;
    for (s = snaps; !s->nwords || n--; s++)
        ;
    w = (uint16_t *)(uintptr_t)t->words + s->words;
    snprintf(snp.what, sizeof(snp.what), "snapshot %u of %u at %#x, %s, unit %s, place %x",
             (unsigned)(s - snaps), t->nsnaps, s->off, snp.swap ? "swap" : "drop",
             g->ir->guest->units[w[0]].name, w[1]);
    for (k = 0; k < s->nwords; k += entry_words(w + k)) {
        if (!first)
            first = w + k;
        else if (!second && g->ir->guest->units[w[k]].type == g->ir->guest->units[*first].type)
            second = w + k;
    }
    if (snp.swap) {
        if (!second)
            return t;
        unit = *first;
        *first = *second;
        *second = unit;
    } else {
        k = entry_words(w);
        s->words += k;
        s->nwords -= k;
    }
    snp.done = true;
    snp.pc = g->ir->pc;
    snp.table = t;
    snp.index = (uint32_t)(s - snaps);
    return t;
}

void __real_gen_rebuild(struct tcg_vcpu *v, const struct tcg_region *r, const uint8_t *pc);
void __wrap_gen_rebuild(struct tcg_vcpu *v, const struct tcg_region *r, const uint8_t *pc);

void __wrap_gen_rebuild(struct tcg_vcpu *v, const struct tcg_region *r, const uint8_t *pc)
{
    const struct gen_table *t = r->gen;
    uint32_t off = (uint32_t)(pc - r->code), i = snp.index;

    if (snp.on && snp.done && t == snp.table && off >= t->snaps[i].off &&
        (i + 1 == t->nsnaps || off < t->snaps[i + 1].off))
        snp.met = true;
    __real_gen_rebuild(v, r, pc);
}

/* ---- the machine ---- */

struct machine {
    struct tcg_engine *e;
    struct a64_cpu *cpu;
    struct fe_cpu_config *cfg;
};

static struct tcg_vcpu *running;
static unsigned reports;

static void on_fault(int sig, siginfo_t *si, void *uc)
{
    if (!running || !tcg_host_fault(running, uc, (uintptr_t)si->si_addr, sig, si->si_code)) {
        signal(sig, SIG_DFL);
        raise(sig);
    }
}

static size_t fetch(struct tcg_vcpu *v, uint64_t pc, void *to, size_t len)
{
    uint64_t at = pc - (uintptr_t)code;

    if (at >= (CODE * sizeof(*code))) {
        v->exit.reason = TCG_EXIT_FAULT;
        v->exit.addr = pc;
        v->exit.access = TCG_FETCH;
        return 0;
    }
    if (len > (CODE * sizeof(*code)) - at)
        len = (CODE * sizeof(*code)) - at;
    memcpy(to, (uint8_t *)code + at, len);
    return len;
}

static void report(struct tcg_vcpu *v, const char *text)
{
    (void)v;
    reports++;
    if (verbose)
        fputs(text, stdout);
}

static const struct tcg_backend *oracle(void)
{
    for (unsigned i = 0; tcg_backends[i]; i++)
        if (strcmp(tcg_backends[i]->name, "interp") == 0)
            return tcg_backends[i];
    return NULL;
}

static struct machine machine_new(bool leave)
{
    struct tcg_config cfg = { .backend = leave ? tcg_backends[0] : oracle(),
                              .mem = { .user = true, .fetch = fetch } };
    struct machine m;
    const char *why = NULL;
    char err[100];

    if (leave) {
        cfg.leave_seed = 1;
        cfg.oracle = oracle();
        cfg.vcpu_size = fe->vcpu_size;
        cfg.leave_report = report;
    }
    cfg.cache_bytes = 8u << 20;
    m.cfg = fe->cpu_parse("max", err, sizeof(err));
    m.e = tcg_engine_new(&cfg, &why);
    if (!m.cfg || !m.e) {
        fprintf(stderr, "mutants: %s\n", why ? why : err);
        exit(99);
    }
    m.cpu = aligned_alloc(64, align_up(sizeof(*m.cpu), 64));
    memset(m.cpu, 0, sizeof(*m.cpu));
    m.cpu->vc.frontend = fe;
    m.cpu->vc.guest = fe->guest;
    tcg_attach(m.e, &m.cpu->vc);
    fe->reset(&m.cpu->vc, m.cfg, true);
    running = &m.cpu->vc;
    return m;
}

static void machine_free(struct machine *m)
{
    running = NULL;
    tcg_detach(m->e, &m->cpu->vc);
    tcg_engine_free(m->e);
    free(m->cpu);
    fe->cpu_free(m->cfg);
}

/* Registers by seed; pointers: all general registers lie in the buffer. */
/* Many results are zero, carries and overflows happen, in all widths. */
static uint64_t some_value(const struct a64_cpu *c, unsigned i)
{
    switch (rnd(10)) {
    case 0: return 0;
    case 1: return ~0ull;
    case 2: return 1ull << rnd(64);
    case 3: return next() << rnd(64);
    case 4: return i ? c->vc.hot[rnd(i)] : 0;
    case 5: return i ? ~c->vc.hot[rnd(i)] : 0;
    default: return next() >> rnd(64);
    }
}

static void set_state(struct machine *m, uint64_t seed, bool pointers)
{
    struct a64_cpu *c = m->cpu;
    uint64_t keep = rng;

    rng = seed;
    fe->reset(&c->vc, m->cfg, true);
    for (unsigned i = 0; i < 30; i++)
        c->vc.hot[i] = pointers ? (uintptr_t)buf + BUF / 2 + 16 * rnd(32) : some_value(c, i);
    c->x30 = pointers ? (uintptr_t)buf + BUF / 2 : next();
    c->sp = (uintptr_t)buf + BUF / 2;
    a64_set_cpsr(c, next() & 0xf0000000);
    for (unsigned i = 0; i < 32; i++) {
        c->v[i].d[0] = next();
        c->v[i].d[1] = next();
    }
    for (unsigned i = 0; i < BUF; i += 8)
        *(uint64_t *)(void *)(buf + i) = i * 0x9e3779b97f4a7c15ull;
    c->pc = (uintptr_t)code;
    rng = keep;
}

static uint64_t mix(uint64_t h, const void *p, size_t n)
{
    const uint64_t *w = p;

    for (size_t i = 0; i < n / 8; i++)
        h = ((h ^ w[i]) * 0x9fb21c651e98df25ull) ^ h >> 29;
    return h;
}

static uint64_t digest(const struct machine *m, enum tcg_exit_reason why)
{
    const struct a64_cpu *c = m->cpu;
    uint64_t some[4] = { why, c->vc.exit.code, a64_cpsr(c), a64_fpsr(c) };
    uint64_t h = mix(why, c->vc.hot, sizeof(c->vc.hot));

    h = mix(h, &c->x30, 24); /* x30, sp, pc */
    h = mix(h, some, sizeof(some));
    h = mix(h, &c->excl_addr, 24);
    h = mix(h, c->v, sizeof(c->v));
    return mix(h, buf, BUF);
}

/* What the words do, one by one. */
static void run_words(struct machine *m, const uint32_t *w, unsigned n, uint64_t seed, uint64_t *out)
{
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < 2; k++) {
            set_state(m, seed + i, k);
            code[0] = w[i];
            *out++ = digest(m, tcg_step(&m->cpu->vc));
        }
}

/* ---- decode rows ---- */

static unsigned killed, survived, inert;

static unsigned make_words(uint32_t row, uint32_t flips, uint32_t *w)
{
    unsigned n = 0;

    for (unsigned tries = 0; tries < 4000 && n < WORDS / 2; tries++) {
        uint32_t word = a64_rows[row].match | ((uint32_t)next() & ~a64_rows[row].mask);
        struct a64_insn o;

        if (__real_a64_decode(word, &o) && o.op == row) {
            w[n] = word;
            w[WORDS / 2 + n++] = word ^ flips;
        }
    }
    for (unsigned i = 0; i < n; i++)
        w[n + i] = w[WORDS / 2 + i];
    return 2 * n;
}

/* Time is no function of state; WFE and friends leave as they like. */
static bool untestable(uint32_t row)
{
    return strcmp(a64_rows[row].name, "MRS") == 0;
}

static bool decodes_differently(const uint32_t *w, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct a64_insn a, b;
        bool x = __real_a64_decode(w[i], &a), y = __wrap_a64_decode(w[i], &b);

        if (x != y || (x && a.op != b.op))
            return true;
    }
    return false;
}

static void try_decode(struct machine *m)
{
    uint64_t want[2 * WORDS], got[2 * WORDS], seed = next();
    uint32_t w[WORDS];
    unsigned n = make_words(dec.row, dec.kind == DEC_SWAP ? 0 : 1u << dec.bit, w);
    int kind = (int)dec.kind;

    if (kind != DEC_SWAP && !decodes_differently(w, n))
        return; /* rows in front of it take the neighbours: no mutant */
    dec.kind = DEC_OFF;
    run_words(m, w, n, seed, want);
    dec.kind = (unsigned)kind;
    run_words(m, w, n, seed, got);
    dec.kind = DEC_OFF;
    if (memcmp(want, got, 2 * n * sizeof(*want)) != 0) {
        killed++;
        return;
    }
    survived++;
    printf("survived: %s %s", a64_rows[dec.row].name, a64_rows[dec.row].bits);
    if (kind == DEC_SWAP)
        printf(", fields %c and %c swapped\n", dec.a, dec.b);
    else
        printf(", bit %u %s\n", dec.bit, kind == DEC_LOOSE ? "ignored" : "inverted");
}

static unsigned width(const char *bits, char letter)
{
    unsigned n = 0;

    for (; *bits; bits++)
        n += *bits == letter;
    return n;
}

/* All mutants of rows, or about `number` of them. */
static void decode_mutants(unsigned number)
{
    static const char gprs[] = "dnmatr";
    struct machine m = machine_new(false);
    unsigned total = 0;

    for (int pass = 0; pass < 2; pass++)
        for (uint32_t row = 0; row < A64_OP_COUNT; row++) {
            const struct a64_row *r = &a64_rows[row];

            if (untestable(row))
                continue;
            for (unsigned k = 0; k < 64; k++) {
                if (!(r->mask >> (k & 31) & 1))
                    continue;
                if (!pass) {
                    total++;
                } else if (!number || rnd(total) < number) {
                    dec.kind = k < 32 ? DEC_LOOSE : DEC_FLIP;
                    dec.row = row;
                    dec.bit = k & 31;
                    try_decode(&m);
                }
            }
            for (const char *a = gprs; *a; a++)
                for (const char *b = a + 1; *b; b++) {
                    if (width(r->bits, *a) != 5 || width(r->bits, *b) != 5)
                        continue;
                    if (!pass) {
                        total++;
                    } else if (!number || rnd(total) < number) {
                        dec.kind = DEC_SWAP;
                        dec.row = row;
                        dec.a = *a;
                        dec.b = *b;
                        try_decode(&m);
                    }
                }
            if (m.e->backend && row % 64 == 63) { /* one-instruction regions pile up */
                machine_free(&m);
                m = machine_new(false);
            }
        }
    machine_free(&m);
}

/* ---- random sequences under leave-anywhere ---- */

/* Neither branches nor what leaves or waits; block copies run as long as registers say. */
static bool usable(const struct a64_row *r)
{
    static const char *const not[] = { "B", "SVC", "HVC", "SMC", "BRK", "HLT", "UDF", "RET", "CBZ",
                                       "CBNZ", "TBZ", "TBNZ", "MRS", "SYS", "WF", "CPY", "SET",
                                       "PAC", "AUT", "XPAC", "ERET" };

    for (unsigned i = 0; i < ARRAY_LEN(not); i++) {
        size_t n = strlen(not[i]);

        if (i ? !strncmp(r->name, not[i], n) : r->name[0] == 'B' && strncmp(r->name, "BF", 2) &&
                                                   strncmp(r->name, "BIC", 3) && strncmp(r->name, "BS", 2))
            return false;
    }
    return true;
}

static void random_code(bool flags)
{
    static const uint32_t setters[] = { /* adds, subs, ands, ccmp, cmp, tst; csel, cset, adc, sbc */
        0xab020020, 0x2b020020, 0xeb020020, 0x6b020020, 0xea020020, 0x6a020020, 0xfa400800,
        0x7a400800, 0xf1000000, 0x71000000, 0x9a800000, 0x1a9f07e0, 0x9a000000, 0x5a000000,
        0xba000000, 0x7a000000, 0x9a80c400, 0x1a801000,
    };
    unsigned n = 0, want = 6 + rnd(20);

    while (n < want) {
        uint32_t row = rnd(A64_OP_COUNT), word;
        struct a64_insn o;

        if (flags && rnd(3)) {
            word = setters[rnd(ARRAY_LEN(setters))] | rnd(30) << 16 | rnd(30) << 5 | rnd(30);
        } else {
            if (!usable(&a64_rows[row]))
                continue;
            word = a64_rows[row].match | ((uint32_t)next() & ~a64_rows[row].mask);
            if (rnd(3) && (word >> 25 & 5) == 4) /* an access: base register as it was set */
                word = (word & ~(31u << 5)) | (rnd(2) ? 31u : 20 + rnd(8)) << 5;
        }
        if (!__real_a64_decode(word, &o) || !usable(&a64_rows[o.op]))
            continue;
        code[n++] = word;
    }
    while (n < CODE)
        code[n++] = 0xd4200020; /* brk */
}

/* Runs what is in code[] from the state of the seed, resuming behind faults and undefined instructions,
 * once for each snapshot about. */
static void run_code(struct machine *m, uint64_t seed, unsigned rounds, bool pointers, bool remap)
{
    struct a64_cpu *c = m->cpu;

    tcg_invalidate(m->e, (uintptr_t)code, (uintptr_t)code + (CODE * sizeof(*code)));
    for (unsigned k = 0; k < rounds && !reports; k++) {
        set_state(m, seed, pointers);
        if (remap)
            mprotect(buf + 4096 * rnd(BUF / 4096), 4096, rnd(2) ? PROT_NONE : PROT_READ);
        for (unsigned left = 200; left--;) {
            enum tcg_exit_reason why = tcg_run(&c->vc);

            if (why == TCG_EXIT_FAULT && c->vc.exit.addr - (uintptr_t)buf < BUF && rnd(2))
                mprotect(buf, BUF, PROT_READ | PROT_WRITE);
            else if (why == TCG_EXIT_FAULT)
                c->pc += 4;
            else if (why == TCG_EXIT_EXCEPTION && c->vc.exit.code == TCG_EXC_BREAKPOINT)
                break;
            else if (why == TCG_EXIT_EXCEPTION)
                c->pc += 4;
        }
        mprotect(buf, BUF, PROT_READ | PROT_WRITE);
    }
}

static void compiled_mutants(unsigned number, bool flags)
{
    struct machine m = machine_new(true);
    unsigned made = 0;

    for (unsigned tries = 0; made < number && tries < 20 * number; tries++) {
        uint64_t seed = next();
        bool done;

        random_code(flags);
        flg.on = flags;
        flg.kind = tries % FLG_KINDS;
        flg.done = flg.met = false;
        flg.at = rnd(1000);
        snp.on = !flags;
        snp.done = snp.met = false;
        snp.at = rnd(1000);
        snp.swap = tries & 1;
        reports = 0;
        for (unsigned k = 0; k < (flags ? RUNS : 6) && !reports; k++)
            run_code(&m, seed + k, 60, !(k & 1) && (!flags || k < 6), false);
        done = flags ? flg.met : snp.met; /* else it is in a path that was never taken */
        flg.on = snp.on = false;
        if (!done)
            continue;
        made++;
        killed += reports != 0;
        inert += reports == 0;
        if (!reports && verbose)
            printf("survived: %s\n", flags ? flg.what : snp.what);
    }
    machine_free(&m);
}

static unsigned leave_anywhere(unsigned number)
{
    struct machine m = machine_new(true);
    unsigned bad = 0;

    for (unsigned i = 0; i < number; i++) {
        random_code(i & 1);
        reports = 0;
        run_code(&m, next(), 12, i % 4 != 0, true);
        if (reports) {
            bad++;
            printf("sequence %u differs:", i);
            for (unsigned k = 0; code[k] != 0xd4200020; k++)
                printf(" %08x", code[k]);
            printf("\n");
        }
    }
    printf("compared %llu regions, left at %llu snapshots, %llu faults, %llu retired, %llu flushes\n",
           (unsigned long long)tcg_leave_stats(m.e)->compared,
           (unsigned long long)tcg_leave_stats(m.e)->left,
           (unsigned long long)tcg_leave_stats(m.e)->faults,
           (unsigned long long)tcg_leave_stats(m.e)->retired,
           (unsigned long long)tcg_leave_stats(m.e)->flushes);
    if (tcg_leave_stats(m.e)->left < number || tcg_leave_stats(m.e)->faults == 0)
        bad++; /* the proof did not happen */
    machine_free(&m);
    return bad;
}

/* One kind; what it counted. At least `percent` must die. */
static bool kind(const char *name, unsigned percent)
{
    unsigned n = killed + survived + inert;
    bool ok = n && killed * 100 >= n * percent;

    printf("%s: %u mutants, %u killed, %u survived (%s)\n", name, n, killed, survived + inert,
           ok ? "enough" : "TOO MANY");
    return ok;
}

int main(int argc, char **argv)
{
    struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    unsigned number = 100, leave = 0, bad = 0, total = 0, dead = 0;
    bool all = false, ok = true;
    int c;

    rng = 1;
    while ((c = getopt(argc, argv, "as:n:l:v")) != -1) {
        switch (c) {
        case 'a': all = true; number = 3000; break;
        case 's': rng = strtoull(optarg, NULL, 0); break;
        case 'n': number = (unsigned)strtoul(optarg, NULL, 0); break;
        case 'l': leave = (unsigned)strtoul(optarg, NULL, 0); break;
        case 'v': verbose = true; break;
        default: return 99;
        }
    }
    buf = mmap(NULL, BUF + 2 * GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (buf == MAP_FAILED)
        return 99;
    code = (uint32_t *)(void *)(buf + GUARD / 2);
    buf += GUARD;
    mprotect(buf, BUF, PROT_READ | PROT_WRITE);
    mprotect(code, 4096, PROT_READ | PROT_WRITE);
    sigaction(SIGSEGV, &sa, NULL);
    sigaction(SIGBUS, &sa, NULL);
    if (leave) {
        bad = leave_anywhere(leave);
        printf("%u passed, %u failed, 0 skipped\n", leave - (bad < leave ? bad : leave), bad);
        return bad != 0;
    }
    decode_mutants(all ? 0 : number);
    ok = kind("decode rows", 95);
    total += killed + survived + inert;
    dead += killed;
    for (unsigned flags = 0; flags < 2; flags++) {
        killed = survived = inert = 0;
        compiled_mutants(number, flags);
        /* Some changes of flags are none: x - x - 1 is -1 in every width; a record behind a
         * condition that no state makes true. Where C is not read, its sense is not changed. */
        ok = kind(flags ? "flags" : "snapshots", flags ? 93 : 97) && ok;
        total += killed + survived + inert;
        dead += killed;
    }
    printf("%u of %u mutants killed\n", dead, total);
    printf("%u passed, %u failed, 0 skipped\n", ok ? 3 : 2, !ok);
    return !ok;
}
