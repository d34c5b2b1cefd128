/* SPDX-License-Identifier: MIT */
/* cpu: max,pauth-impdef=off */
/* Later parts of the architecture: PAN, UAO, access flag and dirty state by hardware, tagged addresses,
 * ASIDs without maintenance between them, ranged TLBI, address translation, PAuth (keys that are off,
 * layouts by TCR), BTI. Each line is a result. */
        .arch   armv8.5-a
#include "common.inc"
        .equ    PAGES, 0x80000000
        .macro  show
        bl      puthex
        .endm
        .macro  entry n                 /* x0: the descriptor of page n */
        ldr     x0, =level3 + \n * 8
        ldr     x0, [x0]
        .endm
        .macro  set_entry n, value
        ldr     x0, =level3 + \n * 8
        ldr     x1, =\value
        str     x1, [x0]
        dsb     ishst
        ldr     x0, =(PAGES >> 12) + \n
        tlbi    vaae1is, x0
        dsb     ish
        isb
        .endm
        /* Address in x9: reads or runs it, x0 becomes 0 or the syndrome. */
        .macro  probe insn:vararg
        mov     x20, 0
        adr     x21, 5f
        \insn
5:      mov     x0, x20
        .endm
        begin
        adr     x0, vectors
        msr     vbar_el1, x0
        adr     x29, 1f
        b       translation
1:
        say     "PAN, UAO\n"
        ldr     x9, =PAGES + 0x1000     /* EL0's */
        msr     pan, 1
        probe   ldr x1, [x9]
        show
        probe   ldtr x1, [x9]
        show
        msr     uao, 1
        probe   ldtr x1, [x9]
        show
        msr     pan, 0
        probe   ldtr x1, [x9]
        show
        ldr     x9, =PAGES + 0x2000     /* EL1's */
        probe   ldtr x1, [x9]
        show
        msr     uao, 0
        probe   ldtr x1, [x9]
        show
        probe   sttr x1, [x9]
        show
        say     "access flag, dirty state\n"
        entry   3
        show
        ldr     x9, =PAGES + 0x3000
        probe   ldr x1, [x9]
        show
        entry   3
        show
        probe   str x1, [x9]
        show
        entry   3
        show
        ldr     x9, =PAGES + 0x4000     /* no DBM */
        probe   str x1, [x9]
        show
        entry   4
        show
        say     "tags\n"
        ldr     x9, =0x5a00000000000000 | PAGES + 0x2000
        probe   ldr x1, [x9]
        show
        mrs     x0, tcr_el1
        orr     x0, x0, 1 << 37
        msr     tcr_el1, x0
        isb
        mov     x1, 0x77
        probe   str x1, [x9]
        show
        ldr     x9, =PAGES + 0x2000
        ldr     x0, [x9]
        show
        say     "ASIDs\n"
        ldr     x9, =PAGES + 0x5000
        bl      asid2
        ldr     x0, [x9]
        show
        bl      asid1
        ldr     x0, [x9]
        show
        /* changed under ASID 1, and one page beside it, by range */
        ldr     x0, =level3 + 5 * 8
        ldr     x1, =0x44008000 | 3 | 1 << 10 | 1 << 11
        str     x1, [x0]
        dsb     ishst
        ldr     x0, =1 << 48 | 1 << 46 | (PAGES >> 12) + 4
        tlbi    rvae1, x0
        dsb     ish
        isb
        ldr     x0, [x9]
        show
        bl      asid2
        ldr     x0, [x9]
        show
        bl      asid1
        say     "AT\n"
        ldr     x9, =PAGES + 0x2000
        at      s1e1r, x9
        mrs     x0, par_el1
        show
        at      s1e0r, x9
        mrs     x0, par_el1
        show
        ldr     x9, =PAGES + 0x1000
        msr     pan, 1
        at      s1e1rp, x9
        mrs     x0, par_el1
        show
        at      s1e1r, x9
        mrs     x0, par_el1
        show
        msr     pan, 0
        ldr     x9, =0x7000000000
        at      s1e1w, x9
        mrs     x0, par_el1
        show
        say     "PAuth\n"
        ldr     x0, =0x0123456789abcdef
        msr     apiakeylo_el1, x0
        ror     x0, x0, 7
        msr     apiakeyhi_el1, x0
        ror     x0, x0, 7
        msr     apdbkeylo_el1, x0
        ror     x0, x0, 7
        msr     apdbkeyhi_el1, x0
        ror     x0, x0, 7
        msr     apgakeylo_el1, x0
        msr     apgakeyhi_el1, x0
        mov     x0, 0x1234
        mov     x1, 99
        pacia   x0, x1                  /* off */
        show
        mrs     x0, sctlr_el1
        ldr     x1, =1 << 31 | 1 << 13  /* EnIA, EnDB */
        orr     x0, x0, x1
        msr     sctlr_el1, x0
        isb
        .rept   2
        mov     x10, 0x1234
        mov     x1, 99
        pacia   x10, x1
        mov     x0, x10
        show
        mov     x1, 99
        autia   x10, x1
        mov     x0, x10
        show
        mov     x1, 98
        pacia   x10, x1
        mov     x1, 97
        autia   x10, x1
        mov     x0, x10
        show
        mov     x10, -0x1234
        pacdzb  x10
        mov     x0, x10
        show
        mov     x0, x10
        xpacd   x0
        show
        autdzb  x10
        mov     x0, x10
        show
        ldr     x10, =0x0030000000001234        /* not canonical */
        paciza  x10
        mov     x0, x10
        show
        mov     x0, 5
        mov     x1, 6
        pacga   x0, x0, x1
        show
        mrs     x0, tcr_el1             /* again without TBI0, with TBI1 */
        eor     x0, x0, 3 << 37
        msr     tcr_el1, x0
        isb
        .endr
        say     "BTI\n"
        .irp    n, 6, 7                 /* not guarded, guarded */
        ldr     x9, =PAGES + \n * 0x1000
        ldr     x10, =0x44006000
        adr     x11, pads
        mov     x12, 16
