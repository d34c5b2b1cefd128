/* SPDX-License-Identifier: MIT */
/* Exceptions at EL1 and EL0 with translation on: for each snippet the vector, ESR, FAR (relative to the
 * snippet, with +, where it is near), ELR and SPSR. Snippets run on until `svc 0x7fff`.
 *
 * QEMU 7.2 differs in four lines: the syndrome of a trapped MSR DAIFSet has op1 and op2 exchanged there,
 * WFE is never trapped, and maintenance by address does not ask for the address's translation. */
        .arch   armv8.5-a
#include "common.inc"
        .equ    PAGES, 0x80000000       /* where the test pages are */
        .equ    VALID, 3
        .equ    AF, 1 << 10
        .equ    EL0, 1 << 6
        .equ    RO, 1 << 7
        .equ    DEVICE, 1 << 2          /* attribute 1 */

        /* Runs the instructions that follow up to `done` at that level. */
        .macro  try level, text
        adr     x19, 7f
        adr     x20, 6f
        mov     x21, \level
        b       start
7:      .asciz  "EL\level \text"
        .balign 4
6:
        .endm
        .macro  done
        svc     0x7fff
        .endm
        .macro  page n
        movz    x0, PAGES >> 16, lsl 16
        movk    x0, \n * 0x1000
        .endm

        begin
        adr     x0, vectors
        msr     vbar_el1, x0
        bl      translation
        /* ---- exception generation ---- */
        try     1, "svc 0x1234"
        svc     0x1234
        done
        try     0, "svc 0x1234"
        svc     0x1234
        done
        try     1, "brk 0xabc"
        brk     0xabc
        done
        try     0, "brk 0xabc"
        brk     0xabc
        done
        try     1, "udf"
        udf     7
        done
        try     0, "udf"
        udf     7
        done
        try     0, "hvc"
        hvc     0
        done
        try     0, "smc"
        smc     0
        done
        try     1, "hlt"
        hlt     1
        done
        try     0, "eret"
        eret
        done
        /* ---- data ---- */
        .irp    n, 0, 1, 2, 3, 4, 5, 7, 9
        try     1, "read page \n"
        page    \n
        ldr     x1, [x0, 8]
        done
        try     1, "write page \n"
        page    \n
        str     x1, [x0, 8]
        done
        try     0, "read page \n"
        page    \n
        ldr     x1, [x0, 8]
        done
        try     0, "write page \n"
        page    \n
        str     x1, [x0, 8]
        done
        try     1, "ldtr page \n"
        page    \n
        ldtr    x1, [x0]
        done
        try     0, "fetch page \n"
        page    \n
        br      x0
        done
        try     1, "fetch page \n"
        page    \n
        br      x0
        done
        .endr
        try     1, "read over the end of page 2 into 3 and of 3 into 4"
        page    3
        ldur    x1, [x0, -4]
        page    4
        ldur    x1, [x0, -4]
        done
        try     0, "read over the end of page 3 into 4"
        page    4
        ldur    x1, [x0, -4]
        done
        try     0, "write over the end of page 2 into 3"
        page    3
        stur    x1, [x0, -4]
        done
        try     0, "write a pair over the end of page 2 into 3"
        page    3
        stp     x1, x2, [x0, -8]
        done
        try     1, "read at level 1 without entry"
        mov     x0, 0xc0000000
        ldr     x1, [x0]
        done
        try     1, "read at level 0 without entry"
        mov     x0, 0x800000000000
        ldr     x1, [x0]
        done
        try     1, "read above the lower half"
        mov     x0, 0x1000000000000
        ldr     x1, [x0]
        done
        try     1, "read the upper half (EPD1)"
        mov     x0, -4096
        ldr     x1, [x0]
        done
        try     0, "exclusive, misaligned"
        page    2
        add     x0, x0, 4
        ldxr    x1, [x0]
        done
        try     1, "load-acquire, misaligned"
        page    2
        add     x0, x0, 4
        ldar    x1, [x0]
        done
        try     0, "store-release, misaligned"
        page    2
        add     x0, x0, 4
        stlr    x1, [x0]
        done
        /* ---- fetching ---- */
        try     0, "misaligned pc"
        adr     x0, 1f + 2
1:      br      x0
        done
        try     1, "misaligned pc"
        adr     x0, 1f + 2
1:      br      x0
        done
        try     1, "illegal return"
        mov     x0, 9
        msr     spsr_el1, x0
        adr     x0, 1f
        msr     elr_el1, x0
        eret
