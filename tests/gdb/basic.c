// SPDX-License-Identifier: MIT
/* tests/gdb/basic.c -- one thread: calls, variables, vectors, a string in memory. Line numbers are
 * found through functions, so the file may change. */
#include <stdio.h>
#include <string.h>

int counter;
int reads;
unsigned char bytes[64];
double half = 0.5;

__attribute__((noinline)) int twice(int x)
{
    int y = x * 2;

    return y;
}

__attribute__((noinline)) int work(int n)
{
    int s = 0;

    for (int i = 0; i < n; i++) {
        s += twice(i);
        counter = s;
    }
    return s;
}

__attribute__((noinline)) void fill(void)
{
    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)i;
}

__attribute__((noinline)) int peek(void)
{
    return reads;
}

__attribute__((noinline)) double add(double a, double b)
{
    return a + b;
}

__attribute__((noinline)) void stop(void)
{
    __asm__ volatile("nop");
}

int main(void)
{
    int r = work(5);

    reads = peek() + 1;
    fill();
    half = add(half, 2.0);
    stop();
    printf("r=%d half=%g bytes=%d\n", r, half, bytes[63]);
    return r;
}
