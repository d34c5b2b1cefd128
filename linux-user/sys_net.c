// SPDX-License-Identifier: MIT
/* linux-user/sys_net.c -- socket calls whose structures hold pointers; the others pass.
 *
 * Control messages and socket options have the same layout on all 64-bit little-endian ABIs. */
#include "linux-user/handlers.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define MAX_VECTOR 1024

/* A message header with host pointers; vec is freed by the caller. */
static int64_t host_msg(struct lx_task *t, uint64_t addr, struct msghdr *m, struct iovec **vec)
{
    *vec = NULL;
    if (lx_get(t, m, addr, sizeof(*m)))
        return -EFAULT;
    if (m->msg_iovlen > MAX_VECTOR)
        return -EMSGSIZE;
    if (m->msg_iovlen) {
        size_t bytes = m->msg_iovlen * sizeof(**vec);

        *vec = malloc(bytes);
        if (!*vec)
            return -ENOMEM;
        if (lx_get(t, *vec, (uintptr_t)m->msg_iov, bytes)) {
            free(*vec);
            *vec = NULL;
            return -EFAULT;
        }
        for (size_t i = 0; i < m->msg_iovlen; i++)
            (*vec)[i].iov_base = (void *)(uintptr_t)lx_kptr(t, (uintptr_t)(*vec)[i].iov_base);
        m->msg_iov = *vec;
    }
    m->msg_name = (void *)(uintptr_t)lx_kptr(t, (uintptr_t)m->msg_name);
    m->msg_control = (void *)(uintptr_t)lx_kptr(t, (uintptr_t)m->msg_control);
    return 0;
}

/* What the kernel wrote into a header goes back. */
static int64_t put_back(struct lx_task *t, uint64_t addr, const struct msghdr *m)
{
    if (lx_put(t, addr + offsetof(struct msghdr, msg_namelen), &m->msg_namelen, 4) ||
        lx_put(t, addr + offsetof(struct msghdr, msg_controllen), &m->msg_controllen, 8) ||
        lx_put(t, addr + offsetof(struct msghdr, msg_flags), &m->msg_flags, 4))
        return -EFAULT;
    return 0;
}

int64_t sys_sendmsg(struct lx_task *t, uint64_t *a)
{
    struct msghdr m;
    struct iovec *vec;
    int64_t r;

    if (t->p->mm->guest_base == 0)
        return sys_pass(t, a);
    r = host_msg(t, a[1], &m, &vec);
    if (!r)
        r = lx_host(t, SYS_sendmsg, a[0], (uintptr_t)&m, a[2], 0, 0, 0);
    free(vec);
    return r;
}

int64_t sys_recvmsg(struct lx_task *t, uint64_t *a)
{
    struct msghdr m;
    struct iovec *vec;
    int64_t r, e;

    if (t->p->mm->guest_base == 0)
        return sys_pass(t, a);
    r = host_msg(t, a[1], &m, &vec);
    if (!r) {
        r = lx_host(t, SYS_recvmsg, a[0], (uintptr_t)&m, a[2], 0, 0, 0);
        e = r < 0 ? r : put_back(t, a[1], &m);
        r = e < 0 ? e : r;
    }
    free(vec);
    return r;
}

/* One message after the other: the same to the guest, who may get fewer than asked for. */
static int64_t many(struct lx_task *t, uint64_t *a, bool send)
{
    uint32_t n = (uint32_t)a[2] > 1024 ? 1024 : (uint32_t)a[2], done = 0;
    const size_t size = sizeof(struct msghdr) + 8;
    int64_t r = 0;

    for (; done < n; done++) {
        uint64_t one[6] = {a[0], a[1] + done * size, a[3] & ~0x10000ull}, len;

        if (!send && done && a[3] & MSG_WAITFORONE)
            one[2] |= MSG_DONTWAIT;
        r = send ? sys_sendmsg(t, one) : sys_recvmsg(t, one);
        if (r < 0)
            break;
        len = (uint64_t)r;
        if (lx_put(t, one[1] + sizeof(struct msghdr), &len, 4)) {
            r = -EFAULT;
            break;
        }
    }
    return done ? done : r;
}

int64_t sys_sendmmsg(struct lx_task *t, uint64_t *a)
{
    return t->p->mm->guest_base == 0 ? sys_pass(t, a) : many(t, a, true);
}

int64_t sys_recvmmsg(struct lx_task *t, uint64_t *a)
{
    return t->p->mm->guest_base == 0 ? sys_pass(t, a) : many(t, a, false);
}

int64_t sys_setsockopt(struct lx_task *t, uint64_t *a)
{
    struct sock_fprog prog;

    if (t->p->mm->guest_base && (int)a[1] == SOL_SOCKET &&
        ((int)a[2] == SO_ATTACH_FILTER || (int)a[2] == SO_ATTACH_REUSEPORT_CBPF)) {
        if (a[4] < sizeof(prog))
            return -EINVAL;
        if (lx_get(t, &prog, a[3], sizeof(prog)))
            return -EFAULT;
        prog.filter = (void *)(uintptr_t)lx_kptr(t, (uintptr_t)prog.filter);
        return lx_host(t, SYS_setsockopt, a[0], a[1], a[2], (uintptr_t)&prog, sizeof(prog), 0);
    }
    return lx_host(t, SYS_setsockopt, a[0], a[1], a[2], lx_kptr(t, a[3]), a[4], 0);
}
