/* SPDX-License-Identifier: MIT */
/* Two processors: CPU_ON with an argument, AFFINITY_INFO, CPU_OFF; started again afterwards. */
#include "common.inc"
        .macro  info                    /* of processor 1 */
        mov     x1, 1
        mov     x2, 0
        psci    PSCI_AFFINITY_INFO
        .endm
        .macro  start arg
        mov     x1, 1
        adr     x2, second
        mov     x3, \arg
        psci    PSCI_CPU_ON
        .endm
        begin
        info
        bl      puthex                  /* 1: off */
        start   0x1234
        bl      puthex                  /* 0 */
        adr     x20, word
1:      ldar    x0, [x20]
        cbz     x0, 1b
        bl      puthex                  /* what the other wrote */
        info
        bl      puthex                  /* 0: on */
        start   1
        bl      puthex                  /* -4: it is on */
        stlr    xzr, [x20]              /* go */
2:      info
        cmp     x0, 1
        b.ne    2b
        say     "off again\n"
        start   0x5678
3:      ldar    x0, [x20]
        cbz     x0, 3b
        bl      puthex
        mov     x1, 2
        adr     x2, second
        psci    PSCI_CPU_ON
        bl      puthex                  /* -2: there is none */
        finish

        .text
second: mov     x5, x0
        mrs     x6, mpidr_el1
        and     x6, x6, 0xff
        add     x5, x5, x6, lsl 32
        adr     x7, word
        stlr    x5, [x7]
4:      ldar    x0, [x7]
        cbnz    x0, 4b
        psci    PSCI_CPU_OFF
        b       .
        .ltorg
        .balign 8
word:   .quad   0
