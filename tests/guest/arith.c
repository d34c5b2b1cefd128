// SPDX-License-Identifier: MIT
/* tests/guest/arith.c -- integer, float and vector arithmetic of a compiled program; results as IEEE
 * and C define them, checked against constants. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint32_t crc(const char *s)
{
    uint32_t c = ~0u;

    for (; *s; s++) {
        c ^= (uint8_t)*s;
        for (int k = 0; k < 8; k++)
            c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0);
    }
    return ~c;
}

static unsigned fib(unsigned n)
{
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int main(void)
{
    volatile double two = 2, three = 3;
    volatile float tenth = 0.1f;
    float v[64], sum = 0;
    volatile int64_t most = INT64_MIN;
    char text[64];

    for (int i = 0; i < 64; i++)
        v[i] = (float)i * tenth;
    for (int i = 0; i < 64; i++)
        sum += v[i] * v[i];
    snprintf(text, sizeof(text), "%.17g %.17g %.9g", sqrt(two), two / three, (double)sum);
    printf("%s\n", text);
    printf("%08x %u %lld %llu\n", crc("123456789"), fib(20), (long long)(most / 3),
           (unsigned long long)((unsigned __int128)0x123456789abcdefull * 0xfedcba987654321ull >> 64));
    return strcmp(text, "1.4142135623730951 0.66666666666666663 853.440063") != 0;
}
