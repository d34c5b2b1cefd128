/* SPDX-License-Identifier: MIT */
/* tests/frontends/arm64/fake.h -- a fake machine around one processor: what it was asked for is in `seen`;
 * 1 MiB of memory for tables at RAM; code in flat host memory for one instruction at a time. */
#ifndef TESTS_FRONTENDS_ARM64_FAKE_H
#define TESTS_FRONTENDS_ARM64_FAKE_H

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

static inline int phys_load(struct tcg_vcpu *v, uint64_t addr, unsigned size, uint64_t *value)
{
    (void)v;
    if (addr < RAM || addr + size > RAM + RAM_SIZE)
        return -1;
    memcpy(value, ram + (addr - RAM), size);
    *value = le64toh(*value);
    return 0;
}

static inline int phys_cmpxchg(struct tcg_vcpu *v, uint64_t addr, uint64_t old, uint64_t want)
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

static inline void flush(struct tcg_vcpu *v, const struct fe_flush *f)
{
    (void)v;
    seen.flush = *f;
    seen.flushes++;
}

static inline void barrier(struct tcg_vcpu *v)
{
    (void)v;
    seen.barriers++;
}

static inline void context_changed(struct tcg_vcpu *v)
{
    (void)v;
    seen.changes++;
}

static inline int64_t now(struct tcg_vcpu *v)
{
    (void)v;
    return seen.now;
}

static inline void timer_set(struct tcg_vcpu *v, unsigned n, int64_t deadline)
{
    (void)v;
    seen.deadline[n] = deadline;
}

static inline void line_out(struct tcg_vcpu *v, unsigned n, bool level)
{
    (void)v;
    seen.line[n] = level;
}

static inline bool machine_reg(struct tcg_vcpu *v, uint32_t reg, bool write, uint64_t *value)
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

static inline void halt(struct tcg_vcpu *v)
{
    (void)v;
    seen.halts++;
}

static inline bool firmware_call(struct tcg_vcpu *v, unsigned kind)
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

static inline void cpu_new(const char *model)
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

static inline void cpu_done(void)
{
    fe->cpu_free(cfg);
    free(cpu);
}

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

static inline size_t fetch(struct tcg_vcpu *v, uint64_t pc, void *to, size_t len)
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

static inline void engine_new(const struct tcg_backend *backend, const char *model)
{
    struct tcg_config c = {
        .backend = backend, .verify = true, .mem = {.user = true, .fetch = fetch}};
    const char *why = NULL;

    cpu_new(model);
    engine = tcg_engine_new(&c, &why);
    ck_assert_msg(engine != NULL, "%s", why);
    tcg_attach(engine, &cpu->vc);
}

static inline void engine_done(void)
{
    tcg_detach(engine, &cpu->vc);
    tcg_engine_free(engine);
    cpu_done();
}

/* Runs one instruction. */
static inline enum tcg_exit_reason run(uint32_t word)
{
    code[0] = htole32(word);
    a64_system_changed(cpu);
    cpu->pc = (uintptr_t)code;
    tcg_invalidate(engine, (uintptr_t)code, (uintptr_t)code + sizeof(code));
    return tcg_step(&cpu->vc);
}

#endif
