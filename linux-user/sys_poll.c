// SPDX-License-Identifier: MIT
/* linux-user/sys_poll.c -- waiting for descriptors: poll, select and epoll with signal masks. */
#include "linux-user/handlers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Takes the guest's mask for a wait; *host is what the host call gets, its address or 0. */
static int64_t begin_wait(struct lx_task *t, uint64_t addr, uint64_t size, uint64_t *mask)
{
    if (!addr)
        return 0;
    if (size != 8)
        return -EINVAL;
    if (lx_get(t, &t->wait_mask, addr, 8))
        return -EFAULT;
    t->wait_mask &= ~(LX_SIGBIT(SIGKILL) | LX_SIGBIT(SIGSTOP));
    t->in_wait = true;
    *mask = lx_signal_host_mask(t->wait_mask);
    return 1;
}

static int64_t end_wait(struct lx_task *t, int64_t r)
{
    if (r != -EINTR)
        t->in_wait = false;
    return r;
}

int64_t sys_ppoll(struct lx_task *t, uint64_t *a)
{
    uint64_t mask;
    int64_t r = begin_wait(t, a[3], a[4], &mask);

    if (r < 0)
        return r;
    return end_wait(t, lx_host(t, SYS_ppoll, lx_kptr(t, a[0]), a[1], lx_kptr(t, a[2]),
                               r ? (uintptr_t)&mask : 0, 8, 0));
}

/* As begin_wait() where mask and size come as a pair in memory; host gets the pair for the host. */
static int64_t begin_wait_pair(struct lx_task *t, uint64_t at, uint64_t *mask, uint64_t host[2])
{
    uint64_t sig[2] = {0};
    int64_t r;

    if (at && lx_get(t, sig, at, sizeof(sig)))
        return -EFAULT;
    r = begin_wait(t, sig[0], sig[1], mask);
    host[0] = r > 0 ? (uintptr_t)mask : 0;
    host[1] = 8;
    return r;
}

int64_t sys_pselect6(struct lx_task *t, uint64_t *a)
{
    uint64_t mask, host[2];
    int64_t r = begin_wait_pair(t, a[5], &mask, host);

    if (r < 0)
        return r;
    return end_wait(t, lx_host(t, SYS_pselect6, a[0], lx_kptr(t, a[1]), lx_kptr(t, a[2]),
                               lx_kptr(t, a[3]), lx_kptr(t, a[4]), (uintptr_t)host));
}

/* struct epoll_event where the guest does not pack it. */
struct guest_event {
    uint32_t events, pad;
    uint64_t data;
};

int64_t sys_epoll_ctl(struct lx_task *t, uint64_t *a)
{
    struct guest_event g;
    struct epoll_event ev = {0};

    if (a[1] != EPOLL_CTL_DEL) {
        if (t->p->abi->epoll_packed) {
            if (lx_get(t, &ev, a[3], 12))
                return -EFAULT;
        } else {
            if (lx_get(t, &g, a[3], sizeof(g)))
                return -EFAULT;
            ev.events = g.events;
            ev.data.u64 = g.data;
        }
    }
    return lx_host(t, SYS_epoll_ctl, a[0], a[1], a[2], (uintptr_t)&ev, 0, 0);
}

static int64_t epoll_wait_on(struct lx_task *t, uint64_t *a, long nr, uint64_t timeout)
{
    struct epoll_event small[64], *ev = small;
    int max = (int)a[2];
    uint64_t mask;
    int64_t r, got;

    if (max <= 0 || max > INT32_MAX / (int)sizeof(struct guest_event))
        return -EINVAL;
    if (max > (int)ARRAY_LEN(small)) {
        if (max > 65536)
            max = 65536; /* the call may return fewer than asked for */
        ev = malloc((size_t)max * sizeof(*ev));
        if (!ev)
            return -ENOMEM;
    }
    r = begin_wait(t, a[4], a[5], &mask);
    if (r >= 0) {
        r = lx_host(t, nr, a[0], (uintptr_t)ev, (uint64_t)max, timeout,
                    r ? (uintptr_t)&mask : 0, 8);
        r = end_wait(t, r);
    }
    got = r;
    for (int64_t i = 0; i < got; i++) {
        struct guest_event g = {.events = ev[i].events, .data = ev[i].data.u64};
        size_t size = t->p->abi->epoll_packed ? 12 : sizeof(g);
        const void *from = t->p->abi->epoll_packed ? (const void *)&ev[i] : &g;

        if (lx_put(t, a[1] + (uint64_t)i * size, from, size)) {
            r = -EFAULT;
            break;
        }
    }
    if (ev != small)
        free(ev);
    return r;
}

int64_t sys_epoll_pwait(struct lx_task *t, uint64_t *a)
{
    return epoll_wait_on(t, a, SYS_epoll_pwait, a[3]);
}

int64_t sys_epoll_pwait2(struct lx_task *t, uint64_t *a)
{
    return epoll_wait_on(t, a, SYS_epoll_pwait2, lx_kptr(t, a[3]));
}

int64_t sys_io_pgetevents(struct lx_task *t, uint64_t *a)
{
    uint64_t mask, host[2];
    int64_t r = begin_wait_pair(t, a[5], &mask, host);

    if (r < 0)
        return r;
    return end_wait(t, lx_host(t, SYS_io_pgetevents, a[0], a[1], a[2], lx_kptr(t, a[3]),
                               lx_kptr(t, a[4]), (uintptr_t)host));
}
