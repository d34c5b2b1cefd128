/* SPDX-License-Identifier: MIT */
/* frontends/arm64/system.h -- what the files of the system level share: system registers, exceptions,
 * translation of addresses, timers. Inside frontends/arm64 only. */
#ifndef FRONTENDS_ARM64_SYSTEM_H
#define FRONTENDS_ARM64_SYSTEM_H

#include "frontends/arm64/cpu.h"
#include "frontends/arm64/key.h"

/* ---- optional parts of the system architecture, read off the ID registers: config_id.c ---- */
enum a64_sysfeat {
    A64_SF_BASE, /* always there */
    A64_SF_PAN, A64_SF_PAN2, A64_SF_EPAN, A64_SF_UAO, A64_SF_RAS, A64_SF_LOR, A64_SF_HAF, A64_SF_HD,
    A64_SF_HPD, A64_SF_E0PD, A64_SF_LPA, A64_SF_LVA, A64_SF_LPA2_4K, A64_SF_LPA2_16K, A64_SF_TTST,
    A64_SF_TLBIRANGE, A64_SF_TLBIOS, A64_SF_IDST, A64_SF_CNP, A64_SF_SCXT, A64_SF_PMU,
    A64_SF_ASID16, A64_SF_BTI, A64_SF_IESB, A64_SF_G4K, A64_SF_G16K, A64_SF_G64K, A64_SF_IMPDEF,
    A64_SF_PAUTH, A64_SF_SSBS, A64_SF_DIT, A64_SF_NEVER,
};

static inline bool a64_sf(const struct a64_cpu *c, enum a64_sysfeat f)
{
    return f == A64_SF_BASE || (c->cfg->sysfeat >> f & 1);
}

/* ---- registers' bits ---- */
enum {
    A64_SCTLR_M = 1 << 0, A64_SCTLR_A = 1 << 1, A64_SCTLR_SA = 1 << 3, A64_SCTLR_SA0 = 1 << 4,
    A64_SCTLR_UMA = 1 << 9, A64_SCTLR_ENDB = 1 << 13, A64_SCTLR_DZE = 1 << 14,
    A64_SCTLR_UCT = 1 << 15, A64_SCTLR_NTWI = 1 << 16, A64_SCTLR_NTWE = 1 << 18,
    A64_SCTLR_WXN = 1 << 19, A64_SCTLR_TSCXT = 1 << 20, A64_SCTLR_SPAN = 1 << 23, A64_SCTLR_UCI = 1 << 26,
    A64_SCTLR_ENDA = 1 << 27, A64_SCTLR_ENIB = 1 << 30,
};
#define A64_SCTLR_ENIA (1ull << 31)
#define A64_SCTLR_MSCEN (1ull << 33)
#define A64_SCTLR_BT0 (1ull << 35)
#define A64_SCTLR_BT1 (1ull << 36)
#define A64_SCTLR_DSSBS (1ull << 44)
#define A64_SCTLR_EPAN (1ull << 57)

/* Exception classes (ESR_ELx.EC). */
enum a64_ec {
    A64_EC_UNKNOWN = 0x00, A64_EC_WFX = 0x01, A64_EC_FP = 0x07, A64_EC_BTI = 0x0d,
    A64_EC_ILLEGAL = 0x0e, A64_EC_SVC = 0x15, A64_EC_SYSREG = 0x18, A64_EC_PAC = 0x1c,
    A64_EC_IABORT = 0x20, A64_EC_PC_ALIGN = 0x22, A64_EC_DABORT = 0x24, A64_EC_SP_ALIGN = 0x26,
    A64_EC_MOPS = 0x27, A64_EC_SERROR = 0x2f, A64_EC_BREAK = 0x30, A64_EC_STEP = 0x32,
    A64_EC_WATCH = 0x34, A64_EC_BRK = 0x3c,
};
#define A64_ESR_IL (1u << 25)

static inline uint64_t a64_syndrome(enum a64_ec ec, uint32_t iss)
{
    return (uint64_t)ec << 26 | A64_ESR_IL | iss;
}

/* Fault status codes; those of a level have it added. */
enum a64_fsc {
    A64_FSC_SIZE = 0x00, A64_FSC_TRANSLATION = 0x04, A64_FSC_ACCESS = 0x08,
    A64_FSC_PERMISSION = 0x0c, A64_FSC_EXTERNAL = 0x10, A64_FSC_EXTERNAL_WALK = 0x14,
    A64_FSC_ALIGN = 0x21, A64_FSC_DEBUG = 0x22, A64_FSC_NONE = 0x3f,
};

static inline unsigned a64_el(const struct a64_cpu *c)
{
    return c->pstate >> 2 & 3;
}

/* The part of the region key that machines have: system.c. */
uint64_t a64_system_key(const struct a64_cpu *c);
void a64_system_changed(struct a64_cpu *c); /* SCTLR, CPACR or TCR has: call after each change */
void a64_attach_system(struct tcg_vcpu *v, const struct fe_system *sys, unsigned index);
void a64_system_reset(struct a64_cpu *c);
void a64_start_at(struct tcg_vcpu *v, uint64_t pc, uint64_t arg);

