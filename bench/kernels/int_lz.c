// SPDX-License-Identifier: MIT
/* bench/kernels/int_lz.c -- A small LZ compressor and its inverse: hash, match loop, byte copies. */
#include "bench/kernels/bench.h"

enum { N = 1 << 18 };

static uint8_t in[N], out[2 * N], back[N];
static uint32_t last[1 << 14];

static size_t pack(void)
{
    size_t o = 0;

    memset(last, 0, sizeof last);
    for (size_t i = 0; i < N;) {
        uint32_t w = i + 4 <= N ? in[i] | in[i + 1] << 8 | in[i + 2] << 16 | (uint32_t)in[i + 3] << 24 : 0;
        uint32_t slot = w * 2654435761u >> 18;
        size_t from = last[slot], len = 0;

        last[slot] = i + 1;
        if (from && i + 1 - from < 65536 && i + 4 <= N)
            while (len < 255 && i + len < N && in[from - 1 + len] == in[i + len])
                len++;
        if (len >= 4) {
            size_t d = i + 1 - from;

            out[o++] = len;
            out[o++] = d;
            out[o++] = d >> 8;
            i += len;
        } else {
            out[o++] = 0;
            out[o++] = in[i++];
        }
    }
    return o;
}

static size_t unpack(size_t n)
{
    size_t o = 0;

    for (size_t i = 0; i < n;) {
        size_t len = out[i];

        if (len == 0) {
            back[o++] = out[i + 1];
            i += 2;
            continue;
        }
        for (size_t d = out[i + 1] | out[i + 2] << 8; len--; o++)
            back[o] = back[o - d];
        i += 3;
    }
    return o;
}

int main(int argc, char **argv)
{
    uint32_t seed = 9;
    uint64_t sum = 0;
    int n = bench_scale(argc, argv) * 300;

    for (size_t i = 0; i < N; i++) {
        uint32_t r = bench_random(&seed);

        if (i > 100 && r % 16 == 0) {
            size_t d = 1 + r / 16 % 90;

            for (int k = 0; k < 40 && i < N; k++, i++)
                in[i] = in[i - d];
            i--;
        } else {
            in[i] = r >> 8 & 15;
        }
    }
    for (int r = 0; r < n; r++) {
        size_t packed = pack();

        in[r] ^= 1;
        sum = bench_mix(sum, packed);
        sum = bench_mix(sum, unpack(packed) + back[r]);
    }
    return bench_done(sum);
}
