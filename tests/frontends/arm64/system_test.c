/* SPDX-License-Identifier: MIT */
/* The processor of a machine against a fake machine: stage 1 translation for each granule and
 * fault, syndromes and entry of exceptions, return, TLB maintenance's arguments, access to system
 * registers by exception level (run on every backend, in flat memory), timers and interrupts. */
#include "frontends/arm64/helper.h"
#include "frontends/arm64/system.h"
#include "frontends/arm64/walk.h"
#include "tcg/backend.h"
#include "tests/unit.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { RAM = 0x40000000, RAM_SIZE = 1 << 20 };

static uint8_t ram[RAM_SIZE];
static uint32_t code[64] __attribute__((aligned(4096)));
static struct a64_cpu *cpu;
static struct fe_cpu_config *cfg;
static const struct frontend *const fe = &frontend_arm64;

/* ---- the fake machine ---- */

static struct {
    struct fe_flush flush;
    unsigned flushes, barriers, changes, halts, firmware, kind;
    bool answer;
    int64_t now, deadline[8];
    bool line[8];
    uint32_t reg;
    bool reg_write;
    uint64_t reg_value;
} seen;

static int phys_load(struct tcg_vcpu *v, uint64_t addr, unsigned size, uint64_t *value)
{
    (void)v;
    if (addr < RAM || addr + size > RAM + RAM_SIZE)
        return -1;
    memcpy(value, ram + (addr - RAM), size);
    *value = le64toh(*value);
    return 0;
}

static int phys_cmpxchg(struct tcg_vcpu *v, uint64_t addr, uint64_t old, uint64_t want)
{
    uint64_t now;

    if (phys_load(v, addr, 8, &now) < 0)
        return -1;
    if (now != old)
        return 0;
    want = htole64(want);
    memcpy(ram + (addr - RAM), &want, 8);
    return 1;
}

static void flush(struct tcg_vcpu *v, const struct fe_flush *f)
{
    (void)v;
    seen.flush = *f;
    seen.flushes++;
}

static void barrier(struct tcg_vcpu *v)
{
    (void)v;
    seen.barriers++;
}

static void context_changed(struct tcg_vcpu *v)
{
    (void)v;
    seen.changes++;
}

static int64_t now(struct tcg_vcpu *v)
{
    (void)v;
    return seen.now;
}

static void timer_set(struct tcg_vcpu *v, unsigned n, int64_t deadline)
{
    (void)v;
    seen.deadline[n] = deadline;
}

static void line_out(struct tcg_vcpu *v, unsigned n, bool level)
{
    (void)v;
    seen.line[n] = level;
}

static bool machine_reg(struct tcg_vcpu *v, uint32_t reg, bool write, uint64_t *value)
{
    (void)v;
    seen.reg = reg;
    seen.reg_write = write;
    if (write)
        seen.reg_value = *value;
    else
        *value = 0x77;
    return reg != A64_SYSREG(3, 0, 12, 12, 7);
}

static void halt(struct tcg_vcpu *v)
{
    (void)v;
    seen.halts++;
}

static bool firmware_call(struct tcg_vcpu *v, unsigned kind)
{
    (void)v;
    seen.firmware++;
    seen.kind = kind;
    return seen.answer;
}

static const struct fe_system sys = {
    .phys_load = phys_load,
    .phys_cmpxchg = phys_cmpxchg,
    .flush = flush,
    .barrier = barrier,
    .context_changed = context_changed,
    .clock = now,
    .timer_set = timer_set,
    .line_out = line_out,
    .sysreg = machine_reg,
    .ncpus = 2,
    .halt = halt,
    .firmware_call = firmware_call,
};

static void cpu_new(const char *model)
{
    char err[100];

    cfg = fe->cpu_parse(model, err, sizeof(err));
    ck_assert_msg(cfg != NULL, "%s", err);
    cpu = aligned_alloc(64, align_up(sizeof(*cpu), 64));
    memset(cpu, 0, sizeof(*cpu));
    cpu->vc.frontend = fe;
    cpu->vc.guest = fe->guest;
    fe->reset(&cpu->vc, cfg, false);
    fe->attach_system(&cpu->vc, &sys, 1);
    memset(&seen, 0, sizeof(seen));
}

static void cpu_done(void)
{
    fe->cpu_free(cfg);
    free(cpu);
}

/* ---- translation ---- */

enum { T4 = 0, T64 = 1 << 14, T16 = 2 << 14 }; /* TCR.TG0 */
#define TSZ(n) ((uint64_t)(n) | (uint64_t)(n) << 16)
#define TG1_4K (2ull << 30)
#define IPS(n) ((uint64_t)(n) << 32)
#define AF     (1ull << 10)
#define RO     (1ull << 7)
#define EL0    (1ull << 6)
#define NG     (1ull << 11)
#define DBM    (1ull << 51)
#define PXN    (1ull << 53)
#define UXN    (1ull << 54)
#define TCR_HA (1ull << 39)
#define TCR_HD (1ull << 40)
enum { TABLE = 3, BLOCK = 1, PAGE = 3 };
enum { RWX = FE_READ | FE_WRITE | FE_EXEC, RW = FE_READ | FE_WRITE, RX = FE_READ | FE_EXEC };

/* Tables at RAM + n * 64 KiB: the first at 0, each next level one on. desc[0] is what the walk
 * finds in the first table, and so on; "down" stands for the next table. */
#define DOWN             (~0ull)
#define TABLE_BITS(attr) ((attr) | 1ull << 63) /* a table descriptor with attributes */
struct walk_case {
    const char *why, *model;
    uint64_t tcr, va, desc[5];
    enum tcg_access access;
    uint8_t mmu;
    unsigned fsc;
    uint64_t phys, size;
    uint8_t prot;
    uint64_t after; /* the last descriptor afterwards; 0: as it was */
    uint64_t sctlr;
};
static const struct walk_case walks[] = {
#define WALK(...) {__VA_ARGS__},
#include "tests/frontends/arm64/walks.def"
};

