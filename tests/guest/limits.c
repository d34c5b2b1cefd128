// SPDX-License-Identifier: MIT
/* tests/guest/limits.c -- growing areas, limits on memory, PROT_BTI, clone3 with cleared handlers,
 * descriptors that are closed when a program starts (mmap(2), setrlimit(2), clone(2), execve(2)). */
#include "tests/guest/guest.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define P 4096ul
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static void on_usr1(int sig)
{
    (void)sig;
}

static int wait_for(pid_t pid)
{
    int status;

    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void growing(void)
{
    char *room = mmap(NULL, 1024 * P, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);
    char *top = room + 1020 * P;

    CHECK(room != MAP_FAILED && munmap(room, 1024 * P) == 0);
    CHECK(mmap(top, 4 * P, PROT_READ | PROT_WRITE, ANON | MAP_FIXED | MAP_GROWSDOWN, -1, 0) == top);
    top[-1] = 5; /* one page down, then some more */
    CHECK(top[-1] == 5 && top[-(long)P] == 0);
    top[-20 * (long)P] = 6;
    CHECK(top[-1] == 5 && top[-20 * (long)P] == 6 && top[-10 * (long)P] == 0);
    CHECK(munmap(top - 20 * P, 24 * P) == 0);
}

/* The rights of /proc/self/smaps show PROT_BTI as "bt" where the kernel knows it; here the call. */
static void guarded(void)
{
    char *a = mmap(NULL, P, PROT_READ | PROT_WRITE, ANON, -1, 0);

    CHECK(a != MAP_FAILED);
    memcpy(a, (uint32_t[]){0xd503245f, 0x52800540, 0xd65f03c0}, 12); /* bti c; mov w0, #42; ret */
    CHECK(mprotect(a, P, PROT_READ | PROT_EXEC | 0x10) == 0);
    __builtin___clear_cache(a, a + 12);
    CHECK(((int (*)(void))(uintptr_t)a)() == 42);
    CHECK(mprotect(a, P, PROT_READ | 0x100) == -1 && errno == EINVAL);
    CHECK(munmap(a, P) == 0);
}

static void limits(const char *self)
{
    struct rlimit old, new, now;
    void *big;
    pid_t pid;

    CHECK(getrlimit(RLIMIT_AS, &old) == 0);
    new.rlim_cur = 256ul << 20;
    new.rlim_max = old.rlim_max;
    pid = fork();
    if (pid == 0) {
        CHECK(setrlimit(RLIMIT_AS, &new) == 0 && getrlimit(RLIMIT_AS, &now) == 0);
        CHECK(now.rlim_cur == new.rlim_cur && now.rlim_max == new.rlim_max);
        CHECK(mmap(NULL, 512ul << 20, PROT_READ, ANON, -1, 0) == MAP_FAILED && errno == ENOMEM);
        big = mmap(NULL, 16ul << 20, PROT_READ | PROT_WRITE, ANON, -1, 0);
        CHECK(big != MAP_FAILED);
        CHECK(mremap(big, 16ul << 20, 512ul << 20, MREMAP_MAYMOVE) == MAP_FAILED &&
              errno == ENOMEM);
        execl(self, self, "limited", (char *)NULL);
        _exit(99);
    }
    CHECK(wait_for(pid) == 31);
    CHECK(getrlimit(RLIMIT_AS, &now) == 0 && now.rlim_cur == old.rlim_cur);
    pid = fork();
    if (pid == 0) { /* far too little for an emulator, enough for this program */
        new.rlim_cur = 4ul << 20;
        CHECK(setrlimit(RLIMIT_AS, &new) == 0);
        new.rlim_cur = 64ul << 10;
        CHECK(setrlimit(RLIMIT_STACK, &new) == 0);
        CHECK(setrlimit(RLIMIT_DATA, &new) == 0 && sbrk(1 << 20) == (void *)-1 && errno == ENOMEM);
        new.rlim_cur = new.rlim_max + 1;
        CHECK(new.rlim_cur == 0 || (setrlimit(RLIMIT_AS, &new) == -1 && errno == EINVAL));
        execl(self, self, "small", (char *)NULL);
        _exit(99);
    }
    CHECK(wait_for(pid) == 32);
}

static void cleared(void)
{
    struct clone_args args = {.flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD};
    struct sigaction sa;
    pid_t pid;

    CHECK(signal(SIGUSR1, on_usr1) != SIG_ERR && signal(SIGUSR2, SIG_IGN) != SIG_ERR);
    pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
    if (pid == 0) {
        CHECK(sigaction(SIGUSR1, NULL, &sa) == 0 && sa.sa_handler == SIG_DFL);
        CHECK(sigaction(SIGUSR2, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN);
        raise(SIGUSR2);
        _exit(33);
    }
    CHECK(wait_for(pid) == 33);
    CHECK(sigaction(SIGUSR1, NULL, &sa) == 0 && sa.sa_handler == on_usr1);
    args.flags |= CLONE_SIGHAND | CLONE_VM;
    CHECK(syscall(SYS_clone3, &args, sizeof(args)) == -1 && errno == EINVAL);
}

/* Nothing is open that this program did not open; numbers above 2 may be inherited. */
static void no_strangers(void)
{
    int here = 0, listed = 0;
    struct stat st;
    DIR *d = opendir("/proc/self/fd");

    CHECK(d != NULL);
    for (int fd = 0; fd < 1024; fd++)
        here += fstat(fd, &st) == 0;
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.') {
            CHECK(fcntl(atoi(e->d_name), F_GETFD) >= 0);
            listed++;
        }
    closedir(d);
    CHECK(here == listed);
}

/* /proc/self/smaps lists the areas of /proc/self/maps, each with its size. */
static void areas(void)
{
    FILE *maps = fopen("/proc/self/maps", "r"), *smaps = fopen("/proc/self/smaps", "r");
    char want[512], line[512];
    unsigned long lo, hi, kb;
    int n = 0, stack = 0;

    CHECK(maps != NULL && smaps != NULL);
    while (fgets(want, sizeof(want), maps)) {
        if (!fgets(line, sizeof(line), smaps))
            break;
        CHECK(sscanf(want, "%lx-%lx", &lo, &hi) == 2);
        if (n++ < 4) { /* later ones move while the files are read */
            CHECK(strncmp(want, line, 30) == 0);
            CHECK(fgets(line, sizeof(line), smaps) && sscanf(line, "Size: %lu kB", &kb) == 1);
            CHECK(kb == (hi - lo) / 1024);
        }
        stack += strstr(want, "[stack]") && (unsigned long)&lo >= lo && (unsigned long)&lo < hi;
        while (fgets(line, sizeof(line), smaps) && strncmp(line, "VmFlags", 7) != 0)
            ;
    }
    CHECK(n > 4 && stack == 1);
    fclose(maps);
    fclose(smaps);
}

static void closed(const char *self)
{
    pid_t pid = fork();

    if (pid == 0) {
        close(0);
        close(1);
        execl(self, self, "closed", (char *)NULL);
        _exit(99);
    }
    CHECK(wait_for(pid) == 34);
    pid = fork();
    if (pid == 0) {
        struct rlimit few = {64, 64};

        for (int fd = 3; fd < 64; fd++)
            close(fd);
        CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
        execl(self, self, "few", (char *)NULL);
        _exit(99);
    }
    CHECK(wait_for(pid) == 35);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "", *self = "/proc/self/exe";
    struct rlimit now;

    if (strcmp(what, "limited") == 0) {
        CHECK(getrlimit(RLIMIT_AS, &now) == 0 && now.rlim_cur == 256ul << 20);
        CHECK(mmap(NULL, 512ul << 20, PROT_READ, ANON, -1, 0) == MAP_FAILED && errno == ENOMEM);
        return 31;
    }
    if (strcmp(what, "small") == 0) {
        CHECK(getrlimit(RLIMIT_STACK, &now) == 0 && now.rlim_cur == 64ul << 10);
        return 32;
    }
    if (strcmp(what, "closed") == 0) {
        CHECK(fcntl(0, F_GETFD) == -1 && errno == EBADF && fcntl(1, F_GETFD) == -1);
        CHECK(open("/dev/null", O_RDONLY) == 0);
        return 34;
    }
    if (strcmp(what, "few") == 0) {
        CHECK(dup(2) == 3);
        return 35;
    }
    growing();
    guarded();
    limits(self);
    cleared();
    closed(self);
    no_strangers();
    areas();
    passed("limits");
}
