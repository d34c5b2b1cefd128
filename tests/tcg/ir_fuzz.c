// SPDX-License-Identifier: MIT
/* Random IR on two backends: the interpreter runs it without folding and without passes, the native
 * backend as it is and folded; units, memory, exit, pc and float flags must agree afterwards.
 *
 *   ir_fuzz [--seed N] [--count N] [--seconds N] [--cpu MASK] [--float-check] [--shrink] [--print]
 *           [--machine BACKEND]
 *
 * Runs the cases seed, seed + 1, ... A difference, or the death of the program, tells the number of
 * the case; --shrink makes the case small and prints it in the form of tests/tcg/cases, --print
 * only prints it. --cpu takes features of the host away (enum gen_cpu); without it each run of 64
 * cases has features of its own. --float-check lets translated code compare every float result of
 * the host with the soft twin's. --machine: what is tested runs as a whole machine, memory behind the
 * TLB (tests/softmmu/bare.h), against the interpreter in user mode. Status 0: all agree; 1: some differ;
 * 77: there is one backend only. */
#include "config.h"

#include "tests/tcg/ir_fuzz.h"

#include "tcg/text.h"
#include "tests/softmmu/bare.h"
#ifdef BACKEND_X86_64
#include "backends/x86_64/gen.h"
#endif

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct outcome {
    struct toy_value unit[TOY_UNITS];
    uint64_t pc;
    struct tcg_exit exit;
    uint32_t fstatus;
    uint8_t mem[TOY_MEM / TOY_PAGE][FUZZ_WINDOW];
};

static struct toy *oracle, *tested;
static struct bare *bare; /* --machine: tested is its vcpu */
static struct outcome want, got;
static uint64_t current; /* case, for the handler of deaths */

static void build(struct tcg_builder *b, struct toy *t, uint64_t pc)
{
    const struct fuzz_case *c = t->build_arg;

    for (unsigned i = 0; i < c->n; i++) {
        if (pc == FUZZ_PC(i)) {
            toy_rebuild(b, &c->ir[i]);
            return;
        }
    }
    tcg_exit(b, TCG_EXIT_DEBUG, tcg_imm(b, TCG_I64, pc), 0xbad, tcg_imm(b, TCG_I64, 0));
}

static void set_up(struct toy *t, const struct fuzz_case *c)
{
    struct fuzz_rng r = {c->mem_seed};

    if (!t->guest)
        toy_protect(t, FUZZ_RO_PAGE, PROT_READ | PROT_WRITE);
    for (unsigned p = 0; p <= FUZZ_RO_PAGE; p++) {
        uint8_t *w = t->mem + p * TOY_PAGE;

        for (unsigned i = 0; i < FUZZ_WINDOW; i += 8) {
            uint64_t n = fuzz_next(&r);

            memcpy(w + i, &n, 8);
        }
    }
    if (!t->guest)
        toy_protect(t, FUZZ_RO_PAGE, PROT_READ);
    for (unsigned u = 0; u < TOY_UNITS; u++)
        toy_set(t, u, c->set[u]);
    tcg_fstatus_set(&t->v, 0);
    tcg_fround_set(&t->v, c->round);
    memset(&t->v.exit, 0, sizeof(t->v.exit));
    atomic_store(&t->v.exit_request, 0);
    t->pc = FUZZ_PC(0);
}

/* The code of the case before is gone; that of c is made when it runs. */
static void load(struct toy *t, const struct fuzz_case *c, enum toy_mode mode)
{
    if (t->guest)
        tcg_invalidate(t->v.engine, 0, ~0ull);
    else
        tcg_invalidate(t->v.engine, FUZZ_PC(0), FUZZ_PC(FUZZ_REGIONS) + 64);
    t->mode = mode;
    t->build = build;
    t->build_arg = (void *)(uintptr_t)c;
}

static void run(struct toy *t, const struct fuzz_case *c, struct outcome *o)
{
    set_up(t, c);
    if (t->guest)
        sm_tlb_enter(&bare->cpu[0]);
    else
        toy_select(t);
    tcg_run(&t->v);
    for (unsigned u = 0; u < TOY_UNITS; u++)
        o->unit[u] = toy_get(t, u);
    o->pc = t->pc;
    o->exit = t->v.exit;
    o->fstatus = c->sticky ? tcg_fstatus_get(&t->v) : 0;
    for (unsigned p = 0; p <= FUZZ_RO_PAGE; p++)
        memcpy(o->mem[p], t->mem + p * TOY_PAGE, FUZZ_WINDOW);
}

