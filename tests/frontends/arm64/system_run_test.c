/* SPDX-License-Identifier: MIT */
/* The processor of a machine running single instructions in flat memory on every backend: access to system
 * registers by exception level, TLB maintenance's arguments, PSTATE, return, debug; random values in
 * all registers; the debugger's view. */
#include "tests/frontends/arm64/fake.h"

enum { VBAR = 0x10000 };

/* ---- access ---- */

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

/* Registers whose traps other registers open one way only. */
START_TEST(trapped_one_way)
{
    engine_new(tcg_backends[0], "max");
    a64_set_cpsr(cpu, 0);
    cpu->s.pmuserenr = 8; /* ER: event counters may be read, and selected */
    ck_assert_int_eq(run(MRS_X3(3, 3, 14, 8, 1)), TCG_EXIT_DEBUG);
    ck_assert_int_eq(run(MSR_X3(3, 3, 14, 8, 1)), TCG_EXIT_EXCEPTION);
    ck_assert_int_eq(run(MRS_X3(3, 3, 9, 13, 2)), TCG_EXIT_DEBUG);
    ck_assert_int_eq(run(MSR_X3(3, 3, 9, 13, 2)), TCG_EXIT_EXCEPTION);
    ck_assert_int_eq(run(MRS_X3(3, 3, 9, 12, 5)), TCG_EXIT_DEBUG);
    ck_assert_int_eq(run(MSR_X3(3, 3, 9, 12, 5)), TCG_EXIT_DEBUG);
    cpu->s.pmuserenr = 1;
    ck_assert_int_eq(run(MSR_X3(3, 3, 14, 8, 1)), TCG_EXIT_DEBUG);
    cpu->s.sctlr |= A64_SCTLR_TSCXT;
    ck_assert_int_eq(run(MRS_X3(3, 3, 13, 0, 7)), TCG_EXIT_EXCEPTION);
    ck_assert_uint_eq(cpu->vc.exit.addr >> 26, A64_EC_SYSREG);
    cpu->s.sctlr &= ~(uint64_t)A64_SCTLR_TSCXT;
    ck_assert_int_eq(run(MRS_X3(3, 3, 13, 0, 7)), TCG_EXIT_DEBUG);
    engine_done();
}
END_TEST

