/* SPDX-License-Identifier: MIT */
/* Work whose result does not depend on when it is done: two processors, each with integers, floating
 * point, vectors, memory and flags, count together with exclusives; the first one sleeps until its timer
 * interrupt between steps, and prints a line for each. What is printed is the same however often the
 * machine is stopped, saved and restored meanwhile. */
#include "common.inc"
        .equ    STEPS, 60
        begin
        adr     x0, vectors
        msr     vbar_el1, x0
        mov     x0, 3 << 20
        msr     cpacr_el1, x0
        isb
        ldr     x1, =GICD
        mov     w0, 1
        str     w0, [x1]                /* GICD_CTLR */
        mov     w0, 1 << 27
        str     w0, [x1, 0x100]         /* GICD_ISENABLER0: INTID 27, the virtual timer */
        ldr     x1, =GICC
        mov     w0, 0xf0
        str     w0, [x1, 4]             /* GICC_PMR */
        mov     w0, 1
        str     w0, [x1]                /* GICC_CTLR */
        mov     x0, 0x1234
        msr     tpidr_el1, x0
        ldr     w0, =PSCI_CPU_ON
        mov     x1, 1
        adr     x2, second
        adrp    x3, shared
        add     x3, x3, :lo12:shared
        hvc     0
        mov     x19, 1                  /* our sum */
        mov     x20, 0                  /* step */
        adrp    x21, shared
        add     x21, x21, :lo12:shared
        adrp    x22, buffer1
        fmov    d8, 1.5
        movi    v9.16b, 3
step:   add     x20, x20, 1
        str     x20, [x21, 8]           /* the other one may go on */
        sev
        bl      work
        mov     x23, 0
        mrs     x0, cntfrq_el0
        lsr     x0, x0, 10              /* about a millisecond */
        msr     cntv_tval_el0, x0
        mov     x0, 1
        msr     cntv_ctl_el0, x0
        isb
1:      wfi                             /* masked: none is taken between the look and the sleep */
        msr     daifclr, 2
        isb
        msr     daifset, 2
        cbz     x23, 1b
2:      ldr     x0, [x21, 16]           /* has the other one done this step? */
        cmp     x0, x20
        b.ne    2b
        ldr     x0, [x21, 24]           /* its sum */
        add     x0, x0, x19
        ldr     x1, [x21]               /* the common count */
        add     x0, x0, x1
        bl      puthex
        cmp     x20, STEPS
        b.ne    step
        mrs     x0, tpidr_el1
        bl      puthex
        say     "MARKER\n"
        finish

        .text

/* x19: sum; x22: memory of 4096 bytes; v8, v9: ours; x21: shared. Uses x0..x7. */
work:   mov     x5, 2000
1:      ror     x19, x19, 7
        add     x19, x19, x5
        and     x0, x19, 0xff8
        ldr     x1, [x22, x0]
        eor     x1, x1, x19
        str     x1, [x22, x0]
        adds    x19, x19, x1
        adc     x19, x19, xzr
        ucvtf   d0, x5
        fdiv    d0, d0, d8
        fadd    d8, d8, d0
        fsqrt   d8, d8
        fadd    d8, d8, d8
        fmov    x1, d8
        add     x19, x19, x1
        dup     v1.2d, x19
        add     v9.16b, v9.16b, v1.16b
        rev64   v9.16b, v9.16b
        umov    x1, v9.d[1]
        eor     x19, x19, x1
2:      ldxr    x2, [x21]
        add     x2, x2, 1
        stxr    w3, x2, [x21]
        cbnz    w3, 2b
        subs    x5, x5, 1
        b.ne    1b
        ret

second: mov     x21, x0
        mov     x1, 3 << 20
        msr     cpacr_el1, x1
        isb
        mov     x19, 7
        mov     x20, 0
        adrp    x22, buffer2
        fmov    d8, 2.5
        movi    v9.16b, 5
1:      ldr     x0, [x21, 8]
        cmp     x0, x20
        b.ne    2f
        wfe
        b       1b
2:      add     x20, x20, 1
        bl      work
        str     x19, [x21, 24]
        dmb     ish
        str     x20, [x21, 16]
        b       1b

irq:    stp     x0, x1, [sp, -16]!
        ldr     x1, =GICC
        ldr     w0, [x1, 0x0c]          /* GICC_IAR */
        msr     cntv_ctl_el0, xzr
        isb
        str     w0, [x1, 0x10]          /* GICC_EOIR */
        mov     x23, 1
        ldp     x0, x1, [sp], 16
        eret
        .balign 2048
vectors:
        .space  0x280
        b       irq                     /* current EL, SP_ELx, IRQ */
        .balign 128
        .space  0x500
        .bss
        .balign 4096
buffer1: .space 4096
buffer2: .space 4096
shared: .space  64
        .text