static const struct tcg_backend *backend_named(const char *name)
{
    for (unsigned i = 0; tcg_backends[i]; i++)
        if (strcmp(tcg_backends[i]->name, name) == 0)
            return tcg_backends[i];
    return NULL;
}

/* Machines: what makes accesses slow, by the case's number. */
static void choose_tlb(uint64_t number)
{
    uint64_t ram = mem_ram_addr(bare->ram);
    struct fuzz_rng r = {number};

    bare->narrow = number % 4 == 1;
    for (unsigned p = 0; p <= FUZZ_RO_PAGE; p++)
        mem_watch_set(ram + p * TOY_PAGE, MEM_WATCH_CLEAN, number % 4 == 2 && fuzz_next(&r) & 1);
    if (number % 4)
        sm_tlb_flush_all(&bare->m);
}

static bool machine_new(const char *name)
{
    const struct tcg_backend *be = backend_named(name);

    bare = be ? bare_new(be, 1) : NULL;
    if (!bare)
        return false;
    for (unsigned p = 0; p < BARE_PAGES; p++)
        if (p >= FUZZ_RO_PAGE * TOY_PAGE / 4096)
            bare->map[0][p].prot = p < (FUZZ_RO_PAGE + 1) * TOY_PAGE / 4096 ? FE_READ : 0;
    tested = bare->toy[0];
    return true;
}

/* Code for hosts that can do less: by the case's number all features, none, or some. */
static void choose_cpu(uint64_t number, uint32_t mask)
{
#ifdef BACKEND_X86_64
    if (tested->v.engine->backend != tcg_backends[0])
        return;
    static uint32_t all;
    struct gen *g = tested->v.engine->gen;
    struct fuzz_rng r = {number / 64};

    if (!all)
        all = g->cpu;
    if (number / 64 % 4 == 1)
        mask &= 0;
    else if (number / 64 % 4 == 2)
        mask &= (uint32_t)fuzz_next(&r);
    if (!(mask & CPU_AVX))
        mask &= ~(uint32_t)(CPU_AVX2 | CPU_FMA | CPU_F16C | CPU_BMI1 | CPU_BMI2);
    g->cpu = all & mask;
#else
    (void)number, (void)mask;
#endif
}

/* ---- comparison ---- */

static bool differ(const char *how, bool talk)
{
    bool bad = false;

#define TELL(...) (bad = true, talk ? (void)fprintf(stderr, __VA_ARGS__) : (void)0)
    if (want.exit.reason != got.exit.reason)
        TELL("  %s: exit is %u, not %u\n", how, got.exit.reason, want.exit.reason);
    else if ((want.exit.reason == TCG_EXIT_EXCEPTION || want.exit.reason == TCG_EXIT_FAULT) &&
             (want.exit.addr != got.exit.addr ||
              (want.exit.reason == TCG_EXIT_EXCEPTION && want.exit.code != got.exit.code) ||
              (want.exit.reason == TCG_EXIT_FAULT && want.exit.access != got.exit.access &&
               want.exit.addr < (FUZZ_RO_PAGE + 1) * TOY_PAGE)))
        TELL("  %s: exit code %u address %#llx access %u, not %u %#llx %u\n", how, got.exit.code,
             (unsigned long long)got.exit.addr, got.exit.access, want.exit.code,
             (unsigned long long)want.exit.addr, want.exit.access);
    if (want.pc != got.pc)
        TELL("  %s: pc is %#llx, not %#llx\n", how, (unsigned long long)got.pc,
             (unsigned long long)want.pc);
    if (want.fstatus != got.fstatus)
        TELL("  %s: fstatus is %#x, not %#x\n", how, got.fstatus, want.fstatus);
    for (unsigned u = 0; u < TOY_UNITS; u++)
        if (want.unit[u].lo != got.unit[u].lo || want.unit[u].hi != got.unit[u].hi)
            TELL("  %s: %s is %016llx %016llx, not %016llx %016llx\n", how,
                 toy_guest.units[u].name, (unsigned long long)got.unit[u].hi,
                 (unsigned long long)got.unit[u].lo, (unsigned long long)want.unit[u].hi,
                 (unsigned long long)want.unit[u].lo);
    for (unsigned p = 0; p <= FUZZ_RO_PAGE; p++)
        for (unsigned i = 0; i < FUZZ_WINDOW; i++)
            if (want.mem[p][i] != got.mem[p][i]) {
                TELL("  %s: memory at %#x is %02x, not %02x\n", how, p * TOY_PAGE + i,
                     got.mem[p][i], want.mem[p][i]);
                i = FUZZ_WINDOW;
            }
#undef TELL
    return bad;
}

