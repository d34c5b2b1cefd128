// SPDX-License-Identifier: MIT
/* bench/kernels/jit_patch.c -- One call site in running code patched over and over, the rest of its page in use. */
#include "bench/kernels/bench.h"
#include <sys/mman.h>

int main(int argc, char **argv)
{
    uint8_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint32_t x = 0;

    if (code == MAP_FAILED)
        return 1;
    for (uint32_t r = 0; r < (uint32_t)bench_scale(argc, argv) * 150000; r++) {
        uint32_t k = r % 4000;
#if defined(__aarch64__)
        uint32_t words[4] = { 0x5280000au | k << 5, 0x0b0a0000u, 0x51000400u, 0xd65f03c0u };
        /* mov w10, #k; add w0, w0, w10; sub w0, w0, #1; ret -- only the first changes */
        memcpy(code, words, r ? 4 : sizeof words);
#elif defined(__x86_64__)
        uint8_t bytes[11] = { 0xb8, k & 255, k >> 8, 0, 0, 0x01, 0xf8, 0x83, 0xe8, 1, 0xc3 };
        /* mov eax, k; add eax, edi; sub eax, 1; ret */
        memcpy(code, bytes, r ? 5 : sizeof bytes);
#endif
        __builtin___clear_cache((char *)code, (char *)code + 16);
        for (int i = 0; i < 50; i++)
            x = ((uint32_t (*)(uint32_t))(uintptr_t)code)(x);
    }
    return bench_done(x);
}
