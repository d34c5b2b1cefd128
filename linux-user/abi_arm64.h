/* SPDX-License-Identifier: MIT */
/* linux-user/abi_arm64.h -- what the files of the arm64 ABI share. */
#ifndef LINUX_USER_ABI_ARM64_H
#define LINUX_USER_ABI_ARM64_H

#include "linux-user/lx.h"

/* Register numbers of frontend.h for arm64; x0..x29 are vcpu->hot[]. */
enum { A64_LR = 30, A64_SP = 31, A64_PC = 32, A64_PSTATE = 33, A64_V0 = 34 };
enum { A64_FPSR = 66, A64_FPCR = 67, A64_TPIDR = 68, A64_PACMASK = 69 };

extern const struct lx_vdso_code lx_vdso_arm64;

int lx_arm64_push_frame(struct lx_task *t, const struct lx_frame *f);
int lx_arm64_pop_frame(struct lx_task *t, uint64_t *mask, stack_t *alt);

#endif