START_TEST(walk)
{
    const struct walk_case *w = &walks[_i];
    unsigned gran = w->tcr & T64 ? 16 : w->tcr & T16 ? 14 : 12, level = 0;
    uint64_t last = 0, at = 0;
    struct fe_page page;
    bool ok;

    if (!strcmp(w->model, "cortex-a57") && gran == 14)
        gran = 12;
    cpu_new(w->model);
    memset(ram, 0, sizeof(ram));
    cpu->s.tcr = w->tcr;
    cpu->s.sctlr = A64_SCTLR_M | w->sctlr;
    cpu->s.ttbr[0] = cpu->s.ttbr[1] = RAM;
    cpu->s.mair = 0xff;
    for (unsigned n = 0; n < 5 && (n == 0 || w->desc[n - 1] == DOWN || w->desc[n - 1] >> 63); n++) {
        uint64_t table = RAM + (n << 16), desc = w->desc[n];

        if (desc == DOWN)
            desc = (table + (1 << 16)) | TABLE;
        else if (desc >> 63)
            desc = (desc & ~(1ull << 63)) | (table + (1 << 16)) | TABLE;
        desc = htole64(desc);
        for (unsigned i = 0; i < 1u << 13; i++) /* whatever the index is */
            memcpy(ram + (n << 16) + i * 8, &desc, 8);
        level = n;
        last = le64toh(desc);
    }
    ok = fe->walk(&cpu->vc, w->va, w->access, w->mmu, false, &page);
    ck_assert_msg(ok == (w->fsc == A64_FSC_NONE), "%s: %s, %#x", w->why, ok ? "passed" : "fault",
                  cpu->s.fault.fsc);
    for (unsigned i = 0; i < 1u << 13; i++) {
        uint64_t d;

        memcpy(&d, ram + (level << 16) + i * 8, 8);
        if (le64toh(d) != last)
            at = le64toh(d);
    }
    ck_assert_msg(at == w->after, "%s: descriptor %#llx", w->why, (unsigned long long)at);
    if (ok) {
        ck_assert_msg(page.phys == w->phys && page.size == w->size && page.prot == w->prot,
                      "%s: %#llx size %#llx prot %u", w->why, (unsigned long long)page.phys,
                      (unsigned long long)page.size, page.prot);
        ck_assert(!page.device);
    } else {
        ck_assert_msg(cpu->s.fault.fsc == w->fsc, "%s: %#x", w->why, cpu->s.fault.fsc);
        ck_assert_uint_eq(cpu->vc.exit.reason, TCG_EXIT_FAULT);
        ck_assert_uint_eq(cpu->vc.exit.addr, w->va);
    }
    cpu_done();
}
END_TEST

START_TEST(walk_without_mmu)
{
    struct fe_page page;

    cpu_new("cortex-a57");
    ck_assert(fe->walk(&cpu->vc, 0x9000004, TCG_READ, A64_MMU_EL1, false, &page));
    ck_assert_uint_eq(page.phys, 0x9000004);
    ck_assert(page.device && page.prot == RWX);
    ck_assert(!fe->walk(&cpu->vc, 1ull << 44, TCG_READ, A64_MMU_EL1, false, &page));
    ck_assert_uint_eq(cpu->s.fault.fsc, A64_FSC_SIZE);
    cpu->vc.exit.reason = 99; /* a probe says nothing */
    ck_assert(!fe->walk(&cpu->vc, 1ull << 44, TCG_READ, A64_MMU_EL1, true, &page));
    ck_assert_uint_eq(cpu->vc.exit.reason, 99);
    cpu_done();
}
END_TEST

START_TEST(contexts)
{
    uint64_t off[4], k1[4], k2[4];

    cpu_new("max");
    fe->contexts(&cpu->vc, off);
    cpu->s.sctlr |= A64_SCTLR_M;
    cpu->s.ttbr[0] = 0x0101000000000000;
    cpu->s.ttbr[1] = 0x0202000000000000;
    fe->contexts(&cpu->vc, k1);
    ck_assert_uint_ne(k1[0], off[0]);
    ck_assert_uint_eq(k1[0], a64_context_key(cpu, 1)); /* 8 bits without TCR.AS */
    cpu->s.tcr = 1ull << 22 | 1ull << 36;
    fe->contexts(&cpu->vc, k2);
    ck_assert_uint_eq(k2[1], a64_context_key(cpu, 0x0202));
    ck_assert_uint_ne(k2[0], k1[0]);
    cpu_done();
}
END_TEST

/* ---- exceptions ---- */

enum { VBAR = 0x10000, AT = 0x5000 };
static const struct {
    const char *why;
    unsigned reason, code;
    uint64_t addr;
    unsigned access, fsc;
    bool maintenance;
    uint64_t esr_el1, esr_el0; /* taken from EL1, from EL0 */
    int64_t elr;               /* behind AT */
    bool far;
} exceptions[] = {
#define EXCEPTION(...) {__VA_ARGS__},
#include "tests/frontends/arm64/exceptions.def"
};

