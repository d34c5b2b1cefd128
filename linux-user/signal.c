// SPDX-License-Identifier: MIT
/* linux-user/signal.c -- delivery of signals to guest code, default actions, sigreturn
 * (signal(7), sigaction(2), sigaltstack(2)).
 *
 * Runs on the task's thread between two instructions of the guest; see signal_host.c for how
 * signals get here. */
#include "linux-user/lx.h"

#include "base/log.h"
#include "debug/gdbstub.h"
#include "host/user.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1u << 31)
#endif

static uint64_t mask_in_force(const struct lx_task *t)
{
    return t->in_wait ? t->wait_mask : t->mask;
}

/* The next signal to deliver; false if there is none. */
static bool take(struct lx_task *t, int *sig, siginfo_t *info)
{
    for (int i = 0; i < 2; i++) {
        if (t->held[i] && !(mask_in_force(t) & LX_SIGBIT(t->held[i]))) {
            *sig = t->held[i];
            *info = t->held_info[i];
            t->held[i] = 0;
            return true;
        }
    }
    if (!t->slot_sig)
        return false;
    *sig = t->slot_sig;
    *info = t->slot;
    t->slot_sig = 0; /* all host signals are blocked until the mask is set again */
    return true;
}

bool lx_on_altstack(const struct lx_task *t, uint64_t sp)
{
    return t->alt.size && !(t->alt.flags & (int)SS_AUTODISARM) && sp > t->alt.sp &&
           sp - t->alt.sp <= t->alt.size;
}

static void default_action(struct lx_task *t, int sig, const siginfo_t *info)
{
    switch (sig) {
    case SIGCHLD:
    case SIGCONT:
    case SIGURG:
    case SIGWINCH:
        return;
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
        syscall(SYS_kill, getpid(), SIGSTOP);
        return;
    default:
        lx_signal_die(t, sig, info);
    }
}

/* The interrupted call is not made again when the handler does not want it. */
static void settle_restart(struct lx_task *t, const struct lx_sigaction *a)
{
    const struct frontend *fe = t->p->fe;

    if (t->restart && !(a->flags & SA_RESTART)) {
        fe->set_pc(t->vcpu, lx_pc(t) + t->p->abi->svc_len);
        t->p->abi->set_ret(t->vcpu, -EINTR);
    }
    t->restart = false;
}

static int run_handler(struct lx_task *t, int sig, const siginfo_t *info,
                       const struct lx_sigaction *a, uint64_t fault_addr, uint64_t syndrome)
{
    uint64_t sp = lx_reg(t, t->p->abi->sp_reg);
    struct lx_frame f = {
        .sig = sig,
        .info = info,
        .handler = a->handler,
        .restorer = a->flags & 0x04000000 ? a->restorer : 0,
        .flags = a->flags,
        .mask = t->mask,
        .sp = sp,
        .fault_addr = fault_addr,
        .fault_syndrome = syndrome,
        .alt_sp = t->alt.sp,
        .alt_size = t->alt.size,
        .alt_flags = t->alt.size ? t->alt.flags : SS_DISABLE,
    };
    bool on = lx_on_altstack(t, sp);
    int r;

    if (a->flags & SA_ONSTACK && t->alt.size && !on)
        f.sp = t->alt.sp + t->alt.size;
    else if (on && sp - t->alt.sp < t->p->abi->min_sigstack)
        return -EFAULT; /* the alternate stack overflows */
    settle_restart(t, a);
    if (t->in_wait) {
        t->mask = t->wait_mask; /* the frame keeps the mask from before the call */
        t->in_wait = false;
    }
    r = t->p->abi->push_frame(t, &f);
    if (r)
        return r;
    if (t->alt.flags & (int)SS_AUTODISARM)
        memset(&t->alt, 0, sizeof(t->alt));
    t->mask |= a->mask;
    if (!(a->flags & SA_NODEFER))
        t->mask |= LX_SIGBIT(sig);
    t->mask &= ~(LX_SIGBIT(SIGKILL) | LX_SIGBIT(SIGSTOP));
    return 0;
}

