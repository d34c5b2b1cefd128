// SPDX-License-Identifier: MIT
/* tests/gdb/exec.c -- replaces itself by itself; a failed exec comes first. */
#include <stdio.h>
#include <unistd.h>

int generation;

__attribute__((noinline)) void begin(int n)
{
    generation = n;
}

int main(int argc, char **argv)
{
    begin(argc);
    if (argc == 1) {
        execl("/nowhere", "nowhere", NULL);
        begin(7);
        execl("/proc/self/exe", argv[0], "again", NULL);
    }
    printf("%d %s\n", argc, argv[argc - 1]);
    return argc;
}
