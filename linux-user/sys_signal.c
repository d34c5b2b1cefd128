// SPDX-License-Identifier: MIT
/* linux-user/sys_signal.c -- system calls on signal actions, masks and the alternate stack. */
#include "linux-user/handlers.h"

#include "host/user.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1u << 31)
#endif

/* struct sigaction of the 64-bit generic ABI. */
struct guest_action {
    uint64_t handler, flags, restorer, mask;
};

int64_t sys_rt_sigaction(struct lx_task *t, uint64_t *a)
{
    struct lx_process *p = t->p;
    struct guest_action act = {0}, old;
    int sig = (int)a[0];

    if (a[3] != 8 || sig < 1 || sig > LX_NSIG)
        return -EINVAL;
    if (a[1] && lx_get(t, &act, a[1], sizeof(act)))
        return -EFAULT;
    if (a[1] && (sig == SIGKILL || sig == SIGSTOP))
        return -EINVAL;
    pthread_mutex_lock(&p->lock);
    old = (struct guest_action){p->act[sig].handler, p->act[sig].flags, p->act[sig].restorer,
                                p->act[sig].mask};
    if (a[1]) {
        p->act[sig] = (struct lx_sigaction){
            .handler = act.handler,
            .flags = act.flags,
            .restorer = act.restorer,
            .mask = act.mask & ~(LX_SIGBIT(SIGKILL) | LX_SIGBIT(SIGSTOP)),
        };
        lx_signal_sync_host(p, sig);
    }
    pthread_mutex_unlock(&p->lock);
    return a[2] && lx_put(t, a[2], &old, sizeof(old)) ? -EFAULT : 0;
}

int64_t sys_rt_sigprocmask(struct lx_task *t, uint64_t *a)
{
    uint64_t old = t->mask, set, new = old;

    if (a[3] != 8)
        return -EINVAL;
    if (a[1]) {
        int r;

        if (lx_get(t, &set, a[1], 8))
            return -EFAULT;
        switch ((int)a[0]) {
        case SIG_BLOCK:
            new = old | set;
            break;
        case SIG_UNBLOCK:
            new = old & ~set;
            break;
        case SIG_SETMASK:
            new = set;
            break;
        default:
            return -EINVAL;
        }
        r = lx_signal_set_mask(t, new);
        if (r)
            return r;
    }
    return a[2] && lx_put(t, a[2], &old, 8) ? -EFAULT : 0;
}

int64_t sys_rt_sigpending(struct lx_task *t, uint64_t *a)
{
    uint64_t set;
    int64_t r;

    if (a[1] > 8)
        return -EINVAL;
    r = lx_host(t, SYS_rt_sigpending, (uintptr_t)&set, 8, 0, 0, 0, 0);
    if (r < 0)
        return r;
    for (int i = 0; i < 2; i++)
        if (t->held[i])
            set |= LX_SIGBIT(t->held[i]);
    return lx_put(t, a[0], &set, a[1]);
}

int64_t sys_rt_sigsuspend(struct lx_task *t, uint64_t *a)
{
    uint64_t host;
    int64_t r;

    if (a[1] != 8)
        return -EINVAL;
    if (lx_get(t, &t->wait_mask, a[0], 8))
        return -EFAULT;
    t->wait_mask &= ~(LX_SIGBIT(SIGKILL) | LX_SIGBIT(SIGSTOP));
    t->in_wait = true;
    for (int i = 0; i < 2; i++)
        if (t->held[i] && !(t->wait_mask & LX_SIGBIT(t->held[i]))) {
            atomic_store(&t->pending, 1);
            return -EINTR;
        }
    host = lx_signal_host_mask(t->wait_mask);
    r = lx_host(t, SYS_rt_sigsuspend, (uintptr_t)&host, 8, 0, 0, 0, 0);
    if (r != -EINTR)
        t->in_wait = false;
    return r;
}

int64_t sys_rt_sigtimedwait(struct lx_task *t, uint64_t *a)
{
    uint64_t set;

    if (a[3] != 8)
        return -EINVAL;
    if (lx_get(t, &set, a[0], 8))
        return -EFAULT;
    for (int i = 0; i < 2; i++) {
        int sig = t->held[i];

        if (sig && set & LX_SIGBIT(sig)) {
            if (a[1] && lx_put(t, a[1], &t->held_info[i], sizeof(siginfo_t)))
                return -EFAULT;
            t->held[i] = 0;
            return sig;
        }
    }
    return lx_host(t, SYS_rt_sigtimedwait, (uintptr_t)&set, lx_kptr(t, a[1]), lx_kptr(t, a[2]), 8,
                   0, 0);
}

int64_t sys_rt_sigreturn(struct lx_task *t, uint64_t *a)
{
    (void)a;
    return lx_sigreturn(t);
}

/* stack_t of a 64-bit guest. */
struct guest_stack {
    uint64_t sp;
    int32_t flags, pad;
    uint64_t size;
};

int64_t sys_sigaltstack(struct lx_task *t, uint64_t *a)
{
    bool on = lx_on_altstack(t, lx_reg(t, t->p->abi->sp_reg));
    struct guest_stack old = {.sp = t->alt.sp, .size = t->alt.size}, new;

    old.flags = !t->alt.size ? SS_DISABLE : (on ? SS_ONSTACK : 0) | t->alt.flags;
    if (a[0]) {
        int mode;

        if (lx_get(t, &new, a[0], sizeof(new)))
            return -EFAULT;
        if (on)
            return -EPERM;
        mode = new.flags & ~(int)SS_AUTODISARM;
        if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
            return -EINVAL;
        if (mode == SS_DISABLE) {
            memset(&t->alt, 0, sizeof(t->alt));
            t->alt.flags = new.flags & (int)SS_AUTODISARM;
        } else {
            if (new.size < t->p->abi->min_sigstack)
                return -ENOMEM;
            t->alt.sp = new.sp;
            t->alt.size = new.size;
            t->alt.flags = new.flags & (int)SS_AUTODISARM;
        }
    }
    return a[1] && lx_put(t, a[1], &old, sizeof(old)) ? -EFAULT : 0;
}

/* The kernel's way to go on with a sleep after a stop: the host does that by itself. */
int64_t sys_restart_syscall(struct lx_task *t, uint64_t *a)
{
    (void)t;
    (void)a;
    return -EINTR;
}
