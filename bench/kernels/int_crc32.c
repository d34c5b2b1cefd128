// SPDX-License-Identifier: MIT
/* bench/kernels/int_crc32.c -- CRC-32 by table: a load, a shift and a xor per byte, each waiting for the last. */
#include "bench/kernels/bench.h"

static uint32_t table[256];

int main(int argc, char **argv)
{
    static uint8_t data[1 << 16];
    uint32_t seed = 1, crc = ~0u;
    int n = bench_scale(argc, argv) * 4500;

    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;

        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
        table[i] = c;
    }
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = bench_random(&seed);
    for (int r = 0; r < n; r++)
        for (size_t i = 0; i < sizeof data; i++)
            crc = table[(crc ^ data[i]) & 255] ^ crc >> 8;
    return bench_done(crc);
}
