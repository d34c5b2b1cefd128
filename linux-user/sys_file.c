// SPDX-License-Identifier: MIT
/* linux-user/sys_file.c -- files and descriptors where guest and host differ: open flags, struct
 * stat, names below /proc, vectors when guest_base is not 0, and descriptors of moa's own. */
#include "linux-user/handlers.h"

#include "base/log.h"
#include "debug/gdbstub.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

bool lx_own_fd(const struct lx_process *p, int fd)
{
    return fd > 2 && (fd == p->opt->self_fd || fd == fileno(log_stream()) ||
                      (p->gdb && (fd == p->gdb_mem_fd || gdb_own_fd(p->gdb, fd))));
}

static uint64_t open_flags(struct lx_task *t, uint64_t flags)
{
    return lx_flags_to_host(t->p->abi->open_flags, (uint32_t)flags);
}

static int64_t open_path(struct lx_task *t, int dirfd, uint64_t addr, uint64_t flags,
                         uint64_t mode)
{
    char buf[2 * LX_PATH_MAX];
    enum lx_proc_file what;
    const char *path;
    int r = lx_get_path(t, addr, buf, &path);

    if (r)
        return r;
    what = lx_proc_classify(buf);
    if (what != LX_PROC_NONE && what != LX_PROC_EXE) {
        r = lx_proc_open(t->p, what, (int)flags);
        if (r != -ENOSYS)
            return r;
    }
    return lx_host(t, SYS_openat, (uint64_t)dirfd, (uintptr_t)path, flags, mode, 0, 0);
}

int64_t sys_openat(struct lx_task *t, uint64_t *a)
{
    return open_path(t, (int)a[0], a[1], open_flags(t, a[2]), a[3]);
}

int64_t sys_openat2(struct lx_task *t, uint64_t *a)
{
    struct open_how how = {0};
    char buf[2 * LX_PATH_MAX];
    const char *path;
    uint64_t size = a[3];
    int r;

    if (size < sizeof(how))
        return -EINVAL;
    if (size > LX_PAGE)
        return -E2BIG;
    r = lx_get(t, &how, a[2], sizeof(how));
    for (uint64_t i = sizeof(how); !r && i < size; i++) { /* what we do not know must be zero */
        uint8_t b;

        r = lx_get(t, &b, a[2] + i, 1);
        if (!r && b)
            return -E2BIG;
    }
    if (!r)
        r = lx_get_path(t, a[1], buf, &path);
    if (r)
        return r;
    if (how.flags >> 32)
        return -EINVAL;
    how.flags = open_flags(t, how.flags);
    if (how.resolve == 0)
        return open_path(t, (int)a[0], a[1], how.flags, how.mode);
    if (how.resolve & (RESOLVE_IN_ROOT | RESOLVE_BENEATH))
        path = buf; /* not a path of the sysroot's */
    return lx_host(t, SYS_openat2, a[0], (uintptr_t)path, (uintptr_t)&how, sizeof(how), 0, 0);
}

int64_t sys_open_by_handle_at(struct lx_task *t, uint64_t *a)
{
    return lx_host(t, SYS_open_by_handle_at, a[0], lx_kptr(t, a[1]), open_flags(t, a[2]), 0, 0, 0);
}

int64_t sys_mq_open(struct lx_task *t, uint64_t *a)
{
    return lx_host(t, SYS_mq_open, lx_kptr(t, a[0]), open_flags(t, a[1]), a[2], lx_kptr(t, a[3]), 0,
                   0);
}

int64_t sys_fanotify_init(struct lx_task *t, uint64_t *a)
{
    return lx_host(t, SYS_fanotify_init, a[0], open_flags(t, a[1]), 0, 0, 0, 0);
}

int64_t sys_pipe2(struct lx_task *t, uint64_t *a)
{
    return lx_host(t, SYS_pipe2, lx_kptr(t, a[0]), open_flags(t, a[1]), 0, 0, 0, 0);
}

int64_t sys_close(struct lx_task *t, uint64_t *a)
{
    return lx_host(t, SYS_close, a[0], 0, 0, 0, 0, 0);
}

int64_t sys_dup3(struct lx_task *t, uint64_t *a)
{
    if (lx_own_fd(t->p, (int)a[1]))
        return -EBADF;
    return lx_host(t, SYS_dup3, a[0], a[1], open_flags(t, a[2]), 0, 0, 0);
}

int64_t sys_close_range(struct lx_task *t, uint64_t *a)
{
    uint32_t lo = (uint32_t)a[0], hi = (uint32_t)a[1];
    int own[2] = {t->p->opt->self_fd, fileno(log_stream())};
    int64_t r = 0;

    if (lo > hi)
        return -EINVAL;
    if (own[0] > own[1]) {
        int swap = own[0];

        own[0] = own[1];
        own[1] = swap;
    }
    for (int i = 0; i < 2 && !r; i++) { /* go around ours */
        uint32_t fd = (uint32_t)own[i];

        if (own[i] <= 2 || fd < lo || fd > hi)
            continue;
        if (fd > lo)
            r = lx_host(t, SYS_close_range, lo, fd - 1, a[2], 0, 0, 0);
        if (fd == hi)
            return r;
        lo = fd + 1;
    }
    return r ? r : lx_host(t, SYS_close_range, lo, hi, a[2], 0, 0, 0);
}