START_TEST(syndromes)
{
    for (unsigned el = 0; el < 2; el++) {
        struct tcg_exit *e;
        uint64_t spsr = (el ? 5 : 0) | A64_PSTATE_I | 1u << 31;

        cpu_new("cortex-a76");
        a64_set_cpsr(cpu, spsr);
        cpu->sp_el[0] = 0xe0;
        cpu->sp_el[1] = 0xe1;
        cpu->sp = el ? 0xe1 : 0xe0;
        cpu->s.sctlr = 0;
        cpu->s.vbar = VBAR;
        cpu->pc = AT;
        cpu->far = 0xfa;
        cpu->btype = exceptions[_i].code == A64_EXC_BTI ? 2 : 0;
        if (exceptions[_i].reason == TCG_EXIT_FAULT)
            a64_fault(cpu, exceptions[_i].addr, (enum tcg_access)exceptions[_i].access,
                      exceptions[_i].fsc);
        cpu->s.fault.maintenance = exceptions[_i].maintenance;
        e = &cpu->vc.exit;
        e->reason = exceptions[_i].reason;
        e->code = exceptions[_i].code;
        e->addr = exceptions[_i].addr;
        e->access = exceptions[_i].access;
        ck_assert(fe->exception(&cpu->vc));
        ck_assert_msg(cpu->esr == (el ? exceptions[_i].esr_el1 : exceptions[_i].esr_el0),
                      "%s: ESR %#llx", exceptions[_i].why, (unsigned long long)cpu->esr);
        ck_assert_msg(cpu->elr == (uint64_t)(AT + exceptions[_i].elr), "%s", exceptions[_i].why);
        ck_assert_uint_eq(cpu->pc, VBAR + (el ? 0x200 : 0x400));
        ck_assert_uint_eq(cpu->spsr & ~(uint64_t)A64_PSTATE_BTYPE, spsr);
        ck_assert_uint_eq(cpu->far, exceptions[_i].far                        ? exceptions[_i].addr
                                    : exceptions[_i].code == TCG_EXC_PC_ALIGN ? AT
                                                                              : 0xfau);
        ck_assert_uint_eq(cpu->sp, 0xe1);
        ck_assert_uint_eq(cpu->btype, 0);
        ck_assert_uint_eq(cpu->pstate & 0x3cf, 0x3c5);
        ck_assert_msg(cpu->pstate & A64_PSTATE_PAN, "SCTLR.SPAN is clear");
        cpu_done();
    }
}
END_TEST

START_TEST(interrupts)
{
    cpu_new("cortex-a57");
    cpu->s.vbar = VBAR;
    cpu->pc = AT;
    ck_assert(!fe->has_work(&cpu->vc));
    fe->line_in(&cpu->vc, FE_LINE_IRQ, true);
    ck_assert(fe->has_work(&cpu->vc));
    ck_assert_uint_ne(atomic_load(&cpu->vc.exit_request), 0);
    ck_assert_msg(!fe->interrupt(&cpu->vc), "masked since reset");
    a64_set_cpsr(cpu, 5 | A64_PSTATE_F);
    fe->line_in(&cpu->vc, FE_LINE_FIQ, true);
    ck_assert(fe->interrupt(&cpu->vc));
    ck_assert_uint_eq(cpu->pc, VBAR + 0x280);
    ck_assert_uint_eq(cpu->elr, AT);
    ck_assert_msg(!fe->interrupt(&cpu->vc), "masked by entry");
    a64_set_cpsr(cpu, 0 | A64_PSTATE_I);
    ck_assert(fe->interrupt(&cpu->vc));
    ck_assert_uint_eq(cpu->pc, VBAR + 0x500);
    fe->line_in(&cpu->vc, FE_LINE_FIQ, false);
    fe->line_in(&cpu->vc, FE_LINE_IRQ, false);
    ck_assert(!fe->has_work(&cpu->vc));
    a64_set_cpsr(cpu, 0);
    ck_assert(!fe->interrupt(&cpu->vc));
    /* Levels belong to the machine: reset does not lower them. */
    fe->line_in(&cpu->vc, FE_LINE_IRQ, true);
    fe->reset(&cpu->vc, cfg, false);
    ck_assert(fe->has_work(&cpu->vc));
    cpu_done();
}
END_TEST

START_TEST(work_of_the_machine)
{
    struct tcg_exit *e;

    cpu_new("cortex-a57");
    e = &cpu->vc.exit;
    e->reason = TCG_EXIT_EXCEPTION;
    e->code = A64_EXC_WFI;
    cpu->pc = AT;
    ck_assert(fe->exception(&cpu->vc));
    ck_assert_uint_eq(seen.halts, 1);
    ck_assert_uint_eq(cpu->pc, AT);
    seen.answer = true;
    e->code = A64_EXC_SMC;
    ck_assert(fe->exception(&cpu->vc));
    ck_assert_uint_eq(seen.firmware, 1);
    ck_assert_uint_eq(seen.kind, FE_FIRMWARE_SMC);
    ck_assert_uint_eq(cpu->pc, AT);
    cpu->barrier = 1;
    e->code = A64_EXC_BARRIER;
    ck_assert(fe->exception(&cpu->vc));
    ck_assert_uint_eq(seen.barriers, 1);
    ck_assert_uint_eq(cpu->barrier, 0);
    e->code = 9999;
    ck_assert(!fe->exception(&cpu->vc));
    cpu_done();
}
END_TEST

/* ---- timers ---- */

static void write_reg(unsigned reg, uint64_t value)
{
    const struct a64_sysreg *r = a64_sysreg_find(cfg, reg);

    ck_assert_ptr_nonnull(r);
    a64_sysreg_write(cpu, r, value);
}

static uint64_t read_reg(unsigned reg)
{
    const struct a64_sysreg *r = a64_sysreg_find(cfg, reg);

    ck_assert_ptr_nonnull(r);
    return a64_sysreg_read(cpu, r);
}

