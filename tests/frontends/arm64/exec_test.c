/* SPDX-License-Identifier: MIT */
/* What instructions do: the rows of vectors.def run on every backend of this build, with folding and
 * without. A row says registers before and after; what it does not name must stay as it was. Also
 * state at faults, and the exits of system calls and exceptions. */
#include "frontends/arm64/cpu.h"
#include "frontends/arm64/helper.h"
#include "tcg/backend.h"
#include "tests/unit.h"

#include <endian.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { BUF = 256 };

static const struct vector {
    const char *text;
    uint32_t word;
    const char *in, *out;
} vectors[] = {
#define V(text, word, in, out) { text, word, in, out },
#include "tests/frontends/arm64/vectors.def"
#undef V
};

static uint32_t code[16] __attribute__((aligned(4096)));
static uint8_t buf[BUF] __attribute__((aligned(64)));
static const struct frontend *const fe = &frontend_arm64;

static size_t fetch(struct tcg_vcpu *v, uint64_t pc, void *to, size_t len)
{
    uint64_t at = pc - (uintptr_t)code;

    if (at >= sizeof(code)) {
        v->exit.reason = TCG_EXIT_FAULT;
        v->exit.addr = pc;
        v->exit.access = TCG_FETCH;
        return 0;
    }
    if (len > sizeof(code) - at)
        len = sizeof(code) - at;
    memcpy(to, (uint8_t *)code + at, len);
    return len;
}

struct machine {
    struct tcg_engine *e;
    struct a64_cpu *cpu;
    struct fe_cpu_config *cfg;
};

static struct machine machine_new(const struct tcg_backend *backend, bool no_fold)
{
    struct tcg_config cfg = { .backend = backend, .no_fold = no_fold, .verify = true,
                              .mem = { .user = true, .fetch = fetch } };
    struct machine m;
    const char *why = NULL;
    char err[100];

    m.cfg = fe->cpu_parse("max", err, sizeof(err));
    ck_assert_ptr_nonnull(m.cfg);
    m.e = tcg_engine_new(&cfg, &why);
    ck_assert_msg(m.e != NULL, "%s: %s", backend->name, why);
    m.cpu = aligned_alloc(64, align_up(sizeof(*m.cpu), 64));
    memset(m.cpu, 0, sizeof(*m.cpu));
    m.cpu->vc.frontend = fe;
    m.cpu->vc.guest = fe->guest;
    tcg_attach(m.e, &m.cpu->vc);
    fe->reset(&m.cpu->vc, m.cfg, true);
    return m;
}

static void machine_free(struct machine *m)
{
    tcg_detach(m->e, &m->cpu->vc);
    tcg_engine_free(m->e);
    free(m->cpu);
    fe->cpu_free(m->cfg);
}

/* ---- registers as text ---- */

static unsigned reg_number(const char *name, size_t len)
{
    for (unsigned i = 0; i < fe->nregs; i++)
        if (strlen(fe->regs[i].name) == len && !strncmp(fe->regs[i].name, name, len))
            return i;
    ck_abort_msg("no register %.*s", (int)len, name);
    return 0;
}

/* "x1=12 sp=buf+16 v0=hi:lo nzcv=6 m8=1122": hexadecimal; m8 is the doubleword at buf + 8. */
static void apply(struct machine *m, uint8_t regs[][16], uint8_t *mem, const char *s)
{
    while (*s) {
        size_t len = strcspn(s, "=");
        const char *val = s + len + 1;
        uint64_t v[2] = { 0, 0 };
        char *end;

        if (!strncmp(val, "buf", 3)) {
            v[0] = (uintptr_t)buf + (val[3] ? strtoull(val + 4, &end, 16) : 0);
            if (!val[3] || val[3] == ' ')
                end = (char *)(uintptr_t)val + 3;
        } else {
            v[0] = strtoull(val, &end, 16);
            if (*end == ':') {
                v[1] = v[0];
                v[0] = strtoull(end + 1, &end, 16);
            }
        }
        v[0] = htole64(v[0]); /* memory and registers are in guest order */
        v[1] = htole64(v[1]);
        if (s[0] == 'm') {
            memcpy(mem + strtoul(s + 1, NULL, 16), v, 8);
        } else if (!strncmp(s, "nzcv", 4)) {
            v[0] = htole64(le64toh(v[0]) << 28 | a64_cpsr(m->cpu) % (1u << 28));
            memcpy(regs[33], v, 4);
        } else {
            memcpy(regs[reg_number(s, len)], v, 16);
        }
        s = end;
        while (*s == ' ')
            s++;
    }
}

