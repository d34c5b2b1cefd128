// SPDX-License-Identifier: MIT
/* linux-user/sys_thread.c -- system calls that make, name and end threads and processes, and
 * futexes. */
#include "linux-user/handlers.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Argument order of arm64 (CONFIG_CLONE_BACKWARDS): flags, stack, parent tid, tls, child tid. */
int64_t sys_clone(struct lx_task *t, uint64_t *a)
{
    struct lx_clone c = {
        .flags = a[0] & 0xffffff00u,
        .exit_signal = (int)(a[0] & 0xff),
        .stack = a[1],
        .parent_tid = a[2],
        .pidfd = a[2],
        .tls = a[3],
        .child_tid = a[4],
    };

    if (c.flags & CLONE_PIDFD && c.flags & CLONE_PARENT_SETTID)
        return -EINVAL;
    return lx_clone(t, &c);
}

int64_t sys_clone3(struct lx_task *t, uint64_t *a)
{
    struct clone_args g = {0};
    struct lx_clone c;
    uint64_t size = a[1];

    if (size > LX_PAGE)
        return -E2BIG;
    if (size < CLONE_ARGS_SIZE_VER0)
        return -EINVAL;
    if (lx_get(t, &g, a[0], size < sizeof(g) ? size : sizeof(g)))
        return -EFAULT;
    for (uint64_t i = sizeof(g); i < size; i++) {
        uint8_t b;

        if (lx_get(t, &b, a[0] + i, 1))
            return -EFAULT;
        if (b)
            return -E2BIG;
    }
    if (g.flags & 0xff || g.exit_signal > LX_NSIG || (!g.stack != !g.stack_size))
        return -EINVAL;
    if (g.flags & (CLONE_THREAD | CLONE_PARENT) && g.exit_signal)
        return -EINVAL;
    c = (struct lx_clone){
        .flags = g.flags,
        .exit_signal = (int)g.exit_signal,
        .stack = g.stack + g.stack_size,
        .parent_tid = g.parent_tid,
        .child_tid = g.child_tid,
        .tls = g.tls,
        .pidfd = g.pidfd,
        .set_tid = g.set_tid,
        .set_tid_size = g.set_tid_size,
        .cgroup = g.cgroup,
    };
    return lx_clone(t, &c);
}

int64_t sys_exit(struct lx_task *t, uint64_t *a)
{
    lx_thread_exit(t, (int)a[0]);
}

int64_t sys_exit_group(struct lx_task *t, uint64_t *a)
{
    lx_process_exit(t->p, (int)a[0]);
}

int64_t sys_set_tid_address(struct lx_task *t, uint64_t *a)
{
    t->clear_tid = a[0];
    return t->tid;
}

int64_t sys_set_robust_list(struct lx_task *t, uint64_t *a)
{
    if (a[1] != 24)
        return -EINVAL;
    t->robust_head = a[0];
    t->robust_len = a[1];
    /* the kernel walks it when the thread is killed; it can only if addresses are the same */
    if (t->p->mm->guest_base == 0 && !t->p->vfork_child)
        lx_host(t, SYS_set_robust_list, a[0], a[1], 0, 0, 0, 0);
    return 0;
}

int64_t sys_get_robust_list(struct lx_task *t, uint64_t *a)
{
    uint64_t head = 0, len = 24;

    if ((int)a[0] && (int)a[0] != t->tid) {
        struct lx_process *p = t->p;
        bool found = false;

        pthread_mutex_lock(&p->lock);
        for (struct lx_task *o = p->tasks; o; o = o->next)
            if (o->tid == (int)a[0]) {
                head = o->robust_head;
                found = true;
            }
        pthread_mutex_unlock(&p->lock);
        if (!found)
            return syscall(SYS_kill, (int)a[0], 0) ? -errno : -EPERM;
    } else {
        head = t->robust_head;
    }
    if (lx_put(t, a[1], &head, 8) || lx_put(t, a[2], &len, 8))
        return -EFAULT;
    return 0;
}

int64_t sys_futex(struct lx_task *t, uint64_t *a)
{
    int op = (int)a[1] & FUTEX_CMD_MASK;
    uint64_t timeout = a[3];
    int64_t ret;

    /* the fourth argument is a number for these and a pointer for the rest */
    if (op != FUTEX_REQUEUE && op != FUTEX_CMP_REQUEUE && op != FUTEX_CMP_REQUEUE_PI &&
        op != FUTEX_WAKE_OP)
        timeout = lx_kptr(t, timeout);
    ret = lx_host(t, SYS_futex, lx_kptr(t, a[0]), a[1], a[2], timeout, lx_kptr(t, a[4]), a[5]);
    if (op >= FUTEX_WAKE_OP && op != FUTEX_WAIT_BITSET && op != FUTEX_WAKE_BITSET)
        tcg_monitor_call(t->p->engine);
    return ret;
}

int64_t sys_futex_waitv(struct lx_task *t, uint64_t *a)
{
    struct futex_waitv w[FUTEX_WAITV_MAX];
    uint32_t n = (uint32_t)a[1];

    if (n == 0 || n > FUTEX_WAITV_MAX)
        return -EINVAL;
    if (lx_get(t, w, a[0], n * sizeof(*w)))
        return -EFAULT;
    for (uint32_t i = 0; i < n; i++)
        w[i].uaddr = lx_kptr(t, w[i].uaddr);
    return lx_host(t, SYS_futex_waitv, (uintptr_t)w, n, a[2], lx_kptr(t, a[3]), a[4], 0);
}

int64_t sys_personality(struct lx_task *t, uint64_t *a)
{
    if ((uint32_t)a[0] != 0xffffffffu && (a[0] & 0xff) != PER_LINUX)
        return -EINVAL;
    return lx_host(t, SYS_personality, a[0], 0, 0, 0, 0, 0);
}