START_TEST(timers)
{
    const unsigned ctl = A64_SYSREG(3, 3, 14, 3, 1), cval = A64_SYSREG(3, 3, 14, 3, 2);
    const unsigned tval = A64_SYSREG(3, 3, 14, 3, 0), cnt = A64_SYSREG(3, 3, 14, 0, 2);

    cpu_new("cortex-a57");
    ck_assert_uint_eq(read_reg(A64_SYSREG(3, 3, 14, 0, 0)), 62500000);
    seen.now = 1600;
    ck_assert_uint_eq(read_reg(cnt), 100);
    write_reg(tval, 50);
    ck_assert_uint_eq(read_reg(cval), 150);
    write_reg(ctl, 1);
    ck_assert_int_eq(seen.deadline[0], 2400);
    ck_assert(!seen.line[A64_LINE_VTIMER]);
    ck_assert_uint_eq(read_reg(ctl), 1);
    seen.now = 2399;
    fe->timer(&cpu->vc, 0); /* too early: nothing happens but a new deadline */
    ck_assert(!seen.line[A64_LINE_VTIMER]);
    seen.now = 2416;
    fe->timer(&cpu->vc, 0);
    ck_assert(seen.line[A64_LINE_VTIMER]);
    ck_assert_uint_eq(read_reg(ctl), 5);
    ck_assert_uint_eq(read_reg(tval), 0xffffffff); /* one tick late */
    write_reg(ctl, 3);
    ck_assert(!seen.line[A64_LINE_VTIMER]);
    write_reg(ctl, 1);
    ck_assert(seen.line[A64_LINE_VTIMER] && !seen.line[A64_LINE_PTIMER]);
    write_reg(cval, ~0ull);
    ck_assert(!seen.line[A64_LINE_VTIMER]);
    ck_assert_int_eq(seen.deadline[0], INT64_MAX);
    /* Said once, until it changes; after reset and after the time has come, again. */
    seen.deadline[0] = 7;
    write_reg(cval, ~0ull);
    ck_assert_int_eq(seen.deadline[0], 7);
    fe->timer(&cpu->vc, 0);
    ck_assert_int_eq(seen.deadline[0], INT64_MAX);
    seen.line[A64_LINE_VTIMER] = seen.line[A64_LINE_PMU] = true;
    fe->reset(&cpu->vc, cfg, false);
    ck_assert(seen.line[A64_LINE_VTIMER]); /* no calls in reset itself */
    fe->interrupt(&cpu->vc);
    ck_assert(!seen.line[A64_LINE_VTIMER] && !seen.line[A64_LINE_PMU]);
    write_reg(A64_SYSREG(3, 3, 14, 2, 2), 0);
    write_reg(A64_SYSREG(3, 3, 14, 2, 1), 1);
    ck_assert(seen.line[A64_LINE_PTIMER]);
    cpu_done();
}
END_TEST

START_TEST(counters)
{
    cpu_new("cortex-a57");
    ck_assert_uint_eq(read_reg(A64_SYSREG(3, 3, 9, 12, 0)), 0x41013000);
    seen.now = 1000;
    write_reg(A64_SYSREG(3, 3, 9, 12, 1), 1u << 31); /* PMCNTENSET */
    write_reg(A64_SYSREG(3, 3, 9, 12, 0), 1);        /* PMCR.E */
    seen.now = 3000;
    ck_assert_uint_eq(read_reg(A64_SYSREG(3, 3, 9, 13, 0)), 2000);
    write_reg(A64_SYSREG(3, 0, 9, 14, 1), 1u << 31); /* PMINTENSET */
    write_reg(A64_SYSREG(3, 3, 9, 13, 0), 0xffffff00);
    ck_assert_int_eq(seen.deadline[2], 3256);
    seen.now = 3256;
    fe->timer(&cpu->vc, 2);
    ck_assert(seen.line[A64_LINE_PMU]);
    ck_assert_uint_eq(read_reg(A64_SYSREG(3, 3, 9, 12, 3)), 1u << 31);
    write_reg(A64_SYSREG(3, 3, 9, 12, 3), 1u << 31); /* PMOVSCLR */
    ck_assert(!seen.line[A64_LINE_PMU]);
    write_reg(A64_SYSREG(3, 3, 14, 12, 2), 0x11); /* PMEVTYPER2 */
    write_reg(A64_SYSREG(3, 3, 9, 12, 1), 4);
    seen.now += 7;
    ck_assert_uint_eq(read_reg(A64_SYSREG(3, 3, 14, 8, 2)), 7);
    write_reg(A64_SYSREG(3, 3, 9, 12, 5), 2); /* PMSELR */
    ck_assert_uint_eq(read_reg(A64_SYSREG(3, 3, 9, 13, 1)), 0x11);
    ck_assert_uint_eq(read_reg(A64_SYSREG(3, 3, 9, 13, 2)), 7);
    cpu_done();
}
END_TEST

/* ---- instructions, on each backend, in flat memory ---- */

static size_t fetch(struct tcg_vcpu *v, uint64_t pc, void *to, size_t len)
{
    uint64_t at = pc - (uintptr_t)code;

    if (at >= sizeof(code)) {
        v->exit.reason = TCG_EXIT_FAULT;
        v->exit.addr = pc;
        v->exit.access = TCG_FETCH;
        return 0;
    }
    len = len > sizeof(code) - at ? sizeof(code) - at : len;
    memcpy(to, (uint8_t *)code + at, len);
    return len;
}

static struct tcg_engine *engine;

static void engine_new(const struct tcg_backend *backend, const char *model)
{
    struct tcg_config c = {
        .backend = backend, .verify = true, .mem = {.user = true, .fetch = fetch}};
    const char *why = NULL;

    cpu_new(model);
    engine = tcg_engine_new(&c, &why);
    ck_assert_msg(engine != NULL, "%s", why);
    tcg_attach(engine, &cpu->vc);
}

static void engine_done(void)
{
    tcg_detach(engine, &cpu->vc);
    tcg_engine_free(engine);
    cpu_done();
}

/* Runs one instruction. */
static enum tcg_exit_reason run(uint32_t word)
{
    code[0] = htole32(word);
    a64_system_changed(cpu);
    cpu->pc = (uintptr_t)code;
    tcg_invalidate(engine, (uintptr_t)code, (uintptr_t)code + sizeof(code));
    return tcg_step(&cpu->vc);
}