static bool fails(const struct fuzz_case *c, bool talk)
{
    bool bad;

    load(oracle, c, TOY_REBUILD);
    run(oracle, c, &want);
    load(tested, c, TOY_REBUILD);
    run(tested, c, &got);
    bad = differ("as it is", talk);
    load(tested, c, TOY_FOLD);
    run(tested, c, &got);
    bad |= differ("folded", talk);
    run(tested, c, &got); /* regions are linked now */
    return differ("linked", talk) || bad;
}

/* ---- printing as a case of tests/tcg/cases ---- */

static void print_number(FILE *out, struct toy_value v)
{
    if (v.hi)
        fprintf(out, "%#llx%016llx\n", (unsigned long long)v.hi, (unsigned long long)v.lo);
    else
        fprintf(out, "%#llx\n", (unsigned long long)v.lo);
}

static void print_bytes(FILE *out, const char *word, const uint8_t *now, const uint8_t *old)
{
    for (unsigned p = 0; p <= FUZZ_RO_PAGE; p++) {
        for (unsigned i = 0; i < FUZZ_WINDOW; i += 16) {
            const uint8_t *a = now + p * FUZZ_WINDOW + i, *b = old + p * FUZZ_WINDOW + i;

            if (memcmp(a, b, 16) == 0)
                continue;
            fprintf(out, "%s %#x:", word, p * TOY_PAGE + i);
            for (unsigned k = 0; k < 16; k++)
                fprintf(out, " %02x", a[k]);
            fputc('\n', out);
        }
    }
}

/* Without what shrinking has left of operations. */
static void print_ir(FILE *out, const struct tcg_ir *ir)
{
    char *text = NULL, *line, *rest;
    size_t n;
    FILE *mem = open_memstream(&text, &n);

    if (!mem)
        return;
    tcg_ir_print(ir, mem);
    fclose(mem);
    for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (strcmp(line, "  nop") != 0)
            fprintf(out, "%s\n", line);
    free(text);
}

static void print_case(FILE *out, const struct fuzz_case *c, uint64_t seed)
{
    static uint8_t zero[sizeof(want.mem)], before[sizeof(want.mem)];

    fprintf(out, "case fuzz %llu\n", (unsigned long long)seed);
    set_up(oracle, c);
    for (unsigned p = 0; p <= FUZZ_RO_PAGE; p++)
        memcpy(before + p * FUZZ_WINDOW, oracle->mem + p * TOY_PAGE, FUZZ_WINDOW);
    load(oracle, c, TOY_REBUILD);
    run(oracle, c, &want);
    for (unsigned u = 0; u < TOY_UNITS; u++) {
        if (!c->set[u].lo && !c->set[u].hi)
            continue;
        fprintf(out, "set %s = ", toy_guest.units[u].name);
        print_number(out, c->set[u]);
    }
    if (c->round)
        fprintf(out, "set round = %s\n", tcg_round_names.names[c->round]);
    if (c->mem_seed)
        print_bytes(out, "mem", before, zero);
    fprintf(out, "page 6 read\npage 7 none\n");
    for (unsigned u = 0; u < TOY_UNITS; u++) {
        if (want.unit[u].lo == c->set[u].lo && want.unit[u].hi == c->set[u].hi)
            continue;
        fprintf(out, "expect %s = ", toy_guest.units[u].name);
        print_number(out, want.unit[u]);
    }
    print_bytes(out, "expect mem", &want.mem[0][0], before);
    if (want.fstatus)
        fprintf(out, "expect fstatus = %#x\n", want.fstatus);
    fprintf(out, "expect exit = %s\nexpect pc = %#llx\n", tcg_reason_names.names[want.exit.reason],
            (unsigned long long)want.pc);
    for (unsigned i = 0; i < c->n; i++)
        print_ir(out, &c->ir[i]);
}

/* ---- shrinking ---- */

