/* SPDX-License-Identifier: MIT */
/* frontends/arm64/sysreg.h -- read and write hooks of sysregs.def. A write hook stores the value
 * itself. Defined in sysreg_hooks.c, timer.c and pmu.c. */
#ifndef FRONTENDS_ARM64_SYSREG_H
#define FRONTENDS_ARM64_SYSREG_H

#include "frontends/arm64/system.h"

#define READ(name) uint64_t name(struct a64_cpu *c, const struct a64_sysreg *r);
#define WRITE(name) void name(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value);
/* sysreg_hooks.c */
WRITE(a64_debug_write) WRITE(a64_oslar_write) READ(a64_oslsr_read)
READ(a64_claimset_read) WRITE(a64_claimset_write) WRITE(a64_claimclr_write)
WRITE(a64_sctlr_write) WRITE(a64_cpacr_write) WRITE(a64_ttbr_write) WRITE(a64_tcr_write) WRITE(a64_mair_write)
READ(a64_isr_read) READ(a64_ccsidr_read) READ(a64_clidr_read)
/* timer.c */
READ(a64_cnt_read) READ(a64_tval_read) WRITE(a64_tval_write) READ(a64_cntctl_read)
WRITE(a64_cnt_write)
/* pmu.c */
WRITE(a64_pminten_set) WRITE(a64_pminten_clr) READ(a64_pmcr_read) WRITE(a64_pmcr_write)
WRITE(a64_pmcnten_set) WRITE(a64_pmcnten_clr) READ(a64_pmovs_read) WRITE(a64_pmovs_clr)
WRITE(a64_pmovs_set) WRITE(a64_pmswinc) READ(a64_pmceid_read) READ(a64_pmccntr_read)
WRITE(a64_pmccntr_write) READ(a64_pmxevtyper_read) WRITE(a64_pmxevtyper_write)
READ(a64_pmxevcntr_read) WRITE(a64_pmxevcntr_write) READ(a64_pmevcntr_read)
WRITE(a64_pmevcntr_write) WRITE(a64_pmevtyper_write) WRITE(a64_pmccfiltr_write)
#undef READ
#undef WRITE

/* The 64-bit field of a register; it has one. */
static inline uint64_t *a64_sysreg_field(struct a64_cpu *c, const struct a64_sysreg *r)
{
    return (uint64_t *)(void *)((char *)c + r->offset);
}
static inline void a64_sysreg_store(struct a64_cpu *c, const struct a64_sysreg *r, uint64_t value)
{
    uint64_t *f = a64_sysreg_field(c, r);

    *f = (*f & ~r->wmask) | (value & r->wmask);
}

#endif
