// SPDX-License-Identifier: MIT
/* bench/kernels/start_hello.c -- Nothing but a line of output: the cost of starting. */
#include "bench/kernels/bench.h"

int main(void)
{
    puts("hello");
    return 0;
}