/* In a child: bad code may kill it. */
static bool fails_apart(const struct fuzz_case *c)
{
    pid_t pid;
    int status;

    fflush(NULL);
    pid = fork();
    if (pid < 0)
        return false;
    if (pid == 0) {
        int null = fileno(tmpfile());

        dup2(null, STDERR_FILENO);
        signal(SIGABRT, SIG_DFL);
        alarm(5);
        tcg_before_fork(tested->v.engine, &tested->v);
        tcg_after_fork(tested->v.engine, &tested->v, true);
        _exit(fails(c, false) ? 1 : 0);
    }
    return waitpid(pid, &status, 0) == pid && status != 0;
}

static void replace(struct tcg_ir *ir, tcg_val from, tcg_val to)
{
    for (unsigned i = 1; i < ir->nops; i++) {
        struct tcg_op *o = &ir->ops[i];

        if (o->a == from)
            o->a = to;
        if (o->b == from)
            o->b = to;
        if (o->c == from)
            o->c = to;
    }
    for (unsigned i = 0; i < ir->ncalls; i++)
        for (unsigned k = 0; k < 6; k++)
            if (ir->calls[i].args[k] == from)
                ir->calls[i].args[k] = to;
    for (unsigned i = 0; i < ir->nlists; i++)
        if (ir->lists[i] == from)
            ir->lists[i] = to;
}

static bool is_used(const struct tcg_ir *ir, tcg_val v)
{
    for (unsigned i = 1; i < ir->nops; i++)
        if (ir->ops[i].a == v || ir->ops[i].b == v || ir->ops[i].c == v)
            return true;
    for (unsigned i = 0; i < ir->ncalls; i++)
        for (unsigned k = 0; k < 6; k++)
            if (ir->calls[i].args[k] == v)
                return true;
    for (unsigned i = 0; i < ir->nlists; i++)
        if (ir->lists[i] == v)
            return true;
    return false;
}

struct copy {
    struct tcg_op *ops;
    uint16_t *lists;
    struct tcg_call *calls;
    uint32_t nops;
};

static void keep(struct copy *k, const struct tcg_ir *ir)
{
    k->nops = ir->nops;
    memcpy(k->ops, ir->ops, ir->nops * sizeof(*ir->ops));
    memcpy(k->lists, ir->lists, ir->nlists * sizeof(*ir->lists));
    memcpy(k->calls, ir->calls, ir->ncalls * sizeof(*ir->calls));
}

static void put_back(const struct copy *k, struct tcg_ir *ir)
{
    memcpy(ir->ops, k->ops, k->nops * sizeof(*ir->ops));
    memcpy(ir->lists, k->lists, ir->nlists * sizeof(*ir->lists));
    memcpy(ir->calls, k->calls, ir->ncalls * sizeof(*ir->calls));
}

static bool still(struct fuzz_case *c, const struct tcg_ir *ir)
{
    char buf[120];

    return !tcg_ir_verify(ir, buf, sizeof(buf)) && fails_apart(c);
}

/* One operation less, if the case then still fails. */
static bool drop(struct fuzz_case *c, struct tcg_ir *ir, const struct copy *k, unsigned i)
{
    struct tcg_op *o = &ir->ops[i];
    enum tcg_type t = (enum tcg_type)o->type;
    bool result = tcg_op_info[o->op].sig[0] != '-' && t != TCG_VOID;

    if (o->op == TCG_OP_nop || o->op == TCG_OP_block || o->op == TCG_OP_insn ||
        tcg_op_info[o->op].flags & TCG_OPF_END ||
        (o->op == TCG_OP_param && !is_used(ir, (tcg_val)i)))
        return false;
    if (!result || !is_used(ir, (tcg_val)i)) {
        memset(o, 0, sizeof(*o));
        if (still(c, ir))
            return true;
        put_back(k, ir);
        return false;
    }
    for (unsigned w = 0; w < 3; w++) { /* an operand instead, or 0 */
        tcg_val v = w == 0 ? o->a : w == 1 ? o->b : TCG_NONE;

        if (w == 2 && t != TCG_FLAGS)
            v = tcg_ir_const(ir, t, 0, 0);
        if (!v || tcg_type_of(ir, v) != t)
            continue;
        replace(ir, (tcg_val)i, v);
        if (o->op != TCG_OP_param)
            memset(o, 0, sizeof(*o));
        if (still(c, ir))
            return true;
        put_back(k, ir);
    }
    return false;
}

