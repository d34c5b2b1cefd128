// SPDX-License-Identifier: MIT
/* linux-user/signal_host.c -- the host's signal handlers, and the host's view of guest actions.
 *
 * Guest signals are host signals with the same number. A handler takes one signal into the task's
 * slot, blocks all others on return (the kernel keeps their queue), asks the vcpu to stop and makes
 * a system call that has not begun return. SIGSEGV and SIGBUS stay open always, since guest code
 * faults through them; one that somebody sends is held beside the slot.
 * The pointer to the running task is the one thread-local that the handlers need. */
#include "linux-user/lx.h"

#include "debug/gdbstub.h"
#include "host/user.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OPEN_ALWAYS (LX_SIGBIT(SIGSEGV) | LX_SIGBIT(SIGBUS))
#define HOST_STACK 65536

static _Thread_local struct lx_task *self __attribute__((tls_model("initial-exec")));

struct lx_task *lx_self(void)
{
    return self;
}

void lx_set_self(struct lx_task *t)
{
    self = t;
}

/* A fault in moa's own code: say where and die by it, so that it can be debugged. */
static _Noreturn void own_fault(int sig, const siginfo_t *info, void *uc)
{
    char line[128];
    uint64_t open = 0;
    int n = snprintf(line, sizeof(line), "moa: internal error: signal %d at host pc 0x%llx, address 0x%llx\n",
                     sig, (unsigned long long)host_uc_pc(uc),
                     (unsigned long long)(uintptr_t)info->si_addr);

    if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
        n = 0;
    host_sigaction(sig, HOST_SIG_DFL, 0);
    host_sigmask(&open);
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), sig);
    _exit(128 + sig);
}

static void hold(struct lx_task *t, int sig, const siginfo_t *info)
{
    int i = sig == SIGBUS;

    if (!t->held[i]) {
        t->held_info[i] = *info;
        t->held[i] = sig;
    }
}

static const char nudge_mark; /* its address tells our own signal from others */

void lx_signal_nudge(int tid)
{
    siginfo_t info = {.si_signo = SIGSEGV, .si_code = SI_QUEUE};

    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_ptr = (void *)(uintptr_t)&nudge_mark;
    syscall(SYS_rt_tgsigqueueinfo, getpid(), tid, SIGSEGV, &info);
}

static bool is_nudge(int sig, const siginfo_t *info)
{
    return sig == SIGSEGV && info->si_code == SI_QUEUE &&
           info->si_value.sival_ptr == &nudge_mark && info->si_pid == getpid();
}

static void on_signal(int sig, siginfo_t *info, void *uc)
{
    struct lx_task *t = self;
    int saved = errno;

    if (info->si_code > 0) {
        if (sig == SIGSEGV || sig == SIGBUS) {
            if (host_copy_fixup(uc) ||
                (t && tcg_host_fault(t->vcpu, uc, (uintptr_t)info->si_addr, sig, info->si_code)))
                return;
            own_fault(sig, info, uc);
        }
        if (sig == SIGILL || sig == SIGFPE || sig == SIGTRAP)
            own_fault(sig, info, uc);
    }
    if (!t)
        return;
    if (MOA_UNLIKELY(is_nudge(sig, info))) {
        t->nudged = 1;
    } else if (sig == SIGSEGV || sig == SIGBUS) {
        hold(t, sig, info);
    } else {
        t->slot = *info;
        t->slot_sig = sig;
        host_uc_set_mask(uc, ~OPEN_ALWAYS);
    }
    atomic_store(&t->pending, 1);
    tcg_kick(t->vcpu);
    host_syscall_rewind(uc);
    errno = saved;
}

uint64_t lx_signal_host_mask(uint64_t guest_mask)
{
    return guest_mask & ~OPEN_ALWAYS;
}

static bool ignored_by_default(int sig)
{
    return sig == SIGCHLD || sig == SIGCONT || sig == SIGURG || sig == SIGWINCH;
}

