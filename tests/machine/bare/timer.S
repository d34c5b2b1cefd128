/* SPDX-License-Identifier: MIT */
/* The virtual timer through the GICv2, taken while waiting in WFI and while in a loop; the counter
 * goes on meanwhile. */
#include "common.inc"
        begin
        adr     x0, vectors
        msr     vbar_el1, x0
        ldr     x1, =GICD
        mov     w0, 1
        str     w0, [x1]                /* GICD_CTLR */
        mov     w0, 1 << 27
        str     w0, [x1, 0x100]         /* GICD_ISENABLER0: INTID 27 */
        ldr     x1, =GICC
        mov     w0, 0xf0
        str     w0, [x1, 4]             /* GICC_PMR */
        mov     w0, 1
        str     w0, [x1]                /* GICC_CTLR */
        mov     x20, 0                  /* interrupts taken */
        mrs     x21, cntvct_el0
        mrs     x0, cntfrq_el0
        mov     x1, 50
        udiv    x22, x0, x1             /* 20 ms */
        isb
        msr     daifclr, 2

        /* 1: asleep */
        msr     cntv_tval_el0, x22
        mov     x0, 1
        msr     cntv_ctl_el0, x0
        isb
1:      wfi
        cbz     x20, 1b
        say     "woken by the timer\n"
        /* 2: in a loop */
        msr     cntv_tval_el0, x22
        mov     x0, 1
        msr     cntv_ctl_el0, x0
        isb
2:      cmp     x20, 2
        b.lo    2b
        say     "interrupted by the timer\n"
        mrs     x0, cntvct_el0
        sub     x0, x0, x21
        lsl     x1, x22, 1
        cmp     x0, x1                  /* both times in full */
        b.hs    3f
        say     "the counter is too slow\n"
3:      mov     x0, x24                 /* what the GIC said */
        bl      puthex
        finish

        .text
irq:    stp     x0, x1, [sp, -16]!
        ldr     x1, =GICC
        ldr     w24, [x1, 0x0c]         /* GICC_IAR */
        msr     cntv_ctl_el0, xzr
        isb
        str     w24, [x1, 0x10]         /* GICC_EOIR */
        add     x20, x20, 1
        ldp     x0, x1, [sp], 16
        eret
        .balign 2048
vectors:
        .space  0x280
        b       irq                     /* current EL, SP_ELx, IRQ */
        .balign 128
        .space  0x500
