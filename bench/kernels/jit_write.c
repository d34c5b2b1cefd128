// SPDX-License-Identifier: MIT
/* bench/kernels/jit_write.c -- Machine code written to memory, made visible and called, again and again: what a JIT does. */
#include "bench/kernels/bench.h"
#include <sys/mman.h>

/* f(x) = x + k, in the code of whoever compiles this. */
static size_t emit(uint8_t *at, uint32_t k)
{
#if defined(__aarch64__)
    uint32_t code[2] = { 0x11000000u | (k & 0xfff) << 10, 0xd65f03c0u }; /* add w0, w0, #k; ret */

    memcpy(at, code, sizeof code);
    return sizeof code;
#elif defined(__x86_64__)
    uint8_t code[7] = { 0x8d, 0x87, k & 255, k >> 8 & 15, 0, 0, 0xc3 }; /* lea eax, [rdi + k]; ret */

    memcpy(at, code, sizeof code);
    return sizeof code;
#else
#error "jit_write knows two kinds of machine code"
#endif
}

int main(int argc, char **argv)
{
    enum { SLOTS = 256, SLOT = 64 };
    uint8_t *code = mmap(NULL, SLOTS * SLOT, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t seed = 71, x = 0;

    if (code == MAP_FAILED)
        return 1;
    for (int r = 0; r < bench_scale(argc, argv) * 900; r++)
        for (int s = 0; s < SLOTS; s++) {
            uint8_t *at = code + s * SLOT;
            size_t n = emit(at, bench_random(&seed) & 0xfff);
            uint32_t (*f)(uint32_t) = (uint32_t (*)(uint32_t))(uintptr_t)at;

            __builtin___clear_cache((char *)at, (char *)at + n);
            for (int i = 0; i < 20; i++)
                x = f(x);
        }
    return bench_done(x);
}