static bool core_by_default(int sig)
{
    return LX_SIGBIT(sig) &
           (LX_SIGBIT(SIGQUIT) | LX_SIGBIT(SIGILL) | LX_SIGBIT(SIGTRAP) | LX_SIGBIT(SIGABRT) |
            LX_SIGBIT(SIGBUS) | LX_SIGBIT(SIGFPE) | LX_SIGBIT(SIGSEGV) | LX_SIGBIT(SIGXCPU) |
            LX_SIGBIT(SIGXFSZ) | LX_SIGBIT(SIGSYS));
}

void lx_signal_sync_host(struct lx_process *p, int sig)
{
    const struct lx_sigaction *a = &p->act[sig];
    unsigned long flags = SA_ONSTACK | SA_RESTART | (a->flags & (SA_NOCLDSTOP | SA_NOCLDWAIT));
    host_handler *h = on_signal;

    if (sig == SIGKILL || sig == SIGSTOP)
        return;
    if (sig != SIGSEGV && sig != SIGBUS) {
        if (a->handler == LX_SIG_IGN)
            h = HOST_SIG_IGN;
        else if (a->handler == LX_SIG_DFL && !core_by_default(sig) &&
                 (!p->gdb || ignored_by_default(sig)))
            h = HOST_SIG_DFL;
    }
    host_sigaction(sig, h, flags);
}

void lx_signal_init(struct lx_process *p)
{
    for (int sig = 1; sig <= LX_NSIG; sig++) {
        p->act[sig] = (struct lx_sigaction){
            .handler = host_sig_ignored(sig) ? LX_SIG_IGN : LX_SIG_DFL};
        lx_signal_sync_host(p, sig);
    }
}

void lx_signal_thread_init(struct lx_task *t)
{
    stack_t ss = {.ss_size = HOST_STACK};

    ss.ss_sp = mmap(NULL, HOST_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (ss.ss_sp == MAP_FAILED)
        return; /* handlers run on the thread's own stack then */
    sigaltstack(&ss, NULL);
    t->host_altstack = ss.ss_sp;
}

void lx_signal_thread_exit(struct lx_task *t)
{
    stack_t ss = {.ss_flags = SS_DISABLE};

    if (!t->host_altstack)
        return;
    sigaltstack(&ss, NULL);
    munmap(t->host_altstack, HOST_STACK);
    t->host_altstack = NULL;
}

/* The guest dies by sig: a core file for those that leave one, and a line if it is the program that
 * the user started; of others the parent tells, as on Linux, and nothing is mixed into their output.
 * The host's own core file of moa would help nobody. */
_Noreturn void lx_signal_die(struct lx_task *t, int sig, const siginfo_t *info)
{
    struct lx_process *p = t->p;
    const struct rlimit none = {0};
    uint64_t open = ~LX_SIGBIT(sig);
    char name[512];

    if (core_by_default(sig) && !atomic_exchange(&p->dying, true)) {
        bool core = lx_core_dump(t, sig, info, name, sizeof(name));

        if (!p->opt->child && getpid() == p->first_pid)
            dprintf(STDERR_FILENO, "moa: uncaught guest signal %d (%s)%s%s\n", sig,
                    strsignal(sig), core ? " - core dumped to " : "", core ? name : "");
    } else if (core_by_default(sig)) {
        lx_wait_for_end(p);
    }
    lx_at_exit(p);
    if (p->gdb)
        gdb_exited(p->gdb, sig, true);
    setrlimit(RLIMIT_CORE, &none);
    if (!p->vfork_child) /* memory, and this switch with it, is the parent's too */
        prctl(PR_SET_DUMPABLE, 0);
    host_sigaction(sig, HOST_SIG_DFL, 0);
    host_sigmask(&open);
    syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), sig);
    for (;;) /* another thread may be taking us down: wait for it */
        syscall(SYS_exit_group, 128 + sig);
}
