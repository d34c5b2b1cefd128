/* SPDX-License-Identifier: MIT */
/* options: -icount shift=0 */
/* Software step of EL0 over accesses to a device, which counting of instructions makes begin twice, and
 * to where nothing can be fetched: ESR, ELR relative to `user`, SPSR, and what was read. */
#include "common.inc"
        begin
        adr     x0, vectors
        msr     vbar_el1, x0
        bl      translation
        msr     oslar_el1, xzr
        mov     x0, 1
        msr     mdscr_el1, x0
        isb
        mov     x21, 5                  /* exceptions to show */
        ldr     x10, =UART
        mov     x11, 0
        mov     x12, 0
        mov     x22, 1 << 21
        ldr     x0, =user
        mov     x1, x22
        b       go

        .balign 64
user:   ldr     w11, [x10, 0xfe0]       /* identification: 0x11 */
        ldr     w12, [x10, 0xff0]       /* 0xd */
        mov     x13, 1 << 40
        br      x13

go:     msr     elr_el1, x0
        msr     spsr_el1, x1
        eret

sync:   ldr     x0, =user
        mrs     x24, elr_el1
        sub     x25, x24, x0
        say     "ESR "
        mrs     x0, esr_el1
        bl      short
        say     " ELR user+"
        mov     x1, 1 << 40             /* there itself */
        cmp     x24, x1
        csel    x0, x24, x25, eq
        bl      short
        say     " SPSR "
        mrs     x0, spsr_el1
        bl      short
        say     " read "
        mov     x0, x11
        bl      short
        say     " "
        mov     x0, x12
        bl      short
        say     "\n"
        subs    x21, x21, 1
        b.eq    9f
        mrs     x1, spsr_el1
        orr     x1, x1, x22
        mov     x0, x24
        b       go
9:      finish
        .text

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

translation:
        mov     x0, 0xff
        msr     mair_el1, x0
        ldr     x0, =25 | 1 << 23 | 5 << 32
        msr     tcr_el1, x0
        adr     x0, level1
        msr     ttbr0_el1, x0
        ldr     x1, =1 | 1 << 10 | 1 << 2 | 1 << 6 | 3 << 53
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