1:      nop
        done
        /* ---- traps of EL0 ---- */
        .irp    insn, "mrs x0, ctr_el0", "mrs x0, dczid_el0", "dc cvau, x0", "dc zva, x0", "mrs x0, daif", "msr daifset, 2", "mrs x0, midr_el1", "mrs x0, sctlr_el1", "msr vbar_el1, x0", "tlbi vmalle1", "mrs x0, cntvct_el0", "mrs x0, cntpct_el0", "mrs x0, cntfrq_el0", "mrs x0, cntv_ctl_el0", "msr cntp_cval_el0, x0", "mrs x0, pmccntr_el0", "msr pmswinc_el0, x0", "mrs x0, pmuserenr_el0", "mrs x0, tpidr_el1", "msr tpidrro_el0, x0", "fadd d0, d1, d2", "mrs x0, fpcr", "ldr q0, [x0]", "msr spsel, 0", "at s1e1r, x0"
        try     0, "\insn"
        page    2
        \insn
        done
        .endr
        mrs     x0, sctlr_el1           /* now allowed: UCI, UCT, DZE, UMA; WFI and WFE not */
        ldr     x1, =1 << 26 | 1 << 15 | 1 << 14 | 1 << 9
        orr     x0, x0, x1
        bic     x0, x0, 1 << 16
        bic     x0, x0, 1 << 18
        msr     sctlr_el1, x0
        mov     x0, 3
        msr     cntkctl_el1, x0
        isb
        .irp    insn, "mrs x0, ctr_el0", "dc cvau, x0", "dc zva, x0", "wfi", "wfe", "mrs x0, daif", "msr daifset, 2", "mrs x0, cntvct_el0", "mrs x0, cntpct_el0", "mrs x0, cntfrq_el0", "mrs x0, cntv_ctl_el0"
        try     0, "\insn, allowed"
        page    2
        \insn
        done
        .endr
        try     0, "dc zva on a read-only page"
        page    3
        dc      zva, x0
        done
        try     0, "dc cvac on a kernel's page"
        page    5
        dc      cvac, x0
        done
        try     0, "ic ivau on nothing"
        page    0
        ic      ivau, x0
        done
        mov     x0, 1 << 20             /* floating point at EL1 */
        msr     cpacr_el1, x0
        isb
        try     1, "fadd"
        fadd    d0, d1, d2
        done
        try     0, "fadd"
        fadd    d0, d1, d2
        done
        mov     x0, 3 << 20
        msr     cpacr_el1, x0
        isb
        try     0, "fadd, allowed"
        fadd    d0, d1, d2
        done
        /* ---- EL1: what there is not ---- */
        .irp    insn, "mrs x0, hcr_el2", "msr scr_el3, x0", "mrs x0, S3_0_C15_C15_7", "tlbi alle2", "mrs x0, pan", "msr cntfrq_el0, x0"
        try     1, "\insn"
        \insn
        done
        .endr
        finish

        .text
/* x19 text, x20 pc, x21 level. Comes back behind the snippet's end. */
start:  mov     x0, x19
        bl      puts
        cbz     x21, 1f
        ldr     x0, =0x800003c5
        b       2f
1:      mov     x0, 0x3c0
2:      msr     spsr_el1, x0
        msr     elr_el1, x20
        msr     far_el1, xzr
        mov     x1, 0
        eret

        /* x25: offset of the vector */
report: mov     x24, x30
        say     ": vector "
        mov     x0, x25
        bl      short
        say     " ESR "
        mrs     x0, esr_el1
        bl      short
        say     " FAR "
        mrs     x0, far_el1
        sub     x1, x0, x20
        cmp     x1, 256                 /* near the snippet */
        b.hs    2f
        say     "+"
        mrs     x0, far_el1
        sub     x0, x0, x20
2:      bl      short
        say     " ELR "
        mrs     x0, elr_el1
        sub     x1, x0, x20
        cmp     x1, 256
        b.hs    3f
        say     "+"
        mrs     x0, elr_el1
        sub     x0, x0, x20
3:      bl      short
        say     " SPSR "
        mrs     x0, spsr_el1
        bl      short
        say     "\n"
        /* go on behind the next svc 0x7fff */
        ldr     w1, =0xd40fffe1
        mov     x0, x20
1:      ldr     w2, [x0], 4
        cmp     w1, w2
        b.ne    1b
        msr     elr_el1, x0
        ldr     x0, =0x3c5
        msr     spsr_el1, x0
        eret

/* x0 in as few digits as it needs */
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

        .macro  vector
        .balign 128
        mov     x25, . - vectors
        b       report
        .endm
        .balign 2048
vectors:
        .rept   16
        vector
        .endr

/* Identity for the first two gigabytes (devices, memory), test pages at PAGES. */
translation:
        ldr     x0, =0xff | 0 << 8      /* attribute 0 normal, 1 device */
        msr     mair_el1, x0
        ldr     x0, =16 | 16 << 16 | 1 << 23 | 2 << 30 | 5 << 32
        msr     tcr_el1, x0
        adr     x0, level0
        msr     ttbr0_el1, x0
        adr     x1, level1
        orr     x1, x1, VALID
        str     x1, [x0]
        adr     x0, level1
        ldr     x1, =0 | 1 | AF | DEVICE | 1 << 54 | 1 << 53
        str     x1, [x0]
        ldr     x1, =0x40000000 | 1 | AF
        str     x1, [x0, 8]
        adr     x1, level2
        orr     x1, x1, VALID
        str     x1, [x0, 16]
        adr     x0, level2
        adr     x1, level3
        orr     x1, x1, VALID
        str     x1, [x0]
        adr     x0, level3
        adr     x1, entries
        mov     x2, 16
1:      ldr     x3, [x1], 8
        str     x3, [x0], 8
        subs    x2, x2, 1
        b.ne    1b
        dsb     sy
        isb
        mrs     x0, sctlr_el1
        orr     x0, x0, 1
        msr     sctlr_el1, x0
        isb
        ret
        .ltorg
        .balign 8
entries:
        .quad   0
        .quad   0x44001000 | VALID                              /* 1: no access flag */
        .quad   0x44002000 | VALID | AF | EL0                   /* 2: everybody's */
        .quad   0x44003000 | VALID | AF | EL0 | RO              /* 3: read-only */
        .quad   0x44004000 | VALID | AF | RO                    /* 4: the kernel's, read-only */
        .quad   0x44005000 | VALID | AF | 1 << 54               /* 5: the kernel's */
        .quad   0x44006000 | VALID | AF
        .quad   0x44007000 | VALID | AF | EL0 | 3 << 53         /* 7: not executable */
        .quad   0
        .quad   0x100000009000 | VALID | AF                    /* 9: beyond physical addresses */
        .fill   6, 8, 0

        .bss
        .balign 4096
level0: .space  4096
level1: .space  4096
level2: .space  4096
level3: .space  4096
