// SPDX-License-Identifier: MIT
/* linux-user/sys_ipc.c -- System V semaphores' control, POSIX timers' and queues' notifications.
 *
 * struct semid64_ds is the one IPC structure that x86 has differently from the generic ABI. */
#include "linux-user/handlers.h"

#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>

/* asm-generic/sembuf.h, 64 bit. */
struct generic_semid {
    uint8_t perm[48];
    int64_t otime, ctime;
    uint64_t nsems, unused[2];
};

_Static_assert(sizeof(struct ipc_perm) == 48, "struct ipc64_perm is the generic one");

int64_t sys_semctl(struct lx_task *t, uint64_t *a)
{
    struct generic_semid g = {0};
    struct semid_ds ds;
    int64_t r;

    switch ((int)a[2] & ~0x100) { /* IPC_64 is implied */
    case IPC_STAT:
    case SEM_STAT:
    case SEM_STAT_ANY:
        r = lx_host(t, SYS_semctl, a[0], a[1], a[2], (uintptr_t)&ds, 0, 0);
        if (r < 0)
            return r;
        memcpy(g.perm, &ds.sem_perm, sizeof(g.perm));
        g.otime = ds.sem_otime;
        g.ctime = ds.sem_ctime;
        g.nsems = ds.sem_nsems;
        return lx_put(t, a[3], &g, sizeof(g)) ? -EFAULT : r;
    case IPC_SET:
        if (lx_get(t, &g, a[3], sizeof(g)))
            return -EFAULT;
        memset(&ds, 0, sizeof(ds));
        memcpy(&ds.sem_perm, g.perm, sizeof(g.perm));
        return lx_host(t, SYS_semctl, a[0], a[1], a[2], (uintptr_t)&ds, 0, 0);
    case IPC_INFO:
    case SEM_INFO:
    case GETALL:
    case SETALL:
        return lx_host(t, SYS_semctl, a[0], a[1], a[2], lx_kptr(t, a[3]), 0, 0);
    default:
        return lx_host(t, SYS_semctl, a[0], a[1], a[2], a[3], 0, 0);
    }
}

/* A sigevent carries the guest's value word unchanged; no pointer in it is followed, except by
 * SIGEV_THREAD of message queues, which points at 32 bytes. */
int64_t sys_timer_create(struct lx_task *t, uint64_t *a)
{
    return lx_host(t, SYS_timer_create, a[0], lx_kptr(t, a[1]), lx_kptr(t, a[2]), 0, 0, 0);
}

int64_t sys_mq_notify(struct lx_task *t, uint64_t *a)
{
    struct sigevent ev;

    if (!a[1] || t->p->mm->guest_base == 0)
        return lx_host(t, SYS_mq_notify, a[0], lx_kptr(t, a[1]), 0, 0, 0, 0);
    if (lx_get(t, &ev, a[1], sizeof(ev)))
        return -EFAULT;
    if (ev.sigev_notify == SIGEV_THREAD)
        ev.sigev_value.sival_ptr =
            (void *)(uintptr_t)lx_kptr(t, (uintptr_t)ev.sigev_value.sival_ptr);
    return lx_host(t, SYS_mq_notify, a[0], (uintptr_t)&ev, 0, 0, 0, 0);
}
