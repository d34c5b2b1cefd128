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

/* Limits that would strike moa's own memory are remembered by the kernel's count of the guest
 * alone on real hardware; here they are accepted and have no effect. */
static bool limit_hits_moa(unsigned what)
{
    return what == RLIMIT_AS || what == RLIMIT_DATA || what == RLIMIT_STACK;
}

int64_t sys_setrlimit(struct lx_task *t, uint64_t *a)
{
    struct rlimit rl;

    if (!limit_hits_moa((unsigned)a[0]))
        return sys_pass(t, a);
    return lx_get(t, &rl, a[1], sizeof(rl)) ? -EFAULT : rl.rlim_cur > rl.rlim_max ? -EINVAL : 0;
}

int64_t sys_prlimit64(struct lx_task *t, uint64_t *a)
{
    if (!a[2] || !limit_hits_moa((unsigned)a[1]) || ((int)a[0] && (int)a[0] != getpid()))
        return sys_pass(t, a);
    return lx_host(t, SYS_prlimit64, a[0], a[1], 0, lx_kptr(t, a[3]), 0, 0);
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
    case PR_SET_TAGGED_ADDR_CTRL: /* tags are ignored by loads, refused by system calls */
        return a[1] ? -EINVAL : 0;
    case PR_GET_TAGGED_ADDR_CTRL:
        return 0;
    default: /* what a kernel without the feature says: seccomp, SVE, MTE, user dispatch, ... */
        if (log_on(LOG_unimp))
            log_printf("moa: prctl %d is not supported\n", (int)a[0]);
        return -EINVAL;
    }
}