#define MRS_X3(o0, o1, n, m, o2)                                                                   \
    (0xd5200000u | (o0) << 19 | (o1) << 16 | (n) << 12 | (m) << 8 | (o2) << 5 | 3)
#define MSR_X3(o0, o1, n, m, o2)                                                                   \
    (0xd5000000u | (o0) << 19 | (o1) << 16 | (n) << 12 | (m) << 8 | (o2) << 5 | 3)

enum result { FINE, UNDEF, TRAP };
static const struct {
    const char *why, *model;
    uint32_t word;
    enum result el1, el0;
    uint64_t x3; /* read at EL1; ~0: do not ask */
} accesses[] = {
#define ACCESS(...) {__VA_ARGS__},
#include "tests/frontends/arm64/accesses.def"
};

START_TEST(access_by_level)
{
    for (unsigned k = 0; tcg_backends[k]; k++)
        for (unsigned el = 0; el < 2; el++) {
            enum result want = el ? accesses[_i].el1 : accesses[_i].el0, got;
            enum tcg_exit_reason why;

            engine_new(tcg_backends[k], accesses[_i].model);
            cpu->s.cpacr = 3 << 20;
            a64_set_cpsr(cpu, el ? 0x3c5 : 0);
            cpu->elr = (uintptr_t)code + 4;
            cpu->spsr = 0x3c5;
            why = run(accesses[_i].word);
            got = why == TCG_EXIT_DEBUG                    ? FINE
                  : cpu->vc.exit.code == TCG_EXC_UNDEFINED ? UNDEF
                                                           : TRAP;
            ck_assert_msg(got == want, "%s on %s at EL%u: %u (%u)", accesses[_i].why,
                          accesses[_i].model, el, got, cpu->vc.exit.code);
            if (got == TRAP) {
                ck_assert_uint_eq(cpu->vc.exit.code, A64_EXC_ESR);
                ck_assert_uint_eq(cpu->vc.exit.addr >> 25, A64_EC_SYSREG << 1 | 1);
                ck_assert_uint_eq(cpu->vc.exit.addr & 1, accesses[_i].word >> 21 & 1);
            }
            if (el && want == FINE && accesses[_i].x3 != ~0ull)
                ck_assert_msg(cpu->vc.hot[3] == accesses[_i].x3, "%s on %s: %#llx",
                              accesses[_i].why, accesses[_i].model,
                              (unsigned long long)cpu->vc.hot[3]);
            engine_done();
        }
}
END_TEST

START_TEST(trapped_syndrome)
{
    engine_new(tcg_backends[0], "cortex-a57");
    cpu->s.cpacr = 3 << 20;
    a64_set_cpsr(cpu, 0);
    run(MRS_X3(3, 3, 14, 0, 2)); /* mrs x3, cntvct_el0 */
    /* op0 3, op2 2, op1 3, CRn 14, Rt 3, CRm 0, read */
    ck_assert_uint_eq(cpu->vc.exit.addr, 0x6234f861);
    cpu->s.cntkctl = 2;
    ck_assert_int_eq(run(MRS_X3(3, 3, 14, 0, 2)), TCG_EXIT_DEBUG);
    cpu->s.cpacr = 1 << 20;                                /* EL1 only */
    ck_assert_int_eq(run(0x1e602820), TCG_EXIT_EXCEPTION); /* fadd d0, d1, d0 */
    ck_assert_uint_eq(cpu->vc.exit.addr, 0x1fe00000);
    a64_set_cpsr(cpu, 0x3c5);
    ck_assert_int_eq(run(0x1e602820), TCG_EXIT_DEBUG);
    cpu->s.cpacr = 0;
    ck_assert_int_eq(run(0x3dc00041), TCG_EXIT_EXCEPTION); /* ldr q1, [x2] */
    ck_assert_uint_eq(cpu->vc.exit.addr, 0x1fe00000);
    a64_set_cpsr(cpu, 0);
    cpu->s.sctlr = 0;
    ck_assert_int_eq(run(0xd503207f), TCG_EXIT_EXCEPTION); /* wfi, SCTLR.nTWI clear */
    ck_assert_uint_eq(cpu->vc.exit.addr, 0x7e00000);
    cpu->s.sctlr |= A64_SCTLR_NTWI;
    ck_assert_int_eq(run(0xd503207f), TCG_EXIT_EXCEPTION);
    ck_assert_uint_eq(cpu->vc.exit.code, A64_EXC_WFI);
    ck_assert_uint_eq(cpu->pc, (uintptr_t)code + 4);
    /* SP as a base, by SCTLR.SA0 */
    cpu->sp = (uintptr_t)code + 8;
    ck_assert_int_eq(run(0xf94003e1), TCG_EXIT_DEBUG); /* ldr x1, [sp] */
    cpu->s.sctlr |= A64_SCTLR_SA0;
    ck_assert_int_eq(run(0xf94003e1), TCG_EXIT_EXCEPTION);
    ck_assert_uint_eq(cpu->vc.exit.code, TCG_EXC_SP_ALIGN);
    engine_done();
}
END_TEST

/* ---- maintenance ---- */

