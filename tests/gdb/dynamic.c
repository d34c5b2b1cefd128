// SPDX-License-Identifier: MIT
/* tests/gdb/dynamic.c -- a position-independent program with a shared libc. */
#include <stdio.h>
#include <stdlib.h>

int ready;

int main(void)
{
    char *p;

    ready = 1;
    p = malloc(100);
    ready = 2;
    free(p);
    puts("done");
    return 5;
}
