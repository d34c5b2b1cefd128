/* SPDX-License-Identifier: MIT */
/* tests/machine/bare/common.h -- for programs on the bare `virt` board: they begin at _start in EL1
 * with the MMU off, print on the UART and end by PSCI. */
        .equ    UART, 0x09000000
        .equ    GICD, 0x08000000
        .equ    GICC, 0x08010000
        .equ    PSCI_CPU_OFF, 0x84000002
        .equ    PSCI_CPU_ON, 0xc4000003
        .equ    PSCI_AFFINITY_INFO, 0xc4000004
        .equ    PSCI_SYSTEM_OFF, 0x84000008
        .equ    PSCI_SYSTEM_RESET, 0x84000009

        .macro  begin
        .text
        .globl  _start
_start:
        mov     x28, x0
        ldr     x1, =stack_top
        mov     sp, x1
        ldr     x1, =UART
        mov     w2, 0x70                /* 8 bits, FIFOs */
        str     w2, [x1, 0x2c]
        mov     w2, 0x301               /* on, transmit, receive */
        str     w2, [x1, 0x30]
        .endm

        .macro  say text
        adr     x0, 9f
        bl      puts
        b       8f
9:      .asciz  "\text"
        .balign 4
8:
        .endm

        .macro  psci call
        ldr     w0, =\call
        hvc     0
        .endm

        .macro  finish
        psci    PSCI_SYSTEM_OFF
        b       .
        .ltorg
/* x0: text ended by 0. Keeps all but x0..x3. */
puts:   ldr     x1, =UART
1:      ldrb    w2, [x0], 1
        cbz     w2, 3f
2:      ldr     w3, [x1, 0x18]
        tbnz    w3, 5, 2b               /* full */
        str     w2, [x1]
        b       1b
3:      ret
/* x0 as 16 digits and a newline */
puthex: ldr     x1, =UART
        mov     w3, 60
1:      lsr     x2, x0, x3
        and     w2, w2, 15
        cmp     w2, 10
        add     w4, w2, 'a' - 10
        add     w2, w2, '0'
        csel    w2, w2, w4, lo
        str     w2, [x1]
        subs    w3, w3, 4
        b.pl    1b
        mov     w2, 10
        str     w2, [x1]
        ret
        .ltorg
        .bss
        .balign 16
        .space  8192
stack_top:
        .space  8192
stack2_top:
        .endm
