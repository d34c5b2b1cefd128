// SPDX-License-Identifier: MIT
/* bench/kernels/float_single.c -- Scalar single precision: a filter bank with conversions, min, max and compares. */
#include "bench/kernels/bench.h"

int main(int argc, char **argv)
{
    static float in[4096];
    uint32_t seed = 31;
    float s1 = 0, s2 = 0, peak = 0;
    double total = 0;
    long count = 0;
    int n = bench_scale(argc, argv) * 7000;

    for (int i = 0; i < 4096; i++)
        in[i] = (float)(int32_t)bench_random(&seed) * 0x1p-31f;
    for (int r = 0; r < n; r++)
        for (int i = 0; i < 4096; i++) {
            float y = in[i] + 1.5f * s1 - 0.75f * s2;

            s2 = s1;
            s1 = y;
            peak = y > peak ? y : peak;
            count += (int)(y * 16.0f);
            total += y;
        }
    return bench_done(bench_mix(bench_bits(total), (uint64_t)count) ^ bench_bits(peak));
}