1:      ldr     w0, [x11], 4
        str     w0, [x10], 4
        subs    x12, x12, 1
        b.ne    1b
        dsb     ish
        ic      iallu
        dsb     ish
        isb
        .irp    pad, 0, 8, 16, 24, 32
        add     x16, x9, \pad
        mov     x17, x16
        mov     x18, x16
        probe   br x16
        show
        probe   br x18
        show
        probe   blr x17
        show
        .endr
        .endr
        /* What loads and stores at once is a write in the syndrome (bit 6) only if reading alone would not
         * have failed. */
        say     "atomics: no page, read-only, misaligned\n"
        .irp    at, 0, 0x4000, 0x2004
        ldr     x9, =PAGES + \at
        probe   ldr x1, [x9]
        show
        probe   str x1, [x9]
        show
        probe   swp x1, x2, [x9]
        show
        probe   ldadd x1, x2, [x9]
        show
        probe   ldsmax x1, x2, [x9]
        show
        probe   cas x1, x2, [x9]
        show
        probe   casp x2, x3, x4, x5, [x9]
        show
        probe   ldaxr x1, [x9]
        show
        probe   stlr x1, [x9]
        show
        .endr
        finish

        .text
pads:   nop
        ret     x21
        bti     c
        ret     x21
        bti     j
        ret     x21
        bti     jc
        ret     x21
        paciasp
        ret     x21
        .space  64

asid1:  ldr     x0, =level0
        orr     x0, x0, 1 << 48
        b       1f
asid2:  ldr     x0, =other0
        orr     x0, x0, 2 << 48
1:      msr     ttbr0_el1, x0
        isb
        ret

        .balign 2048
vectors:
        .rept   16
        mrs     x20, esr_el1
        msr     elr_el1, x21
        mrs     x22, spsr_el1
        and     x23, x22, 3 << 10       /* BTYPE beside the syndrome */
        orr     x20, x20, x23, lsl 30
        bic     x22, x22, 3 << 10
        msr     spsr_el1, x22
        eret
        .balign 128
        .endr

translation:
        mov     x0, 0xff
        msr     mair_el1, x0
        /* 39 bits both ways, A1 clear, 16-bit ASIDs, HA, HD, inner and outer write-back */
        ldr     x0, =25 | 25 << 16 | 2 << 30 | 1 << 23 | 5 << 32 | 1 << 36 | 3 << 39
        msr     tcr_el1, x0
        ldr     x0, =level0
        ldr     x1, =level2
        ldr     x2, =level3
        ldr     x3, =entries
        bl      tables
        ldr     x0, =other0
        ldr     x1, =other2
        ldr     x2, =other3
        ldr     x3, =entries2
        bl      tables
        ldr     x0, =0x44005000         /* marks in the pages of the ASIDs */
        mov     x1, 1
        str     x1, [x0]
        mov     x1, 2
        str     x1, [x0, 0x4000]
        mov     x1, 8
        str     x1, [x0, 0x3000]
        dsb     sy
        ldr     x0, =level0
        orr     x0, x0, 1 << 48
        msr     ttbr0_el1, x0
        isb
        mrs     x0, sctlr_el1
        orr     x0, x0, 1
        msr     sctlr_el1, x0
        isb
        ret     x29
tables:
        ldr     x4, =1 | 1 << 10 | 3 << 53
        str     x4, [x0]
        ldr     x4, =0x40000000 | 1 | 1 << 10
        str     x4, [x0, 8]
        orr     x4, x1, 3
        str     x4, [x0, 16]
        orr     x4, x2, 3
        str     x4, [x1]
        mov     x4, 8
1:      ldr     x5, [x3], 8
        str     x5, [x2], 8
        subs    x4, x4, 1
        b.ne    1b
        ret
        .ltorg
        .balign 8
        .equ    V, 3 | 1 << 10
entries:
        .quad   0
        .quad   0x44001000 | V | 1 << 6
        .quad   0x44002000 | V
        .quad   0x44003000 | 3 | 1 << 7 | 1 << 51
        .quad   0x44004000 | V | 1 << 7
        .quad   0x44005000 | V | 1 << 11
        .quad   0x44006000 | V
        .quad   0x44006000 | V | 1 << 50
entries2:
        .fill   5, 8, 0
        .quad   0x44009000 | V | 1 << 11
        .quad   0, 0

        .bss
        .balign 4096
level0: .space  4096
level2: .space  4096
level3: .space  4096
other0: .space  4096
other2: .space  4096
other3: .space  4096
