// SPDX-License-Identifier: MIT
/* machines/core_arm64.c -- registers of a processor in an ELF core, in the layout of Linux's
 * elf_prstatus on arm64: 392 bytes, the process id at 32, x0..x30, sp, pc and pstate from 112 on. */
#include "machines/core_arm64.h"

#include <string.h>

#define PID 32
#define REGS 112
#define SIZE 392

size_t core_arm64_prstatus(struct machine *m, unsigned cpu, uint8_t *buf)
{
    struct tcg_vcpu *v = sm_vcpu(m->sm, cpu);

    _Static_assert(SIZE <= MACHINE_PRSTATUS, "room for the registers");
    memset(buf, 0, SIZE);
    buf[PID] = (uint8_t)(cpu + 1);
    for (unsigned i = 0; i < 34; i++) /* numbered as gdb does; the last, pstate, has 32 bits */
        v->frontend->reg_read(v, i, buf + REGS + 8 * i);
    return SIZE;
}
