// SPDX-License-Identifier: MIT
/* linux-user/thread.c -- clone(2) in all its forms, and the end of a thread.
 *
 * A thread is a host thread with a vcpu of its own. A fork is a host fork between the engine's two
 * halves. A vfork child is a real one: it shares our memory, gets a process object, task and vcpu
 * of its own, and the parent's thread sleeps inside clone(); see docs/decisions/vfork.md.
 * Not modelled: CLONE_VM without CLONE_VFORK or CLONE_THREAD is refused with EINVAL. */
#include "linux-user/lx.h"

#include "base/log.h"
#include "debug/gdbstub.h"
#include "host/user.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREAD_STACK (1u << 20)
#define ALL_BLOCKED ~(LX_SIGBIT(SIGSEGV) | LX_SIGBIT(SIGBUS))
#define ROBUST_LIMIT 2048

/* ---- the end of a thread ---- */

static int get_word(struct lx_task *t, uint64_t addr, uint64_t *v)
{
    return lx_get(t, v, addr, 8);
}

/* Marks one lock of a dead owner, as the kernel's handle_futex_death() does. */
static int robust_one(struct lx_task *t, uint64_t at, bool pi, bool pending)
{
    uint32_t *p = lx_ptr(t, at, 4), old, new;

    if (at & 3 || !p || lx_get(t, &old, at, 4))
        return -1;
    if (pending && !pi && !old) {
        syscall(SYS_futex, p, FUTEX_WAKE, 1, NULL, NULL, 0);
        return 0;
    }
    while ((old & FUTEX_TID_MASK) == (uint32_t)t->tid) {
        new = (old & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
        if (__atomic_compare_exchange_n(p, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            if (!pi && old & FUTEX_WAITERS)
                syscall(SYS_futex, p, FUTEX_WAKE, 1, NULL, NULL, 0);
            break;
        }
    }
    return 0;
}

/* Walks the robust list before the thread id is cleared: the kernel's order, which it cannot keep
 * for us since the host thread ends later. */
static void robust_exit(struct lx_task *t)
{
    uint64_t head = t->robust_head, entry, next, offset, pending, pi;

    if (!head || t->p->abi->word != 8 || get_word(t, head, &entry) ||
        get_word(t, head + 8, &offset) || get_word(t, head + 16, &pending))
        return;
    for (int n = 0; (entry & ~1ull) != head && n < ROBUST_LIMIT; n++) {
        pi = entry & 1;
        entry &= ~1ull;
        if (get_word(t, entry, &next))
            return;
        if (entry != (pending & ~1ull) && robust_one(t, entry + offset, pi, false))
            return;
        entry = next;
    }
    if (pending & ~1ull)
        robust_one(t, (pending & ~1ull) + offset, pending & 1, true);
}

static void clear_tid(struct lx_task *t)
{
    uint32_t zero = 0;

    if (!t->clear_tid)
        return;
    if (!lx_put(t, t->clear_tid, &zero, 4))
        syscall(SYS_futex, lx_ptr(t, t->clear_tid, 4), FUTEX_WAKE, 1, NULL, NULL, 0);
    t->clear_tid = 0;
}

static void unlink_task(struct lx_process *p, struct lx_task *t)
{
    pthread_mutex_lock(&p->lock);
    for (struct lx_task **at = &p->tasks; *at; at = &(*at)->next) {
        if (*at == t) {
            *at = t->next;
            p->ntasks--;
            break;
        }
    }
    pthread_mutex_unlock(&p->lock);
}

_Noreturn void lx_thread_exit(struct lx_task *t, int code)
{
    struct lx_process *p = t->p;
    uint64_t blocked = ALL_BLOCKED;
    bool first = t->first, last;

    host_sigmask(&blocked);
    syscall(SYS_set_robust_list, NULL, 24);
    pthread_mutex_lock(&p->lock);
    last = p->ntasks == 1;
    pthread_mutex_unlock(&p->lock);
    if (last)
        lx_at_exit(p);
    if (p->gdb && last)
        gdb_exited(p->gdb, code, false);
    else if (p->gdb)
        gdb_thread_end(p->gdb, t->tid);
    robust_exit(t);
    clear_tid(t);
    unlink_task(p, t);
    if (p->vfork_child) /* the parent frees what we used */
        syscall(SYS_exit, code);
    tcg_detach(p->engine, t->vcpu);
    lx_set_self(NULL);
    lx_signal_thread_exit(t);
    lx_task_free(t);
    if (first)
        for (;;) /* libc would end the process, or wait for our own helper threads */
            syscall(SYS_exit, code);
    pthread_exit(NULL);
}

/* ---- threads ---- */

struct birth {
    struct lx_task *t;
    const struct lx_clone *c;
    pthread_mutex_t lock;
    pthread_cond_t done;
    int tid; /* 0 until the thread runs; it may have ended again when the parent looks */
};

/* Registers of the caller, and what clone() changes in them. */
static struct lx_task *copy_task(struct lx_process *p, struct lx_task *t, const struct lx_clone *c)
{
    struct lx_task *n = lx_task_new(p);
    const size_t common = sizeof(struct tcg_vcpu);

    if (!n)
        return NULL;
    /* everything behind the common part is guest state, more than gdb's registers */
    memcpy((char *)n->vcpu + common, (const char *)t->vcpu + common, p->fe->vcpu_size - common);
    memcpy(n->vcpu->hot, t->vcpu->hot, sizeof(n->vcpu->hot));
    n->vcpu->host_fpcr = t->vcpu->host_fpcr;
    if (c->stack)
        lx_set_reg(n, p->abi->sp_reg, c->stack);
    if (c->flags & CLONE_SETTLS)
        lx_set_reg(n, p->abi->tls_reg, c->tls);
    p->abi->set_ret(n->vcpu, 0);
    n->mask = t->mask;
    n->untag = t->untag;
    if (c->flags & CLONE_CHILD_CLEARTID)
        n->clear_tid = c->child_tid;
    return n;
}

static void *thread_main(void *arg)
{
    struct birth *b = arg;
    struct lx_task *t = b->t;
    const struct lx_clone *c = b->c;

    t->tid = (int)syscall(SYS_gettid);
    tcg_attach(t->p->engine, t->vcpu);
    lx_signal_thread_init(t);
    lx_set_self(t);
    if (c->flags & CLONE_PARENT_SETTID)
        lx_put(t, c->parent_tid, &t->tid, 4);
    if (c->flags & CLONE_CHILD_SETTID)
        lx_put(t, c->child_tid, &t->tid, 4);
    if (t->p->gdb)
        gdb_thread_begin(t->p->gdb, t->vcpu, t->tid);
    pthread_mutex_lock(&b->lock);
    b->tid = t->tid;
    pthread_cond_signal(&b->done);
    pthread_mutex_unlock(&b->lock); /* b and c are gone after this */
    lx_signal_apply_mask(t);
    lx_task_run(t);
}

static int64_t new_thread(struct lx_task *t, const struct lx_clone *c)
{
    struct lx_process *p = t->p;
    struct birth b = {.c = c};
    pthread_attr_t attr;
    pthread_t thread;
    uint64_t blocked = ALL_BLOCKED;
    int err, tid;

    if ((c->flags & (CLONE_VM | CLONE_SIGHAND)) != (CLONE_VM | CLONE_SIGHAND))
        return -EINVAL;
    b.t = copy_task(p, t, c);
    if (!b.t)
        return -ENOMEM;
    pthread_mutex_init(&b.lock, NULL);
    pthread_cond_init(&b.done, NULL);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, THREAD_STACK);
    pthread_mutex_lock(&p->lock);
    b.t->next = p->tasks;
    p->tasks = b.t;
    if (p->guarded) /* since the registers were copied, perhaps */
        lx_guard_branches(b.t);
    p->ntasks++;
    pthread_mutex_unlock(&p->lock);
    host_sigmask(&blocked); /* the new thread inherits this until it can take signals */
    err = pthread_create(&thread, &attr, thread_main, &b);
    pthread_attr_destroy(&attr);
    if (err) {
        unlink_task(p, b.t);
        lx_task_free(b.t);
        tid = -EAGAIN;
    } else {
        pthread_mutex_lock(&b.lock);
        while (!b.tid)
            pthread_cond_wait(&b.done, &b.lock);
        tid = b.tid;
        pthread_mutex_unlock(&b.lock);
    }
    pthread_cond_destroy(&b.done);
    pthread_mutex_destroy(&b.lock);
    if (!t->slot_sig)
        lx_signal_apply_mask(t);
    return tid;
}

/* CLONE_CLEAR_SIGHAND, in the child: the host's flag would take moa's own handlers away. */
static void clear_handlers(struct lx_process *p)
{
    for (int sig = 1; sig <= LX_NSIG; sig++) {
        if (p->act[sig].handler > LX_SIG_IGN) {
            p->act[sig] = (struct lx_sigaction){.handler = LX_SIG_DFL};
            lx_signal_sync_host(p, sig);
        }
    }
}

/* ---- fork ---- */

static long host_clone3(const struct lx_task *t, const struct lx_clone *c)
{
    struct clone_args a = {
        .flags = c->flags & ~(uint64_t)(CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
                                        CLONE_CHILD_CLEARTID | CLONE_VFORK | CLONE_CLEAR_SIGHAND),
        .pidfd = lx_kptr(t, c->pidfd),
        .exit_signal = (uint32_t)c->exit_signal,
        .set_tid = lx_kptr(t, c->set_tid),
        .set_tid_size = c->set_tid_size,
        .cgroup = c->cgroup,
    };
    long r = syscall(SYS_clone3, &a, sizeof(a));

    return r < 0 ? -errno : r;
}

/* In the child only the forking thread is left. */
static void child_setup(struct lx_task *t, const struct lx_clone *c)
{
    struct lx_process *p = t->p;

    for (struct lx_task *o = p->tasks, *next; o; o = next) {
        next = o->next;
        if (o != t)
            lx_task_free(o);
    }
    if (p->gdb) {
        gdb_after_fork(p->gdb);
        close(p->gdb_mem_fd);
        p->gdb = NULL;
    }
    p->tasks = t;
    p->ntasks = 1;
    t->next = NULL;
    t->first = true;
    t->tid = (int)syscall(SYS_gettid);
    t->robust_head = 0;
    t->clear_tid = c->flags & CLONE_CHILD_CLEARTID ? c->child_tid : 0;
    if (c->stack)
        lx_set_reg(t, p->abi->sp_reg, c->stack);
    if (c->flags & CLONE_SETTLS)
        lx_set_reg(t, p->abi->tls_reg, c->tls);
    if (c->flags & CLONE_CHILD_SETTID)
        lx_put(t, c->child_tid, &t->tid, 4);
    if (c->flags & CLONE_CLEAR_SIGHAND)
        clear_handlers(p);
}

static int64_t do_fork(struct lx_task *t, const struct lx_clone *c)
{
    const uint64_t handled = CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
                             CLONE_CHILD_CLEARTID | CLONE_VFORK | CLONE_CLEAR_SIGHAND;
    struct lx_process *p = t->p;
    bool plain = !(c->flags & ~handled) && c->exit_signal == SIGCHLD && !c->set_tid_size;
    uint64_t blocked = ALL_BLOCKED;
    long pid;

    host_sigmask(&blocked);
    pthread_mutex_lock(&p->lock);
    pthread_mutex_lock(&p->mm->lock);
    fflush(log_stream());
    tcg_before_fork(p->engine, t->vcpu);
    pthread_mutex_lock(&p->mm->list_lock);
    if (plain) {
        pid = fork();
        if (pid < 0)
            pid = -errno;
    } else {
        pid = host_clone3(t, c);
    }
    pthread_mutex_unlock(&p->mm->list_lock);
    tcg_after_fork(p->engine, t->vcpu, pid == 0);
    pthread_mutex_unlock(&p->mm->lock);
    pthread_mutex_unlock(&p->lock);
    if (pid == 0)
        child_setup(t, c);
    else if (pid > 0 && c->flags & CLONE_PARENT_SETTID)
        lx_put(t, c->parent_tid, &(int){(int)pid}, 4);
    if (!t->slot_sig)
        lx_signal_apply_mask(t);
    else if (pid == 0)
        t->slot_sig = 0; /* pending signals stay with the parent */
    return pid;
}

/* ---- vfork ---- */

struct vfork_child {
    struct lx_process p;
    struct lx_task *t;
    const struct lx_clone *c;
};

static int vfork_main(void *arg)
{
    struct vfork_child *k = arg;
    struct lx_task *t = k->t;

    t->tid = (int)syscall(SYS_gettid);
    lx_set_self(t);
    if (k->c->flags & CLONE_CHILD_SETTID)
        lx_put(t, k->c->child_tid, &t->tid, 4);
    if (k->c->flags & CLONE_CLEAR_SIGHAND)
        clear_handlers(&k->p);
    lx_signal_apply_mask(t);
    lx_task_run(t);
}

static int64_t do_vfork(struct lx_task *t, const struct lx_clone *c)
{
    struct lx_process *p = t->p;
    struct vfork_child *k = calloc(1, sizeof(*k));
    uint64_t blocked = ALL_BLOCKED;
    unsigned long flags = (c->flags & (CLONE_FS | CLONE_FILES | CLONE_PARENT | CLONE_PIDFD |
                                       CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                       CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP)) |
                          (unsigned long)c->exit_signal;
    int pid, pidfd = -1;

    if (!k)
        return -ENOMEM;
    host_sigmask(&blocked);
    pthread_mutex_lock(&p->lock);
    k->p = *p;
    pthread_mutex_unlock(&p->lock);
    pthread_mutex_init(&k->p.lock, NULL);
    k->p.vfork_child = true;
    k->p.gdb = NULL;
    k->p.tasks = NULL;
    k->t = copy_task(&k->p, t, c);
    if (!k->t) {
        free(k);
        pid = -ENOMEM;
        goto out;
    }
    k->c = c;
    k->p.tasks = k->t;
    k->p.ntasks = 1;
    k->t->first = true;
    k->t->vcpu->undebugged = true;
    k->t->alt = t->alt;
    tcg_attach(p->engine, k->t->vcpu);
    pid = host_vfork(vfork_main, k, flags, &pidfd);
    lx_set_self(t);
    tcg_detach(p->engine, k->t->vcpu);
    lx_task_free(k->t);
    free(k);
    if (pid > 0 && c->flags & CLONE_PARENT_SETTID)
        lx_put(t, c->parent_tid, &pid, 4);
    if (pid > 0 && c->flags & CLONE_PIDFD)
        lx_put(t, c->pidfd, &pidfd, 4);
out:
    if (!t->slot_sig)
        lx_signal_apply_mask(t);
    return pid;
}

int64_t lx_clone(struct lx_task *t, const struct lx_clone *c)
{
    if (c->flags & CLONE_THREAD)
        return new_thread(t, c);
    if (c->flags & CLONE_SIGHAND && (!(c->flags & CLONE_VM) || c->flags & CLONE_CLEAR_SIGHAND))
        return -EINVAL;
    if (!(c->flags & CLONE_VM))
        return do_fork(t, c);
    if (c->flags & CLONE_VFORK)
        return do_vfork(t, c);
    if (log_on(LOG_unimp))
        log_printf("moa: clone with CLONE_VM but neither CLONE_VFORK nor CLONE_THREAD\n");
    return -EINVAL;
}
