/* SPDX-License-Identifier: MIT */
/* The processor of a machine against a fake machine: stage 1 translation for each granule and
 * fault, syndromes and entry of exceptions, timers and interrupts. Its instructions are in
 * system_run_test.c. */
#include "tests/frontends/arm64/fake.h"

/* ---- translation ---- */

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
    page.device = false; /* the entry that a fetch makes serves data, too */
    ck_assert(fe->walk(&cpu->vc, 0x9000004, TCG_FETCH, A64_MMU_EL1, false, &page));
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
}

UNIT_MAIN("arm64 system", fill)
