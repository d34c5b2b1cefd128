/* SPDX-License-Identifier: MIT */
/* machines/psci_arm64.h -- power by firmware calls: PSCI 1.1 and the SMC calling convention 1.1, as
 * far as a machine without a secure world answers them. */
#ifndef MACHINES_PSCI_ARM64_H
#define MACHINES_PSCI_ARM64_H

#include "machines/machine.h"

/* Answers the call in x0..x3 of v (HVC or SMC, whichever the board's device tree names). Runs on v's
 * thread, without locks. */
void psci_call(struct machine *m, struct tcg_vcpu *v);

#endif
