// SPDX-License-Identifier: MIT
/* bench/kernels/mem_strings.c -- strlen, strchr, strcmp and byte loops over short strings. */
#include "bench/kernels/bench.h"

int main(int argc, char **argv)
{
    static char text[1 << 16];
    uint32_t seed = 67;
    uint64_t sum = 0;
    int n = bench_scale(argc, argv) * 500;

    for (size_t i = 0; i < sizeof text - 1; i++) {
        uint32_t r = bench_random(&seed);

        text[i] = r % 9 == 0 ? ' ' : (char)('a' + r / 16 % 26);
    }
    for (int r = 0; r < n; r++)
        for (char *p = text, *q; (q = strchr(p, ' ')) != NULL; p = q + 1) {
            char word[64];
            size_t len = (size_t)(q - p) & 63;

            memcpy(word, p, len);
            word[len & 63] = 0;
            sum += strlen(word) + (strcmp(word, "mmm") > 0);
            for (char *w = word; *w; w++)
                sum = sum * 31 + (unsigned char)*w;
        }
    return bench_done(sum);
}
