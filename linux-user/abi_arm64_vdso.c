// SPDX-License-Identifier: MIT
/* linux-user/abi_arm64_vdso.c -- the code of the vDSO of arm64 (vdso(7)): clocks without a system
 * call.
 *
 * CNTVCT_EL0 counts the nanoseconds of CLOCK_MONOTONIC (frontends/arm64/helper_system.c), so
 * that clock is the counter itself; CLOCK_REALTIME adds an offset that linux-user keeps in the
 * page below the image (struct lx_vdso_data) and that is used for 10 ms, then a real call renews
 * it. Other clocks are real calls. Code in words, since a build has no assembler for guests. */
#include "linux-user/abi_arm64.h"

/* adr x2, the data page: position in the code, which stands at LX_VDSO_CODE of the image. */
#define DELTA(at) (-(int32_t)(LX_PAGE + LX_VDSO_CODE + (at)))
#define ADR_X2_DATA(at)                                                                            \
    (0x10000002u | ((uint32_t)DELTA(at) & 3) << 29 | ((uint32_t)(DELTA(at) >> 2) & 0x7ffff) << 5)

enum { GETTIME = 0x00, GETTIMEOFDAY = 0x68, GETRES = 0xcc, SIGRETURN = 0xdc, END = 0xe4 };

static const uint32_t code[] = {
    /* clock_gettime(w0 clock, x1 result) */
    0x7100041f, /* 00 cmp w0, #1 */
    0x540001c0, /* 04 b.eq 3c */
    0x350002a0, /* 08 cbnz w0, 5c */
    ADR_X2_DATA(0x0c),
    0xf9400043, /* 10 ldr x3, [x2]: when the offset was taken */
    0xd50339bf, /* 14 dmb ishld */
    0xf9400444, /* 18 ldr x4, [x2, #8]: the offset */
    0xd53be045, /* 1c mrs x5, cntvct_el0 */
    0xcb0300a6, /* 20 sub x6, x5, x3 */
    0x5292d007, /* 24 mov w7, #0x9680 */
    0x72a01307, /* 28 movk w7, #0x98, lsl #16: 10 ms */
    0xeb0700df, /* 2c cmp x6, x7 */
    0x54000162, /* 30 b.hs 5c */
    0x8b0400a5, /* 34 add x5, x5, x4 */
    0x14000002, /* 38 b 40 */
    0xd53be045, /* 3c mrs x5, cntvct_el0 */
    0x52994006, /* 40 mov w6, #0xca00 */
    0x72a77346, /* 44 movk w6, #0x3b9a, lsl #16: 10^9 */
    0x9ac608a7, /* 48 udiv x7, x5, x6 */
    0x9b0694e5, /* 4c msub x5, x7, x6, x5 */
    0xa9001427, /* 50 stp x7, x5, [x1] */
    0x52800000, /* 54 mov w0, #0 */
    0xd65f03c0, /* 58 ret */
    0xd2800e28, /* 5c mov x8, #113 */
    0xd4000001, /* 60 svc #0 */
    0xd65f03c0, /* 64 ret */
    /* gettimeofday(x0 result, x1 time zone) */
    0xb50002c1, /* 68 cbnz x1, c0 */
    0xb40002a0, /* 6c cbz x0, c0 */
    ADR_X2_DATA(0x70),
    0xf9400043, /* 74 ldr x3, [x2] */
    0xd50339bf, /* 78 dmb ishld */
    0xf9400444, /* 7c ldr x4, [x2, #8] */
    0xd53be045, /* 80 mrs x5, cntvct_el0 */
    0xcb0300a6, /* 84 sub x6, x5, x3 */
    0x5292d007, /* 88 mov w7, #0x9680 */
    0x72a01307, /* 8c movk w7, #0x98, lsl #16 */
    0xeb0700df, /* 90 cmp x6, x7 */
    0x54000162, /* 94 b.hs c0 */
    0x8b0400a5, /* 98 add x5, x5, x4 */
    0x52994006, /* 9c mov w6, #0xca00 */
    0x72a77346, /* a0 movk w6, #0x3b9a, lsl #16 */
    0x9ac608a7, /* a4 udiv x7, x5, x6 */
    0x9b0694e5, /* a8 msub x5, x7, x6, x5 */
    0x52807d06, /* ac mov w6, #1000 */
    0x9ac608a5, /* b0 udiv x5, x5, x6 */
    0xa9001407, /* b4 stp x7, x5, [x0] */
    0x52800000, /* b8 mov w0, #0 */
    0xd65f03c0, /* bc ret */
    0xd2801528, /* c0 mov x8, #169 */
    0xd4000001, /* c4 svc #0 */
    0xd65f03c0, /* c8 ret */
    /* clock_getres */
    0xd2800e48, /* cc mov x8, #114 */
    0xd4000001, /* d0 svc #0 */
    0xd65f03c0, /* d4 ret */
    0xd503201f, /* d8 nop: an unwinder looks one byte in front of a return address */
    /* rt_sigreturn: unwinders know a signal frame by these two words */
    0xd2801168, /* dc mov x8, #139 */
    0xd4000001, /* e0 svc #0 */
};
_Static_assert(sizeof(code) == END, "offsets in the code");

static const struct lx_vdso_symbol symbols[] = {
    {"__kernel_rt_sigreturn", SIGRETURN, END - SIGRETURN},
    {"__kernel_gettimeofday", GETTIMEOFDAY, GETRES - GETTIMEOFDAY},
    {"__kernel_clock_gettime", GETTIME, GETTIMEOFDAY - GETTIME},
    {"__kernel_clock_getres", GETRES, SIGRETURN - 4 - GETRES},
    {NULL, 0, 0},
};

const struct lx_vdso_code lx_vdso_arm64 = {
    .soname = "linux-vdso.so.1",
    .version = "LINUX_2.6.39",
    .code = code,
    .len = sizeof(code),
    .symbols = symbols,
    .sigreturn = SIGRETURN,
    .plain_end = SIGRETURN - 4,
    .sp_column = 31,
    .ra_column = 30,
};
