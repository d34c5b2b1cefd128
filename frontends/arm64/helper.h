/* SPDX-License-Identifier: MIT */
/* frontends/arm64/helper.h -- helpers that arm64 code calls; one line each says what it does. */
#ifndef FRONTENDS_ARM64_HELPER_H
#define FRONTENDS_ARM64_HELPER_H

#include "frontends/arm64/cpu.h"

/* helper_system.c */
extern const struct tcg_helper a64_helper_cntvct;   /* () -> i64: the virtual counter */
extern const struct tcg_helper a64_helper_ic_ivau;  /* (i64 address): code there is new */
extern const struct tcg_helper a64_helper_set_fpcr; /* (i64): FPCR and the host's rounding */

/* Machines. sysreg.c: row of a64_sysregs[], Rt; the value read is left in unit SYSVAL. May trap. */
extern const struct tcg_helper a64_helper_mrs;         /* (i32 row, i32 rt) */
extern const struct tcg_helper a64_helper_msr;         /* (i32 row, i32 rt, i64 value) */
extern const struct tcg_helper a64_helper_mrs_machine; /* (i32 reg): the board's registers */
extern const struct tcg_helper a64_helper_msr_machine; /* (i32 reg, i64 value) */
/* exception.c */
extern const struct tcg_helper a64_helper_eret;        /* (): PSTATE and sp from SPSR_EL1 */
extern const struct tcg_helper a64_helper_spsel;       /* (i32 0 or 1) */
/* debug_regs.c: leave when the guest's debug registers say so */
extern const struct tcg_helper a64_helper_breakpoint;  /* (i64 pc) */
extern const struct tcg_helper a64_helper_watchpoint;  /* (i64 address, i32 size | kinds << 8) */
/* tlbi.c */
enum a64_at { A64_AT_WRITE = 1, A64_AT_EL0 = 2, A64_AT_PAN = 4 };
extern const struct tcg_helper a64_helper_tlbi;        /* (i32 CRm << 3 | op2, i64 Xt) */
extern const struct tcg_helper a64_helper_at;          /* (i32 enum a64_at, i64 Xt): PAR_EL1 */
extern const struct tcg_helper a64_helper_cache_va;    /* (i64 address, i32 write): may fault */
bool a64_tlbi_valid(const struct fe_cpu_config *cfg, unsigned op);

/* helper_pauth.c; i32 key is an enum a64_key_no */
extern const struct tcg_helper a64_helper_pac;   /* (i64 pointer, i64 modifier, i32 key) -> i64 */
extern const struct tcg_helper a64_helper_aut;   /* likewise; errors as a broken pointer */
extern const struct tcg_helper a64_helper_autf;  /* likewise, void: leaves when it fails (FPAC) */
extern const struct tcg_helper a64_helper_xpac;  /* (i64 pointer, i32 key: IA or DA) -> i64 */
extern const struct tcg_helper a64_helper_pacga; /* (i64, i64) -> i64 */

/* The cipher alone, for tests. */
uint64_t a64_qarma5(uint64_t data, uint64_t modifier, uint64_t key_hi, uint64_t key_lo);

#endif
