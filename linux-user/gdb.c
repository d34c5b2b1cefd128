// SPDX-License-Identifier: MIT
/* linux-user/gdb.c -- what the gdb stub (debug/gdbstub.h) asks of a Linux process: memory, files,
 * names, signals. Memory is reached through /proc/self/mem, which needs no signal handler and may
 * write where the guest may not; what the guest has not mapped stays hidden. */
#include "linux-user/lx.h"

#include "debug/gdbstub.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GDB_UNKNOWN 143
#define GDB_SIG32 77 /* 33..63 are 45..75 */
#define GDB_SIG33 45
#define GDB_SIG64 78

struct lx_gdb {
    struct gdb_target target;
    struct lx_process *p;
    int mem; /* /proc/self/mem */
};

/* gdb's own numbers by the number of Linux; 0: gdb has none. */
static const uint8_t gdb_numbers[32] = {
    [SIGHUP] = 1,    [SIGINT] = 2,    [SIGQUIT] = 3,  [SIGILL] = 4,   [SIGTRAP] = 5,
    [SIGABRT] = 6,   [SIGFPE] = 8,    [SIGKILL] = 9,  [SIGBUS] = 10,  [SIGSEGV] = 11,
    [SIGSYS] = 12,   [SIGPIPE] = 13,  [SIGALRM] = 14, [SIGTERM] = 15, [SIGURG] = 16,
    [SIGSTOP] = 17,  [SIGTSTP] = 18,  [SIGCONT] = 19, [SIGCHLD] = 20, [SIGTTIN] = 21,
    [SIGTTOU] = 22,  [SIGIO] = 23,    [SIGXCPU] = 24, [SIGXFSZ] = 25, [SIGVTALRM] = 26,
    [SIGPROF] = 27,  [SIGWINCH] = 28, [SIGUSR1] = 30, [SIGUSR2] = 31, [SIGPWR] = 32,
};

static int to_gdb_signal(int sig)
{
    if (sig == 32 || sig == 64)
        return sig == 32 ? GDB_SIG32 : GDB_SIG64;
    if (sig > 32)
        return GDB_SIG33 + sig - 33;
    return gdb_numbers[sig] ? gdb_numbers[sig] : GDB_UNKNOWN;
}

static int from_gdb_signal(int n)
{
    for (int sig = 1; n && sig <= LX_NSIG; sig++)
        if (to_gdb_signal(sig) == n)
            return sig;
    return 0;
}

static void thread_name(void *o, int id, char *buf, size_t len)
{
    char path[64];
    ssize_t n;
    int fd;

    (void)o;
    snprintf(path, sizeof(path), "/proc/self/task/%d/comm", id);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? 0 : read(fd, buf, len - 1);
    if (fd >= 0)
        close(fd);
    buf[n > 0 ? n : 0] = 0;
    buf[strcspn(buf, "\n")] = 0;
}

static int mem_read(void *o, uint64_t addr, void *buf, size_t len)
{
    struct lx_gdb *d = o;
    struct lx_mm *mm = d->p->mm;

    if (!lx_mm_check(mm, addr, len, 0))
        return -EFAULT;
    return pread(d->mem, buf, len, (off_t)(addr + mm->guest_base)) == (ssize_t)len ? 0 : -EFAULT;
}

static int mem_write(void *o, uint64_t addr, const void *buf, size_t len)
{
    struct lx_gdb *d = o;
    struct lx_mm *mm = d->p->mm;

    if (!lx_mm_check(mm, addr, len, 0))
        return -EFAULT;
    return pwrite(d->mem, buf, len, (off_t)(addr + mm->guest_base)) == (ssize_t)len ? 0 : -EFAULT;
}

static void nudge(void *o, int id)
{
    (void)o;
    lx_signal_nudge(id);
}

static void send_signal(void *o, int id, int sig)
{
    (void)o;
    syscall(SYS_tgkill, getpid(), id, sig);
}

static const char *exec_path(void *o)
{
    return ((struct lx_gdb *)o)->p->exe;
}

static size_t auxv(void *o, void *buf, size_t len)
{
    const struct lx_process *p = ((struct lx_gdb *)o)->p;
    size_t n = p->auxv_len < len ? p->auxv_len : len;

    return mem_read(o, p->auxv, buf, n) ? 0 : n;
}

static int open_file(void *o, const char *path)
{
    struct lx_process *p = ((struct lx_gdb *)o)->p;
    enum lx_proc_file what = lx_proc_classify(path);
    char buf[LX_PATH_MAX];
    int fd = -ENOSYS;

    if (what != LX_PROC_NONE && what != LX_PROC_EXE)
        fd = lx_proc_open(p, what, O_RDONLY | O_CLOEXEC);
    if (fd == -ENOSYS) {
        fd = open(lx_path(p, path, buf), O_RDONLY | O_CLOEXEC | O_NOCTTY);
        fd = fd < 0 ? -errno : fd;
    }
    return fd_out_of_the_way(fd);
}

static int read_link(void *o, const char *path, char *buf, size_t len)
{
    struct lx_process *p = ((struct lx_gdb *)o)->p;
    char host[LX_PATH_MAX];
    ssize_t n;

    if (lx_proc_classify(path) == LX_PROC_EXE) {
        n = (ssize_t)strlen(p->exe);
        n = n < (ssize_t)len ? n : (ssize_t)len;
        memcpy(buf, p->exe, (size_t)n);
        return (int)n;
    }
    n = readlink(lx_path(p, path, host), buf, len);
    return n < 0 ? -errno : (int)n;
}

static void kill_process(void *o)
{
    (void)o;
    syscall(SYS_kill, getpid(), SIGKILL);
}

struct gdb *lx_gdb_start(struct lx_process *p, const char *where, char *err, size_t len)
{
    struct lx_gdb *d = calloc(1, sizeof(*d));
    struct gdb *g;

    if (!d) {
        snprintf(err, len, "-g: out of memory");
        return NULL;
    }
    d->p = p;
    d->target = (struct gdb_target){
        .opaque = d, .pid = getpid(), .call_len = p->abi->svc_len, .thread_name = thread_name,
        .mem_read = mem_read, .mem_write = mem_write, .nudge = nudge, .send_signal = send_signal,
        .exec_path = exec_path, .auxv = auxv, .open_file = open_file, .readlink = read_link,
        .to_gdb_signal = to_gdb_signal, .from_gdb_signal = from_gdb_signal, .kill = kill_process,
    };
    d->mem = fd_out_of_the_way(open("/proc/self/mem", O_RDWR | O_CLOEXEC));
    g = d->mem < 0 ? NULL : gdb_open(where, p->fe, p->engine, &d->target, err, len);
    if (d->mem < 0)
        snprintf(err, len, "-g %s: /proc/self/mem: %s", where, strerror(errno));
    if (!g) {
        if (d->mem >= 0)
            close(d->mem);
        free(d);
        return NULL;
    }
    p->gdb_mem_fd = d->mem;
    return g;
}
