/* SPDX-License-Identifier: MIT */
/* The UART, the first argument of a raw image (the device tree: its magic number), PSCI_VERSION,
 * SYSTEM_OFF. */
#include "common.inc"
        begin
        say     "hello\n"
        ldr     w0, [x28]
        rev     w0, w0
        bl      puthex
        psci    0x84000000
        bl      puthex
        psci    0x84000055              /* there is no such call */
        bl      puthex
        mrs     x0, CurrentEL
        bl      puthex
        mrs     x0, mpidr_el1
        bl      puthex
        finish
