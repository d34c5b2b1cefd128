/* SPDX-License-Identifier: MIT */
/* SYSTEM_RESET: the image is loaded anew, other memory stays. */
#include "common.inc"
        begin
        adr     x20, word
        ldr     x0, [x20]
        bl      puthex                  /* 1 each time: part of the image */
        mov     x0, 2
        str     x0, [x20]
        ldr     x21, =0x47000000
        ldr     x0, [x21]
        bl      puthex
        ldr     x0, [x21]
        add     x0, x0, 1
        str     x0, [x21]
        cmp     x0, 3
        b.hs    1f
        psci    PSCI_SYSTEM_RESET
        say     "after the reset\n"
1:      finish
        .data
        .balign 8
word:   .quad   1
