/* SPDX-License-Identifier: MIT */
/* frontends/arm64/trans_sys.h -- how trans_system.c and others hand over to the machine's side. */
#ifndef FRONTENDS_ARM64_TRANS_SYS_H
#define FRONTENDS_ARM64_TRANS_SYS_H

#include "frontends/arm64/translate.h"

/* DONE: translated (perhaps as a trap); PLAIN: as in user mode. DONE equals true. */
enum a64_sys_done { A64_SYS_UNDEFINED, A64_SYS_DONE, A64_SYS_PLAIN };

enum a64_sys_done a64_sys_mrs(struct a64_tr *t, unsigned reg, unsigned rt);
enum a64_sys_done a64_sys_msr(struct a64_tr *t, unsigned reg, unsigned rt);
enum a64_sys_done a64_sys_sys(struct a64_tr *t, const struct a64_insn *a);
bool a64_sys_msr_imm(struct a64_tr *t, const struct a64_insn *a);
bool a64_sys_hlt(struct a64_tr *t, const struct a64_insn *a);
void a64_sys_wfi(struct a64_tr *t);
void a64_sys_wfe(struct a64_tr *t);
void a64_sys_dsb(struct a64_tr *t);
/* trans_pauth.c: ptr authenticated with an enum a64_key_no. */
tcg_val a64_authenticate(struct a64_tr *t, tcg_val ptr, tcg_val modifier, unsigned key);

#endif
