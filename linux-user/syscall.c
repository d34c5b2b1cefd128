// SPDX-License-Identifier: MIT
/* linux-user/syscall.c -- from a guest's system call instruction to its handler and back.
 *
 * The row of syscalls.def says how: most calls go to the host's call of the same name with
 * pointers moved by guest_base and paths looked up in the sysroot. A call that a signal ended
 * before it did anything is made again: the program counter is put back onto the instruction, and
 * signal delivery decides whether the guest sees EINTR instead (signal(7)). */
#include "linux-user/handlers.h"

#include "base/log.h"
#include "debug/gdbstub.h"
#include "host/user.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

enum { NO = -1 };

static const struct lx_sys rows[] = {
#define SYS(name, x86_64, i386, arm64, ppc64, handler, args)                                       \
    {#name, {x86_64, i386, arm64, ppc64}, SYS_##name, handler, args},
#include "linux-user/syscalls.def"
#undef SYS
};

struct lx_call *lx_calls_new(const struct lx_abi *abi)
{
    struct lx_call *calls = calloc(LX_NCALLS, sizeof(*calls));

    if (!calls)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int nr = rows[i].nr[abi->column];
        struct lx_call *c = &calls[nr < 0 ? 0 : nr];

        if (nr < 0 || nr >= LX_NCALLS)
            continue;
        c->sys = &rows[i];
        c->writes = strpbrk(rows[i].args, "wPVAxa") && !strstr(rows[i].name, "nanosleep") &&
                    !strstr(rows[i].name, "futex");
        c->fd = rows[i].args[0] == 'f' || rows[i].args[0] == 'd';
        for (unsigned j = 0; rows[i].args[j]; j++) {
            if (strchr("psrwPtAV", rows[i].args[j]))
                c->pointers |= (uint8_t)(1u << j);
            if (rows[i].args[j] == 'p')
                c->paths |= (uint8_t)(1u << j);
        }
    }
    return calls;
}

int64_t lx_host(struct lx_task *t, long nr, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                uint64_t e, uint64_t f)
{
    return host_syscall(&t->pending, nr, a, b, c, d, e, f);
}

int64_t sys_refuse(struct lx_task *t, uint64_t *a)
{
    (void)t;
    (void)a;
    return -ENOSYS;
}

static int64_t pass_paths(struct lx_task *t, uint64_t *h)
{
    char buf[2][2 * LX_PATH_MAX];
    const struct lx_call *c = t->call;
    unsigned n = 0;

    for (unsigned i = 0; i < 6 && n < 2; i++) {
        const char *path;
        int r;

        if (!(c->paths >> i & 1) || !h[i])
            continue;
        r = lx_get_path(t, h[i] - t->p->mm->guest_base, buf[n++], &path);
        if (r)
            return r;
        h[i] = (uintptr_t)path;
    }
    return lx_host(t, c->sys->host, h[0], h[1], h[2], h[3], h[4], h[5]);
}

int64_t sys_pass(struct lx_task *t, uint64_t *a)
{
    const struct lx_call *c = t->call;
    uint64_t h[6];

    for (unsigned i = 0; i < 6; i++)
        h[i] = c->pointers >> i & 1 ? lx_kptr(t, a[i]) : a[i];
    if (c->paths)
        return pass_paths(t, h);
    return lx_host(t, c->sys->host, h[0], h[1], h[2], h[3], h[4], h[5]);
}

void lx_syscall(struct lx_task *t)
{
    const struct lx_abi *abi = t->p->abi;
    const struct lx_sys *s;
    uint64_t nr, a[6];
    int64_t ret;

    abi->get_call(t->vcpu, &nr, a);
    t->call = &t->p->calls[nr < LX_NCALLS ? nr : LX_NCALLS - 1];
    s = t->call->sys;
    if (MOA_UNLIKELY(t->p->gdb != NULL)) {
        gdb_call_begin(t->p->gdb, t->tid, nr);
        abi->get_call(t->vcpu, &nr, a); /* the debugger may have changed something */
        t->nudged = 0;
    }
    if (log_on(LOG_strace))
        lx_strace_call(t, s, nr, a);
    if (MOA_UNLIKELY(t->call->fd && (int)a[0] > 2 && lx_own_fd(t->p, (int)a[0]))) {
        ret = -EBADF;
    } else if (MOA_LIKELY(s != NULL)) {
        ret = s->fn(t, a);
        if (t->call->writes)
            tcg_monitor_call(t->p->engine);
    } else {
        if (log_on(LOG_unimp))
            log_printf("moa: unknown system call %llu\n", (unsigned long long)nr);
        ret = -ENOSYS;
    }
    if (log_on(LOG_strace))
        lx_strace_ret(t, s, a, ret);
    if (MOA_UNLIKELY(t->nudged) && ret == -EINTR)
        ret = -LX_ERESTARTNOINTR;
    if (MOA_UNLIKELY(ret == -LX_ERESTARTSYS || ret == -LX_ERESTARTNOINTR)) {
        const struct frontend *fe = t->p->fe;

        fe->set_pc(t->vcpu, lx_pc(t) - abi->svc_len);
        t->restart = ret == -LX_ERESTARTSYS;
    } else if (ret != -LX_NO_RESULT) {
        abi->set_ret(t->vcpu, ret);
    }
    if (MOA_UNLIKELY(t->p->gdb != NULL)) {
        t->nudged = 0;
        gdb_call_end(t->p->gdb, t->tid, nr);
    }
}