static void shrink(struct fuzz_case *c)
{
    bool again = true;
    struct toy_value zero = {0, 0};

    while (c->n > 1) {
        c->n--;
        if (!fails_apart(c)) {
            c->n++;
            break;
        }
    }
    for (unsigned round = 0; round < 4 && again; round++) {
        again = false;
        for (unsigned r = 0; r < c->n; r++) {
            struct tcg_ir *ir = &c->ir[r];
            struct copy k = {malloc(ir->nops * sizeof(*k.ops)),
                             malloc(ir->nlists * sizeof(*k.lists) + 1),
                             malloc(ir->ncalls * sizeof(*k.calls) + 1), 0};

            if (!k.ops || !k.lists || !k.calls)
                MOA_BUG("out of memory");
            for (unsigned i = ir->nops; i-- > 1;) {
                keep(&k, ir);
                again |= drop(c, ir, &k, i);
            }
            free(k.ops);
            free(k.lists);
            free(k.calls);
        }
    }
    for (unsigned u = 0; u < TOY_UNITS; u++) {
        struct toy_value old = c->set[u];

        c->set[u] = zero;
        if (!fails_apart(c))
            c->set[u] = old;
    }
}

/* ---- main ---- */

static void died(int sig)
{
    char line[64];
    int n = snprintf(line, sizeof(line), "ir_fuzz: died in case %llu\n",
                     (unsigned long long)current);

    if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
        n = 0;
    signal(sig, SIG_DFL);
    raise(sig);
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    uint64_t seed = 1, count = 0, passed = 0, failed = 0;
    double seconds = 0, end;
    uint32_t cpu = ~0u;
    bool small = false, print = false, float_check = false;
    const struct tcg_backend *interp = backend_named("interp");
    const char *machine = NULL;
    struct fuzz_case c;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--shrink") == 0)
            small = true;
        else if (strcmp(argv[i], "--print") == 0)
            print = true;
        else if (strcmp(argv[i], "--float-check") == 0)
            float_check = true;
        else if (i + 1 < argc && strcmp(argv[i], "--machine") == 0)
            machine = argv[++i];
        else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
            seed = strtoull(argv[++i], NULL, 0);
        else if (i + 1 < argc && strcmp(argv[i], "--count") == 0)
            count = strtoull(argv[++i], NULL, 0);
        else if (i + 1 < argc && strcmp(argv[i], "--cpu") == 0)
            cpu = (uint32_t)strtoul(argv[++i], NULL, 0);
        else if (i + 1 < argc && strcmp(argv[i], "--seconds") == 0)
            seconds = strtod(argv[++i], NULL);
        else
            return fprintf(stderr, "ir_fuzz: no option %s\n", argv[i]), 2;
    }
    if (!interp || tcg_backends[0] == interp)
        return puts("skipped: there is no other backend than the interpreter"), 77;
    if (!count)
        count = seconds ? ~0ull : small || print ? 1 : 3000;
    oracle = toy_new(interp);
    if (machine)
        machine_new(machine);
    else
        tested = toy_new(tcg_backends[0]);
    if (!oracle || !tested)
        return EXIT_FAILURE;
    oracle->v.engine->cfg.no_fold = true;
    tested->v.engine->cfg.float_check = float_check;
    toy_protect(oracle, FUZZ_RO_PAGE + 1, PROT_NONE);
    if (!bare)
        toy_protect(tested, FUZZ_RO_PAGE + 1, PROT_NONE);
    signal(SIGABRT, died);
    end = now() + seconds;
    fuzz_case_init(&c);
    for (current = seed; count && (!seconds || now() < end); current++, count--) {
        fuzz_make(&c, current);
        choose_cpu(current, cpu);
        if (bare)
            choose_tlb(current);
        if (small)
            shrink(&c);
        if (print || small)
            print_case(stdout, &c, current);
        fflush(stdout);
        if (!fails(&c, true)) {
            passed++;
            continue;
        }
        fprintf(stderr, "case %llu differs\n", (unsigned long long)current);
        if (++failed == 20)
            break;
    }
    fuzz_case_free(&c);
    if (bare)
        bare_free(bare);
    else
        toy_free(tested);
    toy_free(oracle);
    printf("%llu cases agree, %llu differ\n", (unsigned long long)passed,
           (unsigned long long)failed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
