/* SPDX-License-Identifier: MIT */
/* options: -semihosting-config enable=on,arg=prog,arg=two */
/* Semihosting: each call, with answers that must be refused too. Output goes to standard output, by
 * SYS_WRITE0, and by the UART. */
#include "common.inc"
        .macro  semi call
        mov     w0, \call
        hlt     0xf000
        .endm
        .macro  field n, value
        ldr     x2, =\value
        str     x2, [x1, 8 * \n]
        .endm
        .macro  print text
        adr     x1, 9f
        semi    0x04                    /* SYS_WRITE0 */
        b       8f
9:      .asciz  "\text"
        .balign 4
8:
        .endm
        begin
        print   "semihosting\n"
        /* the command line */
        ldr     x1, =block
        field   0, buffer
        field   1, 64
        semi    0x15                    /* SYS_GET_CMDLINE */
        bl      puthex
        ldr     x1, =block
        ldr     x0, [x1, 8]
        bl      puthex
        ldr     x1, =buffer
        semi    0x04
        print   "\n"
        /* a name, then a file written, sought, read */
        ldr     x1, =block
        field   0, name
        field   1, 7
        field   2, 64
        semi    0x0d                    /* SYS_TMPNAM */
        bl      puthex
        bl      name_length
        mov     x25, x0
        mov     x26, 4                  /* "w" */
        bl      open
        mov     x24, x0
        bl      puthex
        ldr     x1, =block
        str     x24, [x1]
        field   1, text
        field   2, 10
        semi    0x05                    /* SYS_WRITE: 0 bytes are left */
        bl      puthex
        ldr     x1, =block
        semi    0x0c                    /* SYS_FLEN */
        bl      puthex
        ldr     x1, =block
        semi    0x02                    /* SYS_CLOSE */
        bl      puthex
        ldr     x1, =block
        semi    0x02                    /* again: -1 */
        bl      puthex
        mov     x26, 1                  /* "rb" */
        bl      open
        mov     x24, x0
        ldr     x1, =block
        str     x24, [x1]
        field   1, 4
        semi    0x0a                    /* SYS_SEEK */
        bl      puthex
        ldr     x1, =block
        str     x24, [x1]
        field   1, buffer
        field   2, 60
        semi    0x06                    /* SYS_READ: 54 bytes are left */
        bl      puthex
        ldr     x1, =buffer
        strb    wzr, [x1, 6]
        semi    0x04
        print   "\n"
        ldr     x1, =block
        semi    0x06                    /* at the end: 60 */
        bl      puthex
        ldr     x1, =block
        semi    0x09                    /* SYS_ISTTY */
        bl      puthex
        ldr     x1, =block
        semi    0x02
        /* another name, gone */
        ldr     x1, =block
        field   0, name
        str     x25, [x1, 8]
        field   2, name2
        str     x25, [x1, 24]
        ldr     x2, =name
        ldr     x3, =name2
        mov     x4, x25
1:      sub     x4, x4, 1
        ldrb    w5, [x2, x4]
        strb    w5, [x3, x4]
        cbnz    x4, 1b
        sub     x4, x25, 1
        mov     w5, 'x'
        strb    w5, [x3, x4]
        semi    0x0f                    /* SYS_RENAME */
        bl      puthex
        mov     x26, 0
        bl      open                    /* not there: -1, ENOENT */
        bl      puthex
        semi    0x13                    /* SYS_ERRNO */
        bl      puthex
        ldr     x1, =block
        field   0, name2
        str     x25, [x1, 8]
        semi    0x0e                    /* SYS_REMOVE */
        bl      puthex
        /* the features */
        ldr     x1, =block
        field   0, features
        field   1, 0
        field   2, 21
        semi    0x01
        mov     x24, x0
        ldr     x1, =block
        str     x24, [x1]
        field   1, buffer
        field   2, 8
        semi    0x06
        bl      puthex                  /* 5 bytes of 8 */
        ldr     x1, =buffer
        ldr     x0, [x1]
        ubfx    x0, x0, 0, 40
        bl      puthex
        /* the console by handle: :tt for writing, for errors */
        ldr     x1, =block
        field   0, console
        field   1, 4
        field   2, 3
        semi    0x01
        mov     x24, x0
        ldr     x1, =block
        str     x24, [x1]
        field   1, text
        field   2, 11
        semi    0x05
        bl      puthex
        ldr     x1, =block
        semi    0x09
        bl      puthex
        /* SYS_ISERROR, SYS_SYSTEM, SYS_HEAPINFO, SYS_TICKFREQ */
        ldr     x1, =block
        field   0, -1
        semi    0x08
        bl      puthex
        ldr     x1, =block
        field   0, command
        field   1, 6
        semi    0x12
        bl      puthex
        ldr     x1, =block
        field   0, buffer
        semi    0x16
        bl      puthex
        ldr     x1, =buffer
        ldp     x2, x3, [x1]
        ldp     x4, x5, [x1, 16]
        sub     x0, x4, x3              /* the stack begins where the heap ends */
        sub     x0, x0, x4
        add     x0, x0, x5
        cmp     x2, x3
        csinv   x0, x0, xzr, lo
        bl      puthex
        mov     x1, 0
        semi    0x31
        bl      puthex
        /* SYS_ELAPSED goes on; SYS_CLOCK is in hundredths of it */
        ldr     x1, =block
        semi    0x30
        ldr     x2, =block
        ldr     x21, [x2]
        mov     x1, x2
        semi    0x30
        ldr     x2, =block
        ldr     x0, [x2]
        cmp     x0, x21
        cset    x0, hi
        bl      puthex
        /* bad addresses and lengths */
        mov     x1, 8                   /* the flash is no memory that can be written */
        semi    0x30
        bl      puthex
        mov     x1, -8
        semi    0x05
        bl      puthex
        ldr     x1, =block
        field   0, name
        field   1, 0
        field   2, 0x7fffffffffffffff
        semi    0x01
        bl      puthex
        ldr     x1, =block
        field   1, 99
        field   2, 3
        semi    0x01                    /* no such mode */
        bl      puthex
        mov     x1, 0
        semi    0x77                    /* no such call */
        bl      puthex
        ldr     x1, =byte
        semi    0x03                    /* SYS_WRITEC */
        ldr     x1, =block
        field   0, 0x20026              /* ADP_Stopped_ApplicationExit */
        field   1, 0
        semi    0x20                    /* SYS_EXIT_EXTENDED */
        say     "not reached\n"
        finish

        .text
open:   ldr     x1, =block              /* name, mode x26, length x25 */
        field   0, name
        str     x26, [x1, 8]
        str     x25, [x1, 16]
        semi    0x01
        ret
name_length:
        ldr     x1, =name
        mov     x0, 0
1:      ldrb    w2, [x1, x0]
        cbz     w2, 2f
        add     x0, x0, 1
        b       1b
2:      ret
        .ltorg
        .data
text:   .ascii  "0123456789\n"
byte:   .ascii  "!\n"
features: .ascii ":semihosting-features"
        .byte   0
console: .ascii ":tt"
command: .ascii "exit 7"
        .balign 16
        .bss
        .balign 16
block:  .skip   64
buffer: .skip   128
name:   .skip   64
name2:  .skip   64