/* Processors share translated code; what tells them apart must not be in it. */
START_TEST(one_region_for_all)
{
    for (unsigned k = 0; tcg_backends[k]; k++) {
        struct a64_cpu *first, *other = aligned_alloc(64, align_up(sizeof(*other), 64));

        engine_new(tcg_backends[k], "cortex-a57");
        first = cpu;
        memset(other, 0, sizeof(*other));
        other->vc.frontend = fe;
        other->vc.guest = fe->guest;
        fe->attach_system(&other->vc, &sys, 18);
        fe->reset(&other->vc, cfg, false);
        tcg_attach(engine, &other->vc);
        code[0] = htole32(MRS_X3(3, 0, 0, 0, 5)); /* mrs x3, mpidr_el1 */
        code[1] = htole32(0xd4000021);            /* svc #1 */
        first->pc = other->pc = (uintptr_t)code;
        ck_assert_int_eq(tcg_run(&first->vc), TCG_EXIT_SYSCALL);
        ck_assert_int_eq(tcg_run(&other->vc), TCG_EXIT_SYSCALL);
        ck_assert_uint_eq(first->vc.hot[3], 0x80000001);
        ck_assert_uint_eq(other->vc.hot[3], 0x80000102);
        tcg_detach(engine, &other->vc);
        free(other);
        engine_done();
    }
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

/* Steps one instruction of EL0 at code + 4, and takes the exception that comes. */
static void step_one(uint32_t word, uint64_t pstate)
{
    a64_set_cpsr(cpu, 0x3c5);
    cpu->s.oslar = 0;
    cpu->s.mdscr = MDSCR_SS;
    cpu->spsr = A64_PSTATE_SS | pstate;
    cpu->elr = (uintptr_t)code + 4;
    code[1] = htole32(word);
    ck_assert_int_eq(run(0xd69f03e0), TCG_EXIT_DEBUG); /* eret */
    ck_assert_int_ne(tcg_run(&cpu->vc), TCG_EXIT_DEBUG);
    ck_assert(fe->exception(&cpu->vc));
}

/* A step that is done comes before all that the next instruction may raise. */
START_TEST(step_comes_first)
{
    const uint32_t br_x5 = 0xd61f00a0;

    for (unsigned k = 0; tcg_backends[k]; k++) {
        engine_new(tcg_backends[k], "cortex-a57");
        cpu->vc.hot[5] = 0x123000; /* nothing can be fetched there */
        step_one(br_x5, 0);
        ck_assert_uint_eq(cpu->esr, 0xcb000022);
        ck_assert_uint_eq(cpu->elr, 0x123000);
        ck_assert_uint_eq(cpu->spsr & A64_PSTATE_SS, 0);
        cpu->vc.hot[5] = (uintptr_t)code + 18;
        step_one(br_x5, 0);
        ck_assert_uint_eq(cpu->esr, 0xcb000022);
        ck_assert_uint_eq(cpu->elr, (uintptr_t)code + 18);
        ck_assert_uint_eq(cpu->spsr & A64_PSTATE_SS, 0);
        /* without a step done, theirs; SPSR.SS stays */
        step_one(br_x5, A64_PSTATE_IL);
        ck_assert_uint_eq(cpu->esr >> 26, A64_EC_ILLEGAL);
        ck_assert_uint_eq(cpu->elr, (uintptr_t)code + 4);
        ck_assert_uint_eq(cpu->spsr & A64_PSTATE_SS, A64_PSTATE_SS);
        a64_set_cpsr(cpu, A64_PSTATE_IL);
        cpu->pc = (uintptr_t)code + 4;
        ck_assert_int_eq(tcg_run(&cpu->vc), TCG_EXIT_EXCEPTION);
        ck_assert_uint_eq(cpu->vc.exit.code, A64_EXC_STEP);
        engine_done();
    }
}
END_TEST

/* What makes an instruction begin again does not count as the step. */
START_TEST(step_of_one_that_begins_again)
{
    for (unsigned k = 0; tcg_backends[k]; k++) {
        uint8_t from[40], to[40];

        engine_new(tcg_backends[k], "max");
        memset(ram, 0, sizeof(ram));
        for (unsigned n = 0; n < 4; n++)
            for (unsigned i = 0; i < 512; i++) {
                uint64_t d = htole64(n == 3 ? 0x80000000 | AF | EL0 | PAGE | 1ull << 50
                                            : (RAM + (n + 1) * 4096) | TABLE);

                memcpy(ram + n * 4096 + i * 8, &d, 8);
            }
        cpu->s.sctlr |= A64_SCTLR_M | A64_SCTLR_MSCEN;
        cpu->s.tcr = TSZ(16) | IPS(4);
        cpu->s.ttbr[0] = RAM;
        step_one(0xd503245f, 1 << 10); /* bti c, BTYPE 1 */
        ck_assert_uint_eq(cpu->esr, 0xcb000022);
        ck_assert_uint_eq(cpu->elr, (uintptr_t)code + 8);
        ck_assert_uint_eq(cpu->spsr & A64_PSTATE_BTYPE, 0);
        /* cpyfm [x0]!, [x1]!, x2!: in several goes */
        for (unsigned i = 0; i < sizeof(from); i++)
            from[i] = (uint8_t)i;
        memset(to, 0, sizeof(to));
        cpu->vc.hot[0] = (uintptr_t)to + sizeof(to);
        cpu->vc.hot[1] = (uintptr_t)from + sizeof(from);
        cpu->vc.hot[2] = -(uint64_t)sizeof(to);
        step_one(0x19410440, 0);
        ck_assert_uint_eq(cpu->esr, 0xcb000022);
        ck_assert_uint_eq(cpu->elr, (uintptr_t)code + 8);
        ck_assert_mem_eq(to, from, sizeof(to));
        /* left for the engine to run it alone, an access to a device say */
        cpu->stepped = 1;
        a64_set_cpsr(cpu, 0);
        fe->guest->begin_again(&cpu->vc);
        ck_assert_uint_eq(cpu->stepped, 0);
        ck_assert_uint_eq(cpu->pstate & A64_PSTATE_SS, A64_PSTATE_SS);
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

/* ---- hostile ---- */

static uint64_t rng_state = 1795280250;

static uint64_t rnd(void)
{
    uint64_t z = rng_state += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

/* Any values in any registers: every walk ends with a page or a fault code, every return in a mode
 * that there is. */
START_TEST(random_values)
{
    static const char *const models[] = { "max", "cortex-a57", "neoverse-n1" };

    engine_new(tcg_backends[0], models[_i]);
    for (unsigned i = 0; i < RAM_SIZE; i += 8) {
        uint64_t d = htole64(rnd() & 3 ? (rnd() & 0xfff0000000000fff) | RAM | (rnd() & 0xff000) | 3
                                       : rnd());

        memcpy(ram + i, &d, 8);
    }
    for (unsigned i = 0; i < 40000; i++) {
        const struct a64_sysreg *r =
            a64_sysreg_find(cfg, a64_sysregs[rnd() % a64_nsysregs].reg);
        enum tcg_access access = (enum tcg_access)(rnd() % 3);
        uint64_t addr = rnd() & 1 ? rnd() : (uint64_t)((int64_t)rnd() >> (rnd() % 60));
        struct fe_page page;

        if (r && (r->access & A64_ACC_W1))
            a64_sysreg_write(cpu, r, rnd());
        if (r && (r->access & A64_ACC_R1))
            a64_sysreg_read(cpu, r);
        if (i & 1) { /* tables where there is memory, translation on */
            cpu->s.ttbr[rnd() & 1] = RAM | (rnd() & 0xff000);
            cpu->s.sctlr |= A64_SCTLR_M;
        }
        seen.now += rnd() & 0xfffff;
        fe->timer(&cpu->vc, rnd() & 7);
        if (fe->walk(&cpu->vc, addr, access, rnd() % 3, rnd() & 1, &page))
            ck_assert(page.size >= 4096 && !(page.size & (page.size - 1)));
        cpu->spsr = rnd();
        cpu->elr = rnd();
        cpu->vc.exit.reason = (uint32_t[]){ TCG_EXIT_SYSCALL, TCG_EXIT_EXCEPTION,
                                            TCG_EXIT_FAULT }[rnd() % 3];
        cpu->vc.exit.code = rnd() & 127;
        fe->exception(&cpu->vc);
        a64_set_cpsr(cpu, rnd());
        fe->interrupt(&cpu->vc);
        ck_assert(a64_el(cpu) <= 1);
        if (!(i & 15))
            run((uint32_t[]){ 0xd69f03e0, 0xd5384100, 0xd5033f9f, 0xd508871f }[rnd() & 3]);
        ck_assert(a64_el(cpu) <= 1);
    }
    engine_done();
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
    tcase_add_loop_test(tc, access_by_level, 0, ARRAY_LEN(accesses));
    tcase_add_test(tc, trapped_syndrome);
    tcase_add_test(tc, trapped_one_way);
    tcase_add_test(tc, one_region_for_all);
    tcase_add_loop_test(tc, tlb_maintenance, 0, ARRAY_LEN(maintenance));
    tcase_add_test(tc, address_translation);
    tcase_add_test(tc, unmasking);
    tcase_add_test(tc, stacks_and_return);
    tcase_add_loop_test(tc, random_values, 0, 3);
    tcase_add_test(tc, software_step);
    tcase_add_test(tc, step_comes_first);
    tcase_add_test(tc, step_of_one_that_begins_again);
    tcase_add_test(tc, break_and_watch);
    tcase_add_test(tc, registers_for_gdb);
}

UNIT_MAIN("arm64 system instructions", fill)
