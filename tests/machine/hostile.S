/* SPDX-License-Identifier: MIT */
/* tests/machine/hostile.S -- where hostile.c begins: stacks, vectors that step over what faults, the second
 * vcpu. The seed is at offset 8 of the image. */
        .text
        .globl  _start
_start: b       1f
        .balign 8
        .globl  seed
seed:   .quad   1
1:      mov     x19, 0
        ldr     x1, =stack_top
        b       2f
second: mov     x19, 1
        ldr     x1, =stack2_top
2:      mov     sp, x1
        adr     x1, vectors
        msr     vbar_el1, x1
        mov     x1, 0x300000
        msr     cpacr_el1, x1
        isb
        mov     x0, x19
        bl      hostile
        cbnz    x19, 3f
        ldr     w0, =0x84000008         /* SYSTEM_OFF */
        hvc     0
3:      wfi
        b       3b

        .globl  start_second
start_second:
        ldr     w0, =0xc4000003         /* CPU_ON */
        mov     x1, 1
        adr     x2, second
        mov     x3, 0
        hvc     0
        ret

        .globl  call_psci               /* x0: function; harmless arguments */
call_psci:
        mov     x1, 0
        mov     x2, 0
        mov     x3, 0
        hvc     0
        ret
        .ltorg

        .macro  over                    /* a fault: the next instruction */
        .balign 128
        str     x0, [sp, -16]!
        mrs     x0, elr_el1
        add     x0, x0, 4
        msr     elr_el1, x0
        ldr     x0, [sp], 16
        eret
        .endm
        .macro  mask                    /* an interrupt: no more of them for now */
        .balign 128
        str     x0, [sp, -16]!
        mrs     x0, spsr_el1
        orr     x0, x0, 0x1c0
        msr     spsr_el1, x0
        ldr     x0, [sp], 16
        eret
        .endm
        .balign 2048
vectors:
        .rept   4
        over
        mask
        mask
        mask
        .endr

        .bss
        .balign 16
        .space  16384
stack_top:
        .space  16384
stack2_top:
