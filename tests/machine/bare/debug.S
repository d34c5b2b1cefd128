/* SPDX-License-Identifier: MIT */
/* Self-hosted debug of EL0 from EL1: software step over several instructions, over one that faults and
 * over an svc; breakpoints; watchpoints. For each debug exception ESR, ELR and FAR relative to `user`
 * and `data`, SPSR. (QEMU 7.2 says WnR of the load at user+1c: there only the watchpoint is asked.) */
#include "common.inc"
        begin
        adr     x0, vectors
        msr     vbar_el1, x0
        bl      translation
        msr     oslar_el1, xzr
        mov     x0, 3 << 20
        msr     cpacr_el1, x0
        isb
        say     "step\n"
        mov     x0, 1
        msr     mdscr_el1, x0
        isb
        mov     x21, 12                 /* exceptions to show */
        mov     x22, 1 << 21
        bl      run
        say     "breakpoint\n"
        ldr     x0, =1 << 15
        msr     mdscr_el1, x0
        ldr     x0, =user + 12
        msr     dbgbvr2_el1, x0
        ldr     x0, =1 | 2 << 1 | 15 << 5
        msr     dbgbcr2_el1, x0
        isb
        mov     x21, 2
        mov     x22, 0
        bl      run
        msr     dbgbcr2_el1, xzr
        say     "watchpoint\n"
        ldr     x0, =data + 8
        msr     dbgwvr1_el1, x0
        ldr     x0, =1 | 2 << 1 | 3 << 3 | 0x0c << 5
        msr     dbgwcr1_el1, x0
        isb
        mov     x21, 6
        bl      run
        finish

        .text
run:    mov     x23, x30
        adr     x0, user
        msr     elr_el1, x0
        mov     x0, 0x3c0
        orr     x0, x0, x22
        msr     spsr_el1, x0
        ldr     x10, =data
        mov     x11, 0
        eret

        /* what is run */
        .balign 64
user:   mov     x11, 1
        add     x11, x11, 1
        b       1f
        nop
1:      ldr     x12, [x10]
        strb    w11, [x10, 9]
        strh    w11, [x10, 9]
        ldr     x12, [x10, 8]
        ldrb    w12, [x10, 12]
        ldp     x12, x13, [x10, 0]
        svc     1
        mov     x11, 3
        brk     2
        mov     x11, 4
        b       user

sync:   ldr     x0, =user
        mrs     x24, elr_el1
        sub     x25, x24, x0
        say     "ESR "
        mrs     x0, esr_el1
        bl      short
        say     " ELR user+"
        mov     x0, x25
        bl      short
        mrs     x0, esr_el1
        lsr     x0, x0, 26
        cmp     x0, 0x34
        b.ne    1f
        say     " FAR data+"
        mrs     x0, far_el1
        ldr     x1, =data
        sub     x0, x0, x1
        bl      short
1:      say     " SPSR "
        mrs     x0, spsr_el1
        bl      short
        say     "\n"
        subs    x21, x21, 1
        b.eq    9f
        mrs     x1, spsr_el1
        orr     x1, x1, x22
        mrs     x0, esr_el1
        lsr     x0, x0, 26
        cmp     x0, 0x15                /* svc: go on */
        b.eq    3f
        cmp     x0, 0x32                /* step */
        b.eq    3f
        add     x24, x24, 4             /* over what is broken at or watched */
3:      msr     elr_el1, x24
        msr     spsr_el1, x1
        eret
9:      ret     x23

short:  ldr     x1, =UART
        clz     x3, x0
        mov     x2, 63
        sub     x3, x2, x3
        bic     x3, x3, 3
        cmp     x0, 0
        csel    x3, x3, xzr, ne
1:      lsr     x2, x0, x3
        and     w2, w2, 15
        cmp     w2, 10
        add     w4, w2, 'a' - 10
        add     w2, w2, '0'
        csel    w2, w2, w4, lo
        str     w2, [x1]
        subs    x3, x3, 4
        b.pl    1b
        ret

        .balign 2048
vectors:
        .rept   16
        b       sync
        .balign 128
        .endr

/* Identity: devices for EL1, the program's block executable for both, `data` in a block of EL0's. */
translation:
        mov     x0, 0xff
        msr     mair_el1, x0
        ldr     x0, =25 | 1 << 23 | 5 << 32
        msr     tcr_el1, x0
        adr     x0, level1
        msr     ttbr0_el1, x0
        ldr     x1, =1 | 1 << 10 | 1 << 2 | 3 << 53
        str     x1, [x0]
        adr     x1, level2
        orr     x1, x1, 3
        str     x1, [x0, 8]
        adr     x0, level2
        ldr     x1, =0x40000000 | 1 | 1 << 10
        str     x1, [x0]
        ldr     x1, =0x40200000 | 1 | 1 << 10 | 1 << 6
        str     x1, [x0, 8]
        dsb     sy
        isb
        mrs     x0, sctlr_el1
        orr     x0, x0, 1
        msr     sctlr_el1, x0
        isb
        ret
        .ltorg
        .bss
        .balign 4096
level1: .space  4096
level2: .space  4096
        .equ    data, 0x40300000