static const struct {
    const char *why;
    uint32_t word; /* with x3 */
    uint64_t x3, tcr;
    unsigned what;
    uint64_t asid, addr, len;
    bool broadcast;
} maintenance[] = {
    {"vmalle1", 0xd508871f, 0, 0, FE_FLUSH_ALL, 0, 0, 0, false},
    {"vmalle1is", 0xd508831f, 0, 0, FE_FLUSH_ALL, 0, 0, 0, true},
    {"vmalle1os", 0xd508811f, 0, 0, FE_FLUSH_ALL, 0, 0, 0, true},
    {"aside1is", 0xd5088343, 0x12340000ull << 32, 1ull << 36, FE_FLUSH_CONTEXT, 0x1234, 0, 0, true},
    {"aside1, 8 bits", 0xd5088743, 0x12340000ull << 32, 0, FE_FLUSH_CONTEXT, 0x34, 0, 0, false},
    {"vae1is", 0xd5088323, 0x0005000000012345, 0, FE_FLUSH_PAGE, 5, 0x12345000, 4096, true},
    {"vae1is, upper half", 0xd5088323, 0x00050ffff8012345, 0, FE_FLUSH_PAGE_ALL, 5,
     0xffffff8012345000, 4096, true},
    {"vale1is, 64K", 0xd50883a3, 0x0005000000012345, 1 << 14, FE_FLUSH_PAGE, 5, 0x12340000, 1 << 16,
     true},
    {"vaae1", 0xd5088763, 0x0005000000012345, 0, FE_FLUSH_PAGE_ALL, 5, 0x12345000, 4096, false},
    {"vaale1is", 0xd50883e3, 0xffff8012345, 0, FE_FLUSH_PAGE_ALL, 0, 0xffffff8012345000, 4096,
     true},
    {"rvae1is, 64 pages", 0xd5088223, 5ull << 48 | 1ull << 46 | 1ull << 44 | 0ull << 39 | 0x12345,
     0, FE_FLUSH_PAGE, 5, 0x12345000, 64 * 4096, true},
    {"rvaae1, 16K", 0xd5088663, 2ull << 46 | 3ull << 39 | 0x12345, 0, FE_FLUSH_PAGE_ALL, 0,
     0x48d14000, 8 << 14, false},
};

START_TEST(tlb_maintenance)
{
    engine_new(tcg_backends[0], "max");
    cpu->s.tcr = maintenance[_i].tcr;
    cpu->vc.hot[3] = maintenance[_i].x3;
    ck_assert_int_eq(run(maintenance[_i].word), TCG_EXIT_DEBUG);
    ck_assert_uint_eq(seen.flushes, 1);
    ck_assert_uint_eq(seen.flush.what, maintenance[_i].what);
    ck_assert_uint_eq(seen.flush.broadcast, maintenance[_i].broadcast);
    ck_assert_uint_eq(cpu->barrier, maintenance[_i].broadcast);
    if (maintenance[_i].what == FE_FLUSH_CONTEXT || maintenance[_i].what == FE_FLUSH_PAGE)
        ck_assert_uint_eq(seen.flush.context, a64_context_key(cpu, (uint16_t)maintenance[_i].asid));
    ck_assert_uint_eq(seen.flush.addr, maintenance[_i].addr);
    ck_assert_uint_eq(seen.flush.len, maintenance[_i].len);
    /* dsb sy: waits outside when something was sent */
    ck_assert_int_eq(run(0xd5033f9f),
                     maintenance[_i].broadcast ? TCG_EXIT_EXCEPTION : TCG_EXIT_DEBUG);
    if (maintenance[_i].broadcast)
        ck_assert_uint_eq(cpu->vc.exit.code, A64_EXC_BARRIER);
    engine_done();
}
END_TEST

START_TEST(address_translation)
{
    uint64_t desc = htole64(0x80000000 | AF | PAGE | 3 << 8);

    engine_new(tcg_backends[0], "cortex-a57");
    cpu->vc.hot[3] = 0x12345678;
    ck_assert_int_eq(run(0xd5087803), TCG_EXIT_DEBUG); /* at s1e1r, x3 */
    ck_assert_uint_eq(cpu->s.par, 0x12345b00);         /* device, outer shareable; RES1, NS */
    cpu->s.sctlr |= A64_SCTLR_M;
    cpu->s.tcr = TSZ(16) | IPS(4);
    cpu->s.ttbr[0] = RAM;
    cpu->s.mair = 0xff;
    memset(ram, 0, sizeof(ram));
    ck_assert_int_eq(run(0xd5087803), TCG_EXIT_DEBUG);
    ck_assert_uint_eq(cpu->s.par, 0x809); /* translation fault, level 0 */
    for (unsigned n = 0; n < 4; n++)
        for (unsigned i = 0; i < 512; i++) {
            uint64_t down = htole64((RAM + (n + 1) * 4096) | TABLE);

            memcpy(ram + n * 4096 + i * 8, n == 3 ? &desc : &down, 8);
        }
    ck_assert_int_eq(run(0xd5087803), TCG_EXIT_DEBUG);
    ck_assert_uint_eq(cpu->s.par, 0xff00000080000b80);
    ck_assert_int_eq(run(0xd5087843), TCG_EXIT_DEBUG); /* at s1e0r, x3 */
    ck_assert_uint_eq(cpu->s.par, 0x81f);
    engine_done();
}
END_TEST

/* ---- PSTATE in code ---- */

START_TEST(unmasking)
{
    for (unsigned k = 0; tcg_backends[k]; k++) {
        engine_new(tcg_backends[k], "cortex-a57");
        code[0] = htole32(0xd50342df); /* msr daifset, #2 */
        code[1] = htole32(0xd50342ff); /* msr daifclr, #2 */
        code[2] = htole32(0xd5384203); /* mrs x3, spsel */
        code[3] = htole32(0xd4000021); /* svc #1 */
        cpu->pc = (uintptr_t)code;
        ck_assert_int_eq(tcg_run(&cpu->vc), TCG_EXIT_SYSCALL);
        ck_assert_uint_eq(cpu->pstate & A64_PSTATE_I, 0);
        cpu->pc = (uintptr_t)code;
        atomic_store(&cpu->pending, A64_PSTATE_I);
        ck_assert_int_eq(tcg_run(&cpu->vc), TCG_EXIT_SYNC);
        ck_assert_uint_eq(cpu->pc, (uintptr_t)code + 8);
        ck_assert(fe->interrupt(&cpu->vc));
        ck_assert_uint_eq(cpu->elr, (uintptr_t)code + 8);
        engine_done();
    }
}
END_TEST