static const char *hex(const uint8_t *v, unsigned bytes, char *to)
{
    for (unsigned i = 0; i < bytes; i++)
        sprintf(to + 2 * i, "%02x", v[bytes - 1 - i]);
    return to;
}

static void run_vector(struct machine *m, const struct vector *t)
{
    uint8_t want[80][16], got[16], mem[BUF];
    enum tcg_exit_reason why;
    char a[40], b[40];

    memset(want, 0, sizeof(want));
    for (unsigned i = 0; i < BUF; i++)
        buf[i] = (uint8_t)(i * 7);
    code[0] = htole32(t->word);
    code[1] = htole32(0xd4200020); /* brk #1 */
    tcg_invalidate(m->e, (uintptr_t)code, (uintptr_t)code + sizeof(code));
    fe->reset(&m->cpu->vc, m->cfg, true);
    for (unsigned i = 0; i < 31; i++) {
        uint64_t v = htole64(0x1111111111111111ull * i);

        memcpy(want[i], &v, 8);
        memset(want[34 + i], (int)(i * 3 + 1), 16);
    }
    apply(m, want, buf, t->in);
    for (unsigned i = 0; i < fe->nregs; i++)
        ck_assert_int_eq(fe->reg_write(&m->cpu->vc, i, want[i]), 0);
    fe->set_pc(&m->cpu->vc, (uintptr_t)code);
    memcpy(mem, buf, BUF);
    do
        why = tcg_run(&m->cpu->vc);
    while (why == TCG_EXIT_SYNC);
    ck_assert_msg(why == TCG_EXIT_EXCEPTION, "%s: exit %d", t->text, why);
    ck_assert_msg(m->cpu->vc.exit.code == TCG_EXC_BREAKPOINT, "%s: exit code %u", t->text,
                  m->cpu->vc.exit.code);
    apply(m, want, mem, t->out);
    for (unsigned i = 0; i < fe->nregs; i++) {
        unsigned bytes = fe->regs[i].bits / 8;

        ck_assert_int_eq(fe->reg_read(&m->cpu->vc, i, got), 0);
        if (i == 32 || !memcmp(want[i], got, bytes) || !strncmp(fe->regs[i].name, "pauth", 5))
            continue; /* the masks of pointer authentication are constants */
        ck_abort_msg("%s with %s: %s is %s, not %s", t->text, t->in, fe->regs[i].name,
                     hex(got, bytes, a), hex(want[i], bytes, b));
    }
    for (unsigned i = 0; i < BUF; i++)
        ck_assert_msg(mem[i] == buf[i], "%s: byte %#x of memory is %#x, not %#x", t->text, i,
                      buf[i], mem[i]);
}

START_TEST(all_vectors)
{
    struct machine m = machine_new(tcg_backends[_i / 2], _i & 1);

    for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
        run_vector(&m, &vectors[i]);
    machine_free(&m);
}
END_TEST

/* ---- faults and exits ---- */

static struct tcg_vcpu *running;

static void on_fault(int sig, siginfo_t *si, void *uc)
{
    if (!tcg_host_fault(running, uc, (uintptr_t)si->si_addr, sig, si->si_code)) {
        signal(sig, SIG_DFL);
        raise(sig);
    }
}

static enum tcg_exit_reason run_words(struct machine *m, const uint32_t *words, unsigned n)
{
    struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };

    running = &m->cpu->vc;
    sigaction(SIGSEGV, &sa, NULL);
    sigaction(SIGBUS, &sa, NULL);
    memset(code, 0, sizeof(code));
    for (unsigned i = 0; i < n; i++)
        code[i] = htole32(words[i]);
    tcg_invalidate(m->e, (uintptr_t)code, (uintptr_t)code + sizeof(code));
    fe->set_pc(&m->cpu->vc, (uintptr_t)code);
    return tcg_run(&m->cpu->vc);
}

START_TEST(system_call_leaves_behind_it)
{
    static const uint32_t words[] = { 0xd2800028 /* mov x8, #1 */, 0xd40000e1 /* svc #7 */ };
    struct machine m = machine_new(tcg_backends[_i / 2], _i & 1);

    ck_assert_int_eq(run_words(&m, words, 2), TCG_EXIT_SYSCALL);
    ck_assert_uint_eq(m.cpu->pc, (uintptr_t)code + 8);
    ck_assert_uint_eq(m.cpu->vc.exit.code, 7);
    ck_assert_uint_eq(m.cpu->vc.hot[8], 1);
    machine_free(&m);
}
END_TEST