int64_t sys_fcntl(struct lx_task *t, uint64_t *a)
{
    const struct lx_flag_map *map = t->p->abi->open_flags;
    uint64_t arg = a[2];
    int64_t r;

    switch ((int)a[1]) {
    case F_SETFL:
        arg = lx_flags_to_host(map, (uint32_t)arg);
        break;
    case F_GETLK:
    case F_SETLK:
    case F_SETLKW:
    case F_OFD_GETLK:
    case F_OFD_SETLK:
    case F_OFD_SETLKW:
    case F_SETOWN_EX:
    case F_GETOWN_EX:
    case F_GET_RW_HINT:
    case F_SET_RW_HINT:
    case F_GET_FILE_RW_HINT:
    case F_SET_FILE_RW_HINT:
        arg = lx_kptr(t, arg);
        break;
    }
    r = lx_host(t, SYS_fcntl, a[0], a[1], arg, 0, 0, 0);
    if (r >= 0 && (int)a[1] == F_GETFL)
        r = (int64_t)lx_flags_to_guest(map, (uint64_t)r);
    return r;
}

/* ---- stat ---- */

static int64_t put_stat(struct lx_task *t, uint64_t addr, int64_t r, const struct stat *st)
{
    uint8_t buf[256];

    if (r < 0)
        return r;
    return lx_put(t, addr, buf, t->p->abi->put_stat(buf, st));
}

int64_t sys_fstat(struct lx_task *t, uint64_t *a)
{
    struct stat st;

    return put_stat(t, a[1], fstat((int)a[0], &st) ? -errno : 0, &st);
}

int64_t sys_newfstatat(struct lx_task *t, uint64_t *a)
{
    char buf[2 * LX_PATH_MAX];
    const char *path = "";
    struct stat st;
    int r = 0;

    if (a[1] || !(a[3] & AT_EMPTY_PATH))
        r = lx_get_path(t, a[1], buf, &path);
    if (r)
        return r;
    return put_stat(t, a[2], fstatat((int)a[0], path, &st, (int)a[3]) ? -errno : 0, &st);
}

int64_t sys_readlinkat(struct lx_task *t, uint64_t *a)
{
    char buf[2 * LX_PATH_MAX];
    const char *path;
    int r = lx_get_path(t, a[1], buf, &path);

    if (r)
        return r;
    if ((int)a[3] <= 0)
        return -EINVAL;
    if (lx_proc_classify(buf) == LX_PROC_EXE) {
        size_t n = strlen(t->p->exe);

        if (n > (uint32_t)a[3])
            n = (uint32_t)a[3];
        r = lx_put(t, a[2], t->p->exe, n);
        return r ? r : (int64_t)n;
    }
    return lx_host(t, SYS_readlinkat, a[0], (uintptr_t)path, lx_kptr(t, a[2]), a[3], 0, 0);
}

int64_t sys_getcwd(struct lx_task *t, uint64_t *a)
{
    return lx_host(t, SYS_getcwd, lx_kptr(t, a[0]), a[1], 0, 0, 0, 0);
}

/* ---- vectors ---- */

/* The host's array for a guest's; the guest's own where the addresses are the same. Returns the
 * address for the kernel, *heap is to be freed. */
static int64_t vector(struct lx_task *t, uint64_t addr, uint64_t n, struct iovec **heap)
{
    struct iovec *v;

    *heap = NULL;
    if (t->p->mm->guest_base == 0)
        return (int64_t)addr;
    if (n > 1024)
        return -EINVAL;
    v = calloc(n + 1, sizeof(*v));
    if (!v)
        return -ENOMEM;
    if (lx_get(t, v, addr, n * sizeof(*v))) {
        free(v);
        return -EFAULT;
    }
    for (uint64_t i = 0; i < n; i++)
        v[i].iov_base = (void *)(uintptr_t)lx_kptr(t, (uintptr_t)v[i].iov_base);
    *heap = v;
    return (int64_t)(uintptr_t)v;
}

static int64_t vector_call(struct lx_task *t, long nr, uint64_t *a)
{
    struct iovec *heap;
    int64_t v = vector(t, a[1], a[2], &heap), r;

    if (v < 0 && heap == NULL && t->p->mm->guest_base)
        return v;
    r = lx_host(t, nr, a[0], (uint64_t)v, a[2], a[3], a[4], a[5]);
    free(heap);
    return r;
}

int64_t sys_readv(struct lx_task *t, uint64_t *a)
{
    return vector_call(t, SYS_readv, a);
}

int64_t sys_writev(struct lx_task *t, uint64_t *a)
{
    return vector_call(t, SYS_writev, a);
}

int64_t sys_preadv(struct lx_task *t, uint64_t *a)
{
    return vector_call(t, SYS_preadv, a);
}

int64_t sys_pwritev(struct lx_task *t, uint64_t *a)
{
    return vector_call(t, SYS_pwritev, a);
}

int64_t sys_preadv2(struct lx_task *t, uint64_t *a)
{
    return vector_call(t, SYS_preadv2, a);
}

int64_t sys_pwritev2(struct lx_task *t, uint64_t *a)
{
    return vector_call(t, SYS_pwritev2, a);
}

int64_t sys_vmsplice(struct lx_task *t, uint64_t *a)
{
    return vector_call(t, SYS_vmsplice, a);
}

static int64_t process_vm(struct lx_task *t, long nr, uint64_t *a)
{
    struct iovec *local, *remote = NULL;
    int64_t l = vector(t, a[1], a[2], &local), m, r;

    if (l < 0 && !local && t->p->mm->guest_base)
        return l;
    m = vector(t, a[3], a[4], &remote);
    if (m < 0 && !remote && t->p->mm->guest_base)
        r = m;
    else
        r = lx_host(t, nr, a[0], (uint64_t)l, a[2], (uint64_t)m, a[4], a[5]);
    free(local);
    free(remote);
    return r;
}

int64_t sys_process_vm_readv(struct lx_task *t, uint64_t *a)
{
    return process_vm(t, SYS_process_vm_readv, a);
}

int64_t sys_process_vm_writev(struct lx_task *t, uint64_t *a)
{
    return process_vm(t, SYS_process_vm_writev, a);
}
