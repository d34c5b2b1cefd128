// SPDX-License-Identifier: MIT
/* tests/gdb/fork.c -- a child by fork and one by vfork run past breakpoints and watchpoints of the
 * parent's debugger. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

volatile int touched;
int status1, status2;

__attribute__((noinline)) int shared(int n)
{
    touched = n;
    return n + 1;
}

int main(void)
{
    pid_t child;

    child = fork();
    if (child == 0)
        _exit(shared(10) == 11 && shared(11) == 12 ? 7 : 1);
    waitpid(child, &status1, 0);
    child = vfork();
    if (child == 0)
        _exit(shared(20) == 21 ? 8 : 1);
    waitpid(child, &status2, 0);
    shared(30);
    printf("%d %d\n", WEXITSTATUS(status1), WEXITSTATUS(status2));
    return 0;
}
