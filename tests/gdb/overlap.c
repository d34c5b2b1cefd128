// SPDX-License-Identifier: MIT
/* tests/gdb/overlap.c -- a block copy over its own source (FEAT_MOPS), stopped in the middle of a
 * step by a watchpoint: what was overwritten must not be read again. */
#include <stdint.h>
#include <stdio.h>

static uint8_t bytes[512] __attribute__((aligned(64)));

static void copy(uint8_t *dest, const uint8_t *source, uint64_t size)
{
    register uint64_t to __asm__("x0") = (uintptr_t)dest, from __asm__("x1") = (uintptr_t)source,
                      n __asm__("x2") = size;

    /* cpyp [x0]!, [x1]!, x2!; cpym; cpye */
    __asm__ volatile(".inst 0x1d010440\n.inst 0x1d410440\n.inst 0x1d810440"
                     : "+r"(to), "+r"(from), "+r"(n) : : "memory", "cc");
}

int main(void)
{
    unsigned wrong = 0;

    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 7);
    copy(bytes, bytes + 8, 256); /* upward */
    for (unsigned i = 0; i < 256; i++)
        wrong += bytes[i] != (uint8_t)((i + 8) * 7);
    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 7);
    copy(bytes + 8, bytes, 256); /* downward */
    for (unsigned i = 0; i < 256; i++)
        wrong += bytes[i + 8] != (uint8_t)(i * 7);
    printf("= wrong %u\n", wrong);
    return wrong != 0;
}