START_TEST(undefined_is_at_its_pc)
{
    static const uint32_t words[] = { 0xd2800028, 0x00000000 };
    struct machine m = machine_new(tcg_backends[_i / 2], _i & 1);

    ck_assert_int_eq(run_words(&m, words, 2), TCG_EXIT_EXCEPTION);
    ck_assert_uint_eq(m.cpu->vc.exit.code, TCG_EXC_UNDEFINED);
    ck_assert_uint_eq(m.cpu->pc, (uintptr_t)code + 4);
    machine_free(&m);
}
END_TEST

START_TEST(unmapped_pc_is_a_fetch_fault)
{
    struct machine m = machine_new(tcg_backends[_i / 2], _i & 1);

    fe->set_pc(&m.cpu->vc, 0x1000);
    ck_assert_int_eq(tcg_run(&m.cpu->vc), TCG_EXIT_FAULT);
    ck_assert_uint_eq(m.cpu->vc.exit.access, TCG_FETCH);
    ck_assert_uint_eq(m.cpu->vc.exit.addr, 0x1000);
    ck_assert_uint_eq(m.cpu->pc, 0x1000);
    machine_free(&m);
}
END_TEST

/* Accesses of all kinds to a page without rights: the state is that of the instruction's start, and
 * what came before it is done. */
static const struct {
    const char *text;
    uint32_t word;
    enum tcg_access access;
    int off;
} faults[] = {
    { "ldr x2, [x1], #8", 0xf8408422, TCG_READ, 0 },
    { "str x2, [x1, #8]!", 0xf8008c22, TCG_WRITE, 8 },
    { "ldp x1, x2, [x1, #-16]", 0xa97f0821, TCG_READ, -16 },
    { "stp x2, x3, [x1], #16", 0xa8810c22, TCG_WRITE, 0 },
    { "ldrb w2, [x1, x3]", 0x38636822, TCG_READ, 3 },
    { "ldadd x2, x3, [x1]", 0xf8220023, TCG_WRITE, 0 },
    { "cas x2, x3, [x1]", 0xc8a27c23, TCG_WRITE, 0 },
    { "casp x2, x3, x4, x5, [x1]", 0x48227c24, TCG_WRITE, 0 },
    { "ldxr x2, [x1]", 0xc85f7c22, TCG_READ, 0 },
    { "stlr x2, [x1]", 0xc89ffc22, TCG_WRITE, 0 },
    { "ldr q2, [x1, #16]!", 0x3cc10c22, TCG_READ, 16 },
    { "st1 {v0.16b}, [x1], #16", 0x4c9f7020, TCG_WRITE, 0 },
    { "dc zva, x1", 0xd50b7421, TCG_WRITE, 0 },
};

START_TEST(faults_leave_exact_state)
{
    struct machine m = machine_new(tcg_backends[_i / 2], _i & 1);
    uint8_t *page = mmap(NULL, 3 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    ck_assert_ptr_ne(page, MAP_FAILED);
    page += 4096;
    for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
        uint32_t words[] = { 0x91000484 /* add x4, x4, #1 */, 0xb1000c3f /* cmn x1, #3 */,
                             faults[i].word, 0xd4200020 };
        struct a64_cpu *c = m.cpu;

        fe->reset(&c->vc, m.cfg, true);
        for (unsigned r = 0; r < 30; r++)
            c->vc.hot[r] = r;
        c->vc.hot[1] = (uintptr_t)page;
        ck_assert_msg(run_words(&m, words, 4) == TCG_EXIT_FAULT, "%s", faults[i].text);
        ck_assert_uint_eq(c->pc, (uintptr_t)code + 8);
        ck_assert_uint_eq(c->vc.exit.addr, (uintptr_t)page + (uint64_t)faults[i].off);
        ck_assert_msg(c->vc.exit.access == faults[i].access, "%s: access %u", faults[i].text,
                      c->vc.exit.access);
        ck_assert_int_eq(c->vc.exit.host_sig, SIGSEGV);
        ck_assert_uint_eq(c->vc.hot[1], (uintptr_t)page);
        ck_assert_uint_eq(c->vc.hot[2], 2);
        ck_assert_uint_eq(c->vc.hot[3], 3);
        ck_assert_uint_eq(c->vc.hot[4], 5);
    }
    munmap(page - 4096, 3 * 4096);
    machine_free(&m);
}
END_TEST

