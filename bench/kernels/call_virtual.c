// SPDX-License-Identifier: MIT
/* bench/kernels/call_virtual.c -- Calls through tables of functions, the receiver's kind changing each time. */
#include "bench/kernels/bench.h"

struct shape {
    uint32_t (*const *table)(struct shape *, uint32_t);
    uint32_t state;
};

#define KIND(name, expr)                                                        \
    static uint32_t __attribute__((noinline)) name(struct shape *s, uint32_t x) \
    {                                                                           \
        return s->state = (expr);                                               \
    }
KIND(add_a, s->state + x)
KIND(add_b, s->state ^ x << 1)
KIND(add_c, s->state - x)
KIND(add_d, s->state + (x >> 3))
KIND(mul_a, s->state * 3 + x)
KIND(mul_b, s->state * 5 ^ x)
KIND(mul_c, s->state * 7 - x)
KIND(mul_d, s->state * 9 + x)

static uint32_t (*const tables[4][2])(struct shape *, uint32_t) = {
    { add_a, mul_a }, { add_b, mul_b }, { add_c, mul_c }, { add_d, mul_d },
};

int main(int argc, char **argv)
{
    static struct shape shapes[1024];
    uint32_t seed = 17, x = 1;
    int n = bench_scale(argc, argv) * 45000;

    for (int i = 0; i < 1024; i++)
        shapes[i] = (struct shape){ tables[bench_random(&seed) >> 7 & 3], i };
    for (int r = 0; r < n; r++)
        for (int i = 0; i < 1024; i++)
            x = shapes[i].table[(x ^ r) & 1](&shapes[i], x);
    return bench_done(x);
}