/* An identification register's value; false: reg (A64_SYSREG) is none. trans_sys.c */
bool a64_id_value(const struct a64_cpu *c, unsigned reg, uint64_t *value);

/* ---- system registers: sysreg.c, sysreg_hooks.c ---- */
#define A64_SYSREG(op0, op1, crn, crm, op2)                                                       \
    ((op0) << 14 | (op1) << 11 | (crn) << 7 | (crm) << 3 | (op2))

enum { /* access */
    A64_ACC_R1 = 1, A64_ACC_W1 = 2, A64_ACC_R0 = 4, A64_ACC_W0 = 8,
};
/* What must be allowed for EL0, checked when it happens. */
enum a64_trap {
    A64_TRAP_NONE, A64_TRAP_VCT, A64_TRAP_PCT, A64_TRAP_VTIMER, A64_TRAP_PTIMER, A64_TRAP_FRQ,
    A64_TRAP_PMU, A64_TRAP_PMU_SW, A64_TRAP_PMU_CR, A64_TRAP_PMU_ER, A64_TRAP_PMU_SEL,
    A64_TRAP_DCC, A64_TRAP_SCXT,
};
enum { A64_SR_END = 1 }; /* a write ends the region */

struct a64_sysreg {
    const char *name;
    uint16_t reg;      /* A64_SYSREG() */
    uint16_t offset;   /* of its 64-bit field in struct a64_cpu; 0: reads as zero */
    uint8_t access, feature, trap, flags, index;
    uint64_t reset, wmask;
    uint64_t (*read)(struct a64_cpu *c, const struct a64_sysreg *r);
    void (*write)(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value);
};
extern const struct a64_sysreg a64_sysregs[];
extern const unsigned a64_nsysregs;

/* NULL: this processor has no such register of its own. */
const struct a64_sysreg *a64_sysreg_find(const struct fe_cpu_config *cfg, unsigned reg);
uint64_t a64_sysreg_read(struct a64_cpu *c, const struct a64_sysreg *r);
void a64_sysreg_write(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value);
void a64_sysregs_reset(struct a64_cpu *c);
/* Syndrome of a trapped access. */
uint32_t a64_sysreg_iss(unsigned reg, unsigned rt, bool read);

/* ---- exceptions: exception.c ---- */
bool a64_exception(struct tcg_vcpu *v);
bool a64_interrupt(struct tcg_vcpu *v);
bool a64_has_work(struct tcg_vcpu *v);
void a64_line_in(struct tcg_vcpu *v, unsigned line, bool level);
/* Makes PSTATE `value`'s fields, and sp the stack pointer that it selects. */
void a64_set_pstate(struct a64_cpu *c, uint64_t value);

/* ---- translation of addresses: walk.c; maintenance: tlbi.c ---- */
bool a64_walk(struct tcg_vcpu *v, uint64_t addr, enum tcg_access access, unsigned mmu, bool probe,
              struct fe_page *page);
void a64_contexts(const struct tcg_vcpu *v, uint64_t key[4]);
unsigned a64_mmu_now(const struct tcg_vcpu *v);
void a64_bus_error(struct tcg_vcpu *v, uint64_t addr, enum tcg_access access);
void a64_fault(struct a64_cpu *c, uint64_t addr, enum tcg_access access, unsigned fsc);
uint64_t a64_context_key(const struct a64_cpu *c, uint16_t asid);
/* Is the top byte of addr ignored (data accesses, branches)? */
bool a64_tbi(const struct a64_cpu *c, uint64_t addr, bool fetch);

/* ---- saving: save.c (fe_state) ---- */
bool a64_state_at(unsigned n, struct fe_state *s);
void a64_state_save(struct tcg_vcpu *v);
bool a64_state_valid(const struct tcg_vcpu *v, char *err, size_t err_len);
void a64_state_restored(struct tcg_vcpu *v);

/* ---- debug: debug_regs.c ---- */
uint64_t a64_debug_key(const struct a64_cpu *c);
bool a64_step_restored(const struct a64_cpu *c, uint64_t spsr);
bool a64_stepping(const struct a64_cpu *c); /* software step is active here */
void a64_begin_again(struct tcg_vcpu *v);   /* tcg_guest */

/* ---- timers and counters: timer.c ---- */
uint64_t a64_counter(struct a64_cpu *c);
void a64_timer_update(struct a64_cpu *c, unsigned n);
void a64_timer(struct tcg_vcpu *v, unsigned n);
void a64_pmu_timer(struct a64_cpu *c); /* timer 2 */
/* Timer n of the machine and an output line, told when they change. */
void a64_tell(struct a64_cpu *c, unsigned n, int64_t deadline, enum a64_line line, bool level);
void a64_outputs(struct a64_cpu *c); /* after reset: all of them */

#endif