/* ldxr, add, stxr: the store succeeds; a second store does not; after clrex neither. */
START_TEST(exclusive_pair)
{
    static const uint32_t words[] = {
        0xc85f7c22 /* ldxr x2, [x1] */, 0x91000442 /* add x2, x2, #1 */,
        0xc8037c22 /* stxr w3, x2, [x1] */, 0xc8047c22 /* stxr w4, x2, [x1] */,
        0xc85f7c22, 0xd5033f5f /* clrex */, 0xc8057c22 /* stxr w5, x2, [x1] */,
        0xc85f7c22, 0xf9000026 /* str x6, [x1] */, 0xc8077c22 /* stxr w7, x2, [x1] */, 0xd4200020,
    };
    struct machine m = machine_new(tcg_backends[_i / 2], _i & 1);
    uint64_t at = htole64(41);

    for (unsigned r = 0; r < 30; r++)
        m.cpu->vc.hot[r] = 100 + r;
    memcpy(buf, &at, 8);
    m.cpu->vc.hot[1] = (uintptr_t)buf;
    ck_assert_int_eq(run_words(&m, words, ARRAY_LEN(words)), TCG_EXIT_EXCEPTION);
    memcpy(&at, buf, 8);
    ck_assert_uint_eq(le64toh(at), 106);
    ck_assert_uint_eq(m.cpu->vc.hot[3], 0);
    ck_assert_uint_eq(m.cpu->vc.hot[4], 1);
    ck_assert_uint_eq(m.cpu->vc.hot[5], 1);
    ck_assert_uint_eq(m.cpu->vc.hot[7], 1);
    machine_free(&m);
}
END_TEST

/* Which pairs a comparison of values is enough for; the others want the store monitor. All succeed,
 * since there is one vcpu. */
START_TEST(quiet_pairs)
{
    enum { LDXR = 0xc85f7c22 /* x2, [x1] */, STXR = 0xc8037c22 /* w3, x2, [x1] */, BRK = 0xd4200020,
           LDR = 0xf9400026 /* x6, [x1] */, ADD = 0x91000442 /* x2, x2, #1 */ };
    static const struct {
        bool wants;
        uint32_t words[12];
    } rows[] = {
        { false, { LDXR, ADD, STXR, BRK } },
        { false, { LDXR, 0xb5000062 /* cbnz x2, +3 */, BRK, BRK, ADD, STXR, BRK } },
        { false, { LDXR, 0xb4000062 /* cbz x2, +3 */, STXR, BRK } },
        { false, { LDXR, 0xf9800020 /* prfm [x1] */, 0xd5033bbf /* dmb ish */, STXR, BRK } },
        { true, { LDXR, LDR, STXR, BRK } },
        { true, { LDXR, 0xf900003f + 0x400 /* str xzr, [x1, #8] */, STXR, BRK } },
        { true, { LDXR, 0x94000001 /* bl +1 */, STXR, BRK } },
        { true, { LDXR, 0x100000a9 /* adr x9, +5 */, 0xd61f0120 /* br x9 */, BRK, BRK, BRK, STXR, BRK } },
        /* the second time at 4 is not quiet, though nothing stands between 4 and 5 */
        { true, { LDXR, 0xb5000062 /* cbnz x2, 4 */, BRK, BRK, 0xb4000089 /* cbz x9, 8 */, STXR, BRK,
                  BRK, LDR, 0xd2800029 /* mov x9, #1 */, 0x17fffffa /* b 4 */, BRK } },
    };

    for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
        struct machine m = machine_new(tcg_backends[_i / 2], _i & 1);

        memset(m.cpu->vc.hot, 0, sizeof(m.cpu->vc.hot));
        memset(buf, 1, sizeof(buf));
        m.cpu->vc.hot[1] = (uintptr_t)buf;
        m.cpu->vc.hot[3] = 5;
        ck_assert_int_eq(run_words(&m, rows[i].words, ARRAY_LEN(rows[i].words)), TCG_EXIT_EXCEPTION);
        ck_assert_uint_eq(m.cpu->vc.hot[3], 0);
        ck_assert_msg(atomic_load(&m.e->monitor_wanted) == rows[i].wants, "row %u", i);
        machine_free(&m);
    }
}
END_TEST

/* mov x0, #100; loop: add x1, x1, x0; subs x0, x0, #1; b.ne loop; bl over; brk; over: ret back */
START_TEST(loop_and_call)
{
    static const uint32_t words[] = {
        0xd2800c80, 0x8b000021, 0xf1000400, 0x54ffffc1, 0x94000002, 0xd4200020, 0x91000442,
        0xd65f03c0,
    };
    struct machine m = machine_new(tcg_backends[_i / 2], _i & 1);

    ck_assert_int_eq(run_words(&m, words, ARRAY_LEN(words)), TCG_EXIT_EXCEPTION);
    ck_assert_uint_eq(m.cpu->vc.hot[1], 5050);
    ck_assert_uint_eq(m.cpu->vc.hot[2], 1);
    ck_assert_uint_eq(m.cpu->x30, (uintptr_t)code + 20);
    ck_assert_uint_eq(m.cpu->pc, (uintptr_t)code + 20);
    machine_free(&m);
}
END_TEST