static void deliver(struct lx_task *t, int sig, const siginfo_t *info, uint64_t fault_addr,
                    uint64_t syndrome)
{
    struct lx_process *p = t->p;
    siginfo_t other = {.si_code = SI_USER};
    struct lx_sigaction a;

    if (MOA_UNLIKELY(p->gdb != NULL)) {
        sig = gdb_signal(p->gdb, t->vcpu, t->tid, sig, info, sizeof(*info));
        if (!sig)
            return;
        if (sig != info->si_signo) { /* one that the debugger chose */
            other.si_signo = sig;
            info = &other;
        }
    }
    pthread_mutex_lock(&p->lock);
    a = p->act[sig];
    if (a.handler > LX_SIG_IGN && a.flags & SA_RESETHAND) {
        p->act[sig].handler = LX_SIG_DFL;
        lx_signal_sync_host(p, sig);
    }
    pthread_mutex_unlock(&p->lock);
    if (log_on(LOG_strace))
        lx_strace_signal(t, sig, info);
    if (log_on(LOG_signal))
        log_printf("signal: %d gets %d (%s), code %d, at pc 0x%llx, handler 0x%llx\n", t->tid, sig,
                   strsignal(sig), info->si_code, (unsigned long long)lx_pc(t),
                   (unsigned long long)a.handler);
    if (a.handler == LX_SIG_IGN)
        return;
    if (a.handler == LX_SIG_DFL) {
        default_action(t, sig, info);
        return;
    }
    if (run_handler(t, sig, info, &a, fault_addr, syndrome)) {
        siginfo_t bad = {.si_signo = SIGSEGV, .si_code = SI_KERNEL};

        if (sig == SIGSEGV) {
            pthread_mutex_lock(&p->lock);
            p->act[SIGSEGV].handler = LX_SIG_DFL;
            pthread_mutex_unlock(&p->lock);
        }
        lx_signal_force(t, &bad, 0, 0);
    }
}

void lx_signal_force(struct lx_task *t, const siginfo_t *info, uint64_t fault_addr,
                     uint64_t syndrome)
{
    struct lx_process *p = t->p;
    int sig = info->si_signo;

    pthread_mutex_lock(&p->lock);
    if (p->act[sig].handler == LX_SIG_IGN || t->mask & LX_SIGBIT(sig)) {
        p->act[sig].handler = LX_SIG_DFL;
        t->mask &= ~LX_SIGBIT(sig);
    }
    pthread_mutex_unlock(&p->lock);
    deliver(t, sig, info, fault_addr, syndrome);
    lx_signal_apply_mask(t);
}

void lx_signal_deliver(struct lx_task *t)
{
    do {
        siginfo_t info;
        int sig;

        atomic_store(&t->pending, 0);
        lx_wait_for_end(t->p);
        while (take(t, &sig, &info))
            deliver(t, sig, &info, 0, 0);
        lx_signal_apply_mask(t);
    } while (atomic_load(&t->pending));
    t->restart = false;
    t->in_wait = false;
}

void lx_signal_apply_mask(struct lx_task *t)
{
    uint64_t mask = lx_signal_host_mask(t->mask);

    lx_host(t, SYS_rt_sigprocmask, SIG_SETMASK, (uintptr_t)&mask, 0, 8, 0, 0);
}

int lx_signal_set_mask(struct lx_task *t, uint64_t mask)
{
    uint64_t host;

    mask &= ~(LX_SIGBIT(SIGKILL) | LX_SIGBIT(SIGSTOP));
    host = lx_signal_host_mask(mask);
    if (lx_host(t, SYS_rt_sigprocmask, SIG_SETMASK, (uintptr_t)&host, 0, 8, 0, 0))
        return -LX_ERESTARTNOINTR;
    t->mask = mask;
    for (int i = 0; i < 2; i++)
        if (t->held[i] && !(mask & LX_SIGBIT(t->held[i])))
            atomic_store(&t->pending, 1);
    return 0;
}

int64_t lx_sigreturn(struct lx_task *t)
{
    stack_t alt;
    uint64_t mask;

    if (t->p->abi->pop_frame(t, &mask, &alt)) {
        siginfo_t bad = {.si_signo = SIGSEGV, .si_code = SI_KERNEL};

        lx_signal_force(t, &bad, 0, 0);
        return -LX_NO_RESULT;
    }
    t->mask = mask & ~(LX_SIGBIT(SIGKILL) | LX_SIGBIT(SIGSTOP));
    if (!lx_on_altstack(t, lx_reg(t, t->p->abi->sp_reg))) {
        bool off = alt.ss_flags & SS_DISABLE;

        t->alt.sp = off ? 0 : (uintptr_t)alt.ss_sp;
        t->alt.size = off ? 0 : alt.ss_size;
        t->alt.flags = off ? 0 : alt.ss_flags & (int)SS_AUTODISARM;
    }
    lx_signal_apply_mask(t);
    for (int i = 0; i < 2; i++)
        if (t->held[i])
            atomic_store(&t->pending, 1);
    return -LX_NO_RESULT;
}
