// SPDX-License-Identifier: MIT
/* tests/gdb/step.c -- statements to step through: calls, a loop, an atomic, a system call. */
#include <stdatomic.h>
#include <unistd.h>

int a, b;
_Atomic int at;

__attribute__((noinline)) int leaf(int x)
{
    return x + 1;
}

__attribute__((noinline)) int middle(int x)
{
    int y = leaf(x);

    y += leaf(y);
    return y;
}

__attribute__((noinline)) void body(void)
{
    a = middle(10);
    b = 1;
    atomic_fetch_add(&at, 5);
    b = (int)write(1, "", 0);
    for (int i = 0; i < 50; i++)
        b += i;
    b = -1;
}

int main(void)
{
    body();
    return 0;
}
