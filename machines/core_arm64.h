/* SPDX-License-Identifier: MIT */
/* machines/core_arm64.h -- registers of arm64 in an ELF core. */
#ifndef MACHINES_CORE_ARM64_H
#define MACHINES_CORE_ARM64_H

#include "machines/machine.h"

/* As struct board wants it. */
size_t core_arm64_prstatus(struct machine *m, unsigned cpu, uint8_t *buf);

#endif