/* Memory copy and set: prologue, main, end; sizes and overlaps against memmove. */
START_TEST(memory_copy_and_set)
{
    static const uint32_t copy[] = { 0x1d010440, 0x1d410440, 0x1d810440, 0xd4200020 };
    static const uint32_t set[] = { 0x19c10440, 0x19c14440, 0x19c18440, 0xd4200020 };
    static const struct {
        unsigned to, from, n;
    } cases[] = { { 0, 100, 0 }, { 1, 100, 70 }, { 10, 13, 200 }, { 30, 5, 200 }, { 64, 0, 128 } };
    struct machine m = machine_new(tcg_backends[_i / 2], _i & 1);
    uint8_t want[BUF];

    for (size_t i = 0; i < 2 * ARRAY_LEN(cases); i++) {
        const uint32_t *words = i & 1 ? set : copy;
        unsigned to = cases[i / 2].to, from = cases[i / 2].from, n = cases[i / 2].n;

        for (unsigned k = 0; k < BUF; k++)
            buf[k] = (uint8_t)(k * 11 + i);
        memcpy(want, buf, BUF);
        fe->reset(&m.cpu->vc, m.cfg, true);
        m.cpu->vc.hot[0] = (uintptr_t)buf + to;
        m.cpu->vc.hot[1] = words == set ? 0x5a : (uintptr_t)buf + from;
        m.cpu->vc.hot[2] = n;
        ck_assert_int_eq(run_words(&m, words, 4), TCG_EXIT_EXCEPTION);
        ck_assert_uint_eq(m.cpu->vc.exit.code, TCG_EXC_BREAKPOINT);
        if (words == set)
            memset(want + to, 0x5a, n);
        else
            memmove(want + to, want + from, n);
        for (unsigned k = 0; k < BUF; k++)
            ck_assert_msg(want[k] == buf[k], "case %zu: byte %u", i, k);
        ck_assert_uint_eq(m.cpu->vc.hot[2], 0);
    }
    machine_free(&m);
}
END_TEST

/* The vector of the paper for QARMA-64, sigma 2, five rounds. */
START_TEST(qarma)
{
    ck_assert_uint_eq(a64_qarma5(0xfb623599da6e8127, 0x477d469dec0b8762, 0x84be85ce9804e94b,
                                 0xec2802d4e0a488e9), 0xc003b93999b33765);
}
END_TEST

/* paciasp; mov x2, x30; autiasp; then the same with a changed code: a pointer that is not canonical. */
START_TEST(sign_and_authenticate)
{
    static const uint32_t words[] = { 0xd503233f, 0xaa1e03e2, 0xd50323bf, 0xaa1e03e3,
                                      0xd24f005e /* eor x30, x2, #(1 << 49) */, 0xd50323bf,
                                      0xd4200020 };
    struct machine m = machine_new(tcg_backends[_i / 2], _i & 1);

    m.cpu->x30 = 0x12345678;
    m.cpu->sp = 0x1000;
    ck_assert_int_eq(run_words(&m, words, ARRAY_LEN(words)), TCG_EXIT_EXCEPTION);
    ck_assert_uint_ne(m.cpu->vc.hot[2], 0x12345678);
    ck_assert_uint_eq(m.cpu->vc.hot[2] & 0xff80ffffffffffff, 0x12345678);
    ck_assert_uint_eq(m.cpu->vc.hot[3], 0x12345678);
    ck_assert_uint_eq(m.cpu->x30, 0x12345678 | 1ull << 53);
    machine_free(&m);
}
END_TEST

static void fill(TCase *tc)
{
    const TTest *const tests[] = {
        all_vectors, system_call_leaves_behind_it, undefined_is_at_its_pc,
        unmapped_pc_is_a_fetch_fault, faults_leave_exact_state, exclusive_pair, quiet_pairs,
        loop_and_call,
        memory_copy_and_set, sign_and_authenticate,
    };
    int n = 0;

    while (tcg_backends[n])
        n++;
    for (size_t i = 0; i < ARRAY_LEN(tests); i++)
        tcase_add_loop_test(tc, tests[i], 0, 2 * n);
    tcase_add_test(tc, qarma);
}

UNIT_MAIN("arm64 instructions", fill)
