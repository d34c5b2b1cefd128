/* SPDX-License-Identifier: MIT */
/* frontends/arm64/helper.h -- helpers that arm64 code calls; one line each says what it does. */
#ifndef FRONTENDS_ARM64_HELPER_H
#define FRONTENDS_ARM64_HELPER_H

#include "frontends/arm64/cpu.h"

/* helper_system.c */
extern const struct tcg_helper a64_helper_cntvct;   /* () -> i64: the virtual counter */
extern const struct tcg_helper a64_helper_ic_ivau;  /* (i64 address): code there is new */
extern const struct tcg_helper a64_helper_set_fpcr; /* (i64): FPCR and the host's rounding */

/* helper_pauth.c; i32 key is an enum a64_key_no */
extern const struct tcg_helper a64_helper_pac;   /* (i64 pointer, i64 modifier, i32 key) -> i64 */
extern const struct tcg_helper a64_helper_aut;   /* likewise; errors as a broken pointer */
extern const struct tcg_helper a64_helper_autf;  /* likewise, void: leaves when it fails (FPAC) */
extern const struct tcg_helper a64_helper_pacga; /* (i64, i64) -> i64 */

/* The cipher alone, for tests. */
uint64_t a64_qarma5(uint64_t data, uint64_t modifier, uint64_t key_hi, uint64_t key_lo);

#endif
