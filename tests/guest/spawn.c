// SPDX-License-Identifier: MIT
/* tests/guest/spawn.c -- vfork shares memory and suspends the parent; posix_spawn reports errors;
 * exec of scripts and of the program itself. */
#include "tests/guest/guest.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>

extern char **environ;

/* A child that a signal ends writes nothing about it: its parent sees the status. */
static void quiet_end(bool exec)
{
    char text[16384];
    size_t len = 0;
    int p[2], status;
    ssize_t n;
    pid_t pid;

    CHECK(pipe(p) == 0);
    pid = fork();
    if (pid == 0) {
        dup2(p[1], 2);
        close(p[1]);
        if (exec)
            execl("/proc/self/exe", "abort", "abort", (char *)NULL);
        abort();
    }
    close(p[1]);
    while ((n = read(p[0], text + len, sizeof(text) - 1 - len)) > 0)
        len += (size_t)n; /* logs may be switched on: only the line itself is looked for */
    text[len] = 0;
    CHECK(strstr(text, "uncaught") == NULL);
    CHECK(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    close(p[0]);
}

int main(int argc, char **argv)
{
    volatile int shared = 0;
    char *args[] = {"name", "child", NULL}, *none[] = {"x", NULL}, self[4096], script[8300];
    char file[] = "/tmp/moa-script-XXXXXX";
    struct sigaction sa;
    int status, fd, n;
    pid_t pid;

    if (argc > 1 && strcmp(argv[0], "abort") == 0)
        abort();
    if (argc > 1)
        return strcmp(argv[0], "name") == 0 ? 21 : strcmp(argv[argc - 1], "tail") == 0 ? 22 : 1;
    pid = vfork();
    if (pid == 0) {
        shared = 5;
        signal(SIGUSR1, SIG_IGN); /* the child's own table */
        usleep(50000);
        shared = 6;
        _exit(4);
    }
    CHECK(pid > 0 && shared == 6);
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 4);
    CHECK(sigaction(SIGUSR1, NULL, &sa) == 0 && sa.sa_handler == SIG_DFL);

    CHECK(posix_spawn(&pid, "/nonexistent/program", NULL, NULL, none, environ) == ENOENT);
    CHECK(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, args, environ) == 0);
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 21);

    n = (int)readlink("/proc/self/exe", self, sizeof(self) - 1);
    CHECK(n > 0);
    self[n] = 0;
    CHECK(strstr(self, "spawn") != NULL);
    fd = mkstemp(file);
    n = snprintf(script, sizeof(script), "#! %s  one argument \n", self);
    CHECK(fd >= 0 && write(fd, script, (size_t)n) == n && fchmod(fd, 0700) == 0 && close(fd) == 0);
    pid = fork();
    if (pid == 0) {
        execl(file, file, "tail", (char *)NULL);
        _exit(99);
    }
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 22);
    unlink(file);
    quiet_end(false);
    quiet_end(true);
    passed("spawn");
}