START_TEST(stacks_and_return)
{
    for (unsigned k = 0; tcg_backends[k]; k++) {
        engine_new(tcg_backends[k], "cortex-a57");
        code[0] = htole32(0x9100021f | 0 << 5); /* mov sp, x16 */
        code[1] = htole32(0xd5184111);          /* msr sp_el0, x17 */
        code[2] = htole32(0xd50040bf);          /* msr spsel, #0 */
        cpu->vc.hot[16] = 0x1110;
        cpu->vc.hot[17] = 0x2220;
        cpu->pc = (uintptr_t)code;
        while (cpu->pc != (uintptr_t)code + 12)
            ck_assert_int_eq(tcg_step(&cpu->vc), TCG_EXIT_DEBUG);
        ck_assert_uint_eq(cpu->sp, 0x2220);
        ck_assert_uint_eq(cpu->sp_el[1], 0x1110);
        /* eret to EL0: flags, sp, pc; the exclusive monitor opens */
        cpu->spsr = 0x60000000 | A64_PSTATE_I;
        cpu->elr = (uintptr_t)code + 40;
        cpu->excl_addr = 0x1234;
        ck_assert_int_eq(run(0xd69f03e0), TCG_EXIT_DEBUG);
        ck_assert_uint_eq(cpu->pc, (uintptr_t)code + 40);
        ck_assert_uint_eq(a64_cpsr(cpu), 0x60000000 | A64_PSTATE_I);
        ck_assert_uint_eq(cpu->sp, 0x2220);
        ck_assert_uint_eq(cpu->excl_addr, ~0ull);
        /* eret to EL2: illegal, the level stays */
        a64_set_cpsr(cpu, 0x3c5);
        cpu->spsr = 9;
        ck_assert_int_eq(run(0xd69f03e0), TCG_EXIT_DEBUG);
        ck_assert_uint_eq(a64_cpsr(cpu), A64_PSTATE_IL | 5);
        code[10] = htole32(0xd503201f);
        ck_assert_int_eq(tcg_step(&cpu->vc), TCG_EXIT_EXCEPTION);
        ck_assert_uint_eq(cpu->vc.exit.addr, 0x3a000000);
        engine_done();
    }
}
END_TEST

/* ---- debug ---- */

enum { MDSCR_SS = 1, MDSCR_KDE = 1 << 13, MDSCR_MDE = 1 << 15 };

START_TEST(software_step)
{
    for (unsigned k = 0; tcg_backends[k]; k++) {
        engine_new(tcg_backends[k], "cortex-a57");
        cpu->s.oslar = 0;
        cpu->s.mdscr = MDSCR_SS;
        cpu->s.vbar = VBAR;
        cpu->spsr = A64_PSTATE_SS; /* to EL0, one instruction */
        cpu->elr = (uintptr_t)code + 4;
        code[1] = htole32(0xd2800023); /* mov x3, #1 */
        code[2] = htole32(0xf9400004); /* ldr x4, [x0] */
        code[3] = htole32(0xd2800043); /* mov x3, #2 */
        ck_assert_int_eq(run(0xd69f03e0), TCG_EXIT_DEBUG); /* eret */
        ck_assert_uint_eq(cpu->pstate & A64_PSTATE_SS, A64_PSTATE_SS);
        ck_assert_int_eq(tcg_run(&cpu->vc), TCG_EXIT_EXCEPTION);
        ck_assert_uint_eq(cpu->vc.exit.code, A64_EXC_STEP);
        ck_assert_uint_eq(cpu->vc.hot[3], 1);
        ck_assert(fe->exception(&cpu->vc));
        ck_assert_uint_eq(cpu->esr, 0xcb000022); /* step, from a lower level; ISV */
        ck_assert_uint_eq(cpu->elr, (uintptr_t)code + 8);
        ck_assert_uint_eq(cpu->spsr & A64_PSTATE_SS, 0);
        /* The instruction that faults is not done: SPSR.SS stays. */
        cpu->spsr = A64_PSTATE_SS;
        cpu->s.cpacr = 0;
        code[2] = htole32(0x1e602820); /* fadd d0, d1, d0 */
        ck_assert_int_eq(run(0xd69f03e0), TCG_EXIT_DEBUG);
        ck_assert_int_eq(tcg_run(&cpu->vc), TCG_EXIT_EXCEPTION);
        ck_assert_uint_eq(cpu->vc.exit.code, A64_EXC_ESR);
        ck_assert(fe->exception(&cpu->vc));
        ck_assert_uint_eq(cpu->spsr & A64_PSTATE_SS, A64_PSTATE_SS);
        ck_assert_uint_eq(cpu->elr, (uintptr_t)code + 8);
        /* The lock, and EL1 without KDE: no steps. */
        cpu->s.oslar = 2;
        ck_assert(!(a64_system_key(cpu) & A64_KEYBIT_STEP));
        cpu->s.oslar = 0;
        a64_set_cpsr(cpu, 5);
        ck_assert(!(a64_system_key(cpu) & A64_KEYBIT_STEP));
        cpu->s.mdscr |= MDSCR_KDE;
        ck_assert(a64_system_key(cpu) & A64_KEYBIT_STEP);
        a64_set_cpsr(cpu, 5 | A64_PSTATE_D);
        ck_assert(!(a64_system_key(cpu) & A64_KEYBIT_STEP));
        engine_done();
    }
}
END_TEST

