// SPDX-License-Identifier: MIT
/* linux-user/sys_misc.c -- uname, prctl, seccomp, resource limits. */
#include "linux-user/handlers.h"

#include "base/log.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

int64_t sys_uname(struct lx_task *t, uint64_t *a)
{
    struct utsname u;

    if (uname(&u) < 0)
        return -errno;
    snprintf(u.machine, sizeof(u.machine), "%s", t->p->fe->uname_machine);
    if (t->p->opt->release)
        snprintf(u.release, sizeof(u.release), "%s", t->p->opt->release);
    return lx_put(t, a[0], &u, sizeof(u));
}

const char *const lx_limit_names[LX_LIMITS] = {"as", "data", "stack"};

/* Which limit of lx_process a resource is; LX_LIMITS: the host's own will do. */
static enum lx_limit limit_of(unsigned resource)
{
    return resource == RLIMIT_AS      ? LX_LIMIT_AS
           : resource == RLIMIT_DATA  ? LX_LIMIT_DATA
           : resource == RLIMIT_STACK ? LX_LIMIT_STACK
                                      : LX_LIMITS;
}

void lx_limits_apply(struct lx_process *p)
{
    if (p->vfork_child) /* the memory is the parent's; the limits go along with an exec */
        return;
    pthread_mutex_lock(&p->mm->lock);
    if (p->limits[LX_LIMIT_AS].set)
        p->mm->as_limit = p->limits[LX_LIMIT_AS].cur;
    if (p->limits[LX_LIMIT_DATA].set)
        p->mm->brk_limit = p->limits[LX_LIMIT_DATA].cur;
    pthread_mutex_unlock(&p->mm->lock);
}

/* Gets and sets a limit that the process keeps; RLIM_INFINITY is all ones on every 64-bit Linux. */
static int64_t own_limit(struct lx_task *t, unsigned resource, uint64_t new, uint64_t old)
{
    struct lx_rlimit *l = &t->p->limits[limit_of(resource)];
    uint64_t now[2], want[2];

    if (l->set) {
        now[0] = l->cur;
        now[1] = l->max;
    } else if (syscall(SYS_prlimit64, 0, resource, NULL, now) < 0) {
        return -errno;
    }
    if (new && lx_get(t, want, new, sizeof(want)))
        return -EFAULT;
    if (new && want[0] > want[1])
        return -EINVAL;
    if (new && want[1] > now[1] && geteuid() != 0)
        return -EPERM;
    if (old && lx_put(t, old, now, sizeof(now)))
        return -EFAULT;
    if (new) {
        *l = (struct lx_rlimit){true, want[0], want[1]};
        lx_limits_apply(t->p);
    }
    return 0;
}

int64_t sys_setrlimit(struct lx_task *t, uint64_t *a)
{
    if (limit_of((unsigned)a[0]) == LX_LIMITS)
        return sys_pass(t, a);
    return a[1] ? own_limit(t, (unsigned)a[0], a[1], 0) : -EFAULT;
}

int64_t sys_getrlimit(struct lx_task *t, uint64_t *a)
{
    if (limit_of((unsigned)a[0]) == LX_LIMITS)
        return sys_pass(t, a);
    return a[1] ? own_limit(t, (unsigned)a[0], 0, a[1]) : -EFAULT;
}

int64_t sys_prlimit64(struct lx_task *t, uint64_t *a)
{
    if (limit_of((unsigned)a[1]) == LX_LIMITS || ((int)a[0] && (int)a[0] != getpid()))
        return sys_pass(t, a);
    return own_limit(t, (unsigned)a[1], a[2], a[3]);
}

/* Filters would run on moa's system calls instead of the guest's: answered as by a kernel that is
 * built without them. */
int64_t sys_seccomp(struct lx_task *t, uint64_t *a)
{
    (void)t;
    (void)a;
    return -ENOSYS;
}

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif
#ifndef PR_PAC_RESET_KEYS
#define PR_PAC_RESET_KEYS 54
#endif
#ifndef PR_SET_TAGGED_ADDR_CTRL
#define PR_SET_TAGGED_ADDR_CTRL 55
#define PR_GET_TAGGED_ADDR_CTRL 56
#endif
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

int64_t sys_prctl(struct lx_task *t, uint64_t *a)
{
    switch ((int)a[0]) {
    case PR_GET_PDEATHSIG: /* the second argument points somewhere */
    case PR_GET_NAME:
    case PR_SET_NAME:
    case PR_GET_CHILD_SUBREAPER:
    case PR_GET_TID_ADDRESS:
        if ((int)a[0] == PR_GET_TID_ADDRESS)
            return lx_put(t, a[1], &t->clear_tid, 8);
        return lx_host(t, SYS_prctl, a[0], lx_kptr(t, a[1]), a[2], a[3], a[4], 0);
    case PR_SET_PDEATHSIG:
    case PR_GET_DUMPABLE:
    case PR_SET_DUMPABLE:
    case PR_GET_KEEPCAPS:
    case PR_SET_KEEPCAPS:
    case PR_GET_TIMING:
    case PR_SET_TIMING:
    case PR_GET_SECUREBITS:
    case PR_SET_SECUREBITS:
    case PR_SET_TIMERSLACK:
    case PR_GET_TIMERSLACK:
    case PR_CAPBSET_READ:
    case PR_CAPBSET_DROP:
    case PR_SET_CHILD_SUBREAPER:
    case PR_SET_NO_NEW_PRIVS:
    case PR_GET_NO_NEW_PRIVS:
    case PR_SET_PTRACER:
    case PR_CAP_AMBIENT:
    case PR_SET_THP_DISABLE:
    case PR_GET_THP_DISABLE:
    case PR_MCE_KILL:
    case PR_MCE_KILL_GET:
    case PR_SET_IO_FLUSHER:
    case PR_GET_IO_FLUSHER:
        return lx_host(t, SYS_prctl, a[0], a[1], a[2], a[3], a[4], 0);
    case PR_SET_VMA: /* names for /proc/self/maps only */
    case PR_PAC_RESET_KEYS: /* keys are fixed for the life of a process here */
        return 0;
    case PR_SET_TAGGED_ADDR_CTRL: /* loads and stores ignore tags in any case */
        if (!t->p->abi->tag_bits || a[1] & ~1ull || a[2] || a[3] || a[4])
            return -EINVAL;
        t->untag = a[1] ? t->p->abi->tag_bits : 0;
        return 0;
    case PR_GET_TAGGED_ADDR_CTRL:
        if (!t->p->abi->tag_bits || a[1] || a[2] || a[3] || a[4])
            return -EINVAL;
        return t->untag != 0;
    default: /* what a kernel without the feature says: seccomp, SVE, MTE, user dispatch, ... */
        if (log_on(LOG_unimp))
            log_printf("moa: prctl %d is not supported\n", (int)a[0]);
        return -EINVAL;
    }
}
