/* SPDX-License-Identifier: MIT */
/* options: -rtc base=2001-02-03T04:05:06,clock=vm -icount shift=0,sleep=off */
/* The PL031 begins with the date of -rtc and goes with virtual time: so many seconds of waiting, so many
 * it has counted, however fast the host is. */
#include "common.inc"
        .equ    RTC, 0x09010000
        begin
        ldr     x21, =RTC
        ldr     w0, [x21]
        bl      puthex
        adr     x0, vectors
        msr     vbar_el1, x0
        ldr     x1, =GICD
        mov     w0, 1
        str     w0, [x1]
        mov     w0, 1 << 27
        str     w0, [x1, 0x100]
        ldr     x1, =GICC
        mov     w0, 0xf0
        str     w0, [x1, 4]
        mov     w0, 1
        str     w0, [x1]
        mrs     x0, cntfrq_el0          /* a little over 1000 seconds */
        mov     x1, 1000
        mul     x0, x0, x1
        mrs     x1, cntvct_el0
        add     x0, x0, x1
        msr     cntv_cval_el0, x0
        mov     x0, 1
        msr     cntv_ctl_el0, x0
        isb
        wfi
        ldr     w0, [x21]
        bl      puthex
        finish
        .text
        .balign 2048
vectors: .space 2048