START_TEST(break_and_watch)
{
    static uint64_t data[4] __attribute__((aligned(32)));

    for (unsigned k = 0; tcg_backends[k]; k++) {
        engine_new(tcg_backends[k], "cortex-a57");
        a64_set_cpsr(cpu, 0);
        cpu->s.oslar = 0;
        cpu->s.mdscr = MDSCR_MDE;
        cpu->s.dbgbcr[3] = 1 | 2 << 1 | 15 << 5; /* EL0 */
        cpu->s.dbgbvr[3] = (uintptr_t)code + 4;
        code[1] = htole32(0xd2800023); /* mov x3, #1 */
        cpu->vc.hot[3] = 7;
        ck_assert_int_eq(run(0xd503201f), TCG_EXIT_DEBUG); /* nop */
        ck_assert_int_eq(tcg_run(&cpu->vc), TCG_EXIT_EXCEPTION);
        ck_assert_uint_eq(cpu->vc.exit.addr, 0xc2000022);
        ck_assert_uint_eq(cpu->vc.hot[3], 7);
        cpu->s.dbgbcr[3] = 1 | 1 << 1 | 15 << 5; /* EL1 */
        ck_assert_int_eq(tcg_step(&cpu->vc), TCG_EXIT_DEBUG);
        ck_assert_uint_eq(cpu->vc.hot[3], 1);
        /* stores to byte 2 of data[1] */
        cpu->s.dbgwvr[1] = (uintptr_t)&data[1];
        cpu->s.dbgwcr[1] = 1 | 2 << 1 | 2 << 3 | 4 << 5;
        cpu->vc.hot[0] = (uintptr_t)&data[1];
        ck_assert_int_eq(run(0xf9400003), TCG_EXIT_DEBUG); /* ldr x3, [x0] */
        ck_assert_int_eq(run(0x39000003), TCG_EXIT_DEBUG); /* strb w3, [x0] */
        ck_assert_int_eq(run(0x39000803), TCG_EXIT_EXCEPTION); /* strb w3, [x0, #2] */
        ck_assert(fe->exception(&cpu->vc));
        ck_assert_uint_eq(cpu->esr, 0xd2000062);
        ck_assert_uint_eq(cpu->far, (uintptr_t)&data[1] + 2);
        a64_set_cpsr(cpu, 0);
        ck_assert_int_eq(run(0xf8001003), TCG_EXIT_EXCEPTION); /* stur x3, [x0, #1] */
        a64_set_cpsr(cpu, 0);
        cpu->s.dbgwcr[1] |= 4 << 24; /* 16 bytes */
        ck_assert_int_eq(run(0xf81f8003), TCG_EXIT_EXCEPTION); /* stur x3, [x0, #-8] */
        a64_set_cpsr(cpu, 0);
        ck_assert_int_eq(run(0xf8008003), TCG_EXIT_DEBUG); /* stur x3, [x0, #8] */
        engine_done();
    }
}
END_TEST

/* ---- the debugger's view ---- */

static unsigned number_of(const char *name)
{
    for (unsigned i = 0; i < fe->nregs + fe->nsysregs; i++)
        if (!strcmp(fe->regs[i].name, name))
            return i;
    ck_abort_msg("no register %s", name);
    return 0;
}

START_TEST(registers_for_gdb)
{
    uint64_t v = 0;

    engine_new(tcg_backends[0], "cortex-a57");
    for (unsigned i = 0; i < fe->nregs + fe->nsysregs; i++) {
        uint8_t buf[16];

        ck_assert_ptr_nonnull(fe->regs[i].name);
        ck_assert_int_eq(fe->reg_read(&cpu->vc, i, buf), 0);
    }
    ck_assert_int_lt(fe->reg_read(&cpu->vc, fe->nregs + fe->nsysregs, &v), 0);
    ck_assert_int_eq(fe->reg_read(&cpu->vc, number_of("SCTLR_EL1"), &v), 0);
    ck_assert_uint_eq(le64toh(v), 0xc50838);
    ck_assert_int_lt(fe->reg_write(&cpu->vc, number_of("SCTLR_EL1"), &v), 0);
    v = htole64(0x12345800);
    ck_assert_int_eq(fe->reg_write(&cpu->vc, number_of("VBAR_EL1"), &v), 0);
    ck_assert_uint_eq(cpu->s.vbar, 0x12345800);
    ck_assert_int_eq(fe->reg_write(&cpu->vc, number_of("SP_EL1"), &v), 0);
    ck_assert_uint_eq(cpu->sp, 0x12345800); /* EL1h: it is the current one */
    ck_assert_int_eq(fe->reg_write(&cpu->vc, number_of("SP_EL0"), &v), 0);
    ck_assert_uint_eq(cpu->sp_el[0], 0x12345800);
    cpu->user = true;
    ck_assert_int_lt(fe->reg_read(&cpu->vc, number_of("SCTLR_EL1"), &v), 0);
    engine_done();
}
END_TEST

static void fill(TCase *tc)
{
    tcase_add_loop_test(tc, walk, 0, ARRAY_LEN(walks));
    tcase_add_test(tc, walk_without_mmu);
    tcase_add_test(tc, contexts);
    tcase_add_loop_test(tc, syndromes, 0, ARRAY_LEN(exceptions));
    tcase_add_test(tc, interrupts);
    tcase_add_test(tc, work_of_the_machine);
    tcase_add_test(tc, timers);
    tcase_add_test(tc, counters);
    tcase_add_loop_test(tc, access_by_level, 0, ARRAY_LEN(accesses));
    tcase_add_test(tc, trapped_syndrome);
    tcase_add_loop_test(tc, tlb_maintenance, 0, ARRAY_LEN(maintenance));
    tcase_add_test(tc, address_translation);
    tcase_add_test(tc, unmasking);
    tcase_add_test(tc, stacks_and_return);
    tcase_add_test(tc, software_step);
    tcase_add_test(tc, registers_for_gdb);
    tcase_add_test(tc, break_and_watch);
}

UNIT_MAIN("arm64 system", fill)
